"""What goes through a guard: frames out, checked, entered and signed; frames in, verified, entered.

Nothing is written to the partner, and nothing handed to the node, before its lines are on the disk.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from accord.core.clock import Clock
from accord.federation.guard import ipc, talk
from accord.federation.guard.books import Books
from accord.federation.guard.check import Refused
from accord.federation.guard.connection import TLS_RECORD, Connection, TurnedAway, reason_of
from accord.federation.guard.greeting import Keys
from accord.federation.guard.inlet import Arrived, Inlet
from accord.federation.guard.node_end import NodeEnd
from accord.federation.guard.outlet import Outlet, Post, Prepared
from accord.federation.guard.session import Session
from accord.federation.latch import Latch
from accord.release.ledger.entry import Body
from accord.release.ledger.fault import Unwritable
from accord.wire.errors import Malformed, WireError
from accord.wire.peer.encode import Encoder
from accord.wire.peer.frame import Handles
from accord.wire.peer.message import Bye, Checkpoint, Farewell, PeerMessage
from accord.wire.peer.protocol import Lane
from accord.wire.peer.translate import milliseconds

MAX_WAITING = 4_096
"""Frames of the node that may wait."""
TIE = 10.0
"""Seconds within which two connections count as dialled by both ends at once."""
BYE_TIMEOUT = 1.0
"""Seconds that a farewell may take to be written."""


@dataclass(slots=True)
class Current:
    """The session that frames go out and come in by."""

    connection: Connection
    session: Session
    outlet: Outlet
    inlet: Inlet
    last: int = 1
    waiting: list[bytes] = field(default_factory=list[bytes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the traffic of a guard is dealt with by."""

    node: NodeEnd
    books: Books
    keys: Keys
    latch: Latch
    clock: Clock
    out: Post
    into: Post


