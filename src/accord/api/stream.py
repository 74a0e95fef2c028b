"""The live picture over a WebSocket, as docs/reference/stream.md has it.

What is sent, and when, is decided by the view (live/view.py). Here is who may look, and that each
browser is sent as much as its socket takes.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from accord.api.browser import Browser
from accord.api.caller import Caller, is_from_here, user_json
from accord.api.performance import Watched
from accord.api.replay import NoReplay, Playing, Replays
from accord.api.stage import Stage
from accord.core.clock import Clock
from accord.core.context import Context, ContextKind
from accord.core.errors import AccordError
from accord.live.asked import GivenUp
from accord.live.view import Frame, View, milliseconds
from accord.live.views import Views
from accord.wire.errors import WireError
from accord.wire.page import message
from accord.wire.page.message import Place, Subscribe

PATH = "/api/v1/stream"
PROTOCOL = "accord.stream.v1"

EVERY = 1.0
"""Seconds between rounds: at most so often is anything said of one track."""

SILENCE = 10.0
"""Seconds after which the clock is told, where nothing else was said."""

CLOSE_WITHIN = 1.0
"""Seconds in which a browser that does not read may still take our goodbye."""

NOT_ACCEPTABLE = 1003
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

# What sending to a browser that has gone, or that we have said goodbye to, ends with.
_GONE = (WebSocketDisconnect, RuntimeError)

_LONGEST_REASON = 120
"""Letters that fit a close frame (RFC 6455, 5.5.1: 125 bytes with the code)."""


class Doorkeeper(Protocol):
    """Knows who looks, and whether he still may."""

    def identify(self, connection: HTTPConnection) -> Caller | str:
        """Return who asks, or in a few words why nobody we know."""
        ...

    def why_gone(self, caller: Caller) -> str | None:
        """Return why somebody may not look any more, None where he may."""
        ...


class _Refused(AccordError):
    """What a page asked for is not told; it hears why."""


class Stream:
    """Everybody who looks at the picture. `run` keeps it going."""

    def __init__(  # noqa: PLR0913  one argument for each thing that it works with
        self,
        views: Views,
        doorkeeper: Doorkeeper,
        replays: Replays,
        stage: Stage,
        *,
        node: dict[str, str],
        max_browsers: int,
        clock: Clock,
        refuse: Callable[[str, HTTPConnection], None],
    ) -> None:
        """`node` says which this is; `refuse` is told of who is not let in."""
        self.counts: Counter[str] = Counter()
        self._views = views
        self._doorkeeper = doorkeeper
        self._replays = replays
        self._stage = stage
        self._node = node
        self._max_browsers = max_browsers
        self._clock = clock
        self._refuse = refuse
        self._browsers: set[Browser] = set()

    def __len__(self) -> int:
        """Return how many look."""
        return len(self._browsers)

    def callers(self) -> Iterable[Caller]:
        """Return who looks; whoever looks twice is named twice."""
        return [each.caller for each in self._browsers]

    def tell(self, said: Mapping[str, object], to: Callable[[Caller], bool]) -> None:
        """Tell everybody who may know of it something that is no track, such as an alert."""
        text = ""
        for browser in self._browsers:
            if to(browser.caller):
                text = text or json.dumps(said, ensure_ascii=False, separators=(",", ":"))
                if not browser.put(text):
                    self.counts["news that a browser did not take"] += 1

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        return [WebSocketRoute(PATH, self._endpoint), Route(PATH, _want_a_websocket)]

    async def run(self) -> None:
        """Tell everybody what changes, once a second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.round()

    async def round(self) -> None:
        """Take in what changed since the last, and wake whom there is something to say to."""
        for browser in self._browsers:
            self._stage.touch(browser.caller.principal.name)
        self._views.begin_round()
        while self._views.step():
            self._wake()
            await asyncio.sleep(0)
        self._wake()

    def _wake(self) -> None:
        silent_since = self._clock.monotonic() - SILENCE
        for browser in self._browsers:
            view = browser.view
            has_news = view is not None and (view.seq != browser.seq or not browser.is_told)
            plays = browser.playing is not None and browser.playing.is_due
            follows = browser.watched is not None
            if has_news or plays or follows or browser.said_at <= silent_since:
                browser.woken.set()

    def throw_out(self) -> None:
        """Cut off everybody who may not look any more."""
        for browser in self._browsers:
            why = self._doorkeeper.why_gone(browser.caller)
            if why is not None:
                browser.end(POLICY_VIOLATION, why)

    async def _endpoint(self, socket: WebSocket) -> None:
        caller = self._admitted(socket)
        await socket.accept(subprotocol=PROTOCOL)
        browser = Browser(caller)
        if len(self._browsers) >= self._max_browsers:
            self.counts["too many browsers"] += 1
            browser.end(TRY_AGAIN_LATER, "too many browsers")
        else:
            await self._keep(socket, browser)
        with contextlib.suppress(TimeoutError, *_GONE):
            async with asyncio.timeout(CLOSE_WITHIN):
                await socket.close(browser.code, browser.reason[:_LONGEST_REASON])

    def _admitted(self, socket: WebSocket) -> Caller:
        """Return who looks. HTTPException for whom we do not let in."""
        if not is_from_here(socket):
            self._turn_away(socket, 403, "opened by another site's page")
        caller = self._doorkeeper.identify(socket)
        if isinstance(caller, str):
            self._turn_away(socket, 401, caller)
        if PROTOCOL not in socket.scope["subprotocols"]:
            raise HTTPException(400, f"offer the subprotocol {PROTOCOL}")
        return caller

    def _turn_away(self, socket: WebSocket, status: int, reason: str) -> NoReturn:
        self._refuse(reason, socket)
        raise HTTPException(status, reason if status != 401 else f"not admitted: {reason}")

    async def _keep(self, socket: WebSocket, browser: Browser) -> None:
        self._browsers.add(browser)
        try:
            await self._until_one_ends(socket, browser)
        finally:
            browser.has_left = True
            self._browsers.discard(browser)
            self._look_away(browser)

    async def _until_one_ends(self, socket: WebSocket, browser: Browser) -> None:
        """Send and receive until the browser goes or is let go."""
        async with asyncio.TaskGroup() as tasks:
            ways = {
                tasks.create_task(self._receive(socket, browser)),
                tasks.create_task(self._tell(socket, browser)),
                tasks.create_task(browser.ended.wait()),
            }
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()

    async def _receive(self, socket: WebSocket, browser: Browser) -> None:
        """Take note of what the page wants, until it goes or cannot be understood."""
        while True:
            came = await socket.receive()
            if came["type"] == "websocket.disconnect":
                return
            text: str | None = came.get("text")
            try:
                browser.wanted = _wanted(text)
            except WireError as error:
                self.counts["what a page said could not be read"] += 1
                browser.end(NOT_ACCEPTABLE, str(error))
                return
            browser.woken.set()

    async def _tell(self, socket: WebSocket, browser: Browser) -> None:
        """Say hello, and then whatever there is to say."""
        with contextlib.suppress(*_GONE):
            await self._say(socket, browser, self._hello(browser.caller))
            while True:
                await browser.woken.wait()
                browser.woken.clear()
                await self._say_news(socket, browser)
                await self._subscribe(socket, browser)
                await self._follow(socket, browser)
                await self._catch_up(socket, browser)
                await self._say_how_it_stands(socket, browser)
                await self._play(socket, browser)
                await self._break_silence(socket, browser)

    async def _say_news(self, socket: WebSocket, browser: Browser) -> None:
        while browser.news:
            await self._say(socket, browser, browser.news.popleft())

    async def _break_silence(self, socket: WebSocket, browser: Browser) -> None:
        if browser.said_at <= self._clock.monotonic() - SILENCE:
            await self._say(socket, browser, message.clock(self._now()))

    def _hello(self, caller: Caller) -> str:
        return message.hello(
            self._now(),
            node=self._node,
            user=user_json(caller),
            contexts=self._views.contexts(caller.principal),
        )

    def _now(self) -> int:
        return milliseconds(self._clock.now())

    async def _say(self, socket: WebSocket, browser: Browser, frame: Frame) -> None:
        if isinstance(frame, str):
            await socket.send_text(frame)
        else:
            await socket.send_bytes(frame)
        browser.said_at = self._clock.monotonic()

    async def _subscribe(self, socket: WebSocket, browser: Browser) -> None:
        """Turn to the view that the page asked for last, where it asked."""
        wanted, browser.wanted = browser.wanted, None
        if wanted is None:
            return
        try:
            context = _context(browser.caller, wanted)
            if wanted.view == message.REPLAY:
                self._turn_back(browser, context, wanted)
                return
            if context.kind is ContextKind.REPLAY:
                self._watch(browser, context)
                return
        except (_Refused, NoReplay) as refused:
            await self._say(socket, browser, message.refused(str(refused)))
            return
        view = self._views.open(browser.caller.principal, context)
        self._look_away(browser)
        browser.view, browser.is_told = view, False
        browser.seq = _resumed(view, wanted.resume)

    def _turn_back(self, browser: Browser, context: Context, wanted: Subscribe) -> None:
        """Turn to a replay, or go on with that which is looked at already. Raises NoReplay."""
        playing, now = browser.playing, self._clock.monotonic()
        if playing is None or playing.context != context:
            if wanted.at is None:
                raise _Refused("a replay begins somewhere: say at")
            playing = self._replays.open(browser.caller.principal, context, browser.awaits)
            self._look_away(browser)
            browser.playing = playing
        playing.wants(wanted, now)

    def _watch(self, browser: Browser, context: Context) -> None:
        """Turn to the replay that the node plays. Raises NoReplay where it is not that one."""
        show = self._stage.on
        if show is None or show.context != context:
            raise NoReplay("that replay is over")
        watched = Watched(show, browser.caller.principal)
        self._look_away(browser)
        browser.watched = watched

    async def _follow(self, socket: WebSocket, browser: Browser) -> None:
        """Look at what the replay shows, or say that it is over."""
        watched = browser.watched
        if watched is None:
            return
        if watched.show.ended:
            self._look_away(browser)
            await self._say(
                socket, browser, message.refused(f"the replay is over: {watched.show.ended}")
            )
            return
        view = watched.view()
        if view is not browser.view:
            browser.view, browser.seq, browser.is_told = view, 0, False

    async def _say_how_it_stands(self, socket: WebSocket, browser: Browser) -> None:
        watched = browser.watched
        if watched is not None and browser.is_told:
            said = watched.news()
            if said:
                await self._say(socket, browser, said)

    def _look_away(self, browser: Browser) -> None:
        if browser.watched is not None:
            browser.watched.close()
            browser.watched = browser.view = None
        if browser.view is not None:
            self._views.close(browser.view)
            browser.view = None
        if browser.playing is not None:
            browser.playing.close()
            browser.playing = None

    async def _play(self, socket: WebSocket, browser: Browser) -> None:
        """Say what there is of a replay now; what the page did not wait for begins anew."""
        playing = browser.playing
        if playing is None or not playing.is_due or browser.wanted is not None:
            return
        frames = await self._turn(socket, browser, playing)
        if isinstance(frames, NoReplay):
            self._look_away(browser)
            await self._say(socket, browser, message.refused(str(frames)))
            return
        for told, frame in enumerate(frames, start=1):
            await self._say(socket, browser, frame)
            if browser.wanted is not None and told < len(frames):
                playing.begin_anew()
                return

    async def _catch_up(self, socket: WebSocket, browser: Browser) -> None:
        """Say what changed until there is no more, or the page wants something else."""
        view = browser.view
        if view is None:
            return
        while not view.is_whole:
            view.step()
            await asyncio.sleep(0)
        while browser.wanted is None and (not browser.is_told or browser.seq != view.seq):
            if not view.holds(browser.seq):
                self.counts["lagged too far behind"] += 1
                browser.seq, browser.is_told = 0, False
            self.counts["told several changes as one"] += 0 < browser.seq < view.before
            await self._burst(socket, browser, view)

    async def _burst(self, socket: WebSocket, browser: Browser, view: View) -> None:
        if not browser.is_told:
            context = str(view.context)
            begin = (
                message.resume(view.epoch, context)
                if browser.seq
                else message.snapshot(view.epoch, context, len(view))
            )
            await self._say(socket, browser, begin)
            browser.is_told = True
        upto, frames = view.seq, view.since(browser.seq)
        for frame in frames:
            await self._say(socket, browser, frame)
            if browser.wanted is not None:
                browser.is_told = False  # what it was told is not whole
                return
        browser.seq = upto

    async def _turn(
        self, socket: WebSocket, browser: Browser, playing: Playing
    ) -> Sequence[Frame] | NoReplay:
        """Return what a replay has to say; what is no replay is said while that is made."""
        async with asyncio.TaskGroup() as tasks:
            turn = tasks.create_task(_outcome(playing))
            turn.add_done_callback(lambda _: browser.woken.set())
            while not turn.done():
                await browser.woken.wait()
                browser.woken.clear()
                await self._say_news(socket, browser)
                await self._break_silence(socket, browser)
        if browser.wanted is not None or browser.news:
            browser.woken.set()
        return turn.result()


