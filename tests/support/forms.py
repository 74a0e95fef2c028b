"""Release forms for tests: those of the design's ladder, and what they are applied with."""

from dataclasses import replace
from datetime import datetime, timedelta

from accord.core.agreement import Reason
from accord.core.form import EVERYTHING, NAMING, PINPOINTING, Naming, ReleaseForm
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.reduce import reduce

KEY = b"the key of one partner, 32 bytes"
OTHER_KEY = b"the key of another partner is it"
MILE = 1852.0
"""Metres in a nautical mile (SI brochure, 9th edition, table 8)."""
TEN_MINUTES = timedelta(minutes=10)

EXACT = ReleaseForm(name="exact", exact=True, keep=EVERYTHING)
GRID = ReleaseForm(
    name="grid 1 NM",
    cell=MILE,
    offset=0.5,
    cadence=TEN_MINUTES,
    keep=EVERYTHING - PINPOINTING,
)
NAMELESS = replace(GRID, name="nameless", keep=frozenset(), identity=Naming.PSEUDONYM)
LATE = replace(
    NAMELESS,
    name="30 min late on 10 NM",
    cell=10 * MILE,
    cadence=timedelta(hours=1),
    min_age=timedelta(minutes=30),
)
PRESENCE = ReleaseForm(
    name="presence", presence_only=True, cadence=TEN_MINUTES, identity=Naming.PSEUDONYM
)
WORDS = ReleaseForm(name="words", keep=EVERYTHING)
"""Not exact, yet nothing is stripped: only the original goes."""
QUIET = ReleaseForm(
    name="quiet",
    keep=EVERYTHING - NAMING - PINPOINTING,
    cadence=TEN_MINUTES,
    identity=Naming.PSEUDONYM,
)
"""A true position, with nothing to it."""


def reduced(
    report: Report, form: ReleaseForm, *, key: bytes = KEY, at: datetime | None = None
) -> Report:
    """Return the report as a partner that never got it before is given it."""
    result = reduce(
        report, form, partner_key=key, at=at or report.received, memory=Cadence(limit=1)
    )
    assert isinstance(result, Report), result
    return result


def refusal(report: Report, form: ReleaseForm, *, at: datetime | None = None) -> Reason:
    """Return why the report cannot be released in that form."""
    result = reduce(
        report, form, partner_key=KEY, at=at or report.received, memory=Cadence(limit=1)
    )
    assert isinstance(result, Reason), result
    return result
