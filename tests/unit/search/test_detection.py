import pytest

from accord.search.detection import Conditions, coverage, ideal_pod, pod, random_pod, swept
from accord.search.fault import SearchError


def test_the_conditions_choose_the_curve() -> None:
    assert pod(1.0, Conditions.IDEAL) == ideal_pod(1.0)
    assert pod(1.0, Conditions.NORMAL) == random_pod(1.0)
    assert ideal_pod(1.0) > random_pod(1.0)
    assert pod(0.0, Conditions.NORMAL) == 0.0


@pytest.mark.parametrize("each", [-0.1, float("nan")])
def test_a_coverage_that_cannot_be_is_refused(each: float) -> None:
    with pytest.raises(SearchError, match="a coverage of"):
        pod(each, Conditions.IDEAL)


def test_coverage_is_width_over_spacing() -> None:
    assert coverage(2.0, 4.0) == 0.5
    assert swept(2.0, 90.0, 2.0) == 360.0
    with pytest.raises(SearchError, match="a track spacing of 0"):
        coverage(2.0, 0.0)
