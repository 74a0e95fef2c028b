# ruff: noqa: E501  a row is a line

from dataclasses import replace
from datetime import date

import pytest

from accord.posture.checks import Finding, find_faults, find_overlaps
from accord.posture.model import (
    AddUnits,
    Commitment,
    Deploy,
    Deployment,
    Effect,
    Grade,
    Notice,
    Origin,
    Promise,
    PromiseKind,
    Scenario,
    Season,
    SetAccess,
    SetAvailability,
    SetNotice,
    Stated,
    Withdraw,
)
from accord.posture.scenario import read_scenario
from support.posture import SMALL

SCENARIO = read_scenario(SMALL, name="small")
ORIGIN = Origin(grade=Grade.INVENTED, who="somebody", as_of=date(2026, 1, 1))
SHIP = "NZL-OPV-DEV-1"


def sentences(scenario: Scenario) -> list[str]:
    return [finding.sentence for finding in find_faults(scenario)]


def of_class(name: str, **changes: object) -> Scenario:
    changed = replace(SCENARIO.classes[name], **changes)  # pyright: ignore[reportArgumentType]
    return replace(SCENARIO, classes={**SCENARIO.classes, name: changed})


def deployed(*deployments: tuple[str, str | None, Season]) -> Scenario:
    return replace(
        SCENARIO,
        deployments=tuple(
            Deployment(unit=unit, base=base, season=season, origin=ORIGIN)
            for unit, base, season in deployments
        ),
    )


def promised(effect: Effect) -> Scenario:
    return replace(
        SCENARIO,
        commitments={"C": Commitment(id="C", text="", effects=(effect,), origin=ORIGIN)},
    )


def test_nothing_is_wrong_with_a_scenario_that_can_be() -> None:
    assert find_faults(SCENARIO) == []


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("OPV", {"cruise": 90.0, "sprint": None}, "a cruise speed of 90 kt is impossible by sea: 3 to 60 kt"),
        ("OPV", {"cruise": 0.0}, "a cruise speed of 0 kt is impossible by sea"),
        ("MPA", {"cruise": 1400.0}, "a cruise speed of 1400 kt is impossible by air: 40 to 700 kt"),
        ("MPA", {"search": 10.0}, "a search speed of 10 kt is impossible"),
        ("OPV", {"sprint": 10.0}, "it sprints at 10 kt, slower than it cruises"),
        ("MPA", {"radius": None}, "an aircraft needs radius_nm"),
        ("MPA", {"radius": 0.0}, "radius_nm 0 is not above 0"),
        ("OPV", {"reach": 40_000.0}, "range_nm 40000 is not above 0 and up to 30000"),
        ("MPA", {"swath": Stated(300.0, ORIGIN)}, "swath_half_nm 300 is not above 0 and up to 250"),
        ("MPA", {"endurance": 0.0}, "endurance_h is not above 0"),
        ("MPA", {"roles": frozenset[str]()}, "it has no roles"),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_is_found(
    name: str, changes: dict[str, object], sentence: str
) -> None:
    (said,) = sentences(of_class(name, **changes))
    assert said.startswith(sentence)


def test_a_base_may_be_open_to_partners() -> None:
    base = replace(SCENARIO.bases["NAN"], open_to=frozenset({"NZL"}))
    assert sentences(replace(SCENARIO, bases={**SCENARIO.bases, "NAN": base})) == []


def test_a_grouping_of_a_stranger_is_found() -> None:
    grouping = replace(SCENARIO.groupings["TWO"], members=("NZL", "TON"))
    found = find_faults(replace(SCENARIO, groupings={"TWO": grouping}))
    assert found == [Finding("groups", "TWO", "there is no partner TON")]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"country": "ATL"}, "'ATL' is no ISO 3166-1 alpha-3 code"),
        ({"open_to": frozenset({"TON"})}, "it is open to TON, and there is no such partner"),
    ],
)
def test_a_base_that_cannot_be_is_found(changes: dict[str, object], sentence: str) -> None:
    base = replace(SCENARIO.bases["NAN"], **changes)  # pyright: ignore[reportArgumentType]
    (said,) = sentences(replace(SCENARIO, bases={**SCENARIO.bases, "NAN": base}))
    assert said.startswith(sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"partner": "TON"}, "there is no partner TON"),
        ({"platform": "X"}, "there is no class X"),
        ({"home": "X"}, "there is no base X"),
        ({"home": "OHA"}, "OPV needs a base with a port, and OHA has none"),
        ({"platform": "MPA"}, "MPA needs a base with an airfield, and DEV has none"),
        ({"availability": Stated(0.0, ORIGIN)}, "availability 0: it can never go"),
    ],
)
def test_a_unit_that_cannot_be_is_found(changes: dict[str, object], sentence: str) -> None:
    unit = replace(SCENARIO.units[SHIP], **changes)  # pyright: ignore[reportArgumentType]
    (said,) = sentences(replace(SCENARIO, units={**SCENARIO.units, SHIP: unit}))
    assert said.startswith(sentence)


