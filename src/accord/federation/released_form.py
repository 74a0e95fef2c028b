"""By which form a partner released what it said, as far as this node can know.

A report that came reduced is kept in bytes that name the agreement and the form; what the form
gives stands in the agreement's text.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from accord.core.clock import Clock
from accord.core.form import ReleaseForm
from accord.core.report import Form, Report
from accord.federation.agreed import AGREEMENTS, prefix_of
from accord.release.document import read_document
from accord.release.fault import AgreementError
from accord.storage.agreements import TEXT
from accord.wire.errors import WireError
from accord.wire.page.translate import Given
from accord.wire.peer.contents import read_content
from accord.wire.peer.report import Grant, PeerReport

LOOK_AGAIN = timedelta(seconds=30)
"""Between two looks for a text that was not there."""


class ReleasedForms:
    """Knows the forms of every agreement in a node's directory, in force or not any more."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory / AGREEMENTS
        self._clock = clock
        self._known: dict[tuple[bytes, str], ReleaseForm] = {}
        self._looked: datetime | None = None

    def of(self, report: Report) -> Given | None:
        """Return the form; None for what is no partner's, and for what came whole.

        A form that is not known is taken to give a cell: nothing is drawn sharper than it may be.
        """
        original = report.original
        if not report.source.is_partners or original is None or original.form is not Form.PEER:
            return None
        grant = _grant_of(original.data)
        if grant is None:
            return None
        form = self._form(grant)
        return Given(grant.form, on_grid=form is None or form.cell is not None)

    def _form(self, grant: Grant) -> ReleaseForm | None:
        key = (grant.agreement, grant.form)
        if key not in self._known:
            self._look()
        return self._known.get(key)

    def _look(self) -> None:
        now = self._clock.now()
        if self._looked is not None and now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        for path in self._directory.glob(f"*/*/{TEXT}"):
            try:
                terms = read_document(path.read_bytes()).agreement
            except (OSError, AgreementError):
                continue  # its state is told elsewhere
            self._known |= {(prefix_of(terms), form.name): form for form in terms.forms}


@lru_cache(maxsize=4096)
def _grant_of(data: bytes) -> Grant | None:
    """Return by what it was released, None where the bytes do not say."""
    try:
        content = read_content(data)
    except WireError:
        return None
    return content.grant if isinstance(content, PeerReport) else None
