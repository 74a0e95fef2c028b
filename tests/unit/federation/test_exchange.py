from hashlib import sha256

from accord.federation.exchange import ContentsGiven
from accord.wire.peer.message import Chunk, Keepalive, Objects, Records, Want
from accord.wire.peer.record import Document, DocumentKind, Record
from accord.wire.peer.report import Object, Reference

TEXTS = {sha256(text).digest(): text for text in (b"one" * 9, b"two" * 9)}
ONE, TWO = TEXTS


def given(limit: int = 1_000) -> ContentsGiven:
    return ContentsGiven(TEXTS.get, limit=limit)


def records(*contents: Reference | Document) -> Records:
    return Records(tuple(Record(n, each) for n, each in enumerate(contents, 1)))


def test_what_a_frame_refers_to_is_given_before_it_and_once() -> None:
    contents = given()
    document = Document(kind=DocumentKind.AREA, name="a", serial=1, data=Reference(TWO, 27))
    needed = contents.needed(records(Reference(ONE, 27), document))
    assert needed is not None
    assert [(each.digest, each.data) for each in needed] == list(TEXTS.items())
    assert contents.needed(records(Reference(ONE, 27))) == []
    assert contents.needed(Keepalive()) == []


def test_another_guard_is_given_it_again() -> None:
    contents = given()
    contents.needed(records(Reference(ONE, 27)))
    contents.clear()
    assert contents.needed(Objects((Object(number=1, handle=0, header=Reference(ONE, 27)),)))


def test_what_is_not_at_hand_is_said() -> None:
    assert given().needed(records(Reference(bytes(32), 1))) is None


def test_a_chunk_of_what_the_guard_had_to_forget_is_given_with_all_of_it_again() -> None:
    contents = given(limit=30)
    contents.wanted(Want(ticket=3, digest=ONE, first=0, blocks=b"\x80"))
    contents.needed(records(Reference(ONE, 27)))
    assert contents.needed(Chunk(3, 0, b"one")) == []
    contents.needed(records(Reference(TWO, 27)))
    assert contents.needed(Chunk(3, 0, b"one"))
    assert contents.needed(Chunk(4, 0, b"one")) == []
