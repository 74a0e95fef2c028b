"""What is in the frames that hold no signed items, read from plain values."""

from collections.abc import Mapping
from types import MappingProxyType

from accord.wire.errors import Malformed
from accord.wire.peer import contents
from accord.wire.peer.contents import MAX_ITEMS, number
from accord.wire.peer.fields import (
    LATEST,
    Read,
    array,
    blob,
    exactly,
    many,
    maybe,
    one_of,
    ordered,
    rising,
    some,
    text,
    uint,
)
from accord.wire.peer.frame import LEAST_LIMIT, LONGEST_FRAME, MAX_HANDLE
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Farewell,
    Graft,
    Held,
    Hello,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Range,
    RangePart,
    Want,
)
from accord.wire.peer.protocol import BLOCK, DIGEST, NONCE, PROTOCOL, FrameType, Lane, Mark, Profile
from accord.wire.peer.report import Object

MAX_TICKET = (1 << 16) - 1
MAX_BLOCK = contents.MAX_CONTENT // BLOCK
MAX_CHUNK = 8 * BLOCK
MAX_WANTED = 512
"""Bytes of the blocks of a WANT: 4,096 blocks, 2 MiB."""
MAX_AGREEMENTS = 16
MAX_PARTS = 128
ID = 12
"""Bytes of an id in a RANGE."""
FINGERPRINT = 16

handle = uint(MAX_HANDLE)
"""Takes a handle."""
moment = uint(LATEST)
"""Takes a time of this protocol's own, which is not before 1970."""

_digest = exactly(DIGEST)
_ticket, _block = uint(MAX_TICKET), uint(MAX_BLOCK)
_note = blob(4_096, least=1)
_origins = ordered(many(contents.node, 64, least=1))
_lane = one_of(Lane)


def hello(value: object, clock: int) -> Hello:
    """Read a HELLO; its clock is the time of the frame."""
    (protocol, node, epoch, nonce, profile, frame, file, gives, takes, resumes,
     resume) = array(value, 11)  # fmt: skip
    return Hello(
        protocol=uint(PROTOCOL, least=PROTOCOL)(protocol),
        node=text(64, least=3)(node),
        epoch=uint()(epoch),
        nonce=exactly(NONCE)(nonce),
        profile=one_of(Profile)(profile),
        clock=clock,
        frame=uint(LONGEST_FRAME, least=LEAST_LIMIT)(frame),
        file=uint(contents.MAX_CONTENT)(file),
        gives=_held(gives),
        takes=_held(takes),
        resumes=uint()(resumes),
        resume=_marks(resume),
    )


def _agreement(value: object) -> Held:
    name, serial, digest = array(value, 3)
    return Held(text(128, least=1)(name), uint()(serial), _digest(digest))


_held = many(_agreement, MAX_AGREEMENTS)


def _mark(value: object) -> Mark:
    lane, last = array(value, 2)
    found = Mark(_lane(lane), number(last))
    if found.lane is Lane.FILES:
        raise Malformed("files are no log")
    return found


_marks = ordered(many(_mark, len(Lane)))


def _object(value: object) -> Object:
    entry, name, header, onward = array(value, 4)
    members = some(header)
    # A reference is an array of two that begins with bytes, a header one that begins with a map.
    is_header = isinstance(members[0], dict)
    return Object(
        number=number(entry),
        handle=handle(name),
        header=contents.header(members) if is_header else contents.reference(members),
        onward=maybe(contents.grant)(onward),
    )


def _objects(value: object) -> Objects:
    found = Objects(many(_object, MAX_ITEMS, least=1)(value))
    rising([each.number for each in found.objects])
    return found


def _ack(value: object) -> Ack:
    frame, marks = array(value, 2)
    return Ack(number(frame), _marks(marks))


def _want(value: object) -> Want:
    ticket, digest, first, blocks = array(value, 4)
    wanted = blob(MAX_WANTED)(blocks)
    if wanted.endswith(b"\0"):
        raise Malformed("a WANT ends with blocks that are not wanted")
    return Want(ticket=_ticket(ticket), digest=_digest(digest), first=_block(first), blocks=wanted)


def _chunk(value: object) -> Chunk:
    ticket, first, data = array(value, 3)
    return Chunk(_ticket(ticket), _block(first), blob(MAX_CHUNK, least=1)(data))


def _checkpoint(value: object) -> Checkpoint:
    (note,) = array(value, 1)
    return Checkpoint(_note(note))


def _cosignature(value: object) -> Cosignature:
    (note,) = array(value, 1)
    return Cosignature(_note(note))


def _part(value: object) -> RangePart:
    time, prefix, fingerprint, ids = array(value, 4)
    if fingerprint is not None and ids is not None:
        raise Malformed("a part of a range has a fingerprint and ids")
    return RangePart(
        moment(time),
        blob(ID)(prefix),
        maybe(exactly(FINGERPRINT))(fingerprint),
        maybe(_ids)(ids),
    )


def _ids(value: object) -> tuple[bytes, ...]:
    joined = blob(LONGEST_FRAME)(value)
    if len(joined) % ID:
        raise Malformed(f"ids have {ID} bytes each")
    ids = tuple(joined[n : n + ID] for n in range(0, len(joined), ID))
    rising(ids)
    return ids


def _range(value: object) -> Range:
    lane, turn, parts = array(value, 3)
    found = Range(_lane(lane), uint(1_000)(turn), many(_part, MAX_PARTS, least=1)(parts))
    rising([(part.time, part.prefix) for part in found.parts])
    return found


def _prune(value: object) -> Prune:
    return Prune(_origins(value))


def _graft(value: object) -> Graft:
    return Graft(_origins(value))


def _keepalive(value: object) -> Keepalive:
    array(value, 0)
    return Keepalive()


def _bye(value: object) -> Bye:
    reason, words = array(value, 2)
    return Bye(one_of(Farewell)(reason), text(256)(words))


BODIES: Mapping[FrameType, Read[PeerMessage]] = MappingProxyType(
    {
        FrameType.OBJECTS: _objects,
        FrameType.ACK: _ack,
        FrameType.WANT: _want,
        FrameType.CHUNK: _chunk,
        FrameType.CHECKPOINT: _checkpoint,
        FrameType.COSIGNATURE: _cosignature,
        FrameType.RANGE: _range,
        FrameType.PRUNE: _prune,
        FrameType.GRAFT: _graft,
        FrameType.KEEPALIVE: _keepalive,
        FrameType.BYE: _bye,
    }
)
"""How the body of a frame is read that has no signed items."""
