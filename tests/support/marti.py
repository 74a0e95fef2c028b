"""TAK's HTTP interface over a node that is made of fakes, asked as one of a few people."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from accord.api.caller import Caller, Via, caller_of
from accord.api.problem import Problem, refused
from accord.config.settings import NodeSettings, Settings
from accord.core.principal import Direction, Principal, Role
from accord.live.asked import Beyond
from accord.live.marking import DefaultMarkings
from accord.node.browsers import Browsers
from accord.node.kept import past
from accord.node.tak_api import TakApi
from accord.storage.tak_file import TAK, TakFile
from accord.tak.session import TakSession
from support.past import keep
from support.tak import FakeNode, FakePeer, own_position

BASE = "https://node:8443"
OWN = ("node", "10.0.0.7")
"""The names of the node's certificate."""
BOTH, IN, OUT = Direction.BOTH, Direction.IN, Direction.OUT

PEOPLE = {
    each.name: each
    for each in (
        Principal(name="kiwi", groups={"Blue": BOTH}, credential="k1"),
        Principal(name="moa", groups={"Blue": BOTH}, credential="m1"),
        Principal(name="tui", groups={"Red": BOTH}, credential="t1"),
        Principal(name="kea", groups={"Blue": BOTH, "Red": BOTH}, credential="e1"),
        Principal(name="ruru", groups={"Blue": BOTH}, role=Role.READ_ONLY, credential="r1"),
        Principal(name="weka", groups={"Blue": BOTH}, role=Role.ADMINISTRATOR, credential="w1"),
        Principal(
            name="pukeko", groups={"Blue": BOTH}, exercises=frozenset({"TASMAN"}), credential="p1"
        ),
    )
}  # fmt: skip


def identify(connection: HTTPConnection) -> Principal | str:
    return PEOPLE.get(connection.headers.get("x-who", ""), "no client certificate")


class _Callers:
    """Who asks for what the page does: by his certificate, or by his password."""

    def require(self, connection: HTTPConnection) -> Caller:
        principal = identify(connection)
        if isinstance(principal, str):
            raise Problem(401, f"not admitted: {principal}")
        return caller_of(principal, Via(connection.headers.get("x-via", Via.CERTIFICATE)))


_EMPTY: dict[str, bytes] = {}
"""The files of a node in which nothing was said: made once, since each asks the disk to wait."""


def _begin(directory: Path) -> None:
    if (directory / TAK).exists():
        return
    if not _EMPTY:
        with TemporaryDirectory() as made:
            keep(Path(made), [])
            TakFile(Path(made) / TAK).prepare()
            for path in Path(made).iterdir():
                _EMPTY[path.name] = path.read_bytes()
    for name, data in _EMPTY.items():
        (directory / name).write_bytes(data)


class Marti:
    """The interface, what is behind it, and how to ask it; `node` has the stream's clients."""

    def __init__(self, directory: Path, beyond: Beyond | None = None, **settings: Any) -> None:
        self.directory = directory
        self.node = FakeNode()
        _begin(directory)
        kept = past(directory, DefaultMarkings(), beyond)
        browsers = SimpleNamespace(callers=_Callers(), past=kept)
        given = Settings(node=NodeSettings(id="NZL-TEST", nation="NZL"), **settings)
        self.api = TakApi(
            directory,
            given,
            bridge=self.node.bridge,
            picture=self.node.picture,
            identify=identify,
            browsers=cast("Browsers", browsers),
            host=lambda asked: asked if asked in OWN else OWN[0],
        )
        self.app = Starlette(
            routes=[*self.api.routes(), *self.api.for_the_page()],
            exception_handlers={HTTPException: refused, Problem: refused},
        )
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=BASE, timeout=60
        )

    async def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask as somebody."""
        headers = {"x-who": who, **more.pop("headers", {})}
        return await self._http.request(method, path, headers=headers, **more)

    async def get(self, who: str, path: str, **more: Any) -> Any:
        """Ask for JSON that must be there."""
        answer = await self.ask(who, "GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def does(self, who: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Do something that must be answered with a status; return the JSON, or the text."""
        answer = await self.ask(who, method, path, **more)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.json() if is_json and answer.text else answer.text

    def on_air(self, who: str, uid: str = "", callsign: str = "") -> tuple[TakSession, FakePeer]:
        """Connect somebody's client, which says who it is."""
        peer = FakePeer()
        session = TakSession(
            self.node.bridge, peer, principal=PEOPLE[who], channel="cot-tls",
            address=f"192.0.2.1:{len(self.node.bridge.sessions)}",
        )  # fmt: skip
        peer.session = session
        session.open()
        session.receive(own_position(uid or f"UID-{who}", callsign or who.upper()))
        self.node.tick()
        peer.take()
        return session, peer

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def marti(
    directory: Path, beyond: Beyond | None = None, **settings: Any
) -> AsyncGenerator[Marti]:
    """The interface of a node that keeps what it keeps in a directory."""
    made = Marti(directory, beyond, **settings)
    try:
        yield made
    finally:
        await made.close()


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
