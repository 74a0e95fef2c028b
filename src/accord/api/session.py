"""Signing in, signing out, and who one is: `/api/v1/session`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accord.api.accounts import Accounts, SignedIn
from accord.api.answer import NOT_KEPT, answer
from accord.api.body import read_object, text_in
from accord.api.caller import Callers, Via, caller_of, require_own_page, user_json
from accord.api.problem import Problem
from accord.security.accept import source_of
from accord.security.password import MAX_PASSWORD

PATH = "/api/v1/session"

MAX_BODY = 8 << 10
MAX_NAME = 200
"""Characters of a name that are looked at; nobody in the register has a longer one."""


def routes(accounts: Accounts, callers: Callers) -> Sequence[BaseRoute]:
    """Return the routes."""
    desk = _Desk(accounts, callers)
    return [
        Route(PATH, desk.who, methods=["GET"]),
        Route(PATH, desk.sign_in, methods=["POST"]),
        Route(PATH, desk.sign_out, methods=["DELETE"]),
    ]


class _Desk:
    def __init__(self, accounts: Accounts, callers: Callers) -> None:
        self._accounts = accounts
        self._callers = callers

    async def who(self, request: Request) -> Response:
        """Say who asks."""
        user = user_json(self._callers.require(request))
        return answer({"user": user})

    async def sign_in(self, request: Request) -> Response:
        """Sign somebody in; the session that his browser had before has ended then."""
        require_own_page(request)
        said = await read_object(request, limit=MAX_BODY)
        name = text_in(said, "name", most=MAX_NAME)
        password = text_in(said, "password", most=MAX_PASSWORD)
        signed = await self._accounts.sign_in(name, password, _address(request))
        before = self._callers.identify(request)
        if not isinstance(before, str) and before.via is Via.PASSWORD:
            await self._accounts.sign_out(before.session)
        return self._signed_in(signed)

    def _signed_in(self, signed: SignedIn) -> Response:
        user = user_json(caller_of(signed.principal, Via.PASSWORD, signed.session.mark))
        response = answer({"user": user})
        self._set_cookie(response, signed.token)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        require_own_page(request)
        caller = self._callers.require(request)
        if caller.via is Via.CERTIFICATE:
            raise Problem(409, "known by a certificate: there is no session to end")
        await self._accounts.sign_out(caller.session)
        response = Response(status_code=204, headers=NOT_KEPT)
        self._set_cookie(response, "", max_age=0)
        return response

    def _set_cookie(self, response: Response, token: str, *, max_age: int | None = None) -> None:
        response.set_cookie(
            self._callers.cookie,
            token,
            max_age=max_age,
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )


def _address(request: Request) -> str:
    return "" if request.client is None else source_of(request.client)
