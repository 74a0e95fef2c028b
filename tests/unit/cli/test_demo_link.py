import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from accord.cli.demo_cast import AUS, NZL, USA
from accord.cli.demo_link import Cable, acquaint, agree
from accord.cli.demo_node import prepare, printed
from support.demo import AGREEMENT
from support.keys import quick_keys as quick_keys


@pytest.mark.usefixtures("quick_keys")
def test_two_nodes_become_partners_and_put_the_agreement_in_force(tmp_path: Path) -> None:
    nodes = tmp_path / "NZL", tmp_path / "USA"
    for each, party in zip(nodes, (NZL, USA), strict=True):
        prepare(each, replace(party, clients={}), tmp_path)
    acquaint(*nodes, tmp_path, "127.0.0.1:9010")
    agree(*nodes, AGREEMENT, tmp_path)
    for each, other in (nodes, reversed(nodes)):
        (held,) = json.loads(printed("agreement", "list", each, "--json"))
        assert (held["id"], held["state"]) == ("EXAMPLE-DEMO-NZL-USA", "in force")
        assert json.loads(printed("partner", "show", each, other.name, "--json"))
    known = json.loads(printed("partner", "show", nodes[1], "NZL", "--json"))
    assert known["addresses"] == ["127.0.0.1:9010"]


@pytest.mark.usefixtures("quick_keys")
def test_nodes_without_a_link_know_each_other_and_do_not_dial(tmp_path: Path) -> None:
    nodes = tmp_path / "NZL", tmp_path / "AUS"
    for each, party in zip(nodes, (NZL, AUS), strict=True):
        prepare(each, replace(party, clients={}), tmp_path)
    acquaint(*nodes, tmp_path)
    for each, other in (nodes, reversed(nodes)):
        known = json.loads(printed("partner", "show", each, other.name, "--json"))
        assert known["addresses"] == []


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(100):
                writer.write(data)
    finally:
        writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return what comes, nothing where the connection has ended."""
    with suppress(OSError):
        return await reader.read(100)
    return b""


class Caller:
    """Whoever dials the cable's address."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def hears_back(self, word: bytes) -> bytes:
        self._writer.write(word)
        return await _read(self.reader)


@asynccontextmanager
async def calling(cable: Cable) -> AsyncGenerator[Caller]:
    host, _, port = cable.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Caller(reader, writer)
    finally:
        writer.transport.abort()


async def test_a_cable_carries_both_ways_until_it_is_cut_and_again_when_mended() -> None:
    cable = Cable()
    async with await asyncio.start_server(_echo, "127.0.0.1", 0) as far:
        target = far.sockets[0].getsockname()[:2]
        async with cable.plugged(target):
            async with calling(cable) as caller:
                assert await caller.hears_back(b"one") == b"one"
                cable.cut()
                assert await _read(caller.reader) == b""
            async with calling(cable) as caller:
                assert await caller.hears_back(b"two") == b""
            cable.mend()
            async with calling(cable) as caller:
                assert await caller.hears_back(b"three") == b"three"


async def test_a_cable_to_a_node_that_is_not_there_ends_at_once() -> None:
    cable = Cable()
    async with cable.plugged(("127.0.0.1", 1)), calling(cable) as caller:
        assert await caller.hears_back(b"one") == b""