class Traffic:
    """The traffic of one guard. `current` is the session that it goes by; there is one at most."""

    def __init__(self, desk: Desk, *, own: str, partner: str, their_epoch: int) -> None:
        self.current: Current | None = None
        self.desk = desk
        self._own = own
        self._partner = partner
        self._epoch = their_epoch
        self._given = asyncio.Event()

    async def begin(self, connection: Connection, session: Session, epoch: int) -> Current:
        """Make this the session, in place of another that is there. Raises TurnedAway."""
        before = self.current
        if before is not None and not self._gives_way(before.connection, connection):
            raise TurnedAway("there is a connection already")
        if before is not None:
            before.connection.abort()
            await self.over(before, "another connection took its place")
        if epoch != self._epoch:
            # What the partner's handles stood for ended with its epoch.
            if self._epoch:
                self.desk.into.handles.clear()
                self.desk.into.onward.clear()
            self._epoch = epoch
        keys = self.desk.keys
        current = Current(
            connection,
            session,
            Outlet(session, self.desk.out, sign=keys.sign, verify=keys.verify),
            Inlet(session, self.desk.into, verify=self.desk.keys.verify),
        )
        self.current = current
        return current

    def _gives_way(self, old: Connection, new: Connection) -> bool:
        """Tell whether the new connection takes the old one's place.

        Where both ends dialled at once, both keep what the node with the lower id has dialled.
        """
        if old.role is new.role or new.began - old.began > TIE:
            return True
        dialler = self._own if new.role is talk.Role.DIALLED else self._partner
        return dialler == min(self._own, self._partner)

    def stop(self) -> None:
        """End the session without a word."""
        if self.current is not None:
            self.current.connection.abort()

    def prime(self, message: talk.Prime) -> None:
        """Take note of what handles stand for; the first of several comes with a clean slate."""
        post = self.desk.out if message.outbound else self.desk.into
        if message.is_first:
            post.handles.clear()
            post.onward.clear()
        if message.known:
            post.handles.put({handle: each.known for handle, each in message.known.items()})
        for handle, each in message.known.items():
            if each.onward is not None:
                post.onward[handle] = each.onward

    def give(self, message: talk.Give) -> None:
        """Take a frame of the node, to be sent."""
        current = self.current
        if current is None or current.connection.number != message.connection:
            return  # of a session that is over
        if len(current.waiting) >= MAX_WAITING:
            raise ipc.IpcError("the node gives more frames than can wait")
        current.waiting.append(message.frame)
        self._given.set()

    async def leave(self, message: talk.Leave) -> bool:
        """End the session of that number with a farewell; False where it is not this one."""
        current = self.current
        if current is None or current.connection.number != message.connection:
            return False
        await self._say_bye(current, message.number, message.reason)
        await self.over(current, "left")
        return True

    async def dismiss(self, current: Current, farewell: Farewell, reason: str) -> None:
        """End a session of this node's own accord, and tell the partner why."""
        await self._say_bye(current, 0, farewell)
        await self.over(current, reason)

    # What comes in.

    async def read(self, current: Current) -> None:
        """Take in what comes until the session ends."""
        reason, words, farewell = "closed by the partner", "", None
        try:
            while frames := await current.connection.frames():
                if self.current is not current:
                    return
                await self._take_in(current, frames)
        except WireError as error:
            reason, words, farewell = reason_of(error), str(error), Farewell.PROTOCOL
        except OSError as error:
            reason, words = "the connection broke", str(error)
        if farewell is not None:
            await self._say_bye(current, 0, farewell)
        await self.over(current, reason, words)

    async def _take_in(self, current: Current, frames: list[bytes]) -> None:
        """Verify, enter what came, and only then hand it on."""
        taken: list[tuple[bytes, Arrived]] = []
        fault: WireError | None = None
        for data in frames:
            try:
                arrived = current.inlet.take(data)
            except WireError as error:
                fault = error
                break
            if arrived is not None:
                taken.append((data, arrived))
        lines = [line for _, arrived in taken for line in arrived.lines]
        if lines:
            self._enter(lines)
        number = current.connection.number
        for data, arrived in taken:
            if arrived.checkpoint is not None:
                await self.checkpoint_came(arrived)
                if self.desk.books.lost:
                    await self._stop_for_lost(current)
                    return
            await self.desk.node.tell(talk.Came(number, data, arrived.unverified))
        if fault is not None:
            raise fault

    def _enter(self, lines: list[Body]) -> None:
        """Enter what came. Raises Malformed where the partner said what no line can hold."""
        try:
            self.desk.books.enter(lines, self.desk.clock.now())
        except Unwritable as fault:
            raise Malformed(str(fault)) from None

    async def checkpoint_came(self, arrived: Arrived) -> None:
        """Do as a witness does with the partner's checkpoint, or keep its cosignature."""
        now, message = self.desk.clock.now(), arrived.checkpoint
        if isinstance(message, Checkpoint):
            note = self.desk.books.witness(message.note, now)
            if note is not None:
                await self.desk.node.tell(talk.ToSend(talk.Note.COSIGNATURE, note))
        elif message is not None:
            again = self.desk.books.cosigned_by_partner(message.note, now)
            if again is not None:
                await self.desk.node.tell(talk.ToSend(talk.Note.CHECKPOINT, again))

    # What goes out.

    async def send_given(self) -> None:
        """Send what the node gives: all that waits is entered at once, then written at once."""
        while True:
            await self._given.wait()
            self._given.clear()
            current = self.current
            if current is None or not current.waiting or self.desk.books.lost:
                continue
            given, current.waiting = current.waiting, []
            await self._send(current, given)

    async def _send(self, current: Current, given: list[bytes]) -> None:
        ready: list[Prepared] = []
        refused: Refused | None = None
        for data in given:
            try:
                ready.append(current.outlet.prepare(data, self.desk.clock.now()))
            except Refused as error:
                refused = error
                break
        lines = [line for each in ready for line in each.lines]
        if lines:
            self.desk.books.enter(lines, self.desk.clock.now())
        if ready:
            current.last = ready[-1].number
            await self._write(current, ready)
        if refused is not None:
            await self.refuse(refused, current, current.last + 1)

    async def _write(self, current: Current, ready: list[Prepared]) -> None:
        whole = b"".join(len(each.data).to_bytes(2) + each.data for each in ready)
        try:
            await current.connection.send(whole)
        except OSError:
            return  # whoever reads from it says so
        number = current.connection.number
        around = TLS_RECORD  # what was written at once is in one record
        for each in ready:
            wire, around = len(each.data) + 2 + around, 0
            await self.desk.node.tell(talk.Sent(number, each.number, wire))

    async def refuse(self, refused: Refused, current: Current | None, number: int) -> None:
        """Let nothing of it out: latch, enter, tell the partner that there is no more, and stop."""
        now, reason = self.desk.clock.now(), refused.reason
        if not refused.is_passing:
            self.desk.latch.close(f"{reason}: {refused.what} (clause {refused.clause})", now)
        self.desk.books.refused(reason, refused.clause, now)
        if current is not None:
            farewell = Farewell.AGREEMENT if refused.is_passing else Farewell.GUARD
            await self._say_bye(current, number, farewell)
        if not refused.is_passing:
            await self.desk.node.tell(talk.GuardRefused(number, reason, refused.what[:1_000]))
        if current is not None:
            await self.over(current, f"guard: {reason}")

    async def _stop_for_lost(self, current: Current) -> None:
        """Enter nothing more in a ledger that lost lines; show the partner what it is now."""
        books = self.desk.books
        self.desk.latch.close(books.lost, self.desk.clock.now())
        number, note = current.last + 1, books.contradiction()
        with suppress(OSError):
            async with asyncio.timeout(BYE_TIMEOUT):
                await self._say_in(current, Checkpoint(note), number)
        await self._say_bye(current, number + 1, Farewell.GUARD)
        await self.desk.node.tell(talk.GuardRefused(number, "the ledger lost lines", books.lost))
        await self.over(current, "the ledger lost lines")

    async def _say_bye(self, current: Current, number: int, reason: Farewell) -> None:
        """Say why the link is closed, in a frame after the last."""
        number = max(number, current.last + 1)
        with suppress(OSError):
            async with asyncio.timeout(BYE_TIMEOUT):
                await self._say_in(current, Bye(reason), number)

    async def _say_in(self, current: Current, message: PeerMessage, number: int) -> None:
        session = current.session
        encoder = Encoder(
            session=session.id, sender=session.own, receiver=session.partner,
            sign=self.desk.keys.sign, handles=Handles(limit=0),
        )  # fmt: skip
        at = milliseconds(self.desk.clock.now())
        frame = encoder.encode(message, number=number, lane=Lane.CONTROL, at=at)
        await current.connection.send(frame)

    async def over(self, current: Current, reason: str, words: str = "") -> None:
        """Close a session, and tell the node why."""
        current.connection.close()
        if self.current is current:
            self.current = None
            current.waiting.clear()
            closed = talk.Closed(current.connection.number, reason[:512], words[:1_000])
            await self.desk.node.tell(closed)
