import pytest

from accord.search.cumulative import posterior, success, together
from accord.search.fault import SearchError


def test_searches_together_find_what_one_of_them_finds() -> None:
    # 1 - 0.5 x 0.4
    assert together([0.5, 0.6]) == pytest.approx(0.8)
    assert together([]) == 0.0


def test_success_is_containment_times_detection() -> None:
    assert success({"a": 0.6, "b": 0.3}, {"a": 0.5}) == pytest.approx(0.3)


def test_what_was_searched_in_vain_is_less_likely_and_all_else_more() -> None:
    found = posterior({"a": 0.6, "b": 0.4}, {"a": 0.5})
    # POC (1 - POD) / (1 - POS): 0.3 / 0.7 and 0.4 / 0.7
    assert found == pytest.approx({"a": 3 / 7, "b": 4 / 7})


def test_what_lies_outside_of_all_areas_gets_more_likely_as_well() -> None:
    found = posterior({"a": 0.5}, {"a": 0.5})
    assert found == pytest.approx({"a": 1 / 3})


def test_when_nothing_is_left_that_is_said() -> None:
    with pytest.raises(SearchError, match="nothing is left"):
        posterior({"a": 1.0}, {"a": 1.0})


@pytest.mark.parametrize(
    ("pocs", "pods"),
    [({"a": 1.1}, {}), ({"a": -0.1}, {}), ({"a": 0.6, "b": 0.6}, {}), ({"a": 0.5}, {"a": 1.5})],
)
def test_probabilities_that_are_none_are_refused(
    pocs: dict[str, float], pods: dict[str, float]
) -> None:
    with pytest.raises(SearchError, match=r"0 to 1|more than 1"):
        success(pocs, pods)


def test_a_detection_that_is_none_is_refused() -> None:
    with pytest.raises(SearchError, match="detection of 2"):
        together([0.5, 2.0])
