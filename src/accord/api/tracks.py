"""Tracks for one who asks: search, one of them, and why it is there. `/api/v1/tracks`.

What somebody may see is decided here, for every claim, by `release/access.py`.
"""

import asyncio
import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api import story_json
from accord.api.answer import NOT_KEPT
from accord.api.caller import Callers
from accord.api.problem import Problem
from accord.api.query import Search, cursor, only_context, place_of, search
from accord.api.story import Shelves, tell_to
from accord.api.track_json import FormOf, full_claim_as_json, track_as_json
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.seen import seen
from accord.picture.picture import Picture, PictureSettings
from accord.picture.query import Filter
from accord.release.access import may_see
from accord.storage.segment import Record

PATH = "/api/v1/tracks"

TURN = 2_000
"""Tracks looked at in one go; between, others get their turn."""

TOLD = timedelta(hours=24)
"""How far back `why` looks; `accord why` looks at all that is kept."""

STORIES_WAITING = 8


class Answer(JSONResponse):
    """JSON in ASCII, so that half a surrogate pair in a name does no harm; kept by nobody."""

    def __init__(self, content: object) -> None:
        super().__init__(content, headers=NOT_KEPT)

    def render(self, content: object) -> bytes:
        """Write it."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the routes answer from; `shelves` are what the node keeps, TOLD back."""

    picture: Picture
    settings: PictureSettings
    shelves: Shelves
    form_of: FormOf
    clock: Clock


class Tracks:
    """Answers what is asked of tracks. `close` ends its thread."""

    def __init__(self, around: Around, callers: Callers) -> None:
        self._around = around
        self._callers = callers
        self._nation = around.shelves.own[:3]
        self._stories = Workers("telling why", threads=1, waiting=STORIES_WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes; a uid may have slashes in it."""
        return [
            Route(PATH, self.search, methods=["GET"]),
            Route(PATH + "/{uid:path}/why", self.why, methods=["GET"]),
            Route(PATH + "/{uid:path}", self.one, methods=["GET"]),
        ]

    def close(self) -> None:
        """Tell no more stories."""
        self._stories.close()

    async def search(self, request: Request) -> Response:
        """Answer with the tracks that match, by uid, and with what asks for the next ones."""
        by = self._callers.require(request).principal
        asked = search(request.query_params)
        found = heapq.nsmallest(
            asked.limit + 1, await self.matching(asked, by), key=lambda track: place_of(track.id)
        )
        page = found[: asked.limit]
        more = cursor(place_of(page[-1].id)) if len(found) > len(page) else None
        return Answer({"tracks": [self.as_json(each, by) for each in page], "next": more})

    async def matching(self, asked: Search, by: Principal) -> list[Track]:
        """Return the tracks that match, as somebody may see them, in no order; `limit` aside."""
        now, found = self._around.clock.now(), list[Track]()
        everything = list(self._around.picture.tracks(Filter(context=asked.wanted.context)))
        # By what he may see, not by what leads: so the picture's own index by place is of no use.
        for turn in range(0, len(everything), TURN):
            for track in everything[turn : turn + TURN]:
                shown = seen(track, by, now, self._around.settings)
                if (
                    shown is not None
                    and place_of(shown.id) > asked.after
                    and asked.wanted.matches(shown)
                ):
                    found.append(shown)
            await asyncio.sleep(0)
        return found

    def as_json(self, track: Track, by: Principal) -> dict[str, object]:
        """Return a track for machines, as somebody may see it."""
        return track_as_json(track, by, form_of=self._around.form_of, nation=self._nation)

    async def one(self, request: Request) -> Response:
        """Answer with one track, and every claim about it that the caller may see."""
        by = self._callers.require(request).principal
        context, uid = only_context(request.query_params), _uid(request)
        now = self._around.clock.now()
        track = self._around.picture.get(context, uid)
        shown = None if track is None else seen(track, by, now, self._around.settings)
        # What he may not see goes by other uids too: asked by one of those, there is nothing.
        if shown is None or uid not in {each.uid for each in shown.claims.values()}:
            raise _no_such_track()
        claims = [
            full_claim_as_json(each, by, now, form_of=self._around.form_of, nation=self._nation)
            for each in _leading_first(shown)
        ]
        return Answer({"track": self.as_json(shown, by), "claims": claims})

    async def why(self, request: Request) -> Response:
        """Answer with the story of one object, as `accord why --json` tells it."""
        by = self._callers.require(request).principal
        context, uid = only_context(request.query_params), _uid(request)
        now = self._around.clock.now()
        story = await self._stories.run(
            lambda: tell_to(
                self._around.shelves, uid, at=now, sees=lambda kept: _sees(by, context, kept)
            )
        )
        if story is None:
            raise _no_such_track()
        return Answer(story_json.as_json(story, by.hears))


def _uid(request: Request) -> str:
    uid: str = request.path_params["uid"]
    return uid


def _sees(by: Principal, context: Context, kept: Record) -> bool:
    # What was addressed is its addressees' only, who are not known by name any more.
    return kept.context == context and not kept.to and may_see(by, kept)


def _leading_first(track: Track) -> Iterator[Report]:
    yield track.lead
    others = (each for each in track.claims.values() if each is not track.lead)
    yield from sorted(others, key=lambda each: each.received, reverse=True)


def _no_such_track() -> Problem:
    return Problem(404, "there is no such track for you to see", parameter="uid")
