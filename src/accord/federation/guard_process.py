"""The guard of one partner as its node holds it: started, spoken to, and begun again when it ends.

The child gets its end of two socket pairs and nothing else: no standard input, no environment but
what Python and OpenSSL need, no secret on its command line. It ends when the node's end closes.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress

from accord.federation.guard import handed, ipc, talk

KEPT = ("PATH", "LANG", "LC_ALL", "OPENSSL_CONF", "OPENSSL_MODULES", "SSL_CERT_DIR")
STOP_TIMEOUT = 5.0
"""Seconds that a guard may take to enter and sign what is under way."""


class GuardProcess:
    """A running guard. `messages` yields what it says until it ends."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        hand: socket.socket,
    ) -> None:
        self._process = process
        self._reader, self._writer = line
        self._hand = hand
        self._incoming = ipc.Reader()

    @classmethod
    async def start(
        cls, setup: talk.Setup | talk.TakSetup, module: str = "accord.federation.guard"
    ) -> "GuardProcess":
        """Start a guard, of a node or of a TAK server. OSError says that the system cannot."""
        near, far = socket.socketpair()
        hand, theirs = handed.pair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", module,
                str(far.fileno()), str(theirs.fileno()),
                pass_fds=(far.fileno(), theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )  # fmt: skip
        except BaseException:
            near.close()
            hand.close()
            raise
        finally:
            far.close()
            theirs.close()
        try:
            line = await asyncio.open_unix_connection(sock=near)
        except BaseException:
            # Cancelled just now: nobody else will ever know of the process.
            near.close()
            hand.close()
            process.kill()
            await process.wait()
            raise
        made = cls(process, line, hand)
        made.say(setup)
        return made

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def say(self, *messages: talk.Message) -> None:
        """Say something; what cannot be said any more is lost with the guard."""
        if not self._writer.is_closing():
            self._writer.write(b"".join(map(ipc.encode, messages)))

    async def drain(self) -> None:
        """Wait while the guard does not read."""
        with suppress(ConnectionError):
            await self._writer.drain()

    def take(self, sock: socket.socket, role: talk.Role, address: str) -> bool:
        """Give it a connection; False where it takes none now. The socket is closed here."""
        return handed.hand_over(self._hand, sock, role, address)

    async def messages(self) -> AsyncGenerator[talk.Message, None]:
        """Yield what it says, until it ends. Raises IpcError."""
        with suppress(ConnectionError):
            while data := await self._reader.read(ipc.PIECE):
                for message in self._incoming.receive(data):
                    yield message

    async def stop(self) -> str:
        """Let it end by itself, or end it; return how it ended."""
        self.say(talk.Stop())
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                code = await self._process.wait()
        except TimeoutError:
            code = None
        finally:
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    self._process.kill()
            self._writer.close()
            self._hand.close()
        if code is None:
            await self._process.wait()
            return "it did not stop by itself"
        return f"signal {-code}" if code < 0 else f"exit code {code}"
