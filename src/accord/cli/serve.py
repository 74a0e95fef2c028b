"""`accord serve DIR`: run a node until it is told to stop."""

import argparse
import asyncio
import contextlib
import gc
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from accord.cli.arguments import add_directory
from accord.cli.command import Subparsers
from accord.config import Settings, load
from accord.node import node
from accord.observe.log import to_stream

LISTENERS = {
    "cot_tcp": "plaintext CoT",
    "cot_tls": "CoT over TLS with client certificates",
    "cot_udp": "CoT datagrams",
    "api": "health, status, metrics",
    "enrol": "certificate enrolment",
    "ais": "chart plotters, which are told the live ships as AIS",
    "replay": "TAK clients that watch a replay which is begun on the page",
    "federation": "partner nodes",
}
"""The listeners that can be set by option, each also a key of [listen]."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `serve`."""
    parser = subparsers.add_parser(
        "serve",
        help="run a node",
        description="Run the node in DIR. Prints one line, ready and the address of each listener, "
        "when all accept; logs to stderr; stops on SIGTERM and Ctrl-C.",
    )
    add_directory(parser)
    for name, what in LISTENERS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            metavar="HOST:PORT",
            help=f"where to listen for {what}, or off",
        )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the node until SIGTERM or Ctrl-C; 0 when it stopped cleanly."""
    given = {f"listen.{name}": getattr(arguments, name) for name in LISTENERS}
    overrides = {key: value for key, value in given.items() if value is not None}
    settings = load(arguments.directory, overrides)
    to_stream(sys.stderr, debug=arguments.debug)
    raise_file_limit()
    collect_seldom()
    with asyncio.Runner(loop_factory=event_loop_factory()) as runner:
        runner.run(_serve(arguments.directory, settings))
    return 0


async def _serve(directory: Path, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  a coroutine runs in a task
    was_told: list[signal.Signals] = []

    def stop(reason: signal.Signals) -> None:
        if not was_told:
            was_told.append(reason)
            task.cancel()

    for reason in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(reason, stop, reason)
    try:
        await node.serve(directory, settings, ready=_say_ready)
    except asyncio.CancelledError:
        if not was_told:
            raise


def _say_ready(addresses: str) -> None:
    print(f"ready {addresses}", flush=True)


def event_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's event loop where it is installed; None means asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def collect_seldom() -> None:
    """Let Python look for cycles every 50,000 objects: reports make none, and a look takes time.

    With Python's own 700 the looks took 7 % of a busy node's time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def raise_file_limit() -> None:
    """Allow as many open files, and so connections, as the system lets this process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # macOS states a hard limit that it does not grant.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
