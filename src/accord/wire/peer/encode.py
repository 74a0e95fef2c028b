"""Messages to frames: the only way in which bytes for a partner are made.

Only the guard of a link may import this (the contract `one-way-out` in pyproject.toml).
"""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import assert_never

from accord.wire.errors import FrameTooLarge
from accord.wire.peer import cbor, plain
from accord.wire.peer.difference import CONTENT, GRANT, STATEMENT, LastSaid
from accord.wire.peer.frame import (
    HELLO_NUMBER,
    LANES,
    LONGEST_FRAME,
    LONGEST_HELLO,
    SIGNED,
    Handles,
    Known,
    Sign,
)
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Forwarded,
    Graft,
    Group,
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
from accord.wire.peer.plain import Plain
from accord.wire.peer.plain import content_bytes as content_bytes
from accord.wire.peer.proof import UNSALTED, leaf, root, salt_of, statement_bytes, update_leaves
from accord.wire.peer.protocol import FrameType, Lane
from accord.wire.peer.record import Statement, UnknownContent
from accord.wire.peer.report import Header, Reference, Update
from accord.wire.peer.updates import varint, write_body

OVERHEAD = 150
"""Bytes of a frame of UPDATES or RECORDS beside its items, at most: length, salt and signature."""


def header_digest(header: Header) -> bytes:
    """Return the SHA-256 by which the leaves of its updates name a header."""
    return sha256(cbor.write(plain.header(header))).digest()


def reference_to(content: bytes) -> Reference:
    """Return what stands for content that is too long for a frame."""
    return Reference(sha256(content).digest(), len(content))


def size_of_update(update: Update, header: Header, at: int) -> int:
    """Return how many bytes an update takes in its frame, at most."""
    return len(varint(update.handle)) + len(write_body(update, header.base, at))


def encode_hello(hello: Hello, *, receiver: str, sign: Sign) -> bytes:
    """Return the first frame, with its length. Raises FrameTooLarge."""
    body = _hello(hello)
    statement = Statement(
        hello.nonce, hello.node, receiver, FrameType.HELLO, HELLO_NUMBER, Lane.CONTROL,
        hello.clock, 1, leaf(UNSALTED, cbor.write(body)),
    )  # fmt: skip
    signature = sign(statement_bytes(statement))
    head: list[Plain] = [FrameType.HELLO, HELLO_NUMBER, Lane.CONTROL, hello.clock]
    return _with_length(cbor.write([*head, body, signature]), LONGEST_HELLO)


class Encoder:
    """Makes the frames of one session, each with a number that is higher than the one before.

    `limit` is the longest frame that the receiver takes. `handles` are those of this direction;
    objects must have been encoded, or be among them, before their updates are. `is_blank`: what
    `sign` returns only keeps the place of a signature, so it is told nothing of what is signed.
    """

    def __init__(
        self, *, session: bytes, sender: str, receiver: str, sign: Sign, handles: Handles,
        is_blank: bool = False,
    ) -> None:  # fmt: skip
        self.handles = handles
        self.number = HELLO_NUMBER
        self.limit = LONGEST_FRAME
        self._session = session
        self._nodes = sender, receiver
        self._sign = sign
        self._is_blank = is_blank
        self._said: dict[Lane, LastSaid] = {}

    def encode(self, message: PeerMessage, *, number: int, lane: Lane, at: int) -> bytes:
        """Return the frame, with its length before it.

        Raises FrameTooLarge, then nothing has changed. ValueError says what else is wrong: the
        number, the lane, a handle that is not known, updates or records that are not in order.
        """
        kind = _TYPES[type(message)]
        if number <= self.number or lane not in LANES[kind]:
            raise ValueError(f"no {kind.name} can have number {number} and lane {lane}")
        said = self._said.get(lane, LastSaid()).copy()
        body, leaves = self._body(message, at, said)
        head: list[Plain] = [kind, number, lane]
        if kind in SIGNED:
            signature = self._signature((kind, number, lane, at), leaves)
            data = cbor.write([*head, at, body, signature])
        else:
            data = cbor.write([*head, body])
        frame = _with_length(data, self.limit)
        if isinstance(message, Objects) and not self.handles.put(_entries(message)):
            raise ValueError(f"there are more than {self.handles.limit} handles, or one too high")
        self.number = number
        self._said[lane] = said
        return frame

    def _signature(self, head: tuple[FrameType, int, Lane, int], leaves: "_Leaves") -> bytes:
        if self._is_blank:
            return self._sign(b"")
        tree = leaves()
        statement = Statement(self._session, *self._nodes, *head, len(tree), root(tree))
        return self._sign(statement_bytes(statement))

    def _body(self, message: PeerMessage, at: int, said: LastSaid) -> tuple[Plain, "_Leaves"]:
        match message:
            case Updates():
                return self._updates(message, at)
            case Records():
                return _records(message, said)
            case Relayed():
                return self._relayed(message), list
            case Forwarded():
                return [message.first, [_group(each, said) for each in message.groups]], list
            case Hello():
                raise ValueError("a HELLO is the first frame, and no other")
            case _:
                return _plain_body(message), list

    def _updates(self, message: Updates, at: int) -> tuple[Plain, "_Leaves"]:
        updates, salt = message.updates, message.salt
        _check_salt(updates, salt)
        packed: list[bytes] = []
        items: list[tuple[bytes, bytes]] = []
        before = -1
        for update in updates:
            handle = update.handle
            header, digest = self._known(handle)
            if handle <= before:
                raise ValueError("updates are in the order of their handles, one of each")
            body = write_body(update, header.base, at)
            packed += (varint(handle - before - 1), body)
            items.append((digest, body))
            before = handle
        return [salt, b"".join(packed)], partial(update_leaves, salt, at, items)

    def _relayed(self, message: Relayed) -> Plain:
        at = message.evidence.statement.at
        places: list[Plain] = []
        salts: list[bytes] = []
        packed: list[bytes] = []
        for place, update, salt in message.passed:
            header, _ = self._known(update.handle)
            places += (place, update.handle)
            salts.append(salt or UNSALTED)
            packed.append(write_body(update, header.base, at))
        evidence = plain.evidence(message.evidence, plain.statement(message.evidence.statement))
        return [evidence, places, b"".join(salts), b"".join(packed)]

    def _known(self, handle: int) -> tuple[Header, bytes]:
        known = self.handles.get(handle)
        if known is None or known.header is None:
            raise ValueError(f"handle {handle} stands for nothing yet")
        return known.header, known.digest


