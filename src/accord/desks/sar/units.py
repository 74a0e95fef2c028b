"""Who searches: the units of a case, and who on the picture could be there soonest.

The picture says where a vessel or aircraft is and how fast it goes now. How fast it can go, and how
long it can stay, is known of few; what is taken in place of that is said beside it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from accord.core.body import Position
from accord.core.geometry import Point, bearing, distance
from accord.core.kind import Affiliation
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import NM, moment_of
from accord.search.sweep import Looking, Platform, SweepTables

KNOT = NM / 3600.0
"""Metres per second."""

FEET = 0.3048
"""Metres in a foot (SI brochure, table 8)."""

MOST = 50
"""Vessels and aircraft that are told of."""

FARTHEST = 2_000.0
"""Nautical miles: nobody from beyond is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchUnit:
    """A unit of a case: how it looks, how fast, for how long, and when it is there.

    `width` is a sweep width that a person knows better than the tables, in nautical miles.
    """

    uid: str
    name: str
    platform: Platform
    height_ft: float
    speed: float
    hours: float
    arrives: datetime
    is_tired: bool = False
    width: float | None = None

    def sweep(self, tables: SweepTables, target: str, scene: "Scene") -> float:
        """Return its sweep width on scene in nautical miles. Raises SearchError."""
        if self.width is not None:
            return self.width
        looking = Looking(
            platform=self.platform, height_ft=self.height_ft, visibility=scene.visibility,
            speed=self.speed, wind=scene.wind, sea_ft=scene.sea / FEET, is_tired=self.is_tired,
        )  # fmt: skip
        return tables.width(target, looking).width


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What it is like where they search: knots of wind, metres of sea, visibility in miles."""

    wind: float
    sea: float
    visibility: float


_USUAL = {
    Platform.HELICOPTER: (500.0, 90.0, 1.5),
    Platform.AIRCRAFT: (1_000.0, 180.0, 4.0),
    Platform.BOAT: (14.0, 15.0, 12.0),
}
"""Height of eye in feet, search speed and hours on scene, where nobody says."""


_CAP = {Platform.HELICOPTER: 200.0, Platform.AIRCRAFT: 500.0, Platform.BOAT: 60.0}
"""Knots that hardly any unit exceeds, whatever is said of it. Ours to choose."""


def fastest(unit: SearchUnit) -> float:
    """Return the knots beyond which no position of a unit is believed: twice its search speed.

    One that is said to search slowly may still come as fast as its kind usually does.
    """
    return min(_CAP[unit.platform], 2.0 * max(unit.speed, _USUAL[unit.platform][1]))


def unit_value(uid: str, said: dict[str, str], now: datetime) -> str:
    """Return what the fact `unit:UID` holds of what a person said. Raises NotTaken."""
    platform = _platform(said.get("platform", ""))
    height, speed, hours = _USUAL[platform]
    arrives = said.get("arrives", "")
    unit = {
        "name": said.get("name", "") or uid,
        "platform": platform.value,
        "height_ft": _number(said, "height_ft", height, 30_000),
        "speed": _number(said, "speed", speed, 600),
        "hours": _number(said, "hours", hours, 240),
        "arrives": (moment_of(arrives) if arrives else now).isoformat(timespec="seconds"),
        "tired": said.get("tired", "") == "yes",
        "width": _number(said, "width", 0.0, 100) or None,
    }
    for name in ("speed", "hours"):
        if not unit[name]:
            raise NotTaken(f"a unit without {name} searches nothing")
    return json.dumps(unit, sort_keys=True)


def read_unit(uid: str, value: str) -> SearchUnit:
    """Return the unit of a fact. Raises NotTaken where it cannot be read."""
    try:
        said = cast("dict[str, object]", json.loads(value))
        width = said["width"]
        return SearchUnit(
            uid=uid,
            name=str(said["name"]),
            platform=Platform(str(said["platform"])),
            height_ft=_bounded(said["height_ft"], 30_000),
            speed=_bounded(said["speed"], 600) or _nothing("speed"),
            hours=_bounded(said["hours"], 240) or _nothing("hours"),
            arrives=moment_of(str(said["arrives"])),
            is_tired=said["tired"] is True,
            width=None if width is None else _bounded(width, 100),
        )
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise NotTaken(f"the unit {uid} cannot be read: {error}") from None


def _bounded(said: object, most: float) -> float:
    number = float(str(said))
    if not 0.0 <= number <= most:
        raise ValueError(f"{number:g} is not from 0 to {most:g}")
    return number


def _nothing(name: str) -> float:
    raise ValueError(f"without {name} it searches nothing")


def _platform(text: str) -> Platform:
    for each in Platform:
        if text.casefold() == each.value.casefold():
            return each
    raise NotTaken(f"platform is one of {', '.join(p.value.lower() for p in Platform)}")


def _number(said: dict[str, str], name: str, usual: float, most: float) -> float:
    text = said.get(name, "")
    try:
        number = float(text.replace(",", ".")) if text else usual
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= most:
        raise NotTaken(f"{name}: {text[:40]!r} is no number from 0 to {most:g}")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody on the picture who could help: how far, how soon, and how he may be asked.

    `speed` is in knots, `is_assumed` says that it is what such a kind usually makes.
    """

    uid: str
    name: str
    kind: str
    platform: Platform
    point: Point
    miles: float
    course: float
    speed: float
    is_assumed: bool
    hours: float
    age: timedelta
    node: str
    asked: str


