"""One page that looks at the picture: what it asked for, and how far it was told."""

import asyncio
from collections import deque

from accord.api.caller import Caller
from accord.api.performance import Watched
from accord.api.replay import Playing
from accord.live.view import View
from accord.wire.page.message import Subscribe

MAX_NEWS = 256
"""Messages that are no tracks and wait for one browser; beyond, it is told to ask for them."""

MISSED = '{"t":"missed"}'

NORMAL_CLOSURE = 1000


class Browser:
    """One socket: who looks through it at which view, and how far it was told.

    `woken` says that there may be something to say, `ended` that it is over, with code and reason.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.wanted: Subscribe | None = None
        self.view: View | None = None
        self.playing: Playing | None = None
        self.watched: Watched | None = None
        self.has_left = False
        self.seq = 0
        self.is_told = False
        """Whether it has been told where what follows begins."""
        self.said_at = 0.0
        self.news: deque[str] = deque()
        self.woken = asyncio.Event()
        self.ended = asyncio.Event()
        self.code = NORMAL_CLOSURE
        self.reason = ""

    def awaits(self) -> bool:
        """Tell whether it waits for what it asked for last; asked by other threads too."""
        return self.wanted is None and not self.has_left and not self.ended.is_set()

    def put(self, news: str) -> bool:
        """Let it be told something else than tracks; False when all that waited had to go."""
        if len(self.news) >= MAX_NEWS:
            self.news.clear()
            self.news.append(MISSED)
            return False
        self.news.append(news)
        self.woken.set()
        return True

    def end(self, code: int, reason: str) -> None:
        """Let it go; the first reason counts."""
        if not self.ended.is_set():
            self.code, self.reason = code, reason
            self.ended.set()
