from contextlib import suppress
from typing import Any

import pytest

from accord.wire.cot import protobuf, tak_pb2, xml
from accord.wire.errors import FrameTooLarge, Malformed, TooDeep, WireError
from support.cot import CONTACT, POINT, TIME, cot_xml

MILLIS = 1_767_323_045_678  # 2026-01-02T03:04:05.678Z
USUAL: dict[str, Any] = {
    "uid": "U1",
    "type": "a-f-G-U-C",
    "how": "m-g",
    "send_time": MILLIS,
    "start_time": MILLIS,
    "stale_time": MILLIS + 300_000,
    "lat": -41.28,
    "lon": 174.77,
    "hae": 9999999.0,
    "ce": 9999999.0,
    "le": 9999999.0,
}


def message(detail: tak_pb2.Detail | None = None, **changes: Any) -> bytes:
    event = tak_pb2.CotEvent(**{**USUAL, **changes}, detail=detail)
    return tak_pb2.TakMessage(cot_event=event).SerializeToString()


def sent(frame: bytes) -> tak_pb2.CotEvent:
    """What a receiver finds in the message made of this XML."""
    return tak_pb2.TakMessage.FromString(protobuf.write(xml.read(frame))).cot_event


def elements(detail: tak_pb2.Detail) -> dict[str, dict[str, str]]:
    event = protobuf.read(message(detail))
    assert event is not None
    return {name: dict(attributes) for name, attributes in event.elements}


def test_every_field_of_an_event_is_written() -> None:
    marks = 'access="R" qos="1-r-c" opex="e-X" caveat="NZEO" releasableTo="NZL"'
    got = sent(cot_xml(more=marks, detail=None))
    expected = tak_pb2.CotEvent(
        **USUAL, access="R", qos="1-r-c", opex="e-X", caveat="NZEO", releasable_to="NZL"
    )
    assert got == expected


def test_every_field_of_an_event_is_read() -> None:
    event = protobuf.read(
        message(access="R", qos="1-r-c", opex="e-X", caveat="C", releasable_to="N")
    )
    assert event is not None
    as_xml = cot_xml(more='access="R" qos="1-r-c" opex="e-X" caveat="C" releasableTo="N"')
    expected = xml.read(as_xml)
    assert event._replace(xml=b"", protobuf=None) == expected._replace(xml=b"")


def test_an_undefined_access_is_not_written_since_it_means_none() -> None:
    assert sent(cot_xml(more='access="Undefined"')).access == ""


def test_a_message_received_is_passed_on_byte_for_byte() -> None:
    received = message() + b"\x18\x01"  # and a time of submission, which this node does not know
    event = protobuf.read(received)
    assert event is not None
    assert protobuf.write(event) == received


