"""Incidents of relief: `/api/v1/relief/...`; their alerts stand in `api/relief_alerts.py`."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT, answer
from accord.api.body import list_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.hazards import hazard_for
from accord.api.problem import Problem
from accord.api.tracks import Around
from accord.api.watch import context_in, require_watch
from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.user import UserRole
from accord.desks.relief import alerts, forms, sheet
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.as_json import alert_json, fields_json, head_json, incident_json
from accord.desks.relief.incident import Incident, NoSuchIncident, Overtaken, Record
from accord.desks.relief.incidents import BY_HAND, Incidents, Row
from accord.desks.relief.line import By, NotTaken
from accord.desks.relief.reading import MAX_TEXT, time
from accord.desks.relief.store import ReliefFault, ReliefFull
from accord.desks.relief.voice import shared_value
from accord.wire.cap import xml as cap
from accord.wire.cap.atom import feed
from accord.wire.cap.render import render
from accord.wire.errors import WireError

RELIEF = "/api/v1/relief"
INCIDENTS = f"{RELIEF}/incidents"
ALERTS = f"{RELIEF}/alerts"

MAX_BODY = 8 << 20
MAX_NAME = 200
MAX_MARKING = 1_024
MOST_FIELDS = 60
MOST_SEEN = 200
MOST_ALERTS = 200
"""Alerts in one list, the newest."""

WORKBOOK = "all.xlsx"
"""Names all sheets in one file."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""RFC 6838's registered type of a workbook (IANA media types)."""

CAP_TYPE = "application/cap+xml"

T = TypeVar("T")

Said = dict[str, object]
Act = Callable[[Incident, Caller, Said], Awaitable[Response]]


def routes(asked: "ReliefDoor") -> Sequence[BaseRoute]:
    """Return the routes."""
    one, act = f"{INCIDENTS}/{{id}}", asked.act
    return [
        Route(INCIDENTS, asked.all, methods=["GET"]),
        Route(INCIDENTS, asked.open, methods=["POST"]),
        Route(f"{RELIEF}/fields", asked.fields, methods=["GET"]),
        Route(ALERTS, asked.alerts, methods=["GET"]),
        Route(f"{RELIEF}/alerts.atom", asked.atom, methods=["GET"]),
        Route(f"{ALERTS}/{{alert}}", asked.alert, methods=["GET"]),
        Route(one, asked.one, methods=["GET"]),
        Route(f"{one}/records", act(asked.put), methods=["POST"]),
        Route(f"{one}/notes", act(asked.note), methods=["POST"]),
        Route(f"{one}/share", act(asked.share), methods=["POST"]),
        Route(f"{one}/alerts", act(asked.issue), methods=["POST"]),
        Route(f"{one}/sheets/{{sheet}}", asked.sheet, methods=["GET"]),
        Route(f"{one}/sheets/{{sheet}}", act(asked.take), methods=["POST"]),
        Route(f"{one}/forms/{{form}}", asked.form, methods=["GET"]),
    ]


