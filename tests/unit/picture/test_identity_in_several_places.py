"""One identity in several places: what becomes of its tracks, by a recording and by hand."""

import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.geometry import Point, distance
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Doubt, Report
from accord.core.track import TrackStatus
from accord.picture.picture import Change, Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import AIS

RECORDING = Path(__file__).parents[2] / "golden/tracks/gfw_mmsi_segmented-416000000.json.gz"
NUMBER = Identity(mmsi="416000000")
KNOT = 1852 / 3600

Step = tuple[datetime, Point, str]
"""When, where, and in which segment the source of the recording has it."""


def said(at: datetime, point: Point) -> Report:
    return a_report(
        "MMSI-416000000",
        at=at,
        stale=at + timedelta(minutes=10),
        identity=NUMBER,
        kind=Kind.of("a-u-S"),
        source=AIS,
        body=Position(point=point),
    )


def recorded() -> list[Step]:
    with gzip.open(RECORDING, "rt") as lines:
        said: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return sorted(
        (
            (
                datetime.fromisoformat(each["timestamp"]),
                Point(lat=each["lat"], lon=each["lon"]),
                each["segment"],
            )
            for each in said
        ),
        key=lambda step: step[0],
    )


def impossible(steps: Sequence[Step]) -> int:
    """Count steps of more than 10 NM at more than 60 kn."""
    return sum(
        (metres := distance(here, there)) > 10 * 1852
        and metres > 60 * KNOT * (after - before).total_seconds()
        for (before, here, _), (after, there, _) in pairwise(steps)
    )


def test_a_recorded_identity_of_many_ships_is_split_into_tracks_that_a_ship_can_sail() -> None:
    """130 of the recording's steps are impossible (its SOURCES say so), and none of a track's is.

    The segments are by another program: of its neighbours within ten minutes one in a hundred may
    be in two tracks here, and one in a hundred of ours in two of its segments.
    """
    steps = recorded()
    assert impossible(steps) == 130
    picture, lives = Picture(PictureSettings()), dict[str, int]()
    tracks, where = defaultdict[object, list[Step]](list), dict[Step, object]()
    for step in steps:
        picture.expire(step[0])
        change = picture.apply(said(*step[:2]))
        if change is None or change.report is None:
            continue
        uid = change.report.uid
        lives[uid] = lives.get(uid, 0) + (change.before is None)
        tracks[uid, lives[uid]].append(step)
        where[step] = uid, lives[uid]
    assert sum(map(impossible, tracks.values())) == 0
    assert len(picture) < 8

    segments = defaultdict[str, list[Step]](list)
    for step in where:
        segments[step[2]].append(step)
    near = [
        where[a] == where[b]
        for each in segments.values()
        for a, b in pairwise(each)
        if b[0] - a[0] <= timedelta(minutes=10)
    ]
    assert near.count(False) <= len(near) / 100
    ours = [a[2] == b[2] for each in tracks.values() for a, b in pairwise(each)]
    assert ours.count(False) <= len(ours) / 100


def fix(lat: float, after: float, **changes: Any) -> Report:
    at = START + timedelta(seconds=after)
    report: dict[str, Any] = {
        "at": at,
        "stale": at + timedelta(minutes=2),
        "identity": NUMBER,
        "kind": Kind.of("a-u-S"),
        "source": AIS,
        "body": Position(point=a_point(lat, 120.0)),
    }
    return a_report("S", **report | changes)


def play(picture: Picture, *reports: Report) -> list[Change]:
    changes = [picture.apply(each) for each in reports]
    return [each for each in changes if each is not None]


def doubts(changes: Sequence[Change]) -> list[set[Doubt]]:
    return [set(each.report.doubts) for each in changes if each.report is not None]


def ids(picture: Picture) -> set[str]:
    return {each.id for each in picture.tracks(Filter(context=LIVE))}


