import pytest

from accord.federation.taking import BrokenRules, as_report, awaited, maker_of, proof_of
from accord.wire.peer.frame import Frame, FrameType
from accord.wire.peer.message import Farewell, Keepalive, Updates
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.record import Document, DocumentKind, FileOffer, Record, Void
from accord.wire.peer.report import OpaqueBody
from support.peer import A_GRANT, AT, NZL, USA, Way, a_subject, an_object, an_update, words


def test_a_frame_without_a_proof_breaks_the_rules() -> None:
    bare = Frame(type=FrameType.KEEPALIVE, number=5, lane=Lane.CONTROL, message=Keepalive())
    with pytest.raises(BrokenRules, match="without its proof") as broken:
        proof_of(bare)
    assert broken.value.reason is Farewell.PROTOCOL


def test_a_record_that_is_awaited_knows_where_it_stood() -> None:
    way = Way()
    way.introduce(an_object())
    frame = way.send(_updates())
    it = awaited(frame, 0, Record(7, Void()), frozenset({"GBR-FLEET", NZL}))
    assert (it.number, it.place, it.lane, it.grant) == (7, 0, Lane.TRACKS, None)
    assert it.proof is frame.proof
    assert it.unverified == {NZL}


def _updates() -> Updates:
    return Updates((an_update(),))


def test_words_are_of_the_origin_or_of_the_last_that_changed_them() -> None:
    assert maker_of(words()) == NZL
    assert maker_of(words(subject=a_subject(path=(USA,)))) == USA
    assert maker_of(Document(kind=DocumentKind.AREA, name="A", serial=1, data=b"")) is None


def test_a_file_is_decided_about_as_something_that_is_not_understood() -> None:
    offer = FileOffer(
        subject=a_subject(), version=Version(3, AT), grant=A_GRANT, digest=bytes(32), size=5,
        name="a", media="b",
    )  # fmt: skip
    report = as_report(offer)
    assert (report.subject, report.body, report.time) == (a_subject(), OpaqueBody(), AT)
