"""What people at the page do with one mission: `/api/v1/missions/{guid}/...`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import NOT_KEPT
from accord.api.body import read_object, text_in
from accord.api.caller import FILE, JSON, Caller, Callers, Via, require_own_page
from accord.api.problem import Problem
from accord.core.principal import Principal
from accord.core.user import UserRole

MISSION = "/api/v1/missions/{guid}"

AT_THE_PAGE = ".page:"
"""Begins the name under which a user takes part: no certificate's name begins with a point."""

MAX_BODY = 1 << 16
MAX_WORDS = 16_384
MAX_PASSWORD = 1_024
MAX_NAME = 255

Json = dict[str, object]


class MissionRoom(Protocol):
    """What may be done with missions, by the rules that TAK clients are held to."""

    async def one(self, by: Principal, guid: str) -> Json:
        """Return what is in a mission."""
        ...

    async def join(self, by: Principal, uid: str, guid: str, password: str) -> None:
        """Take part under a uid."""
        ...

    async def leave(self, by: Principal, uid: str, guid: str) -> None:
        """Take part no more."""
        ...

    async def note(self, by: Principal, uid: str, guid: str, words: str) -> None:
        """Write a line into its log."""
        ...

    async def put(self, request: Request, by: Principal, uid: str, guid: str, name: str) -> None:
        """Put the file in a body into it; without a name, what a package has."""
        ...

    async def package(self, by: Principal, guid: str) -> Response:
        """Answer with everything in it."""
        ...


def member(caller: Caller, acting: Callable[[Principal], Principal]) -> Principal:
    """Return as whom somebody at the page acts with missions and files.

    A user is not the client of his name: what is that one's own, or is off there, is not his.
    """
    if caller.via is Via.CERTIFICATE:
        return acting(caller.principal)
    return replace(caller.principal, name=f"{AT_THE_PAGE}{caller.principal.name}")


def routes(
    room: MissionRoom,
    callers: Callers,
    *,
    acting: Callable[[Principal], Principal],
    uid_of: Callable[[Principal], str],
) -> Sequence[BaseRoute]:
    """Return the routes; `uid_of` says under which uid somebody at the page speaks."""
    asked = _Asked(room, callers, acting, uid_of)
    return [
        Route(MISSION, asked.one, methods=["GET"]),
        Route(f"{MISSION}/join", asked.change(asked.join), methods=["POST"]),
        Route(f"{MISSION}/leave", asked.change(asked.leave), methods=["POST"]),
        Route(f"{MISSION}/log", asked.change(asked.note), methods=["POST"]),
        Route(f"{MISSION}/files", asked.put, methods=["POST"]),
        Route(f"{MISSION}/package", asked.package, methods=["GET"]),
    ]


Change = Callable[[Principal, str, str, Json], Awaitable[None]]


class _Asked:
    def __init__(
        self,
        room: MissionRoom,
        callers: Callers,
        acting: Callable[[Principal], Principal],
        uid_of: Callable[[Principal], str],
    ) -> None:
        self._room = room
        self._callers = callers
        self._acting = acting
        self._uid_of = uid_of

    def _who(self, request: Request) -> Principal:
        return member(self._callers.require(request), self._acting)

    def _changing(self, request: Request, sends: str) -> tuple[Principal, str]:
        """Return who asks for a change, and his uid. Problem 403 for who may only look."""
        caller = self._callers.require(request)
        require_own_page(request, sends)
        if caller.role is UserRole.VIEWER:
            raise Problem(403, f"{caller.principal.name} may look, and change nothing")
        return member(caller, self._acting), self._uid_of(caller.principal)

    async def one(self, request: Request) -> Response:
        """Answer with what is in a mission, who takes part and what was noted."""
        found = await self._room.one(self._who(request), request.path_params["guid"])
        return JSONResponse(found, headers=NOT_KEPT)

    async def package(self, request: Request) -> Response:
        """Answer with everything in a mission as one data package."""
        answer = await self._room.package(self._who(request), request.path_params["guid"])
        answer.headers.update({**NOT_KEPT, "X-Content-Type-Options": "nosniff"})
        return answer

    def change(self, do: Change) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers a request to change something."""

        async def answer(request: Request) -> Response:
            by, uid = self._changing(request, JSON)
            said = await read_object(request, limit=MAX_BODY)
            await do(by, uid, request.path_params["guid"], said)
            return Response(status_code=204)

        return answer

    async def join(self, by: Principal, uid: str, guid: str, said: Json) -> None:
        """Take part, with a `password` where it takes one."""
        password = text_in(said, "password", most=MAX_PASSWORD) if "password" in said else ""
        await self._room.join(by, uid, guid, password)

    async def leave(self, by: Principal, uid: str, guid: str, _said: Json) -> None:
        """Take part no more."""
        await self._room.leave(by, uid, guid)

    async def note(self, by: Principal, uid: str, guid: str, said: Json) -> None:
        """Write a `text` into the log."""
        words = text_in(said, "text", most=MAX_WORDS)
        if not words.strip():
            raise Problem(400, "a line of the log needs words", parameter="text")
        await self._room.note(by, uid, guid, words)

    async def put(self, request: Request) -> Response:
        """Put a file into a mission under a `name`; without one, everything in a data package."""
        by, uid = self._changing(request, FILE)
        name = request.query_params.get("name", "")
        if len(name) > MAX_NAME:
            raise Problem(400, f"name is longer than {MAX_NAME} characters", parameter="name")
        await self._room.put(request, by, uid, request.path_params["guid"], name)
        return Response(status_code=204)
