from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from accord.core.body import Message, Position, Removal
from accord.core.context import LIVE, Context
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import UNMARKED, Marking, Opex, OpexKind
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report
from accord.wire.cot import protobuf, tak_pb2, xml
from accord.wire.cot.translate import (
    from_original,
    report_again,
    to_protobuf,
    to_report,
    to_server,
    to_xml,
)
from accord.wire.errors import Malformed, Unsupported, WireError
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START
from support.cot import CONTACT, POINT, cot_xml, text_of

GROUPS = frozenset({"Blue", "Red"})
LATER = START + timedelta(seconds=2)
MARTI = '<marti><dest callsign="KAKA"/></marti>'
IN_TASMAN = 'opex="e-TASMAN"'
MARK = '<__exercise opex="e-TASMAN"/>'


def report(frame: bytes) -> Report:
    return to_report(xml.read(frame), source=A_SOURCE, groups=GROUPS, received=LATER)


def report_of_message(message: bytes) -> Report:
    event = protobuf.read(message)
    assert event is not None
    return to_report(event, source=A_SOURCE, groups=GROUPS, received=LATER)


def message_of(frame: bytes) -> bytes:
    return protobuf.write(xml.read(frame))


def test_everything_the_event_says_is_in_the_report() -> None:
    frame = cot_xml(detail=CONTACT + '<track course="90" speed="2"/>')
    assert report(frame) == Report(
        uid="U1",
        context=LIVE,
        kind=Kind.of("a-f-G-U-C"),
        how="m-g",
        time=START,
        start=START,
        stale=START + timedelta(minutes=5),
        received=LATER,
        body=Position(point=a_point(), course=90.0, speed=2.0),
        identity=Identity(callsign="KIWI1"),
        marking=UNMARKED,
        source=A_SOURCE,
        groups=GROUPS,
        author="U1",
        original=Original(Form.COT_XML, frame),
    )


def test_of_two_elements_of_one_name_the_first_counts() -> None:
    said = report(cot_xml(detail='<contact callsign="A"/><contact callsign="B"/>'))
    assert said.identity.callsign == "A"


def test_a_thing_without_an_endpoint_speaks_for_nobody() -> None:
    marker = report(cot_xml(detail='<contact callsign="boat"/>'))
    assert (marker.author, marker.identity.callsign) == (None, "boat")
    assert report(cot_xml()).identity is UNKNOWN_IDENTITY


def test_a_callsign_of_any_length_is_carried() -> None:
    assert (
        report(cot_xml(detail=f'<contact callsign="{"c" * 999}"/>')).identity.callsign == "c" * 999
    )


def test_words_have_author_and_addressees() -> None:
    inside = (
        '<__chat id="B" chatroom="KAKA" senderCallsign="KIWI1">'
        '<chatgrp uid0="A" uid1="B"/></__chat>'
        "<remarks>hi</remarks>"
    )
    said = report(cot_xml(type_="b-t-f", detail=inside))
    assert said.body == Message(text="hi", sender="KIWI1", room="KAKA")
    assert (said.author, said.to) == ("A", frozenset({Address(AddressKind.UID, "B")}))


@pytest.mark.parametrize("type_", ["a-f-G-U-C", "b-m-p-s-m"])
def test_what_is_addressed_has_addressees(type_: str) -> None:
    said = report(cot_xml(type_=type_, detail=MARTI))
    assert said.to == {Address(AddressKind.CALLSIGN, "KAKA")}
    assert said.groups == GROUPS


def test_what_is_said_into_groups_stays_in_those_that_the_sender_speaks_in() -> None:
    def into(group: str) -> frozenset[str]:
        dest = f'<marti><dest group="{group}"/></marti>'
        return report(cot_xml(detail=dest)).groups

    assert into("Red") == {"Red"}
    assert into("Green") == frozenset()


def test_what_is_for_a_mission_is_refused() -> None:
    with pytest.raises(Unsupported):
        report(cot_xml(detail='<marti><dest mission="M"/></marti>'))


def test_marks_are_kept_exactly() -> None:
    marks = 'access="R" caveat="NZEO" releasableTo="NZL, AUS" opex="o-"'
    assert report(cot_xml(more=marks)).marking == Marking(
        access="R", caveat="NZEO", releasable_to="NZL, AUS", opex=Opex(OpexKind.OPERATION)
    )


