"""Frames on their way out, and the same frames on their way in at the other end."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from accord.core.partner import KeyOf, Profile
from accord.federation.guard.check import Checker, Refused, Terms
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.inlet import Inlet, Unagreed
from accord.federation.guard.outlet import Outlet, Post, Prepared
from accord.federation.guard.placeholders import Unsigned
from accord.federation.guard.session import Session
from accord.federation.outgoing import Outgoing as Frame
from accord.release.ledger.entry import Recall, Receipt, Received, Release, Suspension
from accord.release.signature import Act, sign, spell_record
from accord.security.succession import Succession
from accord.wire.peer import cbor, plain
from accord.wire.peer import message as peer
from accord.wire.peer import record as peer_record
from accord.wire.peer import report as peer_report
from accord.wire.peer.errors import Forged
from accord.wire.peer.frame import LONGEST_FRAME, Handles
from accord.wire.peer.message import (
    Bye,
    Checkpoint,
    Chunk,
    Farewell,
    Forwarded,
    Group,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Records,
    Relayed,
    Updates,
    Want,
)
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.record import (
    Document,
    DocumentKind,
    Evidence,
    Hop,
    Outcome,
    PassedRecord,
    RecallOf,
    Record,
    Statement,
    Suspended,
    Void,
)
from accord.wire.peer.report import Grant, Object, Place, PositionBody, Reference
from accord.wire.peer.translate import milliseconds
from support.agreements import FILES, NZL, SIGNED, USA, example, key_of, text_of
from support.links import a_ship, a_state
from support.peer import Way, signer

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
MS = milliseconds(NOW)
TERMS = Terms(example().agreement)
HELD = peer.Held(TERMS.agreement.id, TERMS.agreement.serial, TERMS.digest)
AUS = "AUS-HQ"
GIVEN = Terms(
    replace(TERMS.agreement, givers=(AUS,), receivers=(USA,), onward=frozenset({"NZL"}),
            digest="11" * 32, id="AUS-USA")
)  # fmt: skip
SHIP = Objects((Object(number=1, handle=0, header=a_ship(HELD)),))


def post(own: str, partner: str) -> Post:
    checker = Checker(own=own, partner=partner)
    checker.know({TERMS.key: TERMS, GIVEN.key: GIVEN})
    return Post(
        checker=checker, handles=Handles(limit=100), onward={}, outgoing=Outgoing(limit=100_000),
        incoming=Incoming(limit=100_000), notes=set(),
    )  # fmt: skip


def by_key(node: str, data: bytes, signature: bytes) -> bool | None:
    return signer(node)(data) == signature


@dataclass
class Line:
    """USA's guard, and NZL's at the other end."""

    verify: Callable[[str, bytes, bytes], bool | None] = by_key
    number: int = 1
    session: Session = field(default_factory=lambda: Session(bytes(16), USA, NZL, NOW, 16_384))

    def __post_init__(self) -> None:
        self.out, self.into = post(USA, NZL), post(NZL, USA)
        self.outlet = Outlet(self.session, self.out, sign=signer(USA), verify=self.verify)
        theirs = Session(bytes(16), NZL, USA, NOW, 16_384)
        self.inlet = Inlet(theirs, self.into, verify=self.verify)
        self.unsigned = Unsigned(Profile.MODERN, secrets.token_bytes)
        self.frames = self.unsigned.frames(self.session, (), limit=100)

    def made(self, message: PeerMessage, lane: Lane = Lane.TRACKS, **how: Any) -> bytes:
        self.number += 1
        outgoing = Frame(
            number=self.number, lane=lane, at=how.pop("at", MS), message=message, size=0, **how
        )
        return self.frames.make(outgoing)

    def prepared(self, message: PeerMessage, lane: Lane = Lane.TRACKS, **how: Any) -> Prepared:
        return self.outlet.prepare(self.made(message, lane, **how), NOW)

    def passes(self, message: PeerMessage, lane: Lane = Lane.TRACKS, **how: Any) -> Prepared:
        """What goes through both guards, with the same in both ledgers."""
        ready = self.prepared(message, lane, **how)
        arrived = self.inlet.take(ready.data)
        assert arrived is not None
        assert len(ready.lines) == len(arrived.lines)
        for sent, came in zip(ready.lines, arrived.lines, strict=True):
            if isinstance(sent, Release):
                assert isinstance(came, Received)
                assert came.payload == sent.payload
                assert (came.name, came.version, came.clause, came.form, came.marking,
                        came.frame, came.digest) == (
                    sent.name, sent.version, sent.clause, sent.form, sent.marking, sent.frame,
                    sent.digest)  # fmt: skip
            else:
                assert sent == came
        return ready


def refused(line: Line, message: PeerMessage, lane: Lane = Lane.TRACKS, **how: Any) -> str:
    with pytest.raises(Refused) as error:
        line.prepared(message, lane, **how)
    return error.value.reason


def a_record(**changes: Any) -> peer_report.PeerReport:
    header = a_ship(HELD)
    report = peer_report.PeerReport(
        subject=header.subject, version=Version(3, MS), grant=header.grant, time=MS, start=MS,
        stale=MS + 1, received=MS, body=PositionBody(Place(-292_000_000, -1_779_000_000)),
    )  # fmt: skip
    return replace(report, **changes)


def test_a_state_is_one_line_at_either_end_whatever_frame_it_goes_in() -> None:
    line = Line()
    header = line.passes(SHIP).lines[0]
    assert isinstance(header, Release)
    assert header.version == (3, 0)
    update = a_state(NOW)
    first, again = (line.passes(Updates((update,))).lines[0] for _ in range(2))
    assert isinstance(first, Release)
    assert isinstance(again, Release)
    assert first.payload == again.payload
    assert again.frame == first.frame + 1


def test_the_signature_is_over_the_bytes_that_were_checked() -> None:
    line = Line()
    line.passes(SHIP)
    ready = line.prepared(Updates((a_state(NOW),)))
    forged = bytearray(ready.data)
    forged[-70] ^= 1
    with pytest.raises(Forged):
        line.inlet.take(bytes(forged))


def test_what_the_checker_refuses_is_refused_whole() -> None:
    line = Line()
    good = Object(number=1, handle=0, header=a_ship(HELD))
    label = replace(good.header.subject.label, releasable_to=("AUS",))  # type: ignore[union-attr, type-var]
    bad = replace(good.header, subject=replace(good.header.subject, label=label))  # type: ignore[union-attr, type-var]
    said = refused(line, Objects((good, Object(number=2, handle=1, header=bad))))  # type: ignore[arg-type]
    assert said == "it is not marked for the partner"


def test_a_frame_without_a_place_for_a_signature_is_refused() -> None:
    line = Line()
    line.passes(SHIP)
    line.unsigned = Unsigned(Profile.CNSA, secrets.token_bytes)
    line.frames = line.unsigned.frames(line.session, SHIP.objects, limit=100)
    assert "no place" in refused(line, Updates((a_state(NOW),)))


def test_a_frame_is_of_the_present_and_no_longer_than_the_partner_takes() -> None:
    line = Line()
    line.passes(SHIP)
    late = milliseconds(NOW - timedelta(minutes=2))
    assert "present" in refused(line, Updates((a_state(NOW),)), at=late)
    short = Line()
    short.outlet = Outlet(
        replace(short.session, limit=512), short.out, sign=signer(USA), verify=by_key
    )
    words = Records((Record(1, replace(a_record(), subject=replace(
        a_record().subject, groups=tuple(f"{n:0200}" for n in range(9))))),))  # fmt: skip
    assert "longer" in refused(short, words, Lane.DURABLE)


def test_words_in_anothers_name_do_not_leave() -> None:
    line = Line()
    header = a_ship(HELD)
    theirs = replace(header, subject=replace(header.subject, origin=AUS))
    assert "not of who is said" in refused(
        line, Objects((Object(number=1, handle=0, header=theirs),))
    )
    own = a_record()
    record = replace(own, subject=replace(own.subject, origin=AUS))
    assert "another's" in refused(Line(), Records((Record(1, record),)), Lane.DURABLE)


def of_australia() -> tuple[Proved, peer_report.Header, peer_report.Update]:
    """A frame with one state that AUS signed for USA."""
    header = a_ship(HELD)
    label = peer_report.PeerLabel(
        policy="AUS", level="OFFICIAL", originator="AUS", releasable_to=("NZL", "USA")
    )
    theirs = replace(
        header,
        subject=replace(header.subject, origin=AUS, label=label, source=None),
        grant=Grant(GIVEN.key, "1", "exact"),
    )
    way = Way(AUS, USA, session=bytes([5]) * 16)
    way.introduce(Object(number=1, handle=0, header=theirs))
    frame = way.send(Updates((a_state(NOW),)), at=MS)
    assert frame.proof is not None
    return frame.proof, theirs, a_state(NOW)


def relayed(line: Line, hop: Hop | None = None) -> tuple[PeerMessage, dict[int, Statement]]:
    proof, header, update = of_australia()
    onward = Grant(TERMS.key, "1", "exact")
    objects = Objects((Object(number=1, handle=0, header=header, onward=onward),))
    line.passes(objects)
    evidence: Evidence = proof.evidence((0,), hop or Hop(USA, b""))
    return Relayed(evidence, (peer_record.Passed(0, update),)), {0: proof.statement}


def test_what_is_passed_on_stays_its_origins_and_gets_this_nodes_hop() -> None:
    line = Line()
    message, hops = relayed(line)
    ready = line.passes(message, hops=hops)
    (sent,) = ready.lines
    assert isinstance(sent, Release)
    assert sent.agreement == TERMS.agreement.id
    assert sent.marking == "(OFFICIAL//REL TO NZL, USA)"


def test_an_origin_that_did_not_sign_is_found_before_it_is_passed_on() -> None:
    line = Line()
    message, hops = relayed(line)
    assert isinstance(message, Relayed)
    forged = replace(message.evidence, signature=bytes(64))
    assert "not signed" in refused(line, replace(message, evidence=forged), hops=hops)


def test_an_origin_whose_key_is_not_known_is_named() -> None:
    def without_australia(node: str, data: bytes, signature: bytes) -> bool | None:
        return None if node == AUS else by_key(node, data, signature)

    line = Line(verify=without_australia)
    message, hops = relayed(line)
    arrived = line.inlet.take(line.prepared(message, hops=hops).data)
    assert arrived is not None
    assert arrived.unverified == (AUS,)


def test_all_whose_keys_are_not_known_are_named_however_many() -> None:
    names = tuple(f"AUS-{n:03}" for n in range(100))
    line = Line(verify=lambda node, *_: None if node in names else True)
    onward = Grant(TERMS.key, "1", "exact")
    groups: list[Group] = []
    for name in names:
        sent = Records((Record(1, Reference(bytes(32), 9)),))
        proof = Way(name, USA).send(sent, lane=Lane.DURABLE, at=MS).proof
        assert proof is not None
        hop = Hop(USA, signer(USA)(proof.to_sign(USA, NZL)))
        passed = PassedRecord(0, Reference(bytes(32), 9), onward)
        groups.append(Group(proof.evidence((0,), hop), (passed,)))
    way = Way(USA, NZL, session=bytes(16))
    way.encoder.limit = LONGEST_FRAME
    arrived = line.inlet.take(way.encode(Forwarded(1, tuple(groups)), lane=Lane.DURABLE))
    assert arrived is not None
    assert arrived.unverified == names


def test_records_that_are_passed_on_get_this_nodes_hop_and_a_line_each() -> None:
    label = peer_report.PeerLabel(
        policy="AUS", level="OFFICIAL", originator="AUS", releasable_to=("NZL", "USA")
    )
    report = a_record(
        subject=replace(a_record().subject, origin=AUS, label=label, source=None),
        grant=Grant(GIVEN.key, "1", "exact"),
    )
    way = Way(AUS, USA, session=bytes([5]) * 16)
    sent = Records((Record(1, report), Record(2, report)), bytes(16))
    proof = way.send(sent, lane=Lane.DURABLE, at=MS).proof
    assert proof is not None
    onward = Grant(TERMS.key, "1", "exact")
    passed = tuple(PassedRecord(place, report, onward) for place in (0, 1))
    message = Forwarded(1, (Group(proof.evidence((0, 1), Hop(USA, b"")), passed),))
    line = Line()
    ready = line.passes(message, Lane.DURABLE, hops={0: proof.statement})
    assert [type(each) for each in ready.lines] == [Release, Release]
    # The next frame goes on from what this one said.
    again = replace(message, first=3)
    line.passes(again, Lane.DURABLE, hops={0: proof.statement})


def test_records_without_a_release_are_lines_of_their_own_kind_or_none() -> None:
    line = Line()
    contents = (
        peer_record.Recall(of=RecallOf.CLAUSE, agreement=TERMS.key, clause="1", reason="", at=MS),
        peer_record.Receipt(recall=bytes(32), outcome=Outcome.DROPPED, objects=1, at=MS),
        Suspended(agreement=TERMS.key, reason="", at=MS),
        Void(),
    )
    records = tuple(Record(n, content) for n, content in enumerate(contents, 1))
    ready = line.prepared(Records(records, bytes(16)), Lane.CONTROL)
    assert [type(each) for each in ready.lines] == [Recall, Receipt, Suspension]
    arrived = line.inlet.take(ready.data)
    assert arrived is not None
    assert [type(each) for each in arrived.lines] == [Recall, Receipt, Suspension]


@pytest.mark.parametrize("of", peer_record.RotationOf)
def test_of_new_keys_leaves_only_what_somebody_had_this_node_make(
    of: peer_record.RotationOf,
) -> None:
    ours = Succession(KeyOf.RELEASE, b"text", b"approval")
    rotation = peer_record.Rotation(of=of, data=b"text", since=1, approval=b"approval")
    message = Records((Record(1, rotation),))
    line = Line()
    line.out = replace(line.out, is_ours=lambda said: said == ours)
    line.outlet = Outlet(line.session, line.out, sign=signer(USA), verify=line.verify)
    if of is peer_record.RotationOf.RELEASE:
        assert line.prepared(message, Lane.CONTROL).lines == []
    else:
        assert "has not made" in refused(line, message, Lane.CONTROL)
    line = Line()
    assert "has not made" in refused(line, message, Lane.CONTROL)


def test_content_too_long_for_a_frame_is_looked_at_before_a_word_of_it_leaves() -> None:
    line = Line()
    content = content_bytes(a_record())
    digest = sha256(content).digest()
    message = Records((Record(1, Reference(digest, len(content))),))
    assert "was not given" in refused(line, message, Lane.DURABLE)
    line = Line()
    line.out.outgoing.give(digest, len(content), content)
    ready = line.prepared(message, Lane.DURABLE)
    assert isinstance(ready.lines[0], Release)
    line.inlet.take(ready.data)
    want = Want(ticket=3, digest=digest, first=0, blocks=b"\x80")
    line.out.outgoing.wanted(want)
    line.into.incoming.wanted(want)
    arrived = line.inlet.take(line.prepared(Chunk(3, 0, content), Lane.DURABLE).data)
    assert arrived is not None
    (came,) = arrived.lines
    assert isinstance(came, Received)
    assert came.payload == ready.lines[0].payload
    assert "not part" in refused(line, Chunk(3, 0, b"a word of something else"), Lane.DURABLE)


def test_a_chunk_that_the_partner_has_asked_away_is_left_out_and_is_no_mistake() -> None:
    line = Line()
    content = content_bytes(a_record())
    digest = sha256(content).digest()
    line.out.outgoing.give(digest, len(content), content)
    line.prepared(Records((Record(1, Reference(digest, len(content))),)), Lane.DURABLE)
    line.out.outgoing.wanted(Want(ticket=3, digest=digest, first=0, blocks=b"\x80"))
    line.out.outgoing.wanted(Want(ticket=3, digest=bytes(32), first=0, blocks=b"\x80"))
    ready = line.prepared(Chunk(3, 0, content), Lane.DURABLE)
    assert (ready.number, ready.lines) == (line.number, [])
    way = Way(USA, NZL, session=bytes(16))
    frame = way.decoder.decode(ready.data)
    assert frame is not None
    assert (frame.number, frame.message) == (line.number, Keepalive())


def test_long_words_that_are_passed_on_are_entered_by_the_grant_of_who_passes_them_on() -> None:
    line = Line()
    content, message, statement = long_words_of_australia()
    line.out.outgoing.give(sha256(content).digest(), len(content), content)
    ready = line.prepared(message, Lane.DURABLE, hops={0: statement})
    line.inlet.take(ready.data)
    want = Want(ticket=3, digest=sha256(content).digest(), first=0, blocks=b"\x80")
    line.out.outgoing.wanted(want)
    line.into.incoming.wanted(want)
    # This node knows nothing of the agreement between Australia and who passes it on.
    line.into.checker.know({TERMS.key: TERMS})
    arrived = line.inlet.take(line.prepared(Chunk(3, 0, content), Lane.DURABLE).data)
    assert arrived is not None
    (came,) = arrived.lines
    assert isinstance(came, Received)
    assert came.agreement == TERMS.agreement.id


def test_a_long_header_that_is_passed_on_is_entered_by_the_grant_of_who_passes_it_on() -> None:
    line = Line()
    _, header, _ = of_australia()
    content = cbor.write(plain.header(header))
    digest = sha256(content).digest()
    reference, onward = Reference(digest, len(content)), Grant(TERMS.key, "1", "exact")
    line.out.outgoing.give(digest, len(content), content)
    objects = Objects((Object(number=1, handle=0, header=reference, onward=onward),))
    line.inlet.take(line.prepared(objects).data)
    want = Want(ticket=3, digest=digest, first=0, blocks=b"\x80")
    line.out.outgoing.wanted(want)
    line.into.incoming.wanted(want)
    line.into.checker.know({TERMS.key: TERMS})
    arrived = line.inlet.take(line.prepared(Chunk(3, 0, content)).data)
    assert arrived is not None
    (came,) = arrived.lines
    assert isinstance(came, Received)
    assert came.agreement == TERMS.agreement.id


def long_words_of_australia() -> tuple[bytes, Forwarded, Statement]:
    """A record of AUS by a reference, as USA passes it on: its content, and the frame."""
    label = peer_report.PeerLabel(
        policy="AUS", level="OFFICIAL", originator="AUS", releasable_to=("NZL", "USA")
    )
    report = a_record(
        subject=replace(a_record().subject, origin=AUS, label=label, source=None),
        grant=Grant(GIVEN.key, "1", "exact"),
    )
    content = content_bytes(report)
    reference = Reference(sha256(content).digest(), len(content))
    way = Way(AUS, USA, session=bytes([5]) * 16)
    proof = way.send(Records((Record(1, reference),)), lane=Lane.DURABLE, at=MS).proof
    assert proof is not None
    passed = PassedRecord(0, reference, Grant(TERMS.key, "1", "exact"))
    group = Group(proof.evidence((0,), Hop(USA, b"")), (passed,))
    return content, Forwarded(1, (group,)), proof.statement


def test_content_that_may_not_leave_does_not_by_a_reference_either() -> None:
    line = Line()
    content = content_bytes(a_record(subject=replace(a_record().subject, label=None)))
    digest = sha256(content).digest()
    line.out.outgoing.give(digest, len(content), content)
    reference = Reference(digest, len(content))
    said = refused(line, Records((Record(1, reference),)), Lane.DURABLE)
    assert said == "it has no mark"


def test_documents_are_agreements_with_the_partner_or_leave_by_a_grant() -> None:
    line = Line()

    def sent(kind: DocumentKind, data: bytes, **more: Any) -> Prepared:
        it = Document(kind=kind, name="x", serial=1, data=data, **more)
        return line.prepared(Records((Record(1, it),)), Lane.CONTROL)

    text = text_of("usa-nzl-maritime").encode()
    record = sign(TERMS.agreement, Act.AGREE, node=USA, key=key_of(USA), at=SIGNED)
    sent(DocumentKind.AGREEMENT, text)
    sent(DocumentKind.AGREEMENT_SIGNATURE, spell_record(record).encode())
    sent(DocumentKind.AREA, FILES["quiet-strip.geojson"])
    grant = Grant(TERMS.key, "1", "exact")
    assert isinstance(sent(DocumentKind.INCIDENT, b"SAR", grant=grant).lines[0], Release)
    for kind, data in (
        (DocumentKind.AGREEMENT, b"a secret"),
        (DocumentKind.AGREEMENT, text_of("exercise-endex").encode()),
        (DocumentKind.AGREEMENT_SIGNATURE, b"a secret"),
        (DocumentKind.AREA, b"a secret"),
        (DocumentKind.INCIDENT, b"without a grant"),
        (DocumentKind.DENIED, b"whom we refuse"),
    ):
        with pytest.raises(Refused, match="not the partner's to have"):
            sent(kind, data)


def test_only_notes_that_the_guard_made_leave() -> None:
    line = Line()
    assert "did not sign" in refused(line, Checkpoint(b"note"), Lane.CONTROL)
    line.out.notes.add(b"note")
    arrived = line.inlet.take(line.prepared(Checkpoint(b"note"), Lane.CONTROL).data)
    assert arrived is not None
    assert arrived.checkpoint == Checkpoint(b"note")


def test_a_farewell_has_no_words_and_a_prune_names_nodes() -> None:
    line = Line()
    assert "words" in refused(line, Bye(Farewell.BUSY, "a secret"), Lane.CONTROL)
    assert "name" in refused(Line(), Prune(("a secret",)), Lane.CONTROL)
    Line().passes(Prune((AUS,)), Lane.CONTROL)
    Line().passes(Keepalive(), Lane.CONTROL)


def test_what_comes_by_an_agreement_that_is_not_held_is_not_taken() -> None:
    line = Line()
    line.into.checker.know({})
    with pytest.raises(Unagreed):
        line.inlet.take(line.prepared(SHIP).data)
    line = Line()
    backwards = replace(TERMS.agreement, givers=(NZL,), receivers=(USA,))
    line.into.checker.know({TERMS.key: Terms(backwards)})
    with pytest.raises(Unagreed, match="this way"):
        line.inlet.take(line.prepared(SHIP).data)
