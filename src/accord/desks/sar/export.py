"""The whole of a case in one file, for the inquiry: every line of its log, and what came of it."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime

from accord.core.rfc3339 import spell
from accord.desks.sar.case import Case
from accord.desks.sar.entry import Entry, Kind

_ERA = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside, so that one case makes the same bytes each time."""


def entry_json(entry: Entry) -> dict[str, object]:
    """Return a line of the log as it is given out."""
    place = entry.place
    return {
        "id": entry.id,
        "node": entry.node,
        "number": entry.number,
        "at": spell(entry.at),
        "entered": spell(entry.entered),
        "by": entry.by,
        "kind": entry.kind.value,
        "about": entry.about,
        "value": entry.value,
        "place": None if place is None else [place.lat, place.lon],
        "seen": list(entry.seen),
        "private": entry.is_private,
    }


def case_json(case: Case) -> dict[str, object]:
    """Return a case as it stands, without its log."""
    return {
        "id": case.id,
        "context": str(case.context),
        "opened": spell(case.opened),
        "closed": case.is_closed,
        "lead": case.text("lead"),
        "facts": {
            name: {
                "value": fact.value,
                "by": fact.entry.by,
                "node": fact.entry.node,
                "at": spell(fact.entry.at),
                "seen": list(fact.heads),
                "rivals": [
                    {"value": each.value, "by": each.by, "node": each.node, "at": spell(each.at)}
                    for each in fact.rivals
                ],
            }
            for name, fact in case.facts.items()
            if fact.value or fact.rivals
        },
        "checked": sorted({each.about for each in case.log if each.kind is Kind.CHECK}),
    }


def export(case: Case, more: Mapping[str, str], *, at: datetime, by: str) -> bytes:
    """Return a ZIP of the case: `case.json`, `log.json`, `log.csv`, `more` files, their digests.

    The digests stand in `SHA256SUMS`, as `sha256sum --check` reads them.
    """
    log = [entry_json(each) for each in case.log]
    files = {
        "case.json": _json({**case_json(case), "exported": spell(at), "exported_by": by}),
        "log.json": _json(log),
        "log.csv": _csv(case),
        "log.geojson": _json(_features(case)),
        **more,
    }
    files["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n"
        for name, text in sorted(files.items())
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{case.id}/{name}", _ERA), text.encode())
    return out.getvalue()


def _json(said: object) -> str:
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _csv(case: Case) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    rows.writerow(["at", "entered", "node", "by", "kind", "about", "value", "lat", "lon"])
    for each in case.log:
        place = (each.place.lat, each.place.lon) if each.place else ("", "")
        words = (_plain(each.about), _plain(each.value))
        rows.writerow(
            [spell(each.at), spell(each.entered), each.node, _plain(each.by), each.kind.value,
             *words, *place]
        )  # fmt: skip
    return out.getvalue()


def _plain(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _features(case: Case) -> dict[str, object]:
    """Return the lines that have a place, as GeoJSON (RFC 7946)."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [each.place.lon, each.place.lat]},
                "properties": entry_json(each),
            }
            for each in case.log
            if each.place is not None
        ],
    }
