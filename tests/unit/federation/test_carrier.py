"""Files between two nodes whose guards do what they are told."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from accord.core.errors import AccordError
from accord.core.partner import Profile
from accord.federation import bundle, bundle_memory, carrier
from accord.federation.bundle import BundleFault
from accord.federation.carrier import CannotCarry, Carrier, LinkEnd, Taken, Written
from accord.federation.effect import Effect
from accord.federation.guard import talk
from accord.federation.guard.talk import Bundled, Came, Step
from accord.federation.link_settings import LinkSettings
from accord.federation.surroundings import Node, Surroundings
from accord.observe.counters import Tally
from accord.observe.log import Log
from accord.wire.peer.message import Hello
from accord.wire.peer.protocol import Lane
from support.coalition import SEA, SMALL, START, Line, Network, doubles

A, B = "AUS-A", "NZL-B"
SEAL = bytes(64)


class Guard:
    """Answers each step at once. `refuses` says at which it does not, `silent` at which nothing."""

    def __init__(self) -> None:
        self.hear: Any = None
        self.steps: list[Step] = []
        self.refuses: dict[Step, str] = {}
        self.silent: set[Step] = set()
        self.unverified: tuple[str, ...] = ()
        self.ends_at: Step | None = None
        self._digest = sha256()
        self._file = b""

    def say(self, message: talk.Message) -> None:
        assert isinstance(message, Bundled)
        step = message.step
        self.steps.append(step)
        if step is self.ends_at:
            self.hear(None)
        elif step in self.refuses:
            self.hear(Bundled(Step.REFUSED, self.refuses[step].encode()))
        elif step not in self.silent:
            for answer in self._answers(step, message.data):
                self.hear(answer)

    def _answers(  # noqa: PLR0911  one for each step
        self, step: Step, data: bytes
    ) -> list[talk.Message]:
        match step:
            case Step.BEGIN:
                self._digest = sha256(data)
                return [Bundled(step, data)]
            case Step.HELLO | Step.FRAME:
                self._digest.update(bundle.framed(data))
                return [Bundled(step, bundle.framed(data))]
            case Step.SEAL:
                self._digest.update(bundle.END)
                return [Bundled(step, bundle.END + self._digest.digest() + SEAL)]
            case Step.FILE:
                self._file += data
                return []
            case Step.READ:
                found, self._file = bundle.read(self._file), b""
                came = [Came(talk.OF_FILE, each, self.unverified) for each in found.frames[1:]]
                return [*came, Bundled(step)]
            case Step.ENTER:
                return [Bundled(step)]
            case _:
                self._file = b""
                return []


@dataclass
class NetworkClock:
    """The time of a network, at a node whose time of day differs by so much."""

    network: Network
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.network.seconds) + self.skew

    def monotonic(self) -> float:
        return self.network.seconds


@dataclass
class End:
    """One node's end."""

    network: Network
    name: str
    other: str
    directory: Path
    settings: LinkSettings = field(default_factory=LinkSettings)
    kept: int = 0
    is_open: bool = True
    why_behind: str = ""
    unverified: Tally = field(default_factory=Tally)
    congested: int = 0

    def __post_init__(self) -> None:
        self.guard = Guard()
        self.clock = NetworkClock(self.network)
        self.begin()

    def begin(self) -> None:
        around: Any = Surroundings(
            directory=self.directory / self.name, own=None, profile=Profile.MODERN,  # type: ignore[arg-type]
            settings=self.settings, sync=SMALL, clock=self.clock, log=Log(self.clock),
            random=self.network.random.randbytes, chance=self.network.random.random,
        )  # fmt: skip
        node = Node(
            carry_out=self._carry_out, agreements=lambda: ((), ()), content=lambda _: None,
            is_congested=self._is_congested, keep=self._keep, note=lambda: None,
            restored=lambda _: None,
        )  # fmt: skip
        self.carrier = Carrier(
            self.other, around, self.node.syncs[self.other], node,
            LinkEnd(
                is_open=lambda: self.is_open, say=self.guard.say, drain=self._drain,
                needed=lambda _: [], why_behind=lambda _: self.why_behind,
                unverified=self.unverified,
            ),
        )  # fmt: skip
        self.guard.hear = self.carrier.hear

    @property
    def node(self) -> Any:
        return self.network.nodes[self.name]

    async def _drain(self) -> None:
        await asyncio.sleep(0)

    def _carry_out(self, effect: Effect) -> None:
        self.node.carry_out(effect, self.other)

    def _is_congested(self) -> bool:
        self.congested -= 1
        return self.congested >= 0

    def _keep(self) -> None:
        self.kept += 1

    async def write(self) -> Written:
        written = await self.carrier.write()
        self.network.seconds += 1
        return written

    async def take(self, written: Written) -> Taken:
        return await self.carrier.take_in(written.data)

    async def why_not(self, data: bytes) -> str:
        with pytest.raises((CannotCarry, BundleFault)) as error:
            await self.carrier.take_in(data)
        return str(error.value)


