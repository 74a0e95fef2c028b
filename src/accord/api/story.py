"""Everything that a node has on disk about one object: who said it, and which partner got what."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from accord.core.agreement import IN_FORCE, Situation, state_at
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.report import Report, Source
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
from accord.storage.agreements import AGREEMENTS, Agreements, Held
from accord.storage.ledger_reader import LedgerReader, partners_of, path_of
from accord.storage.partners import PARTNERS, Partners
from accord.storage.release_secrets import partners_with_secrets, secret_of
from accord.storage.segment import OpenSegment, Record

MAX_SOURCES = 100
"""Sources of one object that are told of."""

MAX_NAMES = 200_000
"""Objects whose pseudonym is remembered while one is looked for."""

Sees = Callable[[Record], bool]
"""Tells whether somebody may be told of a kept report."""

_PSEUDONYM = re.compile(r"P-[0-9a-f]{32}", re.ASCII)
_KIND_AT = 1
"""Where the kind stands in the bytes of a line (docs/reference/ledger.md)."""
_RECEIVED, _REFUSALS, _RECALL = 2, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """What a node has on disk. `segments` gives those with these bytes in them, the newest first.

    `report_of` reads a kept report, and is None where nobody can any more.
    """

    directory: Path
    own: str
    segments: Callable[[bytes], Iterable[OpenSegment]]
    report_of: Callable[[Record], Report | None]


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
    """What one agreement says of a report now; `explanation` None: nothing, see faults."""

    held: Held
    state: str
    explanation: Explanation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What the ledger of one partner has of the object, each time the newest line.

    `recall` is of that release, `last_recall` of that or an earlier one, `called_back` of what was
    received. `refusal` counts reports of its
    sort, which may be others. `heard` is when anything came from the partner.
    """

    release: Entry | None = None
    recall: Entry | None = None
    last_recall: Entry | None = None
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
    """One partner: the names by which it can know the object, and what went or would go.

    `decided` is what the agreements were asked about: the newest that this partner did not say or
    pass on itself. None: there is no such.
    """

    partner: str
    names: tuple[str, ...]
    decided: Heard | None
    said: tuple[Said, ...]
    trail: Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One object. `pseudonym_of`: what was asked for is its name at that partner.

    Not `complete`: something was said of it that is not to be told here; then what the ledgers have
    of it is not told either, for it may be of that.
    """

    uid: str
    own: str
    at: datetime
    pseudonym_of: str | None
    heard: tuple[Heard, ...]
    partners: tuple[Towards, ...]
    complete: bool = True

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


def tell(shelves: Shelves, asked: str, *, at: datetime, incidents: frozenset[str]) -> Story:
    """Return all that is known of what goes by that uid, or at a partner by that pseudonym.

    AccordError when nothing is.
    """
    directory, uid, whose = shelves.directory, asked, None
    heard, _ = _heard(shelves, asked, _everything)
    if not heard and _PSEUDONYM.fullmatch(asked):
        keys = {each: secret_of(directory, each) for each in _partners(shelves, _held(shelves))}
        uid, whose = _behind(shelves, asked, keys) or (asked, None)
        heard, _ = _heard(shelves, uid, _everything) if whose else (heard, True)
    about = _About(uid=uid, asked=asked, heard=heard, at=at, incidents=incidents)
    story = replace(_story(shelves, about), pseudonym_of=whose)
    if not heard and not any(each.trail.release or each.trail.received for each in story.partners):
        raise AccordError(f"neither the journal nor a ledger of {directory} has {asked!r}")
    return story


def tell_to(shelves: Shelves, uid: str, *, at: datetime, sees: Sees) -> Story | None:
    """Return what somebody may be told of what goes by that uid, None where that is nothing."""
    heard, complete = _heard(shelves, uid, sees)
    if not heard:
        return None
    about = _About(uid=uid, asked=uid, heard=heard, at=at, incidents=frozenset())
    return _story(shelves, about, complete=complete)


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What a story is made of."""

    uid: str
    asked: str
    heard: tuple[Heard, ...]
    at: datetime
    incidents: frozenset[str]


def _story(shelves: Shelves, about: _About, *, complete: bool = True) -> Story:
    held = _held(shelves)
    situation = Situation(
        own=shelves.own,
        partner="",
        synchronised=True,
        incidents=about.incidents,
        onward=onward_of(held, shelves.own, about.at),
    )
    return Story(
        uid=about.uid,
        own=shelves.own,
        at=about.at,
        pseudonym_of=None,
        heard=about.heard,
        partners=tuple(
            _towards(shelves, about, held, replace(situation, partner=each), complete=complete)
            for each in _partners(shelves, held)
        ),
        complete=complete,
    )


