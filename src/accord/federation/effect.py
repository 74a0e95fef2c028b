"""What a frame of a partner brings about. Whoever holds the link carries these out in order."""

from dataclasses import dataclass

from accord.core.report import Report
from accord.federation.carried import Carried
from accord.federation.version import ObjectKey
from accord.wire.peer.message import Checkpoint, Cosignature, Farewell
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Document, FileOffer, Recall, Receipt, Rotation, Suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """A report that is newer than what this node has, for intake and for `note` to other partners.

    Its source is the origin's node, channel `partner:NODE` of the partner it came from, and the
    nodes between the two as hops.
    """

    report: Report
    version: Version
    carried: Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """Something that was not taken, since nobody here can tell whether these nodes signed it."""

    nodes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Drop what this calls back, say why, and answer by `PartnerSync.answer` with the digest.

    `keys` are the objects that came of this partner and are meant; none where it gave none such.
    """

    recall: Recall
    digest: bytes
    keys: tuple[ObjectKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """The partner's answer to a recall of this node."""

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSuspended:
    """The partner releases nothing more by one of its agreements."""

    suspended: Suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The partner has a new key or certificate; check it before it is taken."""

    rotation: Rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCame:
    """A document of the partner, or by it; its data is whole."""

    document: Document
    carried: Carried | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOffered:
    """A file that can be had: `PartnerSync.want_file` asks for it. `report`: what says whose."""

    offer: FileOffer
    report: Report
    carried: Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class FileComplete:
    """All of a file has come, and its SHA-256 is right."""

    offer: FileOffer
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointCame:
    """A checkpoint of the partner's ledger, to be cosigned, or this node's, cosigned."""

    message: Checkpoint | Cosignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """The partner has taken in every frame up to this number of the session."""

    frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The partner closes the link."""

    reason: Farewell
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The partner broke the rules: say BYE for this reason and close the link."""

    reason: Farewell
    words: str


Effect = (
    Accept | Unverified | Recalled | Receipted | PartnerSuspended | Rotated | DocumentCame
    | FileOffered | FileComplete | CheckpointCame | Acknowledged | Left | Broken
)  # fmt: skip
"""Match on it with `assert_never`, so that a new one cannot be forgotten."""
