import math

import numpy as np
import pytest

from accord.posture.draws import Draws


def test_one_name_has_always_the_same_numbers() -> None:
    assert np.array_equal(Draws(50).uniform("a"), Draws(50).uniform("a"))


def test_the_numbers_are_those_of_the_published_generator() -> None:
    # Philox4x64-10 of Random123 (kat_vectors): counter 0 and key 0 give these four words. NumPy
    # counts before it draws, so that its first words are of counter 1: its last of counter 0 are
    # had by setting the counter to the one before.
    before = np.random.Philox(key=0, counter=2**256 - 1)
    assert [int(word) for word in before.random_raw(4)] == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]


def test_other_names_and_other_seeds_have_other_numbers() -> None:
    one = Draws(50).uniform("a")
    assert not np.array_equal(one, Draws(50).uniform("b"))
    assert not np.array_equal(one, Draws(50, seed=1).uniform("a"))


def test_fewer_draws_are_the_first_of_more() -> None:
    assert np.array_equal(Draws(100).uniform("a")[:30], Draws(30).uniform("a"))


def test_what_is_asked_first_does_not_matter() -> None:
    one, other = Draws(20), Draws(20)
    first = [one.uniform("a"), one.uniform("b")]
    second = [other.uniform("b"), other.uniform("a")]
    assert np.array_equal(first, second[::-1])


def test_the_numbers_are_spread_evenly() -> None:
    numbers = Draws(40_000).uniform("even")
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
    # The standard errors of the mean and of the share below a quarter, times four.
    assert numbers.mean() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / 40_000))
    assert (numbers < 0.25).mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / 40_000))


def test_two_names_are_not_correlated() -> None:
    draws = Draws(40_000)
    together = np.corrcoef(draws.uniform("a"), draws.uniform("b"))[0, 1]
    assert abs(together) < 4 / math.sqrt(40_000)


def test_numbers_cannot_be_changed_for_the_next_who_asks() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Draws(3).uniform("a")[0] = 0.5


def test_names_beyond_the_limit_are_forgotten_and_drawn_alike_again() -> None:
    draws = Draws(10, limit=2)
    first = draws.uniform("a").copy()
    draws.uniform("b")
    draws.uniform("c")
    assert draws.dropped == 1
    assert np.array_equal(draws.uniform("a"), first)
    assert draws.uniform("a") is draws.uniform("a")


def test_without_draws_there_is_no_answer() -> None:
    with pytest.raises(ValueError, match="0 draws; at least one"):
        Draws(0)


def test_draws_come_out_as_the_binomial_law_says() -> None:
    # The worked case: four aircraft, each available half the time.
    draws = Draws(20_000)
    ready = sum((draws.uniform(f"aircraft {n}") < 0.5).astype(int) for n in range(4))
    law = {1: 0.9375, 2: 0.6875, 3: 0.3125}
    for least, chance in law.items():
        error = math.sqrt(chance * (1 - chance) / 20_000)
        assert (np.asarray(ready) >= least).mean() == pytest.approx(chance, abs=4 * error)


def test_the_first_of_two_comes_as_the_law_of_the_least_says() -> None:
    draws = Draws(20_000)
    # The mean of the lesser of two numbers that are evenly spread is a third.
    least = np.minimum(draws.uniform("one"), draws.uniform("other"))
    assert least.mean() == pytest.approx(1 / 3, abs=4 * math.sqrt(1 / 18 / 20_000))
