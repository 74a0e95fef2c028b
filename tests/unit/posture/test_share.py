from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np
import pytest

from accord.posture.share import shares_of_service

Worth = Callable[[frozenset[str]], float]


def shapley(players: Sequence[str], worth: Worth) -> dict[str, float]:
    """The value as it is defined, over every set of players."""
    count = len(players)
    known = {
        coalition: worth(coalition)
        for size in range(count + 1)
        for coalition in map(frozenset, combinations(players, size))
    }
    shares = dict.fromkeys(players, 0.0)
    for coalition, value in known.items():
        for player in coalition:
            weight = factorial(len(coalition) - 1) * factorial(count - len(coalition))
            without = known[coalition - {player}]
            shares[player] += (value - without) * weight / factorial(count)
    return shares


def glove(coalition: frozenset[str]) -> float:
    """One left glove, two right ones; a pair is worth one."""
    return float("left" in coalition and bool(coalition & {"right", "other"}))


def test_the_glove_game_is_shared_as_shapley_has_it() -> None:
    # Shapley (1953): the scarce side gets two thirds, each of the others a sixth.
    shares = shapley(["left", "right", "other"], glove)
    assert shares == pytest.approx({"left": 2 / 3, "right": 1 / 6, "other": 1 / 6})


def test_shares_sum_to_what_all_achieve() -> None:
    worths = {name: n + 1.0 for n, name in enumerate("abcd")}

    def worth(coalition: frozenset[str]) -> float:
        return sum(worths[name] for name in coalition) ** 1.5

    assert sum(shapley("abcd", worth).values()) == pytest.approx(10.0**1.5)


def test_shares_of_service_are_the_shapley_value_of_who_serves() -> None:
    chance = np.random.default_rng(1)
    meets = {name: chance.random((40, 6)) < 0.4 for name in "abc"}
    weights = np.array([0.3, 0.1, 0.1, 0.2, 0.2, 0.1])

    def worth(coalition: frozenset[str]) -> float:
        if not coalition:
            return 0.0
        served = np.any([meets[name] for name in sorted(coalition)], axis=0)
        return float(np.mean(served @ weights))

    shares = shares_of_service(meets, weights)
    assert shares == pytest.approx(shapley("abc", worth))
    assert sum(shares.values()) == pytest.approx(worth(frozenset("abc")))


def test_nobody_carries_what_nobody_serves() -> None:
    assert shares_of_service({}, np.ones(1)) == {}
    assert shares_of_service({"a": np.zeros((2, 1), dtype=np.bool_)}, np.ones(1)) == {"a": 0.0}
