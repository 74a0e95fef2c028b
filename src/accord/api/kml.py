"""The live picture as KML 2.2, and a network link that asks for it again and again."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT
from accord.api.caller import Callers
from accord.api.ogc_query import url_of
from accord.api.query import place_of, search
from accord.api.story_json import spell_time
from accord.api.tracks import Tracks
from accord.core.body import Alarm, Position, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Circle, Point
from accord.core.naming import printable
from accord.core.principal import Principal
from accord.core.track import Track, TrackStatus
from accord.picture.claims import point_of
from accord.security.own_address import own_address

PATH = "/kml"
KML = "application/vnd.google-earth.kml+xml"
NAMESPACE = "http://www.opengis.net/kml/2.2"

EVERY = 15
"""Seconds after which a network link asks again."""

MOST = 10_000
"""Tracks of one document; what a search finds beyond is not shown."""


class Kml:
    """Answers viewers of the Earth.

    `host` returns the name that was asked for where it is the node's own, or else one that is.
    """

    def __init__(self, tracks: Tracks, callers: Callers, host: Callable[[str], str]) -> None:
        self._tracks = tracks
        self._callers = callers
        self._host = host

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(f"{PATH}/link.kml", self.link, methods=["GET"]),
            Route(f"{PATH}/tracks.kml", self.tracks, methods=["GET"]),
        ]

    async def link(self, request: Request) -> Response:
        """Answer with a network link to the picture, with the same parameters."""
        self._callers.require(request)
        title = _title(search(request.query_params).wanted.context)
        # No relative one: beside the file that it is kept as there is no node.
        here = own_address(request.url.netloc, self._host)
        where = url_of(request.url.scheme, here, f"{PATH}/tracks.kml")
        query = request.url.query
        href = _text(f"{where}?{query}" if query else where)
        link = (
            f"<NetworkLink><name>{_text(title)}</name><Link>"
            f"<href>{href}</href><refreshMode>onInterval</refreshMode>"
            f"<refreshInterval>{EVERY}</refreshInterval></Link></NetworkLink>"
        )
        return _answer([link])

    async def tracks(self, request: Request) -> Response:
        """Answer with the tracks that match, as a search has them; `limit` is not looked at."""
        by = self._callers.require(request).principal
        asked = search(request.query_params)
        found = await self._tracks.matching(asked, by)
        found.sort(key=lambda track: place_of(track.id))
        return _answer(self._document(_title(asked.wanted.context), found[:MOST], by))

    def _document(self, title: str, tracks: Sequence[Track], by: Principal) -> Iterator[str]:
        yield f"<Document><name>{_text(title)}</name>"
        for track in tracks:
            said = self._tracks.as_json(track, by)
            cell = cast("Sequence[float] | None", said.get("cell"))
            shown = _geometry(track) if cell is None else _box(cell)
            if shown:
                yield _placemark(track, shown, said)
        yield "</Document>"


def _title(context: Context) -> str:
    return "Accord" if context == LIVE else f"Accord {_exercise(context)}"


def _exercise(context: Context) -> str:
    return str(context).replace(":", " ").upper()


def _name(track: Track) -> str:
    """Return what stands beside it in a viewer: what is not to be taken for something else too."""
    lead = track.lead
    name = lead.identity.name or lead.identity.callsign or track.id
    before = [] if track.context == LIVE else [_exercise(track.context)]
    if isinstance(lead.body, Alarm):
        before.append("CALL FOR HELP")
    after = "" if track.status is TrackStatus.LIVE else f" ({track.status.value})"
    return "".join(f"{each}: " for each in before) + name + after


def _answer(parts: Iterator[str] | Sequence[str]) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{NAMESPACE}">'
    data = "".join((text, *parts, "</kml>\n")).encode("utf-8", "replace")
    return Response(data, media_type=KML, headers=NOT_KEPT)


def _placemark(track: Track, shown: str, said: dict[str, object]) -> str:
    lead = track.lead
    keys = ("uid", "type", "status", "mmsi", "icao", "source", "mark", "form", "exercise", "time")
    data = "".join(
        f'<Data name="{key}"><value>{_text(str(said[key]))}</value></Data>'
        for key in keys
        if said.get(key) is not None
    )
    return (
        f"<Placemark><name>{_text(_name(track))}</name>"
        f"<TimeStamp><when>{spell_time(lead.time)}</when></TimeStamp>"
        f"<ExtendedData>{data}</ExtendedData>{_turned(track)}{shown}</Placemark>"
    )


def _turned(track: Track) -> str:
    body = track.lead.body
    if not isinstance(body, Position) or body.course is None:
        return ""
    return f"<Style><IconStyle><heading>{body.course:.1f}</heading></IconStyle></Style>"


def _geometry(track: Track) -> str:
    body = track.lead.body
    if isinstance(body, Shape) and not isinstance(body.outline, Circle):
        corners = [*body.outline.points, *(body.outline.points[:1] if body.outline.closed else ())]
        return (
            f"<LineString><coordinates>{' '.join(map(_place, corners))}</coordinates></LineString>"
        )
    point = point_of(track.lead)
    return "" if point is None else f"<Point><coordinates>{_place(point)}</coordinates></Point>"


def _box(cell: Sequence[float]) -> str:
    """Return the cell of what came on a grid, which is drawn nowhere as a point."""
    west, south, east, north = cell
    east += 360.0 if east < west else 0.0
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    drawn = " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in corners)
    return f"<LineString><coordinates>{drawn}</coordinates></LineString>"


def _place(point: Point) -> str:
    return f"{point.lon:.7f},{point.lat:.7f}"


def _text(text: str) -> str:
    """Return text that XML 1.0 can hold."""
    return escape(printable(text, " "))
