"""What another node signed and a third passes on: all of it, or a part with its proof."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from accord.wire.errors import FrameTooLarge, Malformed, WireError
from accord.wire.peer import cbor
from accord.wire.peer.errors import Forged
from accord.wire.peer.message import Forwarded, Group, Objects, Records, Relayed, Updates
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.proof import Proved, hop_bytes
from accord.wire.peer.protocol import FrameType, Lane
from accord.wire.peer.record import (
    Document,
    DocumentKind,
    Hop,
    Passed,
    PassedRecord,
    Record,
    Void,
)
from accord.wire.peer.report import Reference
from support.peer import (
    A_GRANT,
    AT,
    AUS,
    NZL,
    SALT,
    USA,
    Way,
    a_hop,
    a_subject,
    alike,
    an_object,
    an_update,
    refused,
    sent_updates,
    signer,
    words,
)


class Relay:
    """NZL sends USA four updates and four records; USA passes some of them on to AUS."""

    def __init__(self, count: int = 4) -> None:
        self.first, self.second = Way(), Way(USA, AUS, session=bytes(16))
        self.updates = tuple(an_update(n, course=n) for n in range(count))
        objects = tuple(an_object(n + 1, n, subject=a_subject(uid=f"U{n}")) for n in range(count))
        self.first.introduce(*objects)
        self.second.introduce(*(replace(each, onward=A_GRANT) for each in objects))
        self.proof = sent_updates(self.first, *self.updates)

    def relayed(self, *places: int, hops: tuple[Hop, ...] = ()) -> Relayed:
        evidence = self.proof.evidence(places, a_hop(self.proof, USA, AUS))
        if hops:
            evidence = replace(evidence, hops=hops)
        is_whole = len(places) == len(self.updates)
        return Relayed(
            evidence,
            tuple(
                Passed(n, self.updates[n], None if is_whole else self.proof.item_salt(n))
                for n in places
            ),
        )

    def refused(self, relayed: Relayed, error: type[WireError]) -> None:
        data = self.second.encode(relayed)
        with pytest.raises(error):
            self.second.decoder.decode(data)


@pytest.mark.parametrize("places", [(0,), (1, 3), (0, 1, 2, 3)])
def test_what_is_passed_on_is_its_origins_to_the_bit(places: tuple[int, ...]) -> None:
    relay = Relay()
    frame = relay.second.send(relay.relayed(*places))
    assert frame.message == relay.relayed(*places)
    assert frame.proof is not None
    assert frame.proof.statement == relay.proof.statement


def test_one_update_alone_needs_no_salt() -> None:
    relay = Relay(1)
    assert relay.second.send(relay.relayed(0)).message == relay.relayed(0)


def test_what_was_passed_on_can_be_passed_on_in_part() -> None:
    relay, third = Relay(), Way(AUS, "CAN", session=bytes(16))
    frame = relay.second.send(relay.relayed(1, 2))
    assert isinstance(frame.proof, Proved)
    third.introduce(replace(an_object(3, 2, subject=a_subject(uid="U2")), onward=A_GRANT))
    evidence = frame.proof.evidence([2], a_hop(frame.proof, AUS, "CAN"))
    assert [hop.node for hop in evidence.hops] == [USA, AUS]
    passed = Relayed(evidence, (Passed(2, relay.updates[2], frame.proof.item_salt(2)),))
    assert third.send(passed).message == passed


def test_a_changed_update_is_forged() -> None:
    relay = Relay()
    said = relay.relayed(1, 3)
    changed = said.passed[0]._replace(update=said.passed[0].update._replace(course=9))
    relay.refused(replace(said, passed=(changed, said.passed[1])), Forged)


def test_an_update_under_anothers_header_is_forged() -> None:
    relay = Relay()
    own = an_object(9, 1, subject=a_subject(origin=USA))
    relay.second.send(Objects((own,)))
    relay.refused(relay.relayed(1), Forged)


def test_a_relay_cannot_say_an_update_in_its_own_name() -> None:
    relay = Relay()
    with pytest.raises(Forged):
        relay.second.decoder.decode(relay.second.encode(Updates((relay.updates[0],))))


def hop(relay: Relay, nodes: list[str], to: str, *, key: str = "") -> Hop:
    data = hop_bytes(relay.proof.statement, nodes, to)
    return Hop(nodes[-1], signer(key or nodes[-1])(data))


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param([([USA], AUS, NZL)], id="signed by another"),
        pytest.param([([USA], "CAN", "")], id="signed for another"),
        pytest.param([(["CAN"], USA, ""), (["CAN", USA], AUS, "")], id="not from the receiver"),
        pytest.param([([USA], "CAN", ""), ([USA, "CAN"], AUS, "")], id="not to the sender"),
        pytest.param(
            [([USA], "CAN", ""), ([USA, "CAN"], USA, ""), ([USA, "CAN", USA], AUS, "")],
            id="twice over one node",
        ),
        pytest.param(
            [([USA], NZL, ""), ([USA, NZL], USA, ""), ([USA, NZL, USA], AUS, "")],
            id="over the origin",
        ),
        pytest.param(
            [([USA], AUS, ""), ([USA, AUS], USA, ""), ([USA, AUS, USA], AUS, "")],
            id="over the receiver",
        ),
    ],
)
def test_a_path_that_was_not_gone_is_forged(ways: list[tuple[list[str], str, str]]) -> None:
    relay = Relay()
    hops = tuple(hop(relay, nodes, to, key=key) for nodes, to, key in ways)
    relay.refused(relay.relayed(0, hops=hops), Forged)


def changed(relayed: Relayed, **changes: Any) -> Relayed:
    return replace(relayed, evidence=replace(relayed.evidence, **changes))


def test_a_proof_that_does_not_fit_what_came_is_refused() -> None:
    relay = Relay()
    said, whole = relay.relayed(1, 3), relay.relayed(0, 1, 2, 3)
    none = tuple(each._replace(salt=None) for each in said.passed)
    own = tuple(each._replace(salt=SALT) for each in whole.passed)
    relay.refused(replace(said, passed=none), Malformed)
    relay.refused(replace(said, passed=said.passed[::-1]), Malformed)
    relay.refused(replace(said, passed=(said.passed[0],) * 2), Malformed)
    relay.refused(replace(said, passed=(said.passed[0]._replace(place=4),)), Malformed)
    relay.refused(replace(said, passed=(said.passed[0], none[1])), Malformed)
    relay.refused(changed(said, salt=SALT), Malformed)
    relay.refused(changed(said, hashes=()), Malformed)
    relay.refused(changed(whole, salt=None), Malformed)
    relay.refused(changed(whole, salt=bytes(16)), Forged)
    relay.refused(replace(whole, passed=own), Malformed)
    records = said.evidence.statement._replace(type=FrameType.RECORDS)
    relay.refused(changed(said, statement=records), Malformed)


def test_the_bytes_of_what_is_passed_on_are_exactly_its_updates() -> None:
    relay = Relay()
    frame: Any = cbor.read(relay.second.encode(relay.relayed(1)))
    _, places, _, packed = frame[3]
    for place, value in ((1, [*places, 0]), (3, packed + b"\0"), (2, b"short")):
        body = [*frame[3][:place], value, *frame[3][place + 1 :]]
        relay.second.decoder.number = 2
        refused(relay.second, [*frame[:3], body])


class Mail:
    """NZL sends USA four messages, and USA passes some of them on to AUS."""

    def __init__(self, *, frames: tuple[int, ...] = (4,)) -> None:
        self.way, self.second = Way(), Way(USA, AUS, session=bytes(16))
        self.proofs: list[Proved] = []
        self.said: list[tuple[Any, ...]] = []
        for place, count in enumerate(frames, 1):
            records = alike(count, 10 * place)
            salt = SALT if count > 1 else None
            proof = self.way.send(Records(records, salt), lane=Lane.CHAT).proof
            assert proof is not None
            self.proofs.append(proof)
            self.said.append(tuple(each.content for each in records))

    def group(self, *places: int, frame: int = 0, hops: tuple[Hop, ...] = ()) -> Group:
        proof, said = self.proofs[frame], self.said[frame]
        evidence = proof.evidence(places, a_hop(proof, USA, AUS))
        is_whole = len(places) == len(said)
        return Group(
            replace(evidence, hops=hops or evidence.hops),
            tuple(
                PassedRecord(n, said[n], A_GRANT, None if is_whole else proof.item_salt(n))
                for n in places
            ),
        )

    def refused(self, error: type[WireError], *groups: Group) -> None:
        second = Way(USA, AUS, session=bytes(16))
        data = second.encode(Forwarded(1, groups), lane=Lane.CHAT)
        with pytest.raises(error):
            second.decoder.decode(data)


@pytest.mark.parametrize("places", [(0,), (1, 3), (0, 1, 2, 3)])
def test_records_that_are_passed_on_are_their_origins_to_the_bit(places: tuple[int, ...]) -> None:
    mail = Mail()
    message = Forwarded(5, (mail.group(*places),))
    frame = mail.second.send(message, lane=Lane.CHAT)
    assert frame.message == message
    assert [each.statement for each in frame.proofs] == [mail.proofs[0].statement] * len(places)
    contents = [mail.said[0][place] for place in places]
    assert frame.contents == tuple(sha256(content_bytes(each)).digest() for each in contents)


def test_records_of_several_frames_are_passed_on_in_one() -> None:
    mail = Mail(frames=(1, 2, 1))
    groups = mail.group(0), mail.group(0, 1, frame=1), mail.group(0, frame=2)
    frame = mail.second.send(Forwarded(5, groups), lane=Lane.CHAT)
    assert frame.message == Forwarded(5, groups)
    assert [each.statement.number for each in frame.proofs] == [2, 3, 3, 4]


def test_what_is_left_out_of_a_group_is_in_none_of_its_bytes() -> None:
    mail = Mail()
    data = mail.second.encode(Forwarded(1, (mail.group(0, 2, 3),)), lane=Lane.CHAT)
    assert b"10. Kia ora" in data
    assert b"11. Kia ora" not in data
    assert b"GeoChat.11" not in data


def test_a_record_that_was_passed_on_can_be_passed_on_again_without_the_others() -> None:
    mail, third = Mail(), Way(AUS, "CAN", session=bytes(16))
    frame = mail.second.send(Forwarded(5, (mail.group(1, 2, 3),)), lane=Lane.CHAT)
    proof = frame.proofs[1]
    passed = PassedRecord(2, mail.said[0][2], A_GRANT, proof.item_salt(2))
    group = Group(proof.evidence([2], a_hop(proof, AUS, "CAN")), (passed,))
    again = third.send(Forwarded(1, (group,)), lane=Lane.CHAT)
    assert again.proofs[0].statement == mail.proofs[0].statement
    assert [hop.node for hop in again.proofs[0].hops] == [USA, AUS]


def test_a_reference_that_is_passed_on_is_its_origins_to_the_bit() -> None:
    way, content = Way(), Reference(bytes(32), 70_000)
    proof = way.send(Records((Record(1, content),)), lane=Lane.CHAT).proof
    assert proof is not None
    group = Group(proof.evidence([0], a_hop(proof, USA, AUS)), (PassedRecord(0, content, A_GRANT),))
    frame = Way(USA, AUS).send(Forwarded(1, (group,)), lane=Lane.CHAT)
    assert frame.proofs[0].statement.sender == NZL


def with_evidence(group: Group, **changes: Any) -> Group:
    return replace(group, evidence=replace(group.evidence, **changes))


def test_evidence_that_is_not_that_of_the_records_is_refused() -> None:
    mail = Mail(frames=(4, 4))
    part, whole, other = mail.group(1, 3), mail.group(0, 1, 2, 3), mail.group(1, 3, frame=1)
    one, three = part.passed
    mail.refused(Forged, replace(part, evidence=other.evidence))
    mail.refused(Forged, replace(part, passed=(one, three._replace(content=mail.said[0][2]))))
    mail.refused(Forged, replace(part, passed=(one, three._replace(place=2))))
    mail.refused(Forged, replace(part, passed=(one._replace(salt=SALT), three)))
    mail.refused(Forged, with_evidence(part, signature=bytes(64)))
    mail.refused(Forged, with_evidence(part, hops=(Hop(USA, bytes(64)),)))
    mail.refused(Forged, with_evidence(whole, salt=bytes(16)))
    statement = part.evidence.statement
    mail.refused(Forged, with_evidence(part, statement=statement._replace(at=AT + 1)))
    updates = statement._replace(type=FrameType.UPDATES)
    mail.refused(Malformed, with_evidence(part, statement=updates))
    mail.refused(Malformed, with_evidence(part, hashes=()))
    mail.refused(Malformed, with_evidence(whole, salt=None))
    mail.refused(Forged, replace(part, passed=(one,)))
    mail.refused(Malformed, replace(part, passed=(three, one)))
    mail.refused(Malformed, replace(part, passed=(one, one)))
    mail.refused(Malformed, replace(part, passed=(one, three._replace(place=4))))


def test_a_record_of_anothers_frame_does_not_go_with_a_group() -> None:
    mail = Mail(frames=(2, 2))
    first, second = mail.group(0, 1), mail.group(0, 1, frame=1)
    changed = words("Ka pai")
    swapped = (first.passed[0], second.passed[1]._replace(content=changed))
    mail.refused(Forged, replace(first, passed=swapped), second)


def test_of_others_only_what_they_may_pass_on_is_passed_on() -> None:
    way = Way()
    proof = way.send(Records((Record(1, Void()),)), lane=Lane.CHAT).proof
    assert proof is not None
    content: Any = Void()
    group = Group(proof.evidence([0], a_hop(proof, USA, AUS)), (PassedRecord(0, content, A_GRANT),))
    second = Way(USA, AUS)
    with pytest.raises(Malformed):
        second.decoder.decode(second.encode(Forwarded(1, (group,)), lane=Lane.CHAT))


def test_a_record_of_a_third_node_is_not_passed_on_as_its_partners() -> None:
    way = Way()
    report = words(subject=a_subject(origin=AUS, path=(NZL,)))
    proof = way.send(Records((Record(1, report),)), lane=Lane.CHAT).proof
    assert proof is not None
    passed = PassedRecord(0, words(), A_GRANT)
    other = passed._replace(content=words(subject=a_subject(origin=AUS)))
    for each in (passed, other):
        group = Group(proof.evidence([0], a_hop(proof, USA, AUS)), (each,))
        second = Way(USA, AUS)
        with pytest.raises(Forged):
            second.decoder.decode(second.encode(Forwarded(1, (group,)), lane=Lane.CHAT))


def test_no_more_records_are_passed_on_in_a_frame_than_it_can_have() -> None:
    way = Way()
    short = Document(kind=DocumentKind.AREA, name="A", serial=1, data=b"")
    listed = tuple(Record(n, short) for n in range(1, 1100))
    proof = way.send(Records(listed, SALT), lane=Lane.CHAT).proof
    assert proof is not None
    passed = tuple(PassedRecord(n, short, A_GRANT) for n in range(len(listed)))
    group = Group(proof.evidence(range(len(listed)), a_hop(proof, USA, AUS)), passed)
    second = Way(USA, AUS)
    data = second.encode(Forwarded(1, (group, group)), lane=Lane.CHAT)
    with pytest.raises(FrameTooLarge):
        second.decoder.decode(data)


def test_the_bytes_of_what_is_passed_on_are_exactly_its_records() -> None:
    mail = Mail()
    frame: Any = cbor.read(mail.second.encode(Forwarded(1, (mail.group(1),)), lane=Lane.CHAT))
    first, ((evidence, salts, listed),) = frame[3]
    place, grant, content = listed[0]
    number = frame[1]
    for body in (
        [0, [[evidence, salts, listed]]],
        [(1 << 63), [[evidence, salts, listed]]],
        [first, []],
        [first, [[evidence, salts, []]]],
        [first, [[evidence, salts + b"\0", listed]]],
        [first, [[evidence, b"", listed]]],
        [first, [[evidence, salts, [[place, {}, content]]]]],
        [first, [[evidence, salts, [[2048, grant, content]]]]],
        [first, [[evidence, salts, [[place, grant, [9, 0]]]]]],
        [first, [[evidence, salts, [*listed, [place, {}, {}]]]]],
    ):
        mail.second.decoder.number = number - 1
        with pytest.raises(WireError):
            mail.second.decoder.decode(cbor.write([*frame[:3], body]))
    mail.second.decoder.number = number - 1
    assert mail.second.decoder.decode(cbor.write(frame)) is not None
