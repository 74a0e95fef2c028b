"""Gathers what of a link outlasts the process, and puts it back."""

from accord.federation.coalition import Coalition
from accord.federation.held import (
    READ_ERRORS,
    HeldLog,
    HeldSync,
    burial_from_tuple,
    burial_to_tuple,
    entry_from_tuple,
    entry_to_tuple,
    had_from_tuple,
    had_to_tuple,
    object_from_tuple,
    object_to_tuple,
    took_from_tuple,
    took_to_tuple,
)
from accord.federation.inflow import Inflow
from accord.federation.log import Entry, LaneLog
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.wire.peer.protocol import Lane


def keep(epoch: int, out: Outflow, inflow: Inflow, coalition: Coalition) -> HeldSync:
    """Return what must be kept of a link."""
    day, used = out.budget.used
    handles, last_header = out.lasting_handles
    return HeldSync(
        epoch=epoch,
        their_epoch=inflow.epoch,
        logs=tuple(_log(lane, log) for lane, log in out.logs.items()),
        marks=tuple((int(mark.lane), mark.number) for mark in inflow.marks_to_resume()),
        given=tuple(had_to_tuple(key, had) for key, had in out.given.all()),
        taken=tuple(
            took_to_tuple(key, took) for key, took in inflow.settling.before(inflow.taken).items()
        ),
        handles=tuple(object_to_tuple(each) for each in handles),
        last_header=last_header,
        their_handles=tuple(object_to_tuple(each) for each in inflow.handles.values()),
        buried=tuple(map(burial_to_tuple, coalition.versions.buried())),
        suspended=tuple(out.door.suspended.items()),
        day=day,
        day_bytes=used,
        suspended_there=out.door.all_suspended_there,
    )


def _log(lane: Lane, log: LaneLog) -> HeldLog:
    written = (entry_to_tuple(entry) for entry in log.entries())
    entries = tuple(each for each in written if each is not None)
    return HeldLog(lane=lane, last=log.last, acked=log.acked, entries=entries)


def take_up(held: HeldSync, epoch: int, out: Outflow, inflow: Inflow, now: Moment) -> None:
    """Put back what was kept. Raises ValueError for what is spoilt, then nothing has changed."""
    is_same_life = held.epoch == epoch
    try:
        entries = {
            log.lane: tuple(entry_from_tuple(each, now.seconds) for each in log.entries)
            for log in held.logs
        }
        given = [had_from_tuple(each) for each in held.given]
        taken = [took_from_tuple(each) for each in held.taken]
        own_handles = tuple(object_from_tuple(each) for each in held.handles)
        handles = [object_from_tuple(each) for each in held.their_handles]
        buried = [burial_from_tuple(each) for each in held.buried]
    except READ_ERRORS as error:
        raise ValueError(f"what was kept of a link is spoilt: {error}") from None
    for log in held.logs:
        found = entries[log.lane]
        if not is_same_life:
            found = _unnumbered(found)
        last, acked = (log.last, log.acked) if is_same_life else (0, 0)
        out.logs[log.lane].restore(last, acked, found)
    out.given.restore(given)
    if is_same_life:
        out.handles.restore(own_handles, held.last_header)
    out.door.suspended.update(held.suspended)
    out.door.were_suspended_there(held.suspended_there)
    out.budget.restore(held.day, held.day_bytes)
    inflow.restore(
        held.their_epoch, {Lane(lane): number for lane, number in held.marks}, handles, taken
    )
    versions = inflow.coalition.versions
    for key, took in taken:
        versions.take(key, took.version, now.ms)
    for key, version, until in buried:
        versions.bury(key, version, until)


def _unnumbered(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    for entry in entries:
        entry.number = 0
    return entries
