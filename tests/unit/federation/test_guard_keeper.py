"""A guard that cannot be started, says what it has no right to, or ends: what its keeper does."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from accord.core.clock import SystemClock
from accord.federation import guard_keeper
from accord.federation.guard import ipc, talk
from accord.federation.guard_keeper import GuardKeeper, Keeping
from accord.federation.guard_process import GuardProcess
from accord.federation.latch import Latch
from accord.observe.log import Log

CLOCK = SystemClock()
PARTNER = "USA-PAC"
SETUP = talk.TakSetup(
    directory="", node="NZL-JFNZ", trust_domain="", profile="modern", partner=PARTNER,
    max_message=1_000, handshake_timeout=1, checkpoint_every=1,
)  # fmt: skip
SKIPPED = talk.TakSkipped(1)


class Scripted:
    """A guard that says what it is told to, and ends or waits."""

    pid = 7

    def __init__(self, says: list[talk.Message | Exception], *, waits: bool) -> None:
        self._says = says
        self._waits = waits
        self.heard: list[talk.Message] = []
        self.is_stopped = False

    def say(self, *messages: talk.Message) -> None:
        self.heard += messages

    async def drain(self) -> None:
        self.heard.append(talk.Stop())

    def take(self, sock: socket.socket, _role: talk.Role, _address: str) -> bool:
        sock.close()
        return True

    async def messages(self) -> AsyncGenerator[talk.Message]:
        for each in self._says:
            if isinstance(each, Exception):
                raise each
            yield each
        if self._waits:
            await asyncio.Event().wait()

    async def stop(self) -> str:
        self.is_stopped = True
        return "ended"


class FakeLink:
    """What a keeper calls on; `ends` is whether each guard ended because it was cancelled."""

    def __init__(self) -> None:
        self.begun = 0
        self.heard: list[talk.Message] = []
        self.ends: list[bool] = []

    def guard_begins(self, guard: GuardProcess) -> None:
        self.begun += 1
        guard.say(talk.Stop())

    def hear(self, message: talk.Message) -> None:
        self.heard.append(message)

    def guard_ended(self, guard: GuardProcess, *, is_cancelled: bool) -> None:
        guard.say(talk.Stop())
        self.ends.append(is_cancelled)


class Kept:
    """A keeper whose guards are these, one after the other; the last is there for good."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, directory: Path, *guards: Scripted | OSError
    ) -> None:
        left = list(guards)
        self.is_congested = False
        self.link = FakeLink()

        async def start(_setup: talk.TakSetup, module: str) -> Any:
            assert module == "a.guard"
            one = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(one, OSError):
                raise one
            return one

        monkeypatch.setattr(guard_keeper.GuardProcess, "start", start)
        for name in ("LOOK_EVERY", "FIRST", "CONGESTED"):
            monkeypatch.setattr(guard_keeper, name, 0.01)
        self.keeper = GuardKeeper(
            self.link,
            Keeping(
                directory=directory, partner=PARTNER, module="a.guard", setup=lambda: SETUP,
                is_congested=lambda: self.is_congested, clock=CLOCK, log=Log(CLOCK),
                chance=lambda: 0.5,
            ),
        )  # fmt: skip

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[GuardKeeper]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.keeper.run())
            yield self.keeper
            task.cancel()


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)


async def test_a_guard_that_ends_is_begun_again_and_both_ends_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = Scripted([SKIPPED], waits=False), Scripted([], waits=True)
    kept = Kept(monkeypatch, tmp_path, first, second)
    async with kept.running() as keeper:
        await until(lambda: kept.link.begun == 2)
        assert first.is_stopped
        assert first.heard == [talk.Stop(), talk.Stop()]  # begun, ended
        assert (keeper.pid, keeper.ended, keeper.is_open) == (7, 1, True)
        keeper.say(SKIPPED)
        await keeper.drain()
        assert second.heard == [talk.Stop(), SKIPPED, talk.Stop()]
    assert kept.link.heard == [SKIPPED]
    assert kept.link.ends == [False, True]
    assert (kept.keeper.pid, kept.keeper.is_open) == (None, False)


async def test_what_a_guard_has_no_right_to_say_ends_it_and_is_told_until_one_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bad, good = Scripted([ipc.IpcError("no such word")], waits=False), Scripted([], waits=True)
    kept = Kept(monkeypatch, tmp_path, bad, good)
    async with kept.running() as keeper:
        await until(lambda: keeper.trouble == "no such word")
        await until(lambda: keeper.is_open)
        assert keeper.trouble == ""
    assert bad.is_stopped


async def test_that_none_can_be_started_is_told_until_one_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = Kept(monkeypatch, tmp_path, OSError("no memory"), Scripted([], waits=True))
    async with kept.running() as keeper:
        await until(lambda: keeper.trouble == "no guard can be started: no memory")
        await until(lambda: keeper.is_open)
        assert keeper.trouble == ""


async def test_none_runs_while_a_person_has_to_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused = talk.GuardRefused(1, "a leak", "MMSI-512000001")
    kept = Kept(monkeypatch, tmp_path, Scripted([refused], waits=False), Scripted([], waits=True))
    latch = Latch.of(tmp_path, PARTNER)
    latch.close("a leak", CLOCK.now())
    async with kept.running() as keeper:
        await until(lambda: keeper.stopped)
        near, far = socket.socketpair()
        with far:
            assert not keeper.take(talk.Role.CALLED, near, "192.0.2.1:9000")
            assert far.recv(1) == b""  # it was closed
        assert (kept.link.begun, keeper.is_open) == (0, False)
        latch.open()
        await until(lambda: kept.link.begun == 2)
        assert keeper.take(talk.Role.CALLED, socket.socket(), "192.0.2.1:9000")
    assert kept.link.heard == []


async def test_a_guard_is_not_heard_while_the_node_can_take_nothing_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = Kept(monkeypatch, tmp_path, Scripted([SKIPPED, SKIPPED], waits=True))
    kept.is_congested = True
    async with kept.running():
        await until(lambda: kept.link.heard)
        await asyncio.sleep(0.05)
        assert len(kept.link.heard) == 1
        kept.is_congested = False
        await until(lambda: len(kept.link.heard) == 2)


async def test_what_a_guard_says_of_its_ledger_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = talk.Standing(3, 2, 1, "the disk is full")
    kept = Kept(monkeypatch, tmp_path, Scripted([said, said], waits=True))
    async with kept.running() as keeper:
        await until(lambda: keeper.standing == said)
    assert caplog.text.count("the disk is full") == 1
