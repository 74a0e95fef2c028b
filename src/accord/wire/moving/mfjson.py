"""Courses as OGC Moving Features JSON (OGC 19-045r3, MF-JSON Prism).

A point is not taken to have moved evenly to the next one: the interpolation is `Discrete`. What
came on a grid is a `MovingPolygon` of its cells. Times rise (7.2.2), so that of two positions with
one time the first is told, and the other is left out.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from accord.wire.moving.message import Fix, Label, Row
from accord.wire.moving.told import corners, courses, moment, said_of

_MEASURES = (("course", "DD"), ("speed", "MTS"), ("precision", "MTR"))
"""What is told over time, with the units of UN/ECE Recommendation 20: degree, m/s, metre."""


def write(
    rows: Iterable[Row], *, left_out: Callable[[int], object] = lambda _: None
) -> Iterator[str]:
    """Yield the document, a feature a line; `left_out` is told how many positions it leaves out."""
    yield (
        '{"type":"FeatureCollection",'
        '"crs":{"type":"Name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},'
        '"trs":{"type":"Name","properties":'
        '{"name":"urn:ogc:data:time:iso8601"}},"features":['
    )
    before = "\n"
    for label, course in courses(rows):
        for is_cell in (False, True):
            given = [row.fix for row in course if (row.fix.cell is not None) is is_cell]
            fixes = _rising(given)
            left_out(len(given) - len(fixes))
            if fixes:
                feature = _feature(label, fixes)
                yield before + json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
                before = ",\n"
    yield "\n]}\n"


def _rising(fixes: Sequence[Fix]) -> list[Fix]:
    by_time: dict[str, Fix] = {}
    for fix in sorted(fixes, key=lambda each: each.time):
        by_time.setdefault(moment(fix.time), fix)
    return list(by_time.values())


def _feature(label: Label, fixes: Sequence[Fix]) -> dict[str, object]:
    return {
        "type": "Feature",
        "temporalGeometry": {
            "type": "MovingPoint" if fixes[0].cell is None else "MovingPolygon",
            "datetimes": [moment(each.time) for each in fixes],
            "coordinates": [_place(each) for each in fixes],
            "interpolation": "Discrete",
        },
        "temporalProperties": [
            each for name, unit in _MEASURES for each in _measure(name, unit, fixes)
        ],
        "properties": {**said_of(label), "title": label.title},
    }


def _place(fix: Fix) -> list[object]:
    if fix.cell is None:
        return [round(fix.lon, 7), round(fix.lat, 7)]
    return [[list(each) for each in corners(fix.cell)]]


def _measure(name: str, unit: str, fixes: Sequence[Fix]) -> Iterator[dict[str, object]]:
    known = [(each.time, value) for each in fixes if (value := getattr(each, name)) is not None]
    if known:
        yield {
            "datetimes": [moment(at) for at, _ in known],
            name: {
                "type": "Measure",
                "form": unit,
                "values": [round(value, 3) for _, value in known],
                "interpolation": "Discrete",
            },
        }
