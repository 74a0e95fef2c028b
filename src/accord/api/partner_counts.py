"""How much went to each partner in the last hour and day, counted from its ledger."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from accord.release.ledger.entry import (
    GLANCED,
    KIND_OF_REFUSALS,
    KIND_OF_RELEASE,
    Body,
    Refusals,
    decode,
    glance,
    milliseconds,
    moment_of,
)
from accord.release.ledger.fault import LedgerFault
from accord.storage.ledger_reader import LedgerReader, partners_of, path_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

MAX_LINES = 200_000
"""Lines that one answer reads; of more the newest."""

LOOKED_AT = 1_024
"""Lines between two looks at the time."""

_KIND_AT = 1
"""Where the kind stands in the bytes of a line (docs/reference/ledger.md)."""

_KEY = [GLANCED[name] for name in ("agreement", "serial", "clause", "form")]

_MINUTE = 60_000
"""Milliseconds that are counted together."""

Key = tuple[str, int, str, str]
"""Agreement, serial, clause (empty where none decided), and form or reason."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Releases by form, and what was withheld by reason."""

    released: Counter[Key] = field(default_factory=Counter[Key])
    withheld: Counter[Key] = field(default_factory=Counter[Key])

    def take(self, other: "Amounts") -> None:
        """Count that too."""
        self.released.update(other.released)
        self.withheld.update(other.withheld)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the ledger has of the last hour and day; `since`: of no earlier line was it read."""

    hour: Amounts
    day: Amounts
    since: datetime | None


@dataclass(slots=True)
class _Known:
    """What was read of one ledger: up to which line, and what by the minute."""

    origin: str = ""
    last: int = 0
    since: int = 0
    minutes: dict[int, Amounts] = field(default_factory=dict[int, Amounts])


class PartnerCounts:
    """Counts, and remembers what it counted: the next answer reads only what is new. One thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, _Known] = {}

    def of(self, partner: str, now: datetime, *, is_late: Callable[[], bool]) -> Counted:
        """Return the counts of one partner. LedgerFault: its ledger cannot be read.

        Where `is_late` says so it stops, and `since` says from when on it has counted.
        """
        known = self._known.get(partner, _Known())
        if partner in partners_of(self._directory):
            with closing(LedgerReader(path_of(self._directory, partner))) as reader:
                known = self._known[partner] = _read_on(reader, known, now, is_late)
        return _sum(known, milliseconds(now))


def _read_on(
    reader: LedgerReader, known: _Known, now: datetime, is_late: Callable[[], bool]
) -> _Known:
    size, floor = reader.size(), milliseconds(now - DAY)
    if reader.owner.origin != known.origin or size < known.last:
        known = _Known(origin=reader.owner.origin, since=floor)
    fresh = _Known(origin=known.origin, last=size, since=known.since)
    read_to: int | None = None
    for at, amounts in _new(reader, known.last, floor):
        if amounts is None or (read_to is not None and is_late()):
            # What was known before has a gap after it now.
            fresh.since = at if read_to is None else read_to
            return fresh
        fresh.minutes.setdefault(at // _MINUTE, Amounts()).take(amounts)
        read_to = at
    for minute, amounts in known.minutes.items():
        if minute * _MINUTE >= floor - _MINUTE:
            fresh.minutes.setdefault(minute, Amounts()).take(amounts)
    return fresh


def _new(reader: LedgerReader, last: int, floor: int) -> Iterator[tuple[int, Amounts | None]]:
    """Yield the lines after `last`, newest first, a minute at a time; None: there are too many."""
    part, at = Amounts(), -1
    for count, (number, data, _) in enumerate(reader.newest_first(), start=1):
        moment = moment_of(data, number)
        if number <= last or moment < floor:
            break
        is_full = moment // _MINUTE != at // _MINUTE or count % LOOKED_AT == 0
        if at >= 0 and (is_full or count > MAX_LINES):
            yield at, part
            part = Amounts()
        if count > MAX_LINES:
            yield at, None
            return
        at = moment
        _count(part, data)
    if at >= 0:
        yield at, part


def _count(part: Amounts, data: bytes) -> None:
    with suppress(LedgerFault):  # what is torn is no release; verifying the ledger names it
        if data[_KIND_AT] == KIND_OF_RELEASE:
            row = glance(data)
            if _is_state(row[GLANCED["version"]]):
                part.released[cast("Key", tuple([row[place] for place in _KEY]))] += 1
        elif data[_KIND_AT] == KIND_OF_REFUSALS:
            _count_refusals(part, decode(data).body)


def _count_refusals(part: Amounts, body: Body) -> None:
    if isinstance(body, Refusals):
        for each in body.counts:
            key = body.agreement, body.serial, each.clause or "", each.reason
            part.withheld[key] += each.count


def _is_state(version: object) -> bool:
    """Tell whether a release is of a state of an object; its header has no version of its own."""
    return isinstance(version, tuple) and any(cast("tuple[object, ...]", version)[1:])


def _sum(known: _Known, now: int) -> Counted:
    hour, day = Amounts(), Amounts()
    for minute, amounts in known.minutes.items():
        day.take(amounts)
        if minute * _MINUTE >= now - HOUR // timedelta(milliseconds=1):
            hour.take(amounts)
    since = datetime.fromtimestamp(known.since / 1_000, UTC) if known.origin else None
    return Counted(hour, day, since)
