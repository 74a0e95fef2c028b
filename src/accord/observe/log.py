"""What the node says to its operator: single lines, and one line per burst of the same thing."""

import json
import logging
import re
import threading
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType
from typing import TextIO

from accord.core.clock import Clock

_LOGGER = logging.getLogger("accord")
_BARE = re.compile(r"[\w.:/@+\[\]-]+", re.ASCII)
_PORT = re.compile(r":\d+$")

_ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
Value = str | int | float | None


def line(what: str, fields: dict[str, Value]) -> str:
    """Write one line, `what key=value ...`; values are quoted where they need it.

    Control characters are escaped, so that what a client sends never makes a second line.
    """
    return " ".join([what, *(f"{key}={_spell(value)}" for key, value in fields.items())])


def _spell(value: Value) -> str:
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text)


@dataclass(slots=True)
class _Burst:
    """Lines of one kind that were said and held back since `began` (monotonic seconds)."""

    began: float
    fields: dict[str, Value]
    suppressed: int = 0


class LineFormatter(logging.Formatter):
    """Makes one line of every record: UTC time, level, text; of an exception its last line."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, *, with_traceback: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._with_traceback = with_traceback

    def formatException(self, ei: "_ExceptionInfo") -> str:  # noqa: N802  logging's own name
        """Return the traceback, or in one line what went wrong and where."""
        if self._with_traceback or ei[1] is None:
            return super().formatException(ei)
        frames = traceback.extract_tb(ei[2])
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
        return line("exception", {"type": type(ei[1]).__name__, "text": str(ei[1]), "at": where})

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        # The record carries along what another formatter made of the exception.
        theirs, record.exc_text = record.exc_text, None
        text = super().format(record)
        record.exc_text = theirs
        return text if self._with_traceback else text.replace("\n", " ")


def to_stream(stream: TextIO, *, debug: bool = False) -> None:
    """Send everything that is logged, by us and by libraries, to a stream as single lines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(with_traceback=debug))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    _LOGGER.setLevel(logging.DEBUG if debug else logging.INFO)


class Log:
    """Says changes of state at once, and of what comes in bursts one line per `interval` seconds.

    At most `max_keys` bursts are told apart at one time; beyond, lines are held back and counted
    together. Call `sweep` now and then: it says how many lines were held back. Any thread may say
    something.
    """

    def __init__(self, clock: Clock, *, interval: float = 30.0, max_keys: int = 256) -> None:
        self.suppressed = 0
        self._clock = clock
        self._interval = interval
        self._max_keys = max_keys
        self._bursts: OrderedDict[tuple[str, str, str], _Burst] = OrderedDict()
        self._others = 0
        self._lock = threading.Lock()

    def event(self, what: str, **fields: Value) -> None:
        """Say a change of state."""
        _LOGGER.info(line(what, fields))

    def trouble(self, what: str, **fields: Value) -> None:
        """Say what somebody should look at."""
        _LOGGER.warning(line(what, fields))

    def burst(self, what: str, **fields: Value) -> None:
        """Say what may come a thousand times a second: one line, then a count.

        Lines are of one burst when `what`, `reason` and who it is about (`client`, or `address`
        without its port) are the same.
        """
        who = str(fields.get("client", fields.get("address", "")))
        key = (what, str(fields.get("reason", "")), _PORT.sub("", who))
        with self._lock:
            if self._is_first(key):
                self.trouble(what, **fields)

    def _is_first(self, key: tuple[str, str, str]) -> bool:
        """Tell whether a line begins a burst; if not, count it as held back."""
        known = self._bursts.get(key)
        now = self._clock.monotonic()
        if known is not None and now - known.began < self._interval:
            known.suppressed += 1
            self.suppressed += 1
            return False
        if known is None and len(self._bursts) >= self._max_keys:
            self._others += 1
            self.suppressed += 1
            return False
        self._end(key)
        self._bursts[key] = _Burst(now, {"reason": key[1], "who": key[2]})
        return True

    def _end(self, key: tuple[str, str, str]) -> None:
        ended = self._bursts.pop(key, None)
        if ended is not None and ended.suppressed:
            self.trouble(key[0], **ended.fields, suppressed=ended.suppressed)

    def sweep(self) -> None:
        """Say what was held back in bursts whose interval is over, and forget them."""
        with self._lock:
            self._sweep(self._clock.monotonic())

    def _sweep(self, now: float) -> None:
        while self._bursts:
            key, oldest = next(iter(self._bursts.items()))
            if now - oldest.began < self._interval:
                break
            self._end(key)
        if self._others and len(self._bursts) < self._max_keys:
            self.trouble("too many different things to say", suppressed=self._others)
            self._others = 0
