"""Figures as people read them."""

from accord.posture.model import Capability, Domain, Origin, Scenario

SMALL_SHARE = 0.0005
"""Below this a share is told as under a tenth of a per cent."""


def spell_hours(hours: float) -> str:
    """Return hours as people say them: `2.1 h` below two days, `75 h` above."""
    return f"{hours:.1f} h" if abs(hours) < 47.95 else f"{hours:.0f} h"


def spell_share(share: float) -> str:
    """Return a share in per cent; one that is not nothing is not told as nothing."""
    if 0.0 < share < SMALL_SHARE:
        return "under 0.1 %"
    return f"{100.0 * share:.1f} %"


def spell_origin(origin: Origin) -> str:
    """Return how far a value can be trusted, and that it is stale where it is said."""
    return origin.grade.words


def spell_capability(capability: Capability) -> str:
    """Return a capability in words."""
    role = capability.role.replace("-", " ")
    if capability.domain is None:
        return role
    return f"{role} by {'air' if capability.domain is Domain.AIR else 'sea'}"


def place_name(scenario: Scenario, name: str) -> str:
    """Return what an area, or a place, is called."""
    return scenario.areas[name].name if name in scenario.areas else name


def spell_cent(share: float) -> str:
    """Return a share in whole per cent."""
    return f"{100.0 * share:.0f} %"


def spell_place(lat: float, lon: float) -> str:
    """Return a place to the degree, which is as fine as a cell is."""
    north, east = "S" if lat < 0 else "N", "W" if lon < 0 else "E"
    return f"{abs(lat):.0f} {north} {abs(lon):.0f} {east}"
