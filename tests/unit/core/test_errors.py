import pytest

from accord.core.errors import AccordError, UsageError


@pytest.mark.parametrize(("error", "exit_code"), [(AccordError, 1), (UsageError, 2)])
def test_each_kind_of_error_has_the_exit_code_that_is_pinned(
    error: type[AccordError], exit_code: int
) -> None:
    assert error("port 8089 is in use").exit_code == exit_code


def test_an_error_is_the_sentence_that_is_printed() -> None:
    assert str(UsageError("no such key: [tls] port, line 3")) == "no such key: [tls] port, line 3"


def test_whoever_catches_the_root_catches_wrong_use_as_well() -> None:
    with pytest.raises(AccordError):
        raise UsageError("wrong")
