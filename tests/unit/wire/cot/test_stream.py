# pyright: reportPrivateUsage=false
from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from accord.wire.cot import protobuf, tak_pb2, xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.stream import CotStream, frame, mesh_frame, read_datagram
from accord.wire.errors import FrameTooLarge, Malformed, TooDeep, Unsupported, WireError
from support import cot
from support.clock import START
from support.cot import cot_xml

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
REQUEST = cot_xml("protouid", "t-x-takp-q", '<TakControl><TakRequest version="1"/></TakControl>')
PING = cot_xml("U1-ping", "t-x-c-t")
A, B, C = (cot_xml(uid) for uid in "ABC")
BAD = cot_xml("BAD", detail="<a>")


def framed(xml_event: bytes) -> bytes:
    return cot.stream_frame(protobuf.write(xml.read(xml_event)))


def on_mesh(xml_event: bytes) -> bytes:
    return cot.mesh_frame(protobuf.write(xml.read(xml_event)))


def control_frame() -> bytes:
    control = tak_pb2.TakMessage(tak_control=tak_pb2.TakControl(contact_uid="U1"))
    return cot.stream_frame(control.SerializeToString())


class Client:
    """One connection, seen from its other end."""

    def __init__(self, **limits: int | bool) -> None:
        self.stream = CotStream(**limits)  # type: ignore[arg-type]  # values are a test's

    def send(self, *pieces: bytes) -> list[str]:
        """The uids of the events that these bytes complete."""
        return [event.uid for piece in pieces for event in self.stream.receive(piece, START)]

    def faults(self) -> list[type[WireError]]:
        return [type(fault) for fault in self.stream.take_faults()]

    def replies(self) -> bytes:
        return self.stream.take_replies()


def one(reply: bytes) -> CotEvent:
    return xml.read(reply)


def of_frame(reply: bytes) -> CotEvent:
    """The one event in the one frame of a stream."""
    (event,) = CotStream(always_protobuf=True).receive(reply, START) or [None]
    if event is None:  # a control message, which a stream consumes
        message = reply[len(reply) - reply[1] :] if reply[1] < 0x80 else reply[3:]
        event = protobuf.read(message)
    assert event is not None
    return event


def test_events_that_come_in_one_write_are_all_read_in_order() -> None:
    client = Client()
    assert client.send(A + B + C) == ["A", "B", "C"]
    assert client.faults() == []


@pytest.mark.parametrize(
    "between",
    [
        b"",
        b"\n",
        b" \r\n\t",
        DECLARATION,
        b"\xef\xbb\xbf" + DECLARATION,
        b'<?xml version="1.0" encoding="utf-16"?>',
        b'<?xml version="1.0"?>\n<auth><cot username="u" password="p" uid="U1"/></auth>',
        b"<?a?><?b?>",
    ],
)
def test_what_senders_put_between_events_is_skipped_silently(between: bytes) -> None:
    client = Client()
    assert client.send(between + A + between + B + between) == ["A", "B"]
    assert client.faults() == []


@pytest.mark.parametrize(
    "traffic",
    [
        DECLARATION + A + b"\n" + DECLARATION + B + PING + C,
        framed(A) + framed(B) + control_frame() + framed(PING) + A + framed(C),
        b"\xef\xbb\xbf" + A + b"\0" + B + BAD + b"<!DOCTYPE x []>" + C + A + b"junk" + C,
        b"<event a='" + A + b"<auth>" + B + b"</auth>" + C,
        REQUEST + A + framed(B) + b"junk\xbf" + framed(C),
        cot_xml("big", detail="x" * 700) + A + cot.stream_frame(b"x" * 700) + framed(B) + b"?",
        b"\xbf" + b"\xff" * 11 + A + framed(B) + b"\xbf" + b"\xff" * 11 + framed(C),
    ],
)
def test_bytes_that_come_one_by_one_say_the_same(traffic: bytes) -> None:
    at_once, slowly = Client(max_event_bytes=600), Client(max_event_bytes=600)
    uids = at_once.send(traffic)
    assert slowly.send(*(bytes((byte,)) for byte in traffic)) == uids
    assert slowly.faults() == at_once.faults()
    assert slowly.replies() == at_once.replies()
    assert slowly.stream.is_lost == at_once.stream.is_lost


