import math
from itertools import pairwise

import pytest

from accord.core.geometry import Point, bearing, distance
from accord.search.fault import SearchError
from accord.search.patterns import (
    MAX_LEGS,
    WORDS,
    Pattern,
    PatternKind,
    Rectangle,
    creeping,
    expanding_square,
    parallel,
    pattern_kind,
    sector,
    track_line,
)
from accord.search.sphere import moved

DATUM = Point(lat=-20.0, lon=179.95)


def moved_point(point: Point, toward: float, miles: float) -> Point:
    lat, lon = moved(point.lat, point.lon, toward, miles)
    return Point(lat=float(lat), lon=float(lon))


def area(axis: float = 0.0, length: float = 20.0, width: float = 10.0) -> Rectangle:
    return Rectangle(centre=DATUM, axis=axis, length=length, width=width)


def test_an_expanding_square_begins_at_the_datum_on_its_first_course() -> None:
    found = expanding_square(DATUM, first=45.0, spacing=2.0, legs=5)
    assert found.kind is PatternKind.EXPANDING_SQUARE
    assert distance(found.points[0], DATUM) == pytest.approx(0.0, abs=0.01)
    first, second, *_ = found.legs(10.0)
    assert (first.course, first.length) == pytest.approx((45.0, 2.0), abs=1e-3)
    assert (second.course - first.course) % 360 == pytest.approx(90.0, abs=0.1)
    # 2, 2, 4, 4, 6
    assert found.length == pytest.approx(18.0)
    assert sum(leg.hours for leg in found.legs(10.0)) == pytest.approx(1.8, rel=1e-3)


def test_the_legs_follow_each_other_and_last_as_long_as_they_are() -> None:
    legs = sector(DATUM, first=90.0, radius=5.0).legs(20.0)
    for a, b in pairwise(legs):
        assert a.end == b.start
    assert [leg.hours for leg in legs] == pytest.approx([0.25] * 9)


def test_on_a_drifting_datum_a_sector_search_ends_where_the_datum_has_drifted_to() -> None:
    found = sector(DATUM, first=0.0, radius=5.0)
    legs = found.legs(10.0, toward=60.0, drift=2.0)
    hours = sum(leg.hours for leg in legs)
    drifted = moved_point(DATUM, 60.0, 2.0 * hours)
    assert distance(legs[-1].end, drifted) / 1852 < 0.05
    # over ground each leg is sailed at the unit's speed
    for leg in legs:
        assert leg.length / leg.hours == pytest.approx(10.0, rel=2e-3)


def test_on_a_drifting_datum_legs_along_the_drift_take_longer_than_those_against_it() -> None:
    found = parallel(area(), 2.0)
    legs = found.legs(10.0, toward=0.0, drift=5.0)
    along, _, against = (leg.hours for leg in legs[:3])
    # 18 miles at 5 kt past the datum one way, and at 15 kt the other
    assert {round(along, 2), round(against, 2)} == {3.6, 1.2}


@pytest.mark.parametrize(("speed", "drift"), [(0.0, 0.0), (5.0, 5.0), (5.0, -1.0)])
def test_a_datum_that_cannot_be_kept_up_with_is_refused(speed: float, drift: float) -> None:
    with pytest.raises(SearchError, match="no pattern keeps"):
        sector(DATUM, first=0.0, radius=1.0).legs(speed, 90.0, drift)


def test_a_leg_without_a_length_takes_no_time() -> None:
    found = Pattern(
        kind=PatternKind.TRACK_LINE, datum=DATUM, spacing=1.0, track=((0.0, 0.0), (0.0, 0.0))
    )
    assert [leg.hours for leg in found.legs(10.0)] == [0.0]


def test_parallel_tracks_lie_along_the_axis_and_creeping_ones_across() -> None:
    assert parallel(area(30.0), 2.0).legs(10.0)[0].course % 180 == pytest.approx(30.0, abs=0.1)
    assert creeping(area(30.0), 2.0).legs(10.0)[0].course % 180 == pytest.approx(120.0, abs=0.1)
    assert creeping(area(), 2.0).kind is PatternKind.CREEPING


