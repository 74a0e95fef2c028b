"""A broker that takes one client and does what a test says (MQTT 3.1.1, OASIS, chapter 3)."""

import asyncio
from dataclasses import dataclass, field

CONNECT, SUBSCRIBE, DISCONNECT = 1, 8, 14
ACCEPTED, BAD_PASSWORD = 0, 4
"""Return codes of CONNACK (table 3.1)."""
REFUSED = 0x80
"""Return code of SUBACK (3.9.3)."""


def _length(count: int) -> bytes:
    said = bytearray()
    while True:
        count, low = divmod(count, 128)
        said.append(low | (0x80 if count else 0))
        if not count:
            return bytes(said)


def publish(topic: str, payload: bytes) -> bytes:
    """Return a PUBLISH of quality of service 0."""
    body = len(topic).to_bytes(2) + topic.encode() + payload
    return b"\x30" + _length(len(body)) + body


@dataclass
class Broker:
    """Listens on loopback; `sends` go out once the topic is asked for, then it may hang up."""

    sends: bytes = b""
    connack: int = ACCEPTED
    suback: int = 0
    hangs_up: bool = False
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def __aenter__(self) -> "Broker":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                kind = (await reader.readexactly(1))[0] >> 4
                length = shift = 0
                while True:
                    low = (await reader.readexactly(1))[0]
                    length |= (low & 0x7F) << shift
                    shift += 7
                    if low < 0x80:
                        break
                body = await reader.readexactly(length)
                self.heard.append(bytes([kind]) + body)
                if kind == CONNECT:
                    writer.write(bytes([0x20, 2, 0, self.connack]))
                elif kind == SUBSCRIBE:
                    writer.write(b"\x90\x03" + body[:2] + bytes([self.suback]) + self.sends)
                    if self.hangs_up:
                        break
                elif kind == DISCONNECT:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