def test_an_event_waits_for_its_end() -> None:
    client = Client()
    assert client.send(A[:-1]) == []
    assert client.send(A[-1:] + B[:10]) == ["A"]
    assert client.send(B[10:]) == ["B"]


def test_the_end_of_the_declaration_is_found_across_writes() -> None:
    client = Client()
    assert client.send(b"<?xml version", b"='1.0'?", b">" + A) == ["A"]
    assert client.faults() == []


# Reference: PyTAK with TAK_PROTO=1 sends frames at once and reads XML.
def test_frames_are_understood_without_having_been_agreed() -> None:
    client = Client()
    assert client.send(framed(A) + framed(B)) == ["A", "B"]
    assert client.send(framed(PING)) == []
    assert client.replies().startswith(b"<event ")
    assert not client.stream.speaks_protobuf


def test_each_message_says_for_itself_which_form_it_has() -> None:
    assert Client().send(A + framed(B) + C + framed(A)) == ["A", "B", "C", "A"]


def test_a_frame_waits_for_its_end() -> None:
    client = Client()
    message = framed(cot_xml("A", detail="x" * 300))
    assert client.send(message[:1], message[1:2], message[2:50], message[50:-1]) == []
    assert client.send(message[-1:]) == ["A"]


def test_a_frame_without_an_event_is_no_fault() -> None:
    client = Client()
    assert client.send(control_frame() + b"\xbf\x00" + framed(A)) == ["A"]
    assert client.faults() == []


# Reference 2.2: the three steps of the negotiation, their types and what each holds.
def test_version_1_is_offered_once_as_xml() -> None:
    offer = Client().stream.greeting(START)
    event = one(offer)
    support = etree.fromstring(offer).find("detail/TakControl/TakProtocolSupport")
    assert (event.type, event.how) == ("t-x-takp-v", "m-g")
    assert support is not None
    assert support.get("version") == "1"
    assert event.stale - event.time == timedelta(seconds=60)
    assert event.point == (0.0, 0.0, 0.0, 999999.0, 999999.0)


def test_a_request_is_granted_and_the_answer_is_the_last_xml() -> None:
    client = Client()
    offer = one(client.stream.greeting(START))
    assert client.send(REQUEST) == []
    assert not client.stream.speaks_protobuf
    answer = client.replies()
    assert client.stream.speaks_protobuf
    response = etree.fromstring(answer).find("detail/TakControl/TakResponse")
    assert response is not None
    assert response.get("status") == "true"
    assert (one(answer).type, one(answer).uid) == ("t-x-takp-r", offer.uid)
    assert client.send(framed(PING) + framed(A)) == ["A"]
    assert of_frame(client.replies()).type == "t-x-c-t-r"


def status(client: Client, request: bytes) -> str | None:
    client.send(request)
    response = etree.fromstring(client.replies()).find("detail/TakControl/TakResponse")
    assert response is not None
    return response.get("status")


@pytest.mark.parametrize(
    "request_", ["", '<TakRequest version="2"/>', "<TakRequest/>", '<TakRequest version="01"/>']
)
def test_a_request_for_another_version_is_denied_and_xml_goes_on(request_: str) -> None:
    client = Client()
    asked = cot_xml("p", "t-x-takp-q", f"<TakControl>{request_}</TakControl>")
    assert status(client, asked) == "false"
    assert not client.stream.speaks_protobuf
    assert client.send(A) == ["A"]
    assert status(client, REQUEST) == "true"


def test_a_node_that_offers_no_protobuf_says_so_when_asked() -> None:
    client = Client(offers_protobuf=False)
    assert client.stream.greeting(START) == b""
    assert status(client, REQUEST) == "false"
    assert client.send(framed(A)) == ["A"]


def test_a_second_request_is_not_answered() -> None:
    client = Client()
    client.send(REQUEST)
    client.replies()
    client.send(framed(REQUEST))
    assert client.replies() == b""


def test_after_the_answer_there_is_no_more_xml_however_it_comes() -> None:
    together, apart = Client(), Client()
    assert together.send(REQUEST + A + framed(B)) == ["B"]
    assert apart.send(REQUEST, A, framed(B)) == ["B"]
    assert together.faults() == apart.faults() == [Malformed]


