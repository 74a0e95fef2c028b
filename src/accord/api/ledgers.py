"""The ledger of each partner, line by line, and whether it is whole: `/api/v1/ledger`."""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.administrator import require_act, require_administrator
from accord.api.body import read_object
from accord.api.caller import Callers
from accord.api.problem import Problem
from accord.api.tracks import Answer
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.errors import UsageError
from accord.core.rfc3339 import spell
from accord.release.ledger.audit import Audited
from accord.release.ledger.entry import (
    KIND_NAMES,
    Body,
    Entry,
    Passage,
    Recall,
    Receipt,
    Refusals,
    begins_as,
    decode,
    milliseconds,
    moment_of,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.plain import as_json
from accord.storage.ledger_audit import audited
from accord.storage.ledger_reader import LedgerReader, partners_of, reader_of
from accord.wire.errors import WireError
from accord.wire.peer import record as peer
from accord.wire.peer.contents import read_content

PATH = "/api/v1/ledger"

T = TypeVar("T")

KINDS = sorted(KIND_NAMES.values())

UNREADABLE = "unreadable"
"""What a line is called that is none any more."""

MOST, USUAL = 500, 100
"""Lines of one answer: at most, and where no limit is given."""

MAX_LOOKED = 50_000
"""Lines that one answer looks at; where it finds too few, the next goes on from there."""

MAX_WORDS = 1_024
WAITING = 4
MAX_BODY = 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are wanted: none older than `since` (ms), none from `before` (a number) on."""

    since: int
    before: int | None
    kind: str
    agreement: str
    clause: str
    uid: str
    limit: int

    def may_be(self, data: bytes) -> bool:
        """Tell by its bytes whether a line is worth to be read."""
        words = (self.agreement, self.clause, self.uid)
        return all(each.encode("utf-8", "surrogatepass") in data for each in words)

    def is_it(self, entry: Entry) -> bool:
        """Tell whether a line is wanted."""
        body = entry.body
        return (
            (not self.kind or KIND_NAMES[type(body)] == self.kind)
            and (not self.agreement or getattr(body, "agreement", None) == self.agreement)
            and (not self.clause or self.clause in _clauses(body))
            and (not self.uid or getattr(body, "name", None) == self.uid)
        )


def _clauses(body: Body) -> set[str | None]:
    if isinstance(body, Refusals):
        return {each.clause for each in body.counts}
    return {body.clause} if isinstance(body, Passage | Recall) else set()


@dataclass(frozen=True, slots=True)
class _Verified:
    """What was found of a ledger, and when; or why nothing could be."""

    at: datetime
    found: Audited | None
    fault: str = ""


class Ledgers:
    """Answers what administrators ask of ledgers. `changed` is told when a verification ends."""

    def __init__(
        self, directory: Path, callers: Callers, *, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._directory = directory
        self._callers = callers
        self._clock = clock
        self._changed = changed
        self._reading = Workers("reading the ledger", threads=1, waiting=WAITING)
        self._verifying = Workers("verifying a ledger", threads=1, waiting=WAITING)
        self._running: set[str] = set()
        self._verified: dict[str, _Verified] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(PATH + "/{partner}", self.lines, methods=["GET"]),
            Route(PATH + "/{partner}/verify", self.verify, methods=["POST"]),
        ]

    def close(self) -> None:
        """Begin nothing more."""
        self._reading.close()
        self._verifying.close()

    async def lines(self, request: Request) -> Response:
        """Answer with lines, the newest first, and how far the ledger is signed and vouched for."""
        require_administrator(self._callers, request)
        partner, wanted = str(request.path_params["partner"]), _wanted(request)
        answer = await self._reading.run(lambda: _answered(lambda: self._read(partner, wanted)))
        return Answer(answer)

    def _read(self, partner: str, wanted: Wanted) -> dict[str, object]:
        with closing(reader_of(self._directory, partner)) as reader:
            page = _Page(reader, wanted)
            found = list(page.lines())
            return {
                "partner": partner,
                "origin": reader.owner.origin,
                "size": reader.size(),
                "signed": reader.signed(),
                "pruned": reader.pruned(),
                "lines": found,
                "next": page.next,
                "verifying": partner in self._running,
                "verified": _verified(self._verified.get(partner)),
            }

    async def verify(self, request: Request) -> Response:
        """Hold the whole ledger against its signatures; the outcome comes with the lines."""
        require_act(self._callers, request)
        partner = str(request.path_params["partner"])
        await read_object(request, limit=MAX_BODY)
        if partner not in partners_of(self._directory):
            raise Problem(404, "there is no ledger for such a partner", parameter="partner")
        if partner not in self._running:
            self._running.add(partner)
            self._verifying.begin(lambda: self._audit(partner), lambda: self._ended(partner))
        return Response(status_code=204)

    def _audit(self, partner: str) -> None:
        try:
            found = _Verified(self._clock.now(), audited(self._directory, partner))
        except (LedgerFault, UsageError) as fault:
            found = _Verified(self._clock.now(), None, str(fault))
        self._verified[partner] = found

    def _ended(self, partner: str) -> None:
        self._running.discard(partner)
        self._changed()


def _answered(read: Callable[[], T]) -> T:
    try:
        return read()
    except UsageError:
        raise Problem(404, "there is no ledger for such a partner", parameter="partner") from None
    except LedgerFault as fault:
        raise Problem(503, str(fault)) from None


class _Page:
    """Lines that are wanted, of one answer; `next` asks for those after them, None: that is all."""

    def __init__(self, reader: LedgerReader, wanted: Wanted) -> None:
        self.next: str | None = None
        self._reader = reader
        self._wanted = wanted

    def lines(self) -> Iterator[dict[str, object]]:
        """Yield them, the newest first; one that cannot be read is told as such."""
        wanted, found = self._wanted, 0
        for looked, (number, data, _) in enumerate(self._reader.newest_first(wanted.before)):
            if begins_as(data, number) and moment_of(data, number) < wanted.since:
                return
            if found == wanted.limit or looked == MAX_LOOKED:
                self.next = _cursor(number + 1)
                return
            line = self._line(number, data)
            if line is not None:
                found += 1
                yield line

    def _line(self, number: int, data: bytes) -> dict[str, object] | None:
        if not self._wanted.may_be(data) and begins_as(data, number):
            return None
        try:
            entry = decode(data)
        except LedgerFault as fault:
            return {"number": number, "time": None, "kind": UNREADABLE, "reason": str(fault)}
        return _line(entry) if self._wanted.is_it(entry) else None


def _line(entry: Entry) -> dict[str, object]:
    said = as_json(entry)
    if isinstance(entry.body, Receipt):
        with suppress(WireError):
            content = read_content(entry.body.statement)
            if isinstance(content, peer.Receipt):
                said |= {"outcome": content.outcome.name, "objects": content.objects}
    return said


def _verified(known: _Verified | None) -> dict[str, object] | None:
    if known is None:
        return None
    found = known.found or Audited()
    return {
        "at": spell(known.at),
        "ok": known.found is not None and found.is_right,
        "fault": known.fault,
        "size": found.size,
        "root": found.root.hex(),
        "checkpoints": found.checkpoints,
        "signed": found.signed,
        "cosigned": found.cosigned,
        "pruned": found.pruned,
        "findings": [asdict(each) for each in found.findings],
        "untold": found.untold,
    }


_KNOWN = frozenset({"from", "kind", "agreement", "clause", "uid", "cursor", "limit"})


def _wanted(request: Request) -> Wanted:
    query = request.query_params
    for name, value in query.multi_items():
        if name not in _KNOWN or len(query.getlist(name)) > 1 or len(value) > MAX_WORDS:
            raise Problem(400, f"give once, if at all: {', '.join(sorted(_KNOWN))}",
                          parameter=name[:MAX_WORDS])  # fmt: skip
    kind = query.get("kind", "")
    if kind and kind not in KINDS:
        raise Problem(400, f"kind is one of {', '.join(KINDS)}", parameter="kind")
    return Wanted(
        since=_since(query.get("from")),
        before=_before(query.get("cursor")),
        kind=kind,
        agreement=query.get("agreement", ""),
        clause=query.get("clause", ""),
        uid=query.get("uid", ""),
        limit=_limit(query.get("limit")),
    )


def _since(text: str | None) -> int:
    if text is None:
        return 0
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        wrong = "say a moment with its zone, such as 2026-01-02T03:04:05Z"
        raise Problem(400, wrong, parameter="from")
    return milliseconds(at)


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise Problem(400, f"limit is a whole number from 1 to {MOST}", parameter="limit")
    return int(text)


def _cursor(before: int) -> str:
    return base64.urlsafe_b64encode(str(before).encode()).decode().rstrip("=")


def _before(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        said = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        said = ""
    if not said.isdecimal() or len(said) > 18:
        raise Problem(400, "give what the answer before had under next", parameter="cursor")
    return int(said)
