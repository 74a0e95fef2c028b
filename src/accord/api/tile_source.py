"""Fetches tiles of a server that the administrator named: from that host alone, within limits."""

import contextlib
import http.client
import math
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from accord.core.errors import AccordError

WITHIN = 10.0
"""Seconds for a server to answer, from when it is asked to the last byte of the tile."""

MAX_TILE = 2 << 20
"""Bytes of one tile."""

IMAGES = frozenset({"image/png", "image/jpeg", "image/webp"})

HALF_WORLD = math.pi * 6_378_137.0
"""Metres from the middle of the map to its edge (EPSG:3857)."""


class TileFault(AccordError):
    """There is no tile; says why."""


@dataclass(frozen=True, slots=True)
class Tile:
    """An image as it came."""

    data: bytes
    media_type: str


def bounds_of(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile in metres (EPSG:3857), y counted from the north."""
    side = 2 * HALF_WORLD / (1 << z)
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    return west, north - side, west + side, north


class TileSource:
    """One server's tiles, by an address with holes. Any thread may fetch."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def path_of(self, z: int, x: int, y: int) -> str:
        """Return what is asked of the server for a tile."""
        box = ",".join(f"{side:.6f}" for side in bounds_of(z, x, y))
        path = self._path
        for hole, value in (("{z}", z), ("{x}", x), ("{y}", y), ("{bbox}", box)):
            path = path.replace(hole, str(value))
        return path

    def fetch(self, z: int, x: int, y: int) -> Tile:
        """Return a tile. TileFault where there is none: the server's redirects are not followed."""
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=WITHIN)
        with _Limit() as limit:
            try:
                connection.connect()
                limit.watch(connection.sock)
                connection.request("GET", self.path_of(z, x, y), headers={"Accept": "image/*"})
                tile = _tile_of(connection.getresponse())
            except TileFault:
                limit.check()  # half an answer is none of the server's
                raise
            except (OSError, http.client.HTTPException) as error:
                limit.check()
                raise TileFault(f"its server cannot be asked: {error}") from None
            finally:
                connection.close()
        limit.check()
        return tile


class _Limit:
    """Cuts off the socket that it watches after WITHIN seconds; `check` says so.

    A socket's own limit is for each wait: a server that sends a byte a second never meets it.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_over = False
        self._timer = threading.Timer(WITHIN, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Limit":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, reached: socket.socket) -> None:
        """Watch a socket that is connected. TileFault where it took too long to be."""
        self._socket = reached
        self.check()

    def _cut(self) -> None:
        self._is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise TileFault where the time is over."""
        if self._is_over:
            raise TileFault(f"its server took longer than {WITHIN:g} s")


def _tile_of(answer: http.client.HTTPResponse) -> Tile:
    if answer.status != http.client.OK:
        raise TileFault(f"its server answers {answer.status}")
    media_type = answer.headers.get_content_type()
    if media_type not in IMAGES:
        raise TileFault(f"its server answers with {media_type}, which is no image")
    data = answer.read(MAX_TILE + 1)
    if len(data) > MAX_TILE:
        raise TileFault(f"its server's tile is larger than {MAX_TILE} bytes")
    return Tile(data, media_type)
