"""The sheets of the register and their columns: what may stand in a cell, and how it is kept.

What people write is read leniently and kept in one spelling, so that the same thing said twice is
the same text.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from types import MappingProxyType

from accord.core.nation import check_nation
from accord.core.rfc3339 import spell

WITHDRAWN = "withdrawn"
"""The column that takes a record out of the register; its history stays."""

NO_MORE = "-"
"""What people write in a cell where nothing holds any more; an empty cell says nothing at all."""

MAX_TEXT = 2_000
"""Characters of one cell."""
MAX_CELLS_TEXT = 32_000
"""Characters of a list of H3 cells, compacted: what one cell of a workbook can hold."""
MAX_ID = 64
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class Sheet(StrEnum):
    """What the register holds, each a sheet of the workbook."""

    BASES = "bases"
    CLASSES = "classes"
    UNITS = "units"
    AREAS = "areas"
    AVAILABILITY = "availability"
    DEPLOYMENTS = "deployments"
    LEVELS = "levels"
    """How a unit stands in its nation's own scheme of readiness."""


class Sort(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    RANGE = "least/likely/most"
    MOMENT = "time"
    YES = "yes or no"
    WORD = "one of"
    WORDS = "list of"
    NATION = "nation"
    REFERENCE = "id"
    CELLS = "H3 cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `least` and `most` bound numbers; `words` are those that are understood.

    `refers` is the sheet that a reference is to.
    """

    name: str
    sort: Sort = Sort.TEXT
    is_required: bool = False
    least: float = 0.0
    most: float = math.inf
    words: tuple[str, ...] = ()
    refers: Sheet | None = None
    longest: int = MAX_TEXT

    def read(self, text: str) -> str:
        """Return what is kept of a cell. ValueError says what may stand there."""
        text = text.strip()
        if len(text) > self.longest:
            raise ValueError(f"has {len(text)} characters; at most {self.longest} are kept")
        if not text.isprintable():
            raise ValueError("has characters that cannot be printed")
        if text == NO_MORE:
            if self.is_required:
                raise ValueError("is needed, so it cannot be taken away")
            return ""
        return _READERS[self.sort](self, text)


def _text(_column: Column, text: str) -> str:
    return text


def _number(column: Column, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not column.least <= number <= column.most or math.isinf(number):
        raise ValueError(f"{text!r} is no number {_bounds(column)}")
    return f"{number + 0.0:.10g}"


def _bounds(column: Column) -> str:
    if column.most == math.inf:
        return f"of {column.least:g} or more"
    return f"from {column.least:g} to {column.most:g}"


def _whole(column: Column, text: str) -> str:
    found = _number(column, text)
    if "." in found:
        raise ValueError(f"{text!r} is no whole number")
    return found


def _range(column: Column, text: str) -> str:
    parts = text.replace(",", "/").split("/")
    if len(parts) != 3:
        raise ValueError(f"{text!r}: give least, likely and most, such as 1/2/6")
    found = [_number(column, each.strip()) for each in parts]
    if not float(found[0]) <= float(found[1]) <= float(found[2]):
        raise ValueError(f"{text!r} is not in the order least, likely, most")
    return "/".join(found)


def read_moment(text: str) -> datetime:
    """Return a time in UTC; a date alone is its beginning. ValueError says how to write one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write 2026-03-01, or 2026-03-01T08:00Z with its zone"
        ) from None
    if found.tzinfo is None:
        is_day = "T" not in text or text.endswith("T00:00:00")
        if not is_day or found.time() != time():
            raise ValueError(f"{text!r} names no zone: write Z for UTC behind it")
        found = found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is before the first day or after the last") from None


def _moment(_column: Column, text: str) -> str:
    return spell(read_moment(text))


_TRUTHS = MappingProxyType({"yes": "yes", "true": "yes", "no": "no", "false": "no"})


def _yes(_column: Column, text: str) -> str:
    if text.lower() not in _TRUTHS:
        raise ValueError(f"{text!r}: write yes or no")
    return _TRUTHS[text.lower()]


def _word(column: Column, text: str) -> str:
    if text not in column.words:
        raise ValueError(f"{text!r} is none of {', '.join(column.words)}")
    return text


def _words(column: Column, text: str) -> str:
    found = [each.strip() for each in text.split(",") if each.strip()]
    if not found:
        raise ValueError(f"{text!r} names none of {', '.join(column.words)}")
    for each in found:
        _word(column, each)
    return ", ".join(sorted(set(found), key=column.words.index))


def _nation(_column: Column, text: str) -> str:
    return check_nation(text)


def _reference(_column: Column, text: str) -> str:
    return check_id(text)


def check_id(text: str) -> str:
    """Return an id. ValueError says what one may be."""
    if ID.fullmatch(text) is None or len(text) > MAX_ID:
        raise ValueError(
            f"{text!r} is no id: letters, digits, dots, hyphens and underscores, at most {MAX_ID}"
        )
    return text


def _cells(_column: Column, text: str) -> str:
    found = sorted(set(text.lower().split()))
    wrong = next((each for each in found if _CELL.fullmatch(each) is None), None)
    if wrong is not None or not found:
        raise ValueError(f"{wrong or text!r} is no H3 cell, such as 84bb2e9ffffffff")
    return " ".join(found)


_CELL = re.compile(r"8[0-9a-f]{14}")
"""A cell of any resolution, as H3 writes it: mode 1 in the first five bits."""


