"""The peer protocol: nothing is lost, nothing is added, and no bytes do harm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cddl_verifier
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Circle, Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking, Opex
from accord.core.report import (
    Address,
    AddressKind,
    Doubt,
    Form,
    Original,
    Report,
    Source,
)
from accord.wire.errors import WireError
from accord.wire.peer import cbor, plain
from accord.wire.peer.bodies import ID
from accord.wire.peer.decode import decode_hello
from accord.wire.peer.difference import CONTENT, LastSaid
from accord.wire.peer.encode import encode_hello
from accord.wire.peer.frame import MAX_HANDLE
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Farewell,
    Forwarded,
    Graft,
    Group,
    Held,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Range,
    RangePart,
    Records,
    Relayed,
    Updates,
    Want,
)
from accord.wire.peer.protocol import DURABLE_LANES, Lane, Mark, Version
from accord.wire.peer.record import (
    Content,
    Document,
    DocumentKind,
    FileOffer,
    Outcome,
    Passed,
    PassedRecord,
    Recall,
    RecallOf,
    Receipt,
    Record,
    Rotation,
    RotationOf,
    Suspended,
    Void,
)
from accord.wire.peer.report import Base, Grant, Header, Object, PeerReport, Reference, Update
from accord.wire.peer.report import Original as PeerOriginal
from accord.wire.peer.stream import PeerStream
from accord.wire.peer.translate import (
    Leave,
    report_of,
    report_of_update,
    to_header,
    to_peer_report,
    to_update,
)
from support.peer import (
    AT,
    AUS,
    NZL,
    SALT,
    USA,
    Way,
    a_hello,
    a_hop,
    a_subject,
    is_signed,
    signer,
)

SCHEMA = cddl_verifier.Validator(
    (Path(__file__).parents[2] / "docs/reference/peer-protocol.cddl").read_text()
)

words = st.text(st.characters(codec="utf-8"), max_size=12)
named = words.filter(bool)
some_bytes = st.binary(max_size=40)
digests = st.binary(min_size=32, max_size=32)
moments = st.integers(-700_000_000_000, 5_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
milliseconds = st.integers(0, 1 << 42)


def opt(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


def tenths(least: int, most: int, by: int) -> st.SearchStrategy[float]:
    """Numbers that the wire can say, as a report has them."""
    return st.integers(least, most).map(lambda n: n / by)


points = st.builds(
    Point,
    lat=tenths(-900_000_000, 900_000_000, 10_000_000),
    lon=tenths(-1_800_000_000, 1_800_000_000, 10_000_000),
    hae=opt(tenths(-10_000_000, 40_000_000, 1_000)),
    circular_error=opt(tenths(0, 10_000_000, 1_000)),
    linear_error=opt(tenths(0, 10_000_000, 1_000)),
)
positions = st.builds(
    Position,
    point=opt(points),
    course=opt(tenths(0, 3599, 10)),
    speed=opt(tenths(0, 1_000_000, 100)),
    climb=opt(tenths(-10_000, 10_000, 100)),
)
bodies = st.one_of(
    positions,
    st.builds(
        Shape,
        outline=st.builds(Circle, centre=points, radius=tenths(0, 1_000_000, 1_000))
        | st.builds(Polyline, points=st.lists(points, max_size=4).map(tuple), closed=st.booleans()),
        anchor=opt(points),
    ),
    st.builds(Message, text=words, sender=words, room=words),
    st.builds(Alarm, category=words, point=opt(points), cancels=st.booleans()),
    st.builds(Removal, target=named),
    st.just(Opaque()),
)
opexes = st.builds(lambda kind, name: Opex.parse(f"{kind}-{name}"), st.sampled_from("oes"), words)
nations = st.frozensets(st.sampled_from(("AUS", "CAN", "FRA", "NZL", "USA")), max_size=3)
labels = st.builds(
    Label,
    policy=st.just("NZL"),
    level=st.sampled_from(("RESTRICTED", "SECRET")),
    originator=st.just("NZL"),
    compartments=st.frozensets(st.sampled_from(("SI", "TK"))),
    releasable_to=nations,
    caveats=st.frozensets(st.sampled_from(("STAFF", "ORCON"))),
    opex=opt(opexes),
    created=opt(moments),
    review=opt(moments),
    by_default=st.booleans(),
)
reports = st.builds(
    Report,
    uid=named,
    context=st.just(LIVE) | named.map(Context.exercise),
    kind=named.map(Kind.of),
    how=words,
    time=moments,
    start=moments,
    stale=moments,
    received=moments,
    body=bodies,
    identity=st.builds(
        Identity,
        mmsi=opt(words),
        imo=opt(words),
        icao=opt(words),
        callsign=opt(words),
        name=opt(words),
        nation=opt(words),
    ),
    marking=st.builds(
        Marking,
        access=opt(words),
        caveat=opt(words),
        releasable_to=opt(words),
        opex=opt(opexes),
        by_default=st.booleans(),
    ),
    source=st.just(Source(node="", channel="released", speaker=""))
    | st.builds(
        Source,
        node=words,
        channel=words,
        speaker=words,
        hops=st.lists(words, max_size=3).map(tuple),
    ),
    groups=st.frozensets(named, max_size=3),
    to=st.frozensets(st.builds(Address, st.sampled_from(AddressKind), words), max_size=3),
    author=opt(words),
    doubts=st.frozensets(st.sampled_from(Doubt)),
    label=opt(labels),
    original=opt(
        st.builds(
            Original, st.sampled_from([Form.COT_XML, Form.COT_PROTOBUF, Form.AIS]), some_bytes
        )
    ),
)
grants = st.builds(Grant, st.binary(min_size=8, max_size=8), named, named)
LEAVE = Leave(origin=NZL, grant=Grant(b"12345678", "2.1", "exact"))

peer_reports = reports.map(lambda report: to_peer_report(report, LEAVE, version=Version(3, AT)))
references = st.builds(Reference, digests, st.integers(0, 1 << 30))
data = some_bytes | references
contents = st.one_of(
    peer_reports,
    references,
    st.builds(
        Recall,
        of=st.just(RecallOf.OBJECT),
        agreement=st.binary(min_size=8, max_size=8),
        clause=named,
        origin=st.just(AUS),
        context=st.just("live"),
        uid=named,
        reason=words,
        at=milliseconds,
    ),
    st.builds(
        Recall,
        of=st.just(RecallOf.CLAUSE),
        agreement=st.binary(min_size=8, max_size=8),
        clause=named,
        reason=words,
        at=milliseconds,
    ),
    st.builds(
        Recall,
        of=st.just(RecallOf.AGREEMENT),
        agreement=st.binary(min_size=8, max_size=8),
        reason=words,
        at=milliseconds,
    ),
    st.builds(
        Receipt,
        recall=digests,
        outcome=st.sampled_from(Outcome),
        objects=st.integers(0, 1 << 40),
        at=milliseconds,
    ),
    st.builds(
        Suspended, agreement=st.binary(min_size=8, max_size=8), reason=words, at=milliseconds
    ),
    st.builds(
        Rotation,
        of=st.sampled_from(RotationOf),
        data=data,
        since=milliseconds,
        approval=some_bytes,
    ),
    st.builds(
        Document,
        kind=st.sampled_from(DocumentKind),
        name=named,
        serial=st.integers(0, 1 << 40),
        data=data,
        grant=opt(grants),
    ),
    st.builds(
        FileOffer,
        subject=reports.map(
            lambda report: to_peer_report(report, LEAVE, version=Version(3, AT))
        ).map(lambda report: report.subject),
        version=st.builds(Version, st.integers(0, 1 << 40), milliseconds),
        grant=grants,
        digest=digests,
        size=st.integers(0, 1 << 30),
        name=words,
        media=words,
    ),
    st.just(Void()),
)
signed_ints = st.integers(-(1 << 20), 1 << 20)
updates = st.builds(
    Update,
    handle=st.just(0),
    version=milliseconds,
    time=signed_ints.map(lambda n: AT + n),
    start=signed_ints.map(lambda n: AT + n),
    stale=signed_ints.map(lambda n: AT + n),
    received=signed_ints.map(lambda n: AT + n),
    lat=st.integers(-900_000_000, 900_000_000),
    lon=st.integers(-1_800_000_000, 1_800_000_000),
    hae=opt(signed_ints),
    circular_error=opt(st.integers(0, 1 << 30)),
    linear_error=opt(st.integers(0, 1 << 30)),
    course=opt(st.integers(0, 3599)),
    speed=opt(signed_ints),
    climb=opt(signed_ints),
    doubts=st.integers(0, 1023),
    original=opt(st.builds(PeerOriginal, st.integers(0, 2), some_bytes)),
).flatmap(lambda update: st.sampled_from((update, update._replace(lat=None, lon=None))))
bases = st.builds(
    Base,
    lat=st.integers(-900_000_000, 900_000_000),
    lon=st.integers(-1_800_000_000, 1_800_000_000),
    hae=signed_ints,
    circular_error=opt(st.integers(0, 1 << 30)),
    course=st.integers(0, 3599),
    speed=signed_ints,
    validity=signed_ints,
    receipt=st.booleans(),
)
headers = st.builds(
    Header,
    subject=peer_reports.map(lambda report: report.subject),
    epoch=st.integers(0, 1 << 62),
    grant=grants,
    base=bases,
)
marks = (
    st.dictionaries(st.sampled_from([*Lane][:5]), st.integers(1, 1 << 40))
    .map(lambda found: tuple(Mark(*each) for each in sorted(found.items())))
)  # fmt: skip
origins = st.sets(st.sampled_from((NZL, USA, AUS)), min_size=1).map(lambda s: tuple(sorted(s)))
range_parts = st.sets(
    st.tuples(milliseconds, st.binary(max_size=ID)), min_size=1, max_size=4
).flatmap(
    lambda bounds: st.tuples(
        *(
            st.one_of(
                st.just(RangePart(*bound)),
                st.binary(min_size=16, max_size=16).map(
                    lambda found, bound=bound: RangePart(*bound, fingerprint=found)
                ),
                st.sets(st.binary(min_size=ID, max_size=ID), max_size=3).map(
                    lambda ids, bound=bound: RangePart(*bound, ids=tuple(sorted(ids)))
                ),
            )
            for bound in sorted(bounds)
        )
    )
)
plain_messages: st.SearchStrategy[tuple[PeerMessage, Lane]] = st.one_of(
    *(
        st.tuples(message, st.just(Lane.CONTROL))
        for message in (
            st.builds(Ack, st.integers(1, 1 << 40), marks),
            st.builds(Checkpoint, st.binary(min_size=1, max_size=40)),
            st.builds(Cosignature, st.binary(min_size=1, max_size=40)),
            st.builds(Range, st.sampled_from(Lane), st.integers(0, 1000), range_parts),
            st.builds(Prune, origins),
            st.builds(Graft, origins),
            st.just(Keepalive()),
            st.builds(Bye, st.sampled_from(Farewell), words),
        )
    ),
    st.tuples(
        st.builds(
            Want,
            ticket=st.integers(0, 65_535),
            digest=digests,
            first=st.integers(0, 1 << 21),
            blocks=st.binary(max_size=30).map(lambda blocks: blocks.rstrip(b"\0")),
        )
        | st.builds(
            Chunk,
            st.integers(0, 65_535),
            st.integers(0, 1 << 21),
            st.binary(min_size=1, max_size=600),
        ),
        st.sampled_from(Lane),
    ),
)


state_lanes = st.sampled_from((Lane.EMERGENCY, Lane.TRACKS))


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[PeerMessage, Lane]]:
    """Messages that one node can send another, one after the other."""
    made = draw(st.lists(headers, min_size=1, max_size=2))
    handles = draw(st.sets(st.integers(0, MAX_HANDLE), min_size=len(made), max_size=len(made)))
    given_as = [
        Object(number=n, handle=handle, header=header)
        for n, (handle, header) in enumerate(zip(sorted(handles), made, strict=True), 1)
    ]
    moved = tuple(draw(updates)._replace(handle=handle) for handle in sorted(handles))
    said = draw(st.lists(contents, min_size=1, max_size=3))
    first = draw(st.integers(1, 1 << 40))
    records = tuple(Record(first + n, content) for n, content in enumerate(said))
    return [
        (Objects(tuple(given_as)), Lane.TRACKS),
        (
            Updates(moved, SALT if len(moved) > 1 else None),
            draw(st.sampled_from((Lane.EMERGENCY, Lane.TRACKS))),
        ),
        (Records(records, SALT if len(said) > 1 else None), draw(st.sampled_from(DURABLE_LANES))),
        *draw(st.lists(plain_messages, max_size=1)),
    ]


@given(conversations())
def test_every_message_arrives_as_it_was_sent_and_is_in_the_schema(
    said: list[tuple[PeerMessage, Lane]],
) -> None:
    way = Way()
    for message, lane in said:
        data = way.encode(message, lane=lane)
        frame = way.decoder.decode(data)
        assert frame is not None
        assert (frame.message, frame.lane, frame.number) == (message, lane, way.encoder.number)
        found = SCHEMA.validate(data, root_type="frame")
        assert found.valid, [str(each) for each in found.diagnostics]


@given(reports)
def test_a_report_arrives_as_it_was_released(report: Report) -> None:
    found = report_of(to_peer_report(report, LEAVE, version=Version(3, AT)))
    assert found == report
    bare = to_peer_report(report, LEAVE, version=Version(3, AT), with_original=False)
    assert report_of(bare) == replace(report, original=None)


@given(reports, positions)
def test_an_update_is_the_report_that_it_was_made_of(report: Report, first: Position) -> None:
    report = replace(report, body=report.body if isinstance(report.body, Position) else first)
    earlier = replace(report, body=first, stale=report.stale + timedelta(seconds=1))
    header = to_header(earlier, LEAVE, epoch=3)
    way = Way()
    way.introduce(Object(number=1, handle=7, header=header))
    frame = way.send(Updates((to_update(report, handle=7, version=AT),)))
    assert isinstance(frame.message, Updates)
    assert report_of_update(header, frame.message.updates[0]) == report


@given(st.lists(st.binary(min_size=1, max_size=900), max_size=5), st.data())
def test_frames_do_not_depend_on_how_the_bytes_are_cut(
    sent: list[bytes], data: st.DataObject
) -> None:
    joined = b"".join(len(each).to_bytes(2) + each for each in sent)
    joined += data.draw(st.sampled_from((b"", b"\0\0\1a", b"\xff\xff\1a", b"\0")))
    whole, cut = PeerStream(limit=900), PeerStream(limit=900)
    expected = whole.receive(joined)
    found: list[bytes] = []
    while joined:
        size = data.draw(st.integers(1, len(joined)))
        found += cut.receive(joined[:size])
        joined = joined[size:]
    assert found == expected == sent
    assert (type(cut.fault), cut.waits) == (type(whole.fault), whole.waits)


@given(conversations(), st.data())
def test_changed_bytes_are_refused_or_are_another_frame_of_the_schema(
    said: list[tuple[PeerMessage, Lane]], data: st.DataObject
) -> None:
    way = Way()
    for message, lane in said:
        sent = way.encode(message, lane=lane)
        at = data.draw(st.integers(0, len(sent) - 1))
        changed = bytearray(sent)
        changed[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        before = way.decoder.number
        try:
            frame = way.decoder.decode(bytes(changed))
        except WireError:
            frame = None
        if frame is not None:
            assert SCHEMA.validate(bytes(changed), root_type="frame").valid
            assert frame.type not in (3, 4) or frame.message == message
        if bytes(changed) != sent:
            way.decoder.number = before
            way.decoder.decode(sent)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_wire_errors(hostile: bytes) -> None:
    try:
        value = cbor.read(hostile)
    except WireError:
        value = None
    else:
        assert cbor.write(value) == hostile
    wrapped = ([14, 5, 1, hostile], [3, 5, 4, AT, [None, hostile], bytes(64)])
    for data in (hostile, *map(cbor.write, wrapped)):
        with pytest.raises(WireError):
            Way().decoder.decode(data)


@given(st.integers(1, 9), st.data())
def test_any_of_a_frame_is_passed_on_and_proved_without_the_others(
    count: int, data: st.DataObject
) -> None:
    first, second = Way(), Way(USA, AUS, session=bytes(16))
    headers_of = [
        Header(subject=a_subject(uid=f"U{n}"), epoch=3, grant=LEAVE.grant) for n in range(count)
    ]
    objects = [Object(number=n + 1, handle=n, header=h) for n, h in enumerate(headers_of)]
    first.introduce(*objects)
    second.introduce(*(replace(each, onward=LEAVE.grant) for each in objects))
    moved = tuple(data.draw(updates)._replace(handle=n) for n in range(count))
    proof = first.send(Updates(moved, SALT if count > 1 else None)).proof
    assert proof is not None
    kept = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    evidence = proof.evidence(kept, a_hop(proof, USA, AUS))
    salts = {n: None if len(kept) == count else proof.item_salt(n) for n in kept}
    frame = second.send(Relayed(evidence, tuple(Passed(n, moved[n], salts[n]) for n in kept)))
    assert isinstance(frame.message, Relayed)
    assert [each.update for each in frame.message.passed] == [moved[n] for n in kept]
    assert frame.proof is not None
    assert frame.proof.statement == proof.statement


@given(st.lists(peer_reports, min_size=1, max_size=3), st.data())
def test_any_records_of_any_frames_are_passed_on_together_and_proved_without_the_others(
    said: list[PeerReport], data: st.DataObject
) -> None:
    first, second = Way(), Way(USA, AUS, session=bytes(16))
    groups: list[Group] = []
    while said:
        count = data.draw(st.integers(1, len(said)))
        frame, said = said[:count], said[count:]
        records = tuple(Record(n, each) for n, each in enumerate(frame, 1))
        salt = SALT if count > 1 else None
        proof = first.send(Records(records, salt), lane=Lane.CHAT).proof
        assert proof is not None
        kept = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
        salts = {n: None if len(kept) == count else proof.item_salt(n) for n in kept}
        passed = tuple(PassedRecord(n, frame[n], data.draw(grants), salts[n]) for n in kept)
        groups.append(Group(proof.evidence(kept, a_hop(proof, USA, AUS)), passed))
    message = Forwarded(data.draw(st.integers(1, 1 << 40)), tuple(groups))
    sent = second.encode(message, lane=Lane.CHAT)
    found = second.decoder.decode(sent)
    assert found is not None
    assert found.message == message
    assert SCHEMA.validate(sent, root_type="frame").valid
    at = data.draw(st.integers(0, len(sent) - 1))
    changed = bytes([*sent[:at], sent[at] ^ data.draw(st.integers(1, 255)), *sent[at + 1 :]])
    other = Way(USA, AUS, session=bytes(16)).decoder
    try:
        frame_again = other.decode(changed)
    except WireError:
        return
    # What is not the origin's is the sender's to say: number, lane, and by what it passes on; or a
    # type that nobody knows, which is skipped.
    if frame_again is not None and isinstance(frame_again.message, Forwarded):
        ours, theirs = message.passed, frame_again.message.passed
        assert [each.content for each in ours] == [each.content for each in theirs]


@given(st.lists(contents, min_size=1, max_size=5))
def test_what_is_said_after_another_thing_is_read_as_it_was_and_is_no_longer(
    said: list[Content | Reference],
) -> None:
    writer, reader = LastSaid(), LastSaid()
    for each in said:
        value = plain.content(each)
        written = cbor.read(cbor.write(writer.write(CONTENT, value)))
        assert len(cbor.write(written)) <= len(cbor.write(value))
        _, data = reader.read(CONTENT, written)
        assert data == cbor.write(value)


@given(
    st.lists(st.builds(Held, named, st.integers(0, 1 << 40), digests), max_size=3).map(tuple),
    marks,
)
def test_a_hello_is_in_the_schema(gives: tuple[Held, ...], resume: tuple[Mark, ...]) -> None:
    hello = a_hello(gives=gives, takes=gives[::-1], resume=resume, resumes=4)
    data = encode_hello(hello, receiver=USA, sign=signer(NZL))[2:]
    assert decode_hello(data, sender=NZL, receiver=USA, verify=is_signed) == hello
    assert SCHEMA.validate(data, root_type="frame").valid