@pytest.mark.parametrize(
    ("more", "detail", "context"),
    [
        ("", "", LIVE),
        ('opex="o-ANYTHING"', "", LIVE),
        ('opex="e-TASMAN"', "", Context.exercise("TASMAN")),
        ('opex="s-TASMAN"', "", Context.exercise("TASMAN")),
        ('opex="e"', "", Context.exercise("UNNAMED")),
        ("", MARK, Context.exercise("TASMAN")),
        (IN_TASMAN, MARK, Context.exercise("TASMAN")),
    ],
)
def test_either_exercise_mark_sets_the_context(more: str, detail: str, context: Context) -> None:
    assert report(cot_xml(more=more, detail=detail)).context == context


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ('opex="foo"', ""),
        ('opex="x-TASMAN"', ""),
        ("", '<__exercise opex="live"/>'),
        ("", "<__exercise/>"),
        ("", '<__exercise opex="o-TASMAN"/>'),
        ('opex="o-"', MARK),
        ('opex="e-OTHER"', MARK),
        ('opex="s-TASMAN"', MARK),
        ("", MARK + '<__exercise opex="e-OTHER"/>'),
    ],
)
def test_a_mark_that_is_not_understood_is_never_taken_for_live(more: str, detail: str) -> None:
    with pytest.raises(Malformed):
        report(cot_xml(more=more, detail=detail))


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180)])
def test_a_pole_and_the_antimeridian_are_possible(lat: int, lon: int) -> None:
    said = report(cot_xml(point=f'<point lat="{lat}" lon="{lon}" hae="0" ce="1" le="1"/>'))
    assert said.doubts == frozenset()


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (-91, 0), (0, -181)])
def test_an_impossible_position_is_marked_not_dropped(lat: int, lon: int) -> None:
    said = report(cot_xml(point=f'<point lat="{lat}" lon="{lon}" hae="0" ce="1" le="1"/>'))
    assert said.doubts == {Doubt.IMPOSSIBLE_POSITION}
    assert said.body == Position(point=None)


def test_what_came_as_xml_goes_out_as_it_came() -> None:
    frame = cot_xml(detail=" <sensorx  az='12.50'>&#65;<!-- c --></sensorx>\n")
    assert to_xml(report(frame)) == frame


def test_what_came_as_protobuf_goes_out_as_it_came() -> None:
    message = message_of(cot_xml(detail=CONTACT + "<x/>")) + b"\x18\x01"
    said = report_of_message(message)
    assert said.original == Original(Form.COT_PROTOBUF, message)
    assert to_protobuf(said) == message


def test_each_form_becomes_the_other() -> None:
    frame = cot_xml(detail=CONTACT)
    said = report(frame)
    assert to_protobuf(said) == message_of(frame)
    again = report_of_message(to_protobuf(said))
    assert to_xml(again) == from_original(Original(Form.COT_PROTOBUF, message_of(frame))).xml


def test_an_element_is_added_to_its_detail_in_either_form() -> None:
    frame = cot_xml(detail=CONTACT)
    assert to_xml(report(frame), b"<x/>") == cot_xml(detail=f"{CONTACT}<x/>")
    for said in (report(frame), report_of_message(message_of(frame))):
        assert to_protobuf(said, b'<x a="1"/>') == message_of(
            cot_xml(detail=f'{CONTACT}<x a="1"/>')
        )


def test_addressees_do_not_see_whom_else_it_was_for() -> None:
    frame = cot_xml(detail=f"<a/>{MARTI}<b/>")
    assert to_xml(report(frame)) == cot_xml(detail="<a/><b/>")
    assert b"marti" not in to_protobuf(report(frame))
    assert b"marti" not in to_protobuf(report_of_message(message_of(frame)))


def opex_in_detail(frame: bytes) -> list[str | None]:
    return [mark.get("opex") for mark in etree.fromstring(frame).iterfind("detail/__exercise")]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (cot_xml(more=IN_TASMAN), ["e-TASMAN"]),
        (cot_xml(more=IN_TASMAN, detail=MARK), ["e-TASMAN"]),
        (cot_xml(detail=MARK), ["e-TASMAN"]),
        (cot_xml(more='opex="s-TASMAN"'), ["s-TASMAN"]),
        (cot_xml(more='opex="e-"'), ["e-"]),
        (cot_xml(more=IN_TASMAN, detail=None), ["e-TASMAN"]),
        (cot_xml(more=IN_TASMAN, detail="<__exercises/>"), ["e-TASMAN"]),
        (cot_xml(more='opex="o-X"'), []),
        (cot_xml(), []),
    ],
)
def test_the_exercise_mark_is_repeated_in_detail_once(frame: bytes, expected: list[str]) -> None:
    assert opex_in_detail(to_xml(report(frame))) == expected
    if xml.read(frame).elements:  # an event without detail has nothing that could be lost
        message = tak_pb2.TakMessage.FromString(to_protobuf(report(frame)))
        inside = f"<event><detail>{message.cot_event.detail.xml_detail}</detail></event>"
        assert opex_in_detail(inside.encode()) == expected


