import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.release.fault import AgreementError, Fault
from accord.release.toml import Table, lines_of

TEXT = """\
name = "x"
count = 3
ratio = 0.5
yes = true
at = 2027-01-01T02:00:00+02:00
local = 2027-01-01T00:00:00
first = 0001-01-01T00:00:00+23:00
between = [2027-01-01T00:00:00Z, 2027-02-01T00:00:00Z]
words = ["a", "b"]
twice = ["a", "a"]
place = [-18, 178.5]
flags = [true, false]
wait = "10 min"
cell = "1 NM"
[inner] # a comment
"quoted name" = 1
[outer.'deep one']
a.b = 1
[[row]]
says = "one"
[[row]]
says = "two"
"""
FIRST = 11


def _table() -> Table:
    return Table(tomllib.loads(TEXT), (), lines_of(TEXT, FIRST))


def _fault(does: Callable[[Table], object]) -> Fault:
    with pytest.raises(AgreementError) as refused:
        does(_table())
    (fault,) = refused.value.faults
    return fault


def test_each_table_and_key_has_the_line_it_stands_on() -> None:
    lines = lines_of(TEXT, 1)
    assert lines[("name",)] == 1
    assert lines[("inner",)] == 15
    assert lines[("inner", "quoted name")] == 16
    assert lines[("outer",)] == lines[("outer", "deep one")] == 17
    assert lines[("outer", "deep one", "a", "b")] == 18
    assert lines[("row", "0")] == 19
    assert lines[("row", "1", "says")] == 22


def test_values_are_taken_by_their_sort() -> None:
    table = _table()
    assert table.text("name") == "x"
    assert table.whole("count") == 3
    assert table.number("ratio") == 0.5
    assert table.flag("yes") is True
    assert table.moment("at") == datetime(2027, 1, 1, tzinfo=UTC)
    assert table.moments("between", 2)[1] == datetime(2027, 2, 1, tzinfo=UTC)
    assert table.is_list("words")
    assert not table.is_list("wait")
    assert table.texts("words") == ["a", "b"]
    assert table.numbers("place", 2) == [-18.0, 178.5]
    assert table.span("wait") == timedelta(minutes=10)
    assert table.metres("cell") == 1852.0


def test_what_is_not_there_is_its_default() -> None:
    table = Table({}, (), {})
    assert table.text("a", "b") == "b"
    assert table.whole("a", 7) == 7
    assert table.flag("a") is False
    assert table.number("a") is None
    assert table.span("a") is None
    assert table.metres("a") is None
    assert table.texts("a") == []
    assert table.rows("a") == []
    assert table.table("a").names() == []
    assert table.moment("a", datetime(2027, 1, 1, tzinfo=UTC)).year == 2027
    assert table.line is None


WRONG: list[tuple[Callable[[Table], object], str, int | None]] = [
    (lambda t: t.text("count"), "count: give a text", 12),
    (lambda t: t.text("missing"), "missing is missing", None),
    (lambda t: t.whole("yes"), "yes: give a whole number", 14),
    (lambda t: t.whole("ratio"), "ratio: give a whole number", 13),
    (lambda t: t.number("yes"), "yes: give a number", 14),
    (lambda t: t.number("name"), "name: give a number", 11),
    (lambda t: t.flag("name"), "name: give true or false", 11),
    (lambda t: t.moment("name"), "name: give a time such as", 11),
    (lambda t: t.moment("local"), "local: say the zone", 16),
    (lambda t: t.moment("first"), "first: no time that can be", 17),
    (lambda t: t.moments("between", 3), "between: give 3 times", 18),
    (lambda t: t.moments("words", 2), "words: give 2 times", 19),
    (lambda t: t.texts("name"), "name: give a list of texts", 11),
    (lambda t: t.texts("place"), "place: give a list of texts", 21),
    (lambda t: t.texts("twice"), "twice: it says one thing twice", 20),
    (lambda t: t.numbers("place", 3), "place: give 3 numbers", 21),
    (lambda t: t.numbers("flags", 2), "flags: give 2 numbers", 22),
    (lambda t: t.numbers("missing", 2), "missing is missing", None),
    (lambda t: t.span("name"), "name: give seconds, or a duration", 11),
    (lambda t: t.metres("wait"), "wait: give a distance", 23),
    (lambda t: t.read("name", int), "name: invalid literal", 11),
    (lambda t: t.table("name"), "name: give a table", 11),
    (lambda t: t.rows("inner"), "inner: give tables", 25),
    (lambda t: t.rows("words"), "words: give tables, as [[key]]", 19),
    (lambda t: t.table("inner").text("quoted name"), "inner.quoted name: give a text", 26),
    (lambda t: t.rows("row")[1].whole("says"), "row.1.says: give a whole number", 32),
    (lambda t: t.rows("row")[1].text("missing"), "row.1.missing is missing", 31),
]  # fmt: skip


