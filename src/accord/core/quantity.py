"""Sizes, durations and distances as people write them: `512 MiB`, `10 min`, `1 NM`."""

import re
from datetime import timedelta

SIZES = {
    "B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4,
    "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}  # fmt: skip
"""Units of size in bytes (IEC 80000-13 prefixes)."""

DURATIONS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""Units of time in seconds (SI brochure, tables 4 and 8)."""

DISTANCES = {"m": 1.0, "km": 1000.0, "NM": 1852.0}
"""Units of distance in metres; the nautical mile is that of the SI brochure, table 8."""

_LONGEST = 1000 * 365 * DURATIONS["d"]
_QUANTITY = re.compile(r"(\d{1,12}(?:\.\d{1,12})?) ?([A-Za-z]+)", re.ASCII)


def read_size(text: str) -> int:
    """Read a size in bytes. ValueError says what is allowed."""
    number, unit = _split(text)
    if unit not in SIZES:
        raise ValueError(f"give bytes, or a size in {', '.join(SIZES)}, such as 512 MiB")
    return round(number * SIZES[unit])


def read_duration(text: str) -> timedelta:
    """Read a duration. ValueError says what is allowed."""
    number, unit = _split(text)
    if unit in DURATIONS and number * DURATIONS[unit] > _LONGEST:
        raise ValueError("give a duration of 1,000 years at the most")
    if unit not in DURATIONS:
        raise ValueError(f"give seconds, or a duration in {', '.join(DURATIONS)}, such as 10 min")
    return timedelta(seconds=number * DURATIONS[unit])


def read_distance(text: str) -> float:
    """Read a distance in metres. ValueError says what is allowed."""
    number, unit = _split(text)
    if unit not in DISTANCES:
        raise ValueError(f"give a distance in {', '.join(DISTANCES)}, such as 1 NM")
    return number * DISTANCES[unit]


def _split(text: str) -> tuple[float, str]:
    match = _QUANTITY.fullmatch(text.strip())
    return (float(match[1]), match[2]) if match else (0.0, "")


def spell_size(size: int) -> str:
    """Write a size so that `read_size` gives exactly it back, in the largest unit that does."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size and size % SIZES[unit] == 0:
            return f"{size // SIZES[unit]} {unit}"
    return f"{size} B"


def spell_duration(duration: timedelta) -> str:
    """Write a duration so that `read_duration` gives exactly it back, to the millisecond."""
    milliseconds = round(duration / timedelta(milliseconds=1))
    for unit in ("d", "h", "min", "s"):
        step = round(DURATIONS[unit] * 1000)
        if milliseconds and milliseconds % step == 0:
            return f"{milliseconds // step} {unit}"
    return f"{milliseconds} ms"


def about_size(size: float) -> str:
    """Write a size for people: three figures, in the unit that fits."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if abs(size) >= SIZES[unit]:
            return f"{size / SIZES[unit]:.3g} {unit}"
    return f"{size:.0f} B"


def about_duration(duration: timedelta) -> str:
    """Write a duration for people: in the largest unit that is reached twice, without fractions."""
    seconds = duration.total_seconds()
    for unit in ("d", "h", "min"):
        if abs(seconds) >= 2 * DURATIONS[unit]:
            return f"{seconds / DURATIONS[unit]:.0f} {unit}"
    return f"{seconds:.0f} s"