def test_a_web_socket_speaks_protobuf_from_the_first_byte() -> None:
    client = Client(always_protobuf=True)
    assert client.stream.speaks_protobuf
    assert client.stream.greeting(START) == b""
    assert client.send(framed(A) + framed(PING) + framed(REQUEST)) == ["A"]
    assert of_frame(client.replies()).type == "t-x-c-t-r"
    assert client.send(B) == []
    assert client.faults() == [Malformed]


def test_a_ping_is_answered() -> None:
    client = Client()
    assert client.send(PING) == []
    pong = one(client.replies())
    # TAK Server's pong, reference 1.5
    assert (pong.uid, pong.type, pong.how) == ("takPong", "t-x-c-t-r", "h-g-i-g-o")
    assert (pong.time, pong.stale - pong.time) == (START, timedelta(seconds=20))
    assert client.replies() == b""


@pytest.mark.parametrize(
    "type_", ["t-x-c-t-r", "t-x-c-m", "t-x-c-f", "t-x-c-i-e", "t-x-takp-v", "t-b", "t-b-a", "t-b-q"]
)
def test_what_is_meant_for_the_server_is_not_passed_on(type_: str) -> None:
    client = Client()
    assert client.send(cot_xml(type_=type_)) == []
    assert (client.replies(), client.faults()) == (b"", [])


@pytest.mark.parametrize("type_", ["t-x-d-d", "t-k", "t-bad", "a-f-G", "b-t-f"])
def test_everything_else_is_passed_on(type_: str) -> None:
    assert Client().send(cot_xml("U", type_)) == ["U"]


def test_an_event_as_long_as_may_be_is_read_and_a_longer_one_skipped() -> None:
    limit = len(A) + 10
    client = Client(max_event_bytes=limit)
    fits = cot_xml("A", detail="x" * 10)
    assert client.send(fits + cot_xml("A", detail="x" * 11) + B) == ["A", "B"]
    assert client.faults() == [FrameTooLarge]


def test_an_event_that_is_too_long_is_not_stored_while_it_comes() -> None:
    client = Client(max_event_bytes=1000)
    client.send(A[:-8])
    for _ in range(50):
        client.send(b"x" * 500)
        assert len(client.stream._buffer) <= 1500
    assert client.send(b"</event>" + B) == ["B"]
    assert client.faults() == [FrameTooLarge]


def test_a_frame_that_is_too_long_is_skipped_unstored() -> None:
    client = Client(max_event_bytes=1000)
    client.send(b"\xbf" + cot.varint(10_000))
    for _ in range(20):
        client.send(b"\xbf" * 500)
        assert len(client.stream._buffer) == 0
    assert client.send(framed(B)) == ["B"]
    assert client.faults() == [FrameTooLarge]


@pytest.mark.parametrize("header", [b"\xff" * 10, cot.varint(16_001)])
def test_an_impossible_length_loses_the_frames_and_only_those(header: bytes) -> None:
    frames = Client(max_event_bytes=1000)
    assert frames.send(framed(A) + b"\xbf" + header + framed(B)) == ["A"]
    assert frames.faults() == [Malformed]
    assert frames.stream.is_lost
    assert frames.send(framed(C)) == []
    events = Client(max_event_bytes=1000)
    assert events.send(A + b"\xbf" + header + B) == ["A", "B"]
    assert events.faults() == [Malformed]
    assert not events.stream.is_lost


def test_a_length_may_have_ten_digits_and_no_more() -> None:
    client = Client()
    assert client.send(b"\xbf" + b"\x80" * 9 + b"\x00" + framed(A)) == ["A"]
    assert client.send(b"\xbf" + b"\x80" * 10 + b"\x00" + framed(A)) == []
    assert client.stream.is_lost


# TAK Server's buffer for <auth> has 1024 bytes.
def test_what_stands_before_an_event_has_at_most_1024_bytes() -> None:
    def preamble(length: int) -> bytes:
        return b"<?%b?>" % (b"x" * (length - 4))

    client = Client()
    assert client.send(preamble(1024) + A, preamble(1025)[:1023]) == ["A"]
    assert client.faults() == []
    assert client.send(preamble(1025)[1023:] + A) == ["A"]
    assert client.faults() == [Malformed]


