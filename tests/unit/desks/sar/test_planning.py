"""Drift, plan, coverage: one raft, a helicopter and a ship, from facts to what was found."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.body import Opaque, Position
from accord.core.errors import AccordError
from accord.core.geometry import Point, distance
from accord.core.identity import Identity
from accord.core.kind import Kind as CotKind
from accord.core.report import Report, Source
from accord.core.track import Track, TrackStatus
from accord.desks.sar.as_json import covered_json, drift_json, helpers_json, plan_json
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.covered import covered, pods_of, value_of
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import NM
from accord.desks.sar.model import assumed, drift_of, scenario_value, scenarios_of, target_of
from accord.desks.sar.planning import Until, plan_search, route_of
from accord.desks.sar.tasking import way_of
from accord.desks.sar.units import KNOT, arrival, helpers, read_unit, unit_value
from accord.search.fault import SearchError
from accord.search.patterns import PatternKind
from support.builders import a_report
from support.sar import KNOWN, MOANA, NODE, NOW, RAFT, a_case, some_cases

HELO = {"platform": "helicopter", "name": "Rescue 1", "hours": "1,5"}
SHIP = {"platform": "boat", "hours": "4"}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def with_units(cases: Cases, **facts: str) -> Case:
    case = a_case(cases, **facts)
    units = {
        "unit:HELO": unit_value("HELO", HELO, NOW + hours(0.5)),
        "unit:SHIP": unit_value("SHIP", SHIP, NOW + hours(1.5)),
    }
    return cases.set(case.id, units, MOANA)


def sailed(case: Case, unit: str, every: int = 60) -> list[Report]:
    """Return the reports of a unit that does exactly its task, one in so many seconds."""
    route = route_of(case, unit)
    when, found = route.begins, list[Report]()
    for a, b in zip(route.points[:-1], route.points[1:], strict=True):
        lasts = distance(a, b) / NM / route.speed * 3600
        steps = max(1, round(lasts / every))
        for n in range(steps):
            share = n / steps
            point = Point(lat=a.lat + (b.lat - a.lat) * share, lon=a.lon + (b.lon - a.lon) * share)
            at = when + timedelta(seconds=lasts * share)
            found.append(a_report(unit, at=at, body=Position(point=point)))
        when += timedelta(seconds=lasts)
    return found


def tasked(cases: Cases, case: Case) -> Case:
    plan = plan_search(case, KNOWN)
    lines = [Line(kind=Kind.TASK, about=t.unit.uid, value=t.value()) for t in plan.tasks]
    return cases.add(case.id, lines, MOANA)


def test_the_same_case_drifts_to_the_same_places_on_every_node(cases: Cases) -> None:
    case = a_case(cases)
    first, second = (drift_json(case, KNOWN, NOW + hours(3)) for _ in range(2))
    assert first == second
    assert first["seed"] == case.id
    assert first["assumed"] == ["no sea"]


def test_scenarios_share_the_drift_by_their_weights(cases: Cases) -> None:
    case = a_case(cases)
    said = {"position": "36 30S 175 00E", "time": "2026-11-26T01:30Z", "weight": "3"}
    far = scenario_value(
        {**said, "to": "36 20S 175 20E", "object": "PIW-1", "time_error": "10"}, KNOWN.objects
    )
    case = cases.set(
        case.id,
        {"scenario:near": scenario_value({**said, "weight": "1"}, KNOWN.objects),
         "scenario:far": far},
        MOANA,
    )  # fmt: skip
    found = {each.name: each for each in scenarios_of(case, KNOWN.objects)}
    assert (found["near"].weight, found["far"].weight) == (1.0, 3.0)
    assert found["near"].object.key == "LIFE-RAFT-NB-1"
    assert found["far"].object.key == "PIW-1"
    assert found["far"].track_end == Point(lat=-36.333333, lon=175.333333)
    assert found["far"].latest - found["far"].earliest == timedelta(minutes=20)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"position": "", "time": ""}, "no position and no time"),
        ({"wind": ""}, "says no wind"),
        ({"current": ""}, "says no current"),
        ({"object": ""}, "no object that drifts"),
    ],
)
def test_what_is_missing_for_a_drift_is_said(
    cases: Cases, facts: dict[str, str], says: str
) -> None:
    with pytest.raises(NotTaken, match=says):
        drift_of(a_case(cases, **facts), KNOWN, NOW + hours(3))


def test_what_was_assumed_is_said(cases: Cases) -> None:
    table = "2026-11-26T00:00Z,230,20\n2026-11-26T09:00Z,200,30\n"
    case = a_case(cases, visibility="", position_error="", wind=table)
    assert len(list(assumed(case, KNOWN))) == 4
    assert drift_of(case, KNOWN, NOW + hours(1)).end == NOW + hours(1)


def test_the_error_that_typed_digits_leave_open_is_taken_and_said(cases: Cases) -> None:
    case = a_case(cases, position="36 20S 175 30E", position_error="")
    assert "an error of position of 0.38 NM, as its last digit leaves open" in list(
        assumed(case, KNOWN)
    )
    (scenario,) = scenarios_of(case, KNOWN.objects)
    assert (scenario.error, scenario.point.lat) == (0.38, -36.333333)
    said = cases.set(case.id, {"position_error": "2"}, MOANA)
    assert scenarios_of(said, KNOWN.objects)[0].error == 2.0
    fine = a_case(cases, position_error="")
    assert "an error of position of 0.1 NM" in list(assumed(fine, KNOWN))


def test_a_scenario_is_as_wide_as_its_digits_leave_open() -> None:
    said = {"position": "36S 175E", "time": "2026-11-26T02:00Z"}
    # a whole degree: 0.7 x 60 NM x 0.5487
    assert json.loads(scenario_value(said, KNOWN.objects))["error"] == pytest.approx(23, abs=0.5)
    assert json.loads(scenario_value({**said, "error": "3"}, KNOWN.objects))["error"] == 3.0
    exact = {**said, "position": "36 20.00S 175 30.00E"}
    assert json.loads(scenario_value(exact, KNOWN.objects))["error"] == 1.0


def test_scenarios_that_are_older_than_the_position_are_named(cases: Cases) -> None:
    case = a_case(cases)
    value = scenario_value({"position": "36 30S 175E", "time": RAFT["time"]}, KNOWN.objects)
    case = cases.set(case.id, {"scenario:doppler-a": value}, MOANA)
    assert not any("newer position" in each for each in assumed(case, KNOWN))
    later = By(name="Moana", now=NOW + hours(1))
    case = cases.set(case.id, {"position": "36 09.0S 175 49.0E"}, later)
    assert any("(doppler-a) and not the newer position" in each for each in assumed(case, KNOWN))


def test_what_a_partner_wrote_and_nobody_can_read_is_named_and_can_be_taken_back(
    cases: Cases,
) -> None:
    case = a_case(cases)
    broken = cases.write(case.id, {"scenario:Z": "[[", "unit:X": "{}"}, MOANA)
    with pytest.raises(NotTaken, match="scenario Z cannot be read"):
        drift_of(broken, KNOWN, NOW + hours(1))
    with pytest.raises(NotTaken, match="unit X cannot be read"):
        plan_search(broken, KNOWN)
    mended = cases.set(case.id, {"scenario:Z": "", "unit:X": ""}, MOANA)
    assert covered(mended, KNOWN, {}, NOW + hours(1), own=NODE).units == ()


def test_what_cannot_be_read_of_a_partner_is_left_out_and_said_and_the_rest_is_planned(
    cases: Cases,
) -> None:
    case = with_units(cases, **{"scenario:mine": scenario_value(RAFT, KNOWN.objects)})
    whole = plan_search(case, KNOWN)
    theirs = Entry(
        case=case.id, node="USA", number=1, at=NOW, entered=NOW, by="USA", kind=Kind.FACT,
        about="unit:X", value="{}",
    )  # fmt: skip
    scenario = replace(theirs, number=2, about="scenario:Z", value='{"position": 7}')
    cases.store.take([theirs, scenario])
    stands = cases.store.case(case.id)
    plan = plan_search(stands, KNOWN)
    assert plan.tasks == whole.tasks
    said = [each for each in plan.assumed if "left out" in each]
    assert [each.split(" cannot")[0] for each in said] == ["the scenario Z", "the unit X"]
    assert all("written by USA" in each for each in said)
    found = covered(stands, KNOWN, {}, NOW + hours(1), own=NODE)
    assert list(found.doubts) == said
    assert [each.uid for each in found.units] == ["HELO", "SHIP"]


def test_scenarios_that_lie_apart_have_an_area_each_and_units_go_where_they_add_the_most(
    cases: Cases,
) -> None:
    case = with_units(cases)
    places = {"a": "36 10.2S 175 48.0E", "b": "31 05.0S 170 12.0E"}
    mirrored = {
        f"scenario:{name}": scenario_value({"position": place, "time": RAFT["time"]}, KNOWN.objects)
        for name, place in places.items()
    }
    plan = plan_search(cases.set(case.id, mirrored, MOANA), KNOWN)
    assert sorted(each.scenarios for each in plan.groups) == [("a",), ("b",)]
    assert [each.chance for each in plan.groups] == pytest.approx([0.5, 0.5], abs=0.01)
    assert sorted(each.units for each in plan.groups) == [("HELO",), ("SHIP",)]
    # A pattern lies about its own scenario, hundreds of miles from the middle of both.
    for group in plan.groups:
        (task,) = [each for each in plan.tasks if each.unit.uid in group.units]
        assert all(distance(each, group.middle) / NM < 60.0 for each in task.points)
    # One scenario alone is searched by both as well as each half of them is by one, at least.
    assert plan.expected > plan.bound / 2.0
    assert len(plan_search(with_units(cases), KNOWN).groups) == 1


WAY = "36 36S 174 30E; 36 36S 174 54E"


def test_a_unit_searches_along_the_way_that_was_meant_out_and_back_beside_others_with_areas(
    cases: Cases,
) -> None:
    case = with_units(cases)
    plan = plan_search(case, KNOWN, None, None, {"HELO": way_of(WAY)})
    helo, ship = plan.tasks
    assert (helo.kind, ship.kind) == (PatternKind.TRACK_LINE, PatternKind.PARALLEL)
    assert helo.corners == ()
    # Out on the right (south) and back on the left of the way, half a sweep width from it.
    half = helo.width / 2.0
    assert [(each.lat + 36.6) * 60.0 for each in helo.points] == pytest.approx(
        [-half, -half, half, half], abs=0.02
    )
    assert 0.0 < helo.poc < 1.0
    assert 0.0 < plan.expected <= 1.0
    assert not any("no time" in each for each in plan.assumed)
    route = route_of(
        cases.add(case.id, [Line(kind=Kind.TASK, about="HELO", value=helo.value())], MOANA), "HELO"
    )
    assert route.drifts == "pattern does not drift"


def test_a_way_that_a_unit_has_no_time_for_is_searched_once_and_as_far_as_it_comes(
    cases: Cases,
) -> None:
    case = a_case(cases, **{"unit:SHIP": unit_value("SHIP", {**SHIP, "speed": "10"}, NOW)})
    # 1 h at 10 kt, along a parallel at the equator: 40 minutes of longitude are 40 NM.
    once = plan_search(case, KNOWN, None, None, {"SHIP": way_of("0N 179 40E; 0N 179 40W")})
    (task,) = once.tasks
    assert [round(each.lon, 2) for each in task.points] == [179.67, -179.67]
    long = plan_search(case, KNOWN, None, None, {"SHIP": way_of("0N 179 40E; 0N 179 00W")})
    (task,) = long.tasks
    assert task.points[-1].lon == pytest.approx(-179.667, abs=0.01)
    assert task.missing == pytest.approx(40.0, abs=0.2)
    assert "SHIP has no time for the last 40 NM of its track line" in long.assumed
    assert (long.groups, task.poc) == ((), 0.0)


def test_a_track_line_needs_a_way_and_a_unit_that_is_there(cases: Cases) -> None:
    case = with_units(cases)
    with pytest.raises(NotTaken, match="Rescue 1: a track line needs the way"):
        plan_search(case, KNOWN, {"HELO": PatternKind.TRACK_LINE})
    with pytest.raises(NotTaken, match="NOBODY is no unit"):
        plan_search(case, KNOWN, None, None, {"NOBODY": way_of(WAY)})


GPX = """<gpx xmlns="http://www.topografix.com/GPX/1/1"><rte><name>home</name>
<rtept lat="-36.6" lon="174.5"/><rtept lat="-36.6" lon="174.9"/></rte></gpx>"""
KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>1</name><Point><coordinates>174.5,-36.6</coordinates></Point></Placemark>
<Placemark><name>2</name><Point><coordinates>174.9,-36.6</coordinates></Point></Placemark>
</Document></kml>"""


