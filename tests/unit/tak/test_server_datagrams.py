import asyncio
import socket
from typing import Any

import pytest

from accord.core.errors import AccordError
from accord.live.outbox import OutboxSettings
from accord.tak.server import (
    ConnectionSettings,
    CotDatagrams,
    bind_datagram,
    serve_datagrams,
)
from support.cot import cot_xml, mesh_frame
from support.tak import (
    EVENT_LOOPS,
    FakeNode,
    a_door,
    as_frame,
    has_ipv6,
    own_position,
    read_sent,
    run_on,
    until,
)

PEER = ("192.0.2.1", 40000)
GROUP = ("239.2.3.1", 6969)


def test_a_datagram_port_in_use_is_said_in_one_sentence() -> None:
    with bind_datagram("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(AccordError, match=f"UDP on 127.0.0.1 port {port}: .*in use"):
            bind_datagram("127.0.0.1", port)


@has_ipv6
def test_datagrams_are_taken_over_ipv6() -> None:
    with bind_datagram("::1", 0) as sock:
        assert sock.family == socket.AF_INET6


class FakeSender(asyncio.DatagramTransport):
    """The socket of a mesh: what was sent, and to whom."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, object]] = []

    def sendto(self, data: object, addr: object = None) -> None:
        assert isinstance(data, bytes)
        self.sent.append((data, addr))

    def uids(self) -> list[str]:
        sent, self.sent = self.sent, []
        assert {address for _, address in sent} <= {GROUP}
        return [each.uid for data, _ in sent for each in read_sent(data)]


def a_mesh(node: FakeNode, **changes: Any) -> tuple[CotDatagrams, FakeSender]:
    datagrams, sender = CotDatagrams(a_door(node, **changes), GROUP), FakeSender()
    datagrams.connection_made(sender)
    return datagrams, sender


def datagrams_only(node: FakeNode, **changes: Any) -> CotDatagrams:
    datagrams = CotDatagrams(a_door(node, channel="cot-udp", **changes), None)
    datagrams.connection_made(FakeSender())
    return datagrams


def test_a_datagram_is_one_event_in_either_form() -> None:
    node = FakeNode()
    datagrams = datagrams_only(node)
    datagrams.datagram_received(own_position("A1"), PEER)
    message = as_frame("A2")
    datagrams.datagram_received(mesh_frame(message[2:]), ("192.0.2.2", 1))
    assert [report.uid for report in node.kept] == ["A1", "A2"]
    assert node.kept[0].source.channel == "cot-udp"
    assert node.kept[0].source.speaker == "plain@192.0.2.1"


def test_a_malformed_datagram_costs_its_sender_only(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode()
    datagrams = datagrams_only(node)
    for data in (b"rubbish", b"\xbf\x01", b"\xbf\x02\xbf\x00", b""):
        datagrams.datagram_received(data, ("192.0.2.66", 1))
    datagrams.datagram_received(own_position("A1"), PEER)
    assert [report.uid for report in node.kept] == ["A1"]
    assert node.bridge.faults == {"malformed": 3, "unsupported": 1}
    lines = [record.message for record in caplog.records]
    assert len(lines) == 2  # one for each reason
    assert all("address=192.0.2.66" in line for line in lines)


def test_a_peer_that_only_says_that_it_is_there_is_no_fault() -> None:
    node = FakeNode()
    datagrams = datagrams_only(node)
    # TakMessage with takControl (field 1) alone: minProtoVersion 1, maxProtoVersion 1
    datagrams.datagram_received(b"\xbf\x01\xbf\x0a\x04\x08\x01\x10\x01", PEER)
    assert node.bridge.faults == {}
    assert node.kept == []


def test_a_sender_may_not_take_the_uid_of_another(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode()
    datagrams = datagrams_only(node)
    datagrams.datagram_received(own_position("A1"), ("192.0.2.1", 1))
    datagrams.datagram_received(own_position("A1", minute=5), ("192.0.2.2", 1))
    assert len(node.kept) == 1
    assert "refused client=192.0.2.2" in caplog.text
    datagrams.datagram_received(own_position("A1", minute=6), ("192.0.2.1", 2))
    assert len(node.kept) == 2


def test_datagrams_are_counted_and_dropped_while_the_journal_is_behind() -> None:
    node = FakeNode()
    datagrams = datagrams_only(node)
    node.is_congested = True
    datagrams.datagram_received(own_position("A1"), PEER)
    assert node.kept == []
    assert node.bridge.faults == {"datagram dropped: journal behind": 1}


def test_of_too_many_senders_the_one_silent_longest_is_forgotten() -> None:
    node = FakeNode()
    datagrams = datagrams_only(node, settings=ConnectionSettings(max_udp_senders=2))
    for host, uid in (("192.0.2.1", "A1"), ("192.0.2.2", "A2"), ("192.0.2.1", "A1")):
        datagrams.datagram_received(own_position(uid), (host, 1))
    datagrams.datagram_received(own_position("A3"), ("192.0.2.3", 1))
    assert node.bridge.faults == {"udp senders forgotten": 1}
    # The uid of the forgotten one is free, that of the other is not.
    datagrams.datagram_received(own_position("A1", minute=5), ("192.0.2.3", 1))
    datagrams.datagram_received(own_position("A2", minute=5), ("192.0.2.3", 1))
    assert [report.uid for report in node.kept][-1] == "A2"
    assert node.bridge.intake.refused == {"speaks under another client's uid": 1}


def test_the_mesh_is_sent_what_others_say_as_xml_one_event_a_datagram() -> None:
    node = FakeNode()
    session, peer = node.join("A")
    datagrams, sender = a_mesh(node)
    session.receive(as_frame("A1") + as_frame("A2"))
    node.tick()
    assert len(sender.sent) == 2
    assert sender.uids() == ["A1", "A2"]
    datagrams.datagram_received(own_position("M1"), PEER)
    node.tick()
    assert peer.uids() == ["M1"]
    assert sender.uids() == []  # not back to where it came from


def test_who_listens_to_datagrams_without_a_mesh_sends_none() -> None:
    node = FakeNode()
    sender = FakeSender()
    datagrams = CotDatagrams(a_door(node), None)
    datagrams.connection_made(sender)
    datagrams.pause_writing()
    datagrams.resume_writing()
    session, _ = node.join("A")
    session.receive(own_position("A1"))
    node.tick()
    datagrams.connection_lost(None)
    assert sender.sent == []


def test_a_mesh_whose_socket_is_full_is_sent_the_newest_positions_later() -> None:
    node = FakeNode()
    session, _ = node.join("A")
    datagrams, sender = a_mesh(node)
    datagrams.pause_writing()
    for minute in (4, 5):
        session.receive(own_position("A1", minute=minute))
        node.tick()
    assert sender.sent == []
    datagrams.resume_writing()
    assert [data for data, _ in sender.sent] == [own_position("A1", minute=5)]


def test_a_mesh_that_overflows_begins_anew_and_still_has_no_echo() -> None:
    node = FakeNode(outbox=OutboxSettings(limit_reports=1))
    session, _ = node.join("A")
    datagrams, sender = a_mesh(node)
    datagrams.datagram_received(own_position("M1"), PEER)
    datagrams.pause_writing()
    session.receive(own_position("A1") + cot_xml("A2", "a-h-G"))
    node.tick()
    assert node.bridge.ended == {"mesh: too slow: more than 1 reports waiting": 1}
    session.receive(cot_xml("A3", "a-h-G"))
    node.tick()
    assert sender.sent == []  # the socket is still full
    datagrams.resume_writing()
    assert sender.uids() == ["A3"]
    datagrams.datagram_received(own_position("M1", minute=5), PEER)
    node.tick()
    assert sender.uids() == []


def test_what_the_network_says_of_datagrams_is_counted() -> None:
    node = FakeNode()
    datagrams, _ = a_mesh(node)
    datagrams.error_received(OSError(90, "Message too long"))
    assert node.bridge.faults == {"udp: [Errno 90] Message too long": 1}


def test_the_mesh_is_sent_nothing_for_what_could_not_be_written() -> None:
    node = FakeNode()
    node.unwritable.add("A1")
    session, _ = node.join("A")
    _, sender = a_mesh(node)
    session.receive(cot_xml("A1", "a-h-G") + cot_xml("A2", "a-h-G"))
    node.tick()
    assert len(sender.sent) == 1
    assert sender.uids() == ["A2"]


def test_a_mesh_that_is_closed_is_sent_nothing_more() -> None:
    node = FakeNode()
    session, _ = node.join("A")
    datagrams, sender = a_mesh(node)
    datagrams.connection_lost(None)
    session.receive(own_position("A1"))
    node.tick()
    assert sender.sent == []


@pytest.mark.parametrize("loop", EVENT_LOOPS)
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=has_ipv6)])
def test_datagrams_come_in_over_a_real_socket(loop: str, host: str) -> None:
    async def main() -> None:
        node = FakeNode()
        listening = bind_datagram(host, 0)
        family, address = listening.family, listening.getsockname()
        transport = await serve_datagrams(a_door(node), listening)
        with socket.socket(family, socket.SOCK_DGRAM) as sending:
            sending.sendto(own_position("A1"), address)
            await until(lambda: bool(node.kept))
        transport.close()
        await asyncio.sleep(0)
        assert node.kept[0].uid == "A1"
        assert node.kept[0].source.speaker == f"plain@{host}"
        assert node.hub.receivers == set()

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_what_the_system_drops_is_counted(loop: str) -> None:
    async def main() -> None:
        node = FakeNode()
        listening = bind_datagram("127.0.0.1", 0)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        address = listening.getsockname()
        transport = await serve_datagrams(a_door(node), listening)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            for number in range(200):
                sending.sendto(own_position(f"A{number}"), address)
            why = "datagram dropped: nobody had time"
            await until(lambda: len(node.kept) + node.bridge.faults[why] == 200)
        transport.close()
        await asyncio.sleep(0)
        assert 0 < len(node.kept) < 200

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
@pytest.mark.parametrize("group", ["239.2.3.1", pytest.param("ff15::6969", marks=has_ipv6)])
def test_a_multicast_group_is_joined_heard_and_spoken_to(loop: str, group: str) -> None:
    try:
        listening = bind_datagram(group, 0)
    except AccordError as error:
        pytest.skip(f"no multicast on this machine: {error}")

    async def main() -> None:
        node = FakeNode()
        family, address = listening.family, listening.getsockname()
        transport = await serve_datagrams(a_door(node), listening)
        assert len(node.hub.receivers) == 1
        with socket.socket(family, socket.SOCK_DGRAM) as sending:
            sending.sendto(own_position("A1"), address)
            await until(lambda: bool(node.kept))
            # What it says itself does not come back to this machine.
            session, _ = node.join("B")
            session.receive(own_position("B1"))
            node.tick()
            sending.sendto(own_position("A2"), address)
            await until(lambda: node.kept[-1].uid == "A2")
        transport.close()
        await asyncio.sleep(0)
        assert [report.uid for report in node.kept] == ["A1", "B1", "A2"]
        assert (node.bridge.faults, node.bridge.intake.refused) == ({}, {})
        assert node.hub.receivers == {session.receiver}

    run_on(loop, main)


def test_a_multicast_group_may_be_joined_by_several_programs() -> None:
    try:
        first = bind_datagram("239.2.3.1", 0)
    except AccordError as error:
        pytest.skip(f"no multicast on this machine: {error}")
    with first, bind_datagram("239.2.3.1", first.getsockname()[1]) as second:
        assert second.getsockname() == first.getsockname()
