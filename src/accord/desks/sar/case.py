"""A case as its entries make it: every fact as it stands, and where two people differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.desks.sar.entry import Entry, Kind


class NoSuchCase(AccordError):
    """There is no case of that name."""


class Overtaken(AccordError):
    """Somebody else has changed the fact meanwhile; nothing was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value as it stands: the entry that holds, and `others` that were said unaware of it."""

    entry: Entry
    others: tuple[Entry, ...] = ()

    @property
    def value(self) -> str:
        """What holds."""
        return self.entry.value

    @property
    def rivals(self) -> tuple[Entry, ...]:
        """Those of the others that say something else."""
        return tuple(each for each in self.others if each.value != self.value)

    @property
    def heads(self) -> tuple[str, ...]:
        """The entries that whoever changes it has to have seen."""
        return tuple(sorted(each.id for each in (self.entry, *self.others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `log` has every entry in order; `facts` what stands, empty where taken back."""

    id: str
    context: Context
    log: tuple[Entry, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict[str, Fact])

    def text(self, name: str, default: str = "") -> str:
        """Return a fact as it is kept, or the default where nobody said any."""
        found = self.facts.get(name)
        return default if found is None else found.value or default

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        found = self.text(name)
        return float(found) if found else default

    def moment(self, name: str) -> datetime | None:
        """Return a time."""
        found = self.text(name)
        return datetime.fromisoformat(found) if found else None

    def named(self, prefix: str) -> Mapping[str, str]:
        """Return the values of all facts of one sort, such as `unit:`, by the rest of the name."""
        return {
            name.removeprefix(prefix): fact.value
            for name, fact in self.facts.items()
            if name.startswith(prefix) and fact.value
        }

    def last(self, kind: Kind, about: str = "") -> Entry | None:
        """Return the last entry of a kind, of one unit where that is said."""
        found = (e for e in reversed(self.log) if e.kind is kind and about in ("", e.about))
        return next(found, None)

    @property
    def opened(self) -> datetime:
        """When it was opened here or at the node that shares it."""
        return min(each.entered for each in self.log)

    @property
    def is_closed(self) -> bool:
        """Whether somebody has closed it."""
        return bool(self.text("closed"))

    @property
    def disputed(self) -> tuple[str, ...]:
        """The facts that two people changed unaware of each other, until somebody settles them."""
        return tuple(name for name, fact in self.facts.items() if fact.rivals)


def case_of(entries: Iterable[Entry]) -> Case:
    """Return the case that these entries of one case make; their order does not matter."""
    log = tuple(sorted(entries, key=lambda each: each.order))
    if not log:
        raise NoSuchCase("there is no such case")
    said: dict[str, list[Entry]] = {}
    for entry in log:
        if entry.kind is Kind.FACT:
            said.setdefault(entry.about, []).append(entry)
    return Case(
        id=log[0].case,
        context=log[0].context,
        log=log,
        facts={name: fact_of(entries) for name, entries in sorted(said.items())},
    )


def fact_of(entries: list[Entry]) -> Fact:
    """Return what stands of the entries about one fact: what nobody who spoke later had seen.

    Of several such, the last one holds.
    """
    seen = {each for entry in entries for each in entry.seen}
    heads = [entry for entry in entries if entry.id not in seen]
    *others, last = heads or entries[-1:]  # entries that saw each other are no writer's of ours
    return Fact(entry=last, others=tuple(others))


def check_seen(case: Case, name: str, seen: tuple[str, ...]) -> None:
    """Refuse a change by one who has not seen what stands. Raises Overtaken."""
    fact = case.facts.get(name)
    if fact is not None and not (fact.value or fact.others or seen):
        return  # it was taken back, and who saw nothing there saw how it stands
    unseen = [] if fact is None else [e for e in (fact.entry, *fact.others) if e.id not in seen]
    if unseen:
        by = ", ".join(f"{each.by} of {each.node} set it to {each.value!r}" for each in unseen)
        raise Overtaken(
            f"{name} has been changed meanwhile: {by}. Yours was not taken; look, and say it again"
        )
