import pytest

from accord.core.geometry import Box
from accord.storage.history.engine import Order
from accord.storage.history.question import Question, Stretch
from accord.storage.history.shared.statement import Values, asked


def said(**stretch) -> tuple[str, list[object]]:
    values = Values()
    question = Question(stretch=Stretch(since=86_400.0, until=3 * 86_400.0, **stretch),
                        hears=frozenset({"Blue"}))  # fmt: skip
    sql = asked(question, "NZL-A", values, order=Order.NUMBER, most=7, newest=False)
    return sql, values.all


def test_nothing_that_somebody_says_stands_in_the_statement() -> None:
    sql, values = said(uids=frozenset({"S'; DROP TABLE position"}))
    assert "DROP" not in sql
    assert ["S'; DROP TABLE position"] in values
    assert sql.endswith("LIMIT 7")


def test_only_the_node_s_own_rows_of_the_days_in_question_are_asked_for() -> None:
    sql, values = said()
    assert "l.keeper = $1" in sql
    assert values[0] == "NZL-A"
    assert sql.count("day BETWEEN") == 2
    assert tuple(values[3:5]) == (1, 3)


def test_a_box_over_180_degrees_is_two_for_the_index() -> None:
    sql, _ = said(area=Box(south=-20, west=179, north=-15, east=-179))
    assert sql.count("&&") == 3
    sql, _ = said(area=Box(south=-20, west=170, north=-15, east=179))
    assert sql.count("&&") == 2


def test_a_condition_has_as_many_values_as_marks() -> None:
    assert Values().filled(("a = ? AND b = ?", [1, 2])) == "a = $1 AND b = $2"
    with pytest.raises(ValueError, match="zip"):
        Values().filled(("a = ? AND b = ?", [1]))
