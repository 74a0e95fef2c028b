"""Signing in by an OpenID provider that speaks HTTP on loopback and signs its tokens."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from accord.api import openid as openid_file
from accord.api import session
from accord.api.openid import OpenId
from accord.core.errors import UsageError
from accord.core.principal import Direction
from accord.core.user import User, UserRole
from accord.security.openid import OpenIdGroup, OpenIdSettings
from support.clock import START
from support.openid_provider import CLIENT, OTHER, SECRET, OpenIdProvider, openid_provider
from support.sign_in import BLUE, HASH, HOST, PASSWORD, Desk, a_browser, a_desk, answering

PATH = "/api/v1/openid"
GROUPS = {
    "watch-keepers": OpenIdGroup(role="watch", groups=("Blue", "Red:out")),
    "chiefs": OpenIdGroup(role="administrator", groups=("Red:in",)),
}


@dataclass
class AtDoor:
    """A browser before the page, the provider, and what is behind the page."""

    browser: httpx.AsyncClient
    provider: OpenIdProvider
    openid: OpenId
    desk: Desk

    async def begin(self) -> str:
        """Go to the provider, sign in there, and return the address that it sends one back to."""
        sent = await self.browser.get(f"{PATH}/start")
        assert sent.status_code == 303, sent.text
        code = self.provider.sign_in(sent.headers["location"])
        return f"{PATH}/back?code={code}&state={self.provider.asked['state']}"

    async def sign_in(self) -> httpx.Response:
        return await self.browser.get(await self.begin())

    def user(self, name: str = "tahi") -> User:
        return self.desk.users.roll().accounts[name].user


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider(int(START.timestamp())) as made:
        yield made


def settings(provider: OpenIdProvider, **more: Any) -> OpenIdSettings:
    given = {"issuer": provider.issuer, "client_id": CLIENT, "page": f"https://{HOST}/",
             "client_secret_file": "secret", **more}  # fmt: skip
    return OpenIdSettings(**given)


def an_openid(directory: Path, desk: Desk, given: OpenIdSettings) -> OpenId:
    (directory / "secret").write_text(f"{SECRET}\n", "utf-8")
    return OpenId(
        given, GROUPS, directory=directory, accounts=desk.accounts, cookie=desk.callers.cookie,
        clock=desk.clock,
    )  # fmt: skip


@pytest.fixture
async def door(tmp_path: Path, provider: OpenIdProvider) -> AsyncGenerator[AtDoor]:
    desk = a_desk(tmp_path)
    openid = an_openid(tmp_path, desk, settings(provider))
    routes = [*openid.routes(), *session.routes(desk.accounts, desk.callers)]
    async with a_browser(answering(routes)) as browser:
        yield AtDoor(browser, provider, openid, desk)
    openid.close()
    desk.accounts.close()


async def test_who_signs_in_there_is_signed_in_here_as_his_groups_say(door: AtDoor) -> None:
    assert (await door.browser.get(PATH)).json() == {"title": "single sign-on"}
    back = await door.sign_in()
    assert (back.status_code, back.headers["location"]) == (303, "/")
    said = door.provider.asked
    assert (said["response_type"], said["code_challenge_method"]) == ("code", "S256")
    assert said["redirect_uri"] == f"https://{HOST}/api/v1/openid/back"
    assert "openid" in said["scope"].split()
    who = (await door.browser.get("/api/v1/session")).json()["user"]
    assert who == {
        "name": "tahi", "role": "watch", "groups": {"Blue": "both", "Red": "out"},
        "via": "password",
    }  # fmt: skip
    cookies = back.headers.get_list("set-cookie")
    (mine,) = [each for each in cookies if each.startswith("accord_session_NZL-X=")]
    for part in ("HttpOnly", "Secure", "SameSite=strict"):
        assert part in mine


async def test_what_he_is_there_he_is_here_at_his_next_sign_in(door: AtDoor) -> None:
    await door.sign_in()
    door.provider.claims = {"groups": ["chiefs", "watch-keepers", "others", 7]}
    await door.sign_in()
    assert door.user().role is UserRole.ADMINISTRATOR
    assert door.user().groups == {"Blue": Direction.BOTH, "Red": Direction.BOTH}


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "http://127.0.0.1:1"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "another client"),
        ({"exp": int(START.timestamp()) - 61}, "expired"),
        ({"iat": int(START.timestamp()) + 61}, "future"),
        ({"exp": None}, "exp"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"preferred_username": None}, "preferred_username"),
        ({"preferred_username": "a/b"}, "cannot be"),
        ({"groups": ["others"]}, "no group"),
        ({"groups": "watch-keepers"}, "no group"),
    ],
)
async def test_a_token_that_does_not_hold_signs_nobody_in(
    door: AtDoor, claims: dict[str, Any], why: str
) -> None:
    door.provider.claims = claims
    back = await door.sign_in()
    assert back.status_code == 403
    assert why in back.json()["detail"]
    assert "tahi" not in door.desk.users.roll().accounts
    assert door.desk.accounts.counts["the OpenID provider's word does not do"] == 1
    assert (await door.browser.get("/api/v1/session")).status_code == 401


async def test_a_token_that_another_signed_signs_nobody_in(door: AtDoor) -> None:
    door.provider.signs_with = OTHER
    back = await door.sign_in()
    assert (back.status_code, "signature" in back.json()["detail"]) == (403, True)


async def test_a_sign_in_is_good_once_in_the_browser_that_began_it_and_not_for_long(
    door: AtDoor,
) -> None:
    back = await door.begin()
    async with a_browser(door.browser._transport.app) as other:  # type: ignore[attr-defined]
        assert (await other.get(back)).status_code == 403
    assert (await door.browser.get(back)).status_code == 403  # it was tried
    back = await door.begin()
    assert (await door.browser.get(back)).status_code == 303
    assert (await door.browser.get(back)).status_code == 403
    back = await door.begin()
    door.desk.clock.advance(seconds=601)
    assert (await door.browser.get(back)).status_code == 403
    refused = (await door.begin()).replace("code=", "error=")
    assert "begin again" in (await door.browser.get(refused)).json()["detail"]


async def test_a_name_that_is_a_local_users_is_not_taken_over(door: AtDoor) -> None:
    door.provider.claims = {"preferred_username": "Moana"}
    assert (await door.sign_in()).status_code == 409
    door.provider.claims = {}
    await door.sign_in()
    door.provider.claims = {"sub": "another"}
    assert (await door.sign_in()).status_code == 409


async def test_who_is_locked_here_is_not_signed_in_and_has_no_password(door: AtDoor) -> None:
    await door.sign_in()
    with pytest.raises(Exception, match="wrong name or password"):
        await door.desk.accounts.sign_in("tahi", PASSWORD, "192.0.2.1")
    door.desk.users.lock("tahi", START)
    assert (await door.sign_in()).status_code == 403
    door.desk.users.add(User(name="rua", role=UserRole.WATCH, groups=BLUE, added=START), HASH)
    door.desk.users.path.unlink()
    assert (await door.sign_in()).status_code == 503


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://other.example"},
        {"authorization_endpoint": "http://other.example/in"},
        {"authorization_endpoint": 7},
    ],
)
async def test_a_provider_that_says_other_than_it_must_is_not_followed(
    door: AtDoor, about: dict[str, Any]
) -> None:
    door.provider.about = about
    assert (await door.browser.get(f"{PATH}/start")).status_code == 503


@pytest.mark.parametrize("says", [b"[]", b"no JSON", b"[" * 300_000])
async def test_a_provider_that_answers_otherwise_is_said(door: AtDoor, says: bytes) -> None:
    door.provider.says = says
    answer = await door.browser.get(f"{PATH}/start")
    assert (answer.status_code, "127.0.0.1" in answer.json()["detail"]) == (503, True)


async def test_no_redirect_of_the_provider_is_followed(door: AtDoor) -> None:
    back = await door.begin()
    door.provider.about = {"token_endpoint": f"{door.provider.issuer}/moved"}
    assert (await door.browser.get(back)).status_code == 403
    back = await door.begin()
    door.provider.about = {"token_endpoint": f"{door.provider.issuer}/keys"}
    assert "no id_token" in (await door.browser.get(back)).json()["detail"]


async def test_no_more_sign_ins_are_remembered_than_there_is_room_for(
    door: AtDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid_file, "MAX_OPEN", 1)
    first = await door.begin()
    await door.begin()
    assert (await door.browser.get(first)).status_code == 403
    assert door.desk.accounts.counts["OpenID sign-ins forgotten for want of room"] == 1


async def test_without_a_provider_there_is_only_the_password(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    openid = an_openid(tmp_path, desk, OpenIdSettings())
    async with a_browser(answering(openid.routes())) as browser:
        assert (await browser.get(PATH)).json() == {"title": None}
        assert (await browser.get(f"{PATH}/start")).status_code == 404
        assert (await browser.get(f"{PATH}/back")).status_code == 404
    openid.close()
    desk.accounts.close()


def test_a_file_of_the_settings_that_is_not_there_is_said(
    tmp_path: Path, provider: OpenIdProvider
) -> None:
    desk = a_desk(tmp_path)
    with pytest.raises(UsageError, match=r"\[openid\]"):
        an_openid(tmp_path, desk, settings(provider, authority_file="none.pem"))
    desk.accounts.close()
