"""What a node and the guard of one partner say to each other over a socket pair.

Deterministic CBOR by a closed schema, each message behind four bytes of length. Both ends read with
the limits of this file: what breaks them ends the guard, and with it the link.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import cast

from accord.core.errors import AccordError
from accord.federation.guard.talk import (
    MAX_UNVERIFIED,
    Bundled,
    Came,
    Closed,
    Connected,
    Content,
    Give,
    Greet,
    GuardRefused,
    HandleOf,
    Leave,
    Message,
    Note,
    Prime,
    Role,
    Sent,
    Setup,
    Standing,
    Step,
    Stop,
    TakCame,
    TakGive,
    TakHeard,
    TakSetup,
    TakSkipped,
    ToSend,
    TurnedAway,
    Up,
    Withheld,
)
from accord.release.ledger.entry import MAX_COUNTS, Count
from accord.wire.errors import WireError
from accord.wire.peer import cbor, contents, plain
from accord.wire.peer.fields import (
    LATEST,
    array,
    blob,
    exactly,
    flag,
    many,
    maybe,
    one_of,
    text,
    uint,
)
from accord.wire.peer.frame import LONGEST_FRAME, MAX_HANDLE, Known
from accord.wire.peer.message import Farewell
from accord.wire.peer.plain import Plain
from accord.wire.peer.protocol import DIGEST
from accord.wire.peer.report import Object, Reference

LENGTH = 4
"""Bytes in front of a message that say how long it is."""
LONGEST = 512 * 1024
"""Bytes of one message."""
PIECE = 256 * 1024
"""Bytes of content, and of headers, in one message."""

_text, _word, _reason = text(4_096), text(64), text(512)
_number, _moment = uint(), uint(LATEST)


class IpcError(AccordError):
    """The other end of the socket pair said what cannot be."""


def encode(message: Message) -> bytes:
    """Return the message with its length before it."""
    kind, write = _WRITERS[type(message)]
    data = cbor.write([kind, *cast("list[Plain]", write(message))])
    if len(data) > LONGEST:
        raise IpcError(f"a message between node and guard has {len(data)} bytes")
    return len(data).to_bytes(LENGTH) + data


def decode(data: bytes) -> Message:
    """Read a message, without its length. Raises IpcError."""
    try:
        members = array_of(cbor.read(data))
        return _READERS[uint(len(_READERS) - 1)(members[0])](members[1:])
    except (WireError, ValueError) as error:
        raise IpcError(f"a message between node and guard is {error}") from None


def array_of(value: object) -> list[object]:
    """Take an array of at least a kind."""
    if not isinstance(value, list) or not value:
        raise IpcError("a message between node and guard is no array")
    return cast("list[object]", value)


class Reader:
    """Messages out of bytes in any chunking."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def receive(self, data: bytes) -> list[Message]:
        """Return the messages that these bytes complete. Raises IpcError."""
        self._rest += data
        found: list[Message] = []
        at = 0
        while len(self._rest) - at >= LENGTH:
            end = at + LENGTH + int.from_bytes(self._rest[at : at + LENGTH])
            if end - at > LENGTH + LONGEST:
                raise IpcError("a message between node and guard is too long")
            if end > len(self._rest):
                break
            found.append(decode(bytes(self._rest[at + LENGTH : end])))
            at = end
        del self._rest[:at]
        return found


def primes(objects: Iterable[Object], *, outbound: bool) -> list[Prime]:
    """Return what tells a guard of the handles of all these, and that there are no others."""
    found: list[Prime] = []
    batch: dict[int, HandleOf] = {}
    size = 0
    for each in objects:
        header, written = each.header, b""
        if isinstance(header, Reference):
            known = Known(None, header.digest)
        else:
            written = cbor.write(plain.header(header))
            known = Known(header, sha256(written).digest())
        size += 256 + len(written)
        if batch and size > PIECE:
            found.append(Prime(outbound, not found, batch))
            batch, size = {}, 0
        batch[each.handle] = HandleOf(known, each.onward)
    return [*found, Prime(outbound, not found, batch)]


