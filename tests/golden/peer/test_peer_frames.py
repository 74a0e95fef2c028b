"""Frames that were written by hand, byte for byte, both ways."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cddl_verifier
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accord.core.partner import KeyOf
from accord.security import succession
from accord.security.invitation import read_invitation
from accord.security.succession import FORGED, Succession, SuccessionError
from accord.wire.peer.decode import Decoder, decode_hello
from accord.wire.peer.encode import Encoder, encode_hello
from accord.wire.peer.frame import Frame, Handles
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Farewell,
    Forwarded,
    Graft,
    Held,
    Hello,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Range,
    RangePart,
    Records,
    Relayed,
    Updates,
    Want,
)
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.proof import session_of
from accord.wire.peer.protocol import Lane, Mark, Profile, Version
from accord.wire.peer.record import (
    Content,
    Document,
    DocumentKind,
    FileOffer,
    Outcome,
    Recall,
    RecallOf,
    Receipt,
    Record,
    Rotation,
    RotationOf,
    Suspended,
    Void,
)
from accord.wire.peer.report import (
    AlarmBody,
    Base,
    Grant,
    Header,
    Marks,
    Names,
    Object,
    Original,
    PeerLabel,
    PeerReport,
    Place,
    Reference,
    Subject,
    Update,
    WordsBody,
)

HERE = Path(__file__).parent
SCHEMA = cddl_verifier.Validator(
    (HERE.parents[2] / "docs/reference/peer-protocol.cddl").read_text("utf-8")
)
AT = 1_795_600_000_000
NZL, USA, AUS = "NZL-JFNZ", "USA-7FLT", "AUS-HQJOC"
KEYS = {
    # RFC 8032, 7.1, tests 1 and 2.
    NZL: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    USA: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
}
NONCE = bytes.fromhex("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
SESSION = session_of(NONCE, bytes(range(16)))
SALT = bytes(range(0xA0, 0xB0))
DIGEST = bytes.fromhex("7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a")
SUCCESSION = (HERE / "rotation.txt").read_bytes()
AGREEMENT = DIGEST[:8]
EXACT = Grant(AGREEMENT, "2.1", "exact")

SHIP = Header(
    subject=Subject(
        origin=NZL,
        uid="MMSI-512000001",
        context="live",
        kind="a-f-S-X-M",
        how="m-g",
        names=Names(mmsi="512000001", name="ARATERE"),
        marks=Marks(access="NZL RESTRICTED", releasable_to="NZL, USA"),
        label=PeerLabel(
            policy="NZL", level="RESTRICTED", originator="NZL", releasable_to=("NZL", "USA")
        ),
    ),
    epoch=3,
    grant=EXACT,
    base=Base(-412_800_000, 1_747_700_000, 0, 10_000, 900, 720, 300_000),
)
AIRCRAFT = Header(
    subject=Subject(
        origin=NZL,
        uid="P-00112233445566778899aabbccddeeff",
        context="exercise:TASMAN 26",
        kind="a-f-A",
        how="m",
        marks=Marks(access="NZL RESTRICTED", releasable_to="NZL, USA", opex="e-TASMAN 26"),
    ),
    epoch=3,
    grant=Grant(AGREEMENT, "3", "grid1nm"),
    base=Base(-413_000_000, 1_748_000_000, 0, 2_778_000, 0, 0, 1_800_000),
)
OBJECTS = (
    Object(number=57, handle=0, header=SHIP),
    Object(number=58, handle=5, header=AIRCRAFT),
)
SHIP_NOW = Update(
    0, AT - 900, AT - 1500, AT - 1500, AT + 298_500, AT - 1500, -412_810_123, 1_747_710_456,
    course=905, speed=735, circular_error=10_000,
)  # fmt: skip
AIRCRAFT_NOW = Update(
    5, AT, AT, AT, AT + 1_800_000, AT, -413_000_000, 1_748_000_000, circular_error=2_778_000
)
KIA_ORA = PeerReport(
    subject=Subject(
        origin=NZL,
        uid="GeoChat.1",
        context="live",
        kind="b-t-f",
        how="h-g-i-g-o",
        groups=("Blue",),
        author="ANDROID-1",
    ),
    version=Version(3, AT - 1000),
    grant=EXACT,
    time=AT - 1500,
    start=AT - 1500,
    stale=AT + 58_500,
    received=AT - 1500,
    body=WordsBody("Kia ora", "TUI-1", "All Chat Rooms"),
)
KA_PAI = replace(
    KIA_ORA,
    subject=replace(KIA_ORA.subject, uid="GeoChat.2"),
    version=Version(3, AT - 100),
    time=AT - 700,
    start=AT - 700,
    stale=AT + 59_300,
    received=AT - 700,
    body=WordsBody("Ka pai", "TUI-1", "All Chat Rooms"),
)
NEW_SERIAL = Suspended(agreement=AGREEMENT, reason="new serial", at=AT)

RECORDS: dict[str, Content | Reference] = {
    "reference": Reference(DIGEST, 70_000),
    "alarm": PeerReport(
        subject=Subject(
            origin=NZL,
            uid="ANDROID-1-9-1-1",
            context="live",
            kind="b-a-o-tbl",
            how="h-e",
            author="ANDROID-1",
        ),
        version=Version(3, AT - 1000),
        grant=EXACT,
        time=AT - 1500,
        start=AT - 1500,
        stale=AT + 58_500,
        received=AT - 1500,
        body=AlarmBody("911 Alert", Place(-412_800_000, 1_747_700_000, 12_000, 5_000)),
        doubts=8,
        original=Original(0, b"<event/>"),
    ),
    "recall_object": Recall(
        of=RecallOf.OBJECT,
        agreement=AGREEMENT,
        clause="2.1",
        origin=NZL,
        context="live",
        uid="MMSI-512000001",
        reason="wrong ship",
        at=AT,
    ),
    "recall_clause": Recall(
        of=RecallOf.CLAUSE, agreement=AGREEMENT, clause="2.1", reason="clause withdrawn", at=AT
    ),
    "receipt": Receipt(recall=DIGEST, outcome=Outcome.DROPPED, objects=1, at=AT),
    "rotation": Rotation(
        of=RotationOf.RELEASE,
        data=SUCCESSION,
        since=AT,
        approval=Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[NZL])).sign(
            b"accord key succession 1\nrelease\n" + SUCCESSION
        ),
    ),
    "document": Document(
        kind=DocumentKind.AGREEMENT,
        name="NZL-USA-2026-01",
        serial=8,
        data=Reference(DIGEST, 23_456),
    ),
    "file_offer": FileOffer(
        subject=SHIP.subject,
        version=Version(3, AT),
        grant=EXACT,
        digest=DIGEST,
        size=16_384,
        name="plan.pdf",
        media="application/pdf",
    ),
    "void": Void(),
}
OTHERS: dict[str, PeerMessage] = {
    "objects": Objects(OBJECTS),
    "ack": Ack(300, (Mark(Lane.EMERGENCY, 4), Mark(Lane.CHAT, 120), Mark(Lane.TRACKS, 58))),
    "want": Want(ticket=3, digest=DIGEST, first=0, blocks=b"\xe0\x80"),
    "chunk": Chunk(3, 8, b"\0\1\2\3"),
    "checkpoint": Checkpoint(b"nzl/usa\n0\n\n"),
    "cosignature": Cosignature(b"nzl/usa\n0\n\n"),
    "range": Range(
        Lane.TRACKS,
        0,
        (
            RangePart(1_795_599_000_000, b"", fingerprint=bytes(range(16))),
            RangePart(1_795_599_500_000, b"\xab", ids=(bytes(11) + b"\1", bytes(11) + b"\2")),
            RangePart(253_402_300_799_999, b""),
        ),
    ),
    "prune": Prune((AUS,)),
    "graft": Graft((AUS, "CAN")),
    "keepalive": Keepalive(),
    "bye": Bye(Farewell.STOPPING),
}


def golden(name: str) -> tuple[bytes, dict[str, Any]]:
    file = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return bytes.fromhex(file["hex"]), file


def sign(node: str) -> Any:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[node])).sign


def public(node: str) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[node]))
    return private.public_key().public_bytes_raw()


def verify(node: str, data: bytes, signature: bytes) -> bool:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[node])).public_key()
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


class Link:
    """One direction of a link, and the objects that were introduced on it."""

    def __init__(self, sender: str = NZL, receiver: str = USA, session: bytes = SESSION) -> None:
        ends = {"session": session, "sender": sender, "receiver": receiver}
        self.encoder = Encoder(**ends, sign=sign(sender), handles=Handles(limit=9))
        self.decoder = Decoder(**ends, verify=verify, handles=Handles(limit=9))

    def both_ways(self, name: str, message: PeerMessage) -> Frame:
        """The file is read as the message, and the message is written as the file."""
        data, _ = golden(name)
        frame = self.decoder.decode(data)
        assert frame is not None
        assert frame.message == message
        written = self.encoder.encode(message, number=frame.number, lane=frame.lane, at=AT)
        assert written == len(data).to_bytes(2) + data
        return frame


def test_a_hello_is_that_of_the_file() -> None:
    hello = Hello(
        node=NZL,
        epoch=3,
        nonce=NONCE,
        profile=Profile.MODERN,
        clock=AT,
        frame=900,
        file=1 << 24,
        gives=(Held("NZL-USA-2026-01", 7, DIGEST),),
        resumes=12,
        resume=(Mark(Lane.EMERGENCY, 4), Mark(Lane.CHAT, 118), Mark(Lane.TRACKS, 57)),
    )
    data, _ = golden("hello")
    assert decode_hello(data, sender=NZL, receiver=USA, verify=verify) == hello
    assert encode_hello(hello, receiver=USA, sign=sign(NZL)) == len(data).to_bytes(2) + data


@pytest.mark.parametrize("name", OTHERS)
def test_a_frame_is_that_of_the_file(name: str) -> None:
    Link().both_ways(name, OTHERS[name])


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_that_of_the_file(name: str) -> None:
    number = 5 + [*RECORDS].index(name)
    Link().both_ways(f"record_{name}", Records((Record(number, RECORDS[name]),)))


def test_updates_are_those_of_the_file() -> None:
    link = Link()
    link.both_ways("objects", Objects(OBJECTS))
    link.both_ways("updates", Updates((SHIP_NOW, AIRCRAFT_NOW), SALT))


def test_records_are_those_of_the_file() -> None:
    Link().both_ways("records", Records((Record(119, KIA_ORA), Record(120, NEW_SERIAL)), SALT))


def test_an_update_is_passed_on_as_in_the_file() -> None:
    link = Link(USA, AUS, bytes(range(16, 32)))
    onward = Grant(bytes(range(1, 9)), "1", "exact")
    link.both_ways(
        "objects_onward", Objects((Object(number=1, handle=9, header=SHIP, onward=onward),))
    )
    data, _ = golden("relayed")
    frame = link.decoder.decode(data)
    assert frame is not None
    assert isinstance(frame.message, Relayed)
    assert [each.update for each in frame.message.passed] == [SHIP_NOW._replace(handle=9)]
    assert frame.message.evidence.statement.sender == NZL
    written = link.encoder.encode(frame.message, number=3, lane=Lane.TRACKS, at=AT)
    assert written[2:] == data


def test_of_records_that_are_alike_the_second_says_what_is_otherwise_as_in_the_file() -> None:
    Link().both_ways("records_alike", Records((Record(119, KIA_ORA), Record(120, KA_PAI)), SALT))


@pytest.mark.parametrize(
    ("name", "said"), [("forwarded", [KIA_ORA, KA_PAI]), ("forwarded_part", [KIA_ORA])]
)
def test_records_are_passed_on_as_in_the_file(name: str, said: list[PeerReport]) -> None:
    link = Link(USA, AUS, bytes(range(16, 32)))
    data, _ = golden(name)
    frame = link.decoder.decode(data)
    assert frame is not None
    assert isinstance(frame.message, Forwarded)
    assert [each.content for each in frame.message.passed] == said
    assert frame.message.groups[0].evidence.statement.sender == NZL
    written = link.encoder.encode(frame.message, number=4, lane=Lane.CHAT, at=AT)
    assert written[2:] == data


def test_what_is_spelled_out_of_a_file_is_in_the_schema() -> None:
    for content in (KIA_ORA, KA_PAI, NEW_SERIAL):
        assert SCHEMA.validate(content_bytes(content), root_type="content").valid


def test_the_rotation_is_taken_by_who_knows_the_key_before_it() -> None:
    now = datetime.fromtimestamp(AT / 1_000, UTC)
    known = read_invitation((HERE / "rotation_before.txt").read_bytes(), now)
    sent = RECORDS["rotation"]
    assert isinstance(sent, Rotation)
    assert isinstance(sent.data, bytes)
    taken = succession.read(Succession(KeyOf.RELEASE, sent.data, sent.approval), known, now)
    assert known.release_key == "ed25519:" + b64encode(public(NZL)).decode()
    # RFC 8032, 7.1, test 3.
    after = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    assert taken.release_key == "ed25519:" + b64encode(after).decode()
    assert known.changed(taken) == frozenset({KeyOf.RELEASE})
    with pytest.raises(SuccessionError, match=FORGED):
        succession.read(Succession(KeyOf.RELEASE, sent.data, bytes(64)), known, now)


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.json")))
def test_the_file_is_in_the_schema_and_signed_as_it_says(name: str) -> None:
    data, file = golden(name)
    assert SCHEMA.validate(data, root_type="frame").valid
    if "signed" in file:
        assert verify(NZL, bytes.fromhex(file["signed"]), data[-64:])
