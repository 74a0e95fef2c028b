"""What goes to a TAK server: nothing that a form removes is in its bytes, whatever the agreement.

Random agreements and reports with a secret in every field, as in test_release_leaks.py, but through
the outflow and the guard's clearing, to the messages as they are written.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from accord.core.agreement import Situation, Withheld
from accord.core.report import Report
from accord.federation.guard.check import Checker, Terms
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.tak.clearing import Clearing, Unspeakable
from accord.federation.tak.outflow import Candidate, TakOutflow
from accord.federation.tak.settings import TakFederationSettings
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide
from accord.release.ledger.entry import Release
from accord.release.signature import InForce
from accord.wire.cot import federated
from accord.wire.peer.message import Held
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import PeerReport
from accord.wire.peer.translate import milliseconds
from support.forms import KEY
from support.planted import Planted, leaks
from support.random_agreement import OWN, PARTNER, random_agreement
from support.wire_leaks import story

AGREEMENTS = 25


class World:
    """One agreement, an outflow by it, and a guard's clearing."""

    def __init__(self, agreement: InForce) -> None:
        terms = Terms(agreement.loaded.agreement)
        self.terms = terms.agreement
        self.has_incident = False
        self.unspeakable = 0
        self._agreement = agreement
        self._memory = Cadence(limit=1_000)
        checker = Checker(own=OWN, partner=PARTNER)
        checker.know({terms.key: terms})
        self._clearing = Clearing(checker, own=OWN, max_hops=2)
        self._out = TakOutflow(
            OWN, self._decide, sync=SyncSettings(), settings=TakFederationSettings(),
            counts=Counter(),
        )  # fmt: skip
        self._out.gives = (Held(self.terms.id, self.terms.serial, terms.digest),)

    def _decide(self, report: Report, at: datetime) -> Released | Withheld:
        incidents = frozenset({"SAR"} if self.has_incident else set[str]())
        situation = Situation(own=OWN, partner=PARTNER, synchronised=True, incidents=incidents)
        towards = Towards(situation=situation, key=KEY, memory=self._memory)
        return decide(report, self._agreement, at, towards=towards)

    def note(self, planted: Planted, version: Version, now: Moment) -> None:
        self._out.note(Candidate(planted.report, version), now.seconds)

    def told(self, now: Moment) -> Iterator[tuple[PeerReport, list[bytes], list[Release]]]:
        for number, content in self._out.take(now, 100):
            try:
                cleared = self._clearing.clear(content_bytes(content), number, now.at)
            except Unspeakable:
                self.unspeakable += 1
                continue
            self._out.written(number, now.seconds, is_said=True)
            lines = [line for line in cleared.lines if isinstance(line, Release)]
            yield content, cleared.messages, lines

    def cut(self, now: Moment) -> None:
        self._out.disconnected(now.seconds)
        self._out.connected(now)


@pytest.mark.timeout(0)  # its size is its limit: a busy machine needs longer
def test_nothing_that_a_form_removes_is_in_the_bytes_for_a_tak_server() -> None:
    let_out = 0
    for number in range(AGREEMENTS):
        rolls = random.Random(number)  # noqa: S311  reports, not keys
        world = World(random_agreement(rolls))
        everything: list[Planted] = []
        for step in story(rolls, epoch=1):
            now = Moment(step.at, milliseconds(step.at) / 1_000)
            world.has_incident = step.has_incident
            if step.is_cut:
                world.cut(now)
            everything.append(step.planted)
            world.note(step.planted, step.version, now)
            for content, messages, lines in world.told(now):
                let_out += not world.terms.form(content.grant.form).exact
                hold_to(content, messages, lines, everything, world)
    assert let_out > 4 * AGREEMENTS


def hold_to(
    content: PeerReport,
    messages: list[bytes],
    lines: list[Release],
    everything: list[Planted],
    world: World,
) -> None:
    form = world.terms.form(content.grant.form)
    assert len(lines) == len(messages) > 0
    for message in messages:
        event = federated.read(message).event
        told = [message.decode("latin-1"), "" if event is None else event.xml.decode()]
        for planted in everything[-30:]:
            assert leaks(planted, form, told) == []
        if event is not None and form.cell is not None and form.cadence is not None:
            at = timedelta(milliseconds=milliseconds(event.time))
            assert at % timedelta(seconds=1) == timedelta(0)
