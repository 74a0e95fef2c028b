"""Positions as people type and speak them; what can be read in two ways is asked back, not guessed.

Degrees, degrees and minutes, degrees, minutes and seconds, with points or commas, signs or letters
before or after; the military grid; a range and bearing from any of these.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from accord.core.geometry import Point, distance
from accord.search.angle import Angle, UnreadableError, angles
from accord.search.fault import SearchError
from accord.search.grid_reference import is_reference, read_mgrs
from accord.search.sphere import moved

MAX_CHARACTERS = 200
_METRES_PER_DEGREE = 111_120.0
"""60 nautical miles of 1,852 m."""
_MILES = {"NM": 1.0, "MILES": 1.0, "MILE": 1.0, "KM": 1.0 / 1.852}
_WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
          "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")  # fmt: skip
_SPELT = (
    (r"[\u2212\u2013\u2014]", "-"),  # minus, en dash, em dash
    (r"[\u00ba\u02da]|DEG(?:REE)?S?\b\.?", "°"),  # ordinal, ring above
    (r"''|[\u201c\u201d\u2033]|SEC(?:OND)?S?\b\.?", '"'),  # quotes, double prime
    (r"[\u2019\u2018\u2032`\u00b4]|MIN(?:UTE)?S?\b\.?", "'"),  # quotes, prime, accents
    (r"NORTH\b", "N"),
    (r"SOUTH\b", "S"),
    (r"EAST\b", "E"),
    (r"WEST\b", "W"),
    (r"N(?:AUTICAL|\.)? ?MILES?\b", "NM"),
    (r"(\d)D(\d+)M([\d.]+)S", "\\1°\\2'\\3\""),
    (r"(\d)D([\d.]+)M", "\\1°\\2'"),
    (r"[\n\t|]", ";"),
    (r" +", " "),
)
"""What is written in many ways, in capitals, and in which of them it is read."""
_LABEL = re.compile(r"\b(?:LAT(?:ITUDE)?|(LON(?:G(?:ITUDE)?)?|LNG))\b\s*[:=]?\s*")
_FROM = re.compile(r"(?P<way>.+?) (?:FROM|OF) (?P<place>.+)")
_RANGE = re.compile(r"(?P<miles>\d+(?:[.,]\d+)?) ?(?P<unit>NM|MILES?|KM)\b")
_BEARING = re.compile(
    r"(?P<degrees>\d{1,3}(?:\.\d+)?) ?°? ?(?P<kind>T(?:RUE)?|M(?:AG(?:NETIC)?)?)?"
)
_NOISE = re.compile(r"\b(?:BEARING|BRG|RANGE|DISTANCE|DIST|AT|ON|IS)\b|[,;/]")


class PositionError(SearchError):
    """A text is no position; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a text: where that is, as it would be said, and what was taken for granted.

    The point's circular error is what its last digit leaves open.
    """

    point: Point
    said: str
    how: str
    doubt: str = ""


def read_position(text: str, *, near: Point | None = None) -> tuple[Reading, ...]:
    """Return every way in which a text can be read: of more than one a person has to choose.

    With `near` the nearest comes first. PositionError says why there is none.
    """
    if len(text) > MAX_CHARACTERS:
        raise PositionError(f"{len(text)} characters are no position; {MAX_CHARACTERS} are read")
    cleaned = _cleaned(text)
    if not any(each.isdigit() for each in cleaned):
        raise PositionError("a position needs figures, such as 41 17.3 S 174 46.7 E")
    found = _relative(cleaned) or _of_grid(cleaned) or _of_angles(cleaned)
    if near is not None:
        return tuple(sorted(found, key=lambda each: distance(near, each.point)))
    return tuple(found)


def _cleaned(text: str) -> str:
    text = text.upper()
    for pattern, mark in _SPELT:
        text = re.sub(pattern, mark, text)
    return text.strip(" ;,./")


def _of_grid(text: str) -> list[Reading]:
    packed = text.replace(" ", "")
    if not is_reference(packed):
        return []
    try:
        square = read_mgrs(packed)
    except ValueError as error:
        raise PositionError(str(error)) from None
    point = replace(square.middle, circular_error=0.7 * square.side)
    return [Reading(point=point, said=spell_position(point), how="grid reference")]


def _relative(text: str) -> list[Reading]:
    match = _FROM.fullmatch(text)
    if match is None:
        return []
    miles, course, doubts = _way(match["way"])
    found: list[Reading] = []
    for each in read_position(match["place"]):
        lat, lon = moved(each.point.lat, each.point.lon, course, miles)
        point = replace(each.point, lat=float(lat), lon=float(lon))
        doubt = "; ".join(said for said in (*doubts, each.doubt) if said)
        how = f"{miles:g} NM {course:03.0f} from {each.said}"
        found.append(Reading(point=point, said=spell_position(point), how=how, doubt=doubt))
    return found


def _way(text: str) -> tuple[float, float, list[str]]:
    """Return the miles and the true bearing of a text, and what was taken for granted."""
    match = _RANGE.search(text)
    if match is None:
        raise PositionError(f"{text!r} has no range; give it in NM or km")
    doubts = ["the miles are read as nautical"] if match["unit"].startswith("MILE") else []
    miles = float(match["miles"].replace(",", ".")) * _MILES[match["unit"]]
    rest = re.sub(r"\s+", " ", _NOISE.sub(" ", text.replace(match[0], " "))).strip()
    if rest in _WINDS:
        return miles, _WINDS.index(rest) * 22.5, doubts
    bearing = _BEARING.fullmatch(rest)
    if bearing is None or float(bearing["degrees"]) > 360.0:
        raise PositionError(f"{rest!r} is no bearing; give it as 000 to 360 true")
    if (bearing["kind"] or "T").startswith("M"):
        raise PositionError("a magnetic bearing needs the variation; give it true")
    if bearing["kind"] is None:
        doubts.append("the bearing is read as true")
    return miles, float(bearing["degrees"]), doubts


def _of_angles(text: str) -> list[Reading]:
    """Return the readings, each place once."""
    found: dict[tuple[float, float], Reading] = {}
    reasons: list[str] = []
    for variant in _variants(text):
        for one, other in _halves(variant):
            try:
                for each in _paired(one, other):
                    found.setdefault((round(each.point.lat, 9), round(each.point.lon, 9)), each)
            except UnreadableError as error:
                reasons.append(str(error))
    if not found:
        raise PositionError(reasons[0] if reasons else f"{text!r} is no position")
    return list(found.values())


def _variants(text: str) -> tuple[str, ...]:
    """Return a text with its commas as points, as what stands between the two, or as both."""
    points = re.sub(r"(?<=\d),(?=\d)", ".", text)
    both = re.sub(r"(\d),(\d+),([+-]?\d+),(\d)", r"\1.\2;\3.\4", text)
    found = [points.replace(",", ";"), both.replace(",", ";")]
    if text.count(",") == 1:
        found.append(text.replace(",", ";"))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Half:
    """One half: its digits and marks, the letters it may stand for, and if by its place alone."""

    body: str
    letters: str
    by_order: bool = False


def _halves(text: str) -> Iterator[tuple[_Half, _Half]]:
    """Yield the ways to part a text into latitude and longitude."""
    labels = [bool(each[1]) for each in _LABEL.finditer(text)]
    text = _LABEL.sub(" ", text).strip(" ;")
    letters = [n for n, each in enumerate(text) if each in "NSEWO"]
    if not letters:
        for one, other in _parted(text):
            yield _unlettered(one, other, labels)
    if len(letters) == 2:
        for one, other in _lettered(text, *letters):
            yield _Half(one, text[letters[0]]), _Half(other, text[letters[1]])


def _lettered(text: str, first: int, second: int) -> Iterator[tuple[str, str]]:
    """Yield the bodies that the letters at these two places stand before or after."""
    last = len(text) - 1
    if first == 0 and second == last:
        yield from _parted(text[1:last])
    elif first == 0:
        yield text[1:second], text[second + 1 :]
    elif second == last:
        yield text[:first], text[first + 1 : last]


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to part a text without letters."""
    halves = [each.strip() for each in re.split(r"[;/]", text) if each.strip()]
    if len(halves) == 2:
        yield halves[0], halves[1]
        return
    groups = text.split()
    signed = [n for n, each in enumerate(groups) if n and each[0] in "+-"]
    marked = [n for n, each in enumerate(groups) if n and "°" in each]
    if signed or marked:
        at = (signed or marked)[0]
    elif len(groups) % 2 == 0:
        at = len(groups) // 2
    else:
        return
    yield " ".join(groups[:at]), " ".join(groups[at:])


