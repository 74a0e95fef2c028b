from dataclasses import fields, replace

import pytest

from accord.core.value import value


@value
class Pair:
    """Two things."""

    one: int
    other: str = "x"


def test_values_with_equal_fields_are_equal_and_hash_alike() -> None:
    assert Pair(one=1) == Pair(one=1, other="x")
    assert hash(Pair(one=1)) == hash(Pair(one=1, other="x"))
    assert Pair(one=1) != Pair(one=2)


def test_a_value_is_a_dataclass_that_can_be_replaced() -> None:
    assert [each.name for each in fields(Pair)] == ["one", "other"]
    assert replace(Pair(one=1), other="y") == Pair(one=1, other="y")


def test_a_value_holds_nothing_but_its_fields() -> None:
    pair = Pair(one=1)
    with pytest.raises(AttributeError):
        pair.third = 3  # type: ignore[attr-defined]  # that is the test


def test_fields_are_given_by_name() -> None:
    with pytest.raises(TypeError):
        Pair(1)  # type: ignore[call-arg]  # that is the test
