from itertools import permutations

import numpy as np

from accord.fusion.assign import NONE_COSTS, assign, candidates


def test_candidates_are_all_within_reach() -> None:
    of, to = candidates(
        np.array([[0.0, 0.0], [100.0, 0.0]]),
        np.array([[1.0, 0.0], [99.0, 0.0], [50.0, 0.0]]),
        np.array([60.0, 5.0]),
    )
    assert sorted(zip(of.tolist(), to.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 1)]


def test_nothing_is_near_nothing() -> None:
    none = np.empty((0, 2))
    for tracks, plots in ((none, np.zeros((1, 2))), (np.zeros((1, 2)), none)):
        of, to = candidates(tracks, plots, np.ones(len(tracks)))
        assert len(assign(of, to, np.empty(0))) == 0


def chosen(*pairs: tuple[int, int, float]) -> set[tuple[int, int]]:
    of = np.array([each[0] for each in pairs], np.intp)
    to = np.array([each[1] for each in pairs], np.intp)
    found = assign(of, to, np.array([each[2] for each in pairs]))
    return {(int(of[each]), int(to[each])) for each in found}


def test_the_nearest_to_both_goes_where_the_sum_is_least() -> None:
    # Track 0 is nearest to plot 0, which is the only one that track 1 can have.
    assert chosen((0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.5)) == {(0, 1), (1, 0)}


def test_a_track_goes_without_a_plot_rather_than_take_one_that_costs_more() -> None:
    assert chosen((0, 0, 1.0), (1, 0, NONE_COSTS - 0.1)) == {(0, 0)}


def test_pairs_that_are_alone_hold() -> None:
    assert chosen((5, 7, 3.0), (9, 2, 4.0)) == {(5, 7), (9, 2)}


def test_groups_that_share_nothing_are_settled_each_by_itself() -> None:
    pairs = [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.5), (8, 8, 1.0), (8, 9, 2.0), (9, 8, 1.5)]
    assert chosen(*pairs) == {(0, 1), (1, 0), (8, 9), (9, 8)}


def test_no_other_choice_costs_less() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        table = random.uniform(0.0, NONE_COSTS, (4, 4))
        pairs = [(i, j, float(table[i, j])) for i in range(4) for j in range(4)]
        found = sum(table[i, j] for i, j in chosen(*pairs))
        least = min(sum(table[i, p[i]] for i in range(4)) for p in permutations(range(4)))
        assert np.isclose(found, least)
