"""The solver on clauses of which anybody can see what they let out."""

from collections.abc import Sequence

import pytest

from accord.release import prove
from accord.release.compile import compile_condition
from accord.release.facts import Facts
from accord.release.prove import Promise, Prover
from accord.release.terms import Rule
from support.agreements import FORMS, NZL, RECEIVER, USA, language

CEDAR = language()


def _rules(*texts: str) -> list[Rule]:
    return [CEDAR.rule(str(number), text) for number, text in enumerate(texts)]


def _permit(condition: str, form: str = "exact", partner: str | None = None) -> str:
    whom = "principal" if partner is None else f'principal == Accord::Node::"{partner}"'
    return f'permit ({whom}, action == Accord::Action::"{form}", resource) when {{ {condition} }};'


def _forbid(condition: str, form: str | None = None) -> str:
    action = "action" if form is None else f'action == Accord::Action::"{form}"'
    return f"forbid (principal, {action}, resource) when {{ {condition} }};"


def _found(rules: Sequence[Rule], condition: str, *forms: str) -> list[Facts | None]:
    promise = Promise(
        sentence="it holds", condition=CEDAR.condition(condition), forms=frozenset(forms)
    )
    return [each.facts for each in Prover(rules, FORMS, RECEIVER).disprove([promise])]


PROVED = [
    # permitted, then what must hold of it
    ("resource.marked", "resource.marked"),
    ("resource.marked && resource.hops < 2", "resource.hops <= 1"),
    ('resource.domain == "air"', 'resource.kind like "a-*-A*"'),
    ('resource.kind like "a-f-A*"', 'resource.affiliation == "friend"'),
    ('resource.kind like "a-f-S-C*"', 'resource.kind like "a-f-S*"'),
    ('resource.kind like "a-f-S-C"', 'resource.kind == "a-f-S-C"'),
    ('resource.kind == "a-f-S-C"', 'resource.domain == "surface"'),
    ('["a-f-S", "a-h-S"].contains(resource.kind)', 'resource.words.contains("ship")'),
    ('resource.words.contains("submarine")', 'resource.domain == "subsurface"'),
    ('resource.inside.contains("X")', 'resource.touches.contains("X")'),
    ("!resource.inside.isEmpty()", "!resource.touches.isEmpty()"),
    ("resource.hops > 0", "resource.third_party"),
    ("resource.own_sensor", "!resource.third_party && resource.hops == 0"),
    ("resource.emergency", 'resource.what == "alarm"'),
    ('resource.groups.containsAll(["A", "B"])', 'resource.groups.contains("A")'),
    ('resource.groups == ["A"]', '!resource.groups.contains("B")'),
    (
        'resource.groups.contains("A") && resource.missions.contains("A")',
        "resource.groups.containsAny(resource.missions)",
    ),
    ("resource.groups.isEmpty()", "resource.missions.containsAll(resource.groups)"),
    ('resource.level == "A"', 'resource.level != "B"'),
    ('principal.nation == "NZL"', "true"),
    ("resource.policy == principal.nation", 'resource.policy == "NZL"'),
    (
        "principal.contexts.contains(resource.context)",
        'resource.context == "live" || resource.context == "exercise:TASMAN 26"',
    ),
    ('context.now.toTime() < duration("1h")', 'context.now.toTime() < duration("2h")'),
    (
        'context.now.durationSince(resource.observed) >= duration("1h")',
        "context.now > resource.observed",
    ),
    ("if resource.marked then resource.directed else false", "resource.marked"),
    ("resource.marked == resource.directed && resource.marked", "resource.directed"),
]


@pytest.mark.parametrize(("permitted", "condition"), PROVED)
def test_what_follows_from_the_clauses_is_proved(permitted: str, condition: str) -> None:
    assert _found(_rules(_permit(permitted)), condition) == []


