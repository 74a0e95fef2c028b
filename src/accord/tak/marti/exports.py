"""What was where, as KML: the positions of some time, as TAK clients ask for them."""

import asyncio
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.context import LIVE
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.asked import Asked
from accord.live.past import Past
from accord.storage.database import StorageFault
from accord.tak.marti.asked import Door, form, read_moment, refuse
from accord.tak.marti.long_json import LongAnswer, lumps
from accord.tak.marti.mission_kml import KML
from accord.tak.marti.sent_tracks import SentTracksApi
from accord.wire.moving import kml
from accord.wire.moving.message import Row
from accord.wire.moving.translate import row_of

KMZ = "application/vnd.google-earth.kmz"

MOST = 50_000
"""Positions of one document, the newest."""

AT_ONCE = 1
"""Documents that are made at one time."""

_DAY = timedelta(days=1)


class Exports:
    """Answers with documents of the past."""

    def __init__(self, door: Door, past: Past, sent: SentTracksApi) -> None:
        self._door = door
        self._past = past
        self._sent = sent
        self._making = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the route."""
        return [Route("/Marti/ExportMissionKML", self.export, methods=["GET", "POST"])]

    async def export(self, request: Request) -> Response:
        """Answer with the courses of some time, of groups that the caller hears, or one thing."""
        by = self._door.require(request)
        fields = await form(request)
        said = dict(fields)
        is_kmz = said.get("format", "kmz").lower() == "kmz"
        now = self._door.clock.now()
        end = read_moment("endTime", said.get("endtime", ""), now)
        start = read_moment("startTime", said.get("starttime", ""), end - _DAY)
        if start >= end:
            refuse(400, "startTime is not before endTime")
        groups = frozenset(
            each for name, value in fields if name == "groups" for each in value.split(",") if each
        )
        asked = Asked(by=by, context=LIVE, since=start.timestamp(), until=end.timestamp(), parts=1)
        async with self._making:
            try:
                document = await asyncio.to_thread(self._document, asked, said.get("uid"), groups)
            except StorageFault as fault:
                refuse(503, f"the journal cannot be read: {fault}")
        if not is_kmz:
            return LongAnswer(document, media_type=KML)
        return Response(await asyncio.to_thread(_zipped, document), media_type=KMZ)

    def _document(self, asked: Asked, uid: str | None, groups: frozenset[str]) -> Sequence[bytes]:
        found = self._past.everything(asked, MOST)
        sent = self._sent.between(asked.by, asked.since, asked.until, uid=uid or "", most=MOST)
        if sent:
            found = sorted([*found, *sent], key=lambda each: each.time)[-MOST:]
        wanted = (each for each in found if _is_wanted(each, asked.by, uid, groups))
        return list(lumps(each.encode() for each in kml.write(_rows(wanted))))


def _is_wanted(report: Report, by: Principal, uid: str | None, groups: frozenset[str]) -> bool:
    # What a partner released may be a cell, and is no point: the history's own export knows.
    return (
        not report.source.is_partners
        and (not uid or report.uid == uid)
        and (not groups or not report.groups.isdisjoint(groups & by.hears))
    )


def _rows(reports: Iterable[Report]) -> list[Row]:
    """Return positions as rows, those of one course together."""
    found = [
        row
        for number, each in enumerate(reports)
        if (row := row_of(each, era=0, sequence=number, form="", on_grid=False)) is not None
    ]
    return sorted(found, key=lambda row: (row.label.course, row.fix.sequence))


def _zipped(document: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b"".join(document))
    return out.getvalue()
