"""Files that one guard writes and another reads; node, clock and ledger are not real."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.core.partner import Profile
from accord.federation import bundle
from accord.federation.bundle import Head
from accord.federation.guard import talk
from accord.federation.guard.check import Checker, Terms
from accord.federation.guard.contents import Incoming, Outgoing
from accord.federation.guard.greeting import Keys
from accord.federation.guard.outlet import Post
from accord.federation.guard.packing import Packing
from accord.federation.guard.placeholders import Frames, Unsigned
from accord.federation.guard.session import Session
from accord.federation.guard.talk import Bundled, Came, Step
from accord.federation.guard.traffic import Desk, Traffic
from accord.federation.latch import Latch
from accord.federation.outgoing import Outgoing as Frame
from accord.release.ledger.entry import Received, Release
from accord.release.ledger.fault import Unwritable
from accord.security.signing import SigningKey
from accord.wire.peer import message as peer
from accord.wire.peer import protocol
from accord.wire.peer.frame import LONGEST_FRAME, Handles
from accord.wire.peer.message import Checkpoint, Hello, Objects, PeerMessage, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import Object
from accord.wire.peer.translate import milliseconds
from support.agreements import NZL, USA, example
from support.clock import ManualClock
from support.links import a_ship, a_state

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
MS = milliseconds(NOW)
TERMS = Terms(example().agreement)
HELD = peer.Held(TERMS.agreement.id, TERMS.agreement.serial, TERMS.digest)
SHIP = Objects((Object(number=1, handle=0, header=a_ship(HELD)),))
KEYS = {node: SigningKey.create(Profile.MODERN) for node in (USA, NZL, "AUS-HQ")}


class Books:
    """A ledger that says to `events` when it was written."""

    def __init__(self, events: list[Any]) -> None:
        self.notes: set[bytes] = set()
        self.lines: list[Any] = []
        self.offer: bytes | None = None
        self.witnessed: list[bytes] = []
        self._events = events

    def enter(self, lines: Sequence[Any], _: datetime) -> None:
        self.lines += lines
        self._events.append("entered")

    def refused(self, reason: str, clause: str | None, _: datetime) -> None:
        self.lines.append((reason, clause))

    def sign(self) -> None:
        pass

    def request(self) -> bytes | None:
        if self.offer is not None:
            self.notes.add(self.offer)
        return self.offer

    def witness(self, note: bytes, _: datetime) -> bytes:
        self.witnessed.append(note)
        return b"cosigned"


@dataclass
class Guard:
    """What packs for one node; `events` are what it told its node, and when lines were entered."""

    own: str
    partner: str
    directory: Path
    events: list[Any] = field(default_factory=list[Any])
    key: str = ""

    def __post_init__(self) -> None:
        self.books = Books(self.events)
        self.clock = ManualClock(NOW)
        self.latch = Latch.of(self.directory / self.own, self.partner)
        known: Any = SimpleNamespace(
            node=self.partner, release_keys=lambda _: (str(KEYS[self.partner].public),)
        )
        node: Any = SimpleNamespace(tell=self._tell)
        books: Any = self.books
        desk = Desk(
            node=node, books=books, latch=self.latch, clock=self.clock,
            keys=Keys(KEYS[self.key or self.own], lambda: (known,), lambda: NOW),
            out=self._post(), into=self._post(),
        )  # fmt: skip
        agreed: Any = SimpleNamespace(between=lambda: [TERMS])
        traffic = Traffic(desk, own=self.own, partner=self.partner, their_epoch=0)
        self.packing = Packing(desk, traffic, agreed, own=self.own, partner=known)

    def _post(self) -> Post:
        checker = Checker(own=self.own, partner=self.partner)
        checker.know({TERMS.key: TERMS})
        return Post(
            checker=checker, handles=Handles(limit=100), onward={}, notes=self.books.notes,
            outgoing=Outgoing(limit=100_000), incoming=Incoming(limit=100_000),
        )  # fmt: skip

    async def _tell(self, message: talk.Message) -> None:
        self.events.append(message)

    async def does(self, step: Step, data: bytes = b"") -> Bundled:
        """Take a step, and return the answer."""
        await self.packing.take(Bundled(step, data))
        answer = self.events[-1]
        assert isinstance(answer, Bundled)
        return answer

    async def refuses(self, step: Step, data: bytes = b"") -> str:
        answer = await self.does(step, data)
        assert answer.step is Step.REFUSED
        return answer.data.decode()


@dataclass
class Writing:
    """USA writes a file for NZL."""

    guard: Guard
    id: bytes = b"i" * 16
    made: int = MS
    reader: str = NZL
    data: bytes = b""
    number: int = 1

    def __post_init__(self) -> None:
        self.unsigned = Unsigned(Profile.MODERN, _random())
        session = Session(bundle.session_of(self.id), USA, NZL, NOW, LONGEST_FRAME)
        self.frames: Frames = self.unsigned.frames(session, (), limit=100)

    @property
    def head(self) -> bytes:
        return bundle.begin(Head(id=self.id, writer=USA, reader=self.reader, made=self.made))

    def hello(self, **changes: Any) -> bytes:
        hello = Hello(
            node=USA, epoch=1, nonce=self.id, profile=protocol.Profile.MODERN, clock=self.made,
            frame=16_384, file=1, gives=(HELD,),
        )  # fmt: skip
        return self.unsigned.hello(replace(hello, **changes), NZL)

    async def begin(self) -> None:
        self.data += (await self.guard.does(Step.BEGIN, self.head)).data
        self.data += (await self.guard.does(Step.HELLO, self.hello())).data

    def made_of(self, message: PeerMessage, lane: Lane = Lane.TRACKS) -> bytes:
        self.number += 1
        return self.frames.make(
            Frame(number=self.number, lane=lane, at=MS, message=message, size=0)
        )

    async def put(self, *messages: PeerMessage, lane: Lane = Lane.TRACKS) -> None:
        for message in messages:
            self.data += (await self.guard.does(Step.FRAME, self.made_of(message, lane))).data

    async def whole(self, *messages: PeerMessage) -> bytes:
        await self.begin()
        await self.put(*(messages or (SHIP, Updates((a_state(NOW),)))))
        self.data += (await self.guard.does(Step.SEAL)).data
        return self.data


def _random() -> Any:
    count = iter(range(1, 1 << 20))
    return lambda size: sha256(next(count).to_bytes(4)).digest().ljust(size, b"r")[:size]


@pytest.fixture
def usa(tmp_path: Path) -> Guard:
    return Guard(USA, NZL, tmp_path)


@pytest.fixture
def nzl(tmp_path: Path) -> Guard:
    return Guard(NZL, USA, tmp_path)


async def read(guard: Guard, data: bytes) -> Bundled:
    for begin in range(0, len(data), 300):
        await guard.packing.take(Bundled(Step.FILE, data[begin : begin + 300]))
    return await guard.does(Step.READ)


def resealed(data: bytes, key: SigningKey, writer: str = USA, reader: str = NZL) -> bytes:
    """The file with digest and seal made anew, by anybody."""
    head = Head(id=b"i" * 16, writer=writer, reader=reader, made=MS)
    digest = sha256(data[:-96]).digest()
    return data[:-96] + digest + key.sign(bundle.seal_words(head, digest))


async def test_what_one_guard_writes_another_reads_with_the_same_in_both_ledgers(
    usa: Guard, nzl: Guard
) -> None:
    data = await Writing(usa).whole()
    assert (await read(nzl, data)).step is Step.READ
    assert nzl.books.lines == []
    assert (await nzl.does(Step.ENTER)).step is Step.ENTER
    sent, came = usa.books.lines, nzl.books.lines
    assert [type(each) for each in sent] == [Release, Release]
    assert [type(each) for each in came] == [Received, Received]
    assert [(x.payload, x.frame, x.version) for x in sent] == [
        (x.payload, x.frame, x.version) for x in came
    ]
    frames = [each for each in nzl.events if isinstance(each, Came)]
    assert [each.connection for each in frames] == [talk.OF_FILE] * 2


async def test_a_frame_is_given_back_only_when_it_is_entered(usa: Guard) -> None:
    writing = Writing(usa)
    await writing.begin()
    before = len(usa.events)
    await writing.put(SHIP)
    entered, given = usa.events[before:]
    assert entered == "entered"
    assert isinstance(given, Bundled)


async def test_what_the_guard_would_not_send_is_in_no_file_and_stops_the_link(usa: Guard) -> None:
    writing = Writing(usa)
    await writing.begin()
    header = a_ship(HELD)
    bare = replace(header, subject=replace(header.subject, label=None))
    frame = writing.made_of(Objects((Object(number=1, handle=0, header=bare),)))
    assert "no mark" in await usa.refuses(Step.FRAME, frame)
    assert "no mark" in usa.latch.why()
    assert any(isinstance(each, talk.GuardRefused) for each in usa.events)
    assert not any(isinstance(each, Release) for each in usa.books.lines)
    assert "out of turn" in await usa.refuses(Step.SEAL)


async def test_a_stopped_link_writes_and_takes_nothing(usa: Guard, nzl: Guard) -> None:
    data = await Writing(usa).whole()
    nzl.latch.close("somebody must look", NOW)
    await nzl.packing.take(Bundled(Step.FILE, data))
    assert "somebody must look" in await nzl.refuses(Step.READ)
    assert nzl.books.lines == []
    writing = Writing(usa)
    await writing.begin()
    frame = writing.made_of(SHIP)
    usa.latch.close("somebody must look", NOW)
    lines = len(usa.books.lines)
    assert "somebody must look" in await usa.refuses(Step.FRAME, frame)
    assert "somebody must look" in await usa.refuses(Step.BEGIN, writing.head)
    assert len(usa.books.lines) == lines


async def test_a_link_that_is_stopped_meanwhile_seals_nothing(usa: Guard) -> None:
    writing = Writing(usa)
    await writing.begin()
    await writing.put(SHIP)
    usa.latch.close("somebody must look", NOW)
    assert "somebody must look" in await usa.refuses(Step.SEAL)


@pytest.mark.parametrize(
    ("writing", "said"),
    [
        ({"reader": "AUS-HQ"}, "its own partner"),
        ({"made": MS - 61_000}, "not the present"),
        ({"made": MS + 61_000}, "not the present"),
    ],
)
async def test_a_head_is_its_own_partners_and_of_now(
    usa: Guard, writing: dict[str, Any], said: str
) -> None:
    assert said in await usa.refuses(Step.BEGIN, Writing(usa, **writing).head)


async def test_a_hello_is_that_of_its_file(usa: Guard) -> None:
    for changes in ({"nonce": b"o" * 16}, {"clock": MS + 1}):
        writing = Writing(usa)
        await usa.does(Step.BEGIN, writing.head)
        assert "another's" in await usa.refuses(Step.HELLO, writing.hello(**changes))


async def test_a_hello_with_another_nations_pact_is_not_signed(usa: Guard) -> None:
    writing = Writing(usa)
    await usa.does(Step.BEGIN, writing.head)
    strange = writing.hello(gives=(peer.Held("SECRET-PACT", 1, bytes(32)),))
    assert "not the partner's" in await usa.refuses(Step.HELLO, strange)


async def test_steps_out_of_turn_are_refused(usa: Guard) -> None:
    writing = Writing(usa)
    for step in (Step.HELLO, Step.FRAME, Step.SEAL, Step.ENTER):
        assert "out of turn" in await usa.refuses(step, writing.hello())
    await usa.does(Step.BEGIN, writing.head)
    assert "out of turn" in await usa.refuses(Step.FRAME, writing.hello())
    await writing.begin()
    assert "out of turn" in await usa.refuses(Step.HELLO, writing.hello())


async def test_every_altered_file_is_refused_and_nothing_of_it_is_entered(
    usa: Guard, nzl: Guard
) -> None:
    data = await Writing(usa).whole()
    for place in range(0, len(data), 7):
        altered = bytearray(data)
        altered[place] ^= 1
        assert (await read(nzl, bytes(altered))).step is Step.REFUSED
    assert (await read(nzl, data[:-100])).step is Step.REFUSED
    assert nzl.books.lines == []
    assert not any(isinstance(each, Came) for each in nzl.events)
    assert (await read(nzl, data)).step is Step.READ


async def test_another_seal_than_the_partners_is_none(usa: Guard, nzl: Guard) -> None:
    data = await Writing(usa).whole()
    assert (await read(nzl, resealed(data, KEYS[USA]))).step is Step.READ
    answer = await read(nzl, resealed(data, KEYS["AUS-HQ"]))
    assert b"not sealed by" in answer.data


async def test_a_file_of_another_or_for_another_is_refused(usa: Guard, nzl: Guard) -> None:
    data = await Writing(usa).whole()
    assert b"not of" in (await read(usa, data)).data


async def test_a_partner_that_seals_what_is_forged_gains_nothing(usa: Guard, nzl: Guard) -> None:
    data = await Writing(usa).whole()
    end = data.rindex(bundle.END + data[-96:-64])
    found = bundle.read(data)
    again = data[:end] + bundle.framed(found.frames[-1]) + data[end:]
    assert b"a frame of this bundle is" in (await read(nzl, resealed(again, KEYS[USA]))).data
    altered = data.replace(found.frames[-1][-64:], bytes(64))
    assert b"a frame of this bundle is" in (await read(nzl, resealed(altered, KEYS[USA]))).data
    strange = data[:end] + bundle.framed(bytes.fromhex("84181f187f0480")) + data[end:]
    assert (await read(nzl, resealed(strange, KEYS[USA]))).step is Step.REFUSED
    assert nzl.books.lines == []


async def test_a_file_that_says_what_no_line_can_hold_is_refused(
    usa: Guard, nzl: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unwritable("a received with such a clause is none")

    await read(nzl, await Writing(usa).whole())
    monkeypatch.setattr(nzl.books, "enter", full)
    assert "such a clause" in await nzl.refuses(Step.ENTER)
    assert "out of turn" in await nzl.refuses(Step.ENTER)


async def test_a_file_that_is_not_taken_is_forgotten(usa: Guard, nzl: Guard) -> None:
    data = await Writing(usa).whole()
    await read(nzl, data)
    await nzl.packing.take(Bundled(Step.DROP))
    assert "out of turn" in await nzl.refuses(Step.ENTER)
    assert nzl.books.lines == []


async def test_the_ledgers_are_witnessed_by_file_too(usa: Guard, nzl: Guard) -> None:
    usa.books.offer = b"a checkpoint"
    writing = Writing(usa)
    await writing.begin()
    assert talk.ToSend(talk.Note.CHECKPOINT, b"a checkpoint") in usa.events
    await writing.put(Checkpoint(b"a checkpoint"), lane=Lane.CONTROL)
    writing.data += (await usa.does(Step.SEAL)).data
    await read(nzl, writing.data)
    assert nzl.books.witnessed == []
    await nzl.does(Step.ENTER)
    assert nzl.books.witnessed == [b"a checkpoint"]
    assert talk.ToSend(talk.Note.COSIGNATURE, b"cosigned") in nzl.events


async def test_the_pieces_of_a_file_have_a_limit(
    nzl: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LARGEST", 10)
    assert "longer than any" in await nzl.refuses(Step.FILE, bytes(11))


async def test_a_frame_whose_time_is_past_is_not_put_in_and_nobody_is_called(usa: Guard) -> None:
    writing = Writing(usa)
    await writing.begin()
    await writing.put(SHIP)
    frame = writing.made_of(Updates((a_state(NOW),)))
    usa.clock.advance(seconds=61)
    assert "not the present" in await usa.refuses(Step.FRAME, frame)
    assert usa.latch.why() == ""