class ReliefDoor:
    """Answers what is asked of incidents; `changed` is called after each change."""

    def __init__(
        self, incidents: Incidents, callers: Callers, around: Around, *, changed: Callable[[], None]
    ) -> None:
        self._incidents = incidents
        self._callers = callers
        self._around = around
        self._clock = around.clock
        self._changed = changed

    async def all(self, request: Request) -> Response:
        """Answer with every incident of the contexts that he takes part in, the newest first."""
        caller = self._callers.require(request)
        found = await _quick(self._incidents.store.all)
        return answer({"incidents": [head_json(e) for e in found if may_know(caller, e.context)]})

    async def fields(self, request: Request) -> Response:
        """Answer with which records there are, and which fields each has."""
        self._callers.require(request)
        return answer({"records": fields_json()})

    async def one(self, request: Request) -> Response:
        """Answer with one incident, its records and its log."""
        caller = self._callers.require(request)
        return answer(shown(await self._incident(request, caller), caller))

    async def _incident(self, request: Request, caller: Caller) -> Incident:
        name = request.path_params["id"]
        found = await _quick(partial(self._incidents.store.incident, name))
        if not may_know(caller, found.context):
            raise Problem(404, f"there is no incident {found.id}")
        return found

    def act(self, do: Act) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request to change an incident."""

        async def answer_it(request: Request) -> Response:
            caller = require_watch(self._callers, request)
            incident = await self._incident(request, caller)
            said = await read_object(request, limit=MAX_BODY)
            if "sheet" in request.path_params:
                said["sheet"] = request.path_params["sheet"]
            return await do(incident, caller, said)

        return answer_it

    async def _change(
        self, caller: Caller, what: Callable[[], Incident], *, status: int = 200, **more: object
    ) -> Response:
        incident = await _quick(what)
        self._changed()
        return answer({**shown(incident, caller), **more}, status=status)

    def _by(self, caller: Caller, said: Said) -> By:
        at = text_in(said, "at", most=40) if "at" in said else ""
        when = _made(lambda: datetime.fromisoformat(time(at))) if at else None
        return By(name=caller.principal.name, now=self._clock.now(), at=when)

    async def open(self, request: Request) -> Response:
        """Open an incident from `fields`, the text of a `cap` alert, or an `alert` on the map."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        typed, context = texts_in(said, "fields"), context_in(said, caller)
        note = text_in(said, "note", most=MAX_TEXT) if "note" in said else ""
        if "cap" in said:
            data = text_in(said, "cap", most=cap.MAX_BYTES).encode()
            typed = {**_made(lambda: alerts.opening(cap.read(data), context)), **typed}
        elif "alert" in said:
            name = text_in(said, "alert", most=MAX_NAME)
            hazard = hazard_for(caller, self._around, name, context)
            typed = {**_made(lambda: alerts.opening_of(hazard, context)), **typed}
        by = self._by(caller, said)
        opened = partial(self._incidents.open, typed, by, context, note)
        return await self._change(caller, opened, status=201)

    async def put(self, incident: Incident, caller: Caller, said: Said) -> Response:
        """Add a record of a `sort`, or change the one with an `id`; `seen` are its lines."""
        sort = text_in(said, "sort", most=20)
        if sort not in BY_HAND | {"incident"}:
            raise Problem(400, f"sort is one of incident, {', '.join(sorted(BY_HAND))}")
        seen = None
        if "seen" in said:
            seen = frozenset(list_in(said, "seen", most=MOST_SEEN, longest=MAX_NAME))
        name = text_in(said, "id", most=MAX_NAME) if said.get("id") else ""
        row = Row(sort=sort, id=name, fields=texts_in(said, "fields"), seen=seen)
        by = self._by(caller, said)
        entered = await _quick(lambda: self._incidents.put(incident.id, row, by))
        return await self._change(caller, lambda: entered.incident, record=entered.ids[0])

    async def note(self, incident: Incident, caller: Caller, said: Said) -> Response:
        """Write a note into the log; `own` keeps it here for ever."""
        text, by = text_in(said, "text", most=MAX_TEXT), self._by(caller, said)
        is_own = said.get("own") is True
        write = partial(self._incidents.note, incident.id, text, by, is_own=is_own)
        return await self._change(caller, write)

    async def share(self, incident: Incident, caller: Caller, said: Said) -> Response:
        """Say it to partners, into `groups` of his under a `marking`; `gone` ends that."""
        by = self._by(caller, said)
        if said.get("gone") is True:
            return await self._change(caller, lambda: self._incidents.share(incident.id, "", by))
        groups = self._groups(caller, said)
        marking = text_in(said, "marking", most=MAX_MARKING) if "marking" in said else ""
        names = said.get("names") is True
        node = self._incidents.node
        value = _made(lambda: shared_value(groups, marking, node, with_names=names))
        return await self._change(caller, lambda: self._incidents.share(incident.id, value, by))

    def _groups(self, caller: Caller, said: Said) -> frozenset[str]:
        """Return the `groups` that are meant, of those that he speaks in; all where none is."""
        named = list_in(said, "groups", most=50, longest=MAX_NAME)
        groups = caller.principal.speaks_in & frozenset(named or caller.principal.speaks_in)
        if not groups:
            raise Problem(400, "say it into a group that you speak in", parameter="groups")
        return groups

    async def issue(self, incident: Incident, caller: Caller, said: Said) -> Response:
        """Issue a CAP alert into `groups`; `update` or `cancel` names the one before."""
        named = {
            name: text_in(said, name, most=MAX_NAME)
            for name in ("update", "cancel")
            if name in said
        }
        wanted = Wanted(
            typed=texts_in(said, "fields"),
            groups=self._groups(caller, said),
            with_names=said.get("names") is True,
            **named,
        )
        by = self._by(caller, said)
        issued = await _quick(lambda: alerts.issue(self._incidents, incident.id, wanted, by))
        return await self._change(caller, lambda: issued[0], status=201, alert=issued[1])

    async def sheet(self, request: Request) -> Response:
        """Answer with the records of a sort as CSV with HXL hashtags; names are not in it.

        `all.xlsx` is a workbook of all sorts.
        """
        incident = await self._incident(request, self._callers.require(request))
        if request.path_params["sheet"] == WORKBOOK:
            now = self._clock.now()
            book = await _quick(lambda: sheet.write_workbook(incident, now))
            headers = {**NOT_KEPT, **_kept_as(f"{incident.id}.xlsx")}
            return Response(book, media_type=XLSX, headers=headers)
        key = _sheet(request.path_params["sheet"])
        return Response(
            sheet.write(incident, key),
            media_type="text/csv; charset=utf-8",
            headers={**NOT_KEPT, **_kept_as(f"{incident.id}-{key}.csv")},
        )

    async def take(self, incident: Incident, caller: Caller, said: Said) -> Response:
        """Take the `text` of a CSV file, or a `workbook` in base64, whole or not at all."""
        key, by = _sheet(str(said["sheet"])), self._by(caller, said)
        if "workbook" in said:
            data = _bytes_in(said, "workbook", most=sheet.MAX_FILE)
        else:
            data = text_in(said, "text", most=sheet.MAX_FILE).encode()
        taken = await _quick(lambda: sheet.read(incident, key, data))
        entered = await _quick(lambda: self._incidents.enter(incident.id, taken.rows, by))
        ignored = list(taken.ignored)
        return await self._change(
            caller, lambda: entered.incident, taken=len(taken.rows), same=taken.same,
            ignored=ignored,
        )  # fmt: skip

    async def form(self, request: Request) -> Response:
        """Answer with a METHANE report or a nine-line request as it is read over the radio."""
        incident = await self._incident(request, self._callers.require(request))
        text = _made(lambda: forms.spoken_of(incident, request.path_params["form"]))
        return PlainTextResponse(text, headers=NOT_KEPT)

    async def _listed(self, request: Request) -> list[tuple[Incident, Record]]:
        caller = self._callers.require(request)
        found = await _quick(self._incidents.store.all)
        return alerts.listed(found, partial(may_see, caller))[:MOST_ALERTS]

    async def alerts(self, request: Request) -> Response:
        """Answer with the alerts that he may see, the newest first."""
        listed = await self._listed(request)
        return answer({"alerts": [alert_json(*each) for each in listed]})

    async def atom(self, request: Request) -> Response:
        """Answer with the same as an Atom feed, for those who poll."""
        listed = await self._listed(request)
        base = f"{request.url.scheme}://{request.url.netloc}{ALERTS}"
        entries = [alerts.cap_of(*each) for each in listed]
        data = feed(entries, node=self._incidents.node, base=base, now=self._clock.now())
        return Response(data, media_type="application/atom+xml", headers=NOT_KEPT)

    async def alert(self, request: Request) -> Response:
        """Answer with one alert as a CAP 1.2 document."""
        wanted = request.path_params["alert"]
        for incident, alert in await self._listed(request):
            if alert.id == wanted:
                data = render(alerts.cap_of(incident, alert))
                headers = {**NOT_KEPT, **_kept_as(f"{alert.id}.xml")}
                return Response(data, media_type=CAP_TYPE, headers=headers)
        raise Problem(404, f"there is no alert {wanted[:MAX_NAME]} for you to see")


