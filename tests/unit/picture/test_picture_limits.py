# pyright: reportPrivateUsage=false
# What the schedule may hold to spare is a part of its limit.

"""How much a picture holds, and what gives way."""

import sys
from dataclasses import replace

import pytest

from accord.core.body import Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.report import Form, Original, Source
from accord.picture.picture import Change, Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import (
    AIS,
    DAY,
    EXERCISE,
    HOUR,
    MINUTE,
    SECOND,
    a_picture,
    applied,
    later,
    ship,
    sizes,
    uids,
)


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


def test_one_source_with_ever_new_uids_for_one_number_does_not_grow_the_picture() -> None:
    picture = a_picture()
    for number in range(1_000):
        applied(picture, later(ship(f"U{number}", "512000001"), number * SECOND))
    assert len(picture) == 1
    assert sizes(picture) == {
        "index": 3,
        "cells": 1,
        "families": 0,
        "heap": 1,
        "live": 1,
        "quiet": 0,
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