def test_a_message_without_an_event_is_none() -> None:
    control = tak_pb2.TakMessage(tak_control=tak_pb2.TakControl(min_proto_version=1))
    assert protobuf.read(control.SerializeToString()) is None
    assert protobuf.read(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"<event>",
        message(uid=""),
        message(lat=float("nan")),
        message(hae=float("inf")),
        message(stale_time=253_402_300_800_000),  # the year 10000
        message(uid="a\x01b"),
        message(tak_pb2.Detail(xml_detail="</detail></event><event>")),
        message(tak_pb2.Detail(xml_detail="<a>")),
        message(tak_pb2.Detail(xml_detail="<!--", takv=tak_pb2.Takv(os="1"))),
        message(tak_pb2.Detail(xml_detail="&x;")),
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        protobuf.read(data)


def test_the_last_moment_that_can_be_written_is_read() -> None:
    event = protobuf.read(message(stale_time=253_402_300_799_999))
    assert event is not None
    assert xml.instant(event.stale) == "9999-12-31T23:59:59.999Z"


def test_depth_is_limited_in_xml_that_comes_inside() -> None:
    deep = message(tak_pb2.Detail(xml_detail="<a>" * 10 + "</a>" * 10))
    assert protobuf.read(deep, max_depth=12) is not None
    with pytest.raises(TooDeep):
        protobuf.read(deep, max_depth=11)


# Reference: commoncommo protobuf; an element is moved into its field only when nothing is lost.
@pytest.mark.parametrize(
    ("element", "field", "expected"),
    [
        (CONTACT, "contact", tak_pb2.Contact(callsign="KIWI1", endpoint="*:-1:stcp")),
        ('<contact callsign="K"/>', "contact", tak_pb2.Contact(callsign="K")),
        ('<__group name="Cyan" role="HQ"/>', "group", tak_pb2.Group(name="Cyan", role="HQ")),
        (
            '<precisionlocation geopointsrc="GPS" altsrc="DTED0"/>',
            "precision_location",
            tak_pb2.PrecisionLocation(geopointsrc="GPS", altsrc="DTED0"),
        ),
        ('<status battery="80"/>', "status", tak_pb2.Status(battery=80)),
        ('<status battery="0"></status>', "status", tak_pb2.Status(battery=0)),
        (
            '<takv device="d" platform="p" os="1" version="2"/>',
            "takv",
            tak_pb2.Takv(device="d", platform="p", os="1", version="2"),
        ),
        ('<track speed="1.50" course="90"/>', "track", tak_pb2.Track(speed=1.5, course=90.0)),
    ],
)
def test_an_element_with_exactly_its_attributes_moves_into_its_field(
    element: str, field: str, expected: object
) -> None:
    detail = sent(cot_xml(detail=element)).detail
    assert getattr(detail, field) == expected
    assert detail.xml_detail == ""


@pytest.mark.parametrize(
    "element",
    [
        '<contact callsign="K" phone="1"/>',
        '<contact endpoint="*:-1:stcp"/>',
        '<contact callsign=""/>',
        '<contact callsign="K"><x/></contact>',
        '<contact callsign="K">words</contact>',
        '<contact xmlns="urn:other" callsign="K"/>',
        '<__group name="Cyan"/>',
        '<__group name="Cyan" role=""/>',
        '<status battery="80" readiness="true"/>',
        '<status readiness="true"/>',
        "<status/>",
        '<status battery="-1"/>',
        '<status battery="٣"/>',
        '<status battery="4294967296"/>',
        '<status battery="full"/>',
        '<track speed="1"/>',
        '<track speed="1" course="2" slope="3"/>',
        '<track speed="fast" course="2"/>',
        '<track speed="1_0" course="2"/>',
        '<track speed="nan" course="2"/>',
        '<track speed="1e999" course="2"/>',
        '<sensorx model="A&amp;B" az="12.50"><beam n="1">deep <i>mixed</i> text</beam></sensorx>',
    ],
)
def test_an_element_that_would_lose_something_stays_xml(element: str) -> None:
    detail = sent(cot_xml(detail=element)).detail
    assert detail == tak_pb2.Detail(xml_detail=element)


def test_of_two_elements_of_one_name_neither_moves() -> None:
    twice = '<status battery="1"/><status battery="2"/>'
    assert sent(cot_xml(detail=twice)).detail == tak_pb2.Detail(xml_detail=twice)


def test_what_moves_and_what_stays_make_up_the_detail_together() -> None:
    detail = sent(cot_xml(detail=f'<archive/>{CONTACT}<remarks>hi</remarks><status battery="8"/>'))
    assert detail.detail.xml_detail == "<archive/><remarks>hi</remarks>"
    assert (detail.detail.contact.callsign, detail.detail.status.battery) == ("KIWI1", 8)


def test_words_in_detail_alone_are_kept() -> None:
    assert sent(cot_xml(detail="just words")).detail.xml_detail == "just words"


def test_a_message_is_a_small_multiple_of_what_was_read() -> None:
    declared = " ".join(f'xmlns:n{n}="{"u" * 55}{n}"' for n in range(15))
    used = " ".join(f'n{n}:x=""' for n in range(15))
    for child, most in (("<a/>", 1), (f"<a {used}/>", 9)):
        let_in = 0
        for count in (1, 10, 100, 1_000, 10_000):
            frame = cot_xml(detail=child * count).replace(
                b"<detail>", f"<detail {declared}>".encode()
            )
            with suppress(FrameTooLarge):
                assert len(protobuf.write(xml.read(frame))) <= most * len(frame)
                let_in += 1
        assert let_in > 1


def test_an_event_without_detail_has_none() -> None:
    assert not sent(cot_xml(detail=None)).HasField("detail")
    assert sent(cot_xml(point=f"{POINT}<detail/>", detail=None)).HasField("detail")


def test_fields_are_read_as_the_elements_they_stand_for() -> None:
    detail = tak_pb2.Detail(
        contact=tak_pb2.Contact(callsign="K"),
        group=tak_pb2.Group(name="Cyan", role="HQ"),
        status=tak_pb2.Status(battery=0),
        track=tak_pb2.Track(speed=1.5, course=90),
        takv=tak_pb2.Takv(os="1"),
        precision_location=tak_pb2.PrecisionLocation(geopointsrc="GPS", altsrc="???"),
    )
    assert elements(detail) == {
        "contact": {"callsign": "K"},
        "__group": {"name": "Cyan", "role": "HQ"},
        "status": {"battery": "0"},
        "track": {"speed": "1.5", "course": "90.0"},
        "takv": {"os": "1"},
        "precisionlocation": {"geopointsrc": "GPS", "altsrc": "???"},
    }


def test_an_element_in_xml_wins_over_the_field_of_its_name() -> None:
    both = tak_pb2.Detail(
        xml_detail='<contact callsign="XML" phone="1"/>', contact=tak_pb2.Contact(callsign="FIELD")
    )
    assert elements(both) == {"contact": {"callsign": "XML", "phone": "1"}}


def test_times_lose_only_what_is_below_a_millisecond() -> None:
    got = sent(cot_xml(time=TIME.replace("678Z", "678999Z")))
    assert (got.send_time, got.start_time) == (MILLIS, MILLIS)


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Malformed):
        protobuf.read(message().replace(b"U1", b"\xff1"))
