"""The parameters of OGC API - Features: bbox, datetime, limit; ours: kind, context, cursor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.datastructures import QueryParams

from accord.api.problem import Problem
from accord.api.query import MANY, MAX_TEXT, moment_in, search
from accord.core.context import Context
from accord.core.geometry import Box
from accord.core.report import Report
from accord.core.track import Track
from accord.live.asked import Place
from accord.picture.claims import point_of
from accord.picture.query import Filter

USUAL, MOST = 100, 10_000
"""Features of one answer: where no limit is given, and at most (a greater limit is cut to it)."""

USUAL_STRETCH = timedelta(hours=1)
"""How far back positions are told where no time is asked for."""

_KNOWN = frozenset(
    {"bbox", "bbox-crs", "crs", "datetime", "limit", "kind", "context", "cursor", "f"}
)
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_LIMIT = re.compile(r"\d{1,9}", re.ASCII).fullmatch
_PLACE = re.compile(r"(h?)(\d{1,18})\.(\d{1,18})", re.ASCII).fullmatch
_OPEN = ("", "..")
_STRETCH = "~"
"""Stands in a cursor before each end of its stretch, in microseconds since 1970."""
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What is asked of a collection. `times` is None where any time will do."""

    context: Context
    box: Box | None
    kinds: tuple[str, ...]
    times: tuple[datetime, datetime] | None
    limit: int
    now: datetime
    cursor: str

    def filter(self) -> Filter:
        """Return it as it is asked of the picture."""
        return Filter(context=self.context, area=self.box, kinds=self.kinds)

    def is_of_time(self, track: Track) -> bool:
        """Tell whether the track's lead happened in the time that is asked for."""
        return self.times is None or self.times[0] <= track.lead.time <= self.times[1]

    def stretch(self) -> tuple[float, float]:
        """Return the stretch of receipts that is asked of the journal: the last hour if none."""
        begin, end = self.times or (self.now - USUAL_STRETCH, self.now)
        return begin.timestamp(), min(end, self.now).timestamp()

    def next_cursor(self, place: str) -> str:
        """Return where the next page of the past goes on, and of which stretch it is.

        With the end that it has now every page is of the stretch that the first one was of, and the
        last one comes; it stands here and not in `datetime`, which GDAL says again of itself.
        """
        begin, end = self.stretch()
        return _STRETCH.join((place, *(str(round(each * 1e6)) for each in (begin, end))))

    def is_wanted(self, report: Report) -> bool:
        """Tell whether a kept position is asked for; its time aside."""
        point = point_of(report)
        return (
            point is not None
            and (self.box is None or self.box.contains(point))
            and (not self.kinds or any(map(report.kind.is_a, self.kinds)))
        )

    def after_text(self) -> str:
        """Return after which uid it goes on."""
        return search(QueryParams({"cursor": self.cursor})).after if self.cursor else ""

    def after_place(self) -> Place | None:
        """Return after which place of the journal, or of the history, it goes on. Problem 400."""
        if not self.cursor:
            return None
        place = place_in(self.cursor)
        if place is None:
            raise Problem(400, "give what the link `next` has", parameter="cursor")
        return place


def read_items(query: QueryParams, now: datetime) -> Items:
    """Read the parameters. Problem 400 says which is wrong."""
    given: dict[str, str] = {}  # the same again is no other word: GDAL says its address twice
    for name, value in query.multi_items():
        if name not in _KNOWN:
            there_are = ", ".join(sorted(_KNOWN))
            raise Problem(400, f"there are only the parameters {there_are}", parameter=name[:100])
        if len(value) > MAX_TEXT and name != "cursor":
            raise Problem(400, f"{name} is longer than {MAX_TEXT} letters", parameter=name)
        if given.setdefault(name, value) != value and name not in MANY:
            raise Problem(400, f"{name} is given more than once", parameter=name)
    for name in ("bbox-crs", "crs"):
        if query.get(name, _CRS84) != _CRS84:
            raise Problem(400, f"only {_CRS84} is known", parameter=name)
    once = dict.fromkeys(query.multi_items())
    ours = [(key, each) for key, each in once if key in ("kind", "context")]
    wanted = search(QueryParams(ours)).wanted
    place, *stretch = query.get("cursor", "").split(_STRETCH)
    times = _times(query.get("datetime"))
    return Items(
        context=wanted.context,
        box=_box(query.get("bbox")),
        kinds=wanted.kinds,
        times=_of_cursor(stretch) if stretch else times,
        limit=_limit(query.get("limit")),
        now=now,
        cursor=place,
    )


def _of_cursor(stretch: Sequence[str]) -> tuple[datetime, datetime]:
    try:
        first, last = (datetime.fromtimestamp(int(each) / 1e6, UTC) for each in stretch)
    except (ValueError, OverflowError, OSError):
        raise Problem(400, "there is no such page", parameter="cursor") from None
    return first, last


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not _LIMIT(text) or not int(text):
        raise Problem(400, "limit is a whole number from 1 on", parameter="limit")
    return min(int(text), MOST)


def _box(text: str | None) -> Box | None:
    """Read four numbers, or six of which the heights are not looked at (17-069r4, 7.15.3)."""
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) == 6:
        parts = [parts[0], parts[1], parts[3], parts[4]]
    try:
        west, south, east, north = map(float, parts)
        return Box(south=south, west=west, north=north, east=east)
    except ValueError:
        said = "give west,south,east,north in degrees, with heights or without"
        raise Problem(400, said, parameter="bbox") from None


def _times(text: str | None) -> tuple[datetime, datetime] | None:
    """Read a moment, or two of which one may be open (17-069r4, 7.15.4)."""
    if text is None:
        return None
    begin, slash, end = text.partition("/")
    try:
        if not slash:
            moment = moment_in(text)
            return moment, moment + timedelta(seconds=1) - timedelta(microseconds=1)
        first = _EARLIEST if begin in _OPEN else moment_in(begin)
        last = _LATEST if end in _OPEN else moment_in(end)
    except ValueError:
        said = "give a moment with its zone, or BEGIN/END of which one may be `..`"
        raise Problem(400, said, parameter="datetime") from None
    if begin in _OPEN and end in _OPEN:
        said = "both ends are open: give one of them, or leave datetime out"
        raise Problem(400, said, parameter="datetime")
    if first > last:
        said = "it ends before it begins: give BEGIN/END, the earlier moment first"
        raise Problem(400, said, parameter="datetime")
    return first, last


def spell_place(at: Place) -> str:
    """Return a place of the journal, or of the history, as an identifier."""
    return f"{'h' if at.is_beyond else ''}{at.segment}.{at.number}"


def place_in(text: str) -> Place | None:
    """Return what `spell_place` wrote, None for any other text."""
    match = _PLACE(text)
    return None if match is None else Place(int(match[2]), int(match[3]), bool(match[1]))


def url_of(scheme: str, host: str, path: str) -> str:
    """Return the address under which the client has reached a path."""
    return f"{scheme}://{host}{path}"
