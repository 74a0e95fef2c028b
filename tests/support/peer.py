"""Two ends of a link without sockets, and messages of the peer protocol to send over it."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from accord.wire.errors import Malformed, WireError
from accord.wire.peer import cbor
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Frame, Handles
from accord.wire.peer.message import Hello, Objects, PeerMessage, Updates
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import Lane, Profile, Version
from accord.wire.peer.record import Hop, Record
from accord.wire.peer.report import (
    Base,
    Grant,
    Header,
    Object,
    PeerLabel,
    PeerReport,
    Subject,
    Update,
    WordsBody,
)

NZL, USA, AUS = "NZL-JFNZ", "USA-7FLT", "AUS-HQJOC"
SESSION = bytes(range(16))
SALT = bytes(range(100, 116))
AT = 1_795_600_000_000
A_GRANT = Grant(bytes.fromhex("0011223344556677"), "2.1", "exact")


def signer(node: str) -> Any:
    """A signature that anybody could make, and yet none passes for another's."""
    return lambda data: hashlib.sha512(node.encode() + b"\0" + data).digest()


def is_signed(node: str, data: bytes, signature: bytes) -> bool:
    return signer(node)(data) == signature


def a_subject(**changes: Any) -> Subject:
    subject = Subject(origin=NZL, uid="MMSI-512000001", context="live", kind="a-f-S-X-M", how="m-g")
    return replace(subject, **changes)


def a_label(**changes: Any) -> PeerLabel:
    return replace(PeerLabel(policy="NZL", level="RESTRICTED", originator="NZL"), **changes)


def a_header(**changes: Any) -> Header:
    header = Header(
        subject=a_subject(),
        epoch=3,
        grant=A_GRANT,
        base=Base(lat=-412_800_000, lon=1_747_700_000, circular_error=10_000, validity=300_000),
    )
    return replace(header, **changes)


def an_object(number: int = 1, handle: int = 0, **changes: Any) -> Object:
    return Object(number=number, handle=handle, header=a_header(**changes))


def an_update(handle: int = 0, **changes: Any) -> Update:
    update = Update(handle, AT, AT, AT, AT + 300_000, AT, lat=-412_800_123, lon=1_747_700_456)
    return update._replace(**changes)


def words(text: str = "Kia ora", **changes: Any) -> PeerReport:
    report = PeerReport(
        subject=a_subject(kind="b-t-f", uid="GeoChat.1"),
        version=Version(3, AT),
        grant=A_GRANT,
        time=AT,
        start=AT,
        stale=AT + 60_000,
        received=AT,
        body=WordsBody(text, "TUI-1", "All Chat Rooms"),
    )
    return replace(report, **changes)


def a_hello(**changes: Any) -> Hello:
    hello = Hello(
        node=NZL,
        epoch=3,
        nonce=bytes(16),
        profile=Profile.MODERN,
        clock=AT,
        frame=900,
        file=1 << 20,
    )
    return replace(hello, **changes)


@dataclass
class Way:
    """One direction of a link: what is sent at one end is what arrives at the other."""

    sender: str = NZL
    receiver: str = USA
    session: bytes = SESSION
    limit: int = 100
    encoder: Encoder = field(init=False)
    decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        ends = {"session": self.session, "sender": self.sender, "receiver": self.receiver}
        self.encoder = Encoder(**ends, sign=signer(self.sender), handles=Handles(limit=self.limit))
        self.decoder = Decoder(**ends, verify=is_signed, handles=Handles(limit=self.limit))

    def encode(self, message: PeerMessage, *, lane: Lane = Lane.TRACKS, at: int = AT) -> bytes:
        number = self.encoder.number + 1
        return self.encoder.encode(message, number=number, lane=lane, at=at)[2:]

    def send(self, message: PeerMessage, *, lane: Lane = Lane.TRACKS, at: int = AT) -> Frame:
        frame = self.decoder.decode(self.encode(message, lane=lane, at=at))
        assert frame is not None
        return frame

    def introduce(self, *objects: Object) -> None:
        self.send(Objects(objects))


def sent_updates(way: Way, *updates: Update) -> Proved:
    """The proof of a frame of updates that has been sent."""
    salt = SALT if len(updates) > 1 else None
    proof = way.send(Updates(updates, salt)).proof
    assert proof is not None
    return proof


def a_hop(proof: Proved, node: str, to: str) -> Hop:
    return Hop(node, signer(node)(proof.to_sign(node, to)))


def refused(way: Way, frame: object, error: type[WireError] = Malformed) -> None:
    """Try that a frame made by hand is not taken."""
    with pytest.raises(error):
        way.decoder.decode(cbor.write(frame))


def alike(count: int, first: int = 10) -> tuple[Record, ...]:
    """Messages of one speaker: nothing is otherwise but name and text."""
    return tuple(
        Record(n, words(f"{n}. Kia ora", subject=a_subject(kind="b-t-f", uid=f"GeoChat.{n}")))
        for n in range(first, first + count)
    )
