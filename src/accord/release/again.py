"""What a partner was once given of a report: reduced once more, by the form that held then.

Nothing leaves by this. Whoever asks holds the result against the digest in the ledger.
"""

from datetime import datetime

from accord.core.form import ReleaseForm
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.reduce import reduce


def again(report: Report, form: ReleaseForm, *, partner_key: bytes, at: datetime) -> Report | None:
    """Return the report in that form as it was at that moment, None where it had none in it."""
    never_before = Cadence(limit=1)
    found = reduce(report, form, partner_key=partner_key, at=at, memory=never_before)
    return found if isinstance(found, Report) else None
