"""Why a report is released or withheld: which clause decided, and why each other did not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accord.core.agreement import Effect, Situation
from accord.core.report import Report
from accord.release.compile import compile_condition
from accord.release.judge import Judgement, judge
from accord.release.loaded import FORM_RULE, Loaded
from accord.release.terms import Apply, Op, Rule, Term
from accord.release.words import spell

Holds = Callable[[Term], bool]
"""Tells whether a condition holds for the report in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseSaid:
    """What one clause says of the report: whether it applies, and the reasons in words.

    `forms` are those that it speaks of, empty where it speaks of all.
    """

    number: str
    title: str
    effect: Effect
    forms: tuple[str, ...]
    applies: bool
    decided: bool
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A judgement and what every clause, and every rule of the forms' table, said of the report."""

    judgement: Judgement
    clauses: tuple[ClauseSaid, ...]


def explain(report: Report, loaded: Loaded, at: datetime, situation: Situation) -> Explanation:
    """Return why the agreement releases or withholds the report."""
    said = judge(report, loaded, at, situation)
    facts = said.facts
    if facts is None:
        return Explanation(judgement=said, clauses=())
    receiver = loaded.receivers[situation.partner]

    def holds(term: Term) -> bool:
        return compile_condition(term, receiver)(facts)

    return Explanation(
        judgement=said,
        clauses=tuple(_said(loaded, rule, said, situation, holds) for rule in loaded.rules),
    )


def spell_explanation(explanation: Explanation, titles: Callable[[str], str]) -> Iterator[str]:
    """Yield the explanation as lines for people; `titles` gives the title of a clause."""
    said = explanation.judgement
    if said.form is not None and said.clause is not None:
        yield f"RELEASED as {said.form.name}"
        yield f"  by clause {said.clause}  {titles(said.clause)}"
    else:
        yield f"WITHHELD: {said.reason}"
        if said.clause is not None:
            yield f"  by clause {said.clause}  {titles(said.clause)}"
    for clause in explanation.clauses:
        if clause.decided:
            yield from (f"     because {reason}" for reason in clause.because)
    for clause in explanation.clauses:
        if not clause.decided:
            yield _other(clause)


def explained(explanation: Explanation) -> dict[str, object]:
    """Return an explanation for machines."""
    said = explanation.judgement
    return {
        "released": said.form is not None,
        "form": None if said.form is None else said.form.name,
        "clause": said.clause,
        "reason": said.reason,
        "clauses": [_clause_as_json(each) for each in explanation.clauses],
    }


def _clause_as_json(said: ClauseSaid) -> dict[str, object]:
    return {
        "number": said.number,
        "title": said.title,
        "effect": said.effect,
        "applies": said.applies,
        "decided": said.decided,
        "because": said.because,
    }


def because(term: Term, holds: Holds) -> list[str]:
    """Return in words what makes a condition hold, or not hold."""
    if isinstance(term, Apply) and term.op is Op.NOT:
        return because(term.arguments[0], holds)
    if isinstance(term, Apply) and term.op in (Op.AND, Op.OR):
        value, strict = holds(term), term.op is Op.AND
        # Of `and` that fails and `or` that holds, only the parts that make it so are reasons.
        parts = term.arguments
        if value is not strict:
            parts = tuple(part for part in parts if holds(part) is value)
        return [reason for part in parts for reason in because(part, holds)]
    return [spell(term, holds=holds(term))]


def _said(
    loaded: Loaded, rule: Rule, said: Judgement, situation: Situation, holds: Holds
) -> ClauseSaid:
    names = [form.name for form in loaded.agreement.forms]
    if rule.partner not in (None, situation.partner):
        applies, reasons = False, [f"it is for {rule.partner} only"]
    else:
        applies, reasons = holds(rule.condition), because(rule.condition, holds)
    return ClauseSaid(
        number=rule.number,
        title=title_of(loaded, rule.number),
        effect=rule.effect,
        forms=() if len(rule.forms) == len(names) else tuple(n for n in names if n in rule.forms),
        applies=applies,
        decided=rule.number == said.clause,
        because=tuple(dict.fromkeys(reasons)),
    )


def title_of(loaded: Loaded, number: str) -> str:
    """Return the title of a clause, or what the table of forms says under that number."""
    if number.startswith(FORM_RULE):
        form = loaded.agreement.form(number.removeprefix(FORM_RULE))
        return f"the least age of {form.name}"
    return loaded.agreement.clause(number).title


def _other(clause: ClauseSaid) -> str:
    of = f" {', '.join(clause.forms)}" if clause.forms else ""
    forbids = clause.effect is Effect.FORBID
    if clause.applies:
        return f"  {clause.number} {clause.title}: {'forbids' if forbids else 'would permit'}{of}"
    said = f"does not {'forbid' if forbids else 'permit'}{of}: {'; '.join(clause.because)}"
    return f"  {clause.number} {clause.title}: {said}"
