"""How two nodes of the demonstration come to be linked, and the cable between them."""

import asyncio
import json
import re
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from accord.cli.demo_node import printed

READ_BYTES = 1 << 16


def acquaint(first: Path, second: Path, workplace: Path, address: str | None = None) -> None:
    """Let two nodes invite each other, and pin the other's keys after its words were read out.

    The second dials the first at `address`. Without one they have no link, and know each other as
    the origin of what others pass on.
    """
    invitations: dict[Path, tuple[Path, str]] = {}
    for each in (first, second):
        file = workplace / f"{first.name}-{second.name}-{each.name}.invitation"
        reached = ("--address", address) if address is not None and each == first else ()
        key = ("--party-key", _party_key(each, workplace))
        said = printed("partner", "invite", each, file, *key, *reached, "--json")
        invitations[each] = file, json.loads(said)["words"]
    for each, other in ((first, second), (second, first)):
        file, words = invitations[other]
        printed("partner", "add", each, file, "--expect", words)


def agree(first: Path, second: Path, agreement: Path, workplace: Path) -> None:
    """Sign an agreement for both and put it in force: a worked one, in which their keys are put."""
    nodes = first, second
    document = _with_keys(agreement, nodes, workplace)
    for each in nodes:
        key = _key_file(each, workplace)
        printed("agreement", "sign", document, "--key", key, "--node", each.name)
    for each in nodes:
        printed("agreement", "activate", each, document)


def _key_file(directory: Path, workplace: Path) -> Path:
    return workplace / f"{directory.name}.key"


def _party_key(directory: Path, workplace: Path) -> str:
    return printed("agreement", "key", _key_file(directory, workplace)).strip()


def _with_keys(agreement: Path, nodes: tuple[Path, Path], workplace: Path) -> Path:
    """Write the agreement with these keys of its parties, beside the areas that it names."""
    text = agreement.read_text("utf-8")
    for each in nodes:
        line = f'{each.name} = "{_party_key(each, workplace)}"'
        text = re.sub(rf'^{re.escape(each.name)} = "ed25519:.*"$', line, text, flags=re.MULTILINE)
    for area in agreement.parent.glob("*.geojson"):
        shutil.copy(area, workplace)
    document = workplace / agreement.name
    document.write_text(text, "utf-8")
    return document


class Cable:
    """TCP between two nodes by way of this process, so that it can be cut as a real one can.

    It has its address from the start; `plugged` runs it.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()[:2]
        self.address = f"{host}:{port}"
        self.is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def plugged(self, target: tuple[str, int]) -> AsyncGenerator[None]:
        """Carry every connection to the target, and end them all in the end."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(reader, writer, target)

        async with await asyncio.start_server(carry, sock=self._listener):
            try:
                yield
            finally:
                self.cut()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: tuple[str, int]
    ) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            with suppress(OSError):
                there_reader, there = await asyncio.open_connection(*target)
                self._writers.add(there)
                await asyncio.gather(_copy(reader, there), _copy(there_reader, writer))
                self._writers.discard(there)
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    def cut(self) -> None:
        """End what there is of connections, and refuse new ones."""
        self.is_cut = True
        for each in tuple(self._writers):
            each.transport.abort()

    def mend(self) -> None:
        """Carry connections again."""
        self.is_cut = False

    def close(self) -> None:
        """Let the address go."""
        self._listener.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until there are no more, and end the other side then."""
    try:
        with suppress(OSError):
            while data := await reader.read(READ_BYTES):
                writer.write(data)
                await writer.drain()
    finally:
        writer.transport.abort()