def test_a_deployment_of_nothing_or_to_nowhere_is_found() -> None:
    scenario = deployed(
        ("GONE", "NAN", Season()), (SHIP, "OHA", Season(share=0.5)), (SHIP, None, Season(share=0.5))
    )
    assert find_faults(scenario) == [
        Finding("deployments", "1", "there is no unit GONE"),
        Finding("deployments", "2", "OPV needs a base with a port, and OHA has none"),
    ]


def test_a_ship_in_two_places_is_found_with_the_first_day() -> None:
    scenario = deployed(
        (SHIP, "NAN", Season(first=date(2026, 3, 1), last=date(2026, 5, 1))),
        (SHIP, None, Season(months=frozenset({4}))),
    )
    sentence = f"{SHIP} is in two places: at NAN and out of use on 2026-04-01"
    assert find_faults(scenario) == [Finding("deployments", "2", sentence)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Season(share=0.5), Season(share=0.5)),
        (Season(months=frozenset({1, 2, 3})), Season(months=frozenset({4, 5}))),
        (Season(last=date(2026, 2, 28)), Season(first=date(2026, 3, 1))),
    ],
)
def test_a_ship_that_is_in_one_place_after_the_other_is_not_found(
    one: Season, other: Season
) -> None:
    assert find_overlaps(deployed((SHIP, "NAN", one), (SHIP, "DEV", other))) == []


def test_two_ships_may_be_in_two_places() -> None:
    assert (
        find_overlaps(deployed((SHIP, "NAN", Season()), ("NZL-MPA-OHA-1", "NAN", Season()))) == []
    )


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        (Deploy(partner="TON", platform="MPA", base="NAN", count=1, season=Season()), "there is no partner TON"),
        (Deploy(partner="NZL", platform="X", base="NAN", count=1, season=Season()), "there is no class X"),
        (Deploy(partner="NZL", platform="MPA", base="DEV", count=1, season=Season()), "MPA needs a base with an airfield"),
        (Deploy(partner="NZL", platform="MPA", base="NAN", count=3, season=Season()), "NZL has 2 of MPA, and 3 are wanted"),
        (Deploy(partner="NZL", platform="MPA", base="NAN", source="NAN", count=1, season=Season()), "NZL has 0 of MPA at NAN"),
        (Withdraw(partner="NZL", platform="MPA", base="NAN", count=1, season=Season()), "NZL has 0 of MPA at NAN"),
        (SetAvailability(partner="NZL", platform="MPA", availability=Stated(0.0, ORIGIN)), "availability 0: such units"),
        (AddUnits(partner="NZL", platform="MPA", base="NAN", count=1, availability=Stated(0.0, ORIGIN)), "availability 0: such units"),
        (SetNotice(partner="FJI", platform="MPA", notice=Stated(Notice(1, 2, 3), ORIGIN)), "FJI has 0 of MPA"),
        (SetAccess(partner="NZL", base="X", is_open=True), "there is no base X"),
    ],
)  # fmt: skip
def test_an_operation_on_what_is_not_there_is_found(effect: Effect, sentence: str) -> None:
    said = sentences(promised(effect))
    assert said[0].startswith(f"operation 1: {sentence}")


@pytest.mark.parametrize(
    "effect",
    [
        Promise(kind=PromiseKind.NOTHING, text=""),
        SetAccess(partner="NZL", base="NAN", is_open=False),
        AddUnits(partner="FJI", platform="OPV", base="NAN", count=1, availability=Stated(0.4, ORIGIN)),
        Withdraw(partner="NZL", platform="MPA", base="OHA", count=2, season=Season()),
    ],
)  # fmt: skip
def test_an_operation_on_what_is_there_is_well(effect: Effect) -> None:
    assert sentences(promised(effect)) == []
