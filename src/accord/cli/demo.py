"""`accord demo`: linked nodes, recorded AIS and scripted TAK clients, on this machine alone."""

import argparse
import asyncio
import signal
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from rich.console import Console

import accord
from accord.cli.command import Subparsers
from accord.cli.demo_cast import AGREEMENTS, CHAIN, NZL, Party
from accord.cli.demo_client import DemoClient, tls_context
from accord.cli.demo_cut import Link
from accord.cli.demo_impact import show_impact
from accord.cli.demo_ledger import Verdict, compare
from accord.cli.demo_link import acquaint, agree
from accord.cli.demo_node import Node, package_of, prepare, running_node
from accord.cli.demo_page import page_of
from accord.cli.demo_report import report, shortfalls
from accord.cli.demo_rescue import show_rescue
from accord.cli.demo_view import LiveView, PlainView, Scene, View
from accord.core.clock import SystemClock
from accord.core.errors import UsageError

LOOK_EVERY = 1.0
LEDGER_EVERY = 0.25
"""Seconds between looks at everything, and at the ledgers."""

CUT_AFTER = 15.0
"""Seconds before the link is cut, where the demonstration is long enough."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `demo`."""
    parser = subparsers.add_parser(
        "demo",
        help="show what Accord does, on this machine",
        description="Start linked nodes under a signed agreement, one with recorded real AIS "
        "traffic, and TAK clients that connect to them over TLS; show what the clients receive, "
        "and clause by clause what crosses the link and what is withheld. Everything is on "
        "loopback and in a temporary directory. Exit code 0 only if the clients received tracks, "
        "heard each other, received over the link what the agreement releases and nothing else, "
        "and the ledgers of both sides agree.",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds")
    parser.add_argument(
        "--partners", type=int, choices=range(1, len(CHAIN) + 1), default=2,
        help="how many nodes, each linked to the next; 2 if not given",
    )  # fmt: skip
    parser.add_argument("--cut", type=float, metavar="N", help="cut the first link for N seconds")
    parser.add_argument("--json", action="store_true", help="print only a summary, as JSON")
    parser.add_argument(
        "--impact", action="store_true",
        help="instead, answer what the commitments of the Pacific scenario change, as a page",
    )  # fmt: skip
    parser.add_argument(
        "--rescue", action="store_true",
        help="instead, play a search and rescue case that two nations work on",
    )  # fmt: skip
    parser.add_argument("--plain", action="store_true", help="lines instead of a live table")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Played:
    """A node of the demonstration, where it is made, and its clients."""

    party: Party
    directory: Path
    clients: tuple[DemoClient, ...]


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; 0 when everything that it is to show was received."""
    if arguments.impact:
        return show_impact()
    check(arguments)
    examples = find_examples()
    if arguments.rescue:
        return show_rescue(examples, as_json=arguments.json)
    with tempfile.TemporaryDirectory(prefix="accord-demo-") as temporary:
        workplace = Path(temporary)
        played = [play_of(party, workplace) for party in CHAIN[: arguments.partners]]
        links = [link_of(one, other, examples) for one, other in pairwise(played)]
        if not arguments.json:
            print("Making the nodes, their keys and what they agree on ...", flush=True)
        set_up(played, links, examples / "recordings", workplace)
        view = None if arguments.json else make_view(plain=arguments.plain)
        stage = Stage(played, links, view, cut=arguments.cut)
        try:
            elapsed = asyncio.run(stage.play(arguments.seconds))
        finally:
            if view is not None:
                view.close()
            for link in links:
                link.cable.close()
        verdicts = judged(links, workplace)
    clients = [client for each in played for client in each.clients]
    missing = shortfalls([(each.party, each.clients) for each in played], links, verdicts)
    report(clients, elapsed, missing, links=links, verdicts=verdicts, as_json=arguments.json)
    return 1 if missing else 0


def check(arguments: argparse.Namespace) -> None:
    """UsageError for times that cannot be."""
    seconds, cut = arguments.seconds, arguments.cut
    if seconds is not None and seconds <= 0:
        raise UsageError(f"--seconds {seconds:g}: give more than 0")
    if cut is None:
        return
    if arguments.partners < 2:
        raise UsageError("--cut: one node alone has no link to cut")
    if cut <= 0 or (seconds is not None and cut >= seconds):
        raise UsageError(f"--cut {cut:g}: give more than 0, and less than --seconds")


def find_examples() -> Path:
    """Return the folder of the examples. UsageError where they are not there."""
    folder = Path(accord.__file__).parents[2] / "examples"
    needed = [folder / "recordings" / name for name, _ in NZL.feeds.values()]
    needed += [folder / "demonstration" / name for name in AGREEMENTS.values()]
    if not all(each.is_file() for each in needed):
        raise UsageError(f"no examples in {folder}; run ./accord demo in a clone of the source")
    return folder


def play_of(party: Party, workplace: Path) -> Played:
    """Return a node that is to be made, with its clients."""
    clock = SystemClock()
    clients = tuple(
        DemoClient(
            name, party.others(name), wants_protobuf=bool(number), clock=clock, centre=centre,
            invented=() if number else party.invented,
        )
        for number, (name, centre) in enumerate(party.clients.items())
    )  # fmt: skip
    return Played(party, workplace / party.node, clients)


def link_of(one: Played, other: Played, examples: Path) -> Link:
    """Return the link between two nodes that are to be made."""
    agreement = AGREEMENTS[one.party.node, other.party.node]
    return Link.between(one.directory, other.directory, examples / "demonstration" / agreement)


def set_up(
    played: Sequence[Played], links: Sequence[Link], recordings: Path, workplace: Path
) -> None:
    """Make the nodes, make partners of them all, and agreements where there is a link."""
    for each in played:
        prepare(each.directory, each.party, recordings)
    cables = {(link.first, link.second): link.cable.address for link in links}
    for first, second in combinations([each.directory for each in played], 2):
        acquaint(first, second, workplace, cables.get((first, second)))
    for link in links:
        agree(link.first, link.second, link.agreement, workplace)


def judged(links: Sequence[Link], workplace: Path) -> list[Verdict]:
    """Return what the ledgers of stopped nodes say, held against each other."""
    now = SystemClock().now()
    for each in links:
        each.look(now)
    return [compare(each.first, each.second, workplace) for each in links]


def make_view(*, plain: bool) -> View:
    """Return a live table on a terminal, and plain lines otherwise or when asked for."""
    console = Console()
    return LiveView(console) if console.is_terminal and not plain else PlainView(console)


class Stage:
    """Runs the nodes and the clients, and shows how they fare."""

    def __init__(
        self,
        played: Sequence[Played],
        links: Sequence[Link],
        view: View | None,
        *,
        cut: float | None = None,
    ) -> None:
        self._played = played
        self._links = links
        self._view = view
        self._cut = cut
        self._clock = SystemClock()

    async def play(self, seconds: float | None) -> float:
        """Play until the time is over, Ctrl-C or SIGTERM; returns the seconds it took."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in a task
        told: list[bool] = []

        def stop() -> None:
            if not told:
                told.append(True)
                task.cancel()

        for reason in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(reason, stop)
        begun = self._clock.monotonic()
        try:
            async with AsyncExitStack() as running:
                async with asyncio.TaskGroup() as starting:
                    started = [
                        starting.create_task(self._start(each, running)) for each in self._played
                    ]
                nodes = [each.result() for each in started]
                for link, node in zip(self._links, nodes, strict=False):
                    target = node.address("federation")
                    await running.enter_async_context(link.cable.plugged(target))
                begun = self._clock.monotonic()
                async with asyncio.timeout(seconds):
                    await self._act(nodes, seconds)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            if not told:
                raise
        return self._clock.monotonic() - begun

    async def _start(self, played: Played, running: AsyncExitStack) -> Node:
        is_dialled = any(link.first == played.directory for link in self._links)
        return await running.enter_async_context(
            running_node(played.directory, is_dialled=is_dialled)
        )

    async def _act(self, nodes: Sequence[Node], seconds: float | None) -> None:
        async with asyncio.TaskGroup() as group:
            for node, played in zip(nodes, self._played, strict=True):
                group.create_task(node.ended())
                for client in played.clients:
                    context = tls_context(package_of(played.directory, client.name))
                    group.create_task(client.run(node.address("cot-tls"), context))
            if self._links:
                group.create_task(self._read_ledgers())
                group.create_task(self._ask_nodes())
            if self._cut is not None:
                group.create_task(self._cut_and_mend(self._cut, seconds))
            if self._view is not None:
                group.create_task(self._show(self._view, nodes))

    async def _read_ledgers(self) -> None:
        while True:
            for link in self._links:
                link.look(self._clock.now())
            await asyncio.sleep(LEDGER_EVERY)

    async def _ask_nodes(self) -> None:
        while True:
            for link in self._links:
                await asyncio.to_thread(link.ask)
            await asyncio.sleep(LOOK_EVERY)

    async def _cut_and_mend(self, cut: float, seconds: float | None) -> None:
        link = self._links[0]
        await asyncio.sleep(CUT_AFTER if seconds is None else min(CUT_AFTER, (seconds - cut) / 2))
        link.cut(self._clock.now())
        await asyncio.sleep(cut)
        link.mend(self._clock.now())

    async def _show(self, view: View, nodes: Sequence[Node]) -> None:
        begun = self._clock.monotonic()
        addresses = {
            f"node {played.party.node}: {name}": address
            for played, node in zip(self._played, nodes, strict=True)
            for name, address in node.addresses.items()
        }
        for played, node in zip(self._played, nodes, strict=True):
            if "api" in node.addresses:
                addresses[f"page of {played.party.node}"] = page_of(
                    played.directory, node.addresses["api"]
                )
        clients = [client for each in self._played for client in each.clients]
        while True:
            scene = Scene(
                now=self._clock.now(),
                elapsed=self._clock.monotonic() - begun,
                addresses=addresses,
                clients=clients,
                links=self._links,
            )
            view.show(scene)
            await asyncio.sleep(LOOK_EVERY)
