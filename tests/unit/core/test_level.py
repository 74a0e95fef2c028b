from typing import Any

import pytest

from accord.core import portion
from accord.core.level import LevelTable

ROWS = {
    "OPEN": {"NZL": ["UNCLASSIFIED", "IN-CONFIDENCE"], "USA": "UNCLASSIFIED"},
    "LIMITED": {"NZL": "RESTRICTED", "USA": "CUI", "NATO": "RESTRICTED"},
    "CLOSED": {"NZL": "SECRET", "USA": "SECRET"},
}


@pytest.mark.parametrize(
    ("mark", "nation", "rank", "name"),
    [
        ("(U)", "NZL", 0, "OPEN"),
        ("(IN-CONFIDENCE)", "NZL", 0, "OPEN"),
        ("(CUI)", "USA", 1, "LIMITED"),
        ("(//NR)", "USA", 1, "LIMITED"),
        ("(S)", "NZL", 2, "CLOSED"),
    ],
)
def test_a_level_stands_for_the_common_one_beside_it(
    mark: str, nation: str, rank: int, name: str
) -> None:
    table, label = LevelTable.of(ROWS), portion.read(mark, nation=nation)
    assert (table.rank(label), table.name(label)) == (rank, name)


@pytest.mark.parametrize(("mark", "nation"), [("(C)", "NZL"), ("(R)", "USA"), ("(U)", "AUS")])
def test_a_level_that_is_not_in_the_table_stands_for_none(mark: str, nation: str) -> None:
    table, label = LevelTable.of(ROWS), portion.read(mark, nation=nation)
    assert table.rank(label) is None
    assert table.name(label) is None


def test_an_empty_table_gives_no_level_a_rank() -> None:
    assert LevelTable.of({}).rank(portion.read("(U)", nation="NZL")) is None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"A": {"NZ": "SECRET"}}, "NZ is neither"),
        ({"A": {"NZL": "PURPLE"}}, "NZL PURPLE is no level"),
        ({"A": {"NATO": "PROTECTED"}}, "NATO PROTECTED is no level"),
        ({"A": {"NZL": "SECRET"}, "B": {"NZL": ["SECRET"]}}, "NZL SECRET stands for both A and B"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_a_sentence(rows: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LevelTable.of(rows)
