from dataclasses import replace
from datetime import date

import pytest

from accord.posture.applied import Applied, ClauseRef, Demand, apply
from accord.posture.feasibility import Verdict, at_least, feasibility
from accord.posture.model import Season
from support.plans import a_plan, with_count, with_ops


def test_at_least_k_of_four_at_a_half_is_the_binomial() -> None:
    # Worked cases: four aircraft, each available half the time.
    chances = [0.5] * 4
    assert [at_least(k, chances) for k in (0, 1, 2, 3, 5)] == [1.0, 0.9375, 0.6875, 0.3125, 0.0]


def test_one_of_two_at_a_half_is_feasible_and_short_on_a_quarter_of_the_days() -> None:
    (found,) = feasibility(apply(a_plan(), [a_plan().commitments["C1"]]))
    assert (found.partner, found.platform, found.units) == ("NZL", "MPA", 2)
    assert (found.verdict, found.remedy, found.bites) == (Verdict.ENOUGH, None, None)
    assert found.enough == 0.75
    assert found.days == pytest.approx(365 / 2)  # half of the year is wanted
    assert found.days_short == pytest.approx(365 / 2 / 4)


def test_two_halves_of_the_year_are_both_wanted_on_a_quarter_of_its_days() -> None:
    (found,) = feasibility(asking(1, Season(share=0.5), Season(share=0.5)))
    assert found.days == pytest.approx(365 * 3 / 4)
    assert found.days_short == pytest.approx(365 / 4)


def test_more_than_are_usable_bites_on_its_first_day_and_says_what_would_do() -> None:
    (found,) = feasibility(apply(a_plan(), [a_plan().commitments["C2"]]))
    assert found.verdict is Verdict.SHORT
    assert found.bites == date(2026, 1, 2)
    assert found.usable == pytest.approx(0.8)
    remedy = found.remedy
    assert remedy is not None
    assert remedy.share_of_days == pytest.approx(0.8)
    assert remedy.given_up == pytest.approx(0.2)
    assert (remedy.count, remedy.availability, remedy.more_units) == (None, 0.5, 1)
    assert remedy.later is None


def test_more_than_there_are_is_impossible_and_told_first() -> None:
    many = with_count(with_ops("{op: add_deployment, partner: NZL, class: OPV, base: NAN}"), 3)
    found = feasibility(apply(a_plan(), [many, a_plan().commitments["C1"]]))
    assert [each.verdict for each in found] == [Verdict.IMPOSSIBLE, Verdict.ENOUGH]
    assert found[0].remedy is not None
    assert found[0].remedy.availability is None


def asking(scenario_units: int, *seasons: Season) -> Applied:
    """One MPA is wanted in each season; so many units are always usable."""
    units = list(a_plan().units.values())
    mpa = next(each for each in units if each.platform == "MPA")
    kept = {
        f"U{n}": replace(mpa, id=f"U{n}", availability=replace(mpa.availability, value=1.0))
        for n in range(scenario_units)
    }
    demands = tuple(
        Demand(
            clause=ClauseRef(commitment="C", number=n),
            partner="NZL",
            platform="MPA",
            wanted=1,
            found=1,
            season=season,
        )
        for n, season in enumerate(seasons, 1)
    )
    return Applied(scenario=replace(a_plan(), units=kept), demands=demands)


def test_two_that_overlap_could_be_kept_one_after_the_other() -> None:
    first = Season(first=date(2026, 2, 1), last=date(2026, 3, 31))
    second = Season(first=date(2026, 3, 1), last=date(2026, 4, 30))
    (found,) = feasibility(asking(1, first, second))
    assert found.verdict is Verdict.IMPOSSIBLE
    assert found.bites == date(2026, 3, 1)
    assert [str(each) for each in found.clauses] == ["C.1", "C.2"]
    assert found.remedy is not None
    assert found.remedy.later == date(2026, 4, 1)


def test_what_has_no_end_cannot_begin_later_instead() -> None:
    whole = Season()
    (found,) = feasibility(asking(1, whole, whole))
    assert found.remedy is not None
    assert found.remedy.later is None
    dated = Season(first=date(2026, 3, 1), last=date(2026, 4, 30))
    (full,) = feasibility(asking(1, whole, dated))
    assert full.remedy is not None
    assert full.remedy.later is None


def test_without_any_unit_more_of_none_helps() -> None:
    (found,) = feasibility(asking(0, Season()))
    assert found.verdict is Verdict.IMPOSSIBLE
    assert found.remedy is not None
    assert (found.remedy.more_units, found.remedy.availability) == (None, None)
