"""How much of what was written to a connection the system at its other end has acknowledged.

That is asked of Linux (`tcp_info.tcpi_bytes_acked` of `linux/tcp.h`, since 4.1, and SIOCOUTQ of
`tcp(7)`); other systems do not say it. Over TLS what is acknowledged is counted encrypted, so the
connection's TLS counts what it makes (`security/tls.py` `Counted`).
"""

import asyncio
import fcntl
import socket
import struct
import sys
import termios
from contextlib import suppress

from accord.security.tls import Counted

LINE = "line"
"""The key of `scope["state"]` of a WebSocket with its connection's Acknowledged, or None."""

_BYTES_ACKED = struct.Struct("=Q")
_AT = 120
"""Where `tcpi_bytes_acked` lies in `tcp_info`."""

_TRIES = 5
"""Readings until two agree that nothing was acknowledged between them."""


class Acknowledged:
    """One connection over TCP, with or without TLS. `of` makes it."""

    __slots__ = ("_known", "_socket", "_tls", "_transport")

    def __init__(
        self, transport: asyncio.Transport, sock: socket.socket, tls: Counted | None
    ) -> None:
        self._transport = transport
        self._socket = sock
        self._tls = tls
        self._known = 0

    @classmethod
    def of(cls, transport: asyncio.Transport) -> "Acknowledged | None":
        """Return what watches a connection, None where its system does not say."""
        sock = transport.get_extra_info("socket")
        if not _can_say(sock):
            return None
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and not isinstance(tls, Counted):
            return None
        made = cls(transport, sock, tls)
        try:
            has = made._ask()
        except (OSError, ValueError):
            return None
        # After a handshake the client has had some of it, and no more than was made.
        return made if tls is None or 0 < has <= tls.made else None

    def written(self) -> int | None:
        """Return how many bytes of the connection were written so far.

        None while some of them wait to be encrypted, or where the connection ends.
        """
        transport = self._transport
        if transport.is_closing():
            return None
        tls = self._tls
        if tls is not None:
            # What is not encrypted yet waits in the same buffer as what is, and is not sent yet.
            is_all_made = transport.get_write_buffer_size() == tls.outgoing.pending
            return tls.made if is_all_made else None
        try:
            return self._counted_by_system()
        except (OSError, ValueError):
            return None

    def acknowledged(self) -> int:
        """Return how many of them are acknowledged; of a socket that is closed, what was last."""
        with suppress(OSError, ValueError):
            self._known = self._ask()
        return self._known

    def _ask(self) -> int:
        said = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _AT + 8)
        if len(said) < _AT + 8:
            raise OSError("the system does not say how much is acknowledged")
        return _BYTES_ACKED.unpack_from(said, _AT)[0]

    def _counted_by_system(self) -> int | None:
        """Return what is acknowledged, what the system has beyond, and what waits for it."""
        before = self._ask()
        for _ in range(_TRIES):
            waiting = bytearray(4)
            fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, waiting)
            after = self._ask()
            if after == before:
                (sent,) = struct.unpack("=i", waiting)
                return before + sent + self._transport.get_write_buffer_size()
            before = after
        return None


def _can_say(sock: socket.socket | None) -> bool:
    if sock is None or not sys.platform.startswith("linux"):
        return False
    return sock.family in (socket.AF_INET, socket.AF_INET6)
