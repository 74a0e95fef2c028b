import math
from datetime import UTC, datetime

import numpy as np
import pytest

from accord.search.allocate import Searcher, best_effort, plan_areas
from accord.search.area import best_square
from accord.search.cloud import Cloud
from accord.search.detection import Conditions
from accord.search.drift import WITHIN_HALF
from accord.search.fault import SearchError
from accord.search.patterns import parallel
from accord.search.sphere import from_offsets

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def cloud(long: float, wide: float, axis: float = 0.0, count: int = 20_000) -> Cloud:
    numbers = np.random.default_rng(5)
    along, aside = numbers.normal(0.0, long, count), numbers.normal(0.0, wide, count)
    sine, cosine = math.sin(math.radians(axis)), math.cos(math.radians(axis))
    east, north = aside * cosine + along * sine, along * cosine - aside * sine
    lats, lons = from_offsets(-20.0, 179.95, east, north)
    return Cloud(when=NOON, lats=lats, lons=lons, weights=np.full(count, 1 / count))


def unit(name: str, effort: float) -> Searcher:
    return Searcher(name=name, width=1.0, speed=effort / 10.0, hours=10.0)


@pytest.mark.parametrize("conditions", list(Conditions))
@pytest.mark.parametrize("effort", [1.0, 5.0, 20.0])
def test_about_a_point_the_plan_succeeds_as_the_best_square_does(
    effort: float, conditions: Conditions
) -> None:
    error = 10.0
    found = plan_areas(
        cloud(error / WITHIN_HALF, error / WITHIN_HALF), [unit("a", effort * error**2)], conditions
    )
    assert found.pos == pytest.approx(best_square(effort, conditions).pos, abs=0.02)


def test_no_plan_beats_the_bound() -> None:
    for effort in (100.0, 1000.0):
        found = plan_areas(cloud(20.0, 10.0), [unit("a", effort / 2), unit("b", effort / 2)])
        assert 0.0 < found.pos <= found.bound <= 1.0
        assert found.pos <= found.poc


def test_units_search_side_by_side_by_what_they_can_sweep() -> None:
    found = plan_areas(cloud(20.0, 5.0, axis=60.0), [unit("b", 300.0), unit("a", 100.0)])
    small, large = found.areas
    assert (small.unit, large.unit) == ("a", "b")
    sizes = [each.area.length * each.area.width for each in found.areas]
    assert sizes[1] == pytest.approx(3.0 * sizes[0])
    # both have the whole width of the cloud; the larger one's legs lie along the cloud
    assert large.area.axis == pytest.approx(60.0, abs=3.0)
    assert found.poc == pytest.approx(sum(each.poc for each in found.areas))


def test_every_unit_can_lay_its_legs_in_the_time_that_it_has() -> None:
    given = [
        Searcher(name="aircraft", width=2.0, speed=150.0, hours=3.0),
        Searcher(name="boat", width=0.5, speed=12.0, hours=6.0),
    ]
    for each, searcher in zip(plan_areas(cloud(20.0, 8.0), given).areas, given, strict=True):
        assert parallel(each.area, each.spacing).length <= searcher.speed * searcher.hours
        assert each.coverage <= searcher.effort / (each.area.length * each.area.width) + 1e-9


def test_a_unit_that_has_no_time_for_one_leg_covers_no_more_than_it_can() -> None:
    slow = Searcher(name="slow", width=1.0, speed=1.0, hours=1.0)
    fast = Searcher(name="fast", width=0.001, speed=500.0, hours=48.0)
    plan = plan_areas(cloud(20.0, 20.0), [slow, fast])
    (mine,) = [each for each in plan.areas if each.unit == "slow"]
    assert mine.coverage == pytest.approx(
        min(1.0 / mine.spacing, 1.0 / (mine.area.length * mine.area.width))
    )


def both(apart: float, share: float = 0.5) -> Cloud:
    """Two clouds of 10 by 4 miles, so far from each other, the first with a share of all."""
    one = cloud(10.0, 4.0, count=5_000)
    _, aside = one.lats, one.lons + apart / 60.0 / math.cos(math.radians(20.0))
    weights = np.full(5_000, 1.0 / 5_000)
    return Cloud(
        when=NOON, lats=np.concatenate([one.lats, one.lats]),
        lons=np.concatenate([one.lons, (aside + 180.0) % 360.0 - 180.0]),
        weights=np.concatenate([weights * share, weights * (1.0 - share)]),
    )  # fmt: skip


