"""What people decide about tracks: join two, put a claim apart, prefer one; `/api/v1/decisions`."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import read_object, text_in
from accord.api.caller import Callers
from accord.api.problem import Problem
from accord.api.story_json import spell_time
from accord.api.watch import context_in, require_watch
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.picture.decisions import Decision, Verdict
from accord.picture.picture import Picture
from accord.release.access import may_see
from accord.storage.correlation import (
    MAX_NAME,
    MAX_WHY,
    Correlation,
    CorrelationError,
    CorrelationFault,
)

DECISIONS = "/api/v1/decisions"

MAX_BODY = 16 << 10

T = TypeVar("T")

Said = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the routes answer from; `look` lets the node take note of what was decided.

    `own` is what the node decided by itself, which bears the number 0.
    """

    kept: Correlation
    picture: Picture
    clock: Clock
    look: Callable[[], None]
    own: Callable[[], Sequence[Decision]]


def routes(around: Around, callers: Callers) -> Sequence[BaseRoute]:
    """Return the routes."""
    asked = _Asked(around, callers)
    return [
        Route(DECISIONS, asked.all, methods=["GET"]),
        Route(DECISIONS, asked.decide, methods=["POST"]),
        Route(DECISIONS + "/{number:int}/undo", asked.undo, methods=["POST"]),
    ]


def decision_json(decision: Decision) -> dict[str, object]:
    """Return a decision for machines."""
    undone = decision.undone
    return {
        "number": decision.number,
        "verdict": decision.verdict.value,
        "context": str(decision.context),
        "uid": decision.uid,
        "other": decision.other or None,
        "source": decision.channel or None,
        "speaker": decision.speaker or None,
        "at": spell_time(decision.at),
        "by": decision.by,
        "why": decision.why,
        "undone": None if undone is None else spell_time(undone),
        "undone_by": decision.undone_by or None,
    }


class _Asked:
    def __init__(self, around: Around, callers: Callers) -> None:
        self._around = around
        self._callers = callers

    async def all(self, request: Request) -> Response:
        """Answer with the decisions about what he sees all of, and with his own, newest first."""
        by = self._callers.require(request).principal
        decisions = [*self._around.own(), *await _kept(self._around.kept.all)]
        told = [decision_json(each) for each in decisions if self._may_know(by, each)]
        return answer({"decisions": told})

    async def decide(self, request: Request) -> Response:
        """Take a decision about tracks that he sees."""
        caller = require_watch(self._callers, request)
        said = await read_object(request, limit=MAX_BODY)
        verdict = _verdict(said)
        decision = Decision(
            number=0,
            context=context_in(said, caller),
            verdict=verdict,
            uid=text_in(said, "uid", most=MAX_NAME),
            other=text_in(said, "other", most=MAX_NAME) if verdict is Verdict.JOIN else "",
            channel="" if verdict is Verdict.JOIN else text_in(said, "source", most=MAX_NAME),
            speaker="" if verdict is Verdict.JOIN else text_in(said, "speaker", most=MAX_NAME),
            at=self._around.clock.now(),
            by=caller.principal.name,
            why=text_in(said, "why", most=MAX_WHY),
        )
        if not self._sees_all(caller.principal, decision):
            raise Problem(404, "there is no such track or claim for you to see", parameter="uid")
        kept = await _kept(lambda: self._around.kept.keep(decision))
        self._around.look()
        return answer(decision_json(kept), status=201)

    async def undo(self, request: Request) -> Response:
        """Undo a decision about tracks that he sees, each of them."""
        caller = require_watch(self._callers, request)
        number = int(request.path_params["number"])
        decisions = await _kept(self._around.kept.all)
        found = next((each for each in decisions if each.number == number), None)
        if found is None or not self._may_undo(caller.principal, found):
            raise Problem(404, f"there is no decision number {number}")
        now = self._around.clock.now()
        await _kept(lambda: self._around.kept.undo(number, caller.principal.name, now))
        self._around.look()
        return Response(status_code=204)

    def _may_know(self, by: Principal, decision: Decision) -> bool:
        """Tell whether he may be told: it names every track, and `why` says anything of each."""
        if not by.takes_part_in(decision.context):
            return False
        return decision.by == by.name or self._sees_all(by, decision)

    def _may_undo(self, by: Principal, decision: Decision) -> bool:
        """Tell whether he sees what undoing it changes; of his own, nothing that he does not."""
        if not by.takes_part_in(decision.context):
            return False
        return self._sees_all(by, decision) or (
            decision.by == by.name
            and all(
                may_see(by, each)
                for uid in decision.uids()
                for each in self._claims(decision.context, uid)
            )
        )

    def _sees_all(self, by: Principal, decision: Decision) -> bool:
        """Tell whether he sees what it is about: of each track a claim, or that very claim."""
        if decision.verdict is Verdict.JOIN:
            return all(self._sees(by, decision.context, uid) for uid in decision.uids())
        # What was put apart goes by a name of its own.
        return any(
            may_see(by, each) and each.source.channel == decision.channel
            for uid in decision.uids()
            for each in self._claims(decision.context, uid)
            if each.uid == uid and each.source.speaker == decision.speaker
        )

    def _sees(self, by: Principal, context: Context, uid: str) -> bool:
        """Tell whether he sees a claim of that uid, not only one of what is joined with it."""
        claims = self._claims(context, uid)
        named = [each for each in claims if each.uid == uid]
        if named:
            return any(may_see(by, each) for each in named)
        return bool(claims) and all(may_see(by, each) for each in claims)

    def _claims(self, context: Context, uid: str) -> Sequence[Report]:
        track = self._around.picture.get(context, uid)
        return () if track is None else tuple(track.claims.values())


def _verdict(said: Said) -> Verdict:
    text = text_in(said, "verdict", most=MAX_NAME)
    if text not in list(Verdict):
        known = ", ".join(Verdict)
        raise Problem(400, f"there is no verdict {text!r}: {known}", parameter="verdict")
    return Verdict(text)


async def _kept(do: Callable[[], T]) -> T:
    """Return what the register says. Problem 503 where it cannot, 409 where it does not want to."""
    try:
        return await asyncio.to_thread(do)
    except CorrelationFault as error:
        raise Problem(503, str(error)) from None
    except CorrelationError as error:
        raise Problem(409, str(error)) from None
