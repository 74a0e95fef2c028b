"""Bytes and time of a position update between nodes: docs/reference/peer-protocol.md, "Sizes".

200 ships in a square of 4 degrees, a position every 10 s for 10 minutes, at the resolution of AIS,
under the headers that they were given at the beginning. Frames are decoded again and compared.
"""

import math
import random
import time
from statistics import mean

import cbor2

from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Handles
from accord.wire.peer.message import Objects, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import (
    Base,
    Grant,
    Header,
    Marks,
    Names,
    Object,
    PeerLabel,
    Subject,
    Update,
)

SHIPS, EVERY, ROUNDS = 200, 10.0, 60
START = 1_795_600_000_000
SALT = bytes(16)
TLS_RECORD = 22
NODES = {"session": bytes(16), "sender": "NZL-JFNZ", "receiver": "USA-7FLT"}
MARKS = Marks("NZL RESTRICTED", None, "AUS, NZL, USA")
LABEL = PeerLabel(
    policy="NZL", level="RESTRICTED", originator="NZL", releasable_to=("AUS", "NZL", "USA")
)
EXACT, KEPT, GRID = "exact", "time, course, speed", "1 NM grid, 10 min"


class Ship:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lat, self.lon = -41 + rng.uniform(-2, 2), 174 + rng.uniform(-2, 2)
        self.course, self.speed = rng.uniform(0, 360), rng.uniform(2, 12)
        self.at = START + rng.randrange(10_000)

    def move(self, seconds: float) -> None:
        self.course = (self.course + self.rng.gauss(0, 1.5)) % 360
        self.speed = max(0.5, self.speed + self.rng.gauss(0, 0.1))
        metres, course = self.speed * seconds, math.radians(self.course)
        self.lat += metres * math.cos(course) / 111_320
        self.lon += metres * math.sin(course) / (111_320 * math.cos(math.radians(self.lat)))
        self.at += int(seconds * 1000)

    def update(self, handle: int, form: str) -> Update:
        version = self.at + self.rng.randrange(100, 900)
        lat, lon = (round(round(x * 600_000) / 600_000 * 1e7) for x in (self.lat, self.lon))
        course, speed = round(self.course * 10) % 3600, round(self.speed / 0.0514444) * 5.14444
        if form == GRID:
            due, cell = version // 600_000 * 600_000, 167_000
            lat, lon = (round(x / cell) * cell for x in (lat, lon))
            return Update(handle, due, due, due, due + 1_800_000, due, lat, lon, None, 2_778_000)
        said = self.at // 1000 * 1000
        received = version if form == EXACT else said
        return Update(
            handle,
            version,
            said,
            said,
            said + 360_000,
            received,
            lat,
            lon,
            None,
            10_000,
            None,
            course,
            round(speed),
        )


def header(first: Update, form: str) -> Header:
    n = first.handle
    if form == GRID:
        subject = Subject(
            origin="NZL-JFNZ",
            uid=f"P-{n:032x}",
            context="live",
            kind="a-f-S",
            how="m",
            marks=MARKS,
            label=LABEL,
        )
    else:
        names = Names(mmsi=f"5120{n:05}", callsign=f"ZM{n:03}", name=f"VESSEL {n}")
        subject = Subject(
            origin="NZL-JFNZ", uid=f"MMSI-5120{n:05}", context="live", kind="a-f-S-X-M", how="m-g",
            names=names,
            marks=MARKS, label=LABEL, groups=("Surface",),
        )  # fmt: skip
    base = Base(
        first.lat or 0, first.lon or 0, 0, first.circular_error, first.course or 0,
        first.speed or 0,
        first.stale - first.time, first.received != first.time,
    )  # fmt: skip
    return Header(subject=subject, epoch=3, grant=Grant(bytes(8), "2.1", "exact"), base=base)


