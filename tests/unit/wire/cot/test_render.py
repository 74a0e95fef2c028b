from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.kind import Kind
from accord.core.marking import Marking, Opex
from accord.core.report import Address, AddressKind
from accord.wire.cot import bodies
from accord.wire.cot.message import CotPoint
from accord.wire.cot.render import to_cot
from support.builders import a_point, a_report
from support.clock import START

NOWHERE = CotPoint(0.0, 0.0, 9999999.0, 9999999.0, 9999999.0)
HERE = Point(lat=-41.28, lon=174.77, hae=12.5, circular_error=4.0, linear_error=9.0)


def inside(**changes: Any) -> list[str]:
    """The children of the detail that is written for a report, as they stand in the XML."""
    changes.setdefault("identity", UNKNOWN_IDENTITY)
    written = to_cot(a_report(**changes)).xml
    return [etree.tostring(child).decode() for child in etree.fromstring(written)[1]]


def point(body: Body) -> CotPoint:
    return to_cot(a_report(body=body)).point


def test_an_event_has_the_times_kind_and_marks_of_its_report() -> None:
    marks = Marking(access="R", caveat="C", releasable_to="NZL", opex=Opex.parse("e-X"))
    event = to_cot(a_report("U1", marking=marks))
    assert (event.uid, event.type, event.how) == ("U1", "a-f-G-U-C", "m-g")
    assert (event.time, event.start, event.stale) == (START, START, START + timedelta(minutes=5))
    assert (event.access, event.caveat, event.releasable_to, event.opex) == ("R", "C", "NZL", "e-X")
    assert event.protobuf is None


def test_an_unmarked_report_makes_an_unmarked_event() -> None:
    event = to_cot(a_report())
    assert (event.access, event.caveat, event.releasable_to, event.opex) == (None,) * 4


def test_a_position_is_written_with_its_errors_and_what_is_unknown_in_nines() -> None:
    assert point(Position(point=HERE)) == CotPoint(-41.28, 174.77, 12.5, 4.0, 9.0)
    bare = point(Position(point=a_point()))
    assert bare == CotPoint(-41.28, 174.77, 9999999.0, 9999999.0, 9999999.0)
    assert point(Position(point=None)) == NOWHERE


def test_no_position_is_read_back_as_none() -> None:
    assert bodies.point(point(Position(point=None))) is None


def test_course_and_speed_are_written_as_far_as_they_are_known() -> None:
    assert inside(body=Position(point=HERE, course=90.0, speed=1.5)) == [
        '<track course="90.0" speed="1.5"/>'
    ]
    assert inside(body=Position(point=HERE, speed=0.0)) == ['<track speed="0.0"/>']
    assert inside(body=Position(point=HERE)) == []


def test_the_name_is_shown_without_an_endpoint_and_the_numbers_as_words() -> None:
    ship = Identity(mmsi="512000001", imo="9074729", nation="NZL", name="AOTEA", callsign="ZMAB")
    assert inside(identity=ship) == [
        '<contact callsign="AOTEA"/>',
        "<remarks>MMSI 512000001, IMO 9074729, nation NZL</remarks>",
    ]
    assert inside(identity=Identity(callsign="ZMAB", icao="c81a2b")) == [
        '<contact callsign="ZMAB"/>',
        "<remarks>ICAO c81a2b</remarks>",
    ]


def test_a_line_is_its_points_in_order() -> None:
    line = Polyline(points=(Point(lat=1.0, lon=2.0), Point(lat=3.0, lon=4.0, hae=5.0)))
    shape = Shape(outline=line, anchor=HERE)
    assert inside(body=shape) == ['<link point="1.0,2.0"/>', '<link point="3.0,4.0,5.0"/>']
    assert point(shape).lat == HERE.lat


def test_a_route_is_waypoints_in_order_as_tak_clients_have_them() -> None:
    outline = Polyline(points=(HERE, Point(lat=-41.0, lon=175.0)))
    links = inside(body=Shape(outline=outline, anchor=HERE), kind=Kind.of("b-m-r"))
    first, second = (etree.fromstring(each) for each in links)
    assert (first.get("type"), first.get("relation"), first.get("callsign")) == (
        "b-m-p-w", "c", "01"
    )  # fmt: skip
    assert [each.get("point") for each in (first, second)] == ["-41.28,174.77", "-41.0,175.0"]
    assert first.get("uid") != second.get("uid")


def test_a_circle_is_an_ellipse_around_its_anchor_or_else_its_centre() -> None:
    circle = Circle(centre=Point(lat=1.0, lon=2.0), radius=250.0)
    assert inside(body=Shape(outline=circle)) == [
        '<shape><ellipse major="250.0" minor="250.0" angle="360"/></shape>'
    ]
    assert point(Shape(outline=circle))[:2] == (1.0, 2.0)
    assert point(Shape(outline=circle, anchor=HERE))[:2] == (-41.28, 174.77)


def test_words_are_written_as_chat() -> None:
    words = Message(text="1 < 2", sender="KIWI1", room="Cyan")
    assert inside(uid="GeoChat.U1.Cyan.7f", body=words, author="U1") == [
        (
            '<__chat id="Cyan" chatroom="Cyan" senderCallsign="KIWI1" messageId="7f">'
            '<chatgrp id="Cyan" uid0="U1"/></__chat>'
        ),
        '<link uid="U1" relation="p-p"/>',
        "<remarks>1 &lt; 2</remarks>",
    ]
    nobody = inside(body=words)
    assert nobody[0].endswith('<chatgrp id="Cyan"/></__chat>')
    assert len(nobody) == 2


def test_words_to_one_person_are_in_the_conversation_that_is_named_for_his_uid() -> None:
    words = Message(text="kia ora", sender="KIWI1", room="MOA 2")
    moa, tui = (Address(AddressKind.UID, uid) for uid in ("MOA", "TUI"))
    (chat, *_) = inside(uid="7f", body=words, author="U1", to=frozenset({moa}))
    assert chat == (
        '<__chat id="MOA" chatroom="MOA 2" senderCallsign="KIWI1" messageId="7f">'
        '<chatgrp id="MOA" uid0="U1" uid1="MOA"/></__chat>'
    )
    (chat, *_) = inside(body=words, author="U1", to=frozenset({moa, tui}))
    assert '<chatgrp id="MOA 2" uid0="U1"/>' in chat


def test_an_alarm_is_written_with_whose_it_is_and_whether_it_ends() -> None:
    assert inside(body=Alarm(category="911", point=HERE), author="U1") == [
        '<link uid="U1" relation="p-p"/>',
        '<emergency type="911"/>',
    ]
    over = Alarm(category="911", cancels=True)
    assert inside(body=over) == ['<emergency type="911" cancel="true"/>']
    assert point(Alarm(category="911", point=HERE)).lat == HERE.lat


def test_a_removal_is_a_link_to_its_target() -> None:
    assert inside(body=Removal(target="T")) == ['<link uid="T" relation="none"/>']


def test_what_was_not_understood_says_nothing() -> None:
    assert inside(body=Opaque()) == []


@pytest.mark.parametrize(
    "body", [Message(text="", sender="", room=""), Removal(target="T"), Opaque()]
)
def test_what_is_nowhere_is_written_nowhere(body: Body) -> None:
    assert point(body) == NOWHERE


def test_characters_that_xml_cannot_carry_are_left_out() -> None:
    event = to_cot(a_report("U\x001\ud800", identity=Identity(callsign="A\x0bB")))
    assert event.uid == "U1"
    assert event.elements == (("contact", {"callsign": "AB"}),)
