"""Tracks that ATAK sends of its own device, after it was out of reach: kept, and told as the past.

The path, its parameters and what is read of a document are those of TAK Server 5.7 (public source:
TracksKMLServlet). There the points come among what was said at that time; here they are beside the
journal, told by when they were in the KML of the past, and never the newest of anything.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED
from accord.core.principal import Principal
from accord.core.report import Report, Source
from accord.release.access import may_see
from accord.storage.sent_tracks import SentPoint, SentTrack, SentTracks
from accord.storage.tak_file import Full
from accord.tak.marti.asked import Door, body, needed, parameter, refuse
from accord.tak.marti.files import groups_said
from accord.wire.errors import WireError
from accord.wire.moving.xml import read_tracks

CHANNEL = "sent-track"
"""The channel of such positions, by which a reader knows them."""

MAX_KML = 8 << 20
"""Bytes of a document."""

MOST_SENT = 20_000
"""Points of one document."""

MAX_UID = 512
MAX_CALLSIGN = 128
MAX_KIND = 128

AHEAD = timedelta(minutes=5)
"""How far the clock of a device may be ahead."""

_KIND = "a-f-G-U-C-I"
"""What a track is of that does not say it, as TAK Server has it."""

_HOW = "m-g"
_STALE = timedelta(minutes=5)
"""As TAK Server has both for such a point."""


class SentTracksApi:
    """Keeps tracks, and tells what was where by them."""

    def __init__(self, door: Door, tracks: SentTracks) -> None:
        self._door = door
        self._tracks = tracks

    def routes(self) -> Sequence[BaseRoute]:
        """Return the route."""
        return [Route("/Marti/TracksKML", self.keep, methods=["POST"])]

    async def keep(self, request: Request) -> Response:
        """Keep a track in KML as where a device of the caller's was. 403: the uid is another's."""
        by = self._door.require_speaker(request)
        uid, callsign = _said(request, "uid", MAX_UID), _said(request, "callsign", MAX_CALLSIGN)
        kind = parameter(request, "cotType") or _KIND
        if not kind.startswith("a-") or not kind.isprintable() or len(kind) > MAX_KIND:
            refuse(400, f"cotType is the type of something that has a place, such as {_KIND}")
        if self._door.is_anothers(by, uid):
            refuse(403, "another person is, or was, connected under that uid")
        groups = groups_said(by, ())
        data, now = await body(request, MAX_KML), self._door.clock.now()

        def work() -> int:
            track = SentTrack(
                uid=uid, owner=by.name, callsign=callsign, kind=kind, groups=groups, sent=now,
                points=_points(data, now),
            )  # fmt: skip
            return self._tracks.keep(track)

        try:
            kept = await self._door.in_turn(work)
        except WireError as error:
            refuse(400, f"the body is no KML with a track that can be read: {error}")
        except Full as full:
            refuse(507, str(full))
        return PlainTextResponse(f"{kept} points kept\n")

    def between(
        self, by: Principal, since: float, until: float, *, uid: str = "", most: int
    ) -> list[Report]:
        """Return positions of some time that somebody may see, in order of time. For a thread.

        They are the latest, `most` of them or fewer.
        """
        tracks = self._tracks.between(
            since, until, lambda track: may_see(by, track), uid=uid, most=most
        )
        reports = [self._report(track, point) for track in tracks for point in track.points]
        return sorted(reports, key=lambda each: each.time)[-most:]

    def _report(self, track: SentTrack, point: SentPoint) -> Report:
        at = datetime.fromtimestamp(point.time, UTC)
        return Report(
            uid=track.uid,
            context=track.context,
            kind=Kind.of(track.kind),
            how=_HOW,
            time=at,
            start=at,
            stale=at + _STALE,
            received=track.sent,
            body=Position(
                point=Point(
                    lat=point.lat, lon=point.lon, hae=point.hae, circular_error=point.precision
                ),
                course=point.course,
                speed=point.speed,
            ),
            identity=Identity(callsign=track.callsign),
            marking=UNMARKED,
            source=Source(node=self._door.node, channel=CHANNEL, speaker=track.owner),
            groups=track.groups,
        )


def _points(data: bytes, now: datetime) -> list[SentPoint]:
    """Return the points of a document that are over. Raises WireError; 400 for one to come."""
    points = [SentPoint(*each) for each in read_tracks(data, most=MOST_SENT)]
    if not points:
        refuse(400, "the body has no gx:Track with a place in it")
    if points[0].time < 0 or points[-1].time > (now + AHEAD).timestamp():
        refuse(400, "a track is of the past: the clock of the device, or of this node, is wrong")
    return points


def _said(request: Request, name: str, most: int) -> str:
    said = needed(request, name)
    if len(said) > most or not said.isprintable():
        refuse(400, f"{name} has 1 to {most} characters to be printed")
    return said
