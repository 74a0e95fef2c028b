"""Cospas-Sarsat SIT 185: the text by which a mission control centre alerts a rescue centre.

The layout is that of C/S A.002 (annex for SIT 185) and of the samples in C/S G.007: sixteen
numbered paragraphs and END OF MESSAGE. Centres differ in blanks, colons and line ends, and so may
this.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from accord.wire.errors import FrameTooLarge, Malformed

MAX_LETTERS = 20_000
"""Letters of one message; the samples have about 1,500."""

PARAGRAPHS: Mapping[int, str] = {
    1: "message type",
    2: "message number",
    3: "time of detection",
    4: "detection frequency",
    5: "country of registration",
    6: "user class",
    7: "emergency code",
    8: "positions",
    9: "source of the encoded position",
    10: "next pass times",
    11: "beacon identity",
    12: "activation type",
    13: "beacon number",
    14: "other encoded information",
    15: "operational information",
    16: "remarks",
}
"""What each numbered paragraph is about."""

END = "END OF MESSAGE"

KINDS = ("CONFIRMED", "RESOLVED", "DOPPLER A", "DOPPLER B", "DOA", "ENCODED")
"""Ways in which a position was found; RESOLVED is what older messages say for CONFIRMED."""

_HEAD = re.compile(r"^[ \t]*(\d{1,2})\.[ \t]+(\S.*)$", re.MULTILINE)
_ANGLE = (
    r"(?P<{0}>\d{{1,3}})[ ]+(?P<{0}_min>\d{{1,2}}(?:\.\d{{1,4}})?)[ ]*"
    r"(?:(?P<{0}_sec>\d{{1,2}}(?:\.\d+)?)[ ]*)?"
)
_POINT = re.compile(
    rf"{_ANGLE.format('lat')}(?P<ns>[NS])[\s\-/,]*{_ANGLE.format('lon')}(?P<ew>[EW])"
)
_KIND = re.compile(r"^[ \t]*(CONFIRMED|RESOLVED|DOPPLER A|DOPPLER B|DOA|ENCODED)\b", re.MULTILINE)
_TIME = re.compile(r"(\d{1,2}) +([A-Z]{3}) +(\d{4}|\d{2}) +(\d{2})(\d{2}) +UTC")
_ACCURACY = re.compile(r"EXPECTED ACCURACY +(\d{1,4}(?:\.\d+)?) *(?:NMS?|NAUTICAL MILES)")
_PROBABILITY = re.compile(r"PROB(?:ABILITY)? +(\d{1,3}) *(?:PERCENT|PCT|%)")
_HEX = re.compile(r"\b(?:[0-9A-F]{23}|[0-9A-F]{15})\b")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconPosition:
    """One place where the beacon may be.

    `error` is in nautical miles, `probability` of 1; None where the message says neither.
    """

    kind: str
    lat: float
    lon: float
    error: float | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconMessage:
    """One alert. Texts are empty where the message does not have them.

    `missing` names, in order, what the layout has and this message has not: it was cut off, or its
    centre leaves that out.
    """

    title: str
    number: str = ""
    detected: datetime | None = None
    satellite: str = ""
    country: str = ""
    user_class: str = ""
    emergency: str = ""
    positions: tuple[BeaconPosition, ...] = ()
    hex_id: str = ""
    homing: str = ""
    activation: str = ""
    operational: str = ""
    remarks: str = ""
    missing: tuple[str, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether it says of itself that it is a test or an exercise."""
        return bool(re.search(r"\b(?:TEST|EXERCISE)\b", f"{self.title} {self.user_class}"))


