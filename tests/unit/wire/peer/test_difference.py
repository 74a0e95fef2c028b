"""What is said after another thing, as docs/reference/peer-protocol.md has it."""

import pytest

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.peer import cbor
from accord.wire.peer.difference import (
    CONTENT,
    GRANT,
    MAX_SAID_AGAIN,
    LastSaid,
    less,
    most_spelled_out,
    plus,
)
from accord.wire.peer.errors import NotDeterministic
from accord.wire.peer.plain import Plain


@pytest.mark.parametrize(
    ("value", "before", "change"),
    [
        pytest.param(7, 5, 2, id="a number is what it is more"),
        pytest.param(5, 7, -2, id="or less"),
        pytest.param("b", "a", "b", id="text is as it is"),
        pytest.param(True, 1, True, id="true is no number"),
        pytest.param(1, True, 1, id="and no number is true"),
        pytest.param(None, 3, None, id="nothing instead of a number"),
        pytest.param(3, None, 3, id="a number instead of nothing"),
        pytest.param([1, 2], [1, 2], {}, id="nothing is otherwise"),
        pytest.param([1, "b", 5], [1, "a", 3], {1: "b", 2: 2}, id="members of an array"),
        pytest.param([1, None], [1, "a"], {1: None}, id="a member that is nothing"),
        pytest.param([1], [1, 2], [[1]], id="an array of another length"),
        pytest.param({1: 2}, [1, 2], [{1: 2}], id="a map instead of an array"),
        pytest.param([1, 2], {1: 2}, [[1, 2]], id="an array instead of a map"),
        pytest.param("a", [1, 2], "a", id="text instead of an array"),
        pytest.param([1, 2], "a", [1, 2], id="an array instead of text"),
        pytest.param({1: 2, 5: 1}, {1: 2, 3: 4}, {3: None, 5: 1}, id="members of a map"),
        pytest.param({1: {2: "b"}}, {1: {2: "a", 3: 4}}, {1: {2: "b", 3: None}}, id="in a map"),
        pytest.param([True], [1], {0: True}, id="true where there was one"),
        pytest.param([{}, 1], [5, 1], {0: {}}, id="an empty map where there was a number"),
        pytest.param([[]], [{}], {0: [[]]}, id="an empty array where there was an empty map"),
        pytest.param([[[1], 2]], [[[1], 2]], {}, id="nothing is otherwise deep inside"),
        pytest.param([[True]], [[1]], {0: {0: True}}, id="true where there was one deep inside"),
    ],
)
def test_a_value_is_what_is_otherwise_than_before(
    value: Plain, before: Plain, change: Plain
) -> None:
    assert cbor.write(less(value, before)) == cbor.write(change)
    assert cbor.write(plus(change, before)) == cbor.write(value)


@pytest.mark.parametrize(
    ("change", "before"),
    [
        pytest.param({2: 1}, [1, 2], id="a member that the array has not"),
        pytest.param({-1: 1}, [1, 2], id="a member from behind"),
        pytest.param([1, 2], [1, 2], id="an array that stands for nothing"),
        pytest.param([], {1: 2}, id="an array of none"),
    ],
)
def test_what_is_otherwise_than_cannot_be_is_refused(change: Plain, before: Plain) -> None:
    with pytest.raises(Malformed):
        plus(change, before)


FIRST: list[Plain] = [1, {1: "the same words, said again", 2: 7}]
SECOND: list[Plain] = [1, {1: "the same words, said again", 2: 9}]
CHANGE: dict[int, Plain] = {1: {2: 2}}


def test_what_is_said_first_is_whole_and_after_it_what_is_otherwise() -> None:
    said, heard = LastSaid(), LastSaid()
    for value, written in ((FIRST, FIRST), (SECOND, CHANGE), (SECOND, {})):
        assert said.write(CONTENT, value) == written
        assert heard.read(CONTENT, written) == (value, cbor.write(value))


def test_what_is_no_longer_whole_is_whole() -> None:
    said = LastSaid()
    said.write(CONTENT, FIRST)
    assert said.write(CONTENT, [8, []]) == [8, []]


