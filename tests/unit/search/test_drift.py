from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from accord.core.geometry import Point
from accord.search.cloud import Drift
from accord.search.drift import MAX_COUNT, MAX_DAYS, STEP, Scenario, drift
from accord.search.fault import SearchError
from accord.search.flow import Kind, steady
from accord.search.leeway import Component, ObjectClass
from accord.search.sphere import apart, offsets
from accord.storage import charts

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLACE = Point(lat=-20.0, lon=175.0)
NOTHING = Component(slope=0.0, offset=0.0, spread=0.0)
BUOY = charts.leeway()["SLDMB"]
RAFT = charts.leeway()["LIFE-RAFT-NB-1"]
STILL = steady(Kind.CURRENT, 0.0, 0.0)
SOUTHERLY = steady(Kind.WIND, 180.0, 20.0)


def scenario(name: str = "a", thing: ObjectClass = BUOY, **changes: object) -> Scenario:
    plain = Scenario(name=name, object=thing, point=PLACE, earliest=NOON, latest=NOON)
    return replace(plain, **changes)  # pyright: ignore[reportArgumentType]


def run(*scenarios: Scenario, hours: float = 6.0, count: int = 400, **options: object) -> Drift:
    given = {"wind": STILL, "current": STILL, "seed": "s", **options}
    wind, current = given.pop("wind"), given.pop("current")
    until = NOON + timedelta(hours=hours)
    return drift(scenarios, wind, current, until=until, count=count, **given)  # pyright: ignore


def ends(found: Drift, point: Point = PLACE) -> np.ndarray:
    cloud = found.at(found.end)
    return np.array(offsets(point.lat, point.lon, cloud.lats, cloud.lons))


def test_a_buoy_goes_where_the_current_goes() -> None:
    east, north = ends(run(scenario(), current=steady(Kind.CURRENT, 90.0, 2.0)))
    assert east == pytest.approx(np.full(400, 12.0), rel=1e-3)
    assert north == pytest.approx(np.zeros(400), abs=0.02)


def test_what_has_leeway_goes_downwind_and_to_both_sides_of_it() -> None:
    sure = replace(
        RAFT,
        downwind=replace(RAFT.downwind, spread=0.0),
        right=replace(RAFT.right, spread=0.0),
        left=replace(RAFT.left, spread=0.0),
    )
    east, north = ends(run(scenario(thing=sure), wind=SOUTHERLY, jibing=0.0))
    # 3.7 % and 1.98 % of 20 kt for 6 h
    assert north == pytest.approx(np.full(400, 4.44), rel=1e-3)
    assert np.abs(east) == pytest.approx(np.full(400, 2.376), rel=1e-3)
    assert 150 < (east > 0).sum() < 250


def test_right_and_left_coefficients_are_those_of_right_and_left_of_downwind() -> None:
    suit = charts.leeway()["PIW-4"]
    east, _ = ends(run(scenario(thing=suit), wind=SOUTHERLY, count=4000, jibing=0.0))
    cms = 20.0 * 0.514444
    right = (1.36 * cms - 3.3) / 51.4444 * 6.0
    left = (-0.13 * cms - 2.65) / 51.4444 * 6.0
    split = (right + left) / 2.0
    assert east[east > split].mean() == pytest.approx(right, abs=0.03)
    assert east[east < split].mean() == pytest.approx(left, abs=0.03)


@pytest.mark.parametrize("came", [0.0, 90.0, 225.0, 310.0])
def test_another_wind_turns_the_whole_drift(came: float) -> None:
    suit = scenario(thing=charts.leeway()["PIW-4"])
    east, north = ends(run(suit, wind=SOUTHERLY, jibing=0.0))
    turned = ends(run(suit, wind=steady(Kind.WIND, came, 20.0), jibing=0.0))
    turn = np.radians(came - 180.0)
    assert turned[0] == pytest.approx(east * np.cos(turn) + north * np.sin(turn), abs=0.02)
    assert turned[1] == pytest.approx(north * np.cos(turn) - east * np.sin(turn), abs=0.02)


def test_jibing_brings_the_two_sides_together() -> None:
    sides = [np.abs(ends(run(scenario(thing=RAFT), wind=SOUTHERLY, hours=24.0, jibing=each))[0])
             for each in (0.0, 0.04, 1.0)]  # fmt: skip
    assert sides[0].mean() > sides[1].mean() > sides[2].mean()


def test_nothing_that_the_tables_send_downwind_drifts_to_windward_in_the_mean_slope() -> None:
    person = replace(charts.leeway()["PIW-1"], right=NOTHING, left=NOTHING)
    strong = steady(Kind.WIND, 180.0, 60.0)
    _, north = ends(run(scenario(thing=person), wind=strong, count=4000))
    # A deviation that only just stops the slope still has half of itself in the offset.
    least = -20.0 * 0.96 / 2.0 / 51.4444 * 6.0
    assert north.min() > least * 1.01


def test_the_same_question_has_the_same_answer_to_the_last_bit() -> None:
    one, other = (
        run(scenario(thing=RAFT, error=5.0), wind=SOUTHERLY, seed=seed) for seed in ("x", "x")
    )
    assert np.array_equal(one.lats, other.lats)
    assert np.array_equal(one.lons, other.lons)
    assert not np.array_equal(one.lats, run(scenario(thing=RAFT), wind=SOUTHERLY, seed="y").lats)


