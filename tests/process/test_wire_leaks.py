"""What stays does not reach a partner through real guards: the bytes that its guard hands on.

They are those that the giving guard wrote, before TLS. The many are in tests/coalition.
"""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accord.core.agreement import Situation, Withheld
from accord.core.clock import SystemClock
from accord.core.partner import Partner
from accord.core.report import Report
from accord.federation.agreed import held
from accord.federation.coalition import Coalition
from accord.federation.effect import Accept, Effect
from accord.federation.front import Front
from accord.federation.guard import talk
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.signature import InForce
from accord.wire.peer.frame import Frame
from accord.wire.peer.protocol import Version
from support.forms import KEY
from support.links import End, Place, address, listen, put_signed
from support.random_agreement import OWN, PARTNER, party_key, random_signed
from support.wire_leaks import (
    Captured,
    Step,
    hold_to_content,
    hold_to_counts,
    hold_to_versions,
    story,
)

EPOCH = 7
CLOCK = SystemClock()
SETTINGS = SyncSettings(linger=0.02, retry=0.5)
MANY = 150
ROUNDS = 6


class Watched(PartnerSync):
    """A sync core whose decisions and incoming frames are kept."""

    def __init__(self, agreement: InForce, own: str, partner: str) -> None:
        self.released: dict[int, Released] = {}
        self.frames: list[Frame] = []
        self._agreement = agreement
        self._memory = Cadence(limit=1_000)
        self._situation = Situation(
            own=own, partner=partner, synchronised=True, incidents=frozenset({"SAR"})
        )
        super().__init__(
            Pair(own=own, partner=partner, epoch=EPOCH), SETTINGS, decide=self._decide,
            coalition=Coalition(limit=1_000, silent_after=60.0), random=secrets.token_bytes,
            counts=Counter(),
        )  # fmt: skip

    def _decide(self, report: Report, at: datetime) -> Released | Withheld:
        towards = Towards(situation=self._situation, key=KEY, memory=self._memory)
        said = decide(report, self._agreement, at, towards=towards)
        if isinstance(said, Released):
            self.released[id(report)] = said
        return said

    def received(
        self, frame: Frame, now: Moment, unknown: frozenset[str] = frozenset()
    ) -> list[Effect]:
        self.frames.append(frame)
        return super().received(frame, now, unknown)


def moment() -> Moment:
    return Moment(CLOCK.now(), CLOCK.monotonic())


def until_now(steps: Sequence[Step]) -> list[Step]:
    """The same, so much later that the last is of this moment."""
    later = timedelta(seconds=(CLOCK.now() - steps[-1].at).total_seconds() // 1)
    moved: list[Step] = []
    for step in steps:
        report = step.planted.report
        step.planted.report = replace(
            report, time=report.time + later, start=report.start + later,
            stale=report.stale + later, received=report.received + later,
        )  # fmt: skip
        ms = step.version.ms + later // timedelta(milliseconds=1)
        moved.append(step._replace(version=Version(EPOCH, ms), at=step.at + later))
    return moved


def pinned(place: Place, *addresses: str) -> Partner:
    return replace(place.as_partner(*addresses), party_key=party_key(place.node))


@asynccontextmanager
async def two(directory: Path, rolls: random.Random) -> AsyncGenerator[tuple[End, End, InForce]]:
    agreement, text, records = random_signed(rolls)
    usa, nzl = Place(OWN, directory / "usa"), Place(PARTNER, directory / "nzl")
    listener = listen()
    usa.add(pinned(nzl, address(listener)))
    nzl.add(pinned(usa))
    for place in (usa, nzl):
        put_signed(place.directory, agreement.loaded.agreement, text, records)
    both = held(agreement)
    giver = End(usa, pinned(nzl, address(listener)), Watched(agreement, OWN, PARTNER), both)
    taker = End(nzl, pinned(usa), Watched(agreement, PARTNER, OWN), both)
    async with (
        Front(listener, lambda _, s, at: taker.link.take(s, at), send_buffer=16_384),
        asyncio.TaskGroup() as tasks,
    ):
        running = [tasks.create_task(end.link.run()) for end in (giver, taker)]
        try:
            yield giver, taker, agreement
        finally:
            for task in running:
                task.cancel()


def listened_to(end: End) -> list[bytes]:
    """Every frame that the guard of this end hands on, from now on."""
    came: list[bytes] = []
    hear = end.link.hear

    def hearing(message: talk.Message) -> None:
        if isinstance(message, talk.Came):
            came.append(message.frame)
        hear(message)

    end.link.hear = hearing  # type: ignore[method-assign]
    return came


async def settled(giver: End) -> None:
    """Wait until nothing more goes."""
    async with asyncio.timeout(60.0):
        while not giver.link.status().is_up or giver.sync.in_flight():  # noqa: ASYNC110  a process has no event
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("seed", [1, 18, 24])
async def test_guards_hand_on_nothing_that_the_agreement_keeps_back(
    seed: int, tmp_path: Path
) -> None:
    rolls = random.Random(seed)  # noqa: S311  reports, not keys
    async with two(tmp_path, rolls) as (giver, taker, agreement):
        came = listened_to(taker)
        await settled(giver)
        steps = until_now(story(rolls, epoch=EPOCH, reports=MANY))
        for begin in range(0, MANY, MANY // ROUNDS):
            for step in steps[begin : begin + MANY // ROUNDS]:
                giver.sync.note(step.planted.report, step.version, moment())
            giver.link.wake()
            await settled(giver)
        assert not giver.link.status().stopped
        accepted = [each.report for each in taker.effects if isinstance(each, Accept)]
        assert accepted
        got = Captured(agreement, giver.sync.released, came, taker.sync.frames, accepted)
        hold_to_content(steps, got)
        hold_to_counts(got)
        hold_to_versions(got)
