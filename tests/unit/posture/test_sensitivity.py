from dataclasses import replace

import numpy as np
import pytest

from accord.posture.answer import Bar
from accord.posture.model import Capability, Scenario
from accord.posture.response import Transit
from accord.posture.sensitivity import bars, spread
from accord.posture.stations import Post
from support.plans import a_plan, always, with_units

SAR = Capability("sar")


def available(scenario: Scenario, _change: object) -> float:
    return sum(each.availability.value for each in scenario.units.values())


def test_availability_is_moved_a_fifth_each_way_and_stays_a_share() -> None:
    plan = with_units(a_plan(), always(a_plan().units["FJI-OPV-NAN-1"]))
    movers = frozenset({("NZL", "MPA"), ("FJI", "OPV")})
    found = {each.assumption: each for each in bars(plan, available, movers, SAR)}
    now = available(plan, None)
    ours = found["availability of NZL Patrol aircraft"]
    assert (ours.value, ours.low, ours.high) == (
        "0.5",
        pytest.approx(now - 0.4),
        pytest.approx(now + 0.4),
    )
    capped = found["availability of FJI Patrol ship"]
    assert (capped.low, capped.high) == (pytest.approx(now - 0.2), pytest.approx(now))
    others = found["availability of all other units"]
    assert others.value == "0.4"


def test_the_most_decisive_assumption_is_told_first() -> None:
    found = bars(a_plan(), available, frozenset({("NZL", "MPA")}), SAR)
    assert [spread(each) for each in found] == sorted(
        (spread(each) for each in found), reverse=True
    )
    assert found[0].assumption == "availability of all other units"
    assert found[0].value == "0.4 to 0.5"


def test_where_everybody_moves_there_are_no_others() -> None:
    every = frozenset((each.partner, each.platform) for each in a_plan().units.values())
    names = {each.assumption for each in bars(a_plan(), available, every, SAR)}
    assert "availability of all other units" not in names


def test_a_mover_without_units_has_no_availability() -> None:
    names = {
        each.assumption for each in bars(a_plan(), available, frozenset({("FJI", "MPA")}), SAR)
    }
    assert "availability of FJI Patrol aircraft" not in names


def test_notice_is_moved_to_its_least_and_its_most() -> None:
    def longest(scenario: Scenario, _change: object) -> float:
        return scenario.classes["MPA"].notice.value.mean

    found = {
        each.assumption: each for each in bars(a_plan(), longest, frozenset({("NZL", "MPA")}), SAR)
    }
    notice = found["notice of Patrol aircraft"]
    assert (notice.low_label, notice.low, notice.high_label, notice.high) == (
        "1 h",
        1.0,
        "6 h",
        6.0,
    )


def test_speed_is_moved_for_the_one_class_alone() -> None:
    def hours(post: Post):
        return np.array([9.0 if post.platform == "MPA" else 5.0], dtype=np.float32)

    def under_way(_scenario: Scenario, change) -> float:
        moved: Transit = change(hours)
        assert moved(Post("NZL", "OPV", "DEV"))[0] == 5.0
        return float(moved(Post("NZL", "MPA", "OHA"))[0])

    found = {
        each.assumption: each
        for each in bars(a_plan(), under_way, frozenset({("NZL", "MPA")}), SAR)
    }
    speed = found["speed of Patrol aircraft"]
    assert (speed.low, speed.high) == (pytest.approx(10.0), pytest.approx(9.0 / 1.1, rel=1e-6))


def test_an_end_without_a_figure_has_no_spread() -> None:
    bar = bars(a_plan(), available, frozenset({("NZL", "MPA")}), SAR)[0]
    assert isinstance(bar, Bar)
    assert spread(replace(bar, low=None)) == 0.0
