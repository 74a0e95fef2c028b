from dataclasses import replace

import numpy as np
import pytest

from accord.core.context import ContextKind
from accord.posture.answer import Answer, Case
from accord.posture.applied import apply
from accord.posture.impact import Impact, NothingToAnswer, main_area
from accord.posture.model import AreaKind, Capability, Scenario
from accord.posture.response import compare, measure
from accord.posture.view import Asked, View
from support.plans import Straight, a_plan, always, uniform, with_ops

DRAWS = 120


def an_impact(scenario: Scenario | None = None, *, limit: int = 64) -> Impact:
    chances = uniform(DRAWS)
    return Impact(scenario or a_plan(), Straight(), chances, draws=DRAWS, days=14, limit=limit)


def answered(*names: str) -> Answer:
    return an_impact().answer([a_plan().commitments[each] for each in names])


def case(*names: str) -> Case:
    return answered(*names).cases[-1]


def test_each_commitment_is_answered_alone_and_then_all_together() -> None:
    answer = answered("C2", "C1")
    assert [each.commitments for each in answer.cases] == [("C1",), ("C2",), ("C1", "C2")]
    assert [each.commitments for each in answered("C1").cases] == [("C1",)]


def test_an_answer_belongs_to_a_plan_and_never_to_what_is_live() -> None:
    answer = answered("C1")
    assert answer.context.kind is ContextKind.PLAN
    assert answer.context.name == "plan"


def test_the_same_question_has_the_same_answer() -> None:
    one, other = answered("C1", "C2"), answered("C2", "C1")
    assert repr(one) == repr(other)


def test_a_ship_forward_is_sooner_there_and_later_at_home() -> None:
    ship = case("C2")
    assert ship.headline is not None
    assert (ship.headline.area, str(ship.headline.capability)) == ("RING", "sar-sea")
    assert ship.headline.change.difference is not None
    assert ship.headline.change.difference.high < 0
    assert ship.cost is not None
    assert ship.cost.area == "HOME"
    assert ship.cost.change.difference is not None
    assert ship.cost.change.difference.low > 0


def test_what_only_some_draws_lose_is_a_cost_too() -> None:
    sold = case("C3")
    assert sold.cost is not None
    assert sold.cost.change.after.served < sold.cost.change.before.served


def test_an_aircraft_out_of_reach_of_the_area_serves_it_when_it_is_forward() -> None:
    forward = case("C1")
    assert forward.headline is not None
    assert forward.headline.change.before.served == 0.0
    assert forward.headline.change.after.served > 0.0
    assert forward.headline.change.difference is None
    assert forward.seen is not None
    assert forward.seen.best.mean > 0.0
    assert forward.shown is not None
    assert forward.shown.after.max() > forward.shown.before.max()


def test_named_places_are_told_beside_areas() -> None:
    assert {each.area for each in case("C2").lines} == {"RING", "HOME", "Suva", "Norton"}


def test_a_place_for_which_nothing_changes_is_not_told() -> None:
    assert "Suva" in {each.area for each in case("C1").lines}
    assert "Norton" not in {each.area for each in case("C1").lines}


def test_without_named_places_areas_are_told_alone() -> None:
    impact = an_impact(replace(a_plan(), places=()))
    (only,) = impact.answer([a_plan().commitments["C2"]]).cases
    assert {each.area for each in only.lines} == {"RING", "HOME"}


def test_what_changes_no_number_has_no_line() -> None:
    warm = with_ops("{op: nothing_measurable, text: warm words}")
    (only,) = an_impact().answer([warm]).cases
    assert only.lines == ()
    assert (only.headline, only.cost, only.seen, only.shown) == (None, None, None, None)
    assert (only.shares, only.losses, only.bars, only.places) == ((), (), (), ())


def test_more_that_already_can_is_told_though_no_area_is_sooner() -> None:
    # A notice that stays as it was changes a value and no hour.
    same = with_ops("{op: notice, partner: NZL, class: MPA, notice_h: [1, 2, 6]}")
    (only,) = an_impact().answer([same]).cases
    assert only.lines == ()
    assert only.seen is not None


def test_a_base_that_closes_changes_what_its_guests_can() -> None:
    closing = with_ops("{op: close_base, partner: NZL, base: NAN}")
    (only,) = an_impact().answer([closing]).cases
    assert only.applied.scenario.bases["NAN"].open_to == {"FJI"}


def test_shares_sum_to_what_is_served_within_their_hours() -> None:
    ship = case("C2")
    assert ship.headline is not None
    within = ship.headline.change.after.within
    for share in ship.shares:
        assert sum(share.parts.values()) == pytest.approx(within[share.hours])


def test_the_best_place_for_one_more_is_the_one_in_the_middle_of_what_is_not_served() -> None:
    (place,) = case("C2").places  # all of the area is in reach of it: a second adds nothing
    assert place.bases == ("NAN",)
    assert place.gap == 0.0


