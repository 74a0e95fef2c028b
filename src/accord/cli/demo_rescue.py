"""`accord demo --rescue`: two nations work on one case, from a beacon's message to the report.

The search itself was done in the three hours before: each unit's TAK client sends the positions
that it had, with their own times, in a few seconds.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

from accord.cli.demo_cast import GROUP, Party
from accord.cli.demo_client import EXERCISE, tls_context, uid_of
from accord.cli.demo_link import Cable, acquaint, agree
from accord.cli.demo_node import Node, package_of, prepare, printed, running_node
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.core.geometry import Point, distance
from accord.desks.sar.facts import NM
from accord.wire.cot import xml
from accord.wire.cot.message import UNKNOWN, CotPoint
from accord.wire.cot.xml import element

CONTEXT = f"exercise:{EXERCISE}"
MARKING = "(U//REL TO NZL, USA)"

NZL = Party(
    node="NZL", marking=MARKING, crosses="",
    clients={"RESCUE-1": (-36.2, 175.8), "TUI": (-36.2, 175.8)},
)  # fmt: skip
USA = Party(
    node="USA", marking=MARKING, crosses="",
    clients={"EAGLE-9": (-36.2, 175.8), "EAGLE-8": (-36.2, 175.8)},
)  # fmt: skip

AGO = timedelta(hours=3)
"""How long before the demonstration the beacon was detected."""

UNITS: Mapping[str, tuple[str, float, tuple[str, ...]]] = {
    "RESCUE-1": ("NZL", 0.5, ("--platform", "helicopter", "--hours", "1")),
    "TUI": ("NZL", 0.75, ("--platform", "boat", "--hours", "2", "--speed", "16")),
    "EAGLE-9": ("USA", 0.5, ("--platform", "aircraft", "--hours", "1.5", "--height-ft", "500")),
}
"""Who searches: of which node, after how many hours, and as what."""

STEP = timedelta(seconds=60)
"""Between two positions of a unit."""

KINDS = {"helicopter": "a-f-A-M-H", "boat": "a-f-S", "aircraft": "a-f-A-M-F"}

WITHIN = 60.0
"""Seconds that a line may take to the other node."""

NEAR = 0.15
"""By how much what was achieved may differ from what was expected."""

Json = dict[str, object]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a unit was, and when."""

    when: datetime
    point: Point


def show_rescue(examples: Path, *, as_json: bool) -> int:
    """Play it; 0 when all came out as it should, else what did not is told."""
    tell: Tell = (lambda _: None) if as_json else lambda line: print(line, flush=True)
    with tempfile.TemporaryDirectory(prefix="accord-rescue-") as temporary:
        workplace, cable = Path(temporary), Cable()
        try:
            tell("Making two nodes, their keys and what they agree on ...")
            for party in (NZL, USA):
                prepare(workplace / party.node, party, examples / "recordings")
            first, second = workplace / NZL.node, workplace / USA.node
            acquaint(first, second, workplace, cable.address)
            agree(first, second, examples / "demonstration" / "rescue.md", workplace)
            said = asyncio.run(Rescue(workplace, cable, examples, tell).play())
        finally:
            cable.close()
    missing = list(shortfalls(said))
    if as_json:
        print(json.dumps({**said, "missing": missing}, indent=1, ensure_ascii=False))
    for each in missing:
        tell(f"MISSING: {each}")
    return 1 if missing else 0


def shortfalls(said: Mapping[str, object]) -> Iterator[str]:
    """Yield what did not come out as it should."""
    expected, alone, together = (
        float(str(said[name])) for name in ("expected", "alone", "together")
    )
    if not 0.0 < alone < together:
        yield f"both together covered {together:.1%}, one alone {alone:.1%}"
    if abs(together - expected) > NEAR:
        yield f"{together:.1%} was achieved, {expected:.1%} expected"
    if said["lead"] != USA.node:
        yield f"the lead is with {said['lead']}"
    if said["here"] != said["there"]:
        yield f"NZL has {said['here']} lines of the case that are told, USA {said['there']}"
    if not said["same"]:
        yield "the further message of the beacon went to another case"
    if not said["reviewed"]:
        yield "the report that was reviewed has not come over the link as it was"
    if said["disputed"] != ["persons"]:
        yield "what both changed during the cut is not shown as differing"


