"""An incident as its lines make it: every record as it stands, and where two people differ."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.desks.relief.line import Line

HEAD = "incident:"
"""The record of the incident itself."""


class NoSuchIncident(AccordError):
    """There is no incident of that name."""


class Overtaken(AccordError):
    """Somebody else has changed the field meanwhile; nothing was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One field as it stands: the line that holds, and `others` that were said unaware of it."""

    name: str
    line: Line
    others: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """What holds, empty where it was taken back."""
        return self.line.fields[self.name]

    @property
    def rivals(self) -> tuple[Line, ...]:
        """Those of the others that say something else."""
        return tuple(each for each in self.others if each.fields[self.name] != self.text)

    @property
    def heads(self) -> tuple[str, ...]:
        """The lines that whoever changes it has to have seen."""
        return tuple(sorted(each.id for each in (self.line, *self.others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One need, offer, activity and so on."""

    key: str
    """Its sort and its name, such as `need:NZL-N1`."""
    values: Mapping[str, Value]

    @property
    def sort(self) -> str:
        """What it is."""
        return self.key.partition(":")[0]

    @property
    def id(self) -> str:
        """Its name."""
        return self.key.partition(":")[2]

    def text(self, name: str, default: str = "") -> str:
        """Return a field as it is kept, or the default where nobody said any."""
        found = self.values.get(name)
        return default if found is None else found.text or default

    def number(self, name: str) -> float | None:
        """Return a number, None where nobody said any."""
        found = self.text(name)
        return float(found) if found else None

    @property
    def texts(self) -> Mapping[str, str]:
        """Every field that is not empty."""
        return {name: each.text for name, each in self.values.items() if each.text}

    @property
    def node(self) -> str:
        """The node whose people first spoke of it."""
        return min((each.line for each in self.values.values()), key=lambda e: e.order).node


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident. `log` has every line in order; `records` what stands, by key."""

    id: str
    context: Context
    log: tuple[Line, ...]
    records: Mapping[str, Record] = field(default_factory=dict[str, Record])

    def text(self, name: str, default: str = "") -> str:
        """Return a field of the incident itself."""
        head = self.records.get(HEAD)
        return default if head is None else head.text(name, default)

    def of(self, sort: str) -> Iterator[Record]:
        """Yield every record of a sort, such as `need`, in the order in which they began."""
        return (each for each in self.records.values() if each.sort == sort)

    @property
    def opened(self) -> datetime:
        """When it was opened here or at the node that shares it."""
        return min(each.entered for each in self.log)

    @property
    def is_closed(self) -> bool:
        """Whether somebody has closed it."""
        return self.text("status") == "closed"

    @property
    def disputed(self) -> tuple[tuple[str, str], ...]:
        """The records and fields that two people changed unaware of each other."""
        return tuple(
            (key, name)
            for key, record in self.records.items()
            for name, value in record.values.items()
            if value.rivals
        )


def incident_of(lines: Iterable[Line]) -> Incident:
    """Return the incident that these lines of one incident make; their order does not matter."""
    log = tuple(sorted(lines, key=lambda each: each.order))
    if not log:
        raise NoSuchIncident("there is no such incident")
    said: dict[str, dict[str, list[Line]]] = {}
    for line in log:
        for name in line.fields if line.record else ():
            said.setdefault(line.record, {}).setdefault(name, []).append(line)
    return Incident(
        id=log[0].incident,
        context=log[0].context,
        log=log,
        records={
            key: Record(key=key, values={n: _value(n, lines) for n, lines in fields.items()})
            for key, fields in said.items()
        },
    )


def _value(name: str, lines: list[Line]) -> Value:
    """Return what stands of the lines about one field: what nobody who spoke later had seen.

    Of several such, the last one holds.
    """
    seen = {each for line in lines for each in line.seen}
    heads = [line for line in lines if line.id not in seen]
    *others, last = heads or lines[-1:]  # lines that saw each other are no writer's of ours
    return Value(name=name, line=last, others=tuple(others))


def check_seen(record: Record | None, name: str, seen: frozenset[str]) -> None:
    """Refuse a change by one who has not seen what stands. Raises Overtaken."""
    value = None if record is None else record.values.get(name)
    lines = () if value is None else (value.line, *value.others)
    unseen = [each for each in lines if each.id not in seen]
    if unseen:
        by = ", ".join(f"{e.by} of {e.node} set it to {e.fields[name]!r}" for e in unseen)
        raise Overtaken(
            f"{name} has been changed meanwhile: {by}. Yours was not taken; look, and say it again"
        )