def test_each_sort_is_said_after_its_own() -> None:
    said = LastSaid()
    said.write(CONTENT, FIRST)
    assert said.write(GRANT, FIRST) == FIRST


@pytest.mark.parametrize(
    ("written", "error"),
    [
        pytest.param(SECOND, NotDeterministic, id="whole, though it could be shorter"),
        pytest.param({1: {1: "the same words, said again", 2: 2}}, NotDeterministic, id="the same"),
        pytest.param({1: {2: 2, 5: None}}, Malformed, id="nothing of nothing"),
        pytest.param({0: 7, 1: [[]]}, NotDeterministic, id="otherwise, though whole is shorter"),
        pytest.param({2: 1}, Malformed, id="a member that is none"),
        pytest.param(5, Malformed, id="neither whole nor otherwise"),
        pytest.param(None, Malformed, id="nothing"),
    ],
)
def test_there_is_one_way_to_say_what_is_otherwise(written: Plain, error: type[Exception]) -> None:
    heard = LastSaid()
    heard.read(CONTENT, FIRST)
    with pytest.raises(error):
        heard.read(CONTENT, written)


@pytest.mark.parametrize("written", [{}, {1: 2}, 5, "text"])
def test_nothing_is_otherwise_than_nothing(written: Plain) -> None:
    with pytest.raises(Malformed):
        LastSaid().read(CONTENT, written)


def test_a_copy_has_what_was_said_and_changes_nothing() -> None:
    said = LastSaid()
    said.write(CONTENT, FIRST)
    copy = said.copy()
    assert copy.write(CONTENT, SECOND) == CHANGE
    assert said.write(CONTENT, FIRST) == {}


def test_what_is_long_is_whole_and_nothing_is_said_after_it() -> None:
    said, heard = LastSaid(), LastSaid()
    # The heads of the array and of the text have 1 and 3 bytes (RFC 8949, 3).
    long: list[Plain] = ["x" * (MAX_SAID_AGAIN - 4)]
    longer: list[Plain] = ["x" * (MAX_SAID_AGAIN - 3)]
    for value, written in (
        (long, long),
        (long, {}),
        (longer, longer),
        (longer, longer),
        (long, {}),
    ):
        assert said.write(CONTENT, value) == written
        assert heard.read(CONTENT, written) == (value, cbor.write(value))
    with pytest.raises(NotDeterministic):
        heard.read(CONTENT, {0: longer[0]})


def test_what_is_not_known_does_not_grow_from_frame_to_frame() -> None:
    """It grew to 250,000 bytes, and a frame of 184 had all of them compared."""
    heard = LastSaid()
    heard.read(CONTENT, [99, {}])
    for member in (0, 1):
        heard = heard.copy()
        heard.read(CONTENT, {1: {member: [0] * 1_000}})
    with pytest.raises(NotDeterministic):
        heard.copy().read(CONTENT, {1: {2: [0] * 1_000}})


def test_a_frame_spells_out_so_much_for_what_it_has_and_a_copy_begins_anew() -> None:
    said, heard = LastSaid(), LastSaid()
    # Whole it has 1,000 bytes, again 1: so 4,096 + 32 * 1,000 and 32 for each have room for 36.
    much: list[Plain] = ["x" * 996]
    heard.read(CONTENT, much)
    said.write(CONTENT, much)
    for _ in range(36):
        heard.read(CONTENT, {})
        said.write(CONTENT, much)
    heard.copy().read(CONTENT, {})
    with pytest.raises(FrameTooLarge):
        heard.read(CONTENT, {})
    with pytest.raises(FrameTooLarge):
        said.write(CONTENT, much)


def test_a_frame_spells_out_no_more_however_much_it_has() -> None:
    assert [most_spelled_out(size) for size in (0, 1, 100, 8_063)] == [4_096, 4_128, 7_296, 262_112]
    assert {most_spelled_out(size) for size in (8_064, 8_065, 65_535)} == {262_144}
