"""Accepts connections so that strangers who never finish a handshake keep nobody out.

asyncio's own server tells of a connection when its TLS handshake is done, and so can neither count
nor end the ones that only wait. When too many wait, the one that has waited longest gives way:
a member's handshake takes some milliseconds, a stranger's never ends.
"""

import asyncio
import contextlib
import errno
import ipaddress
import resource
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from typing import Self

HANDSHAKE_TIMEOUT = 15.0
"""Seconds allowed for a TLS handshake; ATAK gives up connecting after 20."""

GOODBYE_TIMEOUT = 5.0
"""Seconds in which a client may answer the end of TLS."""

MAX_HANDSHAKES = 1_024
"""Connections of one listener that may wait for their handshake."""

MAX_HANDSHAKES_PER_SOURCE = 512
"""Those of one source; behind one address many phones may come back at once."""

KEPT_DESCRIPTORS = 64
"""Of the process's descriptors, those that no connection gets: the journal opens files."""

ACCEPT_AGAIN_AFTER = 0.1
"""Seconds until the next try where the system has no descriptor left."""

ALL, MOST = 1.0, 0.75
"""Shares of the descriptors; what everybody may speak to gets MOST, so that members get some."""

Peer = Sequence[str | int]
"""A client's address, as a socket gives it."""

Refuse = Callable[[str, Peer], None]
"""Told in a few words why a connection is closed, and whose it is."""

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def source_of(peer: Peer) -> str:
    """Return whom connections are counted against: an IPv4 address, or an IPv6 network of 64."""
    address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address.packed, 64), strict=False))


class Acceptor:
    """Accepts on a bound socket, from now on until it is closed; `async with` closes it."""

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
        *,
        refuse: Refuse,
        share: float,
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._tls = tls
        self._refuse = refuse
        self._below = _first_kept_descriptor(share)
        self._waiting: dict[str, dict[socket.socket, Peer]] = {}
        self._greeting = set[asyncio.Task[None]]()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Accept no more, and end what waits for a handshake."""
        if self._listener.fileno() < 0:
            return
        self._accepting.cancel()
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()
        for theirs in self._waiting.values():
            for sock in theirs:
                _hang_up(sock)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(self._listener)
            except OSError as error:
                await self._after(error)
                continue
            self._admit(sock, peer)
            await asyncio.sleep(0)  # handshakes go on while others arrive

    async def _after(self, error: OSError) -> None:
        """Make room where the system has none; otherwise a client left before its turn."""
        if error.errno in _EXHAUSTED:
            self._give_way(self._heaviest(), "no descriptors left")
            await asyncio.sleep(ACCEPT_AGAIN_AFTER)

    def _admit(self, sock: socket.socket, peer: Peer) -> None:
        if sock.fileno() >= self._below:  # the system gives the lowest that is free
            self._refuse("no descriptors to spare", peer)
            sock.close()
            self._give_way(self._heaviest(), "too many handshakes")
            return
        source = source_of(peer)
        if len(self._waiting.get(source, ())) >= MAX_HANDSHAKES_PER_SOURCE:
            self._give_way(source, "too many handshakes")
        elif sum(map(len, self._waiting.values())) >= MAX_HANDSHAKES:
            self._give_way(self._heaviest(), "too many handshakes")
        self._waiting.setdefault(source, {})[sock] = peer
        task = asyncio.get_running_loop().create_task(self._greet(sock, peer, source))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)

    async def _greet(self, sock: socket.socket, peer: Peer, source: str) -> None:
        timeouts = {}
        if self._tls is not None:
            timeouts = {
                "ssl_handshake_timeout": HANDSHAKE_TIMEOUT,
                "ssl_shutdown_timeout": GOODBYE_TIMEOUT,
            }
        try:
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(self._protocol, sock, ssl=self._tls, **timeouts)
        except ConnectionAbortedError:
            self._refuse("TLS handshake took too long", peer)
        except OSError:
            pass  # the context tells of what TLS refuses; otherwise the client has left
        finally:
            self._forget(sock, source)

    def _heaviest(self) -> str:
        """Return the source that most handshakes wait of."""
        return max(self._waiting, key=lambda source: len(self._waiting[source]), default="")

    def _give_way(self, source: str, reason: str) -> None:
        """End the handshake that has waited longest of those of a source."""
        sock, peer = next(iter(self._waiting.get(source, {}).items()), (None, None))
        if sock is not None and peer is not None:
            self._refuse(reason, peer)
            self._forget(sock, source)
            _hang_up(sock)

    def _forget(self, sock: socket.socket, source: str) -> None:
        theirs = self._waiting.get(source, {})
        theirs.pop(sock, None)
        if not theirs:
            self._waiting.pop(source, None)


def _hang_up(sock: socket.socket) -> None:
    """End a connection whose socket the event loop owns: it sees the end, and closes it."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _first_kept_descriptor(share: float) -> int:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    return int((limit - KEPT_DESCRIPTORS) * share)
