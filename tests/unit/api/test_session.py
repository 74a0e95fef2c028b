import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from accord.api import session
from support.sign_in import (
    CHIEF,
    KIWI,
    OWN_PAGE,
    PASSWORD,
    Desk,
    a_browser,
    a_desk,
    answering,
)

PATH = "/api/v1/session"
COOKIE = "accord_session_NZL-X"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path, failures=3)
    yield made
    made.accounts.close()


def browser(desk: Desk, **of: Any) -> httpx.AsyncClient:
    return a_browser(answering(session.routes(desk.accounts, desk.callers)), **of)


async def sign_in(
    asking: httpx.AsyncClient, name: object = "moana", password: object = PASSWORD, **more: str
) -> httpx.Response:
    body = json.dumps({"name": name, "password": password})
    return await asking.post(PATH, content=body, headers={**OWN_PAGE, **more})


async def test_signing_in_says_who_one_is_and_the_cookie_does_so_after(desk: Desk) -> None:
    async with browser(desk) as asking:
        assert (await asking.get(PATH)).status_code == 401
        answer = await sign_in(asking)
        assert answer.status_code == 200
        user = {"name": "moana", "role": "watch", "groups": {"Blue": "both"}, "via": "password"}
        assert answer.json() == {"user": user}
        assert (await asking.get(PATH)).json() == {"user": user}


async def test_the_cookie_is_for_this_node_over_tls_and_no_script(desk: Desk) -> None:
    async with browser(desk) as asking:
        (cookie,) = (await sign_in(asking)).headers.get_list("set-cookie")
    name_and_value, *rest = cookie.split("; ")
    assert name_and_value.startswith(f"{COOKIE}=")
    # RFC 6265bis: no Domain, so for this host only; no Max-Age, so until the browser is closed
    assert {each.lower() for each in rest} == {"httponly", "path=/", "samesite=strict", "secure"}


async def test_no_answer_is_kept_by_anybody(desk: Desk) -> None:
    async with browser(desk) as asking:
        said = [await sign_in(asking), await asking.get(PATH)]
        said.append(await asking.delete(PATH, headers=OWN_PAGE))
    assert [each.headers["cache-control"] for each in said] == ["no-store"] * 3


async def test_signing_out_ends_the_session_and_takes_the_cookie(desk: Desk) -> None:
    async with browser(desk) as asking:
        await sign_in(asking)
        token = asking.cookies[COOKIE]
        answer = await asking.delete(PATH, headers=OWN_PAGE)
        assert (answer.status_code, answer.content) == (204, b"")
        assert COOKIE not in asking.cookies
        again = await asking.get(PATH, headers={"cookie": f"{COOKIE}={token}"})
        assert again.status_code == 401


async def test_signing_in_anew_ends_the_session_before(desk: Desk) -> None:
    async with browser(desk) as asking:
        await sign_in(asking)
        await sign_in(asking)
    assert len(desk.users.roll().sessions) == 1


async def test_a_failure_leaves_the_session_before_as_it_is(desk: Desk) -> None:
    async with browser(desk) as asking:
        await sign_in(asking)
        assert (await sign_in(asking, password="wrong")).status_code == 401
        assert (await asking.get(PATH)).status_code == 200


@pytest.mark.parametrize("password", ["wrong", "", "\x00", "a" * 1024])
async def test_a_wrong_password_is_refused(desk: Desk, password: str) -> None:
    async with browser(desk) as asking:
        answer = await sign_in(asking, password=password)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "wrong name or password"
    assert "set-cookie" not in answer.headers


async def test_many_failures_are_told_to_wait(desk: Desk) -> None:
    async with browser(desk) as asking:
        for _ in range(3):
            await sign_in(asking, password="wrong")
        answer = await sign_in(asking)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")


async def test_the_addresses_of_one_ipv6_network_are_counted_together(desk: Desk) -> None:
    for host in range(12):
        async with browser(desk, host=f"2001:db8::{host:x}") as asking:
            await sign_in(asking, name=f"name-{host}", password="wrong")
    async with browser(desk, host="2001:db8::ffff") as asking:
        assert (await sign_in(asking)).status_code == 429
    async with browser(desk, host="2001:db8:0:1::1") as asking:
        assert (await sign_in(asking)).status_code == 200


async def test_another_sites_page_neither_signs_in_nor_out(desk: Desk) -> None:
    async with browser(desk) as asking:
        evil = {"origin": "https://evil.example"}
        assert (await sign_in(asking, **evil)).status_code == 403
        await sign_in(asking)
        answer = await asking.delete(PATH, headers={**OWN_PAGE, **evil})
        assert answer.status_code == 403
        assert (await asking.get(PATH)).status_code == 200


@pytest.mark.parametrize(
    ("name", "password", "parameter"),
    [
        (None, "x", "name"),
        ("moana", 7, "password"),
        ("a" * 201, "x", "name"),
        ("moana", "a" * 1025, "password"),
        ("\ud800", "x", "name"),
    ],
)
async def test_what_cannot_be_read_is_said_by_name(
    desk: Desk, name: object, password: object, parameter: str
) -> None:
    async with browser(desk) as asking:
        answer = await sign_in(asking, name=name, password=password)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


async def test_a_body_is_read_no_further_than_eight_kibibytes(desk: Desk) -> None:
    async with browser(desk) as asking:
        answer = await sign_in(asking, name="a" * 9_000)
    assert answer.status_code == 413


async def test_a_certificate_is_a_sign_in_that_has_no_session(desk: Desk) -> None:
    async with browser(desk, certificate=KIWI) as asking:
        said = (await asking.get(PATH)).json()["user"]
        assert (said["name"], said["role"], said["via"]) == ("kiwi-1", "watch", "certificate")
        assert (await asking.delete(PATH, headers=OWN_PAGE)).status_code == 409
    async with browser(desk, certificate=CHIEF) as asking:
        assert (await asking.get(PATH)).json()["user"]["role"] == "administrator"


async def test_other_methods_are_not_there(desk: Desk) -> None:
    async with browser(desk) as asking:
        assert (await asking.put(PATH)).status_code == 405
