"""The ceiling for a CoT server in Python: fan-out without parsing.

Cuts each client's bytes after the last whole event and writes that piece, unchanged, to every other
client; uvloop joins the writes of one turn of its loop. There is no picture, no routing, no check:
it shows how much of this machine is left for those. While one client does not keep up, nobody is
read from, so nothing is lost.
"""

import argparse
import asyncio
import signal
from typing import ClassVar

import uvloop

END = b"</event>"
PING = b'type="t-x-c-t"'
PIECES_WITH_A_PING = 4
"""How far into a connection a client may ask whether it is served."""


class Peer(asyncio.Protocol):
    all: ClassVar[dict["Peer", asyncio.Transport]] = {}
    slow: ClassVar[set["Peer"]] = set()
    limit: ClassVar[int] = 1 << 20

    def __init__(self) -> None:
        self._rest = b""
        self._pieces = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        transport.set_write_buffer_limits(high=self.limit)
        self.all[self] = transport

    def connection_lost(self, _error: Exception | None) -> None:
        del self.all[self]
        self.resume_writing()

    def pause_writing(self) -> None:
        self.slow.add(self)
        for transport in self.all.values():
            transport.pause_reading()

    def resume_writing(self) -> None:
        self.slow.discard(self)
        if not self.slow:
            for transport in self.all.values():
                transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        cut = data.rfind(END) + len(END)
        if cut < len(END):
            self._rest = data
            return
        piece, self._rest = data[:cut], data[cut:]
        self._pieces += 1
        if self._pieces <= PIECES_WITH_A_PING and PING in piece:
            self._transport.write(b'<event type="t-x-c-t-r"></event>')
        for peer, transport in self.all.items():
            if peer is not self:
                transport.write(piece)


async def serve(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(Peer, host, port, backlog=4096)
    print(f"ready {host}:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    chosen = options.parse_args()
    uvloop.run(serve(chosen.host, chosen.port))
