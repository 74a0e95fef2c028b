import pytest

from accord.core.context import LIVE, Context, ContextKind


@pytest.mark.parametrize(
    "text", ["live", "exercise:TASMAN 26", "plan:P-1", "replay:2026-01-02", "exercise:a:b"]
)
def test_a_context_is_read_as_it_was_written(text: str) -> None:
    assert str(Context.parse(text)) == text


def test_a_context_is_a_kind_and_which_one() -> None:
    assert Context.parse("live") == LIVE
    assert (
        Context.exercise("X") == Context(ContextKind.EXERCISE, "X") == Context.parse("exercise:X")
    )


def test_contexts_of_one_name_and_different_kinds_are_different() -> None:
    worlds = {LIVE, Context.exercise("X"), Context.parse("plan:X"), Context.parse("replay:X")}
    assert len(worlds) == 4


@pytest.mark.parametrize("text", ["", "exercise", "plan:", "live:X", "LIVE", "game:X"])
def test_a_context_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Context.parse(text)
