from accord.wire.errors import (
    FrameTooLarge,
    Malformed,
    NotUtf8,
    TooDeep,
    Unsupported,
    WireError,
)

KINDS = (WireError, FrameTooLarge, TooDeep, Malformed, Unsupported, NotUtf8)


def test_each_kind_of_refusal_is_counted_under_words_of_its_own() -> None:
    assert len({kind.reason for kind in KINDS}) == len(KINDS)


def test_whoever_answers_to_wire_errors_answers_to_every_kind() -> None:
    assert all(issubclass(kind, WireError) for kind in KINDS)


def test_the_words_to_count_do_not_change_with_the_details() -> None:
    assert Malformed("this").reason == Malformed("that").reason == "malformed"
