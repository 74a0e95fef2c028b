from collections.abc import Callable
from datetime import date

import pytest
import yaml

from accord.posture import entry
from accord.posture.entry import MAX_CHARACTERS, Entry, read_tree
from accord.posture.fault import ScenarioError


def said(action: Callable[[], object]) -> str:
    with pytest.raises(ScenarioError) as refused:
        action()
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- 1\n", "line 1: give keys and values"),
        ("", "line 1: give keys and values"),
        ("a: 1\na: 2\n", "line 2: a is there twice"),
        ("a: 1\nb: &x [1]\nc: *x\n", "line 2: an alias"),
        ("a: &x {b: *x}\n", "line 1: an alias"),
        ("a: [1,\n", "it is not YAML"),
        ("a: " + "[" * 2000, "it is not YAML: exceeded maximum nesting depth"),
        ("a: \x07", "it is not YAML"),
        ("[1]: 2\n", "line 1: a key is a word"),
        (f"a: {'x' * MAX_CHARACTERS}", "at most 1000000 are read"),
    ],
)
def test_what_is_no_plain_mapping_is_refused_with_its_line(text: str, sentence: str) -> None:
    assert sentence in said(lambda: read_tree(text))


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_it_reads_the_same_with_libyaml_and_without(
    monkeypatch: pytest.MonkeyPatch, loader: type
) -> None:
    monkeypatch.setattr(entry, "_LOADER", loader)
    tree = read_tree("a: 1\nb:\n  - {c: yes it is, d: 2.5}\n")
    assert tree.whole("a", 0, 9) == 1
    (row,) = tree.entries("b")
    assert (row.text("c"), row.number("d", 0, 9), row.line) == ("yes it is", 2.5, 3)
    row.finish()


def test_without_libyaml_what_is_nested_too_deep_is_refused_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entry, "_LOADER", yaml.SafeLoader)
    assert said(lambda: read_tree("[" * 600)) == "line 1: it is nested too deep"


def row(text: str) -> Entry:
    return read_tree(f"rows:\n  - {{{text}}}\n").entries("rows")[0]


@pytest.mark.parametrize(
    ("text", "take", "sentence"),
    [
        ("a: 1", lambda e: e.text("b"), "line 2: rows.b: it is missing"),
        ("a: [1]", lambda e: e.text("a"), "rows.a: give one value"),
        ("a: null", lambda e: e.text("a"), "rows.a: give one value"),
        ("a: !!python/name:os.system x", lambda e: e.text("a"), "rows.a: give one value"),
        ('a: "\\u200bx"', lambda e: e.text("a"), "cannot be seen"),
        ("a: x", lambda e: e.number("a", 0, 1), "'x' is not a number"),
        ("a: .nan", lambda e: e.number("a", 0, 1), "'.nan' is not a number"),
        ("a: nan", lambda e: e.number("a", 0, 1), "nan is not between 0 and 1"),
        ("a: 2", lambda e: e.number("a", 0, 1), "2 is not between 0 and 1"),
        ("a: 1.5", lambda e: e.whole("a", 0, 2), "1.5 is not a whole number"),
        ("a: 2026-13-01", lambda e: e.date_if_there("a"), "not a day such as 2026-11-01"),
        ("a: 9999-12-31", lambda e: e.date_if_there("a"), "not in the years from 1900 to 2199"),
        ("a: z", lambda e: e.choice("a", {"x": 1, "y": 2}), "z is none of x, y"),
        ("a: [x, x]", lambda e: e.texts("a"), "it says one thing twice"),
        ("a: x", lambda e: e.texts("a"), "rows.a: give a list"),
        ("a: [[1, 2, 3]]", lambda e: e.pairs("a"), "each as [latitude, longitude]"),
        ("a: [5]", lambda e: e.pairs("a"), "each as [latitude, longitude]"),
        ("a: [[91, 0]]", lambda e: e.pairs("a"), "91 is not between -90 and 90"),
        ("a: [1]", lambda e: e.entries("a"), "line 2: rows.a: give keys and values"),
        ("a: 1", lambda e: e.finish(), "line 2: no such key: rows.a"),
        ("a: 1, late: ", lambda e: (e.discard("a"), e.finish()), "a comma stands in quotes"),
    ],
)
def test_what_is_of_another_sort_is_refused(
    text: str, take: Callable[[Entry], object], sentence: str
) -> None:
    assert sentence in said(lambda: take(row(text)))


def test_what_is_there_is_returned_as_what_it_is() -> None:
    given = row(
        "a: text, b: 2.5, c: 3, d: 2026-02-03, e: [x, y], f: [1, 2], g: [[-5, 190]], h: [{i: 1}]"
    )
    assert given.text("a") == "text"
    assert given.number("b", 0, 9) == 2.5
    assert given.whole("c", 0, 9) == 3
    assert given.date_if_there("d") == date(2026, 2, 3)
    assert given.texts("e") == ("x", "y")
    assert given.numbers("f", 0, 9) == (1.0, 2.0)
    assert given.pairs("g") == ((-5.0, 190.0),)
    (inner,) = given.entries("h", "deeper")
    assert inner.name == "deeper"
    given.finish()


def test_what_is_not_there_has_its_default() -> None:
    given = row("a: 1")
    assert given.text("b", "default") == "default"
    assert given.number_if_there("b", 0, 1) is None
    assert given.number_if_there("a", 0, 1) == 1.0
    assert given.whole("b", 0, 9, 4) == 4
    assert given.date_if_there("b") is None
    assert (given.texts("b"), given.numbers("b", 0, 1), given.pairs("b")) == ((), (), ())
    assert given.entries("b") == []
    assert "a" not in given


def test_a_reader_may_refuse_a_text() -> None:
    def never(text: str) -> int:
        raise ValueError(f"not {text}")

    assert said(lambda: row("a: x").read("a", never)) == "line 2: rows.a: not x"
