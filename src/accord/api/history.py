"""What is kept of the past: since when, where one object was, the trails of many.

`/api/v1/history`, `/api/v1/tracks/{uid}/history`, `/api/v1/trails`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.body import list_in, number_in, read_object
from accord.api.caller import Callers
from accord.api.query import LONGEST_PLACE, Stretch, context_of, stretch
from accord.api.story_json import spell_time
from accord.api.track_json import FormOf, claim_as_json
from accord.api.tracks import PATH as TRACKS
from accord.api.tracks import Answer
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.asked import Asked, Course
from accord.live.past import Past
from accord.picture.claims import point_of
from accord.storage.database import Span
from accord.wire.page.columns import fix_at

PATH = "/api/v1/history"
TRAILS = "/api/v1/trails"

WAITING = 16
"""Questions that wait; one is answered at a time."""

MOST_TRAILS = 200
"""Objects whose trails are told in one answer."""

TRAIL_POINTS = 120
"""Points of one trail, evenly over its time."""

LONGEST_TRAIL = 120
"""Minutes of a trail."""

MAX_BODY = 128 << 10

_KEYS = ("source", "speaker", "node", "partner", "form", "cell", "doubts", "time", "received")
_PLACE = ("lat", "lon", "precision", "course", "speed")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the routes answer from."""

    past: Past
    form_of: FormOf
    clock: Clock
    nation: str


class History:
    """Answers what is asked of the past. `close` ends its thread."""

    def __init__(self, around: Around, callers: Callers) -> None:
        self._around = around
        self._callers = callers
        self._is_over = False
        self._workers = Workers("looking into the past", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; they stand before those of tracks, for a uid may have slashes."""
        return [
            Route(PATH, self.held, methods=["GET"]),
            Route(TRACKS + "/{uid:path}/history", self.course, methods=["GET"]),
            Route(TRAILS, self.trails, methods=["POST"]),
        ]

    def close(self) -> None:
        """Begin nothing more, and give up what has begun."""
        self._is_over = True
        self._workers.close()

    def _asked(self, by: Principal, wanted: Stretch) -> Asked:
        return Asked(
            by=by,
            context=wanted.context,
            since=wanted.since.timestamp(),
            until=wanted.until.timestamp(),
            parts=wanted.limit,
            is_awaited=lambda: not self._is_over,
        )

    async def held(self, request: Request) -> Response:
        """Answer since when, and until when, positions are kept of what he may see some of."""
        by = self._callers.require(request).principal
        held = await self._workers.look(lambda: self._around.past.held_for(by))
        channels = [
            {"channel": name, **_span(span)} for name, span in sorted(held.channels.items())
        ]
        return Answer({
            "now": spell_time(self._around.clock.now()),
            **_span(held.span),
            "channels": channels,
        })  # fmt: skip

    async def course(self, request: Request) -> Response:
        """Answer where one object was, and by whose word."""
        by = self._callers.require(request).principal
        wanted = stretch(request.query_params, self._around.clock.now())
        uid: str = request.path_params["uid"]
        asked = self._asked(by, wanted)
        found = await self._workers.look(lambda: self._told(asked, uid))
        return Answer({
            "uid": uid,
            "context": str(wanted.context),
            "from": spell_time(wanted.since),
            "to": spell_time(wanted.until),
            **found,
        })  # fmt: skip

    def _told(self, asked: Asked, uid: str) -> Mapping[str, object]:
        found = self._around.past.course(asked, uid)
        told = [self._position(each, asked.by) for each in found.reports]
        return {
            "count": found.count,
            "whole": found.whole,
            "positions": [each for each in told if each is not None],
        }

    def _position(self, report: Report, by: Principal) -> dict[str, object] | None:
        said = claim_as_json(report, by, form_of=self._around.form_of, nation=self._around.nation)
        place = said["position"]
        if not isinstance(place, dict):
            return None
        return {**{key: place[key] for key in _PLACE}, **{key: said[key] for key in _KEYS}}

    async def trails(self, request: Request) -> Response:
        """Answer where many objects were lately: time, longitude and latitude of each place."""
        by = self._callers.require(request).principal
        said = await read_object(request, limit=MAX_BODY)
        uids = frozenset(list_in(said, "uids", most=MOST_TRAILS, longest=LONGEST_PLACE * 16))
        minutes = number_in(said, "minutes", least=1, most=LONGEST_TRAIL, default=30)
        now = self._around.clock.now()
        latest = int(now.timestamp() * 1000)
        until = number_in(said, "until", least=0, most=1 << 53, default=latest)
        end = datetime.fromtimestamp(min(until, latest) / 1000, UTC)
        wanted = Stretch(
            context=context_of(said.get("context", "live")),
            since=end - timedelta(minutes=minutes),
            until=end,
            limit=TRAIL_POINTS,
        )
        asked = self._asked(by, wanted)
        found = await self._workers.look(lambda: self._around.past.courses(asked, uids))
        trails = {uid: self._trail(each) for uid, each in found.items()}
        return Answer({
            "trails": {uid: each for uid, each in trails.items() if each},
            "whole": all(each.whole for each in found.values()),
        })  # fmt: skip

    def _trail(self, course: Course) -> list[list[int]]:
        """Return the places that are points: what is on a grid has no trail."""
        trail: list[list[int]] = []
        for report in course.reports:
            point, given = point_of(report), self._around.form_of(report)
            if point is not None and not (given is not None and given.on_grid):
                fix = fix_at(point.lat, point.lon, None, None)
                trail.append([int(report.received.timestamp() * 1000), fix.lon, fix.lat])
        return trail


def _span(span: Span | None) -> dict[str, object]:
    if span is None:
        return {"from": None, "to": None}
    oldest, newest = (datetime.fromtimestamp(each, UTC) for each in span)
    return {"from": spell_time(oldest), "to": spell_time(newest)}