_READERS = MappingProxyType(
    {
        Sort.TEXT: _text,
        Sort.NUMBER: _number,
        Sort.WHOLE: _whole,
        Sort.RANGE: _range,
        Sort.MOMENT: _moment,
        Sort.YES: _yes,
        Sort.WORD: _word,
        Sort.WORDS: _words,
        Sort.NATION: _nation,
        Sort.REFERENCE: _reference,
        Sort.CELLS: _cells,
    }
)

ROLES = (
    "surveillance", "sar", "damage-assessment", "presence", "lift", "medevac", "medical", "water",
    "fuel", "survey-dive",
)  # fmt: skip
"""What a class is there for; with `-air` or `-sea` behind it, a capability of the board."""

AIR, SEA = DOMAINS = ("air", "sea")
CAPABILITIES = tuple(f"{role}-{domain}" for role in ROLES for domain in DOMAINS)

FASTEST = MappingProxyType({AIR: 700.0, SEA: 60.0})
"""Knots; no aircraft or ship of these roles is faster."""

AVAILABLE, MAINTENANCE = STATES = ("available", "maintenance")

_MOST = 1_000_000.0


def _number_of(name: str, most: float, *, is_required: bool = False, least: float = 0.0) -> Column:
    return Column(name=name, sort=Sort.NUMBER, most=most, least=least, is_required=is_required)


def _id_of(name: str, sheet: Sheet, *, is_required: bool = False) -> Column:
    return Column(name=name, sort=Sort.REFERENCE, refers=sheet, is_required=is_required)


_COUNT = Column(name="count", sort=Sort.WHOLE, least=1, most=1_000)
_SHARE = Column(name="share", sort=Sort.NUMBER, least=0.0001, most=1.0)
_NAME = Column(name="name", is_required=True)
_NOTE = Column(name="note")
_FROM = Column(name="from", sort=Sort.MOMENT, is_required=True)
_TO = Column(name="to", sort=Sort.MOMENT, is_required=True)
_GONE = Column(name=WITHDRAWN, sort=Sort.YES)

_SHEETS: Mapping[Sheet, tuple[Column, ...]] = {
    Sheet.BASES: (
        _NAME,
        Column(name="country", sort=Sort.NATION, is_required=True),
        Column(name="role", sort=Sort.WORD, words=("port", "air", "both"), is_required=True),
        _number_of("lat", 90.0, least=-90.0, is_required=True),
        _number_of("lon", 180.0, least=-180.0, is_required=True),
        Column(name="icao"),
    ),
    Sheet.CLASSES: (
        _NAME,
        Column(name="domain", sort=Sort.WORD, words=DOMAINS, is_required=True),
        _number_of("cruise_kt", 10_000.0, least=1.0, is_required=True),
        _number_of("sprint_kt", 10_000.0, least=1.0),
        _number_of("search_kt", 10_000.0, least=1.0),
        _number_of("range_nm", _MOST),
        _number_of("radius_nm", _MOST),
        _number_of("endurance_h", _MOST),
        _number_of("swath_half_nm", 1_000.0),
        Column(name="roles", sort=Sort.WORDS, words=ROLES, is_required=True),
        Column(name="crew", sort=Sort.WHOLE, most=10_000),
        _number_of("lift_t", _MOST),
        Column(name="notice_h", sort=Sort.RANGE, most=8_760, is_required=True),
    ),
    Sheet.UNITS: (
        Column(name="name"),
        Column(name="partner", sort=Sort.NATION, is_required=True),
        _id_of("class", Sheet.CLASSES, is_required=True),
        _id_of("base", Sheet.BASES, is_required=True),
        _COUNT,
        Column(name="notice_h", sort=Sort.RANGE, most=8_760),
        Column(name="may_be_told", sort=Sort.YES),
    ),
    Sheet.AREAS: (
        _NAME,
        Column(name="kind", sort=Sort.WORD, words=("sar", "eez", "ops", "box"), is_required=True),
        _number_of("published_km2", 510_100_000.0),
        Column(name="cells", sort=Sort.CELLS, longest=MAX_CELLS_TEXT, is_required=True),
    ),
    Sheet.AVAILABILITY: (
        _id_of("unit", Sheet.UNITS, is_required=True),
        Column(name="capability", sort=Sort.WORD, words=CAPABILITIES),
        _FROM,
        _TO,
        Column(name="state", sort=Sort.WORD, words=STATES, is_required=True),
        _SHARE,
        Column(name="reason"),
    ),
    Sheet.DEPLOYMENTS: (
        _id_of("unit", Sheet.UNITS, is_required=True),
        _id_of("base", Sheet.BASES),
        _id_of("area", Sheet.AREAS),
        _FROM,
        _TO,
        Column(name="purpose"),
        _COUNT,
        _SHARE,
        Column(name="commitment", sort=Sort.REFERENCE),
    ),
    Sheet.LEVELS: (
        _id_of("unit", Sheet.UNITS, is_required=True),
        Column(name="scheme", is_required=True),
        Column(name="inputs", is_required=True),
        Column(name="override_to"),
        Column(name="override_by"),
        Column(name="override_reason"),
    ),
}  # fmt: skip

COLUMNS: Mapping[Sheet, Mapping[str, Column]] = MappingProxyType(
    {
        sheet: MappingProxyType({each.name: each for each in (*columns, _NOTE, _GONE)})
        for sheet, columns in _SHEETS.items()
    }
)
"""Per sheet its columns by name, in the order of the workbook; `id` and who said it are beside."""

EXPIRES = frozenset({Sheet.AVAILABILITY, Sheet.LEVELS})
"""Sheets whose values need an end: an old word of these must not look like a new one."""
