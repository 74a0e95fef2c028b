"""A scripted TAK server that federates by version 1: what it says is made by hand (`fig.py`)."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from accord.core.clock import SystemClock
from accord.core.tak_partner import TakPartner, TakVersion
from accord.security import identity
from accord.storage.partners import PARTNERS, Partners
from accord.storage.tak_partners import TakPartners, read_authorities
from support import fig
from support.tls import TestAuthority

PATIENCE = 60.0


class TakServer:
    """One TAK server. `came` are the messages of the node, in order, over all connections."""

    def __init__(self, directory: Path, node: Path) -> None:
        self.directory = directory
        self.authority = TestAuthority(directory)
        self.came: list[bytes] = []
        self.connections = 0
        self.is_connected = asyncio.Event()
        self.certificate, self._key = self.authority.issue("server", "takserver")
        self._node_authority = node / identity.AUTHORITY
        self._writer: asyncio.StreamWriter | None = None
        self._heard = asyncio.Condition()

    def partner(self, node: str, **changes: object) -> TakPartner:
        """What the node pins of it."""
        said: dict[str, object] = {
            "node": node,
            "authorities": tuple(read_authorities(self.authority.ca.read_bytes())),
            "fingerprint": self.fingerprint(),
            "version": TakVersion.V1,
            "made": SystemClock().now().replace(microsecond=0),
            "groups": ("Everyone",),
            **changes,
        }
        return TakPartner(**said)  # type: ignore[arg-type]

    def fingerprint(self) -> str:
        from hashlib import sha256

        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text("ascii"))
        return sha256(der).hexdigest()

    def tls(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self._node_authority)
        context.load_cert_chain(self.certificate, self._key)
        return context

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncGenerator[str]:
        """Let the node call; yield where. Port 0 takes a free one."""
        tls = self.tls(ssl.PROTOCOL_TLS_SERVER)
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls)
        try:
            yield "{}:{}".format(*server.sockets[0].getsockname())
        finally:
            server.close()
            self.cut()

    async def call(self, address: str) -> asyncio.Task[None]:
        """Call the node, again and again until it answers; the task reads what it says."""
        host, _, port = address.rpartition(":")
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    reader, writer = await asyncio.open_connection(
                        host, int(port), ssl=self.tls(ssl.PROTOCOL_TLS_CLIENT),
                        server_hostname="accord",
                    )  # fmt: skip
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        return asyncio.ensure_future(self._serve(reader, writer))  # noqa: TID251  awaited by its test

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.connections += 1
        self.is_connected.set()
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                size = int.from_bytes(await reader.readexactly(4), "big")
                message = await reader.readexactly(size)
                async with self._heard:
                    self.came.append(message)
                    self._heard.notify_all()
        writer.close()

    def say(self, *messages: fig.Federated) -> None:
        assert self._writer is not None
        self._writer.write(b"".join(fig.framed(each.encode()) for each in messages))

    def say_bytes(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    def cut(self) -> None:
        """Break the connection, as a network does."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None
        self.is_connected.clear()

    async def hears(self, is_it: Callable[[bytes], bool]) -> bytes:
        """Wait for a message of which that is true; it may have come before."""
        async with asyncio.timeout(PATIENCE), self._heard:
            while True:
                for message in self.came:
                    if is_it(message):
                        return message
                await self._heard.wait()

    async def hears_of(self, uid: str) -> fig.Fields:
        """Wait for an event of that uid."""
        return fig.geo_of(await self.hears(lambda message: fig.uid_of(message) == uid))

    async def hears_so_many(self, count: int) -> None:
        """Wait until that many messages have come."""
        async with asyncio.timeout(PATIENCE), self._heard:
            await self._heard.wait_for(lambda: len(self.came) >= count)

    @property
    def uids(self) -> list[str]:
        return [uid for uid in map(fig.uid_of, self.came) if uid]


def federate(directory: Path, partner: TakPartner) -> None:
    """Pin a TAK server on a node, as `accord partner add-tak` does."""
    Partners(directory / PARTNERS).prepare()
    TakPartners(directory / PARTNERS).add(partner)
