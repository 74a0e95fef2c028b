from datetime import UTC, datetime, timedelta

import pytest

from accord.search.speeds import Timed, settled, too_fast

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = 1.0 / 60.0
"""Degrees of latitude in a nautical mile."""


def at(seconds: float, miles: float) -> Timed:
    return NOON + timedelta(seconds=seconds), miles * MINUTE, 170.0


def test_a_piece_within_the_speed_is_believed_and_one_beyond_it_is_not() -> None:
    track = [at(0, 0.0), at(360, 1.0), at(720, 3.5), at(1080, 4.5)]  # 10, 25 and 10 knots
    assert too_fast(track, 20.0) == {1}
    assert too_fast(track, 26.0) == frozenset()


def test_an_error_of_fix_and_clock_is_no_leap() -> None:
    # 30 m aside each second, as a receiver may have it, about a track of 10 knots
    track = [at(n, n / 360.0 + 0.008 * (n % 2)) for n in range(2)]
    assert too_fast(track, 20.0) == frozenset()


def test_many_small_leaps_do_not_go_farther_than_the_speed_allows() -> None:
    track = [at(n, 0.09 * n) for n in range(100)]  # 324 knots
    found = too_fast(track, 30.0)
    believed = sum(0.09 for n in range(99) if n not in found)
    assert believed <= 30.0 * 99 / 3600.0 + 0.1


def test_an_endless_zigzag_of_small_leaps_is_not_believed_either() -> None:
    track = [at(n, 5.0 * (n % 4 // 2) + 0.09 * (n % 2)) for n in range(200)]
    found = too_fast(track, 30.0)
    assert sum(n not in found for n in range(199)) <= 3


@pytest.mark.parametrize("turn", [1, -1])
def test_two_places_at_one_time_count_as_none(turn: int) -> None:
    track = [at(0, 0.0), at(60, 1.0), at(60, 2.0), at(120, 0.2), at(120, 0.2)][::turn]
    assert settled(track) == [at(0, 0.0), at(120, 0.2)]
