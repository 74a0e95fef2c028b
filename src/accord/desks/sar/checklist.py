"""What is done in every case, phase by phase; each item is ticked in the log with who and when."""

from collections.abc import Mapping

CHECKLIST: Mapping[str, Mapping[str, str]] = {
    "uncertainty": {
        "caller": "caller's name, number and how to reach him again are written down",
        "position": "position, its time and its source are checked with the caller",
        "persons": "number of persons, and what they have on (suits, rafts, beacon, radio)",
        "communications": "communications search: all means, ports, airfields, vessels near by",
        "weather": "wind, sea, current and visibility on scene",
    },
    "alert": {
        "units": "units that can help are told and at what notice",
        "beacon": "beacon register asked, owner and contacts called",
        "scenarios": "what may have happened, written down as scenarios with weights",
        "drift": "datum and drift worked out for the time the first unit is there",
    },
    "distress": {
        "sent": "nearest fit unit sent; merchant vessels asked through a broadcast",
        "plan": "search areas, patterns and on-scene coordinator given to every unit",
        "partners": "neighbouring centres told, and asked what they have",
        "medical": "medical advice and a place of safety arranged",
        "families": "one person speaks to families and press",
    },
}
"""By the phase in which an item first applies; it applies in every later one."""


def items(phase: str) -> Mapping[str, str]:
    """Return what applies in a phase, in its order; all where the phase is not said."""
    found: dict[str, str] = {}
    for name, of in CHECKLIST.items():
        found |= of
        if name == phase:
            break
    return found
