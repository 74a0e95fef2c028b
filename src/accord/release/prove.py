"""Proves, for every report there can be, that what the clauses let out keeps the invariants.

Also finds clauses that can never decide anything. What the solver cannot settle within its limit
counts as not proved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import z3

from accord.core.agreement import Effect
from accord.release.compile import Receiver
from accord.release.facts import Facts
from accord.release.formula import Formulas
from accord.release.terms import Rule, Term

EFFORT = 20_000_000
"""What the solver may spend on one question, in its own units: the same on every machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An invariant, read. `forms` empty: of whatever is released."""

    sentence: str
    condition: Term
    forms: frozenset[str]
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A report that would be released and breaks a promise; `facts` None: nobody knows.

    The solver then neither proved nor disproved it, which counts as not proved.
    """

    promise: Promise
    receiver: Receiver
    facts: Facts | None


class Prover:
    """Asks the solver about the rules of one agreement towards one receiver."""

    def __init__(self, rules: Sequence[Rule], forms: Sequence[str], receiver: Receiver) -> None:
        self._rules = [rule for rule in rules if rule.partner in (None, receiver.node)]
        self._forms = tuple(forms)
        self._receiver = receiver
        self._formulas = Formulas(receiver)
        self._conditions = {
            rule.number: self._formulas.condition(rule.condition) for rule in self._rules
        }
        self._released = {form: self._is_released(form) for form in self._forms}

    def disprove(self, promises: Sequence[Promise]) -> Iterator[Counterexample]:
        """Yield for each promise that does not hold a report that breaks it."""
        kept = [(each, self._formulas.condition(each.condition)) for each in promises]
        solver = self._solver()
        for promise, condition in kept:
            forms = [form for form in self._forms if not promise.forms or form in promise.forms]
            solver.push()
            solver.add(z3.Or(*[self._chosen(form) for form in forms]), z3.Not(condition))
            answer = self._ask(solver)
            if answer != z3.unsat:
                facts = self._formulas.facts(solver.model()) if answer == z3.sat else None
                yield Counterexample(promise=promise, receiver=self._receiver, facts=facts)
            solver.pop()

    def decides(self, number: str) -> bool:
        """Tell whether there is a report that the clause of that number decides."""
        rule = next((rule for rule in self._rules if rule.number == number), None)
        if rule is None:
            return False
        solver = self._solver()
        solver.add(self._conditions[number])
        if rule.effect is Effect.PERMIT:
            solver.add(z3.Or(*[self._takes(rule, form) for form in sorted(rule.forms)]))
        return solver.check() != z3.unsat

    def _solver(self) -> z3.Solver:
        solver = z3.Solver()
        solver.set("rlimit", EFFORT)
        solver.add(*self._formulas.premises())
        return solver

    def _ask(self, solver: z3.Solver) -> z3.CheckSatResult:
        """Look for a report that people can read, then for one that can be spelled, then any."""
        small, plain = self._formulas.is_small(), self._formulas.looks_plain()
        for wishes in ([small, plain], [small]):
            answer = solver.check(*wishes)
            if answer == z3.sat:
                return answer
        return solver.check()

    def _of(self, effect: Effect, form: str) -> list[z3.ExprRef]:
        return [
            self._conditions[rule.number]
            for rule in self._rules
            if rule.effect is effect and form in rule.forms
        ]

    def _is_released(self, form: str) -> z3.ExprRef:
        permits, forbids = self._of(Effect.PERMIT, form), self._of(Effect.FORBID, form)
        return z3.And(z3.Or(*permits), z3.Not(z3.Or(*forbids)))

    def _chosen(self, form: str) -> z3.ExprRef:
        """Return that this is the best permitted form."""
        better = self._forms[: self._forms.index(form)]
        return z3.And(self._released[form], *[z3.Not(self._released[each]) for each in better])

    def _takes(self, rule: Rule, form: str) -> z3.ExprRef:
        """Return that this form is chosen and no permit before this one grants it."""
        before = self._rules[: self._rules.index(rule)]
        earlier = [
            self._conditions[each.number]
            for each in before
            if each.effect is Effect.PERMIT and form in each.forms
        ]
        return z3.And(self._chosen(form), z3.Not(z3.Or(*earlier)))
