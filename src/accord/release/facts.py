"""Report -> facts: all attributes that clauses speak of, for one partner at one time."""

import math
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from accord.core.agreement import Agreement, Situation
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE
from accord.core.geometry import Circle, Point, distance
from accord.core.kind import Affiliation, Dimension, Kind
from accord.core.marking import OpexKind
from accord.core.report import Report
from accord.release.area import Areas, Found
from accord.release.cedar import milliseconds

NOTHING: frozenset[str] = frozenset()
NONE = "none"
"""The domain, affiliation or mark of what has none."""


class Facts(NamedTuple):
    """One report as clauses see it: the attributes of `resource`, then those of `context`."""

    marked: bool
    by_default: bool
    policy: str
    level: str
    compartments: frozenset[str]
    caveats: frozenset[str]
    releasable_to: frozenset[str]
    originator: str
    opex: str
    context: str
    kind: str
    what: str
    domain: str
    affiliation: str
    words: frozenset[str]
    nation: str
    groups: frozenset[str]
    missions: frozenset[str]
    directed: bool
    inside: frozenset[str]
    touches: frozenset[str]
    observed: int
    received: int
    third_party: bool
    onward: frozenset[str]
    own_sensor: bool
    hops: int
    emergency: bool
    now: int
    synchronised: bool
    incidents: frozenset[str]


DOMAINS: Mapping[Dimension | None, str] = MappingProxyType(
    {
        Dimension.SPACE: "space",
        Dimension.AIR: "air",
        Dimension.GROUND: "ground",
        Dimension.SEA_SURFACE: "surface",
        Dimension.SUBSURFACE: "subsurface",
        Dimension.SPECIAL_OPERATIONS: "special",
        Dimension.OTHER: "other",
        None: NONE,
    }
)
AFFILIATIONS: Mapping[Affiliation | None, str] = MappingProxyType(
    {
        Affiliation.PENDING: "pending",
        Affiliation.UNKNOWN: "unknown",
        Affiliation.ASSUMED_FRIEND: "assumed friend",
        Affiliation.FRIEND: "friend",
        Affiliation.NEUTRAL: "neutral",
        Affiliation.SUSPECT: "suspect",
        Affiliation.HOSTILE: "hostile",
        Affiliation.JOKER: "joker",
        Affiliation.FAKER: "faker",
        Affiliation.NONE: NONE,
        Affiliation.OTHER: "other",
        None: NONE,
    }
)
OPEX: Mapping[OpexKind, str] = {
    OpexKind.OPERATION: "operation",
    OpexKind.EXERCISE: "exercise",
    OpexKind.SIMULATION: "simulation",
}
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "a-.-S": "ship",
        "a-.-S-C": "warship",
        "a-.-S-X-M": "merchant ship",
        "a-.-S-X-M-C": "cargo ship",
        "a-.-S-X-M-O": "tanker",
        "a-.-S-X-M-P": "passenger ship",
        "a-.-S-X-M-F": "ferry",
        "a-.-S-X-F": "fishing vessel",
        "a-.-S-X-R": "pleasure craft",
        "a-.-S-X-L": "law enforcement vessel",
        "a-.-U": "underwater object",
        "a-.-U-S": "submarine",
        "a-.-A": "aircraft",
        "a-.-A-M": "military aircraft",
        "a-.-A-C": "civil aircraft",
        "a-.-A-M-H": "helicopter",
        "a-.-A-C-H": "helicopter",
        "a-.-G": "land unit",
        "a-.-G-I": "installation",
        "a-.-F": "special operations unit",
        "b-m-p": "marker",
        "b-m-r": "route",
        "b-a": "alarm",
        "b-t-f": "chat",
        "b-r-f-h-c": "casualty evacuation",
        "t-x-readiness": "readiness statement",
        "t-x-relief": "relief incident",
        "t-x-relief-n": "relief need",
        "t-x-relief-o": "relief offer",
        "t-x-relief-m": "relief match",
        "t-x-relief-a": "relief activity",
        "t-x-relief-v": "relief movement",
        "t-x-relief-c": "relief account",
        "t-x-relief-p": "relief person",
        "t-x-relief-f": "relief form",
        "t-x-relief-l": "relief alert",
        "t-x-sar": "search case",
        "u-d": "drawing",
    }
)
"""Plain words for kinds: MIL-STD-2525B appendix A as CoT types write it, and CoT's own branches."""


