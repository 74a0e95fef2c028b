"""How each agreement stands between two nodes: what keeps it from flowing, and who must act."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.core.naming import printable
from accord.wire.peer.message import Held
from accord.wire.peer.protocol import AGREEMENT

ACTIVATED = "activated"
UNKNOWN = "unknown, there is no link"
NOT_ACTIVATED = "not activated"
SUSPENDED_THERE = "suspended"
SUSPENDED = "suspended"
WITHDRAWN = "withdrawn"
PAUSED = "paused"
OTHER_KEY = "of another key"
OTHER_TEXT = "another text"
MAX_FOREIGN = 16
"""Agreements that only the partner holds of which people are told."""
MAX_NAME = 64
"""Letters of such an agreement's id that are shown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One agreement between this node and its partner.

    `gives` and `takes` are seen from this node. `is_here` tells whether it is activated here,
    `there` how it stands at the partner, `why` in a sentence what keeps it from flowing; empty
    where nothing does, or nobody knows. `stopped` tells what became of it here, such as suspended.
    """

    id: str
    serial: int
    gives: bool
    takes: bool
    is_here: bool
    there: str
    why: str = ""
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An agreement that was activated here, and that was stopped here since.

    `gives` and `takes` as in `Standing`. `how` is "suspended" or "withdrawn", `by` which party; or
    "paused", by a person of this node; or "of another key", where the text names another key of
    the partner's people than their invitation of `at`, which is pinned.
    """

    held: Held
    gives: bool
    takes: bool
    how: str
    by: str
    at: datetime

    def sentence(self, reason: str) -> str:
        """Say it, and why where somebody has said that."""
        if self.how == OTHER_KEY:
            return (
                f"{self.held.id} serial {self.held.serial} names another key of {self.by} than the "
                f"invitation of {self.at:%Y-%m-%d} that is pinned, so nothing flows by it: have "
                "all parties sign the next serial, with that key in it, and activate it"
            )
        said = f"{self.held.id} serial {self.held.serial} is {self.how} here by {self.by}"
        return f"{said} at {self.at:%Y-%m-%d %H:%M:%SZ}" + (f": {_shown(reason)}" if reason else "")


@dataclass(frozen=True, slots=True)
class Holding:
    """What one node says it gives and takes by."""

    gives: Sequence[Held] = ()
    takes: Sequence[Held] = ()

    def of(self, name: str) -> Held | None:
        """Return the agreement of that id."""
        return next((each for each in (*self.gives, *self.takes) if each.id == name), None)


def unknown(ours: Holding) -> tuple[Standing, ...]:
    """Return how agreements stand while nobody knows what the partner has activated."""
    own = dict.fromkeys((*ours.gives, *ours.takes))
    return tuple(
        Standing(each.id, each.serial, each in ours.gives, each in ours.takes, True, UNKNOWN)
        for each in own
    )


def stands_stopped(it: Stopped, theirs: Holding | None, reason: str) -> Standing | None:
    """Return how that stands; None for what was withdrawn and is nowhere any more.

    `theirs` None: there is no link.
    """
    other = None if theirs is None else theirs.of(it.held.id)
    if it.how == WITHDRAWN and other is None:
        return None
    there = UNKNOWN if theirs is None else NOT_ACTIVATED
    if other is not None:
        there = ACTIVATED if other.serial == it.held.serial else f"serial {other.serial}"
    how = "" if it.how == OTHER_KEY else it.how
    return Standing(
        it.held.id, it.held.serial, it.gives, it.takes, False, there, it.sentence(reason), how
    )


def compare(
    ours: Holding, theirs: Holding, partner: str, suspended: Mapping[bytes, str],
    stopped: Collection[str] = (),
) -> tuple[Standing, ...]:  # fmt: skip
    """Hold both against each other; `suspended` is what the partner said it stopped, and why.

    `stopped` are ids of which is told apart (`stands_stopped`).
    """
    found = [
        _of_ours(each.id, each.serial, ours, theirs, partner, suspended) for each in unknown(ours)
    ]
    foreign = dict.fromkeys(
        each.id for each in (*theirs.gives, *theirs.takes) if ours.of(each.id) is None
    )
    names = [name for name in foreign if name not in stopped]
    found += [_of_theirs(name, theirs, partner) for name in names[:MAX_FOREIGN]]
    return tuple(found)


def _of_ours(
    name: str, serial: int, ours: Holding, theirs: Holding, partner: str,
    suspended: Mapping[bytes, str],
) -> Standing:  # fmt: skip
    own, other = ours.of(name), theirs.of(name)
    assert own is not None  # noqa: S101  it is one of ours
    there, why = _difference(own, other, partner, suspended)
    gives, takes = own in ours.gives, own in ours.takes
    return Standing(name, serial, gives, takes, True, there, why)


def _difference(
    own: Held, other: Held | None, partner: str, suspended: Mapping[bytes, str]
) -> tuple[str, str]:
    what = f"{own.id} serial {own.serial}"
    reason = suspended.get(own.digest[:AGREEMENT])
    if other is None and reason is not None:
        return SUSPENDED_THERE, f"{partner} has suspended {what}: {_shown(reason)}"
    if other is None:
        return NOT_ACTIVATED, f"{partner} has not activated {what}, so nothing flows by it"
    if other.serial < own.serial:
        why = f"{partner} has not activated {what}: it still has serial {other.serial}"
        return f"serial {other.serial}", why
    if other.serial > own.serial:
        why = (
            f"waiting for ours: {partner} has activated {own.id} serial {other.serial}, and this "
            f"node still has serial {own.serial}"
        )
        return f"serial {other.serial}", why
    if other.digest != own.digest:
        return OTHER_TEXT, f"{partner} has activated another text of {what}: compare the files"
    return ACTIVATED, ""


def _of_theirs(name: str, theirs: Holding, partner: str) -> Standing:
    other = theirs.of(name)
    assert other is not None  # noqa: S101  it is one of theirs
    shown = _shown(name)
    why = (
        f"waiting for ours: {partner} has activated {shown} serial {other.serial}, and this node "
        "has not: accord agreement activate DIR FILE"
    )
    gives = any(each.id == name for each in theirs.takes)
    takes = any(each.id == name for each in theirs.gives)
    return Standing(shown, other.serial, gives, takes, False, ACTIVATED, why)


def _shown(text: str) -> str:
    """Keep what a partner calls something from steering a terminal, or filling it."""
    return printable(text[:MAX_NAME])
