from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from accord.posture.applied import apply
from accord.posture.model import Capability, Deployment, Notice, Season
from accord.posture.stations import Post, stations, triangular, while_moved
from support.plans import a_plan, always, uniform, with_ops, with_units

DRAWS = 4000


def posts(scenario, can: Capability | None = None):
    return {each.post: each for each in stations(scenario, uniform(DRAWS), DRAWS, can=can)}


def test_a_unit_can_go_in_the_share_of_draws_that_it_is_available() -> None:
    station = posts(a_plan())[Post("FJI", "OPV", "NAN")]
    usable = np.isfinite(station.notice).mean()
    assert usable == pytest.approx(0.5, abs=4 * 0.5 / DRAWS**0.5)  # four standard errors


def test_the_first_of_two_is_ready_as_the_closed_form_has_it() -> None:
    # Two, each usable half the time: one at least in 3 of 4 draws.
    station = posts(a_plan())[Post("NZL", "MPA", "OHA")]
    assert np.isfinite(station.notice).mean() == pytest.approx(0.75, abs=4 * 0.44 / DRAWS**0.5)


def test_notice_has_the_mean_and_the_ends_of_the_triangular_law() -> None:
    hours = triangular(Notice(1.0, 2.0, 6.0), (np.arange(100_000) + 0.5) / 100_000)
    assert hours.mean() == pytest.approx((1.0 + 2.0 + 6.0) / 3, abs=1e-4)
    assert hours.var() == pytest.approx((1 + 4 + 36 - 2 - 6 - 12) / 18, abs=1e-3)
    assert hours.min() >= 1.0
    assert hours.max() <= 6.0
    assert (triangular(Notice(3.0, 3.0, 3.0), np.array([0.1, 0.9])) == 3.0).all()


def test_who_is_forward_is_not_at_home_in_the_same_draw() -> None:
    one, other = (a_plan().units[f"NZL-MPA-OHA-{n}"] for n in (1, 2))
    scenario = with_units(a_plan(), always(one, 0.0), always(other))
    found = posts(apply(scenario, [a_plan().commitments["C1"]]).scenario)
    home = np.isfinite(found[Post("NZL", "MPA", "OHA")].notice)
    forward = np.isfinite(found[Post("NZL", "MPA", "NAN")].notice)
    assert (home ^ forward).all()
    assert forward.mean() == pytest.approx(0.5, abs=4 * 0.5 / DRAWS**0.5)


def test_what_one_unit_does_hangs_on_no_other() -> None:
    before = posts(a_plan())
    more = with_ops(
        "{op: add_units, partner: FJI, class: OPV, base: NAN, count: 1, availability: 1}"
    )
    after = posts(apply(a_plan(), [more]).scenario)
    for post in before.keys() - {Post("FJI", "OPV", "NAN")}:
        assert np.array_equal(before[post].notice, after[post].notice)


def test_a_season_holds_in_the_draws_of_its_days() -> None:
    unit = always(a_plan().units["NZL-OPV-DEV-1"])
    origin = unit.origin
    january = Season(first=date(2026, 1, 1), last=date(2026, 1, 31))
    out = Deployment(unit=unit.id, base=None, season=january, origin=origin)
    back = Deployment(unit=unit.id, base="NAN", season=january, origin=origin)
    scenario = replace(with_units(a_plan(), unit), deployments=(out, back))
    found = posts(scenario)
    # The first that holds a unit keeps it: nothing is at two places in one draw.
    assert not np.isfinite(found[Post("NZL", "OPV", "NAN")].notice).any()
    home = found[Post("NZL", "OPV", "DEV")].notices[unit.id]
    assert np.isinf(home).mean() == pytest.approx(30 / 365, abs=1.0 / 365)


def test_a_unit_that_comes_back_to_its_own_base_is_one_unit() -> None:
    unit = always(a_plan().units["NZL-OPV-DEV-1"])
    here = Deployment(unit=unit.id, base="DEV", season=Season(share=0.5), origin=unit.origin)
    scenario = replace(with_units(a_plan(), unit), deployments=(here,))
    assert np.isfinite(posts(scenario)[Post("NZL", "OPV", "DEV")].notices[unit.id]).all()


def test_only_those_who_can_are_asked_for_a_capability() -> None:
    assert {each.platform for each in posts(a_plan(), Capability.parse("surveillance"))} == {"MPA"}


def test_a_station_without_a_unit_is_that_of_the_others() -> None:
    station = posts(a_plan())[Post("NZL", "MPA", "OHA")]
    left = station.without(["NZL-MPA-OHA-1"])
    assert list(left.notices) == ["NZL-MPA-OHA-2"]
    assert (left.notice >= station.notice).all()


def test_draws_in_which_a_clause_moves_a_unit_are_those_of_its_season_and_share() -> None:
    applied = apply(a_plan(), [a_plan().commitments["C1"], a_plan().commitments["C2"]])
    moved = while_moved(applied.scenario, {"C1.1"}, uniform(DRAWS), DRAWS)
    assert moved.mean() == pytest.approx(0.5, abs=4 * 0.5 / DRAWS**0.5)
    assert while_moved(applied.scenario, {"C2.1"}, uniform(DRAWS), DRAWS).all()
    assert not while_moved(applied.scenario, {"C3.1"}, uniform(DRAWS), DRAWS).any()
