"""Signing in to a node that runs as a process, over TLS, as a browser does."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from accord.api.openapi import OPERATIONS
from support.node_live import Shared, add_client, on_air
from support.node_process import NodeProcess, accord_well, running_node
from support.tak_client import event

PASSWORD = "correct horse battery staple"
KNOWN_WITHIN = 20.0
SESSION = "/api/v1/session"


def user(node: NodeProcess, command: str, *arguments: str) -> None:
    """Change the users by the command line, as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "accord", "user", command, str(node.directory), *arguments],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )


def add(node: NodeProcess, name: str, *options: str, group: str = "Blue") -> None:
    user(node, "add", name, "--group", group, "--password-stdin", *options)


def browser(node: NodeProcess, tls: ssl.SSLContext) -> httpx.AsyncClient:
    base = f"https://{node.target('api')}"
    headers = {"origin": base, "content-type": "application/json"}
    return httpx.AsyncClient(verify=tls, base_url=base, headers=headers, timeout=30)


async def sign_in(asking: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await asking.post(SESSION, json={"name": name, "password": password})


async def becomes(asking: httpx.AsyncClient, path: str, status: int) -> None:
    """Wait until an answer has that status, which must be within KNOWN_WITHIN."""
    async with asyncio.timeout(KNOWN_WITHIN):
        while (await asking.get(path)).status_code != status:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # asked again, as a page would


async def test_a_user_signs_in_finds_what_a_phone_says_and_is_told_why(shared: Shared) -> None:
    add(shared.node, "moana")
    trust = shared.clients["kiwi-1"].trust()
    async with on_air(shared, "kiwi-1") as (kiwi,), browser(shared.node, trust) as asking:
        assert (await sign_in(asking, "Moana")).json()["user"]["name"] == "moana"
        kiwi.say(event("SIGN-1", "a-n-S-X-M"))
        await becomes(asking, "/api/v1/tracks/SIGN-1", 200)
        said = (await asking.get("/api/v1/tracks/SIGN-1")).json()
        assert said["claims"][0]["speaker"] == "kiwi-1"
        assert said["claims"][0]["raw"]["text"].startswith("<event")
        found = (await asking.get("/api/v1/tracks", params={"q": "sign-1"})).json()
        assert [each["uid"] for each in found["tracks"]] == ["SIGN-1"]
        await becomes(asking, "/api/v1/tracks/SIGN-1/why", 200)  # once it is on the disk
        story = (await asking.get("/api/v1/tracks/SIGN-1/why")).json()
        assert (story["heard"][0]["speaker"], story["complete"]) == ("kiwi-1", True)


async def test_a_user_of_another_group_finds_nothing(shared: Shared) -> None:
    add(shared.node, "rangi", group="Red")
    trust = shared.clients["kiwi-1"].trust()
    async with on_air(shared, "kiwi-1", "screen") as (kiwi, screen):
        kiwi.say(event("SIGN-2"))
        await screen.hears("SIGN-2")
    async with browser(shared.node, trust) as asking:
        await sign_in(asking, "rangi")
        assert (await asking.get("/api/v1/tracks/SIGN-2")).status_code == 404
        found = (await asking.get("/api/v1/tracks")).json()["tracks"]
        assert not [each for each in found if each["uid"].startswith("SIGN")]


@pytest.mark.parametrize(
    "change",
    [
        lambda node, name: user(node, "lock", name),
        lambda node, name: user(node, "remove", name),
        lambda node, name: user(node, "password", name, "--generate"),
    ],
    ids=["lock", "remove", "password"],
)
async def test_a_running_node_throws_a_user_out_at_once(
    shared: Shared, change: Callable[[NodeProcess, str], None], request: pytest.FixtureRequest
) -> None:
    name = f"out-{request.node.callspec.id}"
    add(shared.node, name)
    async with browser(shared.node, shared.clients["kiwi-1"].trust()) as asking:
        assert (await sign_in(asking, name)).status_code == 200
        assert (await asking.get(SESSION)).status_code == 200
        await asyncio.to_thread(change, shared.node, name)
        await becomes(asking, SESSION, 401)
        assert (await sign_in(asking, name)).status_code == 401


async def test_a_client_certificate_is_a_sign_in(shared: Shared) -> None:
    async with browser(shared.node, shared.clients["kiwi-1"].tls()) as asking:
        said = (await asking.get(SESSION)).json()["user"]
    assert said == {
        "name": "kiwi-1", "role": "watch", "groups": {"Blue": "both"}, "via": "certificate",
    }  # fmt: skip


async def test_wrong_passwords_are_counted_and_then_not_looked_at(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        trust = add_client(node, "kiwi-1").trust()
        add(node, "moana")
        async with browser(node, trust) as asking:
            said = [(await sign_in(asking, "moana", "wrong")).status_code for _ in range(5)]
            locked = await sign_in(asking, "moana")
        assert said == [401] * 5
        assert locked.status_code == 429
        assert 0 < int(locked.headers["retry-after"]) <= 300
        status = await asyncio.to_thread(accord_well, "status", node.directory)
        log = node.log.read_text()
    assert "sign-in" in status
    assert "not signed in" in log
    assert "wrong" not in log.replace("wrong password", "")


async def test_a_restart_signs_nobody_out_and_no_cookie_is_on_the_disk(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        trust = add_client(node, "kiwi-1").trust()
        add(node, "moana", "--role", "viewer")
        async with browser(node, trust) as asking:
            await sign_in(asking, "moana")
            (token,) = asking.cookies.values()
        node.stop()
        node.start()
        async with browser(node, trust) as asking:
            cookie = {"cookie": f"accord_session_NZL-TEST={token}"}
            said = (await asking.get(SESSION, headers=cookie)).json()["user"]
        kept = b"".join(
            each.read_bytes() for each in node.directory.rglob("*") if each.is_file()
        ) + node.log.read_bytes()  # fmt: skip
    assert (said["name"], said["role"]) == ("moana", "viewer")
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


async def test_the_document_of_a_running_node_is_the_one_that_is_described(shared: Shared) -> None:
    async with browser(shared.node, shared.clients["kiwi-1"].trust()) as asking:
        document = (await asking.get("/api/v1/openapi.json")).json()
    described = {(m, path) for path, ms in document["paths"].items() for m in ms}
    assert described == {(each.method, each.path) for each in OPERATIONS}


async def test_every_time_in_an_answer_is_utc(shared: Shared) -> None:
    add(shared.node, "hine")
    async with (
        on_air(shared, "kiwi-1") as (kiwi,),
        browser(shared.node, shared.clients["kiwi-1"].trust()) as asking,
    ):
        await sign_in(asking, "hine")
        kiwi.say(event("SIGN-3"))
        await becomes(asking, "/api/v1/tracks/SIGN-3", 200)
        track = (await asking.get("/api/v1/tracks/SIGN-3")).json()["track"]
    for key in ("time", "received", "stale"):
        assert datetime.fromisoformat(track[key]).utcoffset() is not None
        assert track[key].endswith("Z")


async def test_a_token_for_a_password_opens_the_marti_api_until_the_user_is_locked(
    shared: Shared,
) -> None:
    add(shared.node, "tahi")
    trust = shared.clients["kiwi-1"].trust()
    base = f"https://{shared.node.target('api')}"
    said = {"grant_type": "password", "username": "tahi", "password": PASSWORD}
    async with httpx.AsyncClient(verify=trust, base_url=base, timeout=30) as asking:
        assert (await asking.get("/Marti/api/version")).status_code == 401
        given = (await asking.post("/oauth/token", data=said)).json()
        asking.headers["authorization"] = f"Bearer {given['access_token']}"
        assert "TAK Server" in (await asking.get("/Marti/api/version")).text
        groups = (await asking.get("/Marti/api/groups/all")).json()["data"]
        assert {each["name"] for each in groups} == {"Blue"}
        assert (await asking.get("/api/v1/session")).status_code == 401
        user(shared.node, "lock", "tahi")
        await becomes(asking, "/Marti/api/version", 401)
