"""The facts of a case: what each is called, and how what a person typed is read.

What can mean two things is asked back, never guessed; what cannot be is refused with a sentence.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.desks.sar.entry import NotTaken
from accord.search.flow import Grid, Kind, read_series, steady
from accord.search.gridded import read_grid
from accord.search.leeway import ObjectClass
from accord.search.positions import read_position
from accord.search.shore import Wet, is_on_land
from accord.search.sweep import SweepTables
from accord.wire.cap.area import read_outlines, spelt
from accord.wire.errors import WireError

MAX_TEXT = 10_000
MAX_NAME = 80
MOST_PERSONS = 10_000

PHASES = ("uncertainty", "alert", "distress")
"""The emergency phases of the SAR Convention (annex, chapter 4.4) and of ICAO annex 12."""

CONDITIONS = ("normal", "ideal")

FROM_90 = 0.5487
FROM_95 = 0.4810
"""A 50 % radius in that of 90 and of 95 %, where errors are circular and normal: the roots of
ln 2 / ln 10 and of ln 2 / ln 20."""

NM = 1852.0
"""Metres in a nautical mile (SI brochure, table 8)."""

LEAST_ERROR = 0.1
"""Nautical miles of error of a position of which none is said: no fix is without."""

MOST_ERROR = 200.0
"""Nautical miles: an error beyond this is no position."""

MAX_FILE = 64 << 20
"""Bytes of one file of wind or current."""

YEARS = range(1900, 2200)
"""In which something of a case can happen; beyond, a clock or a message is wrong."""

FILE = "file:"
"""Begins the fact of a wind or current that is in a file, by its SHA-256."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEPT = re.compile(r"-?\d{1,2}\.\d{6},-?\d{1,3}\.\d{6},\d{1,4}(\.\d+)?", re.ASCII)
"""A position that was kept with what its digits left open."""
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_FLOW = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*[T°]?\s*/\s*(\d{1,3}(?:[.,]\d+)?)\s*(?:KT|KN)?", re.I)
_UNIT = re.compile(r"[^:\s]{1,200}")