def read(text: str) -> BeaconMessage:
    """Return what a message says, as far as it came. Raises WireError where it is none at all."""
    if len(text) > MAX_LETTERS:
        raise FrameTooLarge(f"a beacon message has at most {MAX_LETTERS} letters")
    upper = text.upper().replace("\r\n", "\n").replace("\r", "\n").replace("\u2013", "-")
    found = dict(_paragraphs(upper))
    title = _line(found.get(1, ""))
    if "COSPAS-SARSAT" not in title:
        raise Malformed(
            "no Cospas-Sarsat message: it has no paragraph 1 that says DISTRESS COSPAS-SARSAT ALERT"
        )
    return BeaconMessage(
        title=title,
        number=_after(found.get(2, ""), r"MSG NO:?"),
        detected=_time(found.get(3, "")),
        satellite=_after(found.get(3, ""), r"UTC +BY"),
        country=_after(found.get(5, ""), r"REGISTRATION:?"),
        user_class=_after(found.get(6, ""), r"USER CLASS:?"),
        emergency=_none_if_nil(_after(found.get(7, ""), r"EMERGENCY CODE:?")),
        positions=tuple(_positions(found.get(8, ""))),
        hex_id=next(iter(_HEX.findall(found.get(11, ""))), ""),
        homing=_none_if_nil(_after(found.get(11, ""), r"HOMING SIGNAL:?")),
        activation=_none_if_nil(_after(found.get(12, ""), r"ACTIVATION TYPE:?")),
        operational=_none_if_nil(_after(found.get(15, ""), r"OPERATIONAL INFORMATION:?")),
        remarks=_none_if_nil(_after(found.get(16, ""), r"REMARKS:?")),
        missing=tuple(_missing(upper, found)),
    )


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs that come in their order; a number that does not is a list in one."""
    heads: list[tuple[int, int, int]] = []
    for head in _HEAD.finditer(text):
        number = int(head[1])
        if number in PARAGRAPHS and number > (heads[-1][0] if heads else 0):
            heads.append((number, head.start(), head.start(2)))
    ends = [*(start for _, start, _ in heads), len(text)][1:]
    for (number, _, begins), end in zip(heads, ends, strict=True):
        yield number, text[begins:end].partition(END)[0]


def _missing(text: str, found: Mapping[int, str]) -> Iterator[str]:
    last = max(found)
    for number, about in PARAGRAPHS.items():
        if number not in found and number < last:
            yield f"paragraph {number} ({about})"
    if last < max(PARAGRAPHS):
        left = ", ".join(about for number, about in PARAGRAPHS.items() if number > last)
        yield f"everything after paragraph {last}: {left}"
    if END not in text:
        yield f"{END}, so the rest of paragraph {last} may be missing too"


def _line(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())


def _after(text: str, words: str) -> str:
    """Return what follows these words, on one line; a paragraph may go on over several."""
    found = re.search(words, text)
    return "" if found is None else " ".join(text[found.end() :].split())


def _none_if_nil(text: str) -> str:
    return "" if text in ("NIL", "UNKNOWN") else text


def _time(text: str) -> datetime | None:
    found = _TIME.search(text)
    if found is None or found[2] not in _MONTHS:
        return None
    year = int(found[3])
    try:
        return datetime(
            year if year > 99 else 2000 + year, _MONTHS.index(found[2]) + 1, int(found[1]),
            int(found[4]), int(found[5]), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _positions(text: str) -> Iterator[BeaconPosition]:
    heads = list(_KIND.finditer(text))
    ends = [*(each.start() for each in heads), len(text)][1:]
    for head, end in zip(heads, ends, strict=True):
        said = text[head.end() : end]
        found = _POINT.search(said)
        point = None if found is None else _point(found)
        if point is None:
            continue
        accuracy, probability = _ACCURACY.search(said), _PROBABILITY.search(said)
        yield BeaconPosition(
            kind=head[1],
            lat=point[0],
            lon=point[1],
            error=None if accuracy is None else float(accuracy[1]),
            probability=None if probability is None else min(1.0, int(probability[1]) / 100),
        )


def _point(found: re.Match[str]) -> tuple[float, float] | None:
    """Return degrees; None where minutes or degrees are more than there are."""
    lat = _degrees(found["lat"], found["lat_min"], found["lat_sec"])
    lon = _degrees(found["lon"], found["lon_min"], found["lon_sec"])
    if lat is None or lon is None or lat > 90.0 or lon > 180.0:
        return None
    return (-lat if found["ns"] == "S" else lat), (-lon if found["ew"] == "W" else lon)


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float | None:
    if float(minutes) >= 60.0 or float(seconds or 0) >= 60.0:
        return None
    return int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