def test_clouds_that_lie_apart_have_areas_of_their_own_across_the_date_line() -> None:
    given = [unit("a", 200.0), unit("b", 200.0)]
    plan = plan_areas(both(300.0), given)
    assert [each.chance for each in plan.parts] == pytest.approx([0.5, 0.5])
    assert sorted(each.units for each in plan.parts) == [("a",), ("b",)]
    # Each half is searched as well as one cloud alone is by one unit.
    alone = plan_areas(cloud(10.0, 4.0, count=5_000), [unit("a", 200.0)])
    assert plan.pos == pytest.approx(alone.pos, abs=0.02)
    assert plan.pos <= plan.bound == pytest.approx(alone.bound, abs=0.02)


def test_a_lone_unit_goes_where_it_is_likelier_and_all_go_where_it_nearly_surely_is() -> None:
    likely, other = plan_areas(both(300.0, 0.7), [unit("a", 200.0)]).parts
    assert (likely.units, other.units) == (("a",), ())
    assert likely.chance == pytest.approx(0.7)
    sure = plan_areas(both(300.0, 0.97), [unit("a", 200.0), unit("b", 200.0)])
    assert sure.parts[0].units == ("a", "b")


def test_one_unit_that_has_time_for_both_clouds_has_one_area_about_them() -> None:
    strong = Searcher(name="a", width=100.0, speed=600.0, hours=48.0)
    plan = plan_areas(both(90.0), [strong])
    assert [each.units for each in plan.parts] == [("a",)]
    assert plan.poc > 0.99


def test_clouds_that_touch_have_one_area() -> None:
    plan = plan_areas(both(12.0), [unit("a", 200.0), unit("b", 200.0)])
    assert len(plan.parts) == 1


def test_a_cloud_that_is_a_point_has_an_area_all_the_same() -> None:
    lats = np.full(10, -20.0)
    point = Cloud(when=NOON, lats=lats, lons=lats + 200.0 - 360.0, weights=np.full(10, 0.1))
    found = plan_areas(point, [unit("a", 10.0)])
    assert found.poc == pytest.approx(1.0)
    assert found.areas[0].area.width > 0.0


def test_the_best_effort_leaves_one_density_where_it_searched_and_less_elsewhere() -> None:
    chances, sizes = np.array([0.5, 0.3, 0.15, 0.05]), np.array([1.0, 1.0, 1.0, 10.0])
    efforts = best_effort(chances, sizes, 1.0)
    assert efforts.sum() == pytest.approx(1.0)
    left = chances / sizes * np.exp(-efforts / sizes)
    searched = efforts > 0
    assert searched.tolist() == [True, True, False, False]
    assert left[searched] == pytest.approx(np.full(2, left[0]))
    assert (left[~searched] <= left[0]).all()


def test_the_best_effort_is_better_than_an_even_one() -> None:
    chances, sizes = np.array([0.7, 0.2, 0.1, 0.0]), np.ones(4)
    best = best_effort(chances, sizes, 2.0)
    assert chances @ -np.expm1(-best) > chances @ -np.expm1(-np.full(4, 0.5))
    assert best[3] == 0.0


@pytest.mark.parametrize(
    "changes",
    [{"width": 0.0}, {"width": 101.0}, {"speed": 0.0}, {"speed": 601.0}, {"hours": 0.0},
     {"hours": 49.0}],
)  # fmt: skip
def test_a_searcher_that_cannot_be_is_refused(changes: dict[str, float]) -> None:
    given = {"width": 1.0, "speed": 10.0, "hours": 1.0, **changes}
    with pytest.raises(SearchError, match="x "):
        Searcher(name="x", **given)


@pytest.mark.parametrize("count", [0, 51])
def test_no_units_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(SearchError, match=f"{count} units"):
        plan_areas(cloud(1.0, 1.0, count=10), [unit(str(n), 1.0) for n in range(count)])
