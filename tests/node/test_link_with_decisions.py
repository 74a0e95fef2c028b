"""Two nodes in one process, each with a sync core and a guard: what is decided arrives, once."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from accord.core.agreement import Situation
from accord.core.body import Position
from accord.core.clock import SystemClock
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.report import Report, Source
from accord.federation.coalition import Coalition
from accord.federation.effect import Accept
from accord.federation.front import Front
from accord.federation.link_memory import LinkMemory
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.federation.version import HybridClock
from accord.observe.log import Log
from accord.release.cadence import Cadence
from accord.release.gate import Gate
from accord.release.ledger.entry import Received, Release
from accord.wire.peer.protocol import Version
from support.agreements import NZL, USA, example_in_force
from support.builders import a_report
from support.links import End, address, kill, listen, now, places, put_agreement

SETTINGS = SyncSettings(linger=0.02)
CLOCK = SystemClock()


def a_core(own: str, partner: str) -> PartnerSync:
    gate = Gate(
        example_in_force(), key=secrets.token_bytes(32), salt=b"salt", memory=Cadence(limit=10_000)
    )

    def decide(report: Report, at: datetime) -> object:
        return gate.decide(report, at, Situation(own=own, partner=partner, synchronised=True))

    return PartnerSync(
        Pair(own=own, partner=partner, epoch=7), SETTINGS,
        decide=decide,  # type: ignore[arg-type]
        coalition=Coalition(limit=10_000, silent_after=60.0), random=secrets.token_bytes,
        counts=Counter(),
    )  # fmt: skip


def moment() -> Moment:
    return Moment(CLOCK.now(), CLOCK.monotonic())


def a_frigate(number: int, lat: float, at: datetime) -> Report:
    return a_report(
        f"F-{number}",
        at=at,
        stale=at + timedelta(minutes=5),
        kind=Kind.of("a-f-S-C"),
        body=Position(point=Point(lat=lat, lon=-177.9, circular_error=50.0)),
        source=Source(node=USA, channel="tak", speaker="bridge"),
        label=Label(
            policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
        ),
        groups=frozenset(),
    )


@asynccontextmanager
async def two_nodes(directory: Path) -> AsyncGenerator[tuple[End, End]]:
    usa, nzl = places(directory)
    listener = listen()
    usa.add(nzl.as_partner(address(listener)))
    nzl.add(usa.as_partner())
    held = put_agreement(usa.directory), put_agreement(nzl.directory)
    ends = (
        End(usa, nzl.as_partner(address(listener)), a_core(USA, NZL), held[0]),
        End(nzl, usa.as_partner(), a_core(NZL, USA), held[1]),
    )
    async with (
        Front(listener, lambda _, s, at: ends[1].link.take(s, at), send_buffer=16_384),
        asyncio.TaskGroup() as tasks,
    ):
        running = [tasks.create_task(end.link.run()) for end in ends]
        try:
            yield ends
        finally:
            for task in running:
                task.cancel()


def accepted(end: End) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for effect in end.effects:
        if isinstance(effect, Accept):
            found.setdefault(effect.report.uid, []).append(effect.version)
    return found


async def test_after_guards_are_killed_again_and_again_each_state_arrives_once(
    tmp_path: Path,
) -> None:
    async with two_nodes(tmp_path) as (usa, nzl):
        clock = HybridClock(7, limit=1_000)
        newest: dict[str, Version] = {}
        for round_ in range(4):
            async with asyncio.timeout(60.0):
                while not (usa.link.status().is_up and nzl.link.status().is_up):  # noqa: ASYNC110  a process has no event
                    await asyncio.sleep(0.02)
            for number in range(40):
                at = now()
                report = a_frigate(number, -29.0 - 0.01 * round_ - 0.001 * number, at)
                version = clock.version(report.uid, at)
                newest[report.uid] = version
                usa.sync.note(report, version, moment())
                usa.link.wake()
                if number % 10 == 9:
                    await asyncio.sleep(0.05)
            victim = (usa, nzl)[round_ % 2].link.status().guard
            if victim is not None and round_ < 3:
                kill(victim)
        async with asyncio.timeout(90.0):
            while {uid: seen[-1] for uid, seen in accepted(nzl).items()} != newest:  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.05)
        for versions in accepted(nzl).values():
            assert versions == sorted(set(versions))
        assert not usa.link.status().stopped
    sent = {(x.name, x.version) for x in usa.place.ledger(NZL) if isinstance(x, Release)}
    came = {(x.name, x.version) for x in nzl.place.ledger(USA) if isinstance(x, Received)}
    assert came <= sent
    assert {(uid, tuple(version)) for uid, version in newest.items()} <= came


async def test_what_is_kept_lets_a_node_go_on_where_it_was(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as (usa, nzl):
        at = now()
        usa.sync.note(a_frigate(1, -29.1, at), Version(7, 1), moment())
        async with asyncio.timeout(90.0):
            while not accepted(nzl):  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)  # the acknowledgement
        LinkMemory(usa.place.directory, NZL, usa.sync).keep()
        again = a_core(USA, NZL)
        LinkMemory(usa.place.directory, NZL, again).recall(moment(), Log(CLOCK))
        assert again.given() == usa.sync.given()
        assert again.held() == usa.sync.held()