class KindFacts(NamedTuple):
    """What the kind alone says."""

    kind: str
    domain: str
    affiliation: str
    words: frozenset[str]


@lru_cache(maxsize=8192)
def kind_facts(text: str) -> KindFacts:
    """Return domain, affiliation and plain words of the kind with this text."""
    kind = Kind.of(text)
    words = frozenset(word for pattern, word in WORDS.items() if kind.is_a(pattern))
    return KindFacts(kind.text, DOMAINS[kind.dimension], AFFILIATIONS[kind.affiliation], words)


_now = lru_cache(maxsize=1)(milliseconds)
"""Many reports are asked about at one moment."""


class FactFinder:
    """Finds the facts of reports under one agreement, for one giver and one partner."""

    def __init__(self, agreement: Agreement, areas: Areas) -> None:
        table = agreement.levels
        self._levels = {given: table.names[rank] for given, rank in table.ranks.items()}
        self._assumed_error = agreement.assumed_error
        self._areas = areas

    def facts(self, report: Report, at: datetime, situation: Situation) -> Facts:
        """Return the facts. What is not known is the value that releases least."""
        label, source, body = report.label, report.source, report.body
        inside, touches = self._areas_of(body)
        own, hops = situation.own, len(source.hops)
        if label is None:
            level, originator = "", source.node[:3]
        else:
            level = self._levels.get((label.policy, label.level), "")
            originator = label.originator
        third_party = hops > 0 or source.node != own or originator != own[:3]
        kind, domain, affiliation, words = kind_facts(report.kind.text)
        observed = milliseconds(report.time)
        return Facts(
            level != "",
            label is not None and label.by_default,
            "" if label is None else label.policy,
            level,
            NOTHING if label is None else label.compartments,
            NOTHING if label is None else label.caveats,
            NOTHING if label is None else label.releasable_to,
            originator,
            NONE if label is None or label.opex is None else OPEX[label.opex.kind],
            "live" if report.context is LIVE else str(report.context),
            kind,
            WHAT[type(body)],
            domain,
            affiliation,
            words,
            report.identity.nation or "",
            report.groups,
            situation.missions.get(report.uid, NOTHING),
            bool(report.to),
            inside,
            touches,
            observed,
            observed if report.received == report.time else milliseconds(report.received),
            third_party,
            situation.onward.get(originator, NOTHING) if third_party else NOTHING,
            not third_party and source.channel.startswith("feed:"),
            hops,
            isinstance(body, Alarm) and not body.cancels,
            _now(at),
            situation.synchronised,
            situation.incidents,
        )

    def _areas_of(self, body: Body) -> Found:
        if isinstance(body, _AT_A_POINT) and (point := body.point) is not None:
            return self._areas.look_up(point.lat, point.lon, self._error(point))
        points, beyond = extent(body)
        if not points:
            return self._areas.look_up(None, None, None)
        first = points[0]
        reach = self._error(first)
        for point in points[1:]:
            reach = max(reach, distance(first, point) * _LONGEST + self._error(point))
        return self._areas.look_up(first.lat, first.lon, reach + beyond)

    def _error(self, point: Point) -> float:
        """Return the error radius of a point; where nobody states one it can be anywhere."""
        error = point.circular_error
        if error is None:
            error = self._assumed_error
        return math.inf if error is None else error


def extent(body: Body) -> tuple[tuple[Point, ...], float]:
    """Return points and a radius in metres: all of it lies within the radius of what they span.

    No points: nobody knows where it is.
    """
    if isinstance(body, _AT_A_POINT):
        return (() if body.point is None else (body.point,)), 0.0
    if not isinstance(body, Shape):
        return (), 0.0
    outline = body.outline
    points, beyond = (
        ((outline.centre,), outline.radius)
        if isinstance(outline, Circle)
        else (outline.points, 0.0)
    )
    if not points:
        return (), 0.0
    return (points if body.anchor is None else (*points, body.anchor)), beyond


_LONGEST = 1.006
"""By how much a geodesic can be longer than `distance`, which is on the sphere, says."""
_AT_A_POINT = (Position, Alarm)
WHAT: Mapping[type[Body], str] = {
    Position: "track",
    Shape: "shape",
    Message: "message",
    Alarm: "alarm",
    Removal: "removal",
    Opaque: "opaque",
}