def test_another_scenario_beside_it_shifts_no_particle_of_the_first() -> None:
    first, other = scenario("a", RAFT, error=5.0), scenario("b", BUOY)
    alone = run(first, wind=SOUTHERLY, count=200)
    both = run(other, first, wind=SOUTHERLY, count=400)
    assert np.array_equal(alone.lats, both.lats[:, :200])


def test_scenarios_weigh_what_they_are_given_and_have_a_particle_at_least() -> None:
    found = run(scenario("a", weight=999.0), scenario("b", weight=1.0), count=10)
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.weights[-1] == pytest.approx(0.001)


def test_the_error_of_a_position_holds_half_of_the_particles() -> None:
    found = run(scenario(error=10.0), count=4000)
    miles = apart(PLACE.lat, PLACE.lon, found.lats[0], found.lons[0])
    assert (miles < 10.0).mean() == pytest.approx(0.5, abs=0.04)


def test_what_was_under_way_became_adrift_where_it_was_at_that_time() -> None:
    there = Point(lat=-20.0, lon=177.0)
    found = run(
        scenario(track_end=there, latest=NOON + timedelta(hours=10)),
        hours=10.0,
        current=steady(Kind.CURRENT, 0.0, 1.0),
    )
    east, north = ends(found)
    share = east / float(apart(-20.0, 175.0, -20.0, 177.0))
    assert 0.0 < share.min() < 0.05
    assert 0.95 < share.max() < 1.0
    # the great circle dips south of the parallel by less than a mile
    assert north == pytest.approx(10.0 * (1.0 - share), abs=0.8)


def test_what_is_not_adrift_yet_does_not_move() -> None:
    late = scenario("late", earliest=NOON + timedelta(hours=3), latest=NOON + timedelta(hours=3))
    found = run(scenario("now"), late, current=steady(Kind.CURRENT, 90.0, 2.0), count=2)
    east, _ = ends(found)
    assert east.tolist() == pytest.approx([6.0, 12.0], rel=1e-3)


def test_what_is_not_known_of_wind_and_current_spreads_the_particles() -> None:
    east, north = ends(run(scenario(), current=steady(Kind.CURRENT, 90.0, 1.0, spread=0.5),
                           count=4000))  # fmt: skip
    assert east.std() == pytest.approx(3.0, rel=0.05)
    assert north.std() == pytest.approx(3.0, rel=0.05)
    wind = steady(Kind.WIND, 180.0, 20.0, spread=5.0)
    sure = replace(RAFT, downwind=replace(RAFT.downwind, spread=0.0), right=NOTHING, left=NOTHING)
    _, north = ends(run(scenario(thing=sure), wind=wind, count=4000))
    # 3.7 % of 5 kt for 6 h
    assert north.std() == pytest.approx(1.11, rel=0.05)


def test_nothing_moves_onto_land_and_what_is_there_may_leave() -> None:
    wet = np.full((1800, 3600), 144, dtype=np.uint8)
    wet[:, 3552:] = 0  # all that lies east of 175.2
    found = run(scenario(), current=steady(Kind.CURRENT, 90.0, 4.0), sea=wet)
    assert found.lons[-1].max() < 175.2
    assert found.lons[-1].min() > 175.1
    ashore = replace(scenario(), point=Point(lat=-20.0, lon=175.3))
    found = run(ashore, current=steady(Kind.CURRENT, 270.0, 4.0), sea=wet)
    assert found.lons[-1].max() < 175.0


def test_a_long_drift_takes_longer_steps() -> None:
    assert np.diff(run(scenario(), count=1).times).tolist() == pytest.approx([STEP] * 36)
    assert np.diff(run(scenario(), hours=72.0, count=1).times) == pytest.approx(3 * STEP)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weight": 0.0}, "more than 0"),
        ({"weight": float("nan")}, "more than 0"),
        ({"error": -1.0}, "error of position"),
        ({"error": float("nan")}, "error of position"),
        ({"latest": NOON - timedelta(hours=1)}, "ends before it begins"),
        ({"point": Point(lat=-86.0, lon=0.0)}, "85 degrees"),
        ({"track_end": Point(lat=86.0, lon=0.0)}, "85 degrees"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        scenario(**changes)  # pyright: ignore


@pytest.mark.parametrize(
    ("scenarios", "hours", "count", "sentence"),
    [
        ([], 6.0, 10, "needs a scenario"),
        ([scenario(), scenario()], 6.0, 10, "one name"),
        ([scenario()], 6.0, 0, "0 particles"),
        ([scenario()], 6.0, MAX_COUNT + 1, "particles"),
        ([scenario()], 0.0, 10, "nothing is adrift before"),
        ([scenario()], MAX_DAYS * 24.0 + 1.0, 10, "14 days"),
    ],
)
def test_a_drift_that_cannot_be_is_refused(
    scenarios: list[Scenario], hours: float, count: int, sentence: str
) -> None:
    with pytest.raises(SearchError, match=sentence):
        run(*scenarios, hours=hours, count=count)
