"""The stream without a network: a socket is two queues."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from accord.api.browser import MAX_NEWS
from accord.api.caller import Caller, Via, caller_of
from accord.api.problem import refused
from accord.api.replay import MOST_OF_ONE, Make, Replays
from accord.api.stream import PATH, PROTOCOL, Stream
from accord.core.context import Context
from accord.core.principal import Principal
from accord.live import view as view_module
from accord.live.asked import GivenUp
from accord.live.replay import Replay
from accord.live.view import Frame
from accord.live.views import StreamSettings
from accord.storage.database import StorageFault
from accord.wire.page import message
from support.builders import a_report
from support.past import blue
from support.released import after, heard
from support.staged import Theatre
from support.stream_page import Page
from support.stream_views import Looked, somebody

WITHIN = 30.0


class Doorkeeper:
    """Knows one, until he is thrown out."""

    def __init__(self) -> None:
        self.caller = caller_of(somebody(exercises=frozenset({"TASMAN"})), Via.CERTIFICATE)
        self.refuses: str | None = None
        self.gone: str | None = None

    def identify(self, connection: HTTPConnection) -> Caller | str:  # noqa: ARG002  of the port
        return self.refuses or self.caller

    def why_gone(self, caller: Caller) -> str | None:  # noqa: ARG002  of the port
        return self.gone


class Socket:
    """The browser's end. While it is `stuck`, it takes no message."""

    def __init__(self) -> None:
        self.page = Page()
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # noqa: TID251  a test's own
        self.heard: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()  # noqa: TID251
        self.flows = asyncio.Event()
        self.flows.set()
        self.closed: tuple[int, str] | None = None
        self.has_gone = False
        self.sticks_after = ""
        """Words in a text after which it takes no more."""

    async def receive(self) -> dict[str, Any]:
        return await self.said.get()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.flows.wait()
        if self.has_gone:
            raise OSError("gone")
        await self.heard.put(message)
        if self.sticks_after and self.sticks_after in (message.get("text") or ""):
            self.flows.clear()

    def say(self, message: dict[str, Any] | str | bytes) -> None:
        if isinstance(message, bytes):
            self.said.put_nowait({"type": "websocket.receive", "bytes": message})
            return
        text = message if isinstance(message, str) else json.dumps(message)
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def next(self) -> str:
        """Return which kind of message comes next."""
        async with asyncio.timeout(WITHIN):
            message = await self.heard.get()
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
            return "close"
        if message["type"] != "websocket.send":
            return str(message["type"])
        text: str | None = message.get("text")
        return self.page.take(message["bytes"] if text is None else text)

    async def until(self, kind: str) -> list[str]:
        kinds: list[str] = []
        while kind not in kinds:
            kinds.append(await self.next())
        return kinds


def _no_replay(*_: object) -> Replay:
    raise AssertionError


class Ground:
    """A picture, a stream of it, and who looks."""

    def __init__(
        self,
        *,
        max_browsers: int = 10,
        settings: StreamSettings | None = None,
        replays: Make | None = None,
    ) -> None:
        self.look = Looked(settings)
        self.doorkeeper = Doorkeeper()
        self.turned_away: list[str] = []
        self.replays = Replays(replays or _no_replay, self.look.clock)
        self.theatre = Theatre(heard("SHIP-1", 0))
        self.stream = Stream(
            self.look.views,
            self.doorkeeper,
            self.replays,
            self.theatre.stage,
            node={"id": "NZL-TEST", "name": "", "nation": "NZL"},
            max_browsers=max_browsers,
            clock=self.look.clock,
            refuse=lambda why, _: self.turned_away.append(why),
        )
        self.app = Starlette(
            routes=self.stream.routes(), exception_handlers={HTTPException: refused}
        )

    @asynccontextmanager
    async def browser(
        self, subscribe: str | None = '{"t":"subscribe"}', **scope: Any
    ) -> AsyncGenerator[Socket]:
        """Open the stream; it is closed by the browser at the end."""
        socket = Socket()
        about = {
            "type": "websocket", "path": PATH, "headers": [(b"host", b"node:8443")],
            "query_string": b"", "subprotocols": [PROTOCOL], "client": ("192.0.2.1", 5),
            "extensions": {"websocket.http.response": {}}, "scheme": "wss", "root_path": "",
        }  # fmt: skip
        socket.said.put_nowait({"type": "websocket.connect"})
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.app({**about, **scope}, socket.receive, socket.send))
            if subscribe is not None:
                socket.say(subscribe)
            yield socket
            socket.flows.set()
            socket.said.put_nowait({"type": "websocket.disconnect", "code": 1000})
            async with asyncio.timeout(WITHIN):
                await task

    async def is_empty(self) -> None:
        """Wait until nobody looks."""
        async with asyncio.timeout(WITHIN):
            while len(self.stream):  # noqa: ASYNC110  there is no event of it
                await asyncio.sleep(0)

    async def advance(self, seconds: float = 1.0) -> None:
        self.look.clock.advance(seconds=seconds)
        await self.stream.round()


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
