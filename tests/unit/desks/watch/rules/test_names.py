from collections.abc import Iterable

import pytest

from accord.core.principal import Principal
from accord.desks.watch.rules import text
from accord.desks.watch.rules.names import Known, unknown

PEOPLE = (
    Principal(name="aroha", exercises=frozenset({"TUI"})),
    Principal(name="ben"),
)


def said(*lines: str, people: Iterable[Principal] | None = PEOPLE) -> list[str]:
    rules = text.read("rule r\n" + "\n".join(lines), file="watch.rules")
    known = Known(
        node="NZL-JFNZ", feeds=("harbour",), partners=lambda: {"AUS"}, people=lambda: people
    )
    return list(unknown(rules, known))


@pytest.mark.parametrize(
    "lines",
    [
        ("when feed harbour silent for 5 min",),
        ("when partner AUS silent for 5 min",),
        ("when calls",),
        ("of a-.-S a-f . b-m-p t-x-d-d a-.-.-X", "when calls"),
        ("when calls", "escalate after 5 min offer aroha"),
        ("when calls", "escalate after 5 min to alarm"),
        ("when calls", "in exercise:TUI"),
    ],
)
def test_what_there_is_is_not_told(lines: tuple[str, ...]) -> None:
    assert said(*lines) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("when feed air silent for 5 min", "the feed air, which accord.toml does not have"),
        (
            "when partner FJI silent for 5 min",
            "the partner FJI, which is none of this node's (`accord partner`)",
        ),
        (
            "when partner NZL-JFNZ silent for 5 min",
            "the partner NZL-JFNZ, which is this node itself",
        ),
    ],
)
def test_a_source_that_there_is_none_of_is_told(line: str, told: str) -> None:
    assert said(line) == [f"watch rule r is about {told}"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("ship", "a type of CoT begins with one letter and not with 'ship'"),
        ("a-F-S", "its second letter is one of p u a f n s h j k o x, or `.` for any"),
        ("a-.-s", "its third letter is one of P A G S U F X, or `.` for any"),
    ],
)
def test_a_type_that_nothing_has_is_told(pattern: str, why: str) -> None:
    assert said(f"of a-.-A {pattern}", "when calls") == [
        f"watch rule r is about the type {pattern}, which nothing has: {why}"
    ]


def test_a_person_or_an_exercise_that_nobody_knows_is_told() -> None:
    offered = "escalate after 5 min offer Aroha"
    assert said("when calls", offered, "in exercise:KEA") == [
        f"watch rule r {each}"
        for each in (
            "offers its alerts to Aroha, who is not known here: see that the name is spelt so",
            "is about exercise:KEA, which nobody here takes part in: nobody is told its alerts",
        )
    ]


def test_people_who_sign_in_by_another_s_word_are_not_guessed_at() -> None:
    assert said("when calls", "escalate after 5 min offer x", "in exercise:X", people=None) == []


def test_who_the_people_are_is_not_asked_of_a_node_that_cannot_tell() -> None:
    rules = text.read("rule r\nwhen calls\nin exercise:X", file="watch.rules")
    assert list(unknown(rules, Known(node="NZL", feeds=(), partners=set[str]))) == []
