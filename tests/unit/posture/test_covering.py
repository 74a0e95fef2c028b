from itertools import combinations

import numpy as np
import pytest
from scipy import optimize

from accord.posture.covering import NoPlacing, Placing, best_sites


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_sites_are_those_of_an_enumeration(seed: int, count: int) -> None:
    chance = np.random.default_rng(seed)
    covers, weights = chance.random((8, 30)) < 0.2, chance.random(30)
    best = max(
        float(covers[list(sites)].any(axis=0) @ weights) for sites in combinations(range(8), count)
    )
    found = best_sites(covers, weights, count=count)
    assert found.gain == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert found.gap == pytest.approx(0.0, abs=1e-9)
    assert len(found.sites) <= count


def test_the_gap_says_how_much_is_not_proven() -> None:
    assert Placing((1,), 75.0, 100.0).gap == 0.25


def test_no_choice_within_its_nodes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        x = None
        message = "no nodes left"

    monkeypatch.setattr(optimize, "milp", lambda *_args, **_named: Failed())
    with pytest.raises(NoPlacing, match="no nodes left"):
        best_sites(np.ones((2, 2), dtype=np.bool_), np.ones(2), count=2)
