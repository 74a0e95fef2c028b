"""The incidents of a node: opens them, takes what is said of them, and keeps who said it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from accord.core.context import Context, ContextKind
from accord.desks.relief.fields import SORTS, lacking, read_fields
from accord.desks.relief.incident import HEAD, Incident, Record, check_seen, incident_of
from accord.desks.relief.line import By, Line, NotTaken, Reach
from accord.desks.relief.names import Names, names_of, split
from accord.desks.relief.reading import MAX_TEXT
from accord.desks.relief.store import ReliefStore
from accord.desks.relief.sums import check_match, check_record

NOTE = "text"
"""The field of a line that is a note."""

BY_HAND = frozenset(SORTS) - {"incident", "alert"}
"""What can be added to an incident; alerts are made by `alerts.py`."""

SHARED = "shared"

_REFERRED = ("need", "offer", "match", "account")
"""Fields that name a record of the sort that they are called for."""

_NUMBERED = re.compile(r"([A-Za-z])0*(\d{1,6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is said of one record: of a new one where `id` is empty. Fields are as typed.

    `seen` are the lines that whoever says so had before him, None for what stands now.
    """

    sort: str
    fields: Mapping[str, str]
    id: str = ""
    seen: frozenset[str] | None = None
    place: str = field(default="", compare=False)
    """Where it stands in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What came of rows: the incident, and the name of the record of each row."""

    incident: Incident
    ids: tuple[str, ...]


class Incidents:
    """The incidents of one node."""

    def __init__(self, store: ReliefStore, *, node: str) -> None:
        self.store = store
        self.node = node

    def open(self, fields: Mapping[str, str], by: By, context: Context, note: str = "") -> Incident:
        """Open an incident. Raises NotTaken, and then there is none."""
        if context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise NotTaken(f"an incident is live or of an exercise; {context} is neither")
        read = read_fields(SORTS["incident"], {**fields, SHARED: ""})
        said = {name: text for name, text in read.items() if text}
        said.setdefault("status", "open")
        _check_whole("incident", said)

        def lines(name: str) -> Sequence[Line]:
            blank = self._blank(name, context, by)
            first = replace(blank, record=HEAD, fields=said)
            words = note.strip()[:MAX_TEXT]
            return [first, replace(blank, fields={NOTE: words})] if words else [first]

        return self.store.begin(lines, node=self.node, day=by.now.strftime("%Y%m%d"))

    def take(self, lines: Sequence[Line]) -> int:
        """Keep what partners wrote into what they may know of; return how many lines were new."""
        return self.store.take(lines, own=self.node)

    def put(self, incident: str, row: Row, by: By) -> Entered:
        """Add a record, or change one. Raises NotTaken, Overtaken."""
        return self.enter(incident, [row], by)

    def enter(self, incident: str, rows: Sequence[Row], by: By) -> Entered:
        """Add and change records, all or none. Raises NotTaken, Overtaken."""
        ids: list[str] = []

        def make(stands: Incident) -> list[Line]:
            names, made = names_of(stands, [row.fields for row in rows]), list[Line]()
            last: dict[str, int] = {}
            for row in rows:
                key, changed = self._changed(stands, row, last)
                if key.partition(":")[2] in ids:
                    raise NotTaken(f"{key.partition(':')[2]} is said twice")
                lines = self._told(stands, key, changed, (by, names))
                stands = _with(stands, key, lines)
                made += lines
                ids.append(key.partition(":")[2])
            return made

        return Entered(incident=self.store.add(incident, make), ids=tuple(ids))

    def note(self, incident: str, text: str, by: By, *, is_own: bool = False) -> Incident:
        """Write a note into the log; one that is the node's own never leaves it."""
        words = text.strip()
        if not words or len(words) > MAX_TEXT:
            raise NotTaken(f"a note has 1 to {MAX_TEXT} letters", "note")

        def make(stands: Incident) -> list[Line]:
            reach = Reach.NAMES if names_of(stands).are_in(words) else Reach.SHARED
            reach = Reach.OWN if is_own else reach
            blank = self._blank(stands.id, stands.context, by)
            return [replace(blank, fields={NOTE: words}, reach=reach)]

        return self.store.add(incident, make)

    def share(self, incident: str, value: str, by: By) -> Incident:
        """Say an incident to partners from now on, as `voice.shared_value` has it; "": no more."""

        def make(stands: Incident) -> list[Line]:
            fields = {SHARED: value}
            seen = _heads(stands.records.get(HEAD), fields)
            blank = self._blank(stands.id, stands.context, by)
            return [replace(blank, record=HEAD, fields=fields, seen=seen, reach=Reach.OWN)]

        return self.store.add(incident, make)

    def issue(self, incident: str, alert: str, fields: Mapping[str, str], by: By) -> Incident:
        """Keep an alert that `alerts.py` has made."""

        def make(stands: Incident) -> list[Line]:
            if f"alert:{alert}" in stands.records:
                raise NotTaken(f"alert {alert} is issued already")
            reach = Reach.SHARED
            if any(map(names_of(stands).are_in, fields.values())):
                reach = Reach.NAMES
            blank = self._blank(stands.id, stands.context, by)
            return [replace(blank, record=f"alert:{alert}", fields=fields, reach=reach)]

        return self.store.add(incident, make)

    def _changed(
        self, stands: Incident, row: Row, last: dict[str, int]
    ) -> tuple[str, dict[str, str]]:
        """Return the key of a row's record, and what of its fields is new. Raises NotTaken."""
        sort, key = SORTS[row.sort], self._key(stands, row, last)
        record = stands.records.get(key)
        read = read_fields(sort, row.fields)
        if SHARED in read:
            raise NotTaken("shared is not set by hand: see accord relief share", SHARED)
        if record is None and sort.status:
            read.setdefault("status", sort.status)
        before = {} if record is None else dict(record.texts)
        read = _named(stands, read)
        whole = {name: text for name, text in {**before, **read}.items() if text}
        if row.sort == "match":
            whole = check_match(stands, whole, key if record else "")
            read |= {name: whole[name] for name in ("need", "offer", "quantity")}
        _check_whole(row.sort, whole)
        changed = {name: text for name, text in read.items() if _is_news(record, name, text)}
        for name in changed if row.seen is not None else ():
            check_seen(record, name, row.seen or frozenset())
        return key, changed

    def _key(self, stands: Incident, row: Row, last: dict[str, int]) -> str:
        """Return the key of a row's record; `last` has the numbers given to new ones already."""
        if row.sort == "incident":
            return HEAD
        if row.id:
            return f"{row.sort}:{find(stands, row.sort, row.id).id}"
        stem = f"{self.node}-{SORTS[row.sort].letter}"
        if row.sort not in last:
            last[row.sort] = _last(stands, row.sort, stem)
        last[row.sort] += 1
        return f"{row.sort}:{stem}{last[row.sort]}"

    def _told(
        self, stands: Incident, key: str, changed: Mapping[str, str], by: tuple[By, Names]
    ) -> list[Line]:
        """Return the line of what names nobody, and that of what does."""
        who, names = by
        record, sort = stands.records.get(key), SORTS[key.partition(":")[0]]
        parts = split(sort, changed, names)
        blank = replace(self._blank(stands.id, stands.context, who), record=key)
        return [
            replace(blank, fields=fields, reach=reach, seen=_heads(record, fields))
            for fields, reach in zip(parts, (Reach.SHARED, Reach.NAMES), strict=True)
            if fields
        ]

    def _blank(self, incident: str, context: Context, by: By) -> Line:
        """Return a line that says nothing yet."""
        return Line(
            incident=incident, node=self.node, context=context, at=by.happened, entered=by.now,
            by=by.name,
        )  # fmt: skip


