"""How the wind moves what drifts: the published leeway coefficients.

Downwind and crosswind leeway are linear in the wind at 10 metres (Allen and Plourde 1999; Allen
2005). A thing keeps to the right or to the left of downwind, and now and then jibes to the other
side. What is not known of it is one deviation for each direction (Breivik and Allen 2008).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from accord.search.fault import SearchError

CMS_PER_KNOT = 51.4444
"""Centimetres per second in a knot (SI brochure, table 8)."""
MS_PER_KNOT = CMS_PER_KNOT / 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Leeway in one direction: percent of the wind, and an offset and a spread in knots."""

    slope: float
    offset: float
    spread: float

    def at(self, wind: float) -> float:
        """Return the mean leeway in knots for a wind in knots."""
        return self.slope / 100.0 * wind + self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectClass:
    """A class of things that drift; `left` and `right` are positive to the right of downwind.

    `seen_as` is the object of the sweep-width tables that is nearest to it, `doubt` why the
    coefficients may be wrong.
    """

    key: str
    name: str
    group: str
    seen_as: str
    downwind: Component
    right: Component
    left: Component
    doubt: str


_GROUPS: Mapping[str, tuple[str, str]] = {
    "PIW": ("person in the water", "Person in Water"),
    "LIFE-RAFT": ("life raft", "Raft 4 person"),
    "USCG-RESCUE": ("life raft", "Raft 4 person"),
    "AVIATION": ("life raft", "Raft 6 person"),
    "LIFE-CAPSULE": ("survival craft", "Raft 20 person"),
    "OVATEK-CRAFT": ("survival craft", "Raft 4 person"),
    "PERSON-POWERED-VESSEL": ("person on a board or kayak", "Raft 1 person"),
    "SKIFF": ("small boat", "Power Boat 20ft"),
    "SPORT-BOAT": ("small boat", "Power Boat 20ft"),
    "SPORT-FISHER": ("small boat", "Power Boat 33ft"),
    "FISHING-VESSEL": ("fishing vessel", "Power Boat 53ft"),
    "COASTAL-FREIGHTER": ("ship", "Ship 225ft"),
    "SAILBOAT": ("sailing boat", "Sail Boat 30ft"),
    "FV-DEBRIS": ("debris", "Raft 1 person"),
    "SLDMB": ("buoy or beacon", "Person in Water"),
    "SEPIRB": ("buoy or beacon", "Person in Water"),
    "BAIT-BOX": ("floating thing", "Raft 1 person"),
    "OIL-DRUM": ("floating thing", "Person in Water"),
    "CONTAINER": ("floating thing", "Power Boat 20ft"),
    "MINE": ("floating thing", "Person in Water"),
    "REFUGEE-RAFT": ("small boat", "Power Boat 20ft"),
    "SEWAGE": ("floating thing", "Person in Water"),
    "MED-WASTE": ("floating thing", "Person in Water"),
}
_DOUBTS = {
    "LIFE-RAFT-SB-10": "its slope to the left has the sign of one to the right in the source",
}


def read_leeway(text: str) -> dict[str, ObjectClass]:
    """Return the classes of a table by their keys. SearchError names a row that is none."""
    found: dict[str, ObjectClass] = {}
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        try:
            each = _class(row)
        except (KeyError, ValueError, TypeError) as error:
            raise SearchError(f"row {number} of the leeway table: {error}") from None
        found[each.key] = each
    return found


def _class(row: dict[str, str]) -> ObjectClass:
    key = row["key"]
    group, seen_as = _GROUPS[key.rstrip("0123456789b").rstrip("-").removesuffix("-DB")
                             .removesuffix("-SB").removesuffix("-NB")]  # fmt: skip
    return ObjectClass(
        key=key,
        name=row["description"],
        group=group,
        seen_as=seen_as,
        downwind=_component(row, "dw"),
        right=_component(row, "cwr"),
        left=_component(row, "cwl"),
        doubt=_DOUBTS.get(key, ""),
    )


def _component(row: dict[str, str], direction: str) -> Component:
    return Component(
        slope=float(row[f"{direction}_slope_pct"]),
        offset=float(row[f"{direction}_offset_cms"]) / CMS_PER_KNOT,
        spread=float(row[f"{direction}_std_cms"]) / CMS_PER_KNOT,
    )
