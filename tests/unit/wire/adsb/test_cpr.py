import pytest

from accord.wire.adsb.cpr import place, place_on_ground, zones_of_longitude
from accord.wire.adsb.message import CprFix

EVEN, ODD = CprFix(False, 93_000, 51_372, None), CprFix(True, 74_158, 50_194, None)


def test_a_pair_makes_the_published_place() -> None:
    # "The 1090 Megahertz Riddle", chapter 5.3
    assert place(EVEN, ODD, newest_is_odd=False) == pytest.approx((52.25720, 3.91937), abs=1e-5)


@pytest.mark.parametrize(
    ("lat", "zones"),
    # RTCA DO-260B table A-21
    [(0.0, 59), (10.4, 59), (10.5, 58), (59.9, 30), (60.0, 29), (86.9, 2), (87.0, 2), (87.1, 1),
     (-60.0, 29), (90.0, 1)],
)  # fmt: skip
def test_there_are_as_many_zones_as_the_table_has(lat: float, zones: int) -> None:
    assert zones_of_longitude(lat) == zones


def halves(lat: float, lon: float) -> tuple[CprFix, CprFix]:
    """Both halves of a place, encoded as DO-260B A.1.7.3 has it."""
    found: list[CprFix] = []
    for odd in (0, 1):
        height = 360 / (60 - odd)
        north = int((lat % height) / height * 131072 + 0.5)
        width = 360 / max(1, zones_of_longitude(lat) - odd)
        east = int((lon % width) / width * 131072 + 0.5)
        found.append(CprFix(bool(odd), north % 131072, east % 131072, None))
    return found[0], found[1]


@pytest.mark.parametrize(
    "where", [(-41.3, 174.8), (-17.5, -179.9), (0.01, -0.01), (71.2, 25.8), (-89.5, 12.0)]
)
@pytest.mark.parametrize("newest_is_odd", [False, True])
def test_every_quarter_of_the_earth_comes_out(
    where: tuple[float, float], newest_is_odd: bool
) -> None:
    found = place(*halves(*where), newest_is_odd=newest_is_odd)
    assert found == pytest.approx(where, abs=5e-4)


def test_halves_of_different_zones_make_no_place() -> None:
    assert place(halves(10.465, 0.0)[0], halves(10.475, 0.0)[1], newest_is_odd=True) is None


def test_what_is_beyond_the_pole_is_no_place() -> None:
    # 95.2 degrees: zone 15, and 0.8644 and 0.6 of it.
    even, odd = CprFix(False, 113_300, 0, None), CprFix(True, 78_643, 0, None)
    assert place(even, odd, newest_is_odd=True) is None


@pytest.mark.parametrize(
    ("fix", "near", "found"),
    [
        # Frames of an A320 at Paris, as jet1090 places them.
        (CprFix(False, 87_891, 15_100, None), (49.0, 2.5), (49.005832672, 2.573547363)),
        (CprFix(True, 16_521, 11_353, None), (49.3, 2.0), (49.005831702, 2.573565433)),
    ],
)
def test_a_half_on_the_ground_and_a_place_that_is_near_make_one(
    fix: CprFix, near: tuple[float, float], found: tuple[float, float]
) -> None:
    assert place_on_ground(fix, near) == pytest.approx(found, abs=1e-9)


def test_next_to_the_antimeridian_it_is_on_its_own_side() -> None:
    lat = lon = None
    for near in (179.9, -179.9):
        found = place_on_ground(CprFix(False, 0, 1_000, None), (0.0, near))
        assert found is not None
        lat, lon = found
        assert -180.0 <= lon < 180.0
        assert abs(lon - near) % 360.0 < 1.0 or abs(lon - near) > 359.0
    assert lat == 0.0


def test_beyond_a_pole_there_is_no_place() -> None:
    assert place_on_ground(CprFix(False, 20_000, 0, None), (89.99, 0.0)) is None
