"""What a page is told over its stream, and when; who gets one, and replays, are tried beside it."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from accord.api.browser import MAX_NEWS
from accord.api.caller import Via, caller_of
from accord.core.context import Context
from accord.live import view as view_module
from accord.live.views import StreamSettings
from support.builders import a_report
from support.stream_socket import WITHIN, Ground
from support.stream_views import somebody


async def test_hello_then_everything_then_what_changes() -> None:
    ground = Ground()
    ground.look.say(a_report("U1"))
    async with ground.browser() as browser:
        assert await browser.until("ready") == [
            "websocket.accept", "hello", "snapshot", "meta", "TRK1", "ready",
        ]  # fmt: skip
        assert browser.page.hello is not None
        assert browser.page.hello["node"]["id"] == "NZL-TEST"
        assert browser.page.hello["user"]["name"] == "kiwi-1"
        assert browser.page.hello["contexts"] == ["live"]
        ground.look.say(a_report("U2"))
        await ground.advance()
        assert await browser.until("ready") == ["meta", "TRK1", "ready"]
        assert set(browser.page.by_uid()) == {"U1", "U2"}
        assert len(ground.stream) == 1
    assert len(ground.stream) == 0


async def test_nothing_but_hello_is_said_before_the_page_asks() -> None:
    ground = Ground()
    async with ground.browser(None) as browser:
        assert await browser.until("hello") == ["websocket.accept", "hello"]
        ground.look.say(a_report("U1"))
        await ground.advance()
        await asyncio.sleep(0)
        assert browser.heard.empty()
        await ground.advance(10)
        assert await browser.next() == "clock"


async def test_a_page_that_keeps_up_is_woken_once_a_round_and_only_for_news() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        for _ in range(3):
            await ground.advance()
        await asyncio.sleep(0)
        assert browser.heard.empty()


async def test_many_changes_at_once_are_taken_in_step_by_step() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        ground.look.say(*(a_report(f"U{n}") for n in range(view_module.STEP + 1)))
        await ground.advance()
        kinds = await browser.until("ready")
        assert kinds.count("meta") == view_module.STEP // view_module.PIECE
        await browser.until("ready")
        assert len(browser.page.tracks) == view_module.STEP + 1


async def test_silence_is_broken_every_ten_seconds() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        await ground.advance(10)
        assert await browser.next() == "clock"


async def test_fifty_browsers_are_told_what_was_encoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ground = Ground(max_browsers=50)
    calls: list[int] = []
    positions = view_module.columns.positions

    def counted(now_ms: int, fixes: Any) -> bytes:
        calls.append(len(fixes))
        return positions(now_ms, fixes)

    async with asyncio.timeout(WITHIN):
        async with AsyncExitStack() as stack:
            browsers = [await stack.enter_async_context(ground.browser()) for _ in range(50)]
            for each in browsers:
                await each.until("ready")
            monkeypatch.setattr(view_module.columns, "positions", counted)
            ground.look.say(a_report("U1"), a_report("U2"))
            await ground.advance()
            for each in browsers:
                await each.until("ready")
    assert calls == [2]


async def test_a_slow_browser_is_told_the_newest_of_each_track_and_counted() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        ground.look.say(a_report("U1"))
        await browser.until("ready")
        ground.look.say(a_report("U1", at=ground.look.clock.now()))
        browser.flows.clear()
        for _ in range(5):
            ground.look.say(a_report("U1", at=ground.look.clock.now()))
            await ground.advance()
            await asyncio.sleep(0)
        before = browser.page.positions
        browser.flows.set()
        await browser.until("ready")
        await browser.until("ready")
        assert browser.page.positions == before + 2, "the one it was stuck on, and the newest"
        assert ground.stream.counts["told several changes as one"] == 1


async def test_one_that_lags_too_far_behind_begins_anew() -> None:
    ground = Ground(settings=StreamSettings(max_gone=1))
    async with ground.browser() as browser:
        ground.look.say(*(a_report(f"U{n}") for n in range(4)))
        await browser.until("ready")
        browser.flows.clear()
        for n in range(3):
            ground.look.remove(f"U{n}")
            await ground.advance()
            await asyncio.sleep(0)
        browser.flows.set()
        assert "snapshot" in await browser.until("snapshot")
        await browser.until("ready")
        assert set(browser.page.by_uid()) == {"U3"}
        assert ground.stream.counts["lagged too far behind"] == 1


async def test_a_page_goes_on_where_it_was() -> None:
    ground = Ground()
    ground.look.say(a_report("U1"))
    async with ground.browser() as browser:
        await browser.until("ready")
        page = browser.page
    ground.look.say(a_report("U2"))
    await ground.advance()
    page.said.clear()
    async with ground.browser(page.subscribe()) as browser:
        browser.page = page
        await browser.until("ready")
    assert page.said == ["hello", "resume", "meta", "TRK1", "ready"]
    for resume in ({"epoch": page.epoch, "seq": 10_000}, {"epoch": "other", "seq": 1}):
        asked = json.dumps({"t": "subscribe", "resume": resume})
        async with ground.browser(asked) as browser:
            assert "snapshot" in await browser.until("ready")


async def test_a_page_turns_to_another_context_and_back() -> None:
    ground = Ground()
    ground.look.say(a_report("U1"), a_report("X", context=Context.exercise("TASMAN")))
    async with ground.browser() as browser:
        await browser.until("ready")
        assert set(browser.page.by_uid()) == {"U1"}
        browser.say({"t": "subscribe", "context": "exercise:TASMAN"})
        await browser.until("ready")
        assert set(browser.page.by_uid()) == {"X"}
        browser.say({"t": "subscribe"})
        await browser.until("ready")
        assert set(browser.page.by_uid()) == {"U1"}
    await ground.advance(StreamSettings().kept_for.total_seconds())
    assert len(ground.look.views) == 0, "he looks at neither any more"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"context": "exercise:OTHER"}, "takes no part in exercise:OTHER"),
        ({"context": "plan:A"}, "takes no part in plan:A"),
        ({"context": "live:A"}, "there is no context 'live:A'"),
        ({"context": "moon"}, "there is no context 'moon'"),
        ({"view": "USA-PAC"}, "there is no view 'USA-PAC'"),
    ],
)
async def test_what_a_page_may_not_see_is_refused_and_the_rest_goes_on(
    asked: dict[str, str], why: str
) -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        browser.say({"t": "subscribe", **asked})
        message = await browser.heard.get()
        assert json.loads(message["text"]) == {"t": "refused", "why": why}
        ground.look.say(a_report("U1"))
        await ground.advance()
        await browser.until("ready")
        assert set(browser.page.by_uid()) == {"U1"}


async def test_a_page_that_wants_something_else_is_not_told_the_rest_first() -> None:
    ground = Ground()
    ground.look.say(*(a_report(f"U{n}") for n in range(view_module.STEP + 1)))
    async with ground.browser() as browser:
        browser.sticks_after = '"snapshot"'
        await browser.until("snapshot")
        browser.say({"t": "subscribe", "context": "exercise:TASMAN"})
        for _ in range(5):
            await asyncio.sleep(0)
        browser.sticks_after = ""
        browser.flows.set()
        kinds = await browser.until("ready")
        assert kinds[-2:] == ["snapshot", "ready"]
        assert kinds.count("ready") == 1
        assert browser.page.tracks == {}


async def test_rounds_go_on_until_they_are_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.api.stream.EVERY", 0.0)
    ground = Ground()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(ground.stream.run())
        async with ground.browser() as browser:
            await browser.until("ready")
            ground.look.say(a_report("U1"))
            await browser.until("ready")
        running.cancel()


async def test_news_are_told_at_once_to_those_who_may_know_and_to_nobody_else() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        ground.doorkeeper.caller = caller_of(somebody(name="kiwi-2"), Via.CERTIFICATE)
        async with ground.browser() as other:
            await other.until("ready")
            assert {each.principal.name for each in ground.stream.callers()} == {"kiwi-1", "kiwi-2"}
            ground.stream.tell({"t": "alert"}, lambda caller: caller.principal.name == "kiwi-1")
            ground.stream.tell({"t": "chat"}, lambda _: True)
            assert await browser.until("chat") == ["alert", "chat"]
            assert await other.until("chat") == ["chat"]


async def test_a_page_that_takes_no_news_is_told_to_ask_again_and_none_waits_for_it() -> None:
    ground = Ground()
    async with ground.browser() as browser:
        await browser.until("ready")
        for number in range(MAX_NEWS + 2):
            ground.stream.tell({"t": "log", "entry": {"number": number}}, lambda _: True)
        assert await browser.until("missed") == ["missed"]
        assert await browser.until("log") == ["log"]
        assert ground.stream.counts["news that a browser did not take"] == 1
