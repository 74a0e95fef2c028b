import pytest

from accord.desks.readiness.columns import COLUMNS, MAX_TEXT, Column, Sheet, Sort, check_id


def read(sheet: Sheet, column: str, text: str) -> str:
    return COLUMNS[sheet][column].read(text)


@pytest.mark.parametrize(
    ("sheet", "column", "text", "kept"),
    [
        (Sheet.BASES, "name", "  Ohakea ", "Ohakea"),
        (Sheet.BASES, "lat", "-40.20", "-40.2"),
        (Sheet.BASES, "lon", "-0", "0"),
        (Sheet.BASES, "country", "NZL", "NZL"),
        (Sheet.UNITS, "count", "4.0", "4"),
        (Sheet.CLASSES, "notice_h", "1, 2, 6", "1/2/6"),
        (Sheet.CLASSES, "notice_h", "0.5/0.5/0.5", "0.5/0.5/0.5"),
        (Sheet.CLASSES, "roles", "sar,surveillance, sar", "surveillance, sar"),
        (Sheet.UNITS, "may_be_told", "TRUE", "yes"),
        (Sheet.AVAILABILITY, "from", "2026-03-01", "2026-03-01T00:00:00Z"),
        (Sheet.AVAILABILITY, "from", "2026-03-01T12:00+13:00", "2026-02-28T23:00:00Z"),
        (Sheet.AVAILABILITY, "from", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z"),
        (Sheet.AREAS, "cells", "84BB2E9ffffffff 84bb2c1ffffffff 84bb2c1ffffffff",
         "84bb2c1ffffffff 84bb2e9ffffffff"),
        (Sheet.UNITS, "class", "MPA-P8", "MPA-P8"),
        (Sheet.CLASSES, "domain", "sea", "sea"),
    ],
)  # fmt: skip
def test_the_same_thing_said_differently_is_kept_alike(
    sheet: Sheet, column: str, text: str, kept: str
) -> None:
    assert read(sheet, column, text) == kept
    assert read(sheet, column, kept) == kept


@pytest.mark.parametrize(
    ("sheet", "column", "text", "said"),
    [
        (Sheet.BASES, "lat", "91", "from -90 to 90"),
        (Sheet.BASES, "lat", "south", "no number"),
        (Sheet.BASES, "lat", "nan", "no number"),
        (Sheet.CLASSES, "range_nm", "inf", "no number"),
        (Sheet.BASES, "country", "NZ", "alpha-3"),
        (Sheet.UNITS, "count", "1.5", "no whole number"),
        (Sheet.UNITS, "count", "0", "from 1 to 1000"),
        (Sheet.CLASSES, "notice_h", "1/2", "least, likely and most"),
        (Sheet.CLASSES, "notice_h", "6/2/1", "not in the order"),
        (Sheet.CLASSES, "roles", "bombing", "none of"),
        (Sheet.CLASSES, "roles", " , ", "names none of"),
        (Sheet.UNITS, "may_be_told", "perhaps", "yes or no"),
        (Sheet.AVAILABILITY, "share", "0", "0.0001 to 1"),
        (Sheet.AVAILABILITY, "from", "01/03/2026", "no time"),
        (Sheet.AVAILABILITY, "from", "2026-03-01T12:00", "names no zone"),
        (Sheet.AVAILABILITY, "from", "2026-03-01 12:00", "names no zone"),
        (Sheet.AVAILABILITY, "from", "9999-12-31T23:00-12:00", "after the last"),
        (Sheet.AREAS, "cells", "84bb2e9fffffff", "no H3 cell"),
        (Sheet.AREAS, "cells", "", "no H3 cell"),
        (Sheet.UNITS, "class", "a b", "no id"),
        (Sheet.BASES, "name", "x" * (MAX_TEXT + 1), "at most"),
        (Sheet.BASES, "name", "a\nb", "cannot be printed"),
    ],
)
def test_what_cannot_be_so_is_a_sentence(sheet: Sheet, column: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(sheet, column, text)


def test_a_number_without_an_upper_bound_says_its_lower_one() -> None:
    with pytest.raises(ValueError, match="of 0 or more"):
        Column(name="depth", sort=Sort.NUMBER).read("-1")


def test_a_dash_takes_away_what_is_not_needed() -> None:
    assert read(Sheet.DEPLOYMENTS, "base", " - ") == ""
    with pytest.raises(ValueError, match="is needed"):
        read(Sheet.UNITS, "base", "-")


def test_an_id_is_short_and_plain() -> None:
    assert check_id("NZL-P8_1.a") == "NZL-P8_1.a"
    for wrong in ("", "-x", "x" * 65, "é"):
        with pytest.raises(ValueError, match="no id"):
            check_id(wrong)
