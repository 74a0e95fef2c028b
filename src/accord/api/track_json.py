"""Tracks and claims for machines: what the stream says of a track (`meta`), and more."""

import base64
import math
from collections.abc import Callable
from datetime import datetime

from accord.api.story_json import label_in_words, spell_time
from accord.core import portion
from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.principal import Principal
from accord.core.report import Form, Original, Report
from accord.core.track import Track
from accord.picture.claims import point_of
from accord.wire.page.translate import Given, meta_of

FormOf = Callable[[Report], Given | None]
"""By which form a partner released a report; None for what is not a partner's or came whole."""

_TEXT = frozenset({Form.COT_XML, Form.AIS, Form.NMEA, Form.ADSB, Form.GEOJSON, Form.JSON})


def track_as_json(
    track: Track, by: Principal, *, form_of: FormOf, nation: str
) -> dict[str, object]:
    """Return a track by its lead, as somebody may see it."""
    said = claim_as_json(track.lead, by, form_of=form_of, nation=nation)
    return {**said, "status": track.status.value, "claims": len(track.claims)}


def claim_as_json(
    report: Report, by: Principal, *, form_of: FormOf, nation: str
) -> dict[str, object]:
    """Return what one source says; `nation` is whose paper the mark is written on."""
    point, identity, label = point_of(report), report.identity, report.label
    ttl = math.ceil((report.stale - report.time).total_seconds())
    given = form_of(report)
    meta = meta_of(report, point, given=given, hears=by.hears, ttl=ttl, claims=1)
    del meta["claims"]
    return {
        **meta,
        "mmsi": identity.mmsi,
        "imo": identity.imo,
        "icao": identity.icao,
        "callsign": identity.callsign,
        "nation": identity.nation,
        "context": str(report.context),
        "position": None if point is None else _place(report, point),
        "how": report.how,
        "time": spell_time(report.time),
        "received": spell_time(report.received),
        "stale": spell_time(report.stale),
        "mark": None if label is None else portion.write(label, nation=nation),
        "mark_in_words": None if label is None else label_in_words(label),
    }


def _place(report: Report, point: Point) -> dict[str, object]:
    body = report.body
    moves = body if isinstance(body, Position) else Position(point=None)
    return {
        "lat": point.lat,
        "lon": point.lon,
        "hae": _number(point.hae),
        "precision": _number(point.circular_error),
        "course": _number(moves.course),
        "speed": _number(moves.speed),
        "climb": _number(moves.climb),
    }


def _number(value: float | None) -> float | None:
    """Return what JSON can hold: a source may say that an error is infinite."""
    return value if value is not None and math.isfinite(value) else None


def full_claim_as_json(
    report: Report, by: Principal, at: datetime, *, form_of: FormOf, nation: str
) -> dict[str, object]:
    """Return what one source says, with how old that is, over whom it came, and its very bytes."""
    return {
        **claim_as_json(report, by, form_of=form_of, nation=nation),
        "age_s": (at - report.time).total_seconds(),
        "over": list(report.source.hops),
        "raw": None if report.original is None else _raw(report.original),
    }


def _raw(original: Original) -> dict[str, str]:
    if original.form in _TEXT:
        return {"form": original.form, "text": original.data.decode("utf-8", "replace")}
    return {"form": original.form, "base64": base64.b64encode(original.data).decode()}
