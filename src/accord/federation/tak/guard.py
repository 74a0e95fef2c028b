"""The guard of one TAK server: as that of a partner node, a process with the keys that it sees.

It takes reports from its node, checks each again as `guard/check.py` has it, enters it in the
ledger, and only then makes the bytes that leave. What comes it hands on as it is. A TAK server
signs nothing and cosigns nothing: the ledger is this node's word alone.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError
from accord.core.partner import NodeName, Profile
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.guard import ipc, talk
from accord.federation.guard.books import Books
from accord.federation.guard.check import Checker, Refused
from accord.federation.guard.connection import TurnedAway, reason_of
from accord.federation.guard.handed import take_sockets
from accord.federation.guard.node_end import NodeEnd
from accord.federation.guard.passage import first_frame
from accord.federation.guard.terms import Agreed, Pinned
from accord.federation.latch import Latch
from accord.federation.tak.clearing import Cleared, Clearing, Unspeakable
from accord.federation.tak.dialect import Dialect, Version1
from accord.federation.tak.pinned import as_partner
from accord.federation.tak.porter import READ, Line, TakPorter
from accord.federation.tak.version2 import Version2Called, Version2Caller
from accord.release.frontmatter import NO_KEY
from accord.release.ledger.fault import LedgerFault, Unwritable
from accord.security import identity
from accord.security.admission import LOOK_EVERY
from accord.security.signing import SigningKey
from accord.storage.partners import PARTNERS
from accord.storage.tak_partners import KnownTak, TakPartnersReader
from accord.wire.errors import WireError

MAX_GREETING = 8
"""Connections whose handshake may go on at once; the one that has waited longest gives way."""
NOT_ADMITTED = "the partner is refused, or pinned otherwise"
TELL_EVERY = 2.0
HEARD_EVERY = 2.0
"""Seconds after which the node is told again that the other end is heard."""
TICK = 0.25
"""Seconds between looks at what a dialect has to do of its own."""


async def begun(node: NodeEnd) -> "TakGuard | None":
    """Make the guard that the node asks for, None where it asks for none. AccordError: no."""
    setup = await node.setup(talk.TakSetup)
    return None if setup is None else TakGuard(setup, node, SystemClock())


@dataclass(slots=True)
class _Session:
    line: Line
    dialect: Dialect
    clearing: Clearing
    first: int
    is_told: bool = False
    unwritten: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    skipped: int = 0
    heard_told: float = -HEARD_EVERY


class TakGuard:
    """Everything of one guard. AccordError when it cannot do its work."""

    def __init__(self, setup: talk.TakSetup, node: NodeEnd, clock: Clock) -> None:
        directory = Path(setup.directory)
        self._setup = setup
        self._node = node
        self._clock = clock
        self._own = NodeName(setup.trust_domain, setup.node)
        self._register = TakPartnersReader(directory / PARTNERS)
        self._known = KnownTak()
        self._partner = self._pinned()
        ledger_key = SigningKey.load(directory / identity.LEDGER_KEY)
        partner = as_partner(self._partner, Profile(setup.profile))
        self._books = Books(directory, self._own, partner, ledger_key)
        self._latch = Latch.of(directory, setup.partner)
        self._agreed = Agreed(
            directory, Pinned(own=setup.node, partner=setup.partner, partner_key=NO_KEY)
        )
        self._checker = Checker(own=setup.node, partner=setup.partner)
        self._porter = TakPorter(directory, self._partner, float(setup.handshake_timeout))
        self._session: _Session | None = None
        self._greeting: list[asyncio.Task[None]] = []
        self._next_number = 1
        self._look()

    def _pinned(self) -> TakPartner:
        self._known = self._register.read() or self._known
        for partner in self._known.admitted:
            if partner.node == self._setup.partner:
                return partner
        raise AccordError(
            f"{self._setup.partner} is no TAK server that is a partner, or is refused"
        )

    def end(self) -> None:
        """Sign a last checkpoint, and let the ledger go."""
        self._register.close()
        with suppress(LedgerFault):
            self._books.sign()
        self._books.close()

    async def run(self, hand: socket.socket) -> None:
        """Serve the node until it goes."""
        async with asyncio.TaskGroup() as tasks:
            others = [
                tasks.create_task(self._look_after()),
                tasks.create_task(self._tick()),
                tasks.create_task(self._take_calls(hand, tasks)),
            ]
            try:
                await self._serve()
            finally:
                if self._session is not None:
                    self._session.line.writer.transport.abort()
                for each in [*others, *self._greeting]:
                    each.cancel()

    # The node.

    async def _serve(self) -> None:
        while messages := await self._node.messages():
            gives: list[talk.TakGive] = []
            for message in messages:
                match message:
                    case talk.TakGive():
                        gives.append(message)
                    case talk.Withheld():
                        self._books.withheld(message, self._clock.now())
                    case talk.Stop():
                        await self._give(gives)
                        return
                    case _:
                        raise ipc.IpcError(f"a node does not say {type(message).__name__}")
            await self._give(gives)

    async def _give(self, gives: Sequence[talk.TakGive]) -> None:
        """Check what the node gives, enter all of it at once, and then have it written."""
        session = self._session
        of_session = [g for g in gives if session and g.connection == session.line.number]
        if session is None or not of_session or self._latch.why():
            return
        cleared: list[tuple[int, Cleared]] = []
        refused: tuple[int, Refused] | None = None
        for give in of_session:
            try:
                cleared.append((give.number, self._cleared(session, give)))
            except Refused as error:
                refused = give.number, error
                break
        for number, each in self._enter(cleared):
            if not await self._say(session, each):
                return
            session.unwritten.append((number, sum(map(len, each.messages))))
        await self._flush(session)
        if refused is not None:
            await self._refuse(session, *refused)

    async def _say(self, session: _Session, cleared: Cleared) -> bool:
        """Have the messages written; False where the connection is over by that."""
        try:
            for message in cleared.messages:
                session.dialect.say(message)
        except WireError as error:
            session.line.writer.transport.abort()
            await self._over(session, reason_of(error), str(error))
            return False
        return True

    def _cleared(self, session: _Session, give: talk.TakGive) -> Cleared:
        try:
            return session.clearing.clear(
                give.report, session.first + give.number, self._clock.now()
            )
        except Unspeakable:
            return Cleared([], [])  # the node is told of 0 bytes

    def _enter(self, cleared: Sequence[tuple[int, Cleared]]) -> Sequence[tuple[int, Cleared]]:
        """Enter all; what no ledger can hold, such as an odd name, does not leave."""
        lines = [line for _, each in cleared for line in each.lines]
        try:
            if lines:
                self._books.enter(lines, self._clock.now())
        except Unwritable:
            if len(cleared) == 1:
                return [(cleared[0][0], Cleared([], []))]
            return [entered for each in cleared for entered in self._enter([each])]
        return cleared

    async def _refuse(self, session: _Session, number: int, refused: Refused) -> None:
        """Let nothing more out, until a person has looked where it is no matter of moments."""
        now = self._clock.now()
        if not refused.is_passing:
            self._latch.close(f"{refused.reason} ({refused.what})", now)
            self._books.refused(refused.reason, refused.clause, now)
            await self._node.tell(
                talk.GuardRefused(number, refused.reason[:512], refused.what[:4_096])
            )
        await self._over(session, f"guard: {refused.reason}")

    # Connections.

    async def _take_calls(self, hand: socket.socket, tasks: asyncio.TaskGroup) -> None:
        async for sock, role, address in take_sockets(hand):
            self._greeting = [each for each in self._greeting if not each.done()]
            if self._latch.why() or len(self._greeting) >= MAX_GREETING:
                sock.close()
                why = "the link is stopped" if self._latch.why() else "too many handshakes"
                await self._node.tell(talk.TurnedAway(why, address))
                continue
            number = self._next_number
            self._next_number += 1
            task = tasks.create_task(self._converse(sock, number, role, address))
            self._greeting.append(task)

    async def _converse(
        self, sock: socket.socket, number: int, role: talk.Role, address: str
    ) -> None:
        try:
            async with asyncio.timeout(self._setup.handshake_timeout):
                line = await self._porter.greet(sock, number, role, address)
                self._check_admitted(line)
        except (TurnedAway, TimeoutError) as error:
            why = "too slow" if isinstance(error, TimeoutError) else str(error)
            await self._node.tell(talk.TurnedAway(why[:512], address))
            return
        session = await self._begin(line)
        self._greeting = [each for each in self._greeting if each is not asyncio.current_task()]
        reason, words = await self._read(session)
        await self._over(session, reason, words)

    def _is_admitted(self) -> bool:
        self._known = self._register.read() or self._known
        return self._partner in self._known.admitted

    def _check_admitted(self, line: Line) -> None:
        if not self._is_admitted():
            line.writer.transport.abort()
            raise TurnedAway(NOT_ADMITTED)

    async def _begin(self, line: Line) -> _Session:
        before = self._session
        if before is not None:
            before.line.writer.transport.abort()
            await self._over(before, "another connection took its place")
        self._look()
        session = _Session(
            line,
            self._dialect(line),
            Clearing(self._checker, own=self._own.node, max_hops=self._partner.max_hops),
            first_frame(self._clock.now()),
        )
        self._session = session
        await self._flush(session)
        return session

    def _dialect(self, line: Line) -> Dialect:
        limit, own = self._setup.max_message, self._own.node
        if self._partner.version is TakVersion.V1:
            return Version1(limit=limit)
        if line.role is talk.Role.DIALLED:
            return Version2Caller(own=own, authority=self._partner.dial, limit=limit)
        return Version2Called(own=own, limit=limit)

    async def _read(self, session: _Session) -> tuple[str, str]:
        """Hand on what comes until the session ends; return why it did."""
        line = session.line
        try:
            while data := await line.reader.read(READ):
                if self._session is not session:
                    return "", ""
                now = self._clock.monotonic()
                for message in session.dialect.receive(data, now):
                    await self._node.tell(talk.TakCame(line.number, message))
                await self._tell_heard(session, now)
                await self._tell_skipped(session)
                await self._flush(session)
        except WireError as error:
            return reason_of(error), str(error)
        except OSError as error:
            return "the connection broke", str(error)
        return "closed by the partner", ""

    async def _tell_heard(self, session: _Session, now: float) -> None:
        """Tell the node that the other end lives; most signs of life are no message to it."""
        if now - session.heard_told >= HEARD_EVERY:
            session.heard_told = now
            await self._node.tell(talk.TakHeard(session.line.number))

    async def _tell_skipped(self, session: _Session) -> None:
        more = session.dialect.skipped - session.skipped
        if more:
            session.skipped += more
            await self._node.tell(talk.TakSkipped(more))

    async def _flush(self, session: _Session) -> None:
        """Write what there is to write, and tell the node of it once the system has taken it."""
        line = session.line
        if session.dialect.is_ready and not session.is_told:
            session.is_told = True
            await self._node.tell(talk.Up(line.number, line.role, line.address))
        data = session.dialect.to_write()
        try:
            if data:
                line.writer.write(data)
                await line.writer.drain()
        except OSError:
            return  # whoever reads sees that it is over
        if session.dialect.waits:
            return
        written, session.unwritten = session.unwritten, []
        for number, size in written:
            await self._node.tell(talk.Sent(line.number, number, size))

    async def _over(self, session: _Session, reason: str, words: str = "") -> None:
        session.line.writer.close()
        if self._session is session:
            self._session = None
            closed = talk.Closed(session.line.number, reason[:512], words[:1_000])
            await self._node.tell(closed)

    # Again and again.

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            session = self._session
            if session is None:
                continue
            try:
                session.dialect.tick(self._clock.monotonic())
            except WireError as error:
                session.line.writer.transport.abort()
                await self._over(session, reason_of(error), str(error))
                continue
            await self._flush(session)

    def _look(self) -> None:
        if self._agreed.look():
            self._checker.know(self._agreed.terms)

    async def _look_after(self) -> None:
        told: talk.Standing | None = None
        sign_at = self._clock.monotonic() + self._setup.checkpoint_every
        tell_at = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._look()
            await self._throw_out()
            now = self._clock.monotonic()
            if now >= sign_at:
                sign_at = now + self._setup.checkpoint_every
                self._books.sign()
            if now >= tell_at:
                tell_at, told = now + TELL_EVERY, await self._stand(told)

    async def _throw_out(self) -> None:
        """End the session of one that is refused now, or is pinned otherwise."""
        session = self._session
        if session is not None and not self._is_admitted():
            session.line.writer.transport.abort()
            await self._over(session, NOT_ADMITTED)

    async def _stand(self, told: talk.Standing | None) -> talk.Standing:
        books = self._books
        now = talk.Standing(books.lines, books.signed, 0, books.trouble or self._agreed.trouble)
        if now != told:
            await self._node.tell(now)
        return now
