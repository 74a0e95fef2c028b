"""Makes the frames of the numbered logs: what was sent before is decided again all the same."""

from hashlib import sha256
from typing import NamedTuple

from accord.core.body import Removal
from accord.federation.contents import Offered, OfferedContents
from accord.federation.door import INEXPRESSIBLE, NEVER_GIVEN, Leaving, Stays
from accord.federation.given import Had
from accord.federation.log import Entry, LaneLog
from accord.federation.making import Means
from accord.federation.moment import Moment
from accord.federation.outgoing import Item, Outgoing
from accord.federation.record_drafts import (
    RECORD_OVERHEAD,
    Kept,
    OwnDraft,
    PassedDraft,
    Said,
    proof_of,
    size_alone,
)
from accord.federation.room import Room
from accord.federation.state_frames import TOO_LONG
from accord.federation.tracks import Candidate
from accord.wire.peer import cbor, plain
from accord.wire.peer.difference import LastSaid
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.protocol import NONCE, Lane
from accord.wire.peer.record import Content, FileOffer, PassedRecord, Void
from accord.wire.peer.report import Reference


class _Sent(NamedTuple):
    items: tuple[Item, ...]
    resent: bool


class RecordFrames:
    """Makes frames of what waits in a log. `offered` takes content that is too long for a frame."""

    def __init__(self, means: Means, offered: OfferedContents) -> None:
        self._means = means
        self._door = means.door
        self._given = means.given
        self._offered = offered
        self._last_said: dict[Lane, LastSaid] = {}
        self.waits = False
        """Whether what was asked for last goes as soon as there is room, which is kept for it."""

    def begin(self) -> None:
        """Begin a session, in which nothing has been said."""
        self._last_said.clear()

    def next(
        self, lane: Lane, log: LaneLog, room: Room, number: int, now: Moment
    ) -> Outgoing | None:
        """Return the next frame of a lane under that number, as decided now; None for nothing."""
        draft: OwnDraft | PassedDraft | None = None
        before = self._last_said.get(lane, LastSaid())
        self.waits = False
        for entry in log.unsent():
            said = self._said(entry, log, lane, room, now)
            if said is None:
                continue
            if draft is None:
                is_passed = isinstance(said, PassedRecord)
                draft = PassedDraft(before, room) if is_passed else OwnDraft(before, room)
            if not draft.add(entry, said):
                break
        if draft is None:
            return None
        if isinstance(draft, PassedDraft):
            return self._passed_on(draft, lane, log, number, now)
        return self._own(draft, lane, log, number, now)

    def _own(
        self, draft: OwnDraft, lane: Lane, log: LaneLog, number: int, now: Moment
    ) -> Outgoing | None:
        kept = draft.kept()
        if not kept:
            return None
        salt = self._means.random(NONCE) if len(kept) > 1 else None
        frame = self._sent(draft, kept, lane, log)
        return Outgoing(
            number=number, message=draft.message(kept, salt), at=now.ms, lane=lane,
            size=draft.size, items=frame.items, resent=frame.resent,
        )  # fmt: skip

    def _passed_on(
        self, draft: PassedDraft, lane: Lane, log: LaneLog, number: int, now: Moment
    ) -> Outgoing | None:
        kept = draft.kept(may_wait=lane > Lane.CONTROL)
        if not kept:
            self.waits = draft.waits
            return None
        frame = self._sent(draft, kept, lane, log)
        message, hops = draft.message(kept, self._means.own)
        return Outgoing(
            number=number, message=message, at=now.ms, lane=lane, size=draft.size,
            items=frame.items, resent=frame.resent, hops=hops,
        )  # fmt: skip

    def _sent(self, draft: OwnDraft | PassedDraft, kept: Kept, lane: Lane, log: LaneLog) -> _Sent:
        """Note that these are on their way."""
        items: list[Item] = []
        is_resent = all(entry.number for entry, _ in kept)
        for place, (entry, said) in enumerate(kept):
            log.sent(entry)
            entry.sent = said
            stands_for = entry.stands_for
            if stands_for is not None:
                self._offered.said(stands_for.digest)
            self._note(entry, place, items)
        self._last_said[lane] = draft.last_said
        return _Sent(tuple(items), is_resent)

    def _said(self, entry: Entry, log: LaneLog, lane: Lane, room: Room, now: Moment) -> Said | None:
        """Return what is said of an entry now; None where it was put off or dropped."""
        if entry.candidate is None:
            return (
                None if entry.content is None else self._in_parts(entry, entry.content, lane, room)
            )
        answer = self._asked(entry, entry.candidate, now)
        if isinstance(answer, Stays):
            return self._put_off(entry, log, answer, now)
        try:
            said = self._made(entry, entry.candidate, answer, lane, room)
        except NotExpressible:
            stays = self._door.stays(entry.candidate.report, INEXPRESSIBLE)
            return self._put_off(entry, log, stays, now)
        if said is None and not entry.number:
            log.dropped(entry)
        elif said is None:
            entry.empty()
            return entry.content
        return said

    def _asked(self, entry: Entry, candidate: Candidate, now: Moment) -> Leaving | Stays:
        body = candidate.report.body
        if isinstance(body, Removal) and entry.key is not None:
            target = entry.key._replace(uid=body.target)
            if not self._given.of_own(target):
                return self._door.stays(candidate.report, NEVER_GIVEN)
        return self._door.ask(candidate.report, now.at)

    def _put_off(self, entry: Entry, log: LaneLog, answer: Stays, now: Moment) -> Said | None:
        if not entry.number:
            if answer.may_change or answer.is_blocked:
                log.later(entry, now.seconds)
            else:
                log.dropped(entry)
            return None
        leaving = entry.leaving
        if (
            answer.may_change
            and leaving is not None
            and entry.sent is not None
            and answer.clause == leaving.grant.clause
            and self._door.is_in_force(leaving.grant)
        ):
            # It was released and did not arrive; the same again tells nothing more.
            return entry.sent
        if answer.is_blocked:
            log.add(Entry(entry.since, key=entry.key, candidate=entry.candidate,
                          content=entry.content))  # fmt: skip
        entry.empty()
        return entry.content

    def _made(
        self, entry: Entry, candidate: Candidate, leaving: Leaving, lane: Lane, room: Room
    ) -> Said | None:
        """Return what is said, None where the partner has it or it can never fit."""
        carried = candidate.carried
        is_passed = carried is not None and carried.content is not None
        if is_passed and leaving.released.form.exact and carried is not None:
            subject = carried.subject
            key = entry.key if subject is None else (
                entry.key and entry.key._replace(uid=subject.uid)
            )  # fmt: skip
            version = carried.version or candidate.version
        else:
            key, version = self._means.maker.named(candidate, leaving)
        was_sent = entry.sent is not None
        entry.leaving, entry.released, entry.version = leaving, key, version
        self._let_file_be_asked_for(entry)
        if not was_sent and key is not None and self._given.has(key, version):
            return None
        said = self._means.maker.content(candidate, leaving, entry.content, version)
        return self._in_parts(entry, said, lane, room)

    def _in_parts(
        self, entry: Entry, said: Content | PassedRecord, lane: Lane, room: Room
    ) -> Said | None:
        """Return the content, or what stands for it where it is too long for a frame."""
        if isinstance(said, PassedRecord):
            return self._passed(entry, said, lane, room)
        data = cbor.write(plain.content(said))
        if room.fits_ever(len(data) + RECORD_OVERHEAD):
            return said
        return self._offer(entry, data, lane)

    def _passed(self, entry: Entry, said: PassedRecord, lane: Lane, room: Room) -> Said | None:
        """Return what is passed on; content that stands elsewhere can be asked for from then."""
        if size_alone(proof_of(entry), said) > room.ever:
            self._means.counts[TOO_LONG] += 1
            return None
        carried = None if entry.candidate is None else entry.candidate.carried
        if isinstance(said.content, Reference) and carried is not None and carried.content:
            self._offer(entry, cbor.write(plain.content(carried.content)), lane)
        return said

    def _offer(self, entry: Entry, data: bytes, lane: Lane) -> Reference:
        reference = Reference(sha256(data).digest(), len(data))
        self._offered.offer(
            Offered(
                digest=reference.digest,
                size=reference.size,
                read=lambda begin, size: data[begin : begin + size],
                lane=lane,
                item=item_of(entry, 0),
                candidate=entry.candidate,
                own=entry.key,
            )
        )
        return reference

    def _let_file_be_asked_for(self, entry: Entry) -> None:
        item = item_of(entry, 0)
        if isinstance(entry.content, FileOffer) and item is not None:
            self._offered.released(entry.content.digest, item)

    def _note(self, entry: Entry, place: int, items: list[Item]) -> None:
        item = item_of(entry, place)
        if item is None or isinstance(entry.sent, Void):
            return
        items.append(item)
        if entry.released is not None and entry.key is not None:
            had = Had(entry.key, item.grant, durable=True)
            self._given.sent(entry.released, had)
        if entry.candidate is not None:
            self._means.distress.released(entry.candidate.report)


def item_of(entry: Entry, place: int) -> Item | None:
    """Return what an entry releases; None for this node's own words to its partner."""
    leaving, key, version = entry.leaving, entry.released, entry.version
    if leaving is None or key is None or version is None:
        return None
    return Item(
        place=place,
        origin=key.origin,
        context=key.context,
        name=key.uid,
        version=version,
        grant=leaving.grant,
        released=leaving.released,
        passed_on=isinstance(entry.sent, PassedRecord),
    )
