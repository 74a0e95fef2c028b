from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.desks.readiness.board import Basis, Cell, Offer, board, oldest_of
from accord.desks.readiness.notice import NOTICES
from accord.desks.readiness.said import Confidence, Records, Row
from accord.desks.readiness.statement import Heard, Standing, Statement
from support.readiness import (
    FLEET,
    NOW,
    SAID,
    a_class,
    a_register,
    a_row,
    a_unit,
    available,
    in_maintenance,
    records_of,
)

DAY = timedelta(days=1)
CAPABILITY = "surveillance-air"


def cells(records: Records, *heard: Heard, capability: str = CAPABILITY) -> tuple[Cell, ...]:
    return board(records, heard, NOW, own="NZL", nations=["FRA"])[capability]


def stated(numbers: tuple[int, ...] = (0, 1, 1, 2), **changes: object) -> Heard:
    statement = Statement(
        capability=CAPABILITY,
        standing=Standing.OFFERED if numbers[-1] else Standing.NONE,
        as_of=NOW - DAY,
        until=NOW + DAY,
        numbers=numbers,
        each=0.5 if numbers[-1] else 0.0,
    )
    return Heard(node="FRA-OPS", statement=replace(statement, **changes), received=NOW)  # pyright: ignore[reportArgumentType]  a test says what it means


def of(cell: Cell, partner: str) -> Offer:
    (offer,) = (each for each in cell.offers if each.partner == partner)
    return offer


def test_four_at_a_half_are_offered_within_a_day_with_the_probability_of_at_least_k(
    tmp_path: Path,
) -> None:
    now, day, *_ = cells(records_of(*FLEET, directory=tmp_path))
    assert (now.number, now.at_least) == (0, ())  # the likely notice is two hours
    assert day.number == 4
    assert day.at_least == pytest.approx((0.9375, 0.6875, 0.3125, 0.0625))
    assert day.oldest == SAID.as_of


def test_the_columns_are_now_a_day_three_days_and_ten(tmp_path: Path) -> None:
    row = cells(records_of(*FLEET, directory=tmp_path))
    assert tuple(each.hours for each in row) == NOTICES == (1, 24, 72, 240)


def test_a_notice_that_may_not_be_over_counts_as_it_is_probable(tmp_path: Path) -> None:
    slow = a_unit("NZL-SLOW", notice_h="0/48/96")
    rows = (*FLEET[:2], slow, available("A", "NZL-SLOW", share="1"))
    day = cells(records_of(*rows, directory=tmp_path))[1]
    assert day.number == 0  # it is not likely to be there
    assert day.at_least == pytest.approx((24 * 24 / (96 * 48),))


def test_the_three_blanks_differ(tmp_path: Path) -> None:
    records = records_of(*FLEET[:3], in_maintenance("M", "NZL-MPA"), directory=tmp_path)
    silent = cells(records)[1]
    assert silent.partners(Standing.NONE) == ("NZL",)
    assert silent.partners(Standing.NO_REPORT) == ("FRA",)
    none = cells(records, stated((0, 0, 0, 0)))[1]
    assert none.partners(Standing.NONE) == ("FRA", "NZL")
    secret = stated((0, 0, 0, 0), standing=Standing.NOT_RELEASED)
    assert cells(records, secret)[1].partners(Standing.NOT_RELEASED) == ("FRA",)


def test_units_of_which_nothing_is_declared_are_no_report_and_not_none(tmp_path: Path) -> None:
    day = cells(records_of(*FLEET[:3], directory=tmp_path))[1]
    assert day.partners(Standing.NO_REPORT) == ("FRA", "NZL")


def test_what_is_stale_counts_for_nothing_and_is_shown_as_stale(tmp_path: Path) -> None:
    old = replace(SAID, valid_until=NOW)
    records = records_of(*FLEET[:3], available("A1", "NZL-MPA", said=old), directory=tmp_path)
    day = cells(records)[1]
    offer = of(day, "NZL")
    assert day.number == 0
    assert day.at_least == ()
    assert (offer.standing, offer.is_stale) == (Standing.NO_REPORT, True)
    assert offer.oldest == SAID.as_of


