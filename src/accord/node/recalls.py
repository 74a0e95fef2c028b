"""Does what was asked of the node about its partners: calls back, suspends, notes the receipts."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from accord.core.agreement import Agreement
from accord.core.context import Context
from accord.core.errors import AccordError
from accord.federation.agreed import AGREEMENTS, prefix_of
from accord.federation.moment import Moment
from accord.federation.outgoing import Item
from accord.federation.sync import PartnerSync
from accord.federation.version import ObjectKey
from accord.node import requests
from accord.node.requests import (
    Answer,
    ExportWanted,
    ImportWanted,
    InFlight,
    RecallWanted,
    Request,
    SuspensionWanted,
    Told,
)
from accord.observe.log import Log
from accord.release.signature import Act, read_record, verify
from accord.security.admission import LOOK_EVERY
from accord.storage.agreements import TEXT, Agreements
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Outcome, Recall, RecallOf, Receipt

MAX_TOLD = 1_000
"""Releases in flight that an answer names."""


class Tie(Protocol):
    """One partner."""

    @property
    def sync(self) -> PartnerSync:
        """What goes to it."""
        ...


class _Cannot(Exception):
    """What is asked for cannot be done, and why."""


class Recalls:
    """Looks for requests, does them, and writes down what became of them.

    `changed` is told of which partner's link something must be remembered and sent. `carry` does
    what is asked by file (bundles.py), and returns None until it is done. `answered` counts how
    often an answer was written.
    """

    def __init__(  # noqa: PLR0913  one argument for each thing that it works with
        self, directory: Path, own: str, ties: Mapping[str, Tie], *,
        now: Callable[[], Moment], changed: Callable[[str], None],
        carry: Callable[[Request], Answer | None], log: Log,
    ) -> None:  # fmt: skip
        self.answered = 0
        self._directory = directory
        self._carry = carry
        self._own = own
        self._ties = ties
        self._now = now
        self._changed = changed
        self._log = log
        self._done: set[int] = set()
        self._open: dict[int, Answer] = {}
        self._waiting: dict[int, Request] = {}

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Do what was asked since the last look; what is of a partner without a link waits."""
        try:
            new = set(requests.numbers(self._directory)) - self._done
            for number in sorted(new):
                self._take(number)
            if new:
                requests.forget_old(self._directory)
        except FileNotFoundError:
            return
        except (OSError, AccordError) as error:
            self._log.burst("requests", reason=str(error))

    def _take(self, number: int) -> None:
        known = requests.answered(self._directory, number)
        if known is not None:
            self._done.add(number)
            if not known.is_complete:
                self._open[number] = known
                with suppress(AccordError):
                    self._waits(requests.read(self._directory, number))
            return
        try:
            request = requests.read(self._directory, number)
            self._waits(request)
            said = self._do(request)
        except (AccordError, _Cannot) as error:
            said = Answer(refused=str(error))
        if said is None:
            return
        self._done.add(number)
        if said.is_complete:
            self._waiting.pop(number, None)
        else:
            self._open[number] = said
        self._write(number, said)

    def _waits(self, request: Request) -> None:
        if isinstance(request.wanted, RecallWanted):
            self._waiting[request.number] = request

    def troubles(self) -> Iterator[str]:
        """Yield for each partner how many recalls it has not answered, and since when."""
        waiting: dict[str, list[Request]] = {}
        for request in self._waiting.values():
            assert isinstance(request.wanted, RecallWanted)  # noqa: S101  no other waits
            waiting.setdefault(request.wanted.partner, []).append(request)
        for partner, asked in sorted(waiting.items()):
            since = min(each.at for each in asked)
            many = "1 recall waits" if len(asked) == 1 else f"{len(asked)} recalls wait"
            yield (
                f"{many} for the answer of {partner} since {since:%Y-%m-%d %H:%M:%SZ}: "
                "it may still have what was called back"
            )

    def _do(self, request: Request) -> Answer | None:
        wanted = request.wanted
        if isinstance(wanted, SuspensionWanted):
            return self._suspend(request, wanted)
        if isinstance(wanted, ExportWanted | ImportWanted):
            return self._carry(request)
        tie = self._ties.get(wanted.partner)
        if tie is None:
            return None
        recalls = self._recalls(wanted, tie.sync, request.reason)
        names = {prefix_of(each): each.id for each in self._texts()}
        self._log.event(
            "recall", partner=wanted.partner, request=request.number, by=request.by,
            reason=request.reason, recalls=len(recalls),
        )  # fmt: skip
        self._changed(wanted.partner)
        told = [_told(wanted.partner, each, names) for each in recalls]
        return Answer(partners=[wanted.partner], recalls=told)

    # Recalls.

    def _recalls(self, wanted: RecallWanted, sync: PartnerSync, reason: str) -> list[Recall]:
        if wanted.uid:
            return self._of_object(wanted, sync, reason)
        given = {had.grant.agreement for _, had in sync.had()}
        texts = [
            each
            for each in self._texts(wanted.agreement)
            if self._own in each.givers and wanted.partner in each.receivers
        ]
        if not texts:
            raise _Cannot(f"by no agreement {wanted.agreement!r} this node gives to that partner")
        newest = max(texts, key=lambda each: each.serial)
        texts = [each for each in texts if each is newest or prefix_of(each) in given]
        if wanted.clause:
            texts = [each for each in texts if _has_clause(each, wanted.clause)]
            if not texts:
                raise _Cannot(f"{wanted.agreement} has no clause {wanted.clause!r}")
        return [self._of_agreement(each, wanted.clause, sync, reason) for each in texts]

    def _of_object(self, wanted: RecallWanted, sync: PartnerSync, reason: str) -> list[Recall]:
        meant = {had.own for key, had in sync.had() if wanted.uid in (had.own.uid, key.uid)}
        if not meant:
            raise _Cannot(f"{wanted.partner} has nothing called {wanted.uid!r} of this node")
        return [
            recall for own in sorted(meant) for recall in _call_back(sync, own, reason, self._now())
        ]

    def _of_agreement(
        self, terms: Agreement, clause: str, sync: PartnerSync, reason: str
    ) -> Recall:
        now = self._now()
        of = RecallOf.CLAUSE if clause else RecallOf.AGREEMENT
        prefix = prefix_of(terms)
        recall = Recall(of=of, agreement=prefix, clause=clause, reason=reason, at=now.ms)
        sync.recall(recall, now)
        return recall

    def pass_on(self, partner: str, recall: Recall, keys: Iterable[ObjectKey]) -> bool:
        """Call back what a partner calls back from those that had it from here; False: nobody."""
        passed = False
        for node, tie in self._ties.items():
            if node == partner:
                continue
            told = [
                each
                for key in keys
                for each in _call_back(tie.sync, key, recall.reason, self._now())
            ]
            if told:
                passed = True
                self._changed(node)
        return passed

    def receipted(self, partner: str, receipt: Receipt) -> None:
        """Note what a partner says became of a recall."""
        digest = receipt.recall.hex()
        for number, known in list(self._open.items()):
            for told in known.recalls:
                if (told.partner, told.digest) == (partner, digest):
                    told.outcome, told.objects = receipt.outcome.name, receipt.objects
                    self._note(number, known)
                    return

    def _note(self, number: int, known: Answer) -> None:
        if known.is_complete:
            del self._open[number]
            self._waiting.pop(number, None)
        try:
            self._write(number, known)
        except AccordError as error:
            self._log.burst("requests", reason=str(error))

    def _write(self, number: int, said: Answer) -> None:
        requests.answer(self._directory, number, said)
        self.answered += 1

    # Suspensions.

    def _suspend(self, request: Request, wanted: SuspensionWanted) -> Answer:
        terms = self._stopped(wanted)
        said = Answer()
        for node, tie in self._ties.items():
            if self._own in terms.givers and node in terms.receivers:
                items = tie.sync.suspend(prefix_of(terms), request.reason, self._now())
                said.partners.append(node)
                said.in_flight += [_in_flight(node, terms.id, each) for each in items[:MAX_TOLD]]
                self._changed(node)
        self._log.event(
            "suspended", agreement=terms.id, serial=terms.serial, request=request.number,
            by=request.by, in_flight=len(said.in_flight),
        )  # fmt: skip
        return said

    def _stopped(self, wanted: SuspensionWanted) -> Agreement:
        """Return the agreement that a party has stopped, which its signature shows."""
        agreements = Agreements(self._directory / AGREEMENTS)
        terms = agreements.terms(wanted.agreement, wanted.serial)
        if terms is None:
            raise _Cannot(f"there is no agreement {wanted.agreement} serial {wanted.serial}")
        try:
            record = read_record(wanted.record)
        except ValueError as error:
            raise _Cannot(str(error)) from None
        wrong = verify(record, terms)
        if wrong is not None or record.act is Act.AGREE:
            raise _Cannot(wrong or f"{record.node} has not stopped {terms.id}")
        return terms

    def resume(self, in_force: Iterable[bytes]) -> None:
        """Release again by what was suspended and is in force; forget what has a newer text."""
        current = {prefix_of(each) for each in self._current()}
        running = frozenset(in_force)
        for tie in self._ties.values():
            for prefix in tuple(tie.sync.suspended):
                if prefix in running or prefix not in current:
                    tie.sync.resume(prefix, self._now())

    # The texts.

    def _texts(self, name: str = "*") -> Iterator[Agreement]:
        """Yield each serial of an agreement that is on disk, in force or not."""
        agreements = Agreements(self._directory / AGREEMENTS)
        for path in sorted((self._directory / AGREEMENTS).glob(f"*/*/{TEXT}")):
            named = path.parent.parent.name
            if name in ("*", named) and path.parent.name.isdecimal():
                terms = agreements.terms(named, int(path.parent.name))
                if terms is not None:
                    yield terms

    def _current(self) -> Iterator[Agreement]:
        newest: dict[str, Agreement] = {}
        for each in self._texts():
            if each.id not in newest or each.serial > newest[each.id].serial:
                newest[each.id] = each
        yield from newest.values()


