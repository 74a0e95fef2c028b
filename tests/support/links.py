"""Nodes for links between real guards: directories with identity, partners and agreements."""

import asyncio
import os
import random
import secrets
import socket
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.agreement import Agreement
from accord.core.clock import SystemClock
from accord.core.partner import Partner, Profile
from accord.federation.effect import Effect, Left
from accord.federation.front import Front
from accord.federation.guard import handed, ipc, talk
from accord.federation.guard.guard import begun
from accord.federation.guard.life import Make, guard
from accord.federation.held import HeldSync
from accord.federation.link import Link
from accord.federation.link_settings import LinkSettings
from accord.federation.moment import Moment
from accord.federation.outgoing import Outgoing
from accord.federation.settings import SyncSettings
from accord.federation.surroundings import Node, Surroundings
from accord.federation.tak.guard import begun as tak_begun
from accord.observe.log import Log
from accord.release.frontmatter import spell_key
from accord.release.ledger.entry import Body, decode
from accord.release.signature import Record, spell_record
from accord.security import identity
from accord.security.identity import FederationSettings
from accord.security.signing import SigningKey
from accord.storage.agreements import record_name
from accord.storage.ledger_reader import LedgerReader, path_of
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer import protocol as peer
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import (
    Bye,
    Checkpoint,
    Cosignature,
    Farewell,
    Held,
    Hello,
    PeerMessage,
)
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import (
    Base,
    Grant,
    Header,
    Names,
    Object,
    PeerLabel,
    Spoken,
    Subject,
    Update,
)
from accord.wire.peer.translate import milliseconds, moment
from support.agreements import NZL, USA, example, key_of, signatures, text_of

WIRE_PROFILES = {Profile.MODERN: peer.Profile.MODERN, Profile.CNSA: peer.Profile.CNSA}
AGREEMENT = "usa-nzl-maritime"
QUICK = LinkSettings(dial_first=0.05, dial_longest=0.2)


def put_agreement(directory: Path, name: str = AGREEMENT) -> Held:
    """Put a worked agreement in force, as `accord agreement activate` leaves it."""
    terms = example(name).agreement
    return put_signed(directory, terms, text_of(name), signatures(terms))


def put_signed(directory: Path, terms: Agreement, text: str, records: Sequence[Record]) -> Held:
    place = directory / "agreements" / terms.id / str(terms.serial)
    place.mkdir(parents=True)
    (place / "agreement.md").write_bytes(text.encode())
    for record in records:
        (place / record_name(record)).write_text(spell_record(record), "utf-8")
    (place.parent / "current").write_text(f"{terms.serial}\n", "ascii")
    return Held(terms.id, terms.serial, bytes.fromhex(terms.digest))


class ScriptedSync:
    """In place of the sync core: sends what it is told, in order, and keeps what comes.

    What guards say of their ledgers to each other is not kept.
    """

    def __init__(self, node: str, profile: Profile = Profile.MODERN, **changes: Any) -> None:
        self.node = node
        self.profile = WIRE_PROFILES[profile]
        self.changes = changes
        self.gives: Sequence[Held] = ()
        self.takes: Sequence[Held] = ()
        self.waiting: deque[tuple[Lane, PeerMessage]] = deque()
        self.came: list[Frame] = []
        self.sessions = 0
        self.objects: list[Object] = []
        self.number = 1
        self.is_up = asyncio.Event()
        self.heard = asyncio.Event()

    def agree(self, gives: Sequence[Held], takes: Sequence[Held]) -> bool:
        before, (self.gives, self.takes) = (self.gives, self.takes), (tuple(gives), tuple(takes))
        return before not in (((), ()), (self.gives, self.takes))

    def hello(self, now: Moment) -> Hello:
        hello = Hello(
            node=self.node, epoch=3, nonce=secrets.token_bytes(16), profile=self.profile,
            clock=now.ms, frame=16_384, file=1 << 20, gives=tuple(self.gives),
            takes=tuple(self.takes),
        )  # fmt: skip
        return replace(hello, **self.changes)

    def connected(
        self, theirs: Hello, now: Moment, _own: Hello | None = None
    ) -> tuple[Farewell, str] | None:
        if abs(moment(theirs.clock) - now.at) > timedelta(seconds=60):
            return Farewell.CLOCK, "the partner's clock differs"
        self.sessions += 1
        self.number = 1
        self.is_up.set()
        return None

    def disconnected(self, _now: Moment) -> None:
        self.is_up.clear()

    def given(self) -> tuple[Object, ...]:
        return tuple(self.objects)

    def taken(self) -> tuple[Object, ...]:
        return ()

    def held(self) -> HeldSync:
        return HeldSync(epoch=3, their_epoch=0)

    def next(self, now: Moment) -> Outgoing | None:
        if not self.waiting:
            return None
        lane, message = self.waiting.popleft()
        self.number += 1
        return Outgoing(number=self.number, lane=lane, at=now.ms, message=message, size=100)

    def next_at(self, now: Moment) -> float:
        return now.seconds + 5.0

    def received(
        self, frame: Frame, _now: Moment, _unknown: frozenset[str] = frozenset()
    ) -> list[Effect]:
        if isinstance(frame.message, Checkpoint | Cosignature):
            return []
        self.came.append(frame)
        self.heard.set()
        if isinstance(frame.message, Bye):
            return [Left(reason=frame.message.reason, words=frame.message.words)]
        return []

    def send(self, message: Checkpoint | Cosignature) -> None:
        self.waiting.append((Lane.CONTROL, message))


