"""Words that were written to a phone that did not take them, over real sockets on both loops."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from accord.live.taken import GIVEN_BACK
from accord.security.tls import server_context
from accord.tak.server import bind_stream, serve_stream
from support.cot import cot_xml
from support.tak import EVENT_LOOPS, FakeNode, a_door, a_principal, own_position, run_on, until
from support.tak_client import chat
from support.tls import TestAuthority

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux says how much is acknowledged"
)

Tls = tuple[ssl.SSLContext, ssl.SSLContext]


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    authority = TestAuthority(tmp_path)
    _ = authority.ca
    authority.issue("server/server", "node")
    return server_context(tmp_path, clients=ssl.CERT_REQUIRED), authority.client("kiwi-1")


class Phone:
    """A client with little room, which reads when it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._text = b""

    async def reads(self, wanted: bytes) -> None:
        async with asyncio.timeout(20):
            while wanted not in self._text:
                data = await self._reader.read(1 << 16)
                assert data, "the node closed the connection"
                self._text += data

    async def reads_up_to(self, wanted: str) -> list[str]:
        """Return the words that were read until these, with them."""
        await self.reads(f">{wanted}<".encode())
        found = [each.partition(b"</remarks>")[0] for each in self._text.split(b"<remarks ")[1:]]
        return [each.partition(b">")[2].decode() for each in found if b'to="' in each]


class Place:
    """A node, and phones that connect to it as the same person."""

    def __init__(self, port: int, client: ssl.SSLContext, directory: Path, node: FakeNode) -> None:
        self.port = port
        self.directory = directory
        self._client = client
        self.node = node
        self._number = 0
        self.sender, _ = node.connect("sender")

    async def phone(self, *, room: int | None = None) -> Phone:
        sock = socket.socket()
        sock.setblocking(False)
        if room is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(
            sock=sock, ssl=self._client, server_hostname="localhost", limit=4096
        )
        writer.write(own_position("PHONE", "KIWI1") + cot_xml("PHONE-ping", "t-x-c-t"))
        phone = Phone(reader, writer)
        await phone.reads(b"takPong")
        return phone

    def say(self, *words: str, to: str = "KIWI1") -> None:
        for each in words:
            self._number += 1
            uid = "" if to == "All Chat Rooms" else "PHONE"
            self.sender.receive(
                chat(each, sender="SENDER", to=to, to_uid=uid, number=str(self._number))
            )
        self.node.tick()

    def fill(self) -> None:
        """Say so much that the phone's system has no room for what is said next."""
        for each in range(40):
            self.sender.receive(cot_xml(f"BIG-{each}", detail=f"<x>{'y' * 60_000}</x>"))
            self.node.tick()

    async def gone(self) -> None:
        await until(lambda: len(self.node.bridge.sessions) == 1)


@asynccontextmanager
async def place(tls: Tls, directory: Path) -> AsyncGenerator[Place]:
    node = FakeNode()
    listener = bind_stream("0.0.0.0", 0)  # noqa: S104  one of the phones is in another network
    door = a_door(node, admit=lambda _: a_principal("kiwi-1"))
    server, client = tls
    async with serve_stream(door, listener, server):
        yield Place(listener.getsockname()[1], client, directory, node)
        for session in tuple(node.bridge.sessions):
            session.end("node stopped")
        await until(lambda: len(node.bridge.sessions) <= 1)
        await asyncio.sleep(0.05)


def on_both(test: Callable[[Place], Any]) -> Callable[..., None]:
    @pytest.mark.parametrize("loop", EVENT_LOOPS)
    def run(loop: str, tls: Tls, tmp_path: Path) -> None:
        async def main() -> None:
            async with place(tls, tmp_path) as made:
                await test(made)

        run_on(loop, main)

    run.__name__ = test.__name__
    return run


async def _ends(phone: Phone) -> None:
    phone.writer.close()
    with suppress(OSError):
        await phone.writer.wait_closed()


@on_both
async def test_words_that_a_phone_read_before_it_closed_are_not_said_again(here: Place) -> None:
    phone = await here.phone()
    here.say("one", "two")
    here.say("three", to="All Chat Rooms")
    assert await phone.reads_up_to("three") == ["one", "two", "three"]
    await _ends(phone)
    await here.gone()
    again = await here.phone()
    here.say("four")
    assert await again.reads_up_to("four") == ["four"]
    assert here.node.hub.counts[GIVEN_BACK] == 0
    await _ends(again)


@on_both
async def test_words_in_the_systems_buffers_of_a_phone_that_reads_no_more_are_said_again(
    here: Place,
) -> None:
    phone = await here.phone(room=4096)
    here.fill()
    here.say("one", "two")
    here.say("three", to="All Chat Rooms")
    phone.writer.transport.abort()
    await here.gone()
    again = await here.phone()
    here.say("four")
    assert await again.reads_up_to("four") == ["three", "one", "two", "four"]
    await _ends(again)


