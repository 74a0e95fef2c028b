import pytest

from accord.release.fault import AgreementError, Fault, refuse


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("it is wrong", 7, "0.2"), "line 7, clause 0.2: it is wrong"),
        (Fault("it is wrong", line=7), "line 7: it is wrong"),
        (Fault("it is wrong", clause="2"), "clause 2: it is wrong"),
        (Fault("it is wrong"), "it is wrong"),
    ],
)
def test_a_fault_says_where_it_is(fault: Fault, said: str) -> None:
    assert str(fault) == said


def test_a_refusal_says_everything_that_is_wrong() -> None:
    assert str(AgreementError([Fault("one", 1), Fault("two")])) == "line 1: one\ntwo"
    assert refuse("one", line=1, clause="3").faults == (Fault("one", 1, "3"),)
    assert refuse("one").exit_code == 1