def test_an_event_has_a_megabyte_where_nothing_else_is_said() -> None:
    client = Client()
    room = (1 << 20) - len(cot_xml("A"))
    assert client.send(cot_xml("A", detail="x" * room)) == ["A"]
    assert client.send(cot_xml("A", detail="x" * (room + 1)) + B) == ["B"]
    assert client.faults() == [FrameTooLarge]


def test_depth_is_limited_in_both_forms() -> None:
    deep = cot_xml("deep", detail="<a><b/></a>")
    client = Client(max_depth=3)
    assert client.send(deep + framed(deep) + A) == ["A"]
    assert client.faults() == [TooDeep, TooDeep]


def test_a_refused_frame_costs_one_fault_and_the_next_is_read() -> None:
    client = Client()
    assert client.send(framed(A) + cot.stream_frame(b"\xff") + framed(B)) == ["A", "B"]
    assert client.faults() == [Malformed]
    assert not client.stream.is_lost


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (BAD, Malformed),
        (cot_xml("BAD").replace(b"lat=", b"lot="), Malformed),
        (b"\0", Malformed),
        (b"\0\0\0", Malformed),
        (cot_xml("BAD", detail="\0"), Malformed),
        (b"hello", Malformed),
        (b"<eventual>", Malformed),
        (b"<!-- a comment -->", Malformed),
        (b"</detail></event>", Malformed),
        (b"<?" + b"x" * 1100, Malformed),
        (b"<?xml version='1.0'", Malformed),
        (b"<auth>", Malformed),
        (cot_xml("BAD", detail="&xxe;"), Unsupported),
        (b'<!DOCTYPE event [<!ENTITY xxe "y">]>' + cot_xml("BAD", detail="&xxe;"), Unsupported),
        (b'<!DOCTYPE event SYSTEM "http://127.0.0.1/">' + cot_xml("BAD"), Unsupported),
    ],
    ids=lambda bad: str(bad)[:40],
)
def test_what_is_refused_costs_one_fault_and_the_next_event_is_read(
    bad: bytes, reason: type[WireError]
) -> None:
    client = Client()
    assert client.send(A + bad + B + C) == ["A", "B", "C"]
    assert client.faults() == [reason]
    assert client.send(A, bad, B) == ["A", "B"]
    assert client.faults() == [reason]


def test_the_event_that_a_refused_document_type_belongs_to_ends_where_it_ends() -> None:
    ended_before = cot.stream_frame(b"</event>")
    client = Client()
    assert client.send(ended_before + b"<!DOCTYPE x []>" + A + B) == ["B"]
    assert client.faults() == [Malformed, Unsupported]
    assert client.send(C + b"<!DOCTYP", b"E x []>" + A + B) == ["C", "B"]


@pytest.mark.parametrize(
    "half",
    [
        A.removesuffix(b"</event>"),
        A[:20],
        b'<event uid="A',
        b"<event uid='A'><detail><remarks>words",
        b"<event uid='A'><!-- ",
    ],
)
def test_an_event_that_is_never_closed_does_not_take_the_next_with_it(half: bytes) -> None:
    client = Client()
    inside = cot_xml("B", detail="<events/><eventual/>")
    assert client.send(half + inside + C) == ["B", "C"]
    assert client.faults() == [Malformed]
    assert client.send(half + b"\n" + inside.replace(b"<event ", b"<event\n") + C) == ["B", "C"]


def test_two_bad_events_in_one_are_one_fault() -> None:
    client = Client()
    assert client.send(A[:20] + BAD + C) == ["C"]
    assert client.faults() == [Malformed]


def test_rubbish_among_frames_is_skipped_to_the_next_frame() -> None:
    client = Client()
    client.send(REQUEST)
    client.replies()
    assert client.send(framed(A) + b"rubbish" + framed(B)) == ["A", "B"]
    assert client.faults() == [Malformed]


@pytest.mark.parametrize("first", [b"", A, framed(A)])
def test_rubbish_without_end_loses_the_connection(first: bytes) -> None:
    client = Client(max_event_bytes=1000)
    client.send(first + b"x" * 900)
    assert not client.stream.is_lost
    client.send(b"x" * 200)
    assert client.stream.is_lost
    assert client.faults() == [Malformed]
    assert client.send(B + framed(B)) == []
    assert len(client.stream._buffer) == 0


