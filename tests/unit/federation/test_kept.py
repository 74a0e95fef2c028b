from dataclasses import replace

import pytest

from accord.core.body import Removal
from accord.core.report import Form, Original, Source
from accord.federation.carried import Carried
from accord.federation.kept import removal, report_again, with_original
from accord.wire.errors import Malformed
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import FrameType, Lane, Version
from accord.wire.peer.record import Recall, RecallOf, Statement, Void
from accord.wire.peer.report import Grant, PeerReport
from accord.wire.peer.translate import Leave, to_peer_report
from support.builders import a_report
from support.clock import START

GRANT = Grant(bytes(8), "1", "exact")
STATEMENT = Statement(bytes(16), "USA", "NZL", FrameType.RECORDS, 2, Lane.CHAT, 0, 1, bytes(32))
SOURCE = Source(node="USA", channel="partner:USA", speaker="")


def carried(content: PeerReport | None) -> Carried:
    proof = Proved(statement=STATEMENT, signature=b"", nodes={})
    return Carried(proof=proof, place=0, grant=GRANT, content=content)


def said(uid: str = "U1") -> PeerReport:
    report = a_report(uid)
    return to_peer_report(report, Leave(origin="USA", grant=GRANT), version=Version(1, 2))


def test_what_a_partner_said_can_be_had_again_from_what_is_kept() -> None:
    report = replace(a_report(), source=SOURCE)
    kept = with_original(report, carried(said()))
    assert kept.original is not None
    assert kept.original.form is Form.PEER
    again = report_again(
        kept.original, source=SOURCE, groups=report.groups, received=report.received
    )
    assert again == kept


def test_what_came_with_its_original_keeps_that() -> None:
    report = a_report(original=Original(Form.COT_XML, b"<event/>"))
    assert with_original(report, carried(said())) is report


def test_what_has_no_words_of_an_origin_gets_no_original() -> None:
    report = a_report()
    assert with_original(report, carried(None)) is report


def test_what_is_kept_and_is_no_report_is_refused() -> None:
    original = Original(Form.PEER, content_bytes(Void()))
    with pytest.raises(Malformed, match="is no report"):
        report_again(original, source=SOURCE, groups=frozenset(), received=a_report().received)


@pytest.mark.parametrize("clause", ["", "1"])
def test_what_ends_a_recalled_report_can_be_had_again_and_ends_it_where_it_was_said(
    clause: str,
) -> None:
    claim = replace(a_report("U1"), source=replace(SOURCE, hops=("AUS",)))
    recall = Recall(of=RecallOf.CLAUSE, agreement=bytes(8), clause=clause, reason="x", at=1)
    ended = removal(claim, recall, START)
    assert (ended.body, ended.uid != "U1") == (Removal(target="U1"), True)
    assert (ended.source, ended.groups, ended.context) == (
        claim.source, claim.groups, claim.context,
    )  # fmt: skip
    assert ended.original is not None
    again = report_again(
        ended.original, source=claim.source, groups=claim.groups, received=ended.received
    )
    assert (again.body, again.kind.text, again.context) == (ended.body, "t-x-d-d", claim.context)


def test_what_cannot_be_said_in_the_protocol_is_ended_all_the_same() -> None:
    claim = replace(a_report("U1"), source=replace(SOURCE, node=""))
    recall = Recall(of=RecallOf.AGREEMENT, agreement=bytes(8), reason="x", at=1)
    ended = removal(claim, recall, START)
    assert (ended.body, ended.original) == (Removal(target="U1"), None)
