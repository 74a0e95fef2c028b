"""Every published number that a search rests on, within what its source implies."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from accord.core.geometry import Point, distance
from accord.search.area import Leg, best_square, datum, diverging
from accord.search.detection import Conditions, coverage, ideal_pod, random_pod, swept
from accord.search.draws import uniform
from accord.search.drift import Scenario, drift
from accord.search.flow import Kind, steady
from accord.search.grid_reference import read_mgrs
from accord.search.leeway import MS_PER_KNOT
from accord.search.patterns import Rectangle, creeping, expanding_square, parallel, sector
from accord.search.positions import read_position
from accord.search.sphere import offsets
from accord.search.sweep import Heard, Looking, Platform, beacon_width
from accord.storage import charts

VECTORS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "vectors.yaml").read_text("utf-8")
)
PLACE = Point(lat=-20.0, lon=175.0)
PRINTED = 10.0
"""Metres: their positions have thousandths of minutes, and their Earth is not quite ours."""


def place(words: list[str]) -> Point:
    (found,) = read_position(" ".join(words))
    return found.point


def rapid_response(leeway_toward: float) -> Any:
    given = VECTORS["rapid_response"]
    current, leeway = given["legs"]
    return datum(
        Point(lat=given["start"][0], lon=given["start"][1]),
        [
            Leg(toward=current[0], speed=current[1], hours=current[2]),
            Leg(toward=leeway_toward, speed=leeway[1], hours=leeway[2]),
        ],
        x=given["x"],
        y=given["y"],
    )


def test_the_rapid_response_has_its_datum_its_radius_and_its_box() -> None:
    given = VECTORS["rapid_response"]
    found = rapid_response(given["legs"][1][0])
    assert distance(found.point, place(given["datum"])) < PRINTED
    assert found.drift == pytest.approx(given["drift"], abs=0.0005)
    assert found.toward == pytest.approx(given["toward"], abs=0.01)
    assert found.radius == pytest.approx(given["radius"], abs=0.0005)
    assert (2 * found.radius) ** 2 == pytest.approx(given["area"], abs=0.005)
    for corner, words in zip(found.corners, given["corners"], strict=True):
        assert distance(corner, place(words)) < PRINTED


@pytest.mark.parametrize(("name", "turn"), [("min", 0), ("downwind", 1), ("max", 2)])
def test_datums_with_divergence_are_where_they_are_published(name: str, turn: int) -> None:
    given = VECTORS["divergence"]
    toward = diverging(VECTORS["rapid_response"]["legs"][1][0], given["angle"])[turn]
    found = rapid_response(toward)
    assert found.drift == pytest.approx(given[name]["drift"], abs=0.0005)
    assert found.toward == pytest.approx(given[name]["toward"], abs=0.01)
    assert found.radius == pytest.approx(given[name]["radius"], abs=0.0005)


def test_the_milsar_worksheet_has_its_legs_and_its_two_datums() -> None:
    given = VECTORS["milsar"]
    start = Point(lat=given["start"][0], lon=given["start"][1])
    sea, air, leeway = (given[name] for name in ("sea_current", "wind_current", "leeway"))
    legs = [
        Leg(toward=each["toward"], speed=each["speed"], hours=given["hours"]) for each in (sea, air)
    ]
    for leg, each in zip(legs, (sea, air), strict=True):
        assert leg.speed * leg.hours == pytest.approx(each["miles"], abs=0.05)
    left, _, right = diverging(leeway["downwind"], leeway["divergence"])
    ways = {"both_currents": legs}
    for name, toward in (("left", left), ("right", right)):
        ways[name] = [*legs, Leg(toward=toward, speed=leeway["speed"], hours=given["hours"])]
    for name, way in ways.items():
        found = datum(start, way, x=0.0, y=0.0)
        # Worked on a plotting sheet: to a tenth of a mile and a degree.
        assert found.drift == pytest.approx(given[name]["miles"], abs=0.15)
        assert found.toward == pytest.approx(given[name]["toward"], abs=0.6)


def test_the_detection_curves_are_the_published_ones() -> None:
    given = VECTORS["pod"]
    assert [random_pod(each) for each in given["coverage"]] == pytest.approx(
        given["random"], abs=0.0006
    )
    assert [ideal_pod(each) for each in given["coverage"]] == pytest.approx(
        given["inverse_cube"], abs=0.0006
    )


def test_the_worked_sweep_width_and_its_effort() -> None:
    given = VECTORS["sweep_width"]
    found = charts.sweep_widths().width(
        given["target"],
        Looking(
            platform=Platform.HELICOPTER,
            height_ft=given["height_ft"],
            visibility=given["visibility"],
            speed=given["speed"],
            wind=given["wind"],
            is_tired=True,
        ),
    )
    assert (found.uncorrected, found.weather) == (given["uncorrected"], given["weather"])
    assert (found.speed, found.fatigue) == (given["speed_factor"], given["fatigue"])
    assert found.width == pytest.approx(given["width"])
    effort = given["effort"]
    miles = swept(found.width, given["speed"], effort["hours"])
    assert miles == pytest.approx(effort["square_miles"])
    reached = coverage(found.width, effort["area"] / (given["speed"] * effort["hours"]))
    assert reached == pytest.approx(effort["coverage"])
    assert random_pod(reached) == pytest.approx(effort["random_pod"], abs=0.0006)


def test_a_beacon_is_listened_for_by_the_range_that_is_known() -> None:
    for heard, times in VECTORS["beacon"].items():
        assert beacon_width(Heard(heard), 20.0) == pytest.approx(20.0 * times)


def test_an_expanding_square_has_its_legs_its_length_and_its_end() -> None:
    given = VECTORS["patterns"]["expanding_square"]
    found = expanding_square(PLACE, first=0.0, spacing=given["spacing"], legs=len(given["legs"]))
    assert [float(np.hypot(*np.subtract(b, a))) for a, b in pairwise(found.track)] == (
        pytest.approx(given["legs"])
    )
    assert found.length == pytest.approx(given["total"])
    assert found.track[-1] == pytest.approx(given["end"])


def test_a_sector_search_has_its_courses_and_closes_on_the_datum() -> None:
    given = VECTORS["patterns"]["sector"]
    found = sector(PLACE, first=0.0, radius=given["radius"], passes=2)
    courses = [np.degrees(np.arctan2(*np.subtract(b, a))) % 360.0 for a, b in pairwise(found.track)]
    wanted = given["courses"]
    turned = [(each + given["second_pass"]) % 360 for each in wanted]
    off = np.subtract(courses, wanted + turned)
    assert np.abs((off + 180.0) % 360.0 - 180.0).max() < 1e-6
    assert found.length == pytest.approx(2 * given["total"])
    assert found.track[9] == pytest.approx((0.0, 0.0), abs=1e-9)
    assert found.track[18] == pytest.approx((0.0, 0.0), abs=1e-9)


def test_parallel_and_creeping_tracks_have_their_legs_and_their_length() -> None:
    given = VECTORS["patterns"]["parallel"]
    area = Rectangle(centre=PLACE, axis=0.0, length=given["length"], width=given["width"])
    found = parallel(area, given["spacing"])
    assert len(found.track) == 2 * given["legs"]
    assert found.track[0][0] == pytest.approx(given["first_leg"] - given["width"] / 2)
    assert found.length == pytest.approx(given["total"])
    assert creeping(area, given["spacing"]).length == pytest.approx(given["total"])


@pytest.mark.parametrize("given", VECTORS["leeway"], ids=lambda each: f"{each['wind']} m/s")
def test_leeway_has_the_means_and_spreads_of_the_other_program(given: dict[str, Any]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    scenario = Scenario(
        name="raft",
        object=charts.leeway()["LIFE-RAFT-NB-1"],
        point=PLACE,
        earliest=start,
        latest=start,
    )
    found = drift(
        [scenario],
        steady(Kind.WIND, 180.0, given["wind"] / MS_PER_KNOT),
        steady(Kind.CURRENT, 90.0, 0.2 / MS_PER_KNOT),
        until=start + timedelta(hours=24),
        seed="vector",
        jibing=0.0,
    )
    cloud = found.at(found.end)
    miles = np.array(offsets(PLACE.lat, PLACE.lon, cloud.lats, cloud.lons))
    right = uniform("vector", "raft:side", len(cloud.weights)) < 0.5
    for side, them in (("right", right), ("left", ~right)):
        # Both are samples of 2,500: a standard error of 0.1 miles each.
        assert miles[:, them].mean(axis=1) == pytest.approx(given[side], abs=0.4)
        assert miles[:, them].std(axis=1) == pytest.approx(given[f"{side}_spread"], rel=0.05)


def test_the_best_search_factors_are_those_of_the_graphs() -> None:
    given = VECTORS["optimal_search_factor"]
    for conditions in Conditions:
        found = [best_square(each, conditions) for each in given["effort"]]
        assert [each.factor for each in found] == pytest.approx(given[conditions], abs=0.015)
        assert [each.pos for each in found] == pytest.approx(given[f"{conditions}_pos"], abs=0.001)


@pytest.mark.parametrize("given", VECTORS["mgrs"], ids=lambda each: each["reference"])
def test_grid_references_are_where_they_are_published(given: dict[str, Any]) -> None:
    square = read_mgrs(given["reference"])
    assert distance(square.middle, Point(lat=given["lat"], lon=given["lon"])) < square.side