class Two:
    """Both ends; their clocks are the network's."""

    def __init__(self, directory: Path) -> None:
        self.network = Network()
        for name in (A, B):
            self.network.node(name)
        self.network.nodes[A].link_to(B, {SEA})
        self.network.nodes[B].link_to(A, {SEA})
        self.network.lines[frozenset((A, B))] = Line((A, B))
        self.a = End(self.network, A, B, directory)
        self.b = End(self.network, B, A, directory)

    async def greeted(self) -> None:
        for one, other in ((self.a, self.b), (self.b, self.a)):
            written = await one.write()
            await other.take(written)


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def test_the_first_bundle_only_says_who_speaks(two: Two) -> None:
    two.a.node.track("T1", -40.0)
    written = await two.a.write()
    assert (written.is_known, written.items, written.is_whole) == (False, 0, True)
    assert len(bundle.read(written.data).frames) == 1
    taken = await two.b.take(written)
    assert (taken.items, taken.fresh) == (0, 0)
    assert (await two.b.write()).is_known


async def test_what_is_written_is_taken_in_once(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    two.a.node.chat("M1")
    written = await two.a.write()
    assert written.items == 2
    taken = await two.b.take(written)
    assert (taken.items, taken.fresh, taken.made) == (2, 2, written.made)
    assert two.b.node.has(A, "T1")
    before = two.b.guard.steps.count(Step.ENTER)
    assert "imported before" in await two.b.why_not(written.data)
    assert two.b.guard.steps.count(Step.ENTER) == before
    assert not doubles(two.b.node)


async def test_an_answer_says_what_arrived_and_then_it_goes_no_more(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    two.a.node.chat("M1")
    written = await two.a.write()
    assert (await two.a.write()).items == 2
    await two.b.take(written)
    answer = await two.b.write()
    assert written.id in bundle.read(answer.data).head.answers
    await two.a.take(answer)
    assert (await two.a.write()).items == 0
    assert two.a.carrier.memory.last_out is not None


async def test_everything_is_remembered_before_a_bundle_is_anywhere(
    two: Two, tmp_path: Path
) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    kept = two.a.kept
    written = await two.a.write()
    assert two.a.kept == kept + 1
    two.a.begin()  # as after a restart
    assert [each.id for each in two.a.carrier.memory.sent][-1] == written.id
    two.b.begin()
    await two.b.take(written)
    two.b.begin()
    assert "imported before" in await two.b.why_not(written.data)


async def test_nothing_is_written_while_the_line_is_up(two: Two) -> None:
    two.network.join(A, B)
    with pytest.raises(CannotCarry, match="is up"):
        await two.a.carrier.write()


async def test_a_line_that_comes_up_meanwhile_ends_the_writing(two: Two) -> None:
    await two.greeted()
    for number in range(4):
        two.a.node.chat(f"M{number}")
        two.a.node.track(f"T{number}", -40.0)

    async def joins() -> None:
        two.network.join(A, B)

    object.__setattr__(two.a.carrier._link, "drain", joins)
    with pytest.raises(CannotCarry, match="came up"):
        await two.a.carrier.write()
    two.network.run(5)
    assert {key.uid for key in two.b.node.picture} >= {"M0", "T0", "M3", "T3"}


async def test_a_link_without_a_guard_carries_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "GUARD_WITHIN", 0.01)
    monkeypatch.setattr(carrier, "LOOK_EVERY", 0.001)
    two.a.is_open = False
    with pytest.raises(CannotCarry, match="stopped"):
        await two.a.carrier.write()


@pytest.mark.parametrize("step", [Step.BEGIN, Step.HELLO, Step.FRAME, Step.SEAL])
async def test_a_guard_that_refuses_or_ends_leaves_no_bundle_and_nothing_half_done(
    two: Two, step: Step
) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    sent = list(two.a.carrier.memory.sent)
    two.a.guard.refuses = {step: "the guard refused it: no mark"}
    with pytest.raises(CannotCarry, match="no mark"):
        await two.a.carrier.write()
    two.a.guard.refuses = {}
    two.a.guard.ends_at = step
    with pytest.raises(CannotCarry, match="ended meanwhile"):
        await two.a.carrier.write()
    two.a.guard.ends_at = None
    assert two.a.carrier.memory.sent == sent
    assert not two.a.node.syncs[B].by_file.is_writing
    two.network.join(A, B)
    two.network.run(2)
    assert two.b.node.has(A, "T1")


async def test_a_guard_that_says_nothing_is_not_waited_for_for_ever(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "ANSWER_WITHIN", 0.01)
    two.a.guard.silent = {Step.BEGIN}
    with pytest.raises(CannotCarry, match="does not answer"):
        await two.a.carrier.write()


async def test_what_the_guard_does_not_believe_changes_nothing(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    written = await two.a.write()
    two.b.guard.refuses = {Step.READ: "this bundle is not sealed by AUS-A"}
    assert "not sealed" in await two.b.why_not(written.data)
    assert two.b.node.has(A, "T1") is None
    two.b.guard.refuses = {}
    assert (await two.b.take(written)).fresh == 1


async def test_what_the_sync_core_does_not_take_is_dropped_at_the_guard(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    written = await two.a.write()
    two.b.node.syncs[A].agree([], [])
    assert "not in force" in await two.b.why_not(written.data)
    assert two.b.guard.steps[-1] is Step.DROP
    assert written.id not in two.b.carrier.memory.came


async def test_a_bundle_of_the_past_or_the_future_is_refused(two: Two) -> None:
    written = await two.a.write()
    two.b.clock.skew = timedelta(days=31)
    assert "days ago" in await two.b.why_not(written.data)
    two.b.clock.skew = timedelta(minutes=-2)
    assert "from now" in await two.b.why_not(written.data)


async def test_a_bundle_that_is_too_long_or_anothers_is_refused(two: Two) -> None:
    written = await two.a.write()
    assert "not of" in await two.a.why_not(written.data)
    two.b.settings = replace(two.b.settings, bundle_bytes=100)
    two.b.begin()
    assert "link.bundle_bytes" in await two.b.why_not(written.data)


async def test_where_a_backup_was_put_back_nothing_is_taken(two: Two) -> None:
    written = await two.a.write()
    two.b.why_behind = "a backup was put back"
    assert "backup" in await two.b.why_not(written.data)
    assert two.b.guard.steps[-1] is Step.DROP


async def test_what_does_not_fit_goes_with_the_next_bundles(two: Two) -> None:
    await two.greeted()
    least = 9 * carrier.LONGEST_FRAME
    two.a.settings = replace(two.a.settings, bundle_bytes=least + 2_000)
    two.a.begin()
    for number in range(1_200):
        two.a.node.chat(f"M{number}", "x" * 200)
    total = 0
    for _ in range(20):
        written = await two.a.write()
        total += (await two.b.take(written)).fresh
        answer = await two.b.write()
        await two.a.take(answer)
        if written.is_whole:
            break
    assert total == 1_200
    assert not doubles(two.b.node)


async def test_words_that_nobody_here_can_verify_are_counted_and_not_taken(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    written = await two.a.write()
    two.b.guard.unverified = (A,)
    assert (await two.b.take(written)).fresh == 0
    assert two.b.node.has(A, "T1") is None
    assert two.b.unverified[A] == 1


async def test_a_node_that_is_full_is_waited_for(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "CONGESTED", 0.0)
    await two.greeted()
    two.a.node.track("T1", -40.0)
    written = await two.a.write()
    two.b.congested = 3
    assert (await two.b.take(written)).fresh == 1
    assert two.b.congested < 0


async def test_what_the_partner_said_over_a_line_lets_the_next_bundle_hold_something(
    two: Two,
) -> None:
    two.a.node.track("T1", -40.0)
    theirs: Hello = two.b.node.syncs[A].hello(two.b.node.now)
    frame = two.a.carrier._unsigned.hello(theirs, A)
    two.a.carrier.heard(frame, theirs.clock)
    written = await two.a.write()
    assert (written.is_known, written.items) == (True, 1)


async def test_a_hello_that_cannot_be_kept_is_said_and_ends_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise AccordError("the disk is full")

    monkeypatch.setattr(bundle_memory, "save", full)
    two.a.carrier.heard(b"x", 5)
    assert "the disk is full" in caplog.text
    assert two.a.carrier.memory.theirs == b"x"


async def test_a_word_of_the_partner_that_is_spoilt_is_as_good_as_none(two: Two) -> None:
    two.a.carrier.memory.heard(b"\xff", 5)
    assert not (await two.a.write()).is_known


async def test_calls_for_help_go_first(two: Two) -> None:
    await two.greeted()
    two.a.node.chat("M1")
    two.a.node.mayday("E1")
    written = await two.a.write()
    lanes = [frame[3] for frame in bundle.read(written.data).frames[1:]]
    assert lanes == [Lane.EMERGENCY, Lane.CHAT]


def test_how_old_a_bundle_may_be_is_a_setting() -> None:
    assert LinkSettings().bundle_age == timedelta(days=30)


async def test_what_was_called_back_does_not_come_with_an_older_bundle(two: Two) -> None:
    await two.greeted()
    two.a.node.track("T1", -40.0)
    (report,) = [it[1] for key, it in two.a.node.picture.items() if key.uid == "T1"]
    older = await two.a.write()
    sync, now = two.a.node.syncs[B], two.a.node.now
    assert sync.recall_object(A, report.context, "T1", "in error", now)
    two.a.node.track("T2", -40.0)
    await two.b.take(await two.a.write())
    assert "called something back" in await two.b.why_not(older.data)
    assert two.b.node.has(A, "T1") is None
    assert two.b.node.has(A, "T2")
