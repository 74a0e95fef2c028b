"""What a page knows of the picture: made from docs/reference/stream.md alone, not from our code."""

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_NOWHERE = -(2**31)


@dataclass
class Shown:
    """One track as the page has it."""

    meta: dict[str, Any]
    state: str = "live"
    lon: int | None = None
    lat: int | None = None
    course: int | None = None
    speed: int | None = None
    at_ms: float = 0.0


@dataclass
class Page:
    """Applies messages in the order they come in."""

    tracks: dict[int, Shown] = field(default_factory=dict[int, Shown])
    epoch: str | None = None
    seq: int | None = None
    said: list[str] = field(default_factory=list[str])
    """The kinds of the messages, in order."""
    whys: list[str] = field(default_factory=list[str])
    """Why tracks went, in order."""
    hello: dict[str, Any] | None = None
    bytes_of_positions: int = 0
    positions: int = 0
    now: int = 0

    def subscribe(self, context: str | None = None) -> str:
        """Return what the page says to begin, or to go on."""
        said: dict[str, Any] = {"t": "subscribe"}
        if context is not None:
            said["context"] = context
        if self.epoch is not None and self.seq is not None:
            said["resume"] = {"epoch": self.epoch, "seq": self.seq}
        return json.dumps(said)

    def take_all(self, messages: Iterable[str | bytes]) -> None:
        for each in messages:
            self.take(each)

    def take(self, message: str | bytes) -> str:
        """Apply a message and return which kind it was."""
        kind = self._text(json.loads(message)) if isinstance(message, str) else self._bytes(message)
        self.said.append(kind)
        return kind

    def _text(self, said: dict[str, Any]) -> str:
        apply = {
            "hello": self._hello,
            "snapshot": self._snapshot,
            "resume": self._resume,
            "gone": self._gone,
            "meta": self._meta,
            "state": self._state,
            "ready": self._ready,
        }
        kind = str(said["t"])
        if kind in apply:
            apply[kind](said)
        return kind

    def _hello(self, said: dict[str, Any]) -> None:
        self.hello = said

    def _snapshot(self, said: dict[str, Any]) -> None:
        self.tracks.clear()
        self.epoch, self.seq = said["epoch"], None

    def _resume(self, said: dict[str, Any]) -> None:
        assert said["epoch"] == self.epoch

    def _gone(self, said: dict[str, Any]) -> None:
        for index, why in said["tracks"]:
            if self.tracks.pop(index, None) is not None:
                self.whys.append(why)

    def _meta(self, said: dict[str, Any]) -> None:
        for meta in said["tracks"]:
            self.tracks.setdefault(meta["i"], Shown(meta)).meta = meta

    def _state(self, said: dict[str, Any]) -> None:
        for index, state in said["tracks"]:
            self.tracks[index].state = state

    def _ready(self, said: dict[str, Any]) -> None:
        self.seq, self.now = said["seq"], said["now"]

    def _bytes(self, data: bytes) -> str:
        letters, n, now = struct.unpack_from("<4sId", data)
        if letters == b"TRK1":
            assert len(data) == 16 + 16 * n
            self.positions += n
            self.bytes_of_positions += len(data)
            indexes = struct.unpack_from(f"<{n}I", data, 16)
            lons = struct.unpack_from(f"<{n}i", data, 16 + 4 * n)
            lats = struct.unpack_from(f"<{n}i", data, 16 + 8 * n)
            courses = struct.unpack_from(f"<{n}H", data, 16 + 12 * n)
            speeds = struct.unpack_from(f"<{n}H", data, 16 + 14 * n)
            for at, index in enumerate(indexes):
                self._move(index, now, lons[at], lats[at], courses[at], speeds[at])
        elif letters == b"AGE1":
            assert len(data) == 16 + 8 * n
            indexes = struct.unpack_from(f"<{n}I", data, 16)
            ages = struct.unpack_from(f"<{n}I", data, 16 + 4 * n)
            for index, age in zip(indexes, ages, strict=True):
                self.tracks[index].at_ms = now - 1000 * age
        return letters.decode()

    def _move(self, index: int, now: float, lon: int, lat: int, course: int, speed: int) -> None:
        track = self.tracks[index]
        track.lon, track.lat = (None, None) if lon == lat == _NOWHERE else (lon, lat)
        track.course = None if course == 65535 else course
        track.speed = None if speed == 65535 else speed
        track.at_ms = now

    def by_uid(self) -> dict[str, Shown]:
        """Return the tracks by uid."""
        return {track.meta["uid"]: track for track in self.tracks.values()}
