"""TLS with a TAK server: both ends show a certificate and the authority that issued it.

Other than between nodes of Accord, TLS 1.2 is taken too (TAK servers offer both), and who is at the
other end is known by the authority that people pinned and by the certificate's SHA-256 alone: TAK
servers put no name into certificates that would say more.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from accord.core.errors import AccordError
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.guard.connection import TurnedAway, words_of
from accord.federation.guard.talk import Role
from accord.security import identity, keystore
from accord.security.accept import GOODBYE_TIMEOUT

READ = 64 * 1024
_GRPC = ["h2"]  # RFC 9113, 3.2


SILENT_AFTER = 60
"""Seconds after which a machine that takes nothing of what is written is given up."""
_PROBES = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


def _keep_alive(sock: socket.socket) -> None:
    """Have the system notice that the other machine has gone: version 1 has no sign of life."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = (*_PROBES, ("TCP_USER_TIMEOUT", SILENT_AFTER * 1000))
    for name, value in options:
        if hasattr(socket, name):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


@dataclass(slots=True)
class Line:
    """A connection whose other end has shown a certificate that counts."""

    number: int
    role: Role
    address: str
    certificate: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass(frozen=True, slots=True)
class TakPorter:
    """Lets one TAK server in and nobody else. `directory` is the node's."""

    directory: Path
    partner: TakPartner
    timeout: float

    async def greet(self, sock: socket.socket, number: int, role: Role, address: str) -> Line:
        """Return the connection once TLS says that the partner is there. Raises TurnedAway."""
        try:
            _keep_alive(sock)
            reader, writer = await self._handshake(sock, role)
        except (OSError, AccordError) as error:
            sock.close()
            raise TurnedAway(f"TLS: {words_of(error)}") from None
        writer.transport.set_write_buffer_limits(high=READ)
        try:
            certificate = self._who(writer.get_extra_info("ssl_object"))
        except TurnedAway:
            writer.transport.abort()
            raise
        return Line(number, role, address, certificate, reader, writer)

    async def _handshake(
        self, sock: socket.socket, role: Role
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=READ)
        protocol = asyncio.StreamReaderProtocol(reader)
        if role is Role.DIALLED:
            transport, _ = await loop.create_connection(
                lambda: protocol, sock=sock, ssl=self.context(ssl.PROTOCOL_TLS_CLIENT),
                server_hostname=self.partner.dial.rpartition(":")[0].strip("[]"),
                ssl_handshake_timeout=self.timeout, ssl_shutdown_timeout=GOODBYE_TIMEOUT,
            )  # fmt: skip
        else:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, sock, ssl=self.context(ssl.PROTOCOL_TLS_SERVER),
                ssl_handshake_timeout=self.timeout, ssl_shutdown_timeout=GOODBYE_TIMEOUT,
            )  # fmt: skip
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    def context(self, protocol: int) -> ssl.SSLContext:
        """Return the TLS of one end. AccordError when this node's certificate cannot be read."""
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        # What people pinned counts, whoever issued it in turn.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=b"".join(self.partner.authorities))
        if protocol == ssl.PROTOCOL_TLS_SERVER:
            context.num_tickets = 0
        if self.partner.version is TakVersion.V2:
            context.set_alpn_protocols(_GRPC)
        self._show(context)
        return context

    def _show(self, context: ssl.SSLContext) -> None:
        """Show the certificate, then the authority's: TAK servers read the second unasked."""
        certificates = [
            self.directory / file for file in (identity.NODE, identity.AUTHORITY)
        ]  # fmt: skip
        with NamedTemporaryFile(suffix=".pem") as chain:
            chain.write(_joined(certificates))
            chain.flush()
            keystore.load_chain(context, Path(chain.name), self.directory / identity.NODE_KEY)

    def _who(self, tls: ssl.SSLObject) -> bytes:
        certificate = tls.getpeercert(binary_form=True)
        if certificate is None:
            raise TurnedAway("no certificate")
        wanted = self.partner.fingerprint
        if wanted and sha256(certificate).hexdigest() != wanted:
            raise TurnedAway("another certificate than the one that is pinned")
        if self.partner.version is TakVersion.V2 and tls.selected_alpn_protocol() != _GRPC[0]:
            raise TurnedAway("it does not speak HTTP/2, as version 2 does")
        return certificate


def _joined(files: Sequence[Path]) -> bytes:
    try:
        return b"".join(file.read_bytes() for file in files)
    except OSError as error:
        raise AccordError(f"cannot read {error.filename}: {error.strerror}") from None
