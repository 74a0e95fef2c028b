# pyright: reportPrivateUsage=false
# What could grow inside the picture is counted.

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Box, Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.core.track import Track, TrackStatus
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
AIS = Source(node="NZL", channel="feed:ais", speaker="ais")
EXERCISE = Context.exercise("TASMAN")
FAR_AWAY = datetime.max.replace(tzinfo=UTC)


def a_picture(**settings: Any) -> Picture:
    return Picture(PictureSettings(**settings))


def applied(picture: Picture, report: Report) -> Track:
    change = picture.apply(report)
    assert change is not None
    assert change.track is not None
    return change.track


def statuses(changes: list[Change]) -> list[tuple[str, TrackStatus]]:
    return [(change.track.id, change.track.status) for change in changes if change.track]


def later(report: Report, by: timedelta, **changes: Any) -> Report:
    return replace(
        report,
        time=report.time + by,
        start=report.start + by,
        stale=report.stale + by,
        received=report.received + by,
        **changes,
    )


def ship(uid: str, mmsi: str | None = None, **changes: Any) -> Report:
    return a_report(uid, identity=Identity(mmsi=mmsi), kind=Kind.of("a-n-S-X-M"), **changes)


def uids(picture: Picture, context: Context = LIVE, **wanted: Any) -> set[str]:
    return {track.id for track in picture.tracks(Filter(context=context, **wanted))}


# One report after another


def test_a_first_report_makes_a_track() -> None:
    picture = a_picture()
    report = a_report("U1")
    change = picture.apply(report)
    track = Track(
        id="U1",
        context=LIVE,
        claims={report.source: report},
        lead=report,
        status=TrackStatus.LIVE,
    )
    assert change == Change(sequence=1, report=report, track=track, before=None)
    assert picture.get(LIVE, "U1") == track
    assert len(picture) == 1


def test_a_newer_report_takes_the_place_of_the_older_of_its_source() -> None:
    picture = a_picture()
    before = applied(picture, a_report())
    newer = later(a_report(), SECOND)
    change = picture.apply(newer)
    assert change is not None
    assert change.before == before
    assert change.track is not None
    assert change.track.claims == {newer.source: newer}
    assert len(picture) == 1


def test_an_older_report_of_the_same_source_changes_nothing_and_is_counted() -> None:
    picture = a_picture()
    track = applied(picture, a_report())
    assert picture.apply(later(a_report(), -SECOND)) is None
    assert picture.get(LIVE, "U1") is track
    assert picture.counts == {"superseded": 1}
    assert picture.sequence == 1


def test_a_source_whose_clock_was_ahead_is_believed_when_it_is_set_right() -> None:
    picture = a_picture()
    applied(picture, a_report(at=START + HOUR, received=START))
    right = a_report(at=START + SECOND, received=START + 2 * SECOND)
    assert applied(picture, right).lead == right


def test_every_source_keeps_a_claim_of_its_own_and_the_newest_leads() -> None:
    picture = a_picture()
    phone = a_report()
    radar = replace(later(a_report(), SECOND), source=AIS)
    applied(picture, radar)
    track = applied(picture, phone)
    assert track.claims == {phone.source: phone, AIS: radar}
    assert track.lead is radar


def test_claims_about_one_track_are_bounded_and_counted() -> None:
    picture = a_picture(max_claims=2)
    for number in range(4):
        source = Source(node="NZL", channel="tak", speaker=f"S{number}")
        track = applied(picture, replace(later(a_report(), number * SECOND), source=source))
        assert len(track.claims) <= 2
    assert picture.counts == {"claims forgotten": 2}
    source = Source(node="NZL", channel="tak", speaker="S3")
    applied(picture, replace(later(a_report(), MINUTE), source=source))
    assert picture.counts == {"claims forgotten": 2}


def test_numbers_of_changes_rise_by_one_from_where_the_last_picture_ended() -> None:
    picture = Picture(PictureSettings(), sequence=41)
    for number in (42, 43):
        change = picture.apply(a_report(f"U{number}"))
        assert change is not None
        assert change.sequence == number
    assert picture.sequence == 43


# What is not about a track


