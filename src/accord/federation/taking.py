"""What is noted of what came: objects, records whose content lacks, and who made which words."""

from typing import NamedTuple

from accord.wire.peer.frame import Frame
from accord.wire.peer.message import Farewell
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.record import Document, FileOffer, Record, Rotation
from accord.wire.peer.report import Grant, OpaqueBody, PeerReport, Reference

Said = PeerReport | FileOffer | Document


class Took(NamedTuple):
    """An object as it came of a partner: its version, by what, and whether over a log."""

    version: Version
    grant: Grant
    durable: bool


class Awaited(NamedTuple):
    """A record whose content is still to come: the proof of its frame, its place, its lane.

    `grant` is that of whoever passed it on, None where its maker sent it. `partly` is a document
    of which only the data is to come. `unverified`: who signed it and is not known here.
    """

    proof: Proved
    place: int
    lane: Lane
    reference: Reference
    grant: Grant | None = None
    partly: Document | Rotation | None = None
    number: int = 0
    unverified: frozenset[str] = frozenset()


class BrokenRules(Exception):
    """The partner broke the rules of the protocol, or goes by another agreement."""

    def __init__(self, reason: Farewell, words: str) -> None:
        super().__init__(words)
        self.reason = reason
        self.words = words


NOTHING = Reference(b"", 0)
"""The reference of content that stands in the frame itself."""


def as_report(it: FileOffer) -> PeerReport:
    """Return the report that a file is decided on by."""
    ms = it.version.ms
    return PeerReport(
        subject=it.subject, version=it.version, grant=it.grant, time=ms, start=ms, stale=ms,
        received=ms, body=OpaqueBody(),
    )  # fmt: skip


def maker_of(said: Said) -> str | None:
    """Return who made these words: the origin, or the last that made other words of its own."""
    if isinstance(said, Document):
        return None
    return said.subject.path[-1] if said.subject.path else said.subject.origin


def unknown_in(proof: Proved, unknown: frozenset[str]) -> frozenset[str]:
    """Return which of the nodes that signed this are among those."""
    if not unknown:
        return unknown
    return unknown.intersection((proof.statement.sender, *(hop.node for hop in proof.hops)))


def awaited(frame: Frame, place: int, record: Record, unknown: frozenset[str]) -> Awaited:
    """Return a record as one whose content may be still to come."""
    proof = proof_of(frame)
    return Awaited(
        proof, place, frame.lane, NOTHING, number=record.number,
        unverified=unknown_in(proof, unknown),
    )  # fmt: skip


def proof_of(frame: Frame) -> Proved:
    """Return the proof of a frame that has to have one."""
    if frame.proof is None:
        raise BrokenRules(Farewell.PROTOCOL, "a frame without its proof")
    return frame.proof
