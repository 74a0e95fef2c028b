"""What of a link outlasts the process, as plain values that CBOR can hold."""

from dataclasses import dataclass
from typing import cast

from accord.core.report import Report
from accord.federation.carried import Carried
from accord.federation.contents import NO_GRANT
from accord.federation.given import Had
from accord.federation.log import Entry
from accord.federation.taking import Took
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.errors import WireError
from accord.wire.peer import cbor, contents, plain
from accord.wire.peer.contents import read_content, read_header
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import FrameType, Lane, Version
from accord.wire.peer.record import Content, Document, FileOffer, Hop, Statement, UnknownContent
from accord.wire.peer.report import Grant, Header, Object, PeerReport, Reference
from accord.wire.peer.translate import Leave, report_of, to_peer_report

Plain = None | bool | int | str | bytes | tuple["Plain", ...]

_Entry = tuple[
    int, tuple[str, str, str] | None, bytes | None, bytes | None, tuple[int, int] | None, Plain
]
_Statement = tuple[bytes, str, str, int, int, int, int, int, bytes]
_Proof = tuple[
    _Statement, bytes, tuple[tuple[int, int, bytes], ...], bytes | None,
    tuple[tuple[int, bytes], ...], tuple[tuple[str, bytes], ...],
]  # fmt: skip

SHAPE = 2
"""Rises when what is kept takes another shape; what has another is not read."""
_BEFORE_SUSPENSIONS_THERE = 1
"""The shape that said nothing of what the partner has suspended, and is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLog:
    """One lane: the last number given, how far the partner has it, and the entries that lack."""

    lane: Lane
    last: int
    acked: int
    entries: tuple[Plain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSync:
    """One partner's link: `epoch` is this node's, `their_epoch` the partner's."""

    epoch: int
    their_epoch: int
    logs: tuple[HeldLog, ...] = ()
    marks: tuple[tuple[int, int], ...] = ()
    given: tuple[Plain, ...] = ()
    taken: tuple[Plain, ...] = ()
    handles: tuple[Plain, ...] = ()
    last_header: int = 0
    their_handles: tuple[Plain, ...] = ()
    buried: tuple[Plain, ...] = ()
    suspended: tuple[tuple[bytes, str], ...] = ()
    day: int = 0
    day_bytes: int = 0
    suspended_there: tuple[tuple[bytes, str], ...] = ()

    def to_tuple(self) -> tuple[Plain, ...]:
        """Return plain values, for CBOR."""
        logs = tuple((int(log.lane), log.last, log.acked, log.entries) for log in self.logs)
        return (
            SHAPE, self.epoch, self.their_epoch, logs, self.marks, self.given, self.taken,
            self.handles, self.last_header, self.their_handles, self.buried, self.suspended,
            self.day, self.day_bytes, self.suspended_there,
        )  # fmt: skip

    @classmethod
    def from_tuple(cls, values: Plain) -> "HeldSync":
        """Read what `to_tuple` returned, with lists in place of tuples or not.

        Raises ValueError for another shape.
        """
        found = tuples(values)
        if isinstance(found, tuple) and len(found) == 14 and found[0] == _BEFORE_SUSPENSIONS_THERE:
            found = (SHAPE, *found[1:], ())
        if not isinstance(found, tuple) or len(found) != 15 or found[0] != SHAPE:
            raise ValueError("what was kept of a link has another shape")
        (_, epoch, theirs, logs, marks, given, taken, handles, last, their_handles, buried,
         suspended, day, day_bytes, there) = cast("tuple[object, ...]", found)  # fmt: skip
        return cls(
            epoch=cast("int", epoch),
            their_epoch=cast("int", theirs),
            logs=tuple(
                HeldLog(lane=Lane(lane), last=last, acked=acked, entries=entries)
                for lane, last, acked, entries in cast(
                    "tuple[tuple[int, int, int, tuple[Plain, ...]], ...]", logs
                )
            ),
            marks=cast("tuple[tuple[int, int], ...]", marks),
            given=cast("tuple[Plain, ...]", given),
            taken=cast("tuple[Plain, ...]", taken),
            handles=cast("tuple[Plain, ...]", handles),
            last_header=cast("int", last),
            their_handles=cast("tuple[Plain, ...]", their_handles),
            buried=cast("tuple[Plain, ...]", buried),
            suspended=cast("tuple[tuple[bytes, str], ...]", suspended),
            day=cast("int", day),
            day_bytes=cast("int", day_bytes),
            suspended_there=cast("tuple[tuple[bytes, str], ...]", there),
        )


def tuples(value: object) -> Plain:
    """Return plain values with tuples in place of the lists that CBOR makes of them."""
    if isinstance(value, list | tuple):
        return tuple(tuples(each) for each in cast("list[object]", value))
    return cast("Plain", value)


def had_to_tuple(key: ObjectKey, had: Had) -> Plain:
    """Return plain values of an object that the partner has."""
    version = None if had.version is None else tuple(had.version)
    grant = (had.grant.agreement, had.grant.clause, had.grant.form)
    return (*key, *had.own, grant, had.durable, version)


def had_from_tuple(value: Plain) -> tuple[ObjectKey, Had]:
    """Read what `had_to_tuple` returned."""
    (origin, context, uid, own_origin, own_context, own_uid, grant, durable, version) = cast(
        "tuple[str, str, str, str, str, str, tuple[bytes, str, str], bool, tuple[int, int] | None]",
        value,
    )
    own = ObjectKey(own_origin, own_context, own_uid)
    had = Had(own, Grant(*grant), durable, None if version is None else Version(*version))
    return ObjectKey(origin, context, uid), had


