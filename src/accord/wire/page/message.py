"""The text messages of the stream: what the node says, and what the page asks for.

See docs/reference/stream.md. JSON is written in ASCII, so that half a surrogate pair in a name does
no harm.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from accord.wire.errors import FrameTooLarge, Malformed

MAX_BYTES = 4096
"""Of one message of the page."""

OWN = "own"
"""The view of somebody's own rights."""

REPLAY = "replay"
"""The view of the same, at another time."""

FASTEST = 60
"""How many times as fast as time a replay goes, at most."""

LIVE = "live"

_LAST_MS = 253_402_300_799_000
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a page has come: a sequence number of an epoch."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """What a page wants to be told from now on.

    Of a replay: `at` (milliseconds since 1970) is where it begins, None where it goes on from where
    it is, and `speed` how fast it goes; 0 stands still.
    """

    context: str = LIVE
    view: str = OWN
    resume: Place | None = None
    at: int | None = None
    speed: int = 1


def read_subscribe(text: str) -> Subscribe:
    """Return what a page asks for. Raises WireError for anything else."""
    if len(text) > MAX_BYTES:
        raise FrameTooLarge(f"more than {MAX_BYTES} bytes")
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if not isinstance(said, dict):
        raise Malformed("no JSON object")
    message = cast("dict[str, object]", said)
    if message.get("t") != "subscribe":
        raise Malformed("a page says subscribe and nothing else")
    return Subscribe(
        context=_text(message.get("context", LIVE), "context"),
        view=_text(message.get("view", OWN), "view"),
        resume=_place(message.get("resume")),
        at=None if message.get("at") is None else _whole(message["at"], "at", _LAST_MS),
        speed=_whole(message.get("speed", 1), "speed", FASTEST),
    )


def _whole(said: object, key: str, most: int) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= most:
        raise Malformed(f"{key} is no whole number from 0 to {most}")
    return said


def _text(said: object, key: str) -> str:
    if not isinstance(said, str):
        raise Malformed(f"{key} is no text")
    return said


def _place(said: object) -> Place | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Malformed("resume is no object")
    place = cast("dict[str, object]", said)
    seq = place.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0:
        raise Malformed("seq is no sequence number")
    return Place(_text(place.get("epoch"), "epoch"), seq)


def _spell(message: object) -> str:
    return json.dumps(message, separators=(",", ":"))


def hello(
    now_ms: int, *, node: dict[str, str], user: dict[str, object], contexts: Sequence[str]
) -> str:
    """Return who speaks to whom, and which contexts there are for him."""
    return _spell(
        {"t": "hello", "v": 1, "now": now_ms, "node": node, "user": user, "contexts": contexts}
    )


def snapshot(epoch: str, context: str, tracks: int, *, view: str = OWN) -> str:
    """Return that the page is to forget everything, and that about so many tracks come."""
    said = {"t": "snapshot", "epoch": epoch, "context": context, "view": view, "tracks": tracks}
    return _spell(said)


def replay(at_ms: int, speed: int, *, since_ms: int, whole: bool) -> str:
    """Return which moment a replay shows, how fast it goes, and how far back was looked for it."""
    return _spell({"t": "replay", "at": at_ms, "speed": speed, "since": since_ms, "whole": whole})


def resume(epoch: str, context: str) -> str:
    """Return that what the page has is right, and that what changed since comes."""
    return _spell({"t": "resume", "epoch": epoch, "context": context, "view": OWN})


def refused(why: str) -> str:
    """Return why a page is not told what it asked for."""
    return _spell({"t": "refused", "why": why})


def track(meta: dict[str, object]) -> str:
    """Return what is said of one track, for `tracks`."""
    return _spell(meta)


def tracks(metas: Iterable[str]) -> str:
    """Return what is said of several tracks, each as `track` gave it."""
    return f'{{"t":"meta","tracks":[{",".join(metas)}]}}'


def states(states: Sequence[tuple[int, str]]) -> str:
    """Return how current tracks are."""
    return _spell({"t": "state", "tracks": states})


def gone(gone: Sequence[tuple[int, str]]) -> str:
    """Return which tracks are there no more, and why."""
    return _spell({"t": "gone", "tracks": gone})


def ready(seq: int, now_ms: int) -> str:
    """Return that everything up to that number was said."""
    return _spell({"t": "ready", "seq": seq, "now": now_ms})


def clock(now_ms: int) -> str:
    """Return that the node is there, though it has nothing to say."""
    return _spell({"t": "clock", "now": now_ms})
