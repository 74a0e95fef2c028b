import random

import pytest

from accord.core.geometry import distance
from accord.desks.watch.rules import pairs
from accord.desks.watch.rules.pairs import closest_approach, near_pairs
from accord.desks.watch.rules.seen import Seen, seen_in
from support.rules import Watched, a_ship

NEAR = (-41.28, 174.80)
MILE = 1852.0


def seen(uid: str, lat: float, lon: float, **more: float) -> Seen:
    found = seen_in(uid, a_ship(uid, lat, lon, **more))  # type: ignore[arg-type]  numbers alone
    assert found is not None
    return found


@pytest.mark.parametrize("middle", [(-41.0, 174.8), (0.0, 180.0), (72.0, -179.99)])
def test_every_pair_that_is_near_is_found_and_none_twice(middle: tuple[float, float]) -> None:
    chance = random.Random(7)  # noqa: S311  nothing secret
    ships = [
        seen(
            f"S{n}",
            middle[0] + chance.uniform(-0.2, 0.2),
            (middle[1] + chance.uniform(-0.3, 0.3) + 180.0) % 360.0 - 180.0,
        )
        for n in range(150)
    ]
    found = [tuple(sorted((a.uid, b.uid))) for a, b in near_pairs(ships, 2 * MILE)]
    wanted = {
        tuple(sorted((a.uid, b.uid)))
        for n, a in enumerate(ships)
        for b in ships[n + 1 :]
        if distance(a.point, b.point) <= 2 * MILE
    }
    assert len(wanted) > 20
    assert wanted <= set(found)
    assert len(found) == len(set(found))


def test_two_at_the_same_place_are_one_pair() -> None:
    ships = [seen("A", *NEAR), seen("B", *NEAR)]
    assert [{a.uid, b.uid} for a, b in near_pairs(ships, MILE)] == [{"A", "B"}]


def test_those_that_stay_together_meet() -> None:
    it = Watched("rule r\nwhen meets within 500 m for 20 min")
    for _ in range(6):
        it.hears("A", *NEAR)
        it.hears("B", NEAR[0] + 0.003, NEAR[1])
        it.hears("C", NEAR[0] + 0.006, NEAR[1])
        it.passes(minutes=5)
    assert it.take() == ["+A B", "+B C"]
    assert it.texts[0] == "r: CALL-A has been with CALL-B for 20 min"
    it.hears("B", NEAR[0] + 1.0, NEAR[1])
    it.passes(minutes=0)
    assert it.take() == ["-A B", "-B C"]


def test_who_only_passes_does_not_meet() -> None:
    it = Watched("rule r\nwhen meets within 500 m for 20 min")
    for step in range(6):
        it.hears("A", *NEAR)
        it.hears("B", NEAR[0] + (0.003 if step % 2 else 0.1), NEAR[1])
        it.passes(minutes=5)
    assert it.take() == []


def test_an_old_place_is_held_against_nobody() -> None:
    it = Watched("rule r\nwhen meets within 500 m for 1 min")
    it.hears("A", *NEAR)
    it.hears("B", *NEAR)
    it.passes(minutes=2)
    it.hears("A", *NEAR)
    it.hears("B", *NEAR)
    it.passes(minutes=0)
    assert it.take() == ["+A B"]
    it.passes(minutes=11)
    assert it.take() == ["-A B"]


def test_two_that_fell_silent_are_not_said_to_be_together_longer_than_they_were_heard() -> None:
    it = Watched("rule r\nwhen meets within 500 m for 1 min")
    for _ in range(3):
        it.hears("A", *NEAR)
        it.hears("B", *NEAR)
        it.passes(minutes=0.1)
    for _ in range(8):
        it.hears("A", *NEAR)  # one of them is not enough
        it.passes(minutes=1)
    assert it.take() == []


def test_who_may_know_of_one_only_is_not_told_of_both() -> None:
    it = Watched("rule r\nwhen meets within 500 m for 0.001 s")
    it.hears("A", *NEAR)
    it.hears("B", *NEAR, groups=frozenset({"Red"}))
    it.passes(minutes=0)
    it.passes(minutes=1)
    assert it.take() == []


def test_two_that_will_come_close_are_told() -> None:
    it = Watched("rule r\nwhen closest within 0.5 NM in 12 min")
    it.hears("A", -41.0, 174.0, course=90.0, speed=20.0)
    it.hears("B", -41.0, 174.1, course=270.0, speed=20.0)
    it.hears("C", -41.05, 174.1, course=270.0, speed=20.0)
    it.passes(minutes=0)
    assert it.take() == ["+A B"]
    assert it.texts[0].endswith("of CALL-B in 7 min")
    it.hears("B", -41.0, 174.1, course=90.0, speed=20.0)
    it.passes(minutes=0)
    assert it.take() == ["-A B"]


def test_the_closest_approach_is_that_of_a_crossing_worked_out_by_hand() -> None:
    # One mile south of the crossing northwards at 12 kn, two miles west of it eastwards at 12 kn:
    # relative to each other they close at 45 degrees, 0.7071 NM apart after 7.5 minutes.
    one = seen("A", -1 / 60, 0.0, course=0.0, speed=12.0)
    other = seen("B", 0.0, -2 / 60, course=90.0, speed=12.0)
    found = closest_approach(one, other)
    assert found is not None
    assert found[0] == pytest.approx(450.0, rel=2e-3)
    assert found[1] == pytest.approx(0.7071 * MILE, rel=2e-3)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"course": 1.0, "speed": 1.0}),
        ({"course": 1.0, "speed": 1.0}, {"speed": 5.0}),
        ({"course": 1.0, "speed": 1.0}, {"course": 1.0, "speed": 1.0}),
    ],
)
def test_what_is_not_known_of_both_comes_to_nothing(
    first: dict[str, float], second: dict[str, float]
) -> None:
    assert closest_approach(seen("A", 0.0, 0.0, **first), seen("B", 0.0, 0.1, **second)) is None


def test_who_stands_still_needs_no_course() -> None:
    found = closest_approach(
        seen("A", 0.0, 0.0, speed=0.0), seen("B", 0.0, 0.1, course=270.0, speed=10.0)
    )
    assert found is not None
    assert found[1] == pytest.approx(0.0, abs=1.0)


def test_beyond_so_many_pairs_nothing_is_said_to_be_over(monkeypatch: pytest.MonkeyPatch) -> None:
    it = Watched("rule r\nwhen meets within 500 m for 0.001 s")
    for uid in ("A", "B", "C"):
        it.hears(uid, *NEAR)
    it.passes(minutes=1)
    for uid in ("A", "B", "C"):
        it.hears(uid, *NEAR)
    it.passes(minutes=0)
    assert len(it.take()) == 3
    monkeypatch.setattr(pairs, "MOST_PAIRS", 1)
    it.passes(minutes=0)
    assert it.take() == []
    assert it.judge.held()
    assert it.judge.counts == {pairs.NOT_ALL_AT_ONCE: 1}


def test_all_pairs_are_looked_at_in_as_many_looks_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairs, "MOST_PAIRS", 2)
    it = Watched("rule r\nwhen meets within 500 m for 0 s")
    for uid in ("A", "B", "C"):
        it.hears(uid, *NEAR)
    it.passes(minutes=0)
    assert len(it.take()) == 2
    it.passes(minutes=0)
    assert len(it.take()) == 1
    it.hears("C", NEAR[0] + 1.0, NEAR[1])
    for _ in range(2):
        it.passes(minutes=0)
    assert it.take() == ["-A C", "-B C"]