def helpers(
    tracks: Iterable[Track], scene: Point, *, now: datetime, own: str, leaving_out: str = ""
) -> list[Helper]:
    """Return who could be at a place soonest, of the tracks that somebody may see."""
    found = (_helper(each, scene, now, own) for each in tracks if each.lead.uid != leaving_out)
    ranked = sorted(
        (each for each in found if each is not None and each.miles <= FARTHEST),
        key=lambda each: (each.hours, each.uid),
    )
    return ranked[:MOST]


_FASTER: tuple[tuple[str, Platform, float], ...] = (
    ("a-.-A-M-H", Platform.HELICOPTER, 120.0),
    ("a-.-A-C-H", Platform.HELICOPTER, 120.0),
    ("a-.-A", Platform.AIRCRAFT, 200.0),
    ("a-.-S-X-L", Platform.BOAT, 20.0),
    ("a-.-S-C", Platform.BOAT, 20.0),
    ("a-.-S-X-M", Platform.BOAT, 14.0),
    ("a-.-S", Platform.BOAT, 10.0),
)
"""What of a kind usually goes in knots, where it does not say. Ours to choose, on the slow side."""

_NEVER = frozenset({Affiliation.HOSTILE, Affiliation.SUSPECT, Affiliation.JOKER, Affiliation.FAKER})


def _helper(track: Track, scene: Point, now: datetime, own: str) -> Helper | None:
    lead = track.lead
    usual = next((each for each in _FASTER if lead.kind.is_a(each[0])), None)
    body = lead.body
    if (
        usual is None
        or not isinstance(body, Position)
        or body.point is None
        or track.status not in (TrackStatus.LIVE, TrackStatus.STALE)
        or lead.kind.affiliation in _NEVER
    ):
        return None
    _, platform, knots = usual
    going = (body.speed or 0.0) / KNOT
    miles = distance(body.point, scene) / NM
    speed = max(going, knots)
    who = lead.identity
    return Helper(
        uid=lead.uid,
        name=who.name or who.callsign or who.mmsi or lead.uid,
        kind=lead.kind.text,
        platform=platform,
        point=body.point,
        miles=miles,
        course=bearing(body.point, scene),
        speed=speed,
        is_assumed=speed > going,
        hours=miles / speed,
        age=max(timedelta(0), now - lead.time),
        node=lead.source.node,
        asked=" ".join(_asked(lead, own)),
    )


def _asked(lead: Report, own: str) -> Iterator[str]:
    """Yield under which arrangement he may be asked."""
    if lead.source.is_partners:
        yield f"through {lead.source.node}, which released this track under its agreement;"
    elif lead.kind.affiliation is Affiliation.FRIEND:
        yield f"own unit of {own[:3]}, through its own command;"
    if lead.kind.is_a("a-.-S-X") or lead.kind.affiliation is Affiliation.NEUTRAL:
        yield "its master is bound to help persons in distress at sea (SOLAS V/33)"


def arrival(report: Report, scene: Point, now: datetime) -> str:
    """Return when somebody could be at a place, empty where nothing is known of that."""
    usual = next((each for each in _FASTER if report.kind.is_a(each[0])), None)
    body = report.body
    if usual is None or not isinstance(body, Position) or body.point is None:
        return ""
    speed = max((body.speed or 0.0) / KNOT, usual[2])
    hours = distance(body.point, scene) / NM / speed
    return (now + timedelta(hours=hours)).isoformat(timespec="seconds")
