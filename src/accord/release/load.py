"""Loads an agreement. What contradicts its own examples, is dead or is not proved is refused."""

from collections.abc import Iterator, Mapping

from accord.core.agreement import Clause, Effect, Example
from accord.release.compile import NOBODY, compile_condition
from accord.release.counterexample import plain, remarkable
from accord.release.facts import Facts
from accord.release.fault import AgreementError, Fault
from accord.release.judge import Judgement, judge
from accord.release.loaded import Loaded, read
from accord.release.prove import Counterexample, Prover
from accord.release.terms import attributes
from accord.release.words import spell_facts


def load(data: bytes, files: Mapping[str, bytes]) -> Loaded:
    """Return the agreement in these bytes, with the area files that it names, by name.

    It is read, validated, compiled, held to its examples and proved. Raises AgreementError with
    everything that is wrong at the first step where anything is.
    """
    loaded = read(data, files)
    for faults in (broken_examples(loaded), dead_clauses(loaded), unproved(loaded)):
        if found := list(faults):
            raise AgreementError(found)
    return loaded


def broken_examples(loaded: Loaded) -> Iterator[Fault]:
    """Yield each example that does not come out as the agreement says."""
    for clause in loaded.agreement.clauses:
        for example in clause.examples:
            yield from _broken(loaded, clause, example)
    used = {each.report for clause in loaded.agreement.clauses for each in clause.examples}
    for name in loaded.described:
        if name not in used:
            yield Fault(f"report {name!r} is described and is no clause's example")


def dead_clauses(loaded: Loaded) -> Iterator[Fault]:
    """Yield each clause that can never decide anything, whatever is reported."""
    provers = _provers(loaded)
    for clause in loaded.agreement.clauses:
        if not any(prover.decides(clause.number) for prover in provers):
            effect = loaded.rule(clause.number).effect
            why = (
                "it can never forbid anything: no report is as it says"
                if effect is Effect.FORBID
                else "it can never decide: what it permits is forbidden, or permitted before it"
            )
            yield Fault(f'"{clause.title}" is dead: {why}', clause.line, clause.number)


def unproved(loaded: Loaded) -> Iterator[Fault]:
    """Yield each invariant that is not true of everything that the clauses release."""
    for counterexample in disprove(loaded):
        promise = counterexample.promise
        yield Fault(spell_counterexample(loaded, counterexample), promise.line)


def disprove(loaded: Loaded) -> Iterator[Counterexample]:
    """Yield for each receiver and each invariant that does not hold a report that breaks it."""
    for prover in _provers(loaded):
        yield from prover.disprove(loaded.promises)


def spell_counterexample(loaded: Loaded, found: Counterexample) -> str:
    """Say which invariant does not hold, and describe a report that breaks it."""
    promise, node = found.promise, found.receiver.node
    if found.facts is None:
        return f'not proved: "{promise.sentence}": the solver could not settle it for {node}'
    choose = loaded.chooses[node]
    names = [form.name for form in loaded.agreement.forms]
    holds = compile_condition(promise.condition, found.receiver)

    def breaks(facts: Facts) -> bool:
        form, _ = choose(facts)
        return form != NOBODY and names[form] in (promise.forms or names) and not holds(facts)

    facts = plain(found.facts, breaks)
    form, rule = choose(facts)
    if not breaks(facts):
        return f'not proved: "{promise.sentence}", for {node}; its counter-example cannot be shown'
    told = spell_facts(facts, remarkable(facts) | attributes(promise.condition) | {"kind", "what"})
    return (
        f'not proved: "{promise.sentence}". Clause {loaded.rules[rule].number} would release this '
        f"to {node} as {names[form]}:\n" + "\n".join(f"    {line}" for line in told)
    )


def _provers(loaded: Loaded) -> list[Prover]:
    forms = [form.name for form in loaded.agreement.forms]
    return [Prover(loaded.rules, forms, receiver) for receiver in loaded.receivers.values()]


def _broken(loaded: Loaded, clause: Clause, example: Example) -> Iterator[Fault]:
    def fault(sentence: str) -> Fault:
        return Fault(f'example "{example.report}": {sentence}', example.line, clause.number)

    described = loaded.described.get(example.report)
    forms = {form.name for form in loaded.agreement.forms}
    if described is None:
        yield fault("no such report is described")
        return
    if example.form is not None and example.form not in forms:
        yield fault(f"there is no form {example.form}")
        return
    receivers = [node for node in loaded.receivers if node != described.giver]
    if example.partner is not None:
        receivers = [node for node in receivers if node == example.partner]
    if not receivers:
        yield fault("nobody receives it")
    for node in receivers:
        said = judge(described.report, loaded, described.at, described.situation(node))
        wrong = _differs(loaded, clause, example, said)
        if wrong is not None:
            yield fault(f"{wrong} ({node})")


def _differs(loaded: Loaded, clause: Clause, example: Example, said: Judgement) -> str | None:
    by = "no clause" if said.clause is None else f"clause {said.clause}"
    if example.form is None:
        if said.form is not None:
            return f"it is released as {said.form.name} by {by}"
        forbids = loaded.rule(clause.number).effect is Effect.FORBID
        return f"it is withheld by {by}" if forbids and said.clause != clause.number else None
    if said.form is None:
        return f"it is withheld by {by}: {said.reason}"
    if (said.form.name, said.clause) != (example.form, clause.number):
        return f"it is released as {said.form.name} by {by}"
    return None
