"""How a data flow is tied to a clause of an agreement: whether that is there, and holds."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from accord.core.agreement import IN_FORCE, Agreement, state_at
from accord.desks.commitment.record import Clause
from accord.posture.model import Promise
from accord.storage.agreements import AGREEMENTS, Agreements, Held

Tied = Callable[[Clause], str]
"""Tells how a clause of a statement is tied to one of an agreement; nothing where it is not."""


def untied(_clause: Clause) -> str:
    """Say nothing of agreements."""
    return ""


def tied_in(directory: Path, now: datetime) -> Tied:
    """Return what tells it by the agreements that a node holds now; their texts are read once."""
    held = Agreements(directory / AGREEMENTS).unproved()
    return lambda clause: how_tied(clause, held, now)


def how_tied(clause: Clause, held: Sequence[Held], now: datetime) -> str:
    """Say which clause of which agreement it is, and how that agreement stands."""
    effect = clause.effect
    if not isinstance(effect, Promise) or not effect.tied_to:
        return ""
    name, *others = effect.tied_to.split()
    if not others:
        return f"{name} names no clause: write the agreement and the clause, such as {name} 3"
    number = others[-1]
    found = next((each for each in held if each.id == name), None)
    if found is None:
        return f"no agreement {name} is held here"
    if found.terms is None:
        return f"{name} cannot be read here"
    return _of_terms(number, found, found.terms, now)


def _of_terms(number: str, held: Held, terms: Agreement, now: datetime) -> str:
    title = next((each.title for each in terms.clauses if each.number == number), None)
    if title is None:
        there = ", ".join(each.number for each in terms.clauses)
        return f"{held.id} has no clause {number}; it has {there}"
    return f"clause {number} of {held.id} ({title}), {_state(held, terms, now)}"


def _state(held: Held, terms: Agreement, now: datetime) -> str:
    if held.faults:
        return "which is not in force"
    if held.paused is not None:
        return "which is paused here"
    state = state_at(terms, now)
    return f"in force until {terms.until:%Y-%m-%d}" if state == IN_FORCE else f"which is {state}"
