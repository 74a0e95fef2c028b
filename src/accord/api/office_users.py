"""Who may sign in to the page, for administrators: `/api/v1/admin/users`."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.answer import answer
from accord.api.body import text_in
from accord.api.caller import Via
from accord.api.office import PATH, Office, kept, name_in
from accord.api.office_given import MEMBERSHIP, change_in, given_in
from accord.api.problem import Problem
from accord.core.rfc3339 import spell
from accord.core.user import User, UserRole, key_of
from accord.observe.health import as_json
from accord.security import password
from accord.storage.users import Users

USERS = f"{PATH}/users"
ONE = f"{USERS}/{{name}}"


class OfficeUsers:
    """Lists, adds and changes users. `least` is how long a new password is at least."""

    def __init__(self, office: Office, users: Users, *, least: int) -> None:
        self._office = office
        self._users = users
        self._least = least

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(USERS, self.all, methods=["GET"]),
            Route(USERS, self.add, methods=["POST"]),
            Route(ONE, self.change, methods=["PUT"]),
            Route(ONE, self.remove, methods=["DELETE"]),
            Route(f"{ONE}/password", self.set_password, methods=["POST"]),
            Route(f"{ONE}/lock", self.lock, methods=["POST"]),
            Route(f"{ONE}/unlock", self.unlock, methods=["POST"]),
        ]

    async def all(self, request: Request) -> Response:
        """Answer with every user, and how often he is signed in now."""
        self._office.look(request)
        roll = await kept(self._users.roll)
        keys = [each.key for each in roll.sessions.values()]
        told = [_json(each.user, keys.count(key)) for key, each in roll.accounts.items()]
        return answer({"users": told})

    async def add(self, request: Request) -> Response:
        """Let somebody sign in, with a password that is answered this once."""
        said = await self._office.said(request, "name", *MEMBERSHIP, "password")
        given = given_in(said, UserRole, usual=UserRole.WATCH)
        if given.groups is None:
            raise Problem(400, "give the groups that he is in", parameter="groups")
        user = User(
            name=name_in(said),
            role=given.role or UserRole.WATCH,
            groups=given.groups,
            exercises=given.exercises or frozenset(),
            every_exercise=given.every_exercise,
            added=self._office.clock.now(),
        )
        secret, hashed = await self._new_password(said)
        await self._office.do(
            request, "user add", user.name, lambda _, users: users.add(user, hashed),
            detail=given.in_words(is_new=True),
        )  # fmt: skip
        return answer({"name": user.name, "password": secret}, status=201)

    async def _new_password(self, said: dict[str, object]) -> tuple[str, str]:
        """Return a password, what is said or a new one, and what is kept of it."""
        secret = password.generated()
        if said.get("password") is not None:
            secret = text_in(said, "password", most=password.MAX_PASSWORD)
        try:
            password.check(secret, self._least)
        except ValueError as error:
            raise Problem(400, str(error), parameter="password") from None
        return secret, await asyncio.to_thread(password.hashed, secret)

    async def change(self, request: Request) -> Response:
        """Give a user another role, other groups or exercises; what is not named stays."""
        said = await self._office.said(request, *MEMBERSHIP)
        given = change_in(said, UserRole)
        name = _named(request)
        if given.role not in (None, UserRole.ADMINISTRATOR):
            self._office.refuse_oneself(request, name, Via.PASSWORD)
        await self._office.do(
            request, "user set", name,
            lambda _, users: users.change(
                name, role=given.role, groups=given.groups,
                exercises=given.exercises, every_exercise=given.every_exercise,
            ),
            detail=given.in_words(is_new=False),
        )  # fmt: skip
        return Response(status_code=204)

    async def remove(self, request: Request) -> Response:
        """Forget a user; his sessions end."""
        return await self._out(request, "user remove")

    async def lock(self, request: Request) -> Response:
        """Let a user not sign in; his sessions end."""
        return await self._out(request, "user lock")

    async def _out(self, request: Request, what: str) -> Response:
        await self._office.said(request)
        name, now = _named(request), self._office.clock.now()
        self._office.refuse_oneself(request, name, Via.PASSWORD)
        await self._office.do(
            request, what, name,
            lambda _, users: users.lock(name, now) if what == "user lock" else users.remove(name),
        )  # fmt: skip
        return Response(status_code=204)

    async def unlock(self, request: Request) -> Response:
        """Let a user sign in again."""
        await self._office.said(request)
        name = _named(request)
        await self._office.do(request, "user unlock", name, lambda _, users: users.unlock(name))
        return Response(status_code=204)

    async def set_password(self, request: Request) -> Response:
        """Give a user a new password, which is answered this once; his sessions end."""
        said, name = await self._office.said(request, "password"), _named(request)
        secret, hashed = await self._new_password(said)
        await self._office.do(
            request, "user password", name, lambda _, users: users.set_password(name, hashed)
        )
        return answer({"name": name, "password": secret}, status=201)


def _named(request: Request) -> str:
    return key_of(request.path_params["name"])


def _json(user: User, sessions: int) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "groups": as_json(user.groups),
        "exercises": sorted(user.exercises),
        "every_exercise": user.every_exercise,
        "added": spell(user.added),
        "last_sign_in": as_json(user.last_sign_in),
        "locked": as_json(user.locked),
        "sessions": sessions,
    }