def test_what_belongs_to_an_exercise_without_saying_so_is_marked() -> None:
    report_ = a_report(context=Context.exercise("TASMAN"))
    assert opex_in_detail(to_xml(report_)) == ["e-TASMAN"]
    other = a_report(
        context=Context.exercise("TASMAN"), marking=Marking(opex=Opex.parse("e-OTHER"))
    )
    assert opex_in_detail(to_xml(other)) == ["e-TASMAN"]


def test_an_exercise_report_in_protobuf_goes_on_as_it_came_when_marked_twice() -> None:
    message = message_of(cot_xml(more=IN_TASMAN, detail=MARK))
    assert to_protobuf(report_of_message(message)) == message
    once = message_of(cot_xml(more=IN_TASMAN, detail="<a/>"))
    assert b"__exercise" in to_protobuf(report_of_message(once))


@pytest.mark.parametrize("original", [None, Original(Form.AIS, b"!AIVDM")])
def test_what_did_not_come_as_cot_is_made_from_its_fields(original: Original | None) -> None:
    said = a_report("SHIP", original=original, body=Removal(target="T"))
    event = xml.read(to_xml(said))
    assert (event.uid, event.elements[-1]) == ("SHIP", ("link", {"uid": "T", "relation": "none"}))
    decoded = protobuf.read(to_protobuf(said))
    assert decoded is not None
    assert decoded.uid == "SHIP"


def test_the_event_is_made_again_from_what_was_kept() -> None:
    frame = cot_xml(detail=CONTACT)
    assert from_original(Original(Form.COT_XML, frame)) == xml.read(frame)
    message = message_of(frame)
    assert from_original(Original(Form.COT_PROTOBUF, message)) == protobuf.read(message)


@pytest.mark.parametrize(
    "original",
    [
        Original(Form.AIS, b"!AIVDM"),
        Original(Form.COT_PROTOBUF, b""),
        Original(Form.COT_PROTOBUF, b"\xff"),
        Original(Form.COT_XML, b"<event>"),
    ],
)
def test_what_was_kept_and_is_no_event_is_refused(original: Original) -> None:
    with pytest.raises(WireError):
        from_original(original)


def test_what_a_wider_limit_let_in_can_be_sent_in_every_form() -> None:
    deep = cot_xml(more=IN_TASMAN, detail="<a>" * 200 + "</a>" * 200)
    event = xml.read(deep, max_depth=300)
    said = to_report(event, source=A_SOURCE, groups=GROUPS, received=LATER)
    again = protobuf.read(to_protobuf(said), max_depth=300)
    assert again is not None
    of_message = to_report(again, source=A_SOURCE, groups=GROUPS, received=LATER)
    assert b"<a><a>" in to_xml(of_message)
    assert to_protobuf(of_message) == to_protobuf(said)


def test_an_event_of_as_many_tags_as_may_be_can_still_be_marked() -> None:
    few = xml.MAX_TAGS - cot_xml().count(b"<")
    said = report(cot_xml(more=IN_TASMAN, detail="<__exercises/>" * few))
    assert opex_in_detail(to_xml(said)) == ["e-TASMAN"]
    assert b"e-TASMAN" in to_protobuf(said)


def test_a_gap_where_the_destination_stood_breaks_nothing() -> None:
    said = report(cot_xml(detail=f"]]{MARTI}>", point=POINT))
    assert text_of(to_xml(said)) == "]]>"
    assert to_protobuf(said)


def test_a_report_is_made_again_from_its_original_alone() -> None:
    said = report(cot_xml(detail=CONTACT, more=IN_TASMAN))
    assert said.original is not None
    again = report_again(said.original, source=A_SOURCE, groups=GROUPS, received=LATER)
    assert again == said


def test_a_server_is_told_a_default_mark_as_marks_of_the_event() -> None:
    label = Label(
        policy="NATO", level="RESTRICTED", originator="NZL", releasable_to=frozenset({"NZL"})
    )
    unmarked = report(cot_xml(detail=CONTACT))
    assert to_server(unmarked).access is None
    told = to_server(replace(unmarked, label=replace(label, by_default=True)))
    assert (told.access, told.caveat, told.releasable_to) == ("NATO RESTRICTED", None, "NZL")
    assert b'by="default"' in told.xml
    given = to_server(report(cot_xml(more='access="RESTRICTED" releasableTo="AUS"')))
    assert (given.access, given.releasable_to) == ("RESTRICTED", "AUS")