def _towards(
    shelves: Shelves, about: _About, held: list[Held], situation: Situation, *, complete: bool
) -> Towards:
    directory, partner = shelves.directory, situation.partner
    contexts = {each.record.context for each in about.heard} or {LIVE}
    decided = next((each for each in about.heard if not _is_by(each, partner)), None)
    report = None if decided is None else decided.report
    names = _names(about.uid, about.asked, secret_of(directory, partner), contexts)
    return Towards(
        partner=partner,
        names=names,
        decided=decided,
        said=tuple(_said(held, report, about.at, situation)),
        trail=_trail(directory, partner, names, report) if complete else Trail(),
    )


def _is_by(heard: Heard, partner: str) -> bool:
    source = heard.record.source
    return partner in (source.node, *source.hops)


def _held(shelves: Shelves) -> list[Held]:
    return Agreements(shelves.directory / AGREEMENTS).list()


def _everything(_record: Record) -> bool:
    return True


def _partners(shelves: Shelves, held: Iterable[Held]) -> list[str]:
    """Return every node that anything may have gone to, or come from."""
    directory, own = shelves.directory, shelves.own
    found = {*partners_of(directory), *partners_with_secrets(directory)}
    if (directory / PARTNERS).is_file():
        found |= {each.node for each in Partners(directory / PARTNERS).trusted().partners}
    for each in held:
        if each.terms is not None and own in each.terms.givers:
            found |= set(each.terms.receivers)
    return sorted(found - {own})


def onward_of(held: Iterable[Held], own: str, at: datetime) -> dict[str, frozenset[str]]:
    """Return which nations each giver lets this node pass its reports on to."""
    onward: dict[str, frozenset[str]] = {}
    for each in held:
        terms = each.terms
        if terms is None or each.faults or state_at(terms, at) != IN_FORCE:
            continue
        for giver in terms.givers if own in terms.receivers else ():
            onward[giver[:3]] = onward.get(giver[:3], frozenset()) | terms.onward
    return onward


def _heard(shelves: Shelves, uid: str, sees: Sees) -> tuple[tuple[Heard, ...], bool]:
    """Return what each source said last, the newest first, and whether that is all there is."""
    wanted = uid.encode("utf-8", "surrogatepass")
    found: dict[tuple[Context, Source], Heard] = {}
    complete = True
    for segment in shelves.segments(wanted):
        for index, each in enumerate(segment.uids()):
            if each == wanted:
                record = segment.record(index)
                if sees(record):
                    _note(found, record)
                else:
                    complete = False
    newest = sorted(found.values(), key=lambda each: each.record.sequence, reverse=True)
    read = (replace(each, report=shelves.report_of(each.record)) for each in newest)
    return tuple(read), complete


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
    shelves: Shelves, asked: str, keys: Mapping[str, bytes | None]
) -> tuple[str, str] | None:
    """Return which object has that name at which partner; the name is made again to compare."""
    known = [(partner, key) for partner, key in keys.items() if key is not None]
    seen: set[tuple[Context, bytes]] = set()
    for segment in shelves.segments(b""):
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
    with closing(LedgerReader(path_of(directory, partner))) as reader:
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
        found = trail.release, trail.last_recall, trail.received, trail.heard, trail.refusal
        return None not in found

    def look(self, number: int, data: bytes) -> None:
        """Take a line into account; it is only read where its bytes say that it is needed."""
        trail, kind = self.trail, data[_KIND_AT]
        is_needed = (
            (kind == _RECEIVED and trail.heard is None)
            or (kind == _REFUSALS and trail.refusal is None and self._report is not None)
            or (kind == _RECALL and None in (trail.release, trail.last_recall, trail.received))
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
            case Release(name=name) as released if name in self._names:
                self._released(entry, released)
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

    def _released(self, entry: Entry, released: Release) -> None:
        trail = self.trail
        if trail.release is None:
            recall = self._recall_of(released, self._recalls)
            self.trail = replace(trail, release=entry, recall=recall, last_recall=recall)
        elif trail.last_recall is None:
            # It was released again since: of several the last that took it back is told.
            recall = self._recall_of(released, self._recalls[::-1])
            self.trail = replace(trail, last_recall=recall)

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
