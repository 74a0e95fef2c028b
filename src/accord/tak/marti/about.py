"""What the node is to a TAK client: its version, its time, what the caller may do."""

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.core.principal import Role
from accord.tak.marti.asked import API_VERSION, Door

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
            Route("/Marti/api/repeater/period", self.no_period),
            Route("/webtak-plugins/webtak-manifest.json", self.no_plugins),
            *(Route(path, self._none_of(kind)) for path, kind in NONE_OF.items()),
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
        """Answer with the node's time, as TAK Server does: a text of milliseconds since 1970."""
        self._door.require(request)
        return JSONResponse({"time": str(int(self._door.clock.now().timestamp() * 1000))})

    async def roles(self, request: Request) -> Response:
        """Answer with the caller's roles, by TAK Server's names."""
        by = self._door.require(request)
        more = ["ROLE_ADMIN"] if by.role is Role.ADMINISTRATOR else []
        more += ["ROLE_READONLY"] if by.only_hears else []  # also who speaks in no group now
        return JSONResponse(["ROLE_ANONYMOUS", *more])

    async def is_administrator(self, request: Request) -> Response:
        """Answer whether the caller is an administrator."""
        return JSONResponse(self._door.require(request).role is Role.ADMINISTRATOR)

    async def upload_limit(self, request: Request) -> Response:
        """Answer with how many MiB an upload may have."""
        self._door.require(request)
        return JSONResponse({"uploadSizeLimit": self._limit})

    # What TAK Server has and this node does not: there are none of it, which clients can read.

    async def no_period(self, request: Request) -> Response:
        """Answer with the milliseconds between what a repeater says again: -1, there is none.

        As TAK Server answers CloudTAK where it cannot tell (5.7, public source: RepeaterApi).
        """
        self._door.require(request)
        return self._door.answer("java.lang.Integer", -1)

    async def no_plugins(self, request: Request) -> Response:
        """Answer that WebTAK is to load no plugins, as a TAK Server without any does."""
        self._door.require(request)
        return JSONResponse({"plugins": [], "iconSets": []})

    def _none_of(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def none(request: Request) -> Response:
            self._door.require(request)
            return self._door.answer(kind, [])

        return none


NONE_OF: Mapping[str, str] = {
    "/Marti/api/iconset/all/uid": "java.lang.String",
    "/Marti/api/injectors/cot/uid": "InjectorConfig",
    "/Marti/api/injectors/cot/uid/{uid:path}": "InjectorConfig",
    "/Marti/api/repeater/list": "java.lang.String",
    "/Marti/api/cops": "Mission",
    "/Marti/api/cops/hierarchy": "CopHierarchyNode",
}
"""Lists that clients ask for and that are empty here, each with its type.

The types are those of TAK Server 5.7 (public source: IconsetIconApi, InjectionApi, RepeaterApi,
CopViewApi).
"""
