"""The board: what can be had, by capability and by when, and with what probability.

A unit counts for a time when it can be there by then: its declared availability times the
probability that its notice is over, a triangle between least, likely and most. Over units that is
added up as the probability of at least k, never as an average, and colours of two nations are never
mixed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accord.desks.readiness.columns import CAPABILITIES
from accord.desks.readiness.fleet import Fleet, chances
from accord.desks.readiness.notice import NOTICES, at_least
from accord.desks.readiness.said import Confidence, Records
from accord.desks.readiness.statement import Heard, Standing

MOST_K = 4
"""Up to how many the probability of at least so many is told."""


class Basis(StrEnum):
    """What an offer rests on."""

    OWN = "own"
    """Units of this nation, as its register has them."""
    ASSUMED = "assumed"
    """Units of another nation that this node's register holds; that nation has stated nothing."""
    STATED = "stated"
    """What the partner's own node stated, as far as its agreement released it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one nation has in one cell of the board. `by` are those who said it.

    `is_stale` says that something of it was said, and may no longer be relied on: it counts for
    nothing.
    """

    partner: str
    basis: Basis
    standing: Standing
    number: int = 0
    chances: tuple[float, ...] = ()
    """For each unit the probability that it can be had by then."""
    oldest: datetime | None = None
    until: datetime | None = None
    by: tuple[str, ...] = ()
    is_stale: bool = False
    confidence: Confidence = Confidence.STATED
    """The least sure of what it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One capability by one time."""

    hours: int
    offers: tuple[Offer, ...]

    @property
    def number(self) -> int:
        """How many are offered in all."""
        return sum(each.number for each in self.offers)

    @property
    def at_least(self) -> tuple[float, ...]:
        """The probability of at least one, two and so on of all that is offered."""
        every = [chance for each in self.offers for chance in each.chances]
        return at_least(every, MOST_K)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest input was so that anything here rests on."""
        return min((each.oldest for each in self.offers if each.oldest is not None), default=None)

    def partners(self, standing: Standing) -> tuple[str, ...]:
        """Return the nations that stand so."""
        return tuple(each.partner for each in self.offers if each.standing is standing)


Rows = Mapping[str, tuple[Cell, ...]]
"""Per capability a cell for each of NOTICES."""


def board(
    records: Records, heard: Iterable[Heard], at: datetime, *, own: str, nations: Iterable[str] = ()
) -> Rows:
    """Return the board at a time: for each capability that anybody has a cell per notice.

    `own` is this nation; `nations` are those that are to be told of even where nothing is known.
    What a partner's node stated stands instead of what is assumed of that partner.
    """
    fleet = Fleet(records, at)
    stated = {(each.nation, each.statement.capability): each for each in heard}
    everybody = sorted({own, *nations, *fleet.nations, *(nation for nation, _ in stated)})
    there = fleet.capabilities | {capability for _, capability in stated}

    def offer(nation: str, capability: str, hours: int) -> Offer:
        said = stated.get((nation, capability))
        if said is not None and nation != own:
            return _stated(said, hours, at)
        basis = Basis.OWN if nation == own else Basis.ASSUMED
        return _of_units(fleet, nation, capability, hours, basis)

    return {
        capability: tuple(
            Cell(hours=h, offers=tuple(offer(nation, capability, h) for nation in everybody))
            for h in NOTICES
        )
        for capability in CAPABILITIES
        if capability in there
    }


def _stated(heard: Heard, hours: int, at: datetime) -> Offer:
    said = heard.statement
    is_over = said.until <= at
    number = 0 if is_over else said.number_by(hours)
    if is_over:
        standing = Standing.NO_REPORT
    elif said.standing is Standing.OFFERED and not number:
        standing = Standing.NONE
    else:
        standing = said.standing
    return Offer(
        partner=heard.nation,
        basis=Basis.STATED,
        standing=standing,
        number=number,
        chances=(said.each,) * number,
        oldest=said.as_of,
        until=said.until,
        by=(heard.node,),
        is_stale=is_over,
    )


def _of_units(fleet: Fleet, nation: str, capability: str, hours: int, basis: Basis) -> Offer:
    """Return what a nation's units come to in a cell."""
    units, at = fleet.declared(nation, capability), fleet.at
    fresh = [each for each in units if each.holds(at)]
    number = sum(e.count for e in fresh if e.share(at) > 0.0 and e.is_likely_by(hours))
    said = [entry.said for each in units for entry in each.entries()]
    ends = [each.valid_until for each in said if each.valid_until is not None]
    return Offer(
        partner=nation,
        basis=basis,
        standing=_standing(number, is_known=bool(fresh) or (not units and basis is Basis.OWN)),
        number=number,
        chances=chances(fresh, hours, at),
        oldest=min((each.as_of for each in said), default=None),
        until=min(ends, default=None),
        by=tuple(sorted({each.by for each in said})),
        is_stale=any(e.availability is not None and not e.holds(at) for e in units),
        confidence=max((each.confidence for each in said), default=Confidence.STATED),
    )


def _standing(number: int, *, is_known: bool) -> Standing:
    if number:
        return Standing.OFFERED
    return Standing.NONE if is_known else Standing.NO_REPORT


def oldest_of(cells: Rows) -> datetime | None:
    """Return when the oldest input of a whole board was so."""
    found = [cell.oldest for row in cells.values() for cell in row]
    return min((each for each in found if each is not None), default=None)
