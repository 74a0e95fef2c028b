"""Signing in to the page by an OpenID provider: `/api/v1/openid`."""

import ssl
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accord.api.accounts import Accounts
from accord.api.answer import NOT_KEPT, answer
from accord.api.problem import Problem
from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.errors import UsageError
from accord.core.user import User
from accord.security.accept import source_of
from accord.security.openid import (
    OpenIdFault,
    OpenIdGroup,
    OpenIdSettings,
    Provider,
    Question,
)
from accord.security.vouched import NotVouched, standing

PATH = "/api/v1/openid"

MAX_OPEN = 1_000
"""Sign-ins that were begun and have not come back; beyond, the oldest is forgotten, counted."""

VALID = 600.0
"""Seconds in which one comes back."""

MAX_CODE = 4_096
"""Characters of what the provider hands over."""


@dataclass(frozen=True, slots=True)
class _Begun:
    question: Question
    at: float


class OpenId:
    """Sends browsers to the provider, and signs in who comes back with its word."""

    def __init__(
        self,
        settings: OpenIdSettings,
        groups: Mapping[str, OpenIdGroup],
        *,
        directory: Path,
        accounts: Accounts,
        cookie: str,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._groups = groups
        self._accounts = accounts
        self._session_cookie = cookie
        self._cookie = f"{cookie}_openid"
        self._clock = clock
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._workers = Workers("the OpenID provider", threads=2, waiting=16)
        self._provider = _provider(settings, directory) if settings.issuer else None

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [
            Route(PATH, self.about, methods=["GET"]),
            Route(f"{PATH}/start", self.start, methods=["GET"]),
            Route(f"{PATH}/back", self.back, methods=["GET"]),
        ]

    def close(self) -> None:
        """Ask the provider nothing more."""
        self._workers.close()

    async def about(self, _request: Request) -> Response:
        """Answer what it is called; null where there is none."""
        title = None if self._provider is None else self._settings.title
        return answer({"title": title})

    def _known(self) -> Provider:
        if self._provider is None:
            raise Problem(404, "this node has no OpenID provider in its settings")
        return self._provider

    async def start(self, _request: Request) -> Response:
        """Send a browser to the provider."""
        provider, question = self._known(), Question.new()
        try:
            address = await self._workers.run(lambda: provider.address(question))
        except OpenIdFault as fault:
            raise Problem(503, str(fault)) from None
        self._begun[question.state] = _Begun(question, self._clock.monotonic())
        if len(self._begun) > MAX_OPEN:
            self._begun.popitem(last=False)
            self._accounts.refused["OpenID sign-ins forgotten for want of room"] += 1
        response = RedirectResponse(address, 303, headers=NOT_KEPT)
        # Lax, since the provider's page sends the browser back.
        response.set_cookie(
            self._cookie, question.state, max_age=int(VALID), path=PATH, secure=True,
            httponly=True, samesite="lax",
        )  # fmt: skip
        return response

    async def back(self, request: Request) -> Response:
        """Sign in who comes back, and send him to the page."""
        provider, question = self._known(), self._asked(request)
        code = request.query_params.get("code", "")
        if not 0 < len(code) <= MAX_CODE:
            raise Problem(403, "the provider signed nobody in; begin again at the page")
        now = self._clock.now()
        try:
            somebody = await self._workers.run(lambda: provider.somebody(code, question, now))
            role, groups = standing(somebody, self._groups)
        except NotVouched as fault:
            self._accounts.refused["the OpenID provider's word does not do"] += 1
            raise Problem(403, str(fault)) from None
        user = User(name=somebody.name, role=role, groups=groups, added=now)
        kept = f"openid {self._settings.issuer} {somebody.subject}"
        address = "" if request.client is None else source_of(request.client)
        token = await self._accounts.sign_in_known(user, kept, address)
        return self._home(token)

    def _asked(self, request: Request) -> Question:
        """Return what this browser had begun. Problem 403 where it had not, or too long ago."""
        state = request.query_params.get("state", "")
        begun = self._begun.pop(state, None)
        is_his = begun is not None and request.cookies.get(self._cookie) == state
        if begun is None or not is_his or self._clock.monotonic() > begun.at + VALID:
            raise Problem(403, "this sign-in was not begun by this browser, or too long ago")
        return begun.question

    def _home(self, token: str) -> Response:
        response = RedirectResponse("/", 303, headers=NOT_KEPT)
        response.set_cookie(
            self._session_cookie, token, path="/", secure=True, httponly=True, samesite="strict"
        )
        response.delete_cookie(self._cookie, path=PATH, secure=True, httponly=True, samesite="lax")
        return response


def _provider(settings: OpenIdSettings, directory: Path) -> Provider:
    """UsageError where a file of the settings cannot be read."""
    try:
        file = settings.client_secret_file
        secret = (directory / file).read_text("utf-8").strip() if file else ""
        trusted = str(directory / settings.authority_file) if settings.authority_file else None
        tls = ssl.create_default_context(cafile=trusted)
    except (OSError, ValueError) as error:
        raise UsageError(f"[openid]: a file of it cannot be read: {error}") from None
    return Provider(settings, secret=secret, tls=tls)