def test_what_a_partner_stated_stands_instead_of_what_is_assumed_of_it(tmp_path: Path) -> None:
    theirs = (a_unit("FRA-1", partner="FRA"), available("F", "FRA-1", share="0.9"))
    records = records_of(*FLEET, *theirs, directory=tmp_path)
    assumed = of(cells(records)[1], "FRA")
    assert (assumed.basis, assumed.number) == (Basis.ASSUMED, 1)
    _, day, _, ten_days = cells(records, stated())
    said = of(day, "FRA")
    assert (said.basis, said.number, said.chances) == (Basis.STATED, 1, (0.5,))
    assert said.by == ("FRA-OPS",)
    assert ten_days.number == 6
    assert day.at_least[0] == pytest.approx(1 - 0.5**5)


def test_a_partner_that_offers_later_has_none_by_now(tmp_path: Path) -> None:
    now, *_ = cells(records_of(*FLEET, directory=tmp_path), stated())
    assert of(now, "FRA").standing is Standing.NONE


def test_a_statement_that_is_over_is_no_report(tmp_path: Path) -> None:
    over = stated(until=NOW)
    offer = of(cells(records_of(*FLEET, directory=tmp_path), over)[3], "FRA")
    assert (offer.standing, offer.number, offer.is_stale) == (Standing.NO_REPORT, 0, True)


def test_what_is_invented_is_shown_as_invented(tmp_path: Path) -> None:
    invented = replace(SAID, confidence=Confidence.INVENTED)
    records = records_of(*FLEET[:3], available("A1", "NZL-MPA", said=invented), directory=tmp_path)
    assert of(cells(records)[1], "NZL").confidence is Confidence.INVENTED


def test_this_nations_own_statement_is_not_counted_beside_its_units(tmp_path: Path) -> None:
    own = replace(stated(), node="NZL-OPS")
    day = cells(records_of(*FLEET, directory=tmp_path), own)[1]
    assert (day.number, of(day, "NZL").basis) == (4, Basis.OWN)


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ([available("A1", "NZL-MPA", share="0.5"), in_maintenance("M", "NZL-MPA")], 0),
        ([available("A1", "NZL-MPA", share="0.5"),
          available("A2", "NZL-MPA", share="0.2", capability="sar-air")], 4),
        ([available("A1", "NZL-MPA", from_="2026-03-05")], 0),
        ([available("A1", "NZL-MPA", to="2026-03-04T12:00Z")], 0),
    ],
)  # fmt: skip
def test_maintenance_wins_and_only_what_is_on_now_counts(
    tmp_path: Path, rows: list[Row], number: int
) -> None:
    records = records_of(*FLEET[:2], a_unit("NZL-MPA", count="4"), *rows, directory=tmp_path)
    assert cells(records)[1].number == number


def test_what_is_declared_of_a_capability_holds_for_it_before_what_is_declared_of_all(
    tmp_path: Path,
) -> None:
    rows = (
        available("A1", "NZL-MPA", share="0.5"),
        available("A2", "NZL-MPA", share="0.2", capability="sar-air"),
    )
    records = records_of(*FLEET[:3], *rows, directory=tmp_path)
    assert cells(records, capability="sar-air")[1].at_least[0] == pytest.approx(1 - 0.8**4)
    assert cells(records)[1].at_least[0] == pytest.approx(1 - 0.5**4)


def test_a_day_before_anybody_said_what_a_class_is_has_an_empty_board(tmp_path: Path) -> None:
    later = replace(SAID, as_of=NOW - DAY)
    rows = (FLEET[0], replace(a_class(), said=later), *FLEET[2:])
    register = a_register(tmp_path, *rows)
    before = later.as_of - DAY
    assert board(register.records(at=before), [], before, own="NZL") == {}
    assert CAPABILITY in board(register.records(at=NOW), [], NOW, own="NZL")


def test_what_has_no_notice_yet_is_there_at_no_time(tmp_path: Path) -> None:
    later = replace(SAID, as_of=NOW - DAY)
    notice = {name: text for name, text in a_class().values.items() if name != "notice_h"}
    rows = (
        FLEET[0],
        replace(a_class(), values=notice),
        a_row(FLEET[1].sheet, "MPA", later, notice_h="1/2/6"),
        *FLEET[2:],
    )
    register = a_register(tmp_path, *rows)
    before = later.as_of - DAY
    row = board(register.records(at=before), [], before, own="NZL")[CAPABILITY]
    assert [each.number for each in row] == [0, 0, 0, 0]
    assert row[-1].at_least == ()


def test_the_oldest_input_of_a_board(tmp_path: Path) -> None:
    records = records_of(*FLEET, directory=tmp_path)
    assert oldest_of(board(records, [], NOW, own="NZL")) == SAID.as_of
    assert oldest_of({}) is None
