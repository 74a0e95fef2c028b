# ruff: noqa: E501  a row is a line

from datetime import date
from pathlib import Path

import pytest

from accord.posture.cells import size_km2
from accord.posture.fault import ScenarioError
from accord.posture.model import Deploy, Domain, Grade, Season
from accord.posture.scenario import MAX_ROWS, read_scenario
from accord.posture.zones import read_zones
from support.posture import SMALL

ROOT = Path(__file__).parents[3]
PACIFIC = (ROOT / "examples" / "scenarios" / "pacific" / "scenario.yaml").read_text("utf-8")
ZONES = read_zones((ROOT / "src" / "accord" / "posture" / "data" / "zones.json.gz").read_bytes())


def refused(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        read_scenario(text, name="small", zones={"Sea": frozenset({0x831F8CFFFFFFFFF})})
    return str(error.value).splitlines()


def with_rows(section: str, *rows: str) -> str:
    """The small scenario with further rows in front of a section's own, from line 4 on."""
    lines = "".join(f"  - {{{row}}}\n" for row in rows)
    head, _, tail = SMALL.partition(f"{section}:\n")
    return f"{head}{section}:\n{lines}{tail}" if tail else f"{SMALL}{section}:\n{lines}"


def line_of(text: str, word: str) -> int:
    return text[: text.index(word)].count("\n") + 1


def test_a_line_of_the_fleet_becomes_its_units() -> None:
    scenario = read_scenario(SMALL, name="small")
    assert list(scenario.units) == ["NZL-MPA-OHA-1", "NZL-MPA-OHA-2", "NZL-OPV-DEV-1"]
    unit = scenario.units["NZL-MPA-OHA-2"]
    assert (unit.partner, unit.platform, unit.home) == ("NZL", "MPA", "OHA")
    assert unit.availability.value == 0.5
    assert scenario.class_of(unit).domain is Domain.AIR


def test_what_nobody_graded_is_invented() -> None:
    scenario = read_scenario(SMALL, name="small")
    unit = scenario.units["NZL-MPA-OHA-1"]
    assert (unit.origin.grade, unit.availability.origin.grade) == (Grade.STATED, Grade.INVENTED)
    swath = scenario.classes["MPA"].swath
    assert swath is not None
    assert swath.origin.grade is Grade.INVENTED
    assert scenario.classes["MPA"].notice.origin.grade is Grade.COMMON


def test_each_row_says_who_when_and_until_when() -> None:
    text = with_rows(
        "partners",
        "id: TON, name: Tonga, conf: B, source: a page, asof: 2025-06-01, valid_until: 2026-06-01",
    )
    scenario = read_scenario(text, name="small")
    origin = scenario.partners["TON"].origin
    assert (origin.who, origin.as_of, origin.valid_until) == (
        "a page",
        date(2025, 6, 1),
        date(2026, 6, 1),
    )
    usual = scenario.partners["NZL"].origin
    assert (usual.who, usual.as_of, usual.valid_until) == ("small", date(2026, 1, 1), None)


def test_an_operation_is_read_with_its_season() -> None:
    (effect,) = read_scenario(SMALL, name="small").commitments["C1"].effects
    assert effect == Deploy(
        partner="NZL", platform="MPA", base="NAN", count=1, season=Season(share=0.5)
    )


def test_units_places_and_deployments_may_stand_by_themselves() -> None:
    text = with_rows(
        "units", "id: WGTN, partner: NZL, class: OPV, base: DEV, availability: 0.7, notice_h: [1, 2, 3], conf: B"
    ) + (
        "deployments:\n  - {unit: WGTN, base: NAN, months: [1, 2], conf: C}\n"
        "  - {unit: WGTN, from: 2026-05-01, to: 2026-05-31, conf: C}\n"
        "places:\n  - {name: Apia, lat: -13.8, lon: -171.8, conf: B}\n"
    )  # fmt: skip
    scenario = read_scenario(text, name="small")
    assert scenario.notice_of(scenario.units["WGTN"]).value.likely == 2.0
    there, refit = scenario.deployments
    assert (there.base, there.season.months, refit.base) == ("NAN", {1, 2}, None)
    assert scenario.places[0].name == "Apia"


def test_an_area_is_made_of_outlines_circles_cells_zones_and_other_areas() -> None:
    zone = 0x831F8CFFFFFFFFF
    text = with_rows(
        "areas",
        "id: ALL, name: all, kind: box, areas: [RING, PART], conf: C",
        "id: PART, name: part, kind: zone, zones: [Sea], cells: [8394e4fffffffff], conf: C",
        "id: BOX, name: box, kind: box, polygon_latlon: [[0, 178], [0, -178], [4, -178], [4, 178]], conf: C",
        "id: BOX2, name: box, kind: box, boxes: [{south: 0, west: 178, north: 4, east: -178}], conf: C",
        "id: NONE, name: none, kind: sar, published_area_km2: 5, conf: A",
    )  # fmt: skip
    scenario = read_scenario(text, name="small", zones={"Sea": frozenset({zone})})
    areas = scenario.areas
    assert areas["PART"].cells == {zone, 0x8394E4FFFFFFFFF}
    assert areas["ALL"].cells == areas["PART"].cells | areas["RING"].cells
    assert areas["BOX"].cells
    assert areas["BOX2"].cells == areas["BOX"].cells
    assert (areas["NONE"].cells, areas["NONE"].published_km2) == (frozenset(), 5)
    # A circle of 200 NM: 2 pi R^2 (1 - cos(200 NM / R)).
    assert size_km2(areas["RING"].cells) == pytest.approx(430_900, rel=0.03)


@pytest.mark.parametrize(
    ("section", "row", "sentence"),
    [
        ("partners", "id: TON, name: Tonga", "partners.conf: it is missing"),
        ("partners", "id: TON, name: Tonga, conf: D", "D is none of A, B, C"),
        ("partners", "id: NZL, name: Twice, conf: A", "NZL is on line 4 already"),
        ("partners", "id: TON, name: Tonga, conf: A, size: 3", "no such key: partners.size"),
        ("bases", "id: X, name: X, country: NZL, role: ship, lat: 0, lon: 0, conf: A", "ship is none of port, air, both"),
        ("bases", "id: X, name: X, country: NZL, role: port, lat: 95, lon: 0, conf: A", "95 is not between -90 and 90"),
        ("fleet", "partner: NZL, class: OPV, base: DEV, count: 0, availability: 0.5, conf: A", "0 is not between 1 and 200"),
        ("fleet", "partner: NZL, class: OPV, base: DEV, count: 1, availability: 1.5, conf: A", "1.5 is not between 0 and 1"),
        ("areas", "id: A, name: a, kind: lake, conf: A", "lake is none of sar, zone, ops-area, box"),
        ("areas", "id: A, name: a, kind: box, zones: [Lake], conf: A", "no zone Lake is known"),
        ("areas", "id: A, name: a, kind: box, cells: [abc], conf: A", "areas A: 'abc' is no H3 cell"),
        ("areas", "id: A, name: a, kind: box, polygon_latlon: [[0, 0], [1, 1]], conf: A", "an outline of 2 corners"),
        ("areas", "id: A, name: a, kind: box, circles: [{lat: 0, lon: 0, radius_nm: 9, x: 1}], conf: A", "no such key: circles.x"),
        ("areas", "id: A, name: a, kind: box, boxes: [{south: 5, west: 0, north: 1, east: 3}], conf: A", "south 5 is north of 1"),
        ("areas", "id: A, name: a, kind: box, areas: [GONE], conf: A", "there is no area GONE"),
        ("areas", "id: A, name: a, kind: box, areas: [A], conf: A", "a cycle: it is made of A"),
        ("deployments", "unit: NZL-OPV-DEV-1, share_of_year: 0, conf: A", "a share of 0 of the year"),
        ("deployments", "unit: NZL-OPV-DEV-1, from: 2026-02-01, to: 2026-01-01, conf: A", "before it begins"),
        ("commitments", "id: C2, text: x, ops: [{op: sink, partner: NZL}], conf: C", "sink is none of add_deployment"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_with_its_line(
    section: str, row: str, sentence: str
) -> None:
    text = with_rows(section, row)
    (said,) = refused(text)
    second = section == "partners" and "NZL" in row
    assert said.startswith(f"line {line_of(text, row) + second}: ")
    assert sentence in said


@pytest.mark.parametrize(
    ("section", "row", "sentence"),
    [
        (
            "platform_classes",
            "id: FAST, name: x, domain: sea, cruise_kt: 90, roles: [sar], notice_h: [1, 2, 3], conf: B",
            "platform_classes FAST: a cruise speed of 90 kt is impossible by sea",
        ),
        (
            "fleet",
            "partner: NZL, class: OPV, base: GONE, count: 2, availability: 0.5, conf: A",
            "units NZL-OPV-GONE-1 and 1 more: there is no base GONE",
        ),
        (
            "fleet",
            "partner: NZL, class: OPV, base: NAN, count: 1, availability: 0, conf: A",
            "units NZL-OPV-NAN-1: availability 0: it can never go",
        ),
        (
            "commitments",
            "id: C9, text: x, ops: [{op: open_base, partner: NZL, base: X}], conf: C",
            "commitments C9: operation 1: there is no base X",
        ),
    ],
)
def test_what_cannot_be_together_is_refused_with_the_line_of_its_row(
    section: str, row: str, sentence: str
) -> None:
    text = with_rows(section, row)
    said = refused(text)[0]
    assert said.startswith(f"line {line_of(text, row)}: {sentence}")


def test_overlapping_deployments_are_refused_with_the_line_of_the_second() -> None:
    text = with_rows(
        "deployments",
        "unit: NZL-OPV-DEV-1, base: NAN, months: [3], conf: C",
        "unit: NZL-OPV-DEV-1, from: 2026-03-09, conf: C",
    )
    (said,) = refused(text)
    assert said.startswith(f"line {line_of(text, 'from: 2026-03-09')}: deployments 2: ")
    assert said.endswith("is in two places: at NAN and out of use on 2026-03-09")


def test_what_is_made_of_an_area_that_cannot_be_read_is_no_cycle() -> None:
    text = with_rows(
        "areas",
        "id: A, name: a, kind: box, areas: [B], conf: A",
        "id: B, name: b, kind: box, zones: [Atlantis], conf: A",
    )
    (said,) = refused(text)
    assert said.endswith("no zone Atlantis is known")


def test_two_areas_of_each_other_are_a_cycle() -> None:
    text = with_rows(
        "areas",
        "id: A, name: a, kind: box, areas: [B], conf: A",
        "id: B, name: b, kind: box, areas: [A], conf: A",
    )
    assert [said.split(": ", 1)[1] for said in refused(text)] == [
        "areas A: a cycle: it is made of B",
        "areas B: a cycle: it is made of A",
    ]


def test_one_unit_on_two_lines_of_the_fleet_is_refused() -> None:
    again = "partner: NZL, class: MPA, base: OHA, count: 1, availability: 0.5, conf: A"
    (said,) = refused(with_rows("fleet", again))
    assert "NZL-MPA-OHA-1 is there twice; say the count on one line" in said


def test_a_mistake_of_a_line_of_the_fleet_is_told_once_and_not_of_each_unit() -> None:
    many = "partner: AUS, class: OPV, base: DEV, count: 12, availability: 0.5, conf: A"
    (said,) = refused(with_rows("fleet", many))
    assert said.endswith("units AUS-OPV-DEV-1 and 11 more: there is no partner AUS")
    again = "partner: NZL, class: MPA, base: OHA, count: 2, availability: 0.5, conf: A"
    assert len(refused(with_rows("fleet", again))) == 1


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = with_rows("partners", "id: TON, conf: A", "name: x, conf: Z")
    assert len(refused(text)) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("schema: other/1\nasof: 2026-01-01\n", "line 1: schema: other/1 is none of"),
        ("schema: accord-scenario/1\n", "line 1: asof: it is missing"),
        (SMALL + "weather: [1]\n", "no such key: weather"),
        (SMALL + "places: fine\n", "places: give a list"),
        (SMALL + "places:\n" + "  - {}\n" * (MAX_ROWS + 1), "2001 rows; at most 2000 are read"),
    ],
)
def test_what_is_no_scenario_is_refused(text: str, sentence: str) -> None:
    (said,) = refused(text)
    assert sentence in said


def test_background_is_not_looked_into() -> None:
    assert read_scenario(SMALL + "exercises: {any: [thing]}\n", name="small").units


def test_the_order_of_rows_does_not_matter() -> None:
    lines = SMALL.splitlines()
    first = next(n for n, line in enumerate(lines) if "count: 2" in line)
    lines[first : first + 2] = lines[first + 1], lines[first]
    turned = read_scenario("\n".join(lines), name="small")
    assert turned == read_scenario(SMALL, name="small")


def test_the_pacific_scenario_has_what_the_demonstration_promises() -> None:
    scenario = read_scenario(PACIFIC, name="pacific", zones=ZONES)
    assert PACIFIC.count("availability:") >= 29
    assert len(scenario.areas) == 20
    assert list(scenario.commitments) == ["C1", "C2", "C3", "C4"]
    assert all(each.origin.is_invented for each in scenario.commitments.values())
    assert all(unit.availability.origin.is_invented for unit in scenario.units.values())
    # Published: 30 million square kilometres; 6 million "with high-seas pockets".
    assert size_km2(scenario.areas["NZSRR"].cells) == pytest.approx(30e6, rel=0.02)
    assert size_km2(scenario.areas["TUIMOANA"].cells) == pytest.approx(6e6, rel=0.1)
