from dataclasses import replace
from datetime import date

import pytest

from accord.posture.applied import apply, overlap
from accord.posture.model import Season
from support.plans import a_plan, with_count, with_ops


def test_a_deployment_takes_a_unit_from_home_and_says_by_which_clause() -> None:
    applied = apply(a_plan(), [a_plan().commitments["C1"]])
    (move,) = applied.moves
    assert (str(move.clause), move.unit, move.source, move.base) == (
        "C1.1", "NZL-MPA-OHA-2", "OHA", "NAN",
    )  # fmt: skip
    (deployment,) = applied.scenario.deployments
    assert (deployment.unit, deployment.base, deployment.because) == (
        "NZL-MPA-OHA-2",
        "NAN",
        "C1.1",
    )
    assert applied.scenario.units == a_plan().units


def test_the_order_of_commitments_does_not_matter() -> None:
    c1, c2, c3 = (a_plan().commitments[each] for each in ("C1", "C2", "C3"))
    assert apply(a_plan(), [c1, c2, c3]) == apply(a_plan(), [c3, c1, c2])


def test_one_unit_is_not_taken_twice() -> None:
    c1, c3 = a_plan().commitments["C1"], a_plan().commitments["C3"]
    applied = apply(a_plan(), [c1, c3])
    assert [each.unit for each in applied.moves] == ["NZL-MPA-OHA-2", "NZL-MPA-OHA-1"]


def test_more_than_there_are_takes_what_there_is_and_keeps_the_demand() -> None:
    many = with_count(with_ops("{op: add_deployment, partner: NZL, class: MPA, base: NAN}"), 5)
    applied = apply(a_plan(), [many])
    assert len(applied.moves) == 2
    (demand,) = applied.demands
    assert (demand.wanted, demand.found) == (5, 2)


def test_what_is_laid_up_goes_nowhere_and_need_not_be_usable() -> None:
    applied = apply(a_plan(), [a_plan().commitments["C3"]])
    (move,) = applied.moves
    assert (move.source, move.base) == ("OHA", None)
    assert applied.demands == ()


def test_a_shift_takes_only_from_the_base_that_it_names() -> None:
    shift = with_ops("{op: shift, partner: NZL, class: OPV, base: DEV, to_base: NAN}")
    (move,) = apply(a_plan(), [shift]).moves
    assert move.source == "DEV"


def test_a_closed_base_refuses_who_would_go_there_with_a_reason() -> None:
    closed = replace(a_plan().bases["NAN"], open_to=frozenset({"FJI"}))
    scenario = replace(a_plan(), bases=a_plan().bases | {"NAN": closed})
    applied = apply(scenario, [a_plan().commitments["C1"]])
    assert applied.moves == ()
    ((clause, why),) = applied.refused
    assert (str(clause), why) == ("C1.1", "Nadi is not open to NZL")


def test_what_the_scenario_does_not_have_is_said_and_not_done() -> None:
    plan = a_plan()
    without = replace(plan, bases={n: b for n, b in plan.bases.items() if n != "NAN"})
    ((clause, why),) = apply(without, [plan.commitments["C1"]]).refused
    assert (str(clause), why) == ("C1.1", f"there is no base NAN in {plan.name}")
    (move,) = apply(plan, [plan.commitments["C1"]]).moves
    used = plan.units[move.unit].platform
    fewer = replace(plan, classes={n: c for n, c in plan.classes.items() if n != used})
    ((_, why),) = apply(fewer, [plan.commitments["C1"]]).refused
    assert why == f"there is no class {used} in {plan.name}"


def test_units_that_are_added_are_new_ones_at_their_base() -> None:
    more = with_ops(
        "{op: add_units, partner: FJI, class: OPV, base: NAN, count: 2, availability: 0.7}"
    )
    units = apply(a_plan(), [more]).scenario.units
    new = sorted(units.keys() - a_plan().units.keys())
    assert new == ["FJI-OPV-NAN-CX.1-1", "FJI-OPV-NAN-CX.1-2"]
    assert units[new[0]].availability.value == 0.7


def test_availability_and_notice_change_for_the_units_that_are_named() -> None:
    better = with_ops("{op: availability, partner: NZL, class: OPV, availability: 0.9}")
    units = apply(a_plan(), [better]).scenario.units
    assert {each.availability.value for each in units.values() if each.platform == "OPV"} == {
        0.5, 0.9,
    }  # fmt: skip
    faster = with_ops("{op: notice, partner: NZL, class: MPA, base: OHA, notice_h: [1, 1, 2]}")
    changed = apply(a_plan(), [faster]).scenario
    assert changed.notice_of(changed.units["NZL-MPA-OHA-1"]).value.most == 2


def test_closing_a_base_sends_guests_home_and_opening_it_lets_them_in() -> None:
    forward = a_plan().commitments["C1"]
    closing = replace(with_ops("{op: close_base, partner: NZL, base: NAN}"), id="C9")
    applied = apply(a_plan(), [forward, closing])
    assert applied.moves == ()
    assert applied.scenario.deployments == ()
    assert not applied.scenario.bases["NAN"].is_open_to("NZL")
    assert applied.scenario.bases["NAN"].is_open_to("FJI")
    opening = replace(with_ops("{op: open_base, partner: NZL, base: NAN}"), id="C99")
    again = apply(applied.scenario, [opening]).scenario
    assert again.bases["NAN"].is_open_to("NZL")
    assert apply(a_plan(), [opening]).scenario.bases == a_plan().bases


def test_closing_a_base_leaves_those_of_others_where_they_are() -> None:
    forward = a_plan().commitments["C1"]
    closing = replace(with_ops("{op: close_base, partner: FJI, base: OHA}"), id="C9")
    applied = apply(a_plan(), [forward, closing])
    assert len(applied.moves) == 1
    assert len(applied.scenario.deployments) == 1


def test_a_promise_changes_nothing_and_is_kept_with_its_clause() -> None:
    warm = with_ops("{op: nothing_measurable, text: warm words}")
    applied = apply(a_plan(), [warm])
    assert applied.scenario == a_plan()
    ((clause, promise),) = applied.promises
    assert (str(clause), promise.text) == ("CX.1", "warm words")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Season(), Season(), True),
        (Season(months=frozenset({1})), Season(months=frozenset({2})), False),
        (Season(months=frozenset({1, 2})), Season(months=frozenset({2})), True),
        (Season(last=date(2026, 1, 31)), Season(first=date(2026, 2, 1)), False),
        (Season(last=date(2026, 2, 1)), Season(first=date(2026, 2, 1)), True),
        (Season(first=date(2026, 2, 1)), Season(months=frozenset({2})), True),
    ],
)
def test_seasons_overlap_where_a_day_can_be_in_both(one: Season, other: Season, both: bool) -> None:
    assert overlap(one, other) is both
    assert overlap(other, one) is both
