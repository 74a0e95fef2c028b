"""The parameters of a search, read into a `Filter`; what is wrong with one is a Problem."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.datastructures import QueryParams

from accord.api.problem import Problem
from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.core.kind import Affiliation
from accord.core.track import TrackStatus
from accord.picture.query import Filter

T = TypeVar("T")

_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,15})?", re.ASCII)

USUAL, MOST = 100, 1_000
"""Tracks of one answer: where no limit is given, and at most."""

MAX_TEXT = 200
"""Characters of one value."""

MAX_CURSOR = 2_048

LONGEST_PLACE = 256
"""Characters of a uid that tracks are ordered by as it is; a uid may be as long as an event."""

MAX_VALUES = 32
"""How often one parameter may be given."""

MANY = frozenset({"kind", "affiliation", "source", "group", "status"})
"""Parameters that may be given again: any of their values will do."""

ONE = frozenset({"q", "bbox", "context", "limit", "cursor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for, how much of it is wanted, and the place after which it goes on."""

    wanted: Filter
    limit: int
    after: str


def search(query: QueryParams) -> Search:
    """Read the parameters. Problem 400 says which of them is wrong, and what it may be."""
    given = _given(query, MANY | ONE)
    kinds = tuple(_read(each, "kind", _kind) for each in given.get("kind", ()))
    sides = (_read(each, "affiliation", Affiliation) for each in given.get("affiliation", ()))
    statuses = (_read(each, "status", TrackStatus) for each in given.get("status", ()))
    return Search(
        wanted=Filter(
            context=context_in(given),
            text=_one(given, "q", str, ""),
            area=_one(given, "bbox", _box, None),
            kinds=kinds,
            affiliations=frozenset(sides),
            sources=frozenset(given.get("source", ())),
            groups=frozenset(given.get("group", ())),
            statuses=frozenset(statuses),
        ),
        limit=_one(given, "limit", _limit, USUAL),
        after=_one(given, "cursor", _after, ""),
    )


POSITIONS, MOST_POSITIONS = 1_000, 5_000
"""Positions of one answer about the past: where no limit is given, and at most."""

USUAL_STRETCH = timedelta(hours=1)
LONGEST_STRETCH = timedelta(days=31)

YEARS = range(1970, 9999)
"""Years that a moment may be of: no zone and no stretch leads out of what a datetime holds."""

STRETCH = frozenset({"from", "to", "limit", "context"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time that is asked about, and how many positions of it at most."""

    context: Context
    since: datetime
    until: datetime
    limit: int


def stretch(query: QueryParams, now: datetime) -> Stretch:
    """Read from, to, limit and context: the last hour where nothing is said. Problem 400."""
    given = _given(query, STRETCH)
    until = min(_one(given, "to", moment_in, now), now)
    since = _one(given, "from", moment_in, until - USUAL_STRETCH)
    if not timedelta(0) < until - since <= LONGEST_STRETCH:
        days = LONGEST_STRETCH.days
        raise Problem(400, f"from is before to, by {days} days at most", parameter="from")
    limit = _one(given, "limit", _positions, POSITIONS)
    return Stretch(context=context_in(given), since=since, until=until, limit=limit)


def moment_in(text: str) -> datetime:
    """Return a moment that is spelt with its zone, in UTC. ValueError for any other text.

    `t` and `z` may be small (RFC 3339, 5.6).
    """
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError(text)
    return moment.astimezone(UTC)


def only_context(query: QueryParams) -> Context:
    """Read the one parameter of what is about one track. Problem 400 says what is wrong."""
    return context_in(_given(query, frozenset({"context"})))


def context_in(given: dict[str, list[str]]) -> Context:
    """Return the context that is asked for: live where none is."""
    return _one(given, "context", _context, LIVE)


def context_of(said: object) -> Context:
    """Return the context that a body names. Problem 400 where it names none."""
    return _read(str(said)[:MAX_TEXT], "context", _context)


def place_of(uid: str) -> str:
    """Return what tracks are ordered by: the uid, or the beginning of a long one and its digest."""
    if len(uid) <= LONGEST_PLACE:
        return uid
    digest = hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{uid[:LONGEST_PLACE]} {digest}"


def cursor(place: str) -> str:
    """Return what asks for everything after that place."""
    said = base64.urlsafe_b64encode(place.encode("utf-8", "surrogatepass"))
    return said.decode().rstrip("=")


def _given(query: QueryParams, known: frozenset[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in query.multi_items():
        if name not in known:
            there_are = ", ".join(sorted(known))
            raise Problem(400, f"there is no such parameter; there are {there_are}",
                          parameter=name[:MAX_TEXT])  # fmt: skip
        longest = MAX_CURSOR if name == "cursor" else MAX_TEXT
        if len(value) > longest:
            raise Problem(400, f"{name} is longer than {longest} characters", parameter=name)
        given.setdefault(name, []).append(value)
        most = MAX_VALUES if name in MANY else 1
        if len(given[name]) > most:
            raise Problem(400, f"{name} is given more than {most} times", parameter=name)
    return given


def _one(given: dict[str, list[str]], name: str, read: Callable[[str], T], otherwise: T) -> T:
    values = given.get(name)
    return _read(values[0], name, read) if values else otherwise


def _read(text: str, name: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        allowed = _ALLOWED.get(name, str(error))
        raise Problem(400, f"{name}={text[:MAX_TEXT]}: {allowed}", parameter=name) from None


_ALLOWED = {
    "affiliation": f"give one of {', '.join(each.value for each in Affiliation)}",
    "status": f"give one of {', '.join(each.value for each in TrackStatus)}",
    "context": "give live, or exercise:NAME",
    "cursor": "give what the answer before had under next",
    "kind": "give a CoT type or the beginning of one, such as a-f-S; an atom . stands for any",
    "from": "give a moment with its zone, such as 2026-01-02T03:04:05Z",
    "to": "give a moment with its zone, such as 2026-01-02T03:04:05Z",
    "limit": f"give a number from 1 to {MOST}",
}


def _kind(text: str) -> str:
    if not text.isascii() or not all(text.split("-")) or not text.isprintable():
        raise ValueError(text)
    return text


def _context(text: str) -> Context:
    context = Context.parse(text)
    if not context.name.isprintable():
        raise ValueError(text)
    return context


def _limit(text: str) -> int:
    return _number(text, MOST)


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        raise ValueError(text)
    if not 1 <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def _positions(text: str) -> int:
    try:
        return _number(text, MOST_POSITIONS)
    except ValueError:
        said = f"limit={text[:MAX_TEXT]}: give a number from 1 to {MOST_POSITIONS}"
        raise Problem(400, said, parameter="limit") from None


def _after(text: str) -> str:
    try:
        said = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        return said.decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeError):
        raise ValueError(text) from None


def _box(text: str) -> Box:
    parts = text.split(",")
    if len(parts) != 4 or not all(map(_DEGREES.fullmatch, parts)):
        raise ValueError("give west,south,east,north in degrees")
    numbers = [float(each) for each in parts]
    west, south, east, north = numbers
    return Box(south=south, west=west, north=north, east=east)
