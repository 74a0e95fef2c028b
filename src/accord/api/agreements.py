"""What partners are given by which agreement, pausing one, and trying one: `/api/v1/agreements`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.administrator import reason_in, require_act
from accord.api.agreement_preview import (
    MAX_HOURS,
    Past,
    Question,
    faults_json,
    previewed,
)
from accord.api.body import number_in, read_object, text_in
from accord.api.caller import Callers
from accord.api.partners import pause_json
from accord.api.problem import Problem
from accord.api.tracks import Answer
from accord.api.workers import Workers
from accord.core.agreement import Agreement, state_at
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.rfc3339 import spell
from accord.release.document import MAX_BYTES
from accord.release.fault import AgreementError
from accord.storage.agreements import AGREEMENTS, Agreements, Held, Pause

PATH = "/api/v1/agreements"
PAUSES = "/api/v1/pauses"

MAX_BODY = 2 * MAX_BYTES
"""Bytes of a text to be tried, spelt as JSON."""

MAX_ACT = 8 << 10
MAX_NODE = 64
WITHIN = 8.0
"""Seconds that looking at the past may take; a request ends after 20."""

WAITING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What a pause met: the partners that are told, and releases that are on their way."""

    partners: tuple[str, ...]
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the routes answer from. `pause` is told id, who and why; `go_on` id and who.

    `noted` is told in a sentence what was done, by whom.
    """

    own: str
    directory: Path
    past: Past
    pause: Callable[[str, str, str], Stop]
    go_on: Callable[[str, str], None]
    noted: Callable[[str, str], Awaitable[None]]
    clock: Clock


class AgreementsApi:
    """Answers what is asked of agreements. `close` ends its threads."""

    def __init__(self, around: Around, callers: Callers) -> None:
        self._around = around
        self._callers = callers
        self._held = Agreements(around.directory / AGREEMENTS)
        self._reading = Workers("reading agreements", threads=1, waiting=4)
        self._trying = Workers("trying an agreement", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(PATH, self.all, methods=["GET"]),
            Route(PATH + "/preview", self.preview, methods=["POST"]),
            Route(PATH + "/{id}", self.one, methods=["GET"]),
            Route(PATH + "/{id}/pause", self.pause, methods=["POST"]),
            Route(PATH + "/{id}/resume", self.go_on, methods=["POST"]),
            Route(PAUSES, self.pauses, methods=["GET"]),
        ]

    def close(self) -> None:
        """Begin nothing more."""
        self._reading.close()
        self._trying.close()

    async def all(self, request: Request) -> Response:
        """Answer with what this node holds, and how each stands here."""
        self._callers.require(request)
        now = self._around.clock.now()
        held = await self._reading.run(self._held.unproved)
        return Answer({"agreements": [_json(each, now) for each in held]})

    async def one(self, request: Request) -> Response:
        """Answer with one, and its text, which the parties have signed."""
        self._callers.require(request)
        name, now = str(request.path_params["id"]), self._around.clock.now()
        held = await self._find(name)
        text = await self._reading.run(lambda: self._held.text(name))
        return Answer({**_json(held, now), "text": (text or b"").decode("utf-8", "replace")})

    async def _find(self, name: str) -> Held:
        held = await self._reading.run(self._held.unproved)
        found = next((each for each in held if each.id == name), None)
        if found is None:
            raise Problem(404, "this node holds no such agreement", parameter="id")
        return found

    async def pause(self, request: Request) -> Response:
        """Let nothing flow by it, on this node and from now on, until somebody lets it go on."""
        caller = require_act(self._callers, request)
        reason = reason_in(await read_object(request, limit=MAX_ACT))
        held, by = await self._find(str(request.path_params["id"])), caller.principal.name
        if held.paused is not None:
            raise Problem(409, f"{held.id} is paused already, by {held.paused.by}")
        try:
            # In the event loop: the next frame must know of it.
            found = self._around.pause(held.id, by, reason)
        except AccordError as error:
            raise Problem(503, str(error)) from None
        await self._around.noted(by, f"paused agreement {held.id} serial {held.serial}: {reason}")
        answer = Answer({"partners": list(found.partners), "in_flight": found.in_flight})
        answer.status_code = 201
        return answer

    async def go_on(self, request: Request) -> Response:
        """Let it flow again, where nothing else stands against it."""
        caller = require_act(self._callers, request)
        await read_object(request, limit=MAX_ACT)
        held, by = await self._find(str(request.path_params["id"])), caller.principal.name
        try:
            self._around.go_on(held.id, by)
        except AgreementError as error:
            raise Problem(409, str(error)) from None
        except AccordError as error:
            raise Problem(503, str(error)) from None
        await self._around.noted(by, f"agreement {held.id} serial {held.serial} goes on")
        return Response(status_code=204)

    async def pauses(self, request: Request) -> Response:
        """Answer with what people of this node let not flow now."""
        self._callers.require(request)
        # Every page asks whenever something of partners changes: no queue that may be full.
        held = await asyncio.to_thread(self._held.paused)
        return Answer({"pauses": [_pause_json(*each, self._around.own) for each in held]})

    async def preview(self, request: Request) -> Response:
        """Answer with what a text would have let out of what this node heard lately."""
        caller = require_act(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        monotonic = self._around.clock.monotonic
        until = monotonic() + WITHIN
        question = Question(
            text=text_in(said, "text", most=MAX_BYTES).encode("utf-8", "surrogatepass"),
            own=self._around.own,
            partner=text_in(said, "partner", most=MAX_NODE) if said.get("partner") else "",
            hours=number_in(said, "hours", least=1, most=MAX_HOURS, default=1),
            at=self._around.clock.now(),
            by=caller.principal,
            is_late=lambda: monotonic() >= until,
        )
        try:
            return Answer(
                await self._trying.run(lambda: previewed(question, self._held, self._around.past))
            )
        except AgreementError as error:
            return Answer({"ok": False, "faults": faults_json(error)})


def _pause_json(terms: Agreement, pause: Pause, own: str) -> dict[str, object]:
    return {
        "agreement": terms.id,
        "serial": terms.serial,
        "partners": sorted(each.node for each in terms.parties if each.node != own),
        **pause_json(pause),
    }


def _json(held: Held, now: datetime) -> dict[str, object]:
    terms = held.terms
    parties: Iterable[str] = () if terms is None else (each.node for each in terms.parties)
    is_good = terms is not None and not held.faults
    state = state_at(terms, now) if terms is not None and is_good else "not in force"
    return {
        "id": held.id,
        "serial": held.serial,
        "state": "paused" if held.paused is not None and is_good else state,
        "faults": [str(each) for each in held.faults],
        "paused": None if held.paused is None else pause_json(held.paused),
        "title": "" if terms is None else terms.title,
        "parties": sorted(parties),
        "givers": [] if terms is None else list(terms.givers),
        "receivers": [] if terms is None else list(terms.receivers),
        "since": None if terms is None else spell(terms.since),
        "until": None if terms is None else spell(terms.until),
        "sha256": "" if terms is None else terms.digest,
        "clauses": []
        if terms is None
        else [{"number": each.number, "title": each.title} for each in terms.clauses],
    }