def _unlettered(one: str, other: str, labels: list[bool]) -> tuple[_Half, _Half]:
    """Return the halves with the letters they may stand for: latitude first, but for labels."""
    is_signed = one[0] in "+-" or other[0] in "+-"
    axes = ["EW", "NS"] if labels and labels[0] else ["NS", "EW"]
    found: list[_Half] = []
    for text, axis in zip((one, other), axes, strict=True):
        letters = axis[text[0] == "-"] if is_signed else axis
        found.append(_Half(text.lstrip("+-"), letters, by_order=not labels))
    return found[0], found[1]


def _paired(one: _Half, other: _Half) -> Iterator[Reading]:
    """Yield the positions that two halves can be. UnreadableError says why there is none."""
    ways = list(product(angles(one.body), angles(other.body)))
    # Nobody writes one half in degrees and the other in minutes where both could be either.
    ways = [way for way in ways if way[0].how == way[1].how] or ways
    for letters in product(_signs(one), _signs(other)):
        for way in ways:
            yield _placed(way, letters, _doubt(one, other))


def _signs(half: _Half) -> tuple[str, ...]:
    """Return the letters; O is west in French and Spanish, and east in German."""
    return tuple("WE") if half.letters == "O" else tuple(half.letters)


def _doubt(one: _Half, other: _Half) -> str:
    if "O" in (one.letters, other.letters):
        return "O is west in some languages and east in others"
    if len(one.letters) + len(other.letters) > 2:
        return "neither north or south, nor east or west, was said"
    return "read as latitude first" if one.by_order else ""


