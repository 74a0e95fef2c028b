"""What is remembered of files to and of one partner, on disk, so that none counts twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import cbor2

from accord.core.errors import AccordError
from accord.federation.by_file import State
from accord.federation.version import ObjectKey
from accord.observe.log import Log
from accord.security import keystore
from accord.wire.peer.protocol import Version

BUNDLES = Path("federation/bundles")
SHAPE = 1
MAX_SENT = 8
"""Bundles whose states are remembered until the partner answers; of older ones all goes again."""
MAX_CAME = 1_000
"""Bundles of the partner that are remembered one by one; of older ones, only how old they are."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A bundle for the partner that it has not answered yet."""

    id: bytes
    made: int
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The last bundle one way, for status: times in ms. `at` is when it was taken in, or made."""

    id: bytes
    made: int
    at: int
    items: int
    answered: bool = False


@dataclass(slots=True)
class BundleMemory:
    """All of it. `theirs` is the newest HELLO of the partner, over a line or by file.

    `recalled` is when the partner last called something back. `forgotten` counts bundles for which
    there was no place any more.
    """

    theirs: bytes = b""
    theirs_made: int = 0
    sent: list[Sent] = field(default_factory=list[Sent])
    came: dict[bytes, int] = field(default_factory=dict[bytes, int])
    horizon: int = 0
    last_out: Passed | None = None
    last_in: Passed | None = None
    forgotten: int = 0
    recalled: int = 0

    def called_back(self, at: int) -> None:
        """Take note that the partner called something back: what it wrote before is void."""
        self.recalled = max(self.recalled, at)

    def heard(self, hello: bytes, made: int) -> bool:
        """Keep a HELLO of the partner, where none is newer; tell whether that is so."""
        if made <= self.theirs_made:
            return False
        self.theirs, self.theirs_made = hello, made
        return True

    def why_not(self, bundle: bytes, made: int) -> str:
        """Return in a sentence why a bundle may have been here already; empty where it was not."""
        if bundle in self.came:
            return "it was imported before, and changes nothing a second time"
        if made < self.recalled:
            return (
                "it was made before the partner called something back; what it holds besides is in "
                "the bundles made since"
            )
        if made <= self.horizon:
            return "it is older than the bundles that this node still remembers one by one"
        return ""

    def wrote(self, sent: Sent, items: int) -> None:
        """Remember a bundle for the partner."""
        self.sent.append(sent)
        if len(self.sent) > MAX_SENT:
            del self.sent[0]
            self.forgotten += 1
        self.last_out = Passed(id=sent.id, made=sent.made, at=sent.made, items=items)

    def took(self, passed: Passed) -> None:
        """Remember a bundle of the partner."""
        self.came[passed.id] = passed.made
        self.last_in = passed
        if len(self.came) > MAX_CAME:
            oldest = min(self.came, key=lambda each: self.came[each])
            self.horizon = max(self.horizon, self.came.pop(oldest))
            self.forgotten += 1

    def answered(self, bundles: Sequence[bytes]) -> list[State]:
        """Return what the partner has, since it has taken these in; they are done with."""
        taken = set(bundles)
        done = [each for each in self.sent if each.id in taken]
        self.sent = [each for each in self.sent if each.id not in taken]
        last = self.last_out
        if last is not None and last.id in taken:
            self.last_out = Passed(
                id=last.id, made=last.made, at=last.at, items=last.items, answered=True
            )
        return [state for each in done for state in each.states]

    def answers(self, most: int) -> tuple[bytes, ...]:
        """Return the newest bundles of the partner that were taken in."""
        return tuple(sorted(self.came, key=lambda each: self.came[each])[-most:])


def load(directory: Path, partner: str, log: Log) -> BundleMemory:
    """Read what is remembered. What cannot be read is as good as nothing: all is sent again.

    What is imported a second time then changes nothing still, since its versions are known.
    """
    path = directory / BUNDLES / partner
    try:
        return _from_plain(cbor2.loads(path.read_bytes()))
    except FileNotFoundError:
        return BundleMemory()
    except (OSError, ValueError, TypeError, cbor2.CBORDecodeError) as error:
        log.trouble("bundles are forgotten", partner=partner, reason=str(error))
        return BundleMemory()


def save(directory: Path, partner: str, memory: BundleMemory) -> None:
    """Write it down. AccordError when that cannot be done."""
    path = directory / BUNDLES / partner
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
    keystore.write_private(path, cbor2.dumps(_plain(memory)))


def _plain(it: BundleMemory) -> list[object]:
    sent = [
        [each.id, each.made, [[*key, *version] for key, version in each.states]] for each in it.sent
    ]
    return [
        SHAPE, it.theirs, it.theirs_made, sent, it.came, it.horizon, _plain_passed(it.last_out),
        _plain_passed(it.last_in), it.forgotten, it.recalled,
    ]  # fmt: skip


def _plain_passed(it: Passed | None) -> list[object] | None:
    return None if it is None else [it.id, it.made, it.at, it.items, it.answered]


_Passed = tuple[bytes, int, int, int, bool] | None
_Sent = tuple[bytes, int, list[tuple[str, str, str, int, int]]]


def _from_plain(value: object) -> BundleMemory:
    shape, theirs, made, sent, came, horizon, out, came_in, forgotten, recalled = cast(
        "tuple[int, bytes, int, list[_Sent], dict[bytes, int], int, _Passed, _Passed, int, int]",
        value,
    )
    if shape != SHAPE:
        raise ValueError("it has another shape")
    return BundleMemory(
        theirs, made, [_sent(each) for each in sent], dict(came), horizon, _passed(out),
        _passed(came_in), forgotten, recalled,
    )  # fmt: skip


def _sent(value: _Sent) -> Sent:
    id_, made, states = value
    return Sent(
        id_,
        made,
        tuple(
            State(ObjectKey(origin, context, uid), Version(epoch, ms))
            for origin, context, uid, epoch, ms in states
        ),
    )


def _passed(value: _Passed) -> Passed | None:
    if value is None:
        return None
    id_, made, at, items, answered = value
    return Passed(id=id_, made=made, at=at, items=items, answered=answered)
