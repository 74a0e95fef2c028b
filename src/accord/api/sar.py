"""Cases of search and rescue: `/api/v1/sar/...`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import list_in, read_object, text_in
from accord.api.caller import Caller, Callers
from accord.api.hazards import hazard_for
from accord.api.problem import Problem
from accord.api.tracks import Around
from accord.api.watch import context_in, require_watch
from accord.api.workers import Workers
from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.report import Report
from accord.desks.sar.case import Case, NoSuchCase, Overtaken
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.entry import Kind, NotTaken
from accord.desks.sar.export import case_json, entry_json
from accord.desks.sar.facts import MAX_TEXT, AskBack, moment_of, position_of
from accord.desks.sar.model import scenario_value
from accord.desks.sar.openings import (
    Opening,
    from_beacon,
    from_call,
    from_cap,
    from_hazard,
    from_report,
)
from accord.desks.sar.store import CaseFault, CasesFull
from accord.desks.sar.units import unit_value
from accord.desks.sar.voice import shared_value
from accord.live.hazards import hazard_of
from accord.live.seen import seen
from accord.wire.cap import xml as cap
from accord.wire.errors import WireError
from accord.wire.sit185 import message as sit185

SAR = "/api/v1/sar"
CASES = f"{SAR}/cases"

MAX_BODY = 1 << 20
MAX_NAME = 200
MAX_UID = 256
MAX_MARKING = 1_024
MOST_FACTS = 50
MOST_SEEN = 100

T = TypeVar("T")

Said = dict[str, object]
Act = Callable[[Case, Caller, Said], Awaitable[Response]]

_LINES = {each.value: each for each in (Kind.NOTE, Kind.SIGHTING, Kind.CHECK)}


def routes(asked: "SarDoor") -> Sequence[BaseRoute]:
    """Return the routes of cases; those of searching stand in `api/sar_search.py`."""
    act = asked.act
    return [
        Route(CASES, asked.all, methods=["GET"]),
        Route(CASES, asked.open, methods=["POST"]),
        Route(f"{SAR}/objects", asked.objects, methods=["GET"]),
        Route(f"{CASES}/{{id}}", asked.one, methods=["GET"]),
        Route(f"{CASES}/{{id}}/facts", act(asked.set), methods=["POST"]),
        Route(f"{CASES}/{{id}}/log", act(asked.log), methods=["POST"]),
        Route(f"{CASES}/{{id}}/units", act(asked.unit), methods=["POST"]),
        Route(f"{CASES}/{{id}}/scenarios", act(asked.scenario), methods=["POST"]),
        Route(f"{CASES}/{{id}}/share", act(asked.share), methods=["POST"]),
        Route(f"{CASES}/{{id}}/lead", act(asked.lead), methods=["POST"]),
    ]


class SarDoor:
    """Answers what is asked of cases. `changed` is called after each change; `close` ends it."""

    def __init__(
        self, cases: Cases, callers: Callers, around: Around, *, changed: Callable[[], None]
    ) -> None:
        self.cases = cases
        self.around = around
        self.callers = callers
        self._changed = changed
        self._workers = Workers("search and rescue", threads=1, waiting=8)

    def close(self) -> None:
        """Begin nothing more."""
        self._workers.close()

    def now(self) -> datetime:
        """Return the present moment."""
        return self.around.clock.now()

    async def work(self, slow: Callable[[], T]) -> T:
        """Return what a thread works out; others are answered meanwhile."""
        try:
            return await self._workers.run(slow)
        except AccordError as error:
            raise problem_of(error) from None

    async def all(self, request: Request) -> Response:
        """Answer with every case of the contexts that he takes part in, the newest first."""
        caller = self.callers.require(request)
        found = await self.quick(self.cases.store.all)
        return answer({"cases": [case_json(e) for e in found if may_know(caller, e.context)]})

    async def one(self, request: Request) -> Response:
        """Answer with one case and its whole log."""
        case = await self.case(request, self.callers.require(request))
        return answer(whole_json(case))

    async def case(self, request: Request, caller: Caller) -> Case:
        """Return the case of a path. Problem 404 where there is none that he may know of."""
        case = await self.quick(partial(self.cases.store.case, request.path_params["id"]))
        if not may_know(caller, case.context):
            raise Problem(404, f"there is no case {case.id}")
        return case

    async def quick(self, what: Callable[[], T]) -> T:
        """Return what reading or writing the file comes to."""
        try:
            return await asyncio.to_thread(what)
        except AccordError as error:
            raise problem_of(error) from None

    def act(self, do: Act) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request to change a case."""

        async def answer_it(request: Request) -> Response:
            caller = require_watch(self.callers, request)
            case = await self.case(request, caller)
            said = await read_object(request, limit=MAX_BODY)
            return await do(case, caller, said)

        return answer_it

    def tell(self) -> None:
        """Tell that a case has changed."""
        self._changed()

    async def change(self, what: Callable[[], Case], *, status: int = 200) -> Response:
        """Change a case, tell of it, and answer with how it stands now."""
        case = await self.quick(what)
        self._changed()
        return answer(whole_json(case), status=status)

    def by(self, caller: Caller, said: Said) -> By:
        """Return who changes something, and `at` when it happened."""
        at = text_in(said, "at", most=40) if "at" in said else ""
        try:
            return By(name=caller.principal.name, now=self.now(), at=moment_of(at) if at else None)
        except NotTaken as error:
            raise problem_of(error) from None

    async def open(self, request: Request) -> Response:
        """Open a case from `facts`, a `beacon` message, a `cap` alert, an `alert` or a track."""
        caller = require_watch(self.callers, request)
        said = await read_object(request, limit=MAX_BODY)
        try:
            opening = self._opening(said, caller)
        except (NotTaken, WireError) as error:
            raise problem_of(error) from None
        by = self.by(caller, said)
        case = await self.quick(lambda: self.cases.open(opening, by))
        # A further message of a beacon goes to its open case.
        return await self.change(lambda: case, status=201 if case.opened == by.now else 200)

    def _opening(self, said: Said, caller: Caller) -> Opening:
        facts = facts_in(said)
        note = text_in(said, "note", most=MAX_TEXT) if "note" in said else ""
        context = context_in(said, caller)
        if "beacon" in said:
            text = text_in(said, "beacon", most=sit185.MAX_LETTERS)
            made = from_beacon(sit185.read(text), text, context)
        elif "cap" in said:
            made = from_cap(cap.read(text_in(said, "cap", most=cap.MAX_BYTES).encode()), context)
        elif "alert" in said:
            name = text_in(said, "alert", most=MAX_UID)
            made = from_hazard(hazard_for(caller, self.around, name, context))
        elif "uid" in said:
            lead = self._lead(text_in(said, "uid", most=MAX_UID), caller, context)
            made = from_report(lead) if hazard_of(lead) is None else from_hazard(lead)
        else:
            return from_call(facts, note, context)
        return made.with_typed(facts, note)

    def _lead(self, uid: str, caller: Caller, context: Context) -> Report:
        around = self.around
        track = around.picture.get(context, uid)
        shown = None
        if track is not None:
            shown = seen(track, caller.principal, around.clock.now(), around.settings)
        if shown is None or uid not in {each.uid for each in shown.claims.values()}:
            raise Problem(404, "there is no such track for you to see", parameter="uid")
        return shown.lead

    async def objects(self, request: Request) -> Response:
        """Answer with what drifts, and what there are sweep widths for."""
        self.callers.require(request)
        known = self.cases.known
        objects = [
            {"key": e.key, "name": e.name, "group": e.group, "seen_as": e.seen_as, "doubt": e.doubt}
            for e in known.objects.values()
        ]
        return answer({"objects": objects, "targets": list(known.sweeps.targets)})

    async def set(self, case: Case, caller: Caller, said: Said) -> Response:
        """Set `facts`, all or none; `seen` are the lines that he had before him."""
        facts, by, before = facts_in(said), self.by(caller, said), _seen_in(said)
        return await self.change(lambda: self.cases.set(case.id, facts, by, before))

    async def log(self, case: Case, caller: Caller, said: Said) -> Response:
        """Write a line: `kind` is note, sighting or check, with `text` and a `position`."""
        kind = _LINES.get(text_in(said, "kind", most=20))
        if kind is None:
            raise Problem(400, f"kind is one of {', '.join(_LINES)}", parameter="kind")
        text, by = text_in(said, "text", most=MAX_TEXT), self.by(caller, said)
        if kind is Kind.CHECK:
            return await self.change(lambda: self.cases.tick(case.id, text, by))
        typed = text_in(said, "position", most=MAX_NAME) if said.get("position") else ""
        try:
            place = position_of(typed) if typed else None
        except AccordError as error:
            raise problem_of(error) from None
        is_private = said.get("private") is True
        line = Line(kind=kind, value=text, place=place, is_private=is_private)
        return await self.change(lambda: self.cases.log(case.id, line, by))

    async def unit(self, case: Case, caller: Caller, said: Said) -> Response:
        """Give the case a unit, or change one: `uid`, `platform`, how fast and for how long."""
        uid, by = text_in(said, "uid", most=MAX_UID), self.by(caller, said)
        texts = _texts(said)
        value = "" if said.get("gone") is True else self._made(
            lambda: unit_value(uid, texts, self.now())
        )  # fmt: skip
        unit, before = {f"unit:{uid}": value}, _seen_in(said)
        return await self.change(lambda: self.cases.set(case.id, unit, by, before))

    async def scenario(self, case: Case, caller: Caller, said: Said) -> Response:
        """Write down what may have happened: `name`, `position`, `time`, `weight`."""
        name, by = text_in(said, "name", most=MAX_NAME), self.by(caller, said)
        texts, known = _texts(said), self.cases.known.objects
        value = "" if said.get("gone") is True else self._made(lambda: scenario_value(texts, known))
        scenario, before = {f"scenario:{name}": value}, _seen_in(said)
        return await self.change(lambda: self.cases.set(case.id, scenario, by, before))

    async def share(self, case: Case, caller: Caller, said: Said) -> Response:
        """Say the case to partners, into `groups` of his under a `marking`; `gone` ends that."""
        by = self.by(caller, said)
        named = list_in(said, "groups", most=50, longest=MAX_NAME)
        groups = caller.principal.speaks_in & frozenset(named or caller.principal.speaks_in)
        marking = text_in(said, "marking", most=MAX_MARKING) if "marking" in said else ""
        if not groups and said.get("gone") is not True:
            raise Problem(400, "say it into a group that you speak in", parameter="groups")
        value = "" if said.get("gone") is True else self._made(
            lambda: shared_value(groups, marking, self.cases.node)
        )  # fmt: skip
        return await self.change(lambda: self.cases.share(case.id, value, by))

    async def lead(self, case: Case, caller: Caller, said: Said) -> Response:
        """Offer the lead `to` another node, or take it; without an offer for a `reason`."""
        by = self.by(caller, said)
        if "to" in said:
            to = text_in(said, "to", most=MAX_NAME)
            return await self.change(lambda: self.cases.offer(case.id, to, by))
        reason = text_in(said, "reason", most=MAX_NAME) if "reason" in said else ""
        return await self.change(lambda: self.cases.lead(case.id, by, reason))

    def _made(self, make: Callable[[], str]) -> str:
        try:
            return make()
        except AccordError as error:
            raise problem_of(error) from None


