"""Partners for whoever looks after what they are given: `/api/v1/partners`."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.administrator import reason_in, require_act, require_administrator
from accord.api.body import read_object, text_in
from accord.api.caller import Callers
from accord.api.partner_counts import Amounts, Counted, PartnerCounts
from accord.api.partner_picture import (
    Seen,
    Shown,
    feature,
    finite,
    geometry_of,
    object_as_json,
    point_of,
)
from accord.api.problem import Problem
from accord.api.query import MAX_TEXT, moment_in
from accord.api.tracks import Answer
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError, UsageError
from accord.core.principal import Principal
from accord.core.rfc3339 import spell, spell_if_known
from accord.observe.partner_health import AgreementStatus, PartnerStatus
from accord.release.access import may_see
from accord.release.ledger.fault import LedgerFault
from accord.storage.agreements import AGREEMENTS, Agreements, Pause
from accord.storage.segment import Record
from accord.wire.page.translate import Given, meta_of

PATH = "/api/v1/partners"

MOST_SHOWN = 10_000
"""Objects of one picture; of more those that were released last."""

MOST_RECALLS = 200
"""Recalls that one answer tells of, the newest."""

WITHIN = 12.0
"""Seconds that one answer may take to be made; a request ends after 20."""

MAX_BODY = 8 << 10
MAX_NAME = 1_024
WAITING = 4

Sees = Callable[[Record], bool]
IsLate = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a partner said to one recall; `outcome` is empty until it has."""

    agreement: str
    clause: str
    name: str
    outcome: str
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBack:
    """What somebody had called back of a partner. `state`: waits, told, answered or refused.

    `refused` says why nothing came of it.
    """

    number: int
    at: datetime
    by: str
    reason: str
    uid: str
    agreement: str
    clause: str
    state: str
    refused: str
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBack:
    """What is to be called back: an object, or what an agreement or one clause of it let out."""

    partner: str
    uid: str
    agreement: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the routes answer from. `budgets` are the bytes of a second and a day; 0: no limit.

    `picture` is what a partner could see at some moment, of what somebody sees. `call_back` notes
    a request with its reason and who made it, and returns its number. `noted` is told in a sentence
    what was asked for, by whom.
    """

    directory: Path
    partners: Callable[[], Iterable[PartnerStatus]]
    budgets: tuple[int, int]
    picture: Callable[[str, datetime, Sees, IsLate], Seen]
    recalls: Callable[[str], Iterable[AskedBack]]
    call_back: Callable[[WantedBack, str, str], int]
    noted: Callable[[str, str], Awaitable[None]]
    clock: Clock


class PartnersApi:
    """Answers what is asked of partners. `close` ends its threads."""

    def __init__(self, around: Around, callers: Callers) -> None:
        self._around = around
        self._callers = callers
        self._counts = PartnerCounts(around.directory)
        self._counting = Workers("counting releases", threads=1, waiting=WAITING)
        self._pictures = Workers("making a partner's picture", threads=1, waiting=WAITING)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(PATH, self.all, methods=["GET"]),
            Route(PATH + "/{node}/picture", self.picture, methods=["GET"]),
            Route(PATH + "/{node}/recalls", self.recalls, methods=["GET"]),
            Route(PATH + "/{node}/recalls", self.call_back, methods=["POST"]),
        ]

    def close(self) -> None:
        """Begin nothing more."""
        self._counting.close()
        self._pictures.close()

    async def all(self, request: Request) -> Response:
        """Answer with every partner: its link, its agreements, and what went lately."""
        self._callers.require(request)
        now, statuses = self._around.clock.now(), list(self._around.partners())
        is_late = self._deadline()
        told = await self._counting.run(lambda: [self._told(s, now, is_late) for s in statuses])
        return Answer({"at": spell(now), "partners": told})

    def _deadline(self) -> IsLate:
        monotonic = self._around.clock.monotonic
        until = monotonic() + WITHIN
        return lambda: monotonic() >= until

    def _told(self, status: PartnerStatus, now: datetime, is_late: IsLate) -> dict[str, object]:
        held = Agreements(self._around.directory / AGREEMENTS).paused()
        paused = {terms.id: pause for terms, pause in held}
        try:
            counted, fault = self._counts.of(status.node, now, is_late=is_late), ""
        except LedgerFault as error:
            counted, fault = Counted(Amounts(), Amounts(), None), str(error)
        return {
            **_link(status, self._around.budgets),
            "agreements": [_agreement(each, paused.get(each.id)) for each in status.agreements],
            "counted_since": spell_if_known(counted.since),
            "hour": _amounts(counted.hour),
            "day": _amounts(counted.day),
            "ledger_fault": fault,
            "recalls_waiting": sum(
                each.state in ("waits", "told") for each in self._around.recalls(status.node)
            ),
        }

    async def picture(self, request: Request) -> Response:
        """Answer with what the partner could see at a moment, of what the caller may see."""
        caller, node = self._callers.require(request), self._known(request)
        at, context = self._moment(request), _context(request)
        by, is_late = caller.principal, self._deadline()
        try:
            answer = await self._pictures.run(
                lambda: _picture(
                    self._around.picture(node, at, lambda kept: _sees(by, kept), is_late), context
                )
            )
        except UsageError as error:
            raise Problem(404, str(error)) from None
        except AccordError as error:
            raise error if isinstance(error, Problem) else Problem(503, str(error)) from None
        return Answer(answer)

    def _known(self, request: Request) -> str:
        node = str(request.path_params["node"])
        if node not in {each.node for each in self._around.partners()}:
            raise Problem(404, "there is no such partner", parameter="node")
        return node

    def _moment(self, request: Request) -> datetime:
        said = request.query_params.get("at")
        if said is None:
            return self._around.clock.now()
        try:
            return moment_in(said)
        except ValueError:
            wrong = "say a moment with its zone, such as 2026-01-02T03:04:05Z"
            raise Problem(400, wrong, parameter="at") from None

    async def recalls(self, request: Request) -> Response:
        """Answer with what was called back of the partner, and what it said; the newest first."""
        require_administrator(self._callers, request)
        node = self._known(request)
        found = await self._counting.run(lambda: list(self._around.recalls(node)))
        newest = sorted(found, key=lambda each: each.number, reverse=True)[:MOST_RECALLS]
        more = len(found) - len(newest)
        return Answer({"recalls": [_recall(each) for each in newest], "more": more})

    async def call_back(self, request: Request) -> Response:
        """Have something called back of the partner: an object, or what an agreement let out."""
        caller = require_act(self._callers, request)
        node = self._known(request)
        said = await read_object(request, limit=MAX_BODY)
        uid, agreement, clause = (_optional(said, key) for key in ("uid", "agreement", "clause"))
        if bool(uid) is bool(agreement) or (clause and not agreement):
            raise Problem(400, "say a uid, or an agreement and with it perhaps a clause")
        wanted = WantedBack(partner=node, uid=uid, agreement=agreement, clause=clause)
        reason, by = reason_in(said), caller.principal.name
        try:
            number = await self._counting.run(lambda: self._around.call_back(wanted, reason, by))
        except AccordError as error:
            raise error if isinstance(error, Problem) else Problem(503, str(error)) from None
        # The log is everybody's, and not everybody may know of the object.
        thing = f"object of recall {number}" if uid else agreement
        what = f"clause {clause} of {agreement}" if clause else thing
        await self._around.noted(by, f"recall {number}: asked {node} to drop {what}: {reason}")
        answer = Answer({"number": number})
        answer.status_code = 201
        return answer


def _optional(said: dict[str, object], key: str) -> str:
    return text_in(said, key, most=MAX_NAME) if said.get(key) is not None else ""


def _context(request: Request) -> Context:
    said = request.query_params.get("context")
    if said is None:
        return LIVE
    try:
        if len(said) <= MAX_TEXT:
            return Context.parse(said)
    except ValueError:
        pass
    raise Problem(400, "give live, or exercise:NAME", parameter="context")


def _sees(by: Principal, kept: Record) -> bool:
    # What was addressed is its addressees' only, who are not known by name any more.
    return not kept.to and may_see(by, kept)


def _link(status: PartnerStatus, budgets: tuple[int, int]) -> dict[str, object]:
    second, day = budgets
    return {
        "node": status.node,
        "state": status.state.value,
        "since": spell_if_known(status.since),
        "last_heard": spell_if_known(status.last_heard),
        "last_report": spell_if_known(status.last_report),
        "reports": status.reports,
        "waiting": dict(status.waiting),
        "waiting_bytes": dict(status.waiting_bytes),
        "held_back": status.held_back,
        "lag": status.lag,
        "sent_bytes": status.sent_bytes,
        "received_bytes": status.received_bytes,
        "budget_second": second or None,
        "budget_day": day or None,
        "budget_day_left": status.budget_day,
        "blocked": list(status.blocked),
        "trouble": status.trouble,
        "ended": status.ended,
        "lines": status.lines,
        "cosigned": status.cosigned,
        "unverified": dict(status.unverified),
        "keys": list(status.keys),
    }


def _agreement(it: AgreementStatus, pause: Pause | None) -> dict[str, object]:
    return {
        "id": it.id,
        "serial": it.serial,
        "gives": it.gives,
        "takes": it.takes,
        "here": it.here,
        "there": it.there,
        "why": it.why,
        "since": spell_if_known(it.since),
        "until": spell_if_known(it.until),
        "stopped": it.stopped,
        "paused": None if pause is None else pause_json(pause),
    }


def pause_json(pause: Pause) -> dict[str, object]:
    """Return by whom an agreement is paused, for the page."""
    return {"by": pause.by, "at": spell(pause.at), "reason": pause.reason}


def _amounts(amounts: Amounts) -> dict[str, object]:
    return {
        "released": _counted(amounts.released, "form"),
        "withheld": _counted(amounts.withheld, "reason"),
    }


def _counted(counts: Mapping[tuple[str, int, str, str], int], what: str) -> list[dict[str, object]]:
    return [
        {"agreement": agreement, "serial": serial, "clause": clause, what: word, "count": count}
        for (agreement, serial, clause, word), count in sorted(counts.items())
    ]


def _recall(it: AskedBack) -> dict[str, object]:
    return {
        "number": it.number,
        "at": spell(it.at),
        "by": it.by,
        "reason": it.reason,
        "uid": it.uid,
        "agreement": it.agreement,
        "clause": it.clause,
        "state": it.state,
        "refused": it.refused,
        "answers": [
            {
                "agreement": each.agreement, "clause": each.clause, "name": each.name,
                "outcome": each.outcome, "objects": each.objects,
            }
            for each in it.answers
        ],
    }  # fmt: skip


def _picture(seen: Seen, context: Context) -> dict[str, object]:
    its = [each for each in seen.shown if each.report.context == context]
    newest = sorted(its, key=lambda each: each.entry.number, reverse=True)[:MOST_SHOWN]
    why = Counter(each.why for each in seen.gone)
    return {
        "type": "FeatureCollection",
        "features": [_feature(each, seen.at) for each in newest],
        "partner": seen.partner,
        "at": spell(seen.at),
        "context": str(context),
        "left_out": len(its) - len(newest) + seen.beyond,
        "elsewhere": len(seen.shown) - len(its),
        "hidden": seen.hidden,
        "removed": seen.removed,
        "recalled": seen.recalled,
        "gone": [{"why": each, "count": count} for each, count in sorted(why.items())],
        "since": spell_if_known(seen.since),
        "begins": spell_if_known(seen.begins),
    }


def _feature(shown: Shown, at: datetime) -> dict[str, object]:
    report = shown.report
    ttl = math.ceil((report.stale - report.time).total_seconds())
    given = Given(shown.release.form, on_grid=shown.on_grid)
    meta = meta_of(report, point_of(report), given=given, hears=frozenset(), ttl=ttl, claims=1)
    said = {**finite(object_as_json(shown, at)), "meta": {**meta, "partner": None}}
    return feature(shown.entry, geometry_of(report), said)
