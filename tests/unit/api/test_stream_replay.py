"""The past over the stream: one browser's own replay, and the one that is played to all."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.api.replay import MOST_OF_ONE
from accord.core.context import Context
from accord.core.principal import Principal
from accord.live.asked import GivenUp
from accord.live.view import Frame
from accord.storage.database import StorageFault
from accord.wire.page import message
from support.past import blue
from support.released import after
from support.stream_socket import WITHIN, Ground


class FakeReplay:
    """Says to which moments it was brought, instead of a picture."""

    def __init__(self, is_awaited: Callable[[], bool]) -> None:
        self.at = self.since = datetime.fromtimestamp(0, UTC)
        self.whole = True
        self.is_awaited = is_awaited
        self.calls: list[tuple[str, datetime]] = []
        self.fault: Exception | None = None
        self.waits = False

    def jump(self, at: datetime) -> list[Frame]:
        self._came("jump", at)
        return [message.snapshot("r", "replay:live", 0, view="replay"), message.ready(1, 0)]

    def advance(self, at: datetime) -> list[Frame]:
        if not self.at <= at <= self.at + timedelta(minutes=10):
            return self.jump(at)
        self._came("advance", at)
        return [message.ready(2, 0)]

    def _came(self, how: str, at: datetime) -> None:
        while self.waits:
            if not self.is_awaited():
                raise GivenUp
            time.sleep(0.001)
        if self.fault is not None:
            raise self.fault
        self.calls.append((how, at))
        self.at = at


class Replaying(Ground):
    """A stream whose replays are noted."""

    def __init__(self) -> None:
        self.made: list[FakeReplay] = []
        super().__init__(replays=self._make)

    def _make(self, _by: Principal, _of: Context, is_awaited: Callable[[], bool]) -> Any:
        self.made.append(FakeReplay(is_awaited))
        return self.made[-1]

    def ago(self, seconds: float) -> datetime:
        return self.look.clock.now() - timedelta(seconds=seconds)


def back(at: datetime | None = None, *, speed: int = 1, context: str = "live") -> dict[str, Any]:
    ms = {} if at is None else {"at": int(at.timestamp() * 1000)}
    return {"t": "subscribe", "view": "replay", "context": context, "speed": speed, **ms}


async def test_a_replay_is_told_from_where_it_was_asked_for_at_the_speed_asked_for() -> None:
    ground = Replaying()
    begin = ground.ago(100)
    async with ground.browser(json.dumps(back(begin, speed=15))) as browser:
        kinds = await browser.until("replay")
        assert kinds[2:] == ["snapshot", "ready", "replay"]
        await ground.advance(1)
        assert await browser.until("replay") == ["ready", "replay"]
        assert ground.made[0].calls == [("jump", begin), ("advance", begin + timedelta(seconds=15))]
        browser.say(back(speed=0))
        await browser.until("replay")
        await ground.advance(1)
        await asyncio.sleep(0)
        assert browser.heard.empty()
        browser.say(back(ground.ago(500), speed=0))
        assert await browser.until("replay") == ["snapshot", "ready", "replay"]
        browser.say({"t": "subscribe"})
        await browser.until("snapshot")
        assert len(ground.replays) == 0
        await browser.until("ready")
    assert len(ground.made) == 1


async def test_a_replay_never_goes_beyond_now() -> None:
    ground = Replaying()
    now = ground.look.clock.now()
    async with ground.browser(json.dumps(back(now + timedelta(days=1), speed=60))) as browser:
        await browser.until("replay")
        await ground.advance(1)
        await browser.until("replay")
    assert [at for _, at in ground.made[0].calls] == [now, now + timedelta(seconds=1)]


async def test_a_replay_that_was_not_waited_for_begins_where_the_page_wants_it_next() -> None:
    ground = Replaying()
    async with ground.browser(json.dumps(back(ground.ago(100), speed=0))) as browser:
        await browser.until("replay")
        ground.made[0].waits = True
        first, second = ground.ago(900), ground.ago(800)
        browser.say(back(first, speed=0))
        await asyncio.sleep(0.01)
        ground.made[0].waits = False
        browser.say(back(second, speed=0))
        await browser.until("replay")
        while ground.made[0].calls[-1][1] != second:
            await browser.until("replay")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (back(), "a replay begins somewhere: say at"),
        (back(datetime(2026, 1, 1, tzinfo=UTC), context="exercise:OTHER"),
         "takes no part in exercise:OTHER"),
    ],
)  # fmt: skip
async def test_a_replay_that_there_cannot_be_is_refused(said: dict[str, Any], why: str) -> None:
    ground = Replaying()
    async with ground.browser(None) as browser:
        await browser.until("hello")
        browser.say(said)
        async with asyncio.timeout(WITHIN):
            heard = await browser.heard.get()
        assert json.loads(heard["text"]) == {"t": "refused", "why": why}
    assert ground.made == []


async def test_more_replays_than_fit_are_refused_until_one_is_left() -> None:
    ground = Replaying()
    async with AsyncExitStack() as opened:
        asked = json.dumps(back(ground.ago(100), speed=0))
        for _ in range(MOST_OF_ONE):
            one = await opened.enter_async_context(ground.browser(asked))
            await one.until("replay")
        async with ground.browser(asked) as another:
            await another.until("refused")
    assert len(ground.replays) == 0
    async with ground.browser(asked) as again:
        await again.until("replay")


async def test_a_journal_that_cannot_be_read_is_told_and_the_live_picture_goes_on() -> None:
    ground = Replaying()
    async with ground.browser(json.dumps(back(ground.ago(100)))) as browser:
        await browser.until("replay")
        ground.made[0].fault = StorageFault("no disk")
        await ground.advance(1)
        await browser.until("refused")
        browser.say({"t": "subscribe"})
        await browser.until("ready")


async def test_an_alarm_does_not_wait_for_the_picture_of_another_moment() -> None:
    ground = Replaying()
    async with ground.browser(json.dumps(back(ground.ago(100), speed=0))) as browser:
        await browser.until("replay")
        ground.made[0].waits = True
        browser.say(back(ground.ago(900), speed=0))
        await asyncio.sleep(0.01)
        ground.stream.tell({"t": "alert"}, lambda _: True)
        assert await browser.next() == "alert"
        await ground.advance(10)
        assert await browser.next() == "clock"
        ground.made[0].waits = False
        assert await browser.until("replay") == ["snapshot", "ready", "replay"]


async def test_a_replay_is_told_once_a_round_and_no_oftener() -> None:
    ground = Replaying()
    async with ground.browser(json.dumps(back(ground.ago(100), speed=15))) as browser:
        await browser.until("replay")
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(ground.made[0].calls) == 1


async def test_the_replay_that_is_played_is_watched_until_it_is_over() -> None:
    ground = Ground()
    theatre = ground.theatre
    show = await theatre.plays(blue(), 5, 60)
    context = json.dumps({"t": "subscribe", "context": f"replay:{show.name}"})
    async with ground.browser(context) as browser:
        assert (await browser.until("replay"))[-2:] == ["ready", "replay"]
        assert set(browser.page.by_uid()) == {"SHIP-1"}
        theatre.stage.steer(show, at=after(20), is_playing=False)
        await theatre.turns(1)
        await ground.advance()
        assert "snapshot" in await browser.until("replay")
        theatre.stage.end(show, "enough")
        await ground.advance()
        assert (await browser.until("refused"))[-1] == "refused"
        browser.say(context)
        assert (await browser.until("refused"))[-1] == "refused"
        browser.say('{"t":"subscribe"}')
        assert "snapshot" in await browser.until("ready")


async def test_whoever_has_a_page_open_has_not_left_his_replay_alone() -> None:
    ground = Ground()
    show = await ground.theatre.plays(blue(), 5, 60)
    ground.theatre.clock.advance(seconds=60)
    async with ground.browser() as browser:
        await browser.until("ready")
        await ground.advance()
    assert show.touched == ground.theatre.clock.monotonic()


async def test_a_replay_of_an_exercise_is_refused_to_who_takes_no_part_in_it() -> None:
    ground = Ground()
    drill = Context.exercise("OTHER")
    show = await ground.theatre.plays(blue(exercises=frozenset({"OTHER"})), 5, 60, context=drill)
    said = json.dumps({"t": "subscribe", "context": f"replay:{show.name}"})
    async with ground.browser(said) as browser:
        assert (await browser.until("refused"))[-1] == "refused"
