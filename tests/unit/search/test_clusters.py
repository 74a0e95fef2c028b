import math
from datetime import UTC, datetime

import numpy as np
import pytest

from accord.search.cloud import Cloud
from accord.search.clusters import MOST, parted
from accord.search.sphere import from_offsets

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(*middles: tuple[float, float], count: int = 2_000) -> Cloud:
    """Clouds of a spread of two miles about these places, in miles east and north."""
    numbers = np.random.default_rng(7)
    east = np.concatenate([x + numbers.normal(0.0, 2.0, count) for x, _ in middles])
    north = np.concatenate([y + numbers.normal(0.0, 2.0, count) for _, y in middles])
    lats, lons = from_offsets(-20.0, 179.99, east, north)
    return Cloud(when=NOON, lats=lats, lons=lons, weights=np.full(len(lats), 1 / len(lats)))


def test_one_cloud_is_one_part_with_every_particle() -> None:
    (rows,) = parted(at((0.0, 0.0)))
    assert rows.tolist() == list(range(2_000))


@pytest.mark.parametrize("far", [25.0, 1_000.0])
def test_two_clouds_are_told_apart_and_no_particle_is_lost_or_twice(far: float) -> None:
    parts = parted(at((0.0, 0.0), (far, 0.0)))
    assert sorted(each.tolist() for each in parts) == [
        list(range(2_000)), list(range(2_000, 4_000)),
    ]  # fmt: skip


def test_two_near_each_other_are_told_apart_beside_a_third_that_is_far() -> None:
    parts = parted(at((0.0, 0.0), (30.0, 0.0), (900.0, 100.0)))
    assert sorted(len(each) for each in parts) == [2_000] * 3


def test_the_likeliest_comes_first() -> None:
    cloud = at((0.0, 0.0), (500.0, 0.0))
    weights = np.concatenate([np.full(2_000, 0.2), np.full(2_000, 0.8)]) / 2_000
    first, second = parted(Cloud(when=NOON, lats=cloud.lats, lons=cloud.lons, weights=weights))
    assert (first[0], second[0]) == (2_000, 0)


def test_no_more_are_told_apart_than_can_be_planned_for() -> None:
    ring = [(math.cos(n) * 400.0, math.sin(n) * 400.0) for n in range(12)]
    assert len(parted(at(*ring, count=300))) <= MOST
    line = [(100.0 * 3.0**n, 0.0) for n in range(8)]
    assert len(parted(at(*line, count=300))) <= MOST


def test_few_particles_a_point_and_nothing_left_are_one_part() -> None:
    assert len(parted(at((0.0, 0.0), (90.0, 0.0), count=10))) == 1
    lats = np.full(50, -20.0)
    point = Cloud(when=NOON, lats=lats, lons=lats, weights=np.full(50, 0.02))
    assert len(parted(point)) == 1
    none = Cloud(when=NOON, lats=lats, lons=lats, weights=np.zeros(50))
    assert len(parted(none)) == 1
