from dataclasses import replace
from pathlib import Path

import pytest

from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.rules import MOST_SAID, Fault, NotTaken
from accord.desks.readiness.said import Row
from support.readiness import (
    FLEET,
    SAID,
    a_class,
    a_register,
    a_row,
    a_unit,
    available,
    deployed,
    in_maintenance,
)


def refused(tmp_path: Path, *rows: Row) -> str:
    with pytest.raises(NotTaken) as caught:
        a_register(tmp_path, *FLEET, *rows)
    return str(caught.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (a_unit("X", class_="NOPE"), "units X, class: NOPE is none of the classes"),
        (a_unit("X", base="NOPE"), "units X, base: NOPE is none of the bases"),
        (a_row(Sheet.UNITS, "X", partner="NZL", class_="MPA"), "units X, base: is missing"),
        (a_class("X", cruise_kt="701"), "701 kt is impossible: no air class does more than 700"),
        (a_class("X", domain="sea"), "440 kt is impossible: no sea class does more than 60"),
        (a_class("X", sprint_kt="400"), "sprints at 400 kt, slower than it cruises"),
        (a_row(Sheet.CLASSES, "X", name="x"), "classes X, domain: is missing"),
        (available("X", "NZL-MPA", share="0"), "'0' is no number from 0.0001 to 1"),
        (a_row(Sheet.AVAILABILITY, "X", unit="NZL-MPA", from_="2026-01-01", to="2026-02-01",
               state="available"), "of how much of the time is it available"),
        (in_maintenance("X", "NZL-MPA", share="0.5"), "available no share of the time"),
        (available("X", "NZL-MPA", to="2026-01-01"), "availability X, to: ends before it begins"),
        (available("X", "NOPE"), "NOPE is none of the units"),
        (deployed("X", "NZL-MPA", "2026-03-02", "2026-03-01"), "ends before it begins"),
        (deployed("X", "NZL-MPA", "2026-03-02", "2026-03-03", area="Z"), "Z is none of the areas"),
        (a_row(Sheet.DEPLOYMENTS, "X", unit="NZL-MPA", from_="2026-01-01", to="2026-02-01"),
         "give a base or an area, one of them"),
        (a_row(Sheet.LEVELS, "X", unit="NZL-MPA", scheme="US-AR220-1",
               inputs="P 1, S 1, R 1, T 1", override_to="3"), "needs to, by and reason"),
        (a_row(Sheet.LEVELS, "X", unit="NZL-MPA", scheme="NOPE", inputs="P 1"),
         "there is no scheme 'NOPE'; there are NZ-OPRES, US-AR220-1"),
        (a_unit("X", captain="Moana"), "there is no column captain; there are name, partner"),
        (replace(a_unit("X"), id="X X"), "'X X' is no id"),
        (available("X", "NZL-MPA", said=replace(SAID, valid_until=None)),
         "availability need a valid_until"),
        (available("X", "NZL-MPA", said=replace(SAID, valid_until=SAID.as_of)),
         "valid_until is not after as_of"),
    ],
)  # fmt: skip
def test_what_cannot_be_so_is_told_by_record_and_column_and_nothing_is_taken(
    tmp_path: Path, row: Row, said: str
) -> None:
    assert said in refused(tmp_path, row)
    assert not any(a_register(tmp_path).records().values())


def test_a_deployment_has_a_base_or_an_area_and_not_both(tmp_path: Path) -> None:
    area = a_row(Sheet.AREAS, "Z", name="z", kind="box", cells="84bb2e9ffffffff")
    row = deployed("X", "NZL-MPA", "2026-03-02", "2026-03-03", area="Z")
    assert "one of them" in refused(tmp_path, area, row)


def test_every_fault_is_told_at_once_up_to_a_number(tmp_path: Path) -> None:
    rows = [a_unit(f"X{n}", class_="NOPE") for n in range(MOST_SAID + 3)]
    said = refused(tmp_path, *rows)
    assert said.count("NOPE is none") == MOST_SAID
    assert said.endswith("and 3 more")
    assert len(said.splitlines()) == MOST_SAID + 1


def test_a_fault_says_its_place_where_it_has_one() -> None:
    assert str(Fault(sheet="units", id="X", column="base", text="no")) == "units X, base: no"
    assert str(Fault(sheet="units", text="no", place="sheet units, row 2")) == (
        "sheet units, row 2: no"
    )
    assert str(Fault(sheet="", text="no")) == "no"
