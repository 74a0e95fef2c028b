"""Plots, one JSON object a line: `{"lat", "lon", "time", "error"}`, of which the last two may lack.

`time` is RFC 3339 or seconds since 1970, `error` one standard deviation in metres. The format is
ours: what speaks another is turned into it by a line of script.
"""

import json
import math
from collections import Counter
from datetime import datetime
from typing import NamedTuple, cast

from accord.wire.errors import FrameTooLarge, Malformed, WireError

MAX_LINE = 1_024
"""Bytes of one line."""

MAX_ERROR = 100_000.0
"""Metres; what is less certain is no plot."""

LATEST = 253_370_764_800.0
"""Seconds since 1970 of the year 9999: a moment has to stay one when something is added."""


class PlotLine(NamedTuple):
    """One plot as it was said; `time` None: when it came, `error` None: as the feed has it."""

    lat: float
    lon: float
    time: float | None
    error: float | None


class PlotStream:
    """Bytes in any chunking to plots; `counts` says what was refused, by reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._begun = b""
        self._skips = False

    def receive(self, data: bytes) -> list[PlotLine]:
        """Return the plots whose lines these bytes complete."""
        *lines, self._begun = (self._begun + data).split(b"\n")
        found: list[PlotLine] = []
        for line in lines:
            skipped, self._skips = self._skips, False
            if skipped or not line.strip():
                continue
            try:
                found.append(read(line))
            except WireError as error:
                self.counts[error.reason] += 1
        if len(self._begun) > MAX_LINE:
            if not self._skips:
                self.counts[FrameTooLarge.reason] += 1
            self._begun, self._skips = b"", True
        return found


def read(line: bytes) -> PlotLine:
    """Return the plot of a line. Raises WireError."""
    if len(line) > MAX_LINE:
        raise FrameTooLarge(f"a plot of more than {MAX_LINE} bytes")
    try:
        said: object = json.loads(line)
    except (ValueError, RecursionError):
        raise Malformed("a plot that is no JSON") from None
    if not isinstance(said, dict):
        raise Malformed("a plot that is no object")
    plot = cast("dict[str, object]", said)
    lat, lon = _number(plot.get("lat"), 90.0), _number(plot.get("lon"), 180.0)
    if lat is None or lon is None:
        raise Malformed("a plot without a place on Earth")
    error = _number(plot.get("error"), MAX_ERROR)
    if "error" in plot and (error is None or error <= 0.0):
        raise Malformed("a plot whose error is none")
    return PlotLine(lat, lon, _time(plot.get("time")), error)


def _number(value: object, most: float) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value) if abs(value) <= most else None


def _time(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            raise Malformed("a plot whose time is none") from None
        if at.tzinfo is None:
            raise Malformed("a plot whose time has no zone")
        return at.timestamp()
    number = _number(value, LATEST)
    if number is None or number < 0.0:
        raise Malformed("a plot whose time is none")
    return number


def time_of(line: bytes) -> float | None:
    """Return when the plot was made, None where the line does not say."""
    try:
        return read(line.strip()).time
    except WireError:
        return None


def with_time(line: bytes, time: float) -> bytes:
    """Return the line with another time."""
    try:
        plot = read(line.strip())
    except WireError:
        return line
    said = {"lat": plot.lat, "lon": plot.lon, "time": time}
    return json.dumps(said if plot.error is None else {**said, "error": plot.error}).encode()
