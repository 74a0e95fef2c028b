"""What a case begins with: what a caller, a beacon, a track or an alert says of it.

What was assumed stands in the first note of the log, and nothing is made up beyond it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from accord.core.body import Alarm
from accord.core.context import LIVE, Context
from accord.core.geometry import Point, distance
from accord.core.report import Report
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import FROM_90, FROM_95, LEAST_ERROR, NM, kept_error, kept_point
from accord.live import hazards
from accord.live.hazards import hazard_of
from accord.wire.cap.area import MOST_LETTERS, fitting, middle_of, outlines_in, outlines_of
from accord.wire.cap.message import CapAlert
from accord.wire.sit185.message import BeaconMessage, BeaconPosition

LOCATED = 5_000.0 / NM
"""Nautical miles within which 95 of 100 Doppler locations lie (C/S T.002, 5 km)."""

_BEST = ("CONFIRMED", "RESOLVED", "DOA", "ENCODED")
_PLB = "PIW-1"
"""What is taken to drift with a beacon that a person carries: somebody in the water."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The facts that a case begins with, and a note that says where they come from."""

    facts: Mapping[str, str]
    note: str
    place: Point | None = None
    context: Context = LIVE
    is_beacon: bool = False
    """Whether it is a beacon's message, which goes to the case that is open for its beacon."""
    doubts: tuple[str, ...] = ()
    """What somebody has to look at before he relies on it."""

    def with_typed(self, facts: Mapping[str, str], note: str) -> "Opening":
        """Return it with what a person typed, which holds before what a message says."""
        words = f"{note}\n{self.note}" if note else self.note
        return replace(self, facts={**self.facts, **facts}, note=words)


def from_call(facts: Mapping[str, str], note: str, context: Context = LIVE) -> Opening:
    """Return the opening of what somebody typed while he listened."""
    return Opening(facts=facts, note=note or "opened from a call", context=context)


def from_beacon(said: BeaconMessage, text: str, context: Context = LIVE) -> Opening:
    """Return the opening that a beacon's message makes. Raises NotTaken for a test that is live."""
    if said.is_test and context == LIVE:
        raise NotTaken(
            "the message says of itself that it is a test or an exercise; it opens no live case. "
            "Say in which exercise with --context exercise:NAME"
        )
    best, others = _best(said.positions)
    facts = {
        "title": f"beacon {said.hex_id or 'without identity'}",
        "phase": "distress",
        "nature": said.title,
        "beacon": _beacon(said),
        "source": f"SIT 185 {said.number}".strip(),
        "time": "" if said.detected is None else said.detected.isoformat(),
        "object": _PLB if "PLB" in said.user_class else "",
    }
    doubts = [f"missing in the message: {each}" for each in said.missing]
    doubts += [f"the centre says: {each}" for each in (said.operational, said.remarks) if each]
    if "PLB" in said.user_class:
        doubts.append(f"the beacon is a person's: {_PLB} is taken to drift where no object is said")
    else:
        doubts.append("the beacon does not say what drifts with it: say the object")
    if said.detected is None:
        doubts.append("the time of detection is not said or cannot be read")
    if best is None:
        doubts.append("the message gives no position that can be read")
    else:
        error = _error(best)
        facts |= {"position": _signed(_point(best)), "position_error": kept_error(error)}
        if best.error is None:
            doubts.append(
                f"no accuracy is said: 50 % within {error:.2g} NM is taken, from the 5 km for 95 % "
                "that Cospas-Sarsat asks of Doppler locations (C/S T.002)"
            )
        facts |= dict(_scenarios(best, others, said.detected))
    return Opening(
        facts={name: value for name, value in facts.items() if value},
        note="\n".join(("opened from a beacon message", *doubts, "", text.strip())),
        place=None if best is None else _point(best),
        context=context,
        is_beacon=True,
        doubts=tuple(doubts),
    )


