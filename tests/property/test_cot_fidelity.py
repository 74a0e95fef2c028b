# pyright: reportPrivateUsage=false
"""CotEvent <-> XML <-> protobuf: nothing is lost, in either direction, judged by lxml's C14N."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from accord.core.principal import Group
from accord.core.report import Form, Original, Report
from accord.wire.cot import protobuf, tak_pb2, xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import from_original, to_protobuf, to_report, to_xml
from support.builders import A_SOURCE
from support.clock import START
from support.cot_strategies import Sent, details, events

GROUPS: frozenset[Group] = frozenset({"Blue"})
# Reference: commoncommo protobuf. The elements that have fields, and the numbers among those.
FIELDS = {"contact", "__group", "precisionlocation", "status", "takv", "track"}
NUMBERS = {("track", "speed"), ("track", "course"), ("status", "battery")}
MARKS = ("access", "qos", "opex", "caveat", "releasableTo")
MARTI = '><marti><dest callsign="KAKA"/></marti><a/></detail>'


def children(frame: bytes) -> list[etree._Element]:
    """The elements of detail; comments, and the text between elements, are left out."""
    detail = etree.fromstring(frame).find("detail")
    assert detail is not None
    return list(detail.iterchildren("*"))


def canonical(element: etree._Element) -> bytes:
    alone = etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False))
    return etree.tostring(alone, method="c14n", exclusive=True)


def value(element: str, attribute: str, text: str) -> object:
    try:
        return float(text) if (element, attribute) in NUMBERS else text
    except ValueError:
        return text


def said(frame: bytes) -> tuple[Counter[bytes], Counter[tuple[str, frozenset[object]]]]:
    """What each element says: those that have fields by value, all others by C14N."""
    others: Counter[bytes] = Counter()
    typed: Counter[tuple[str, frozenset[object]]] = Counter()
    for child in children(frame):
        if child.tag in FIELDS and not len(child) and not child.text:
            values = {
                (str(name), value(child.tag, str(name), str(text)))
                for name, text in child.attrib.items()
            }
            typed[(child.tag, frozenset(values))] += 1
        else:
            others[canonical(child)] += 1
    return others, typed


def marks(event: CotEvent) -> tuple[str | None, ...]:
    return (event.access, event.qos, event.opex, event.caveat, event.releasable_to)


def as_message(frame: bytes) -> CotEvent:
    event = protobuf.read(protobuf.write(xml.read(frame)))
    assert event is not None
    return event


def accepted(event: CotEvent) -> Report:
    return to_report(event, source=A_SOURCE, groups=GROUPS, received=START)


@given(events())
def test_what_was_written_is_what_is_read(sent: Sent) -> None:
    event = xml.read(sent.frame)
    assert event.xml == sent.frame
    assert (event.uid, event.type, event.how) == tuple(
        sent.attributes[name] for name in ("uid", "type", "how")
    )
    assert marks(event) == tuple(sent.attributes[name] or None for name in MARKS)
    assert list(event.point) == [float(sent.point[name]) for name in event.point._fields]


@given(events())
def test_xml_through_protobuf_says_the_same(sent: Sent) -> None:
    before, after = xml.read(sent.frame), as_message(sent.frame)
    assert after[:8] == before[:8]
    undefined = (None, *marks(before)[1:]) if before.access == "Undefined" else marks(before)
    assert marks(after) == undefined
    assert said(after.xml) == said(sent.frame)


@given(events())
def test_protobuf_through_xml_is_the_same_message(sent: Sent) -> None:
    message = protobuf.write(xml.read(sent.frame))
    event = protobuf.read(message)
    assert event is not None
    again = protobuf.write(event._replace(protobuf=None))
    assert tak_pb2.TakMessage.FromString(again) == tak_pb2.TakMessage.FromString(message)


@given(events())
def test_what_was_accepted_is_relayed_in_its_own_form_byte_for_byte(sent: Sent) -> None:
    as_xml, message = xml.read(sent.frame), as_message(sent.frame)
    if as_xml.opex in ("e-TASMAN", "s-TASMAN"):
        return  # the mark is added; the next test looks at those
    assert to_xml(accepted(as_xml)) == sent.frame
    assert to_protobuf(accepted(message)) == message.protobuf


@given(events())
def test_the_exercise_mark_is_the_only_thing_that_is_added(sent: Sent) -> None:
    report = accepted(xml.read(sent.frame))
    others, typed = said(to_xml(report))
    expected, typed_before = said(sent.frame)
    if report.marking.opex is not None and report.context.name:
        expected[f'<__exercise opex="{report.marking.opex}"></__exercise>'.encode()] += 1
    assert (others, typed) == (expected, typed_before)


@given(events(st.one_of(details(), st.just(MARTI))), st.booleans())
def test_whatever_is_accepted_can_be_sent_in_every_form_and_kept(sent: Sent, as_xml: bool) -> None:
    event = xml.read(sent.frame) if as_xml else as_message(sent.frame)
    report = accepted(event)
    assert xml.read(to_xml(report)).uid == event.uid
    decoded = protobuf.read(to_protobuf(report))
    assert decoded is not None
    assert decoded.uid == event.uid
    assert isinstance(report.original, Original)
    assert report.original.form in (Form.COT_XML, Form.COT_PROTOBUF)
    assert accepted(from_original(report.original)) == report


@given(events(st.just(MARTI)))
def test_nobody_is_told_whom_it_was_for(sent: Sent) -> None:
    for event in (xml.read(sent.frame), as_message(sent.frame)):
        report = accepted(event)
        assert report.to
        assert b"marti" not in to_xml(report)
        assert b"marti" not in to_protobuf(report)
