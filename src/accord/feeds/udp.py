"""Datagrams that come to this machine: sent to it alone, or to a multicast group that it joins."""

import asyncio
import ipaddress
import socket
import struct
from collections import Counter, deque
from collections.abc import AsyncGenerator

from accord.feeds.feed import FeedError
from accord.observe.unheard import Unheard

MAX_WAITING = 4_096
"""Datagrams that wait to be read; beyond, the oldest goes."""

TOGETHER = 64
"""Datagrams that are handed on at once."""

RECEIVE_BUFFER = 1 << 20
"""Bytes that the system may hold for us; it gives as many as it allows."""

DROPPED = "datagrams that nobody had time for"


class Datagrams(asyncio.DatagramProtocol):
    """Binds, and yields what comes; of lines, the end of a datagram is the end of a line."""

    is_finite = False

    def __init__(self, host: str, port: int, *, is_lines: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._host = host
        self._port = port
        self._is_lines = is_lines
        self._waiting: deque[bytes] = deque()
        self._has_some = asyncio.Event()
        self._unheard: Unheard | None = None

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield an empty chunk when bound, then what comes. Raises OSError or FeedError."""
        bound = _bind(self._host, self._port)
        self._unheard = Unheard(bound)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=bound)
        try:
            yield b""
            while True:
                await self._has_some.wait()
                yield self._next()
        finally:
            transport.abort()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take what came; the oldest gives way where there is too much."""
        del addr
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.counts[DROPPED] += 1
        self._waiting.append(data if not self._is_lines or data[-1:] == b"\n" else data + b"\n")
        self._has_some.set()

    def _next(self) -> bytes:
        # Where frames are no lines, a datagram that was cut must not be joined to the next.
        count = min(TOGETHER if self._is_lines else 1, len(self._waiting))
        data = b"".join([self._waiting.popleft() for _ in range(count)])
        if not self._waiting:
            self._has_some.clear()
        # What was dropped was dropped while others waited: after the last of these all is known.
        if self._unheard is not None and (dropped := self._unheard.more()):
            self.counts[DROPPED] += dropped
        return data


def _bind(host: str, port: int) -> socket.socket:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise FeedError(f"{host} is no address of this machine, and no multicast address") from None
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if address.is_multicast:
            # Others on this machine may listen to the same group.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _join(bound, address)
        bound.bind((host, port))
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


def _join(bound: socket.socket, group: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if group.version == 6:
        wanted = group.packed + struct.pack("@I", 0)
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, wanted)
    else:
        wanted = group.packed + struct.pack("!I", socket.INADDR_ANY)
        bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted)
