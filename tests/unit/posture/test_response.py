import numpy as np
import pytest

from accord.posture.response import by_cell, compare, interval, measure, respond
from accord.posture.stations import Post, Station

INF = np.inf


def hours(*rows: tuple[float, ...]):
    return np.array(rows, dtype=np.float32)


def test_the_first_who_can_is_who_counts() -> None:
    near, far = Post("A", "X", "near"), Post("B", "X", "far")
    posts = [
        Station(near, {"a": np.array([1.0, INF], dtype=np.float32)}),
        Station(far, {"b": np.array([1.0, 1.0], dtype=np.float32)}),
        Station(Post("C", "X", "nowhere"), {"c": np.zeros(2, dtype=np.float32)}),
    ]
    ways = {
        "near": hours((2.0, INF)),
        "far": hours((10.0, 20.0)),
        "nowhere": hours((INF, INF)),
    }
    found = respond(posts, lambda post: ways[post.base][0], 2, 2)
    assert found.tolist() == [[3.0, 21.0], [11.0, 21.0]]


def test_a_summary_tells_the_mean_the_worst_place_and_the_shares() -> None:
    summary = measure(hours((5.0, 30.0, INF), (7.0, 130.0, INF))).summary
    assert summary.mean == pytest.approx((5 + 7 + 30 + 130) / 4)
    assert (summary.worst, summary.worst_at) == (80.0, 1)
    assert summary.within == {6: 1 / 6, 24: 2 / 6, 72: 3 / 6, 120: 3 / 6}
    assert summary.served == pytest.approx(4 / 6)


def test_where_nobody_comes_there_is_no_mean_and_no_worst_place() -> None:
    summary = measure(hours((INF,), (INF,))).summary
    assert (summary.mean, summary.worst, summary.worst_at, summary.served) == (
        None,
        None,
        None,
        0.0,
    )


def test_a_difference_is_over_what_is_served_both_before_and_after() -> None:
    before = measure(hours((10.0, INF), (10.0, 8.0)))
    after = measure(hours((6.0, 2.0), (10.0, 8.0)))
    change = compare(before, after)
    assert change.difference is not None
    assert change.difference.mean == pytest.approx(-2.0)  # -4 in one draw, 0 in the other
    assert change.before_mean == pytest.approx((10 + 9) / 2)
    assert change.after_mean == pytest.approx((6 + 9) / 2)
    assert (change.better, change.worse) == (0.5, 0.0)


def test_more_that_is_served_is_better_though_no_hours_can_be_compared() -> None:
    change = compare(measure(hours((INF,), (4.0,))), measure(hours((3.0,), (INF,))))
    assert change.difference is None
    assert (change.before_mean, change.after_mean) == (None, None)
    assert (change.better, change.worse) == (0.5, 0.5)


def test_the_interval_is_that_of_the_mean_of_paired_differences() -> None:
    # Student (1908), sleep data: differences of ten patients, mean 1.58, s 1.23.
    steps = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    found = interval(steps)
    assert found.mean == pytest.approx(1.58)
    assert found.high - found.mean == pytest.approx(1.96 * 1.23 / 10**0.5, abs=0.001)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_one_draw_has_no_interval() -> None:
    assert interval(np.array([2.0])).low == 2.0


def test_a_cell_is_told_by_how_often_somebody_is_there_in_time() -> None:
    assert by_cell(hours((5.0, 25.0), (7.0, INF)), 24).tolist() == [1.0, 0.0]
