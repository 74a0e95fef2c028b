import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from accord.posture import cells
from accord.posture.cells import great_circle
from accord.posture.model import Base, Domain, Grade, Origin, Scenario
from accord.posture.reach import TURN_ROUND, Hours, Reach, Seaways, Store
from accord.posture.scenario import read_scenario
from accord.posture.stations import Post
from support.posture import SMALL, Land, box, sea_but_for

SCENARIO = read_scenario(SMALL, name="small")
ORIGIN = Origin(grade=Grade.INVENTED, who="somebody", as_of=date(2026, 1, 1))
PATROL = Post("NZL", "MPA", "OHA")
SHIP = Post("NZL", "OPV", "DEV")


class Straight(Seaways):
    """A world without land, where ships go great circles; counts what is asked."""

    def __init__(self) -> None:
        super().__init__(sea_but_for())
        self.asked: list[tuple[float, float]] = []

    def distances(self, lat: float, lon: float) -> Hours:
        self.asked.append((lat, lon))
        world = cells.world()
        return great_circle(lat, lon, world.lats, world.lons).astype(np.float32)


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.files.get(name)

    def put(self, name: str, data: bytes) -> None:
        self.files[name] = data


def near(lat: float, lon: float) -> int:
    """The cell whose centre is nearest to a place."""
    world = cells.world()
    return int(world.cells[great_circle(lat, lon, world.lats, world.lons).argmin()])


def hours(scenario: Scenario, post: Post, places: Sequence[int], **how: float) -> list[float]:
    reach = Reach(Straight(), turn_round=how.get("turn_round", TURN_ROUND))
    return [float(each) for each in reach.transit(scenario, places)(post)]


def far(base: str, cell: int) -> float:
    lat, lon = (float(each[0]) for each in cells.centres([cell]))
    place = SCENARIO.bases[base]
    return float(great_circle(place.lat, place.lon, lat, lon))


CLOSE = near(-45.0, 172.0)
TONGA = near(-21.0, -175.2)
"""1,000 NM are not enough for it from Ohakea; they are from Nadi."""
AFRICA = near(-30.0, 10.0)


def test_an_aircraft_within_its_radius_flies_straight() -> None:
    (found,) = hours(SCENARIO, PATROL, [CLOSE])
    assert found == pytest.approx(far("OHA", CLOSE) / 400, rel=1e-5)


def test_beyond_its_radius_it_is_turned_round_at_an_airfield_nearer_by() -> None:
    leg = far("OHA", near(-17.8, 177.4))
    (found,) = hours(SCENARIO, PATROL, [TONGA], turn_round=3.0)
    assert far("OHA", TONGA) > 1000 > far("NAN", TONGA)
    assert found == pytest.approx(leg / 400 + 3.0 + far("NAN", TONGA) / 400, abs=0.1)


def test_without_an_airfield_that_its_partner_may_use_it_does_not_get_there() -> None:
    closed = replace(SCENARIO.bases["NAN"], open_to=frozenset({"FJI"}))
    scenario = replace(SCENARIO, bases={**SCENARIO.bases, "NAN": closed})
    assert hours(scenario, PATROL, [TONGA, CLOSE])[0] == math.inf
    assert hours(scenario, PATROL, [TONGA, CLOSE])[1] < math.inf


def test_it_does_not_stage_over_a_leg_that_is_longer_than_it_ferries() -> None:
    short = replace(SCENARIO.classes["MPA"], endurance=3.0)
    scenario = replace(SCENARIO, classes={**SCENARIO.classes, "MPA": short})
    assert hours(scenario, PATROL, [TONGA]) == [math.inf]


def test_it_stages_more_than_once_where_it_must() -> None:
    apia = Base(
        id="APW", name="Faleolo", country="WSM", serves=frozenset({Domain.AIR}),
        lat=-13.8, lon=-172.0, origin=ORIGIN,
    )  # fmt: skip
    hops = replace(SCENARIO.classes["MPA"], endurance=3.6, radius=100.0)
    scenario = replace(
        SCENARIO,
        bases={**SCENARIO.bases, "APW": apia},
        classes={**SCENARIO.classes, "MPA": hops},
    )
    cell = near(-13.8, -172.0)
    (found,) = hours(scenario, PATROL, [cell])
    legs = great_circle(-40.2, 175.4, -17.8, 177.4) + great_circle(-17.8, 177.4, -13.8, -172.0)
    lat, lon = cells.centres([cell])
    rest = float(great_circle(-13.8, -172.0, lat, lon)[0])
    assert found == pytest.approx((float(legs) + rest) / 400 + 2 * TURN_ROUND, rel=1e-5)


