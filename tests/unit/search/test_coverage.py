import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import numpy as np
import pytest

from accord.search.chances import cells_of, spell
from accord.search.cloud import Drift
from accord.search.coverage import GAP, Achieved, Fix, Hole
from accord.search.detection import ideal_pod
from accord.search.fault import SearchError
from accord.search.sphere import from_offsets

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CENTRE = -20.0, 179.95
Track = list[tuple[datetime, float, float]]


def drift(east: np.ndarray, north: np.ndarray, hours: float, flow: float = 0.0) -> Drift:
    """Particles that all go east at so many knots."""
    times = NOON.timestamp() + np.arange(0.0, hours * 3600.0 + 600.0, 600.0)
    rows = [
        from_offsets(*CENTRE, east + flow * (time - times[0]) / 3600.0, north) for time in times
    ]
    return Drift(
        times=times,
        lats=np.array([row[0] for row in rows]),
        lons=np.array([row[1] for row in rows]),
        weights=np.full(len(east), 1.0 / len(east)),
    )


def normal(count: int) -> Drift:
    east, north = np.random.default_rng(3).normal(0.0, 3.0, (2, count))
    return drift(east, north, 2.0)


def sailed(turns: list[tuple[float, float]], speed: float, every: float = 60.0) -> Track:
    """Positions along straight legs at a speed, so many seconds apart."""
    ends = np.cumsum([0.0, *(math.dist(a, b) / speed for a, b in pairwise(turns))])
    hours = np.append(np.arange(0.0, ends[-1], every / 3600.0), ends[-1])
    east, north = (np.interp(hours, ends, [turn[n] for turn in turns]) for n in (0, 1))
    lats, lons = from_offsets(*CENTRE, east, north)
    return [
        (NOON + timedelta(hours=hour), lat, lon)
        for hour, lat, lon in zip(hours.tolist(), lats.tolist(), lons.tolist(), strict=True)
    ]


def ladder(side: float, spacing: float) -> list[tuple[float, float]]:
    turns: list[tuple[float, float]] = []
    for n in range(round(side / spacing)):
        aside = (n + 0.5) * spacing - side / 2.0
        ends = [(aside, -side / 2.0), (aside, side / 2.0)]
        turns += ends if n % 2 == 0 else ends[::-1]
    return turns


@pytest.mark.parametrize("coverage", [0.5, 1.0, 1.5, 2.0])
def test_parallel_tracks_past_what_does_not_move_find_what_is_published(coverage: float) -> None:
    numbers = np.random.default_rng(3)
    # the middle of the box, where tracks go on to both sides
    east, north = numbers.uniform(-12.0, 12.0, (2, 1500))
    turns = ladder(40.0, 2.0 / coverage)
    track = sailed(turns, 90.0)
    found = Achieved(drift(east, north, (track[-1][0] - NOON) / timedelta(hours=1) + 0.2))
    found.searched("a", 2.0, track)
    assert found.pos == pytest.approx(ideal_pod(coverage), abs=0.01)


def test_one_pass_finds_by_the_inverse_cube_law() -> None:
    # 1 - exp(-W2 / (4 pi x2)) at the distance x from a long straight track (Koopman 1946)
    aside = np.array([0.3, 1.0, 2.0])
    found = Achieved(drift(aside, np.zeros(3), 3.0))
    found.searched("a", 2.0, sailed([(0.0, -100.0), (0.0, 100.0)], 80.0))
    wanted = np.exp(-4.0 / (4.0 * math.pi * aside**2))
    assert found.unseen() == pytest.approx(wanted, abs=0.002)


def test_what_drifts_out_of_a_box_is_not_found_in_it() -> None:
    numbers = np.random.default_rng(3)
    east, north = numbers.uniform(-12.0, 12.0, (2, 500))
    track = sailed(ladder(24.0, 1.0), 30.0)
    pos: list[float] = []
    for flow in (0.0, 1.7):
        found = Achieved(drift(east, north, 24.0, flow))
        found.searched("a", 2.0, track)
        pos.append(found.pos)
    assert pos[0] > 0.95
    assert pos[1] < 0.75


def test_a_unit_that_moves_with_what_it_looks_for_finds_what_is_near() -> None:
    # side by side for an hour at 10 kt and a mile: W2 / (8 pi) x 10
    found = Achieved(drift(np.array([0.0]), np.array([1.0]), 1.5, flow=10.0))
    found.searched("a", 0.5, sailed([(0.0, 0.0), (10.0, 0.0)], 10.0))
    assert found.pos == pytest.approx(1.0 - math.exp(-0.25 / (8.0 * math.pi) * 10.0), rel=1e-3)


