from datetime import UTC, datetime

import numpy as np
import pytest

from accord.search.fault import SearchError
from accord.search.flow import MAX_ROWS, Flow, Grid, Kind, read_series, steady

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE = np.array([-20.0]), np.array([175.0])
TABLE = """time,direction,knots
2026-01-01T06:00Z,270,10
2026-01-01T18:00Z,270,30
"""


def parts(flow: Flow, when: datetime = NOON) -> tuple[float, float]:
    east, north = flow.at(when.timestamp(), *HERE)
    return float(east[0]), float(north[0])


def test_a_wind_is_said_by_where_it_comes_from_and_a_current_by_where_it_goes() -> None:
    assert parts(steady(Kind.WIND, 270.0, 10.0)) == pytest.approx((10.0, 0.0))
    assert parts(steady(Kind.CURRENT, 270.0, 2.0)) == pytest.approx((-2.0, 0.0))


@pytest.mark.parametrize(
    ("kind", "direction", "knots", "spread"),
    [
        (Kind.WIND, 270.0, 300.0, 0.0),
        (Kind.WIND, 361.0, 10.0, 0.0),
        (Kind.WIND, 270.0, -1.0, 0.0),
        (Kind.WIND, 270.0, float("nan"), 0.0),
        (Kind.WIND, float("nan"), 10.0, 0.0),
        (Kind.CURRENT, 270.0, 21.0, 0.0),
        (Kind.CURRENT, 270.0, 1.0, -0.1),
    ],
)
def test_what_cannot_be_is_refused(
    kind: Kind, direction: float, knots: float, spread: float
) -> None:
    with pytest.raises(SearchError, match=r"cannot be|0 to 360"):
        steady(kind, direction, knots, spread=spread)


def test_between_two_rows_a_table_is_on_the_line_and_outside_it_stays() -> None:
    series = read_series(Kind.WIND, TABLE, spread=2.0)
    assert series.spread == 2.0
    assert parts(series) == pytest.approx((20.0, 0.0))
    assert parts(series, datetime(2025, 1, 1, tzinfo=UTC)) == pytest.approx((10.0, 0.0))


def test_two_rows_for_one_time_are_refused_however_it_is_written() -> None:
    with pytest.raises(SearchError, match="two rows for one time"):
        read_series(Kind.WIND, TABLE + "\n2026-01-02T06:00+12:00,0,30\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "without rows"),
        ("time,direction,knots\n", "without rows"),
        ("2026-01-01T06:00Z,270,10\n2026-01-01T07:00,270,10\n", "row 2.*offset from UTC"),
        ("2026-01-01T06:00Z,270,300\n", "row 1.*300 knots cannot be"),
        ("2026-01-01T06:00Z,270\n", "row 1"),
        ("time,deg,kt\nyesterday,270,10\n", "row 2"),
        ("2026-01-01T06:00Z,270,10\n" * (MAX_ROWS + 1), "at most"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_row(text: str, sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        read_series(Kind.WIND, text)


def grid(lons: list[float]) -> Grid:
    """East grows by 1 for each column, north by 10 for each row and by 100 for each time."""
    times, rows, columns = np.meshgrid([0, 1], [0, 1, 2], range(len(lons)), indexing="ij")
    return Grid(
        times=np.array([NOON.timestamp(), NOON.timestamp() + 3600.0]),
        lats=np.array([-21.0, -20.0, -19.0]),
        lons=np.array(lons),
        east=columns.astype(np.float64),
        north=rows * 10.0 + times * 100.0,
    )


def at(found: Grid, lat: float, lon: float, hours: float = 0.0) -> tuple[float, float]:
    east, north = found.at(NOON.timestamp() + hours * 3600.0, np.array([lat]), np.array([lon]))
    return float(east[0]), float(north[0])


def test_a_grid_is_on_the_lines_between_its_corners_and_times() -> None:
    found = grid([174.0, 175.0, 176.0])
    assert at(found, -20.0, 175.0) == pytest.approx((1.0, 10.0))
    assert at(found, -19.5, 175.25) == pytest.approx((1.25, 15.0))
    assert at(found, -19.5, 175.25, 0.5) == pytest.approx((1.25, 65.0))


def test_outside_of_a_grid_its_nearest_edge_holds() -> None:
    found = grid([174.0, 175.0, 176.0])
    assert at(found, -30.0, 170.0, -5.0) == pytest.approx((0.0, 0.0))
    assert at(found, 0.0, 179.0, 5.0) == pytest.approx((2.0, 120.0))


def test_a_grid_may_run_over_the_date_line_either_way() -> None:
    for lons in ([179.0, 180.0, 181.0], [-181.0, -180.0, -179.0]):
        assert at(grid(lons), -20.0, -179.5) == pytest.approx((1.5, 10.0))
        assert at(grid(lons), -20.0, 179.5) == pytest.approx((0.5, 10.0))


def test_a_grid_of_one_column_one_row_and_one_time_is_the_same_everywhere() -> None:
    one = np.full((1, 1, 1), 3.0)
    found = Grid(
        times=np.array([0.0]), lats=np.array([0.0]), lons=np.array([0.0]), east=one, north=-one
    )
    assert at(found, 10.0, 10.0) == (3.0, -3.0)


def test_a_grid_knows_which_times_it_covers() -> None:
    found = grid([174.0, 175.0])
    first, last = found.span
    assert first == NOON
    assert found.covers(first, last)
    assert not found.covers(first, datetime(2026, 1, 1, 14, tzinfo=UTC))
    assert not found.covers(datetime(2026, 1, 1, 11, tzinfo=UTC), last)


@pytest.mark.parametrize(
    ("lat", "lon", "is_held"),
    [(-20.5, 179.9, True), (-20.5, -179.5, True), (-20.5, 178.9, False), (-20.5, -178.9, False),
     (-21.1, 179.9, False), (-19.9, 179.9, False), (-21.0, 179.0, True)],
)  # fmt: skip
def test_a_grid_tells_which_places_it_holds_across_the_date_line(
    lat: float, lon: float, is_held: bool
) -> None:
    still = np.zeros((1, 2, 3))
    grid = Grid(
        times=np.array([0.0]), lats=np.array([-21.0, -20.0]), lons=np.array([179.0, 180.0, 181.0]),
        east=still, north=still,
    )  # fmt: skip
    assert grid.holds(lat, lon) is is_held
    assert grid.sides == (-21.0, -20.0, 179.0, -179.0)