@dataclass
class Place:
    """A node's directory, and what it is to its partners."""

    node: str
    directory: Path
    profile: Profile = Profile.MODERN
    settings: FederationSettings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = FederationSettings(profile=self.profile)
        self.directory.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)  # noqa: TID251
        identity.prepare(self.directory, self.name, self.settings, now)
        Partners(self.directory / PARTNERS).prepare()

    @property
    def name(self) -> Any:
        return self.settings.name_of(self.node)

    def as_partner(self, *addresses: str) -> Partner:
        """What its partners pin of it."""
        authority = identity.load_authority(self.directory, self.name)
        release, ledger = (
            str(SigningKey.load(self.directory / file).public)
            for file in (identity.RELEASE_KEY, identity.LEDGER_KEY)
        )
        party = key_of(self.node).public_key().public_bytes_raw()
        return Partner(
            node=self.node, trust_domain=self.name.trust_domain, profile=self.profile,
            authority=authority.certificate.public_bytes(Encoding.DER), party_key=spell_key(party),
            release_key=release, ledger_key=ledger,
            made=datetime.now(UTC).replace(microsecond=0),  # noqa: TID251
            addresses=addresses,
        )  # fmt: skip

    def add(self, partner: Partner) -> None:
        Partners(self.directory / PARTNERS).add(partner, datetime.now(UTC))  # noqa: TID251

    def ledger(self, partner: str) -> list[Body]:
        """Every line of the ledger for a partner."""
        reader = LedgerReader(path_of(self.directory, partner))
        try:
            return [decode(data).body for _, data, _ in reader.lines()]
        finally:
            reader.close()


@dataclass
class End:
    """One end of a link, as a node has it."""

    place: Place
    partner: Partner
    sync: Any
    held: Held
    effects: list[Effect] = field(default_factory=list[Effect])
    contents: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    settings: LinkSettings = QUICK
    kept: int = 0
    link: Link = field(init=False)

    def __post_init__(self) -> None:
        clock = SystemClock()
        around = Surroundings(
            directory=self.place.directory, own=self.place.name, profile=self.place.profile,
            settings=self.settings, sync=SyncSettings(), clock=clock, log=Log(clock),
            random=secrets.token_bytes, chance=random.Random(7).random,  # noqa: S311
        )  # fmt: skip
        node = Node(
            carry_out=self.effects.append,
            agreements=self.agreements,
            content=self.contents.get,
            is_congested=lambda: False,
            keep=self.keep,
            note=lambda: None,
            restored=lambda _: None,
        )
        self.link = Link(self.partner, around, self.sync, node)
        self.sync.agree(*self.agreements())

    def agreements(self) -> tuple[Sequence[Held], Sequence[Held]]:
        mine, none = (self.held,), ()
        return (mine, none) if self.place.node == USA else (none, mine)

    def keep(self) -> None:
        self.kept += 1

    def send(self, message: PeerMessage, lane: Lane = Lane.TRACKS) -> None:
        self.sync.waiting.append((lane, message))
        self.link.wake()

    async def came(self, count: int, *, within: float = 60.0) -> list[Frame]:
        """Wait until so many frames of the partner have come."""
        async with asyncio.timeout(within):
            while len(self.sync.came) < count:
                self.sync.heard.clear()
                await self.sync.heard.wait()
        return self.sync.came


def listen() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(64)
    return sock


def address(of: socket.socket) -> str:
    host, port = of.getsockname()
    return f"{host}:{port}"


