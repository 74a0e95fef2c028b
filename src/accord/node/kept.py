"""The journal of a node as others read it: whether the node runs or not, and holding up nobody."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from accord.core.errors import AccordError
from accord.core.report import Report
from accord.live.marking import DefaultMarkings
from accord.node.directory import JOURNAL
from accord.node.node import DECODERS
from accord.storage.database import StorageFault
from accord.storage.restore import as_kept
from accord.storage.segment import DamagedSegment, OpenSegment, Record
from accord.storage.sqlite import SqliteDatabase
from accord.wire.errors import WireError


def segments(directory: Path, *, since: float = 0.0, holding: bytes = b"") -> Iterator[OpenSegment]:
    """Yield what the journal keeps, the newest first; only segments with these bytes in them.

    Of positions no segment of which all was received before `since` (seconds since 1970). What is
    damaged is left out. AccordError when the journal cannot be read.
    """
    path = directory / JOURNAL
    if not path.is_file():
        return
    try:
        with closing(SqliteDatabase(path, max_bytes=0).reader()) as reader:
            for kept in reader.newest_first(since):
                if holding in kept.data:
                    with suppress(DamagedSegment):
                        yield OpenSegment(kept.data)
    except StorageFault as fault:
        raise AccordError(f"the journal {path} cannot be read: {fault}") from None


def report_of(record: Record, defaults: DefaultMarkings) -> Report | None:
    """Return a kept report as the node has it, None where nobody can read it any more."""
    decode = DECODERS.get(record.original.form)
    if decode is None:
        return None
    try:
        report = decode(
            record.original,
            source=record.source,
            groups=record.groups,
            received=record.received,
        )
    except (WireError, ValueError):
        return None
    return defaults.marked(as_kept(report, record))