def test_a_unit_that_lies_still_or_sweeps_nothing_finds_nothing() -> None:
    still = Achieved(drift(np.array([0.1]), np.array([0.0]), 1.0))
    still.searched(
        "a", 2.0, [(when, -20.0, 179.95) for when, _, _ in sailed([(0, 0), (9, 0)], 10.0)]
    )
    assert still.pos == 0.0
    blind = Achieved(drift(np.array([0.1]), np.array([0.0]), 1.0))
    blind.searched("a", 0.0, sailed([(-5.0, 0.0), (4.0, 0.0)], 10.0))
    assert blind.pos == 0.0


def test_the_order_in_which_positions_come_changes_no_bit() -> None:
    there = normal(50)
    tracks = {
        "a": sailed([(-5.0, 0.0), (5.0, 0.0), (5.0, 5.0)], 12.0),
        "b": sailed([(0.0, -5.0), (0.0, 9.0)], 12.0),
    }
    both = [(unit, point) for unit, track in tracks.items() for point in track]
    wanted: np.ndarray | None = None
    for seed in range(4):
        found = Achieved(there)
        for n in np.random.default_rng(seed).permutation(len(both)):
            found.searched(both[n][0], 1.5, [both[n][1]])
            if n % 40 == 0:
                assert 0.0 <= found.pos <= 1.0
        wanted = found.unseen() if wanted is None else wanted
        assert np.array_equal(found.unseen(), wanted)


def test_what_comes_late_is_worked_out_alone() -> None:
    there = drift(np.array([0.0, 3.0]), np.array([1.0, -1.0]), 3.0)
    found = Achieved(there)
    found.searched("a", 2.0, sailed([(-10.0, 0.0), (9.9, 0.0)], 10.0))
    done = list(found.work())
    assert len(done) == 12
    assert done[-1] == 1.0
    assert list(found.work()) == []
    found.searched("a", 2.0, [(NOON + timedelta(minutes=31, seconds=30), -20.0, 179.9)])
    assert len(list(found.work())) == 1


def test_positions_between_others_on_a_straight_way_change_nothing_much() -> None:
    there = normal(100)
    pos: list[float] = []
    for every in (60.0, 5.0):
        found = Achieved(there)
        found.searched("a", 1.0, sailed([(-8.0, 0.0), (0.0, 0.0), (0.0, 8.0)], 12.0, every))
        pos.append(found.pos)
    assert pos[0] == pytest.approx(pos[1], abs=0.001)


def test_where_positions_are_missing_nothing_was_seen_and_that_is_said() -> None:
    there = drift(np.array([0.0]), np.array([0.2]), 2.0)
    track = sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0)
    gone = [each for each in track if abs(each[0] - NOON - timedelta(hours=1)) > GAP]
    whole, holed = Achieved(there), Achieved(there)
    whole.searched("a", 1.0, track)
    holed.searched("a", 1.0, gone)
    assert whole.holes == ()
    (hole,) = holed.holes
    assert hole == Hole(
        unit="a",
        begin=NOON + timedelta(minutes=56),
        end=NOON + timedelta(minutes=64),
    )
    assert holed.pos < 0.25
    assert whole.pos > 0.5


def test_a_position_that_comes_twice_counts_once() -> None:
    there = drift(np.array([0.0]), np.array([1.0]), 2.0)
    once, twice = Achieved(there), Achieved(there)
    track = sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0)
    once.searched("a", 1.0, track)
    twice.searched("a", 1.0, track)
    twice.searched("a", 1.0, track)
    assert once.pos == twice.pos > 0.0


def test_a_unit_in_two_places_at_one_time_was_at_neither_of_them() -> None:
    there = drift(np.array([0.0]), np.array([1.0]), 2.0)
    track = sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0)
    when = track[60][0]
    without, disputed = Achieved(there), Achieved(there)
    without.searched("a", 1.0, [each for each in track if each[0] != when])
    disputed.searched("a", 1.0, [*track, (when, -21.0, 179.0), track[60]])
    assert disputed.pos == without.pos
    alone = Achieved(there)
    alone.searched("a", 1.0, [track[0], (track[0][0], -21.0, 179.0)])
    assert alone.pos == 0.0


