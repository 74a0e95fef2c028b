import re
from dataclasses import replace

import pytest

from accord.posture.answer import Answer, Case
from accord.posture.applied import ClauseRef
from accord.posture.model import Capability, Commitment
from accord.posture.response import Interval
from accord.posture.sentence import Sentence, Topic
from accord.posture.spell import spell_share
from accord.posture.words import sentences
from support.plans import a_plan, an_impact, with_count, with_ops

DRAWS = 120


def answered(*commitments: Commitment) -> Answer:
    return an_impact(draws=DRAWS).answer(commitments)


def told(answer: Answer, case: Case | None = None) -> dict[Topic, list[Sentence]]:
    found: dict[Topic, list[Sentence]] = {topic: [] for topic in Topic}
    for each in sentences(answer, case or answer.cases[-1], a_plan()):
        found[each.topic].append(each)
    return found


def of(name: str) -> dict[Topic, list[Sentence]]:
    return told(answered(a_plan().commitments[name]))


def test_every_sentence_has_its_clause_and_what_it_rests_on() -> None:
    for name in ("C1", "C2", "C3"):
        for each in (one for its in of(name).values() for one in its):
            assert each.clauses == (f"{name}.1",)
            assert each.rests_on


def test_the_change_and_its_cost_stand_in_one_sentence_with_figure_and_interval() -> None:
    answer = answered(a_plan().commitments["C2"])
    headline = answer.cases[0].headline
    assert headline is not None
    by = headline.change.difference
    assert by is not None
    first = told(answer)[Topic.RESPONSE][0].text
    assert f"difference {by.mean:+.1f} h, 95 % interval {by.low:+.1f} to {by.high:+.1f}" in first
    assert "sooner on average" in first
    assert "its cost is sar by sea in Off New Zealand" in first
    assert "Devonport has 146 usable unit-days a year fewer" in first


def test_the_place_that_waits_longest_is_told_with_where_it_is() -> None:
    answer = answered(a_plan().commitments["C2"])
    worst = told(answer)[Topic.RESPONSE][2].text
    assert re.fullmatch(
        r"The place that waits longest waits \S+ h without \(\d+ S \d+ [EW]\) and \S+ h with "
        r"\(\d+ S \d+ [EW]\)\.",
        worst,
    )
    case = answer.cases[0]
    suva = next(each for each in case.lines if each.area == "Suva")
    at_a_place = told(answer, replace(case, headline=suva))[Topic.RESPONSE][2].text
    assert "(" not in at_a_place


def test_what_a_sentence_rests_on_is_told_as_invented_where_it_is() -> None:
    assert "(0.4, invented)" in of("C2")[Topic.RESPONSE][0].rests_on


SUMMER = (
    "{op: add_deployment, partner: NZL, class: OPV, base: NAN, share_of_year: 0.5, "
    "months: [11, 12, 1, 2, 3, 4]}"
)


def test_what_holds_in_a_season_is_told_of_its_days_first_and_then_of_the_year() -> None:
    answer = answered(with_ops(SUMMER))
    case = answer.cases[0]
    assert case.while_kept is not None
    first = told(answer)[Topic.RESPONSE][0].text
    assert first.startswith(
        "With CX, on the days on which it moves a unit (50 % of the year: November to April), sar "
        "by sea in Round Fiji: "
    )
    kept, cost = case.while_kept.headline.difference, case.while_kept.cost
    assert kept is not None
    assert f"difference {kept.mean:+.1f} h" in first.split("; over the whole year ")[0]
    assert case.headline is not None
    year = case.headline.change.difference
    assert year is not None
    assert f"difference {year.mean:+.1f} h" in first.split("; over the whole year ")[1]
    assert cost is not None
    assert cost.difference is not None
    assert (
        f"its cost is sar by sea in Off New Zealand, {cost.difference.mean:.1f} h later on average "
        "on those days and, over the year, "
    ) in first


def test_a_share_of_the_year_without_days_of_its_own_is_told_as_that() -> None:
    first = of("C1")[Topic.RESPONSE][0].text
    assert re.match(r"With C1, on the days on which it moves a unit \(\d+ % of the year\), ", first)


def test_better_and_worse_are_told_of_the_area_that_they_are_of() -> None:
    text = of("C2")[Topic.RESPONSE][1].text
    assert re.match(
        r"In Round Fiji alone, sar by sea is better in \d+ % of the draws of the year and worse in "
        r"0 %\. ",
        text,
    )


