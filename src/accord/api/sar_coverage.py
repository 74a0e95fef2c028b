"""What was really searched in a case, and runs that work it out: `/api/v1/sar/cases/...`."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import text_in
from accord.api.caller import Caller
from accord.api.problem import Problem
from accord.api.sar import CASES, Said, SarDoor, problem_of
from accord.api.watch import require_watch
from accord.api.workers import Workers
from accord.core.errors import AccordError
from accord.desks.sar.as_json import covered_json
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Line
from accord.desks.sar.covered import Courses, Covered, finished, units_of, value_of
from accord.desks.sar.coverings import Asking, Coverings, Run, State
from accord.desks.sar.entry import Kind
from accord.desks.sar.facts import moment_of
from accord.live.asked import Asked
from accord.live.past import Past
from accord.observe.broken import Broke
from accord.storage.database import StorageFault

POINTS = 5_000
"""Positions of one unit that are read at once; of more, so many are taken evenly."""

WAITING = 4
"""Runs and questions that wait; one is worked out at a time."""

MOST_RUNS = 20
"""Runs that are told of when they are over; of more, the oldest go."""

RUNS = f"{CASES}/{{id}}/coverage-runs"


class Coverage:
    """Answers what was searched; `broke` notes what broke off. `close` ends what is worked out."""

    def __init__(self, door: SarDoor, past: Past, *, broke: Broke) -> None:
        self._door = door
        self._broke = broke
        self._past = past
        self._coverings = Coverings()
        self._runs: dict[str, Run] = {}
        self._workers = Workers("coverage", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        act = self._door.act
        return [
            Route(f"{CASES}/{{id}}/coverage", self.coverage, methods=["GET"]),
            Route(f"{CASES}/{{id}}/coverage", act(self.keep), methods=["POST"]),
            Route(RUNS, act(self.begin), methods=["POST"]),
            Route(f"{RUNS}/{{run}}", self.run, methods=["GET"]),
            Route(f"{RUNS}/{{run}}", self.cancel, methods=["DELETE"]),
        ]

    def close(self) -> None:
        """Begin nothing more, and end what is being worked out."""
        for run in self._runs.values():
            run.is_cancelled = True
        self._workers.close()

    async def coverage(self, request: Request) -> Response:
        """Answer with what was really searched, by now or `at` a time."""
        caller = self._door.callers.require(request)
        case = await self._door.case(request, caller)
        text = request.query_params.get("at", "")
        return answer(covered_json(await self._found(case, caller, self._at(text))))

    async def keep(self, case: Case, caller: Caller, _said: Said) -> Response:
        """Write into the log what was searched until now."""
        by = self._door.by(caller, {})
        line = _line(await self._found(case, caller, by.now))
        return await self._door.change(lambda: self._door.cases.add(case.id, [line], by))

    async def _found(self, case: Case, caller: Caller, at: datetime) -> Covered:
        asking = self._asking(case, caller, at)
        try:
            return await self._workers.run(lambda: finished(self._coverings.work(asking)))
        except AccordError as error:
            raise problem_of(error) from None

    async def begin(self, case: Case, caller: Caller, said: Said) -> Response:
        """Begin to work out what was searched, by now or `at`; `keep` writes it into the log."""
        at = self._at(text_in(said, "at", most=40) if "at" in said else "")
        run = Run(id=secrets.token_hex(8), case=case.id, by=caller.principal.name, at=at)
        asking, by = self._asking(case, caller, at), self._door.by(caller, {})
        is_kept = said.get("keep") is True

        def ended() -> None:
            self._forget()
            if is_kept and run.state is State.DONE:
                self._door.tell()

        self._runs[run.id] = run
        try:
            self._workers.begin(lambda: self._work(run, asking, by if is_kept else None), ended)
        except Problem:
            del self._runs[run.id]
            raise
        return answer(run_json(run), status=201)

    def _work(self, run: Run, asking: Asking, by: By | None) -> None:
        """Work it out, and keep it where somebody says so; what goes wrong is the run's trouble."""
        try:
            run.follow(self._coverings.work(asking))
            if run.found is not None and by is not None:
                self._door.cases.add(run.case, [_line(run.found)], by)
        except (AccordError, StorageFault) as error:
            run.fail(str(error))
        except Exception as error:  # noqa: BLE001  nobody waits for this thread: who asked is told
            run.fail(self._broke(error))

    async def run(self, request: Request) -> Response:
        """Answer with how far a run is, and with the coverage when it is done."""
        return answer(run_json(await self._run(request, self._door.callers.require(request))))

    async def cancel(self, request: Request) -> Response:
        """End a run before it is done."""
        run = await self._run(request, require_watch(self._door.callers, request))
        run.is_cancelled = True
        if run.state is State.WAITING:
            run.state = State.CANCELLED
        return answer(run_json(run))

    async def _run(self, request: Request, caller: Caller) -> Run:
        """Return a run of who asks: what it finds is what he alone may see."""
        case = await self._door.case(request, caller)
        run = self._runs.get(str(request.path_params["run"]))
        if run is None or (run.case, run.by) != (case.id, caller.principal.name):
            raise Problem(404, "there is no such run of yours")
        return run

    def _forget(self) -> None:
        over = [name for name, each in self._runs.items() if each.state not in _GOING]
        for name in over[:-MOST_RUNS]:
            del self._runs[name]

    def _asking(self, case: Case, caller: Caller, at: datetime) -> Asking:
        principal, uids = caller.principal, frozenset(each.uid for each in units_of(case))

        def read(since: datetime, until: datetime) -> Courses:
            if not uids or not since < until:
                return {}
            asked = Asked(
                by=principal, context=case.context, since=since.timestamp(),
                until=until.timestamp(), parts=POINTS,
            )  # fmt: skip
            return self._past.said(asked, uids)

        return Asking(
            case=case, known=self._door.cases.known, own=self._door.cases.node,
            who=(principal.name, frozenset(principal.groups.items()), principal.exercises),
            at=at, read=read, recalled=self._past.recalled,
        )  # fmt: skip

    def _at(self, text: str) -> datetime:
        try:
            return moment_of(text) if text else self._door.now()
        except AccordError as error:
            raise Problem(400, str(error), parameter="at") from None


_GOING = frozenset({State.WAITING, State.WORKING})


def _line(found: Covered) -> Line:
    return Line(kind=Kind.COVERED, value=value_of(found))


def run_json(run: Run) -> Mapping[str, object]:
    """Return how far a run is."""
    return {
        "id": run.id,
        "state": run.state.value,
        "done": round(100.0 * run.done),
        "of": 100,
        "trouble": run.trouble,
        "coverage": None if run.found is None else covered_json(run.found),
    }