def pieces(digest: bytes, content: bytes) -> list[Content]:
    """Return what gives a guard this content."""
    return [
        Content(digest, len(content), content[begin : begin + PIECE])
        for begin in range(0, max(1, len(content)), PIECE)
    ]


def _fields(names: str) -> Callable[[object], list[object]]:
    wanted = names.split()
    return lambda it: [getattr(it, name) for name in wanted]


def _prime_row(it: object) -> list[object]:
    prime = cast("Prime", it)
    rows = [_handle_row(*each) for each in prime.known.items()]
    return [prime.outbound, prime.is_first, rows]


def _handle_row(handle: int, it: HandleOf) -> list[object]:
    header, digest = it.known.header, it.known.digest
    return [
        handle,
        None if header is None else plain.header(header),
        digest,
        None if it.onward is None else plain.grant(it.onward),
    ]


def _withheld_row(it: object) -> list[object]:
    said = cast("Withheld", it)
    counts = [[each.clause, each.reason, each.sort, each.count] for each in said.counts]
    return [said.agreement, said.serial, said.since, said.until, counts]


def _came_row(it: object) -> list[object]:
    came = cast("Came", it)
    return [came.connection, came.frame, list(came.unverified)]


def _known(value: object) -> tuple[int, HandleOf]:
    handle, header, digest, onward = array(value, 4)
    known = Known(maybe(contents.header)(header), exactly(DIGEST)(digest))
    return uint(MAX_HANDLE)(handle), HandleOf(known, maybe(contents.grant)(onward))


def _count(value: object) -> Count:
    clause, reason, sort, count = array(value, 4)
    return Count(
        clause=maybe(_reason)(clause), reason=_reason(reason), sort=_reason(sort),
        count=_number(count),
    )  # fmt: skip


_frame = blob(LONGEST_FRAME, least=1)
_role, _farewell, _kind_of_note = one_of(Role), one_of(Farewell), one_of(Note)
_step = one_of(Step)
_note = blob(4_096, least=1)
_Row = list[object]


def _setup(row: _Row) -> Setup:
    directory, node, domain, profile, partner, *numbers = array(row, 11)
    epoch, frame, handles, content, handshake, checkpoint = map(_number, numbers)
    return Setup(
        directory=_text(directory), node=_word(node), trust_domain=_reason(domain),
        profile=_word(profile), partner=_word(partner), their_epoch=epoch, frame_bytes=frame,
        max_handles=handles, max_content=content, handshake_timeout=handshake,
        checkpoint_every=checkpoint,
    )  # fmt: skip


def _prime(row: _Row) -> Prime:
    outbound, is_first, known = array(row, 3)
    return Prime(flag(outbound), flag(is_first), dict(many(_known, LONGEST)(known)))


def _greet(row: _Row) -> Greet:
    connection, hello = array(row, 2)
    return Greet(_number(connection), _frame(hello))


def _give(row: _Row) -> Give:
    connection, frame = array(row, 2)
    return Give(_number(connection), _frame(frame))


def _content(row: _Row) -> Content:
    digest, size, data = array(row, 3)
    return Content(exactly(DIGEST)(digest), _number(size), blob(PIECE)(data))


def _withheld(row: _Row) -> Withheld:
    agreement, serial, since, until, counts = array(row, 5)
    return Withheld(
        _reason(agreement), _number(serial), _moment(since), _moment(until),
        many(_count, MAX_COUNTS, least=1)(counts),
    )  # fmt: skip


def _leave(row: _Row) -> Leave:
    connection, number, reason = array(row, 3)
    return Leave(_number(connection), _number(number), _farewell(reason))


def _stop(row: _Row) -> Stop:
    array(row, 0)
    return Stop()


def _up(row: _Row) -> Up:
    connection, role, address = array(row, 3)
    return Up(_number(connection), _role(role), _reason(address))


def _connected(row: _Row) -> Connected:
    connection, hello = array(row, 2)
    return Connected(_number(connection), _frame(hello))


