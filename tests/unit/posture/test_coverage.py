from itertools import product

import numpy as np
import pytest
from scipy import optimize

from accord.posture.coverage import (
    KNOTS,
    NoOptimum,
    Patrol,
    best_spread,
    even_spread,
    hour_rate,
)

GAP = 0.0103
"""The widest gap between the law of random search and its chords."""


def test_the_chords_never_promise_more_than_random_search_and_little_less() -> None:
    effort = np.linspace(0.0, float(KNOTS[-1]), 50_001)
    law = 1.0 - np.exp(-effort)
    chords = np.interp(effort, KNOTS, 1.0 - np.exp(-KNOTS))
    assert (chords <= law + 1e-12).all()
    assert float((law - chords).max()) < GAP


def test_two_like_places_are_patrolled_alike() -> None:
    sizes = np.ones(2)
    found = best_spread([Patrol("a", 10.0, np.array([0.1, 0.1]))], sizes)
    assert found.mean == pytest.approx(1.0 - np.exp(-0.5), abs=GAP)
    assert found.never == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_the_best_spread_is_that_of_a_fine_enumeration(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rates, sizes = chance.uniform(0.02, 0.3, (2, 3)), chance.uniform(1.0, 3.0, 3)
    patrols = [Patrol(str(n), 10.0, rate) for n, rate in enumerate(rates)]
    steps = [(a, b, 10 - a - b) for a in range(11) for b in range(11 - a)]
    share = sizes / sizes.sum()
    best = max(
        float(share @ (1.0 - np.exp(-(np.array(one) * rates[0] + np.array(two) * rates[1]))))
        for one, two in product(steps, steps)
    )
    found = best_spread(patrols, sizes)
    assert found.mean >= best - GAP
    assert found.mean <= best + 0.02  # the enumeration has steps of an hour
    assert found.mean >= even_spread(patrols, sizes).mean


def test_hours_are_spent_within_what_each_source_has() -> None:
    # One place that a single source could saturate: it cannot be seen more than its hours allow.
    found = best_spread([Patrol("a", 4.0, np.array([0.25, 0.0]))], np.ones(2))
    assert found.seen[0] == pytest.approx(1.0 - np.exp(-1.0), abs=GAP)
    assert found.seen[1] == 0.0
    assert found.never == 0.5


def test_even_is_kept_where_it_is_the_best() -> None:
    patrols = [Patrol("a", 10.0, np.full(3, 0.08))]
    assert best_spread(patrols, np.ones(3)).mean >= even_spread(patrols, np.ones(3)).mean


def test_without_a_patrol_nothing_is_seen() -> None:
    idle = [Patrol("a", 0.0, np.ones(2)), Patrol("b", 5.0, np.zeros(2))]
    assert best_spread(idle, np.ones(2)).mean == 0.0
    assert even_spread([idle[1]], np.ones(2)).mean == 0.0
    assert even_spread([idle[1]], np.ones(2)).never == 1.0


def test_an_hour_there_and_back_is_no_hour_of_search() -> None:
    hours, sizes = np.array([0.0, 2.0, 5.0, np.inf]), np.full(4, 1e3)
    rate = hour_rate(hours, endurance_h=8.0, swept_km2_h=100.0, cell_km2=sizes)
    assert rate.tolist() == [0.1, 0.05, 0.0, 0.0]


def test_what_is_not_solved_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        status = 1
        message = "stopped"

    monkeypatch.setattr(optimize, "milp", lambda *_args, **_named: Failed())
    with pytest.raises(NoOptimum, match="not solved: stopped"):
        best_spread([Patrol("a", 1.0, np.ones(1))], np.ones(1))
