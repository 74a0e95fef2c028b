import io
import zipfile

import numpy as np
import pytest

from accord.core.geometry import Point
from accord.picture.land import Land
from accord.posture.mask import far_inland, read_mask, sea_at
from accord.storage.charts import inland
from support.posture import sea_but_for


def written(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # pyright: ignore[reportArgumentType]  some are none
    return file.getvalue()


def test_a_mask_is_read_as_it_was_written() -> None:
    wet = sea_but_for([(0, 0, 10, 10)])
    assert np.array_equal(read_mask(written(fr=wet)), wet)


def empty() -> bytes:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "cannot be read"),
        (b"nonsense", "cannot be read"),
        (b"PK\x03\x04cut", "cannot be read"),
        (empty(), "cannot be read"),
        (written(other=np.zeros(3)), "cannot be read"),
        (written(fr=np.array([{}], dtype=object)), "cannot be read"),
        (written(fr=np.zeros((3, 3), np.uint8)), "not 1800 by 3600 cells"),
        (written(fr=np.zeros((1800, 3600), np.int16)), "not 1800 by 3600 cells"),
        (written(fr=np.full((1800, 3600), 200, np.uint8)), "0 to 144 samples"),
        (bytes(5_000_000), "at most 4000000 are read"),
    ],
)
def test_what_is_no_mask_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_mask(data)


def test_a_coarser_cell_is_sea_when_more_than_half_of_it_is() -> None:
    wet = sea_but_for()
    wet[0:2, 0:2] = [[144, 144], [1, 0]]
    wet[0:2, 2:4] = [[144, 144], [0, 0]]
    sea = sea_at(wet, 0.2)
    assert sea.shape == (900, 1800)
    assert (sea[0, 0], sea[0, 1], sea[0, 2]) == (True, False, True)


@pytest.mark.parametrize("step", [0.0, 0.05, 0.25, 0.7])
def test_a_step_that_the_mask_does_not_give_is_refused(step: float) -> None:
    with pytest.raises(ValueError, match="cannot be made from one of"):
        sea_at(sea_but_for(), step)


def test_what_is_far_inland_has_no_sea_within_half_a_degree() -> None:
    # Land from the equator to 3 N and from 10 to 13 E: its middle is far inland, its rim is not.
    land = Land(far_inland(sea_but_for([(0, 10, 3, 13)])))
    assert land.holds(Point(lat=1.45, lon=11.45))
    assert land.holds(Point(lat=0.55, lon=10.55))
    assert not land.holds(Point(lat=0.45, lon=11.45))
    assert not land.holds(Point(lat=1.45, lon=12.55))
    assert not land.holds(Point(lat=-0.45, lon=11.45))


def test_land_across_the_antimeridian_is_land() -> None:
    land = Land(far_inland(sea_but_for([(0, 178, 4, 180), (0, -180, 4, -178)])))
    assert land.holds(Point(lat=2.05, lon=179.95))
    assert land.holds(Point(lat=2.05, lon=-179.95))


@pytest.mark.parametrize(
    ("place", "is_land"),
    [
        (Point(lat=55.6, lon=37.27), True),  # Vnukovo airport, where spoofed receivers are
        (Point(lat=-41.28, lon=174.8), False),  # Wellington harbour
        (Point(lat=51.9, lon=4.4), False),  # Rotterdam, up the river
        (Point(lat=29.93, lon=-90.06), False),  # New Orleans, up the river
    ],
)
def test_the_mask_that_comes_with_accord_leaves_ports_alone(place: Point, is_land: bool) -> None:
    assert Land(inland()).holds(place) is is_land
