"""Which label a report has when it came without a mark."""

from dataclasses import replace

from accord.core.label import Label
from accord.core.report import Report


def with_default(report: Report, default: Label | None) -> Report:
    """Return the report under the channel's default label, where it came without any mark.

    A mark that was given is never replaced, least of all one that was not understood.
    """
    if default is None or report.label is not None or report.marking.is_given:
        return report
    label = replace(default, opex=report.marking.opex, by_default=True)
    return replace(report, label=label, marking=replace(report.marking, by_default=True))
