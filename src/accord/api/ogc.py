"""OGC API - Features (OGC 17-069r4) over the live and the past picture, for GIS clients.

Two collections: `tracks`, what this node believes now, and `positions`, what it kept of the past.
Who asks sees what he may see on the page, and nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api import ogc_documents as documents
from accord.api.caller import Caller, Callers
from accord.api.history import Around as AroundHistory
from accord.api.ogc_documents import POSITIONS, TRACKS
from accord.api.ogc_query import Items, place_in, read_items, spell_place, url_of
from accord.api.partner_picture import finite, geometry_of
from accord.api.problem import Problem
from accord.api.query import Search, cursor, place_of
from accord.api.story_json import spell_time
from accord.api.track_json import claim_as_json
from accord.api.tracks import Answer, Tracks
from accord.api.workers import Workers
from accord.core.body import Shape
from accord.core.geometry import Point, Polyline
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.asked import Asked, Place
from accord.picture.query import Filter

PATH = "/ogc"
GEOJSON = "application/geo+json"

WAITING = 8

T = TypeVar("T")
Json = dict[str, object]


class GeoJson(Answer):
    """GeoJSON, kept by nobody."""

    media_type = GEOJSON


class Ogc:
    """Answers GIS clients. `close` ends its thread."""

    def __init__(self, tracks: Tracks, history: AroundHistory, callers: Callers) -> None:
        self._tracks = tracks
        self._history = history
        self._callers = callers
        self._is_over = False
        self._workers = Workers("looking into the past for a GIS", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        items = f"{PATH}/collections/{{collection}}/items"
        return [
            Route(PATH, self.landing, methods=["GET"]),
            Route(PATH + "/", self.landing, methods=["GET"]),
            Route(f"{PATH}/conformance", self.conformance, methods=["GET"]),
            Route(f"{PATH}/api", self.api, methods=["GET"]),
            Route(f"{PATH}/collections", self.collections, methods=["GET"]),
            Route(f"{PATH}/collections/{{collection}}", self.collection, methods=["GET"]),
            Route(f"{PATH}/collections/{{collection}}/schema", self.schema, methods=["GET"]),
            Route(items, self.items, methods=["GET"]),
            Route(items + "/{feature:path}", self.item, methods=["GET"]),
        ]

    def close(self) -> None:
        """Begin nothing more, and give up what has begun."""
        self._is_over = True
        self._workers.close()

    async def landing(self, request: Request) -> Response:
        """Answer with what there is."""
        self._require_plain(request)
        return Answer(documents.landing(_root(request)))

    async def conformance(self, request: Request) -> Response:
        """Answer with the classes that are kept to."""
        self._require_plain(request)
        return Answer(documents.CONFORMANCE)

    async def api(self, request: Request) -> Response:
        """Answer with the definition of this interface."""
        self._require_plain(request)
        response = Answer(documents.definition(_root(request)))
        response.headers["content-type"] = documents.OPENAPI
        return response

    async def collections(self, request: Request) -> Response:
        """Answer with both collections: each may have something of any time that is asked for."""
        self._require_plain(request)
        return Answer(documents.collections(_root(request)))

    async def collection(self, request: Request) -> Response:
        """Answer with one."""
        self._require_plain(request)
        return Answer(documents.collection(_root(request), _name(request)))

    async def schema(self, request: Request) -> Response:
        """Answer with which properties the features of one have."""
        self._require_plain(request)
        response = Answer(documents.schema(_root(request), _name(request)))
        response.headers["content-type"] = documents.SCHEMA
        return response

    def _require_plain(self, request: Request) -> None:
        """Let somebody through who asks without parameters, but for the form and a time.

        GDAL says the time that its address has to every document, and the answer is the same.
        """
        self._callers.require(request)
        _only(request.query_params, frozenset({"f", "datetime"}))
        read_items(request.query_params, self._history.clock.now())

    async def items(self, request: Request) -> Response:
        """Answer with features of a collection, and with where the next ones are."""
        caller = self._callers.require(request)
        name = _name(request)
        asked = read_items(request.query_params, self._history.clock.now())
        if name == TRACKS:
            features, more = await self._live(asked, caller.principal)
        else:
            features, more = await self._past(asked, caller.principal)
        return GeoJson({
            "type": "FeatureCollection",
            "features": features,
            "numberReturned": len(features),
            "timeStamp": spell_time(self._history.clock.now()),
            "links": _links(request, more),
        })  # fmt: skip

    async def _live(self, asked: Items, by: Principal) -> tuple[list[Json], str | None]:
        after = asked.after_text()
        wanted = Search(wanted=asked.filter(), limit=asked.limit, after=after)
        found = [each for each in await self._tracks.matching(wanted, by) if asked.is_of_time(each)]
        found.sort(key=lambda track: place_of(track.id))
        page = found[: asked.limit]
        more = cursor(place_of(page[-1].id)) if len(found) > len(page) else None
        return [self._track(each, by) for each in page], more

    def _track(self, track: Track, by: Principal) -> Json:
        said = self._tracks.as_json(track, by)
        return _feature(track.id, track.lead, said)

    async def _past(self, asked: Items, by: Principal) -> tuple[list[Json], str | None]:
        question = self._asked(asked, by)
        page = await self._workers.look(
            lambda: self._history.past.positions(
                question, asked.is_wanted, after=asked.after_place(), limit=asked.limit
            )
        )
        features = [self._position(at, report, by) for at, report in page.positions]
        return features, None if page.after is None else asked.next_cursor(spell_place(page.after))

    def _asked(self, asked: Items, by: Principal) -> Asked:
        since, until = asked.stretch()
        return Asked(
            by=by, context=asked.context, since=since, until=until, parts=1,
            is_awaited=lambda: not self._is_over, area=asked.box,
        )  # fmt: skip

    def _position(self, at: Place, report: Report, by: Principal) -> Json:
        around = self._history
        said = claim_as_json(report, by, form_of=around.form_of, nation=around.nation)
        return _feature(spell_place(at), report, said)

    async def item(self, request: Request) -> Response:
        """Answer with one feature."""
        caller = self._callers.require(request)
        _only(request.query_params, frozenset({"f", "context", "datetime"}))
        asked = read_items(request.query_params, self._history.clock.now())
        identifier: str = request.path_params["feature"]
        if _name(request) == TRACKS:
            found = await self._one_track(identifier, asked, caller)
        else:
            found = await self._one_position(identifier, asked, caller)
        if found is None:
            raise Problem(404, "there is no such feature for you to see")
        root = _root(request)
        links = [
            {"href": str(request.url), "rel": "self", "type": GEOJSON},
            {"href": f"{root}/collections/{_name(request)}", "rel": "collection",
             "type": "application/json"},
        ]  # fmt: skip
        return GeoJson({**found, "links": links})

    async def _one_track(self, uid: str, asked: Items, caller: Caller) -> Json | None:
        by = caller.principal
        wanted = Search(wanted=Filter(context=asked.context), limit=1, after="")
        found = (each for each in await self._tracks.matching(wanted, by) if each.id == uid)
        track = next(found, None)
        return None if track is None else self._track(track, by)

    async def _one_position(self, text: str, asked: Items, caller: Caller) -> Json | None:
        at = place_in(text)
        if at is None:
            return None
        by = caller.principal
        question = Asked(
            by=by, context=asked.context, since=0.0, until=math.inf, parts=1,
            is_awaited=lambda: not self._is_over,
        )  # fmt: skip
        report = await self._workers.look(lambda: self._history.past.position(question, at))
        return None if report is None else self._position(at, report, by)


def _root(request: Request) -> str:
    return url_of(request.url.scheme, request.headers.get("host", ""), PATH)


def _name(request: Request) -> str:
    name: str = request.path_params["collection"]
    if name not in (TRACKS, POSITIONS):
        raise Problem(404, f"there is no such collection; there are {TRACKS} and {POSITIONS}")
    return name


def _only(query: QueryParams, known: frozenset[str]) -> None:
    for name in query:
        if name not in known:
            raise Problem(400, "there is no such parameter here", parameter=name[:100])


def _links(request: Request, more: str | None) -> list[Json]:
    root = _root(request)
    name = _name(request)
    own = f"{root}/collections/{name}/items"
    # Each once: GDAL adds what its address has to the link `next` again.
    asked = dict.fromkeys(request.query_params.multi_items())
    given = [(key, value) for key, value in asked if key != "cursor"]
    links: list[Json] = [
        {"href": str(request.url), "rel": "self", "type": GEOJSON},
        {"href": f"{root}/collections/{name}", "rel": "collection", "type": "application/json"},
    ]
    if more is not None:
        href = f"{own}?{urlencode([*given, ('cursor', more)])}"
        links.append({"href": href, "rel": "next", "type": GEOJSON})
    return links


def _feature(identifier: str, report: Report, said: Mapping[str, object]) -> Json:
    """Return a feature whose properties are no objects and no lists: any GIS has columns."""
    place = said.get("position")
    moves = cast("Json", place) if isinstance(place, dict) else {}
    flat = {key: said.get(key) for key in documents.PROPERTIES if key in said}
    flat |= {key: moves.get(key) for key in ("hae", "precision", "course", "speed", "climb")}
    cell = cast("Sequence[float] | None", said.get("cell"))
    flat["doubts"] = ", ".join(sorted(report.doubts))
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": geometry_of(report if cell is None else _as_cell(report, cell)),
        "properties": finite(flat),
    }


def _as_cell(report: Report, cell: Sequence[float]) -> Report:
    """Return it with the box as its outline: what came on a grid is nowhere drawn as a point."""
    west, south, east, north = cell
    east += 360.0 if east < west else 0.0
    corners = ((south, west), (south, east), (north, east), (north, west))
    points = tuple(Point(lat=lat, lon=lon) for lat, lon in corners)
    return replace(report, body=Shape(outline=Polyline(points=points, closed=True)))
