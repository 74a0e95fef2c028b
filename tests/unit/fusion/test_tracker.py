import math

import numpy as np
import pytest

from accord.core.geometry import distance
from accord.fusion.tracker import (
    BEYOND,
    CONFIRMED,
    METRES_PER_DEGREE,
    MISSES,
    STALE,
    Plot,
    Tracked,
    Tracker,
)
from support.builders import a_point


def tracker(**changes: int) -> Tracker:
    return Tracker(fastest=30.0, noise=0.01, **changes)


def ship(look: int, *, lat: float = 0.0, lon: float = 0.0, knots: float = 20.0) -> Plot:
    """A ship that goes north, seen exactly every three seconds."""
    north = knots * 1852 / 3600 * 3.0 * look / METRES_PER_DEGREE
    return Plot(lat + north, lon, 3.0 * look, 20.0)


def test_a_track_is_shown_from_its_third_plot_on() -> None:
    following = tracker()
    shown = [len(following.look([ship(each)])) for each in range(4)]
    assert shown == [0, 0, 1, 1]
    assert CONFIRMED == 3


def test_it_says_where_it_goes_and_how_fast() -> None:
    following, shown = tracker(), list[Tracked]()
    for look in range(20):
        shown = following.look([ship(look, lat=60.0, lon=179.9999)])
    (track,) = shown
    assert track.speed * 3600 / 1852 == pytest.approx(20.0, abs=0.5)
    assert math.isclose(math.cos(math.radians(track.course)), 1.0, abs_tol=1e-3)
    there = ship(19, lat=60.0, lon=179.9999)
    assert distance(track.point, a_point(there.lat, there.lon)) < 10.0


def test_two_that_cross_keep_their_numbers() -> None:
    following, seen = tracker(), dict[int, list[float]]()
    for look in range(40):
        east = 10.0 * 3.0 * (look - 20) / METRES_PER_DEGREE
        plots = [Plot(0.001, east, 3.0 * look, 20.0), Plot(-0.001, -east, 3.0 * look, 20.0)]
        for each in following.look(plots):
            seen.setdefault(each.number, []).append(each.point.lon)
    assert len(seen) == 2
    assert all(abs(lons[-1] - lons[0]) > 0.009 for lons in seen.values())


def test_a_false_plot_is_never_shown() -> None:
    following = tracker()
    for look in range(6):
        following.look([ship(look)])
    shown = following.look([ship(6), Plot(0.5, 0.5, 18.0, 20.0)])
    assert len(shown) == 1
    for look in range(7, 10):
        shown = following.look([ship(look)])
    assert len(shown) == len(following) == 1


def test_a_track_that_is_shown_is_not_robbed_by_one_that_has_just_begun() -> None:
    following = tracker()
    for look in range(10):
        following.look([Plot(0.0, 0.0, 3.0 * look, 20.0)])
    beside = Plot(0.0, 70.0 / METRES_PER_DEGREE, 30.0, 20.0)
    (before,) = following.look([Plot(0.0, 0.0, 30.0, 20.0), beside])
    # Nearer to the one that began beside it, and in the gates of both.
    (after,) = following.look([Plot(0.0, 55.0 / METRES_PER_DEGREE, 33.0, 20.0)])
    assert after.number == before.number
    assert (after.point.lon - before.point.lon) * METRES_PER_DEGREE > 5.0


def test_a_track_that_looks_miss_goes_after_five_of_them() -> None:
    following = tracker()
    for look in range(5):
        following.look([ship(look), ship(look, lon=1.0)])
    shown = [len(following.look([ship(each)])) for each in range(5, 5 + MISSES)]
    assert shown == [2] * (MISSES - 1) + [1]


def test_a_track_that_is_seen_again_in_time_is_the_same() -> None:
    following, before = tracker(), list[Tracked]()
    for look in range(5):
        before = following.look([ship(look), ship(look, lon=1.0)])
    following.look([ship(5)])
    after = following.look([ship(6), ship(6, lon=1.0)])
    assert {each.number for each in after} == {each.number for each in before}


def test_a_plot_of_the_beginning_of_a_look_is_where_it_was_then() -> None:
    # Three seconds at 300 m/s are 900 m: far outside of the gate, but for the time of the plot.
    following, shown = Tracker(fastest=700.0, noise=1.0), list[Tracked]()
    for look in range(10):
        at = 10.0 * look + (3.0 if look % 2 else 0.0)
        plots = [
            Plot(300.0 * at / METRES_PER_DEGREE, 0.0, at, 50.0),
            Plot(1.0, 1.0, 10.0 * look + 3, 50.0),
        ]
        shown = following.look(plots)
    assert len(shown) == len(following) == 2


def test_a_sensor_that_was_silent_too_long_begins_anew() -> None:
    following, first = tracker(), list[Tracked]()
    for look in range(5):
        first = following.look([ship(look)])
    late = [Plot(0.0, 0.0, 12.0 + STALE + 1.0 + 3.0 * each, 20.0) for each in range(3)]
    shown = [following.look([each]) for each in late]
    assert [len(each) for each in shown] == [0, 0, 1]
    assert shown[-1][0].number > first[0].number


def test_a_clock_that_goes_back_begins_anew() -> None:
    following = tracker()
    for look in range(5, 10):
        following.look([ship(look)])
    assert following.look([ship(0)]) == []


def test_a_look_without_plots_says_nothing() -> None:
    assert tracker().look([]) == []


def test_tracks_have_a_limit() -> None:
    following = tracker(most=2)
    following.look([ship(0, lon=float(each)) for each in range(3)])
    assert len(following) == 2
    assert following.counts == {BEYOND: 1}


def test_hundreds_with_false_plots_among_them_are_followed() -> None:
    """Of a simulated sea: 200 ships 4 km apart, 95 % seen, 50 m, a tenth more false plots."""
    random, side = np.random.default_rng(7), 4_000.0 * 200**0.5
    place, velocity = random.uniform(0, side, (200, 2)), random.normal(0, 8, (200, 2))
    following, shown = tracker(), list[Tracked]()
    for look in range(20):
        place += velocity * 3.0
        seen = place[random.random(200) < 0.95] + random.normal(0, 50, (1, 2))
        both = np.concatenate([seen, random.uniform(0, side, (20, 2))]) / METRES_PER_DEGREE
        shown = following.look([Plot(lat, lon, 3.0 * look, 50.0) for lon, lat in both.tolist()])
    points = [a_point(lat, lon) for lon, lat in (place / METRES_PER_DEGREE).tolist()]
    found = [min(distance(each, track.point) for track in shown) < 300.0 for each in points]
    assert found.count(True) >= 190
    assert len(shown) <= 210
