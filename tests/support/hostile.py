"""A partner that speaks the protocol with its own keys and no guard, and says what it likes."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.core.partner import Partner
from accord.security import identity, keystore
from accord.security.authority import Issued
from accord.security.signing import SigningKey
from accord.wire.peer.decode import decode_hello
from accord.wire.peer.encode import Encoder, encode_hello
from accord.wire.peer.frame import Handles
from accord.wire.peer.message import Held, Hello, PeerMessage
from accord.wire.peer.proof import session_of
from accord.wire.peer.protocol import Lane, Profile
from accord.wire.peer.stream import PeerStream
from accord.wire.peer.translate import milliseconds
from support.links import Place


def trusting(place: Place, to: Partner, issued: Issued | None = None) -> ssl.SSLContext:
    """TLS of a node towards a partner, with another certificate than its own where one is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=to.authority)
    certificate = place.directory / identity.NODE
    key = place.directory / identity.NODE_KEY
    if issued is not None:
        certificate, key = Path(f"{certificate}.other"), Path(f"{key}.other")
        keystore.write_key(key, issued.key)
        keystore.write_certificates(certificate, issued.certificate)
    keystore.load_chain(context, certificate, key)
    return context


@dataclass
class Hostile:
    """Its end of a session that was begun as it should be."""

    place: Place
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    encoder: Encoder
    theirs: Hello
    sent: list[bytes] = field(default_factory=list[bytes])

    def frame(self, message: PeerMessage, lane: Lane = Lane.TRACKS, **how: Any) -> bytes:
        number = how.pop("number", self.encoder.number + 1)
        return self.encoder.encode(message, number=number, lane=lane, at=milliseconds(_now()))

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        self.writer.write(data)
        await self.writer.drain()

    async def ended(self) -> bytes:
        """Everything that still comes until the other end closes."""
        async with asyncio.timeout(60.0):
            try:
                return await self.reader.read()
            except OSError:
                return b""


@asynccontextmanager
async def calling(
    place: Place, to: Partner, address: str, *, server_name: str = "", issued: Issued | None = None
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Call a node as this one, by whatever name."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(
        host, int(port), ssl=trusting(place, to, issued),
        server_hostname=server_name or place.name.trust_domain,
    )  # fmt: skip
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


@asynccontextmanager
async def speaking(
    place: Place,
    to: Partner,
    address: str,
    held: Held,
    *,
    sign: Callable[[bytes], bytes] | None = None,
    **changes: Any,
) -> AsyncGenerator[Hostile]:
    """Call a node as this one, and say HELLO as it should be but for these changes."""
    sign = sign or SigningKey.load(place.directory / identity.RELEASE_KEY).sign
    async with calling(place, to, address) as (reader, writer):
        hello = Hello(
            node=place.node, epoch=3, nonce=secrets.token_bytes(16), profile=Profile.MODERN,
            clock=milliseconds(_now()), frame=16_384, file=1 << 20, gives=(held,),
        )  # fmt: skip
        hello = replace(hello, **changes)
        writer.write(encode_hello(hello, receiver=to.node, sign=sign))
        stream, frames = PeerStream(limit=16_384), []
        while not frames:
            data = await reader.read(65_536)
            if not data:
                raise ConnectionResetError
            frames = stream.receive(data)
        theirs = decode_hello(
            frames[0], sender=to.node, receiver=place.node, verify=lambda *_: True
        )
        encoder = Encoder(
            session=session_of(hello.nonce, theirs.nonce), sender=place.node, receiver=to.node,
            sign=sign, handles=Handles(limit=1_000),
        )  # fmt: skip
        yield Hostile(place, reader, writer, encoder, theirs)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251
