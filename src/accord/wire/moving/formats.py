"""The documents that courses can be written as, by name."""

from dataclasses import dataclass
from enum import StrEnum

from accord.wire.moving import features, gpx, kml, mfjson, table
from accord.wire.moving.told import Write


class Format(StrEnum):
    """What the history can be had as."""

    GPX = "gpx"
    KML = "kml"
    GEOJSON = "geojson"
    CSV = "csv"
    MF_JSON = "mf-json"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Entry:
    """How a format is written, None where it is not text; its media type, and the file's ending."""

    write: Write | None
    media: str
    ending: str


FORMATS: dict[Format, Entry] = {
    Format.GPX: Entry(gpx.write, "application/gpx+xml", "gpx"),
    Format.KML: Entry(kml.write, "application/vnd.google-earth.kml+xml", "kml"),
    Format.GEOJSON: Entry(features.write, "application/geo+json", "geojson"),
    Format.CSV: Entry(table.write, "text/csv", "csv"),
    Format.MF_JSON: Entry(mfjson.write, "application/json", "mf.json"),
    Format.PARQUET: Entry(None, "application/vnd.apache.parquet", "parquet"),
}
