"""`/oauth/token`, as node-tak and CloudTAK ask it (RFC 6749, 4.3 and 5)."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from accord.api.login import Logins
from accord.core.principal import Principal
from accord.security import json_token
from support.clock import START
from support.sign_in import NODE, PASSWORD, Desk, a_browser, a_desk, answering

SECRET = b"\x07" * 32
ASK = {"grant_type": "password", "username": "moana", "password": PASSWORD}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


@pytest.fixture
def logins(desk: Desk) -> Logins:
    return Logins(desk.accounts, node=NODE, secret=SECRET)


@pytest.fixture
async def asking(logins: Logins) -> AsyncGenerator[httpx.AsyncClient]:
    async with a_browser(answering(logins.routes())) as browser:
        yield browser


def showing(token: str, scheme: str = "Bearer") -> HTTPConnection:
    headers = [(b"authorization", f"{scheme} {token}".encode())]
    return HTTPConnection({"type": "http", "headers": headers})


@pytest.mark.parametrize("how", ["params", "data"])
async def test_a_name_and_a_password_are_given_a_token_that_stands_for_him(
    asking: httpx.AsyncClient, logins: Logins, how: str
) -> None:
    query, form = (ASK, None) if how == "params" else (None, ASK)
    answer = await asking.post("/oauth/token", params=query, data=form)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    said = answer.json()
    assert set(said) == {"access_token", "token_type", "expires_in"}
    assert (said["token_type"], said["expires_in"]) == ("bearer", 16 * 3600)
    claims: Any = json_token.read(said["access_token"], SECRET)
    assert (claims["sub"], claims["iss"]) == ("moana", NODE)
    assert claims["exp"] == START.timestamp() // 1 + 16 * 3600
    found = logins.identify(showing(said["access_token"]))
    assert isinstance(found, Principal)
    assert found.name == "moana"


async def test_a_token_ends_with_its_session(
    asking: httpx.AsyncClient, logins: Logins, desk: Desk
) -> None:
    token = (await asking.post("/oauth/token", data=ASK)).json()["access_token"]
    other = (await asking.post("/oauth/token", data=ASK)).json()["access_token"]
    desk.clock.advance(minutes=59)
    assert isinstance(logins.identify(showing(token)), Principal)
    desk.clock.advance(minutes=59)
    assert isinstance(logins.identify(showing(token)), Principal)
    assert logins.identify(showing(other)) == "signed out after a time without use"
    desk.users.lock("moana", START + timedelta(hours=2))
    desk.accounts.look()
    assert logins.identify(showing(token)) == "not signed in, or signed out meanwhile"


async def test_what_is_no_token_of_a_login_is_none(logins: Logins) -> None:
    mission = json_token.make({"sub": "SUBSCRIPTION", "jti": "s1"}, b"\x08" * 32)
    for token, scheme in ((mission, "Bearer"), ("x", "Bearer"), (mission, "Basic")):
        assert logins.identify(showing(token, scheme)) is None
    assert logins.identify(HTTPConnection({"type": "http", "headers": []})) is None


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        ({**ASK, "password": "wrong"}, 401, "invalid_grant"),
        ({**ASK, "username": "nobody"}, 401, "invalid_grant"),
        ({**ASK, "grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "moana"}, 400, "invalid_request"),
        ({**ASK, "username": "x" * 201}, 400, "invalid_request"),
        ({**ASK, "password": "x" * 9000}, 413, "invalid_request"),
    ],
)
async def test_a_refusal_is_as_rfc_6749_has_it(
    asking: httpx.AsyncClient, said: dict[str, str], status: int, error: str
) -> None:
    answer = await asking.post("/oauth/token", data=said)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


async def test_who_guesses_is_locked_out_and_told_for_how_long(asking: httpx.AsyncClient) -> None:
    for _ in range(5):
        await asking.post("/oauth/token", data={**ASK, "password": "wrong"})
    answer = await asking.post("/oauth/token", data=ASK)
    assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
    assert int(answer.headers["retry-after"]) > 0
