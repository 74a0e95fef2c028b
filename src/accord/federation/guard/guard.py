"""The guard of one partner: a process of its own, the only one with keys that the partner sees.

It is given sockets and records by its node. What the node wants released it checks again, enters in
the ledger, signs and sends; what the partner sends it verifies and enters. It opens no connection,
reads the node's directory and writes the ledger and the latch alone, and ends with its node.
"""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError
from accord.core.partner import NodeName, Partner, Profile
from accord.federation.guard import ipc, talk
from accord.federation.guard.books import Books
from accord.federation.guard.check import Checker, Refused
from accord.federation.guard.connection import Porter, TurnedAway, reason_of
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.greeting import Greeting, Keys
from accord.federation.guard.handed import take_sockets
from accord.federation.guard.node_end import NodeEnd
from accord.federation.guard.outlet import Post
from accord.federation.guard.packing import Packing
from accord.federation.guard.session import Greetings, Session
from accord.federation.guard.terms import Agreed, Pinned
from accord.federation.guard.traffic import Current, Desk, Traffic
from accord.federation.latch import Latch
from accord.release.ledger.fault import LedgerFault
from accord.security import identity
from accord.security.admission import LOOK_EVERY
from accord.security.own_keys import OwnKeys
from accord.security.partner_tls import PartnerTls
from accord.security.partners import PartnerAdmission
from accord.security.signing import SigningKey
from accord.storage.partners import PARTNERS, PartnersReader
from accord.wire.errors import WireError
from accord.wire.peer.frame import Handles
from accord.wire.peer.message import Farewell

MAX_GREETING = 16
"""Connections whose handshake may go on at once; the one that has waited longest gives way."""
MAX_WAITING = 4_096
"""Frames of the node that may wait."""
TIE = 10.0
"""Seconds within which two connections count as dialled by both ends at once."""
GREET_TIMEOUT = 2.0
"""Seconds that the node may take to say its HELLO."""
TELL_EVERY = 2.0


async def begun(node: NodeEnd) -> "Guard | None":
    """Make the guard that the node asks for, None where it asks for none. AccordError: no."""
    setup = await node.setup(talk.Setup)
    return None if setup is None else Guard(setup, node, SystemClock())


