"""What must hold of every search: sums, bounds, and that neither order nor longitude matters."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.geometry import Point
from accord.search.chances import cells
from accord.search.cloud import Drift
from accord.search.coverage import Achieved
from accord.search.cumulative import posterior, success, together
from accord.search.drift import Scenario, drift
from accord.search.flow import Kind, steady
from accord.search.positions import PositionError, read_position, spell_position
from accord.storage import charts

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(hours=3)

shares = st.floats(0.0, 1.0)
winds = st.tuples(st.floats(0.0, 360.0), st.floats(0.0, 60.0))
latitudes, longitudes = st.floats(-70.0, 70.0), st.floats(-180.0, 180.0)
things = st.sampled_from(sorted(charts.leeway()))
Tracks = dict[str, list[tuple[int, float, float]]]
spots = st.tuples(st.integers(0, 179), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
tracks = st.dictionaries(st.sampled_from("abc"), st.lists(spots, max_size=12), max_size=3)


def drifted(lat: float, lon: float, thing: str, wind: tuple[float, float]) -> Drift:
    scenario = Scenario(
        name="s",
        object=charts.leeway()[thing],
        point=Point(lat=lat, lon=lon),
        earliest=START,
        latest=START + timedelta(hours=1),
        error=3.0,
    )
    return drift(
        [scenario],
        steady(Kind.WIND, *wind),
        steady(Kind.CURRENT, 80.0, 1.0),
        until=LATER,
        seed="p",
        count=40,
    )


def searched(found: Drift, tracks: Tracks, lat: float, lon: float) -> Achieved:
    achieved = Achieved(found)
    for unit, points in tracks.items():
        achieved.searched(unit, 1.5, placed(points, lat, lon))
    return achieved


def placed(
    points: list[tuple[int, float, float]], lat: float, lon: float
) -> list[tuple[datetime, float, float]]:
    return [
        (START + timedelta(minutes=minute), lat + up, (lon + right + 180.0) % 360.0 - 180.0)
        for minute, up, right in points
    ]


@given(latitudes, longitudes, things, winds)
def test_containment_sums_to_one(
    lat: float, lon: float, thing: str, wind: tuple[float, float]
) -> None:
    found = drifted(lat, lon, thing, wind)
    assert found.weights.sum() == pytest.approx(1.0)
    assert sum(each.chance for each in cells(found.at(LATER))) == pytest.approx(1.0)


@given(tracks, latitudes, longitudes)
def test_what_is_left_sums_to_one_and_success_is_within_bounds(
    tracks: Tracks, lat: float, lon: float
) -> None:
    achieved = searched(drifted(lat, lon, "PIW-1", (0.0, 10.0)), tracks, lat, lon)
    assert 0.0 <= achieved.pos <= 1.0
    assert achieved.posterior(LATER).weights.sum() == pytest.approx(1.0)
    assert all(0.0 <= each.pod <= 1.0 for each in achieved.cells(LATER))


@given(tracks, spots.map(lambda spot: [spot, (spot[0] + 2, spot[1] + 0.05, spot[2])]))
def test_searching_more_never_lowers_the_cumulative_success(
    tracks: Tracks, more: list[tuple[int, float, float]]
) -> None:
    achieved = searched(drifted(-20.0, 180.0, "PIW-1", (0.0, 10.0)), tracks, -20.0, 180.0)
    before = achieved.pos
    achieved.searched("another unit", 1.5, placed(more, -20.0, 180.0))
    assert achieved.pos >= before - 1e-12


@given(tracks, st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_nothing(tracks: Tracks, chance: object) -> None:
    found = drifted(-20.0, 180.0, "PIW-1", (0.0, 10.0))
    one = searched(found, tracks, -20.0, 180.0)
    other = Achieved(found)
    points = [(unit, each) for unit in tracks for each in placed(tracks[unit], -20.0, 180.0)]
    chance.shuffle(points)  # pyright: ignore[reportAttributeAccessIssue]
    for unit, each in points:
        other.searched(unit, 1.5, [each])
    assert np.array_equal(one.unseen(), other.unseen())


@given(tracks, latitudes, longitudes, things, winds)
def test_nothing_changes_across_the_date_line(
    tracks: Tracks, lat: float, lon: float, thing: str, wind: tuple[float, float]
) -> None:
    here, there = (drifted(lat, each, thing, wind) for each in (lon, 180.0))
    turn = (there.lons - here.lons - (180.0 - lon) + 180.0) % 360.0 - 180.0
    assert np.abs(turn).max() < 1e-6
    assert here.lats == pytest.approx(there.lats, abs=1e-9)
    pos = [searched(found, tracks, lat, each).pos for found, each in ((here, lon), (there, 180.0))]
    assert pos[0] == pytest.approx(pos[1], abs=1e-4)


@given(st.dictionaries(st.text(min_size=1, max_size=2), st.tuples(shares, shares), max_size=6))
def test_success_never_exceeds_containment(areas: dict[str, tuple[float, float]]) -> None:
    total = sum(poc for poc, _ in areas.values()) or 1.0
    pocs = {area: poc / max(1.0, total) for area, (poc, _) in areas.items()}
    pods = {area: min(pod, 0.999) for area, (_, pod) in areas.items()}
    pos = success(pocs, pods)
    assert 0.0 <= pos <= sum(pocs.values()) + 1e-12
    after = posterior(pocs, pods)
    assert sum(after.values()) <= 1.0 + 1e-9


@given(st.lists(shares, max_size=8), shares)
def test_another_search_never_lowers_what_all_come_to(pods: list[float], more: float) -> None:
    assert together([*pods, more]) >= together(pods) - 1e-12


@given(st.floats(-89.99, 89.99), st.floats(-179.99, 179.99))
def test_a_position_that_was_spelt_is_read_again(lat: float, lon: float) -> None:
    (found,) = read_position(spell_position(Point(lat=lat, lon=lon)))
    # half of a hundredth of a minute
    assert found.point.lat == pytest.approx(lat, abs=0.0051 / 60)
    assert found.point.lon == pytest.approx(lon, abs=0.0051 / 60)


@given(st.text(alphabet="0123456789 .,;:-+/°'\"NSEWOTMabc\n", max_size=60))
def test_whatever_is_typed_is_a_position_or_refused(text: str) -> None:
    with suppress(PositionError):
        found = read_position(text)
        assert found
        assert len({(each.point.lat, each.point.lon) for each in found}) == len(found)
