"""Times in text as RFC 3339 has them, in UTC: `2026-11-25T12:00:00Z`."""

from datetime import UTC, datetime


def spell(moment: datetime) -> str:
    """Return an aware time; a part of a second stands there where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def spell_if_known(moment: datetime | None) -> str | None:
    """Return it as `spell` does, None where there is none."""
    return None if moment is None else spell(moment)
