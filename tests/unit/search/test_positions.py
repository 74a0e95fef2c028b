import pytest

from accord.core.geometry import Point, distance
from accord.search.positions import (
    MAX_CHARACTERS,
    PositionError,
    read_position,
    spell_position,
    spoken_position,
)

WELLINGTON = Point(lat=-41.288333, lon=174.778333)
"""41 17.30 S, 174 46.70 E."""
ALIKE = (
    "41 17.3S 174 46.7E", "41 17.3 S, 174 46.7 E", "S41 17.3 E174 46.7", "S 41 17.3, E 174 46.7",
    "41°17.3'S 174°46.7'E", "41°17.3'S174°46.7'E", "41° 17,3' S 174° 46,7' E",
    "41 17,3S 174 46,7E", "41-17.3S 174-46.7E", "4117.3S 17446.7E", "4117.3S/17446.7E",
    "41 17 300 S 174 46 700 E", "41 17.3'S 174 46.7'E", "S41 17.3 174 46.7E",
    "41\u00b017\u203218\u2033S 174\u00b046\u203242\u2033E", "41 17 18 S 174 46 42 E",
    "41d17m18sS 174d46m42sE", "411718S 1744642E", "41:17:18S 174:46:42E", "41d17.3mS 174d46.7mE",
    "41 degrees 17.3 minutes south, 174 degrees 46.7 minutes east", "174 46.7E 41 17.3S",
    "LAT 41 17.3 S LONG 174 46.7 E", "latitude: 41 17.3 S\nlongitude: 174 46.7 E",
    "-41 17.3 174 46.7", "\u221241 17.3; 174 46.7", "-41.288333, 174.778333",
    "-41.288333,174.778333", "-41,288333 174,778333", "-41,288333,174,778333",
    "-41,288333; 174,778333", "41.288333S 174.778333E", "41,288333 S; 174,778333 E",
    "-41.288333 +174.778333", "lon 174.778333 lat -41.288333", "41.288333° S, 174.778333° E",
    "-41.288333° 174.778333°",
)  # fmt: skip


@pytest.mark.parametrize("text", ALIKE)
def test_a_position_is_read_however_it_is_typed(text: str) -> None:
    (found,) = read_position(text)
    assert distance(found.point, WELLINGTON) < 1.0
    assert found.said == "41°17.30'S 174°46.70'E"


def test_a_grid_reference_is_a_position_as_well() -> None:
    (found,) = read_position("18S UJ 23483 06479")
    # the Washington Monument (FGDC-STD-011)
    assert distance(found.point, Point(lat=38.88947, lon=-77.03524)) < 1.5
    with pytest.raises(PositionError, match="zones are 1 to 60"):
        read_position("61SUJ2348306479")


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("41.17S 174.46E", {"41°10.20'S 174°27.60'E", "41°17.00'S 174°46.00'E"}),
        ("41,17S 174,46E", {"41°10.20'S 174°27.60'E", "41°17.00'S 174°46.00'E"}),
        ("41.17.30S 174.46.20E", {"41°17.30'S 174°46.20'E", "41°17.50'S 174°46.33'E"}),
        ("48 30 N 5 10 O", {"48°30.00'N 005°10.00'W", "48°30.00'N 005°10.00'E"}),
        (
            "41 17 174 46",
            {f"41°17.00'{lat} 174°46.00'{lon}" for lat in "NS" for lon in "EW"},
        ),
        ("41.5; 74.5", {f"41°30.00'{lat} 074°30.00'{lon}" for lat in "NS" for lon in "EW"}),
    ],
)
def test_what_can_be_read_in_several_ways_is_asked_back(text: str, choices: set[str]) -> None:
    assert {each.said for each in read_position(text)} == choices


def test_the_choice_that_is_nearest_comes_first() -> None:
    found = read_position("41 17 174 46", near=WELLINGTON)
    assert found[0].said == "41°17.00'S 174°46.00'E"
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("-41.2, 174.7", "latitude first"),
        ("lat -41.2 lon 174.7", ""),
        ("41 17S 174 46E", ""),
        ("41 17 174 46", "neither north or south"),
        ("48 30 N 5 10 O", "O is west"),
    ],
)
def test_what_was_taken_for_granted_is_said(text: str, doubt: str) -> None:
    found = read_position(text)[0].doubt
    assert (doubt in found) if doubt else found == ""


def test_the_last_digit_is_the_error_of_the_position() -> None:
    (rough,) = read_position("41 17S 174 46E")
    (close,) = read_position("41 17.300S 174 46.700E")
    # 0.7 of a mile, and of a thousandth of one
    assert rough.point.circular_error == pytest.approx(0.7 * 1852, rel=0.01)
    assert close.point.circular_error == pytest.approx(0.7 * 1.852, rel=0.01)


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("12 NM 045T from 41 17.3S 174 46.7E", ""),
        ("045 true 12NM of 41 17.3S 174 46.7E", ""),
        ("bearing 045 degrees true, range 12 nm from 41 17.3S 174 46.7E", ""),
        ("12 nautical miles NE of 41 17.3S 174 46.7E", ""),
        ("22.224 km 045T from 41 17.3S 174 46.7E", ""),
        ("12 miles NE of 41 17.3S 174 46.7E", "the miles are read as nautical"),
        ("045/12NM from 41 17.3S 174 46.7E", "the bearing is read as true"),
    ],
)
def test_a_range_and_bearing_leads_from_a_position(text: str, doubts: str) -> None:
    (found,) = read_position(text)
    assert distance(found.point, WELLINGTON) / 1852 == pytest.approx(12.0)
    assert found.point.lat > WELLINGTON.lat
    assert found.point.lon > WELLINGTON.lon
    assert found.doubt == doubts
    assert found.how == "12 NM 045 from 41°17.30'S 174°46.70'E"


def test_a_range_from_one_of_several_places_is_asked_back() -> None:
    assert len(read_position("12 NM N of 41.17S 174.46E")) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs figures"),
        ("hello", "needs figures"),
        ("41 75 S 174 46 E", "75 minutes: there are fewer than 60"),
        ("95 S 174 E", "no latitude 95"),
        ("41 S 181 E", "longitude 181"),
        ("41 17.3 S 174 46.7 S", "one of N or S"),
        ("17.5S", "no position"),
        ("41S 174E 3", "no position"),
        ("N41E174S", "no position"),
        ("41 17 174", "no position"),
        ("12 NM 045M of 41S 174E", "needs the variation"),
        ("5 of 41S 174E", "no range"),
        ("12 NM 400T of 41S 174E", "no bearing"),
        ("12 NM thataway of 41S 174E", "no bearing"),
        ("4" * (MAX_CHARACTERS + 1), "characters are no position"),
        ("S174 5E 3 4 5", "no latitude 174"),
    ],
)
def test_what_is_no_position_is_refused_with_the_reason(text: str, sentence: str) -> None:
    with pytest.raises(PositionError, match=sentence):
        read_position(text)


def test_a_position_is_spelt_as_charts_have_it_and_rounds_up_to_whole_degrees() -> None:
    assert spell_position(Point(lat=0.0, lon=-0.5)) == "00°00.00'N 000°30.00'W"
    assert spell_position(Point(lat=-41.99999, lon=9.99999)) == "42°00.00'S 010°00.00'E"


def test_a_position_is_spoken_digit_by_digit() -> None:
    assert spoken_position(Point(lat=-41.295, lon=-9.0)) == (
        "four one degrees one seven decimal seven zero minutes south, "
        "zero zero niner degrees zero zero decimal zero zero minutes west"
    )
