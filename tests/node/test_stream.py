"""The live picture over a real WebSocket of a node that runs as a process."""

import asyncio
import json
import subprocess
import sys

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from support.node_live import Shared, add_client
from support.node_process import NodeProcess, accord_well
from support.stream_client import watching
from support.stream_page import Page
from support.tak_client import connected, event

KEPT_WITHIN = 0.25
"""Seconds after which what was received outlives the node."""

REMOVAL = '<link uid="{}" relation="none" type="none"/>'


async def test_a_page_sees_what_its_groups_hear_and_what_becomes_of_it(shared: Shared) -> None:
    kiwi, red = shared.clients["kiwi-1"].tls(), shared.clients["red"].tls()
    async with (
        connected(shared.node.address("cot-tls"), kiwi) as phone,
        watching(shared.node.address("api"), shared.clients["screen"].tls()) as screen,
        watching(shared.node.address("api"), red) as other,
    ):
        phone.say(event("STREAM-1", "a-n-S-X-M"), event("STREAM-2"))
        await screen.until(lambda page: {"STREAM-1", "STREAM-2"} <= set(page.by_uid()))
        shown = screen.page.by_uid()["STREAM-1"]
        assert (shown.lat, shown.lon) == (-412_800_000, 1_747_700_000)
        assert shown.meta["sidc"] == "SNSPXM---------"
        assert shown.meta["groups"] == ["Blue"]
        assert shown.meta["speaker"] == "kiwi-1"
        for uid in ("STREAM-1", "STREAM-2"):
            phone.say(event(f"REMOVES-{uid}", "t-x-d-d", REMOVAL.format(uid)))
        await screen.until(lambda page: not {"STREAM-1", "STREAM-2"} & set(page.by_uid()))
        assert screen.page.whys == ["removed", "removed"]
        assert screen.page.hello is not None
        assert screen.page.hello["user"]["name"] == "screen"
        assert "STREAM-1" not in other.page.by_uid()


async def test_an_exercise_is_shown_to_those_who_take_part_and_to_nobody_else(
    shared: Shared,
) -> None:
    player, screen = shared.clients["player"].tls(), shared.clients["screen"].tls()
    address = shared.node.address("api")
    async with (
        connected(shared.node.address("cot-tls"), player) as phone,
        watching(address, player, context="exercise:TASMAN") as playing,
        watching(address, player) as live,
        watching(address, screen, context="exercise:TASMAN") as outside,
    ):
        phone.say(event("INJECT", more='opex="e-TASMAN"'))
        await playing.until(lambda page: "INJECT" in page.by_uid())
        assert playing.page.by_uid()["INJECT"].meta["exercise"] == "TASMAN"
        assert "INJECT" not in live.page.by_uid()
        assert outside.page.take(await outside.socket.recv()) == "refused"


async def test_a_page_that_comes_back_is_told_what_changed_and_after_a_restart_everything(
    node: NodeProcess,
) -> None:
    kiwi = add_client(node, "kiwi-1").tls()
    page = Page()
    async with connected(node.address("cot-tls"), kiwi) as phone:
        phone.say(event("A"), event("B"))
        async with watching(node.address("api"), kiwi, page) as screen:
            await screen.shows("A", "B")
        phone.say(event("C"), event("REMOVES-A", "t-x-d-d", REMOVAL.format("A")))
        page.said.clear()
        async with watching(node.address("api"), kiwi, page) as screen:
            await screen.shows("B", "C")
            assert "resume" in page.said
            assert "snapshot" not in page.said
            await asyncio.sleep(KEPT_WITHIN)
            await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.start)
    epoch = page.epoch
    async with watching(node.address("api"), kiwi, page) as screen:
        await screen.shows("B", "C")
        assert page.said.count("snapshot") == 1
        assert page.epoch != epoch