def may_know(caller: Caller, context: Context) -> bool:
    """Tell whether somebody takes part in the context of a case."""
    return caller.principal.takes_part_in(context)


def facts_in(said: Said) -> dict[str, str]:
    """Return the `facts` of a body. Problem 400 where they are no texts."""
    found = said.get("facts", {})
    if not isinstance(found, dict) or len(cast("Said", found)) > MOST_FACTS:
        raise Problem(400, f"facts is an object of at most {MOST_FACTS} texts", parameter="facts")
    facts = cast("Said", found)
    named = {text_in({"a name": name}, "a name", most=MAX_UID): name for name in facts}
    return {kept: text_in(facts, name, most=MAX_TEXT) for kept, name in named.items()}


def _seen_in(said: Said) -> list[str] | None:
    """Return the lines that he had before him, None where he does not say."""
    if "seen" not in said:
        return None
    return list_in(said, "seen", most=MOST_SEEN, longest=MAX_UID)


def _texts(said: Said) -> dict[str, str]:
    return {name: value for name, value in said.items() if isinstance(value, str)}


def whole_json(case: Case) -> dict[str, object]:
    """Return a case with its log."""
    return {**case_json(case), "log": [entry_json(each) for each in case.log]}


def problem_of(error: AccordError | WireError) -> Problem:
    """Return how an error is told; what can mean several things is asked back in its sentence."""
    match error:
        case Problem():
            return error
        case NoSuchCase():
            return Problem(404, str(error))
        case Overtaken() | CasesFull():
            return Problem(409, str(error))
        case CaseFault():
            return Problem(503, str(error))
        case AskBack():
            return Problem(400, str(error), parameter="position", choices=error.choices)
        case _:
            return Problem(400, str(error))
