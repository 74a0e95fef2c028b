"""Reads decoded CBOR into checked values: each reader says what it takes, and refuses the rest."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import TypeVar, cast

from accord.wire.errors import Malformed

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)
Read = Callable[[object], T]

BIGGEST = (1 << 63) - 1
"""The largest number of any kind."""
EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999
"""Milliseconds since 1970 of the first and the last moment of the years 1 to 9999."""

LATITUDE, LONGITUDE = 900_000_000, 1_800_000_000
"""The poles and the antimeridian in 1e-7 degrees."""
LENGTH = 100_000_000_000
"""Millimetres of the largest height, error and radius: a quarter of the way to the Moon."""
COURSE = 3_599
"""Tenths of a degree; 360.0 is written as 0."""
SPEED = 10_000_000
"""Centimetres a second: a hundred kilometres a second, more than leaves the solar system."""
DOUBTS = 1023
ORIGINAL_FORMS = 2


def uint(most: int = BIGGEST, *, least: int = 0) -> Read[int]:
    """Take a whole number of that range."""

    def read(value: object) -> int:
        # A boolean is an int to Python, and no number on the wire.
        if type(value) is not int or not least <= value <= most:
            raise Malformed(f"not a whole number from {least} to {most}")
        return value

    return read


def span(most: int) -> Read[int]:
    """Take a whole number between minus and plus that."""
    return uint(most, least=-most)


moment = uint(LATEST, least=EARLIEST)
"""Takes a time."""


def text(most: int, *, least: int = 0) -> Read[str]:
    """Take text of so many bytes in UTF-8."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not least <= len(value.encode()) <= most:
            raise Malformed(f"not text of {least} to {most} bytes")
        return value

    return read


def blob(most: int, *, least: int = 0) -> Read[bytes]:
    """Take so many bytes."""

    def read(value: object) -> bytes:
        if not isinstance(value, bytes) or not least <= len(value) <= most:
            raise Malformed(f"not {least} to {most} bytes")
        return value

    return read


def exactly(size: int) -> Read[bytes]:
    """Take bytes of that size."""
    return blob(size, least=size)


def flag(value: object) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise Malformed("neither true nor false")
    return value


def true(value: object) -> bool:
    """Take true alone, where false is said by leaving it out."""
    if value is not True:
        raise Malformed("not true")
    return True


def one_of(words: type[E]) -> Read[E]:
    """Take a number of that enumeration."""
    numbers = {word.value: word for word in words}

    def read(value: object) -> E:
        found = numbers.get(value) if type(value) is int else None
        if found is None:
            raise Malformed(f"no {words.__name__}")
        return found

    return read


def maybe(read: Read[T]) -> Read[T | None]:
    """Take that, or null."""

    def read_it(value: object) -> T | None:
        return None if value is None else read(value)

    return read_it


def many(read: Read[T], most: int, *, least: int = 0) -> Read[tuple[T, ...]]:
    """Take a list of so many of that."""

    def read_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Malformed("not a list")
        values = cast("list[object]", value)
        if not least <= len(values) <= most:
            raise Malformed(f"not a list of {least} to {most}")
        return tuple(read(each) for each in values)

    return read_all


def rising(values: Sequence[object]) -> None:
    """Refuse a list that is not in order, or that has one thing twice."""
    if any(a >= b for a, b in pairwise(cast("Sequence[int]", values))):
        raise Malformed("a list is not in order")


def ordered(read: Read[tuple[T, ...]]) -> Read[tuple[T, ...]]:
    """Take a list in rising order."""

    def read_all(value: object) -> tuple[T, ...]:
        values = read(value)
        rising(values)
        return values

    return read_all


def some(value: object) -> list[object]:
    """Take an array that is not empty."""
    if not isinstance(value, list) or not value:
        raise Malformed("not an array, or an empty one")
    return cast("list[object]", value)


def array(value: object, size: int) -> list[object]:
    """Take an array of that many members."""
    if not isinstance(value, list) or len(cast("list[object]", value)) != size:
        raise Malformed(f"not an array of {size}")
    return cast("list[object]", value)


class Members:
    """The members of a map with small numbers as keys; every one must be asked for."""

    __slots__ = ("_rest",)

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise Malformed("not a map")
        self._rest = dict(cast("dict[object, object]", value))

    def need(self, key: int, read: Read[T]) -> T:
        """Return a member that must be there."""
        return read(self._rest.pop(key, None))

    def get(self, key: int, read: Read[T], default: T) -> T:
        """Return a member, or the default where it is left out; the default is never written."""
        if key not in self._rest:
            return default
        value = read(self._rest.pop(key))
        if value == default:
            raise Malformed("a member is written that is to be left out")
        return value

    def end(self) -> None:
        """Refuse what nobody asked for."""
        if self._rest:
            raise Malformed("a map has members that are not known")