@dataclass
class Pair:
    """USA, which gives, and NZL, which takes; NZL listens, USA dials."""

    usa: End
    nzl: End
    front: Front
    address: str
    running: "Sequence[asyncio.Task[None]]"

    def stop(self, end: End) -> None:
        """Cancel an end's link, as its node does when it is not wanted any more."""
        self.running[0 if end is self.usa else 1].cancel()

    async def up(self) -> None:
        async with asyncio.timeout(90.0):
            await self.usa.sync.is_up.wait()
            await self.nzl.sync.is_up.wait()


def places(directory: Path, profile: Profile = Profile.MODERN) -> tuple[Place, Place]:
    return Place(USA, directory / "usa", profile), Place(NZL, directory / "nzl", profile)


@asynccontextmanager
async def linked(
    directory: Path,
    profile: Profile = Profile.MODERN,
    *,
    both_dial: bool = False,
    settings: LinkSettings | None = None,
) -> AsyncGenerator[Pair]:
    """Run both ends of a link with real guards."""
    usa, nzl = places(directory, profile)
    listener, other = listen(), listen()
    usa.add(nzl.as_partner(address(listener)))
    nzl.add(usa.as_partner(*([address(other)] if both_dial else [])))
    ends = []
    for place, partner in (
        (usa, nzl.as_partner(address(listener))),
        (nzl, usa.as_partner(*([address(other)] if both_dial else []))),
    ):
        held = put_agreement(place.directory)
        sync = ScriptedSync(place.node, profile)
        ends.append(End(place, partner, sync, held, settings=settings or QUICK))

    def answer(end: End) -> Any:
        return lambda _, sock, at: end.link.take(sock, at)

    async with (
        Front(listener, answer(ends[1]), send_buffer=16_384) as front,
        Front(other, answer(ends[0]), send_buffer=16_384),
        asyncio.TaskGroup() as tasks,
    ):
        running = [tasks.create_task(each.link.run()) for each in ends]
        pair = Pair(ends[0], ends[1], front, address(listener), running)
        try:
            yield pair
        finally:
            for task in running:
                task.cancel()


def a_ship(held: Held, **changes: Any) -> Header:
    """The header of a frigate that clause 1 lets out exactly."""
    subject = Subject(
        origin=USA, uid="MMSI-338000001", context="live", kind="a-f-S-C", how="m-g",
        names=Names(callsign="FRIGATE", mmsi="338000001"),
        label=PeerLabel(
            policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=("NZL",)
        ),
        source=Spoken(node=USA, channel="tak", speaker="bridge"),
    )  # fmt: skip
    grant = Grant(held.digest[:8], "1", "exact")
    base = Base(lat=-292_000_000, lon=-1_779_000_000, validity=300_000)
    return replace(Header(subject=subject, epoch=3, grant=grant, base=base), **changes)


def a_state(at: datetime, handle: int = 0, **changes: Any) -> Update:
    ms = milliseconds(at)
    update = Update(handle, ms, ms, ms, ms + 300_000, ms, lat=-292_000_123, lon=-1_779_000_456)
    return update._replace(**changes)


def kill(pid: int) -> None:
    os.kill(pid, 9)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


class GuardHere:
    """A guard in this process, in place of a `GuardProcess`."""

    def __init__(
        self,
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: Any,
        make: Make = begun,
    ) -> None:
        self._reader, self._writer = line
        self._far = far
        self._hand, theirs = handed.pair()
        self._incoming = ipc.Reader()
        self._theirs = theirs
        self.pid = 0
        self._task = asyncio.get_running_loop().create_task(guard(far, theirs, make))

    @classmethod
    async def start(cls, setup: talk.Setup | talk.TakSetup, _module: str = "") -> "GuardHere":
        near, far = socket.socketpair()
        make = tak_begun if isinstance(setup, talk.TakSetup) else begun
        made = cls(await asyncio.open_unix_connection(sock=near), far, make)
        made.say(setup)
        return made

    def say(self, *messages: talk.Message) -> None:
        self._writer.write(b"".join(map(ipc.encode, messages)))

    async def drain(self) -> None:
        await self._writer.drain()

    def take(self, sock: socket.socket, role: talk.Role, address: str) -> bool:
        return handed.hand_over(self._hand, sock, role, address)

    async def messages(self) -> AsyncGenerator[talk.Message]:
        while data := await self._reader.read(ipc.PIECE):
            for message in self._incoming.receive(data):
                yield message

    async def stop(self) -> str:
        self.say(talk.Stop())
        await self._task
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        self._hand.close()
        self._theirs.close()
        for _ in range(5):
            await asyncio.sleep(0)  # what was aborted is closed in the next rounds of the loop
        return "stopped"
