from datetime import timedelta

import pytest

from accord.core.body import Message, Position
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.report import Doubt, Report
from accord.picture.plausible import doubts
from support.builders import a_point, a_report
from support.clock import START

SHIP, AIRCRAFT, TRUCK = "a-f-S-X-M", "a-f-A-C-F", "a-f-G-E-V"


def fix(
    lat: float, lon: float, *, seconds: float = 0.0, kind: str = SHIP, speed: float | None = None
) -> Report:
    at = START + timedelta(seconds=seconds)
    body = Position(point=Point(lat=lat, lon=lon), speed=speed)
    return a_report(at=at, kind=Kind.of(kind), body=body)


@pytest.mark.parametrize(
    ("kind", "possible", "impossible"),
    [
        (SHIP, 40.0, 61.0),
        ("a-h-U-W", 100.0, 121.0),
        (TRUCK, 120.0, 161.0),
        (AIRCRAFT, 981.0, 1_001.0),
        ("a-f-F", 250.0, 1_001.0),
        ("a-n-P", 7_660.0, 12_001.0),
        ("a-u", 7_660.0, 12_001.0),
        ("b-m-p-w", 7_660.0, 12_001.0),
    ],
)
def test_a_speed_beyond_what_its_dimension_can_do_is_marked(
    kind: str, possible: float, impossible: float
) -> None:
    assert doubts(fix(0, 0, kind=kind, speed=possible), None) == frozenset()
    assert doubts(fix(0, 0, kind=kind, speed=impossible), None) == {Doubt.IMPOSSIBLE_SPEED}


# One degree of latitude is 60 nautical miles, about 111 km.
@pytest.mark.parametrize(
    ("kind", "seconds", "marks"),
    [
        (SHIP, 3_600, frozenset[Doubt]()),  # 31 m/s
        (SHIP, 600, frozenset({Doubt.JUMP})),  # 185 m/s
        (AIRCRAFT, 600, frozenset[Doubt]()),
        (AIRCRAFT, 60, frozenset({Doubt.JUMP})),  # 1,850 m/s
        ("a-n-P", 60, frozenset[Doubt]()),
    ],
)
def test_a_way_too_long_for_the_time_is_marked_as_a_jump(
    kind: str, seconds: float, marks: frozenset[Doubt]
) -> None:
    there = fix(1, 0, kind=kind, seconds=seconds)
    assert doubts(there, fix(0, 0, kind=kind)) == marks


def test_a_jump_is_one_in_both_orders_of_time() -> None:
    assert doubts(fix(1, 0), fix(0, 0, seconds=60)) == {Doubt.JUMP}


def test_fixes_at_one_time_may_lie_apart_by_their_error() -> None:
    assert doubts(fix(0.004, 0), fix(0, 0)) == frozenset()  # 440 m
    assert doubts(fix(0.005, 0), fix(0, 0)) == {Doubt.JUMP}  # 560 m


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ((-18.0, -179.999), (-18.0, 179.999)),  # 210 m, and 360 degrees, apart
        ((89.99, 0.0), (89.99, 20.0)),  # 390 m, and 20 degrees, apart
    ],
)
def test_the_antimeridian_and_the_poles_are_no_jump(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    assert doubts(fix(*here), fix(*there)) == frozenset()


def test_one_wrong_fix_costs_one_mark() -> None:
    good = fix(0, 0)
    wrong = fix(10, 0, seconds=10)
    wrong = a_report(at=wrong.time, kind=wrong.kind, body=wrong.body, doubts=doubts(wrong, good))
    assert wrong.doubts == {Doubt.JUMP}
    assert doubts(fix(0, 0, seconds=20), wrong) == frozenset()


def test_there_is_no_jump_from_or_to_nowhere() -> None:
    nowhere = a_report(body=Position(point=None))
    words = a_report(body=Message(text="", sender="", room=""))
    assert doubts(fix(10, 0), nowhere) == frozenset()
    assert doubts(nowhere, fix(10, 0)) == frozenset()
    assert doubts(fix(10, 0), words) == frozenset()
    assert doubts(words, fix(10, 0)) == frozenset()


@pytest.mark.parametrize(
    ("late", "marks"),
    [
        (timedelta(minutes=10), frozenset[Doubt]()),
        (timedelta(minutes=10, seconds=1), frozenset({Doubt.CLOCK})),
        (timedelta(minutes=-10), frozenset[Doubt]()),
        (timedelta(minutes=-10, seconds=-1), frozenset({Doubt.CLOCK})),
    ],
)
def test_a_time_far_from_receipt_is_marked(late: timedelta, marks: frozenset[Doubt]) -> None:
    assert doubts(a_report(received=START + late), None) == marks


def test_marks_are_added_to_those_there_are() -> None:
    impossible = frozenset({Doubt.IMPOSSIBLE_POSITION})
    report = a_report(
        received=START + timedelta(days=1), doubts=impossible, body=Position(point=a_point())
    )
    assert doubts(report, None) == {Doubt.IMPOSSIBLE_POSITION, Doubt.CLOCK}
    assert doubts(a_report(doubts=impossible), None) == impossible


def moving(after: float, lat: float, *, course: float | None, speed: float | None) -> Report:
    body = Position(point=a_point(lat=lat, lon=0.0), course=course, speed=speed)
    return a_report(at=START + timedelta(seconds=after), kind=Kind.of("a-u-S"), body=body)


# A hundredth of a degree of latitude is 1,112 m on the mean sphere.
@pytest.mark.parametrize(
    ("after", "lat", "course", "speed", "is_doubted"),
    [
        (60, 0.03, 0.0, 5.0, True),  # 3.3 km where it says 300 m
        (60, 0.03, 0.0, 25.0, False),  # 1.5 km: within what turning and errors make
        (60, 0.015, 180.0, 20.0, True),  # north, where it says south
        (60, 0.015, 90.0, 20.0, False),  # it may have turned
        (60, 0.015, None, 20.0, False),  # it says no course
        (60, 0.03, 0.0, None, False),  # it says no speed
        (15, 0.0098, 180.0, 5.0, False),  # too soon to tell
        (400, 0.1, 0.0, 5.0, False),  # too long ago to tell
        (60, 0.0088, 180.0, 5.0, False),  # too near to tell
    ],
)
def test_what_moves_otherwise_than_it_says_is_doubted(
    after: float, lat: float, course: float | None, speed: float | None, is_doubted: bool
) -> None:
    before = moving(0, 0.0, course=course, speed=speed)
    found = doubts(moving(after, lat, course=course, speed=speed), before)
    assert (Doubt.MOTION in found) is is_doubted
    late = moving(after, lat, course=course, speed=speed)
    assert (Doubt.MOTION in doubts(before, late)) is is_doubted


def test_a_way_aslant_is_not_taken_for_longer_than_it_is() -> None:
    def at(after: float, both: float) -> Report:
        body = Position(point=a_point(lat=both, lon=both), course=225.0, speed=5.0)
        return a_report(at=START + timedelta(seconds=after), kind=Kind.of("a-u-S"), body=body)

    assert Doubt.MOTION not in doubts(at(60, 0.006), at(0, 0.0))  # 944 m north-east
    assert Doubt.MOTION in doubts(at(60, 0.007), at(0, 0.0))  # 1,101 m