def _last(incident: Incident, sort: str, stem: str) -> int:
    """Return the highest number of a node's records of a sort."""
    ends = (each.id.removeprefix(stem) for each in incident.of(sort) if each.id.startswith(stem))
    return max((int(each) for each in ends if each.isdecimal()), default=0)


def find(incident: Incident, sort: str, name: str) -> Record:
    """Return a record by its name, or by the end of it, such as n3. Raises NotTaken."""
    wanted = name.strip().upper()
    records = list(incident.of(sort))
    same = [each for each in records if each.id.upper() == wanted]
    ending = [each for each in records if _NUMBERED.fullmatch(wanted)
              and each.id.upper().endswith(f"-{wanted}")]  # fmt: skip
    found = same or ending
    if not found:
        raise NotTaken(f"there is no {sort} {name[:80]} on {incident.id}", sort)
    if len(found) > 1:
        which = " or ".join(each.id for each in found)
        raise NotTaken(f"{name[:80]} can mean {which}: say which one", sort)
    return found[0]


def shared_as(incident: Incident) -> Mapping[str, object]:
    """Return how an incident is shared: into which `groups`, `marking`, with `names`; or empty."""
    return json.loads(incident.text(SHARED) or "{}")


def _named(incident: Incident, texts: Mapping[str, str]) -> dict[str, str]:
    """Return fields in which other records have their whole names."""
    return {
        name: find(incident, name, text).id if name in _REFERRED and text else text
        for name, text in texts.items()
    }


def _check_whole(sort: str, texts: Mapping[str, str]) -> None:
    missing = lacking(SORTS[sort], texts)
    if missing:
        raise NotTaken(f"{sort} lacks {', '.join(missing)}", missing[0])
    check_record(sort, texts)


def _is_news(record: Record | None, name: str, text: str) -> bool:
    value = None if record is None else record.values.get(name)
    if value is None:
        return bool(text)
    return bool(value.others) or value.text != text


def _heads(record: Record | None, fields: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that whoever says these fields has seen."""
    if record is None:
        return ()
    values = [record.values[name] for name in fields if name in record.values]
    return tuple(sorted({head for value in values for head in value.heads}))


def _with(incident: Incident, key: str, lines: Sequence[Line]) -> Incident:
    """Return an incident with lines that are not kept yet, for the rows that come after them."""
    if not lines:
        return incident
    of_it = [e for e in incident.log if e.record == key] if key in incident.records else []
    record = incident_of([*of_it, *lines]).records[key]
    return replace(incident, records={**incident.records, key: record})
