"""TLS of the node's listeners: TLS 1.2 or newer, with the node's certificate."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from accord.core.errors import AccordError
from accord.security import keystore

_Made = TypeVar("_Made")

Failed = Callable[[str], None]
"""Told in OpenSSL's words why a handshake failed."""


class Counted(ssl.SSLObject):
    """A connection's TLS that counts the bytes that it makes for the other end, encrypted.

    Whatever makes any is counted, so that the sum can be held against what TCP says that it has: a
    handshake, tickets and new keys while reading, the end.
    """

    made: int = 0
    outgoing: ssl.MemoryBIO

    def _count(self, do: Callable[..., _Made], *given: object) -> _Made:
        before = self.outgoing.pending
        try:
            return do(*given)
        finally:
            self.made += self.outgoing.pending - before

    def do_handshake(self) -> None:
        """Take a step of the handshake."""
        self._count(super().do_handshake)

    def read(self, len: int = 1024, buffer: Any = None) -> bytes:  # noqa: A002  as SSLObject has it
        """Read what was decrypted."""
        return self._count(super().read, len, buffer)

    def write(self, data: Any) -> int:
        """Encrypt what is to be sent."""
        return self._count(super().write, data)

    def unwrap(self) -> None:
        """Say that there is no more."""
        self._count(super().unwrap)


class CountingContext(ssl.SSLContext):
    """TLS whose connections are Counted."""

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *given: Any, **named: Any
    ) -> ssl.SSLObject:
        """Begin a connection over two buffers."""
        tls = super().wrap_bio(incoming, outgoing, *given, **named)
        if isinstance(tls, Counted):
            tls.outgoing = outgoing
        return tls


def server_context(
    directory: Path, *, clients: ssl.VerifyMode, failed: Failed | None = None
) -> ssl.SSLContext:
    """Return what a listener offers; `clients` says whether it wants certificates of clients.

    AccordError names the file that is not right.
    """
    context = CountingContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    keystore.load_chain(context, directory / keystore.SERVER, directory / keystore.SERVER_KEY)
    if clients is not ssl.CERT_NONE:
        _trust(context, directory / keystore.AUTHORITY)
        context.verify_mode = clients
    context.sslobject_class = Counted if failed is None else watched_by(failed, Counted)
    return context


def watched_by(failed: Failed, kind: type[ssl.SSLObject] = ssl.SSLObject) -> type[ssl.SSLObject]:
    """Return a connection's TLS that tells of a failure, of which asyncio says nothing."""

    class Watched(kind):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                failed(getattr(error, "verify_message", "") or error.reason or "no reason given")
                raise

    return Watched


def client_context(directory: Path) -> ssl.SSLContext:
    """Return TLS as the node's administrator. AccordError names the file that is not right."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _trust(context, directory / keystore.AUTHORITY)
    keystore.load_chain(
        context, directory / keystore.ADMINISTRATOR, directory / keystore.ADMINISTRATOR_KEY
    )
    return context


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    keystore.read_certificates(authority)
    # An authority that was brought along may itself be issued by one that is not in the file.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError as error:
        raise AccordError(f"{authority} cannot be used: {error.reason}") from None
