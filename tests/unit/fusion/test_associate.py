from accord.fusion.associate import APART, NEAR, OLDEST, TOGETHER, Associator, Mark

METRE = 1 / 111_195.0


def mark(uid: str, metres: float = 0.0, *, source: str = "feed:radar", age: float = 0.0) -> Mark:
    return Mark(uid, source, metres * METRE, 0.0, None, None, age)


def ship(uid: str = "MMSI-1", metres: float = 0.0, *, age: float = 0.0) -> Mark:
    return mark(uid, metres, source="feed:ais", age=age)


def looks(associator: Associator, times: int, *marks: Mark) -> list[dict[str, str]]:
    unnamed = [each for each in marks if each.source != "feed:ais"]
    named = [each for each in marks if each.source == "feed:ais"]
    return [dict(associator.look(unnamed, named)) for _ in range(times)]


PAIR = {"R1": "MMSI-1"}


def test_what_stays_together_is_a_pair_after_so_many_looks() -> None:
    found = looks(Associator(), TOGETHER + 1, mark("R1", 100.0), ship())
    assert found == [{}] * (TOGETHER - 1) + [PAIR] * 2


def test_what_is_not_near_is_none() -> None:
    assert looks(Associator(), 20, mark("R1", NEAR + 10.0), ship())[-1] == {}


def test_ships_that_pass_are_not_taken_for_one() -> None:
    associator = Associator()
    looks(associator, TOGETHER - 1, mark("R1", 100.0), ship())
    looks(associator, 1, mark("R1", 1_000.0), ship())
    assert looks(associator, TOGETHER - 1, mark("R1", 100.0), ship())[-1] == {}
    assert looks(associator, 1, mark("R1", 100.0), ship()) == [PAIR]


def test_another_that_comes_nearer_begins_to_count_anew() -> None:
    associator = Associator()
    looks(associator, TOGETHER - 1, mark("R1", 100.0), ship())
    both = mark("R1", 100.0), ship(), ship("MMSI-2", 110.0)
    assert looks(associator, 1, *both) == [{}]
    assert looks(associator, TOGETHER - 1, *both)[-1] == {"R1": "MMSI-2"}


def test_a_pair_stays_between_near_and_far_and_is_parted_when_far_for_long() -> None:
    associator = Associator()
    looks(associator, TOGETHER, mark("R1"), ship())
    assert looks(associator, 20, mark("R1", 1.5 * NEAR), ship())[-1] == PAIR
    found = looks(associator, APART, mark("R1", 3 * NEAR), ship())
    assert found == [PAIR] * (APART - 1) + [{}]


def test_one_wrong_fix_parts_nothing() -> None:
    associator = Associator()
    looks(associator, TOGETHER, mark("R1"), ship())
    looks(associator, APART - 1, mark("R1", 50_000.0), ship())
    looks(associator, 1, mark("R1"), ship())
    assert looks(associator, APART - 1, mark("R1", 50_000.0), ship())[-1] == PAIR


def test_a_pair_outlasts_the_silence_of_who_bears_the_name() -> None:
    associator = Associator()
    looks(associator, TOGETHER, mark("R1"), ship())
    assert looks(associator, 5, mark("R1")) == [PAIR] * 5
    assert looks(associator, 5, mark("R1"), ship(age=OLDEST + 1)) == [PAIR] * 5


def test_what_is_seen_no_more_is_forgotten() -> None:
    associator = Associator()
    looks(associator, TOGETHER, mark("R1"), ship())
    assert looks(associator, 1, ship()) == [{}]
    assert looks(associator, 1, mark("R1"), ship()) == [{}]


def test_a_sensor_sees_one_thing_once() -> None:
    associator = Associator()
    looks(associator, TOGETHER, mark("R1"), ship())
    # The first is far away by now, and still paired, when another is nearest.
    for _ in range(APART - 1):
        looks(associator, 1, mark("R1", 2_000.0), mark("R2", 10.0), ship())
    looks(associator, 1, mark("R1", 0.0), mark("R2", 10.0), ship())
    found = looks(associator, TOGETHER, mark("R1", 20.0), mark("R2", 10.0), ship())
    assert found[-1] == PAIR


def test_two_sensors_see_one_thing() -> None:
    other = mark("S1", 20.0, source="feed:other")
    found = looks(Associator(), TOGETHER, mark("R1", 100.0), other, ship())
    assert found[-1] == {"R1": "MMSI-1", "S1": "MMSI-1"}


def test_marks_are_compared_where_they_are_by_now() -> None:
    # Ten metres a second north for half a minute are 300 m.
    moving = Mark("R1", "feed:radar", 0.0, 0.0, 0.0, 10.0, 30.0)
    assert looks(Associator(), TOGETHER, moving, ship("MMSI-1", 300.0))[-1] == PAIR
    assert looks(Associator(), TOGETHER, moving, ship())[-1] == {}


def test_the_antimeridian_is_no_border() -> None:
    east = Mark("R1", "feed:radar", 0.0, 179.9999, 90.0, 10.0, 1.0)
    west = Mark("MMSI-1", "feed:ais", 0.0, -179.9999, None, None, 0.0)
    associator = Associator()
    found = [dict(associator.look([east], [west])) for _ in range(TOGETHER)]
    assert found[-1] == PAIR
