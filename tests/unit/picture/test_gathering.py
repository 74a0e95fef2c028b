from datetime import timedelta

from accord.picture.gathering import MANY, WITHIN, Gatherings
from support.builders import a_point
from support.clock import START

# Gelendzhik airport, where ships in the Black Sea found themselves on 22 June 2017.
AIRPORT = a_point(44.58, 38.01)


def moved(*, to: int, apart: float = 0.0) -> Gatherings:
    gatherings = Gatherings()
    for number in range(to):
        point = a_point(AIRPORT.lat + number * apart, AIRPORT.lon)
        gatherings.note(f"S{number}", point, START)
    return gatherings


def test_many_that_were_moved_to_one_place_are_interference() -> None:
    assert moved(to=MANY).is_one("S0", AIRPORT, START)


def test_a_ring_of_a_few_kilometres_is_one_place() -> None:
    assert moved(to=MANY, apart=0.01).is_one("S2", a_point(44.6, 38.01), START)


def test_fewer_are_not() -> None:
    assert not moved(to=MANY - 1).is_one("S0", AIRPORT, START)


def test_one_that_was_moved_often_is_one() -> None:
    gatherings = moved(to=1)
    for _ in range(MANY):
        gatherings.note("S0", AIRPORT, START)
    assert not gatherings.is_one("S0", AIRPORT, START)


def test_who_was_there_before_is_not_one_of_them() -> None:
    assert not moved(to=MANY).is_one("ferry", AIRPORT, START)


def test_far_apart_is_not_one_place() -> None:
    assert not moved(to=MANY, apart=1.0).is_one("S0", AIRPORT, START)


def test_it_is_forgotten_after_a_while() -> None:
    gatherings = moved(to=MANY)
    assert gatherings
    assert gatherings.is_one("S0", AIRPORT, START + WITHIN)
    assert not gatherings.is_one("S0", AIRPORT, START + WITHIN + timedelta(seconds=1))
    assert not gatherings


def test_the_oldest_are_forgotten_beyond_the_limits() -> None:
    gatherings = Gatherings(max_cells=2, max_objects=2)
    for number in range(3):
        gatherings.note(f"S{number}", AIRPORT, START)
    for lat in (10.0, 20.0):
        gatherings.note("S9", a_point(lat), START)
    assert gatherings.counts == {"moved objects forgotten": 2}


def test_the_pole_has_cells_too() -> None:
    gatherings = Gatherings()
    for number in range(MANY):
        gatherings.note(f"S{number}", a_point(90.0, 10.0), START)
    assert gatherings.is_one("S0", a_point(90.0, 10.0), START)