def test_an_aircraft_of_unknown_radius_goes_half_as_far_as_it_ferries() -> None:
    unknown = replace(SCENARIO.classes["MPA"], radius=None)
    closed = replace(SCENARIO.bases["NAN"], open_to=frozenset[str]())
    scenario = replace(
        SCENARIO,
        bases={**SCENARIO.bases, "NAN": closed},
        classes={**SCENARIO.classes, "MPA": unknown},
    )
    assert 1000 < far("OHA", TONGA) < 8 * 400 / 2
    assert hours(scenario, PATROL, [TONGA]) == [pytest.approx(far("OHA", TONGA) / 400, rel=1e-5)]


def test_a_ship_goes_at_cruise_and_no_further_than_its_range() -> None:
    found = hours(SCENARIO, SHIP, [TONGA, AFRICA])
    assert far("DEV", AFRICA) > 6000
    assert found == [pytest.approx(far("DEV", TONGA) / 15, rel=1e-5), math.inf]


def test_in_haste_a_ship_sprints_and_an_aircraft_does_not() -> None:
    way = Reach(Straight(), sprint=True).transit(SCENARIO, [CLOSE])
    assert way(SHIP)[0] == pytest.approx(far("DEV", CLOSE) / 21, rel=1e-5)
    assert way(PATROL)[0] == pytest.approx(far("OHA", CLOSE) / 400, rel=1e-5)


def test_without_a_known_sprint_it_cruises_in_haste() -> None:
    slow = replace(SCENARIO.classes["OPV"], sprint=None)
    scenario = replace(SCENARIO, classes={**SCENARIO.classes, "OPV": slow})
    way = Reach(Straight(), sprint=True).transit(scenario, [CLOSE])
    assert way(SHIP)[0] == pytest.approx(far("DEV", CLOSE) / 15, rel=1e-5)


def test_what_hangs_on_nothing_new_is_not_worked_out_again() -> None:
    straight = Straight()
    reach = Reach(straight)
    ready = replace(SCENARIO.classes["OPV"], crew=5)
    later = replace(SCENARIO, classes={**SCENARIO.classes, "OPV": ready})
    for scenario in (SCENARIO, later, SCENARIO):
        reach.transit(scenario, [TONGA])(SHIP)
        reach.transit(scenario, [CLOSE])(SHIP)
    assert straight.asked == [(-36.8, 174.8)]


def test_two_classes_at_one_airfield_are_each_as_fast_as_they_are() -> None:
    fast = replace(SCENARIO.classes["MPA"], id="JET", cruise=500.0)
    scenario = replace(SCENARIO, classes={**SCENARIO.classes, "JET": fast})
    way = Reach(Straight()).transit(scenario, [CLOSE])
    assert way(PATROL)[0] * 400 == pytest.approx(way(Post("NZL", "JET", "OHA"))[0] * 500, rel=1e-5)


def test_posts_beyond_the_limit_are_forgotten() -> None:
    straight = Straight()
    reach = Reach(straight, limit=1)
    way = reach.transit(SCENARIO, [CLOSE])
    first = way(PATROL).copy()
    for post in (SHIP, PATROL, SHIP):
        way(post)
    assert reach.dropped == 3
    assert len(straight.asked) == 2
    assert np.array_equal(way(PATROL), first)


SMALL_SEA = box(-42.0, 165.0, -30.0, -178.0)
NEAR = near(-35.0, -179.0)


def seaways(*lands: Land, store: Store | None = None, limit: int = 9) -> Seaways:
    return Seaways(sea_but_for(lands), box=SMALL_SEA, store=store, limit=limit)


def test_seaways_keep_what_was_searched_and_ask_their_store_first() -> None:
    store = Kept()
    first = seaways(store=store)
    found = first.distances(-36.8, 174.8)
    assert first.distances(-36.8, 174.8) is found
    assert (first.searched, len(store.files)) == (1, 1)
    row = cells.rows_of([NEAR])[0]
    assert found[row] == pytest.approx(far("DEV", NEAR), abs=17.1)
    assert found[cells.rows_of([AFRICA])[0]] == math.inf
    second = seaways(store=store)
    assert np.array_equal(second.distances(-36.8, 174.8), found)
    assert second.searched == 0


def test_another_sea_does_not_take_what_was_kept_for_the_first() -> None:
    store = Kept()
    seaways(store=store).distances(-36.8, 174.8)
    other = seaways((-40, 170, -37.5, 176), store=store)
    other.distances(-36.8, 174.8)
    assert (other.searched, len(store.files)) == (1, 2)


def test_what_the_store_gives_back_cut_short_is_searched_again() -> None:
    store = Kept()
    seaways(store=store).distances(-36.8, 174.8)
    store.files = {name: data[:-4] for name, data in store.files.items()}
    again = seaways(store=store)
    again.distances(-36.8, 174.8)
    assert again.searched == 1


def test_places_beyond_the_limit_are_forgotten() -> None:
    found = seaways(limit=1)
    for place in ((-36.8, 174.8), (-36.8, 174.8), (-35.0, 177.4), (-36.8, 174.8)):
        found.distances(*place)
    assert (found.searched, found.dropped) == (3, 2)
