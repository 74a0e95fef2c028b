"""Signing in as TAK clients do, for a token: `/oauth/token` (RFC 6749, 4.3).

A token stands for a session as a browser's cookie does: it ends with it, is locked out with the
user, and is void when his password changes.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from accord.api.accounts import Accounts, SignedIn
from accord.api.answer import NOT_KEPT, answer
from accord.api.problem import Problem
from accord.core.principal import Principal
from accord.security import json_token
from accord.security.accept import source_of
from accord.security.password import MAX_PASSWORD

PATH = "/oauth/token"

MAX_BODY = 8 << 10
MAX_NAME = 200


BAD, SLOW = "invalid_grant", "temporarily_unavailable"


class Logins:
    """Gives tokens for passwords, and knows who shows one."""

    def __init__(self, accounts: Accounts, *, node: str, secret: bytes) -> None:
        self._accounts = accounts
        self._node = node
        self._secret = secret

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [Route(PATH, self.token, methods=["POST"])]

    async def token(self, request: Request) -> JSONResponse:
        """Give a token for a name and a password, which come in the query or as a form."""
        said = await _said(request)
        if said is None:
            return _refused(413, "invalid_request", f"the body is longer than {MAX_BODY} bytes")
        if said.get("grant_type") != "password":
            return _refused(400, "unsupported_grant_type", "grant_type is password, nothing else")
        name, password = said.get("username", ""), said.get("password", "")
        if not 0 < len(name) <= MAX_NAME or not 0 < len(password) <= MAX_PASSWORD:
            return _refused(400, "invalid_request", "give username and password")
        address = "" if request.client is None else source_of(request.client)
        try:
            signed = await self._accounts.sign_in(name, password, address)
        except Problem as problem:
            return _answer_to(problem)
        return answer(self._given(signed))  # kept by nobody: RFC 6749, 5.1

    def _given(self, signed: SignedIn) -> dict[str, object]:
        lasts = int(self._accounts.longest.total_seconds())
        begun = int(signed.session.begun.timestamp())
        claims: json_token.Claims = {
            "jti": signed.token,
            "sub": signed.principal.name,
            "user_name": signed.principal.name,
            "iss": self._node,
            "iat": begun,
            "exp": begun + lasts,
        }
        token = json_token.make(claims, self._secret)
        return {"access_token": token, "token_type": "bearer", "expires_in": lasts}

    def identify(self, connection: HTTPConnection) -> Principal | str | None:
        """Return who shows a token, in a few words why it is good for nothing, None: there is none.

        What is no login token, such as a mission's, is none.
        """
        scheme, _, text = connection.headers.get("authorization", "").partition(" ")
        claims = json_token.read(text.strip(), self._secret) if scheme.lower() == "bearer" else None
        if claims is None:
            return None
        found = self._accounts.session_of(str(claims.get("jti", "")))
        return found if isinstance(found, str) else found[1]


async def _said(request: Request) -> dict[str, str] | None:
    """Return what the query says and, over it, what a form does; None where that is too long.

    node-tak 12.0 puts it into the query, later ones into the form.
    """
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > MAX_BODY:
            return None
    said = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        said |= dict(parse_qsl(data.decode("utf-8", "replace")))
    return said


def _answer_to(problem: Problem) -> JSONResponse:
    if problem.status == 401:
        return _refused(401, BAD, "Bad credentials")
    return _refused(problem.status, SLOW, str(problem), dict(problem.headers))


def _refused(
    status: int, error: str, said: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Return a refusal as RFC 6749, 5.2 has it."""
    told = {"error": error, "error_description": said}
    return JSONResponse(told, status, headers={**NOT_KEPT, **(headers or {})})
