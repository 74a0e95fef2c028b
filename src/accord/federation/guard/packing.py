"""Files for the partner, and of it: a session without a connection, held to the same as any other.

Nothing of a frame is given back to the node, to be put in a file, before its lines are on the disk;
and of a file that came all is verified before a line is entered, or the node is told to take it.
"""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Protocol

from accord.core.partner import Partner
from accord.federation import bundle
from accord.federation.bundle import BundleFault, Head
from accord.federation.guard import talk
from accord.federation.guard.check import MAX_SKEW, Refused
from accord.federation.guard.contents import Incoming
from accord.federation.guard.inlet import Arrived, Inlet
from accord.federation.guard.outlet import Outlet, Post
from accord.federation.guard.session import Session
from accord.federation.guard.talk import Step
from accord.federation.guard.terms import Agreed
from accord.federation.guard.traffic import Desk, Traffic
from accord.release.ledger.fault import Unwritable
from accord.wire.errors import WireError
from accord.wire.peer.frame import LONGEST_FRAME, Handles
from accord.wire.peer.message import Hello
from accord.wire.peer.translate import moment

_OUT_OF_TURN = "this step is out of turn"


class _Digest(Protocol):
    """A digest that grows."""

    def update(self, data: bytes, /) -> None:
        """Take more."""
        ...

    def digest(self) -> bytes:
        """Return that of all so far."""
        ...


@dataclass(slots=True)
class _Writing:
    """A file that is being written; what is in it so far has gone into the digest."""

    head: Head
    outlet: Outlet | None = None
    digest: _Digest = field(default_factory=sha256)


