"""The drill that is on, marked on every screen: `/api/v1/drill`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.administrator import require_act
from accord.api.answer import answer
from accord.api.body import read_object, text_in
from accord.api.caller import Callers
from accord.api.problem import Problem
from accord.core.errors import AccordError
from accord.core.rfc3339 import spell
from accord.desks.watch.alert import Drill
from accord.desks.watch.desk import MAX_DRILL, WatchDesk
from accord.desks.watch.store import WatchFault

DRILL = "/api/v1/drill"

MAX_BODY = 4 << 10


def drill_json(drill: Drill | None) -> dict[str, object] | None:
    """Return a drill as the page is told of it."""
    if drill is None:
        return None
    return {"name": drill.name, "by": drill.by, "since": spell(drill.since)}


def routes(desk: WatchDesk, callers: Callers) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(desk, callers)
    return [
        Route(DRILL, asked.now, methods=["GET"]),
        Route(DRILL, asked.begin, methods=["POST"]),
        Route(DRILL, asked.end, methods=["DELETE"]),
    ]


class _Asked:
    def __init__(self, desk: WatchDesk, callers: Callers) -> None:
        self._desk = desk
        self._callers = callers

    async def now(self, request: Request) -> Response:
        """Answer with the drill that is on."""
        self._callers.require(request)
        told = {"drill": drill_json(self._desk.drill)}
        return answer(told)

    async def begin(self, request: Request) -> Response:
        """Declare that the drill of that `name` is on: every screen says so."""
        caller = require_act(self._callers, request)
        name = text_in(await read_object(request, limit=MAX_BODY), "name", most=MAX_DRILL)
        try:
            await self._desk.begin_drill(name, caller.principal.name)
        except WatchFault as error:
            raise Problem(503, str(error)) from None
        except AccordError as error:
            raise Problem(400, str(error), parameter="name") from None
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        """Declare that no drill is on any more."""
        caller = require_act(self._callers, request)
        try:
            await self._desk.end_drill(caller.principal.name)
        except WatchFault as error:
            raise Problem(503, str(error)) from None
        return Response(status_code=204)