@pytest.mark.parametrize("body", [Message(text="hi", sender="U1", room="All"), Opaque()])
def test_words_and_what_is_not_understood_pass_through(body: Message | Opaque) -> None:
    picture = a_picture()
    report = a_report(body=body)
    assert picture.apply(report) == Change(sequence=1, report=report)
    assert len(picture) == 0


@pytest.mark.parametrize("body", [Position(point=a_point()), Removal(target="U1")])
def test_an_addressed_report_is_for_its_addressees_and_changes_no_picture(
    body: Position | Removal,
) -> None:
    picture = a_picture()
    track = applied(picture, a_report())
    to = frozenset({Address(AddressKind.UID, "U2")})
    addressed = later(a_report(to=to, body=body), SECOND)
    assert picture.apply(addressed) == Change(sequence=2, report=addressed)
    assert picture.get(LIVE, "U1") is track


# Which track


def test_reports_of_one_registered_number_are_one_track_under_every_uid() -> None:
    picture = a_picture()
    applied(picture, ship("U1", "512000001"))
    track = applied(picture, ship("U2", "512000001", source=AIS))
    assert (track.id, len(track.claims)) == ("U1", 2)
    assert picture.get(LIVE, "U2") is picture.get(LIVE, "U1") is track


def test_a_number_that_is_heard_later_counts_from_then_on() -> None:
    picture = a_picture()
    applied(picture, ship("U1"))
    applied(picture, later(ship("U1", "512000001"), SECOND))
    assert applied(picture, ship("U2", "512000001", source=AIS)).id == "U1"


def test_a_number_that_is_no_longer_said_does_not_count() -> None:
    picture = a_picture()
    applied(picture, ship("U1", "512000001"))
    applied(picture, later(ship("U1", "512000002"), SECOND))
    assert applied(picture, ship("U2", "512000001", source=AIS)).id == "U2"


def test_one_source_with_ever_new_uids_for_one_number_does_not_grow_the_picture() -> None:
    picture = a_picture()
    for number in range(1_000):
        applied(picture, later(ship(f"U{number}", "512000001"), number * SECOND))
    assert len(picture) == 1
    assert sizes(picture) == {"index": 3, "cells": 1, "heap": 1, "live": 1, "quiet": 0}


# Doubts


def test_a_doubtful_report_is_kept_and_its_doubt_can_be_seen() -> None:
    picture = a_picture()
    ours = picture.apply(a_report())
    wrong = replace(later(a_report(), SECOND), body=Position(point=a_point(lat=0.0)))
    change = picture.apply(wrong)
    assert ours is not None
    assert change is not None
    assert change.report == replace(wrong, doubts=frozenset({Doubt.JUMP}))
    assert change.track is not None
    assert change.track.lead is change.report


def test_an_undoubted_claim_leads_before_a_doubted_newer_one() -> None:
    picture = a_picture()
    good = a_report()
    applied(picture, good)
    track = applied(picture, replace(good, source=AIS, time=START - HOUR, received=START + DAY))
    assert track.claims[AIS].doubts == {Doubt.CLOCK}
    assert track.lead is good


# Time


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


# Removals and alarms


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
    assert sizes(picture) == {"index": 0, "cells": 0, "live": 0, "quiet": 0, "heap": 1}
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


# Bounds


def sizes(picture: Picture) -> dict[str, int]:
    """Of everything inside that could grow."""
    worlds = picture._worlds.values()
    return {
        "index": sum(len(world.index) for world in worlds),
        "cells": sum(len(world.cells) for world in worlds),
        "live": sum(len(world.live) for world in worlds),
        "quiet": sum(len(world.quiet) for world in worlds),
        "heap": len(picture._schedule),
    }


def test_beyond_its_limit_the_picture_forgets_the_track_updated_longest_ago() -> None:
    picture = a_picture(max_tracks=3)
    for uid in ("U1", "U2", "U3"):
        applied(picture, a_report(uid))
    applied(picture, later(a_report("U1"), SECOND))
    applied(picture, a_report("U4"))
    assert uids(picture) == {"U1", "U3", "U4"}
    assert picture.counts == {"evicted": 1}
    assert len(picture) == 3


