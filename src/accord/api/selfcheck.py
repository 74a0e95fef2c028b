"""Passes a message through the node's real socket, as two clients would."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.wire.cot.xml import instant

SELF_CHECK_GROUP = "accord-self-check"
"""The one group of the built-in administrator: nobody else sees what is said into it."""

PATIENCE = 5.0
"""Seconds for the whole check; a load balancer asks again after about 10."""

CLOSE_WITHIN = 0.5

_UID = "accord-self-check"
_PING = "t-x-c-t"
_KIND = "t-x-accord-check"
_STALE = timedelta(seconds=10)
_KEPT = 64
"""Bytes kept between reads, so that a name cut in two is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """Connects twice to a CoT listener; what one says the other must hear.

    `tls` holds the certificate to connect with; it must be of SELF_CHECK_GROUP.
    """

    host: str
    port: int
    tls: ssl.SSLContext
    clock: Clock
    server_name: str | None = None

    async def __call__(self) -> None:
        """Pass one message. AccordError says where it stopped."""
        try:
            async with asyncio.timeout(PATIENCE):
                async with self._connection() as hear, self._connection() as say:
                    await self._pass_message(say[1], hear[0])
        except TimeoutError:
            raise AccordError(
                f"no message came through {self.host} port {self.port} within {PATIENCE:.0f} s"
            ) from None
        except ssl.SSLError as error:
            raise AccordError(f"TLS with port {self.port} failed: {error.reason}") from None
        except OSError as error:
            raise AccordError(
                f"no connection to {self.host} port {self.port}: {error.strerror or error}"
            ) from None

    @asynccontextmanager
    async def _connection(
        self,
    ) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter], None]:
        name = self.server_name
        reader, writer = await asyncio.open_connection(
            self.host, self.port, ssl=self.tls, server_hostname=name
        )
        try:
            # Whoever is answered has been taken in: what is said from now on he will hear.
            writer.write(_event(f"{_UID}-ping", _PING, self.clock.now()))
            if not await reader.read(1):
                raise AccordError(f"port {self.port} closed the connection of the self-check")
            yield reader, writer
        finally:
            await _close(writer)

    async def _pass_message(
        self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader
    ) -> None:
        uid = f"{_UID}-{secrets.token_hex(8)}"
        writer.write(_event(uid, _KIND, self.clock.now()))
        wanted, seen = uid.encode(), b""
        while wanted not in seen:
            data = await reader.read(65536)
            if not data:
                raise AccordError(f"port {self.port} closed the connection of the self-check")
            seen = seen[-_KEPT:] + data


async def _close(writer: asyncio.StreamWriter) -> None:
    """Say goodbye as TLS does, but do not wait long for an answer."""
    writer.close()
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await writer.wait_closed()
    except (TimeoutError, OSError):
        writer.transport.abort()


def _event(uid: str, kind: str, now: datetime) -> bytes:
    """Return an event of no meaning to anyone else (type `t-x`: TAK's own housekeeping)."""
    time, stale = instant(now), instant(now + _STALE)
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="m-g" time="{time}" start="{time}" '
        f'stale="{stale}"><point lat="0" lon="0" hae="9999999" ce="9999999" le="9999999"/>'
        "<detail/></event>"
    ).encode()
