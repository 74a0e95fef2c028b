import math
from functools import lru_cache

import numpy as np
import pytest

from accord.posture.backtest import ROUTER, RouterCheck, check_router
from accord.posture.cells import great_circle
from accord.posture.sea import (
    MOVES,
    Sea,
    Way,
    _crossed,  # pyright: ignore[reportPrivateUsage]  what a move must be clear of
    exact_way,
)
from accord.storage import charts
from support.posture import Land, box, sea_but_for, turned

LONGER = 1.0131
"""Two neighbours of the 32 directions are at most 18.4 degrees apart; half-way between them a way
of both is 1 / cos(9.22 degrees) as long, 1.3 % more."""

HERE = box(-10.0, 150.0, 10.0, 170.0)


def far(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(great_circle(*a, *b))


def with_land(*lands: Land) -> Sea:
    return Sea(sea_but_for(lands), box=HERE)


OPEN = with_land()
"""Water alone."""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((-5.1, 155.1), (5.1, 155.1)),
        ((0.1, 151.1), (0.1, 168.9)),
        ((-3.1, 155.1), (3.1, 161.1)),
    ],
)
def test_along_a_move_the_way_is_the_great_circle(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    assert OPEN.distance(a, b) == pytest.approx(far(a, b), rel=2e-3)


@pytest.mark.parametrize("bearing", range(0, 360, 7))
def test_in_the_open_no_way_is_shorter_than_the_great_circle_or_much_longer(bearing: int) -> None:
    a = (0.1, 160.1)
    b = (
        a[0] + 8 * math.cos(math.radians(bearing)),
        a[1] + 8 * math.sin(math.radians(bearing)),
    )
    # Besides, `b` lies up to half the diagonal of a cell from the centre of one, twice.
    assert far(a, b) - 1e-6 <= OPEN.distance(a, b) <= far(a, b) * LONGER + 2 * 0.1414 * 60.04


def test_a_ship_goes_through_the_gap_in_a_wall() -> None:
    sea = with_land((-10, 160, 6, 161), (6.4, 160, 10, 161))
    a, gap, b = (-5.1, 155.1), (6.2, 160.5), (-5.1, 166.1)
    through = far(a, gap) + far(gap, b)
    assert through - 60 <= sea.distance(a, b) <= through * LONGER + 40
    way = sea.way(a, b, pulled=False)
    assert any(160 <= lon <= 161 and 6 <= lat <= 6.4 for lat, lon in way.points)


def test_no_ship_slips_between_two_lands_that_touch_at_a_corner() -> None:
    sea = with_land((-10, 160, 0, 161), (0, 161, 10, 162))
    assert sea.distance((0.1, 155.1), (0.1, 168.1)) == math.inf


@pytest.mark.parametrize("move", MOVES)
def test_there_and_back_the_same_cells_must_be_sea(move: tuple[int, int]) -> None:
    up, right = move
    back = {(up + row, right + column) for row, column in _crossed(-up, -right)}
    assert back == _crossed(up, right)


def test_behind_a_closed_wall_there_is_no_way() -> None:
    sea = with_land((-10, 160, 10, 161))
    assert sea.distance((0.1, 155.1), (0.1, 165.1)) == math.inf
    assert sea.way((0.1, 155.1), (0.1, 159.1), pulled=False).length < math.inf


def test_a_lake_is_no_sea() -> None:
    sea = with_land(
        (-1, 159, 1, 159.4), (-1, 160.6, 1, 161), (-1, 159, -0.6, 161), (0.6, 159, 1, 161)
    )
    shore = sea.shore(np.array([0.1]), np.array([159.5]))
    # The nearest cell of the largest sea lies outside the land round the lake, 0.6 degrees off.
    assert shore.ashore[0] == pytest.approx(0.6 * 60.04, abs=0.1)


def test_a_place_far_inland_has_no_way() -> None:
    sea = with_land((-5, 155, 5, 165))
    with pytest.raises(ValueError, match="is more than 60 NM from the sea"):
        sea.field(0.0, 160.0)
    to = sea.field(-8.0, 160.0).to(sea.shore(np.array([0.0, -4.5]), np.array([160.0, 160.0])))
    assert to[0] == math.inf
    # Half a degree ashore is added as it is; each end is up to 8.5 NM from the centre of a cell.
    assert to[1] == pytest.approx(far((-8, 160), (-4.5, 160)), abs=17.1)


def test_two_places_in_one_cell_are_as_far_apart_as_they_are() -> None:
    a, b = (0.02, 160.02), (0.18, 160.18)
    assert OPEN.distance(a, b) == pytest.approx(far(a, b))
    assert OPEN.distance(a, a) == 0.0


def test_the_same_sea_further_round_has_the_same_ways() -> None:
    wet = sea_but_for([(-10, 160, 6, 161)])
    here = Sea(wet, box=HERE)
    across = Sea(turned(wet, 20.0), box=box(-10.0, 170.0, 10.0, -170.0))
    a, b = (-5.1, 155.1), (-5.1, 166.1)
    moved = [((lat), (lon + 20 + 180) % 360 - 180) for lat, lon in (a, b)]
    assert across.distance(*moved) == pytest.approx(here.distance(a, b), rel=1e-12)


def test_the_same_sea_upside_down_has_the_same_ways() -> None:
    wet = sea_but_for([(-10, 160, 6, 161)])
    down = Sea(np.ascontiguousarray(wet[::-1]), box=HERE)
    straight = Sea(wet, box=HERE).distance((-5.1, 155.1), (-5.1, 166.1))
    assert down.distance((5.1, 155.1), (5.1, 166.1)) == pytest.approx(straight, rel=1e-12)


def test_a_sea_all_round_has_no_edge() -> None:
    ring = Sea(sea_but_for(), box=box(-2.0, -180.0, 2.0, 180.0))
    assert ring.distance((0.1, 170.1), (0.1, -170.1)) == pytest.approx(19.8 * 60.04, rel=1e-4)
    assert ring.distance((0.1, 10.1), (0.1, -10.1)) == pytest.approx(20.2 * 60.04, rel=1e-4)


def test_a_sea_may_reach_to_a_pole() -> None:
    arctic = Sea(sea_but_for(), box=box(80.0, -180.0, 90.0, 180.0))
    over = arctic.distance((85.1, 0.1), (85.1, 179.9))
    assert over == pytest.approx(far((85.1, 0.1), (85.1, 179.9)), rel=0.03)


def test_what_is_known_is_not_searched_again_and_the_oldest_is_forgotten() -> None:
    sea = Sea(sea_but_for(), box=box(-1.0, 150.0, 1.0, 152.0), limit=2)
    places = [(0.1, 150.1), (0.1, 150.5), (0.1, 150.9)]
    for place in (*places[:2], *places[:2]):
        sea.field(*place)
    assert (sea.searched, sea.dropped) == (2, 0)
    sea.field(*places[2])
    assert (sea.searched, sea.dropped) == (3, 1)
    sea.field(*places[1])
    sea.field(*places[2])
    assert sea.searched == 3
    sea.field(*places[0])
    assert sea.searched == 4


def test_the_key_tells_one_grid_from_another() -> None:
    keys = {
        with_land().key,
        with_land((0, 160, 1, 161)).key,
        Sea(sea_but_for(), box=box(-10.0, 150.0, 10.0, 171.0)).key,
        Sea(sea_but_for(), box=HERE, step=0.4).key,
    }
    assert len(keys) == 4
    assert with_land().key in keys


def turns(way: Way) -> int:
    return len(way.points)


def test_a_way_that_is_pulled_tight_is_no_longer_and_still_leads_round_land() -> None:
    sea = with_land((-10, 160, 6, 161))
    a, b = (-5.1, 155.1), (-5.1, 166.1)
    loose, tight = sea.way(a, b, pulled=False), sea.way(a, b, pulled=True)
    assert (tight.points[0], tight.points[-1]) == (a, b)
    assert tight.length <= loose.length + 1e-6
    assert tight.length >= far(a, (6.1, 160.0)) + far((6.1, 161.0), b) - 10
    assert 4 <= turns(tight) < turns(loose)


def test_in_the_open_a_tight_way_is_the_great_circle() -> None:
    way = OPEN.way((-5.1, 155.1), (7.3, 166.9), pulled=True)
    assert turns(way) == 2


def test_a_tight_way_may_begin_ashore() -> None:
    sea = with_land((-10, 150, 10, 151))
    way = sea.way((0.1, 150.6), (0.1, 155.1), pulled=True)
    assert turns(way) <= 3


def test_between_two_seas_there_is_no_way() -> None:
    sea = with_land((-10, 160, 10, 161.2))
    # Only the larger of the two is sailed; the smaller one is no nearer than 72 NM to it.
    with pytest.raises(ValueError, match="from the sea that ships are routed over"):
        sea.way((0.1, 155.1), (0.1, 169.1), pulled=False)


def test_an_exact_way_is_as_long_as_the_great_circle_in_the_open() -> None:
    a, b = (-20.05, 179.05), (-20.05, -179.05)
    way = exact_way(sea_but_for(), a, b, pulled=True)
    assert way.length == pytest.approx(far(a, b), rel=1e-3)
    back = exact_way(sea_but_for(), b, a, pulled=True)
    assert back.length == pytest.approx(way.length)
    assert back.points == way.points[::-1]


def test_a_way_that_leads_far_round_is_a_coarser_one() -> None:
    # A wall along the meridian, longer than what is looked at first, with places close to it.
    wet = sea_but_for([(-12, 160, 12, 162)])
    wide = box(-20.0, 150.0, 20.0, 172.0)
    way = exact_way(wet, (0.1, 159.9), (0.1, 162.1), pulled=True, box=wide)
    round_it = far((0.1, 159.9), (12, 159.9)) + far((12, 159.9), (12, 162.1))
    assert way.length == pytest.approx(round_it + far((12, 162.1), (0.1, 162.1)), rel=0.02)


@lru_cache(maxsize=1)
def oceania() -> Sea:
    """The sea between all the ports of the published table."""
    return Sea(charts.sea_mask(), box=box(-50.0, 112.0, 26.0, -130.0), limit=100)


def checked(step: int) -> RouterCheck:
    """The router against every so manieth of the published pairs that nobody doubts."""
    pairs = [pair for pair in charts.published_distances() if not pair.doubt][::step]
    return check_router(
        [oceania().distance(*pair.places) for pair in pairs],
        [pair.mean for pair in pairs],
        [far(*pair.places) for pair in pairs],
    )


@pytest.mark.thorough
def test_the_router_holds_to_all_published_distances_as_the_answer_says() -> None:
    check = checked(1)
    assert check.pairs == 242
    assert check.median < 0.015
    assert check.mean < 0.04
    assert check.shortest > -0.005
    assert check.pairs == ROUTER.pairs
    for said, is_so in zip(figures(ROUTER), figures(check), strict=True):
        assert said == pytest.approx(is_so, abs=6e-4)


def figures(check: RouterCheck) -> tuple[float, ...]:
    return check.median, check.mean, check.within_5, check.shortest


def test_the_router_holds_to_some_published_distances() -> None:
    check = checked(12)
    assert check.pairs > 20
    assert check.median < 0.015
    assert check.mean < 0.04
    assert check.shortest > -0.005


def test_real_distances_are_symmetric_and_obey_the_triangle_inequality() -> None:
    ports = [(-36.84, 174.77), (-18.13, 178.42), (-22.28, 166.45), (-33.86, 151.22)]
    lats, lons = np.array(ports).T
    sea = oceania()
    shore = sea.shore(lats, lons)
    table = np.array([sea.field(*port).to(shore) for port in ports])
    assert np.allclose(table, table.T, rtol=1e-9)
    # Over a port as well one comes ashore and goes out again, so that its way there counts twice.
    for n in range(4):
        assert (table <= table[:, [n]] + table[[n], :] + 1e-6).all()
