"""Who has called for help, as far as a partner was told: positions of those go before others."""

from accord.core.body import Alarm
from accord.core.report import Report


class Distress:
    """Callers of alarms that were released to one partner, at most `limit`.

    An alarm that stayed here, or its end, changes nothing: the lane of a position would tell of it.
    """

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._callers: set[tuple[str, str]] = set()

    def released(self, report: Report) -> None:
        """Take note of what is released, as this node has it."""
        if not isinstance(report.body, Alarm):
            return
        caller = str(report.context), report.author or report.uid
        if report.body.cancels:
            self._callers.discard(caller)
        elif len(self._callers) < self._limit:
            self._callers.add(caller)

    def has(self, context: str, uid: str) -> bool:
        """Tell whether an object calls for help, and the partner knows."""
        return (context, uid) in self._callers
