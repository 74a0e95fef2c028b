"""Incidents of relief for tests: an empty file of them, and one with what it needs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from accord.core.context import LIVE, Context
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Incidents, Row
from accord.desks.relief.line import By
from accord.desks.relief.store import INCIDENTS, ReliefStore

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

NODE = "NZL-JFNZ"

MOANA = By(name="Moana", now=NOW)

LOLA = {
    "title": "Cyclone Lola", "hazard": "tropical cyclone", "where": "Malampa",
    "position": "16 10S 167 30E",
}  # fmt: skip

WATER = {"what": "water", "quantity": "500", "unit": "l", "where": "Norsup"}

TANKER = {"what": "water", "quantity": "300", "unit": "L", "org": "Red Cross"}

METHANE = {
    "major": "declared", "position": "16 10S 167 30E", "type": "landslide", "hazards": "none seen",
    "access": "by sea only", "immediate": "2", "dead": "1", "present": "police",
    "required": "helicopter",
}  # fmt: skip

MEDEVAC = {
    "position": "16 10S 167 30E", "frequency": "123.45 MHz", "callsign": "KIWI 1", "urgent": "1",
    "priority": "2", "equipment": "bd", "litter": "1", "ambulatory": "2", "security": "n",
    "marking": "C", "other_civilian": "3", "child": "1", "terrain": "beach, firm sand",
}  # fmt: skip


def some_incidents(directory: Path, node: str = NODE, **limits: int) -> Incidents:
    directory.mkdir(exist_ok=True)
    incidents = Incidents(ReliefStore(directory / INCIDENTS, **limits), node=node)
    incidents.store.prepare()
    return incidents


def lola(incidents: Incidents, context: Context = LIVE, by: By = MOANA, /, **more: str) -> str:
    """Open the incident of the cyclone with these fields beside or instead; return its name."""
    return incidents.open({**LOLA, **more}, by, context).id


def put(
    incidents: Incidents, incident: str, sort: str, fields: Mapping[str, str], name: str = ""
) -> tuple[Incident, str]:
    """Add a record, or change one; return the incident and the record's name."""
    entered = incidents.put(incident, Row(sort=sort, fields=fields, id=name), MOANA)
    return entered.incident, entered.ids[0]
