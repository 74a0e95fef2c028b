"""Reads the position of somebody who has said nearly the same before, without parsing it again.

Most of what a client sends is its position once more: the bytes of its last one with other times,
other numbers and perhaps other remarks. Such an event is the earlier one with those in place, since
what stands there can change nothing of how the rest is read.
"""

import re
from math import isfinite
from typing import NamedTuple

from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent, CotPoint, Elements
from accord.wire.errors import WireError

MAX_LENGTH = 2048
"""Bytes of an event that is remembered; a position has about 700."""

MAX_TRIES = 4
"""How often one that begins alike is learnt without ever being repeated."""

_POSITION = ("time", "start", "stale", "lat", "lon", "hae", "ce", "le")
_MOTION = ("course", "speed")
_NAMED = re.compile(rf"\b({'|'.join((*_POSITION, *_MOTION))})\s*=")
_HEAD_ENDS = b' time="'
_WORDS_END = "</remarks>"


class _Pattern(NamedTuple):
    """An event, its text without what may differ, its parts between quotes, and which those are.

    `track` is the place among the elements of the track whose numbers may differ.
    """

    event: CotEvent
    text: str
    parts: int
    places: tuple[int, ...]
    track: int | None


class _Known:
    """What is known of events that begin alike, and how often one was learnt since the last use."""

    __slots__ = ("pattern", "tries")

    def __init__(self) -> None:
        self.pattern: _Pattern | None = None
        self.tries = 0


class Repeats:
    """The positions that came over one connection, by how each begins; at most `limit` of them.

    One is learnt when it comes a second time. `forgotten` counts those that gave way to others.
    """

    __slots__ = ("_known", "_limit", "forgotten")

    def __init__(self, *, limit: int) -> None:
        self.forgotten = 0
        self._limit = limit
        self._known: dict[bytes, _Known] = {}

    def read(self, frame: bytes) -> CotEvent | None:
        """Return what `xml.read` would, with the event it `repeats`; None where that must read it.

        The event that it repeats is the same object for as long as it is remembered.
        """
        known = self._known.get(frame[: frame.find(_HEAD_ENDS)])
        if known is None or known.pattern is None:
            return None
        try:
            event = _again(known.pattern, frame)
        except (ValueError, WireError):  # not UTF-8, no number, no time
            return None
        if event is not None:
            known.tries = 0
        return event

    def note(self, event: CotEvent) -> None:
        """Remember a position that had to be read whole."""
        frame = event.xml
        end = frame.find(_HEAD_ENDS)
        if end < 0 or len(frame) > MAX_LENGTH or event.type[:2] != "a-":
            return
        head = frame[:end]
        known = self._known.get(head)
        if known is None:
            self._take_in(head)
        elif known.tries < MAX_TRIES:
            known.tries += 1
            known.pattern = _pattern(event)
        else:
            known.pattern = None

    def _take_in(self, head: bytes) -> None:
        known = self._known
        if len(known) >= self._limit:
            del known[next(iter(known))]
            self.forgotten += 1
        known[head] = _Known()


def _pattern(event: CotEvent) -> _Pattern | None:
    """Return what its repeats are compared with; None for one that is written in another way.

    Each name that may get another value stands once in the whole event, with its value in double
    quotes: it can be nothing but the attribute that the parser found. Nothing is hidden in a
    comment or in CDATA, and no namespace limits what an event of another length may be.
    """
    text = _without_words(event.xml.decode())
    if text is None or "<!" in text or "<?" in text or "xmlns" in text:
        return None
    found = {name[1]: name.end() for name in _NAMED.finditer(text)}
    if sum(1 for _ in _NAMED.finditer(text)) != len(found):
        return None
    track = _moving_track(event.elements)
    names = _POSITION if track is None else (*_POSITION, *_MOTION)
    if set(found) != set(names) or any(text[at] != '"' for at in found.values()):
        return None
    places = tuple(text.count('"', 0, found[name]) + 1 for name in names)
    parts = text.split('"')
    for place in places:
        parts[place] = ""
    return _Pattern(event, '"'.join(parts), len(parts), places, track)


def _moving_track(elements: Elements) -> int | None:
    for at, (name, attributes) in enumerate(elements):
        if name == "track" and "course" in attributes and "speed" in attributes:
            return at
    return None


def _without_words(text: str) -> str | None:
    """Return the text without the words of its remarks; None where those may be more than words."""
    end = text.find(_WORDS_END)
    if end < 0:
        return text
    start = text.rfind(">", 0, end) + 1
    words = text[start:end]
    if "<" in words or "&" in words or not words.isprintable():
        return None
    return text[:start] + text[end:]


def _again(pattern: _Pattern, frame: bytes) -> CotEvent | None:
    event, known, count, places, track = pattern
    text = _without_words(frame.decode())
    if text is None:
        return None
    parts = text.split('"')
    if len(parts) != count:
        return None
    values = [parts[place] for place in places]
    for place in places:
        parts[place] = ""
    time, start, stale, *numbers = values
    if '"'.join(parts) != known or not xml.is_decimal("".join(numbers)):
        return None
    point = CotPoint._make(map(float, numbers[:5]))
    if not isfinite(sum(point)):
        return None
    elements = event.elements if track is None else _moving(event.elements, track, *numbers[5:])
    produced = xml.moment("time", time)
    return CotEvent(
        event.version,
        event.uid,
        event.type,
        event.how,
        produced,
        produced if start == time else xml.moment("start", start),
        xml.moment("stale", stale),
        point,
        elements,
        frame,
        event.access,
        event.qos,
        event.opex,
        event.caveat,
        event.releasable_to,
        None,
        event,
    )


def _moving(elements: Elements, at: int, course: str, speed: str) -> Elements:
    name, attributes = elements[at]
    moving = (name, {**attributes, "course": course, "speed": speed})
    return (*elements[:at], moving, *elements[at + 1 :])
