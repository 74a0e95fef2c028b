"""What counts of a unit's positions: those of one speaker, as far as the unit can have gone."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.report import Report, Source
from accord.desks.sar.as_json import covered_json
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Cases
from accord.desks.sar.covered import Covered, UnitCovered, covered
from accord.desks.sar.units import unit_value
from support.builders import a_report
from support.sar import KNOWN, MOANA, NODE, NOW, a_case, some_cases

BOAT = "RESCUE9"
OWN = Source(node=NODE, channel="tak", speaker="rescue9")
OTHER = Source(node=NODE, channel="tak", speaker="exa")
PARTNER = Source(node="USA-PAC", channel="partner:USA-PAC", speaker="", hops=("USA-PAC",))
BACK = unit_value(BOAT, {"platform": "boat", "speed": "14", "width": "0.5"}, NOW)
END = NOW + timedelta(hours=1)


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def searching(cases: Cases) -> Case:
    """A case with a boat of 14 knots that sweeps half a mile."""
    case = a_case(cases)
    return cases.set(case.id, {f"unit:{BOAT}": BACK}, MOANA)


def fix(seconds: float, lat: float, lon: float, source: Source, *, own: bool = False) -> Report:
    body = Position(point=Point(lat=lat, lon=lon))
    when, author = NOW + timedelta(seconds=seconds), BOAT if own else None
    return a_report(BOAT, at=when, body=body, source=source, author=author)


def zigzag(source: Source, *, own: bool = False) -> list[Report]:
    """14 positions over what drifts, seven miles apart, a second each."""
    return [
        fix(60.0 + n, -36.54 - 0.117 * (n % 2), 174.66 + 0.008 * n, source, own=own)
        for n in range(14)
    ]


def sailed(source: Source) -> list[Report]:
    """20 minutes through what drifts, a fix each minute, at 14 knots to the east."""
    each = 14.0 / 60.0 / 60.0 / 0.803  # degrees of longitude there in a minute
    return [fix(60.0 * n, -36.60, 174.70 + n * each, source) for n in range(20)]


def what_counts(case: Case, reports: Sequence[Report]) -> tuple[Covered, UnitCovered]:
    found = covered(case, KNOWN, {BOAT: reports}, END, own=NODE)
    (unit,) = found.units
    return found, unit


def test_what_others_say_of_a_unit_that_spoke_for_itself_is_counted_and_not_taken(
    cases: Cases,
) -> None:
    case = searching(cases)
    lies_still = [fix(-60.0, -35.6, 174.74, OWN, own=True), fix(5.0, -35.6, 174.74, OWN, own=True)]
    found, unit = what_counts(case, [*lies_still, *zigzag(OTHER, own=True)])
    assert (found.pos, unit.points, unit.others) == (pytest.approx(0.0, abs=1e-4), 1, 14)
    (said,) = cast("list[dict[str, object]]", covered_json(found)["units"])
    assert said["others"] == 14


def test_a_zigzag_that_no_boat_can_sail_covers_nothing_and_is_said(cases: Cases) -> None:
    found, unit = what_counts(searching(cases), zigzag(OWN, own=True))
    assert found.pos < 0.01
    assert unit.fastest == 30.0  # twice what a boat usually searches at
    begin, end = NOW + timedelta(seconds=60), NOW + timedelta(seconds=73)
    assert unit.too_fast == ((begin, end),)


@pytest.mark.parametrize("source", [OWN, PARTNER])
def test_an_honest_track_counts_whole_a_partners_as_well(cases: Cases, source: Source) -> None:
    found, unit = what_counts(searching(cases), sailed(source))
    assert (unit.points, unit.others, unit.too_fast) == (20, 0, ())
    assert found.pos > 0.01


def test_of_several_who_speak_of_a_unit_that_is_silent_the_one_who_says_most_counts(
    cases: Cases,
) -> None:
    case = searching(cases)
    alone, _ = what_counts(case, sailed(PARTNER))
    found, unit = what_counts(case, [*zigzag(OTHER), *sailed(PARTNER)])
    assert (unit.points, unit.others, found.pos) == (20, 14, alone.pos)


def test_one_wrong_fix_costs_the_pieces_beside_it_and_no_more(cases: Cases) -> None:
    case = searching(cases)
    reports = sailed(OWN)
    reports[10] = fix(600.0, -36.9, 174.8, OWN)
    _, unit = what_counts(case, reports)
    at = NOW + timedelta(minutes=9), NOW + timedelta(minutes=11)
    assert unit.too_fast == (at,)


def test_what_a_unit_covered_stays_when_it_is_released_and_what_it_does_then_adds_nothing(
    cases: Cases,
) -> None:
    case = searching(cases)
    before, _ = what_counts(case, sailed(OWN))
    later = By(name="Moana", now=NOW + timedelta(minutes=19, seconds=30))
    gone = cases.set(case.id, {f"unit:{BOAT}": ""}, later)
    after = [fix(60.0 * n, -36.60, 174.80, OWN) for n in range(20, 30)]
    found, unit = what_counts(gone, [*sailed(OWN), *after])
    assert (found.pos, unit.points, unit.holes) == (before.pos, 20, ())
    again = cases.set(case.id, {f"unit:{BOAT}": BACK}, MOANA)
    assert len(what_counts(again, sailed(OWN))[0].units) == 1


def test_weather_that_came_later_changes_nothing_of_what_was_covered_before(cases: Cases) -> None:
    case = a_case(cases, visibility="10")
    value = unit_value(BOAT, {"platform": "boat"}, NOW)
    case = cases.set(case.id, {f"unit:{BOAT}": value}, MOANA)
    clear, _ = what_counts(case, sailed(OWN))
    later = By(name="Moana", now=NOW + timedelta(minutes=40))
    fog, unit = what_counts(cases.set(case.id, {"visibility": "1"}, later), sailed(OWN))
    assert fog.pos == clear.pos > 0.0
    before = By(name="Moana", now=later.now, at=NOW)
    was_fog, _ = what_counts(cases.set(case.id, {"visibility": "1.5"}, before), sailed(OWN))
    assert was_fog.pos < clear.pos
    assert unit.width < 1.0
