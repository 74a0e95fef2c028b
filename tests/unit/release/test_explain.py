import json

import pytest

from accord.core.agreement import Effect
from accord.release.explain import (
    Explanation,
    because,
    explain,
    explained,
    spell_explanation,
    title_of,
)
from accord.release.loaded import read
from accord.release.terms import Attribute, Term
from support.agreements import FILES, NZL, USA, example, language, text_of

LOADED = example()


def _explained(name: str, partner: str = NZL) -> Explanation:
    described = LOADED.described[name]
    return explain(described.report, LOADED, described.at, described.situation(partner))


def _lines(name: str) -> list[str]:
    return list(spell_explanation(_explained(name), lambda number: title_of(LOADED, number)))


def test_a_release_is_explained_by_its_clause_and_every_other() -> None:
    lines = _lines("own patrol aircraft")
    assert lines[:5] == [
        "RELEASED as grid-1nm",
        "  by clause 2  Own aircraft",
        '     because the sort of report is "track"',
        "     because its kind is like a-f-A*",
        '     because the areas it is wholly inside include "SWPAC"',
    ]
    assert '  1 Surface picture: does not permit exact: its domain is not "surface"' in lines
    assert (
        "  0.4 Exercise and live never mix: does not forbid: "
        "the contexts agreed on include its context"
    ) in lines
    assert lines[-1] == "  form late-10nm the least age of late-10nm: forbids late-10nm"
    assert len(lines) == 2 + 3 + 9


def test_what_is_withheld_says_which_clause_forbids_and_what_is_wrong() -> None:
    lines = _lines("frigate without a mark")
    assert lines[:5] == [
        "WITHHELD: a clause forbids it",
        "  by clause 0.2  Marking",
        "     because it has no mark that is understood",
        "     because the nations in its REL TO do not include the receiver's nation",
        '     because its level is not "RESTRICTED"',
    ]
    assert "  1 Surface picture: would permit exact" in lines


def test_what_nobody_permits_says_what_each_lacks() -> None:
    lines = _lines("frigate off Guam")
    assert lines[0] == "WITHHELD: no clause permits it"
    assert not any(line.startswith("  by clause") for line in lines)
    assert (
        "  1 Surface picture: does not permit exact: "
        'the areas it is wholly inside do not include "SWPAC"'
    ) in lines


def test_what_is_too_young_is_explained_by_the_table_of_forms() -> None:
    lines = _lines("submarine ten minutes ago")
    assert lines[:3] == [
        "WITHHELD: younger than the permitted form may be",
        "  by clause form late-10nm  the least age of late-10nm",
        "     because the time from the time it happened to the time now is less than 30 min",
    ]
    assert "  3 Under water: would permit late-10nm" in lines


def test_two_forbids_are_both_named() -> None:
    lines = _lines("chat")
    assert lines[1] == "  by clause 0.5  The quiet strip"


def test_every_clause_says_what_it_is_and_whether_it_applies() -> None:
    said = {clause.number: clause for clause in _explained("own patrol aircraft").clauses}
    assert said["2"].decided
    assert said["2"].applies
    assert said["2"].forms == ("grid-1nm",)
    assert said["0.1"].effect is Effect.FORBID
    assert not said["0.1"].applies
    assert said["0.1"].forms == ()
    assert [number for number, clause in said.items() if clause.decided] == ["2"]


def test_towards_nobody_there_is_nothing_to_explain() -> None:
    explanation = _explained("own patrol aircraft", USA)
    assert explanation.clauses == ()
    assert explanation.judgement.facts is None


def test_a_clause_for_another_receiver_says_so() -> None:
    text = text_of("usa-nzl-maritime").replace(
        'principal == Accord::Node::"NZL-JFNZ", action == Accord::Action::"grid-1nm"',
        'principal == Accord::Node::"USA-PAC", action == Accord::Action::"grid-1nm"',
    )
    loaded = read(text.encode(), FILES)
    described = loaded.described["own patrol aircraft"]
    explained = explain(described.report, loaded, described.at, described.situation(NZL))
    (clause,) = [each for each in explained.clauses if each.number == "2"]
    assert not clause.applies
    assert clause.because == ("it is for USA-PAC only",)


CEDAR = language()
TRUTH = {"marked": True, "directed": False, "emergency": True, "by_default": False}


def _holds(term: Term) -> bool:
    if isinstance(term, Attribute):
        return TRUTH[term.name]
    parts = [_holds(each) for each in getattr(term, "arguments", ())]
    return {"not": lambda: not parts[0], "and": lambda: all(parts), "or": lambda: any(parts)}[
        str(getattr(term, "op", ""))
    ]()


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("resource.marked", ["it is marked"]),
        ("!resource.directed", ["it is not addressed to single persons"]),
        ("resource.marked && resource.emergency", ["it is marked", "it is a call for help"]),
        # Of what fails, only the parts that fail.
        ("resource.marked && resource.directed", ["it is not addressed to single persons"]),
        # Of what holds by one of two, only the one.
        ("resource.marked || resource.directed", ["it is marked"]),
        (
            "resource.by_default || resource.directed",
            ["it is marked by its sender", "it is not addressed to single persons"],
        ),
        (
            "!(resource.marked && resource.directed)",
            ["it is not addressed to single persons"],
        ),
    ],
)
def test_only_what_made_it_so_is_a_reason(text: str, reasons: list[str]) -> None:
    assert because(CEDAR.condition(text), _holds) == reasons


def test_for_machines_it_says_form_clause_and_what_every_clause_said() -> None:
    told = explained(_explained("own patrol aircraft"))
    assert (told["released"], told["form"], told["clause"]) == (True, "grid-1nm", "2")
    clauses = json.loads(json.dumps(told))["clauses"]
    (decided,) = (each for each in clauses if each["decided"])
    assert (decided["number"], decided["title"]) == ("2", "Own aircraft")
    assert decided["because"][0] == 'the sort of report is "track"'
    withheld = explained(_explained("frigate without a mark"))
    assert (withheld["released"], withheld["form"]) == (False, None)
    assert withheld["reason"]
