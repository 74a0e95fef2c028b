"""What every format tells of a position, and how: times, names, and text that XML can hold."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from xml.sax.saxutils import escape

from accord.core.naming import printable
from accord.wire.moving.message import Cell, Label, Row

Write = Callable[[Iterable[Row]], Iterator[str]]
"""Yields a document, piece by piece, of rows that come by course."""

LONGEST_COURSE = 10_000
"""Positions of one line or track of a document; a longer course is several of them."""

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: float) -> str:
    """Return a time as RFC 3339 has it, with milliseconds."""
    # From the epoch, since a source may say a time that no clock of the machine can have.
    return (_BEGIN + timedelta(seconds=at)).isoformat(timespec="milliseconds")[:23] + "Z"


def courses(rows: Iterable[Row]) -> Iterator[tuple[Label, list[Row]]]:
    """Yield courses, each with the label of its last position; a long one in several parts."""
    for _, course in groupby(rows, key=lambda row: row.label.course):
        while part := list(islice(course, LONGEST_COURSE)):
            yield part[-1].label, part


def text(said: str) -> str:
    """Return text that XML 1.0 can hold."""
    return escape(printable(said, " "))


def corners(cell: Cell) -> list[tuple[float, float]]:
    """Return the ring of a cell, longitude and latitude; east is beyond 180 where it must be."""
    west, south, east, north = cell
    east += 360.0 if east < west else 0.0
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def said_of(label: Label) -> dict[str, str]:
    """Return what is said of an object by one source, without what is not said."""
    kind, _, name = label.context.partition(":")
    found = {
        "uid": label.uid,
        "name": label.name,
        "callsign": label.callsign,
        "type": label.kind,
        "context": label.context,
        "exercise": name if kind == "exercise" else "",
        "mmsi": label.mmsi,
        "imo": label.imo,
        "icao": label.icao,
        "nation": label.nation,
        "node": label.node,
        "source": label.channel,
        "speaker": label.speaker,
        "groups": ", ".join(label.groups),
        "form": label.form,
        "access": label.access or "",
        "caveat": label.caveat or "",
        "releasable_to": label.releasable_to or "",
    }
    return {key: value for key, value in found.items() if value}


NAMES = (
    "uid", "name", "callsign", "type", "context", "exercise", "mmsi", "imo", "icao", "nation",
    "node", "source", "speaker", "groups", "form", "access", "caveat", "releasable_to",
)  # fmt: skip
"""The keys of `said_of`, in order."""