@pytest.mark.parametrize("text", [WAY.replace("; ", "\n"), GPX, KML, f"  {GPX}"])
def test_a_way_is_typed_or_comes_from_a_chart_plotter(text: str) -> None:
    assert way_of(text) == tuple(
        replace(each, circular_error=way.circular_error)
        for each, way in zip(
            (Point(lat=-36.6, lon=174.5), Point(lat=-36.6, lon=174.9)), way_of(text), strict=True
        )
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [("36 36S 174 30E", "2 to 200 places, this one 1"), ("<gpx", "cannot be read"),
     ("36 36S 174 30E; 36 36S 174 30E", "stays at one place"), ("x; y", "needs figures")],
)  # fmt: skip
def test_a_way_that_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(AccordError, match=says):
        way_of(text)


def test_where_nobody_searches_is_said(cases: Cases) -> None:
    case = a_case(cases, **{
        "unit:HELO": unit_value("HELO", HELO, NOW),
        "scenario:a": scenario_value({**RAFT, "position": "36 10S 175 48E"}, KNOWN.objects),
        "scenario:b": scenario_value({**RAFT, "position": "31 05S 170 12E"}, KNOWN.objects),
    })  # fmt: skip
    plan = plan_search(case, KNOWN)
    assert any(each.startswith("nobody searches about") for each in plan.assumed)


