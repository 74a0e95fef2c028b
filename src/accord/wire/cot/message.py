"""The CoT record exactly as the wire has it (MITRE CoT base schema, event 2.0)."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

UNKNOWN = 9999999.0
"""What CoT writes for a height or an error radius that is not known."""

UNKNOWN_FROM = 999999.0
"""Heights and error radii of this size or more are not known; older senders write fewer nines."""

Elements = tuple[tuple[str, Mapping[str, str]], ...]
"""Elements in order: the name, with its prefix where it has one, and the attributes."""


class CotPoint(NamedTuple):
    """WGS-84 degrees; metres above the ellipsoid; 90 % radii in metres.

    As sent: finite, otherwise unchecked, and what is not known is 9999999.
    """

    lat: float
    lon: float
    hae: float
    ce: float
    le: float


# Named tuples: one of each is made for every event, and a frozen dataclass takes six times as long.
class CotEvent(NamedTuple):
    """One CoT event. Attributes that are absent or empty are None; times are aware, in UTC.

    `elements` are the direct children of `detail`. `xml` is `<event ...>...</event>`: the bytes
    received or, where `protobuf` holds a TakMessage as received, what that message says. `repeats`
    is an earlier event over the same connection that differs only in its times, its point and the
    numbers of its `track`.
    """

    version: str
    uid: str
    type: str
    how: str
    time: datetime
    start: datetime
    stale: datetime
    point: CotPoint
    elements: Elements
    xml: bytes
    access: str | None = None
    qos: str | None = None
    opex: str | None = None
    caveat: str | None = None
    releasable_to: str | None = None
    protobuf: bytes | None = None
    repeats: "CotEvent | None" = None
