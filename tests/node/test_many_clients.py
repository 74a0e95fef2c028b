import asyncio
import json
import socket
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.node_live import add_client
from support.node_process import ON_FREE_PORTS, NodeProcess, accord_well
from support.tak_client import connected, event, position

QUIET, LOUD = 188, 10
"""Clients that are told one thing, and clients that are told everything."""

ROUNDS, PER_ROUND = 40, 100
PADDING = "x" * 2000
"""Of markers of 2 KiB some 9 MiB are said: more than the deaf one's sockets and outbox hold."""

LIMIT = 1 << 20
MAY_GROW = 64 << 20
ALL_WITHIN = 120.0


class Ear(asyncio.Protocol):
    """Counts the markers that it is sent, and keeps nothing."""

    def __init__(self) -> None:
        self._rest = b""
        self.heard = 0
        self.transport: asyncio.Transport | None = None
        self._more = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"</event>")
        self.heard += sum(b'uid="MARK-' in each for each in whole)
        self._more.set()

    async def hears(self, count: int) -> None:
        while self.heard < count:
            self._more.clear()
            await self._more.wait()

    def close(self) -> None:
        assert self.transport is not None
        self.transport.abort()


@asynccontextmanager
async def listening(
    address: tuple[str, int], tls: ssl.SSLContext, count: int, *, buffer: int = 0
) -> AsyncGenerator[list[Ear]]:
    """Connect clients that only listen; `buffer` are the bytes that the system holds for one."""
    ears: list[Ear] = []
    for _ in range(count):
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.connect(address)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_connection(Ear, sock=sock, ssl=tls, server_hostname=address[0])
        ears.append(ear)
    try:
        yield ears
    finally:
        for ear in ears:
            ear.close()
        await asyncio.sleep(0)


async def ask(node: NodeProcess) -> dict[str, Any]:
    return json.loads(await asyncio.to_thread(accord_well, "status", node.directory, "--json"))


def memory(status: dict[str, Any]) -> int:
    return next(each["used"] for each in status["budgets"] if each["what"] == "memory")


def tls_connections(status: dict[str, Any]) -> int:
    return next(each["connections"] for each in status["listeners"] if each["name"] == "cot-tls")


@pytest.fixture
def node(tmp_path: Path, quick_keys: None) -> Iterator[NodeProcess]:
    """A node that holds less than usual for one slow receiver."""
    settings = make_node(tmp_path / "node") / "accord.toml"
    text = settings.read_text("utf-8")
    assert '#limit_bytes = "32 MiB"' in text
    settings.write_text(text.replace('#limit_bytes = "32 MiB"', f"limit_bytes = {LIMIT}"), "utf-8")
    process = NodeProcess(settings.parent, ON_FREE_PORTS)
    process.start()
    yield process
    process.stop()


async def test_one_that_never_reads_among_200_is_cut_and_costs_nobody_else_anything(
    node: NodeProcess,
) -> None:
    address = node.address("cot-tls")
    mouth = add_client(node, "mouth", "--group", "Quiet").tls()
    loud = add_client(node, "loud", group="Blue:out").tls()
    quiet = add_client(node, "quiet", group="Quiet:out").tls()
    async with (
        asyncio.timeout(ALL_WITHIN),
        connected(address, mouth) as speaker,
        connected(address, quiet),
        listening(address, quiet, QUIET) as quiet_ones,
        listening(address, loud, LOUD) as loud_ones,
        listening(address, loud, 1, buffer=1 << 14) as (deaf,),
    ):
        assert deaf.transport is not None
        deaf.transport.pause_reading()
        speaker.say(position("MOUTH", "MOUTH"))
        await speaker.is_taken_in()
        before = await ask(node)
        assert tls_connections(before) >= 200
        detail = f'<remarks>{PADDING}</remarks><marti><dest group="Blue"/></marti>'
        for number in range(ROUNDS):
            uids = (f"MARK-{number}-{each}" for each in range(PER_ROUND))
            speaker.say(*(event(uid, "b-m-p-s-m", detail) for uid in uids))
            for ear in loud_ones:
                await ear.hears((number + 1) * PER_ROUND)
        speaker.say(event("MARK-LAST"))
        for ear in quiet_ones:
            await ear.hears(1)
        after = await ask(node)
        ended = after["drops"]["connections ended"]
        assert sum(count for why, count in ended.items() if why.startswith("too slow: ")) == 1
        assert tls_connections(after) == tls_connections(before) - 1
        assert memory(after) - memory(before) < MAY_GROW
