"""What becomes of a track as time goes by, and of one whose source's clock was wrong."""

from dataclasses import replace
from datetime import UTC, datetime

from accord.core.body import Shape
from accord.core.context import LIVE
from accord.core.geometry import Circle
from accord.core.kind import Kind
from accord.core.report import Doubt
from accord.core.track import TrackStatus
from accord.picture.query import Filter
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START
from support.pictures import (
    AIS,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    a_picture,
    applied,
    later,
    ship,
    sizes,
    statuses,
    uids,
)

FAR_AWAY = datetime.max.replace(tzinfo=UTC)


def test_a_source_whose_clock_was_ahead_is_believed_when_it_is_set_right() -> None:
    picture = a_picture()
    applied(picture, a_report(at=START + HOUR, received=START))
    right = a_report(at=START + SECOND, received=START + 2 * SECOND)
    assert applied(picture, right).lead == right


def test_a_silent_track_goes_stale_lost_and_is_removed() -> None:
    picture = a_picture(lost_after=10 * MINUTE, removed_after=HOUR)
    applied(picture, a_report())  # valid for five minutes
    assert picture.expire(START + 4 * MINUTE) == []
    seen = [statuses(picture.expire(START + time * MINUTE)) for time in (5, 6, 15, 16, 75, 76)]
    assert seen == [
        [("U1", TrackStatus.STALE)],
        [],
        [("U1", TrackStatus.LOST)],
        [],
        [("U1", TrackStatus.REMOVED)],
        [],
    ]
    assert picture.get(LIVE, "U1") is None
    assert len(picture) == 0


def test_a_change_made_by_time_has_no_report_and_a_number_of_its_own() -> None:
    picture = a_picture()
    before = applied(picture, a_report())
    (change,) = picture.expire(START + 5 * MINUTE)
    assert (change.sequence, change.report, change.before) == (2, None, before)


def test_a_track_that_is_heard_again_is_live_again() -> None:
    picture = a_picture()
    applied(picture, a_report())
    picture.expire(START + 5 * MINUTE)
    assert uids(picture, statuses=frozenset({TrackStatus.STALE})) == {"U1"}
    assert applied(picture, later(a_report(), 6 * MINUTE)).status is TrackStatus.LIVE
    assert picture.expire(START + 10 * MINUTE) == []
    assert statuses(picture.expire(START + 11 * MINUTE)) == [("U1", TrackStatus.STALE)]


def test_updates_cost_the_schedule_nothing_and_put_off_the_stale_time() -> None:
    picture = a_picture()
    for number in range(1_000):
        applied(picture, later(a_report(), number * SECOND))
    assert sizes(picture)["heap"] == 1
    assert picture.expire(START + 1_000 * SECOND) == []
    assert statuses(picture.expire(START + 999 * SECOND + 5 * MINUTE)) == [
        ("U1", TrackStatus.STALE)
    ]


def test_a_stale_time_that_is_brought_forward_is_kept() -> None:
    picture = a_picture()
    applied(picture, a_report(stale=START + HOUR))
    applied(picture, replace(later(a_report(), SECOND), stale=START + MINUTE))
    assert statuses(picture.expire(START + MINUTE)) == [("U1", TrackStatus.STALE)]


def test_one_call_looks_at_a_bounded_number_of_tracks() -> None:
    picture = a_picture()
    for number in range(5):
        applied(picture, a_report(f"U{number}"))
    found = [len(picture.expire(START + 5 * MINUTE, limit=2)) for _ in range(4)]
    assert found == [2, 2, 1, 0]


def test_a_report_that_comes_too_late_is_never_shown_as_live() -> None:
    picture = a_picture(lost_after=10 * MINUTE, removed_after=HOUR)
    late = {
        "U1": (6 * MINUTE, TrackStatus.STALE),
        "U2": (20 * MINUTE, TrackStatus.LOST),
        "U3": (9 * HOUR, TrackStatus.LOST),
    }
    for uid, (delay, status) in late.items():
        assert applied(picture, a_report(uid, received=START + delay)).status is status
    removed = statuses(picture.expire(START + 9 * HOUR))
    assert removed == [(uid, TrackStatus.REMOVED) for uid in late]


def test_a_live_track_that_gets_a_late_report_of_a_better_source_is_counted_once() -> None:
    picture = a_picture()
    applied(picture, a_report(doubts=frozenset({Doubt.IMPOSSIBLE_POSITION})))
    stale = replace(a_report(), source=AIS, stale=START)
    assert applied(picture, stale).status is TrackStatus.STALE
    assert uids(picture) == {"U1"}
    assert len(list(picture.tracks(Filter(context=LIVE)))) == len(picture) == 1


def test_a_thing_without_updates_goes_at_its_longest_age_whatever_its_stale_time() -> None:
    picture = a_picture(max_age=DAY)
    applied(picture, a_report(stale=FAR_AWAY))
    assert picture.expire(START + DAY - SECOND) == []
    assert statuses(picture.expire(START + DAY)) == [("U1", TrackStatus.REMOVED)]


def test_a_drawing_stays_until_its_stale_time() -> None:
    picture = a_picture(max_age=DAY)
    drawing = Shape(outline=Circle(centre=a_point(), radius=1.0))
    applied(picture, a_report(stale=FAR_AWAY, body=drawing, kind=Kind.of("u-d-c-c")))
    assert [picture.expire(START + day * DAY) for day in range(1, 9)] == [[]] * 8
    assert uids(picture) == {"U1"}


def test_no_claim_waits_on_the_stale_time_of_a_drawing_before_it() -> None:
    picture = a_picture(max_age=DAY)
    applied(picture, a_report(stale=START + 900 * DAY, kind=Kind.of("b-m-p-w")))
    applied(picture, later(a_report(stale=FAR_AWAY - HOUR), HOUR))
    picture.expire(START + DAY)
    assert statuses(picture.expire(START + DAY + HOUR)) == [("U1", TrackStatus.REMOVED)]


def test_a_clock_that_was_ahead_stops_no_source_once_it_is_set_back() -> None:
    picture = a_picture()
    right = ship("U2", "512000002", source=replace(A_SOURCE, speaker="other"))
    picture.apply(right)
    ahead = later(ship("U1", "512000001"), 2 * HOUR)
    picture.apply(ahead)
    assert picture.apply(later(ahead, -2 * HOUR)) is None
    now = START + SECOND
    (change,) = picture.set_back(now)
    assert change.track is not None
    assert (change.report, change.track.id, change.track.lead.time) == (None, "U1", now)
    assert applied(picture, later(ahead, 2 * SECOND - 2 * HOUR)).lead.time == START + 2 * SECOND
    assert picture.set_back(now + 2 * SECOND) == []


def test_what_was_set_back_ages_from_then_on() -> None:
    picture = a_picture(lost_after=MINUTE, removed_after=MINUTE)
    picture.apply(later(ship("U1", "512000001"), 2 * HOUR))
    picture.set_back(START)
    assert statuses(picture.expire(START + 5 * MINUTE)) == [("U1", TrackStatus.STALE)]
    picture.expire(START + HOUR)
    picture.expire(START + HOUR + MINUTE)
    assert len(picture) == 0
