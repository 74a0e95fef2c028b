"""What is taken off the picture because somebody says so, and how an alarm is cancelled."""

from dataclasses import replace
from typing import Any

from accord.core.body import Alarm, Removal
from accord.core.context import LIVE
from accord.core.kind import Kind
from accord.core.report import Report
from accord.core.track import TrackStatus
from accord.picture.picture import Change
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START
from support.pictures import (
    DAY,
    EXERCISE,
    HOUR,
    MINUTE,
    SECOND,
    a_picture,
    applied,
    later,
    sizes,
    uids,
)


def test_a_removal_takes_its_target_off_the_picture() -> None:
    picture = a_picture()
    before = applied(picture, a_report("U1"))
    removal = a_report("R1", body=Removal(target="U1"))
    assert picture.apply(removal) == Change(
        sequence=2,
        report=removal,
        track=replace(before, status=TrackStatus.REMOVED),
        before=before,
    )
    assert picture.get(LIVE, "U1") is None
    assert sizes(picture) == {
        "index": 0,
        "cells": 0,
        "families": 0,
        "live": 0,
        "quiet": 0,
        "heap": 1,
    }
    assert picture.expire(START + DAY) == []
    assert sizes(picture)["heap"] == 0


def test_a_removal_of_what_is_not_known_passes_through() -> None:
    picture = a_picture()
    removal = a_report("R1", body=Removal(target="U1"))
    assert picture.apply(removal) == Change(sequence=1, report=removal)
    applied(picture, a_report("U2"))
    assert picture.apply(removal) == Change(sequence=3, report=removal)


def test_a_removal_leaves_the_same_uid_of_other_contexts_alone() -> None:
    picture = a_picture()
    applied(picture, a_report("U1"))
    removal = a_report("R1", context=EXERCISE, body=Removal(target="U1"))
    change = picture.apply(removal)
    assert change is not None
    assert change.track is None
    assert picture.get(LIVE, "U1") is not None


def an_alarm(**changes: Any) -> Report:
    alarm = Alarm(category="911", point=a_point(), **changes)
    return a_report("U1-9-1-1", kind=Kind.of("b-a-o-tbl"), body=alarm)


def test_an_alarm_stays_until_it_is_cancelled() -> None:
    picture = a_picture(max_age=DAY)
    applied(picture, an_alarm())
    for minutes in range(0, 24 * 60, 5):
        picture.expire(START + minutes * MINUTE)
    assert uids(picture) == {"U1-9-1-1"}
    cancel = later(an_alarm(cancels=True), HOUR)
    change = picture.apply(cancel)
    assert change is not None
    assert change.track is not None
    assert change.track.status is TrackStatus.REMOVED
    assert len(picture) == 0


def test_the_cancelling_of_an_alarm_removes_nothing_but_an_alarm() -> None:
    picture = a_picture()
    applied(picture, a_report("U1-9-1-1"))
    cancel = later(an_alarm(cancels=True), SECOND)
    assert picture.apply(cancel) == Change(sequence=2, report=cancel)
    assert uids(picture) == {"U1-9-1-1"}


RED = frozenset({"Red"})


def test_another_groups_removal_and_cancel_end_nothing_that_it_was_not_told() -> None:
    picture = a_picture()
    applied(picture, a_report("U1"))
    applied(picture, an_alarm())
    removal = a_report("R1", body=Removal(target="U1"), groups=RED)
    cancel = replace(an_alarm(cancels=True), groups=RED)
    assert picture.apply(removal) == Change(sequence=3, report=removal)
    assert picture.apply(cancel) == Change(sequence=4, report=cancel)
    assert picture.get(LIVE, "U1") is not None
    assert picture.get(LIVE, "U1-9-1-1") is not None


def test_a_removal_takes_the_claims_of_its_own_group_and_leaves_the_others() -> None:
    picture = a_picture()
    applied(picture, a_report("U1"))
    other = replace(A_SOURCE, speaker="kea-1")
    both = applied(picture, a_report("U1", source=other, groups=RED))
    change = picture.apply(a_report("R1", body=Removal(target="U1"), groups=RED))
    assert change is not None
    assert change.before == both
    track = picture.get(LIVE, "U1")
    assert track is not None
    assert [claim.groups for claim in track.claims.values()] == [frozenset({"Blue"})]
    assert track.lead.groups == frozenset({"Blue"})
