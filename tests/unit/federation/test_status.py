from accord.federation.status import LaneStatus


def test_a_lane_in_which_nothing_waits_has_no_lag() -> None:
    assert LaneStatus() == LaneStatus(waiting=0, bytes=0, lag=0.0)
