"""The replay that this node plays to TAK clients and browsers: `/api/v1/replay`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import list_in, number_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.performance import Performance, ToPlay
from accord.api.problem import Problem
from accord.api.query import LONGEST_STRETCH, MAX_TEXT, MAX_VALUES, moment_in
from accord.api.replay import NoReplay
from accord.api.stage import Stage
from accord.api.story_json import spell_time
from accord.api.watch import context_in, require_watch
from accord.core.clock import Clock
from accord.core.context import ContextKind
from accord.core.geometry import Box
from accord.core.user import UserRole
from accord.live.player import FASTEST, SLOWEST

REPLAY = "/api/v1/replay"

MAX_BODY = 4 << 10

_BEGUN = frozenset({"from", "to", "context", "area", "groups", "speed"})
_STEERED = frozenset({"at", "speed", "playing"})

Said = dict[str, object]


def routes(stage: Stage, callers: Callers, clock: Clock, port: int | None) -> Sequence[BaseRoute]:
    """Return the routes; `port` is where TAK clients enter, None where they cannot."""
    asked = _Asked(stage, callers, clock, port)
    return [
        Route(REPLAY, asked.now, methods=["GET"]),
        Route(REPLAY, asked.begin, methods=["POST"]),
        Route(REPLAY, asked.steer, methods=["PATCH"]),
        Route(REPLAY, asked.end, methods=["DELETE"]),
    ]


def performance_json(show: Performance) -> dict[str, object]:
    """Return how a replay stands, as pages are told: without the groups, which not all hear."""
    to_play = show.to_play
    area = to_play.area
    return {
        "name": show.name,
        "context": str(to_play.context),
        "from": spell_time(to_play.since),
        "to": spell_time(to_play.until),
        "at": spell_time(show.at),
        "speed": show.speed,
        "playing": show.is_playing,
        "area": None if area is None else [area.west, area.south, area.east, area.north],
        "by": show.by,
        "clients": len(show.clients),
        "whole": show.shown.whole,
    }


def may_know(show: Performance, caller: Caller) -> bool:
    """Tell whether somebody may know of a replay."""
    return show.may_be_known_to(caller.principal)


def news(stage: Stage) -> tuple[dict[str, object], Callable[[Caller], bool]]:
    """Return what pages are told of a replay that is another now, and who may know of it."""
    show = stage.on
    if show is None:
        return {"t": "played", "replay": None}, lambda _: True
    return {"t": "played", "replay": performance_json(show)}, partial(may_know, show)


class _Asked:
    def __init__(self, stage: Stage, callers: Callers, clock: Clock, port: int | None) -> None:
        self._stage = stage
        self._callers = callers
        self._clock = clock
        self._port = port

    async def now(self, request: Request) -> Response:
        """Answer with the replay that is on, and where TAK clients hear it."""
        caller = self._callers.require(request)
        self._stage.touch(caller.principal.name)
        return self._answer(caller)

    def _answer(self, caller: Caller, status: int = 200) -> Response:
        show = self._stage.on
        replay = None
        if show is not None and may_know(show, caller):
            heard = sorted(show.to_play.groups & caller.principal.hears)
            replay = {**performance_json(show), "groups": heard}
        told = {
            "replay": replay,
            "port": self._port,
            "fastest": FASTEST,
        }
        return answer(told, status=status)

    async def begin(self, request: Request) -> Response:
        """Begin a replay. 409 while one is on."""
        caller = require_watch(self._callers, request)
        said = await _read(request, _BEGUN)
        to_play = self._to_play(said, caller)
        try:
            await self._stage.begin(to_play, caller.principal)
        except NoReplay as refused:
            raise Problem(409, str(refused)) from None
        return self._answer(caller, 201)

    def _to_play(self, said: Said, caller: Caller) -> ToPlay:
        context = context_in(said, caller)
        if context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise Problem(400, "give live, or exercise:NAME", parameter="context")
        since = _moment(said, "from")
        until = min(_moment(said, "to"), self._clock.now())
        if not timedelta(0) < until - since <= LONGEST_STRETCH:
            days = LONGEST_STRETCH.days
            raise Problem(400, f"from is before to, by {days} days at most", parameter="from")
        groups = frozenset(list_in(said, "groups", most=MAX_VALUES, longest=MAX_TEXT))
        foreign = sorted(groups - caller.principal.hears)
        if foreign:
            name = caller.principal.name
            raise Problem(403, f"{name} does not hear {foreign[0]}", parameter="groups")
        return ToPlay(
            since=since, until=until, context=context, area=_area(said), groups=groups,
            speed=_speed(said, SLOWEST),
        )  # fmt: skip

    async def steer(self, request: Request) -> Response:
        """Go to another moment of it, at another speed, on or not."""
        caller, show = self._his(request)
        said = await _read(request, _STEERED)
        playing = said.get("playing")
        if playing is not None and not isinstance(playing, bool):
            raise Problem(400, "playing is true or false", parameter="playing")
        self._stage.steer(
            show,
            at=_moment(said, "at") if "at" in said else None,
            speed=_speed(said, show.speed),
            is_playing=playing,
        )
        return self._answer(caller)

    async def end(self, request: Request) -> Response:
        """End it."""
        caller, show = self._his(request)
        self._stage.end(show, f"ended by {caller.principal.name}")
        return Response(status_code=204)

    def _his(self, request: Request) -> tuple[Caller, Performance]:
        """Return who asks, and the replay that he began, or as an administrator knows of."""
        caller = require_watch(self._callers, request)
        show = self._stage.on
        if show is None or not may_know(show, caller):
            raise Problem(404, "no replay is played")
        if caller.principal.name != show.by and caller.role is not UserRole.ADMINISTRATOR:
            raise Problem(403, f"{show.by} plays it; ask him, or an administrator")
        return caller, show


async def _read(request: Request, known: frozenset[str]) -> Said:
    said = await read_object(request, limit=MAX_BODY)
    for name in said:
        if name not in known:
            there_are = ", ".join(sorted(known))
            raise Problem(400, f"there are only {there_are}", parameter=name[:MAX_TEXT])
    return said


def _moment(said: Said, key: str) -> datetime:
    try:
        return moment_in(text_in(said, key, most=MAX_TEXT))
    except ValueError:
        text = "give a moment with its zone, such as 2026-01-02T03:04:05Z"
        raise Problem(400, f"{key}: {text}", parameter=key) from None


def _speed(said: Said, otherwise: int) -> int:
    return number_in(said, "speed", least=SLOWEST, most=FASTEST, default=otherwise)


def _area(said: Said) -> Box | None:
    found = said.get("area")
    if found is None:
        return None
    try:
        west, south, east, north = (float(each) for each in cast("list[float]", found))
        return Box(south=south, west=west, north=north, east=east)
    except (TypeError, ValueError):
        text = "give [west, south, east, north] in degrees"
        raise Problem(400, text, parameter="area") from None