def test_rubbish_now_and_then_does_not_lose_the_connection() -> None:
    client = Client(max_event_bytes=1000)
    for _ in range(10):
        assert client.send(b"x" * 900 + A) == ["A"]
    assert not client.stream.is_lost


def test_no_more_faults_and_replies_are_kept_than_256() -> None:
    client = Client()
    client.send(BAD * 300 + PING * 300)
    assert len(client.faults()) == 256
    assert client.replies().count(b"</event>") == 256


def test_protobuf_is_never_granted_without_an_answer() -> None:
    client = Client()
    client.send(PING * 300 + REQUEST)
    client.replies()
    assert not client.stream.speaks_protobuf
    assert status(client, REQUEST) == "true"


class CountingBuffer(bytearray):
    """Counts the bytes that are looked at in search of something."""

    looked_at = 0

    def find(self, what: bytes | int, start: int = 0, stop: int | None = None) -> int:  # type: ignore[override]
        end = len(self) if stop is None else min(stop, len(self))
        self.looked_at += max(0, end - start)
        return super().find(what, start, end)


@pytest.mark.parametrize("limit", [1 << 20, 1000])
def test_an_event_that_comes_byte_by_byte_is_searched_once(limit: int) -> None:
    client = Client(max_event_bytes=limit)
    buffer = client.stream._buffer = CountingBuffer()
    long = cot_xml("long", detail="x" * 20_000)
    client.send(*(bytes((byte,)) for byte in long))
    assert buffer.looked_at <= len(b"</event>") * len(long)


def test_a_frame_is_its_length_and_its_message() -> None:
    message = protobuf.write(xml.read(cot_xml(detail="x" * 200)))
    assert frame(message) == cot.stream_frame(message)
    assert frame(b"") == b"\xbf\x00"
    assert frame(b"x" * 300)[:3] == b"\xbf\xac\x02"  # 300 in LEB128, as protocol buffers show it
    assert mesh_frame(message) == cot.mesh_frame(message)


@pytest.mark.parametrize(
    "datagram",
    [
        A,
        DECLARATION + A + b"\r\n",
        b"\xef\xbb\xbf" + A,
        on_mesh(A),
    ],
)
def test_a_datagram_holds_one_event_in_either_form(datagram: bytes) -> None:
    event = read_datagram(datagram)
    assert event is not None
    assert event.uid == "A"


@pytest.mark.parametrize("in_frame", [bytes, on_mesh])
def test_a_datagram_keeps_to_the_limits_too(in_frame: Callable[[bytes], bytes]) -> None:
    datagram = in_frame(cot_xml(detail="<a><b/></a>"))
    assert read_datagram(datagram, len(datagram), 4) is not None
    with pytest.raises(FrameTooLarge):
        read_datagram(datagram, len(datagram) - 1, 4)
    with pytest.raises(TooDeep):
        read_datagram(datagram, len(datagram), 3)


def test_a_datagram_that_only_says_that_somebody_is_there_holds_none() -> None:
    control = tak_pb2.TakMessage(tak_control=tak_pb2.TakControl(contact_uid="U1"))
    assert read_datagram(cot.mesh_frame(control.SerializeToString())) is None


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", Malformed),
        (b"hello", Malformed),
        (A + B, Malformed),
        (A[:-1], Malformed),
        (b"\xbf", Malformed),
        (b"\xbf\x01", Malformed),
        (b"\xbf\x01x" + A, Malformed),
        (b"\xbf" + b"\xff" * 10 + b"\xbf", Malformed),
        (b"\xbf\x02\xbf", Unsupported),
        (b"\xbf\x01\xbf\xff", Malformed),
        (b"<!DOCTYPE x []>" + A, Unsupported),
        (b"<!DOCTYPE x []>", Unsupported),
    ],
)
def test_any_other_datagram_is_refused(datagram: bytes, reason: type[WireError]) -> None:
    with pytest.raises(reason):
        read_datagram(datagram)


@pytest.mark.parametrize("control", ["t-x-c-t", "t-x-c-m", "t-x-takp-q", "t-b"])
def test_a_control_message_in_a_datagram_is_no_event(control: str) -> None:
    assert read_datagram(cot_xml("U1-ping", control)) is None
    assert read_datagram(cot_xml("U1-gone", "t-x-d-d")) is not None
