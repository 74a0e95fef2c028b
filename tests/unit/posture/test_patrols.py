from dataclasses import replace

import numpy as np
import pytest

from accord.posture.cells import size_km2
from accord.posture.model import Domain
from accord.posture.patrols import HOURS_A_DAY, surveillance
from accord.posture.stations import stations
from support.plans import Straight, a_plan, uniform

RING = tuple(sorted(a_plan().areas["RING"].cells))
SIZES = np.array([size_km2([each]) for each in RING])


def seen(scenario, days: int = 14):
    posts = stations(scenario, uniform(500), 500)
    return surveillance(scenario, posts, Straight().transit(scenario, RING), SIZES, days=days)


def at_nadi(scenario=None):
    scenario = scenario or a_plan()
    units = {
        name: replace(each, home="NAN") if each.platform == "MPA" else each
        for name, each in scenario.units.items()
    }
    return replace(scenario, units=units)


def test_out_of_every_radius_nothing_is_seen() -> None:
    # Ohakea is 1,340 nm from Nadi, and the radius is 1,000.
    found = seen(a_plan())
    assert found.best.mean == 0.0
    assert found.best.never == pytest.approx(1.0)


def test_patrol_hours_come_to_the_share_that_they_sweep() -> None:
    found = seen(at_nadi())
    # One aircraft usable on average, 28 h in 14 days, 250 kt and 120 nm across, by hand.
    swept = 28.0 * 250.0 * 120.0 * 1.852**2
    most = 1.0 - np.exp(-swept / SIZES.sum())
    assert HOURS_A_DAY[Domain.AIR] * 14 == 28.0
    assert 0.8 * most < found.best.mean <= most * 1.05
    assert found.even.mean <= found.best.mean
    assert seen(at_nadi(), days=28).best.mean > found.best.mean


def test_a_class_without_a_swath_or_the_role_patrols_nowhere() -> None:
    blind = {name: replace(each, swath=None) for name, each in a_plan().classes.items()}
    assert seen(replace(at_nadi(), classes=blind)).best.mean == 0.0


def test_without_an_endurance_range_over_cruise_will_do() -> None:
    mpa = replace(a_plan().classes["MPA"], endurance=None, search=None)
    found = seen(replace(at_nadi(), classes=a_plan().classes | {"MPA": mpa}))
    assert found.best.mean == pytest.approx(seen(at_nadi()).best.mean, rel=0.5)
    assert found.best.mean > 0.0
