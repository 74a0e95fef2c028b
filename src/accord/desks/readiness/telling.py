"""What is told of a capability until somebody takes it back, and when it is stated again.

A partner that comes later, or whose agreement begins later, hears what is stated after that; and a
statement is over one day. So each is made anew every hour, and sooner where it would say otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.principal import Group
from accord.desks.readiness.columns import CAPABILITIES
from accord.desks.readiness.fleet import Fleet
from accord.desks.readiness.said import Records
from accord.desks.readiness.statement import Heard, Statement, state, withheld

AGAIN_AFTER = timedelta(hours=1)


class NoSuchCapability(AccordError):
    """There is no capability of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A statement that a person wants made: of what, to which groups, under which mark."""

    capability: str
    groups: frozenset[Group]
    marking: str = ""
    withhold: bool = False
    """Say only that it is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is told until it is taken back, by whose word, and since when."""

    wanted: Wanted
    person: str
    since: datetime
    context: Context = LIVE


def check(capability: str) -> None:
    """Refuse what is no capability. NoSuchCapability."""
    if capability not in CAPABILITIES:
        there = ", ".join(CAPABILITIES)
        raise NoSuchCapability(f"there is no capability {capability!r}; there are {there}")


def statement_of(
    wanted: Wanted, records: Records, at: datetime, *, own: str, context: Context = LIVE
) -> Statement:
    """Return what a nation would state. Raises NoSuchCapability, NothingToState."""
    check(wanted.capability)
    if wanted.withhold:
        return withheld(wanted.capability, at, context)
    counted = Fleet(records, at).counted(own, wanted.capability)
    return state(wanted.capability, counted, at, context)


def is_due(said: Statement, before: Sequence[Heard], *, node: str) -> bool:
    """Tell whether a statement is to be made, after what was stated before of its context."""
    own = (
        each.statement
        for each in before
        if each.node == node and each.statement.capability == said.capability
    )
    last = next(own, None)
    if last is None or said.as_of >= last.as_of + AGAIN_AFTER:
        return True
    # Until when it holds moves with the moment, where nobody said an end.
    return replace(last, as_of=said.as_of, until=said.until) != said
