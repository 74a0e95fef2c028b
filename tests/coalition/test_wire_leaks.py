"""Random agreements, reports with a secret in every field, and the bytes that a guard would write.

Searched for whatever the agreement keeps back, and compared with the bytes of a world in which all
that was kept back is not there or says something else. `--wire-agreements 2000` is the whole.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from accord.core.body import Position
from accord.core.marking import Marking
from accord.core.report import Report
from accord.federation.effect import Accept
from accord.federation.moment import Moment
from accord.release.signature import InForce
from accord.wire.peer.protocol import FrameType
from support.planted import otherwise
from support.random_agreement import OWN, PARTNER, random_agreement
from support.wire_leaks import (
    Captured,
    Step,
    hold_to_content,
    hold_to_counts,
    hold_to_versions,
    story,
)
from support.wire_pipe import EPOCH, Pipe


def run(
    agreement: InForce, steps: Sequence[Step], reports: Sequence[Report | None], *, cuts: bool
) -> Captured:
    """Let a node accept these reports, where there are any, at the times of the steps."""
    pipe = Pipe(agreement, own=OWN, partner=PARTNER, seed=1)
    for number, (step, report) in enumerate(zip(steps, reports, strict=True)):
        pipe.now = Moment(step.at, (step.at - steps[0].at).total_seconds())
        pipe.incidents = frozenset({"SAR"} if step.has_incident else set[str]())
        if not number:
            pipe.begin()
        if report is not None:
            pipe.note(report, step.version)
        is_cut = cuts and step.is_cut
        if is_cut or not step.waits:
            pipe.pump(loses=is_cut)
        if is_cut:
            pipe.begin()
            pipe.pump()
    return Captured(
        agreement, pipe.released, pipe.sent, pipe.frames,
        [each.report for each in pipe.effects if isinstance(each, Accept)],
    )  # fmt: skip


def in_the_other_world(step: Step, got: Captured) -> Report | None:
    """Nothing, where nothing of the report left; else one that differs in all that was removed."""
    report = step.planted.report
    said = got.released.get(id(report))
    if said is None or said.form.exact:
        return report if said is not None else None
    source = replace(step.other.source, node=report.source.node, hops=report.source.hops)
    found = otherwise(report, replace(step.other, source=source), said.form)
    # What a kind is, decides; when it came, decides whether it is old enough.
    is_thing = isinstance(report.body, Position)
    return replace(
        found,
        kind=found.kind if is_thing else report.kind,
        start=report.start,
        received=report.received,
        marking=Marking(access="OTHER WORDS", opex=report.marking.opex),
    )


@pytest.mark.timeout(0)  # its size is its limit: a busy machine needs longer
def test_the_bytes_for_a_partner_have_nothing_that_the_agreement_keeps_back(
    pytestconfig: pytest.Config,
) -> None:
    agreements = cast("int", pytestconfig.getoption("--wire-agreements", 30))
    accepted, frames = 0, Counter[FrameType]()
    for number in range(agreements):
        rolls = random.Random(number)  # noqa: S311  reports, not keys
        agreement, steps = random_agreement(rolls), story(rolls, epoch=EPOCH)
        reports = [step.planted.report for step in steps]
        hold_to_content(steps, run(agreement, steps, reports, cuts=True))

        got = run(agreement, steps, reports, cuts=False)
        hold_to_counts(got)
        hold_to_versions(got)
        there = [in_the_other_world(step, got) for step in steps]
        assert run(agreement, steps, there, cuts=False).sent == got.sent
        accepted += len(got.accepted)
        frames.update(frame.type for frame in got.frames)
    assert accepted > 4 * agreements
    assert frames.keys() >= {FrameType.OBJECTS, FrameType.UPDATES, FrameType.RECORDS}
