from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Body, Message, Position, Shape
from accord.core.geometry import Circle, Polyline
from accord.core.report import Doubt, Report, Source
from accord.core.track import Said
from accord.picture.claims import is_superseded, lead_of, point_of, set_back, with_claim
from support.builders import a_point, a_report
from support.clock import START

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def said(happened: timedelta, received: timedelta) -> Report:
    return a_report(at=START + happened, received=START + received)


def by(speaker: str, **changes: Any) -> Report:
    hops = changes.pop("hops", ())
    source = Source(node="NZL", channel="tak", speaker=speaker, hops=hops)
    return a_report(source=source, **changes)


def claims_of(*reports: Report) -> dict[Said, Report]:
    return {report.source: report for report in reports}


def test_newer_supersedes_older_by_the_clock_of_the_source() -> None:
    old, new = said(0 * SECOND, 9 * SECOND), said(1 * SECOND, 5 * SECOND)
    assert is_superseded(old, new)
    assert not is_superseded(new, old)


def test_of_equal_times_the_later_received_wins() -> None:
    first, second = said(0 * SECOND, 1 * SECOND), said(0 * SECOND, 2 * SECOND)
    assert is_superseded(first, second)
    assert not is_superseded(second, first)


def test_of_equal_times_in_one_read_the_later_applied_wins() -> None:
    assert not is_superseded(said(SECOND, SECOND), said(SECOND, SECOND))


def test_a_clock_that_was_ahead_and_is_set_right_is_believed_at_once() -> None:
    ahead, right = said(HOUR, 0 * SECOND), said(SECOND, 2 * SECOND)
    assert not is_superseded(right, ahead)
    assert is_superseded(ahead, right)


def test_a_clock_that_goes_wrong_does_not_freeze_the_track() -> None:
    right, ahead = said(SECOND, 2 * SECOND), said(HOUR, 3 * SECOND)
    assert not is_superseded(ahead, right)


@pytest.mark.parametrize(("ahead", "wins"), [(30, False), (31, True)])
def test_half_a_minute_ahead_is_tolerated(ahead: int, wins: bool) -> None:
    claim = said(ahead * SECOND, 0 * SECOND)
    assert is_superseded(said(SECOND, 2 * SECOND), claim) is not wins


@pytest.mark.parametrize(
    ("leads", "other"),
    [
        (by("a", at=START), by("b", at=START + HOUR, doubts=frozenset({Doubt.JUMP}))),
        (by("a", at=START + SECOND), by("b", at=START)),
        (by("a", at=START), by("b", at=START, hops=("AUS",))),
        (by("a", received=START + SECOND), by("b", received=START)),
        (by("b"), by("a")),
        (by("a", hops=("AUS", "USA")), by("a", hops=("AUS",))),
        (
            by("a", at=START + SECOND),
            by("b", at=START + HOUR, received=START),  # says that it comes from the future
        ),
    ],
    ids=[
        "undoubted before doubted",
        "newest",
        "own node",
        "last received",
        "name",
        "hops",
        "not before its receipt",
    ],
)
def test_one_claim_leads_whatever_the_order(leads: Report, other: Report) -> None:
    assert lead_of(claims_of(leads, other)) is leads
    assert lead_of(claims_of(other, leads)) is leads


def test_the_newest_doubted_claim_leads_where_all_are_doubted() -> None:
    doubts = frozenset({Doubt.CLOCK})
    old, new = by("a", doubts=doubts), by("b", at=START + SECOND, doubts=doubts)
    assert lead_of(claims_of(old, new)) is new


def test_a_claim_takes_the_place_of_its_source_only() -> None:
    old, other, new = by("a"), by("b"), by("a", at=START + SECOND)
    before = claims_of(old, other)
    assert with_claim(before, new.source, new, limit=2) == claims_of(new, other)
    assert before == claims_of(old, other)


def test_beyond_the_limit_the_claim_last_in_rank_goes_never_the_lead() -> None:
    lead, last, new = by("a", at=START + HOUR), by("b"), by("c", at=START + SECOND)
    assert with_claim(claims_of(lead, last), new.source, new, limit=2) == claims_of(lead, new)
    doubted = by("d", doubts=frozenset({Doubt.JUMP}))
    assert with_claim(claims_of(lead, last), doubted.source, doubted, limit=2) == claims_of(
        lead, last
    )


HERE, THERE = a_point(lat=1.0), a_point(lat=2.0)


@pytest.mark.parametrize(
    ("body", "point"),
    [
        (Position(point=HERE), HERE),
        (Position(point=None), None),
        (Alarm(category="911", point=HERE), HERE),
        (Shape(outline=Circle(centre=THERE, radius=1.0), anchor=HERE), HERE),
        (Shape(outline=Circle(centre=HERE, radius=1.0)), HERE),
        (Shape(outline=Polyline(points=(HERE, THERE))), HERE),
        (Shape(outline=Polyline(points=())), None),
        (Message(text="", sender="", room=""), None),
    ],
)
def test_a_report_is_on_the_map_where_its_body_says(body: Body, point: object) -> None:
    assert point_of(a_report(body=body)) == point


def test_what_was_received_before_now_is_not_set_back() -> None:
    claim = said(0 * SECOND, 0 * SECOND)
    assert set_back(claim, START) is claim


def test_what_bears_the_time_of_its_receipt_goes_back_by_as_much_as_the_clock_was_ahead() -> None:
    claim = said(2 * HOUR, 2 * HOUR)
    assert set_back(claim, START) == replace(
        said(0 * SECOND, 0 * SECOND), stale=claim.stale - 2 * HOUR
    )


def test_a_source_with_a_clock_of_its_own_keeps_its_times() -> None:
    claim = said(1 * SECOND, 2 * HOUR)
    assert set_back(claim, START) == replace(claim, received=START)
