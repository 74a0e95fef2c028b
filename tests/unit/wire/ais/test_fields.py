import pytest

from accord.core.nation import NATIONS as ISO
from accord.wire.ais.fields import NATIONS, Station, cot_type, interval, number


@pytest.mark.parametrize(
    ("mmsi", "station", "nation"),
    [
        # The forms of ITU-R M.585-9, with digits of the ITU table.
        (512000001, Station.SHIP, "NZL"),
        (5120001, Station.COAST, "NZL"),
        (111503001, Station.AIRCRAFT, "AUS"),
        (995126001, Station.AID, "NZL"),
        (985120001, Station.CRAFT, "NZL"),
        (851200001, Station.HANDHELD, "NZL"),
        (970000099, Station.SART, None),  # heard in the English Channel, 2011
        (972512001, Station.MOB, None),
        (974512001, Station.EPIRB, None),
        (123456789, Station.UNKNOWN, None),
        (777000129, Station.UNKNOWN, None),  # no such digits: Denmark, 2010
        (31423000, Station.UNKNOWN, None),  # a group's: Australia, 2012
        (1, Station.UNKNOWN, None),
    ],
)
def test_a_number_tells_its_station_and_nation(
    mmsi: int, station: Station, nation: str | None
) -> None:
    said = number(mmsi)
    assert (said.station, said.nation) == (station, nation)
    assert said.digits == f"{mmsi:09d}"


def test_every_nation_is_one_of_iso_3166() -> None:
    assert set(NATIONS.values()) <= ISO
    assert all(len(digits) == 3 for digits in NATIONS)


@pytest.mark.parametrize(
    ("ship_type", "kind"),
    [
        (0, "a-u-S"),  # not available
        (20, "a-n-S-X"),
        (30, "a-n-S-X-F"),
        (35, "a-u-S"),
        (36, "a-n-S-X-R"),
        (52, "a-n-S-X-M-T-U"),
        (55, "a-n-S-X-L"),
        (56, "a-u-S"),  # spare
        (69, "a-n-S-X-M-P"),
        (72, "a-n-S-X-M-C"),
        (89, "a-n-S-X-M-O"),
        (99, "a-n-S-X"),
        (255, "a-u-S"),
    ],
)
def test_a_ship_is_called_by_its_type(ship_type: int, kind: str) -> None:
    assert cot_type(1, Station.SHIP, ship_type) == kind


def test_the_message_settles_the_kind_when_the_number_does_not() -> None:
    assert cot_type(4, Station.UNKNOWN, 0) == cot_type(1, Station.COAST, 0) == "a-n-G-I-U-T"
    assert cot_type(21, Station.UNKNOWN, 0) == "a-n-G-I-T"
    assert cot_type(9, Station.UNKNOWN, 0) == "a-n-A-C"


@pytest.mark.parametrize(
    ("message", "speed", "status", "seconds"),
    [
        # ITU-R M.1371-5 annex 1, table 1: class A.
        (1, 0.0, 1, 180),
        (1, 3.0, 5, 180),
        (3, 3.1, 1, 10),
        (1, 0.0, 0, 10),
        (1, 14.0, 0, 10),
        (2, 14.1, 0, 6),
        (1, 23.1, 0, 2),
        (1, None, 0, 180),
        # Table 2: others.
        (18, 2.0, None, 180),
        (18, 2.1, None, 30),
        (19, None, None, 180),
        (4, None, None, 10),
        (9, 80.0, None, 10),
        (21, None, None, 180),
        (27, 12.0, 0, 180),
    ],
)
def test_reporting_intervals_are_those_of_the_recommendation(
    message: int, speed: float | None, status: int | None, seconds: float
) -> None:
    assert interval(message, speed, status) == seconds


def test_beacons_are_known_as_such() -> None:
    assert [s for s in Station if s.is_beacon] == [Station.SART, Station.MOB, Station.EPIRB]
