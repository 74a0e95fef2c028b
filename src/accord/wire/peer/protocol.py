"""The numbers of the protocol between nodes, as docs/reference/peer-protocol.md has them."""

from enum import IntEnum
from typing import NamedTuple

PROTOCOL = 2
"""The version of the protocol that this code speaks."""

DIGEST = 32
"""Bytes of a SHA-256 digest (FIPS 180-4)."""

AGREEMENT = 8
"""Bytes of the SHA-256 of an agreement's text that stand for the agreement."""

NONCE = 16
"""Bytes of a HELLO's nonce, of a session's id, and of a salt."""

BLOCK = 512
"""Bytes of content that one bit of a WANT stands for."""


class Lane(IntEnum):
    """What goes first; the lower number. Lanes 0 to 3 are each a log that is numbered."""

    EMERGENCY = 0
    CONTROL = 1
    CHAT = 2
    DURABLE = 3
    TRACKS = 4
    FILES = 5


DURABLE_LANES = (Lane.EMERGENCY, Lane.CONTROL, Lane.CHAT, Lane.DURABLE)
"""Those whose records all arrive, in order, each once."""


class FrameType(IntEnum):
    """The first number of a frame."""

    HELLO = 1
    OBJECTS = 2
    UPDATES = 3
    RECORDS = 4
    RELAYED = 5
    ACK = 6
    WANT = 7
    CHUNK = 8
    CHECKPOINT = 9
    COSIGNATURE = 10
    RANGE = 11
    PRUNE = 12
    GRAFT = 13
    KEEPALIVE = 14
    BYE = 15
    FORWARDED = 16


class Profile(IntEnum):
    """Which signatures a link uses. The trees are SHA-256 in both."""

    MODERN = 1
    """Ed25519 (RFC 8032): 64 bytes."""
    CNSA = 2
    """ECDSA on P-384 with SHA-384 (FIPS 186-5): r and s, 48 bytes each."""


class Version(NamedTuple):
    """Which of two states of one object is newer: the origin's epoch, then milliseconds."""

    epoch: int
    ms: int


class Mark(NamedTuple):
    """How far a log has come: the number of its last entry, 0 for none.

    For lanes 0 to 3 that of the last record, for TRACKS that of the last header of an object.
    """

    lane: Lane
    number: int
