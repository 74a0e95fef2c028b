"""Which track a report belongs to, and why.

Within one context: the uid settles it; else a registered number that both carry and none that
differs (`Identity.settles`). A name or callsign never does. Contexts are never compared: each has
an index of its own.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from accord.core.identity import Identity
from accord.core.report import Report
from accord.core.track import Track


class Because(StrEnum):
    """Why a report belongs to its track."""

    UID = "same uid"
    IDENTITY = "same registered number"
    NEW = "nothing known matches"


class HasTrack(Protocol):
    """Whatever keeps a track."""

    track: Track


T = TypeVar("T", bound=HasTrack)

_Name = str | tuple[str, str]
"""A uid, or a kind of number and the number."""


class Index(Generic[T]):
    """Finds the track that a report belongs to, in constant time.

    A track is known by its id and by the uids and numbers of its current claims, and by no others,
    so that the index grows with the claims that are kept and not with what was ever heard.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[_Name, T] = {}

    def __len__(self) -> int:
        """Return how many uids and numbers are known."""
        return len(self._known)

    def by_uid(self, uid: str) -> T | None:
        """Return what goes by this uid."""
        return self._known.get(uid)

    def find(self, report: Report) -> tuple[T | None, Because]:
        """Return what the report belongs to, and why."""
        known = self._known.get(report.uid)
        if known is not None:
            return known, Because.UID
        for number in _numbers(report.identity):
            known = self._known.get(number)
            if known is not None and _registered(known.track).settles(report.identity):
                return known, Because.IDENTITY
        return None, Because.NEW

    def add(self, what: T) -> None:
        """Let the names of its track lead to this from now on; what leads elsewhere stays."""
        for name in _names(what.track):
            self._known.setdefault(name, what)

    def discard(self, what: T) -> None:
        """Forget the names of its track where they lead to this."""
        for name in _names(what.track):
            if self._known.get(name) is what:
                del self._known[name]


def is_named_alike(report: Report, claim: Report) -> bool:
    """Tell whether both have the same uid and registered numbers."""
    mine, theirs = report.identity, claim.identity
    return report.uid == claim.uid and (
        mine is theirs
        or (mine.mmsi == theirs.mmsi and mine.imo == theirs.imo and mine.icao == theirs.icao)
    )


def _numbers(identity: Identity) -> Iterator[tuple[str, str]]:
    pairs = (("mmsi", identity.mmsi), ("imo", identity.imo), ("icao", identity.icao))
    return ((kind, number) for kind, number in pairs if number is not None)


def _names(track: Track) -> set[_Name]:
    names: set[_Name] = {track.id}
    for claim in track.claims.values():
        names.add(claim.uid)
        names.update(_numbers(claim.identity))
    return names


def _registered(track: Track) -> Identity:
    """Return the numbers of all claims together; those of the lead count first."""
    identities = [track.lead.identity, *(claim.identity for claim in track.claims.values())]
    return Identity(
        mmsi=_first(identity.mmsi for identity in identities),
        imo=_first(identity.imo for identity in identities),
        icao=_first(identity.icao for identity in identities),
    )


def _first(numbers: Iterable[str | None]) -> str | None:
    return next((number for number in numbers if number is not None), None)
