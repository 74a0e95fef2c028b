from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.desks.readiness.clash import ClashKind, clashes
from accord.desks.readiness.said import Row
from support.readiness import (
    FLEET,
    a_base,
    a_unit,
    deployed,
    in_maintenance,
    records_of,
)

SHIP = a_unit("NZL-1")
NADI, APIA = a_base("FJ-NAN"), a_base("WS-APW")


def found(tmp_path: Path, *rows: Row) -> list[str]:
    records = records_of(*FLEET, SHIP, NADI, APIA, *rows, directory=tmp_path)
    return [f"{each.kind} {each.first} {each.second}" for each in clashes(records)]


def test_one_ship_cannot_be_in_two_places(tmp_path: Path) -> None:
    rows = (
        deployed("D1", "NZL-1", "2026-03-01", "2026-03-20", base="FJ-NAN"),
        deployed("D2", "NZL-1", "2026-03-10", "2026-04-01", base="WS-APW"),
    )
    assert found(tmp_path, *rows) == ["two places D1 D2"]


def test_what_follows_does_not_clash(tmp_path: Path) -> None:
    rows = (
        deployed("D1", "NZL-1", "2026-03-01", "2026-03-10", base="FJ-NAN"),
        deployed("D2", "NZL-1", "2026-03-10", "2026-04-01", base="WS-APW"),
        in_maintenance("M1", "NZL-1", from_="2026-04-01", to="2026-05-01"),
    )
    assert found(tmp_path, *rows) == []


def test_the_same_place_said_twice_is_one_place(tmp_path: Path) -> None:
    rows = [
        deployed(f"D{n}", "NZL-1", "2026-03-01", "2026-03-10", base="FJ-NAN", commitment="C1")
        for n in (1, 2)
    ]
    assert found(tmp_path, *rows) == []


def test_maintenance_against_a_deployment(tmp_path: Path) -> None:
    rows = (
        deployed("D1", "NZL-1", "2026-03-25", "2026-05-01", base="FJ-NAN"),
        in_maintenance("M1", "NZL-1"),
    )
    assert found(tmp_path, *rows) == ["maintenance M1 D1"]


def test_two_commitments_that_want_the_same_unit_clash_even_at_one_place(tmp_path: Path) -> None:
    rows = [
        deployed(f"D{n}", "NZL-1", "2026-03-01", "2026-03-10", base="FJ-NAN", commitment=f"C{n}")
        for n in (1, 2)
    ]
    assert found(tmp_path, *rows) == ["two commitments D1 D2"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [(("2", "2"), 0), (("2", "3"), 1), (("4", "1"), 1)],
)
def test_a_line_of_four_clashes_only_where_more_than_four_are_wanted(
    tmp_path: Path, counts: tuple[str, str], expected: int
) -> None:
    rows = [
        deployed(f"D{n}", "NZL-MPA", "2026-03-01", "2026-03-10", base=base, count=count)
        for n, (base, count) in enumerate(zip(("FJ-NAN", "WS-APW"), counts, strict=True), 1)
    ]
    assert len(found(tmp_path, *rows)) == expected


def test_halves_of_the_time_add_up_to_one_unit(tmp_path: Path) -> None:
    rows = [
        deployed(f"D{n}", "NZL-1", "2026-03-01", "2026-03-10", base=base, share="0.5")
        for n, base in enumerate(("FJ-NAN", "WS-APW"), 1)
    ]
    assert found(tmp_path, *rows) == []


def test_three_that_each_fit_in_pairs_clash_where_all_meet(tmp_path: Path) -> None:
    rows = [
        deployed("D1", "NZL-MPA", "2026-03-01", "2026-03-31", base="FJ-NAN", count="2"),
        deployed("D2", "NZL-MPA", "2026-03-05", "2026-03-20", base="WS-APW", count="2"),
        deployed("D3", "NZL-MPA", "2026-03-10", "2026-03-12", base="NZ-OHA", count="1"),
    ]
    assert set(found(tmp_path, *rows)) == {
        "two places D1 D2", "two places D1 D3", "two places D2 D3",
    }  # fmt: skip


def test_a_clash_says_what_and_when_in_a_sentence(tmp_path: Path) -> None:
    rows = (
        deployed("D1", "NZL-1", "2026-03-01", "2026-03-20", base="FJ-NAN"),
        deployed("D2", "NZL-1", "2026-03-10", "2026-04-01", base="WS-APW"),
    )
    (clash,) = clashes(records_of(*FLEET, SHIP, NADI, APIA, *rows, directory=tmp_path))
    assert clash.kind is ClashKind.PLACES
    assert (clash.begins, clash.ends) == (
        datetime(2026, 3, 10, tzinfo=UTC),
        datetime(2026, 3, 20, tzinfo=UTC),
    )
    assert clash.text == "NZL-1 is in two places, 2026-03-10 to 2026-03-20: D1 and D2"
