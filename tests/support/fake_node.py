"""A node as the command line sees it: a directory, CoT over TLS that relays, and HTTP."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from accord.api.app import Api, app
from accord.api.server import serve_http
from accord.cli.template import settings_text
from accord.core.principal import Principal, Role
from accord.observe.health import Status
from accord.security.accept import Peer
from accord.storage.people import PEOPLE, People
from accord.tak.server import bind_stream
from accord.wire.cot.stream import CotStream
from support.clock import START
from support.tls import TestAuthority


def a_node_directory(directory: Path) -> TestAuthority:
    """Make a directory with settings, certificates and an empty register."""
    authority = TestAuthority(directory)
    _ = authority.ca
    authority.issue("server/server", "NZL-X")
    authority.issue("clients/administrator", "administrator")
    text = settings_text(node="NZL-X", nation="NZL", name="")
    (directory / "accord.toml").write_text(text)
    People(directory / PEOPLE).create()
    directory.chmod(0o700)
    return authority


def _ignore(_reason: str, _peer: Peer) -> None:
    pass


class FakeNode:
    """Relays CoT and answers HTTP, from a directory that says where."""

    def __init__(self, authority: TestAuthority, status: Status) -> None:
        self._authority = authority
        self._status = status
        self._writers: list[asyncio.StreamWriter] = []
        self._api = bind_stream("127.0.0.1", 0)
        self._cot = bind_stream("127.0.0.1", 0)
        addresses = {
            "cot-tls": self._cot.getsockname(),
            "cot-udp": ("127.0.0.1", 6969),
            "api": self._api.getsockname(),
        }
        said = {name: f"{host}:{port}" for name, (host, port) in addresses.items()}
        (authority.directory / "run").mkdir()
        (authority.directory / "run" / "listeners.json").write_text(
            json.dumps({"pid": os.getpid(), "listeners": said})
        )

    async def _passes(self) -> None:
        return None

    @asynccontextmanager
    async def _running(self) -> AsyncGenerator[None]:
        administrator = Principal(name="administrator", role=Role.ADMINISTRATOR)
        api = Api(
            admit=lambda _certificate: administrator,
            status=lambda: self._status,
            self_check=self._passes,
        )
        tls = self._authority.server()
        cot = await asyncio.start_server(self._talk, sock=self._cot, ssl=tls)
        async with cot, asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(serve_http(app(api), self._api, tls, _ignore))
            yield
            serving.cancel()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        stream = CotStream()
        while data := await reader.read(65536):
            for event in stream.receive(data, START):
                for other in self._writers:
                    other.write(event.xml)
            writer.write(stream.take_replies())
        writer.close()

    @contextmanager
    def running(self) -> Generator[None]:
        """Run in a thread of its own, since the doctor has an event loop of his own."""
        ready, done = threading.Event(), threading.Event()

        async def live() -> None:
            async with self._running():
                ready.set()
                await asyncio.to_thread(done.wait)

        thread = threading.Thread(target=lambda: asyncio.run(live()))
        thread.start()
        ready.wait()
        try:
            yield
        finally:
            done.set()
            thread.join()