def _call_back(sync: PartnerSync, own: ObjectKey, reason: str, now: Moment) -> tuple[Recall, ...]:
    with suppress(ValueError):
        return sync.recall_object(own.origin, Context.parse(own.context), own.uid, reason, now)
    return ()


def _told(partner: str, recall: Recall, names: Mapping[bytes, str]) -> Told:
    return Told(
        partner=partner,
        digest=sha256(content_bytes(recall)).hexdigest(),
        agreement=names.get(recall.agreement, recall.agreement.hex()),
        clause=recall.clause,
        name=recall.uid,
    )


def _in_flight(partner: str, agreement: str, item: Item) -> InFlight:
    return InFlight(
        partner=partner, name=item.name, agreement=agreement, clause=item.grant.clause,
        form=item.grant.form,
    )  # fmt: skip


def _has_clause(terms: Agreement, number: str) -> bool:
    return any(clause.number == number for clause in terms.clauses)


OUTCOMES = {
    Outcome.DROPPED.name: "dropped",
    Outcome.NOT_HELD.name: "not held",
    Outcome.PASSED_ON.name: "dropped, and called back from those it had been passed on to",
}
"""What a receipt of a recall says, in words."""
_OF_KEYS = {Outcome.TAKEN.name: "the new key is taken", Outcome.REFUSED.name: "it is refused"}


def spell_answer(outcome: str, objects: int) -> str:
    """Say what a partner answered to a recall, or to a new key."""
    if outcome in _OF_KEYS:
        return _OF_KEYS[outcome]
    said = OUTCOMES.get(outcome, outcome)
    return f"{said}, {objects} object{'' if objects == 1 else 's'}"
