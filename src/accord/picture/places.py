"""One identity that is used in several places at once: which of them a report belongs to.

Two ships that send one number are two ships. A report that cannot come from where a track is, by
any speed that such a thing has, begins a track of its own in the same family: the places of that
identity, `U`, `U~2`, `U~3`. Which of them is the true one nobody can tell from this; a person may
join them. Split is only what is broadcast under a registered number. Whoever speaks for himself is
one, and what came as CoT goes on with the uid it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from accord.core.geometry import Point, distance
from accord.core.identity import Identity
from accord.core.kind import Dimension
from accord.core.report import Form, Report
from accord.core.track import Track
from accord.picture.claims import point_of
from accord.picture.plausible import JUMP_SLACK, MAX_SPEED, at_most_apart

MARK = "~"
"""Between a uid and the number of its place, from 2 on."""

MAX_PLACES = 8
"""Places of one identity; a report beyond goes to the one that was silent longest."""

ENOUGH = 2
"""Reports from a place until it counts: one alone may be a wrong fix."""

FASTEST: dict[Dimension | None, float] = {**MAX_SPEED, Dimension.SEA_SURFACE: 31.0}
"""Metres per second: 60 kn for ships, a little more than the fastest ferry does (58 kn)."""

_COT = frozenset({Form.COT_XML, Form.COT_PROTOBUF})
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class HasTrack(Protocol):
    """Whatever keeps a track."""

    track: Track


T = TypeVar("T", bound=HasTrack)


def is_broadcast(report: Report) -> bool:
    """Tell whether others may send the same identity: a number, said by no contact of ours."""
    identity, original = report.identity, report.original
    if report.author is not None or (identity.mmsi is None and identity.icao is None):
        return False
    return original is None or original.form not in _COT


def may_be_one(track: Track, report: Report) -> bool:
    """Tell whether what the report is about can have come from where some claim has the track.

    In a track that a person joined of several identities, those of its own count.
    """
    here = point_of(report)
    if here is None:
        return True
    lead, identity = track.lead, report.identity
    if _reaches(lead, report, here) and not _differ(lead.identity, identity):
        return True
    claims = track.claims.values()
    own = [each for each in claims if not _differ(each.identity, identity)] or claims
    return any(_reaches(each, report, here) for each in own)


def own_claims(track: Track, report: Report) -> list[Report]:
    """Return the claims that bear a number of the report's."""
    identity = report.identity
    return [
        each
        for each in track.claims.values()
        if (each.identity.mmsi is not None and each.identity.mmsi == identity.mmsi)
        or (each.identity.icao is not None and each.identity.icao == identity.icao)
    ]


def _differ(one: Identity, other: Identity) -> bool:
    if one is other:
        return False
    return _is_another(one.mmsi, other.mmsi) or _is_another(one.icao, other.icao)


def _is_another(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _reaches(claim: Report, report: Report, here: Point) -> bool:
    there = point_of(claim)
    if there is None:
        return True
    at_most = at_most_apart(there, here)
    if at_most <= JUMP_SLACK:
        return True
    seconds = abs((report.time - claim.time).total_seconds())
    errors = (here.circular_error or 0.0) + (there.circular_error or 0.0)
    reach = JUMP_SLACK + errors + FASTEST[report.kind.dimension] * seconds
    return at_most <= reach or distance(here, there) <= reach


def base_of(uid: str) -> str:
    """Return the uid of which this is the name of a place; else itself."""
    head, _, number = uid.rpartition(MARK)
    return head if head and number.isdecimal() else uid


@dataclass(slots=True, eq=False)
class Place(Generic[T]):
    """One place of an identity: since when it is told from the others, and how often heard.

    `name` is its uid; it is not the track's where that was joined with something else.
    """

    what: T
    name: str
    began: datetime = field(default=_ALWAYS)
    heard: int = ENOUGH


class Family(Generic[T]):
    """The places of one identity, the first under its own uid. There are MAX_PLACES at most."""

    __slots__ = ("_places", "base")

    def __init__(self, first: T, name: str = "") -> None:
        name = name or first.track.id
        self.base = base_of(name)
        self._places = [Place(first, name)]

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self._places)

    def __iter__(self) -> Iterator[Place[T]]:
        """Yield the places."""
        return iter(self._places)

    @property
    def is_full(self) -> bool:
        """Whether there are as many as can be."""
        return len(self._places) >= MAX_PLACES

    def next_name(self) -> str:
        """Return the uid of the next place."""
        taken = {each.name for each in self._places}
        names = (f"{self.base}{MARK}{number}" for number in range(2, MAX_PLACES + 2))
        return next(name for name in (self.base, *names) if name not in taken)

    def named(self, place: Place[T], report: Report) -> Report:
        """Return the report under the uid of its place; at the first it may have its own."""
        uid = place.name
        if report.uid == uid or (uid == self.base and base_of(report.uid) != uid):
            return report
        return replace(report, uid=uid)

    def add(self, what: T, began: datetime, name: str = "") -> None:
        """Take in another place, under its track's id where no other name is given."""
        self._places.append(Place(what, name or what.track.id, began, 1))

    def drop(self, what: T) -> None:
        """Forget a place."""
        self._places = [each for each in self._places if each.what is not what]

    def nearest(self, report: Report) -> Place[T] | None:
        """Return the nearest of the places that it can have come from."""
        can = [each for each in self._places if may_be_one(each.what.track, report)]
        return min(can, key=lambda each: _apart(each, report)) if can else None

    def quietest(self) -> Place[T]:
        """Return the place that was silent longest."""
        return min(self._places, key=lambda each: each.what.track.lead.received)

    def first(self) -> Place[T] | None:
        """Return the place under the identity's own uid, while it is there."""
        return next((each for each in self._places if each.name == self.base), None)

    def is_elsewhere(self, place: Place[T], report: Report) -> bool:
        """Tell whether the identity is heard from another place too, at the same time."""
        return any(
            each is not place
            and each.heard >= ENOUGH
            and each.what.track.lead.stale > report.received
            and each.what.track.lead.time >= place.began
            for each in self._places
        )

    def has_moved(self, place: Place[T], report: Report) -> bool:
        """Tell whether the place is where the first has gone: then they prove to be one.

        The first has fallen silent since before the place began, and what is there can have come
        from it; or the first is no longer known, and no other place is.
        """
        first = self.first()
        if first is place:
            return False
        if first is None:
            return len(self._places) == 1
        lead = first.what.track.lead
        return (
            lead.stale <= report.received
            and lead.time < place.began
            and may_be_one(first.what.track, report)
        )


def _apart(place: Place[T], report: Report) -> float:
    here, there = point_of(report), point_of(place.what.track.lead)
    return 0.0 if here is None or there is None else distance(here, there)
