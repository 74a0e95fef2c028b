"""How what a person typed into a field is read; what can mean two things is asked back."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.desks.relief.line import NotTaken
from accord.search.positions import read_position, spell_position
from accord.wire.cap.area import read_outlines, spelt
from accord.wire.errors import WireError

MAX_TEXT = 2_000
"""Letters of one field."""

YEARS = range(1900, 2200)
"""In which something of an incident can happen; beyond, a clock or a message is wrong."""

MOST_PERSONS = 10_000_000
MOST_QUANTITY = 1e12

Read = Callable[[str], str]
"""Returns a value as it is kept; what it returned before it returns again. Raises NotTaken."""

_KEPT = re.compile(r"-?\d{1,2}\.\d{6},-?\d{1,3}\.\d{6}", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,6})?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f']\d{3})+", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSEEN = {**dict.fromkeys(_CONTROLS, " "), **dict.fromkeys(_TURNS)}
"""Controls, and what turns the direction of the letters that follow so that they read otherwise."""
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


def words(text: str) -> str:
    """Read words, in one line."""
    return " ".join(text.translate(_UNSEEN).split())


def prose(text: str) -> str:
    """Read words of several lines."""
    return "\n".join(line.translate(_UNSEEN).rstrip() for line in text.strip().splitlines()).strip()


def one_of(*known: str) -> Read:
    """Return what reads one of those words, however it is capitalised."""
    spelt = {each.casefold(): each for each in known}

    def read(text: str) -> str:
        wanted = " ".join(text.casefold().replace("_", " ").split())
        if wanted not in spelt:
            raise NotTaken(f"{text[:40]!r} is none of {', '.join(known)}")
        return spelt[wanted]

    return read


def letters(known: str) -> Read:
    """Return what reads some of those letters, such as A or AD, in their order and once each."""

    def read(text: str) -> str:
        given = set(text.upper()) - set(" ,/+")
        if not given or not given <= set(known):
            raise NotTaken(f"{text[:40]!r} has other letters than {', '.join(known)}")
        return "".join(each for each in known if each in given)

    return read


def quantity(text: str) -> str:
    """Read a quantity above nothing. Thousands by a comma or point are asked back."""
    number = _number(text)
    if not 0.0 < number <= MOST_QUANTITY:
        raise NotTaken(f"{text[:40]!r} is no quantity above 0 and up to {MOST_QUANTITY:g}")
    return spelt_number(number)


def persons(text: str) -> str:
    """Read a number of persons."""
    number = _number(text)
    if number != int(number) or number > MOST_PERSONS:
        raise NotTaken(f"{text[:40]!r} is no number of persons up to {MOST_PERSONS}")
    return f"{int(number)}"


def spelt_number(number: float) -> str:
    """Return a number as it is kept and shown: 12.5, 3000."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _number(text: str) -> float:
    given = text.strip()
    if _THOUSANDS.fullmatch(given):
        given = re.sub(r"\D", "", given)
    if _AMBIGUOUS.fullmatch(given):
        plain, decimal = re.sub(r"[.,]", "", given), given.replace(",", ".")
        raise NotTaken(f"{given!r} can mean {plain} or {decimal}0: write {plain}, or {decimal}0")
    if not _NUMBER.fullmatch(given):
        raise NotTaken(f"{text[:40]!r} is no number, such as 200 or 12.5")
    number = float(given.replace(",", "."))
    return number if math.isfinite(number) else math.inf


def time(text: str) -> str:
    """Read a time with its zone, or a day, which begins at 00:00 UTC."""
    given = text.strip()
    if _DAY.fullmatch(given):
        given += "T00:00Z"
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotTaken(
            f"{text[:40]!r} is no time with its zone, such as 2026-11-26T03:04Z, and no day, such "
            "as 2026-11-26"
        )
    if moment.year not in YEARS:
        raise NotTaken(f"{text[:40]!r} is not in a year from {YEARS[0]} to {YEARS[-1]}")
    return moment.astimezone(UTC).isoformat()


def position(text: str) -> str:
    """Read a position in any notation; one that can mean several places is asked back."""
    if _KEPT.fullmatch(text.strip()):
        lat, lon = map(float, text.split(","))
        if abs(lat) <= 90.0 and abs(lon) <= 180.0:
            return text.strip()
    try:
        first, *others = read_position(text)
    except AccordError as error:
        raise NotTaken(str(error)) from None
    if others:
        said = " or ".join(each.said for each in (first, *others))
        raise NotTaken(f"{text!r} can mean {said}: say which one")
    return kept_point(first.point)


def outline(text: str) -> str:
    """Read the outline of an area, `lat,lon lat,lon ...` as in CAP; several stand one a line."""
    try:
        return spelt(read_outlines(text))
    except WireError as error:
        raise NotTaken(str(error)) from None


def kept_point(point: Point) -> str:
    """Return a place as a field keeps it: degrees to about a tenth of a metre."""
    return f"{point.lat:.6f},{point.lon:.6f}"


def point_of(text: str) -> Point:
    """Return the place of a kept position."""
    lat, lon = text.split(",")
    return Point(lat=float(lat), lon=float(lon))


def spelt_place(text: str) -> str:
    """Return a kept position as people read it."""
    return spell_position(point_of(text))


def identifier(text: str) -> str:
    """Read the name of another record, or of an event elsewhere."""
    given = text.strip()
    if not _IDENTIFIER.fullmatch(given):
        raise NotTaken(f"{given[:40]!r} is no name of letters, figures, points and hyphens")
    return given
