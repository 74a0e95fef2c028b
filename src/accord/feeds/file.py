"""Recorded traffic replayed: real reports of another day, at the pace at which they came.

The differences of time between the lines are the recording's own; the day is not. Every line is
given the present as its time, in place of the one it bears, so reports of a replay say that they
happened now. That is not true: a replay belongs into an exercise (`exercise = "..."`) wherever
somebody could take it for live traffic.
"""

import asyncio
import gzip
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accord.core.clock import Clock
from accord.feeds.feed import EMPTY, FeedError, Sleep

MAX_UNTIMED = 1_000
"""Lines at the start of a recording without any time; beyond, its pace cannot be known."""

MAX_LINE = 4_096
MAX_LINES_AT_ONCE = 64
"""Bytes of a line that are read at once, and lines that are handed on together."""

PAUSE = 1.0
"""Seconds between the end of a recording and its start, when it is looped."""

GZIP = b"\x1f\x8b"

MAX_DOCUMENT = 8 << 20
"""Bytes of a document that is taken whole."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """How a format's lines bear their times, in seconds since 1970."""

    time_of: Callable[[bytes], float | None]
    with_time: Callable[[bytes, float], bytes]


class Replay:
    """Plays a recording, plain or gzipped, `speed` times as fast as it was made."""

    is_finite = True

    def __init__(
        self,
        path: Path,
        stamps: Stamps,
        *,
        clock: Clock,
        speed: float = 1.0,
        loop: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._path = path
        self._stamps = stamps
        self._clock = clock
        self._speed = speed
        self._loop = loop
        self._sleep = sleep

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the lines when they are due. OSError or FeedError when they cannot be replayed."""
        while True:
            async for data in self._once():
                yield data
            if not self._loop:
                return
            await self._sleep(PAUSE)

    async def _once(self) -> AsyncGenerator[bytes, None]:
        started = self._clock.monotonic()
        first = newest = None
        due: list[bytes] = []
        for count, line in enumerate(lines_of(self._path)):
            time = self._stamps.time_of(line)
            if time is not None:
                first = time if first is None else first
                newest = time if newest is None else max(newest, time)
                wait = started + (newest - first) / self._speed - self._clock.monotonic()
                if wait > 0:
                    yield b"".join(due)
                    due.clear()
                    await self._sleep(wait)
            elif first is None and count >= MAX_UNTIMED:
                break
            due.append(self._stamps.with_time(line, self._clock.now().timestamp()) + b"\n")
            if len(due) >= MAX_LINES_AT_ONCE:
                yield b"".join(due)
                due.clear()
                await self._sleep(0)
        if first is None:
            raise FeedError(f"no line of {self._path} bears a time, so its pace is not known")
        yield b"".join(due)


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a recording, plain or gzipped. OSError or FeedError."""
    with path.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                yield line.strip()
    except (EOFError, zlib.error):
        raise FeedError(f"{path} is cut short or damaged") from None


class Document:
    """Reads a file whole: at once, and again whenever it has changed."""

    is_finite = False

    def __init__(self, path: Path, *, every: float, sleep: Sleep = asyncio.sleep) -> None:
        self.counts: Counter[str] = Counter()
        self._path = path
        self._every = every
        self._sleep = sleep

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the whole file when it is new. OSError or FeedError when it cannot be had."""
        before: tuple[int, int] | None = None
        while True:
            state = self._path.stat()
            if state.st_size > MAX_DOCUMENT:
                raise FeedError(f"{self._path} is larger than {MAX_DOCUMENT >> 20} MiB")
            if not state.st_size:
                self.counts[EMPTY] += 1
                raise FeedError(f"{self._path} is empty")
            seen = state.st_mtime_ns, state.st_size
            yield b"" if seen == before else self._path.read_bytes()[:MAX_DOCUMENT]
            before = seen
            await self._sleep(self._every)
