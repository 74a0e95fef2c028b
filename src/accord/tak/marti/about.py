"""What the node is to a TAK client: its version, its time, what the caller may do."""

import socket
from collections.abc import Sequence
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Role
from accord.tak.marti.asked import API_VERSION, Door, spell

_MIB = 1 << 20


class AboutNode:
    """Answers what the node is. `max_file` is how large an upload may be."""

    def __init__(self, door: Door, *, max_file: int) -> None:
        self._door = door
        self._limit = max_file // _MIB

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route("/Marti/api/version", self.version),
            Route("/Marti/api/version/config", self.config),
            Route("/Marti/api/node/id", self.node),
            Route("/Marti/GetTime", self.time),
            Route("/Marti/api/util/user/roles", self.roles),
            Route("/Marti/api/util/isAdmin", self.is_administrator),
            Route("/files/api/config", self.upload_limit),
            Route("/Marti/api/iconset/all/uid", self.no_icon_sets),
            Route("/Marti/api/injectors/cot/uid", self.no_injectors),
            Route("/Marti/api/injectors/cot/uid/{uid:path}", self.no_injectors),
            Route("/Marti/api/repeater/list", self.no_repeats),
        ]

    async def version(self, request: Request) -> Response:
        """Answer with the version; ATAK looks for the words TAK Server in it."""
        self._door.require(request)
        return PlainTextResponse(f"Accord {version('accord')}, as a TAK Server")

    async def config(self, request: Request) -> Response:
        """Answer with the version of node and interface, and the name it was reached by."""
        self._door.require(request)
        said = {
            "version": f"Accord-{version('accord')}",
            "api": API_VERSION,
            "hostname": request.url.hostname or socket.gethostname(),
        }
        return self._door.answer("ServerConfig", said)

    async def node(self, request: Request) -> Response:
        """Answer with the node's id."""
        self._door.require(request)
        return PlainTextResponse(self._door.node)

    async def time(self, request: Request) -> Response:
        """Answer with the node's time."""
        self._door.require(request)
        return PlainTextResponse(spell(self._door.clock.now()))

    async def roles(self, request: Request) -> Response:
        """Answer with the caller's roles, by TAK Server's names."""
        role = self._door.require(request).role
        more = {Role.ADMINISTRATOR: ["ROLE_ADMIN"], Role.READ_ONLY: ["ROLE_READONLY"]}
        return JSONResponse(["ROLE_ANONYMOUS", *more.get(role, [])])

    async def is_administrator(self, request: Request) -> Response:
        """Answer whether the caller is an administrator."""
        return JSONResponse(self._door.require(request).role is Role.ADMINISTRATOR)

    # What TAK Server has and this node does not: there are none of it, which clients can read.

    async def no_icon_sets(self, request: Request) -> Response:
        """Answer that the node keeps no sets of icons: clients bring their own."""
        self._door.require(request)
        return self._door.answer("java.lang.String", [])

    async def no_injectors(self, request: Request) -> Response:
        """Answer that the node puts nothing into what others say."""
        self._door.require(request)
        return self._door.answer("Injector", [])

    async def no_repeats(self, request: Request) -> Response:
        """Answer that the node repeats nothing: who comes late is sent the picture."""
        self._door.require(request)
        return self._door.answer("Repeatable", [])

    async def upload_limit(self, request: Request) -> Response:
        """Answer with how many MiB an upload may have."""
        self._door.require(request)
        return JSONResponse({"uploadSizeLimit": self._limit})
