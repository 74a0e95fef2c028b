"""NMEA 0183 sentences, in any chunking, to AIS frames (IEC 61162-1; ITU-R M.1371 payloads inside).

Where receivers and networks put the time of receipt, in the recordings we have: in a tag block of
NMEA 4.10 ahead of the sentence (`c:` alone, or among `s:`, `t:` and `g:`); in a `$PGHP` sentence
ahead of the one it speaks of (Denmark); as seconds or milliseconds at the end of the line, with or
without the receiving station (`,r003669987,1152921693`). Tag blocks are taken whatever their
checksum: that of the Norwegian network is wrong wherever a group (`g:`) was added.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import xor  # pyright: ignore[reportUnknownVariableType]  it takes anything
from typing import NamedTuple, cast

from accord.wire.errors import FrameTooLarge, Malformed, WireError

_SENTENCE = re.compile(
    rb"(?:\\([^\\]*)\\)?"  # tag block
    rb"!((..)VD[MO],([1-9]),([1-9]),(\d?),([^,]?),([0-W`-w]*),([0-5])(?:,[^,*]*)?)"
    rb"\*([0-9A-Fa-f]{2})"
    rb"(,.*)?"  # what networks append
).fullmatch
_WRAPPER = re.compile(
    rb"\$(PGHP,1,(\d{4}),(\d+),(\d+),(\d+),(\d+),(\d+),(\d+),[^*]*,([0-9A-F]{2}))\*([0-9A-F]{2})(,.*)?"
).fullmatch
_TAG_TIME = re.compile(rb"(?:^|,)c:(\d{10})(\d{3})?(?!\d)").search
_TAG_STATION = re.compile(rb"(?:^|,)s:([^,*]+)").search
_END_TIME = re.compile(rb",(\d{10})(\d{3})?$").search
_END_STATION = re.compile(rb",(r[^,*]+)").search
_xor = cast("Callable[[int, int], int]", xor)
_CHECKED = re.compile(rb"[!$]([^!$*]*)\*([0-9A-Fa-f]{2})(?:,[^*]*)?\r?").search
_is_ais = re.compile(rb"(?:\\[^\\]*\\)?!..VD[MO]").match


class WrongChecksum(WireError):
    """A sentence whose checksum is not that of its characters."""

    reason = "wrong checksum"


class Sentence(NamedTuple):
    """One VDM or VDO sentence. `time` is seconds since 1970, None where the line has none."""

    talker: bytes
    parts: int
    part: int
    sequence: bytes
    channel: bytes
    payload: bytes
    fill: int
    checksum: int
    time: float | None
    station: bytes


class AisFrame(NamedTuple):
    """One AIS payload, still armoured, and the lines that it came in, without their line ends."""

    payload: bytes
    fill: int
    time: float | None
    data: bytes


class _Wrapper(NamedTuple):
    time: float
    checksum: int
    line: bytes


class _Group:
    """The fragments of one message that have come so far."""

    __slots__ = ("fill", "lines", "payloads", "since", "time")

    def __init__(self, count: int, since: float) -> None:
        self.payloads: list[bytes | None] = [None] * count
        self.lines: list[bytes] = [b""] * count
        self.fill = 0
        self.time: float | None = None
        self.since = since


class AisStream:
    """Reads the lines of one feed; any division of the bytes gives the same frames.

    A line over `max_line` bytes is skipped unstored. A fragment waits `max_wait` seconds for the
    others of its message, at most `max_groups` messages at a time; the oldest goes first. `counts`
    says how many sentences were read, and what was refused by reason.
    """

    def __init__(
        self, *, max_line: int = 1024, max_groups: int = 256, max_wait: float = 10.0
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._max_line = max_line
        self._max_groups = max_groups
        self._max_wait = max_wait
        self._rest = b""
        self._wrapper: _Wrapper | None = None
        self._groups: dict[tuple[bytes, bytes, bytes, bytes, int], _Group] = {}

    def receive(self, data: bytes, now: float) -> list[AisFrame]:
        """Return the frames that these bytes complete. `now` is seconds that never go back."""
        if self._groups:
            self._expire(now)
        *lines, rest = (self._rest + data).split(b"\n")
        # One byte over the limit is enough to refuse the line when its end comes.
        self._rest = rest[: self._max_line + 1]
        frames: list[AisFrame] = []
        for line in lines:
            try:
                frame = self._line(line.strip(), now)
            except WireError as error:
                self.counts[error.reason] += 1
            else:
                if frame is not None:
                    frames.append(frame)
        return frames

    def _line(self, line: bytes, now: float) -> AisFrame | None:
        if len(line) > self._max_line:
            raise FrameTooLarge("a line over the limit")
        sentence = read(line)
        if sentence is None:
            self._other(line)
            return None
        self.counts["sentences"] += 1
        time, wrapper = sentence.time, self._wrapper
        if wrapper is not None:
            self._wrapper = None
            if time is None and _speaks_of(wrapper, sentence):
                time, line = wrapper.time, wrapper.line + b"\n" + line
        if sentence.parts == 1:
            return AisFrame(sentence.payload, sentence.fill, time, line)
        return self._fragment(sentence, time, line, now)

    def _other(self, line: bytes) -> None:
        self._wrapper = _read_wrapper(line) or self._wrapper
        if line:
            self.counts["other lines"] += 1

    def _fragment(
        self, sentence: Sentence, time: float | None, line: bytes, now: float
    ) -> AisFrame | None:
        if sentence.part > sentence.parts:
            raise Malformed(f"fragment {sentence.part} of {sentence.parts}")
        key = (
            sentence.station,
            sentence.talker,
            sentence.channel,
            sentence.sequence,
            sentence.parts,
        )
        group = self._group(key, sentence, now)
        at = sentence.part - 1
        group.payloads[at] = sentence.payload
        group.lines[at] = line
        if group.time is None:
            group.time = time
        if sentence.part == sentence.parts:
            group.fill = sentence.fill
        payloads = [payload for payload in group.payloads if payload is not None]
        if len(payloads) < sentence.parts:
            return None
        del self._groups[key]
        return AisFrame(b"".join(payloads), group.fill, group.time, b"\n".join(group.lines))

    def _group(
        self, key: tuple[bytes, bytes, bytes, bytes, int], sentence: Sentence, now: float
    ) -> _Group:
        """Return the group the fragment belongs to: a new one when the number is in use again."""
        group = self._groups.get(key)
        if group is not None:
            known = group.payloads[sentence.part - 1]
            if known is None or known == sentence.payload:
                return group
            self._forget(key)
        if len(self._groups) >= self._max_groups:
            self._forget(next(iter(self._groups)))
        group = self._groups[key] = _Group(sentence.parts, now)
        return group

    def _forget(self, key: tuple[bytes, bytes, bytes, bytes, int]) -> None:
        del self._groups[key]
        self.counts["incomplete message"] += 1

    def _expire(self, now: float) -> None:
        late = [k for k, group in self._groups.items() if now - group.since > self._max_wait]
        for key in late:
            self._forget(key)


def is_whole(line: bytes) -> bool:
    """Tell whether a line of which the end did not come is whole: its sentence has its checksum."""
    match = _CHECKED(line)
    return match is not None and _checksum(match[1]) == int(match[2], 16)


def read(line: bytes) -> Sentence | None:
    """Read one line; None where it is no VDM or VDO sentence. Raises WireError."""
    match = _SENTENCE(line)
    if match is None:
        if _is_ais(line):
            raise Malformed("the fields of a VDM sentence are not as IEC 61162-1 has them")
        return None
    tag, body, talker, count, number, sequence, channel, payload, fill, checksum, end = (
        match.groups()
    )
    check = int(checksum, 16)
    if _checksum(body) != check:
        raise WrongChecksum(f"checksum {checksum!r} is not that of the sentence")
    time: float | None = None
    station = b""
    if tag:
        time, station = _stamp(_TAG_TIME(tag)), _first(_TAG_STATION(tag))
    if end:
        time = _stamp(_END_TIME(end)) if time is None else time
        station = station or _first(_END_STATION(end))
    return Sentence(
        talker,
        int(count),
        int(number),
        sequence,
        channel,
        payload,
        int(fill),
        check,
        time,
        station,
    )


def time_of(line: bytes) -> float | None:
    """Return the time that a line of a recording bears, a wrapper included; seconds since 1970."""
    try:
        sentence = read(line)
    except WireError:
        return None
    if sentence is not None:
        return sentence.time
    wrapper = _read_wrapper(line)
    return None if wrapper is None else wrapper.time


def with_time(line: bytes, time: float) -> bytes:
    """Return an AIS sentence with this time in its tag block, in place of any it bears.

    The station is kept; every other line comes back as it is.
    """
    try:
        sentence = read(line)
    except WireError:
        sentence = None
    if sentence is None:
        return line
    tag = b"c:%d" % round(time * 1000)
    if sentence.station:
        tag = b"s:%b,%b" % (sentence.station, tag)
    start = line.rindex(b"!", 0, line.rindex(b"*"))
    bare = line[start : line.index(b"*", start) + 3]
    return b"\\%b*%02X\\%b" % (tag, _checksum(tag), bare)


def _checksum(text: bytes) -> int:
    """Return all bytes XORed (IEC 61162-1 §7.2.4)."""
    return reduce(_xor, text)


def _read_wrapper(line: bytes) -> _Wrapper | None:
    match = _WRAPPER(line)
    if match is None or _checksum(match[1]) != int(match[10], 16):
        return None
    year, month, day, hour, minute, second, thousandth = (int(match[i]) for i in range(2, 9))
    try:
        at = datetime(year, month, day, hour, minute, second, thousandth * 1000, tzinfo=UTC)
    except ValueError:
        return None
    return _Wrapper(at.timestamp(), int(match[9], 16), line)


def _speaks_of(wrapper: _Wrapper, sentence: Sentence) -> bool:
    """Tell whether it stands ahead of this sentence: it repeats its checksum, for fragments all."""
    if sentence.parts > 1:
        return sentence.part == 1
    return wrapper.checksum == sentence.checksum


def _stamp(match: re.Match[bytes] | None) -> float | None:
    if match is None:
        return None
    seconds, thousandths = match.groups()
    return int(seconds) + int(thousandths or 0) / 1000


def _first(match: re.Match[bytes] | None) -> bytes:
    return b"" if match is None else match[1]