def test_two_that_send_one_number_are_two_tracks_marked_with_the_reason() -> None:
    picture = Picture(PictureSettings())
    changes = play(picture, *(fix(5.0 * (n % 2), n * 10) for n in range(6)))
    assert ids(picture) == {"S", "S~2"}
    two = {Doubt.TWO_PLACES}
    assert doubts(changes) == [set(), {Doubt.JUMP}, set(), two, two, two]
    assert [each.track.id for each in changes if each.track] == ["S", "S~2"] * 3
    assert picture.counts["places of one identity"] == 1


def test_one_wrong_fix_costs_one_mark_and_the_track_stays_where_it_is() -> None:
    picture = Picture(PictureSettings())
    changes = play(picture, fix(0.0, 0), fix(5.0, 10), fix(0.0, 20), fix(0.0, 30))
    assert doubts(changes) == [set(), {Doubt.JUMP}, set(), set()]
    track = picture.get(LIVE, "S")
    assert track is not None
    assert isinstance(track.lead.body, Position)
    assert track.lead.body.point == a_point(0.0, 120.0)


def test_a_place_that_proves_to_be_the_same_is_one_track_again() -> None:
    picture = Picture(PictureSettings())
    play(picture, fix(0.0, 0), fix(0.5, 10), fix(0.5, 100))
    assert ids(picture) == {"S", "S~2"}
    # Half a degree is 30 NM: half an hour at 60 kn.
    change = play(picture, fix(0.5, 2_000))[0]
    assert change.track is not None
    assert change.track.id == "S"
    assert doubts([change]) == [set()]
    over = picture.expire(START + timedelta(seconds=2_000))
    assert [(each.track.id, each.track.status) for each in over if each.track][-1] == (
        "S~2", TrackStatus.REMOVED,
    )  # fmt: skip
    assert ids(picture) == {"S"}
    assert picture.counts["places that proved to be one"] == 1


def test_the_place_that_is_left_when_the_first_is_gone_bears_its_name_again() -> None:
    picture = Picture(PictureSettings())
    play(picture, fix(0.0, 0), fix(5.0, 10))
    for after in range(60, 6_000, 60):
        picture.expire(START + timedelta(seconds=after))
        play(picture, fix(5.0, after))
    picture.expire(START + timedelta(seconds=6_000))
    assert ids(picture) == {"S"}
    track = picture.get(LIVE, "S")
    assert track is not None
    assert isinstance(track.lead.body, Position)
    assert track.lead.body.point == a_point(5.0, 120.0)


def test_places_have_a_limit_beyond_which_the_quietest_takes_what_comes() -> None:
    picture = Picture(PictureSettings())
    play(picture, *(fix(5.0 * n, n) for n in range(9)))
    assert len(ids(picture)) == 8
    assert picture.counts["places beyond the limit"] == 1


def test_a_place_is_the_same_after_a_restart() -> None:
    before = Picture(PictureSettings())
    kept = [
        each.report
        for each in play(before, *(fix(5.0 * (n % 2), n * 10) for n in range(6)))
        if each.report is not None
    ]
    for again in (kept, kept[1:]):
        after = Picture(PictureSettings())
        play(after, *again)
        assert ids(after) == {"S", "S~2"}


def test_a_place_that_is_removed_is_a_place_no_more() -> None:
    picture = Picture(PictureSettings(max_tracks=2))
    play(picture, fix(0.0, 0), fix(5.0, 10), a_report("other", at=START + timedelta(seconds=20)))
    assert ids(picture) == {"S~2", "other"}
    play(picture, fix(5.0, 30))
    picture.expire(START + timedelta(seconds=30))
    assert ids(picture) == {"S", "other"}


def test_what_speaks_for_itself_is_not_split() -> None:
    picture = Picture(PictureSettings())
    changes = play(picture, fix(0.0, 0, author="S"), fix(5.0, 10, author="S"))
    assert ids(picture) == {"S"}
    assert doubts(changes)[-1] == {Doubt.JUMP}