def test_whoever_wants_to_know_is_told_which_track_had_to_make_room() -> None:
    told: list[str] = []
    picture = Picture(PictureSettings(max_tracks=1), evicted=lambda track: told.append(track.id))
    applied(picture, a_report("U1"))
    applied(picture, a_report("U1"))
    assert told == []
    applied(picture, a_report("U2"))
    assert told == ["U1"]


def original(size: int) -> Original:
    return Original(Form.COT_XML, b"x" * size)


def test_beyond_its_bytes_the_picture_forgets_what_was_updated_longest_ago() -> None:
    picture = a_picture(max_bytes=1000)
    for uid in ("U1", "U2", "U3"):
        applied(picture, a_report(uid, original=original(300)))
    assert picture.bytes == 900
    applied(picture, later(a_report("U1", original=original(310)), SECOND))
    applied(picture, a_report("U4", original=original(600)))
    assert uids(picture) == {"U1", "U4"}
    assert picture.counts == {"evicted for bytes": 2}
    assert picture.bytes == 910


def test_every_claim_counts_and_what_is_gone_does_not() -> None:
    picture = a_picture(max_claims=2)
    applied(picture, a_report(original=original(10)))
    applied(picture, a_report(source=AIS, original=original(200)))
    applied(
        picture, later(a_report(source=replace(AIS, speaker="2"), original=original(9)), SECOND)
    )
    assert picture.bytes in {19, 209}
    picture.apply(a_report("gone", body=Removal(target="U1")))
    assert (len(picture), picture.bytes) == (0, 0)
    applied(picture, a_report(original=original(10)))
    picture.expire(START + DAY)
    assert (len(picture), picture.bytes) == (0, 0)


def test_the_points_of_a_shape_count() -> None:
    picture = a_picture()
    line = Polyline(points=(a_point(), a_point(1.0), a_point(2.0)))
    applied(picture, a_report(body=Shape(outline=line), original=original(10)))
    assert picture.bytes > 3 * sys.getsizeof(a_point())
    circle = Shape(outline=Circle(centre=a_point(), radius=1.0))
    applied(picture, later(a_report(body=circle, original=original(10)), SECOND))
    assert picture.bytes == 10


def test_a_track_that_is_larger_than_the_picture_may_be_is_not_kept() -> None:
    picture = a_picture(max_bytes=1000)
    assert applied(picture, a_report(original=original(1001))).id == "U1"
    assert (len(picture), picture.bytes) == (0, 0)
    assert picture.expire(START + DAY) == []


def test_large_events_in_an_exercise_do_not_crowd_out_the_live_picture() -> None:
    picture = a_picture(max_bytes=1000)
    for uid in ("U1", "U2", "U3"):
        applied(picture, a_report(uid, original=original(100)))
    for number in range(9):
        applied(picture, a_report(f"E{number}", context=EXERCISE, original=original(400)))
    assert picture.contexts == {LIVE: 3, EXERCISE: 1}


def test_the_largest_context_is_the_one_that_is_largest_now() -> None:
    picture = a_picture(max_bytes=1000)
    applied(picture, a_report("large", original=original(900)))
    picture.apply(a_report("gone", body=Removal(target="large")))
    applied(picture, a_report("U1", original=original(100)))
    applied(picture, a_report("E1", context=EXERCISE, original=original(500)))
    applied(picture, a_report("E2", context=EXERCISE, original=original(500)))
    assert picture.contexts == {LIVE: 1, EXERCISE: 1}


def test_stale_tracks_are_forgotten_before_live_ones() -> None:
    picture = a_picture(max_tracks=2)
    applied(picture, a_report("long valid", stale=START + HOUR))
    applied(picture, a_report("stale"))
    picture.expire(START + 5 * MINUTE)
    applied(picture, a_report("new"))
    assert uids(picture) == {"long valid", "new"}


def test_a_flood_in_an_exercise_does_not_crowd_out_the_live_picture() -> None:
    picture = a_picture(max_tracks=10)
    for uid in ("U1", "U2", "U3"):
        applied(picture, a_report(uid))
    for number in range(100):
        applied(picture, a_report(f"E{number}", context=EXERCISE))
    assert uids(picture) == {"U1", "U2", "U3"}
    assert picture.contexts == {LIVE: 3, EXERCISE: 7}


