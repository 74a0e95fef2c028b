import itertools
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.desks.readiness.notice import at_least, notice_is_over


@pytest.mark.parametrize(
    ("hours", "chance"),
    # The triangular distribution function in closed form, of least 0, likely 2, most 10.
    [(0, 0.0), (1, 1 / 20), (2, 4 / 20), (6, 1 - 16 / 80), (10, 1.0), (240, 1.0)],
)
def test_the_notice_is_over_as_the_triangular_distribution_has_it(
    hours: float, chance: float
) -> None:
    assert notice_is_over((0, 2, 10), hours) == pytest.approx(chance)


def test_a_notice_that_is_certain_is_a_step() -> None:
    assert notice_is_over((6, 6, 6), 5.99) == 0.0
    assert notice_is_over((6, 6, 6), 6) == 1.0
    assert notice_is_over((6, 6, 12), 6) == 0.0
    assert notice_is_over((0, 6, 6), 3) == pytest.approx(0.25)


def test_four_aircraft_that_are_there_half_of_the_time_as_published() -> None:
    # The worked case of the sample: P(>=1) = 0.9375, P(>=2) = 0.6875, P(>=3) = 0.3125.
    assert at_least([0.5] * 4, 4) == pytest.approx((0.9375, 0.6875, 0.3125, 0.0625))


def test_alike_units_are_binomial() -> None:
    n, p = 7, 0.3
    expected = [sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))
                for k in range(1, 5)]  # fmt: skip
    assert at_least([p] * n, 4) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), max_size=6))
def test_it_is_what_counting_every_case_comes_to(chances: list[float]) -> None:
    cases = list(itertools.product((0, 1), repeat=len(chances)))

    def probability(case: tuple[int, ...]) -> float:
        product = 1.0
        for is_there, chance in zip(case, chances, strict=True):
            product *= chance if is_there else 1 - chance
        return product

    expected = [
        sum(probability(case) for case in cases if sum(case) >= k)
        for k in range(1, min(4, len(chances)) + 1)
    ]
    assert at_least(chances, 4) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0, 1))
def test_one_more_unit_never_makes_it_less_probable_and_order_does_not_matter(
    chances: list[float], more: float
) -> None:
    before, after = at_least(chances, 4), at_least([*chances, more], 4)
    assert all(a >= b - 1e-9 for a, b in zip(after, before, strict=False))
    shuffled = sorted(chances)
    assert at_least(shuffled, 4) == pytest.approx(before, abs=1e-9)


def test_nothing_offered_is_no_probability() -> None:
    assert at_least([], 4) == ()
