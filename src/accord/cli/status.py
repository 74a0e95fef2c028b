"""`accord status DIR`: what the running node says about itself."""

import argparse
import json

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.running import find, get
from accord.security.tls import client_context


def add_parser(subparsers: Subparsers) -> None:
    """Add `status`."""
    parser = subparsers.add_parser(
        "status",
        help="how the running node is",
        description="Ask the node that runs from DIR how it is: listeners, clients, rates, "
        "picture, queues, drops, sources, budgets, certificates, and what somebody should look at.",
    )
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the status of the running node."""
    node = find(arguments.directory)
    tls = client_context(arguments.directory)
    if arguments.json:
        text = get(node, "/api/status", tls=tls, accept="application/json")
        print(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    else:
        print(get(node, "/api/status", tls=tls, accept="text/plain"), end="")
    return 0
