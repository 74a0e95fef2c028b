"""What was said lately, for those who were not connected when it was said.

A picture shows things, not words; without this a phone that was out of reach for a minute, or a
node that was restarted, would cost people their messages.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.core.report import Address, Report
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


class Words:
    """Remembers messages in order, and up to where each principal has heard."""

    def __init__(self, settings: WordsSettings, *, clock: Clock) -> None:
        self.counts: Counter[str] = Counter()
        self._settings = settings
        self._clock = clock
        self._said: deque[tuple[int, Report]] = deque()
        self._bytes = 0
        self._number = 0
        self._heard: OrderedDict[str, int] = OrderedDict()

    def keep(self, report: Report) -> None:
        """Remember a message."""
        self._number += 1
        self._said.append((self._number, report))
        self._bytes += _size(report)
        while len(self._said) > self._settings.max_messages or (
            self._bytes > self._settings.max_bytes
        ):
            self._bytes -= _size(self._said.popleft()[1])
            self.counts["messages forgotten"] += 1

    def left(self, principal: Principal) -> None:
        """Note that somebody has heard everything up to now, and hears no more."""
        self._heard.pop(principal.name, None)
        self._heard[principal.name] = self._number
        if len(self._heard) > self._settings.max_people:
            self._heard.popitem(last=False)
            self.counts["people forgotten"] += 1

    def missed(self, principal: Principal) -> Iterator[Report]:
        """Yield what was said to everybody since he left, oldest first; none that is stale."""
        return (each for each in self._since(principal) if not each.to)

    def missed_by_name(self, principal: Principal, names: set[Address]) -> Iterator[Report]:
        """Yield what was said since he left to any of these addresses, oldest first."""
        return (each for each in self._since(principal) if each.to & names)

    def _since(self, principal: Principal) -> Iterator[Report]:
        heard, now = self._heard.get(principal.name, 0), self._clock.now()
        for number, report in tuple(self._said):
            is_own = report.source.speaker == principal.name
            if number > heard and now < report.stale and not is_own and may_see(principal, report):
                yield report


def _size(report: Report) -> int:
    return 0 if report.original is None else len(report.original.data)