class AskBack(NotTaken):
    """What was typed can mean several things; `choices` spells these so that each is clear."""

    def __init__(self, text: str, choices: tuple[str, ...]) -> None:
        self.choices = choices
        said = " or ".join(choices)
        super().__init__(f"{text!r} can mean {said}: say which one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a case is worked out with: how things drift, how wide a lookout sweeps, where sea is.

    `forcing` is the folder of the files of wind and current that a case refers to.
    """

    objects: Mapping[str, ObjectClass]
    sweeps: SweepTables
    sea: Wet
    forcing: Path


Read = Callable[[str, Known], str]


def read_fact(name: str, text: str, known: Known) -> str:
    """Return a value as it is kept, empty for one that is taken back. Raises NotTaken."""
    if len(text) > MAX_TEXT:
        raise NotTaken(f"{name}: at most {MAX_TEXT} letters")
    text = text.strip()
    read = _reader(name)
    if not text:
        return ""
    try:
        return read(text, known)
    except AskBack:
        raise
    except AccordError as error:
        raise NotTaken(f"{name}: {error}") from None


def _reader(name: str) -> Read:
    sort, colon, rest = name.partition(":")
    if colon:
        if sort not in _SORTS or not _UNIT.fullmatch(rest):
            raise NotTaken(f"there is no fact {name!r}: a sort, a colon, and a name without blanks")
        return _SORTS[sort]
    found = FACTS.get(name)
    if found is None:
        raise NotTaken(f"there is no fact {name!r}; there are {', '.join(FACTS)}")
    return found


def garbled(name: str, value: str) -> str:
    """Return what is wrong with a fact as another node says that it is kept; empty where nothing.

    Only what nothing could be worked out with: a fact, a thing or a file that this node does not
    know may be known there. Units and scenarios are looked at where they are read.
    """
    if len(value) > MAX_TEXT:
        return f"it has more than {MAX_TEXT} letters"
    check = _KEPT_AS.get(name)
    if check is None or not value:
        return ""
    try:
        check(value)
    except (AccordError, ValueError) as error:
        return str(error)
    return ""


def _check_place(value: str) -> None:
    point_of(value)
    if not digit_error(value) <= MOST_ERROR:
        raise ValueError("its error is none")


def _check_time(value: str) -> None:
    moment_of(value)


def _check_flow(kind: Kind) -> Callable[[str], None]:
    def check(value: str) -> None:
        if "\n" in value:
            read_series(kind, value)
        elif not value.startswith(FILE):
            steady(kind, *flow_of(value))

    return check


def _check_number(value: str) -> None:
    if not 0.0 <= float(value) < math.inf:
        raise ValueError(f"{value[:40]!r} is no number")


def point_of(text: str) -> Point:
    """Return the place of a kept position."""
    lat, lon, *_ = text.split(",")
    return Point(lat=float(lat), lon=float(lon))


def digit_error(text: str) -> float:
    """Return what the last digit of a kept position left open: half lies within, in miles."""
    _, _, *error = text.split(",")
    return float(error[0]) if error else 0.0


def doubt_of(name: str, value: str, known: Known) -> str:
    """Return what somebody has to look at in a value that was taken, empty where nothing is."""
    if name != "position" or not value:
        return ""
    point = point_of(value)
    if point.lat == point.lon == 0.0:
        return "the position is 0 north and 0 east, which devices say that know of none"
    if is_on_land(known.sea, point):
        return "the position is on land by the chart that comes with Accord (cells of 0.1 degrees)"
    return ""


def kept_point(point: Point) -> str:
    """Return a place as a fact keeps it: degrees to about a tenth of a metre."""
    return f"{point.lat:.6f},{point.lon:.6f}"


def kept_error(miles: float) -> str:
    """Return an error of a position as a fact keeps it: two digits, no larger than can be."""
    return f"{float(f'{min(miles, MOST_ERROR):.2g}'):g}"


def position_of(text: str) -> Point:
    """Return the one place that a text means. Raises AskBack where it can mean several."""
    first, *others = read_position(text)
    if others:
        raise AskBack(text, tuple(each.said for each in (first, *others)))
    return first.point


def typed_point(text: str) -> str:
    """Return the one place that a text means as a fact keeps it, with what its digits left open."""
    point = position_of(text)
    error = (point.circular_error or 0.0) * FROM_90 / NM
    return f"{kept_point(point)},{kept_error(error)}" if error > LEAST_ERROR else kept_point(point)


def _position(text: str, _known: Known) -> str:
    return text if _KEPT.fullmatch(text) else typed_point(text)


def _words(text: str, _known: Known) -> str:
    return text


def _one_of(words: tuple[str, ...]) -> Read:
    def read(text: str, _known: Known) -> str:
        if text.lower() not in words:
            raise NotTaken(f"{text[:40]!r} is none of {', '.join(words)}")
        return text.lower()

    return read


def _object(text: str, known: Known) -> str:
    found = next((key for key in known.objects if key.casefold() == text.casefold()), None)
    if found is None:
        like = [k for k, each in known.objects.items() if text.casefold() in each.name.casefold()]
        advice = f"; do you mean {', '.join(like[:5])}?" if like else "; see accord sar objects"
        raise NotTaken(f"there is no drifting object {text[:60]!r}{advice}")
    return found


def _target(text: str, known: Known) -> str:
    found = next(
        (each for each in known.sweeps.targets if each.casefold() == text.casefold()), None
    )
    if found is None:
        raise NotTaken(f"no sweep width is known for {text[:60]!r}; see accord sar objects")
    return found


def _number(least: float, most: float, unit: str) -> Read:
    def read(text: str, _known: Known) -> str:
        return f"{number_of(text, least, most, unit):g}"

    return read


def number_of(text: str, least: float, most: float, unit: str) -> float:
    """Return a number that was typed, with a point or a comma. Raises NotTaken out of bounds."""
    given = text.strip()
    number = float(given.replace(",", ".")) if _NUMBER.fullmatch(given) else math.nan
    if not least <= number <= most:
        raise NotTaken(f"{text[:40]!r} is no number from {least:g} to {most:g} {unit}")
    return number


def _persons(text: str, _known: Known) -> str:
    number = number_of(text, 0, MOST_PERSONS, "persons")
    if number != int(number):
        raise NotTaken(f"{text[:40]!r} is no number of persons")
    return f"{int(number)}"


def _time(text: str, _known: Known) -> str:
    return moment_of(text).isoformat()


def moment_of(text: str) -> datetime:
    """Return a time with its zone, in UTC. Raises NotTaken."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotTaken(f"{text[:40]!r} is no time with its zone, such as 2026-11-26T03:04Z")
    if moment.year not in YEARS:
        raise NotTaken(f"{text[:40]!r} is not in a year from {YEARS[0]} to {YEARS[-1]}")
    return moment.astimezone(UTC)


def _flow(kind: Kind) -> Read:
    """Read direction and speed, such as 230/25, or a table with a row for each time."""

    def read(text: str, known: Known) -> str:
        if text.startswith(FILE):
            grid_of(text, kind, known)
            return text
        if "\n" in text:
            read_series(kind, text)
            return text
        found = _FLOW.fullmatch(text)
        if found is None:
            raise NotTaken(f"{text[:40]!r} is no {kind}: degrees/knots, such as 230/25")
        degrees, knots = (float(each.replace(",", ".")) for each in found.groups())
        steady(kind, degrees, knots)
        return f"{degrees:g}/{knots:g}"

    return read


def keep_file(data: bytes, known: Known) -> str:
    """Keep a file of wind or current, and return what the fact holds. Raises NotTaken."""
    if len(data) > MAX_FILE:
        raise NotTaken(f"a file of wind or current has at most {MAX_FILE >> 20} MiB")
    digest = hashlib.sha256(data).hexdigest()
    try:
        known.forcing.mkdir(exist_ok=True)
        (known.forcing / digest).write_bytes(data)
    except OSError as error:
        raise NotTaken(f"the file cannot be kept in {known.forcing}: {error.strerror}") from None
    return f"{FILE}{digest}"


def grid_of(text: str, kind: Kind, known: Known, *, spread: float = 0.0) -> Grid:
    """Return the wind or current of a file that was kept. Raises NotTaken, SearchError."""
    digest = text.removeprefix(FILE)
    try:
        data = (known.forcing / digest).read_bytes() if _DIGEST.fullmatch(digest) else b""
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotTaken(f"the {kind} is in a file that this node does not have: give it one")
    return read_grid(kind, data, spread=spread)


def is_steady(text: str) -> bool:
    """Tell whether a kept wind or current is one direction and speed."""
    return not text.startswith(FILE) and "\n" not in text


def flow_of(text: str) -> tuple[float, float]:
    """Return degrees and knots of a kept wind or current."""
    degrees, _, knots = text.partition("/")
    return float(degrees), float(knots)


def _area(text: str, _known: Known) -> str:
    """Read the outlines of an area, in the notation of CAP."""
    try:
        return spelt(read_outlines(text))
    except WireError as error:
        raise NotTaken(str(error)) from None


def _object_of_json(text: str, _known: Known) -> str:
    """Read what the desk itself writes: an object of texts and numbers."""
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise NotTaken("it is no JSON object")
    return json.dumps(cast("dict[str, object]", said), sort_keys=True)


FACTS: Mapping[str, Read] = {
    "title": _words,
    "phase": _one_of(PHASES),
    "object": _object,
    "target": _target,
    "persons": _persons,
    "position": _position,
    "area": _area,
    "position_error": _number(0, MOST_ERROR, "nautical miles"),
    "time": _time,
    "time_error": _number(0, 10_080, "minutes"),
    "wind": _flow(Kind.WIND),
    "current": _flow(Kind.CURRENT),
    "sea": _number(0, 30, "metres"),
    "visibility": _number(0, 60, "nautical miles"),
    "conditions": _one_of(CONDITIONS),
    "nature": _words,
    "weather": _words,
    "vessel": _words,
    "action": _words,
    "further": _words,
    "beacon": _words,
    "source": _words,
    "lead": _words,
    "offered": _words,
    "shared": _object_of_json,
    "closed": _words,
}
"""Every fact by name; `lead`, `offered` and `shared` are written by the desk itself."""

_KEPT_AS: Mapping[str, Callable[[str], None]] = {
    "position": _check_place,
    "time": _check_time,
    "wind": _check_flow(Kind.WIND),
    "current": _check_flow(Kind.CURRENT),
    **dict.fromkeys(
        ("persons", "position_error", "time_error", "sea", "visibility"), _check_number
    ),
}
"""What is worked out with, and so has to be as this desk keeps it."""

_SORTS: Mapping[str, Read] = {"scenario": _object_of_json, "unit": _object_of_json}
"""Facts of which there may be many: `scenario:NAME`, `unit:UID`."""
