"""Words that a clause can be compared with: the areas and levels of the agreement, and MITRE CoT's
and DoDM 5200.01's own.
"""

import pytest

from accord.release.loaded import read
from accord.release.vocabulary import Vocabulary
from support.agreements import example, language
from support.small_agreement import FILES, SMALL

AGREEMENT = read(SMALL.encode(), FILES).agreement


def _unknown(condition: str) -> list[str]:
    term = language().condition(condition)
    return [word for word, _ in Vocabulary(AGREEMENT).unknown(term)]


@pytest.mark.parametrize(
    ("condition", "unknown"),
    [
        ('resource.touches.contains("QUIET")', ["QUIET"]),
        ('resource.inside.contains("SEE") || resource.marked', ["SEE"]),
        ('resource.inside == ["SEA", "LAKE"]', ["LAKE"]),
        ('["SEA", "LAKE"].containsAny(resource.touches)', ["LAKE"]),
        ('resource.inside.containsAll(["LAKE", "POND"])', ["LAKE", "POND"]),
        ('resource.domain == "submarine"', ["submarine"]),
        ('!("submarine" == resource.domain)', ["submarine"]),
        ('["air", "ari"].contains(resource.domain)', ["ari"]),
        ('resource.affiliation != "enemy"', ["enemy"]),
        ('resource.what == "mesage"', ["mesage"]),
        ('resource.words.contains("tankers")', ["tankers"]),
        ('resource.level == "SECRET"', ["SECRET"]),
        ('resource.caveats.contains("NOFRN")', ["NOFRN"]),
        ('resource.compartments.contains("S1")', ["S1"]),
        ('resource.opex == "excercise"', ["excercise"]),
        ('(if resource.marked then "air" else "ari") == resource.domain', ["ari"]),
        ('if resource.what == "mesage" then resource.marked else resource.directed', ["mesage"]),
    ],
)
def test_a_word_that_a_report_can_never_have_is_found(condition: str, unknown: list[str]) -> None:
    assert _unknown(condition) == unknown


@pytest.mark.parametrize(
    "condition",
    [
        'resource.inside.contains("SEA")',
        'resource.domain == "surface" && resource.what == "shape"',
        'resource.affiliation == "assumed friend"',
        'resource.words.contains("merchant ship")',
        'resource.level == "OPEN"',
        'resource.level != ""',
        'resource.caveats.contains("ORCON")',
        'resource.opex == "none"',
        'resource.groups.contains("Blue") && principal.nation == "NZL" && resource.hops < 2',
        'context.incidents.contains("SAR")',
        'resource.kind like "a-f-Q*"',
        "resource.marked",
    ],
)
def test_words_of_the_lists_and_attributes_without_a_list_are_let_be(condition: str) -> None:
    assert _unknown(condition) == []


def test_it_is_said_what_there_is() -> None:
    vocabulary = Vocabulary(AGREEMENT)
    term = language().condition('resource.touches.contains("SEE") && resource.level == "SECRET"')
    assert [sentence for _, sentence in vocabulary.unknown(term)] == [
        "no such area: SEE; there are SEA", "no such level: SECRET; there are OPEN",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["exercise-endex", "pacific-relief", "search-and-rescue", "usa-nzl-maritime"]
)
def test_the_worked_agreements_misspell_nothing(name: str) -> None:
    loaded = example(name)
    terms = [each.condition for each in (*loaded.rules, *loaded.promises)]
    vocabulary = Vocabulary(loaded.agreement)
    assert [found for term in terms for found in vocabulary.unknown(term)] == []
