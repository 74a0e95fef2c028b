"""What is true of every report, told to the solver: a report that cannot be is never found."""

import pytest
import z3

from accord.release.formula import Formulas
from support.agreements import RECEIVER, language

CEDAR = language()


def _found(*conditions: str) -> bool:
    """Tell whether there is a report of which all these hold."""
    formulas, solver = Formulas(RECEIVER), z3.Solver()
    solver.add(*[formulas.condition(CEDAR.condition(each)) for each in conditions])
    solver.add(*formulas.premises())
    return solver.check() == z3.sat


@pytest.mark.parametrize(
    "conditions",
    [
        ('resource.domain == "air"', 'resource.kind == "a-f-S"'),
        ('resource.affiliation == "friend"', 'resource.kind == "a-h-S"'),
        ('resource.inside.contains("X")', '!resource.touches.contains("X")'),
        ("resource.hops > 0", "!resource.third_party"),
        ("resource.own_sensor", "resource.third_party"),
        ("resource.emergency", 'resource.what == "track"'),
        ('resource.words.contains("ship")', 'resource.kind == "a-f-A"'),
    ],
)
def test_what_cannot_be_of_any_report_is_not_found(conditions: tuple[str, str]) -> None:
    assert not _found(*conditions)
    assert all(_found(each) for each in conditions)


def test_texts_that_nobody_mentions_are_found_and_spelled_as_others() -> None:
    formulas, solver = Formulas(RECEIVER), z3.Solver()
    solver.add(formulas.condition(CEDAR.condition('!(resource.originator == "NZL")')))
    solver.add(*formulas.premises())
    solver.add(formulas.is_small(), formulas.looks_plain())
    assert solver.check() == z3.sat
    facts = formulas.facts(solver.model())
    assert facts.originator != "NZL"
    assert facts.kind == "" or facts.kind.replace("-", "").isalpha()


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        (r'resource.kind like "a-*-\\u{55}*"', "a-f-U-S"),
        (r'resource.kind == "a-f-\\u{55}"', "a-f-U"),
        (r'["a-f-\\u0055"].contains(resource.kind)', "a-f-U"),
    ],
)
def test_a_backslash_in_a_text_is_a_backslash_to_the_solver(condition: str, kind: str) -> None:
    assert _found(condition)
    assert not _found(condition, f'resource.kind == "{kind}"')


def test_a_kind_with_a_backslash_is_spelled_as_it_is() -> None:
    formulas, solver = Formulas(RECEIVER), z3.Solver()
    solver.add(formulas.condition(CEDAR.condition(r'resource.kind == "a-\\u{55}\\b"')))
    assert solver.check() == z3.sat
    assert formulas.facts(solver.model()).kind == "a-\\u{55}\\b"
