"""One session of a link, as both ends of it know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accord.federation.guard.passage import first_frame
from accord.federation.guard.talk import Role
from accord.wire.peer.message import Hello
from accord.wire.peer.proof import session_of
from accord.wire.peer.report import Grant
from accord.wire.peer.translate import moment


class Greetings(NamedTuple):
    """Both HELLOs of a session."""

    own: Hello
    theirs: Hello


@dataclass(frozen=True, slots=True)
class Session:
    """What the two HELLOs made: its id, its nodes, the frames that each takes."""

    id: bytes
    own: str
    partner: str
    began: datetime
    limit: int

    @classmethod
    def of(cls, role: Role, greetings: Greetings) -> "Session":
        """Return the session of these HELLOs; the dialler's nonce and clock come first."""
        own, theirs = greetings
        dialler, listener = (own, theirs) if role is Role.DIALLED else (theirs, own)
        return cls(
            session_of(dialler.nonce, listener.nonce),
            own.node,
            theirs.node,
            moment(dialler.clock),
            theirs.frame,
        )

    def in_ledger(self, number: int) -> int:
        """Return a frame's number as the ledgers of both nodes have it."""
        return first_frame(self.began) + number


Onward = dict[int, Grant]
"""By handle: by what the object is passed on."""