def measure(form: str) -> None:
    ships = [Ship(random.Random(n)) for n in range(SHIPS)]
    headers = [header(ship.update(n, form), form) for n, ship in enumerate(ships)]
    objects = Objects(
        tuple(Object(number=n + 1, handle=n, header=h) for n, h in enumerate(headers))
    )
    signature = b""
    handles, theirs = Handles(limit=SHIPS), Handles(limit=SHIPS)
    encoder = Encoder(**NODES, sign=lambda _: signature, handles=handles)
    decoder = Decoder(**NODES, verify=lambda *_: True, handles=theirs)
    first = encoder.encode(objects, number=2, lane=Lane.TRACKS, at=START)
    decoder.decode(first[2:])
    sizes: dict[tuple[int, int], list[float]] = {}
    plain, bodies = [], []
    for _ in range(ROUNDS):
        for ship in ships:
            ship.move(EVERY)
        updates = sorted(
            (ship.update(n, form) for n, ship in enumerate(ships)), key=lambda u: u.version
        )
        for size in (1, 20, 120):
            for begin in range(0, SHIPS - size + 1, max(size, 20)):
                batch = tuple(sorted(updates[begin : begin + size]))
                at = max(update.version for update in batch)
                for signature in (bytes(64), bytes(96)):
                    message = Updates(batch, SALT if size > 1 else None)
                    frame = encoder.encode(
                        message, number=encoder.number + 1, lane=Lane.TRACKS, at=at
                    )
                    found = decoder.decode(frame[2:])
                    assert found is not None
                    assert found.message == message
                    sizes.setdefault((size, len(signature)), []).append(
                        (len(frame) + TLS_RECORD) / size
                    )
                if size == 20:
                    bodies.append(len(cbor2.loads(frame[2:])[4][1]) / size)
                    plain.append(
                        len(cbor2.dumps([as_array(u, headers[u.handle].base, at) for u in batch]))
                        / size
                    )
    print(
        f"{form}: header {len(first) / SHIPS:.0f} B, packed update {mean(bodies):.1f} B, "
        f"as CBOR array {mean(plain):.1f} B"
    )
    for (size, signed), found in sorted(sizes.items()):
        print(
            f"  batch {size:3}, signature {signed} B: "
            f"{mean(found):6.1f} B an update, {max(found):.1f} at most"
        )


def as_array(update: Update, base: Base, at: int) -> list[int | None]:
    """The same differences as an array of whole numbers, for comparison."""
    assert update.lat is not None
    assert update.lon is not None
    moved = (
        []
        if update.course is None
        else [update.course - base.course, (update.speed or 0) - base.speed]
    )
    times = [] if update.time == update.version else [update.time - update.version]
    return [
        update.handle,
        27,
        update.version - at,
        update.lat - base.lat,
        update.lon - base.lon,
        *times,
        *moved,
    ]


def speed(size: int) -> None:
    ships = [Ship(random.Random(n)) for n in range(size)]
    updates = tuple(ship.update(n, EXACT) for n, ship in enumerate(ships))
    objects = Objects(
        tuple(
            Object(number=n + 1, handle=n, header=header(u, EXACT)) for n, u in enumerate(updates)
        )
    )
    encoder = Encoder(**NODES, sign=lambda _: bytes(64), handles=Handles(limit=size))
    decoder = Decoder(**NODES, verify=lambda *_: True, handles=Handles(limit=size))
    decoder.decode(encoder.encode(objects, number=2, lane=Lane.TRACKS, at=START)[2:])
    message, best = Updates(updates, SALT), [math.inf, math.inf]
    for _ in range(5):
        began = time.perf_counter()
        frames = [
            encoder.encode(message, number=encoder.number + 1, lane=Lane.TRACKS, at=START)
            for _ in range(4_000 // size)
        ]
        encoded = time.perf_counter()
        for frame in frames:
            decoder.decode(frame[2:])
        took = encoded - began, time.perf_counter() - encoded
        best = [min(a, b / len(frames) / size) for a, b in zip(best, took, strict=True)]
    print(
        f"batch {size:3}: {1 / best[0]:8,.0f} updates/s encoded, {1 / best[1]:8,.0f} decoded, "
        "without signatures"
    )


if __name__ == "__main__":
    for each in (EXACT, KEPT, GRID):
        measure(each)
    for each in (20, 120):
        speed(each)
