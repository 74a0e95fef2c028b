"""Frames as a node gives them to its guard: whole, but for the signatures, which only it can make.

Where a signature is to be stand random bytes of its length; the guard puts the signature there.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from accord.core.partner import Profile
from accord.federation.guard.session import Session
from accord.federation.outgoing import Outgoing
from accord.wire.peer.encode import Encoder, encode_hello, header_digest
from accord.wire.peer.frame import Handles, Known
from accord.wire.peer.message import Forwarded, Hello, PeerMessage, Relayed
from accord.wire.peer.record import Evidence, Hop
from accord.wire.peer.report import Object, Reference

Random = Callable[[int], bytes]
"""So many bytes that nobody foresees."""

SIZES = {Profile.MODERN: 64, Profile.CNSA: 96}
"""Bytes of a signature of each profile."""


class Unsigned:
    """Makes the frames of one link for its guard."""

    def __init__(self, profile: Profile, random: Random) -> None:
        self._size = SIZES[profile]
        self._random = random

    def hello(self, hello: Hello, receiver: str) -> bytes:
        """Return a HELLO, without its length."""
        return encode_hello(hello, receiver=receiver, sign=self._sign)[2:]

    def frames(self, session: Session, objects: Iterable[Object], *, limit: int) -> "Frames":
        """Return what makes the other frames of a session, after these headers have been sent."""
        encoder = Encoder(
            session=session.id, sender=session.own, receiver=session.partner, sign=self._sign,
            handles=handles_of(objects, limit=limit), is_blank=True,
        )  # fmt: skip
        encoder.limit = session.limit
        return Frames(self, encoder)

    def make(self, encoder: Encoder, outgoing: Outgoing) -> bytes:
        """Return a frame, without its length. Raises FrameTooLarge, ValueError."""
        message = self._message(outgoing)
        data = encoder.encode(message, number=outgoing.number, lane=outgoing.lane, at=outgoing.at)
        return data[2:]

    def _sign(self, _: bytes) -> bytes:
        return self._random(self._size)

    def _message(self, outgoing: Outgoing) -> PeerMessage:
        """Put a placeholder into each hop that this node is to sign."""
        message = outgoing.message
        if not outgoing.hops:
            return message
        if isinstance(message, Relayed):
            return replace(message, evidence=self._evidence(message.evidence))
        if not isinstance(message, Forwarded):
            return message
        groups = (
            replace(group, evidence=self._evidence(group.evidence)) for group in message.groups
        )
        return replace(message, groups=tuple(groups))

    def _evidence(self, evidence: Evidence) -> Evidence:
        last = evidence.hops[-1]
        return replace(evidence, hops=(*evidence.hops[:-1], Hop(last.node, self._sign(b""))))


class Frames:
    """Makes the frames of one session, in order."""

    def __init__(self, unsigned: Unsigned, encoder: Encoder) -> None:
        self._unsigned = unsigned
        self._encoder = encoder

    @property
    def next_number(self) -> int:
        """The lowest number that the next frame can have."""
        return self._encoder.number + 1

    def make(self, outgoing: Outgoing) -> bytes:
        """Return a frame, without its length. Raises FrameTooLarge, ValueError."""
        return self._unsigned.make(self._encoder, outgoing)


def handles_of(objects: Iterable[Object], *, limit: int) -> Handles:
    """Return what the handles stand for of headers that were sent in earlier sessions."""
    handles = Handles(limit=limit)
    entries = {
        each.handle: Known(None, each.header.digest)
        if isinstance(each.header, Reference)
        else Known(each.header, header_digest(each.header))
        for each in objects
    }
    if entries:
        handles.put(entries)
    return handles
