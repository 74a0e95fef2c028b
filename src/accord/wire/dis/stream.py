"""DIS datagrams (IEEE 1278.1-2012) to whole PDUs; one holds one of them, or a bundle."""

from collections import Counter

HEADER = 12
"""Bytes that each begins with (6.2.66); its length stands in two of them."""

LONGEST = 8_192
"""Bytes (6.3.3): no PDU may be longer."""

VERSIONS = range(4, 8)
"""Protocol versions whose entity state is alike: DIS 2.0.4 to IEEE 1278.1-2012."""


class DisStream:
    """Cuts datagrams into PDUs; `counts` says what was none."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def receive(self, datagram: bytes) -> list[bytes]:
        """Return the PDUs of a datagram. What stands behind one whose length cannot be is lost."""
        found: list[bytes] = []
        at = 0
        while at < len(datagram):
            length = int.from_bytes(datagram[at + 8 : at + 10])
            is_whole = HEADER <= length <= min(LONGEST, len(datagram) - at)
            if not is_whole or datagram[at] not in VERSIONS:
                self.counts["malformed"] += 1
                break
            found.append(datagram[at : at + length])
            at += length
        return found
