"""One connection to the partner: TLS, who is at the other end, and both HELLOs."""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field

from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.partner import Partner, Profile
from accord.federation.guard.talk import Role
from accord.security.accept import GOODBYE_TIMEOUT
from accord.security.partner_tls import PartnerTls, certificate_of, is_strong_enough
from accord.security.partners import PartnerAdmission, Refusal
from accord.wire.errors import WireError
from accord.wire.peer.frame import LONGEST_FRAME
from accord.wire.peer.stream import PeerStream

READ = 64 * 1024
TLS_RECORD = 22
"""Bytes that TLS 1.3 adds to each record (RFC 8446, 5.2: 5 of header, 1 of type, 16 of tag)."""


class TurnedAway(AccordError):
    """A connection that does not become a session; says in few words why."""


@dataclass(slots=True)
class Connection:
    """A connection whose other end has shown the partner's certificate."""

    number: int
    role: Role
    address: str
    certificate: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stream: PeerStream
    began: float
    waiting: list[bytes] = field(default_factory=list[bytes])

    async def frames(self) -> list[bytes]:
        """Return the frames that came; none where the other end has closed. Raises WireError."""
        if self.waiting:
            found, self.waiting = self.waiting, []
            return found
        while data := await self.reader.read(READ):
            found = self.stream.receive(data)
            if found:
                return found
            if self.stream.fault is not None:
                raise self.stream.fault
        return []

    async def first(self) -> bytes:
        """Return the first frame; what came with it waits. Raises WireError, TurnedAway."""
        found = await self.frames()
        if not found:
            raise TurnedAway("closed before HELLO")
        self.waiting = found[1:]
        return found[0]

    async def send(self, data: bytes) -> None:
        """Write, and wait until the system has taken it."""
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """End it."""
        self.writer.close()

    def abort(self) -> None:
        """End it without waiting for anybody."""
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Porter:
    """Lets the partner in and nobody else. `partner` is what was pinned when the guard began."""

    tls: PartnerTls
    admission: PartnerAdmission
    partner: Partner
    profile: Profile
    timeout: float
    limit: int
    clock: Clock

    async def greet(self, sock: socket.socket, number: int, role: Role, address: str) -> Connection:
        """Return the connection once TLS says that the partner is there. Raises TurnedAway."""
        said: list[str] = []
        try:
            reader, writer = await self._handshake(sock, role, said)
        except (OSError, AccordError) as error:
            sock.close()
            raise TurnedAway(f"TLS: {said[0] if said else words_of(error)}") from None
        # With a limit of nothing, asyncio would pause at nothing as well.
        writer.transport.set_write_buffer_limits(high=1, low=0)
        try:
            certificate = self._who(writer.get_extra_info("ssl_object"))
        except TurnedAway:
            writer.transport.abort()
            raise
        return Connection(
            number, role, address, certificate, reader, writer,
            PeerStream(limit=self.limit), self.clock.monotonic(),
        )  # fmt: skip

    async def _handshake(
        self, sock: socket.socket, role: Role, said: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2 * LONGEST_FRAME)
        protocol = asyncio.StreamReaderProtocol(reader)
        if role is Role.DIALLED:
            transport, _ = await loop.create_connection(
                lambda: protocol,
                sock=sock,
                ssl=self.tls.dialling(self.partner, failed=said.append),
                server_hostname=self.tls.server_name,
                ssl_handshake_timeout=self.timeout,
                ssl_shutdown_timeout=GOODBYE_TIMEOUT,
            )
        else:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                sock,
                ssl=self.tls.listening(failed=said.append),
                ssl_handshake_timeout=self.timeout,
                ssl_shutdown_timeout=GOODBYE_TIMEOUT,
            )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    def _who(self, tls: ssl.SSLObject) -> bytes:
        certificate = certificate_of(tls)
        found = self.admission.admit(certificate)
        if isinstance(found, Refusal):
            raise TurnedAway(str(found))
        if found.node != self.partner.node or certificate is None:
            raise TurnedAway(f"certificate of another partner ({found.node})")
        if not is_strong_enough(tls, self.profile):
            raise TurnedAway("TLS is not of the profile")
        return certificate


def words_of(error: Exception) -> str:
    """Return the few words by which a handshake that failed is counted."""
    if isinstance(error, ssl.SSLError):
        return error.reason or "failed"
    if isinstance(error, ConnectionError | TimeoutError):
        return "closed or too slow"
    return str(error)


def reason_of(error: WireError) -> str:
    """Return the few words by which a refused frame is counted."""
    return f"frame {error.reason}"
