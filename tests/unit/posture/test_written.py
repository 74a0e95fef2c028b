from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accord.posture.answer import Bar
from accord.posture.model import Domain, Grade, Origin
from accord.posture.response import Change, Interval, Summary
from accord.posture.written import digest, read, write

ORIGIN = Origin(grade=Grade.INVENTED, who="us", as_of=date(2026, 1, 2))
SUMMARY = Summary(mean=0.1 + 0.2, worst=None, worst_at=7, within={6: 1 / 3, 24: 1.0}, served=5e-324)
CHANGE = Change(SUMMARY, SUMMARY, Interval(-1.0, -2.5, 1e300), None, 0.0, 0.25, 0.75)


@dataclass(frozen=True, slots=True)
class Shown:
    numbers: NDArray[np.float32]
    flags: NDArray[np.bool_]
    pairs: tuple[tuple[str, bool], ...]
    pair: tuple[int, str]


def test_what_is_read_is_what_was_written_to_the_last_bit() -> None:
    assert read(Change, write(CHANGE)) == CHANGE
    bar = Bar(assumption="a", value="1", origin=ORIGIN, low_label="", high_label="", low=1, high=2)
    assert read(Bar, write(bar)) == bar
    assert write(read(Bar, write(bar))) == write(bar)  # a whole number stays whole


def test_arrays_keep_their_numbers_and_their_sort() -> None:
    numbers = np.array([0.1, 1e-45, 3.4e38], dtype=np.float32)
    was = Shown(numbers, np.array([True, False]), (("a", True),), (1, "b"))
    now = read(Shown, write(was))
    assert now.numbers.dtype == np.float32
    assert now.numbers.tobytes() == was.numbers.tobytes()
    assert now.flags.dtype == np.bool_
    assert (now.pairs, now.pair) == (was.pairs, was.pair)


def test_a_mapping_comes_back_in_its_order() -> None:
    said = {"b": (Domain.SEA,), "a": (Domain.AIR, Domain.SEA)}
    found = read(dict[str, tuple[Domain, ...]], write(said))
    assert list(found.items()) == list(said.items())


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Change, b"[]"),
        (Interval, b"[1,2]"),
        (Interval, b'["one",2,3]'),
        (Interval, b"[true,2,3]"),
        (Interval, b"{"),
        (Interval, b"\xff"),
        (Origin, b'["D","us","2026-01-02",null]'),
        (Origin, b'["C","us","soon",null]'),
        (Origin, b'["C",5,"2026-01-02",null]'),
        (Interval, b"[" * 100_000),
    ],
)
def test_bytes_that_hold_no_such_value_are_refused(kind: type[Any], data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any of them will do
        read(kind, data)


def test_a_digest_is_that_of_the_text_of_a_value() -> None:
    said = '["Interval",1.0,2.0,3.0]'
    assert digest(Interval(1.0, 2.0, 3.0)) == sha256(said.encode()).hexdigest()
    # However Python keeps a set in this process.
    assert digest(frozenset({"b", "a", "c"})) == sha256(b'["a","b","c"]').hexdigest()


def test_a_digest_tells_values_apart_and_not_the_order_of_a_mapping() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1, "b": 2}) != digest({"a": 2, "b": 1})
    assert digest(Interval(1.0, 2.0, 3.0)) != digest((1.0, 2.0, 3.0))
    assert digest(ORIGIN) == digest(ORIGIN)
