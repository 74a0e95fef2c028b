import pytest

from accord.core.kind import Affiliation, Dimension, Kind

MERCHANT = Kind.of("a-f-S-X-M")


def test_equal_texts_are_one_object() -> None:
    assert Kind.of("a-f-S-X-M") is Kind.of("a-f-S-X-M")
    assert str(MERCHANT) == MERCHANT.text == "a-f-S-X-M"


@pytest.mark.parametrize("ancestor", ["a", "a-f", "a-f-S", "a-.-S", "a-.-S-.-M", "a-f-S-X-M"])
def test_a_kind_is_what_stands_above_it(ancestor: str) -> None:
    assert MERCHANT.is_a(ancestor)


@pytest.mark.parametrize("other", ["a-h", "a-f-G", "a-f-S-X-M-C", "b", "a-f-S-X-", "f", ""])
def test_a_kind_is_nothing_else(other: str) -> None:
    assert not MERCHANT.is_a(other)


# MITRE CoT: the second atom of a thing is its affiliation; letters of MIL-STD-2525.
@pytest.mark.parametrize(
    ("text", "affiliation"),
    [
        ("a-f-G", Affiliation.FRIEND),
        ("a-h", Affiliation.HOSTILE),
        ("a-u-A", Affiliation.UNKNOWN),
        ("a-.-G", None),
        ("a", None),
        ("b-f-t-r", None),
        ("u-d-f", None),
    ],
)
def test_only_a_thing_has_a_side(text: str, affiliation: Affiliation | None) -> None:
    assert Kind.of(text).affiliation is affiliation


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("a-f-S-X-M", Dimension.SEA_SURFACE),
        ("a-f-U", Dimension.SUBSURFACE),
        ("a-n-A-C-F", Dimension.AIR),
        ("a-f-Q", None),
        ("a-f", None),
        ("b-m-P", None),
    ],
)
def test_only_a_thing_that_says_so_is_somewhere(text: str, dimension: Dimension | None) -> None:
    assert Kind.of(text).dimension is dimension
