"""What is where now, as KML for programs that show maps, and a document that has them ask again.

Paths, parameters, and the sorts that the second document links to, are those of TAK Server 5.7
(public source: LatestKMLServlet, KmlMasterSaServlet).
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.context import LIVE
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.seen import seen
from accord.picture.picture import Picture
from accord.picture.query import Filter
from accord.tak.marti.asked import Door, number, parameter, refuse
from accord.tak.marti.long_json import LongAnswer, lumps
from accord.tak.marti.mission_kml import KML, of_reports

MOST = 5_000
"""Things in one document, those heard of last."""

MAX_KIND = 128
MAX_AGO = 366 * 24 * 3600
"""Seconds."""

_LATEST = "/Marti/LatestKML"
_EVERY_SECONDS = 60
_LINKS = {
    "Friendlies": "a-f", "Neutrals": "a-n", "Unknowns": "a-u", "Hostiles": "a-h", "Routes": "b-m-r",
}  # fmt: skip
"""What is linked to, and the type of each; the first is shown."""


class LatestKml:
    """Answers from the picture."""

    def __init__(self, door: Door, picture: Picture) -> None:
        self._door = door
        self._picture = picture

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        methods = ["GET", "POST"]
        return [
            Route(_LATEST, self.latest, methods=methods),
            Route("/Marti/KmlMasterSA", self.links, methods=methods),
        ]

    async def latest(self, request: Request) -> Response:
        """Answer with what somebody sees on the picture, of a type and of the last seconds."""
        by, kind, ago = self._door.require(request), parameter(request, "cotType"), _ago(request)
        if len(kind) > MAX_KIND:
            refuse(400, f"cotType is the beginning of a type, of up to {MAX_KIND} characters")
        everything = list(self._picture.tracks(Filter(context=LIVE)))

        def work() -> list[bytes]:
            found = self._found(everything, by, kind, ago)
            return list(lumps(each.encode() for each in of_reports("Accord", found)))

        return LongAnswer(await self._door.in_turn(work), media_type=KML)

    def _found(self, tracks: Sequence[Track], by: Principal, kind: str, ago: int) -> list[Report]:
        now, settings = self._door.clock.now(), self._picture.settings
        shown = (seen(each, by, now, settings) for each in tracks)
        oldest = now - timedelta(seconds=ago)
        found = [
            each.lead
            for each in shown
            if each is not None
            and each.lead.kind.text.startswith(kind)
            and not (ago and each.lead.received < oldest)
            # What a partner released may be a cell, and is no point.
            and not each.lead.source.is_partners
        ]
        found.sort(key=lambda each: each.received)
        return found[-MOST:]

    async def links(self, request: Request) -> Response:
        """Answer with links to what is latest of each sort, to be asked for again by themselves."""
        self._door.require(request)
        ago, address = _ago(request), self._door.address(request)
        inside = "".join(
            _link(name, f"{address}{_LATEST}?{urlencode({'cotType': kind, 'secago': ago})}",
                  every=ago or _EVERY_SECONDS, is_shown=not place)
            for place, (name, kind) in enumerate(_LINKS.items())
        )  # fmt: skip
        document = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
            f"<Folder><name>Accord</name><open>1</open>{inside}</Folder></kml>\n"
        )
        return Response(document, media_type=KML)


def _ago(request: Request) -> int:
    found = number(request, "secago", 0)
    if not 0 <= found <= MAX_AGO:
        refuse(400, f"secago is a number of seconds from 0, which is no limit, to {MAX_AGO}")
    return found


def _link(name: str, url: str, *, every: int, is_shown: bool) -> str:
    return (
        f"<NetworkLink><name>{name}</name><visibility>{int(is_shown)}</visibility><Link>"
        f"<href>{escape(url)}</href><refreshMode>onInterval</refreshMode>"
        f"<refreshInterval>{every}</refreshInterval></Link></NetworkLink>"
    )
