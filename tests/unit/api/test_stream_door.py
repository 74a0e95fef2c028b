"""Who gets a stream, and whose ends."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from accord.api.stream import PATH
from support.builders import a_report
from support.stream_socket import WITHIN, Ground


@pytest.mark.parametrize("said", ["{", '{"t":"shout"}', b"binary"])
async def test_what_cannot_be_read_ends_it(said: str | bytes) -> None:
    ground = Ground()
    async with ground.browser(None) as browser:
        browser.say(said)
        await browser.until("close")
        assert browser.closed is not None
        assert browser.closed[0] == 1003
        assert ground.stream.counts["what a page said could not be read"] == 1


async def test_who_may_not_look_any_more_is_cut_off() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        ground.stream.throw_out()
        await asyncio.sleep(0)
        assert browser.heard.empty()
        ground.doorkeeper.gone = "revoked"
        ground.stream.throw_out()
        ground.stream.throw_out()
        await browser.until("close")
        assert browser.closed == (1008, "revoked")


async def test_who_is_stuck_is_cut_off_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.api.stream.CLOSE_WITHIN", 0.01)
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("hello")
        browser.flows.clear()
        ground.doorkeeper.gone = "x" * 500
        ground.stream.throw_out()
        await ground.is_empty()


async def test_one_too_many_is_told_to_come_later() -> None:
    ground = Ground(max_browsers=1)
    async with ground.browser() as first:
        await first.until("ready")
        async with ground.browser() as second:
            await second.until("close")
            assert second.closed == (1013, "too many browsers")
        assert ground.stream.counts["too many browsers"] == 1
        assert len(ground.stream) == 1


async def test_a_browser_that_vanishes_is_let_go() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        browser.has_gone = True
        ground.look.say(a_report("U1"))
        await ground.advance()
        await ground.is_empty()


@pytest.mark.parametrize(
    ("refuses", "scope", "status", "turned_away"),
    [
        ("revoked", {}, 401, ["revoked"]),
        (
            None,
            {"headers": [(b"host", b"node:8443"), (b"origin", b"https://elsewhere.example")]},
            403,
            ["opened by another site's page"],
        ),
        (None, {"subprotocols": []}, 400, []),
    ],
)
async def test_who_is_not_let_in_gets_no_websocket(
    refuses: str | None, scope: dict[str, Any], status: int, turned_away: list[str]
) -> None:
    ground = Ground()
    ground.doorkeeper.refuses = refuses
    async with ground.browser(None, **scope) as browser:
        async with asyncio.timeout(WITHIN):
            message = await browser.heard.get()
        assert (message["type"], message["status"]) == ("websocket.http.response.start", status)
        assert ground.turned_away == turned_away


async def test_our_own_page_is_let_in() -> None:
    headers = [(b"host", b"node:8443"), (b"origin", b"https://node:8443")]
    async with Ground().browser(headers=headers) as browser:
        await browser.until("ready")


async def test_a_request_that_is_no_websocket_is_told_so() -> None:
    heard: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        heard.append(message)

    scope = {"type": "http", "method": "GET", "path": PATH, "headers": [], "query_string": b"",
             "server": ("node", 8443), "scheme": "https"}  # fmt: skip
    await Ground().app(scope, asyncio.Event().wait, send)  # pyright: ignore[reportArgumentType]
    assert heard[0]["status"] == 426
