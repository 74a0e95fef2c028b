import csv

import pytest

from accord.search.fault import SearchError
from accord.search.leeway import CMS_PER_KNOT, read_leeway
from accord.storage import charts

TEXT = (charts.SEARCH / "leeway.csv").read_text("utf-8")
ROWS = list(csv.DictReader(TEXT.splitlines()))


def test_all_85_classes_have_the_means_and_spreads_of_the_table() -> None:
    found = read_leeway(TEXT)
    assert len(found) == len(ROWS) == 85
    for row in ROWS:
        each = found[row["key"]]
        for component, name in ((each.downwind, "dw"), (each.right, "cwr"), (each.left, "cwl")):
            # In 10 m/s the slope in percent is in tenths of m/s: ten cm/s for each percent.
            leeway = component.at(1000.0 / CMS_PER_KNOT) * CMS_PER_KNOT
            wanted = float(row[f"{name}_slope_pct"]) * 10 + float(row[f"{name}_offset_cms"])
            assert leeway == pytest.approx(wanted, abs=1e-9)
            assert component.spread * CMS_PER_KNOT == pytest.approx(float(row[f"{name}_std_cms"]))


def test_25_classes_drift_otherwise_to_the_right_than_to_the_left() -> None:
    found = read_leeway(TEXT).values()
    mirrored = [
        each
        for each in found
        if (each.right.slope, each.right.offset) == (-each.left.slope, -each.left.offset)
    ]
    assert len(found) - len(mirrored) == 25


def test_every_class_has_a_group_and_something_that_it_looks_like() -> None:
    targets = charts.sweep_widths().targets
    for each in read_leeway(TEXT).values():
        assert each.group
        assert each.seen_as in targets


def test_the_class_with_the_doubtful_slope_says_so_and_no_other() -> None:
    found = read_leeway(TEXT).values()
    assert [each.key for each in found if each.doubt] == ["LIFE-RAFT-SB-10"]


@pytest.mark.parametrize("change", [("0.96", "x"), ("PIW-1,", "ZEP-1,")])
def test_a_row_that_is_none_is_named(change: tuple[str, str]) -> None:
    with pytest.raises(SearchError, match="row 2 of the leeway table"):
        read_leeway(TEXT.replace(*change, 1))
