"""What comes of a partner's frames: checked against path, agreement and version, then effects."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accord.core.body import Removal
from accord.core.report import Report, Source
from accord.federation.carried import Carried
from accord.federation.coalition import Coalition
from accord.federation.contents import WantedContents
from accord.federation.door import Door
from accord.federation.effect import (
    Accept,
    Broken,
    DocumentCame,
    Effect,
    FileComplete,
    FileOffered,
    PartnerSuspended,
    Recalled,
    Receipted,
    Rotated,
    Unverified,
)
from accord.federation.moment import Moment
from accord.federation.reconcile import Entry
from accord.federation.settings import DAY, SyncSettings
from accord.federation.settling import Change, Settling
from accord.federation.taking import (
    NOTHING,
    Awaited,
    BrokenRules,
    Said,
    Took,
    as_report,
    awaited,
    maker_of,
    proof_of,
    unknown_in,
)
from accord.federation.version import ObjectKey, id_of, key_of
from accord.wire.errors import WireError
from accord.wire.peer import contents
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import Chunk, Farewell, Forwarded, Objects, Records, Relayed, Updates
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import Lane, Mark, Version
from accord.wire.peer.record import (
    Document,
    FileOffer,
    PassedRecord,
    Recall,
    RecallOf,
    Receipt,
    Record,
    Rotation,
    Suspended,
    UnknownContent,
    Void,
)
from accord.wire.peer.report import Header, Object, PeerReport, Reference, Update
from accord.wire.peer.translate import report_of, report_of_update


@dataclass(slots=True)
class Headers:
    """What the handles of one file stand for, and the number of the last of its headers."""

    handles: dict[int, Object] = field(default_factory=dict[int, Object])
    last: int | None = None


@dataclass(slots=True)
class Inflow:
    """All that came of one partner, and how far its logs are held here."""

    own: str
    partner: str
    settings: SyncSettings
    door: Door
    coalition: Coalition
    wanted: WantedContents
    counts: Counter[str]
    settling: Settling
    epoch: int = 0
    marks: dict[Lane, int] = field(default_factory=dict[Lane, int])
    handles: dict[int, Object] = field(default_factory=dict[int, Object])
    taken: dict[ObjectKey, Took] = field(default_factory=dict[ObjectKey, Took])
    awaited: dict[bytes, Awaited] = field(default_factory=dict[bytes, Awaited])
    offers: dict[bytes, tuple[FileOffer, Carried]] = field(
        default_factory=dict[bytes, tuple[FileOffer, Carried]]
    )
    by_file: bool = False
    """Whether what comes is out of a file: then the partner feeds nothing by it."""
    unknown: frozenset[str] = frozenset()
    """Nodes whose words in the frame that is taken in now nobody here can verify."""

    def new_epoch(self, epoch: int) -> None:
        """Begin with the numbers and handles of another life of the partner."""
        self.epoch = epoch
        self.marks.clear()
        self.settling.begin({})
        self.handles.clear()

    def marks_to_resume(self) -> tuple[Mark, ...]:
        """Return how far the partner's logs are held here, whole and on the disk."""
        marks = dict(self.settling.marks)
        if Lane.TRACKS in self.marks:
            marks[Lane.TRACKS] = self.marks[Lane.TRACKS]
        return tuple(Mark(lane, marks[lane]) for lane in sorted(marks) if marks[lane])

    def _whole(self) -> dict[Lane, int]:
        """Return how far the logs have come, as far as all that was before is whole.

        A record whose content has not come whole counts as not there, and so does what came after.
        """
        marks = {lane: number for lane, number in self.marks.items() if lane is not Lane.TRACKS}
        for it in self.awaited.values():
            marks[it.lane] = min(marks.get(it.lane, 0), it.number - 1)
        return marks

    def ask_again(self) -> None:
        """Take again what is not whole, and what came after it."""
        marks = {**self.marks, **self._whole()}
        self.marks = {lane: number for lane, number in marks.items() if number}

    def begin(self, marks: Iterable[Mark]) -> None:
        """Begin a session in which the partner goes on after these numbers."""
        self.marks = {mark.lane: mark.number for mark in marks}
        self.settling.begin(
            {lane: number for lane, number in self.marks.items() if lane is not Lane.TRACKS}
        )

    def held_to(self, marks: dict[Lane, int]) -> None:
        """Take note that the logs are held on the disk as far as that."""
        self.marks |= marks
        self.settling.marks |= marks

    def restore(
        self,
        epoch: int,
        marks: dict[Lane, int],
        handles: Iterable[Object],
        taken: Iterable[tuple[ObjectKey, Took]],
    ) -> None:
        """Go on with what had come of that epoch of the partner."""
        self.epoch = epoch
        self.begin(Mark(lane, number) for lane, number in marks.items())
        self.handles.update({each.handle: each for each in handles})
        self.taken.update(taken)

    def entries(self, *, durable: bool) -> list[Entry]:
        """Return what the partner gave, as it is compared."""
        return [
            (took.version.ms, id_of(key, took.version))
            for key, took in self.taken.items()
            if took.durable is durable
        ]

    def content(
        self, frame: Frame, now: Moment, unknown: frozenset[str] = frozenset()
    ) -> list[Effect]:
        """Return what a frame of headers, states, records or content brings about."""
        self.unknown = unknown
        try:
            return list(self._content(frame, now))
        except BrokenRules as broken:
            return [Broken(reason=broken.reason, words=broken.words)]
        except WireError as error:
            return [Broken(reason=Farewell.PROTOCOL, words=str(error))]
        finally:
            self._came(frame)

    def _came(self, frame: Frame) -> None:
        """Let what lasts count as come when it is on the disk; of states the newest heals all."""
        number = 0 if self.by_file else frame.number
        if isinstance(frame.message, Records | Forwarded | Chunk):
            self.settling.came(number, self._whole(), self.wanted.came_whole())
        elif number:
            self.settling.passed(number)

    def content_of_file(
        self, frame: Frame, now: Moment, headers: Headers, unknown: frozenset[str] = frozenset()
    ) -> list[Effect]:
        """Return what a frame of a file brings about, whose handles are its own."""
        handles, last = self.handles, self.marks.pop(Lane.TRACKS, None)
        self.handles, self.by_file = headers.handles, True
        if headers.last is not None:
            self.marks[Lane.TRACKS] = headers.last
        try:
            return self.content(frame, now, unknown)
        finally:
            headers.last = self.marks.pop(Lane.TRACKS, None)
            self.handles, self.by_file = handles, False
            if last is not None:
                self.marks[Lane.TRACKS] = last

    def _content(self, frame: Frame, now: Moment) -> Iterable[Effect]:
        effects: list[Effect] = []
        match frame.message:
            case Objects(objects):
                self._objects(objects)
            case Updates(updates):
                for place, update in enumerate(updates):
                    effects += self._update(proof_of(frame), place, update, now)
            case Relayed(passed=passed):
                for place, update, _ in passed:
                    effects += self._update(proof_of(frame), place, update, now)
            case Records(records):
                for place, record in enumerate(records):
                    effects += self._record(frame, place, record, now)
            case Forwarded():
                effects += self._forwarded(frame, frame.message, now)
            case Chunk():
                effects += self._chunk(frame.message, now)
            case _:
                raise BrokenRules(Farewell.PROTOCOL, f"a {frame.type.name} out of place")
        return effects

    def _objects(self, objects: tuple[Object, ...]) -> None:
        for each in objects:
            if isinstance(each.header, Reference):
                raise BrokenRules(Farewell.PROTOCOL, "a header that is longer than a frame")
            last = self.marks.get(Lane.TRACKS)
            if last is not None and each.number != last + 1:
                raise BrokenRules(Farewell.PROTOCOL, "the numbers of headers do not follow")
            if each.handle not in self.handles and len(self.handles) >= self.settings.max_objects:
                raise BrokenRules(Farewell.PROTOCOL, "more handles than are taken")
            self.marks[Lane.TRACKS] = each.number
            self.handles[each.handle] = each

    # States.

    def _update(self, proof: Proved, place: int, update: Update, now: Moment) -> list[Effect]:
        given = self.handles.get(update.handle)
        if given is None or not isinstance(given.header, Header):
            raise BrokenRules(Farewell.PROTOCOL, "a state of a handle that stands for nothing")
        header = given.header
        carried = Carried(
            proof=proof, place=place, grant=given.onward or header.grant, header=header,
            update=update,
        )  # fmt: skip
        version, key = Version(header.epoch, update.version), key_of(header.subject)
        if not self._may_come(carried, version, now):
            return []
        if unverified := unknown_in(proof, self.unknown):
            return [Unverified(nodes=unverified)]
        self._take(key, Took(version, carried.grant, durable=False))
        if not self._is_new(key, version, now):
            self.counts["a state that was here"] += 1
            return []
        report = report_of_update(header, update)
        return [Accept(report=self._sourced(report, carried, now), version=version,
                       carried=carried)]  # fmt: skip

    def _is_new(self, key: ObjectKey, version: Version, now: Moment) -> bool:
        if self.by_file:
            return self.coalition.versions.take(key, version, now.ms)
        return self.coalition.state_came(self.partner, key, version, now.ms)

    def _may_come(self, carried: Carried, version: Version, now: Moment) -> bool:
        """Tell whether an item is to be taken; raise where the partner may not send such."""
        if not self.door.expects(carried.grant):
            raise BrokenRules(Farewell.AGREEMENT, "a release by an agreement that is not in force")
        path = carried.path
        if self.own in path or len(set(path)) < len(path):
            self.counts["it came in a circle"] += 1
            return False
        if len(path) > self.settings.hop_limit:
            self.counts["it came over too many nodes"] += 1
            return False
        if version.ms > now.ms + self.settings.clock_tolerance * 1_000:
            self.counts["it comes from the future"] += 1
            return False
        return True

    def _take(self, key: ObjectKey, took: Took) -> None:
        before = self.taken.pop(key, None)
        if before is not None and before.version > took.version:
            took = before
        if took.durable:
            self.settling.changed(Change(key, before, took))
        limit = self.settings.max_objects + 4 * self.settings.max_log_entries
        if len(self.taken) >= limit:
            del self.taken[next(iter(self.taken))]
        self.taken[key] = took

    def _sourced(self, report: Report, carried: Carried, now: Moment) -> Report:
        origin, *others = carried.path
        source = Source(
            node=origin,
            channel=f"partner:{self.partner}",
            speaker=report.source.speaker,
            hops=tuple(others),
        )
        return replace(report, source=source, received=now.at)

    # Records.

    def _follows(self, lane: Lane, number: int) -> bool:
        """Note the next number of a log; False for one that was here, raise for a gap."""
        mark = self.marks.get(lane)
        if mark is not None and number <= mark:
            self.counts["a record that was here"] += 1
            return False
        if mark is not None and number != mark + 1:
            raise BrokenRules(Farewell.PROTOCOL, "the numbers of records do not follow")
        self.marks[lane] = number
        return True

    def _record(self, frame: Frame, place: int, record: Record, now: Moment) -> list[Effect]:
        said = record.content
        if not self._follows(frame.lane, record.number):
            self._named(said)
            return []
        match said:
            case Reference():
                it = awaited(frame, place, record, self.unknown)
                self._await(it._replace(reference=said))
                return []
            case PeerReport() | FileOffer() | Document():
                return self._said(said, awaited(frame, place, record, self.unknown), now)
            case Rotation():
                return self._rotation(said, awaited(frame, place, record, self.unknown))
            case _:
                return self._between_two(said, frame.contents[place], now)

    def _named(self, said: object) -> None:
        """Ask for what a file referred to, and the line does now."""
        if isinstance(said, Reference) and not self.by_file:
            self.wanted.named(said.digest)

    def _between_two(
        self, said: Recall | Receipt | Suspended | Void | UnknownContent, digest: bytes, now: Moment
    ) -> list[Effect]:
        """Return what the partner's own words to this node bring about."""
        match said:
            case Recall():
                return [Recalled(recall=said, digest=digest, keys=self._recalled(said, now))]
            case Receipt():
                return [Receipted(receipt=said)]
            case Suspended():
                self.door.suspended_there(said.agreement, said.reason)
                return [PartnerSuspended(suspended=said)]
            case Void() | UnknownContent():
                return []

    def _forwarded(self, frame: Frame, message: Forwarded, now: Moment) -> list[Effect]:
        effects: list[Effect] = []
        for place, passed in enumerate(message.passed):
            number = message.first + place
            if not self._follows(frame.lane, number):
                self._named(passed.content)
            else:
                proof = frame.proofs[place]
                it = Awaited(
                    proof, passed.place, frame.lane, NOTHING, passed.grant, number=number,
                    unverified=unknown_in(proof, self.unknown),
                )  # fmt: skip
                effects += self._passed(passed, it, now)
        return effects

    def _passed(self, passed: PassedRecord, it: Awaited, now: Moment) -> list[Effect]:
        content = passed.content
        if isinstance(content, Reference):
            self._await(it._replace(reference=content))
            return []
        return self._said(content, it, now)

    def _said(self, said: Said, it: Awaited, now: Moment) -> list[Effect]:
        grant = it.grant or said.grant
        if grant is None:
            return self._document(said, it, None)
        carried = Carried(
            proof=it.proof, place=it.place, grant=grant, content=said,
            reference=it.reference if it.reference.size else None,
        )  # fmt: skip
        version = Version(0, 0) if isinstance(said, Document) else said.version
        if not self._may_come(carried, version, now):
            return []
        if it.unverified:
            return [Unverified(nodes=it.unverified)]
        if isinstance(said, Document):
            return self._document(said, it, carried)
        return self._object(said, carried, now)

    def _object(self, said: PeerReport | FileOffer, carried: Carried, now: Moment) -> list[Effect]:
        key, version = key_of(said.subject), said.version
        self._take(key, Took(version, carried.grant, durable=True))
        if not self.coalition.versions.take(key, version, now.ms):
            self.counts["a record that was here"] += 1
            return []
        if isinstance(said, FileOffer):
            self._note_offer(said, carried)
            report = self._sourced(report_of(as_report(said)), carried, now)
            return [FileOffered(offer=said, report=report, carried=carried)]
        report = report_of(said)
        if isinstance(report.body, Removal):
            self._bury(key._replace(uid=report.body.target), version, now)
        return [Accept(report=self._sourced(report, carried, now), version=version,
                       carried=carried)]  # fmt: skip

    def _document(self, said: Said, it: Awaited, carried: Carried | None) -> list[Effect]:
        if not isinstance(said, Document):
            raise BrokenRules(Farewell.PROTOCOL, "a release without a grant")
        if isinstance(said.data, Reference):
            self._await(it._replace(reference=said.data, partly=said))
            return []
        return [DocumentCame(document=said, carried=carried)]

    def _rotation(self, said: Rotation, it: Awaited) -> list[Effect]:
        if isinstance(said.data, Reference):
            self._await(it._replace(reference=said.data, partly=said))
            return []
        return [Rotated(rotation=said)]

    # Recalls and burials.

    def _recalled(self, recall: Recall, now: Moment) -> tuple[ObjectKey, ...]:
        keys = self.meant_by(recall)
        for key in keys:
            took = self.taken.pop(key)
            self.settling.changed(Change(key, took, None))
            self._bury(key, took.version, now)
        return keys

    def meant_by(self, recall: Recall) -> tuple[ObjectKey, ...]:
        """Return which of the objects that came of this partner a recall is about."""
        if recall.of is RecallOf.OBJECT:
            key = ObjectKey(recall.origin, recall.context, recall.uid)
            return (key,) if key in self.taken else ()
        return tuple(
            key
            for key, took in self.taken.items()
            if took.grant.agreement == recall.agreement
            and (recall.of is RecallOf.AGREEMENT or took.grant.clause == recall.clause)
        )

    def _bury(self, key: ObjectKey, version: Version, now: Moment) -> None:
        until = now.ms + int(self.settings.tombstone_days * DAY * 1_000)
        self.coalition.versions.bury(key, version, until)
        self.settling.buried((key, version, until))

    # Content that comes in chunks.

    def want_file(self, digest: bytes) -> bool:
        """Ask for a file that was offered."""
        offered = self.offers.get(digest)
        if offered is None or offered[0].size > self.settings.file_bytes:
            return False
        return self.wanted.begin(digest, offered[0].size, Lane.FILES)

    def _await(self, it: Awaited) -> None:
        reference = it.reference
        if reference.size > self.settings.content_bytes:
            self.counts["content that is too long"] += 1
            return
        is_named = not self.by_file
        if not self.wanted.begin(reference.digest, reference.size, it.lane, is_named=is_named):
            raise BrokenRules(Farewell.BUSY, "more contents at once than are taken")
        self.awaited[reference.digest] = it

    def _note_offer(self, offer: FileOffer, carried: Carried) -> None:
        if len(self.offers) >= self.settings.max_contents:
            del self.offers[next(iter(self.offers))]
        self.offers[offer.digest] = offer, carried

    def _chunk(self, chunk: Chunk, now: Moment) -> list[Effect]:
        try:
            digest = self.wanted.take(chunk)
        except ValueError as error:
            raise BrokenRules(Farewell.PROTOCOL, str(error)) from None
        if digest is None:
            return []
        data = self.wanted.finish(digest)
        it = self.awaited.pop(digest, None)
        if it is not None:
            return self._came_whole(it, data, now)
        offered = self.offers.get(digest)
        return [] if offered is None else [FileComplete(offer=offered[0], data=data)]

    def _came_whole(self, it: Awaited, data: bytes, now: Moment) -> list[Effect]:
        if isinstance(it.partly, Rotation):
            return self._rotation(replace(it.partly, data=data), it)
        if it.partly is not None:
            return self._said(replace(it.partly, data=data), it, now)
        content = contents.read_content(data)
        if isinstance(content, Rotation):
            return self._rotation(content, it)
        if not isinstance(content, PeerReport | FileOffer | Document):
            raise BrokenRules(Farewell.PROTOCOL, "content of a kind that has to stand in a frame")
        if maker_of(content) not in (None, it.proof.statement.sender):
            raise BrokenRules(Farewell.TRUST, "content is not of who is said to have made it")
        return self._said(content, it, now)