async def test_who_is_revoked_is_cut_off(node: NodeProcess) -> None:
    kiwi, other = add_client(node, "kiwi-1").tls(), add_client(node, "kiwi-2").tls()
    async with (
        watching(node.address("api"), kiwi) as revoked,
        watching(node.address("api"), other) as stays,
    ):
        await asyncio.to_thread(accord_well, "client", "revoke", node.directory, "kiwi-1")
        assert await revoked.is_closed() == (1008, "revoked")
        await stays.shows()
    with pytest.raises(InvalidStatus) as refused:
        async with watching(node.address("api"), kiwi):
            pass
    assert refused.value.response.status_code == 401


async def test_a_page_sees_what_was_and_then_again_what_is(shared: Shared) -> None:
    kiwi, red = shared.clients["kiwi-1"].tls(), shared.clients["red"].tls()
    address = shared.node.address("api")
    async with connected(shared.node.address("cot-tls"), kiwi) as phone:
        async with watching(address, kiwi) as screen:
            phone.say(event("REPLAY-1"))
            await screen.until(lambda page: "REPLAY-1" in page.by_uid())
            then = screen.page.now
            await asyncio.sleep(1.0)
            phone.say(event("GONE-1", "t-x-d-d", REMOVAL.format("REPLAY-1")))
            await screen.until(lambda page: "REPLAY-1" not in page.by_uid())
            back = {"t": "subscribe", "view": "replay", "at": then, "speed": 0}
            await screen.socket.send(json.dumps(back))
            await screen.until(lambda page: "REPLAY-1" in page.by_uid())
            await screen.socket.send(json.dumps({"t": "subscribe"}))
            await screen.until(lambda page: "REPLAY-1" not in page.by_uid())
        async with watching(address, red) as other:
            await other.socket.send(json.dumps(back))
            await other.until(lambda page: page.now == then)
            assert "REPLAY-1" not in other.page.by_uid()


PASSWORD = "correct horse battery staple"


def user(node: NodeProcess, command: str, *arguments: str) -> None:
    """Change the users by the command line, as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "accord", "user", command, str(node.directory), *arguments],
        input=f"{PASSWORD}\n", text=True, check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("ends", ["signs out", "is locked", "may do less"])
async def test_who_signs_out_is_locked_or_is_changed_is_cut_off(shared: Shared, ends: str) -> None:
    node, name = shared.node, f"aroha-{ends[0]}"
    await asyncio.to_thread(user, node, "add", name, "--group", "Blue", "--password-stdin")
    base, trust = f"https://{node.target('api')}", shared.clients["kiwi-1"].trust()
    headers = {"origin": base, "content-type": "application/json"}
    async with httpx.AsyncClient(
        verify=trust, base_url=base, headers=headers, timeout=60
    ) as asking:
        said = await asking.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert said.status_code == 200
        cookie = said.headers["set-cookie"].partition(";")[0]
        async with watching(node.address("api"), trust, origin=base, cookie=cookie) as screen:
            await screen.until(lambda _: True)
            assert screen.page.hello is not None
            assert screen.page.hello["user"]["name"] == name
            if ends == "signs out":
                assert (await asking.delete("/api/v1/session")).status_code == 204
            elif ends == "is locked":
                await asyncio.to_thread(user, node, "lock", name)
            else:
                await asyncio.to_thread(user, node, "set", name, "--role", "viewer")
            code, _ = await screen.is_closed()
            assert code == 1008
        # He is signed in still, and sees at once what he may see now.
        is_signed_in = (await asking.get("/api/v1/session")).status_code == 200
        assert is_signed_in == (ends == "may do less")
        if is_signed_in:
            async with watching(node.address("api"), trust, origin=base, cookie=cookie) as screen:
                await screen.until(lambda _: True)
                assert screen.page.hello is not None
                assert screen.page.hello["user"]["role"] == "viewer"


async def test_a_page_of_another_site_is_refused(shared: Shared) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with watching(
            shared.node.address("api"),
            shared.clients["screen"].tls(),
            origin="https://elsewhere.example",
        ):
            pass
    assert refused.value.response.status_code == 403


async def test_nothing_is_compressed(shared: Shared) -> None:
    async with watching(shared.node.address("api"), shared.clients["screen"].tls()) as screen:
        response = screen.socket.response
        assert response is not None
        assert "Sec-WebSocket-Extensions" not in response.headers
