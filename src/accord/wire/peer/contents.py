"""Plain values of CBOR as messages: the reading half of docs/reference/peer-protocol.cddl.

Everything has a limit, and what is over it, or not in the schema, is refused.
"""

from collections.abc import Callable

from accord.core.nation import MAX_NODE_LENGTH, check_node
from accord.wire.errors import Malformed
from accord.wire.peer import cbor
from accord.wire.peer.errors import UnknownType
from accord.wire.peer.fields import (
    COURSE,
    DOUBTS,
    LATEST,
    LATITUDE,
    LENGTH,
    LONGITUDE,
    ORIGINAL_FORMS,
    SPEED,
    Members,
    Read,
    array,
    blob,
    exactly,
    flag,
    many,
    maybe,
    moment,
    one_of,
    ordered,
    some,
    span,
    text,
    true,
    uint,
)
from accord.wire.peer.protocol import AGREEMENT, DIGEST, NONCE, FrameType, Lane, Version
from accord.wire.peer.record import (
    Content,
    Document,
    DocumentKind,
    Evidence,
    FileOffer,
    Hop,
    Outcome,
    Recall,
    RecallOf,
    Receipt,
    Rotation,
    RotationOf,
    Statement,
    Suspended,
    UnknownContent,
    Void,
)
from accord.wire.peer.report import (
    NO_MARKS,
    NO_NAMES,
    Addressee,
    AlarmBody,
    Base,
    CircleBody,
    Grant,
    Header,
    LineBody,
    Marks,
    Names,
    OpaqueBody,
    Original,
    PeerBody,
    PeerLabel,
    PeerReport,
    Place,
    PositionBody,
    Reference,
    RemovalBody,
    Spoken,
    Subject,
    WordsBody,
)

MAX_ITEMS = 2_048
"""Objects, updates or records in one frame."""
MAX_HOPS = 8
MAX_POINTS = 10_000
MAX_CONTENT = 1 << 30
"""Bytes that a reference or an offer can be of; what a node takes it says in its HELLO."""

_name = text(256, least=1)
_title = text(256)
_word = text(64)
_by = text(64, least=1)
"""Takes a clause or a form: what came by neither could not be entered, nor called back."""
_free = text(1_024)
_context = text(128, least=4)
_digest = exactly(DIGEST)
_agreement = exactly(AGREEMENT)
_salt = maybe(exactly(NONCE))
_long = text(60_000)
_data = blob(60_000)
signature = blob(96, least=64)
"""Takes a signature: 64 bytes of Ed25519, or 96 of ECDSA with P-384."""
number = uint(least=1)
"""Takes the number of a frame, a record or a header."""
_node_text = text(MAX_NODE_LENGTH, least=3)
_length, _speed = span(LENGTH), span(SPEED)
_error = uint(LENGTH)
_epoch = uint()
_size = uint(MAX_CONTENT)
_validity = _difference = span(LATEST)
_latitude, _longitude, _course = span(LATITUDE), span(LONGITUDE), uint(COURSE)


def node(value: object) -> str:
    """Take the name of a node, which can steer no terminal and fill no table."""
    name = _node_text(value)
    try:
        return check_node(name, name[:3])
    except ValueError:
        raise Malformed("not the name of a node") from None


def subject(value: object) -> Subject:
    """Read a subject."""
    it = Members(value)
    found = Subject(
        origin=it.need(1, node),
        uid=it.need(2, text(256, least=1)),
        context=it.need(3, _context),
        kind=it.need(4, _name),
        how=it.need(5, _word),
        names=it.get(6, _names, NO_NAMES),
        marks=it.get(7, _marks, NO_MARKS),
        label=it.get(8, maybe(_label), None),
        source=it.get(9, maybe(_source), None),
        groups=it.get(10, ordered(many(_name, 64)), ()),
        to=it.get(11, ordered(many(_addressee, 64)), ()),
        author=it.get(12, maybe(_title), None),
        path=it.get(13, many(node, MAX_HOPS), ()),
    )
    it.end()
    return found


def _names(value: object) -> Names:
    it = Members(value)
    found = Names(
        mmsi=it.get(1, maybe(_word), None),
        imo=it.get(2, maybe(_word), None),
        icao=it.get(3, maybe(_word), None),
        callsign=it.get(4, maybe(_title), None),
        name=it.get(5, maybe(_title), None),
        nation=it.get(6, maybe(_word), None),
    )
    it.end()
    return found


