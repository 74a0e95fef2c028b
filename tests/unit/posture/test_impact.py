import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accord.core.context import ContextKind
from accord.posture.answer import Answer, Case
from accord.posture.applied import apply
from accord.posture.case import Ground
from accord.posture.impact import Impact, NothingToAnswer, main_area
from accord.posture.known import Task
from accord.posture.model import AreaKind, Capability, Deploy, Scenario, Season, Withdraw
from accord.posture.plain import as_plain
from accord.posture.response import compare, measure
from accord.posture.view import Asked, View
from support import plans
from support.plans import Straight, a_plan, always, uniform, with_ops

DRAWS = 120


def an_impact(scenario: Scenario | None = None, **work: Any) -> Impact:
    return plans.an_impact(scenario, draws=DRAWS, **work)


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


def test_progress_is_told_up_to_the_end_and_never_goes_back() -> None:
    told: list[tuple[int, int]] = []
    an_impact().answer([a_plan().commitments["C1"]], tell=lambda *each: told.append(each))
    assert {of for _, of in told} == {3 + 1}  # two areas and the places, and one case
    assert told[-1] == (4, 4)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_was_worked_out_is_not_worked_out_again() -> None:
    impact = an_impact()
    c1, c2, c3 = (a_plan().commitments[each] for each in ("C1", "C2", "C3"))
    first = impact.answer([c1, c2])
    made = impact.known.made
    assert repr(impact.answer([c2, c1])) == repr(first)
    assert impact.known.made == made
    impact.answer([c1, c2, c3])
    # C3 alone, and all three together: what each of them changes by air, and what is told of it.
    assert impact.known.made - made < made


def test_what_is_forgotten_to_make_room_is_worked_out_again() -> None:
    impact = an_impact(limit=1)
    first = repr(impact.answer([a_plan().commitments["C1"]]))
    assert impact.known.dropped > 0
    assert repr(impact.answer([a_plan().commitments["C1"]])) == first


