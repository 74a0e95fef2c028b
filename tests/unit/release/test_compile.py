from fnmatch import fnmatchcase

import pytest

from accord.core.agreement import Effect
from accord.release.compile import NOBODY, Receiver, compile_condition, compile_rules, matcher
from accord.release.facts import Facts
from accord.release.terms import TRUE, Attribute, Holder, Rule, Sort, Term
from support.agreements import FORMS, NZL, RECEIVER, USA, facts, language

CEDAR = language()
MARKED = Attribute(Holder.RESOURCE, "marked", Sort.BOOL)
DIRECTED = Attribute(Holder.RESOURCE, "directed", Sort.BOOL)
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("resource.marked", facts(), facts(marked=False)),
        ("!resource.marked", facts(marked=False), facts()),
        ("resource.marked && resource.directed", facts(directed=True), facts()),
        ("resource.marked || resource.directed", facts(), facts(marked=False)),
        ("resource.hops == 2", facts(hops=2), facts(hops=1)),
        ("resource.hops < 2", facts(hops=1), facts(hops=2)),
        ("resource.hops <= 2", facts(hops=2), facts(hops=3)),
        ('resource.groups.contains("A")', facts(groups=frozenset("AB")), facts()),
        (
            'resource.groups.containsAll(["A", "B"])',
            facts(groups=frozenset("ABC")),
            facts(groups=frozenset("AC")),
        ),
        (
            'resource.groups.containsAny(["A", "B"])',
            facts(groups=frozenset("BC")),
            facts(groups=frozenset("C")),
        ),
        ("resource.groups.isEmpty()", facts(), facts(groups=frozenset("A"))),
        ('["a-f", "a-h"].contains(resource.kind)', facts("a-h"), facts("a-h-S")),
        ('resource.kind like "a-f-S*"', facts("a-f-S-C"), facts("a-f-U")),
        ('resource.kind like "a-*-S*"', facts("a-h-S-C"), facts("a-h-U")),
        (
            "if resource.directed then resource.hops == 1 else resource.hops == 0",
            facts(directed=True, hops=1),
            facts(directed=True, hops=0),
        ),
        (
            'context.now.toTime() < duration("1h")',
            facts(now=24 * HOUR + HOUR - 1),
            facts(now=24 * HOUR + HOUR),
        ),
        (
            'context.now.durationSince(resource.observed) >= duration("1h")',
            facts(now=5 * HOUR, observed=4 * HOUR),
            facts(now=5 * HOUR, observed=4 * HOUR + 1),
        ),
        (
            "resource.releasable_to.contains(principal.nation)",
            facts(releasable_to=frozenset({"NZL"})),
            facts(releasable_to=frozenset({"USA"})),
        ),
        (
            "principal.contexts.contains(resource.context)",
            facts(context="exercise:TASMAN 26"),
            facts(context="exercise:OTHER"),
        ),
    ],
)
def test_each_operator_means_what_cedar_means(text: str, yes: Facts, no: Facts) -> None:
    holds = compile_condition(CEDAR.condition(text), RECEIVER)
    assert holds(yes) is True
    assert holds(no) is False


def _rule(effect: Effect, *forms: str, when: Term = TRUE, partner: str | None = None) -> Rule:
    return Rule(
        number="1",
        effect=effect,
        partner=partner,
        forms=frozenset(forms or FORMS),
        condition=when,
    )


def _permit(*forms: str, when: Term = TRUE, partner: str | None = None) -> Rule:
    return _rule(Effect.PERMIT, *forms, when=when, partner=partner)


def _forbid(*forms: str, when: Term = TRUE, partner: str | None = None) -> Rule:
    return _rule(Effect.FORBID, *forms, when=when, partner=partner)


def _choose(*rules: Rule, of: Facts | None = None, to: Receiver = RECEIVER) -> tuple[int, int]:
    return compile_rules(rules, FORMS, to)(facts() if of is None else of)


def test_no_clause_permits_nothing() -> None:
    assert _choose() == (NOBODY, NOBODY)


def test_the_best_permitted_form_is_chosen_by_its_first_clause() -> None:
    assert _choose(_permit("coarse"), _permit("exact", "coarse"), _permit("exact")) == (0, 1)


def test_a_forbid_of_everything_always_wins() -> None:
    assert _choose(_permit(), _forbid(when=MARKED)) == (NOBODY, 1)
    assert _choose(_permit(), _forbid(when=MARKED), of=facts(marked=False)) == (0, 0)


def test_a_forbid_of_one_form_leaves_the_next() -> None:
    rules = (_permit("exact"), _permit("coarse"), _forbid("exact", when=MARKED))
    assert _choose(*rules) == (1, 1)
    assert _choose(*rules, of=facts(marked=False)) == (0, 0)


def test_a_forbid_of_the_only_permitted_form_is_what_decided() -> None:
    assert _choose(_permit("coarse"), _forbid("exact", "coarse")) == (NOBODY, 1)


def test_a_form_that_is_forbidden_and_not_permitted_was_decided_by_nobody() -> None:
    assert _choose(_permit("coarse", when=DIRECTED), _forbid("exact", "coarse")) == (NOBODY, NOBODY)


def test_among_several_permits_and_forbids_of_one_form_the_first_that_permits_is_named() -> None:
    rules = (
        _permit("exact", when=DIRECTED),
        _permit("exact", when=MARKED),
        _permit("exact"),
        _forbid("exact", when=DIRECTED),
        _forbid("exact", "coarse", when=DIRECTED),
    )
    assert _choose(*rules) == (0, 1)
    assert _choose(*rules, of=facts(directed=True)) == (NOBODY, 3)


def test_a_clause_for_another_partner_says_nothing() -> None:
    rules = (_permit("exact", partner=USA), _forbid(partner=USA), _permit("coarse", partner=NZL))
    assert _choose(*rules) == (1, 2)
    assert _choose(*rules, to=Receiver(node=USA, contexts=frozenset())) == (NOBODY, 1)


def test_five_hundred_clauses_are_not_too_many() -> None:
    rules = [_permit("exact", when=DIRECTED)] * 498 + [_forbid("exact", when=DIRECTED), _permit()]
    assert _choose(*rules) == (0, 499)


def test_what_stands_in_a_clause_is_never_run() -> None:
    text = 'resource.level == "\\"); import os; (\\""'
    holds = compile_condition(CEDAR.condition(text), RECEIVER)
    assert holds(facts(level='"); import os; ("'))
    assert not holds(facts())


@pytest.mark.parametrize(
    "pattern", ["", "*", "a", "a*", "*a", "a*a", "*a*", "a*b*c", "a**c", "*ab*ab*"]
)
@pytest.mark.parametrize(
    "text", ["", "a", "aa", "b", "ab", "abc", "abab", "ababab", "a-b\n-c", "ca"]
)
def test_a_pattern_matches_what_a_file_pattern_matches(pattern: str, text: str) -> None:
    assert matcher(tuple(pattern.split("*")))(text) is fnmatchcase(text, pattern)


def test_no_kind_takes_long_to_match() -> None:
    steps = "a" * 100_000
    assert not matcher(("", *"a" * 300, "b"))(steps)
