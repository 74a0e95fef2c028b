"""TLS of the node's listeners: TLS 1.2 or newer, with the node's certificate."""

import ssl
from collections.abc import Callable
from pathlib import Path

from accord.core.errors import AccordError
from accord.security import keystore

Failed = Callable[[str], None]
"""Told in OpenSSL's words why a handshake failed."""


def server_context(
    directory: Path, *, clients: ssl.VerifyMode, failed: Failed | None = None
) -> ssl.SSLContext:
    """Return what a listener offers; `clients` says whether it wants certificates of clients.

    AccordError names the file that is not right.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    keystore.load_chain(context, directory / keystore.SERVER, directory / keystore.SERVER_KEY)
    if clients is not ssl.CERT_NONE:
        _trust(context, directory / keystore.AUTHORITY)
        context.verify_mode = clients
    if failed is not None:
        context.sslobject_class = watched_by(failed)
    return context


def watched_by(failed: Failed) -> type[ssl.SSLObject]:
    """Return a connection's TLS that tells of a failure, of which asyncio says nothing."""

    class Watched(ssl.SSLObject):
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
