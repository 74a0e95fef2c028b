"""What one client counts in the bytes that it is sent."""

import re
import time
from array import array
from dataclasses import dataclass, field

import cotwire

STAMP = re.compile(rb"CLD\|(\d+)\|(\d+)\|(\d+)\|")
ROOM = 128
"""Bytes in front of the read buffer for what the last read cut off; longer than any stamp."""


@dataclass(slots=True)
class Samples:
    """Durations in nanoseconds, taken only while `is_open`."""

    is_open: bool = False
    every: bool = True
    taken: array = field(default_factory=lambda: array("q"))


class Tally:
    """Reads every stamp: exact loss per publisher. Costs about 1 us per delivery."""

    def __init__(self, client: int, latencies: Samples) -> None:
        self._me = str(client).encode()
        self._latencies = latencies
        self.forget()

    def forget(self) -> None:
        """Begin anew: what a server repeated to a newcomer does not count."""
        self.received = 0
        self.echoes = 0
        self.cut_off = b""
        self._newest: dict[bytes, int] = {}
        self._count: dict[bytes, int] = {}

    def take(self, buffer: bytearray, start: int, end: int) -> None:
        stamps = STAMP.findall(buffer, start, end)
        self._keep_beginning_of_stamp(buffer, start, end)
        others = [each for each in stamps if each[0] != self._me]
        self.echoes += len(stamps) - len(others)
        self.received += len(others)
        for publisher, number, _ in others:
            self._newest[publisher] = int(number)
            self._count[publisher] = self._count.get(publisher, 0) + 1
        if others and self._latencies.is_open:
            now = time.monotonic_ns()
            timed = others if self._latencies.every else (others[0], others[-1])
            self._latencies.taken.extend(now - int(sent) for _, _, sent in timed)

    def _keep_beginning_of_stamp(self, buffer: bytearray, start: int, end: int) -> None:
        cut = buffer.rfind(cotwire.TOKEN[:1], max(start, end - ROOM // 2), end)
        is_whole = cut < 0 or STAMP.match(buffer, cut, end)
        self.cut_off = b"" if is_whole else bytes(buffer[cut:end])

    def lost(self) -> int:
        """Deliveries that are missing before the newest one of their publisher."""
        return sum(max(0, self._gap(publisher)) for publisher in self._newest)

    def repeated(self) -> int:
        """Deliveries that came more than once."""
        return sum(max(0, -self._gap(publisher)) for publisher in self._newest)

    def _gap(self, publisher: bytes) -> int:
        return self._newest[publisher] + 1 - self._count[publisher]


class QuickTally(Tally):
    """Counts tokens and reads one stamp of each read, for rates that Python cannot parse."""

    def take(self, buffer: bytearray, start: int, end: int) -> None:
        count = buffer.count(cotwire.TOKEN, start, end)
        self.cut_off = bytes(buffer[max(start, end - len(cotwire.TOKEN) + 1) : end])
        self.received += count
        found = STAMP.search(buffer, start, end) if count else None
        if found is None:
            return
        if found[1] == self._me:
            self.echoes += 1
        elif self._latencies.is_open:
            self._latencies.taken.append(time.monotonic_ns() - int(found[3]))
