"""`accord replay DIR`: the past again, to TAK clients, apart from everything live."""

import argparse
import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from accord.cli.arguments import add_directory
from accord.cli.command import Subparsers
from accord.cli.history import add_stretch, context_of, stretch_of
from accord.cli.serve import event_loop_factory
from accord.config import Endpoint, load
from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.live.player import FASTEST, SLOWEST
from accord.node.replaying import ReplayAsked, ReplayDone, play
from accord.observe.log import Log, to_stream

USUAL = Endpoint("127.0.0.1", 8189)
"""Where it listens with TLS where nothing is said."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `replay`."""
    parser = subparsers.add_parser(
        "replay",
        help="play the past to TAK clients, apart from everything live",
        description="Listen for TAK clients, and play to them what the node had, from the first "
        "that connects on. Everything is marked as a replay, in uid, callsign, opex and detail; "
        "nothing of it reaches the node, its partners or its journal. The node may run or not.",
    )
    add_directory(parser)
    add_stretch(parser, with_uid=False)
    parser.add_argument("--context", default="live", help="live (if not given) or exercise:NAME")
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME",
        help="only what was said into it; again for more",
    )  # fmt: skip
    parser.add_argument(
        "--speed", type=speed, default=1.0, metavar="N",
        help=f"how much faster than it was: {SLOWEST} to {FASTEST}; 1 if not given",
    )  # fmt: skip
    parser.add_argument(
        "--as", dest="partner", default="", metavar="PARTNER",
        help="as that partner saw it, by the ledger",
    )  # fmt: skip
    parser.add_argument(
        "--cot-tls", type=endpoint, default=None, metavar="HOST:PORT",
        help=f"where clients with certificates connect; {USUAL} if no listener is given",
    )  # fmt: skip
    parser.add_argument(
        "--cot-tcp", type=endpoint, default=None, metavar="HOST:PORT",
        help="where clients without a certificate connect, on this machine only",
    )  # fmt: skip
    parser.set_defaults(run=run)


def speed(text: str) -> float:
    """Read a speed."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not SLOWEST <= found <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from {SLOWEST} to {FASTEST}")
    return found


def endpoint(text: str) -> Endpoint:
    """Read HOST:PORT."""
    try:
        return Endpoint.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments: argparse.Namespace) -> int:
    """Play it; 0 when it was played to the end."""
    plain: Endpoint | None = arguments.cot_tcp
    if plain is not None and not plain.is_loopback:
        raise UsageError(
            "option --cot-tcp: give an address of this machine alone, or use --cot-tls"
        )
    stretch_of(arguments)
    tls: Endpoint | None = arguments.cot_tls
    asked = ReplayAsked(
        since=arguments.since,
        until=arguments.until,
        context=context_of(arguments.context),
        speed=arguments.speed,
        area=arguments.area,
        groups=frozenset(arguments.group),
        partner=arguments.partner,
        cot_tls=USUAL if tls is None and plain is None else tls,
        cot_tcp=plain,
    )
    to_stream(sys.stderr, debug=arguments.debug)
    with (
        suppress(asyncio.CancelledError),
        asyncio.Runner(loop_factory=event_loop_factory()) as runner,
    ):
        done = runner.run(_play(arguments.directory, asked))
        _tell(done)
    return 0


async def _play(directory: Path, asked: ReplayAsked) -> ReplayDone:
    clock = SystemClock()
    return await play(
        directory, load(directory), asked, clock=clock, log=Log(clock), ready=_say_ready
    )


def _say_ready(addresses: str) -> None:
    print(f"ready {addresses}", flush=True)


def _tell(done: ReplayDone) -> None:
    print(f"played {done.told} reports")
    if done.unwritten:
        print(f"{done.unwritten} could not be written as CoT")
    if not done.whole:
        print("not whole: there was more than is looked at, or what was given is not kept any more")
