"""takproto, the codec under PyTAK, decodes what we encode, and we decode what it encodes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.wire.cot import protobuf, xml
from accord.wire.cot.stream import CotStream, frame, mesh_frame, read_datagram
from support.clock import START
from support.cot import CONTACT, STALE, TIME, cot_xml
from support.other_client import (
    HERE,
    PYTHON,
    OtherClient,
    other_client,
    require_python_clients,
)

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

MILLISECONDS = {"sendTime": TIME, "startTime": TIME, "staleTime": STALE}
WHEN = {TIME: "1767323045678", STALE: "1767323345678"}
"""The two times in milliseconds since 1970; JSON of protocol buffers writes uint64 as text."""

MARKS = 'access="Unclassified" opex="e-BLUE-ROCK" qos="5-r-c"'
GROUP = '<__group name="Cyan" role="Team Member"/>'
TRACK = '<track speed="1.5" course="90.0"/>'
STATUS = '<status battery="80"/>'
TAKV = '<takv device="d" platform="p" os="1" version="2"/>'
SOURCE = '<precisionlocation geopointsrc="GPS" altsrc="GPS"/>'
REMARKS = "<remarks>kia ora &amp; &lt;ō&gt;</remarks>"

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  lxml's only name for it

EVENTS = {
    "bare": cot_xml("U1", "a-f-G-U-C"),
    "marks": cot_xml("U2", "a-h-A", more=MARKS),
    "everything typed": cot_xml(
        "U3", "a-f-G-U-C", CONTACT + GROUP + TRACK + STATUS + TAKV + SOURCE
    ),
    "remarks": cot_xml("U4", "b-m-p-s-m", REMARKS),
    "both": cot_xml("U5", "a-n-S", CONTACT + REMARKS + TRACK),
    "height": cot_xml("U6", "a-n-A", point='<point lat="1.5" lon="-2.25" hae="3" ce="4" le="5"/>'),
}
each_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)


@pytest.fixture(scope="module")
def takproto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherClient]:
    require_python_clients()
    log: Path = tmp_path_factory.mktemp("takproto") / "log"
    with other_client([PYTHON, HERE / "takproto_codec.py"], log) as codec:
        yield codec


def _attributes(element: Element) -> dict[str, str]:
    return {str(key): str(value) for key, value in element.attrib.items()}


def _typed(element: Element) -> dict[str, Any]:
    numbers = {"battery": int, "speed": float, "course": float}
    return {key: numbers.get(key, str)(value) for key, value in _attributes(element).items()}


NAMES = {"__group": "group", "precisionlocation": "precisionLocation"}


def _as_takproto_has_it(event: bytes) -> dict[str, Any]:
    """Say what an event holds as JSON of its TakMessage, from its XML and the protocol's table."""
    root = etree.fromstring(event)
    point, detail = root[0], root[1]
    said: dict[str, Any] = {
        name: root.get(name) for name in ("type", "uid", "how", "access", "opex", "qos")
    }
    said |= {name: WHEN[time] for name, time in MILLISECONDS.items()}
    said |= {name: float(value) for name, value in _attributes(point).items()}
    typed: dict[str, Any] = {
        NAMES.get(str(each.tag), str(each.tag)): _typed(each)
        for each in detail
        if each.tag != "remarks"
    }
    if detail.find("remarks") is not None:
        typed["xmlDetail"] = REMARKS
    return {key: value for key, value in said.items() if value is not None} | {"detail": typed}


@each_event
@pytest.mark.parametrize("form", ["stream", "mesh"])
def test_takproto_reads_what_we_write(takproto: OtherClient, event: bytes, form: str) -> None:
    message = protobuf.write(xml.read(event))
    takproto.say(decode=(frame(message) if form == "stream" else mesh_frame(message)).hex())
    decoded = takproto.hear("decoded")["cotEvent"]
    assert {"detail": {}, **decoded} == _as_takproto_has_it(event)


def _our_reading(form: str, encoded: bytes) -> xml.CotEvent | None:
    if form == "MESH":
        return read_datagram(encoded)
    (event,) = CotStream().receive(encoded, START)
    return event


@each_event
@pytest.mark.parametrize("form", ["STREAM", "MESH"])
def test_we_read_what_takproto_writes(takproto: OtherClient, event: bytes, form: str) -> None:
    takproto.say(encode=event.decode(), form=form)
    ours = _our_reading(form, bytes.fromhex(takproto.hear("encoded")))
    assert ours is not None
    root = etree.fromstring(event)
    marks = {name: root.get(name) for name in ("access", "opex", "qos")}
    assert (ours.uid, ours.type, ours.how) == (root.get("uid"), root.get("type"), root.get("how"))
    assert {"access": ours.access, "opex": ours.opex, "qos": ours.qos} == marks
    assert (ours.time, ours.start) == (START, START)
    assert ours.stale.isoformat() == STALE.replace("Z", "000+00:00")
    assert ours.point == tuple(float(root[0].get(name, "")) for name in ours.point._fields)
    assert _details(etree.fromstring(ours.xml)) == _details(root)


def _details(event: Element) -> dict[str, tuple[dict[str, Any], str]]:
    """Return attributes and text of each detail; their order is free, and so is `1.5` or `1.50`."""
    return {str(each.tag): (_typed(each), each.text or "") for each in event[1]}
