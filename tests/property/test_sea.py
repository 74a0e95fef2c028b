"""Over any sea: there and back are alike, no detour is shorter, and the Earth may be turned."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.posture.cells import great_circle
from accord.posture.sea import Sea
from support.posture import Land, box, sea_but_for, turned

HERE = box(-4.0, 150.0, 4.0, 158.0)
STEP = 0.4

edges = st.integers(0, 18)


@st.composite
def lands(draw: st.DrawFn) -> list[Land]:
    """A few lands, some in each other's way; the corners stay water."""
    found: list[Land] = []
    for _ in range(draw(st.integers(0, 5))):
        row, column = draw(edges), draw(edges)
        tall, wide = draw(st.integers(1, 8)), draw(st.integers(1, 8))
        south, west = -3.6 + row * 0.4, 150.4 + column * 0.4
        found.append((south, west, min(3.6, south + tall * 0.4), min(157.6, west + wide * 0.4)))
    return [land for land in found if land[0] < land[2] and land[1] < land[3]]


places = st.tuples(st.floats(-3.9, 3.9), st.floats(150.1, 157.9))


def table(sea: Sea, spots: list[tuple[float, float]]) -> np.ndarray:
    shore = sea.shore(*np.array(spots).T)
    on_sea = [spot for spot, ashore in zip(spots, shore.ashore, strict=True) if ashore < 60]
    near = sea.shore(*np.array(on_sea).reshape(-1, 2).T)
    return np.array([sea.field(*spot).to(near) for spot in on_sea])


@given(lands(), st.lists(places, min_size=2, max_size=4))
def test_there_and_back_are_alike_and_no_detour_is_shorter(
    lands: list[Land], spots: list[tuple[float, float]]
) -> None:
    found = table(Sea(sea_but_for(lands), box=HERE, step=STEP), spots)
    assert np.allclose(found, found.T, rtol=1e-9, atol=1e-9)
    for n in range(len(found)):
        assert (found <= found[:, [n]] + found[[n], :] + 1e-6).all()


@given(lands(), places, places)
def test_no_way_is_shorter_than_the_great_circle_and_further_land_shortens_none(
    lands: list[Land], a: tuple[float, float], b: tuple[float, float]
) -> None:
    free = Sea(sea_but_for(), box=HERE, step=STEP).distance(a, b)
    assert free >= float(great_circle(*a, *b)) * (1 - 1e-9)
    sea = Sea(sea_but_for(lands), box=HERE, step=STEP)
    ashore = sea.shore(*np.array([a, b]).T).ashore
    at_sea = Sea(sea_but_for(), box=HERE, step=STEP).shore(*np.array([a, b]).T).ashore
    # A place that the lands leave at sea starts from the same cell.
    if (ashore == at_sea).all():
        assert sea.distance(a, b) >= free - 1e-6


@given(lands(), places, places, st.integers(-400, 400))
def test_an_earth_that_is_turned_has_the_same_ways(
    lands: list[Land], a: tuple[float, float], b: tuple[float, float], steps: int
) -> None:
    turn = steps * STEP
    wet = sea_but_for(lands)
    here = Sea(wet, box=HERE, step=STEP)
    if not np.isfinite(here.shore(*np.array([a, b]).T).ashore).all():
        return

    def moved(lon: float) -> float:
        return (lon + turn + 180.0) % 360.0 - 180.0

    there = Sea(turned(wet, turn), box=box(-4.0, moved(150.0), 4.0, moved(158.0)), step=STEP)
    far = there.distance((a[0], moved(a[1])), (b[0], moved(b[1])))
    assert np.isclose(far, here.distance(a, b), rtol=1e-6, atol=1e-3)
