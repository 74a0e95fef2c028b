import math

import numpy as np
import pytest

from accord.search.draws import normal, uniform


def test_one_name_has_always_the_same_numbers_and_another_others() -> None:
    assert np.array_equal(uniform("s", "a", 50), uniform("s", "a", 50))
    assert not np.array_equal(uniform("s", "a", 50), uniform("s", "b", 50))
    assert not np.array_equal(uniform("s", "a", 50), uniform("t", "a", 50))


def test_fewer_are_the_first_of_more() -> None:
    assert np.array_equal(uniform("s", "a", 100)[:30], uniform("s", "a", 30))


def test_they_lie_between_0_and_1_evenly() -> None:
    numbers = uniform("s", "a", 20_000)
    assert 0.0 < numbers.min() < numbers.max() < 1.0
    assert np.histogram(numbers, bins=10, range=(0, 1))[0] == pytest.approx(
        np.full(10, 2000), abs=6 * math.sqrt(1800)
    )


def test_the_normal_law_has_its_mean_and_its_spread() -> None:
    numbers = normal("s", "a", 20_000)
    assert numbers.mean() == pytest.approx(0.0, abs=5 / math.sqrt(20_000))
    assert numbers.std() == pytest.approx(1.0, abs=5 / math.sqrt(40_000))


def test_the_normal_law_can_be_cut_off_below() -> None:
    numbers = normal("s", "a", 20_000, above=-0.5)
    assert numbers.min() >= -0.5
    # The mean of what is left: the density at the cut over what lies above it.
    density = math.exp(-0.125) / math.sqrt(math.tau)
    above = (1 + math.erf(0.5 / math.sqrt(2))) / 2
    assert numbers.mean() == pytest.approx(density / above, abs=0.03)