def _beacon(said: BeaconMessage) -> str:
    """Return what is known of the beacon itself, in one line."""
    named = (("homing on", said.homing), ("activated", said.activation), ("by", said.satellite))
    more = (f"{name} {text}" for name, text in named if text)
    return ", ".join(filter(None, (said.hex_id, said.country, said.user_class, *more)))


def _signed(point: Point) -> str:
    """Return a place as a fact is typed, with signs, so that it means no other."""
    return f"{point.lat:+.6f},{point.lon:+.6f}"


def _best(
    positions: tuple[BeaconPosition, ...],
) -> tuple[BeaconPosition | None, tuple[BeaconPosition, ...]]:
    """Return the position to begin with, and those that may be as true as it."""
    for kind in _BEST:
        found = next((each for each in positions if each.kind == kind), None)
        if found is not None:
            return found, ()
    ranked = sorted(positions, key=lambda each: -(each.probability or 0.5))
    return (ranked[0], tuple(ranked[1:])) if ranked else (None, ())


def _error(position: BeaconPosition) -> float:
    return (LOCATED if position.error is None else position.error) * FROM_95


def _point(position: BeaconPosition) -> Point:
    return Point(lat=position.lat, lon=position.lon)


def _scenarios(
    best: BeaconPosition, others: tuple[BeaconPosition, ...], at: datetime | None
) -> Iterator[tuple[str, str]]:
    """Yield a scenario for each of two Doppler positions: one of them is the mirror image."""
    if not others or at is None:
        return
    for each in (best, *others):
        name = each.kind.lower().replace(" ", "-")
        yield (
            f"scenario:{name}",
            json.dumps(
                {
                    "position": kept_point(_point(each)),
                    "error": round(_error(each), 2),
                    "time": at.isoformat(),
                    "weight": each.probability or 0.5,
                },
                sort_keys=True,
            ),
        )


def from_report(lead: Report) -> Opening:
    """Return the opening of what leads a track: one that calls for help, or any other.

    It belongs to the context of the report. Raises NotTaken where nothing is known of its place.
    """
    point = _where(lead)
    if point is None:
        raise NotTaken("nothing is known of where it is, so say the position yourself")
    who = lead.identity
    names = (who.name, who.callsign, who.mmsi, lead.uid)
    name = next(each for each in names if each)
    calls = lead.body.category if isinstance(lead.body, Alarm) else ""
    facts = {
        "title": name,
        "phase": "distress" if calls else "alert",
        "nature": calls,
        "vessel": " ".join(f"{what} {said}" for what, said in (
            ("name", who.name), ("callsign", who.callsign), ("MMSI", who.mmsi), ("IMO", who.imo),
        ) if said),
        "position": _signed(point),
        "time": lead.time.isoformat(),
        "source": f"track {lead.uid} by {lead.source.channel}",
        "object": _device_object(who.mmsi),
    }  # fmt: skip
    doubts: list[str] = []
    if point.circular_error is not None and point.circular_error < 9_999_999:
        facts["position_error"] = kept_error(point.circular_error / NM * FROM_90)
    else:
        doubts.append("the track says nothing of its error of position")
    doubts += [f"the track is doubted: {each.value}" for each in sorted(lead.doubts)]
    return Opening(
        facts={key: value for key, value in facts.items() if value},
        note="\n".join((f"opened from the track {lead.uid}", *doubts)),
        place=point,
        context=lead.context,
        doubts=tuple(doubts),
    )