def _came(row: _Row) -> Came:
    connection, frame, unverified = array(row, 3)
    return Came(_number(connection), _frame(frame), many(_word, MAX_UNVERIFIED)(unverified))


def _sent(row: _Row) -> Sent:
    connection, number, wire = array(row, 3)
    return Sent(_number(connection), _number(number), _number(wire))


def _refused(row: _Row) -> GuardRefused:
    number, reason, what = array(row, 3)
    return GuardRefused(_number(number), _reason(reason), _text(what))


def _closed(row: _Row) -> Closed:
    connection, reason, words = array(row, 3)
    return Closed(_number(connection), _reason(reason), _text(words))


def _turned_away(row: _Row) -> TurnedAway:
    reason, who = array(row, 2)
    return TurnedAway(_reason(reason), _text(who))


def _to_send(row: _Row) -> ToSend:
    kind, note = array(row, 2)
    return ToSend(_kind_of_note(kind), _note(note))


def _standing(row: _Row) -> Standing:
    lines, signed, cosigned, trouble = array(row, 4)
    return Standing(_number(lines), _number(signed), _number(cosigned), _text(trouble))


def _bundled(row: _Row) -> Bundled:
    step, data = array(row, 2)
    return Bundled(_step(step), blob(PIECE)(data))


def _tak_setup(row: _Row) -> TakSetup:
    directory, node, domain, profile, partner, *numbers = array(row, 8)
    message, handshake, checkpoint = map(_number, numbers)
    return TakSetup(
        directory=_text(directory), node=_word(node), trust_domain=_reason(domain),
        profile=_word(profile), partner=_word(partner), max_message=message,
        handshake_timeout=handshake, checkpoint_every=checkpoint,
    )  # fmt: skip


def _tak_give(row: _Row) -> TakGive:
    connection, number, report = array(row, 3)
    return TakGive(_number(connection), _number(number), blob(PIECE, least=1)(report))


def _tak_came(row: _Row) -> TakCame:
    connection, message = array(row, 2)
    return TakCame(_number(connection), blob(PIECE, least=1)(message))


def _tak_skipped(row: _Row) -> TakSkipped:
    (count,) = array(row, 1)
    return TakSkipped(_number(count))


def _tak_heard(row: _Row) -> TakHeard:
    (connection,) = array(row, 1)
    return TakHeard(_number(connection))


_SCHEMA: tuple[tuple[type, Callable[[object], list[object]], Callable[[_Row], Message]], ...] = (
    (
        Setup,
        _fields(
            "directory node trust_domain profile partner their_epoch frame_bytes max_handles "
            "max_content handshake_timeout checkpoint_every"
        ),
        _setup,
    ),
    (Prime, _prime_row, _prime),
    (Greet, _fields("connection hello"), _greet),
    (Give, _fields("connection frame"), _give),
    (Content, _fields("digest size data"), _content),
    (Withheld, _withheld_row, _withheld),
    (Leave, _fields("connection number reason"), _leave),
    (Stop, _fields(""), _stop),
    (Up, _fields("connection role address"), _up),
    (Connected, _fields("connection hello"), _connected),
    (Came, _came_row, _came),
    (Sent, _fields("connection number wire"), _sent),
    (GuardRefused, _fields("number reason what"), _refused),
    (Closed, _fields("connection reason words"), _closed),
    (TurnedAway, _fields("reason who"), _turned_away),
    (ToSend, _fields("kind note"), _to_send),
    (Standing, _fields("lines signed cosigned trouble"), _standing),
    (Bundled, _fields("step data"), _bundled),
    (
        TakSetup,
        _fields(
            "directory node trust_domain profile partner max_message handshake_timeout "
            "checkpoint_every"
        ),
        _tak_setup,
    ),
    (TakGive, _fields("connection number report"), _tak_give),
    (TakCame, _fields("connection message"), _tak_came),
    (TakSkipped, _fields("count"), _tak_skipped),
    (TakHeard, _fields("connection"), _tak_heard),
)
_WRITERS = {made: (kind, write) for kind, (made, write, _) in enumerate(_SCHEMA)}
_READERS = tuple(read for _, _, read in _SCHEMA)
