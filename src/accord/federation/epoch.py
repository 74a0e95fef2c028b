"""The node's epoch: a number that rises when the node no longer knows what it said before.

Versions of objects are counted within it, so that what is said after a backup was put back is newer
than what was said and forgotten. It is taken from the clock, so that a backup put back twice gives
no epoch twice.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from accord.core.errors import AccordError
from accord.federation.moment import Moment
from accord.security import keystore
from accord.wire.peer.protocol import Lane, Mark
from accord.wire.peer.translate import milliseconds

EPOCH = Path("federation/epoch")
RISES_EVERY = 86_400.0
"""Seconds until it rises again for what partners say, who need not be right."""
_SECOND = 1_000


class Epoch:
    """The epoch of one node, in a file; made where it is missing. Raises AccordError."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._path = path
        self._risen: float | None = None
        try:
            text = path.read_text("ascii")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(milliseconds(now) // _SECOND)
            return
        except OSError as error:
            raise AccordError(f"cannot read {path}: {error.strerror}") from None
        if not text.strip().isdigit():
            raise AccordError(f"{path} holds no epoch; remove it, and a new one is begun")
        self.value = int(text)

    def rise(self, now: datetime) -> int:
        """Begin a new epoch, and return it once it is on the disk."""
        self._write(max(self.value + 1, milliseconds(now) // _SECOND))
        return self.value

    def passes(self, remembered: int, now: Moment) -> bool:
        """Tell whether it is past what a partner remembers, and rise first where it may."""
        may_rise = self._risen is None or now.seconds - self._risen >= RISES_EVERY
        if self.value <= remembered and may_rise:
            self._risen = now.seconds
            self.rise(now.at)
        return self.value > remembered

    def _write(self, value: int) -> None:
        keystore.write_private(self._path, f"{value}\n".encode())
        self.value = value


def is_behind(
    own_epoch: int, resumes: int, resume: tuple[Mark, ...], numbers: Mapping[Lane, int]
) -> bool:
    """Tell whether a partner holds more of this node's logs than the node itself.

    `resumes` and `resume` are those of the partner's HELLO, `numbers` the last of each log here. So
    it is where a backup was put back. What another epoch's logs held says nothing.
    """
    if resumes > own_epoch:
        return True
    return resumes == own_epoch and any(mark.number > numbers.get(mark.lane, 0) for mark in resume)


def cannot_be(own_epoch: int, resumes: int, now: datetime) -> bool:
    """Tell whether an epoch that a partner remembers was none of this node, which has a clock."""
    return resumes > max(own_epoch, milliseconds(now) // _SECOND)