def test_what_changes_more_than_the_headline_has_a_sentence_of_its_own() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    assert case.headline is not None
    more = replace(case.headline, capability=Capability.parse("medical-sea"))
    text = told(answer, replace(case, most=more))[Topic.RESPONSE][2].text
    assert text.startswith("What changes most there is medical by sea: ")
    assert "sooner on average" in text
    served = case.headline.change
    assert served.before.served < 1.0
    assert f"served in {spell_share(served.before.served)} of places and draws without" in text
    assert not any("What changes most" in each.text for each in told(answer)[Topic.RESPONSE])


def test_what_of_a_statement_is_left_out_is_told() -> None:
    ship = replace(a_plan().commitments["C2"], left_out=("sentence 4 was not read: we hope",))
    plan = replace(a_plan(), commitments={"C2": ship})
    answer = answered(ship)
    (said,) = [
        each for each in sentences(answer, answer.cases[0], plan) if each.topic is Topic.CLAUSES
    ]
    assert said.text == "C2: sentence 4 was not read: we hope"


def test_what_is_left_behind_is_counted_on_the_days_of_the_season() -> None:
    # 60 of its days are in 2026, at 0.4 usable each; the year that is asked ends a day later.
    ship = with_ops(
        "{op: add_deployment, partner: NZL, class: OPV, base: NAN, from: 2026-11-02, "
        "to: 2027-04-30}"
    )
    its = told(answered(ship))
    assert "Devonport has 24 usable unit-days a year fewer" in its[Topic.RESPONSE][0].text
    wants = "wanted on 61 days of the year and, which is not looked into, after it until 2027-04-30"
    assert wants in its[Topic.FEASIBILITY][0].text


def test_where_no_hours_can_be_compared_that_is_said() -> None:
    first = of("C1")[Topic.RESPONSE][0].text
    assert "nothing is served both without and with" in first
    assert "Ohakea has 91 usable unit-days a year fewer" in first


def test_what_is_served_less_is_the_cost_where_nothing_is_later() -> None:
    answer = answered(a_plan().commitments["C3"])
    case = answer.cases[0]
    assert case.cost is not None
    change = replace(case.cost.change, difference=None)
    first = told(answer, replace(case, cost=replace(case.cost, change=change)))[Topic.RESPONSE][
        0
    ].text
    assert "its cost is sar by air in Off New Zealand" in first
    assert "of places and draws, not" in first


def test_an_interval_across_nothing_is_told_as_nothing_that_can_be_told() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    assert case.headline is not None
    change = replace(case.headline.change, difference=Interval(-0.1, -0.4, 0.2))
    unsure = replace(case, headline=replace(case.headline, change=change))
    assert "no sooner and no later that can be told" in told(answer, unsure)[Topic.RESPONSE][0].text


def test_places_have_their_names() -> None:
    (places,) = of("C2")[Topic.PLACES]
    assert places.text.startswith(
        "By name, for sar by sea, over the whole year: Norton 411 h to 384 h; Suva "
    )


def test_a_place_that_nobody_came_to_before_is_told_by_how_often_it_is_served() -> None:
    (places,) = of("C1")[Topic.PLACES]
    assert "Suva served 0.0 % to " in places.text


def test_of_many_places_those_that_change_most_each_way_are_told() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    suva = next(each for each in case.lines if each.area == "Suva")
    assert suva.change.difference is not None
    many = tuple(
        replace(
            suva,
            area=f"P{n}",
            change=replace(suva.change, difference=Interval(float(n), float(n), float(n))),
        )
        for n in range(9)
    )
    (places,) = told(answer, replace(case, lines=many))[Topic.PLACES]
    assert [f"P{n} " in places.text for n in range(9)] == [True] * 3 + [False] * 3 + [True] * 3


def test_surveillance_is_told_as_the_best_and_as_the_even_spread() -> None:
    (seen,) = of("C1")[Topic.SURVEILLANCE]
    assert "0.00 without and 0." in seen.text
    assert "spread evenly" in seen.text
    assert "100.0 % without" in seen.text
    assert of("C2")[Topic.SURVEILLANCE] == []


def test_presence_is_told_by_area_and_partner() -> None:
    (days,) = of("C2")[Topic.PRESENCE]
    assert "NZL in Off New Zealand 292 to 146" in days.text
    assert "NZL in Round Fiji 0 to 146" in days.text


def test_sharing_is_told_at_two_thresholds() -> None:
    (shares,) = of("C2")[Topic.SHARING]
    assert "within 72 h " in shares.text
    assert "within 120 h " in shares.text
    assert "NZL " in shares.text


def test_single_points_are_named() -> None:
    (fragile,) = of("C2")[Topic.FRAGILITY]
    assert "Single points: " in fragile.text
    assert "Nadi" in fragile.text.split("Single points: ")[1]
    assert "Patrol ship" in fragile.text