async def _outcome(playing: Playing) -> Sequence[Frame] | NoReplay:
    """Return what a replay has to say, nothing where nobody waited, or why there is none."""
    try:
        return await playing.turn()
    except GivenUp:
        playing.begin_anew()
        return ()
    except NoReplay as refused:
        return refused


async def _want_a_websocket(_request: Request) -> NoReturn:
    detail = f"this is a WebSocket: open it with wss:// and the subprotocol {PROTOCOL}"
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}  # RFC 9110, 15.5.22 and 7.8
    raise HTTPException(426, detail, headers)


def _wanted(text: str | None) -> Subscribe:
    """Return what a page asks for; binary messages are nothing that it may say."""
    return message.read_subscribe(text if text is not None else "")


def _context(caller: Caller, wanted: Subscribe) -> Context:
    """Return the context that a page wants to see. _Refused where he may not, or there is none."""
    if wanted.view not in (message.OWN, message.REPLAY):
        raise _Refused(f"there is no view {wanted.view!r}")
    try:
        context = Context.parse(wanted.context)
    except ValueError:
        raise _Refused(f"there is no context {wanted.context!r}") from None
    is_played = context.kind is ContextKind.REPLAY and wanted.view == message.OWN
    if not is_played and not caller.principal.takes_part_in(context):
        raise _Refused(f"takes no part in {context}")
    return context


def _resumed(view: View, resume: Place | None) -> int:
    """Return the number to go on from, 0 for the beginning."""
    if resume is None or resume.epoch != view.epoch or not view.holds(resume.seq):
        return 0
    return resume.seq
