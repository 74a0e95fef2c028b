import asyncio
import socket
from contextlib import aclosing

import pytest

from accord.feeds import udp
from accord.feeds.feed import FeedError
from accord.feeds.udp import DROPPED, Datagrams


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def send(port: int, *datagrams: bytes, to: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for each in datagrams:
            sender.sendto(each, (to, port))


async def test_the_end_of_a_datagram_is_the_end_of_a_line() -> None:
    port = free_port()
    datagrams = Datagrams("127.0.0.1", port, is_lines=True)
    async with aclosing(datagrams.chunks()) as chunks:
        assert await anext(chunks) == b""
        send(port, b"!AIVDM", b"two\nlines\n")
        heard = b""
        while heard.count(b"\n") < 3:
            heard += await anext(chunks)
    assert heard == b"!AIVDM\ntwo\nlines\n"


async def test_frames_that_are_no_lines_are_left_as_they_are() -> None:
    datagrams = Datagrams("127.0.0.1", 1, is_lines=False)
    datagrams.datagram_received(b"\x1a3", None)
    assert datagrams._next() == b"\x1a3"


async def test_what_nobody_has_time_for_is_counted_and_the_newest_stays() -> None:
    datagrams = Datagrams("127.0.0.1", 1, is_lines=True)
    for number in range(udp.MAX_WAITING + 3):
        datagrams.datagram_received(b"%d\n" % number, None)
    assert datagrams.counts == {DROPPED: 3}
    assert datagrams._next().startswith(b"3\n4\n")
    assert datagrams._has_some.is_set()


async def test_what_the_system_drops_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp, "RECEIVE_BUFFER", 4096)
    port = free_port()
    datagrams = Datagrams("127.0.0.1", port, is_lines=True)
    async with aclosing(datagrams.chunks()) as chunks:
        await anext(chunks)
        send(port, *[bytes(500)] * 300)
        heard = 0
        async with asyncio.timeout(30):
            while heard + datagrams.counts[DROPPED] < 300:
                heard += (await anext(chunks)).count(b"\n")
    assert 0 < heard < 300
    assert heard + datagrams.counts[DROPPED] == 300


async def test_a_multicast_group_is_joined() -> None:
    port = free_port()
    datagrams = Datagrams("239.255.7.7", port, is_lines=True)
    async with aclosing(datagrams.chunks()) as chunks:
        try:
            await anext(chunks)
        except OSError as error:
            pytest.skip(f"this machine lets nobody join a multicast group: {error}")
        send(port, b"hello", to="239.255.7.7")
        try:
            async with asyncio.timeout(5):
                heard = await anext(chunks)
        except TimeoutError:
            pytest.skip("this machine passes on no multicast to itself")
    assert heard == b"hello\n"


async def test_an_address_that_is_none_of_this_machine_is_said() -> None:
    with pytest.raises(FeedError, match="no address"):
        await anext(Datagrams("receiver.example", 10110, is_lines=True).chunks())
    with pytest.raises(OSError, match="assign"):
        await anext(Datagrams("192.0.2.1", 10110, is_lines=True).chunks())


async def test_a_group_of_ipv6_is_joined_or_refused_by_the_system() -> None:
    chunks = Datagrams("ff02::7:7", free_port(), is_lines=True).chunks()
    try:
        assert await anext(chunks) == b""
    except OSError:
        pytest.skip("this machine has no IPv6")
    finally:
        await chunks.aclose()
