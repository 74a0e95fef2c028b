"""Messages as the plain values that CBOR has: what is written of the schema.

Arrays have a fixed length, with null for what is not said; maps leave it out. Their keys are the
small numbers of docs/reference/peer-protocol.cddl, in rising order.
"""

from collections.abc import Iterable
from typing import assert_never

from accord.wire.peer import cbor
from accord.wire.peer.record import (
    Content,
    Document,
    Evidence,
    FileOffer,
    Recall,
    Receipt,
    Rotation,
    Statement,
    Suspended,
    Void,
)
from accord.wire.peer.report import (
    AlarmBody,
    CircleBody,
    Grant,
    Header,
    LineBody,
    Names,
    Object,
    OpaqueBody,
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

Plain = None | bool | int | str | bytes | list["Plain"] | dict[int, "Plain"]
"""What CBOR has of which there is any on the wire."""


def _said(*values: Plain) -> dict[int, Plain]:
    """Return a map of what is said, with the values' places from 1 as keys."""
    return {
        key: value
        for key, value in enumerate(values, 1)
        if value is not None and value is not False and value != []
    }


def _listed(values: Iterable[str]) -> list[Plain]:
    return list(values)


def subject(it: Subject) -> Plain:
    """Return a subject."""
    return _said(
        it.origin,
        it.uid,
        it.context,
        it.kind,
        it.how,
        _names(it.names),
        _said(*it.marks) or None,
        None if it.label is None else _label(it.label),
        None if it.source is None else _source(it.source),
        _listed(it.groups),
        [[to.kind, to.value] for to in it.to],
        it.author,
        _listed(it.path),
    )


def _names(it: Names) -> Plain:
    return _said(*it) or None


def _label(it: PeerLabel) -> Plain:
    return _said(
        it.policy,
        it.level,
        it.originator,
        _listed(it.compartments),
        _listed(it.releasable_to),
        _listed(it.caveats),
        it.opex,
        it.created,
        it.review,
        it.by_default,
    )


def _source(it: Spoken) -> Plain:
    return [it.node, it.channel, it.speaker, _listed(it.hops)]


def grant(it: Grant) -> Plain:
    """Return a grant."""
    return [it.agreement, it.clause, it.form]


def header(it: Header) -> Plain:
    """Return a header."""
    return [subject(it.subject), it.epoch, grant(it.grant), list(it.base)]


def reference(it: Reference) -> Plain:
    """Return a reference."""
    return [it.digest, it.size]


def data(it: bytes | Reference) -> Plain:
    """Return bytes as they are, or what stands for them."""
    return it if isinstance(it, bytes) else reference(it)


def an_object(it: Object) -> Plain:
    """Return an object's entry."""
    what = reference(it.header) if isinstance(it.header, Reference) else header(it.header)
    return [it.number, it.handle, what, None if it.onward is None else grant(it.onward)]


def _place(it: Place | None) -> Plain:
    return None if it is None else list(it)


def _body(it: PeerBody) -> Plain:
    found: list[Plain]
    match it:
        case PositionBody():
            found = [0, _place(it.place), it.course, it.speed, it.climb]
        case CircleBody():
            found = [1, _place(it.centre), it.radius, _place(it.anchor)]
        case LineBody():
            found = [2, [_place(point) for point in it.points], it.closed, _place(it.anchor)]
        case WordsBody():
            found = [3, it.text, it.sender, it.room]
        case AlarmBody():
            found = [4, it.category, _place(it.place), it.cancels]
        case RemovalBody():
            found = [5, it.target]
        case OpaqueBody():
            found = [6]
        case _:
            assert_never(it)
    return found


def _report(it: PeerReport) -> Plain:
    return _said(
        subject(it.subject),
        list(it.version),
        grant(it.grant),
        it.time,
        it.start - it.time or None,
        it.stale - it.time or None,
        it.received - it.time or None,
        _body(it.body),
        it.doubts or None,
        None if it.original is None else list(it.original),
    )


def content(it: Content | Reference) -> list[Plain]:
    """Return the kind of content, and the content."""
    return [0, reference(it)] if isinstance(it, Reference) else _own(it)


def content_bytes(it: Content) -> bytes:
    """Return what the leaf of a record holds, and what a reference to its content is of."""
    return cbor.write(content(it))


def _own(it: Content) -> list[Plain]:
    found: list[Plain]
    match it:
        case PeerReport():
            found = [1, _report(it)]
        case Recall():
            found = [2, _recall(it)]
        case Receipt():
            found = [3, [it.recall, it.outcome, it.objects, it.at]]
        case Suspended():
            found = [4, [it.agreement, it.reason, it.at]]
        case Rotation():
            found = [5, [it.of, data(it.data), it.since, it.approval]]
        case Document():
            by = None if it.grant is None else grant(it.grant)
            found = [6, [it.kind, it.name, it.serial, data(it.data), by]]
        case FileOffer():
            found = [7, _offer(it)]
        case Void():
            found = [8, []]
        case _:
            assert_never(it)
    return found


def _recall(it: Recall) -> Plain:
    return [it.of, it.agreement, it.clause, it.origin, it.context, it.uid, it.reason, it.at]


def _offer(it: FileOffer) -> Plain:
    who: list[Plain] = [subject(it.subject), list(it.version), grant(it.grant)]
    return [*who, it.digest, it.size, it.name, it.media]


def statement(it: Statement) -> Plain:
    """Return a statement; the root is left out, since it must come out of the items."""
    return list(it[:-1])


def evidence(it: Evidence, said: Plain) -> Plain:
    """Return evidence; `said` is its statement as it is written there."""
    return [
        said,
        it.signature,
        list(it.hashes),
        [[hop.node, hop.signature] for hop in it.hops],
        it.salt,
    ]
