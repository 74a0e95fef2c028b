"""Searching in a case: drift, plan, routes, coverage, who can help, reports: `/api/v1/sar/...`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT, answer
from accord.api.body import read_bytes, text_in
from accord.api.caller import FILE, Caller
from accord.api.chat import refusals
from accord.api.problem import Problem
from accord.api.sar import CASES, MAX_NAME, MAX_UID, Said, SarDoor, problem_of
from accord.api.watch import require_watch
from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.core.principal import Principal
from accord.desks.sar.as_json import drift_json, helpers_json, plan_json
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Line
from accord.desks.sar.covered import Courses, units_of
from accord.desks.sar.entry import Kind
from accord.desks.sar.export import export
from accord.desks.sar.facts import MAX_FILE, MAX_TEXT, moment_of, point_of
from accord.desks.sar.forcing import keep_flow
from accord.desks.sar.planning import SearchPlan, Until, plan_search, route_of
from accord.desks.sar.reporting import files_of
from accord.desks.sar.route import FORMS, ROUTE, VALID, route_text, shape_of
from accord.desks.sar.sitrep import sitrep
from accord.desks.sar.tasking import way_of
from accord.desks.sar.units import helpers
from accord.live.asked import Asked
from accord.live.page_voice import Handed, PageVoice
from accord.live.past import Past
from accord.live.seen import seen
from accord.picture.query import Filter
from accord.search.patterns import PatternKind, pattern_kind

POINTS = 5_000
"""Positions of one unit that coverage is worked out from; of more, so many are taken evenly."""

MOST_UNITS = 50
MAX_WAY = 200_000
"""Letters of the way of a track line, which may come as GPX or KML."""

TYPES = {"gpx": "application/gpx+xml", "kml": "application/vnd.google-earth.kml+xml"}
"""Media types of routes; CoT and words are text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What searching needs beside the cases: the past, a voice, and who is connected."""

    past: Past
    voice: PageVoice
    clients: Callable[[str], Iterable[Principal]]


def routes(door: SarDoor, means: Means) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(door, means)
    gets = {
        "drift": asked.drift,
        "helpers": asked.helpers,
        "report": asked.report,
        "export": asked.export,
        "routes/{unit:path}": asked.route,
    }
    raw = f"{CASES}/{{id}}/conditions/{{kind}}"
    posts = {
        "plan": asked.plan,
        "report": asked.release,
        "send": asked.send,
    }
    return [
        Route(raw, asked.conditions, methods=["PUT"]),
        *(Route(f"{CASES}/{{id}}/{name}", do, methods=["GET"]) for name, do in gets.items()),
        *(
            Route(f"{CASES}/{{id}}/{name}", door.act(do), methods=["POST"])
            for name, do in posts.items()
        ),
    ]


class _Asked:
    def __init__(self, door: SarDoor, means: Means) -> None:
        self._door = door
        self._means = means

    async def _case(self, request: Request) -> tuple[Case, Caller]:
        caller = self._door.callers.require(request)
        return await self._door.case(request, caller), caller

    def _at(self, request: Request) -> datetime:
        text = request.query_params.get("at")
        try:
            return self._door.now() if text is None else moment_of(text)
        except AccordError as error:
            raise Problem(400, str(error), parameter="at") from None

    async def drift(self, request: Request) -> Response:
        """Answer with where it may be, now or `at` a time."""
        case, _ = await self._case(request)
        at, known = self._at(request), self._door.cases.known
        return answer(await self._door.work(partial(drift_json, case, known, at)))

    async def plan(self, case: Case, caller: Caller, said: Said) -> Response:
        """Plan for the case's units, by `patterns` and `tracks`; `keep` makes it their tasks."""
        patterns, ways = dict(_patterns(said)), _ways(said)
        cases, now = self._door.cases, self._door.now()

        def work() -> SearchPlan:
            until = Until(now=now, courses=self._courses(case, caller, now), own=cases.node)
            return plan_search(case, cases.known, patterns, until, ways)

        plan = await self._door.work(work)
        if said.get("keep") is True:
            lines = [Line(kind=Kind.TASK, about=t.unit.uid, value=t.value()) for t in plan.tasks]
            by = self._door.by(caller, {})
            await self._door.change(lambda: self._door.cases.add(case.id, lines, by))
        return answer(plan_json(plan))

    def _courses(self, case: Case, caller: Caller, at: datetime) -> Courses:
        """Return where the units of a case were until a time, as far as he sees it; slow work."""
        uids = frozenset(each.uid for each in units_of(case))
        asked = Asked(
            by=caller.principal, context=case.context, since=case.opened.timestamp(),
            until=at.timestamp(), parts=POINTS,
        )  # fmt: skip
        return self._means.past.said(asked, uids) if uids else {}

    async def conditions(self, request: Request) -> Response:
        """Take the body, a NetCDF or GRIB file, for the `kind`: the wind or current of the case."""
        caller = require_watch(self._door.callers, request, FILE)
        case, kind = await self._door.case(request, caller), str(request.path_params["kind"])
        if kind not in ("wind", "current"):
            raise Problem(404, "kind is wind or current", parameter="kind")
        data = await read_bytes(request, limit=MAX_FILE)
        if not data:
            raise Problem(400, "the file is empty")
        cases, by = self._door.cases, self._door.by(caller, {})

        def taken() -> Case:
            return cases.set(case.id, {kind: keep_flow(data, cases.known)}, by)

        changed = await self._door.work(taken)
        return await self._door.change(lambda: changed)

    async def helpers(self, request: Request) -> Response:
        """Answer with who on the picture could be on scene soonest."""
        case, caller = await self._case(request)
        if not case.text("position"):
            raise Problem(409, "the case says no position yet")
        around, now = self._door.around, self._door.now()
        tracks = around.picture.tracks(Filter(context=case.context))
        shown = (seen(each, caller.principal, now, around.settings) for each in tracks)
        found = helpers(
            (each for each in shown if each is not None),
            point_of(case.text("position")),
            now=now,
            own=self._door.cases.node,
        )
        return answer({"helpers": helpers_json(found)})

    async def route(self, request: Request) -> Response:
        """Answer with the task of a unit as gpx, kml, cot or words for radio."""
        case, _ = await self._case(request)
        form = request.query_params.get("as", "radio")
        if form not in FORMS:
            raise Problem(400, f"as is one of {', '.join(FORMS)}", parameter="as")
        try:
            route = route_of(case, request.path_params["unit"])
        except AccordError as error:
            raise problem_of(error) from None
        text = route_text(route, form, self._door.now())
        media = TYPES.get(form, "text/plain")
        return Response(text, media_type=media, headers=NOT_KEPT)

    async def send(self, case: Case, caller: Caller, said: Said) -> Response:
        """Send a `unit` its task as a route, `to` the uid of its own TAK client."""
        unit = text_in(said, "unit", most=MAX_UID)
        to = text_in(said, "to", most=MAX_UID) if "to" in said else unit
        try:
            route = route_of(case, unit)
        except AccordError as error:
            raise problem_of(error) from None
        if not any(_hears(each, caller, case) for each in self._means.clients(to)):
            detail = "no TAK client of that uid is connected that hears a group you speak in"
            raise Problem(404, detail, parameter="to")
        handed = Handed(kind=ROUTE, name=route.name, body=shape_of(route), valid=VALID)
        with refusals():
            self._means.voice.hand(caller.principal, handed, to=to, context=case.context)
        line = Line(kind=Kind.SENT, about=unit, value=route.name, place=route.points[0])
        by = self._door.by(caller, {})
        return await self._door.change(lambda: self._door.cases.add(case.id, [line], by))

    async def report(self, request: Request) -> Response:
        """Answer with the situation report as it stands, `to` whom."""
        case, _ = await self._case(request)
        to = request.query_params.get("to", "ALL CONCERNED")[:MAX_NAME]
        text = sitrep(case, node=self._door.cases.node, to=to, at=self._door.now())
        return answer({"text": text})

    async def release(self, case: Case, caller: Caller, said: Said) -> Response:
        """Write a `text` that a person has read into the log as a report, `to` whom."""
        text, to = text_in(said, "text", most=MAX_TEXT), text_in(said, "to", most=MAX_NAME)
        line = Line(kind=Kind.REPORT, about=to, value=text)
        by = self._door.by(caller, {})
        return await self._door.change(lambda: self._door.cases.log(case.id, line, by))

    async def export(self, request: Request) -> Response:
        """Answer with the whole case as a ZIP."""
        case, caller = await self._case(request)
        by = By(name=caller.principal.name, now=self._door.now())
        data = await self._door.work(lambda: export(case, files_of(case), at=by.now, by=by.name))
        name = "".join(each if each.isalnum() else "-" for each in case.id)
        headers = {
            **NOT_KEPT,
            "Content-Disposition": f'attachment; filename="{name}.zip"',
        }
        return Response(data, media_type="application/zip", headers=headers)


def _hears(client: Principal, caller: Caller, case: Case) -> bool:
    speaks_in = caller.principal.speaks_in
    return client.takes_part_in(case.context) and not speaks_in.isdisjoint(client.hears)


def _patterns(said: Said) -> Mapping[str, PatternKind]:
    found = said.get("patterns", {})
    if not isinstance(found, dict) or len(cast("Said", found)) > MOST_UNITS:
        raise Problem(400, "patterns is an object of kinds by unit", parameter="patterns")
    try:
        return {uid: pattern_kind(str(kind)) for uid, kind in cast("Said", found).items()}
    except ValueError as error:
        raise Problem(400, str(error), parameter="patterns") from None


def _ways(said: Said) -> Mapping[str, tuple[Point, ...]]:
    """Return the ways that `tracks` says by unit, as they are typed or as GPX or KML."""
    found = said.get("tracks", {})
    if not isinstance(found, dict) or len(cast("Said", found)) > MOST_UNITS:
        raise Problem(400, "tracks is an object of ways by unit", parameter="tracks")
    ways = cast("Said", found)
    try:
        return {uid: way_of(text_in(ways, uid, most=MAX_WAY)) for uid in ways}
    except AccordError as error:
        raise problem_of(error) from None
