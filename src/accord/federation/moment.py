"""A point in time as the sync core is given it."""

from datetime import datetime
from typing import NamedTuple

from accord.wire.peer.translate import milliseconds


class Moment(NamedTuple):
    """The present: the time of day, which can jump, and seconds that never go back."""

    at: datetime
    seconds: float

    @property
    def ms(self) -> int:
        """The time of day as the wire has it."""
        return milliseconds(self.at)