def test_of_two_sweep_widths_at_one_place_the_smaller_counts() -> None:
    there = drift(np.array([0.0]), np.array([1.0]), 2.0)
    track = sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0)
    wanted = Achieved(there)
    wanted.searched("a", 1.0, track)
    for widths in permutations([1.0, 3.0]):
        found = Achieved(there)
        for width in widths:
            found.searched("a", width, track)
        assert found.pos == wanted.pos


def test_positions_before_and_after_the_drift_count_for_nothing() -> None:
    there = drift(np.array([0.0]), np.array([1.0]), 1.0)
    found = Achieved(there)
    track = sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0)
    for hours in (-5, 5):
        found.searched(
            "a", 1.0, [(when + timedelta(hours=hours), lat, lon) for when, lat, lon in track]
        )
    assert found.pos == 0.0


def test_what_was_searched_in_vain_is_less_likely_afterwards() -> None:
    there = drift(np.array([0.0, 0.0]), np.array([0.3, 20.0]), 2.0)
    found = Achieved(there)
    found.searched("a", 1.0, sailed([(-10.0, 0.0), (10.0, 0.0)], 10.0))
    left = found.posterior(NOON + timedelta(hours=2)).weights
    assert left.sum() == pytest.approx(1.0)
    assert left[0] < 0.4
    assert left[1] > 0.6
    near, far = found.cells(NOON, resolution=7)
    assert sorted([near.pod, far.pod])[1] == pytest.approx(2.0 * found.pos, abs=0.01)


def test_what_a_partner_covered_counts_in_its_cells_and_the_newest_of_one_name() -> None:
    there = drift(np.array([0.0, 0.0]), np.array([0.0, 20.0]), 1.0)
    cell = spell(cells_of(there.lats[0], there.lons[0], 7)[0])
    early, late = (NOON, {cell: 0.2}), (NOON + timedelta(minutes=30), {cell: 0.6})
    for order in permutations([early, late]):
        found = Achieved(there)
        for when, pods in order:
            found.reported("FRA", when, pods)
        assert found.pos == pytest.approx(0.3)
        found.reported("AUS", NOON, {cell: 0.5})
        # 1 - 0.4 x 0.5 of half the weight
        assert found.pos == pytest.approx(0.4)


def test_what_one_node_tells_of_its_coverage_is_what_the_other_counts() -> None:
    there = normal(400)
    mine, partners = Achieved(there), Achieved(there)
    mine.searched("a", 1.5, sailed([(-8.0, 0.0), (8.0, 0.0)], 12.0))
    when = NOON + timedelta(hours=2)
    partners.reported("NZL", when, {each.cell: each.pod for each in mine.cells(when)})
    assert partners.pos == pytest.approx(mine.pos, abs=1e-9)


@pytest.mark.parametrize("pods", [{"x": 0.5}, {"8428309ffffffff": 1.5}, {"8428309ffffffff": -0.1}])
def test_a_report_that_is_none_is_refused_and_changes_nothing(pods: dict[str, float]) -> None:
    found = Achieved(drift(np.array([0.0]), np.array([0.0]), 1.0))
    with pytest.raises(SearchError, match="FRA reports"):
        found.reported("FRA", NOON, pods)
    assert found.pos == 0.0


def test_when_nothing_is_left_that_is_said() -> None:
    there = drift(np.array([0.0]), np.array([0.0]), 1.0)
    found = Achieved(there)
    found.reported("FRA", NOON, {spell(cells_of(there.lats[0], there.lons[0], 7)[0]): 1.0})
    with pytest.raises(SearchError, match="nothing is left"):
        found.posterior(NOON)


def test_limits_are_held() -> None:
    there = drift(np.array([0.0]), np.array([0.0]), 1.0)
    found = Achieved(there, limit=3)
    with pytest.raises(SearchError, match="more than 3 positions"):
        found.searched("a", 1.0, sailed([(-5.0, 0.0), (5.0, 0.0)], 10.0))
    with pytest.raises(SearchError, match="a sweep width of 101"):
        found.searched("a", 101.0, [])
    with pytest.raises(SearchError, match="a minute is the shortest"):
        Achieved(there, gap=timedelta(seconds=10))


def test_a_whole_track_is_taken_as_it_is_within_the_same_limits() -> None:
    achieved = Achieved(normal(5), limit=2)
    fixes = [Fix(NOON.timestamp() + n, 0.0, 0.0, 1.0) for n in range(3)]
    with pytest.raises(SearchError, match="more than 2 positions"):
        achieved.tracked("a", fixes)
    with pytest.raises(SearchError, match="a sweep width of 101 NM"):
        achieved.tracked("a", [Fix(NOON.timestamp(), 0.0, 0.0, 101.0)])
