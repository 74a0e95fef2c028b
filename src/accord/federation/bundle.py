r"""A session of the peer protocol in one file, for nodes that have no line. Pure: bytes <-> frames.

    magic   "accord bundle 1\n"
    head    2 bytes of length, CBOR [id, writer, reader, made, answers]
    frames  as on a line, the HELLO first; after the last a length of 0
    digest  SHA-256 of all before it
    seal    the writer's signature, over the CBOR array of `seal_words`

Nothing may come after. The id is the nonce of the HELLO, so the session is the file's own.
"""

from dataclasses import dataclass
from hashlib import sha256

from accord.core.errors import AccordError
from accord.wire.errors import WireError
from accord.wire.peer import cbor
from accord.wire.peer.contents import signature
from accord.wire.peer.fields import LATEST, array, exactly, many, text, uint
from accord.wire.peer.protocol import NONCE

MAGIC = b"accord bundle 1\n"
SEAL_WORDS = "accord bundle 1"
MAX_ANSWERS = 64
"""Bundles of the reader that one answers."""
LARGEST = 256 * 1024 * 1024
"""Bytes of a bundle, whatever the settings say."""
END = bytes(2)
"""A frame of no bytes, which there is none of, ends the frames."""
_DIGEST = 32
_LENGTH = 2

_id, _moment, _node = exactly(NONCE), uint(LATEST), text(64, least=3)
_answers = many(_id, MAX_ANSWERS)


class BundleFault(AccordError):
    """A file that is no bundle, or is not whole; nothing of it has been taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a bundle says before its frames.

    `made` is the writer's time, in ms, and `answers` are the bundles of the reader that the writer
    has taken in.
    """

    id: bytes
    writer: str
    reader: str
    made: int
    answers: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a file holds; `frames` without their lengths, the HELLO first.

    Its digest is right. Whether the writer sealed it, the guard says.
    """

    head: Head
    frames: tuple[bytes, ...]
    digest: bytes
    seal: bytes


def session_of(bundle: bytes) -> bytes:
    """Return the id of the session that a bundle is: no session of a line has it."""
    return sha256(SEAL_WORDS.encode() + bundle).digest()[:NONCE]


def begin(head: Head) -> bytes:
    """Return what a file begins with."""
    said = cbor.write([head.id, head.writer, head.reader, head.made, list(head.answers)])
    return MAGIC + len(said).to_bytes(_LENGTH) + said


def framed(data: bytes) -> bytes:
    """Return a frame with its length before it."""
    return len(data).to_bytes(_LENGTH) + data


def seal_words(head: Head, digest: bytes) -> bytes:
    """Return what the writer signs."""
    return cbor.write([SEAL_WORDS, head.writer, head.reader, digest])


def read_begin(data: bytes) -> tuple[Head, int]:
    """Return the head and where the frames begin. Raises BundleFault."""
    if not data.startswith(MAGIC):
        if data.startswith(MAGIC[:14]):
            raise BundleFault("this bundle is of a version that this node does not know")
        raise BundleFault("this is no bundle of a partner node")
    at = len(MAGIC)
    said, at = _block(data, at)
    try:
        id_, writer, reader, made, answers = array(cbor.read(said), 5)
        head = Head(
            id=_id(id_), writer=_node(writer), reader=_node(reader), made=_moment(made),
            answers=_answers(answers),
        )  # fmt: skip
    except WireError as error:
        raise BundleFault(f"the beginning of this bundle is {error}") from None
    return head, at


def read(data: bytes) -> Bundle:
    """Read a file, all of it. Raises BundleFault."""
    head, at = read_begin(data)
    frames: list[bytes] = []
    while True:
        frame, at = _block(data, at)
        if not frame:
            break
        frames.append(frame)
    digest, seal = data[at : at + _DIGEST], data[at + _DIGEST :]
    if len(digest) < _DIGEST or not seal:
        raise _cut()
    if sha256(data[:at]).digest() != digest:
        raise BundleFault("this bundle was changed on its way, or not written whole")
    try:
        seal = signature(seal)
    except WireError:
        raise BundleFault("this bundle has more or less after its frames than a seal") from None
    if not frames:
        raise BundleFault("this bundle does not say who speaks: it has no HELLO")
    return Bundle(head=head, frames=tuple(frames), digest=digest, seal=seal)


def _block(data: bytes, at: int) -> tuple[bytes, int]:
    begin = at + _LENGTH
    end = begin + int.from_bytes(data[at:begin])
    if begin > len(data) or end > len(data):
        raise _cut()
    return data[begin:end], end


def _cut() -> BundleFault:
    return BundleFault("this bundle was cut off: the end of it is missing")
