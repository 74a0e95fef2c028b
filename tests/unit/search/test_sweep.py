import csv

import pytest

from accord.search.fault import SearchError
from accord.search.sweep import (
    FATIGUE,
    Heard,
    Looking,
    Platform,
    beacon_width,
    read_sweep,
)
from accord.storage import charts

WIDTHS = (charts.SEARCH / "sweep_widths.csv").read_text("utf-8")
SPEEDS = (charts.SEARCH / "sweep_speeds.csv").read_text("utf-8")
TABLES = charts.sweep_widths()
RAFT = "Raft 6 person"


def looking(**changes: object) -> Looking:
    plain: dict[str, object] = {
        "platform": Platform.HELICOPTER, "height_ft": 500.0, "visibility": 10.0, "speed": 90.0
    }  # fmt: skip
    return Looking(**{**plain, **changes})  # pyright: ignore[reportArgumentType]


def test_all_2832_widths_are_those_of_the_tables_with_their_corrections() -> None:
    rows = list(csv.DictReader(WIDTHS.splitlines()))
    assert len(rows) == 2832
    # Addendum: small objects lose half and three quarters of their width, others a tenth
    factors = {"small": (1.0, 0.5, 0.25), "large": (1.0, 0.9, 0.9)}
    speeds = {
        (row["search_object"], row["platform"]): (float(row["speed_kt"]), float(row["factor"]))
        for row in csv.DictReader(SPEEDS.splitlines())
    }
    for row in rows:
        speed, factor = speeds.get((row["search_object"], row["platform"]), (10.0, 1.0))
        for wind, weather in zip((10, 20, 30), factors[row["weather_class"]], strict=True):
            found = TABLES.width(
                row["search_object"],
                looking(
                    platform=Platform(row["platform"]),
                    height_ft=float(row["altitude_or_height"].removesuffix("ft")),
                    visibility=float(row["visibility_nm"]),
                    speed=speed,
                    wind=wind,
                    is_tired=True,
                ),
            )
            published = float(row["sweep_width_nm"])
            assert found.uncorrected == published
            assert found.width == pytest.approx(published * weather * factor * FATIGUE)
            assert found.notes == ()


def test_all_speed_factors_are_those_of_the_table() -> None:
    rows = list(csv.DictReader(SPEEDS.splitlines()))
    assert len(rows) == 148
    for row in rows:
        platform, speed = Platform(row["platform"]), float(row["speed_kt"])
        found = TABLES.width(row["search_object"], looking(platform=platform, speed=speed))
        assert found.speed == float(row["factor"])


def test_between_rows_it_is_on_the_line_and_in_no_visibility_nothing_is_seen() -> None:
    # 500 ft: 2.0 at 5 NM would be 1.9, 2.7 at 10, 3.2 at 15
    assert TABLES.width(RAFT, looking(visibility=12.5)).uncorrected == pytest.approx(2.95)
    assert TABLES.width(RAFT, looking(visibility=0.0)).uncorrected == 0.0
    assert TABLES.width(RAFT, looking(visibility=0.5)).uncorrected == pytest.approx(0.25)
    # 750 ft: 2.0 at 5 NM, 500 ft: 1.9
    found = TABLES.width(RAFT, looking(height_ft=625.0, visibility=5.0))
    assert found.uncorrected == pytest.approx(1.95)


def test_a_visibility_that_is_left_out_is_as_the_one_before() -> None:
    person = looking(platform=Platform.AIRCRAFT, height_ft=1500.0, speed=180.0)
    found = [
        TABLES.width("Person in Water", looking(**{**vars_of(person), "visibility": each}))
        for each in (10.0, 15.0, 20.0, 30.0)
    ]
    assert [each.uncorrected for each in found] == [0.0, 0.0, 0.1, 0.1]


def vars_of(found: Looking) -> dict[str, object]:
    return {name: getattr(found, name) for name in Looking.__slots__}


@pytest.mark.parametrize(
    ("wind", "sea_ft", "weather"),
    [(15, 3, 1.0), (15.1, 0, 0.5), (0, 3.1, 0.5), (25, 5, 0.5), (25.1, 0, 0.25), (0, 5.1, 0.25)],
)
def test_the_worse_of_wind_and_sea_counts(wind: float, sea_ft: float, weather: float) -> None:
    assert TABLES.width(RAFT, looking(wind=wind, sea_ft=sea_ft)).weather == weather


def test_a_flotation_device_is_seen_four_times_as_far_but_only_from_low() -> None:
    low, high = (
        TABLES.width("Person in Water", looking(height_ft=height, wears_flotation=True))
        for height in (500.0, 1000.0)
    )
    assert low.uncorrected == pytest.approx(0.4)
    assert high.uncorrected == pytest.approx(0.1)
    assert high.notes == ("a flotation device counts only up to 500 ft",)


def test_what_lies_outside_of_the_tables_is_their_nearest_and_is_said() -> None:
    found = TABLES.width(RAFT, looking(height_ft=5000.0, speed=200.0))
    assert found.notes == (
        "the tables are for 300 to 3000 ft; the nearest is taken",
        "factors are for 60 to 140 kt; the nearest is taken",
    )
    assert found.uncorrected == pytest.approx(2.8)
    assert found.speed == pytest.approx(0.8)
    assert TABLES.width(RAFT, looking(visibility=50.0)).uncorrected == pytest.approx(3.5)


def test_an_object_without_a_table_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SearchError, match=r"'Submarine'.*Person in Water"):
        TABLES.width("Submarine", looking())


@pytest.mark.parametrize(
    "changes",
    [
        {"height_ft": -1.0},
        {"visibility": 101.0},
        {"speed": float("nan")},
        {"wind": 300.0},
        {"sea_ft": -0.1},
    ],
)
def test_looking_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SearchError, match="are taken"):
        looking(**changes)


def test_a_beacon_that_cannot_be_heard_is_refused() -> None:
    with pytest.raises(SearchError, match="0 to 500"):
        beacon_width(Heard.MAXIMUM, -1.0)


def test_a_row_that_is_none_is_named() -> None:
    with pytest.raises(SearchError, match="row 2 of the sweep widths"):
        read_sweep(WIDTHS.replace("1000ft", "low", 1), SPEEDS)
    with pytest.raises(SearchError, match="row 2 of the speed factors"):
        read_sweep(WIDTHS, SPEEDS.replace("Aircraft", "Kite", 1))
