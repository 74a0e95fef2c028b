"""Cases of search and rescue for tests: an empty file of cases, and a case with what it needs."""

from datetime import UTC, datetime
from pathlib import Path

from accord.core.context import LIVE, Context
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Cases
from accord.desks.sar.facts import Known
from accord.desks.sar.openings import from_call
from accord.desks.sar.store import CASES
from accord.storage import charts

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

NODE = "NZL-JFNZ"

KNOWN = Known(
    objects=charts.leeway(), sweeps=charts.sweep_widths(), sea=charts.sea_mask(),
    forcing=Path("no such folder"),
)  # fmt: skip

MOANA = By(name="Moana", now=NOW)

RAFT = {
    "title": "yacht Kea", "phase": "distress", "position": "36 36.2S 174 43.0E",
    "position_error": "1", "time": "2026-11-26T02:00Z", "object": "LIFE-RAFT-NB-1",
    "persons": "3", "wind": "230/20", "current": "90/0.5", "visibility": "10",
}  # fmt: skip
"""A life raft off Auckland, with all that a drift needs."""


def some_cases(directory: Path, node: str = NODE) -> Cases:
    cases = Cases(directory / CASES, node=node, known=KNOWN, partners=lambda: ("USA",))
    cases.store.prepare()
    return cases


def a_case(cases: Cases, context: Context = LIVE, by: By = MOANA, /, **facts: str) -> Case:
    """Open a case of the raft with these facts beside or instead."""
    return cases.open(from_call({**RAFT, **facts}, "a call", context), by)
