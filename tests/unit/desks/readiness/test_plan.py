from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.plan import planned
from accord.desks.readiness.said import Confidence
from accord.posture.model import AreaKind, Domain, Grade, Notice, Origin, Season
from support.readiness import (
    FLEET,
    NOW,
    SAID,
    a_base,
    a_class,
    a_register,
    a_row,
    a_unit,
    available,
    deployed,
    in_maintenance,
    records_of,
)

ORIGIN = Origin(
    grade=Grade.STATED, who="HQ", as_of=date(2026, 3, 1), valid_until=date(2026, 3, 19)
)  # fmt: skip
"""It may be relied on until the 20th begins: the 19th is the last day."""


def test_a_line_of_four_is_four_units_with_what_was_said_of_them(tmp_path: Path) -> None:
    plan = planned(records_of(*FLEET, directory=tmp_path), NOW, name="live")
    scenario = plan.scenario
    assert plan.left_out == ()
    assert list(scenario.units) == [f"NZL-MPA-{n}" for n in (1, 2, 3, 4)]
    unit = scenario.units["NZL-MPA-1"]
    assert (unit.partner, unit.platform, unit.home) == ("NZL", "MPA", "NZ-OHA")
    assert (unit.availability.value, unit.availability.origin) == (0.5, ORIGIN)
    assert scenario.notice_of(unit).value == Notice(1.0, 2.0, 6.0)
    assert scenario.bases["NZ-OHA"].serves == frozenset(Domain)
    assert scenario.classes["MPA"].roles == {"surveillance", "sar"}
    assert (scenario.name, scenario.as_of) == ("live", date(2026, 3, 4))
    assert set(scenario.partners) == {"NZL"}


def test_what_is_not_known_is_left_out_and_named(tmp_path: Path) -> None:
    stale = replace(SAID, valid_until=NOW - timedelta(hours=1))
    rows = (
        *FLEET, a_unit("SILENT"), a_unit("OLD"), available("O", "OLD", said=stale),
        a_unit("HELD"), in_maintenance("M", "HELD"),
    )  # fmt: skip
    plan = planned(records_of(*rows, directory=tmp_path), NOW, name="live")
    assert plan.left_out == ("HELD", "OLD", "SILENT")
    assert len(plan.scenario.units) == 4


def test_everything_that_a_class_is_said_to_be_is_in_the_plan(tmp_path: Path) -> None:
    ship = a_class(
        "SHIP", domain="sea", cruise_kt="15", sprint_kt="21", search_kt="12", range_nm="6000",
        endurance_h="400", swath_half_nm="15", crew="49", lift_t="7", roles="lift", radius_nm="9",
    )  # fmt: skip
    rows = (*FLEET, ship, a_unit("OPV", class_="SHIP", notice_h="8/24/72", name="Otago"),
            available("A2", "OPV"))  # fmt: skip
    scenario = planned(records_of(*rows, directory=tmp_path), NOW, name="live").scenario
    found = scenario.classes["SHIP"]
    assert (found.domain, found.cruise, found.sprint, found.search) == (
        Domain.SEA,
        15.0,
        21.0,
        12.0,
    )
    assert (found.reach, found.endurance, found.crew, found.lift) == (6000.0, 400.0, 49, 7.0)
    assert found.radius == 9.0
    assert found.swath is not None
    assert found.swath.value == 15.0
    unit = scenario.units["OPV"]
    assert (unit.note, scenario.notice_of(unit).value) == ("Otago", Notice(8.0, 24.0, 72.0))
    assert scenario.classes["MPA"].swath is None


def test_where_units_are_from_home_and_in_refit_is_in_the_plan(tmp_path: Path) -> None:
    area = a_row(Sheet.AREAS, "Z", name="box", kind="box", cells="83bb2cfffffffff",
                 published_km2="12000")  # fmt: skip
    rows = (
        *FLEET, a_base("FJ-NAN"), area,
        deployed("D", "NZL-MPA", "2026-04-01", "2026-05-01", base="FJ-NAN", count="2",
                 share="0.5", commitment="C1"),
        deployed("E", "NZL-MPA", "2026-04-01", "2026-05-01", base="-", area="Z"),
        in_maintenance("M", "NZL-MPA", from_="2026-06-01", to="2026-07-01"),
    )  # fmt: skip
    scenario = planned(records_of(*rows, directory=tmp_path), NOW, name="live").scenario
    away = [each for each in scenario.deployments if each.base == "FJ-NAN"]
    assert [each.unit for each in away] == ["NZL-MPA-1", "NZL-MPA-2"]
    assert away[0].because == "C1"
    assert away[0].season == Season(share=0.5, first=date(2026, 4, 1), last=date(2026, 4, 30))
    refit = [each for each in scenario.deployments if each.base is None]
    assert len(refit) == 4
    assert refit[0].season == Season(first=date(2026, 6, 1), last=date(2026, 6, 30))
    found = scenario.areas["Z"]
    assert (found.kind, found.published_km2) == (AreaKind.BOX, 12000.0)
    assert found.cells == {0x83BB2CFFFFFFFFF}


def test_the_least_sure_and_the_oldest_word_is_the_origin(tmp_path: Path) -> None:
    invented = replace(
        SAID, by="planner", as_of=SAID.as_of + timedelta(days=1), confidence=Confidence.INVENTED,
        valid_until=None,
    )  # fmt: skip
    rows = (*FLEET, a_row(Sheet.UNITS, "NZL-MPA", invented, count="1"))
    unit = planned(records_of(*rows, directory=tmp_path), NOW, name="x").scenario.units["NZL-MPA"]
    assert unit.origin == Origin(
        grade=Grade.INVENTED, who="planner", as_of=date(2026, 3, 1), valid_until=date(2026, 3, 19)
    )


def test_a_class_without_a_notice_yet_makes_no_plan(tmp_path: Path) -> None:
    later = replace(SAID, as_of=NOW)
    notice = {name: text for name, text in a_class().values.items() if name != "notice_h"}
    rows = (
        FLEET[0], replace(a_class(), values=notice),
        a_row(Sheet.CLASSES, "MPA", later, notice_h="1/2/6"), *FLEET[2:],
    )  # fmt: skip
    before = NOW - timedelta(days=1)
    records = a_register(tmp_path, *rows).records(at=before)
    with pytest.raises(ValueError, match="class MPA has no notice"):
        planned(records, before, name="x")