@pytest.mark.parametrize(("does", "said", "line"), WRONG)
def test_what_is_of_another_sort_is_refused_with_its_line(
    does: Callable[[Table], object], said: str, line: int | None
) -> None:
    fault = _fault(does)
    assert fault.sentence.startswith(said)
    assert fault.line == line


def test_what_nobody_asked_for_is_refused() -> None:
    table = Table({"name": "x", "nmae": "y"}, ("party",), {("party",): 5})
    assert table.text("name") == "x"
    with pytest.raises(AgreementError, match=r"line 5: no such key: party\.nmae"):
        table.finish()
    table.discard("nmae")
    table.finish()


def test_tables_in_a_table_come_in_their_order() -> None:
    table = Table({"form": {"b": {"x": 1}, "a": {}}}, (), {})
    found = list(table.tables("form"))
    assert [name for name, _ in found] == ["b", "a"]
    assert found[0][1].path == ("form", "b")


def test_a_table_over_another_says_what_it_says_and_else_what_the_other_does() -> None:
    table = Table({"a": "own"}, ("report", "x"), {}).over({"a": "usual", "b": "usual"}, ("u",))
    assert (table.text("a"), table.text("b")) == ("own", "usual")
    assert "a" not in table


def test_what_is_wrong_with_what_is_usual_is_wrong_there_and_not_where_it_is_used() -> None:
    lines = {("usual", "b"): 3, ("report", "x"): 7}
    table = Table({"a": 1}, ("report", "x"), lines).over({"a": "usual", "b": 2}, ("usual",))
    with pytest.raises(AgreementError, match=r"^line 7: report\.x\.a: give a text$"):
        table.text("a")
    with pytest.raises(AgreementError, match=r"^line 3: usual\.b: give a text$"):
        table.text("b")


def test_the_rest_of_a_table_can_be_taken_as_it_is() -> None:
    table = Table({"a": 1, "b": {"c": 2}}, (), {})
    rest: dict[str, Any] = table.raw()
    assert rest == {"a": 1, "b": {"c": 2}}
    table.finish()


UNSEEN = ["\x1b[8m", "\n", "\t", "\u202e", "\u200b", "\x7f"]


@pytest.mark.parametrize("letter", UNSEEN)
def test_a_text_that_a_terminal_would_not_show_is_refused(letter: str) -> None:
    values: dict[str, Any] = {"says": f"nothing{letter}hidden", "words": ["a", f"b{letter}"]}
    reads: list[Callable[[Table], object]] = [
        lambda table: table.text("says"),
        lambda table: table.texts("words"),
        lambda table: table.read("says", str),
    ]
    for read in reads:
        with pytest.raises(AgreementError, match="a character that cannot be seen"):
            read(Table(values, (), {}))
    assert Table(values, (), {}).code("says") == values["says"]


@pytest.mark.parametrize("letter", UNSEEN)
def test_a_key_that_a_terminal_would_not_show_is_refused(letter: str) -> None:
    with pytest.raises(AgreementError, match="a character that cannot be seen") as refused:
        Table({"outer": {f"in{letter}ner": {}}}, (), {("outer",): 7}).table("outer")
    (fault,) = refused.value.faults
    assert fault.line == 7
    assert str(fault).isprintable()
