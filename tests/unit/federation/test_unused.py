import pytest

from accord.federation.effect import DocumentCame, FileComplete
from accord.federation.unused import unused
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Document, DocumentKind, FileOffer
from accord.wire.peer.report import Grant
from support.peer import a_subject


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (DocumentKind.AGREEMENT, "the text of an agreement: people exchange it as a file"),
        (DocumentKind.AGREEMENT_SIGNATURE, "the signature of an agreement: people exchange it"),
        (DocumentKind.AREA, "an area of an agreement: people exchange it as a file"),
        (DocumentKind.DENIED, "a list of whom the partner refuses: each node refuses by itself"),
        (DocumentKind.INCIDENT, "an incident: this node keeps none of partners"),
        (DocumentKind.MISSION, "a mission: this node keeps none of partners"),
    ],
)
def test_of_each_kind_of_document_people_are_told_what_becomes_of_it(
    kind: DocumentKind, said: str
) -> None:
    came = DocumentCame(document=Document(kind=kind, name="D-1", serial=1, data=b"x"))
    what, name = unused(came)
    assert what.startswith(f"sent and not used: {said}")
    assert name == "D-1"


def test_of_a_file_people_are_told_that_none_is_asked_for() -> None:
    offer = FileOffer(
        subject=a_subject(), version=Version(1, 1), grant=Grant(bytes(8), "1", "exact"),
        digest=bytes(32), size=1, name="chart.png", media="image/png",
    )  # fmt: skip
    what, name = unused(FileComplete(offer=offer, data=b"x"))
    said = "a file: this node keeps none of partners, and asks for none"
    assert what == f"offered and not used: {said}"
    assert name == "chart.png"
