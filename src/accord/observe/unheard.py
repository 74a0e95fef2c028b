"""How many datagrams the system dropped before anybody read them."""

import socket
import struct
import sys
from typing import Protocol

_SO_MEMINFO = 55
"""What a socket's memory is, and how many it dropped (`SK_MEMINFO_DROPS`): Linux, since 4.12."""

_WORDS = struct.Struct("9I")
_DROPS = 8
_WRAPS = 1 << 32


class HasOptions(Protocol):
    """A socket, or what asyncio shows of one."""

    def getsockopt(self, _level: int, _option: int, _length: int, /) -> bytes:
        """Return an option's value."""
        ...


class Unheard:
    """Counts what the system dropped of what came to a socket; nothing where it does not say."""

    def __init__(self, of: HasOptions) -> None:
        self._of = of
        self._known = self._dropped()

    def more(self) -> int:
        """Return how many were dropped since it was asked before."""
        dropped = self._dropped()
        more = (dropped - self._known) % _WRAPS
        self._known = dropped
        return more

    def _dropped(self) -> int:
        if sys.platform != "linux":
            return 0
        try:
            said = self._of.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _WORDS.size)
            dropped: int = _WORDS.unpack(said)[_DROPS]
        except (OSError, struct.error):
            return 0
        return dropped
