"""The history of a node's directory for those who ask it, whether the node runs or not."""

from datetime import UTC, datetime
from pathlib import Path

from accord.api.track_json import FormOf
from accord.config import Settings
from accord.core.clock import Clock
from accord.core.report import Report
from accord.federation.released_form import ReleasedForms
from accord.node.history_stores import source_of
from accord.node.journalled import Journalled
from accord.storage.history.archive import Archive
from accord.wire.moving.translate import PastReport
from accord.wire.page.translate import Given


def journalled(directory: Path, settings: Settings, clock: Clock) -> Journalled:
    """Return what a node's journal has for its history."""
    forms = ReleasedForms(directory, clock)
    return Journalled(directory, settings.default_markings(), forms.of)


def archive_of(directory: Path, settings: Settings, clock: Clock) -> Archive:
    """Return the history of a node's directory, with what only the journal has."""
    journal = journalled(directory, settings, clock)
    source = source_of(directory, settings)
    return Archive(source, journal.after, memory=settings.history.memory)


def past_forms(released: FormOf) -> FormOf:
    """Return by which form a report of the past was released: the history says it itself."""

    def form_of(report: Report) -> Given | None:
        if isinstance(report, PastReport):
            return Given(report.form, on_grid=report.on_grid) if report.form else None
        return released(report)

    return form_of


def moment_text(at: datetime | float) -> str:
    """Return a moment for people and machines, to the second."""
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
