"""Alerts, the watch log, and the sheet for the hand-over: `/api/v1/alerts`, `/api/v1/log`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.body import list_in, number_in, read_object, text_in
from accord.api.caller import JSON, Caller, Callers, require_own_page
from accord.api.problem import Problem
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.user import UserRole
from accord.desks.watch.alert import Alert, Entry
from accord.desks.watch.board import LONGEST_QUIET, NoSuchAlert, NotYours
from accord.desks.watch.conditions import may_know
from accord.desks.watch.desk import MAX_NOTE, MAX_UIDS, WatchDesk
from accord.desks.watch.store import WatchFault, as_json, spelt
from accord.observe.health import Status
from accord.observe.health import as_json as status_json

ALERTS = "/api/v1/alerts"
LOG = "/api/v1/log"
HAND_OVER = "/api/v1/hand-over"

MAX_BODY = 64 << 10
MAX_NAME = 200
MAX_UID = 256
MAX_LINES = 500
"""Lines of the log in one answer."""

USUAL_WATCH = 12
"""Hours of a watch, where the sheet is asked for without."""

LONGEST_WATCH = timedelta(days=7)

Said = dict[str, object]

Act = Callable[[int, Caller, Said], Awaitable[None]]


def alert_json(alert: Alert) -> dict[str, object]:
    """Return an alert as the page is told of it."""
    return as_json(alert)


def entry_json(entry: Entry) -> dict[str, object]:
    """Return a line of the log as the page is told of it."""
    return {
        "number": entry.number,
        "at": spelt(entry.at),
        "act": entry.act.value,
        "by": entry.by,
        "text": entry.text,
        "alert": None if entry.alert is None else entry.alert.number,
        "uids": list(entry.uids),
        "context": str(entry.context),
    }


def may_be_told(of: Entry | Alert) -> Callable[[Caller], bool]:
    """Return what tells of a caller whether he may know of this."""
    condition = of.condition if isinstance(of, Alert) else of
    return lambda caller: may_know(caller.principal, condition)


def routes(
    desk: WatchDesk,
    callers: Callers,
    status: Callable[[], Status],
    strange: Callable[[], Sequence[str]],
    *,
    knows: Callable[[str], bool],
) -> Sequence[BaseRoute]:
    """Return the routes. `strange` says what rules name that is not there, `knows` who is."""
    asked = _Asked(desk, callers, status, strange, knows)

    def act(name: str, do: Act) -> BaseRoute:
        return Route(f"{ALERTS}/{{number:int}}/{name}", asked.act(do), methods=["POST"])

    return [
        Route(ALERTS, asked.alerts, methods=["GET"]),
        act("acknowledge", asked.acknowledge),
        act("take", asked.take),
        act("offer", asked.offer),
        Route(LOG, asked.log, methods=["GET"]),
        Route(LOG, asked.note, methods=["POST"]),
        Route(HAND_OVER, asked.hand_over, methods=["GET"]),
    ]


def require_watch(callers: Callers, request: Request, sends: str = JSON) -> Caller:
    """Return who asks for a change, from a page of ours. Problem 403 for who may only look."""
    require_own_page(request, sends)
    caller = callers.require(request)
    if caller.role is UserRole.VIEWER:
        raise Problem(403, f"{caller.principal.name} may look, and change nothing")
    return caller


class _Asked:
    def __init__(
        self,
        desk: WatchDesk,
        callers: Callers,
        status: Callable[[], Status],
        strange: Callable[[], Sequence[str]],
        knows: Callable[[str], bool],
    ) -> None:
        self._strange = strange
        self._knows = knows
        self._desk = desk
        self._callers = callers
        self._status = status

    async def alerts(self, request: Request) -> Response:
        """Answer with the open alerts that he may know of, what needs attention first."""
        caller = self._callers.require(request)
        return _answer(
            {
                "alerts": self._alerts_for(caller),
                "trouble": self._desk.trouble,
                "rules": list(self._strange()),
            }
        )

    def _alerts_for(self, caller: Caller) -> list[dict[str, object]]:
        known = (each for each in self._desk.alerts() if may_be_told(each)(caller))
        return [alert_json(each) for each in known]

    def act(self, do: Act) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request to do something with an alert."""

        async def answer(request: Request) -> Response:
            caller = require_watch(self._callers, request)
            number = int(request.path_params["number"])
            said = await read_object(request, limit=MAX_BODY)
            try:
                before = self._desk.alert(number)
                if not may_be_told(before)(caller):
                    raise NoSuchAlert(f"there is no open alert number {number}")
                await do(number, caller, said)
            except AccordError as error:
                raise _problem(error) from None
            return Response(status_code=204)

        return answer

    async def acknowledge(self, number: int, caller: Caller, said: Said) -> None:
        """Note that he has seen it; `quiet_minutes` is for how long it is not to sound again."""
        most = LONGEST_QUIET // timedelta(minutes=1)
        minutes = number_in(said, "quiet_minutes", least=0, most=most, default=0)
        await self._desk.acknowledge(number, caller.principal.name, timedelta(minutes=minutes))

    async def take(self, number: int, caller: Caller, _said: Said) -> None:
        """Note that he takes it."""
        await self._desk.take(number, caller.principal.name)

    async def offer(self, number: int, caller: Caller, said: Said) -> None:
        """Note that he hands it over `to` somebody."""
        to = text_in(said, "to", most=MAX_NAME)
        if not to.strip():
            raise Problem(400, "to whom is it handed over?", parameter="to")
        if not self._knows(to):
            why = f"nobody is called {to!r} on this node: give the name of a user who may sign in"
            raise Problem(404, why, parameter="to")
        await self._desk.offer(number, caller.principal.name, to)

    async def log(self, request: Request) -> Response:
        """Answer with the newest lines first: `since`, `before` a number, about `uid`."""
        caller = self._callers.require(request)
        query = request.query_params
        lines = await self._lines(
            caller,
            since=_moment(query.get("since"), "since"),
            before=_whole(query.get("before"), "before"),
            uid=query.get("uid"),
        )
        return _answer({"entries": lines})

    async def _lines(
        self, caller: Caller, *, since: datetime | None, before: int | None, uid: str | None
    ) -> list[dict[str, object]]:
        """Return lines that he may know of; looked for until there are enough, or no more."""
        found: list[dict[str, object]] = []
        while len(found) < MAX_LINES:
            try:
                lines = await self._desk.log(since=since, before=before, uid=uid, limit=MAX_LINES)
            except AccordError as error:
                raise _problem(error) from None
            found += [entry_json(each) for each in lines if may_be_told(each)(caller)]
            if len(lines) < MAX_LINES:
                break
            before = lines[-1].number
        return found[:MAX_LINES]

    async def note(self, request: Request) -> Response:
        """Write his words into the log: `text`, about `uids`, in a `context`."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        text = text_in(said, "text", most=MAX_NOTE)
        uids = list_in(said, "uids", most=MAX_UIDS, longest=MAX_UID)
        context = context_in(said, caller)
        try:
            await self._desk.note(
                caller.principal.name,
                text,
                uids=uids,
                context=context,
                groups=caller.principal.hears or None,
            )
        except AccordError as error:
            raise _problem(error) from None
        return Response(status_code=204)

    async def hand_over(self, request: Request) -> Response:
        """Answer with what the next watch has to know: of the last `hours`, 12 if left out."""
        caller = self._callers.require(request)
        asked = _whole(request.query_params.get("hours"), "hours")
        hours = USUAL_WATCH if asked is None else asked
        longest = LONGEST_WATCH // timedelta(hours=1)
        if not 1 <= hours <= longest:
            raise Problem(400, f"hours are between 1 and {longest}", parameter="hours")
        status = self._status()
        since = status.at - timedelta(hours=hours)
        return _answer(
            {
                "node": status_json(status.node),
                "at": spelt(status.at),
                "since": spelt(since),
                "by": caller.principal.name,
                "alerts": self._alerts_for(caller),
                "problems": list(status.problems),
                "tracks": status.picture.tracks,
                "sources": [
                    {
                        "channel": each.channel,
                        "speaker": each.speaker,
                        "state": each.state.value,
                        "last_useful": spelt(each.last_useful),
                    }
                    for each in status.sources
                    if each.channel.startswith("feed:")
                ],
                "partners": [
                    {
                        "node": each.node,
                        "state": each.state.value,
                        "last_heard": spelt(each.last_heard),
                        "waiting": dict(each.waiting),
                        "blocked": list(each.blocked),
                    }
                    for each in status.partners
                ],
                "entries": await self._lines(caller, since=since, before=None, uid=None),
            }
        )


def _answer(content: Mapping[str, object]) -> JSONResponse:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _problem(error: AccordError) -> Problem:
    match error:
        case Problem():
            return error
        case NoSuchAlert():
            return Problem(404, str(error))
        case NotYours():
            return Problem(409, str(error))
        case WatchFault():
            return Problem(503, str(error))
        case _:
            return Problem(400, str(error))


def context_in(said: Said, caller: Caller) -> Context:
    """Return the `context` that is meant, live if left out. Problem where he is not in it."""
    spelled = said.get("context", str(LIVE))
    try:
        context = Context.parse(str(spelled))
    except ValueError:
        raise Problem(400, "no such context", parameter="context") from None
    if not caller.principal.takes_part_in(context):
        raise Problem(403, f"{caller.principal.name} takes no part in {context}")
    return context


def _moment(text: str | None, parameter: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        said = "say a moment with its zone, such as 2026-01-02T03:04:05Z"
        raise Problem(400, said, parameter=parameter)
    return moment


def _whole(text: str | None, parameter: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(400, f"{parameter} is a whole number", parameter=parameter)
    return int(text)
