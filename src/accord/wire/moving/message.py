"""One kept position as a row: what it is about, where it was, and when. No times but numbers."""

from typing import NamedTuple

Cell = tuple[float, float, float, float]
"""West, south, east, north, in degrees: what came on a grid is anywhere in it."""


class Label(NamedTuple):
    """What the positions of one object by one source have in common. Empty: not said."""

    uid: str
    context: str
    channel: str
    node: str
    speaker: str
    hops: tuple[str, ...]
    groups: tuple[str, ...]
    kind: str
    how: str
    callsign: str
    name: str
    mmsi: str
    imo: str
    icao: str
    nation: str
    access: str | None
    caveat: str | None
    releasable_to: str | None
    opex: str
    form: str
    """By which form a partner released it; empty for what is not a partner's or came whole."""

    @property
    def title(self) -> str:
        """What people call it, with the exercise that it belongs to before it."""
        own = self.name or self.callsign or self.uid
        return own if self.context == "live" else f"{self.of_context}: {own}"

    @property
    def of_context(self) -> str:
        """The context as a person reads it: `LIVE`, `EXERCISE NAME`."""
        kind, _, name = self.context.partition(":")
        return f"{kind.upper()} {name}".rstrip()

    @property
    def course(self) -> tuple[str, str, str, str, str]:
        """What one course is of: an object in a context, by one source."""
        return (self.context, self.uid, self.node, self.channel, self.speaker)


class Fix(NamedTuple):
    """Where it was. Times are seconds since 1970, the rest SI; None: not known.

    Where `cell` is said, `lat` and `lon` are the middle of it, and nothing sharper is known.
    """

    era: int
    """Grows each time that the journal is begun anew, and its numbers with it."""
    sequence: int
    received: float
    time: float
    stale: float
    lat: float
    lon: float
    hae: float | None
    precision: float | None
    course: float | None
    speed: float | None
    climb: float | None
    cell: Cell | None
    doubts: tuple[str, ...]


class Row(NamedTuple):
    """One kept position."""

    label: Label
    fix: Fix
