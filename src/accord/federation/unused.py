"""What a partner may send and this node makes nothing of: said in words, not passed over."""

from typing import NamedTuple

from accord.federation.effect import DocumentCame, FileComplete, FileOffered
from accord.wire.peer.record import DocumentKind


class Unused(NamedTuple):
    """What came, as it is counted, and what the partner calls it."""

    what: str
    name: str


_BY_HAND = "people exchange it as a file, and activate it here"
_DOCUMENTS = {
    DocumentKind.AGREEMENT: f"the text of an agreement: {_BY_HAND}",
    DocumentKind.AGREEMENT_SIGNATURE: f"the signature of an agreement: {_BY_HAND}",
    DocumentKind.AREA: f"an area of an agreement: {_BY_HAND}",
    DocumentKind.DENIED: "a list of whom the partner refuses: each node refuses by itself",
    DocumentKind.INCIDENT: "an incident: this node keeps none of partners",
    DocumentKind.MISSION: "a mission: this node keeps none of partners",
}
_FILE = "a file: this node keeps none of partners, and asks for none"


def unused(effect: DocumentCame | FileOffered | FileComplete) -> Unused:
    """Return what came of it, as people are told."""
    if isinstance(effect, DocumentCame):
        it = effect.document
        return Unused(f"sent and not used: {_DOCUMENTS[it.kind]}", it.name)
    return Unused(f"offered and not used: {_FILE}", effect.offer.name)