def _placed(way: tuple[Angle, Angle], letters: tuple[str, str], doubt: str) -> Reading:
    halves = dict(zip(letters, way, strict=True))
    lat = next((each for each in "NS" if each in halves), None)
    lon = next((each for each in "EW" if each in halves), None)
    if lat is None or lon is None:
        raise UnreadableError("a position needs one of N or S, and one of E or W")
    if halves[lat].degrees > 90.0 or halves[lon].degrees > 180.0:
        raise UnreadableError(
            f"there is no latitude {halves[lat].degrees:g} with longitude {halves[lon].degrees:g}"
        )
    point = Point(
        lat=halves[lat].degrees * (-1.0 if lat == "S" else 1.0),
        lon=halves[lon].degrees * (-1.0 if lon == "W" else 1.0),
        circular_error=0.7 * _METRES_PER_DEGREE * max(each.unit for each in way),
    )
    how = " and ".join(dict.fromkeys(each.how for each in way))
    return Reading(point=point, said=spell_position(point), how=how, doubt=doubt)


def spell_position(point: Point) -> str:
    """Return a position in degrees and hundredths of minutes, as charts and radios have it."""
    return f"{_spelt(point.lat, 'NS', 2)} {_spelt(point.lon, 'EW', 3)}"


def _spelt(degrees: float, letters: str, wide: int) -> str:
    hundredths = round(abs(degrees) * 6000.0)
    whole, minutes = divmod(hundredths, 6000)
    return f"{whole:0{wide}d}\N{DEGREE SIGN}{minutes / 100:05.2f}'{letters[degrees < 0]}"


_SPOKEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "niner")
_LETTERS = {"N": "north", "S": "south", "E": "east", "W": "west"}


def spoken_position(point: Point) -> str:
    """Return a position as it is read over the radio: every digit by itself."""
    halves: list[str] = []
    for half in spell_position(point).split():
        degrees, minutes = half[:-1].rstrip("'").split("\N{DEGREE SIGN}")
        halves.append(f"{_digits(degrees)} degrees {_digits(minutes)} minutes {_LETTERS[half[-1]]}")
    return ", ".join(halves)


def _digits(text: str) -> str:
    return " ".join("decimal" if each == "." else _SPOKEN[int(each)] for each in text)
