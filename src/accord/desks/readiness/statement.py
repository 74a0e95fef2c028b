"""What a partner may be told: a capability, how many by when, until when. Never why.

A statement is made of nothing else, so nothing else can be read from it. How many units there are
that it can be about decides whether it is made at all, not how they are: that it is withheld tells
nothing either.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.rfc3339 import spell
from accord.desks.readiness.columns import CAPABILITIES, read_moment
from accord.desks.readiness.notice import NOTICES

FEWEST = 2
"""Units that a statement must be about, at least, for none of them to be known by it."""

LONGEST = timedelta(days=30)
"""Until when a statement holds at most."""

USUAL = timedelta(days=7)
"""Until when it holds where nothing of it is told."""

MOST_UNITS = 10_000


class Standing(StrEnum):
    """How a nation stands in a cell; the last three are the three blanks, which differ."""

    OFFERED = "offered"
    NONE = "none"
    """It has said that it has none by then."""
    NOT_RELEASED = "not released"
    """It has said that it does not tell."""
    NO_REPORT = "no report"
    """It has said nothing, or nothing that still holds."""


class NothingToState(AccordError):
    """Of the capability nothing is declared that still holds, so nothing can be stated."""


class NoStatement(ValueError):
    """What came is no statement of readiness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One capability of one nation. `numbers` are how many by each of NOTICES, never fewer later.

    `each` is how probable each of them is, in tenths rounded down, at least 0.1.
    """

    capability: str
    standing: Standing
    as_of: datetime
    until: datetime
    numbers: tuple[int, ...] = (0,) * len(NOTICES)
    each: float = 0.0
    context: Context = LIVE

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise NoStatement(f"no statement of readiness: {fault}")

    def number_by(self, hours: int) -> int:
        """Return how many are offered by so many hours, one of NOTICES."""
        return self.numbers[NOTICES.index(hours)]


def _fault(of: Statement) -> str:
    if of.capability not in CAPABILITIES:
        return f"there is no capability {of.capability!r}"
    if of.standing is Standing.NO_REPORT or of.until <= of.as_of:
        return "it says nothing, or for no time"
    if len(of.numbers) != len(NOTICES) or list(of.numbers) != sorted(of.numbers):
        return "there are fewer later than earlier"
    if not (of.numbers[0] >= 0 and of.numbers[-1] <= MOST_UNITS and 0.0 <= of.each <= 1.0):
        return "a number is out of bounds"
    return "" if (of.numbers[-1] > 0) is (of.standing is Standing.OFFERED) else "it offers and not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a statement is made from: units that are there at all, and what they come to.

    `pool` is how many units have the capability, `may_be_told` whether the owner of every one of
    them says that it may be known by it. `shares` are those of the units that are offered.
    """

    pool: int
    may_be_told: bool
    numbers: tuple[int, ...]
    shares: tuple[float, ...]
    until: datetime | None
    is_known: bool


def state(capability: str, counted: Counted, at: datetime, context: Context = LIVE) -> Statement:
    """Return what may be told of a capability. Raises NothingToState."""
    if counted.pool < FEWEST and not counted.may_be_told:
        return Statement(
            capability=capability, standing=Standing.NOT_RELEASED, as_of=at,
            until=_day(at + USUAL, at), context=context,
        )  # fmt: skip
    if not counted.is_known:
        raise NothingToState(f"of {capability} nothing is declared that still holds")
    offered = counted.numbers[-1] > 0
    return Statement(
        capability=capability,
        standing=Standing.OFFERED if offered else Standing.NONE,
        as_of=at,
        until=_day(min(counted.until or at + USUAL, at + LONGEST), at),
        numbers=counted.numbers,
        each=_tenths(counted.shares) if offered else 0.0,
        context=context,
    )


def withheld(capability: str, at: datetime, context: Context = LIVE) -> Statement:
    """Return the statement that this is not told, which can be made of any capability."""
    return Statement(
        capability=capability, standing=Standing.NOT_RELEASED, as_of=at,
        until=_day(at + USUAL, at), context=context,
    )  # fmt: skip


def _day(moment: datetime, at: datetime) -> datetime:
    """Return the beginning of the day, unless that is over: the hour would be one unit's own."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day > at else moment


def _tenths(shares: tuple[float, ...]) -> float:
    mean = math.fsum(shares) / len(shares)
    return max(1, math.floor(round(mean * 10, 6))) / 10


_NAMES = tuple(f"h{hours}" for hours in NOTICES)


def attributes(statement: Statement) -> dict[str, str]:
    """Return a statement as the attributes of its element; `read` takes them."""
    return {
        "capability": statement.capability,
        "standing": statement.standing.value,
        **{name: str(n) for name, n in zip(_NAMES, statement.numbers, strict=True)},
        "each": f"{statement.each:g}",
        "asOf": spell(statement.as_of),
        "until": spell(statement.until),
    }


def read(said: Mapping[str, str], context: Context) -> Statement:
    """Return the statement that attributes make. Raises NoStatement."""
    try:
        return Statement(
            capability=said["capability"],
            standing=Standing(said["standing"]),
            as_of=read_moment(said["asOf"]),
            until=read_moment(said["until"]),
            numbers=tuple(_whole(said[name]) for name in _NAMES),
            each=float(said["each"]),
            context=context,
        )
    except KeyError as error:
        raise NoStatement(f"no statement of readiness: {error} is missing") from None
    except ValueError as error:
        raise NoStatement(str(error)) from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise NoStatement(f"no statement of readiness: {text[:20]!r} is no number of units")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A statement, by which node it was made, and when this node got it."""

    node: str
    statement: Statement
    received: datetime

    @property
    def nation(self) -> str:
        """Whose it is."""
        return self.node[:3]


def newest(heard: list[Heard], *, known: datetime | None = None) -> list[Heard]:
    """Return the last word of each nation on each capability, as far as it was known by then."""
    found: dict[tuple[str, str, str], Heard] = {}
    for each in heard:
        if known is not None and each.received > known:
            continue
        key = each.nation, each.statement.capability, str(each.statement.context)
        before = found.get(key)
        if before is None or _order(before) < _order(each):
            found[key] = each
    return [found[key] for key in sorted(found)]


def _order(heard: Heard) -> tuple[datetime, datetime, str]:
    return heard.statement.as_of, heard.received, heard.node
