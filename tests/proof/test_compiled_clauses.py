"""The compiled clauses, Cedar itself and the solver say the same of every report."""

import random
from collections.abc import Callable

import pytest

from accord.release.compile import NOBODY, Choose, compile_condition, compile_rules
from accord.release.facts import Facts
from accord.release.prove import Promise, Prover
from accord.release.reference import Reference
from accord.release.schema import schema
from accord.release.terms import Term
from support.agreements import FORMS, NZL, RECEIVER, USA, language
from support.random_cedar import Conditions, random_facts, random_rules

AGREEMENTS = 50
REPORTS = 400
"""Of each agreement: 20,000 reports in all, each in every form."""

_LANGUAGE = language()


@pytest.mark.timeout(300)
def test_what_is_compiled_decides_as_cedar_does() -> None:
    rolls = random.Random(20261101)  # noqa: S311  the same in each run
    released = withheld = 0
    for _ in range(AGREEMENTS):
        texts = random_rules(rolls, FORMS, (USA, NZL))
        rules = [_LANGUAGE.rule(str(number), text) for number, text in enumerate(texts)]
        choose = compile_rules(rules, FORMS, RECEIVER)
        reports = [random_facts(rolls) for _ in range(REPORTS)]
        permitted = Reference(texts, schema(FORMS), FORMS).permitted_of(reports, RECEIVER)
        for facts, allowed in zip(reports, permitted, strict=True):
            assert allowed is not None, (texts, facts)
            form, _ = choose(facts)
            best = next((name for name in FORMS if name in allowed), None)
            assert (None if form == NOBODY else FORMS[form]) == best, (texts, facts)
            released += best is not None
            withheld += best is None
    assert released + withheld == AGREEMENTS * REPORTS == 20_000
    assert released > 2_000
    assert withheld > 2_000


@pytest.mark.timeout(300)
def test_what_is_proved_holds_and_what_is_not_is_shown() -> None:
    rolls = random.Random(19480704)  # noqa: S311  the same in each run
    proved = disproved = 0
    for _ in range(16):
        texts = random_rules(rolls, FORMS, (USA, NZL))
        rules = [_LANGUAGE.rule(str(number), text) for number, text in enumerate(texts)]
        choose = compile_rules(rules, FORMS, RECEIVER)
        prover = Prover(rules, FORMS, RECEIVER)
        for text in _promises(rolls, texts):
            condition = _LANGUAGE.condition(text)
            forms = frozenset(rolls.sample(FORMS, rolls.randrange(3)))
            breaks = _breaks(choose, condition, forms)
            promise = Promise(sentence=text, condition=condition, forms=forms)
            found = list(prover.disprove([promise]))
            if found and found[0].facts is not None:
                assert breaks(found[0].facts), (texts, text, found)
                disproved += 1
            elif not found:
                assert not any(breaks(random_facts(rolls)) for _ in range(300)), (texts, text)
                proved += 1
    assert proved > 10
    assert disproved > 10


def _breaks(choose: Choose, condition: Term, forms: frozenset[str]) -> Callable[[Facts], bool]:
    holds = compile_condition(condition, RECEIVER)

    def breaks(facts: Facts) -> bool:
        form, _ = choose(facts)
        return form != NOBODY and FORMS[form] in (forms or FORMS) and not holds(facts)

    return breaks


def _promises(rolls: random.Random, texts: list[str]) -> list[str]:
    """Conditions of which some are likely true: what the clauses ask for, or part of it."""
    conditions = Conditions(rolls)
    first = texts[0].partition("{")[2].rpartition("}")[0].partition("} unless {")[0]
    one = conditions.write(1)
    return [one, f"({one}) || !({one})", f"({first}) || ({one})", f"!({first}) || ({one})"]
