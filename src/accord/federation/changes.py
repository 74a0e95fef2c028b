"""What happened to a link since all of it was kept: in rows, so that each can be kept at once.

Whoever has what was kept before, and does again what the rows say, is where the link was.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import cast

from accord.federation.given import Had
from accord.federation.held import (
    Plain,
    burial_from_tuple,
    burial_to_tuple,
    entry_from_tuple,
    entry_to_tuple,
    had_from_tuple,
    had_to_tuple,
    took_from_tuple,
    took_to_tuple,
    tuples,
)
from accord.federation.inflow import Inflow
from accord.federation.log import Entry, LaneLog
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.federation.settling import Came
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Lane


class Row(IntEnum):
    """What a row says: something is to go, was given a number, so were headers; something came."""

    ADDED = 0
    NUMBERED = 1
    HEADERS = 2
    CAME = 3


class Changes:
    """Gathers the rows of one link. `take` returns those that were not returned before."""

    def __init__(self, out: Outflow, inflow: Inflow) -> None:
        self._out = out
        self._in = inflow
        self._came: list[Came] = []

    def came(self, came: Came) -> None:
        """Note what has come of the partner, and is on the disk."""
        self._came.append(came)

    def take(self) -> tuple[Plain, ...]:
        """Return what happened since the last time."""
        rows: list[Plain] = []
        for lane, log in self._out.logs.items():
            added, numbered = log.changes()
            rows += (row for entry in added if (row := _added(lane, entry)) is not None)
            rows += (_numbered(lane, entry) for entry in numbered)
        header = None if self._out.by_file else self._out.handles.changes()
        if header is not None:
            rows.append((int(Row.HEADERS), *header))
        rows += (_came(self._in.epoch, came) for came in self._came)
        self._came.clear()
        return tuple(rows)


def _added(lane: Lane, entry: Entry) -> Plain:
    written = entry_to_tuple(entry)
    # The number has a row of its own: what else was in the log then comes before it.
    if not isinstance(written, tuple):
        return None
    return int(Row.ADDED), int(lane), (0, *written[1:])


def _numbered(lane: Lane, entry: Entry) -> Plain:
    candidate, leaving = entry.candidate, entry.leaving
    version = None if candidate is None else tuple(candidate.version)
    key = None if entry.key is None else tuple(entry.key)
    had: Plain = None
    if leaving is not None and entry.key and entry.released and entry.version:
        # As what was released is kept, in the version in which it went.
        it = Had(entry.key, leaving.grant, durable=True, version=entry.version)
        had = had_to_tuple(entry.released, it)
    return int(Row.NUMBERED), int(lane), entry.number, key, version, had


def _came(epoch: int, came: Came) -> Plain:
    marks = None if came.marks is None else tuple(
        (int(lane), number) for lane, number in came.marks.items()
    )  # fmt: skip
    taken = tuple(
        (tuple(each.key), None if each.after is None else took_to_tuple(each.key, each.after))
        for each in came.changes
    )
    return int(Row.CAME), epoch, marks, taken, tuple(map(burial_to_tuple, came.buried))


class Again:
    """Does again what rows say. Each raises ValueError, TypeError or WireError where it is spoilt.

    `is_same_life`: they are of this epoch of this node, so that the numbers count.
    """

    def __init__(self, out: Outflow, inflow: Inflow, now: Moment, *, is_same_life: bool) -> None:
        self._out = out
        self._in = inflow
        self._now = now
        self._is_same_life = is_same_life

    def do(self, rows: Iterable[Plain]) -> None:
        """Do all that these say, in turn."""
        for row in rows:
            match tuples(row):
                case (Row.ADDED, int(lane), entry):
                    self._out.logs[Lane(lane)].add(entry_from_tuple(entry, self._now.seconds))
                case (Row.NUMBERED, int(lane), int(number), key, version, had):
                    if self._is_same_life:
                        self._numbered(self._out.logs[Lane(lane)], number, (key, version), had)
                case (Row.HEADERS, int(from_), int(to)):
                    if self._is_same_life:
                        self._out.handles.gave(from_, to)
                case (Row.CAME, int(epoch), marks, tuple(taken), tuple(buried)):
                    self._came(epoch, marks, taken, buried)
                case _:
                    raise ValueError("what happened to a link has another shape")

    def _numbered(self, log: LaneLog, number: int, it: tuple[Plain, Plain], had: Plain) -> None:
        def is_it(entry: Entry) -> bool:
            candidate = entry.candidate
            key = None if entry.key is None else tuple(entry.key)
            return it == (key, None if candidate is None else tuple(candidate.version))

        entry = log.numbered_before(number, is_it)
        if had is None:
            return
        released, given = had_from_tuple(had)
        self._out.given.sent(released, given)
        if entry is not None:
            entry.released, entry.version = released, given.version

    def _came(
        self, epoch: int, marks: Plain, taken: tuple[Plain, ...], buried: tuple[Plain, ...]
    ) -> None:
        inflow, versions = self._in, self._in.coalition.versions
        if epoch != inflow.epoch:
            inflow.new_epoch(epoch)
        for each in taken:
            key, took = cast("tuple[tuple[str, str, str], Plain]", each)
            inflow.taken.pop(ObjectKey(*key), None)
            if took is not None:
                found, kept = took_from_tuple(took)
                inflow.taken[found] = kept
                versions.take(found, kept.version, self._now.ms)
        for each in buried:
            versions.bury(*burial_from_tuple(each))
        if marks is not None:
            numbers = cast("tuple[tuple[int, int], ...]", marks)
            inflow.held_to({Lane(lane): number for lane, number in numbers})
