"""Figures as people read them."""

from collections.abc import Sequence

from accord.posture.model import Capability, Domain, Origin, Scenario, Season

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


def spell_seasons(seasons: Sequence[Season]) -> str:
    """Return on which days one of some seasons holds; nothing where they do not say."""
    told = [_spell_season(each) for each in seasons]
    return " and ".join(dict.fromkeys(told)) if all(told) else ""


def _spell_season(season: Season) -> str:
    parts = [_spell_months(season.months)] if season.months else []
    if season.first is not None:
        parts.append(f"from {season.first}")
    if season.last is not None:
        parts.append(f"until {season.last}")
    return " ".join(parts)


def _spell_months(months: frozenset[int]) -> str:
    """Return months in their order, those that follow one another as `November to April`."""
    if len(months) == 12:
        return ""
    first = sorted(each for each in months if (each - 2) % 12 + 1 not in months)
    return ", ".join(_run(each, months) for each in first)


def _run(first: int, months: frozenset[int]) -> str:
    last = first
    while last % 12 + 1 in months:
        last = last % 12 + 1
    if first == last:
        return _MONTHS[first - 1]
    return f"{_MONTHS[first - 1]} to {_MONTHS[last - 1]}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
