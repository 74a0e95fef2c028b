"""The register of commitments: `/api/v1/commitments`."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import number_in, read_object, text_in
from accord.api.caller import Callers
from accord.api.problem import Problem
from accord.api.watch import require_watch
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.desks.commitment.as_json import held_json, register_json
from accord.desks.commitment.progress import Register, register
from accord.desks.commitment.record import Event, Held, NoSuchClause, Note, NotNoted
from accord.desks.commitment.statement import MAX_CLAUSES
from accord.desks.commitment.store import (
    CommitmentFault,
    CommitmentStore,
    NoSuchRecord,
    TooManyRecords,
)
from accord.desks.commitment.tied import Tied

COMMITMENTS = "/api/v1/commitments"

MAX_BODY = 1 << 20
MAX_TEXT = 1_000_000
MAX_NOTE = 2_000
MAX_WORD = 40

_EVENTS = {each.value: each for each in Event}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """From where the register is told: which nation, and by which agreements data flows."""

    nation: str
    tied: Callable[[datetime], Tied]


def routes(
    store: CommitmentStore, callers: Callers, *, at: Standpoint, clock: Clock
) -> Sequence[BaseRoute]:
    """Return the routes; the register is told from where the nation stands."""
    asked = _Asked(store, callers, at, clock)
    return [
        Route(COMMITMENTS, asked.register, methods=["GET"]),
        Route(COMMITMENTS, asked.add, methods=["POST"]),
        Route(f"{COMMITMENTS}/{{id}}", asked.one, methods=["GET"]),
        Route(f"{COMMITMENTS}/{{id}}/notes", asked.note, methods=["POST"]),
    ]


class _Asked:
    def __init__(
        self, store: CommitmentStore, callers: Callers, at: Standpoint, clock: Clock
    ) -> None:
        self._store = store
        self._callers = callers
        self._standpoint = at
        self._clock = clock

    async def register(self, request: Request) -> Response:
        """Answer with what we owe, what we are owed and what ends soon, `on` a day."""
        self._callers.require(request)
        on = self._on(request.query_params.get("on"))
        try:
            found = await asyncio.to_thread(lambda: self._register(self._store.all(), on))
        except AccordError as error:
            raise _problem(error) from None
        return answer(register_json(found))

    async def one(self, request: Request) -> Response:
        """Answer with one statement, its clauses and what was said of them."""
        self._callers.require(request)
        on = self._on(request.query_params.get("on"))
        try:
            name = request.path_params["id"]
            said = await asyncio.to_thread(lambda: self._one(self._store.held(name), on))
        except AccordError as error:
            raise _problem(error) from None
        return answer(said)

    async def add(self, request: Request) -> Response:
        """Take a statement, as `text`."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        text = text_in(said, "text", most=MAX_TEXT)
        by, at = caller.principal.name, self._clock.now()
        try:
            added = await asyncio.to_thread(self._store.add, text, by, at)
        except AccordError as error:
            raise _problem(error) from None
        record = added.held.record
        clauses = len(record.clauses)
        return answer({"id": record.id, "clauses": clauses, "new": added.is_new}, status=201)

    async def note(self, request: Request) -> Response:
        """Note what he says of a `clause`: `event` is confirmed, kept or broken, on a `day`."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        spelled = text_in(said, "event", most=MAX_WORD)
        event = _EVENTS.get(spelled)
        if event is None:
            words = ", ".join(_EVENTS)
            raise Problem(400, f"event is one of {words}", parameter="event")
        day = text_in(said, "day", most=MAX_WORD) if "day" in said else None
        note = Note(
            record=request.path_params["id"],
            clause=number_in(said, "clause", least=1, most=MAX_CLAUSES, default=0),
            event=event,
            day=self._on(day, parameter="day"),
            by=caller.principal.name,
            at=self._clock.now(),
            text=text_in(said, "text", most=MAX_NOTE) if "text" in said else "",
        )
        try:
            on = max(note.day, note.at.date())
            stands = await asyncio.to_thread(lambda: self._one(self._store.note(note), on))
        except AccordError as error:
            raise _problem(error) from None
        return answer(stands)

    def _register(self, helds: Sequence[Held], on: date) -> Register:
        here = self._standpoint
        return register(helds, here.nation, on, tied=here.tied(self._clock.now()))

    def _one(self, held: Held, on: date) -> dict[str, object]:
        return held_json(held, self._register([held], on))

    def _on(self, text: str | None, *, parameter: str = "on") -> date:
        if text is None:
            return self._clock.now().date()
        try:
            return date.fromisoformat(text)
        except ValueError:
            said = f"{parameter} is a day, such as 2026-11-01"
            raise Problem(400, said, parameter=parameter) from None


def _problem(error: AccordError) -> Problem:
    match error:
        case NoSuchRecord() | NoSuchClause():
            return Problem(404, str(error))
        case TooManyRecords() | NotNoted():
            return Problem(409, str(error))
        case CommitmentFault():
            return Problem(503, str(error))
        case _:
            return Problem(400, str(error))
