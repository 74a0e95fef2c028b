"""What was said, as CoT: the newest of one uid, its history, everything of some time and area."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.core.context import LIVE
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.asked import Asked
from accord.live.past import Past
from accord.live.seen import seen
from accord.picture.claims import point_of
from accord.picture.picture import Picture
from accord.storage.database import StorageFault
from accord.storage.segment import BODIES
from accord.tak.marti.asked import Door, decimal, json_body, parameter, refuse, span, texts
from accord.tak.marti.long_json import LongAnswer, lumps
from accord.wire.cot.translate import to_xml
from accord.wire.errors import WireError

MOST_EVENTS = 5_000
"""Events in one answer, the newest."""

MOST_UIDS = 1_000
"""Objects that one request asks about."""

AT_ONCE = 2
"""Questions about the past that are looked into at one time."""

_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_THINGS = frozenset(BODIES.values()) - {"message"}
_DAY = timedelta(days=1)
_SIDES = {"left": 180.0, "bottom": 90.0, "right": 180.0, "top": 90.0}


@dataclass(frozen=True, slots=True)
class Area:
    """Degrees; `left` greater than `right` spans the antimeridian."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, report: Report) -> bool:
        """Tell whether the report's place is in it."""
        point = point_of(report)
        if point is None or not self.bottom <= point.lat <= self.top:
            return False
        if self.left <= self.right:
            return self.left <= point.lon <= self.right
        return point.lon >= self.left or point.lon <= self.right


class CotApi:
    """Answers from the picture, from the journal, and from the history beyond it."""

    def __init__(self, door: Door, picture: Picture, past: Past) -> None:
        self._door = door
        self._picture = picture
        self._past = past
        self._looking = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; a uid may have slashes in it."""
        return [
            Route("/Marti/api/cot/xml/{uid:path}/all", self.history),
            Route("/Marti/api/cot/xml/{uid:path}", self.newest),
            Route("/Marti/api/cot/sa", self.everything),
            Route("/Marti/api/cot", self.several, methods=["GET", "POST"]),
        ]

    async def newest(self, request: Request) -> Response:
        """Answer with the newest that was said of a uid. 404 where there is nothing."""
        by = self._door.require(request)
        found = await self.newest_of(by, [request.path_params["uid"]])
        written = written_out(found)
        if not written:
            refuse(404, "nothing was said under that uid that you may hear")
        return Response(_HEAD + written[-1], media_type="application/xml")

    async def several(self, request: Request) -> Response:
        """Answer with the newest of each uid in a list."""
        by = self._door.require(request)
        uids = texts(await json_body(request), "the body", most=MOST_UIDS)
        return events(written_out(await self.newest_of(by, uids)))

    async def history(self, request: Request) -> Response:
        """Answer with what was said of a uid in some time, oldest first."""
        by = self._door.require(request)
        uid: str = request.path_params["uid"]
        found = await self._kept(request, by, lambda a: self._past.said(a, {uid})[uid])
        return events(written_out(found))

    async def everything(self, request: Request) -> Response:
        """Answer with what was said in some time and area, oldest first."""
        by = self._door.require(request)
        area = _area(request)
        found = await self._kept(request, by, lambda a: self._past.everything(a, MOST_EVENTS))
        return events(written_out(each for each in found if area is None or area.holds(each)))

    async def newest_of(self, by: Principal, uids: Sequence[str]) -> list[Report]:
        """Return the newest report of each uid that somebody may hear, as far as there is one."""
        found: list[Report] = []
        missing: list[str] = []
        for uid in uids:
            report = self._on_picture(by, uid)
            if report is None:
                missing.append(uid)
            else:
                found.append(report)
        if missing:
            now = self._door.clock.now()
            asked = self._asked(by, (now - timedelta(days=31)).timestamp(), now.timestamp(), 1)
            found += await self._look(lambda: self._newest(asked, missing))
        return found

    def _on_picture(self, by: Principal, uid: str) -> Report | None:
        now, settings = self._door.clock.now(), self._picture.settings
        track = self._picture.get(LIVE, uid)
        shown: Track | None = None if track is None else seen(track, by, now, settings)
        if shown is None:
            return None
        return next((each for each in shown.claims.values() if each.uid == uid), None)

    def _newest(self, asked: Asked, uids: Sequence[str]) -> list[Report]:
        found = self._past.newest(asked, set(uids))
        return [found[uid] for uid in uids if uid in found]

    async def _kept(
        self, request: Request, by: Principal, work: Callable[[Asked], Iterable[Report]]
    ) -> list[Report]:
        wanted = span(request, self._door.clock.now(), usual=_DAY)
        asked = self._asked(by, wanted.start.timestamp(), wanted.end.timestamp(), MOST_EVENTS)
        return await self._look(lambda: list(work(asked)))

    def _asked(self, by: Principal, since: float, until: float, parts: int) -> Asked:
        return Asked(by=by, context=LIVE, since=since, until=until, parts=parts, bodies=_THINGS)

    async def _look(self, work: Callable[[], list[Report]]) -> list[Report]:
        try:
            async with self._looking:
                return await asyncio.to_thread(work)
        except StorageFault as fault:
            refuse(503, f"the journal cannot be read: {fault}")


def written_out(reports: Iterable[Report]) -> list[bytes]:
    """Return reports as CoT; one that cannot be written is left out."""
    found: list[bytes] = []
    for each in reports:
        try:
            found.append(to_xml(each))
        except (WireError, ValueError):
            continue
    return found


def events(written: Iterable[bytes]) -> Response:
    """Return events in one document, as clients read many."""
    document = (_HEAD, b"<events>", *written, b"</events>")
    return LongAnswer(list(lumps(document)), media_type="application/xml")


def _area(request: Request) -> Area | None:
    sides = {name: parameter(request, name) for name in _SIDES}
    if not any(sides.values()):
        return None
    if not all(sides.values()):
        refuse(400, "left, bottom, right and top are degrees, all four or none")
    left, bottom, right, top = (decimal(sides[k], k, most=most) for k, most in _SIDES.items())
    if bottom > top:
        refuse(400, "bottom is above top")
    return Area(left, bottom, right, top)