def test_no_single_point_is_told_as_well() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    slight = tuple(replace(each, served=0.9, lost=0.1) for each in case.losses)
    (fragile,) = told(answer, replace(case, losses=slight))[Topic.FRAGILITY]
    assert fragile.text.endswith(" No single point.")


def test_what_is_feasible_and_what_is_not_are_told_with_the_day_and_the_remedies() -> None:
    assert "feasible, and short on 46 days" in of("C1")[Topic.FEASIBILITY][0].text
    (short,) = of("C2")[Topic.FEASIBILITY]
    assert "not enough, from 2026-01-02 on, short on 131 days" in short.text
    assert "What would have to give: every other task from Devonport." in short.text
    assert "keeping it on 80 % of those days (gives up 20 % of what is promised)" in short.text
    assert "an availability of 0.50 of each of the 2" in short.text
    assert "1 more of them" in short.text


def test_more_than_there_are_is_told_as_that_and_what_would_still_do() -> None:
    many = with_count(with_ops("{op: add_deployment, partner: NZL, class: MPA, base: NAN}"), 3)
    (text,) = [each.text for each in told(answered(many))[Topic.FEASIBILITY]]
    assert "there are not so many" in text
    assert "or promising 1" in text


def test_what_would_not_help_is_not_told() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    (short,) = case.feasibility
    assert short.remedy is not None
    remedy = replace(short.remedy, more_units=None, availability=None)
    case = replace(case, feasibility=(replace(short, remedy=remedy),))
    text = told(answer, case)[Topic.FEASIBILITY][0].text
    assert text.endswith("(gives up 20 % of what is promised).")


def test_one_that_can_begin_later_is_told_the_day() -> None:
    early = with_ops(
        "{op: add_deployment, partner: NZL, class: MPA, base: NAN, from: 2026-02-01, "
        "to: 2026-03-31}"
    )
    late = with_ops(
        "{op: add_deployment, partner: NZL, class: MPA, base: NAN, from: 2026-03-01, "
        "to: 2026-04-30}"
    )
    both = told(answered(replace(early, id="CA"), replace(late, id="CB")))
    assert "beginning the last of them on 2026-04-01" in both[Topic.FEASIBILITY][0].text


def test_a_demand_that_moves_nobody_asks_nobody_to_give() -> None:
    answer = answered(a_plan().commitments["C2"])
    case = answer.cases[0]
    unmoved = replace(case, applied=replace(case.applied, moves=()))
    text = told(answer, unmoved)[Topic.FEASIBILITY][0].text
    assert "What would have to give" not in text
    assert (
        "nothing is later elsewhere"
        in told(answer, replace(unmoved, cost=None))[Topic.RESPONSE][0].text
    )


def test_what_cannot_be_done_is_told_with_its_reason() -> None:
    answer = answered(a_plan().commitments["C1"])
    case = answer.cases[0]
    clause = ClauseRef(commitment="C1", number=1)
    refused = replace(case.applied, refused=((clause, "Nadi is not open to NZL"),))
    last = told(answer, replace(case, applied=refused))[Topic.FEASIBILITY][-1]
    assert last.text == "C1.1 cannot be done: Nadi is not open to NZL."


def test_the_best_places_for_more_units_are_told_with_their_gap() -> None:
    answer = answered(a_plan().commitments["C2"])
    (place,) = answer.cases[0].places
    pair = replace(place, bases=("NAN", "DEV"))
    one, two = told(answer, replace(answer.cases[0], places=(place, pair)))[Topic.NEXT]
    assert one.text.startswith("One more Patrol ship would serve most from Nadi: ")
    assert two.text.startswith("2 more Patrol ship would serve most from Nadi and Devonport")
    assert "gap to the best possible 0.0 %" in one.text


@pytest.mark.parametrize(
    ("ops", "said"),
    [
        ("{op: nothing_measurable, text: warm words}", "binds nothing measurable (warm words)."),
        ("{op: exercise}", "promises an exercise; what it trains is not measured here."),
        ("{op: contribution, text: fuel}", "promises a contribution (fuel); it moves no unit"),
        (
            "{op: open_data_flow, agreement_clause: clause 3}",
            "opens a data flow, tied to clause 3 of",
        ),
        ("{op: close_data_flow}", "closes a data flow; it moves no unit and no hour here."),
    ],
)
def test_a_clause_without_a_number_is_told_as_that(ops: str, said: str) -> None:
    found = told(answered(with_ops(ops)))
    (clause,) = found[Topic.CLAUSES]
    assert clause.text.startswith(f"CX.1 {said}")
    assert clause.clauses == ("CX.1",)
    assert "no response time changes" in found[Topic.RESPONSE][0].text