def test_a_lookout_searches_for_what_the_object_is_seen_as_unless_told(cases: Cases) -> None:
    case = a_case(cases)
    assert target_of(case, KNOWN) == "Raft 4 person"
    assert target_of(cases.set(case.id, {"target": "Raft 6 person"}, MOANA), KNOWN) == (
        "Raft 6 person"
    )
    with pytest.raises(NotTaken, match="no object"):
        target_of(a_case(cases, object=""), KNOWN)


def test_a_plan_gives_each_unit_an_area_and_a_pattern_when_it_is_there(cases: Cases) -> None:
    plan = plan_search(with_units(cases), KNOWN)
    helo, ship = plan.tasks
    assert (helo.unit.uid, ship.unit.uid) == ("HELO", "SHIP")
    assert helo.begins == NOW + hours(0.5)
    assert ship.begins == NOW + hours(1.5)
    assert 0.5 < plan.expected <= plan.poc <= 1.0
    assert plan.bound <= 1.0
    said = plan_json(plan)
    assert said["expected"] == round(plan.expected, 4)


@pytest.mark.parametrize("kind", ["CS", "SS", "VS"])
def test_a_unit_flies_the_pattern_that_is_wanted(cases: Cases, kind: str) -> None:
    plan = plan_search(with_units(cases), KNOWN, {"HELO": PatternKind(kind)})
    helo = plan.tasks[0]
    assert helo.kind == kind
    route = helo.unit.speed * helo.unit.hours
    length = sum(
        distance(a, b) for a, b in zip(helo.points[:-1], helo.points[1:], strict=True)
    ) / NM  # fmt: skip
    assert length <= route * 1.05