class Rescue:
    """The story, told by the commands that anybody would type."""

    def __init__(self, workplace: Path, cable: Cable, examples: Path, tell: Tell) -> None:
        self._places = {name: workplace / name for name in (NZL.node, USA.node)}
        self._workplace = workplace
        self._cable = cable
        self._examples = examples
        self._tell = tell
        self._began = SystemClock().now() - AGO
        self._case = ""
        self._same = False

    async def _sar(self, node: str, command: str, *arguments: str) -> Json:
        """Run one command on a node's case, and return what it answers."""
        case = () if command == "open" else (self._case,)
        place = str(self._places[node])
        said = await asyncio.to_thread(
            printed, "sar", command, place, *case, *arguments, "--json"
        )  # fmt: skip
        return cast("Json", json.loads(said))

    async def play(self) -> Json:
        """Play from the beacon to the report; return the figures."""
        async with AsyncExitStack() as running:
            nodes = {
                name: await running.enter_async_context(
                    running_node(place, is_dialled=name == NZL.node)
                )
                for name, place in self._places.items()
            }
            target = nodes[NZL.node].address("federation")
            await running.enter_async_context(self._cable.plugged(target))
            plan = await self._open_and_plan()
            tracks = {unit: list(sailed(task)) for unit, task in tasks_of(plan).items()}
            await self._search(nodes, tracks, 0.0, 0.5)
            self._tell("The link is cut. Both go on alone.")
            self._cable.cut()
            await self._search(nodes, tracks, 0.5, 1.0)
            alone = await self._go_on_alone()
            self._tell("The link is mended.")
            self._cable.mend()
            return await self._together(plan, alone)

    async def _open_and_plan(self) -> Json:
        """Open the case from the beacon's message, plan for units of both, and share it."""
        beacon = self._workplace / "beacon.txt"
        text = (self._examples / "beacon-test.txt").read_text("utf-8")
        detected = self._began.strftime("%d %b %Y %H%M UTC").upper()
        beacon.write_text(text.replace("26 NOV 2026 0238 UTC", detected), "utf-8")
        opened = await self._sar(
            NZL.node, "open", "--beacon", str(beacon), "--context", CONTEXT, "--persons", "4",
            "--object", "LIFE-RAFT-NB-1",
        )  # fmt: skip
        self._case = str(opened["id"])
        self._tell(f"A beacon's message opens case {self._case} on NZL, in {CONTEXT}.")
        again = await self._sar(NZL.node, "open", "--beacon", str(beacon), "--context", CONTEXT)
        self._same = again["id"] == self._case
        self._tell("The same beacon is heard again: its message goes to that case.")
        await self._sar(
            NZL.node, "set", "wind=230/20", "current=110/0.6", "visibility=10", "sea=0.5"
        )
        for name, (_, hours, options) in UNITS.items():
            arrives = (self._began + timedelta(hours=hours)).isoformat()
            known = ("--name", name, "--arrives", arrives, "--at", self._began.isoformat())
            await self._sar(NZL.node, "unit", uid_of(name), *options, *known)
        plan = await self._sar(NZL.node, "plan", "--keep", "--at", self._began.isoformat())
        self._tell(f"Three units of two nations: expected success {_percent(plan['expected'])}.")
        await self._share(NZL.node)
        await self._until(USA.node, lambda case: len(_lines(case, "task")) == len(UNITS))
        await self._share(USA.node)
        self._tell("USA has the case, its areas and its patterns, under clause 1.")
        return plan

    async def _share(self, node: str) -> None:
        await self._sar(node, "share", "--group", GROUP, "--marking", MARKING)

    async def _search(
        self, nodes: Mapping[str, Node], tracks: Mapping[str, Sequence[Fix]], *part: float
    ) -> None:
        """Have every unit's client send a part of its track."""
        async with asyncio.TaskGroup() as group:
            for name, (node, _, options) in UNITS.items():
                track = tracks[uid_of(name)]
                begin, end = (round(share * len(track)) for share in part)
                package = package_of(self._places[node], name)
                address = nodes[node].address("cot-tls")
                group.create_task(sail(address, package, name, KINDS[options[1]], track[begin:end]))

    async def _go_on_alone(self) -> Json:
        """Let both note what their own covered, and change one fact unaware of each other."""
        await self._sar(NZL.node, "set", "persons=5")
        await self._sar(USA.node, "set", "persons=3")
        await self._sar(USA.node, "coverage", "--keep")
        alone = await self._sar(NZL.node, "coverage", "--keep")
        self._tell(f"NZL alone has covered {_percent(alone['pos'])}.")
        return alone

    async def _together(self, plan: Json, alone: Json) -> Json:
        """Merge, settle, hand over, report."""
        merged = await self._until(
            NZL.node, lambda case: bool(_lines(case, "covered", USA.node) and _rivals(case))
        )
        disputed = _rivals(merged)
        self._tell(f"Every line has crossed. Both differ about: {', '.join(disputed)}.")
        together = await self._sar(NZL.node, "coverage", "--keep")
        self._tell(
            f"With what USA reports, by cells and without a track, {_percent(together['pos'])} "
            f"was covered; {len(cast('list[str]', together['unlooked']))} cells were not looked at."
        )
        await self._sar(NZL.node, "set", "persons=4")
        await self._sar(NZL.node, "lead", "--to", USA.node)
        await self._until(USA.node, lambda case: _fact(case, "offered") == USA.node)
        await self._sar(USA.node, "lead")
        here = await self._until(NZL.node, lambda case: case["lead"] == USA.node)
        self._tell("NZL has handed the lead over, and has the receipt.")
        there = await self._until(
            USA.node, lambda case: _told(case) == _told(here) and not _rivals(case)
        )
        report = await self._report()
        return {
            "case": self._case,
            "expected": plan["expected"],
            "alone": alone["pos"],
            "together": together["pos"],
            "disputed": disputed,
            "lead": here["lead"],
            "here": _told(here),
            "there": _told(there),
            "same": self._same,
            "reviewed": report["reviewed"],
            "report": report["text"],
        }

    async def _report(self) -> Json:
        """Have USA draft and review a report, and see it at NZL over the link; return it there."""
        sheet = self._workplace / "report.pdf"
        draft = await self._sar(USA.node, "report", "--to", NZL.node, "--draft")
        name = str(draft["id"])
        done = await self._sar(USA.node, "report", "--review", name, "--pdf", str(sheet))
        await self._until(NZL.node, lambda case: bool(_lines(case, "report", USA.node)))
        self._tell(str(done["text"]))
        self._tell(
            f"USA has reviewed it, NZL has it over the link; as PDF it has "
            f"{sheet.stat().st_size} bytes."
        )
        (kept,) = await self._reports(NZL.node)
        return {**kept, "reviewed": kept["state"] == "reviewed" and kept["text"] == done["text"]}

    async def _reports(self, node: str) -> list[Json]:
        return cast("list[Json]", await self._sar(node, "report", "--list"))

    async def _until(self, node: str, is_so: Callable[[Json], bool]) -> Json:
        """Return the case of a node once something is so of it. AccordError after a while."""
        clock = SystemClock()
        until = clock.monotonic() + WITHIN
        while clock.monotonic() < until:
            try:
                case = await self._sar(node, "show")
            except AccordError:
                case = None  # it has not come there yet
            if case is not None and is_so(case):
                return case
            await asyncio.sleep(0.2)
        raise AccordError(f"{node} did not hear of it within {WITHIN:.0f} s")