def took_to_tuple(key: ObjectKey, took: Took) -> Plain:
    """Return plain values of an object that came of the partner."""
    grant = (took.grant.agreement, took.grant.clause, took.grant.form)
    return (*key, tuple(took.version), grant, took.durable)


def took_from_tuple(value: Plain) -> tuple[ObjectKey, Took]:
    """Read what `took_to_tuple` returned."""
    origin, context, uid, version, grant, durable = cast(
        "tuple[str, str, str, tuple[int, int], tuple[bytes, str, str], bool]", value
    )
    return ObjectKey(origin, context, uid), Took(Version(*version), Grant(*grant), durable)


def burial_to_tuple(burial: tuple[ObjectKey, Version, int]) -> Plain:
    """Return plain values of what may not come back before a time."""
    key, version, until = burial
    return (*key, tuple(version), until)


def burial_from_tuple(value: Plain) -> tuple[ObjectKey, Version, int]:
    """Read what `burial_to_tuple` returned."""
    match value:
        case (str(origin), str(context), str(uid), (int(epoch), int(ms)), int(until)):
            return ObjectKey(origin, context, uid), Version(epoch, ms), until
        case _:
            raise ValueError("a burial has another shape")


def object_to_tuple(it: Object) -> Plain:
    """Return plain values of a header under its handle."""
    assert isinstance(it.header, Header)  # noqa: S101
    onward = None if it.onward is None else (it.onward.agreement, it.onward.clause, it.onward.form)
    return it.number, it.handle, cbor.write(plain.header(it.header)), onward


def object_from_tuple(value: Plain) -> Object:
    """Read what `object_to_tuple` returned."""
    number, handle, header, onward = cast(
        "tuple[int, int, bytes, tuple[bytes, str, str] | None]", value
    )
    grant = None if onward is None else Grant(*onward)
    return Object(number=number, handle=handle, header=read_header(header), onward=grant)


def entry_to_tuple(entry: Entry) -> Plain:
    """Return plain values of an entry that has not arrived; None where it cannot be written."""
    candidate, content = entry.candidate, entry.content
    template = None if content is None else cbor.write(plain.content(content))
    if candidate is None:
        return entry.number, None, template, None, None, None
    assert entry.key is not None  # noqa: S101
    try:
        said = to_peer_report(
            candidate.report, Leave(origin=entry.key.origin, grant=NO_GRANT),
            version=candidate.version,
        )  # fmt: skip
    except NotExpressible:
        return None
    report, carried = cbor.write(plain.content(said)), candidate.carried
    held = None if carried is None else _carried_to_tuple(carried)
    return entry.number, tuple(entry.key), template, report, tuple(candidate.version), held


def entry_from_tuple(value: Plain, since: float) -> Entry:
    """Read what `entry_to_tuple` returned."""
    number, key, template, data, version, held = cast("_Entry", value)
    content = None if template is None else _own_content(template)
    candidate = None
    if data is not None and version is not None:
        carried = None if held is None else _carried_from_tuple(held)
        candidate = Candidate(_report(data), Version(*version), carried)
    found = Entry(
        since, key=None if key is None else ObjectKey(*key), candidate=candidate, content=content
    )
    found.number = number
    return found


def _own_content(data: bytes) -> Content:
    # A number that stands for nothing, a recall, and others: all that a record can hold.
    found = contents.content(cbor.read(data))
    if isinstance(found, Reference | UnknownContent):
        raise ValueError("what was kept of a link has content that is not this node's own")  # noqa: TRY004
    return found


def _report(data: bytes) -> Report:
    found = contents.content(cbor.read(data))
    if not isinstance(found, PeerReport):
        raise ValueError("what was kept of a link is no report")  # noqa: TRY004
    return report_of(found)


def _carried_to_tuple(it: Carried) -> Plain:
    grant = (it.grant.agreement, it.grant.clause, it.grant.form)
    content = None if it.content is None else cbor.write(plain.content(it.content))
    reference = None if it.reference is None else (it.reference.digest, it.reference.size)
    return _proof_to_tuple(it.proof), it.place, grant, content, reference


def _carried_from_tuple(value: Plain) -> Carried:
    proof, place, grant, content, reference = cast(
        "tuple[Plain, int, tuple[bytes, str, str], bytes | None, tuple[bytes, int] | None]", value
    )
    found = None if content is None else read_content(content)
    return Carried(
        proof=_proof_from_tuple(proof),
        place=place,
        grant=Grant(*grant),
        content=found if isinstance(found, PeerReport | FileOffer | Document) else None,
        reference=None if reference is None else Reference(*reference),
    )


def _proof_to_tuple(it: Proved) -> Plain:
    statement = it.statement
    said = (*statement[:3], int(statement.type), statement.number, int(statement.lane),
            *statement[6:])  # fmt: skip
    nodes = tuple((begin, end, digest) for (begin, end), digest in it.nodes.items())
    hops = tuple((hop.node, hop.signature) for hop in it.hops)
    return said, it.signature, nodes, it.salt, tuple(it.salts.items()), hops


def _proof_from_tuple(value: Plain) -> Proved:
    said, signature, nodes, salt, salts, hops = cast("_Proof", value)
    session, sender, receiver, kind, number, lane, at, leaves, root = said
    return Proved(
        statement=Statement(session, sender, receiver, FrameType(kind), number, Lane(lane), at,
                            leaves, root),
        signature=signature,
        nodes={(begin, end): digest for begin, end, digest in nodes},
        salt=salt,
        salts=dict(salts),
        hops=tuple(Hop(node, signed) for node, signed in hops),
    )  # fmt: skip


READ_ERRORS = (ValueError, TypeError, WireError)
"""What reading something kept that is spoilt can raise."""
