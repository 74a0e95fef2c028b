import pytest

from accord.release.terms import (
    TRUE,
    Apply,
    Op,
    Sort,
    all_of,
    attributes,
    conjuncts,
    negation,
    sort_of,
)
from support.agreements import language

CEDAR = language()
A, B, C = (CEDAR.condition(f"resource.{name}") for name in ("marked", "directed", "emergency"))


def test_nothing_to_hold_always_holds() -> None:
    assert all_of([]) == TRUE


def test_several_conditions_hold_together_in_order() -> None:
    joined = all_of([A, B, C])
    assert conjuncts(joined) == [A, B, C]
    assert sort_of(joined) is Sort.BOOL


def test_the_opposite_of_an_opposite_is_the_thing_itself() -> None:
    assert negation(negation(A)) == A


def test_what_must_hold_is_found_behind_a_not_of_or() -> None:
    assert conjuncts(CEDAR.condition("!(resource.marked || !resource.directed)")) == [
        negation(A),
        B,
    ]
    assert conjuncts(negation(A)) == [negation(A)]


def test_a_pattern_is_a_condition() -> None:
    assert sort_of(CEDAR.condition('resource.kind like "a*"')) is Sort.BOOL
    assert sort_of(Apply(Op.SINCE, (), Sort.SPAN)) is Sort.SPAN


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("resource.marked && !resource.directed", {"marked", "directed"}),
        ('resource.kind like "a*" || context.synchronised', {"kind", "synchronised"}),
        ('principal.nation == "NZL"', set[str]()),
    ],
)
def test_the_attributes_that_a_condition_reads_are_known(text: str, names: set[str]) -> None:
    assert attributes(CEDAR.condition(text)) == names