class Packing:
    """Writes one file at a time, and reads one. Raises LedgerFault, as everything in a guard."""

    def __init__(
        self, desk: Desk, traffic: Traffic, agreed: Agreed, *, own: str, partner: Partner
    ) -> None:
        self._desk = desk
        self._traffic = traffic
        self._agreed = agreed
        self._own = own
        self._partner = partner
        self._writing: _Writing | None = None
        self._file = bytearray()
        self._arrived: list[Arrived] | None = None

    async def take(self, message: talk.Bundled) -> None:
        """Take a step, and answer it."""
        try:
            await self._take(message.step, message.data)
        except BundleFault as fault:
            self._forget()
            await self._answer(Step.REFUSED, str(fault).encode())
        except Refused as refused:
            self._forget()
            await self._traffic.refuse(refused, None, 1)
            await self._answer(Step.REFUSED, f"the guard refused it: {refused.reason}".encode())

    def _forget(self) -> None:
        self._writing = self._arrived = None
        self._file.clear()

    async def _answer(self, step: Step, data: bytes = b"") -> None:
        await self._desk.node.tell(talk.Bundled(step, data))

    async def _take(self, step: Step, data: bytes) -> None:
        match step:
            case Step.BEGIN:
                await self._begin(data)
            case Step.HELLO:
                await self._hello(data)
            case Step.FRAME:
                await self._frame(data)
            case Step.SEAL:
                await self._seal()
            case Step.FILE:
                self._piece(data)
            case Step.READ:
                await self._read()
            case Step.ENTER:
                await self._enter()
            case Step.DROP | Step.REFUSED:
                self._forget()

    def _check_open(self) -> None:
        why = self._desk.latch.why()
        if why:
            raise BundleFault(f"the link is stopped until somebody has looked: {why}")

    # A file for the partner.

    async def _begin(self, data: bytes) -> None:
        self._forget()
        self._check_open()
        head, _ = bundle.read_begin(data)
        if (head.writer, head.reader) != (self._own, self._partner.node):
            raise BundleFault("a guard writes for its own partner alone")
        if abs(moment(head.made) - self._desk.clock.now()) > MAX_SKEW:
            raise BundleFault("the time of the bundle is not the present")
        self._writing = _Writing(head)
        self._writing.digest.update(data)
        await self._offer_checkpoint()
        await self._answer(Step.BEGIN, data)

    async def _offer_checkpoint(self) -> None:
        books = self._desk.books
        books.sign()
        request = books.request()
        if request is not None:
            await self._desk.node.tell(talk.ToSend(talk.Note.CHECKPOINT, request))

    async def _hello(self, data: bytes) -> None:
        writing = self._writing
        if writing is None or writing.outlet is not None:
            raise BundleFault(_OUT_OF_TURN)
        hello, framed = self._desk.keys.sign_hello(
            data, self._own, self._partner.node, self._agreed
        )
        self._check_hello(hello, writing.head)
        post = self._post(self._desk.out)
        session = _session(writing.head, self._own, self._partner.node)
        keys = self._desk.keys
        writing.outlet = Outlet(session, post, sign=keys.sign, verify=keys.verify)
        writing.digest.update(framed)
        await self._answer(Step.HELLO, framed)

    def _check_hello(self, hello: Hello, head: Head) -> None:
        if (hello.node, hello.nonce, hello.clock) != (head.writer, head.id, head.made):
            raise BundleFault("the HELLO of the bundle is another's")

    def _post(self, of: Post) -> Post:
        """Return the same post with handles of its own: a file means nothing outside itself."""
        limit = of.handles.limit
        return replace(of, handles=Handles(limit=limit), onward={})

    async def _frame(self, data: bytes) -> None:
        writing = self._writing
        if writing is None or writing.outlet is None:
            raise BundleFault(_OUT_OF_TURN)
        self._check_open()
        now = self._desk.clock.now()
        prepared = writing.outlet.prepare(data, now)
        if prepared.lines:
            self._desk.books.enter(prepared.lines, now)
        framed = bundle.framed(prepared.data)
        writing.digest.update(framed)
        await self._answer(Step.FRAME, framed)

    async def _seal(self) -> None:
        writing, self._writing = self._writing, None
        if writing is None or writing.outlet is None:
            raise BundleFault(_OUT_OF_TURN)
        self._check_open()
        writing.digest.update(bundle.END)
        digest = writing.digest.digest()
        seal = self._desk.keys.sign(bundle.seal_words(writing.head, digest))
        await self._answer(Step.SEAL, bundle.END + digest + seal)

    # A file of the partner.

    def _piece(self, data: bytes) -> None:
        if len(self._file) + len(data) > bundle.LARGEST:
            raise BundleFault("this bundle is longer than any")
        self._file += data

    async def _read(self) -> None:
        data = bytes(self._file)
        self._forget()
        self._check_open()
        found = bundle.read(data)
        head, node = found.head, self._partner.node
        if (head.writer, head.reader) != (node, self._own):
            raise BundleFault(f"this bundle is not of {node} for {self._own}")
        words = bundle.seal_words(head, found.digest)
        if self._desk.keys.verify(node, words, found.seal) is not True:
            raise BundleFault(f"this bundle is not sealed by {node}")
        try:
            hello = self._desk.keys.their_hello(found.frames[0], self._partner, self._own)
            self._check_hello(hello, head)
            arrived = self._verified(found)
        except WireError as error:
            raise BundleFault(f"a frame of this bundle is {error}") from None
        for frame, each in zip(found.frames[1:], arrived, strict=True):
            await self._desk.node.tell(talk.Came(talk.OF_FILE, frame, each.unverified))
        self._arrived = arrived
        await self._answer(Step.READ)

    def _verified(self, found: bundle.Bundle) -> list[Arrived]:
        """Verify every frame. Raises WireError."""
        post = self._post(self._desk.into)
        post = replace(post, incoming=Incoming(limit=bundle.LARGEST))
        session = _session(found.head, self._own, self._partner.node)
        inlet = Inlet(session, post, verify=self._desk.keys.verify)
        arrived: list[Arrived] = []
        for frame in found.frames[1:]:
            each = inlet.take(frame)
            if each is None:
                raise BundleFault("this bundle has a frame of a type that is not known")
            arrived.append(each)
        return arrived

    async def _enter(self) -> None:
        arrived, self._arrived = self._arrived, None
        if arrived is None:
            raise BundleFault(_OUT_OF_TURN)
        lines = [line for each in arrived for line in each.lines]
        try:
            if lines:
                self._desk.books.enter(lines, self._desk.clock.now())
        except Unwritable as fault:
            raise BundleFault(f"this bundle says what no line can hold: {fault}") from None
        for each in arrived:
            await self._traffic.checkpoint_came(each)
        await self._answer(Step.ENTER)


def _session(head: Head, own: str, partner: str) -> Session:
    return Session(bundle.session_of(head.id), own, partner, moment(head.made), LONGEST_FRAME)
