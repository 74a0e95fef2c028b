from dataclasses import fields, replace
from datetime import timedelta

import pytest

from accord.core.agreement import Situation
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.geometry import Circle, Point, Polyline, distance
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Opex
from accord.core.report import Address, AddressKind, Report, Source
from accord.release.area import Areas
from accord.release.facts import (
    AFFILIATIONS,
    DOMAINS,
    FactFinder,
    Facts,
    extent,
    kind_facts,
)
from accord.release.schema import ATTRIBUTES, CONTEXT, RESOURCE
from accord.release.terms import Holder
from support.agreements import NZL, USA, example
from support.builders import a_report
from support.clock import START

LABEL = Label(
    policy="USA",
    level="CONFIDENTIAL",
    originator="USA",
    compartments=frozenset({"SI"}),
    releasable_to=frozenset({"NZL"}),
    caveats=frozenset({"ORCON"}),
)
OWN = Source(node=USA, channel="feed:ais", speaker="ais")
SITUATION = Situation(own=USA, partner=NZL, synchronised=True)
RAOUL = Point(lat=-29.2, lon=-177.9, circular_error=50.0)


def _report(**changes: object) -> Report:
    dull = a_report(label=LABEL, source=OWN, kind=Kind.of("a-f-S-C"), body=Position(point=RAOUL))
    return replace(dull, **changes)  # pyright: ignore[reportArgumentType]  a test says what it means


def _facts(report: Report | None = None, situation: Situation = SITUATION) -> Facts:
    finder = example().finder
    return finder.facts(_report() if report is None else report, START, situation)


def test_every_attribute_of_the_schema_is_a_fact_in_the_same_order() -> None:
    assert Facts._fields == (*RESOURCE, *CONTEXT)
    assert set(ATTRIBUTES) == set(Holder)


def test_the_marks_are_those_of_the_label_and_the_level_is_the_agreements() -> None:
    said = _facts()
    assert said.marked
    assert not said.by_default
    assert (said.policy, said.level, said.originator) == ("USA", "RESTRICTED", "USA")
    assert said.compartments == {"SI"}
    assert said.caveats == {"ORCON"}
    assert said.releasable_to == {"NZL"}
    assert _facts(_report(label=replace(LABEL, by_default=True))).by_default


def test_without_a_label_nothing_is_marked() -> None:
    said = _facts(_report(label=None))
    assert not said.marked
    assert (said.policy, said.level, said.originator) == ("", "", "USA")
    assert said.releasable_to == said.caveats == said.compartments == frozenset()


def test_a_level_that_is_not_in_the_table_is_unmarked() -> None:
    said = _facts(_report(label=replace(LABEL, level="TOP SECRET")))
    assert not said.marked
    assert said.level == ""


@pytest.mark.parametrize(
    ("opex", "said"),
    [("o-GUARD", "operation"), ("e-TASMAN 26", "exercise"), ("s-X", "simulation"), (None, "none")],
)
def test_the_exercise_mark_is_said_in_a_word(opex: str | None, said: str) -> None:
    mark = None if opex is None else Opex.parse(opex)
    assert _facts(_report(label=replace(LABEL, opex=mark))).opex == said


def test_the_context_is_written_as_everywhere() -> None:
    assert _facts().context == "live"
    assert _facts(_report(context=Context.exercise("TASMAN 26"))).context == "exercise:TASMAN 26"


@pytest.mark.parametrize(
    ("kind", "domain", "affiliation", "words"),
    [  # pyright: ignore[reportUnknownArgumentType]  empty sets
        # MIL-STD-2525B appendix A, as CoT types write its letters.
        ("a-f-S-X-M", "surface", "friend", {"ship", "merchant ship"}),
        ("a-h-U-S", "subsurface", "hostile", {"underwater object", "submarine"}),
        ("a-n-A-C-H", "air", "neutral", {"aircraft", "civil aircraft", "helicopter"}),
        ("a-u-G", "ground", "unknown", {"land unit"}),
        ("a-p-P", "space", "pending", set()),
        ("a-s-F", "special", "suspect", {"special operations unit"}),
        ("a-x-X", "other", "other", set()),
        ("a-o-X", "other", "none", set()),
        ("b-t-f", "none", "none", {"chat"}),
        ("a", "none", "none", set()),
    ],
)
def test_a_kind_is_said_in_words(kind: str, domain: str, affiliation: str, words: set[str]) -> None:
    assert kind_facts(kind) == (kind, domain, affiliation, words)


