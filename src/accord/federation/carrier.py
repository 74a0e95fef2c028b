"""Writes and reads the files of one link: what goes to the partner, or came of it, without a line.

The guard signs, enters and verifies, as it does on a line; here is decided what is in a file, and
what of one is taken.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from accord.core.errors import AccordError
from accord.federation import bundle, bundle_memory
from accord.federation.bundle import MAX_ANSWERS, Bundle, Head
from accord.federation.bundle_memory import Passed, Sent
from accord.federation.by_file import State, states_of, why_not_now
from accord.federation.effect import Broken, CheckpointCame, Effect, Recalled, Unverified
from accord.federation.exchange import read_hello, verified
from accord.federation.guard import ipc, talk
from accord.federation.guard.placeholders import Unsigned
from accord.federation.guard.session import Session
from accord.federation.guard.talk import Step
from accord.federation.inflow import Headers
from accord.federation.moment import Moment
from accord.federation.outgoing import Outgoing
from accord.federation.surroundings import Node, Surroundings
from accord.federation.sync import PartnerSync
from accord.observe.counters import Tally
from accord.security.admission import LOOK_EVERY
from accord.wire.errors import WireError
from accord.wire.peer.decode import Decoder
from accord.wire.peer.frame import LONGEST_FRAME, Frame, Handles
from accord.wire.peer.message import Forwarded, Hello, PeerMessage, Records, Relayed, Updates
from accord.wire.peer.translate import moment

ANSWER_WITHIN = 60.0
"""Seconds that a guard may take for a step."""
GUARD_WITHIN = 10.0
"""Seconds in which a guard that has ended is begun again."""
AT_ONCE = 8
"""Frames that the guard may have and not have given back."""
CONGESTED = 0.05
"""Seconds between looks whether the node can take more in."""


class CannotCarry(AccordError):
    """A file is not written, or not taken; nothing has changed by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnd:
    """What is had of the link, and of its guard.

    `needed` is what the guard must be given before a frame. `why_behind` says from a HELLO of
    the partner that it remembers what this node does not; empty where it does not.
    """

    is_open: Callable[[], bool]
    say: Callable[[talk.Message], None]
    drain: Callable[[], Awaitable[None]]
    needed: Callable[[PeerMessage], list[talk.Content] | None]
    why_behind: Callable[[Hello], str]
    unverified: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A bundle, and what is in it. `is_known`: the partner has said at some time what it holds.

    `is_whole`: all that may leave now is in it.
    """

    data: bytes
    id: bytes
    made: int
    items: int
    is_known: bool
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A bundle that was taken in: how many things were in it, and how many were new here."""

    id: bytes
    made: int
    items: int
    fresh: int


@dataclass(slots=True)
class _Filling:
    """What has gone into a bundle so far."""

    data: bytearray
    items: int = 0
    under_way: int = 0
    is_whole: bool = True
    states: list[State] = field(default_factory=list[State])