def _kept_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _bytes_in(said: Said, key: str, *, most: int) -> bytes:
    try:
        return b64decode(text_in(said, key, most=most * 4 // 3 + 4), validate=True)
    except ValueError:
        raise Problem(400, f"{key} is no base64", parameter=key) from None


def _sheet(name: str) -> str:
    if name not in sheet.SHEETS:
        raise Problem(404, f"there is no sheet {name[:40]}; there are {', '.join(sheet.SHEETS)}")
    return name


async def _quick(what: Callable[[], T]) -> T:
    """Return what reading or writing the file comes to; others are answered meanwhile."""
    try:
        return await asyncio.to_thread(what)
    except AccordError as error:
        raise problem_of(error) from None


def _made(make: Callable[[], T]) -> T:
    try:
        return make()
    except (AccordError, WireError) as error:
        raise problem_of(error) from None


def may_know(caller: Caller, context: Context) -> bool:
    """Tell whether somebody takes part in the context of an incident."""
    return caller.principal.takes_part_in(context)


def may_see(caller: Caller, incident: Incident, alert: Record) -> bool:
    """Tell whether an alert is for somebody: for a group that he hears, in a context of his."""
    is_for_him = not caller.principal.hears.isdisjoint(alerts.groups_of(alert))
    return is_for_him and may_know(caller, incident.context)


def shown(incident: Incident, caller: Caller) -> dict[str, object]:
    """Return an incident for somebody: names only for whoever may do more than look."""
    return incident_json(incident, with_names=caller.role is not UserRole.VIEWER)


def texts_in(said: Said, key: str) -> dict[str, str]:
    """Return an object of texts in a body, empty where there is none. Problem 400 otherwise."""
    found = said.get(key, {})
    if not isinstance(found, dict) or len(cast("Said", found)) > MOST_FIELDS:
        raise Problem(400, f"{key} is an object of at most {MOST_FIELDS} texts", parameter=key)
    texts = cast("Said", found)
    named = {text_in({"a name": name}, "a name", most=MAX_NAME): name for name in texts}
    return {kept: text_in(texts, name, most=MAX_TEXT) for kept, name in named.items()}


def problem_of(error: AccordError | WireError) -> Problem:
    """Return how an error is told; `parameter` is the field that is wrong."""
    match error:
        case Problem():
            return error
        case NoSuchIncident():
            return Problem(404, str(error))
        case Overtaken() | ReliefFull():
            return Problem(409, str(error))
        case ReliefFault():
            return Problem(503, str(error))
        case NotTaken():
            return Problem(400, str(error), parameter=error.field)
        case _:
            return Problem(400, str(error))