class Guard:
    """Everything of one guard. AccordError when it cannot do its work."""

    def __init__(self, setup: talk.Setup, node: NodeEnd, clock: Clock) -> None:
        directory = Path(setup.directory)
        self._setup = setup
        self._node = node
        self._clock = clock
        self._own = NodeName(setup.trust_domain, setup.node)
        self._admission = PartnerAdmission(PartnersReader(directory / PARTNERS).read, clock=clock)
        self._partner = self._pinned()
        own_keys = OwnKeys(directory)
        home = own_keys.home(setup.partner)
        self._keys = Keys(
            SigningKey.load(home / identity.RELEASE_KEY), self._admission.partners, clock.now
        )
        ledger_key = SigningKey.load(home / identity.LEDGER_KEY)
        self._books = Books(directory, self._own, self._partner, ledger_key)
        self._latch = Latch.of(directory, setup.partner)
        self._agreed = Agreed(
            directory, Pinned(own=setup.node, partner=setup.partner,
                              partner_key=self._partner.party_key),
        )  # fmt: skip
        self._checker = Checker(own=setup.node, partner=setup.partner)
        profile = Profile(setup.profile)
        self._porter = Porter(
            tls=PartnerTls(home, self._own, profile, of_domain=self._admission.of_domain,
                           clock=clock),
            admission=self._admission, partner=self._partner, profile=profile,
            timeout=float(setup.handshake_timeout), limit=setup.frame_bytes, clock=clock,
        )  # fmt: skip
        outgoing = Outgoing(limit=setup.max_content)
        incoming = Incoming(limit=setup.max_content)
        self._out, into = (
            Post(
                checker=self._checker, handles=Handles(limit=setup.max_handles), onward={},
                outgoing=outgoing, incoming=incoming, notes=self._books.notes,
                is_ours=own_keys.is_ours,
            )
            for _ in range(2)
        )  # fmt: skip
        self._traffic = Traffic(
            Desk(
                node=node, books=self._books, keys=self._keys, latch=self._latch, clock=clock,
                out=self._out, into=into,
            ),
            own=setup.node, partner=setup.partner, their_epoch=setup.their_epoch,
        )  # fmt: skip
        self._packing = Packing(
            self._traffic.desk, self._traffic, self._agreed,
            own=setup.node, partner=self._partner,
        )  # fmt: skip
        self._greetings: dict[int, Greeting] = {}
        self._next_number = 1
        self._look()

    def _pinned(self) -> Partner:
        for partner in self._admission.partners():
            if partner.node == self._setup.partner:
                return partner
        raise AccordError(f"{self._setup.partner} is no partner, or is refused")

    def end(self) -> None:
        """Sign a last checkpoint, and let the ledger go."""
        with suppress(LedgerFault):
            self._books.sign()
        self._books.close()

    async def run(self, hand: socket.socket) -> None:
        """Serve the node until it goes."""
        async with asyncio.TaskGroup() as tasks:
            others = [
                tasks.create_task(self._traffic.send_given()),
                tasks.create_task(self._look_after()),
                tasks.create_task(self._take_calls(hand, tasks)),
            ]
            try:
                await self._serve()
            finally:
                self._traffic.stop()
                for each in [*others, *(g.task for g in self._greetings.values() if g.task)]:
                    each.cancel()

    async def _serve(self) -> None:
        while messages := await self._node.messages():
            for message in messages:
                if isinstance(message, talk.Stop):
                    return
                await self._take(message)

    async def _take(self, message: talk.Message) -> None:
        match message:
            case talk.Prime():
                self._traffic.prime(message)
            case talk.Greet():
                greeting = self._greetings.get(message.connection)
                if greeting is not None:
                    greeting.say(message.hello)
            case talk.Give():
                self._traffic.give(message)
            case talk.Content():
                self._out.outgoing.give(message.digest, message.size, message.data)
            case talk.Withheld():
                self._books.withheld(message, self._clock.now())
            case talk.Leave():
                await self._leave(message)
            case talk.Bundled():
                self._look()
                await self._packing.take(message)
            case _:
                raise ipc.IpcError(f"a node does not say {type(message).__name__}")

    async def _leave(self, message: talk.Leave) -> None:
        if await self._traffic.leave(message):
            return
        greeting = self._greetings.get(message.connection)
        if greeting is not None and greeting.task is not None:
            greeting.task.cancel()

    # Connections.

    async def _take_calls(self, hand: socket.socket, tasks: asyncio.TaskGroup) -> None:
        async for sock, role, address in take_sockets(hand):
            if self._latch.why():
                sock.close()
                await self._node.tell(talk.TurnedAway("the link is stopped", address))
                continue
            if len(self._greetings) >= MAX_GREETING:
                oldest = next(iter(self._greetings.values()))
                if oldest.task is not None:
                    oldest.task.cancel()
                await self._node.tell(talk.TurnedAway("too many handshakes", oldest.address))
            number = self._next_number
            self._next_number += 1
            greeting = Greeting(number, role, address)
            self._greetings[number] = greeting
            greeting.task = tasks.create_task(self._converse(sock, greeting))

    async def _converse(self, sock: socket.socket, greeting: Greeting) -> None:
        """Greet, and then read what comes until it ends."""
        try:
            async with asyncio.timeout(self._setup.handshake_timeout + GREET_TIMEOUT):
                current = await self._greeted(sock, greeting)
        except (TurnedAway, WireError, TimeoutError, OSError) as error:
            await self._turn_away(greeting, error)
            return
        except Refused as refused:
            await self._traffic.refuse(refused, None, 1)
            return
        finally:
            self._greetings.pop(greeting.number, None)
        await self._traffic.read(current)

    async def _greeted(self, sock: socket.socket, greeting: Greeting) -> Current:
        connection = await self._porter.greet(
            sock, greeting.number, greeting.role, greeting.address
        )
        try:
            await self._node.tell(talk.Up(greeting.number, greeting.role, greeting.address))
            self._look()
            own, signed = self._keys.sign_hello(
                await greeting.hello, self._own.node, self._partner.node, self._agreed
            )
            await connection.send(signed)
            data = await connection.first()
            theirs = self._keys.their_hello(data, self._partner, self._own.node)
            session = Session.of(greeting.role, Greetings(own, theirs))
            current = await self._traffic.begin(connection, session, theirs.epoch)
        except BaseException:
            connection.abort()
            raise
        await self._node.tell(talk.Connected(greeting.number, data))
        # A ledger that lost lines is found before much is entered in it.
        await self._node.tell(talk.ToSend(talk.Note.CHECKPOINT, self._books.greeting()))
        return current

    async def _turn_away(self, greeting: Greeting, error: Exception) -> None:
        if isinstance(error, WireError):
            reason = reason_of(error)
        elif isinstance(error, TurnedAway):
            reason = str(error)
        else:
            reason = "too slow" if isinstance(error, TimeoutError) else "closed"
        await self._node.tell(talk.TurnedAway(reason[:512], greeting.address))

    # Again and again.

    def _look(self) -> None:
        self._admission.look()
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
                await self._offer_checkpoint()
            if now >= tell_at:
                tell_at, told = now + TELL_EVERY, await self._stand(told)

    async def _throw_out(self) -> None:
        """End the session whose partner is not admitted any more."""
        current = self._traffic.current
        why = None if current is None else self._admission.why_gone(current.connection.certificate)
        if current is not None and why is not None:
            await self._traffic.dismiss(current, Farewell.TRUST, str(why))

    async def _offer_checkpoint(self) -> None:
        self._books.sign()
        request = self._books.request() if self._traffic.current is not None else None
        if request is not None:
            await self._node.tell(talk.ToSend(talk.Note.CHECKPOINT, request))

    async def _stand(self, told: talk.Standing | None) -> talk.Standing:
        books = self._books
        trouble = books.trouble or self._agreed.trouble
        now = talk.Standing(books.lines, books.signed, books.cosigned, trouble)
        if now != told:
            await self._node.tell(now)
        return now
