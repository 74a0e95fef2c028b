"""What commitments change: `/api/v1/impact`. Everything of it belongs to a plan."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import list_in, read_object, text_in
from accord.api.caller import Callers
from accord.api.page import HEADERS
from accord.api.problem import Problem
from accord.api.watch import require_watch
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.context import ContextKind
from accord.core.errors import AccordError
from accord.core.rfc3339 import spell
from accord.desks.commitment.answers import Answers, Kept, NoSuchAnswer, Question
from accord.desks.commitment.runs import Run, Runner, State
from accord.desks.commitment.sources import NoSuchSource, Source, Sources

IMPACT = "/api/v1/impact"

WAITING = 4
"""Questions that wait; one is answered at a time."""
MOST_FAILED = 20
"""Questions that failed and are told of, until the node stops."""
MOST_COMMITMENTS = 20
MAX_BODY = 64 << 10
MAX_NAME = 200

_LONGEST_ID = 80
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is asked, what works it out, and what was kept."""

    sources: Sources
    runner: Runner
    answers: Answers


class Impact:
    """Answers with answers. `close` ends what is being worked out."""

    def __init__(self, desk: Desk, callers: Callers, *, clock: Clock) -> None:
        self._desk = desk
        self._callers = callers
        self._clock = clock
        self._runs: dict[str, Run] = {}
        self._workers = Workers("working out what commitments change", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(IMPACT, self.every, methods=["GET"]),
            Route(IMPACT, self.ask, methods=["POST"]),
            Route(f"{IMPACT}/{{id}}", self.one, methods=["GET"]),
            Route(f"{IMPACT}/{{id}}/page", self.page, methods=["GET"]),
        ]

    def close(self) -> None:
        """Begin nothing more."""
        self._desk.runner.stop()
        self._workers.close()

    async def every(self, request: Request) -> Response:
        """Answer with what was asked, newest first, and with what can be asked."""
        self._callers.require(request)
        kept, sources = await _read(lambda: (self._desk.answers.all(), self._desk.sources.all()))
        running = [each for each in reversed(self._runs.values()) if each.state is not State.DONE]
        return answer({
            "context": ContextKind.PLAN.value,
            "answers": [*map(_run_json, running), *map(_kept_json, kept)],
            "sources": [_source_json(each) for each in sources],
        })  # fmt: skip

    async def one(self, request: Request) -> Response:
        """Answer with one answer, or with how far it is."""
        self._callers.require(request)
        name = str(request.path_params["id"])
        run = self._runs.get(name)
        if run is not None and run.state is not State.DONE:
            return answer({"about": _run_json(run), "answer": None})
        kept, found = await _read(lambda: self._desk.answers.one(name))
        return answer({"about": _kept_json(kept), "answer": found})

    async def page(self, request: Request) -> Response:
        """Answer with one answer as a page, which has its own style and no script."""
        self._callers.require(request)
        name = str(request.path_params["id"])
        text = await _read(lambda: self._desk.answers.page(name))
        headers = {**HEADERS, "content-security-policy": policy(text), "cache-control": "no-store"}
        return HTMLResponse(text, headers=headers)

    async def ask(self, request: Request) -> Response:
        """Ask what `commitments` of a `source` change, from a `baseline` on; it is worked out."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        names = tuple(list_in(said, "commitments", most=MOST_COMMITMENTS, longest=MAX_NAME))
        source = text_in(said, "source", most=MAX_NAME)
        found = await _read(lambda: self._desk.sources.find(source, names))
        question = Question(
            id=self._new_id(names),
            asked=self._clock.now(),
            by=caller.principal.name,
            source=source,
            commitments=names,
            baseline=_day(said),
        )
        run = Run(question, found.path)
        self._runs[question.id] = run
        try:
            self._workers.begin(lambda: self._desk.runner.work(run), self._forget)
        except Problem:
            del self._runs[question.id]
            raise
        return answer(_run_json(run), status=201)

    def _new_id(self, names: Sequence[str]) -> str:
        """Return a name that nothing has yet: when, and what about."""
        words = [f"{self._clock.now():%Y%m%dT%H%M%S.%fZ}", *names]
        return re.sub(r"[^A-Za-z0-9._-]", "", "-".join(words))[:_LONGEST_ID]

    def _forget(self) -> None:
        """Forget what is kept on the disk by now, and the oldest that failed."""
        over = [name for name, each in self._runs.items() if each.state is State.DONE]
        failed = [name for name, each in self._runs.items() if each.state is State.FAILED]
        for name in (*over, *failed[:-MOST_FAILED]):
            del self._runs[name]


async def _read(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except NoSuchAnswer as error:
        raise Problem(404, str(error)) from None
    except NoSuchSource as error:
        raise Problem(400, str(error)) from None
    except AccordError as error:
        raise Problem(503, str(error)) from None


def _day(said: dict[str, object]) -> date | None:
    if said.get("baseline") is None:
        return None
    try:
        return date.fromisoformat(text_in(said, "baseline", most=40))
    except ValueError:
        text = "baseline is a day, such as 2026-11-01"
        raise Problem(400, text, parameter="baseline") from None


def policy(page: str) -> str:
    """Return what the page may do: have the style that stands in it, and nothing else."""
    style = "".join(_STYLE.findall(page)[:1])
    mark = b64encode(sha256(style.encode()).digest()).decode()
    return "; ".join((
        "default-src 'none'",
        f"style-src 'sha256-{mark}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ))  # fmt: skip


def _run_json(run: Run) -> Mapping[str, object]:
    return {
        **_question_json(run.question),
        "context": "",
        "state": run.state.value,
        "done": run.done,
        "of": run.of,
        "trouble": run.trouble,
        "page": None,
    }


def _kept_json(kept: Kept) -> Mapping[str, object]:
    return {
        **_question_json(kept.question),
        "context": kept.context,
        "state": State.DONE.value,
        "done": 1,
        "of": 1,
        "trouble": "",
        "page": f"{IMPACT}/{kept.question.id}/page",
    }


def _question_json(question: Question) -> Mapping[str, object]:
    baseline = question.baseline
    return {
        "id": question.id,
        "asked": spell(question.asked),
        "by": question.by,
        "source": question.source,
        "commitments": list(question.commitments),
        "baseline": None if baseline is None else baseline.isoformat(),
    }


def _source_json(source: Source) -> Mapping[str, object]:
    return {
        "name": source.name,
        "commitments": [{"id": name, "text": text} for name, text in source.commitments],
        "trouble": source.trouble,
    }