def test_two_more_units_are_placed_where_they_serve_most_together() -> None:
    slow = replace(a_plan().classes["OPV"], cruise=2.5)
    far = {"NAN": replace(a_plan().bases["NAN"], lat=-20.5), "DEV": a_plan().bases["DEV"]}
    east = replace(a_plan().bases["NAN"], id="EAST", name="East", lat=-15.5, lon=179.5)
    bases = a_plan().bases | far | {"EAST": east}
    plan = replace(a_plan(), classes=a_plan().classes | {"OPV": slow}, bases=bases)
    one, two = an_impact(plan).answer([a_plan().commitments["C2"]]).cases[0].places
    assert set(one.bases) < set(two.bases) == {"NAN", "EAST"}
    assert two.gain > one.gain


def test_where_everything_is_served_in_time_no_place_is_told_for_one_more() -> None:
    fleet = {each: always(unit) for each, unit in a_plan().units.items()}
    fast = {each: replace(one, cruise=400.0) for each, one in a_plan().classes.items()}
    plan = replace(a_plan(), units=fleet, classes=a_plan().classes | {"OPV": fast["OPV"]})
    (case,) = an_impact(plan).answer([a_plan().commitments["C2"]]).cases
    assert case.headline is not None
    assert case.places == ()


def test_a_refit_asks_for_no_place() -> None:
    assert case("C3").places == ()


def test_the_bars_are_those_of_who_moves_and_of_all_others() -> None:
    bars = case("C2").bars
    assert {each.assumption for each in bars} == {
        "availability of NZL Patrol ship", "availability of all other units",
        "notice of Patrol ship", "speed of Patrol ship",
    }  # fmt: skip


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    an_impact().answer([a_plan().commitments["C1"]], tell=lambda *each: told.append(each))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == list(range(1, told[-1][1] + 1))


def test_what_was_answered_is_not_worked_out_again_within_its_limit() -> None:
    impact = an_impact(limit=1)
    c1, c2 = a_plan().commitments["C1"], a_plan().commitments["C2"]
    first = impact.answer([c1])
    told: list[int] = []
    assert repr(impact.answer([c1], tell=lambda done, _: told.append(done))) == repr(first)
    assert told[-1] == 3  # its two areas and the named place alone are passed, no case
    impact.answer([c2])
    assert impact.dropped == 1


def test_an_operation_is_told_about_first_and_else_the_largest_area() -> None:
    assert main_area(a_plan()).id == "RING"
    boxes = {name: replace(each, kind=AreaKind.BOX) for name, each in a_plan().areas.items()}
    assert main_area(replace(a_plan(), areas=boxes)).id == "RING"
    home = {"HOME": boxes["HOME"], "WIDE": boxes["WIDE"]}
    assert main_area(replace(a_plan(), areas=home)).id == "HOME"


def test_without_an_area_that_is_drawn_there_is_nothing_to_answer() -> None:
    with pytest.raises(NothingToAnswer):
        an_impact(replace(a_plan(), areas={"WIDE": a_plan().areas["WIDE"]}))


def hours(scenario: Scenario, capability: str) -> np.ndarray:
    view = View(Asked(Straight(), uniform(DRAWS), DRAWS), apply(scenario, []))
    places = sorted(a_plan().areas["RING"].cells | a_plan().areas["HOME"].cells)
    return view.hours(Capability.parse(capability), places)


@pytest.mark.parametrize("capability", ["sar", "sar-sea", "surveillance-air"])
def test_one_more_unit_never_slows_any_cell_and_one_less_never_speeds(capability: str) -> None:
    before = hours(a_plan(), capability)
    for name in a_plan().units:
        rest = {key: each for key, each in a_plan().units.items() if key != name}
        assert (hours(replace(a_plan(), units=rest), capability) >= before).all()
    more = with_ops(
        "{op: add_units, partner: FJI, class: OPV, base: DEV, count: 1, availability: 1}"
    )
    assert (hours(apply(a_plan(), [more]).scenario, capability) <= before).all()


def test_the_order_of_units_and_bases_does_not_matter() -> None:
    turned = replace(
        a_plan(),
        units=dict(reversed(a_plan().units.items())),
        bases=dict(reversed(a_plan().bases.items())),
        areas=dict(reversed(a_plan().areas.items())),
    )
    one = an_impact().answer([a_plan().commitments["C2"]]).cases[0]
    other = an_impact(turned).answer([a_plan().commitments["C2"]]).cases[0]
    assert one.headline == other.headline
    assert one.losses == other.losses
    assert one.bars == other.bars


def test_paired_draws_tell_apart_what_unpaired_ones_cannot() -> None:
    before = hours(a_plan(), "sar-sea")
    unit = a_plan().units["FJI-OPV-NAN-1"]
    slower = replace(a_plan(), units=a_plan().units | {unit.id: replace(unit, home="DEV")})
    paired = compare(measure(before), measure(hours(slower, "sar-sea"))).difference
    shuffled = np.random.default_rng(1).permutation(before)
    unpaired = compare(measure(shuffled), measure(hours(slower, "sar-sea"))).difference
    assert paired is not None
    assert unpaired is not None
    assert paired.high - paired.low < unpaired.high - unpaired.low