DISPROVED = [
    ("true", "resource.marked"),
    ('resource.kind like "a-*-A*"', 'resource.domain == "air"'),
    ('resource.domain == "air"', 'resource.affiliation == "friend"'),
    ('resource.touches.contains("X")', 'resource.inside.contains("X")'),
    ("resource.third_party", "resource.hops > 0"),
    ('resource.what == "alarm"', "resource.emergency"),
    ("resource.groups.containsAny(resource.missions)", 'resource.groups.contains("A")'),
    ("!resource.groups.isEmpty()", "resource.groups.containsAny(resource.missions)"),
    ("resource.level != resource.policy", 'resource.level == "A"'),
    ('resource.kind != "a"', 'resource.kind like "a*"'),
    ('context.now.toTime() < duration("2h")', 'context.now.toTime() < duration("1h")'),
]


@pytest.mark.parametrize(("permitted", "condition"), DISPROVED)
def test_what_does_not_follow_is_shown_by_a_report(permitted: str, condition: str) -> None:
    (facts,) = _found(_rules(_permit(permitted)), condition)
    assert facts is not None
    assert compile_condition(CEDAR.condition(permitted), RECEIVER)(facts)
    assert not compile_condition(CEDAR.condition(condition), RECEIVER)(facts)


def test_a_kind_of_odd_letters_is_found_where_no_plain_one_breaks_it() -> None:
    (facts,) = _found(_rules(_permit("true")), '!(resource.kind like "*~*")')
    assert facts is not None
    assert "~" in facts.kind


def test_texts_that_nobody_mentions_are_told_apart() -> None:
    names = ("policy", "level", "originator", "opex", "context", "what", "nation")
    differ = [f"resource.{a} != resource.{b}" for n, a in enumerate(names) for b in names[n + 1 :]]
    (facts,) = _found(_rules(_permit(" && ".join(differ))), "false")
    assert facts is not None
    assert len({facts._asdict()[name] for name in names}) == len(names)


def test_a_forbid_is_taken_away_from_what_is_permitted() -> None:
    rules = _rules(_permit("true"), _forbid("!resource.marked"))
    assert _found(rules, "resource.marked") == []


def test_a_promise_of_some_forms_is_about_those() -> None:
    rules = _rules(_permit("true", "coarse"), _permit("resource.marked", "exact"))
    assert _found(rules, "resource.marked", "exact") == []
    assert len(_found(rules, "resource.marked", "coarse")) == 1
    # What is marked leaves exactly, so that the coarse form is never chosen for it.
    assert _found(rules, "!resource.marked", "coarse") == []


def test_clauses_for_others_prove_and_disprove_nothing() -> None:
    assert _found(_rules(_permit("true", partner=USA)), "false") == []
    assert len(_found(_rules(_permit("true", partner=NZL)), "false")) == 1


def test_what_the_solver_cannot_settle_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "EFFORT", 1)
    hard = " && ".join(f'resource.kind like "*{n}*{n + 1}*"' for n in range(8))
    found = _found(_rules(_permit(hard)), 'resource.kind like "*0*8*"')
    assert found == [None]


def _decides(number: str, *texts: str) -> bool:
    return Prover(_rules(*texts), FORMS, RECEIVER).decides(number)


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        ("0", (_permit("resource.marked"),)),
        ("1", (_permit("resource.marked"), _permit("resource.directed"))),
        ("1", (_permit("resource.marked"), _permit("true", "coarse"))),
        ("1", (_permit("true"), _forbid("resource.marked"))),
        ("0", (_permit("true"), _forbid("true", "coarse"))),
    ],
)
def test_a_clause_that_can_decide_is_alive(number: str, texts: tuple[str, ...]) -> None:
    assert _decides(number, *texts)


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        ("0", (_permit("false"),)),
        ("0", (_permit('resource.domain == "air" && resource.kind like "a-f-S*"'),)),
        ("0", (_permit("resource.marked"), _forbid("resource.marked"))),
        ("1", (_permit("resource.marked"), _permit("resource.marked && resource.directed"))),
        ("1", (_permit("true"), _permit("resource.marked", "coarse"))),
        ("1", (_permit("true"), _forbid("resource.hops < 0"))),
        ("0", (_permit("true", partner=USA),)),
        ("7", (_permit("true"),)),
    ],
)
def test_a_clause_that_can_never_decide_is_dead(number: str, texts: tuple[str, ...]) -> None:
    assert not _decides(number, *texts)