def from_hazard(lead: Report) -> Opening:
    """Return the opening of a hazard that a feed tells of. Raises NotTaken for anything else."""
    said, where = hazard_of(lead), hazards.where(lead)
    if said is None or where is None:
        raise NotTaken("it is no hazard of a feed of GDACS or CAP")
    by, (point, reach) = said.get("sender", "GDACS"), where
    level = f"{said['level']} alert" if said.get("level") else ""
    error = max(reach / NM * FROM_95, LEAST_ERROR)
    facts = {
        "title": lead.identity.name or said["hazard"],
        "phase": "alert",
        "nature": ", ".join(filter(None, (said.get("what", ""), level, said.get("severity", "")))),
        "further": said.get("description", ""),
        "source": f"{by} {said.get('alert') or said['hazard']}",
        "position": _signed(point),
        "position_error": kept_error(error) if reach else "",
        "time": lead.time.isoformat(),
        "area": hazards.area_of(lead),
    }
    doubts = (
        f"{by} tells of a hazard, and of nobody in distress: say who is missing",
        *([_as_an_area(error)] if reach else ()),
        *(f"the report is doubted: {each.value}" for each in sorted(lead.doubts)),
    )
    note = "\n".join(("opened from a hazard", *doubts, said.get("link", ""))).strip()
    return Opening(
        facts={name: value for name, value in facts.items() if value},
        note=note,
        place=point,
        context=lead.context,
        doubts=doubts,
    )


def _as_an_area(error: float) -> str:
    return (
        f"the alert gives an area and no error: 50 % within {kept_error(error)} NM is taken, as "
        "if 95 % lay no farther than the area does"
    )


def _where(report: Report) -> Point | None:
    return getattr(report.body, "point", None)


def _device_object(mmsi: str | None) -> str:
    """Return what drifts with a device that numbers itself so (ITU-R M.585 annex 2)."""
    return {"970": "LIFE-RAFT-NB-1", "972": "PIW-1"}.get((mmsi or "")[:3], "")


def from_cap(alert: CapAlert, context: Context = LIVE) -> Opening:
    """Return the opening that a CAP alert makes. Raises NotTaken where it is none for this context.

    An actual alert opens live cases only, an exercise or a test none of these.
    """
    is_actual = alert.status == "Actual"
    if is_actual is not (context == LIVE):
        where = "live, not in an exercise" if is_actual else "in its exercise, not live"
        raise NotTaken(f"the alert's status is {alert.status}: open it {where}")
    if alert.kind not in ("Alert", "Update"):
        raise NotTaken(f"the alert is of the type {alert.kind}, which tells of nothing new")
    (point, error), (area, is_whole) = _place(alert), fitting(outlines_of(alert), MOST_LETTERS)
    facts = {
        "title": (alert.headline or alert.event or alert.identifier)[:200],
        "phase": "alert",
        "nature": alert.event,
        "further": alert.description,
        "source": f"CAP {alert.identifier} of {alert.sender}",
        "time": alert.sent.isoformat(),
        "position": "" if point is None else _signed(point),
        "position_error": kept_error(error) if error > LEAST_ERROR else "",
        "area": area,
    }
    doubts = (
        "the alert gives no area with a middle: say the position yourself"
        if point is None
        else _as_an_area(max(error, LEAST_ERROR)),
        *(() if is_whole else ("the area of the alert is drawn with fewer corners than it has",)),
    )
    weighed = " / ".join(filter(None, (alert.urgency, alert.severity, alert.certainty)))
    return Opening(
        facts={name: value for name, value in facts.items() if value},
        note="\n".join(filter(None, ("opened from a CAP alert", weighed, *doubts))),
        place=point,
        context=context,
        doubts=doubts,
    )


def _place(alert: CapAlert) -> tuple[Point | None, float]:
    """Return the middle of the first circle or outline, and a 50 % radius in miles for it."""
    for area in alert.areas:
        for circle in area.circles:
            centre = Point(lat=circle.centre[0], lon=circle.centre[1])
            return centre, circle.radius * 1_000.0 / NM * FROM_95
        for outline in outlines_in(area):
            lat, lon = middle_of(outline)
            middle = Point(lat=lat, lon=lon)
            ends = (distance(middle, Point(lat=lat, lon=lon)) for lat, lon in outline)
            return middle, max(ends) / NM * FROM_95
    return None, 0.0