class Kept:
    """A disk that gives back what it was given, and can go bad."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, data: bytes) -> None:
        self.kept[name] = data


def as_bytes(answer: Answer, scenario: Scenario | None = None) -> str:
    return json.dumps(as_plain(answer, scenario or a_plan()))


def test_an_answer_of_what_was_kept_has_the_same_bytes_as_without() -> None:
    store, every = Kept(), list(a_plan().commitments.values())
    plain = an_impact().answer(every)
    assert as_bytes(an_impact(store=store).answer(every)) == as_bytes(plain)
    again = an_impact(store=store)
    answer = again.answer(every)
    assert again.known.made == 0
    assert as_bytes(answer) == as_bytes(plain)
    for one, other in zip(answer.cases, plain.cases, strict=True):
        assert (one.shown is None) is (other.shown is None)
        if one.shown is not None and other.shown is not None:
            assert one.shown.after.tobytes() == other.shown.after.tobytes()


def test_after_one_changed_clause_only_what_hangs_on_it_is_worked_out() -> None:
    store, every = Kept(), dict(a_plan().commitments)
    before = an_impact(store=store)
    before.answer(list(every.values()))
    (effect,) = every["C2"].effects
    assert isinstance(effect, Deploy)
    half = replace(effect, season=replace(effect.season, share=0.5))
    every["C2"] = replace(every["C2"], effects=(half,))
    after = an_impact(store=store)
    answer = after.answer(list(every.values()))
    assert 0 < after.known.made < before.known.made / 2
    assert as_bytes(answer) == as_bytes(an_impact().answer(list(every.values())))


@pytest.mark.parametrize("data", [b"", b"{", b"[1,2,3]", b'"words"', b"null", b"[[[1]]]"])
def test_what_was_kept_and_went_bad_is_worked_out_again(data: bytes) -> None:
    store, ship = Kept(), [a_plan().commitments["C2"]]
    plain = as_bytes(an_impact(store=store).answer(ship))
    store.kept = dict.fromkeys(store.kept, data)
    again = an_impact(store=store)
    assert as_bytes(again.answer(ship)) == plain


def test_what_was_kept_of_another_scenario_is_not_taken() -> None:
    store, ship = Kept(), [a_plan().commitments["C2"]]
    an_impact(store=store).answer(ship)
    slow = replace(a_plan().classes["OPV"], cruise=10.0)
    plan = replace(a_plan(), classes=a_plan().classes | {"OPV": slow})
    assert as_bytes(an_impact(plan, store=store).answer(ship), plan) == as_bytes(
        an_impact(plan).answer(ship), plan
    )


def test_the_order_in_which_work_is_done_does_not_matter() -> None:
    def last_first(tasks: Sequence[Task]) -> Iterator[object]:
        for each in reversed(tasks):
            yield each()

    every = list(a_plan().commitments.values())
    assert as_bytes(an_impact(many=last_first).answer(every)) == as_bytes(an_impact().answer(every))


def test_on_the_days_on_which_it_is_kept_a_ship_is_sooner_than_over_the_year() -> None:
    summer = with_ops(
        "{op: add_deployment, partner: NZL, class: OPV, base: NAN, share_of_year: 0.5, "
        "months: [11, 12, 1, 2, 3, 4]}"
    )
    (only,) = an_impact().answer([summer]).cases
    assert only.while_kept is not None
    # 181 of the 365 days, as closely as 120 draws tell.
    assert only.while_kept.share == pytest.approx(181 / 365, abs=1 / DRAWS)
    year, kept = only.headline, only.while_kept.headline
    assert year is not None
    assert year.change.difference is not None
    assert kept.difference is not None
    # On all other days nothing is different, so the year's mean is that of those days, diluted.
    assert kept.difference.mean * only.while_kept.share == pytest.approx(
        year.change.difference.mean, abs=1e-3
    )
    assert only.while_kept.cost is not None


def test_what_is_kept_on_all_days_or_by_several_is_told_of_the_year_alone() -> None:
    assert case("C2").while_kept is None
    assert case("C1", "C2").while_kept is None
    assert case("C1").while_kept is not None


def test_what_changes_more_than_the_headline_is_told_beside_it() -> None:
    classes = dict(a_plan().classes)
    hospital = replace(classes["OPV"], id="HOS", roles=frozenset({"medical", "sar"}))
    unit = replace(a_plan().units["NZL-OPV-DEV-1"], id="HOS-1", platform="HOS", home="NAN")
    plan = replace(
        a_plan(),
        classes=classes | {"HOS": hospital},
        units=a_plan().units | {"HOS-1": always(unit)},
    )
    away = Withdraw(partner="NZL", platform="HOS", base="NAN", count=1, season=Season())
    refit = replace(a_plan().commitments["C3"], id="REFIT", effects=(away,))
    (only,) = an_impact(plan).answer([refit]).cases
    assert only.headline is not None
    assert str(only.headline.capability) == "sar-sea"
    assert only.most is not None
    assert (only.most.area, str(only.most.capability)) == ("RING", "medical-sea")
    assert only.most.change.after.served == 0.0


def test_an_operation_is_told_about_first_and_else_the_largest_area() -> None:
    assert main_area(a_plan()).id == "RING"
    boxes = {name: replace(each, kind=AreaKind.BOX) for name, each in a_plan().areas.items()}
    assert main_area(replace(a_plan(), areas=boxes)).id == "RING"
    home = {"HOME": boxes["HOME"], "WIDE": boxes["WIDE"]}
    assert main_area(replace(a_plan(), areas=home)).id == "HOME"


def test_without_an_area_that_is_drawn_there_is_nothing_to_answer() -> None:
    with pytest.raises(NothingToAnswer):
        an_impact(replace(a_plan(), areas={"WIDE": a_plan().areas["WIDE"]}))


def test_a_named_place_is_the_cell_that_it_lies_in() -> None:
    without = View(Asked(Straight(), uniform(DRAWS), DRAWS), apply(a_plan(), []))
    ground = Ground(a_plan(), a_plan().areas["RING"], without, 14)
    (suva,) = ground.cells_of("Suva")
    assert suva in a_plan().areas["RING"].cells
    assert set(ground.cells_of("RING")) == a_plan().areas["RING"].cells


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
