"""What came of another node, with all that proves it, so that it can be passed on as it is."""

from dataclasses import dataclass

from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Document, FileOffer
from accord.wire.peer.report import Grant, Header, PeerReport, Reference, Subject, Update


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One item of another node's frame: its place there, its words, and the proof of the frame.

    Of an update there are `header` and `update`; of a record there is `content`, with `reference`
    where that stood in the frame for it. `grant` is that by which it came to this node.
    """

    proof: Proved
    place: int
    grant: Grant
    header: Header | None = None
    update: Update | None = None
    content: PeerReport | FileOffer | Document | None = None
    reference: Reference | None = None

    @property
    def maker(self) -> str:
        """The node whose words these are: it signed the frame."""
        return self.proof.statement.sender

    @property
    def version(self) -> Version | None:
        """Which state of the object this is; None for a document."""
        if self.header is not None and self.update is not None:
            return Version(self.header.epoch, self.update.version)
        return None if isinstance(self.content, Document | None) else self.content.version

    @property
    def subject(self) -> Subject | None:
        """What it is about; None for a document."""
        if self.header is not None:
            return self.header.subject
        return None if isinstance(self.content, Document | None) else self.content.subject

    @property
    def hops(self) -> tuple[str, ...]:
        """The nodes that passed it on, in turn."""
        return tuple(hop.node for hop in self.proof.hops)

    @property
    def path(self) -> tuple[str, ...]:
        """Every node that it comes from or over, in turn, the origin first."""
        subject = self.subject
        before = (self.maker,) if subject is None else (subject.origin, *subject.path)
        return (*before, *self.hops)