def test_any_number_of_distinct_uids_leaves_memory_flat() -> None:
    limit = 100
    picture = a_picture(max_tracks=limit)
    most = dict.fromkeys(sizes(picture), 0)
    for number in range(20 * limit):
        point = Point(lat=number % 170 - 85.0, lon=number % 360 - 180.0)
        report = a_report(
            f"U{number}",
            at=START + number * SECOND,
            identity=Identity(mmsi=f"{number:09}", imo=f"{number:07}", icao=f"{number:06x}"),
            body=Position(point=point),
        )
        applied(picture, report)
        if number % 7 == 0:
            picture.expire(report.received)
        most = {name: max(size, most[name]) for name, size in sizes(picture).items()}
    assert len(picture) == limit
    assert most["live"] + most["quiet"] <= 2 * limit
    assert most["index"] <= 4 * limit
    assert most["cells"] <= limit
    assert most["heap"] <= 2 * limit + picture._schedule.SPARE
    assert picture.counts == {"evicted": 19 * limit}


def test_contexts_are_bounded_and_an_empty_one_gives_way() -> None:
    picture = a_picture(max_contexts=2)
    applied(picture, a_report())
    applied(picture, a_report(context=EXERCISE))
    other = a_report(context=Context.exercise("OTHER"))
    assert picture.apply(other) == Change(sequence=3, report=other)
    assert picture.counts == {"contexts refused": 1}
    picture.apply(a_report("R", context=EXERCISE, body=Removal(target="U1")))
    assert picture.contexts == {LIVE: 1, EXERCISE: 0}
    applied(picture, a_report(context=EXERCISE))
    picture.apply(a_report("R", context=EXERCISE, body=Removal(target="U1")))
    applied(picture, other)
    assert picture.contexts == {LIVE: 1, other.context: 1}


@pytest.mark.parametrize("name", ["lost_after", "removed_after", "max_age"])
def test_a_time_beyond_ten_years_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is longer than 3650 days"):
        a_picture(**{name: 3651 * DAY})


# Queries


def test_a_query_finds_what_lies_in_the_area_now() -> None:
    picture = a_picture()
    wellington = Box(south=-42.0, west=174.0, north=-41.0, east=175.0)
    applied(picture, a_report("U1"))
    applied(picture, a_report("U2", body=Position(point=a_point(lat=-36.8))))
    applied(picture, a_report("U3", body=Position(point=None)))
    assert uids(picture) == {"U1", "U2", "U3"}
    assert uids(picture, area=wellington) == {"U1"}
    applied(picture, replace(later(a_report("U1"), DAY), body=Position(point=a_point(lat=0.0))))
    applied(picture, replace(later(a_report("U3"), DAY), body=Position(point=a_point())))
    assert uids(picture, area=wellington) == {"U3"}


def test_a_query_gives_no_more_than_was_asked_for() -> None:
    picture = a_picture()
    for number in range(5):
        applied(picture, a_report(f"U{number}"))
    assert len(list(picture.tracks(Filter(context=LIVE, limit=2)))) == 2
    assert list(picture.tracks(Filter(context=LIVE, limit=0))) == []


def test_a_query_is_not_disturbed_by_what_is_applied_meanwhile() -> None:
    picture = a_picture()
    for number in range(3):
        applied(picture, a_report(f"U{number}"))
    found = picture.tracks(Filter(context=LIVE))
    first = next(found)
    picture.apply(a_report("R", body=Removal(target="U2")))
    applied(picture, a_report("U9"))
    assert {first.id, *(track.id for track in found)} == {"U0", "U1", "U2"}


def test_an_unknown_context_holds_nothing() -> None:
    picture = a_picture()
    assert uids(picture, context=EXERCISE) == set()
    assert picture.get(EXERCISE, "U1") is None


def test_everything_is_every_track_of_every_context() -> None:
    picture = a_picture()
    tracks = [applied(picture, a_report()), applied(picture, a_report(context=EXERCISE))]
    assert picture.everything() == tracks


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
