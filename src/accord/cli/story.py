"""Everything that a node has on disk about one object: who said it, and which partner got what."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from accord.cli.agreement_signing import AGREEMENTS, IN_FORCE, state_at
from accord.cli.ledger_text import reader_of
from accord.config import load
from accord.core.agreement import Situation
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.report import Report, Source
from accord.live.marking import DefaultMarkings
from accord.node.kept import report_of, segments
from accord.release.explain import Explanation, explain
from accord.release.ledger.entry import (
    Count,
    Entry,
    Passage,
    Recall,
    Received,
    Refusals,
    Release,
    decode,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.outstanding import is_of
from accord.release.secret import pseudonym
from accord.storage.agreements import Agreements, Held
from accord.storage.ledger_reader import LedgerReader, partners_of
from accord.storage.partners import PARTNERS, Partners
from accord.storage.release_secrets import partners_with_secrets, secret_of
from accord.storage.segment import Record

MAX_SOURCES = 100
"""Sources of one object that are told of."""

MAX_NAMES = 200_000
"""Objects whose pseudonym is remembered while one is looked for."""

_PSEUDONYM = re.compile(r"P-[0-9a-f]{32}", re.ASCII)
_KIND_AT = 1
"""Where the kind stands in the bytes of a line (docs/reference/ledger.md)."""
_RECEIVED, _REFUSALS, _RECALL = 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The newest that one source said of the object, how often it spoke, and since when.

    `report` None: nobody can read it any more.
    """

    record: Record
    report: Report | None
    first: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one agreement says of the newest report now; `explanation` None: nothing, see faults."""

    held: Held
    state: str
    explanation: Explanation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What the ledger of one partner has of the object, each time the newest line.

    `recall` is of that release, `called_back` of what was received. `refusal` counts reports of its
    sort, which may be others. `heard` is when anything came from the partner.
    """

    release: Entry | None = None
    recall: Entry | None = None
    refusal: tuple[Entry, Count] | None = None
    received: Entry | None = None
    called_back: Entry | None = None
    heard: datetime | None = None

    @property
    def has_it(self) -> bool:
        """Whether the partner was given it, and not asked to drop it since."""
        return self.release is not None and self.recall is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Towards:
    """One partner: the names by which it can know the object, and what went or would go."""

    partner: str
    names: tuple[str, ...]
    said: tuple[Said, ...]
    trail: Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One object. `pseudonym_of`: what was asked for is its name at that partner."""

    uid: str
    own: str
    at: datetime
    pseudonym_of: str | None
    heard: tuple[Heard, ...]
    partners: tuple[Towards, ...]

    def others(self) -> list[str]:
        """Return the other nodes that have it: who said it, and who was given it."""
        said = {
            node for each in self.heard
            for node in (each.record.source.node, *each.record.source.hops)
        }  # fmt: skip
        given = {
            each.partner
            for each in self.partners
            if each.trail.has_it or each.trail.received is not None
        }
        return sorted((said | given) - {self.own})


def tell(directory: Path, asked: str, *, at: datetime, incidents: frozenset[str]) -> Story:
    """Return what is known. AccordError when nothing is."""
    settings = load(directory)
    own, defaults = settings.node.id, settings.default_markings()
    held = Agreements(directory / AGREEMENTS).list()
    partners = _partners(directory, own, held)
    keys = {each: secret_of(directory, each) for each in partners}
    uid, whose, heard = asked, None, _heard(directory, asked, defaults)
    if not heard and _PSEUDONYM.fullmatch(asked):
        uid, whose = _behind(directory, asked, keys) or (asked, None)
        heard = _heard(directory, uid, defaults) if whose else heard
    contexts = {each.record.context for each in heard} or {LIVE}
    newest = heard[0].report if heard else None
    situation = Situation(
        own=own, partner="", synchronised=True, incidents=incidents, onward=_onward(held, own, at)
    )
    towards: list[Towards] = []
    for each in partners:
        names = _names(uid, asked, keys[each], contexts)
        told = _said(held, newest, at, replace(situation, partner=each))
        towards.append(
            Towards(
                partner=each,
                names=names,
                said=tuple(told),
                trail=_trail(directory, each, names, newest),
            )
        )
    story = Story(uid=uid, own=own, at=at, pseudonym_of=whose, heard=heard, partners=tuple(towards))
    if not heard and not any(each.trail.release or each.trail.received for each in towards):
        raise AccordError(f"neither the journal nor a ledger of {directory} has {asked!r}")
    return story


def _partners(directory: Path, own: str, held: Iterable[Held]) -> list[str]:
    """Return every node that anything may have gone to, or come from."""
    found = {*partners_of(directory), *partners_with_secrets(directory)}
    if (directory / PARTNERS).is_file():
        found |= {each.node for each in Partners(directory / PARTNERS).trusted().partners}
    for each in held:
        if each.terms is not None and own in each.terms.givers:
            found |= set(each.terms.receivers)
    return sorted(found - {own})


def _onward(held: Iterable[Held], own: str, at: datetime) -> dict[str, frozenset[str]]:
    """Return which nations each giver lets this node pass its reports on to."""
    onward: dict[str, frozenset[str]] = {}
    for each in held:
        terms = each.terms
        if terms is None or each.faults or state_at(terms, at) != IN_FORCE:
            continue
        for giver in terms.givers if own in terms.receivers else ():
            onward[giver[:3]] = onward.get(giver[:3], frozenset()) | terms.onward
    return onward


def _heard(directory: Path, uid: str, defaults: DefaultMarkings) -> tuple[Heard, ...]:
    """Return what each source said last, the newest first."""
    wanted = uid.encode("utf-8", "surrogatepass")
    found: dict[tuple[Context, Source], Heard] = {}
    for segment in segments(directory, holding=wanted):
        for index, each in enumerate(segment.uids()):
            if each == wanted:
                _note(found, segment.record(index))
    newest = sorted(found.values(), key=lambda each: each.record.sequence, reverse=True)
    return tuple(replace(each, report=report_of(each.record, defaults)) for each in newest)


def _note(found: dict[tuple[Context, Source], Heard], record: Record) -> None:
    key = record.context, record.source
    known = found.get(key)
    if known is None:
        if len(found) < MAX_SOURCES:
            found[key] = Heard(record=record, report=None, first=record.received, count=1)
        return
    found[key] = replace(
        known,
        record=max(known.record, record, key=lambda each: each.sequence),
        first=min(known.first, record.received),
        count=known.count + 1,
    )


def _behind(
    directory: Path, asked: str, keys: Mapping[str, bytes | None]
) -> tuple[str, str] | None:
    """Return which object has that name at which partner; the name is made again to compare."""
    known = [(partner, key) for partner, key in keys.items() if key is not None]
    seen: set[tuple[Context, bytes]] = set()
    for segment in segments(directory):
        for index, each in enumerate(segment.uids()):
            context = segment.table[segment.origins[index]].context
            if (context, each) in seen:
                continue
            if len(seen) >= MAX_NAMES:
                seen.clear()
            seen.add((context, each))
            uid = each.decode("utf-8", "surrogatepass")
            for partner, key in known:
                if pseudonym(key, context, uid) == asked:
                    return uid, partner
    return None


def _names(uid: str, asked: str, key: bytes | None, contexts: Iterable[Context]) -> tuple[str, ...]:
    made = [] if key is None else [pseudonym(key, each, uid) for each in contexts]
    return tuple(dict.fromkeys((uid, *sorted(made), asked)))


def _said(
    held: Iterable[Held],
    report: Report | None,
    at: datetime,
    situation: Situation,
) -> Iterator[Said]:
    """Yield what each agreement by which this node gives to that partner says of the report."""
    own, partner = situation.own, situation.partner
    for each in held:
        terms, told = each.terms, None
        if terms is None or own not in terms.givers or partner not in terms.receivers:
            continue
        if each.loaded is not None and report is not None and not each.faults:
            told = explain(report, each.loaded, at, situation)
        state = "not in force" if each.faults else state_at(terms, at)
        yield Said(held=each, state=state, explanation=told)


def _trail(directory: Path, partner: str, names: Sequence[str], report: Report | None) -> Trail:
    if partner not in partners_of(directory):
        return Trail()
    with closing(reader_of(directory, partner)) as reader:
        found = _Finding(reader, names, report)
        for number, data, _ in reader.newest_first():
            found.look(number, data)
            if found.is_done:
                break
        return found.trail


class _Finding:
    """Looks for the newest lines about an object among lines that are shown newest first."""

    def __init__(self, reader: LedgerReader, names: Sequence[str], report: Report | None) -> None:
        self.trail: Trail = Trail()
        self._reader = reader
        self._names = frozenset(names)
        self._spelt = [each.encode("utf-8", "surrogatepass") for each in names]
        self._report = report
        self._recalls: list[Entry] = []
        self._called_back: list[Entry] = []

    @property
    def is_done(self) -> bool:
        """Whether an older line can add nothing."""
        trail = self.trail
        return None not in (trail.release, trail.received, trail.heard, trail.refusal)

    def look(self, number: int, data: bytes) -> None:
        """Take a line into account; it is only read where its bytes say that it is needed."""
        trail, kind = self.trail, data[_KIND_AT]
        is_needed = (
            (kind == _RECEIVED and trail.heard is None)
            or (kind == _REFUSALS and trail.refusal is None and self._report is not None)
            or (kind == _RECALL and None in (trail.release, trail.received))
            or any(each in data for each in self._spelt)
        )
        if is_needed:
            self._take(self._read(number, data))

    def _read(self, number: int, data: bytes) -> Entry:
        try:
            return decode(data)
        except LedgerFault as fault:
            partner = self._reader.owner.partner
            raise LedgerFault(f"line {number} of the ledger for {partner}: {fault}") from None

    def _take(self, entry: Entry) -> None:
        trail = self.trail
        match entry.body:
            case Release(name=name) as released if trail.release is None and name in self._names:
                self.trail = replace(
                    trail, release=entry, recall=self._recall_of(released, self._recalls)
                )
            case Received(name=name) as came:
                if trail.received is None and name in self._names:
                    back = self._recall_of(came, self._called_back)
                    trail = replace(trail, received=entry, called_back=back)
                self.trail = replace(trail, heard=trail.heard or entry.at)
            case Refusals(counts=counts) if trail.refusal is None:
                count = next((each for each in counts if self._is_of_its_sort(each)), None)
                if count is not None:
                    self.trail = replace(trail, refusal=(entry, count))
            case Recall(by=by) if by == self._reader.owner.node:
                self._recalls.append(entry)
            case Recall():
                self._called_back.append(entry)
            case _:
                pass

    def _recall_of(self, passage: Passage, recalls: Sequence[Entry]) -> Entry | None:
        return next(
            (
                each for each in reversed(recalls)
                if isinstance(each.body, Recall) and is_of(each.body, passage)
            ),
            None,
        )  # fmt: skip

    def _is_of_its_sort(self, count: Count) -> bool:
        return self._report is not None and self._report.kind.is_a(count.sort)
