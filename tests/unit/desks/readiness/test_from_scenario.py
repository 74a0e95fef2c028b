from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.from_scenario import brought
from accord.desks.readiness.plan import Planned, planned
from accord.desks.readiness.said import Records
from accord.posture.model import Deployment, Grade, Origin, Scenario, Season, Stated
from accord.posture.scenario import read_scenario
from accord.storage.charts import zones
from support.plans import a_plan
from support.readiness import a_register

PACIFIC = Path(__file__).parents[4] / "examples" / "scenarios" / "pacific" / "scenario.yaml"
ORIGIN = Origin(grade=Grade.COMMON, who="us", as_of=date(2026, 1, 1))


def a_pacific() -> Scenario:
    return read_scenario(PACIFIC.read_text("utf-8"), name="scenario.yaml", zones=zones())


def registered(scenario: Scenario, directory: Path) -> Records:
    return a_register(directory, *brought(scenario).rows).records()


def again(scenario: Scenario, directory: Path) -> Planned:
    day = datetime.combine(scenario.as_of, datetime.min.time(), UTC)
    return planned(registered(scenario, directory), day, name=scenario.name)


@pytest.mark.parametrize("scenario", [a_plan(), a_pacific()], ids=["small", "pacific"])
def test_what_both_hold_comes_back_as_it_was(scenario: Scenario, tmp_path: Path) -> None:
    back = again(scenario, tmp_path)
    assert back.left_out == ()
    found = back.scenario
    assert found.as_of == scenario.as_of
    assert found.bases == scenario.bases
    assert found.classes == scenario.classes
    assert found.areas == {name: each for name, each in scenario.areas.items() if each.cells}
    assert set(found.partners) == {each.partner for each in scenario.units.values()}
    assert set(found.units) == set(scenario.units)
    for name, unit in scenario.units.items():
        # What the register wants an end of has one; all else is as it was.
        other = found.units[name]
        until = replace(unit.availability.origin, valid_until=other.availability.origin.valid_until)
        expected = replace(unit, availability=Stated(unit.availability.value, until))
        assert other == expected


def test_what_the_register_has_no_place_for_is_told() -> None:
    bases = a_plan().bases
    closed = {"NAN": replace(bases["NAN"], open_to=frozenset({"FJI"}))}
    half = Deployment(unit="NZL-MPA-OHA-1", base=None, season=Season(share=0.5), origin=ORIGIN)
    plan = replace(a_plan(), bases=bases | closed, deployments=(half,))
    first, *others = brought(plan).left_out
    assert first.startswith("availability and deployments were given an end, 2027-01-01")
    assert others == [
        "names of partners: NZL, FJI",
        "groups: TWO",
        "places by name: Suva, Norton",
        "commitments (take them in as statements): C1, C2, C3",
        "areas without cells: WIDE",
        "who may use a base: NAN",
        "units out of use for a share of their days: NZL-MPA-OHA-1",
    ]


def test_a_season_of_months_is_the_days_of_the_year_that_follows(tmp_path: Path) -> None:
    summer = Season(share=0.25, months=frozenset({11, 12, 1}))
    away = Deployment(unit="NZL-OPV-DEV-1", base="NAN", season=summer, origin=ORIGIN)
    laid_up = Deployment(
        unit="NZL-OPV-DEV-2", base=None, season=Season(first=date(2026, 3, 1)), origin=ORIGIN
    )
    records = registered(replace(a_plan(), deployments=(away, laid_up)), tmp_path)
    spans = [
        (each.text("from")[:10], each.text("to")[:10], each.text("share"))
        for each in records[Sheet.DEPLOYMENTS].values()
    ]
    # The whole of three months is a quarter of a year: on each of their days.
    assert spans == [
        ("2026-01-02", "2026-02-01", ""),
        ("2026-11-01", "2027-01-02", ""),
    ]
    (out,) = (e for e in records[Sheet.AVAILABILITY].values() if e.text("state") == "maintenance")
    assert (out.text("unit"), out.text("from")[:10], out.text("to")[:10]) == (
        "NZL-OPV-DEV-2", "2026-03-01", "2027-01-02",
    )  # fmt: skip


def test_a_share_of_the_days_stays_a_share(tmp_path: Path) -> None:
    half = Deployment(unit="NZL-OPV-DEV-1", base="NAN", season=Season(share=0.5), origin=ORIGIN)
    records = registered(replace(a_plan(), deployments=(half,)), tmp_path)
    (only,) = records[Sheet.DEPLOYMENTS].values()
    assert only.text("share") == "0.5"


def test_each_value_keeps_its_own_grade(tmp_path: Path) -> None:
    records = registered(a_plan(), tmp_path)
    entries = records[Sheet.CLASSES]["MPA"].entries
    assert entries["cruise_kt"].said.confidence == "B"
    assert entries["swath_half_nm"].said.confidence == "C"  # a swath of no grade is invented
    availability = records[Sheet.AVAILABILITY]["NZL-OPV-DEV-1"].entries["share"]
    assert availability.said.confidence == "C"


def test_a_notice_of_a_units_own_is_its_own(tmp_path: Path) -> None:
    unit = a_plan().units["NZL-OPV-DEV-1"]
    own = replace(unit, notice=Stated(a_plan().classes["MPA"].notice.value, ORIGIN), note="fast")
    plan = replace(a_plan(), units=a_plan().units | {unit.id: own})
    back = again(plan, tmp_path).scenario.units[unit.id]
    assert (back.notice, back.note) == (own.notice, "fast")
