"""Every route of the HTTP interface, in one list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.caller import Admit, require_administrator, require_neighbour
from accord.api.metrics import MEDIA_TYPE, exposition
from accord.api.problem import Problem, broken_off, failed, refused
from accord.api.status import as_text
from accord.core.errors import AccordError
from accord.observe.health import Status, as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What the routes answer from. `self_check` raises AccordError when no message gets through."""

    admit: Admit
    status: Callable[[], Status]
    self_check: Callable[[], Awaitable[None]]

    async def healthz(self, request: Request) -> Response:
        """Answer that this process is alive."""
        require_neighbour(request, self.admit)
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Pass a message through the real socket; 503 says why that failed."""
        require_neighbour(request, self.admit)
        try:
            await self.self_check()
        except AccordError as error:
            raise Problem(503, str(error)) from None
        return PlainTextResponse("ok\n")

    async def metrics(self, request: Request) -> Response:
        """Answer Prometheus."""
        require_neighbour(request, self.admit)
        return PlainTextResponse(exposition(self.status()), media_type=MEDIA_TYPE)

    async def show_status(self, request: Request) -> Response:
        """Answer with the whole status, as JSON or, where text is asked for, as tables."""
        require_administrator(request, self.admit)
        status = self.status()
        if "text/plain" in request.headers.get("accept", ""):
            return PlainTextResponse(as_text(status))
        return JSONResponse(as_json(status))


def app(api: Api, *, more: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application; `more` are routes that other parts bring (CoT over WebSocket)."""
    return Starlette(
        routes=[
            Route("/healthz", api.healthz),
            Route("/readyz", api.readyz),
            Route("/metrics", api.metrics),
            Route("/api/status", api.show_status),
            *more,
        ],
        exception_handlers={
            Problem: refused,
            HTTPException: refused,
            ClientDisconnect: broken_off,
            Exception: failed,
        },
    )
