"""The cases of a node: opens them, takes what is entered, and tells how they stand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from accord.core.context import Context, ContextKind
from accord.core.geometry import Point
from accord.desks.sar.case import Case, check_seen
from accord.desks.sar.checklist import items
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import MAX_TEXT, Known, doubt_of, read_fact
from accord.desks.sar.model import check_scenario
from accord.desks.sar.openings import Opening
from accord.desks.sar.store import CaseStore
from accord.desks.sar.units import read_unit

MAX_AHEAD = timedelta(minutes=10)
"""By how much something may have happened in the future, for clocks that differ."""

LOOK = "look at: "
"""Begins a note of what somebody has to look at."""

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
            raise NotTaken(f"{self.at.isoformat()} has not come yet")
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
    """The cases of one node; `known` are the names that facts may be."""

    def __init__(self, path: Path, *, node: str, known: Known) -> None:
        self.store = CaseStore(path)
        self.node = node
        self.known = known

    def open(self, opening: Opening, by: By) -> Case:
        """Open a case. Raises NotTaken, and then there is none."""
        if opening.context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise NotTaken(f"a case is live or of an exercise; {opening.context} is neither")
        facts = {n: self._read(n, text) for n, text in opening.facts.items()}
        facts |= {"lead": self.node}
        # A message whose clock is ahead opens a case all the same; what it says stands in it.
        is_past = opening.at is not None and opening.at <= by.now
        first = By(name=by.name, now=by.now, at=by.at or (opening.at if is_past else None))
        lines = [
            Line(kind=Kind.NOTE, value=opening.note[:MAX_TEXT], place=opening.place),
            *(Line(kind=Kind.FACT, about=n, value=value) for n, value in facts.items() if value),
            *self._doubts(facts),
            *self._looks(facts, opening.context, by.now),
        ]

        def entries(case: str) -> Sequence[Entry]:
            return [self._entry(case, opening.context, line, first) for line in lines]

        return self.store.begin(entries, node=self.node, day=by.now.strftime("%Y%m%d"))

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
        return self.write(case, read, by, seen)

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

    def offer(self, case: str, node: str, by: By) -> Case:
        """Offer the lead to another node. Raises NotTaken where it is not this node's to give."""
        lead = self.store.case(case).text("lead")
        if lead != self.node:
            raise NotTaken(f"{lead} leads this case, and alone can hand it over")
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
        if line.kind in (Kind.NOTE, Kind.SIGHTING) and not line.value.strip():
            raise NotTaken("a line of the log needs words")
        if len(line.value) > MAX_TEXT:
            raise NotTaken(f"a line of the log has at most {MAX_TEXT} letters")
        return self.add(case, [line], by)

    def add(self, case: str, lines: Sequence[Line], by: By) -> Case:
        """Write lines that the desk itself has made."""
        return self.store.add(
            case, lambda stands: [self._entry(case, stands.context, each, by) for each in lines]
        )

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
        time, beacon = facts.get("time"), _identity(facts.get("beacon", ""))
        if time and datetime.fromisoformat(time) > now + MAX_AHEAD:
            yield Line(kind=Kind.NOTE, value=f"{LOOK}its time, {time}, has not come yet")
        for case in self.store.all() if beacon else ():
            is_same = case.context == context and _identity(case.text("beacon")) == beacon
            if is_same and not case.is_closed:
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


def _identity(beacon: str) -> str:
    """Return the identity of a beacon in hexadecimal, as its fact begins; empty where none."""
    found = _HEX.match(beacon)
    return "" if found is None else found[0].upper()
