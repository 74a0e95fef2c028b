"""A frame on its way out through the guard: read, checked item by item, entered, signed.

What the node gives has placeholders for signatures. The bytes that are signed are the very bytes
that were read and checked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from accord.core.errors import AccordError
from accord.core.nation import check_nation, check_node
from accord.federation.guard.check import MAX_SKEW, Checker, Refused
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.passage import digest_of_subject, digest_of_update, released
from accord.federation.guard.session import Onward, Session
from accord.federation.succeeding import succession_of
from accord.release.document import read_document
from accord.release.ledger import entry
from accord.release.ledger.entry import Body
from accord.release.signature import read_record
from accord.security.succession import Succession
from accord.wire.errors import WireError
from accord.wire.peer.contents import read_content, read_header
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder, content_bytes
from accord.wire.peer.frame import Frame, Handles, Known, Sign
from accord.wire.peer.message import (
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Forwarded,
    Graft,
    Keepalive,
    Objects,
    Prune,
    Records,
    Relayed,
    Updates,
    Want,
)
from accord.wire.peer.protocol import Lane
from accord.wire.peer.record import (
    Content,
    Document,
    DocumentKind,
    FileOffer,
    Recall,
    RecallOf,
    Receipt,
    Rotation,
    Suspended,
    UnknownContent,
    Void,
)
from accord.wire.peer.report import Grant, Object, PeerReport, Reference
from accord.wire.peer.translate import moment

VerifyOther = Callable[[str, bytes, bytes], bool | None]
"""Tells whether another node signed something; None where its key is not known here."""
MAX_SUBJECTS = 50_000
Said = tuple[Content | Reference | UnknownContent, Grant | None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A frame that may leave once its lines are in the ledger."""

    number: int
    data: bytes
    lines: list[Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the frames of a link share over its sessions."""

    checker: Checker
    handles: Handles
    onward: Onward
    outgoing: Outgoing
    incoming: Incoming
    notes: set[bytes]
    """Signed notes that this guard made, and so may leave."""
    is_ours: Callable[[Succession], bool] = lambda _: False
    """Tells whether people had this node make a succession of keys."""


class Outlet:
    """Prepares the frames of one session, in order."""

    def __init__(self, session: Session, post: Post, *, sign: Sign, verify: VerifyOther) -> None:
        self._session = session
        self._post = post
        self._sign = sign
        self._verify_other = verify
        self._own: list[tuple[bytes, bytes]] = []
        self._subjects: dict[bytes, bytes] = {}
        self._decoder = Decoder(
            session=session.id,
            sender=session.own,
            receiver=session.partner,
            verify=self._verify,
            handles=post.handles,
        )

    def prepare(self, data: bytes, now: datetime) -> Prepared:
        """Return the frame as it may leave. Raises Refused."""
        if len(data) > self._session.limit:
            raise Refused("the frame is longer than the partner takes")
        self._own.clear()
        try:
            frame = self._decode(data)
        except (WireError, ValueError) as error:
            raise Refused(f"the frame is {error}") from None
        if frame.at is not None and abs(moment(frame.at) - now) > MAX_SKEW:
            raise Refused("the frame's time is not the present", is_passing=True)
        message = frame.message
        if isinstance(message, Chunk) and self._post.outgoing.is_outdated(message):
            return Prepared(frame.number, self._nothing(frame.number), [])
        lines = self._lines(frame, now)
        for placeholder, statement in self._own:
            data = _spliced(data, placeholder, self._sign(statement))
        return Prepared(frame.number, data, lines)

    def _nothing(self, number: int) -> bytes:
        """Return a frame that says nothing, for the place of one that is left out."""
        session = self._session
        encoder = Encoder(
            session=session.id, sender=session.own, receiver=session.partner, sign=self._sign,
            handles=Handles(limit=0),
        )  # fmt: skip
        return encoder.encode(Keepalive(), number=number, lane=Lane.CONTROL, at=0)[2:]

    def _verify(self, node: str, data: bytes, signature: bytes) -> bool:
        """Note what this node is to sign; others must have signed theirs, where that is known."""
        if node == self._session.own:
            self._own.append((signature, data))
            return True
        return self._verify_other(node, data, signature) is not False

    def _decode(self, data: bytes) -> Frame:
        frame = self._decoder.decode(data)
        if frame is None:
            raise ValueError("of a type that is not known")
        return frame

    def _lines(self, frame: Frame, now: datetime) -> list[Body]:
        number = self._session.in_ledger(frame.number)
        match frame.message:
            case Objects():
                return [self._object(each, number, now) for each in frame.message.objects]
            case Updates():
                return self._updates(frame.message, number, now)
            case Relayed():
                updates = [each.update for each in frame.message.passed]
                return self._updates(Updates(tuple(updates)), number, now)
            case Records() | Forwarded():
                return self._records(said_in(frame.message), frame.contents, number, now)
            case _:
                self._plain(frame)
                return []

    def _plain(self, frame: Frame) -> None:
        """Look at a frame that releases nothing by itself."""
        post = self._post
        match frame.message:
            case Chunk():
                why_not = post.outgoing.why_not(frame.message)
                if why_not:
                    raise Refused(why_not)
            case Want():
                post.incoming.wanted(frame.message)
            case Checkpoint(note=note) | Cosignature(note=note):
                if note not in post.notes:
                    raise Refused("a note that the guard did not sign")
            case Prune(origins=origins) | Graft(origins=origins):
                for node in origins:
                    _check_node(node)
            case Bye(words=words):
                if words:
                    raise Refused("a BYE with words")
            case _:
                pass

    def _object(self, it: Object, number: int, now: datetime) -> Body:
        known = cast("Known", self._post.handles.get(it.handle))
        if isinstance(it.header, Reference):
            content = self._post.outgoing.get(it.header.digest)
            if content is None:
                raise Refused("a header that the guard was not given")
            header = read_header(content)
            self._post.handles.fill(it.header.digest, header)
            self._post.outgoing.clear(it.header.digest)
        else:
            header = it.header
        self._post.onward.pop(it.handle, None)
        if it.onward is not None:
            self._post.onward[it.handle] = it.onward
        cleared = self._post.checker.header(header, known.digest, it.onward, now)
        return released(cleared, known.digest, number)

    def _updates(self, message: Updates, number: int, now: datetime) -> list[Body]:
        lines: list[Body] = []
        checker, handles, onward = self._post.checker, self._post.handles, self._post.onward
        for update in message.updates:
            known = handles.get(update.handle)
            if known is None or known.header is None:
                raise Refused("an update of what was not said before")
            by = onward.get(update.handle)
            cleared = checker.update(known.header, known.digest, by, update, now)
            subject = self._subjects.get(known.digest) or self._subject(known)
            lines.append(released(cleared, digest_of_update(subject, update), number))
        return lines

    def _subject(self, known: Known) -> bytes:
        found = self._subjects.get(known.digest)
        if found is None and known.header is not None:
            if len(self._subjects) >= MAX_SUBJECTS:
                self._subjects.clear()
            found = self._subjects[known.digest] = digest_of_subject(known.header)
        return found or known.digest

    def _records(
        self, said: Sequence[Said], digests: Sequence[bytes], number: int, now: datetime
    ) -> list[Body]:
        lines: list[Body] = []
        for (content, onward), digest in zip(said, digests, strict=True):
            if isinstance(content, UnknownContent):
                raise Refused("content of a kind that is not known")
            if isinstance(content, Reference):
                whole = self._referred(content)
                lines += self._content(whole, onward, content.digest, now, number)
            else:
                lines += self._content(content, onward, digest, now, number)
        return lines

    def _referred(self, reference: Reference) -> Content:
        content = self._post.outgoing.get(reference.digest)
        if content is None:
            raise Refused("content that the guard was not given")
        try:
            found = read_content(content)
        except WireError as error:
            raise Refused(f"content is {error}") from None
        self._post.outgoing.clear(reference.digest)
        return found

    def _content(
        self, it: Content, onward: Grant | None, digest: bytes, now: datetime, number: int
    ) -> list[Body]:
        """Return the line of one content, where it makes one."""
        checker, by = self._post.checker, self._session.own
        found: Body | None = None
        match it:
            case PeerReport():
                found = released(checker.report(it, onward, now), digest, number)
            case FileOffer():
                found = released(checker.offer(it, onward, now), digest, number)
                self._post.outgoing.clear(it.digest)
            case Recall():
                found = recall_line(checker, it, by, number)
            case Receipt():
                found = entry.Receipt(by=by, frame=number, statement=content_bytes(it))
            case Suspended():
                found = suspension_line(checker, it, by)
            case Document():
                found = self._document(it, digest, now, number)
            case Rotation():
                self._rotation(it)
            case Void():
                pass
        return [] if found is None else [found]

    def _document(self, it: Document, digest: bytes, now: datetime, number: int) -> Body | None:
        """Look at a document: an agreement with the partner, or what a grant lets out."""
        if isinstance(it.data, Reference):
            self._post.outgoing.clear(it.data.digest)
            data = self._post.outgoing.get(it.data.digest)
            if data is None:
                raise Refused("a document that the guard was not given", what=it.name)
        else:
            data = it.data
        if it.grant is not None:
            return released(self._post.checker.granted(it.grant, it.name, now), digest, number)
        if not self._is_common(it.kind, data):
            raise Refused("a document that is not the partner's to have", what=it.name)
        return None

    def _rotation(self, it: Rotation) -> None:
        """Let out what says of a new key only what somebody had this node make."""
        said = succession_of(it)
        if said is None or not self._post.is_ours(said):
            raise Refused("a succession of keys that this node has not made")

    def _is_common(self, kind: DocumentKind, data: bytes) -> bool:
        """Tell whether a document is an agreement of both nodes, its area or its signature."""
        try:
            if kind is DocumentKind.AGREEMENT:
                parties = {party.node for party in read_document(data).agreement.parties}
                return {self._session.own, self._session.partner} <= parties
            if kind is DocumentKind.AGREEMENT_SIGNATURE:
                return bool(read_record(data.decode()))
        except (AccordError, ValueError):
            return False
        return kind is DocumentKind.AREA and self._post.checker.has_area(data)


def said_in(message: Records | Forwarded) -> list[Said]:
    """Return what a frame's records say, and by what they are passed on, if they are another's."""
    if isinstance(message, Forwarded):
        return [(each.content, each.grant) for each in message.passed]
    return [(each.content, None) for each in message.records]


def recall_line(checker: Checker, it: Recall, by: str, number: int) -> Body:
    """Return the line of a recall. Raises Refused where it names what it must not."""
    terms = checker.recall_of(it.agreement, it.clause, it.uid)
    return entry.Recall(
        by=by,
        agreement=terms.agreement.id,
        serial=terms.agreement.serial,
        clause=it.clause or None,
        name=it.uid if it.of is RecallOf.OBJECT else None,
        reason=it.reason or "none given",
        frame=number,
    )


def suspension_line(checker: Checker, it: Suspended, by: str) -> Body:
    """Return the line of a suspension. Raises Refused for an agreement that is not known."""
    agreement = checker.held(it.agreement).agreement
    return entry.Suspension(
        by=by,
        agreement=agreement.id,
        serial=agreement.serial,
        digest=bytes.fromhex(agreement.digest),
        act="suspend",
        reason=it.reason or "none given",
    )


def _check_node(node: str) -> None:
    try:
        check_node(node, check_nation(node[:3]))
    except ValueError:
        raise Refused("something that is no node's name") from None


def _spliced(data: bytes, placeholder: bytes, signature: bytes) -> bytes:
    """Put a signature where its placeholder is, once and of the same length."""
    if data.count(placeholder) != 1 or len(placeholder) != len(signature):
        raise Refused("the frame has no place for a signature")
    return data.replace(placeholder, signature)
