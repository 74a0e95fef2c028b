"""Words: `/api/v1/chat`; drawings: `/api/v1/drawings`; who is there: `/api/v1/people`."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import list_in, number_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.problem import Problem
from accord.api.watch import context_in, require_watch
from accord.core.body import Message, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.kind import Kind
from accord.core.report import Address, AddressKind, Report
from accord.core.rfc3339 import spell
from accord.live.page_voice import EVERYBODY, Drawing, NotSaid, PageVoice
from accord.live.words import Words, is_between

CHAT = "/api/v1/chat"
DRAWINGS = "/api/v1/drawings"
PEOPLE = "/api/v1/people"

MAX_BODY = 1 << 20
MAX_WORDS = 8_000
"""Characters of one message: what ATAK can send fits."""
MAX_NAME = 200
MAX_UID = 256
MAX_VERTICES = 5_000
LONGEST_VALID = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is there now: a TAK client, or a user with an open page."""

    name: str
    callsign: str
    uid: str
    by: str
    groups: frozenset[str]


def message_json(report: Report) -> dict[str, object]:
    """Return words as the page is told of them."""
    body = report.body
    assert isinstance(body, Message)  # noqa: S101  only such are given
    return {
        "uid": report.uid,
        "at": spell(report.received),
        "from": body.sender,
        "author": report.author,
        "speaker": report.source.speaker,
        "partner": report.source.node if report.source.is_partners else None,
        "room": body.room,
        "to": sorted(each.value for each in report.to),
        "text": body.text,
        "context": str(report.context),
        "groups": sorted(report.groups),
    }


class Spoken:
    """Which words are whose, to a user of the page."""

    def __init__(self, voice: PageVoice) -> None:
        self._voice = voice

    def names(self, caller: Caller) -> frozenset[Address]:
        """Return what somebody on the page is spoken to under."""
        principal = caller.principal
        return frozenset(
            {
                Address(AddressKind.UID, self._voice.uid_of(principal)),
                Address(AddressKind.CALLSIGN, principal.name),
            }
        )

    def is_for(self, report: Report) -> Callable[[Caller], bool]:
        """Return what tells of a caller whether he is told these words."""
        return lambda caller: is_between(caller.principal, self.names(caller), report)


def routes(
    voice: PageVoice,
    words: Words,
    callers: Callers,
    people: Callable[[], Iterable[Person]],
) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(voice, words, callers, people)
    return [
        Route(CHAT, asked.recent, methods=["GET"]),
        Route(CHAT, asked.say, methods=["POST"]),
        Route(DRAWINGS, asked.draw, methods=["POST"]),
        Route(DRAWINGS, asked.remove, methods=["DELETE"]),
        Route(PEOPLE, asked.who, methods=["GET"]),
    ]


