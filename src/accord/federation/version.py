"""Which of two states of an object is newer, and which objects may not come back."""

from collections.abc import Hashable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from accord.core.context import Context
from accord.core.form import Kept, ReleaseForm
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Subject
from accord.wire.peer.translate import milliseconds

FIRST = -62_135_596_800_000
"""Milliseconds of the year 1, from which cadences are counted."""
ID_BYTES = 12
MOST_IN_ONE_CADENCE = 999
"""Versions of one object in one cadence; the guard lets no more of a version's milliseconds out."""


class ObjectKey(NamedTuple):
    """Which object: the node whose it is, the context, and its uid, as released where it was."""

    origin: str
    context: str
    uid: str


@lru_cache(maxsize=1_024)
def words_of(context: Context) -> str:
    """Return a context as the wire has it; asked for every report."""
    return str(context)


def key_of(subject: Subject) -> ObjectKey:
    """Return which object that is about."""
    return ObjectKey(subject.origin, subject.context, subject.uid)


def id_of(key: ObjectKey, version: Version) -> bytes:
    """Return 12 bytes that stand for one state of one object when two nodes compare."""
    words = "\0".join((*key, str(version.epoch), str(version.ms)))
    return sha256(words.encode("utf-8", "surrogatepass")).digest()[:ID_BYTES]


class HybridClock:
    """Gives what this node accepts a version: the time, or just past the object's last version.

    It remembers the last versions of at most `limit` objects.
    """

    def __init__(self, epoch: int, *, limit: int) -> None:
        self.epoch = epoch
        self.limit = limit
        self._last: dict[Hashable, int] = {}

    def version(self, key: Hashable, accepted: datetime) -> Version:
        """Return a version that is newer than any that the object had."""
        ms = milliseconds(accepted)
        last = self._last.get(key)
        if last is not None:
            ms = max(ms, last + 1)
        found = Version(self.epoch, ms)
        self.had(key, found)
        return found

    def had(self, key: Hashable, version: Version) -> None:
        """Note a version that an object had, such as before a restart."""
        if version.epoch != self.epoch:
            return
        last = self._last.pop(key, version.ms)
        if len(self._last) >= self.limit:
            del self._last[next(iter(self._last))]
        self._last[key] = max(last, version.ms)


def as_released(version: Version, form: ReleaseForm, after: Version | None) -> Version | None:
    """Return the version that tells no more than the form, newer than what was released before.

    Where the form does not keep the time it is rounded down to the cadence. None where what was
    released in this cadence was of another form, with its time: the next cadence must come first.
    """
    if form.cadence is None or Kept.TIME in form.keep:
        return version
    step = form.cadence // _MILLISECOND
    rounded = Version(version.epoch, version.ms - (version.ms - FIRST) % step)
    if after is None or rounded > after:
        return rounded
    if (after.ms - FIRST) % step >= MOST_IN_ONE_CADENCE:
        return None
    # Two of one cadence: counting on by one tells only that there was a release before.
    return Version(after.epoch, after.ms + 1)


_MILLISECOND = datetime.resolution * 1_000


class Versions:
    """The newest version that this node has of each object of other nodes, over whatever link.

    Of at most `limit` objects; those not heard of for longest are forgotten, `forgotten` counts
    them. What was buried comes back only in a newer version, until the burial is over.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.forgotten = 0
        self._newest: dict[ObjectKey, Version] = {}
        self._buried: dict[ObjectKey, tuple[Version, int]] = {}

    def __len__(self) -> int:
        return len(self._newest)

    def get(self, key: ObjectKey) -> Version | None:
        """Return the newest version."""
        return self._newest.get(key)

    def take(self, key: ObjectKey, version: Version, now_ms: int) -> bool:
        """Note the version; False where it is no newer than what is here, or is buried."""
        newest = self._newest.get(key)
        if newest is not None and version <= newest:
            return False
        if self._is_buried(key, version, now_ms):
            return False
        if newest is not None:
            del self._newest[key]
        elif len(self._newest) >= self.limit:
            del self._newest[next(iter(self._newest))]
            self.forgotten += 1
        self._newest[key] = version
        return True

    def bury(self, key: ObjectKey, version: Version, until_ms: int) -> None:
        """Refuse this version of the object and every older one until then."""
        before = self._buried.get(key)
        self._buried[key] = (max(version, before[0]) if before else version, until_ms)
        self._newest.pop(key, None)
        if len(self._buried) > self.limit:
            del self._buried[next(iter(self._buried))]
            self.forgotten += 1

    def buried(self) -> tuple[tuple[ObjectKey, Version, int], ...]:
        """Return what is buried, and until when."""
        return tuple((key, version, until) for key, (version, until) in self._buried.items())

    def _is_buried(self, key: ObjectKey, version: Version, now_ms: int) -> bool:
        found = self._buried.get(key)
        if found is None:
            return False
        if now_ms >= found[1]:
            del self._buried[key]
            return False
        return version <= found[0]