def test_every_dimension_and_affiliation_has_a_word() -> None:
    assert {kind_facts(f"a-f-{letter.value}").domain for letter in DOMAINS if letter} == {
        word for letter, word in DOMAINS.items() if letter
    }
    assert {kind_facts(f"a-{letter.value}").affiliation for letter in AFFILIATIONS if letter} == {
        *AFFILIATIONS.values()
    }


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (Position(point=None), "track"),
        (Shape(outline=Circle(centre=RAOUL, radius=1.0)), "shape"),
        (Message(text="", sender="", room=""), "message"),
        (Alarm(category="911"), "alarm"),
        (Removal(target="U2"), "removal"),
        (Opaque(), "opaque"),
    ],
)
def test_the_body_is_said_in_a_word(body: Body, what: str) -> None:
    assert _facts(_report(body=body)).what == what


def test_a_call_for_help_is_an_emergency_until_it_is_cancelled() -> None:
    assert _facts(_report(body=Alarm(category="911"))).emergency
    assert not _facts(_report(body=Alarm(category="911", cancels=True))).emergency
    assert not _facts().emergency


def test_groups_missions_nation_and_addressees_are_told() -> None:
    situation = replace(SITUATION, missions={"U1": frozenset({"SAR-1"})})
    report = _report(
        identity=Identity(nation="FJI"), to=frozenset({Address(AddressKind.CALLSIGN, "X")})
    )
    said = _facts(report, situation)
    assert said.groups == {"Blue"}
    assert said.missions == {"SAR-1"}
    assert said.nation == "FJI"
    assert said.directed
    assert _facts().missions == frozenset()
    assert _facts().nation == ""
    assert not _facts().directed


def test_the_times_are_milliseconds() -> None:
    said = _facts(_report(time=START - timedelta(minutes=3), received=START - timedelta(minutes=1)))
    assert said.now - said.observed == 180_000
    assert said.now - said.received == 60_000


def test_the_situation_is_passed_on() -> None:
    said = _facts(situation=replace(SITUATION, synchronised=False, incidents=frozenset({"SAR"})))
    assert not said.synchronised
    assert said.incidents == {"SAR"}


def test_what_the_giver_itself_made_is_no_third_partys() -> None:
    said = _facts(situation=replace(SITUATION, onward={"USA": frozenset({"NZL"})}))
    assert not said.third_party
    assert said.onward == frozenset()
    assert said.hops == 0
    assert said.own_sensor
    assert not _facts(_report(source=replace(OWN, channel="tak"))).own_sensor


@pytest.mark.parametrize(
    "changes",
    [
        {"label": replace(LABEL, originator="AUS")},
        {"source": replace(OWN, node="AUS-HQ")},
        {"source": replace(OWN, hops=("AUS-HQ",))},
    ],
)
def test_what_another_made_or_passed_on_is_a_third_partys(changes: dict[str, object]) -> None:
    situation = replace(SITUATION, onward={"AUS": frozenset({"NZL"}), "USA": frozenset({"FJI"})})
    report = _report(**changes)
    said = _facts(report, situation)
    assert said.third_party
    assert not said.own_sensor
    assert said.hops == len(report.source.hops)
    assert said.onward == situation.onward[said.originator]


def test_what_nobody_granted_goes_nowhere() -> None:
    assert _facts(_report(label=replace(LABEL, originator="AUS"))).onward == frozenset()


def test_areas_hold_what_is_wholly_inside_and_touch_what_may_be() -> None:
    near = Point(lat=-15.0, lon=170.0, circular_error=200.0)
    assert _facts().inside == {"SWPAC"}
    assert _facts(_report(body=Position(point=near))).inside == frozenset()
    assert _facts(_report(body=Position(point=near))).touches == {"SWPAC"}


