import pytest

from accord.core.geometry import Point, distance
from accord.search.grid_reference import is_reference, read_mgrs, spell_mgrs


@pytest.mark.parametrize("lat", [-79.9, -45.3, -0.001, 0.0, 12.34, 56.1, 63.9, 72.3, 83.9])
@pytest.mark.parametrize("lon", [-180.0, -179.99, -3.0, 0.0, 3.5, 7.0, 20.9, 35.0, 179.99])
def test_a_place_is_in_the_square_that_it_is_spelt_as(lat: float, lon: float) -> None:
    place = Point(lat=lat, lon=lon)
    assert distance(read_mgrs(spell_mgrs(place)).middle, place) < 0.75
    assert distance(read_mgrs(spell_mgrs(place, digits=3)).middle, place) < 75.0


def test_norway_and_svalbard_have_their_wider_zones() -> None:
    # NGA.STND.0037: 31V is cut off at 3 east; north of 72 there are no zones 32, 34 and 36
    assert spell_mgrs(Point(lat=60.4, lon=5.3)).startswith("32V")
    assert spell_mgrs(Point(lat=78.2, lon=15.6)).startswith("33X")
    assert spell_mgrs(Point(lat=78.2, lon=8.9)).startswith("31X")
    assert spell_mgrs(Point(lat=78.2, lon=41.0)).startswith("37X")


def test_a_square_without_digits_is_a_hundred_kilometres_wide() -> None:
    assert read_mgrs("60GTV").side == 100_000.0
    assert read_mgrs("60 g tv 1234 5678").side == 10.0


def test_what_has_the_form_of_a_reference_is_told_from_what_has_not() -> None:
    assert is_reference("60GTV1234567890")
    assert not is_reference("60ITV12")
    assert not is_reference("4117S17446E")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "no grid reference"),
        ("61GTV12", "zones are 1 to 60"),
        ("00GTV12", "zones are 1 to 60"),
        ("60GTV123", "as many digits"),
        ("60GAV12", "has no column A"),
        ("60XTB12", "has no such row"),
    ],
)
def test_what_is_no_reference_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_mgrs(text)


def test_the_poles_have_no_reference_of_this_kind() -> None:
    with pytest.raises(ValueError, match="between 80 south"):
        spell_mgrs(Point(lat=84.0, lon=0.0))
