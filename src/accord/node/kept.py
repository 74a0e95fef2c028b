"""The journal of a node as others read it: whether the node runs or not, and holding up nobody."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from accord.api.story import Shelves
from accord.config import load
from accord.core.errors import AccordError
from accord.core.report import Form, Report
from accord.federation import kept
from accord.live.asked import Beyond
from accord.live.marking import DefaultMarkings
from accord.live.past import Past
from accord.node.directory import JOURNAL
from accord.storage.database import StorageFault
from accord.storage.restore import Decoders, as_kept
from accord.storage.segment import DamagedSegment, OpenSegment, Record
from accord.storage.sqlite import SqliteDatabase
from accord.wire.adsb import translate as adsb
from accord.wire.ais import own_ship
from accord.wire.ais import translate as ais
from accord.wire.asterix import translate as asterix
from accord.wire.cot import translate as cot
from accord.wire.dis import translate as dis
from accord.wire.errors import WireError
from accord.wire.geojson import translate as geojson
from accord.wire.json import translate as positions

DECODERS: Decoders = {
    Form.COT_XML: cot.report_again,
    Form.COT_PROTOBUF: cot.report_again,
    Form.AIS: ais.from_original,
    Form.NMEA: own_ship.from_original,
    Form.ADSB: adsb.from_original,
    Form.GEOJSON: geojson.from_original,
    Form.ASTERIX: asterix.from_original,
    Form.DIS: dis.from_original,
    Form.JSON: positions.from_original,
    Form.PEER: kept.report_again,
}
"""How what the journal keeps is read again."""


def shelves(directory: Path, *, since: Callable[[], float] = lambda: 0.0) -> Shelves:
    """Return what the node of a directory has on disk, for `api.story`; `since` as for segments."""
    settings = load(directory)
    defaults = settings.default_markings()
    return Shelves(
        directory=directory,
        own=settings.node.id,
        segments=lambda holding: segments(directory, since=since(), holding=holding),
        report_of=lambda record: report_of(record, defaults),
    )


def past(directory: Path, defaults: DefaultMarkings, beyond: Beyond | None = None) -> Past:
    """Return what the journal of a node's directory holds of the past, and what is beyond it."""
    database = SqliteDatabase(directory / JOURNAL, max_bytes=0)
    return Past(database.reader, lambda record: report_of(record, defaults), beyond)


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
            for each in reader.newest_first(since):
                if holding in each.data:
                    with suppress(DamagedSegment):
                        yield OpenSegment(each.data, each.newest)
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
