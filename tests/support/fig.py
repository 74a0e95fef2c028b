"""TAK federation's messages by hand, from the table of their fields: no code of the node's own.

Protocol buffers: a field is its number and its sort, then a whole number in base 128, eight bytes,
or a length and so many bytes (protobuf.dev, "Encoding").
"""

import struct
from dataclasses import dataclass, field
from typing import Any

Fields = dict[int, list[Any]]


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value) if value else b""


def double(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value) if value else b""


def inside(number: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def text(number: int, value: str) -> bytes:
    return inside(number, value) if value else b""


def fields(data: bytes) -> Fields:
    """What stands in a message, by number; whole numbers as unsigned, the rest as bytes."""
    found: Fields = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = number()
        sort = key & 7
        if sort == 0:
            value: Any = number()
        elif sort == 1:
            (value,) = struct.unpack("<d", data[at : at + 8])
            at += 8
        else:
            assert sort == 2
            size = number()
            value = data[at : at + size]
            at += size
        found.setdefault(key >> 3, []).append(value)
    return found


@dataclass
class Geo:
    """A GeoEvent; the numbers are those of the table of fields."""

    uid: str
    type: str = "a-f-S"
    time: int = 1_795_651_200_000
    start: int = 0
    stale: int = 0
    lat: float = -33.0
    lon: float = 178.0
    hae: float = 0.0
    ce: float = 20.0
    le: float = 9999999.0
    how: str = "m-g"
    other: str = "<detail/>"
    battery: int = 0
    ploc: str = ""
    palt: str = ""
    screen_name: str = ""
    group_name: str = ""
    group_role: str = ""
    speed: float = 0.0
    course: float = 0.0
    uids: tuple[str, ...] = ()
    callsigns: tuple[str, ...] = ()
    missions: tuple[str, ...] = ()
    access: str = ""
    caveat: str = ""
    releaseable_to: str = ""

    def encode(self) -> bytes:
        start, stale = self.start or self.time, self.stale or self.time + 600_000
        return b"".join(
            (
                whole(1, self.time), whole(2, start), whole(3, stale),
                double(4, self.lat), double(5, self.lon), double(6, self.hae),
                double(7, self.ce), double(8, self.le),
                text(9, self.uid), text(10, self.type), text(11, self.how), text(12, self.other),
                whole(13, self.battery), text(14, self.ploc), text(15, self.palt),
                text(16, self.screen_name), text(17, self.group_name), text(18, self.group_role),
                double(20, self.speed), double(21, self.course),
                *(inside(23, each) for each in self.uids),
                *(inside(24, each) for each in self.callsigns),
                *(inside(26, each) for each in self.missions),
                text(27, self.access), text(28, self.caveat), text(29, self.releaseable_to),
            )
        )  # fmt: skip


@dataclass
class Federated:
    """A FederatedEvent; `hops` are the current and the most."""

    event: Geo | None = None
    contact: tuple[int, str, str] | None = None
    groups: tuple[str, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    hops: tuple[int, int] | None = None
    group_hops: tuple[tuple[str, int, int], ...] | None = None
    more: bytes = field(default=b"")

    def encode(self) -> bytes:
        said = b""
        if self.event is not None:
            said += inside(1, self.event.encode())
        if self.contact is not None:
            operation, uid, callsign = self.contact
            said += inside(2, whole(1, operation) + text(2, uid) + text(3, callsign))
        said += b"".join(inside(3, each) for each in self.groups)
        said += b"".join(inside(4, text(1, id_) + text(2, name)) for id_, name in self.provenance)
        if self.hops is not None:
            current, most = self.hops
            said += inside(5, whole(1, most) + whole(2, current))
        if self.group_hops is not None:
            limits = b"".join(
                inside(1, text(1, name) + whole(2, most) + whole(3, current))
                for name, current, most in self.group_hops
            )
            said += inside(6, limits + whole(2, 1))
        return said + self.more


def framed(message: bytes) -> bytes:
    """As version 1 has it: four bytes of length, the most significant first."""
    return struct.pack(">I", len(message)) + message


def geo_of(message: bytes) -> Fields:
    """The event in a FederatedEvent."""
    return fields(fields(message)[1][0])


def uid_of(message: bytes) -> str:
    """The uid of its event, empty where it has none."""
    event = fields(message).get(1)
    return "" if event is None else fields(event[0])[9][0].decode()
