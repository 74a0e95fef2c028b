"""What was said lately, for those who were not connected when it was said.

A picture shows things, not words; without this a phone that was out of reach for a minute, or a
node that was restarted, would cost people their messages.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Report
from accord.release.access import may_see


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsSettings:
    """Chat that is given to those who missed it."""

    max_messages: int = field(
        default=1_000, metadata={"doc": "messages remembered; beyond, the oldest are forgotten"}
    )
    max_bytes: int = field(
        default=8 << 20,
        metadata={"doc": "bytes of messages remembered; beyond, the oldest are forgotten"},
    )
    max_people: int = field(
        default=10_000,
        metadata={
            "doc": "people of whom it is known up to where they have heard; beyond, who left first "
            "is forgotten, and is told again what is not stale"
        },
    )


@dataclass(slots=True, eq=False)
class _Said:
    """One message; `told` are those who were sent it as addressees, `reached` under which names.

    `told` counts the connections over which somebody was sent it.
    """

    number: int
    report: Report
    told: Counter[str]
    reached: set[Address]

    def untell(self, name: str, under: AbstractSet[Address]) -> None:
        """Take note that a connection did not get it; who got it over another has been sent it."""
        self.told[name] -= 1
        if self.told[name] <= 0:
            del self.told[name]
            self.reached -= under


@dataclass(frozen=True, slots=True)
class _Heard:
    """Up to which message somebody has heard, but for these."""

    number: int = 0
    but: frozenset[int] = frozenset()


_NOTHING = _Heard()


class Words:
    """Remembers messages in order, and who has heard which: to all by number, to some by name."""

    def __init__(self, settings: WordsSettings, *, clock: Clock) -> None:
        self.counts: Counter[str] = Counter()
        self._settings = settings
        self._clock = clock
        self._said: deque[_Said] = deque()
        self._bytes = 0
        self._number = 0
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    def keep(
        self, report: Report, *, told: Iterable[Principal] = (), reached: Iterable[Address] = ()
    ) -> None:
        """Remember a message, and which of its addressees are sent it now, under which names.

        Whoever is sent it over two connections is named twice.
        """
        self._number += 1
        names = Counter(each.name for each in told)
        self._said.append(_Said(self._number, report, names, set(reached)))
        self._bytes += _size(report)
        while len(self._said) > self._settings.max_messages or (
            self._bytes > self._settings.max_bytes
        ):
            self._bytes -= _size(self._said.popleft().report)
            self.counts["messages forgotten"] += 1

    def drop(self, channel: str, uid: str) -> Report | None:
        """Forget a message that came by that channel, as it was called back; None: it is not here.

        Whoever has heard it has heard it.
        """
        for each in self._said:
            if each.report.uid == uid and each.report.source.channel == channel:
                self._said.remove(each)
                self._bytes -= _size(each.report)
                return each.report
        return None

    def left(self, principal: Principal, unsent: Iterable[Report] = ()) -> None:
        """Note that somebody hears no more; he has heard everything up to now but `unsent`."""
        name, waiting = principal.name, {id(each) for each in unsent}
        missed = [each for each in self._said if id(each.report) in waiting] if waiting else []
        for each in missed:
            each.untell(name, each.report.to)
        self._heard.pop(name, None)
        self._heard[name] = _Heard(self._number, frozenset(each.number for each in missed))
        if len(self._heard) > self._settings.max_people:
            self._heard.popitem(last=False)
            self.counts["people forgotten"] += 1

    def untold(
        self, principal: Principal, names: AbstractSet[Address], unsent: Iterable[Report]
    ) -> list[Report]:
        """Note that somebody is not sent under these names what he was to be; return what is known.

        The others of `unsent`, and those that came by none of these names, are as they were.
        """
        waiting = {id(each) for each in unsent}
        found: list[Report] = []
        for each in self._said:
            mine = each.report.to & names
            if mine and id(each.report) in waiting and principal.name in each.told:
                each.untell(principal.name, mine)
                found.append(each.report)
        return found

    def missed(self, principal: Principal) -> list[Report]:
        """Return what was said to all since he left, oldest first; none that is stale."""
        heard = self._heard.get(principal.name, _NOTHING)
        return [
            each.report
            for each in self._said
            if not each.report.to
            and (each.number > heard.number or each.number in heard.but)
            and self._is_for(principal, each.report)
        ]

    def missed_by_name(self, principal: Principal, names: AbstractSet[Address]) -> list[Report]:
        """Return what was said to any of these names and he was not sent; then he has been.

        What was sent to whoever had a callsign then is not given to whoever has it now.
        """
        found: list[Report] = []
        for each in self._said:
            mine = {name for name in each.report.to & names if not _is_done(name, each)}
            is_named = mine and principal.name not in each.told
            if is_named and self._is_for(principal, each.report):
                each.told[principal.name] += 1
                each.reached |= mine
                found.append(each.report)
        return found

    def recent(self, principal: Principal, names: AbstractSet[Address]) -> list[Report]:
        """Return what is remembered that he may see, oldest first, with his own words.

        Of what was said to some, only what he said or was said to any of these names.
        """
        return [each.report for each in self._said if is_between(principal, names, each.report)]

    def _is_for(self, principal: Principal, report: Report) -> bool:
        is_own = report.source.speaker == principal.name
        return self._clock.now() < report.stale and not is_own and may_see(principal, report)


def is_between(principal: Principal, names: AbstractSet[Address], report: Report) -> bool:
    """Tell whether words are somebody's own, to him under one of these names, or to all."""
    if report.source.speaker == principal.name and not report.source.is_partners:
        return True
    return may_see(principal, report) and (not report.to or not names.isdisjoint(report.to))


def _is_done(name: Address, said: _Said) -> bool:
    return name.kind is AddressKind.CALLSIGN and name in said.reached


def _size(report: Report) -> int:
    return 0 if report.original is None else len(report.original.data)
