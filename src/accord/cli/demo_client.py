"""The demonstration's TAK clients: scripted, but connected over TLS like any other."""

import asyncio
import math
import re
import ssl
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from zipfile import ZipFile

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from accord.cli.demo_cast import Invented
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.wire.cot import detail, protobuf, xml
from accord.wire.cot.message import UNKNOWN, CotEvent, CotPoint
from accord.wire.cot.stream import CotStream, frame
from accord.wire.cot.xml import element

EXERCISE = "DEMO"
_MARKS = {"opex": f"e-{EXERCISE}"}

CIRCLE = 600.0  # metres
APART = 0.1
"""Degrees of latitude between a client and what it tells of, and from one to the next."""

SPEED = 8.0  # metres a second
_METRES_PER_DEGREE = 111_195.0  # of latitude, on the mean sphere

STEP = 1.0
WORDS_EVERY = 5
"""Seconds between a client's positions, and positions between its words to the other."""

_PREFERENCE = re.compile(r'key="(\w+?)\d?"[^>]*>([^<]*)<')
"""An entry of a TAK preference file; those of a connection end in its number."""

MAX_TRACKS = 5_000
READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client last heard of one object; `speed` in m/s, None where it was not said."""

    name: str
    kind: str
    speed: float | None
    at: datetime


@dataclass(slots=True, eq=False)
class Tally:
    """What a client has received; `tracks` in order of last news, the newest last."""

    tracks: dict[str, Seen] = field(default_factory=dict[str, Seen])
    events: int = 0
    ais: int = 0
    positions_of: Counter[str] = field(default_factory=Counter[str])
    words: list[str] = field(default_factory=list[str])
    spoken_to: int = 0
    heard_protobuf: bool = False
    faults: int = 0


class DemoClient:
    """One client: tells where it is, talks to the other, and notes what it receives.

    It tells of what is `invented` as well, near itself.
    """

    def __init__(
        self,
        name: str,
        other: str,
        *,
        wants_protobuf: bool,
        clock: Clock,
        centre: tuple[float, float] = (0.0, 0.0),
        invented: Sequence[Invented] = (),
    ) -> None:
        self.name = name
        self._centre = centre
        self._invented = invented
        self.other = other
        self.wants_protobuf = wants_protobuf
        self.tally = Tally()
        self._clock = clock
        self._stream = CotStream(offers_protobuf=False)
        self._steps = 0
        self._agreed = asyncio.Event()

    async def run(self, address: tuple[str, int], context: ssl.SSLContext) -> None:
        """Connect and take part until cancelled. AccordError when that cannot be, or ends."""
        try:
            await self._take_part(address, context)
        except* OSError as lost:
            raise AccordError(f"{self.name} lost the node: {lost.exceptions[0]}") from None

    async def _take_part(self, address: tuple[str, int], context: ssl.SSLContext) -> None:
        reader, writer = await asyncio.open_connection(*address, ssl=context, server_hostname="")
        try:
            if self.wants_protobuf:
                writer.write(self._request())
            else:
                self._agreed.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear(reader))
                group.create_task(self._speak(writer))
        finally:
            writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(READ_BYTES):
            for event in self._stream.receive(data, self._clock.now()):
                self._note(event)
            self.tally.faults += len(self._stream.take_faults())
        raise AccordError(f"the node closed the connection of {self.name}")

    def _note(self, event: CotEvent) -> None:
        tally = self.tally
        tally.events += 1
        if event.protobuf is not None:
            tally.heard_protobuf = True
            self._agreed.set()
        if event.type == "b-t-f":
            tally.spoken_to += 1
            tally.words = [
                *tally.words[-4:],
                f"{detail.chat(event).sender}: {detail.chat(event).text}",
            ]
        elif event.type.startswith("a-"):
            self._note_track(event)

    def _note_track(self, event: CotEvent) -> None:
        tally = self.tally
        name = detail.first(event, "contact").get("callsign", event.uid)
        speed = detail.first(event, "track").get("speed")
        tally.tracks.pop(event.uid, None)
        tally.tracks[event.uid] = Seen(
            name, event.type, None if speed is None else float(speed), self._clock.now()
        )
        if len(tally.tracks) > MAX_TRACKS:
            del tally.tracks[next(iter(tally.tracks))]
        if event.uid.startswith("MMSI-"):
            tally.ais += 1
        else:
            tally.positions_of[name] += 1

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        # Between asking for version 1 and the node's first frame a client says nothing.
        await self._agreed.wait()
        while True:
            writer.write(self._as_sent(self._position()))
            for number, each in enumerate(self._invented, start=1):
                writer.write(self._as_sent(self._sighting(each, number)))
            if self._steps % WORDS_EVERY == 0:
                writer.write(self._as_sent(self._words()))
            self._steps += 1
            await writer.drain()
            await asyncio.sleep(STEP)

    def _as_sent(self, event: bytes) -> bytes:
        return frame(protobuf.write(xml.read(event))) if self.wants_protobuf else event

    def _position(self) -> bytes:
        inside = (
            element("contact", {"callsign": self.name, "endpoint": "*:-1:stcp"})
            + element("__group", {"name": "Cyan", "role": "Team Member"})
            + self._course()
        )
        return self._event(uid_of(self.name), "a-f-S", self._point(), inside)

    def _sighting(self, what: Invented, number: int) -> bytes:
        inside = element("contact", {"callsign": what.name}) + self._course()
        uid = uid_of(what.name.replace(" ", "-"))
        return self._event(uid, what.kind, self._point(number * APART), inside, what.marks)

    def _turned(self) -> float:
        return self._steps * STEP * SPEED / CIRCLE + (math.pi if self.wants_protobuf else 0.0)

    def _course(self) -> str:
        course = (math.degrees(self._turned()) + 90.0) % 360.0
        return element("track", {"course": f"{course:.1f}", "speed": f"{SPEED:.1f}"})

    def _point(self, north: float = 0.0) -> CotPoint:
        turned, (centre_lat, centre_lon) = self._turned(), self._centre
        lat = centre_lat + north + CIRCLE * math.cos(turned) / _METRES_PER_DEGREE
        east = CIRCLE * math.sin(turned) / _METRES_PER_DEGREE
        lon = centre_lon + east / math.cos(math.radians(centre_lat))
        return CotPoint(lat, lon, 0.0, 5.0, UNKNOWN)

    def _words(self) -> bytes:
        number = self._steps // WORDS_EVERY + 1
        me, them = uid_of(self.name), uid_of(self.other)
        chat = {
            "id": them,
            "chatroom": self.other,
            "senderCallsign": self.name,
            "parent": "RootContactGroup",
            "messageId": f"{me}-{number}",
        }
        text = f"message {number}, I see {len(self.tally.tracks)} tracks"
        group = element("chatgrp", {"id": them, "uid0": me, "uid1": them})
        inside = (
            f"<__chat{xml.written(chat)}>{group}</__chat>"
            + element("link", {"uid": me, "type": "a-f-S", "relation": "p-p"})
            + element("remarks", {"source": me, "to": them}, text)
            + f"<marti>{element('dest', {'callsign': self.other})}</marti>"
        )
        nowhere = CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN)
        return self._event(f"GeoChat.{me}.{them}.{number}", "b-t-f", nowhere, inside)

    def _request(self) -> bytes:
        inside = '<TakControl><TakRequest version="1"/></TakControl>'
        nowhere = CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN)
        return self._event("protouid", "t-x-takp-q", nowhere, inside)

    def _event(
        self,
        uid: str,
        kind: str,
        point: CotPoint,
        inside: str,
        marks: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        now = self._clock.now()
        return xml.compose(
            uid=uid,
            type=kind,
            how="m-g",
            time=now,
            start=now,
            stale=now + timedelta(seconds=60),
            point=point,
            detail=inside,
            marks={**marks, **_MARKS},
        )


def tls_context(package: Path) -> ssl.SSLContext:
    """Return TLS with the certificates of a connection package, read as a TAK client reads it."""
    with ZipFile(package) as content:
        files = {Path(name).name: content.read(name) for name in content.namelist()}
    preferences = next(data for name, data in files.items() if name.endswith(".pref")).decode()
    said = dict(_PREFERENCE.findall(preferences))
    trusted = pkcs12.load_pkcs12(
        files[Path(said["caLocation"]).name], said["caPassword"].encode()
    ).additional_certs
    key, own, _ = pkcs12.load_key_and_certificates(
        files[Path(said["certificateLocation"]).name], said["clientPassword"].encode()
    )
    if key is None or own is None or not trusted:
        raise AccordError(f"{package.name} lacks a key or a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A TAK client holds the node to its authority, not to its name.
    context.check_hostname = False
    context.load_verify_locations(
        cadata="".join(each.certificate.public_bytes(Encoding.PEM).decode() for each in trusted)
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with NamedTemporaryFile(suffix=".pem") as file:  # ssl takes a chain from a file only
        file.write(own.public_bytes(Encoding.PEM) + secret)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def uid_of(name: str) -> str:
    """Return the uid of a client of that name."""
    return f"DEMO-{name}"
