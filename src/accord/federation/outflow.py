"""The one way out to a partner: which frame goes next, and what became of those that went."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from accord.federation.contents import (
    CHUNK_OVERHEAD,
    Offered,
    OfferedContents,
    WantedContents,
)
from accord.federation.distress import Distress
from accord.federation.door import Door, Stays
from accord.federation.given import Given
from accord.federation.handles import GivenHandles
from accord.federation.log import LaneLog
from accord.federation.making import Maker, Means
from accord.federation.moment import Moment
from accord.federation.outgoing import Item, Outgoing
from accord.federation.record_frames import RecordFrames, item_of
from accord.federation.room import FRAME_OVERHEAD, Room
from accord.federation.settings import SyncSettings
from accord.federation.state_frames import StateFrames, item_of_release
from accord.federation.status import LaneStatus
from accord.federation.tracks import Tracks
from accord.federation.version import ObjectKey
from accord.federation.window import Budget, Turns, Window
from accord.wire.peer.frame import HELLO_NUMBER, LONGEST_FRAME
from accord.wire.peer.message import (
    Ack,
    Checkpoint,
    Chunk,
    Cosignature,
    Forwarded,
    Graft,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Range,
    Records,
    Want,
)
from accord.wire.peer.protocol import DURABLE_LANES, Lane
from accord.wire.peer.report import Object

SHARES = {Lane.CHAT: 16, Lane.DURABLE: 4, Lane.TRACKS: 4, Lane.FILES: 1}
"""Bytes that lanes get in proportion while several have something to send."""
SMALL = 16
"""Bytes of a frame that says little: an ACK, a KEEPALIVE."""
BATCH = 20
"""Objects that wait for no more to share a frame with."""
LEAST_WAIT = 0.05
"""Seconds between two looks at a budget that fills."""
FAR = float("inf")
SHORTEST = 600
"""Bytes under which no frame limit is held to: one block of content has 512."""


@dataclass(slots=True)
class _Flown:
    """What a frame on its way had: the last number of a lane's log."""

    lane: Lane
    last: int


