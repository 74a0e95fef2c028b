"""Values for tests, complete and dull unless told otherwise."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED
from accord.core.report import Report, Source
from support.clock import START

A_SOURCE = Source(node="NZL", channel="tak", speaker="kiwi-1")


def a_point(lat: float = -41.28, lon: float = 174.77, **changes: Any) -> Point:
    return Point(lat=lat, lon=lon, **changes)


def a_report(uid: str = "U1", *, at: datetime = START, **changes: Any) -> Report:
    report = Report(
        uid=uid,
        context=LIVE,
        kind=Kind.of("a-f-G-U-C"),
        how="m-g",
        time=at,
        start=at,
        stale=at + timedelta(minutes=5),
        received=at,
        body=Position(point=a_point()),
        identity=Identity(callsign=f"CALL-{uid}"),
        marking=UNMARKED,
        source=A_SOURCE,
        groups=frozenset({"Blue"}),
    )
    return replace(report, **changes)
