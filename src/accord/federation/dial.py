"""Dialling a partner: TCP alone. The connection is the guard's as soon as it is made."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from accord.federation.front import configure
from accord.federation.link_settings import LinkSettings

Random = Callable[[], float]
"""A number from 0 to 1 that nobody foresees."""


class Backoff:
    """Seconds to wait before the next try: twice as long each time, and never all at once."""

    def __init__(self, first: float, longest: float, random: Random) -> None:
        self._first = first
        self._longest = longest
        self._random = random
        self._next = first

    def take(self) -> float:
        """Return how long to wait now: between half of it and the whole."""
        wait, self._next = self._next, min(2 * self._next, self._longest)
        return wait * (0.5 + 0.5 * self._random())

    def reset(self) -> None:
        """Begin anew: it has worked."""
        self._next = self._first


async def connect(address: str, *, timeout: float, send_buffer: int) -> socket.socket:  # noqa: ASYNC109
    """Return a TCP connection to HOST:PORT. Raises OSError, TimeoutError among them."""
    host, _, port = address.rpartition(":")
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout):
        found = await loop.getaddrinfo(
            host.removeprefix("[").removesuffix("]"), int(port), type=socket.SOCK_STREAM
        )
        wrong: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, at in found:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            configure(sock, send_buffer)
            try:
                await loop.sock_connect(sock, at)
            except OSError as error:
                sock.close()
                wrong = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The link that is dialled for: whether it is wanted, whether it is there, and who takes it."""

    is_wanted: Callable[[], bool]
    is_up: Callable[[], bool]
    hand: Callable[[socket.socket, str], bool]
    missed: Callable[[str], None]


class Dialler:
    """Dials a partner until there is a link, and again when it is over. `settle` tells of both."""

    def __init__(
        self, addresses: Sequence[str], settings: LinkSettings, chance: Random, line: Line
    ) -> None:
        self._addresses = addresses
        self._settings = settings
        self._backoff = Backoff(settings.dial_first, settings.dial_longest, chance)
        self._line = line
        self._settled = asyncio.Event()

    def settle(self) -> None:
        """Take note that a connection came to something, or to nothing, or is over."""
        self._settled.set()

    async def run(self) -> None:
        """Dial until cancelled."""
        while True:
            for address in self._addresses:
                if self._line.is_wanted():
                    await self._dial(address)
            if self._line.is_up():
                self._backoff.reset()
                await self._until_down()
            await asyncio.sleep(self._backoff.take())

    async def _until_down(self) -> None:
        while self._line.is_up():
            self._settled.clear()
            await self._settled.wait()

    async def _dial(self, address: str) -> None:
        """Dial once, and wait what comes of it."""
        settings = self._settings
        try:
            sock = await connect(
                address, timeout=settings.dial_timeout, send_buffer=settings.send_buffer
            )
        except OSError as error:
            self._line.missed(f"dialling: {error.strerror or 'no answer'}")
            return
        self._settled.clear()
        if not self._line.hand(sock, address):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(2.0 * settings.handshake_timeout):
                await self._settled.wait()
