from collections.abc import Callable
from enum import IntEnum

import pytest

from accord.wire.errors import Malformed
from accord.wire.peer.fields import (
    Members,
    array,
    blob,
    exactly,
    flag,
    many,
    maybe,
    one_of,
    ordered,
    some,
    span,
    text,
    true,
    uint,
)


class Colour(IntEnum):
    RED = 0
    BLUE = 2


@pytest.mark.parametrize(
    ("read", "taken", "refused"),
    [
        (uint(5), [0, 5], [-1, 6, True, 1.0, "1", None, b"\1"]),
        (uint(5, least=2), [2, 5], [1]),
        (uint(), [(1 << 63) - 1], [1 << 63]),
        (span(5), [-5, 0, 5], [-6, 6, False]),
        (text(4), ["", "abcd", "üü"], ["abcde", "üüa", b"ab", None]),
        (text(4, least=1), ["a"], [""]),
        (blob(2), [b"", b"ab"], [b"abc", "ab", None, [1]]),
        (exactly(2), [b"ab"], [b"a", b"abc"]),
        (flag, [True, False], [0, 1, None, "true"]),
        (true, [True], [False, 1, None]),
        (one_of(Colour), [0, 2], [1, 3, False, "0", None, [0]]),
        (maybe(uint(5)), [None, 5], [6, False]),
        (some, [[0], [[]]], [[], None, "a", {0: 1}]),
    ],
)
def test_a_reader_takes_what_it_says_and_nothing_else(
    read: Callable[[object], object], taken: list[object], refused: list[object]
) -> None:
    assert [read(value) for value in taken] == taken
    for value in refused:
        with pytest.raises(Malformed):
            read(value)


def test_an_enumeration_is_read_as_itself() -> None:
    assert one_of(Colour)(2) is Colour.BLUE


def test_a_list_has_its_limits_and_its_members_theirs() -> None:
    read = many(uint(5), 2, least=1)
    assert read([1, 5]) == (1, 5)
    for value in ([], [1, 2, 3], [6], "12", None, {1: 2}):
        with pytest.raises(Malformed):
            read(value)


def test_an_ordered_list_rises_and_has_nothing_twice() -> None:
    read = ordered(many(uint(), 3))
    assert read([1, 2, 5]) == (1, 2, 5)
    for value in ([2, 1], [1, 1]):
        with pytest.raises(Malformed):
            read(value)


def test_an_array_has_exactly_its_members() -> None:
    assert array([1, 2], 2) == [1, 2]
    for value in ([1], [1, 2, 3], None, "ab", {1: 1, 2: 2}):
        with pytest.raises(Malformed):
            array(value, 2)


def test_a_map_gives_what_is_asked_for_and_has_nothing_else() -> None:
    it = Members({1: 7, 2: 8})
    assert (it.need(1, uint()), it.get(2, uint(), 0), it.get(3, uint(), 9)) == (7, 8, 9)
    it.end()


def test_a_map_that_lacks_a_member_is_refused() -> None:
    with pytest.raises(Malformed):
        Members({2: 8}).need(1, uint())


def test_a_map_with_something_unknown_is_refused() -> None:
    it = Members({1: 7, 99: 0})
    it.need(1, uint())
    with pytest.raises(Malformed, match="not known"):
        it.end()


def test_a_map_that_says_what_is_to_be_left_out_is_refused() -> None:
    with pytest.raises(Malformed, match="left out"):
        Members({1: None}).get(1, maybe(uint()), None)


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(Malformed):
        Members([1, 2])