def test_a_pattern_begins_at_the_corner_that_is_nearest() -> None:
    for corner in area(30.0).corners:
        for laid in (parallel, creeping):
            found = laid(area(30.0), 2.0, near=corner)
            # half a spacing inside on each side
            assert distance(found.points[0], corner) / 1852 == pytest.approx(math.sqrt(2), rel=0.01)
            assert found.length == pytest.approx(98.0)


def test_no_part_of_an_area_is_further_from_a_leg_than_half_the_spacing_that_was_asked_for() -> (
    None
):
    found = parallel(area(width=11.0), 2.0)
    assert len(found.track) == 12
    assert found.spacing == pytest.approx(11.0 / 6.0)


def test_an_area_narrower_than_the_spacing_has_one_leg() -> None:
    found = parallel(area(width=0.5, length=0.1), 2.0)
    assert len(found.track) == 2
    assert found.length == 0.0


def test_the_corners_of_an_area_lie_clockwise_from_the_left_ahead() -> None:
    corners = area(90.0).corners
    # ahead is east: the left ahead is the north-east
    assert [round(bearing(DATUM, each)) for each in corners] == [63, 117, 243, 297]


def test_a_track_line_goes_out_on_the_right_and_back_on_the_left() -> None:
    there = moved_point(DATUM, 0.0, 30.0)
    found = track_line([DATUM, there], 2.0)
    # out, across and back
    assert found.length == pytest.approx(62.0, rel=1e-3)
    assert found.track[0][0] == pytest.approx(1.0, rel=1e-3)
    assert found.track[-1][0] == pytest.approx(-1.0, rel=1e-3)
    assert track_line([DATUM, there], 2.0, returns=False).length == pytest.approx(30.0, rel=1e-3)


def test_a_track_line_keeps_its_distance_round_a_bend() -> None:
    corner = moved_point(DATUM, 0.0, 30.0)
    found = track_line([DATUM, corner, moved_point(corner, 90.0, 30.0)], 2.0)
    # to the right of a bend to the right is its inside
    assert found.track[1] == pytest.approx((1.0, 29.0), abs=0.1)
    assert found.track[4] == pytest.approx((-1.0, 31.0), abs=0.1)


def test_a_track_line_that_turns_back_stays_near_it() -> None:
    there = moved_point(DATUM, 0.0, 30.0)
    for spot in track_line([DATUM, there, DATUM], 2.0).track:
        assert abs(spot[0]) <= 4.0 + 1e-6


def test_what_cannot_be_laid_is_refused() -> None:
    with pytest.raises(SearchError, match="two places"):
        track_line([DATUM], 2.0)
    with pytest.raises(SearchError, match="NM apart"):
        expanding_square(DATUM, first=0.0, spacing=0.0, legs=4)
    with pytest.raises(SearchError, match=f"at most {MAX_LEGS}"):
        expanding_square(DATUM, first=0.0, spacing=1.0, legs=MAX_LEGS + 1)
    with pytest.raises(SearchError, match="legs"):
        parallel(area(width=10_000.0), 2.0)
    with pytest.raises(SearchError, match="0 legs"):
        sector(DATUM, first=0.0, radius=1.0, passes=0)


def test_a_pattern_goes_by_its_letters_and_by_its_word() -> None:
    # IAMSAR II, chapter 5: the letters.
    letters = {"square": "SS", "sector": "VS", "parallel": "PS", "creeping": "CS", "track": "TS"}
    assert {word.lower() for word in WORDS} == letters.keys()
    for word, short in letters.items():
        assert pattern_kind(word) is pattern_kind(short.lower()) is pattern_kind(short)
    with pytest.raises(ValueError, match=r"'ZZ' is no pattern; there are SS \(square\)"):
        pattern_kind("ZZ")