class Carrier:
    """The files of one link, one at a time. Raises CannotCarry, or AccordError for the disk."""

    def __init__(
        self, partner: str, around: Surroundings, sync: PartnerSync, node: Node, link: LinkEnd
    ) -> None:
        self._partner = partner
        self._around = around
        self._sync = sync
        self._node = node
        self._link = link
        self._unsigned = Unsigned(around.profile, around.random)
        self.memory = bundle_memory.load(around.directory, partner, around.log)
        self._one = asyncio.Lock()
        # As much as a file has: its size is limited before it is read.
        self._answers: deque[talk.Message | None] = deque()
        self._answered = asyncio.Event()

    def _moment(self) -> Moment:
        return Moment(self._around.clock.now(), self._around.clock.monotonic())

    # The guard.

    def hear(self, message: talk.Message) -> None:
        """Take what the guard says about a file."""
        self._answers.append(message)
        self._answered.set()

    def guard_ended(self) -> None:
        """Wait for nothing more of this guard."""
        self._answers.append(None)
        self._answered.set()

    def heard(self, hello: bytes, made: int) -> None:
        """Keep the HELLO with which the partner began a session over a line."""
        if self.memory.heard(hello, made):
            self._keep_memory()

    def noted(self, effect: Effect) -> None:
        """Take note of what came, over a line or by file, that makes older files void."""
        if isinstance(effect, Recalled):
            self.memory.called_back(effect.recall.at)
            self._keep_memory()

    def _keep_memory(self) -> None:
        try:
            self._save()
        except AccordError as error:
            self._around.log.burst("bundles", client=self._partner, reason=str(error))

    async def _said(self) -> talk.Message:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                while not self._answers:
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            raise CannotCarry(f"the guard of {self._partner} does not answer") from None
        message = self._answers.popleft()
        if message is None:
            raise CannotCarry(f"the guard of {self._partner} ended meanwhile")
        if isinstance(message, talk.Bundled) and message.step is Step.REFUSED:
            raise CannotCarry(message.data.decode(errors="replace"))
        return message

    async def _answer(self, step: Step) -> bytes:
        message = await self._said()
        if not isinstance(message, talk.Bundled) or message.step is not step:
            raise CannotCarry(f"the guard of {self._partner} said something else")
        return message.data

    async def _do(self, step: Step, data: bytes = b"") -> bytes:
        self._link.say(talk.Bundled(step, data))
        return await self._answer(step)

    async def _begin(self) -> None:
        self._answers.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(GUARD_WITHIN):
                while not self._link.is_open():  # noqa: ASYNC110  a guard that starts has no event
                    await asyncio.sleep(LOOK_EVERY)
        if not self._link.is_open():
            raise CannotCarry(
                f"the link to {self._partner} is stopped, or its guard does not run: "
                "see accord status"
            )

    # A file for the partner.

    async def write(self) -> Written:
        """Write what may leave now and is not known to have arrived."""
        async with self._one:
            await self._begin()
            if self._sync.by_file.has_line:
                raise CannotCarry(f"the link to {self._partner} is up: nothing has to be carried")
            try:
                return await self._write()
            finally:
                if self._sync.by_file.is_writing:
                    self._sync.disconnected(self._moment())

    async def _write(self) -> Written:
        hello = self._sync.hello(self._moment())
        head = Head(
            id=hello.nonce, writer=hello.node, reader=self._partner, made=hello.clock,
            answers=self.memory.answers(MAX_ANSWERS),
        )  # fmt: skip
        begin = bundle.begin(head)
        filling = _Filling(bytearray(begin))
        await self._do(Step.BEGIN, begin)
        filling.data += await self._do(Step.HELLO, self._unsigned.hello(hello, self._partner))
        theirs = self._theirs(hello)
        if theirs is not None:
            await self._fill(filling, theirs, head)
        filling.data += await self._do(Step.SEAL)
        return self._wrote(head, filling, is_known=theirs is not None)

    def _theirs(self, own: Hello) -> Hello | None:
        """Return what the partner said last of what it holds, None where it never said anything."""
        if not self.memory.theirs:
            return None
        try:
            return read_hello(self.memory.theirs, partner=self._partner, own=own.node)
        except WireError:  # what was kept is spoilt
            return None

    async def _fill(self, filling: _Filling, theirs: Hello, head: Head) -> None:
        limit = self._around.sync.max_objects
        session = Session(
            bundle.session_of(head.id), head.writer, head.reader, moment(head.made), LONGEST_FRAME
        )
        frames = self._unsigned.frames(session, (), limit=limit)
        self._sync.by_file.begin(theirs, self._moment())
        while filling.is_whole and self._sync.by_file.is_writing:
            outgoing = self._sync.by_file.next(self._moment())
            if outgoing is None:
                break
            try:
                frame = frames.make(outgoing)
            except (WireError, ValueError) as error:
                self._around.log.burst("cannot be sent", client=self._partner, reason=str(error))
                filling.is_whole = False
                break
            await self._put(filling, outgoing, frame)
        while filling.under_way:
            await self._get(filling)
        if not self._sync.by_file.is_writing:
            raise CannotCarry(f"the link to {self._partner} came up: nothing has to be carried")

    async def _put(self, filling: _Filling, outgoing: Outgoing, frame: bytes) -> None:
        needed = self._link.needed(outgoing.message)
        if needed is None:
            self._around.log.burst(
                "cannot be sent", client=self._partner, reason="its content is not at hand"
            )
            filling.is_whole = False
            return
        for content in needed:
            self._link.say(content)
        self._link.say(talk.Bundled(Step.FRAME, frame))
        filling.under_way += 1
        filling.items += _items(outgoing.message)
        filling.states += states_of(outgoing)
        await self._link.drain()
        while filling.under_way >= AT_ONCE:
            await self._get(filling)
        full = self._around.settings.bundle_bytes - (AT_ONCE + 1) * LONGEST_FRAME
        filling.is_whole = len(filling.data) < full

    async def _get(self, filling: _Filling) -> None:
        filling.data += await self._answer(Step.FRAME)
        filling.under_way -= 1

    def _wrote(self, head: Head, filling: _Filling, *, is_known: bool) -> Written:
        if self._sync.by_file.is_writing:
            self._sync.disconnected(self._moment())
        self.memory.wrote(Sent(head.id, head.made, tuple(filling.states)), filling.items)
        # What has numbers, and what can be answered, is on the disk before the file is anywhere.
        self._save()
        self._node.keep()
        self._around.log.event(
            "bundle written", partner=self._partner, items=filling.items, bytes=len(filling.data)
        )
        return Written(
            data=bytes(filling.data), id=head.id, made=head.made, items=filling.items,
            is_known=is_known, is_whole=filling.is_whole,
        )  # fmt: skip

    # A file of the partner.

    async def take_in(self, data: bytes) -> Taken:
        """Take in a file of the partner, whole or not at all."""
        async with self._one:
            await self._begin()
            found = bundle.read(data)
            self._check(found, len(data))
            came = await self._verified(data)
            own, head = self._sync.pair.own, found.head
            theirs = read_hello(found.frames[0], partner=self._partner, own=own)
            try:
                frames = self._decoded(head, came)
                self._check_sync(theirs, frames)
            except CannotCarry:
                self._link.say(talk.Bundled(Step.DROP))
                raise
            await self._do(Step.ENTER)
            fresh = await self._take(theirs, frames, [each.unverified for each in came])
            await self._settled()
            return self._took(found, theirs, frames, fresh)

    def _check(self, found: Bundle, size: int) -> None:
        head, settings = found.head, self._around.settings
        if head.writer != self._partner or head.reader != self._sync.pair.own:
            raise CannotCarry(f"this bundle is not of {self._partner} for this node")
        if size > settings.bundle_bytes:
            raise CannotCarry(
                f"this bundle has {size} bytes, and link.bundle_bytes is {settings.bundle_bytes}"
            )
        why = self.memory.why_not(head.id, head.made) or why_not_now(
            head.made, self._moment(), oldest=settings.bundle_age.total_seconds(),
            tolerance=self._around.sync.clock_tolerance,
        )  # fmt: skip
        if why:
            raise CannotCarry(f"this bundle is not taken: {why}")

    async def _verified(self, data: bytes) -> list[talk.Came]:
        self._link.say(talk.Bundled(Step.DROP))  # what was begun before, and not ended
        for begin in range(0, len(data), ipc.PIECE):
            self._link.say(talk.Bundled(Step.FILE, data[begin : begin + ipc.PIECE]))
            await self._link.drain()
        self._link.say(talk.Bundled(Step.READ))
        came: list[talk.Came] = []
        while isinstance(message := await self._said(), talk.Came):
            came.append(message)
        if not isinstance(message, talk.Bundled) or message.step is not Step.READ:
            raise CannotCarry(f"the guard of {self._partner} said something else")
        return came

    def _decoded(self, head: Head, came: Iterable[talk.Came]) -> list[Frame]:
        decoder = Decoder(
            session=bundle.session_of(head.id), sender=head.writer, receiver=head.reader,
            verify=verified, handles=Handles(limit=self._around.sync.max_objects),
        )  # fmt: skip
        try:
            frames = [decoder.decode(each.frame) for each in came]
        except WireError as error:
            raise CannotCarry(f"a frame of this bundle is {error}") from None
        return [frame for frame in frames if frame is not None]

    def _check_sync(self, theirs: Hello, frames: list[Frame]) -> None:
        behind = self._link.why_behind(theirs)
        if behind:
            raise CannotCarry(
                f"the partner remembers more of this node than the node itself: {behind}; import "
                "the bundle again after that"
            )
        why = self._sync.by_file.why_not(theirs, frames)
        if why:
            raise CannotCarry(f"this bundle is not taken: {why}")

    async def _take(
        self, theirs: Hello, frames: list[Frame], unverified: list[tuple[str, ...]]
    ) -> int:
        """Carry out what is in it, other work of the node in between; return how much is new."""
        by_file, headers = self._sync.by_file, Headers()
        by_file.begun(theirs)
        fresh = 0
        try:
            for frame, nodes in zip(frames, unverified, strict=True):
                while self._node.is_congested():  # noqa: ASYNC110  the journal has no event
                    await asyncio.sleep(CONGESTED)
                unknown = frozenset(nodes)
                for effect in by_file.received(frame, theirs, self._moment(), headers, unknown):
                    fresh += self._carry_out(effect)
                await asyncio.sleep(0)
        finally:
            by_file.taken()
        return fresh

    async def _settled(self) -> None:
        """Wait until what came is on the disk: only then is the partner told that it is here."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                while not self._sync.is_settled():  # noqa: ASYNC110  the journal has no event
                    await asyncio.sleep(CONGESTED)
        except TimeoutError:
            raise CannotCarry(
                "the disk does not take what is in this bundle; import it again when it does"
            ) from None

    def _carry_out(self, effect: Effect) -> bool:
        """Carry out an effect; tell whether it is something new."""
        match effect:
            case Broken(words=words):
                raise CannotCarry(f"the partner broke the rules in this bundle: {words}")
            case CheckpointCame():
                return False
            case Unverified(nodes=nodes):
                for node in nodes:
                    self._link.unverified[node] += 1
                return False
            case _:
                self.noted(effect)
                self._node.carry_out(effect)
                return True

    def _took(self, found: Bundle, theirs: Hello, frames: list[Frame], fresh: int) -> Taken:
        head, by_file = found.head, self._sync.by_file
        now = self._moment()
        by_file.arrived(self.memory.answered(head.answers))
        if not by_file.has_line and self.memory.heard(found.frames[0], head.made):
            by_file.told(theirs, now)
        items = sum(_items(frame.message) for frame in frames)
        self.memory.took(Passed(id=head.id, made=head.made, at=now.ms, items=items))
        self._save()
        self._node.keep()
        self._around.log.event("bundle taken in", partner=self._partner, items=items, new=fresh)
        return Taken(id=head.id, made=head.made, items=items, fresh=fresh)

    def _save(self) -> None:
        bundle_memory.save(self._around.directory, self._partner, self.memory)


def _items(message: PeerMessage) -> int:
    match message:
        case Updates(updates=updates):
            return len(updates)
        case Relayed() | Forwarded():
            return len(message.passed)
        case Records(records=records):
            return len(records)
        case _:
            return 0
