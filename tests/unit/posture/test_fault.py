from accord.posture.fault import Fault, ScenarioError, refuse


def test_faults_are_said_in_the_order_of_their_lines() -> None:
    error = ScenarioError([Fault(9, "late"), Fault(2, "early")])
    assert str(error) == "line 2: early\nline 9: late"
    assert error.exit_code == 1


def test_one_fault_is_a_refusal() -> None:
    assert refuse(3, "no").faults == (Fault(3, "no"),)
