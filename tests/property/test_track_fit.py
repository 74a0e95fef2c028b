"""A straight track on the 1 NM form is not recovered closer than a quarter of the cell.

Asserted over seeded random tracks of 15 knots between 60 degrees south and north, in all
directions. The median miss is over 0.45 of a cell, since no shift is shorter. Of the tracks of six
hours and more that the same attack recovers to an eighth where positions are only rounded, each is
missed by at least a quarter: there the fit is good, and what is left is the shift. Others sail
along a line of the grid, or by whole cells from report to report, or were seen a dozen times: such
a fit is no better than a guess within a cell, and one in a hundred may err towards the truth.
"""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from accord.core.body import Position
from accord.core.form import ReleaseForm
from accord.core.geometry import Point
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.grid import cell_at
from accord.release.reduce import reduce
from accord.release.secret import shift
from support.builders import a_report
from support.forms import GRID, KEY, LATE, MILE
from support.trackfit import METRES_PER_DEGREE, Fix, error, fitted, in_metres

DAY = datetime(2026, 11, 3, tzinfo=UTC)
SPEED = 15 * MILE / 3600
QUARTER = MILE / 4

Give = Callable[[str, Point, timedelta], Point | None]
"""What a partner is given of an object at a place, at a time of the day; None: nothing."""


def attacked(
    give: Callable[[], Give], *, tracks: int, hours: int, every: int, seed: int = 20_261_103
) -> list[float]:
    """Return by how many metres the attack misses each of some random tracks."""
    rolls = random.Random(seed)  # noqa: S311  tracks, not keys
    return [
        missed(give(), f"U{number}", rolls, hours=hours, every=every) for number in range(tracks)
    ]


def missed(give: Give, uid: str, rolls: random.Random, *, hours: int, every: int) -> float:
    about = rolls.uniform(-60, 60), rolls.uniform(-170, 170)
    course = rolls.uniform(0, 2 * math.pi)
    narrow = math.cos(math.radians(about[0]))
    truth, fixes = list[Fix](), list[Fix]()
    for second in range(0, hours * 3600 + 1, every):
        north, east = (SPEED * second * turn(course) for turn in (math.cos, math.sin))
        lat = about[0] + north / METRES_PER_DEGREE
        lon = about[1] + east / METRES_PER_DEGREE / narrow
        given = give(uid, Point(lat=lat, lon=lon), timedelta(seconds=second))
        if given is not None:
            truth.append(Fix(second, north, east))
            fixes.append(in_metres(given.lat, given.lon, second, about=about))
    return error(fitted(fixes), truth)


def rounded() -> Give:
    def give(_uid: str, point: Point, _since: timedelta) -> Point:
        cell = cell_at(point.lat, point.lon, MILE)
        return Point(lat=cell.lat, lon=cell.lon)

    return give


def released() -> Give:
    memory = Cadence(limit=1)

    def give(uid: str, point: Point, since: timedelta) -> Point | None:
        at = DAY + since
        report = a_report(uid, at=at, body=Position(point=point))
        result = reduce(report, GRID, partner_key=KEY, at=at, memory=memory)
        if not isinstance(result, Report):
            return None
        assert isinstance(result.body, Position)
        return result.body.point

    return give


def test_rounding_alone_every_ten_seconds_is_undone_to_a_few_metres() -> None:
    misses = sorted(attacked(rounded, tracks=100, hours=2, every=10))
    assert median(misses) < 10.0
    assert misses[98] < QUARTER


def test_rounding_alone_is_undone_at_the_cadence_of_the_form_too() -> None:
    misses = attacked(rounded, tracks=200, hours=6, every=600)
    assert median(misses) < QUARTER / 2


@pytest.mark.parametrize("hours", [6, pytest.param(20, marks=pytest.mark.thorough)])
def test_no_track_that_can_be_fitted_is_recovered_closer_than_a_quarter_of_the_cell(
    hours: int,
) -> None:
    given = attacked(released, tracks=300, hours=hours, every=600)
    only_rounded = attacked(rounded, tracks=300, hours=hours, every=600)
    both = zip(given, only_rounded, strict=True)
    fitted_well = [miss for miss, control in both if control < MILE / 8]
    assert len(fitted_well) > 250
    assert min(fitted_well) >= QUARTER


@pytest.mark.parametrize(
    "hours", [2, *(pytest.param(hours, marks=pytest.mark.thorough) for hours in (6, 20))]
)
def test_no_more_tracks_than_by_chance_are_recovered_closer_than_a_quarter_of_the_cell(
    hours: int,
) -> None:
    misses = attacked(released, tracks=300, hours=hours, every=600)
    assert sum(miss < QUARTER for miss in misses) <= 3
    assert median(misses) >= 0.45 * MILE


def test_more_reports_than_the_cadence_give_the_attack_nothing_more() -> None:
    often = attacked(released, tracks=20, hours=6, every=30)
    assert often == attacked(released, tracks=20, hours=6, every=600)


@pytest.mark.parametrize("form", [GRID, LATE])
def test_whoever_knows_how_shifts_are_made_guesses_one_in_five_at_best(form: ReleaseForm) -> None:
    shifts = [shift(KEY, f"U{number}", DAY, cell=1.0, offset=form.offset) for number in range(3000)]
    guesses = [(x / 20, y / 20) for x in range(-12, 13) for y in range(-12, 13)]
    right = [
        sum(math.hypot(east - x, north - y) < 0.25 for east, north in shifts) for x, y in guesses
    ]
    assert max(right) / len(shifts) < 0.22