def tasks_of(plan: Json) -> dict[str, Json]:
    """Return the tasks of a plan by unit."""
    return {str(each["unit"]): each for each in cast("list[Json]", plan["tasks"])}


def sailed(task: Json) -> Iterator[Fix]:
    """Yield where a unit was that did exactly its task."""
    points = [Point(lat=lat, lon=lon) for lat, lon in cast("list[list[float]]", task["points"])]
    when, speed = datetime.fromisoformat(str(task["begins"])), float(str(task["speed"]))
    for a, b in pairwise(points):
        lasts = timedelta(hours=distance(a, b) / NM / speed)
        steps = max(1, round(lasts / STEP))
        for n in range(steps):
            share = n / steps
            lat, lon = a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share
            yield Fix(when + lasts * share, Point(lat=lat, lon=lon))
        when += lasts
    yield Fix(when, points[-1])


async def sail(
    address: tuple[str, int], package: Path, name: str, kind: str, track: Sequence[Fix]
) -> None:
    """Connect as a unit's TAK client and send where it was, each with its own time."""
    context = tls_context(package)
    _, writer = await asyncio.open_connection(*address, ssl=context, server_hostname="")
    try:
        for fix in track:
            writer.write(_position(name, kind, fix))
            await writer.drain()
            await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)  # what is sent is taken before the connection goes
    finally:
        writer.transport.abort()


def _position(name: str, kind: str, fix: Fix) -> bytes:
    inside = element("contact", {"callsign": name, "endpoint": "*:-1:stcp"})
    return xml.compose(
        uid=uid_of(name),
        type=kind,
        how="m-g",
        time=fix.when,
        start=fix.when,
        stale=fix.when + timedelta(minutes=5),
        point=CotPoint(fix.point.lat, fix.point.lon, 0.0, 20.0, UNKNOWN),
        detail=inside + element("__group", {"name": "Orange", "role": "Team Member"}),
        marks={"opex": f"e-{EXERCISE}"},
    )


def _lines(case: Json, kind: str, node: str = "") -> list[Json]:
    log = cast("list[Json]", case["log"])
    return [each for each in log if each["kind"] == kind and node in ("", each["node"])]


def _told(case: Json) -> int:
    """Return how many lines of a case partners are told of."""
    log = cast("list[Json]", case["log"])
    return sum(not each["private"] and each["about"] != "shared" for each in log)


def _fact(case: Json, name: str) -> object:
    facts = cast("dict[str, Json]", case["facts"])
    return facts[name]["value"] if name in facts else ""


def _rivals(case: Json) -> list[str]:
    facts = cast("dict[str, Json]", case["facts"])
    return [name for name, fact in facts.items() if fact["rivals"]]


def _percent(share: object) -> str:
    return f"{float(str(share)):.1%}"
