"""Beast and AVR, in any chunking, to Mode S frames; and lines, for what comes as text.

Beast is 0x1A, a letter for the length, six bytes of a counter, one of signal level, and the frame;
0x1A inside is doubled (https://wiki.jetvision.de/wiki/Mode-S_Beast:Data_Output_Formats). AVR is
`*` or, with a counter of twelve digits, `@`, the frame in hexadecimal digits, and `;`.
"""

import re
from collections import Counter
from collections.abc import Iterator

MAX_LINE = 512
"""Bytes of a line."""

_MARK = b"\x1a"
_AHEAD = 7  # bytes of counter and signal level
_LENGTHS = {0x31: 2, 0x32: 7, 0x33: 14, 0x34: 14}
"""Bytes of the frame by its letter: Mode A/C, short, long, status of the receiver."""

MODE_S = frozenset({7, 14})
_STATUS = 0x34
_FRAME = re.compile(rb"\x1a([1-4])((?:[^\x1a]|\x1a\x1a)*)", re.DOTALL)
_LONGEST = 2 * (_AHEAD + 14) + 2
_AVR = re.compile(rb"(?:\*|@[0-9A-Fa-f]{12})((?:[0-9A-Fa-f]{14}){1,2}|[0-9A-Fa-f]{4});").fullmatch


class BeastStream:
    """Reads one receiver's Beast; `counts` says what was refused, or is of no use here."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield the Mode S frames that these bytes complete."""
        data = self._rest + data
        self._rest = b""
        end = 0
        for match in _FRAME.finditer(data):
            if match.start() != end:
                self.counts["malformed"] += 1
            end = match.end()
            frame = match[2] if _MARK not in match[2] else match[2].replace(b"\x1a\x1a", _MARK)
            letter = match[1][0]
            wanted = _AHEAD + _LENGTHS[letter]
            if len(frame) < wanted and len(data) - end <= 1:
                end = match.start()  # more of it may come
                break
            if len(frame) != wanted:
                self.counts["malformed"] += 1
            elif letter == _STATUS or wanted == _AHEAD + 2:
                self.counts["not used"] += 1
            else:
                yield frame[_AHEAD:]
        self._keep(data, end)

    def let_go(self) -> bool:
        """Forget what has come of a frame whose end does not come; True where there was any."""
        had, self._rest = bool(self._rest), b""
        return had

    def _keep(self, data: bytes, end: int) -> None:
        rest = data[end:]
        if rest and rest[:1] != _MARK:
            self.counts["malformed"] += 1
            rest = rest[-1:] if rest[-1:] == _MARK else b""
        self._rest = rest[:_LONGEST]


class Lines:
    """Cuts bytes into lines; one over the limit is skipped unstored."""

    def __init__(self, *, max_line: int = MAX_LINE) -> None:
        self.counts: Counter[str] = Counter()
        self._max_line = max_line
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that these bytes complete, without their ends; empty ones are none."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: self._max_line + 1]
        for line in lines:
            if len(line) > self._max_line:
                self.counts["too large"] += 1
            elif line.strip():
                yield line.strip()

    def let_go(self) -> bool:
        """Forget what has come of a line whose end does not come; True where there was any."""
        had, self._rest = bool(self._rest), b""
        return had


class AvrStream:
    """Reads one receiver's AVR; `counts` as for Beast."""

    def __init__(self) -> None:
        self._lines = Lines()
        self.counts: Counter[str] = self._lines.counts

    def let_go(self) -> bool:
        """Forget what has come of a line whose end does not come; True where there was any."""
        return self._lines.let_go()

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Yield the Mode S frames that these bytes complete."""
        for line in self._lines.receive(data):
            match = _AVR(line)
            if match is None:
                self.counts["malformed"] += 1
                continue
            frame = bytes.fromhex(match[1].decode("ascii"))
            if len(frame) in MODE_S:
                yield frame
            else:
                self.counts["not used"] += 1