@dataclass(slots=True)
class Outflow:
    """All that waits for one partner, and the session it goes over."""

    own: str
    settings: SyncSettings
    door: Door
    random: Callable[[int], bytes]
    counts: Counter[str]
    connected: bool = False
    longest: int = 0
    number: int = HELLO_NUMBER
    owes_ack: bool = False
    acknowledges: int = HELLO_NUMBER
    holds_back: bool = False
    """Whether only emergencies and control go, since it is being found out what the partner has."""
    by_file: bool = False
    """Whether the session is a file: without window, budget, or questions to the partner."""
    last_sent: float = 0.0
    control: deque[PeerMessage] = field(default_factory=deque[PeerMessage])
    given: Given = field(init=False)
    distress: Distress = field(init=False)
    tracks: Tracks = field(init=False)
    handles: GivenHandles = field(init=False)
    logs: dict[Lane, LaneLog] = field(init=False)
    offered: OfferedContents = field(init=False)
    wanted: WantedContents = field(init=False)
    window: Window = field(init=False)
    budget: Budget = field(init=False)
    _turns: Turns = field(init=False)
    _states: StateFrames = field(init=False)
    _records: RecordFrames = field(init=False)
    _flown: dict[int, _Flown] = field(default_factory=dict[int, _Flown])
    _aside: tuple[tuple[Object, ...], int] | None = None

    def __post_init__(self) -> None:
        settings = self.settings
        self.given = Given(limit=settings.max_objects + 4 * settings.max_log_entries)
        self.distress = Distress(limit=settings.max_objects)
        self.tracks = Tracks(
            limit=settings.max_objects, waiting=settings.max_waiting, retry=settings.retry,
            counts=self.counts,
        )  # fmt: skip
        self.handles = GivenHandles(limit=settings.max_objects)
        self.logs = {
            lane: LaneLog(
                limit=settings.max_log_entries, limit_bytes=settings.max_log_bytes,
                retry=settings.retry, counts=self.counts,
            )
            for lane in DURABLE_LANES
        }  # fmt: skip
        self.offered = OfferedContents(limit=settings.max_contents)
        self.wanted = WantedContents(limit=settings.max_contents)
        self.window, self.budget = Window(settings), Budget(settings)
        self._turns = Turns({int(lane): share for lane, share in SHARES.items()})
        means = Means(
            own=self.own, door=self.door, given=self.given, distress=self.distress,
            random=self.random, counts=self.counts,
            maker=Maker(
                self.own, self.given, originals=settings.originals,
                chat_originals=settings.chat_originals,
            ),
        )  # fmt: skip
        self._states = StateFrames(means, self.tracks, self.handles)
        self._records = RecordFrames(means, self.offered)

    # The session.

    def begin(self, longest: int, now: Moment) -> None:
        """Begin a session with a partner that takes frames of so many bytes."""
        rate = self.settings.budget_per_second
        self.longest = max(SHORTEST, min(longest, self.settings.frame_bytes, rate or longest))
        self.connected = True
        self.number = self.acknowledges = HELLO_NUMBER
        self.owes_ack = False
        self.last_sent = now.seconds
        self.tracks.reconsider(now.seconds)
        for log in self.logs.values():
            log.reconsider()
        self._records.begin()

    def begin_file(self, now: Moment) -> None:
        """Begin a session that goes into a file, with handles that mean something in it alone."""
        self._aside = self.handles.objects(), self.handles.last
        self.handles.restore((), 0)
        self.begin(LONGEST_FRAME, now)
        self.by_file, self.longest = True, LONGEST_FRAME
        for log in self.logs.values():
            log.begin(log.acked)

    @property
    def lasting_handles(self) -> tuple[tuple[Object, ...], int]:
        """The headers that the partner has over the line, and the number of the last."""
        return self._aside or (self.handles.objects(), self.handles.last)

    def end(self, now: Moment) -> None:
        """End the session: what was on its way is to be sent again."""
        if self._aside is not None:
            self.handles.restore(*self._aside)
            self._aside = None
        self.connected = self.holds_back = self.by_file = False
        self.pruned = set()
        self.window.clear()
        self.tracks.lost(now.seconds)
        self._flown.clear()
        self.offered.clear()
        self.wanted.clear()

    def acknowledge(self, number: int) -> None:
        """Tell the partner that this frame of it, and all before, are taken in; a file does not."""
        if number > self.acknowledges and not self.by_file:
            self.acknowledges, self.owes_ack = number, True

    def acknowledged(self, number: int, now: Moment) -> None:
        """Take in that the partner has all frames up to that number."""
        self.window.acknowledged(number, now.seconds)
        for release in self.tracks.arrived(number):
            self.given.arrived(release.key, release.version)
        for flown in [each for each in self._flown if each <= number]:
            it = self._flown.pop(flown)
            self.log_arrived(it.lane, it.last)

    def log_arrived(self, lane: Lane, number: int) -> None:
        """Take in that the partner has a lane's log up to that number."""
        for entry in self.logs[lane].arrived(number):
            # What only stands for its content has not arrived before that has.
            is_there = not entry.is_in_parts
            if is_there and entry.released is not None and entry.version is not None:
                self.given.arrived(entry.released, entry.version)

    def wants(self, want: Want) -> None:
        """Take in which blocks of what the partner wants; none: it has it."""
        if not want.blocks:
            for offered in self.offered.all():
                item = offered.item
                if offered.digest == want.digest and item is not None:
                    key = ObjectKey(item.origin, item.context, item.name)
                    self.given.arrived(key, item.version)
        if not self.offered.want(want):
            self.counts["content that is not offered was wanted"] += 1

    def say(self, message: PeerMessage) -> None:
        """Send one of this node's own messages once; of many that wait the oldest is dropped."""
        if len(self.control) >= self.settings.max_contents:
            self.control.popleft()
            self.counts["a control message too many"] += 1
        self.control.append(message)

    def send_again(self, owned: set[ObjectKey], *, durable: bool, now: Moment) -> None:
        """Send again what the partner had, and has no more."""
        if not durable:
            self.tracks.again(owned, now.seconds)
            return
        for log in self.logs.values():
            log.once_more(lambda entry: entry.key in owned)

    def in_flight(self) -> tuple[Item, ...]:
        """Return what was released and is not acknowledged."""
        states = (item_of_release(0, release) for release in self.tracks.flying())
        entries = (item_of(entry, 0) for log in self.logs.values() for entry in log.flying())
        return (*states, *(item for item in entries if item is not None))

    @property
    def pruned(self) -> set[str]:
        """The nodes of whose objects the partner wants nothing more now."""
        return self._states.pruned

    @pruned.setter
    def pruned(self, origins: set[str]) -> None:
        self._states.pruned = origins

    # The next frame.

    def next(self, now: Moment) -> Outgoing | None:
        """Return the next frame to send now."""
        if not self.connected:
            return None
        found = self._acknowledgement(now) or self._urgent(now) or self._shared(now)
        is_quiet = not self.by_file and now.seconds - self.last_sent >= self.settings.keepalive
        if found is None and is_quiet:
            found = self._plain(Keepalive(), SMALL, now)
        if found is not None:
            self._count(found, now)
        return found

    def next_at(self, now: Moment) -> float:
        """Return at which `seconds` to ask again, if nothing happens before."""
        if not self.connected:
            return now.seconds + self.settings.keepalive
        waits = [log.next_at() for log in self.logs.values()]
        waits.append(self.tracks.next_at())
        _, since = self.tracks.waiting(Lane.TRACKS)
        if since is not None:
            waits.append(since + self.settings.linger)
        second = self.budget.second(now)
        if second is not None and second < self.longest:
            waits.append(now.seconds + max(LEAST_WAIT, self.budget.wait(self.longest)))
        # What is due already and did not go waits for an acknowledgement, or for somebody.
        times = [at for at in waits if at is not None and at > now.seconds]
        return max(now.seconds, min(self.last_sent + self.settings.keepalive, *times, FAR))

    def _acknowledgement(self, now: Moment) -> Outgoing | None:
        if not self.owes_ack:
            return None
        self.owes_ack = False
        return self._plain(Ack(self.acknowledges), SMALL, now)

    def _urgent(self, now: Moment) -> Outgoing | None:
        """Return what goes before all else: emergencies, then control."""
        room = self._room(now, urgent=True)
        if room is None:
            return None
        if self.door.is_open:
            found = self._records_of(Lane.EMERGENCY, room, now)
            found = found or self._chunk(Lane.EMERGENCY, room, now)
            found = found or self._states.next(Lane.EMERGENCY, room, self.number + 1, now)
            if found is not None:
                return found
        message = self._own_message()
        if message is not None:
            return self._plain(message, size_of(message), now)
        for lane, want in self.wanted.questions():
            return self._plain(want, FRAME_OVERHEAD // 2 + len(want.blocks), now, lane=lane)
        return self._chunk(Lane.CONTROL, room, now) or self._records_of(Lane.CONTROL, room, now)

    def _own_message(self) -> PeerMessage | None:
        """Take the next of this node's own messages; what is of one session of a line stays."""
        for message in self.control:
            if not self.by_file or isinstance(message, Checkpoint | Cosignature):
                self.control.remove(message)
                return message
        return None

    def _shared(self, now: Moment) -> Outgoing | None:
        """Return what is due of the lanes that share."""
        if self.holds_back or not self.door.is_open:
            return None
        room = self._room(now, urgent=False)
        if room is None or not self._is_worth_while(room):
            return None
        self._records.waits = False
        for place in self._turns.order():
            lane = Lane(place)
            found = self._of_lane(lane, room, now)
            if found is not None:
                self._turns.served(lane, found.size)
                return found
            if self._records.waits:
                return None
        return None

    def _of_lane(self, lane: Lane, room: Room, now: Moment) -> Outgoing | None:
        if lane is Lane.TRACKS:
            count, since = self.tracks.waiting(lane)
            wakes = self.tracks.next_at()
            linger = 0.0 if self.by_file else self.settings.linger
            is_due = since is not None and since + linger <= now.seconds
            if not (is_due or count >= BATCH or (wakes is not None and wakes <= now.seconds)):
                return None
            return self._states.next(lane, room, self.number + 1, now)
        chunk = self._chunk(lane, room, now)
        if chunk is not None or lane is Lane.FILES:
            return chunk
        return self._records_of(lane, room, now)

    def _records_of(self, lane: Lane, room: Room, now: Moment) -> Outgoing | None:
        log = self.logs[lane]
        if not log.has_unsent(now.seconds):
            return None
        return self._records.next(lane, log, room, self.number + 1, now)

    def _chunk(self, lane: Lane, room: Room, now: Moment) -> Outgoing | None:
        asked = self.offered.asked(lane)
        if asked is None:
            return None
        ticket, offered = asked
        if not self._may_leave(offered, now):
            self.offered.withdraw(offered.digest)
            return None
        most = min(self.settings.chunk_bytes, max(room.now, room.alone) - CHUNK_OVERHEAD)
        chunk = self.offered.chunk(ticket, most)
        if chunk is None:
            return None
        size = len(chunk.data) + CHUNK_OVERHEAD
        return Outgoing(
            number=self.number + 1, lane=lane, at=now.ms, message=chunk, size=size,
            items=() if offered.item is None else (offered.item,),
        )  # fmt: skip

    def _may_leave(self, offered: Offered, now: Moment) -> bool:
        """Decide about content again for every chunk of it."""
        if offered.candidate is None or offered.item is None:
            return True
        answer = self.door.ask(offered.candidate.report, now.at)
        is_held = isinstance(answer, Stays) and not answer.may_change
        return not is_held and self.door.is_in_force(offered.item.grant)

    def _plain(
        self, message: PeerMessage, size: int, now: Moment, *, lane: Lane = Lane.CONTROL
    ) -> Outgoing:
        return Outgoing(number=self.number + 1, lane=lane, at=now.ms, message=message, size=size)

    def _room(self, now: Moment, *, urgent: bool) -> Room | None:
        """Return how long the next frame may be, None where none may go."""
        window, most = self.window, self.longest
        if self.by_file:
            return Room(most, most, most)
        alone = most if not window.in_flight else 0
        free = min(most, window.room)
        budget = self.budget.room(now, urgent=urgent)
        if budget is not None:
            free, alone = min(free, budget), min(alone, budget)
        return Room(free, alone, most) if max(free, alone) > SMALL else None

    def _is_worth_while(self, room: Room) -> bool:
        """Tell whether a frame would be long enough to be worth its signature."""
        return not self.window.in_flight or 3 * room.now >= min(self.longest, self.window.size)

    def _count(self, outgoing: Outgoing, now: Moment) -> None:
        self.number = outgoing.number
        self.last_sent = now.seconds
        if not self.by_file:
            self.budget.spend(outgoing.size, now)
        message = outgoing.message
        if isinstance(message, Ack | Keepalive):
            return
        self.window.sent(outgoing.number, outgoing.size, now.seconds)
        last = last_record(message)
        if last is not None:
            self._flown[outgoing.number] = _Flown(outgoing.lane, last)
        if isinstance(message, Objects | Chunk):
            return
        for item in outgoing.items:
            self.door.totals.left(item)

    def lanes(self, now: Moment) -> dict[Lane, LaneStatus]:
        """Return what waits, by lane."""
        found: dict[Lane, LaneStatus] = {}
        for lane in Lane:
            count, since = self.tracks.waiting(lane)
            size = count * 30 + self.offered.waiting(lane)
            if lane in self.logs:
                entries, held, oldest = self.logs[lane].waiting()
                count, size = count + entries, size + held
                since = min((t for t in (since, oldest) if t is not None), default=None)
            if lane is not Lane.CONTROL and self.door.gives_nothing:
                found[lane] = LaneStatus(held_back=count)
                continue
            lag = 0.0 if since is None else max(0.0, now.seconds - since)
            found[lane] = LaneStatus(waiting=count, bytes=size, lag=lag)
        return found


def last_record(message: PeerMessage) -> int | None:
    """Return the number of the last entry of a log that is in a frame, None where none is."""
    if isinstance(message, Forwarded):
        return message.first + len(message.passed) - 1
    return message.records[-1].number if isinstance(message, Records) else None


def size_of(message: PeerMessage) -> int:
    """Return about how long the frame of one of this node's own unsigned messages is."""
    match message:
        case Checkpoint() | Cosignature():
            return SMALL + len(message.note)
        case Prune() | Graft():
            return SMALL + sum(len(origin) + 1 for origin in message.origins)
        case Range():
            return SMALL + sum(
                18 + len(part.prefix) + len(part.fingerprint or b"") + 12 * len(part.ids or ())
                for part in message.parts
            )
        case _:
            return SMALL