def test_a_plan_without_units_or_sight_says_so(cases: Cases) -> None:
    with pytest.raises(NotTaken, match="has no units"):
        plan_search(a_case(cases), KNOWN)
    blind = with_units(cases, visibility="0")
    with pytest.raises(NotTaken, match="would see nothing"):
        plan_search(blind, KNOWN)
    with pytest.raises(NotTaken, match="track line"):
        plan_search(with_units(cases), KNOWN, {"HELO": PatternKind.TRACK_LINE})


def test_two_who_do_their_tasks_achieve_what_was_expected(cases: Cases) -> None:
    case = tasked(cases, with_units(cases))
    expected = plan_search(case, KNOWN).expected
    courses = {unit: sailed(case, unit) for unit in ("HELO", "SHIP")}
    found = covered(case, KNOWN, courses, NOW + hours(6), own=NODE)
    assert found.pos == pytest.approx(expected, abs=0.03)
    assert found.own_pos == pytest.approx(found.pos)
    assert sum(each.chance for each in found.left) == pytest.approx(1.0)


def test_searching_never_lowers_the_figure_and_the_order_of_reports_changes_nothing(
    cases: Cases,
) -> None:
    case = tasked(cases, with_units(cases))
    track = sailed(case, "HELO", 90)
    figures = [
        covered(case, KNOWN, {"HELO": track[:n]}, NOW + hours(3), own=NODE).pos
        for n in (0, len(track) // 2, len(track))
    ]
    assert figures == sorted(figures)
    assert figures[0] == 0.0
    turned = covered(case, KNOWN, {"HELO": track[::-1]}, NOW + hours(3), own=NODE).pos
    assert turned == figures[-1]


def test_what_a_track_leaves_out_is_a_hole_and_what_is_coarse_does_not_count(cases: Cases) -> None:
    case = tasked(cases, with_units(cases))
    track = sailed(case, "HELO")
    gap = [each for each in track if not 5 <= track.index(each) < 15]
    coarse = replace(track[0], body=Position(point=Point(lat=-36.6, lon=174.7, circular_error=9e3)))
    early = replace(track[0], time=NOW - hours(9))
    nowhere = replace(track[0], body=Opaque())
    found = covered(case, KNOWN, {"HELO": [*gap, coarse, early, nowhere]}, NOW + hours(2), own=NODE)
    helo, ship = found.units
    assert (helo.coarse, helo.points) == (1, len(gap))
    assert (track[4].time, track[15].time) in helo.holes
    assert ship.points == 0
    assert ship.holes == ((NOW, NOW + hours(2)),)
    assert found.unlooked
    assert covered_json(found)["unlooked"] == [each.cell for each in found.unlooked]


def test_what_a_partner_reports_counts_together_with_ones_own(cases: Cases) -> None:
    case = tasked(cases, with_units(cases))
    at = NOW + hours(6)
    alone = covered(case, KNOWN, {"HELO": sailed(case, "HELO")}, at, own=NODE)
    theirs = covered(case, KNOWN, {"SHIP": sailed(case, "SHIP")}, at, own="USA")
    line = Line(kind=Kind.COVERED, value=value_of(theirs))
    kept = cases.add(case.id, [line], By(name="eagle", now=at))
    (entry,) = (each for each in kept.log if each.kind is Kind.COVERED)
    cases.store.take([replace(entry, node="USA", number=1)])
    case = cases.store.case(case.id)
    both = covered(case, KNOWN, {"HELO": sailed(case, "HELO")}, at, own=NODE)
    assert both.partners == (("USA", at),)
    assert both.own_pos == pytest.approx(alone.pos)
    assert max(alone.pos, theirs.pos) < both.pos <= 1.0
    # What both tracks themselves come to; by cells and rounded it is nearly that.
    tracks = {unit: sailed(case, unit) for unit in ("HELO", "SHIP")}
    assert both.pos == pytest.approx(covered(case, KNOWN, tracks, at, own="USA").pos, abs=0.05)


def test_a_partners_line_that_is_no_coverage_is_left_out_and_named(cases: Cases) -> None:
    case = with_units(cases)
    line = Line(kind=Kind.COVERED, value="{}")
    case = cases.add(case.id, [line], MOANA)
    entry = case.last(Kind.COVERED)
    assert entry is not None
    with pytest.raises(NotTaken, match="cannot be read"):
        pods_of(entry)
    found = covered(case, KNOWN, {}, NOW + hours(2), own="USA")
    assert (found.pos, found.partners) == (0.0, ())
    assert found.doubts[-1] == (
        f"the coverage of {NODE} cannot be read; the coverage of {NODE} is left out"
    )
    with pytest.raises(SearchError):
        covered(case, KNOWN, {}, NOW - hours(9), own=NODE)


def test_a_unit_is_read_as_it_was_said() -> None:
    unit = read_unit("H", unit_value("H", {**HELO, "width": "2", "tired": "yes"}, NOW))
    assert (unit.name, unit.speed, unit.hours, unit.width) == ("Rescue 1", 90.0, 1.5, 2.0)
    assert unit.is_tired
    later = {**SHIP, "arrives": "2026-11-26T05:00Z"}
    assert read_unit("S", unit_value("S", later, NOW)).arrives == NOW + hours(2)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"platform": "tank"}, "platform is one of"),
        ({"platform": "boat", "speed": "0"}, "without speed"),
        ({"platform": "boat", "hours": "x"}, "no number"),
        ({"platform": "boat", "arrives": "soon"}, "no time with its zone"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(said: dict[str, str], says: str) -> None:
    with pytest.raises(NotTaken, match=says):
        unit_value("U", said, NOW)
    with pytest.raises(NotTaken, match="cannot be read"):
        read_unit("U", json.dumps({"name": "U"}))


def a_track(uid: str, kind: str, lon: float, *, speed: float = 0.0, **more: object) -> Track:
    body = Position(point=Point(lat=-36.6, lon=lon), speed=speed * KNOT)
    report = replace(
        a_report(uid, at=NOW, body=body, kind=CotKind.of(kind), identity=Identity()), **more
    )
    return Track(
        id=uid, context=report.context, claims={report.source: report}, lead=report,
        status=TrackStatus.LIVE,
    )  # fmt: skip


SCENE = Point(lat=-36.6, lon=174.7)
THEIRS = Source(node="USA-PAC", channel="partner:USA-PAC", speaker="")


def test_who_could_help_comes_by_time_to_scene_with_how_he_is_asked() -> None:
    tracks = [
        a_track("SLOW", "a-n-S-X-M", 174.8),
        a_track("FAST", "a-f-A-M-H", 175.5),
        a_track("QUICK", "a-n-S-X-M", 174.9, speed=30.0),
        a_track("THEIRS", "a-f-S-C", 176.0, source=THEIRS),
        a_track("FOE", "a-h-S", 174.7),
        a_track("LAND", "a-f-G", 174.7),
        a_track("SART", "a-u-S", 174.7),
        a_track("FAR", "a-f-S", -60.0),
        a_track("NOWHERE", "a-f-S", 174.7, body=Position(point=None)),
        replace(a_track("LOST", "a-f-S", 174.7), status=TrackStatus.LOST),
    ]
    found = helpers(tracks, SCENE, now=NOW + hours(1), own=NODE, leaving_out="SART")
    assert [each.uid for each in found] == ["FAST", "QUICK", "SLOW", "THEIRS"]
    by = {each.uid: each for each in found}
    assert (by["QUICK"].is_assumed, by["SLOW"].is_assumed) == (False, True)
    assert by["QUICK"].hours == pytest.approx(by["QUICK"].miles / 30.0)
    assert "SOLAS V/33" in by["SLOW"].asked
    assert "own unit of NZL" in by["FAST"].asked
    assert "through USA-PAC" in by["THEIRS"].asked
    assert by["FAST"].age == hours(1)
    assert helpers_json(found)[0]["uid"] == "FAST"


def test_a_unit_is_on_scene_by_its_place_and_speed() -> None:
    lead = a_track("QUICK", "a-n-S-X-M", 174.7, speed=30.0).lead
    scene = Point(
        lat=-36.1, lon=174.7
    )  # half a degree of latitude: 30 NM within the sphere's error
    assert arrival(lead, scene, NOW).startswith("2026-11-26T04:00")
    assert arrival(replace(lead, kind=CotKind.of("a-f-G")), scene, NOW) == ""
    assert arrival(replace(lead, body=Opaque()), scene, NOW) == ""


def test_a_plan_goes_where_it_may_be_after_what_was_searched_in_vain(cases: Cases) -> None:
    case = with_units(cases)
    lines = [
        Line(kind=Kind.TASK, about=each.unit.uid, value=each.value())
        for each in plan_search(case, KNOWN).tasks
    ]
    case = cases.add(case.id, lines, MOANA)
    courses = {uid: sailed(case, uid) for uid in ("HELO", "SHIP")}
    places = {"west": "36 36.2S 174 43.0E", "east": "36 36.2S 175 03.0E"}
    either = {
        f"scenario:{name}": scenario_value({"position": at, "time": RAFT["time"]}, KNOWN.objects)
        for name, at in places.items()
    }
    case = cases.set(case.id, either, MOANA)
    done = NOW + hours(1.9)
    blind, again = (
        plan_search(case, KNOWN, None, Until(now=done, courses=given, own=NODE))
        for given in ({}, courses)
    )
    assert all(each.begins >= done for each in again.tasks)
    east = [sum(e.chance * e.middle.lon for e in plan.groups) for plan in (blind, again)]
    # the west was searched, so it is likelier in the east by what was found of the west
    assert east[1] > east[0] + 0.02


def test_a_unit_whose_time_is_over_gets_no_task_and_is_named(cases: Cases) -> None:
    case = with_units(cases)
    later = Until(now=NOW + hours(2.5), courses={}, own=NODE)
    plan = plan_search(case, KNOWN, None, later)
    assert [each.unit.uid for each in plan.tasks] == ["SHIP"]
    assert any("left out: its time on scene is over" in each for each in plan.assumed)
    with pytest.raises(NotTaken, match="is over: say when"):
        plan_search(case, KNOWN, None, replace(later, now=NOW + hours(50)))


def test_cells_of_a_partner_that_cannot_be_read_are_counted_and_named(cases: Cases) -> None:
    case = with_units(cases)
    said = json.dumps({"cells": {"no cell": 0.5}})
    case = cases.add(case.id, [Line(kind=Kind.COVERED, value=said)], MOANA)
    found = covered(case, KNOWN, {}, NOW + hours(2), own="USA")
    assert found.partners == ()
    assert "is no H3 cell; the coverage of" in found.doubts[-1]
    said = json.dumps({"cells": {"8765a0000ffffff": "half"}})
    case = cases.add(case.id, [Line(kind=Kind.COVERED, value=said)], MOANA)
    found = covered(case, KNOWN, {}, NOW + hours(2), own="USA")
    assert [node for node, _ in found.partners] == [NODE]
    assert found.doubts[-1] == f"1 cells of the coverage of {NODE} cannot be read: left out"
