"""The cases of a node: opens them, takes what is entered, and tells how they stand."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from accord.core.context import Context, ContextKind
from accord.core.geometry import Point
from accord.desks.sar.case import Case, check_seen
from accord.desks.sar.checklist import items
from accord.desks.sar.entry import LOOK, Entry, Kind, NotTaken
from accord.desks.sar.facts import FILE, MAX_TEXT, Known, doubt_of, read_fact
from accord.desks.sar.forcing import check_held, doubts_held
from accord.desks.sar.model import check_scenario
from accord.desks.sar.openings import Opening
from accord.desks.sar.store import CaseStore
from accord.desks.sar.units import read_unit
from accord.search.flow import Kind as FlowKind
from accord.search.spelling import spell_time

MAX_AHEAD = timedelta(minutes=10)
"""By how much something may have happened in the future, for clocks that differ."""

_FLOWS = {"wind": FlowKind.WIND, "current": FlowKind.CURRENT}

_HEX = re.compile(r"[0-9A-Fa-f]{15,23}(?=,|$)")
_BY_THE_DESK = frozenset({"lead", "offered", "shared"})


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who enters something, and when: `at` is when it happened, None for now."""

    name: str
    now: datetime
    at: datetime | None = None

    @property
    def happened(self) -> datetime:
        """When it happened. Raises NotTaken for a time that has not come."""
        if self.at is not None and self.at > self.now + MAX_AHEAD:
            raise NotTaken(f"{spell_time(self.at)} has not come yet")
        return self.at or self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is to stand in a log: its kind, what it is about, words or figures, and where."""

    kind: Kind
    about: str = ""
    value: str = ""
    place: Point | None = None
    is_private: bool = False


class Cases:
    """The cases of one node; `known` are the names that facts may be, `partners` other nodes."""

    def __init__(
        self, path: Path, *, node: str, known: Known, partners: Callable[[], Collection[str]]
    ) -> None:
        self.store = CaseStore(path)
        self.node = node
        self.known = known
        self._partners = partners

    def open(self, opening: Opening, by: By) -> Case:
        """Open a case. Raises NotTaken, and then there is none.

        A further message of a beacon goes to the case that is open for it, which is returned.
        """
        if opening.context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise NotTaken(f"a case is live or of an exercise; {opening.context} is neither")
        facts = {n: self._read(n, text) for n, text in opening.facts.items()}
        first = By(name=by.name, now=by.now, at=by.at or _past(facts.get("time", ""), by.now))
        standing = self._open_for(facts, opening.context) if opening.is_beacon else None
        if standing is not None:
            return self._follow(standing, opening, facts, first)
        facts |= {"lead": self.node}
        lines = [
            Line(kind=Kind.NOTE, value=opening.note[:MAX_TEXT], place=opening.place),
            *(Line(kind=Kind.FACT, about=n, value=value) for n, value in facts.items() if value),
            *self._doubts(facts),
            *self._looks(facts, opening.context, by.now),
        ]

        def entries(case: str) -> Sequence[Entry]:
            return [self._entry(case, opening.context, line, first) for line in lines]

        return self.store.begin(entries, node=self.node, day=by.now.strftime("%Y%m%d"))

    def _open_for(self, facts: Mapping[str, str], context: Context) -> Case | None:
        """Return the newest case that is open for a beacon."""
        beacon = _identity(facts.get("beacon", ""))
        return next(
            (
                case for case in (self.store.all() if beacon else ())
                if case.context == context
                and _identity(case.text("beacon")) == beacon and not case.is_closed
            ),
            None,
        )  # fmt: skip

    def _follow(self, case: Case, opening: Opening, facts: Mapping[str, str], by: By) -> Case:
        """Take a further message of a beacon into its case: what is newer than what stands."""

        def make(stands: Case) -> list[Entry]:
            words = f"a further message of the beacon of this case\n{opening.note}"[:MAX_TEXT]
            lines = [Line(kind=Kind.NOTE, value=words, place=opening.place)]
            taken = dict(_newer(stands, facts, by.happened))
            if facts.get("position") and _is_newer(stands, by.happened):
                said = "the position of the case is newer than that of this message, and stands"
                lines.append(Line(kind=Kind.NOTE, value=f"{LOOK}{said}"))
            lines += self._doubts(taken)
            made = [self._entry(case.id, stands.context, each, by) for each in lines]
            for name, value in taken.items():
                fact = stands.facts.get(name)
                line = Line(kind=Kind.FACT, about=name, value=value)
                heads = () if fact is None else fact.heads
                made.append(self._entry(case.id, stands.context, line, by, heads))
            return made

        return self.store.add(case.id, make)

    def set(
        self, case: str, facts: Mapping[str, str], by: By, seen: Sequence[str] | None = None
    ) -> Case:
        """Set facts, all or none; an empty text takes one back.

        `seen` are the entries that whoever says so had before him, None for what stands now.
        Raises NotTaken, Overtaken.
        """
        own = _BY_THE_DESK & facts.keys()
        if own:
            raise NotTaken(f"{', '.join(sorted(own))}: not set by hand")
        read = {name: self._read(name, text) for name, text in facts.items()}
        files = [name for name in _FLOWS if read.get(name, "").startswith(FILE)]
        stands = self.store.case(case)
        for name in files:
            check_held(stands, _FLOWS[name], read[name], self.known)
        changed = self.write(case, read, by, seen)
        doubts = [
            Line(kind=Kind.NOTE, value=f"{LOOK}{each}")
            for name in files
            for each in doubts_held(stands, _FLOWS[name], read[name], self.known)
        ]
        return self.add(case, doubts, by) if doubts else changed

    def write(
        self, case: str, facts: Mapping[str, str], by: By, seen: Sequence[str] | None = None
    ) -> Case:
        """Set facts that need no reading. Raises Overtaken."""

        def make(stands: Case) -> list[Entry]:
            made: list[Entry] = []
            for name, value in facts.items():
                if seen is not None:
                    check_seen(stands, name, tuple(seen))
                fact = stands.facts.get(name)
                if fact is not None and not fact.others and fact.value == value:
                    continue
                line = Line(kind=Kind.FACT, about=name, value=value)
                heads = () if fact is None else fact.heads
                made.append(self._entry(case, stands.context, line, by, heads))
            doubts = self._doubts({each.about: each.value for each in made})
            return [*made, *(self._entry(case, stands.context, each, by) for each in doubts)]

        return self.store.add(case, make)

    def _read(self, name: str, text: str) -> str:
        """Return a fact as it is kept. Raises NotTaken, for units and scenarios of no use too."""
        value = read_fact(name, text, self.known)
        sort, _, rest = name.partition(":")
        if value and sort == "unit":
            read_unit(rest, value)
        elif value and sort == "scenario":
            check_scenario(rest, value, self.known.objects)
        return value

    def take(self, entries: Sequence[Entry]) -> int:
        """Keep what partners wrote into cases that they may know of; return how many were new."""
        return self.store.take(entries, own=self.node)

    def offer(self, case: str, node: str, by: By) -> Case:
        """Offer the lead to another node. Raises NotTaken where it is not this node's to give.

        Only partners, and nodes that have written into the case, can be offered it.
        """
        stands = self.store.case(case)
        if stands.text("lead") != self.node:
            raise NotTaken(f"{stands.text('lead')} leads this case, and alone can hand it over")
        others = {*self._partners(), *(each.node for each in stands.log)} - {self.node}
        if node not in others:
            known = f"known are {', '.join(sorted(others))}" if others else "no other is known"
            raise NotTaken(f"there is no node {node[:40]!r} to lead this case: {known}")
        return self.write(case, {"offered": node}, by)

    def lead(self, case: str, by: By, reason: str = "") -> Case:
        """Take the lead that was offered; without an offer only for a reason, which is logged."""
        stands = self.store.case(case)
        if stands.text("lead") == self.node and not stands.disputed:
            return stands
        if stands.text("offered") != self.node:
            if not reason.strip():
                raise NotTaken(
                    f"{stands.text('lead')} leads this case and has not offered it: give a reason "
                    "for which you take it"
                )
            self.log(case, Line(kind=Kind.NOTE, value=f"lead taken without an offer: {reason}"), by)
        return self.write(case, {"lead": self.node, "offered": ""}, by)

    def share(self, case: str, value: str, by: By) -> Case:
        """Say from now on what is not private of a case to partners; an empty value ends that."""
        return self.write(case, {"shared": value}, by)

    def log(self, case: str, line: Line, by: By) -> Case:
        """Write a line into the log. Raises NotTaken."""
        if line.kind in (Kind.NOTE, Kind.SIGHTING, Kind.DRAFT) and not line.value.strip():
            raise NotTaken("a line of the log needs words")
        if len(line.value) > MAX_TEXT:
            raise NotTaken(f"a line of the log has at most {MAX_TEXT} letters")
        return self.add(case, [line], by)

    def add(self, case: str, lines: Sequence[Line], by: By) -> Case:
        """Write lines that the desk itself has made."""
        return self.store.add(
            case, lambda stands: [self._entry(case, stands.context, each, by) for each in lines]
        )

    def draft(self, case: str, to: str, text: str, by: By) -> Case:
        """Keep a report that waits for a person to review it. Raises NotTaken."""
        return self.log(case, Line(kind=Kind.DRAFT, about=to, value=text, is_private=True), by)

    def draft_now(self, case: Case, to: str, text: str, by: By) -> Case:
        """Return a case with a draft that nobody keeps, to look at."""
        line = Line(kind=Kind.DRAFT, about=to, value=text, is_private=True)
        return replace(case, log=(*case.log, self._entry(case.id, case.context, line, by)))

    def review(self, case: str, draft: str, by: By, text: str | None = None) -> Case:
        """Let a draft go as a person has read it, or changed it. Raises NotTaken."""

        def make(stands: Case) -> list[Entry]:
            found = next((e for e in stands.log if (e.id, e.kind) == (draft, Kind.DRAFT)), None)
            if found is None:
                raise NotTaken(f"{draft[:80]!r} is no report of this case that waits for a review")
            for each in stands.log:
                if each.kind is Kind.REPORT and each.node == self.node and draft in each.seen:
                    raise NotTaken(f"{each.by} has reviewed it at {spell_time(each.entered)}")
            said = found.value if text is None else text
            if not said.strip() or len(said) > MAX_TEXT:
                raise NotTaken(f"a report has 1 to {MAX_TEXT} letters")
            line = Line(kind=Kind.REPORT, about=found.about, value=said)
            return [self._entry(case, stands.context, line, by, (draft,))]

        return self.store.add(case, make)

    def tick(self, case: str, item: str, by: By) -> Case:
        """Note that something on the checklist is done. Raises NotTaken."""
        if item not in items("distress"):
            raise NotTaken(f"{item!r} is not on the checklist")
        return self.log(case, Line(kind=Kind.CHECK, about=item), by)

    def _doubts(self, facts: Mapping[str, str]) -> list[Line]:
        """Return notes of what somebody has to look at in facts that were taken."""
        doubts = [doubt_of(name, value, self.known) for name, value in facts.items()]
        return [Line(kind=Kind.NOTE, value=f"{LOOK}{each}") for each in doubts if each]

    def _looks(self, facts: Mapping[str, str], context: Context, now: datetime) -> Iterator[Line]:
        """Yield notes of what somebody has to look at in a case that is opened."""
        time = facts.get("time")
        if time and datetime.fromisoformat(time) > now + MAX_AHEAD:
            when = spell_time(datetime.fromisoformat(time))
            yield Line(kind=Kind.NOTE, value=f"{LOOK}its time, {when}, has not come yet")
        case = self._open_for(facts, context)
        if case is not None:
            yield Line(kind=Kind.NOTE, value=f"{LOOK}{case.id} is open for the same beacon")

    def _entry(
        self, case: str, context: Context, line: Line, by: By, seen: tuple[str, ...] = ()
    ) -> Entry:
        return Entry(
            case=case,
            node=self.node,
            context=context,
            at=by.happened,
            entered=by.now,
            by=by.name,
            kind=line.kind,
            about=line.about,
            value=line.value,
            place=line.place,
            seen=seen,
            is_private=line.is_private,
        )


_PLACE = ("position", "position_error", "time", "source")
"""What a further message says anew of where a beacon is: all of it together, or nothing."""

_KEPT = frozenset({"title", "phase", "object"})
"""What a person has said of the case already, and a further message does not change."""

_DOPPLER = "scenario:doppler-"


def _newer(case: Case, facts: Mapping[str, str], at: datetime) -> Iterator[tuple[str, str]]:
    """Yield the facts of a further message that say something new, by what stands in a case.

    Two mirrored places of an older message are taken back by one that has settled which it is.
    """
    if facts.get("position") and not _is_newer(case, at):
        found = {name: facts.get(name, "") for name in _PLACE}
        found |= {name: "" for name in case.facts if name.startswith(_DOPPLER)}
        found |= {name: text for name, text in facts.items() if name.startswith(_DOPPLER)}
        yield from ((n, text) for n, text in found.items() if case.text(n) != text)
    for name, text in facts.items():
        is_free = not (name in _KEPT and case.text(name)) and not name.startswith(_DOPPLER)
        if text and is_free and name not in _PLACE and case.text(name) != text:
            yield name, text


def _is_newer(case: Case, at: datetime) -> bool:
    """Tell whether the position of a case was said to hold later than then."""
    said = (case.facts[name].entry for name in ("position", "time") if name in case.facts)
    return any(each.at > at for each in said)


def _past(time: str, now: datetime) -> datetime | None:
    """Return a time that has come; a message whose clock is ahead opens a case all the same."""
    when = datetime.fromisoformat(time) if time else now
    return when if when < now else None


def _identity(beacon: str) -> str:
    """Return the identity of a beacon in hexadecimal, as its fact begins; empty where none."""
    found = _HEX.match(beacon)
    return "" if found is None else found[0].upper()
