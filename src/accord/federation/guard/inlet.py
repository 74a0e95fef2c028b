"""A frame on its way in through the guard: verified, and entered in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.federation.guard.check import Cleared, Refused, marking_of
from accord.federation.guard.contents import Whole
from accord.federation.guard.outlet import (
    MAX_SUBJECTS,
    Post,
    Said,
    VerifyOther,
    recall_line,
    said_in,
    suspension_line,
)
from accord.federation.guard.passage import digest_of_subject, digest_of_update, received
from accord.federation.guard.session import Session
from accord.release.ledger import entry
from accord.release.ledger.entry import Body
from accord.wire.errors import WireError
from accord.wire.peer.contents import read_content, read_header
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import content_bytes
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import (
    Checkpoint,
    Chunk,
    Cosignature,
    Forwarded,
    Objects,
    Records,
    Relayed,
    Updates,
    Want,
)
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Content, FileOffer, Recall, Receipt, Suspended, UnknownContent
from accord.wire.peer.report import Grant, Header, PeerReport, Reference, Subject, Update
from accord.wire.peer.translate import report_of_update


class Unagreed(WireError):
    """Something came by an agreement that this node does not hold."""

    reason = "by no agreement of this node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A frame that holds; `unverified` are the nodes whose words in it nobody here can verify."""

    number: int
    lines: list[Body]
    unverified: tuple[str, ...]
    checkpoint: Checkpoint | Cosignature | None = None


@dataclass(slots=True)
class _Subject:
    """What every state of one object has in the ledger."""

    digest: bytes
    name: str
    marking: str


class Inlet:
    """Reads the frames of one session, in order. `post` shares its handles with other sessions."""

    def __init__(self, session: Session, post: Post, *, verify: VerifyOther) -> None:
        self._session = session
        self._post = post
        self._verify_by_key = verify
        self._unverified: set[str] = set()
        self._subjects: dict[bytes, _Subject] = {}
        self._decoder = Decoder(
            session=session.id,
            sender=session.partner,
            receiver=session.own,
            verify=self._verify,
            handles=post.handles,
        )

    @property
    def skipped(self) -> int:
        """How many frames and records were skipped, since their type is not known."""
        return sum(self._decoder.counts.values())

    def take(self, data: bytes) -> Arrived | None:
        """Return what came, None for a frame that is skipped. Raises WireError."""
        self._unverified.clear()
        frame = self._decoder.decode(data)
        if frame is None:
            return None
        try:
            lines = self._lines(frame)
        except Refused as refused:
            raise Unagreed(str(refused)) from None
        message = frame.message
        return Arrived(
            number=frame.number,
            lines=lines,
            unverified=tuple(sorted(self._unverified)),
            checkpoint=message if isinstance(message, Checkpoint | Cosignature) else None,
        )

    def _verify(self, node: str, data: bytes, signature: bytes) -> bool:
        said = self._verify_by_key(node, data, signature)
        if said is None:
            self._unverified.add(node)
        return said is not False

    def _lines(self, frame: Frame) -> list[Body]:
        number = self._session.in_ledger(frame.number)
        match frame.message:
            case Objects():
                return self._objects(frame.message, number)
            case Updates():
                return self._updates(frame.message.updates, number)
            case Relayed():
                return self._updates([each.update for each in frame.message.passed], number)
            case Records() | Forwarded():
                return self._records(said_in(frame.message), frame.contents, number)
            case Want():
                self._post.outgoing.wanted(frame.message)
            case Chunk():
                return self._chunk(frame.message, number)
            case _:
                pass
        return []

    def _objects(self, message: Objects, number: int) -> list[Body]:
        lines: list[Body] = []
        for each in message.objects:
            self._post.onward.pop(each.handle, None)
            if each.onward is not None:
                self._post.onward[each.handle] = each.onward
            known = self._post.handles.get(each.handle)
            if isinstance(each.header, Reference):
                self._post.incoming.referred(each.header, each.onward)
            elif known is not None:
                lines.append(self._header(each.header, known.digest, each.onward, number))
        return lines

    def _header(self, header: Header, digest: bytes, onward: Grant | None, number: int) -> Body:
        subject = self._subject(header, digest)
        grant = onward or header.grant
        cleared = self._cleared(grant, subject.name, Version(header.epoch, 0), subject.marking)
        return received(cleared, digest, number)

    def _updates(self, updates: Sequence[Update], number: int) -> list[Body]:
        lines: list[Body] = []
        for update in updates:
            known = self._post.handles.get(update.handle)
            if known is None or known.header is None:
                continue  # the decoder has refused it
            header = known.header
            subject = self._subject(header, known.digest)
            grant = self._post.onward.get(update.handle) or header.grant
            version = Version(header.epoch, update.version)
            cleared = self._cleared(grant, subject.name, version, subject.marking)
            lines.append(received(cleared, digest_of_update(subject.digest, update), number))
        return lines

    def _subject(self, header: Header, digest: bytes) -> _Subject:
        found = self._subjects.get(digest)
        if found is None:
            if len(self._subjects) >= MAX_SUBJECTS:
                self._subjects.clear()
            found = _Subject(digest_of_subject(header), header.subject.uid, _mark(header.subject))
            self._subjects[digest] = found
        return found

    def _cleared(self, grant: Grant, name: str, version: Version, marking: str) -> Cleared:
        terms = self._post.checker.held(grant.agreement)
        parties = terms.agreement
        if self._session.partner not in parties.givers or self._session.own not in (
            parties.receivers
        ):
            raise Refused("by an agreement that does not run this way")
        return Cleared(terms, grant.clause, grant.form, name, version, marking)

    def _records(self, said: Sequence[Said], digests: Sequence[bytes], number: int) -> list[Body]:
        lines: list[Body] = []
        for (content, onward), digest in zip(said, digests, strict=True):
            if isinstance(content, Reference):
                self._post.incoming.referred(content, onward)
            elif not isinstance(content, UnknownContent):
                lines += self._content(content, onward, digest, number)
        return lines

    def _content(self, it: Content, onward: Grant | None, digest: bytes, number: int) -> list[Body]:
        by = self._session.partner
        found: Body | None = None
        match it:
            case PeerReport() | FileOffer():
                grant = onward or it.grant
                cleared = self._cleared(grant, it.subject.uid, it.version, _mark(it.subject))
                found = received(cleared, digest, number)
            case Recall():
                found = recall_line(self._post.checker, it, by, number)
            case Receipt():
                found = entry.Receipt(by=by, frame=number, statement=content_bytes(it))
            case Suspended():
                found = suspension_line(self._post.checker, it, by)
            case _:
                pass
        return [] if found is None else [found]

    def _chunk(self, message: Chunk, number: int) -> list[Body]:
        """Return the line of content that this chunk completes; a file has none of its own."""
        whole = self._post.incoming.chunk(message)
        if whole is None:
            return []
        try:
            content = read_content(whole.data)
        except WireError:
            return self._late_header(whole, number)
        return self._content(content, whole.onward, whole.digest, number)

    def _late_header(self, whole: Whole, number: int) -> list[Body]:
        try:
            header = read_header(whole.data)
        except WireError:
            return []
        self._post.handles.fill(whole.digest, header)
        return [self._header(header, whole.digest, whole.onward, number)]


def _mark(subject: Subject) -> str:
    """Return the mark as both ledgers have it."""
    header = Header(subject=subject, epoch=0, grant=Grant(bytes(8), "", ""))
    return marking_of(report_of_update(header, Update(0, 0, 0, 0, 0, 0)).label)
