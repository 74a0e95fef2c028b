"""A node with a scripted TAK server, and what its clients say."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from accord.core.clock import SystemClock
from accord.wire.cot import xml
from accord.wire.cot.message import CotPoint
from support import fig
from support.in_process import InProcess, ask, make_node, running
from support.linked import hurry
from support.links import Place
from support.one_sided import OWN, SERVER, agree
from support.tak_server import TakServer, federate

FOR_NZL = {"access": "UNCLASSIFIED", "releasableTo": "USA, NZL"}


def ship(uid: str, lat: float = -33.0, *, detail: str = "", **marks: str) -> bytes:
    now = SystemClock().now()
    return xml.compose(
        uid=uid, type="a-f-S", how="m-g", time=now, start=now, stale=now + timedelta(minutes=10),
        point=CotPoint(lat, 178.0, 0.0, 20.0, 9999999.0), detail=detail,
        marks=dict(marks or FOR_NZL),
    )  # fmt: skip


def of_now(uid: str, **changes: Any) -> fig.Geo:
    now = int(SystemClock().now().timestamp() * 1_000)
    return fig.Geo(uid, time=now, **changes)


class Federation:
    """A node and a TAK server, whichever calls."""

    def __init__(self, place: Path, server: TakServer) -> None:
        self.place = place
        self.server = server
        self.node: InProcess

    async def until(self, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the node says that of the server."""
        async with asyncio.timeout(90):
            while True:
                said = (await ask(self.node, "/api/status"))["partners"]
                if said and is_so(said[0]):
                    return said[0]
                await asyncio.sleep(0.05)

    def ledger(self) -> list[Any]:
        return list(Place(OWN, self.place).ledger(SERVER))


def a_place(directory: Path) -> Path:
    place = make_node(directory / "usa", node=OWN, nation="USA")
    hurry(place)
    agree(place)
    return place


@asynccontextmanager
async def dialled(directory: Path, **changes: Any) -> AsyncGenerator[Federation]:
    """The node calls the server."""
    place = a_place(directory)
    server = TakServer(directory / "tak", place)
    async with server.listening() as address:
        federate(place, server.partner(SERVER, dial=address, **changes))
        both = Federation(place, server)
        async with running(place) as both.node:
            await both.until(lambda partner: partner["state"] == "up")
            yield both


def guards() -> list[int]:
    """The processes of guards of TAK servers that this process has started."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text("ascii").rpartition(")")[2].split()[1])
            words = (place / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and b"accord.federation.tak" in words:
            found.append(int(place.name))
    return found


def free_port() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{sock.getsockname()[1]}"