def test_without_a_stated_error_the_agreements_is_taken() -> None:
    inside, outside = Point(lat=-15.1, lon=170.0), Point(lat=-15.004, lon=170.0)
    assert _facts(_report(body=Position(point=inside))).inside == {"SWPAC"}
    assert _facts(_report(body=Position(point=outside))).inside == frozenset()


def test_without_a_position_it_is_inside_nothing_and_may_touch_everything() -> None:
    said = _facts(_report(body=Position(point=None)))
    assert said.inside == frozenset()
    assert said.touches == {"SWPAC", "APPROACHES", "QUIET"}


CORNERS = tuple(
    Point(lat=-30.0 + north, lon=170.0 + east) for north, east in ((0, 0), (1, 0), (0, 1))
)


@pytest.mark.parametrize(
    ("body", "points", "radius"),
    [
        (Position(point=RAOUL), (RAOUL,), 0.0),
        (Alarm(category="", point=RAOUL), (RAOUL,), 0.0),
        (Shape(outline=Circle(centre=RAOUL, radius=7.0)), (RAOUL,), 7.0),
        (
            Shape(outline=Circle(centre=RAOUL, radius=7.0), anchor=CORNERS[0]),
            (RAOUL, CORNERS[0]),
            7.0,
        ),
        (Shape(outline=Polyline(points=CORNERS)), CORNERS, 0.0),
        (Shape(outline=Polyline(points=CORNERS[:1]), anchor=CORNERS[1]), CORNERS[:2], 0.0),
    ],
)
def test_all_of_it_lies_within_a_radius_of_what_its_points_span(
    body: Body, points: tuple[Point, ...], radius: float
) -> None:
    assert extent(body) == (points, radius)


@pytest.mark.parametrize(
    "body",
    [
        Position(point=None),
        Alarm(category=""),
        Shape(outline=Polyline(points=()), anchor=RAOUL),
        Message(text="", sender="", room=""),
        Removal(target=""),
        Opaque(),
    ],
)
def test_what_has_no_place_has_no_extent(body: Body) -> None:
    assert extent(body) == ((), 0.0)


MIDDLE = Point(lat=-30.0, lon=170.0, circular_error=10.0)
NORTH = 15 * 111_000.0
"""Metres from there to the edge of SWPAC in 15 south, a little more than it is (WGS-84)."""


@pytest.mark.parametrize(
    ("body", "is_inside"),
    [
        (Shape(outline=Circle(centre=MIDDLE, radius=100.0)), True),
        (Shape(outline=Circle(centre=MIDDLE, radius=NORTH)), False),
        # The anchor leaves with the shape, so it counts.
        (Shape(outline=Circle(centre=MIDDLE, radius=1.0), anchor=replace(MIDDLE, lat=0.0)), False),
        (Shape(outline=Polyline(points=(MIDDLE, replace(MIDDLE, lat=-29.0)))), True),
        (Shape(outline=Polyline(points=(MIDDLE, replace(MIDDLE, lat=-14.0)))), False),
        # The error of every point counts, not that of the first alone.
        (Shape(outline=Polyline(points=(MIDDLE, replace(MIDDLE, circular_error=NORTH)))), False),
    ],
)
def test_a_shape_is_inside_with_all_of_it_or_not_at_all(body: Body, is_inside: bool) -> None:
    said = _facts(_report(body=body))
    assert ("SWPAC" in said.inside) is is_inside
    assert "SWPAC" in said.touches


def test_a_point_of_unknown_error_is_anywhere_where_the_agreement_assumes_none() -> None:
    terms = replace(example().agreement, assumed_error=None)
    finder = FactFinder(terms, Areas({}))
    unknown = Position(point=replace(MIDDLE, circular_error=None))
    assert finder.facts(_report(body=unknown), START, SITUATION).inside == frozenset()


def test_a_shape_is_taken_as_larger_than_the_sphere_says() -> None:
    """The meridian is longer near a pole than on the mean sphere (WGS-84: 111.694 km a degree)."""
    north = replace(MIDDLE, lat=88.0)
    assert distance(north, replace(north, lat=89.0)) * 1.006 > 111_694


def test_no_field_of_a_label_is_forgotten() -> None:
    """A field that labels get one day must be spoken of in clauses, or be named here."""
    assert {field.name for field in fields(Label)} - {*Facts._fields} == {"created", "review"}