class _Asked:
    def __init__(
        self,
        voice: PageVoice,
        words: Words,
        callers: Callers,
        people: Callable[[], Iterable[Person]],
    ) -> None:
        self._voice = voice
        self._spoken = Spoken(voice)
        self._words = words
        self._callers = callers
        self._people = people

    async def recent(self, request: Request) -> Response:
        """Answer with the words that are remembered, oldest first."""
        caller = self._callers.require(request)
        said = self._words.recent(caller.principal, self._spoken.names(caller))
        return answer({"messages": [message_json(each) for each in said]})

    async def say(self, request: Request) -> Response:
        """Say `text` in a `room`, all if left out, or `to` the uid of one person."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        text = text_in(said, "text", most=MAX_WORDS)
        if not text.strip():
            raise Problem(400, "there are no words in it", parameter="text")
        room = text_in({"room": said.get("room", EVERYBODY)}, "room", most=MAX_NAME)
        to = text_in({"to": said.get("to", "")}, "to", most=MAX_UID)
        context = context_in(said, caller)
        with refusals():
            report = self._voice.say(caller.principal, text, room=room, to=to, context=context)
        return answer({"message": message_json(report)}, status=201)

    async def draw(self, request: Request) -> Response:
        """Draw a GeoJSON Point, LineString or Polygon, or a Point with a `radius` in metres."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        most = LONGEST_VALID // timedelta(minutes=1)
        minutes = number_in(said, "valid_minutes", least=1, most=most, default=24 * 60)
        groups = list_in(said, "groups", most=MAX_NAME, longest=MAX_NAME)
        drawing = Drawing(
            kind=_kind(said),
            name=text_in({"name": said.get("name", "")}, "name", most=MAX_NAME),
            body=_body(said),
            valid=timedelta(minutes=minutes),
            uid=text_in({"uid": said.get("uid", "")}, "uid", most=MAX_UID),
            groups=frozenset(groups) if groups else None,
        )
        with refusals():
            report = self._voice.draw(caller.principal, drawing, context=context_in(said, caller))
        return answer({"uid": report.uid}, status=201)

    async def remove(self, request: Request) -> Response:
        """Take what has a `uid` from the picture."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        uid = text_in(said, "uid", most=MAX_UID)
        with refusals():
            self._voice.remove(caller.principal, uid, context=context_in(said, caller))
        return Response(status_code=204)

    async def who(self, request: Request) -> Response:
        """Answer with who is there, of those that share a group with him."""
        caller = self._callers.require(request)
        mine = caller.principal.hears | caller.principal.speaks_in
        people = [
            {
                "name": each.name,
                "callsign": each.callsign,
                "uid": each.uid,
                "by": each.by,
                "groups": sorted(each.groups & mine),
            }
            for each in self._people()
            if not mine.isdisjoint(each.groups)
        ]
        people.sort(key=lambda each: (str(each["callsign"]), str(each["uid"])))
        return answer({"people": people})


@contextmanager
def refusals() -> Generator[None]:
    """Answer with the reason what is not let in."""
    try:
        yield
    except NotSaid as error:
        raise Problem(409, f"not let in: {error}") from None


_KINDS = {"Point": "b-m-p-s-m", "LineString": "u-d-f", "Polygon": "u-d-f", "Circle": "u-d-c-c"}
"""How TAK clients call what is drawn, where the page does not say."""


def _kind(said: dict[str, object]) -> str:
    """Return the CoT type; only of what is drawn or marked, or of an own estimate of a thing."""
    geometry = said.get("geometry")
    form = cast("dict[str, object]", geometry).get("type") if isinstance(geometry, dict) else None
    is_circle = form == "Point" and said.get("radius") is not None
    usual = _KINDS.get("Circle" if is_circle else str(form), "b-m-p-s-m")
    kind = text_in({"type": said.get("type", usual)}, "type", most=64)
    try:
        Kind.of(kind)
    except ValueError as error:
        raise Problem(400, str(error), parameter="type") from None
    if not kind.startswith(("a-", "b-m-", "u-")):
        raise Problem(400, "what is drawn is of a type a-, b-m- or u-", parameter="type")
    return kind


def _body(said: dict[str, object]) -> Position | Shape:
    geometry = said.get("geometry")
    if not isinstance(geometry, dict):
        raise Problem(400, "geometry is missing or no GeoJSON geometry", parameter="geometry")
    shape = cast("dict[str, object]", geometry)
    where = shape.get("coordinates")
    radius = said.get("radius")
    match shape.get("type"):
        case "Point" if radius is None:
            return Position(point=point_in(where))
        case "Point":
            centre = point_in(where)
            return Shape(outline=Circle(centre=centre, radius=_radius(radius)), anchor=centre)
        case "LineString":
            return _line(_points(where, least=2), closed=False)
        case "Polygon":
            rings = cast("list[object]", where) if isinstance(where, list) else []
            if len(rings) != 1:
                raise _bad("a Polygon has one ring")
            return _line(_points(rings[0], least=4), closed=True)
        case _:
            raise _bad("geometry is a GeoJSON Point, LineString or Polygon (RFC 7946)")


def _line(points: tuple[Point, ...], *, closed: bool) -> Shape:
    if closed and points[0] != points[-1]:
        raise _bad("a ring ends where it begins")
    return Shape(outline=Polyline(points=points, closed=closed), anchor=points[0])


def _radius(radius: object) -> float:
    if isinstance(radius, bool) or not isinstance(radius, int | float) or not 0 < radius < 2e7:
        raise Problem(400, "radius is in metres, more than 0", parameter="radius")
    return float(radius)


def _points(where: object, *, least: int) -> tuple[Point, ...]:
    places = cast("list[object]", where) if isinstance(where, list) else []
    if not least <= len(places) <= MAX_VERTICES:
        raise _bad(f"a line has between {least} and {MAX_VERTICES} places")
    return tuple(point_in(each) for each in places)


def point_in(where: object) -> Point:
    """Return the place that `[longitude, latitude]` is. Problem 400 where it is none."""
    place = cast("list[object]", where) if isinstance(where, list) else []
    numbers = [
        float(each)
        for each in place
        if isinstance(each, int | float) and not isinstance(each, bool)
    ]
    if len(numbers) not in (2, 3) or len(numbers) != len(place):
        raise _bad("a place is [longitude, latitude] in degrees")
    lon, lat = numbers[:2]
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        raise _bad(f"there is no place {lon}, {lat}: longitude comes first")
    return Point(lat=lat, lon=lon)


def _bad(detail: str) -> Problem:
    return Problem(400, detail, parameter="geometry")
