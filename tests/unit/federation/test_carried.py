from accord.federation.carried import Carried
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Document, DocumentKind
from support.peer import A_GRANT, AT, Way, a_header, an_object, an_update, sent_updates, words

NZL = "NZL-JFNZ"


def test_a_state_knows_its_maker_its_version_and_its_path() -> None:
    way = Way()
    way.introduce(an_object())
    proof = sent_updates(way, an_update())
    carried = Carried(proof=proof, place=0, grant=A_GRANT, header=a_header(), update=an_update())
    assert (carried.maker, carried.version, carried.path) == (NZL, Version(3, AT), (NZL,))
    assert carried.subject == a_header().subject


def test_a_record_has_the_version_of_its_content_and_a_document_has_none() -> None:
    way = Way()
    way.introduce(an_object())
    proof = sent_updates(way, an_update())
    carried = Carried(proof=proof, place=0, grant=A_GRANT, content=words())
    assert (carried.version, carried.subject) == (words().version, words().subject)
    document = Document(kind=DocumentKind.INCIDENT, name="I", serial=1, data=b"")
    carried = Carried(proof=proof, place=0, grant=A_GRANT, content=document)
    assert (carried.version, carried.subject, carried.path) == (None, None, (NZL,))
    assert carried.hops == ()
