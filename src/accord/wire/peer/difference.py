"""What is said of one thing after another, with what is said again left out.

A number is written as what it is more than the one before, an array of as many members or a map as
a map of the members that are otherwise, and all else as it is. There is one way to write a value
after another, so nothing can be told, or hidden, by choosing among several.
"""

from collections.abc import Mapping
from typing import cast

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.peer import cbor
from accord.wire.peer.errors import NotDeterministic
from accord.wire.peer.plain import Plain

MAX_SPELLED_OUT = 1 << 18
"""Bytes that what one frame says has when all of it is written out."""

MAX_SAID_AGAIN = 2_048
"""Bytes of what is said after another thing, or is what another is said after; longer is whole."""

ALWAYS, TIMES = 4_096, 32
"""Bytes that a frame can spell out, and how many more for each byte that they take in it."""

CONTENT, GRANT, STATEMENT = "content", "grant", "statement"
"""The sorts of what is said one after another in a lane."""


def less(value: Plain, before: Plain) -> Plain:
    """Return what a value says otherwise than the one before; an empty map where it is alike."""
    if isinstance(before, list) and isinstance(value, list) and len(before) == len(value):
        return _otherwise(dict(enumerate(value)), dict(enumerate(before)))
    if isinstance(before, dict) and isinstance(value, dict):
        return _otherwise(value, before)
    if isinstance(before, list | dict) and isinstance(value, list | dict):
        # An array of one: it is no map, which would say what in the one before is otherwise.
        return [value]
    if _is_number(before) and _is_number(value):
        return cast("int", value) - cast("int", before)
    return value


def _otherwise(value: Mapping[int, Plain], before: Mapping[int, Plain]) -> dict[int, Plain]:
    found: dict[int, Plain] = {key: None for key in before if key not in value}
    for key, each in value.items():
        if key not in before:
            found[key] = each
            continue
        was = before[key]
        if type(was) is list or type(was) is dict:
            # Alike where nothing is otherwise: so no member is looked at twice.
            change = less(each, was)
            if change != {}:
                found[key] = change
        elif type(each) is not type(was) or each != was:
            found[key] = less(each, was)
    return dict(sorted(found.items()))


def _is_number(value: Plain) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def plus(change: Plain, before: Plain) -> Plain:
    """Return the value of which `less` made this. Raises Malformed where it made it of none."""
    if isinstance(before, list | dict):
        if isinstance(change, dict):
            return _changed(change, before)
        if isinstance(change, list):
            if len(change) != 1:
                raise Malformed("what stands for an array or a map is no array of one")
            return change[0]
    if _is_number(before) and _is_number(change):
        return cast("int", before) + cast("int", change)
    return change


def _changed(
    change: Mapping[int, Plain], before: list[Plain] | dict[int, Plain]
) -> list[Plain] | dict[int, Plain]:
    is_map = isinstance(before, dict)
    found: dict[int, Plain] = dict(before if is_map else enumerate(before))
    for key, each in change.items():
        if key in found:
            if each is None and is_map:
                del found[key]
            else:
                found[key] = plus(each, found[key])
        elif is_map and each is not None:
            found[key] = each
        else:
            raise Malformed("there is no such member")
    return dict(sorted(found.items())) if is_map else list(found.values())


def most_spelled_out(size: int) -> int:
    """Return how many bytes that has at most, spelled out, which takes so many in a frame."""
    return min(MAX_SPELLED_OUT, ALWAYS + TIMES * size)


def _written(value: Plain, data: bytes, before: Plain) -> tuple[Plain, int]:
    """Return how a value is written after the one before, and how many bytes that has."""
    if before is not None and len(data) <= MAX_SAID_AGAIN:
        change = less(value, before)
        size = len(cbor.write(change))
        if size < len(data):
            return change, size
    return value, len(data)


class LastSaid:
    """What was said last of each sort in one lane of a session; both ends keep it alike.

    The first of a sort is written whole, and so is what is no longer than its difference to the
    last, and what is long, after which nothing is said. A frame is written or read with a copy,
    which takes the place of this if the frame holds.
    """

    __slots__ = ("_last", "_size", "_spelled_out")

    def __init__(self, last: Mapping[str, Plain] | None = None) -> None:
        self._last: dict[str, Plain] = dict(last or {})
        self._size = self._spelled_out = 0

    def copy(self) -> "LastSaid":
        """Return one that has the same, and of which nothing is written out yet."""
        return LastSaid(self._last)

    def write(self, sort: str, value: Plain) -> Plain:
        """Return how a value is written here. Raises FrameTooLarge."""
        return self._say(sort, value, cbor.write(value))

    def read(self, sort: str, written: object) -> tuple[Plain, bytes]:
        """Return the value that is written so, and its own bytes. Raises WireError."""
        before, value = self._last.get(sort), cast("Plain", written)
        if not isinstance(value, list):
            if before is None or not isinstance(value, dict):
                raise Malformed("what is said first is not written whole")
            value = plus(value, before)
        data = cbor.write(value)
        if self._say(sort, value, data) != written:
            raise NotDeterministic("there is another way to say what is otherwise")
        return value, data

    def _say(self, sort: str, value: Plain, data: bytes) -> Plain:
        written, size = _written(value, data, self._last.get(sort))
        self._size += size
        self._spelled_out += len(data)
        most = most_spelled_out(self._size)
        if self._spelled_out > most:
            raise FrameTooLarge(f"what a frame says has over {most} bytes")
        if len(data) <= MAX_SAID_AGAIN:
            self._last[sort] = value
        return written
