"""A track as ATAK sends it: KML with Google's extension."""

from collections.abc import Iterable, Mapping

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">'
    "<Document><name>Track</name><Folder><Placemark><name>KIWI 1</name>"
)
TAIL = "</Placemark></Folder></Document></kml>"

WHENS = ("2026-01-02T02:00:00.000Z", "2026-01-02T02:00:05.000Z", "2026-01-02T02:00:10.000Z")
COORDS = ("174.8 -41.3 12.5", "174.81 -41.31 0", "174.82,-41.32")


def a_track(
    whens: Iterable[str] = WHENS,
    coords: Iterable[str] = COORDS,
    angles: Iterable[str] = (),
    arrays: Mapping[str, Iterable[str]] | None = None,
) -> str:
    lists = (("when", whens), ("gx:coord", coords), ("gx:angles", angles))
    inside = "".join(f"<{name}>{each}</{name}>" for name, every in lists for each in every)
    data = "".join(
        f'<gx:SimpleArrayData name="{name}">'
        + "".join(f"<gx:value>{each}</gx:value>" for each in every)
        + "</gx:SimpleArrayData>"
        for name, every in (arrays or {}).items()
    )
    extended = f'<ExtendedData><SchemaData schemaUrl="#s">{data}</SchemaData></ExtendedData>'
    return f"<gx:Track>{inside}{extended if arrays else ''}</gx:Track>"


def a_document(*tracks: str) -> bytes:
    return (HEAD + "".join(tracks or (a_track(),)) + TAIL).encode()
