"""What the near node is told, and what clients at a node hear: CoT over TCP, stamped on arrival."""

import math
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cotwire import iso

MARK = 'access="UNCLASSIFIED" releasableTo="NZL, USA, AUS"'
VALID_S = 3600.0
EVENT = re.compile(rb"<event\b[^>]*>.*?</event>", re.DOTALL)
_UID, _TIME = re.compile(rb'\buid="([^"]*)"'), re.compile(rb'\btime="([^"]*)"')
_WORDS = ("reef", "swell", "lights", "course", "harbour", "fuel", "boats", "visibility", "noon")


def event(
    uid: str, kind: str, detail: str, *, at: tuple[float, float] = (-35.0, 170.0)
) -> tuple[str, bytes]:
    """Return an event's time and its bytes."""
    now = iso()
    made = (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="m-g" time="{now}" start="{now}" '
        f'stale="{iso(VALID_S)}" {MARK}><point lat="{at[0]:.6f}" lon="{at[1]:.6f}" hae="0" ce="20" '
        f'le="9999999"/><detail>{detail}</detail></event>'
    )
    return now, made.encode()


@dataclass(slots=True)
class Ship:
    uid: str
    at: tuple[float, float]
    course: float
    speed: float

    def move(self, seconds: float, rng: random.Random) -> None:
        self.course = (self.course + rng.gauss(0, 1.5)) % 360
        self.speed = max(0.5, self.speed + rng.gauss(0, 0.1))
        metres, course = self.speed * seconds, math.radians(self.course)
        lat, lon = self.at
        north, east = metres * math.cos(course), metres * math.sin(course)
        self.at = lat + north / 111_320, lon + east / (111_320 * math.cos(math.radians(lat)))

    def said(self) -> tuple[str, bytes]:
        detail = (
            f'<contact callsign="{self.uid}"/>'
            f'<track course="{self.course:.1f}" speed="{self.speed:.1f}"/>'
        )
        return event(self.uid, "a-n-S-X-M", detail, at=self.at)


class Fleet:
    """Ships that one client tells the near node of; `newest` has the time of each one's last."""

    def __init__(self, count: int, rng: random.Random, seconds: float = 10.0) -> None:
        self.sent = 0
        self.newest: dict[str, str] = {}
        self._rng = rng
        self._seconds = seconds
        self._ships = [
            Ship(
                f"SHIP-{number:03d}",
                (-36 + rng.uniform(-2, 2), 170 + rng.uniform(-2, 2)),
                rng.uniform(0, 360),
                rng.uniform(2, 12),
            )
            for number in range(count)
        ]

    def round(self, tell: Callable[[bytes], None], takes: float) -> None:
        """Move each ship by 10 s and tell where it is, spread over so many seconds."""
        began, count = time.monotonic(), len(self._ships)
        for number, ship in enumerate(self._ships):
            ahead = began + takes * number / count - time.monotonic()
            if ahead > 0.002:
                time.sleep(ahead)
            ship.move(self._seconds, self._rng)
            self.newest[ship.uid], said = ship.said()
            tell(said)
            self.sent += 1
        time.sleep(max(0.0, began + takes - time.monotonic()))


def chat(uid: str, rng: random.Random) -> bytes:
    """A message of about 120 bytes."""
    text = f"{uid}: "
    while len(text) < 112:
        text += f"{rng.choice(_WORDS)} {rng.randrange(1000)} "
    detail = (
        '<__chat id="All Chat Rooms" chatroom="All Chat Rooms" senderCallsign="WATCH">'
        '<chatgrp id="All Chat Rooms" uid0="WATCH-1"/></__chat>'
        f'<link uid="WATCH-1" type="a-f-G" relation="p-p"/><remarks>{text}</remarks>'
    )
    return event(uid, "b-t-f", detail)[1]


def mayday(uid: str) -> bytes:
    return event(uid, "b-a-o-tbl", '<emergency type="911 Alert"/>')[1]


@dataclass(slots=True)
class Ear:
    """A client that keeps of each object when it was first heard, and its newest time."""

    first: dict[str, float] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    _socket: socket.socket | None = None

    def listen(self, connected: socket.socket) -> None:
        """Listen on this connection until it ends; what was heard before stays."""
        self._socket = connected
        connected.settimeout(None)
        threading.Thread(target=self._listen, args=(connected,), daemon=True).start()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _listen(self, connected: socket.socket) -> None:
        held = b""
        while data := _received(connected):
            held += data
            end = 0
            for found in EVENT.finditer(held):
                self._heard(found[0])
                end = found.end()
            held = held[end:]

    def _heard(self, said: bytes) -> None:
        uid = _UID.search(said)[1].decode()
        at = _TIME.search(said)[1].decode()
        self.first.setdefault(uid, time.monotonic())
        self.newest[uid] = max(at, self.newest.get(uid, ""))

    def has(self, newest: dict[str, str]) -> bool:
        """Tell whether it has heard the newest of each."""
        return all(self.newest.get(uid, "")[:23] >= at[:23] for uid, at in list(newest.items()))


def _received(connected: socket.socket) -> bytes:
    try:
        return connected.recv(1 << 16)
    except OSError:
        return b""
