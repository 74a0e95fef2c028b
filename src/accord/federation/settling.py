"""What came of a partner counts as come once it is on the disk: only then is it acknowledged.

An acknowledgement lets the partner forget. So it waits until a kill -9 can take back nothing of
what it acknowledges: until then, what came stands in no HELLO and in nothing that is kept.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from accord.federation.taking import Took
from accord.federation.version import ObjectKey
from accord.wire.peer.message import Want
from accord.wire.peer.protocol import Lane, Version


class Disk(Protocol):
    """What this node writes down of all that it accepts, by numbers that only grow."""

    @property
    def given(self) -> int:
        """How much was given to be written."""
        ...

    @property
    def settled(self) -> int:
        """How much of that is settled: written, or lost for a reason that is told."""
        ...


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A disk that has everything at once."""

    given: int = 0
    settled: int = 0


AT_ONCE = AtOnce()


class Change(NamedTuple):
    """An object of the partner, as it was noted before a frame and after; None where it was not."""

    key: ObjectKey
    before: Took | None
    after: Took | None


Burial = tuple[ObjectKey, Version, int]
"""What may not come back, in which version, and until when."""


@dataclass(slots=True)
class Came:
    """What a frame brought. `marks`: how far the logs then were held. `at`: its place on the disk.

    `thanks` say of content that came whole that it is not wanted any more.
    """

    frame: int = 0
    marks: Mapping[Lane, int] | None = None
    changes: list[Change] = field(default_factory=list[Change])
    buried: list[Burial] = field(default_factory=list[Burial])
    thanks: tuple[tuple[Lane, Want], ...] = ()
    at: int | None = None


class Settling:
    """The frames of one partner between their coming and the disk, in order.

    `marks` are how far the logs are held on the disk, `frame` the last frame of this session that
    is there, with all before it.
    """

    def __init__(self, disk: Disk) -> None:
        self.marks: dict[Lane, int] = {}
        self.frame = 0
        self._disk = disk
        self._waiting: deque[Came] = deque()
        self._now = Came()

    def __len__(self) -> int:
        return len(self._waiting)

    def changed(self, change: Change) -> None:
        """Note what the frame that is taken in now changes."""
        self._now.changes.append(change)

    def buried(self, burial: Burial) -> None:
        """Note what the frame that is taken in now lets not come back."""
        self._now.buried.append(burial)

    def came(
        self, frame: int, marks: Mapping[Lane, int], thanks: tuple[tuple[Lane, Want], ...] = ()
    ) -> None:
        """Have a frame, that has been taken in, wait for what it brings about to be on the disk."""
        now, self._now = self._now, Came()
        now.frame, now.marks, now.thanks = frame, marks, thanks
        self._waiting.append(now)

    def passed(self, frame: int) -> None:
        """Have a frame that brings nothing to the disk wait only for those before it."""
        if self._waiting:
            self._waiting.append(Came(frame, at=self._waiting[-1].at))
        else:
            self.frame = frame

    def placed(self) -> None:
        """Take note that all that came was carried out: what is to be kept the disk was given."""
        for came in reversed(self._waiting):
            if came.at is not None:
                return
            came.at = self._disk.given

    def settle(self) -> list[Came]:
        """Return what is on the disk now and was not before; it counts as come from now on."""
        settled = self._disk.settled
        found: list[Came] = []
        while self._waiting and (at := self._waiting[0].at) is not None and at <= settled:
            came = self._waiting.popleft()
            self.frame = came.frame or self.frame
            if came.marks is not None:
                self.marks = dict(came.marks)
            found.append(came)
        return found

    def begin(self, marks: Mapping[Lane, int]) -> None:
        """Begin a session in which the logs are taken from there on.

        What still waits is of another session: it makes no frame of this one, and no number, be
        acknowledged. Its partner may have begun anew and given the numbers to something else.
        """
        self.marks, self.frame = dict(marks), 0
        for came in self._waiting:
            came.frame, came.marks = 0, None

    def before(self, taken: Mapping[ObjectKey, Took]) -> dict[ObjectKey, Took]:
        """Return what had been taken of the partner before all that is not on the disk."""
        found = dict(taken)
        for change in _backwards((*self._waiting, self._now)):
            if change.before is None:
                found.pop(change.key, None)
            else:
                found[change.key] = change.before
        return found


def _backwards(frames: tuple[Came, ...]) -> Iterable[Change]:
    return (change for came in reversed(frames) for change in reversed(came.changes))
