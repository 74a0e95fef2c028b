"""One event, byte for byte: as XML, on the mesh and on a stream, made and checked by takproto."""

from accord.wire.cot import protobuf, xml
from accord.wire.cot.stream import CotStream, frame, mesh_frame, read_datagram
from support.clock import START
from support.cot import CONTACT, cot_xml

XML = cot_xml(
    "U1",
    "a-f-G-U-C",
    f'{CONTACT}<__group name="Cyan" role="Team Member"/><status battery="80"/>'
    '<takv device="d" platform="p" os="1" version="2"/><track speed="1.5" course="90"/>'
    '<precisionlocation geopointsrc="GPS" altsrc="GPS"/><remarks>hi</remarks>',
)
MESH = bytes.fromhex(
    "bf01bf12ca010a09612d662d472d552d432a02553130ae9ea6e5b73338ae9ea6e5b73340"
    "8ec6b8e5b7334a036d2d6751a4703d0ad7a344c059713d0ad7a3d8654061000000e0cf12"
    "634169000000e0cf12634171000000e0cf1263417a720a153c72656d61726b733e68693c"
    "2f72656d61726b733e12120a092a3a2d313a7374637012054b495749311a130a04437961"
    "6e120b5465616d204d656d626572220a0a0347505312034750532a020850320c0a016412"
    "01701a01312201323a1209000000000000f83f110000000000805640"
)
STREAM = b"\xbf\xcd\x01" + MESH[3:]


def test_the_vector_has_the_lengths_it_is_known_by() -> None:
    assert (len(MESH), len(STREAM) - 3) == (208, 205)


def test_the_event_is_written_as_the_vector() -> None:
    message = protobuf.write(xml.read(XML))
    assert mesh_frame(message) == MESH
    assert frame(message) == STREAM


def test_the_vector_is_read_as_the_event() -> None:
    (from_stream,) = CotStream().receive(STREAM, START)
    assert read_datagram(MESH) == from_stream
    expected = xml.read(XML)
    assert from_stream[:8] == expected[:8]
    assert {name: dict(attributes) for name, attributes in from_stream.elements} == {
        "contact": {"callsign": "KIWI1", "endpoint": "*:-1:stcp"},
        "__group": {"name": "Cyan", "role": "Team Member"},
        "status": {"battery": "80"},
        "takv": {"device": "d", "platform": "p", "os": "1", "version": "2"},
        "track": {"speed": "1.5", "course": "90.0"},
        "precisionlocation": {"geopointsrc": "GPS", "altsrc": "GPS"},
        "remarks": {},
    }
    assert b"<remarks>hi</remarks>" in from_stream.xml
