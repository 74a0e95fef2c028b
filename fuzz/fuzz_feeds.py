"""Whatever the bytes, a feed gives reports that its original makes again, or counts a refusal.

The first byte says which format reads the rest, in two divisions where it is a stream.
"""

import sys
from datetime import UTC, datetime
from typing import Any

import atheris

with atheris.instrument_imports(include=["accord"]):
    from accord.core.report import Form, Report, Source
    from accord.wire.adsb import translate as adsb
    from accord.wire.adsb.squitters import ModeSReader
    from accord.wire.adsb.stream import AvrStream, BeastStream
    from accord.wire.ais import own_ship
    from accord.wire.ais import translate as ais
    from accord.wire.ais.encode import sentences
    from accord.wire.asterix import translate as asterix
    from accord.wire.asterix.polar import Site
    from accord.wire.asterix.stream import AsterixStream
    from accord.wire.dis import translate as dis
    from accord.wire.geojson import message, xml
    from accord.wire.geojson import translate as geojson
    from accord.wire.json import translate as positions

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="feed:fuzz", speaker="fuzz")
GROUPS = frozenset({"Watch"})
AGAIN = {
    Form.AIS: ais.from_original,
    Form.NMEA: own_ship.from_original,
    Form.ADSB: adsb.from_original,
    Form.GEOJSON: geojson.from_original,
    Form.ASTERIX: asterix.from_original,
    Form.DIS: dis.from_original,
    Form.JSON: positions.from_original,
}
FEED = {"source": SOURCE, "groups": GROUPS}
STREAMS = (
    lambda: ais.AisReader(**FEED),
    lambda: own_ship.NmeaReader(**FEED),
    lambda: ModeSReader(BeastStream(), stands_at=(-41.3, 174.8), **FEED),
    lambda: ModeSReader(AvrStream(), stands_at=(-41.3, 174.8), **FEED),
    lambda: adsb.SbsReader(**FEED),
)
DOCUMENTS = (
    lambda: adsb.ReadsbReader(**FEED),
    lambda: geojson.FeatureReader(message.read, **FEED),
    lambda: geojson.FeatureReader(xml.read_gpx, **FEED),
    lambda: geojson.FeatureReader(xml.read_kml, **FEED),
)
SITES = {(sac, sic): Site(-41.3, 174.8, 500.0) for sac in range(256) for sic in range(256)}
WHOLE = (
    lambda: asterix.AsterixReader(AsterixStream(is_datagrams=True), sites=SITES, **FEED),
    lambda: dis.DisReader(**FEED),
    lambda: positions.JsonReader(**FEED),
)
READERS = (*STREAMS, *DOCUMENTS, *WHOLE)


class Broken(Exception):
    """A promise that was not kept."""


def heard(reader: Any, data: bytes, step: int) -> list[Report]:
    reports: list[Report] = []
    for at in range(0, len(data), step):
        reports += reader.read(data[at : at + step], received=NOW, tick=0.0)
    return reports


def one_input(data: bytes) -> None:
    if not data:
        return
    kind, rest = data[0] % len(READERS), data[1:]
    whole = heard(READERS[kind](), rest, max(1, len(rest)))
    if kind < len(STREAMS) and heard(READERS[kind](), rest, 7) != whole:
        raise Broken("what is heard depends on how the bytes were divided")
    for report in whole:
        assert report.original is not None
        again = AGAIN[report.original.form](
            report.original, source=SOURCE, groups=GROUPS, received=NOW
        )
        if again.uid != report.uid or again.body != report.body:
            raise Broken("what was kept makes another report")
        sentences(report)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
