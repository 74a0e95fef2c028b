import pytest

from accord.release.facts import Facts
from accord.release.words import spell, spell_facts
from support.agreements import facts, language

CEDAR = language()


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("resource.marked", "it is marked", "it has no mark that is understood"),
        ("!resource.marked", "it has no mark that is understood", "it is marked"),
        ('resource.domain == "air"', 'its domain is "air"', 'its domain is not "air"'),
        ('"air" == resource.domain', 'its domain is "air"', 'its domain is not "air"'),
        (
            "resource.policy == resource.originator",
            "its policy is its originator",
            "its policy is not its originator",
        ),
        (
            "resource.hops < 2",
            "the number of nodes it came over is less than 2",
            "the number of nodes it came over is at least 2",
        ),
        (
            "resource.hops <= 2",
            "the number of nodes it came over is at most 2",
            "the number of nodes it came over is more than 2",
        ),
        (
            "resource.hops > 2",
            "the number of nodes it came over is more than 2",
            "the number of nodes it came over is at most 2",
        ),
        (
            "resource.hops >= 2",
            "the number of nodes it came over is at least 2",
            "the number of nodes it came over is less than 2",
        ),
        (
            'resource.groups.contains("Blue")',
            'its groups include "Blue"',
            'its groups do not include "Blue"',
        ),
        (
            '["a", "b"].contains(resource.level)',
            "its level is one of a, b",
            "its level is not one of a, b",
        ),
        (
            'resource.groups.containsAll(["A", "B"])',
            "its groups include all of A, B",
            "its groups do not include all of A, B",
        ),
        (
            "resource.groups.containsAny(context.incidents)",
            "its groups include any of the open incidents",
            "its groups include none of the open incidents",
        ),
        (
            '["A"].containsAny(resource.groups)',
            "its groups include any of A",
            "its groups include none of A",
        ),
        (
            '["A"].containsAll(resource.groups)',
            "A include all of its groups",
            "A do not include all of its groups",
        ),
        ("resource.groups.isEmpty()", "its groups are empty", "its groups are not empty"),
        ('resource.kind like "a-*-S*"', "its kind is like a-*-S*", "its kind is not like a-*-S*"),
        (
            'context.now >= datetime("2026-11-01T00:00:00Z")',
            "the time now is at least 2026-11-01T00:00:00Z",
            "the time now is less than 2026-11-01T00:00:00Z",
        ),
        (
            'context.now.durationSince(resource.observed) >= duration("30m")',
            "the time from the time it happened to the time now is at least 30 min",
            "the time from the time it happened to the time now is less than 30 min",
        ),
        (
            'context.now.toTime() < duration("-1h")',
            "the time of day of the time now is less than -1 h",
            "the time of day of the time now is at least -1 h",
        ),
        (
            "resource.marked && resource.directed",
            "it is marked and it is addressed to single persons",
            "it has no mark that is understood or it is not addressed to single persons",
        ),
        (
            "resource.emergency && (resource.marked || resource.directed)",
            "it is a call for help and (it is marked or it is addressed to single persons)",
            (
                "it is not a call for help or (it has no mark that is understood and it is not "
                "addressed to single persons)"
            ),
        ),
        (
            "resource.emergency && !(resource.marked || resource.directed)",
            (
                "it is a call for help and it has no mark that is understood and it is not "
                "addressed to single persons"
            ),
            "it is not a call for help or it is marked or it is addressed to single persons",
        ),
        (
            "if resource.marked then resource.directed else true",
            "(if it is marked: it is addressed to single persons; else: true)",
            "(if it is marked: it is not addressed to single persons; else: not true)",
        ),
        ("false", "false", "not false"),
        (
            'principal.contexts.contains("live")',
            'the contexts agreed on include "live"',
            'the contexts agreed on do not include "live"',
        ),
        (
            "resource.marked == resource.directed",
            "its marked is its directed",
            "its marked is not its directed",
        ),
        (
            "(resource.hops < 2) == resource.marked",
            "(the number of nodes it came over is less than 2) is its marked",
            "(the number of nodes it came over is less than 2) is not its marked",
        ),
        ('"a" == "b"', '"a" is "b"', '"a" is not "b"'),
    ],
)
def test_a_condition_and_its_opposite_are_said_in_words(text: str, holds: str, fails: str) -> None:
    term = CEDAR.condition(text)
    assert spell(term) == holds
    assert spell(term, holds=False) == fails


def test_every_fact_has_a_line() -> None:
    assert [line.partition(":")[0] for line in spell_facts(facts())] == [
        name.replace("_", " ") for name in Facts._fields
    ]


def test_the_lines_say_what_is_asked_for() -> None:
    told = facts(hops=2, groups=frozenset({"B", "A"}), now=1_000_000_000_000, observed=10**18)
    names = {"marked", "directed", "hops", "groups", "missions", "domain", "now", "observed"}
    assert list(spell_facts(told, names)) == [
        "marked: yes",
        'domain: "surface"',
        "groups: A, B",
        "missions: none",
        "directed: no",
        "observed: 1000000000000000000 ms after 1970",
        "hops: 2",
        "now: 2001-09-09T01:46:40Z",
    ]