def _marks(value: object) -> Marks:
    it = Members(value)
    found = Marks(
        access=it.get(1, maybe(_free), None),
        caveat=it.get(2, maybe(_free), None),
        releasable_to=it.get(3, maybe(_free), None),
        opex=it.get(4, maybe(_title), None),
        by_default=it.get(5, true, default=False),
    )
    it.end()
    return found


def _label(value: object) -> PeerLabel:
    it = Members(value)
    found = PeerLabel(
        policy=it.need(1, _word),
        level=it.need(2, _word),
        originator=it.need(3, _word),
        compartments=it.get(4, ordered(many(_word, 16)), ()),
        releasable_to=it.get(5, ordered(many(_word, 256)), ()),
        caveats=it.get(6, ordered(many(_word, 16)), ()),
        opex=it.get(7, maybe(_title), None),
        created=it.get(8, maybe(moment), None),
        review=it.get(9, maybe(moment), None),
        by_default=it.get(10, true, default=False),
    )
    it.end()
    return found


def _source(value: object) -> Spoken:
    name, channel, speaker, hops = array(value, 4)
    return Spoken(
        node=_word(name),
        channel=_title(channel),
        speaker=_title(speaker),
        hops=many(_word, 16)(hops),
    )


def _addressee(value: object) -> Addressee:
    kind, to = array(value, 2)
    return Addressee(uint(2)(kind), _title(to))


def grant(value: object) -> Grant:
    """Read a grant."""
    agreement, clause, form = array(value, 3)
    return Grant(_agreement(agreement), _by(clause), _by(form))


def reference(value: object) -> Reference:
    """Read a reference."""
    digest, size = array(value, 2)
    return Reference(_digest(digest), _size(size))


def header(value: object) -> Header:
    """Read a header."""
    who, epoch, by, base = array(value, 4)
    lat, lon, hae, circular, course, speed, validity, receipt = array(base, 8)
    return Header(
        subject=subject(who),
        epoch=_epoch(epoch),
        grant=grant(by),
        base=Base(
            lat=_latitude(lat),
            lon=_longitude(lon),
            hae=_length(hae),
            circular_error=maybe(_error)(circular),
            course=_course(course),
            speed=_speed(speed),
            validity=_validity(validity),
            receipt=flag(receipt),
        ),
    )


def version(value: object) -> Version:
    """Read a version."""
    epoch, ms = array(value, 2)
    return Version(_epoch(epoch), uint(LATEST)(ms))


def _place(value: object) -> Place:
    lat, lon, hae, circular, linear = array(value, 5)
    return Place(
        _latitude(lat),
        _longitude(lon),
        maybe(_length)(hae),
        maybe(_error)(circular),
        maybe(_error)(linear),
    )


def _body(value: object) -> PeerBody:
    members = some(value)
    return _BODIES[uint(len(_BODIES) - 1)(members[0])](members)


def _position(value: object) -> PeerBody:
    _, place, course, speed, climb = array(value, 5)
    return PositionBody(
        maybe(_place)(place), maybe(_course)(course), maybe(_speed)(speed), maybe(_speed)(climb)
    )


def _circle(value: object) -> PeerBody:
    _, centre, radius, anchor = array(value, 4)
    return CircleBody(_place(centre), _error(radius), maybe(_place)(anchor))


def _line(value: object) -> PeerBody:
    _, points, closed, anchor = array(value, 4)
    return LineBody(many(_place, MAX_POINTS)(points), flag(closed), maybe(_place)(anchor))


def _words(value: object) -> PeerBody:
    _, said, sender, room = array(value, 4)
    return WordsBody(_long(said), _title(sender), _title(room))


def _alarm(value: object) -> PeerBody:
    _, category, place, cancels = array(value, 4)
    return AlarmBody(_title(category), maybe(_place)(place), flag(cancels))


def _removal(value: object) -> PeerBody:
    _, target = array(value, 2)
    return RemovalBody(_name(target))


def _opaque(value: object) -> PeerBody:
    array(value, 1)
    return OpaqueBody()


_BODIES: tuple[Read[PeerBody], ...] = (
    _position,
    _circle,
    _line,
    _words,
    _alarm,
    _removal,
    _opaque,
)


def _original(value: object) -> Original:
    form, data = array(value, 2)
    return Original(uint(ORIGINAL_FORMS)(form), blob(MAX_CONTENT)(data))


