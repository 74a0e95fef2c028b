"""The one port on which partners call: hands each caller to the guard of the partner it names.

The node has no key that partners see. It looks at the first bytes without taking them (MSG_PEEK),
reads the server name in which a caller says who it is (RFC 6066), and hands the socket over. A
false name gains nothing: that partner's guard takes only that partner's certificate. A name of
nobody is handed to a guard like any other, where it fails like a false one, so that nobody learns
by calling who the partners are.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from accord.federation.client_hello import MAX_CLIENT_HELLO, NotTls, read_client_hello
from accord.observe.counters import Tally
from accord.security.accept import Peer, source_of

HELLO_TIMEOUT = 5.0
"""Seconds in which a caller must have said who it is."""
MAX_CALLERS = 256
"""Callers that may not have said it yet; the one that has waited longest gives way."""
MAX_CALLERS_PER_SOURCE = 64
LOOK_AGAIN_AFTER = 0.05
"""Seconds until a ClientHello that has begun is looked at again; the socket stays readable."""
ACCEPT_AGAIN_AFTER = 0.1

Answer = Callable[[str, socket.socket, str], bool]
"""Gives a caller to a guard by the trust domain that it names; False where there is no guard."""


class Front:
    """Accepts on a bound socket until closed; `async with` closes it. `refused` counts by reason.

    `answer` takes each socket over, whatever it returns.
    """

    def __init__(self, listener: socket.socket, answer: Answer, *, send_buffer: int) -> None:
        listener.setblocking(False)
        self.refused = Tally()
        self._listener = listener
        self._answer = answer
        self._send_buffer = send_buffer
        self._waiting: dict[asyncio.Task[None], tuple[str, socket.socket]] = {}
        self._accepting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._accepting = asyncio.get_running_loop().create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._waiting, *([self._accepting] if self._accepting else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(self._listener)
            except OSError:
                # A caller left before its turn, or the system has nothing left for it.
                self._give_way(list(self._waiting))
                await asyncio.sleep(ACCEPT_AGAIN_AFTER)
                continue
            self._admit(sock, peer)
            await asyncio.sleep(0)

    def _admit(self, sock: socket.socket, peer: Peer) -> None:
        source = source_of(peer)
        theirs = [task for task, (whose, _) in self._waiting.items() if whose == source]
        if len(theirs) >= MAX_CALLERS_PER_SOURCE:
            self._give_way(theirs)
        elif len(self._waiting) >= MAX_CALLERS:
            self._give_way(list(self._waiting))
        task = asyncio.get_running_loop().create_task(self._meet(sock, peer))
        self._waiting[task] = source, sock
        task.add_done_callback(self._gone)

    def _give_way(self, tasks: list["asyncio.Task[None]"]) -> None:
        if tasks:
            self.refused["too many callers"] += 1
            tasks[0].cancel()
            self._gone(tasks[0])

    def _gone(self, task: "asyncio.Task[None]") -> None:
        self._waiting.pop(task, None)

    async def _meet(self, sock: socket.socket, peer: Peer) -> None:
        """Look who it says it is, and hand it over."""
        try:
            async with asyncio.timeout(HELLO_TIMEOUT):
                name = await self._server_name(sock)
        except (TimeoutError, NotTls, OSError) as error:
            self.refused["too slow" if isinstance(error, TimeoutError) else _why(error)] += 1
            sock.close()
            return
        except BaseException:
            sock.close()
            raise
        configure(sock, self._send_buffer)
        if not self._answer(name, sock, f"{peer[0]}:{peer[1]}"):
            self.refused["no guard to take it"] += 1

    async def _server_name(self, sock: socket.socket) -> str:
        seen = -1
        while True:
            data = await _peek(sock)
            if len(data) == seen:
                await asyncio.sleep(LOOK_AGAIN_AFTER)
                continue
            if not data:
                raise ConnectionResetError
            hello = read_client_hello(data[:MAX_CLIENT_HELLO])
            if hello is not None:
                return hello.server_name
            if len(data) >= MAX_CLIENT_HELLO:
                raise NotTls("a ClientHello that does not end")
            seen = len(data)


def configure(sock: socket.socket, send_buffer: int) -> None:
    """Have a socket hold back nothing, and hold little: what is urgent must not wait in it."""
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)


async def _peek(sock: socket.socket) -> bytes:
    """Return what has come, and leave it there; empty where the caller has closed."""
    loop = asyncio.get_running_loop()
    while True:
        readable: asyncio.Future[None] = loop.create_future()
        loop.add_reader(sock, _set, readable)
        try:
            await readable
        finally:
            loop.remove_reader(sock)
        with suppress(BlockingIOError):
            return sock.recv(MAX_CLIENT_HELLO, socket.MSG_PEEK)


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, NotTls) else "closed"