@on_both
async def test_a_phone_that_comes_back_before_its_dead_connection_ends_is_given_what_lies_there(
    here: Place,
) -> None:
    dead = await here.phone(room=4096)
    here.fill()
    here.say("one", "two")
    again = await here.phone()
    here.say("three")
    assert await again.reads_up_to("three") == ["one", "two", "three"]
    dead.writer.transport.abort()
    await until(lambda: len(here.node.bridge.sessions) == 2)
    here.say("four")
    assert await again.reads_up_to("four") == ["one", "two", "three", "four"]
    await _ends(again)


PHONE = """
import socket, ssl, sys, time
host, port, authority, chain, key, said = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
context.load_cert_chain(chain, key)
plain = socket.create_connection((host, int(port)), 20)
tls = context.wrap_socket(plain, server_hostname="localhost")
tls.sendall(said.encode())
heard = b""
while b"takPong" not in heard:
    heard += tls.recv(1 << 16)
print("in", flush=True)
time.sleep(60)
"""


async def a_process(here: Place, host: str, *within: str) -> asyncio.subprocess.Process:
    """A phone that is a process of its own: it says who it is, and reads nothing after that."""
    said = own_position("PHONE", "KIWI1") + cot_xml("PHONE-ping", "t-x-c-t")
    files = [
        here.directory / each
        for each in ("authority/ca.pem", "clients/kiwi-1.pem", "clients/kiwi-1.key")
    ]
    command = [sys.executable, "-c", PHONE, host, str(here.port), *map(str, files), said.decode()]
    phone = await asyncio.create_subprocess_exec(*within, *command, stdout=asyncio.subprocess.PIPE)
    assert phone.stdout is not None
    assert await phone.stdout.readline() == b"in\n"
    return phone


@on_both
async def test_words_that_a_system_had_for_a_phone_that_was_killed_are_said_again(
    here: Place,
) -> None:
    """They fit into the phone's buffers, but it never read them: its system says so with RST."""
    phone = await a_process(here, "127.0.0.1")
    here.say("one", "two")
    (session,) = (each for each in here.node.bridge.sessions if each.callsign == "KIWI1")
    await until(lambda: session.receiver.outbox.words_waiting() == [])
    phone.kill()
    await phone.wait()
    await here.gone()
    assert here.node.hub.counts[GIVEN_BACK] == 2
    again = await here.phone()
    here.say("three")
    assert await again.reads_up_to("three") == ["one", "two", "three"]
    await _ends(again)


NEAR, FAR = (f"198.18.{os.getpid() % 256}.{end}" for end in (1, 2))  # RFC 2544: of no network


@contextmanager
def out_of_reach() -> Iterator[tuple[str, Callable[[], None]]]:
    """A network of its own, and what takes it out of reach without a word; skipped where none."""
    name = f"phone{os.getpid()}"
    near, far = f"n{os.getpid()}", f"f{os.getpid()}"

    def ip(*command: str) -> None:
        subprocess.run(["ip", *command], check=True, capture_output=True)

    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("only an administrator makes networks")
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError:
        pytest.skip("no network can be made here")
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        ip("address", "add", f"{NEAR}/30", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", name, "address", "add", f"{FAR}/30", "dev", far)
        ip("-n", name, "link", "set", far, "up")
        yield name, lambda: ip("-n", name, "link", "set", far, "down")
    finally:
        ip("netns", "del", name)


@on_both
async def test_words_to_a_phone_out_of_reach_are_said_when_it_comes_back_by_another_way(
    here: Place,
) -> None:
    """Nothing says that it has gone: its packets are simply not answered."""
    with out_of_reach() as (network, goes):
        dead = await a_process(here, NEAR, "ip", "netns", "exec", network)
        here.say("heard")
        (session,) = (each for each in here.node.bridge.sessions if each.callsign == "KIWI1")
        await until(lambda: session.receiver.outbox.words_waiting() == [])
        goes()
        here.say("one", "two")
        assert not session.receiver.outbox.is_paused  # the system has taken them
        again = await here.phone()
        here.say("three")
        assert await again.reads_up_to("three") == ["one", "two", "three"]
        dead.kill()
        await dead.wait()
        assert here.node.hub.counts[GIVEN_BACK] == 2
        await _ends(again)


@on_both
async def test_words_to_a_phone_that_is_cut_off_are_said_again(here: Place) -> None:
    phone = await here.phone(room=4096)
    here.fill()
    here.say("one")
    (session,) = (each for each in here.node.bridge.sessions if each.callsign == "KIWI1")
    session.end("revoked")
    here.say("two")
    await here.gone()
    again = await here.phone()
    here.say("three")
    assert await again.reads_up_to("three") == ["one", "two", "three"]
    phone.writer.transport.abort()
    await _ends(again)