def _report(value: object) -> PeerReport:
    it = Members(value)
    who, which, by = it.need(1, subject), it.need(2, version), it.need(3, grant)
    time = it.need(4, moment)
    found = PeerReport(
        subject=who,
        version=which,
        grant=by,
        time=time,
        start=moment(time + it.get(5, _difference, 0)),
        stale=moment(time + it.get(6, _difference, 0)),
        received=moment(time + it.get(7, _difference, 0)),
        body=it.need(8, _body),
        doubts=it.get(9, uint(DOUBTS), 0),
        original=it.get(10, maybe(_original), None),
    )
    it.end()
    return found


def _recall(value: object) -> Recall:
    of, agreement, clause, origin, context, uid, reason, at = array(value, 8)
    which = one_of(RecallOf)(of)
    is_object = which is RecallOf.OBJECT
    return Recall(
        of=which,
        agreement=_agreement(agreement),
        clause=(_nothing if which is RecallOf.AGREEMENT else _by)(clause),
        origin=(node if is_object else _nothing)(origin),
        context=(_context if is_object else _nothing)(context),
        uid=(_name if is_object else _nothing)(uid),
        reason=_free(reason),
        at=uint(LATEST)(at),
    )


_nothing = text(0)


def _receipt(value: object) -> Receipt:
    recall, outcome, objects, at = array(value, 4)
    return Receipt(
        recall=_digest(recall),
        outcome=one_of(Outcome)(outcome),
        objects=uint()(objects),
        at=uint(LATEST)(at),
    )


def _suspended(value: object) -> Suspended:
    agreement, reason, at = array(value, 3)
    return Suspended(agreement=_agreement(agreement), reason=_free(reason), at=uint(LATEST)(at))


def _content_data(value: object) -> bytes | Reference:
    return _data(value) if isinstance(value, bytes) else reference(value)


def _rotation(value: object) -> Rotation:
    of, data, since, approval = array(value, 4)
    return Rotation(
        of=one_of(RotationOf)(of),
        data=_content_data(data),
        since=uint(LATEST)(since),
        approval=blob(512)(approval),
    )


def _document(value: object) -> Document:
    kind, name, serial, data, by = array(value, 5)
    return Document(
        kind=one_of(DocumentKind)(kind),
        name=_name(name),
        serial=uint()(serial),
        data=_content_data(data),
        grant=maybe(grant)(by),
    )


def _offer(value: object) -> FileOffer:
    who, which, by, digest, size, name, media = array(value, 7)
    return FileOffer(
        subject=subject(who),
        version=version(which),
        grant=grant(by),
        digest=_digest(digest),
        size=_size(size),
        name=_title(name),
        media=_title(media),
    )


def _void(value: object) -> Void:
    array(value, 0)
    return Void()


_CONTENTS: tuple[Read[Content | Reference], ...] = (
    reference,
    _report,
    _recall,
    _receipt,
    _suspended,
    _rotation,
    _document,
    _offer,
    _void,
)


def content(value: object) -> Content | Reference | UnknownContent:
    """Read the kind of content, and the content."""
    kind, what = array(value, 2)
    found = uint()(kind)
    return UnknownContent(found) if found >= len(_CONTENTS) else _CONTENTS[found](what)


def read_content(data: bytes) -> Content:
    """Read content that a reference stood for. Raises WireError."""
    found = content(cbor.read(data))
    if isinstance(found, Reference | UnknownContent):
        raise UnknownType("a reference stands for nothing that is known")
    return found


def read_header(data: bytes) -> Header:
    """Read a header that a reference stood for. Raises WireError."""
    return header(cbor.read(data))


def statement(value: object) -> Statement:
    """Read a statement; it has an empty root until the items have made it."""
    session, sender, receiver, kind, frame, lane, at, count = array(value, 8)
    return Statement(
        session=exactly(NONCE)(session),
        sender=node(sender),
        receiver=node(receiver),
        type=one_of(FrameType)(kind),
        number=number(frame),
        lane=one_of(Lane)(lane),
        at=uint(LATEST)(at),
        leaves=uint(MAX_ITEMS, least=1)(count),
        root=b"",
    )


def evidence(value: object, spelled_out: Callable[[object], object]) -> Evidence:
    """Read evidence, whose statement is spelled out from how it is written there."""
    said, signed, hashes, hops, salt = array(value, 5)
    return Evidence(
        statement=statement(spelled_out(said)),
        signature=signature(signed),
        hashes=many(_digest, MAX_ITEMS // 2)(hashes),
        hops=many(_hop, MAX_HOPS, least=1)(hops),
        salt=_salt(salt),
    )


def _hop(value: object) -> Hop:
    name, signed = array(value, 2)
    return Hop(node(name), signature(signed))