_Leaves = Callable[[], list[bytes]]
"""The leaf hashes of a frame, made only where they are asked for."""


def _entries(message: Objects) -> dict[int, Known]:
    return {
        each.handle: Known(None, each.header.digest)
        if isinstance(each.header, Reference)
        else Known(each.header, header_digest(each.header))
        for each in message.objects
    }


def _check_salt(items: Sequence[object], salt: bytes | None) -> None:
    if not items or (salt is None) is not (len(items) == 1):
        raise ValueError("a frame of several items has a salt, a frame of one has none")


def _records(message: Records, said: LastSaid) -> tuple[Plain, "_Leaves"]:
    _check_salt(message.records, message.salt)
    first = message.records[0].number
    records: list[Plain] = []
    leaves: list[bytes] = []
    for index, record in enumerate(message.records):
        if isinstance(record.content, UnknownContent):
            raise ValueError("content that is not known cannot be written")  # noqa: TRY004
        if record.number != first + index:
            raise ValueError("the numbers of records follow each other")
        content = plain.content(record.content)
        records.append(said.write(CONTENT, content))
        leaves.append(leaf(salt_of(message.salt, index), cbor.write(content)))
    return [message.salt, first, records], lambda: leaves


def _group(group: Group, said: LastSaid) -> Plain:
    evidence = group.evidence
    statement = said.write(STATEMENT, plain.statement(evidence.statement))
    salts = b"".join(each.salt or UNSALTED for each in group.passed)
    records: list[Plain] = [
        [
            each.place,
            said.write(GRANT, plain.grant(each.grant)),
            said.write(CONTENT, plain.content(each.content)),
        ]
        for each in group.passed
    ]
    return [plain.evidence(evidence, statement), salts, records]


def _hello(it: Hello) -> Plain:
    return [
        it.protocol,
        it.node,
        it.epoch,
        it.nonce,
        it.profile,
        it.frame,
        it.file,
        _held(it.gives),
        _held(it.takes),
        it.resumes,
        [list(mark) for mark in it.resume],
    ]


def _held(agreements: Sequence[Held]) -> Plain:
    return [[each.id, each.serial, each.digest] for each in agreements]


def _plain_body(
    it: Objects | Ack | Want | Chunk | Checkpoint | Cosignature | Range | Prune | Graft
    | Keepalive | Bye,
) -> Plain:  # fmt: skip
    found: Plain
    match it:
        case Objects():
            found = [plain.an_object(each) for each in it.objects]
        case Ack():
            found = [it.frame, [list(mark) for mark in it.marks]]
        case Want():
            found = [it.ticket, it.digest, it.first, it.blocks]
        case Chunk():
            found = [it.ticket, it.first, it.data]
        case Checkpoint() | Cosignature():
            found = [it.note]
        case Range():
            found = [it.lane, it.round, [_part(part) for part in it.parts]]
        case Prune() | Graft():
            found = list(it.origins)
        case Keepalive():
            found = []
        case Bye():
            found = [it.reason, it.words]
        case _:
            assert_never(it)
    return found


def _part(it: RangePart) -> Plain:
    ids = None if it.ids is None else b"".join(it.ids)
    return [it.time, it.prefix, it.fingerprint, ids]


_TYPES: dict[type, FrameType] = {
    Hello: FrameType.HELLO,
    Objects: FrameType.OBJECTS,
    Updates: FrameType.UPDATES,
    Records: FrameType.RECORDS,
    Relayed: FrameType.RELAYED,
    Ack: FrameType.ACK,
    Want: FrameType.WANT,
    Chunk: FrameType.CHUNK,
    Checkpoint: FrameType.CHECKPOINT,
    Cosignature: FrameType.COSIGNATURE,
    Range: FrameType.RANGE,
    Prune: FrameType.PRUNE,
    Graft: FrameType.GRAFT,
    Keepalive: FrameType.KEEPALIVE,
    Bye: FrameType.BYE,
    Forwarded: FrameType.FORWARDED,
}


def _with_length(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise FrameTooLarge(f"a frame of {len(data)} bytes is over {limit}")
    return len(data).to_bytes(2) + data
