import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest

from accord.core.report import Report
from accord.feeds.feed import (
    BROKE_OFF,
    LONGEST_WAIT,
    OVER_RATE,
    STALE,
    WAIT_CONGESTED,
    Allowance,
    Entrance,
    Feed,
    FeedError,
    FeedState,
)
from accord.observe.log import Log
from support.builders import a_report
from support.clock import START, ManualClock


class Enough(Exception):
    """The test has seen what it wanted."""


class Script:
    """Plays one connection after the other: chunks, or the error that there is instead."""

    is_finite = False

    def __init__(self, *connections: list[bytes] | Exception) -> None:
        self.counts = Counter[str]()
        self._connections = list(connections)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        if not self._connections:
            raise Enough
        then = self._connections.pop(0)
        if isinstance(then, Exception):
            raise then
        yield b""
        for data in then:
            yield data


class Words:
    """A reader for which every word is a report's uid; a question mark is refused."""

    def __init__(self) -> None:
        self.counts = Counter[str]()

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        assert tick >= 0.0
        self.counts["words"] += len(data.split())
        return [a_report(word.decode(), received=received) for word in data.split()]


class Run:
    """A feed, what it let in, and how long it waited before each new try."""

    def __init__(self, script: Script) -> None:
        self.accepted: list[str] = []
        self.waited: list[float] = []
        self.states: list[tuple[FeedState, str]] = []
        self.congested_looks = 0
        self.clock = ManualClock()
        self.feed = Feed(
            "north",
            connection=script,
            reader=Words(),
            entrance=Entrance(self.accept, self.is_congested, Log(self.clock)),
            clock=self.clock,
            sleep=self.sleep,
        )

    def accept(self, report: Report) -> bool:
        if report.uid != "?":
            self.accepted.append(report.uid)
        return report.uid != "?"

    def is_congested(self) -> bool:
        self.congested_looks -= 1
        return self.congested_looks >= 0

    async def sleep(self, seconds: float) -> None:
        status = self.feed.status()
        self.states.append((status.state, status.trouble))
        self.waited.append(seconds)
        self.clock.advance(seconds=seconds)

    async def until_enough(self) -> None:
        with pytest.raises(Enough):
            await self.feed.run()


async def test_what_comes_is_read_and_let_in() -> None:
    run = Run(Script([b"A B", b"", b"? C"]))
    await run.until_enough()
    status = run.feed.status()
    assert run.accepted == ["A", "B", "C"]
    assert (status.accepted, status.refused, status.counts) == (3, 1, {"words": 4})


async def test_a_feed_that_breaks_off_is_tried_again_and_says_why() -> None:
    run = Run(Script([b"A"], OSError("no route"), FeedError("no answer")))
    await run.until_enough()
    assert run.states == [
        (FeedState.WAITING, "the other side closed the connection"),
        (FeedState.WAITING, "no route"),
        (FeedState.WAITING, "no answer"),
    ]


async def test_tries_are_further_and_further_apart_until_it_speaks_again() -> None:
    failures = [OSError("no")] * 8
    run = Run(Script(*failures, [b"A"], OSError("no")))
    await run.until_enough()
    assert run.waited == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT, 1, 2]


async def test_a_connection_that_says_nothing_does_not_shorten_the_wait() -> None:
    run = Run(Script([], [], []))
    await run.until_enough()
    assert run.waited == [1, 2, 4]


async def test_a_feed_that_is_connected_and_silent_shows() -> None:
    connected = asyncio.Event()

    class Silent(Script):
        async def chunks(self) -> AsyncGenerator[bytes, None]:
            yield b""
            yield b"A"
            connected.set()
            await asyncio.Event().wait()

    run = Run(Silent())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run.feed.run())
        await connected.wait()
        run.clock.advance(minutes=5)
        status = run.feed.status()
        task.cancel()
    assert status.state is FeedState.CONNECTED
    assert status.last_useful == status.last_heard == status.since == START


async def test_words_that_are_refused_are_heard_but_not_useful() -> None:
    run = Run(Script([b"?"]))
    await run.until_enough()
    assert run.feed.status().last_heard == START
    assert run.feed.status().last_useful is None


async def test_words_that_are_old_when_they_come_are_accepted_and_counted() -> None:
    run = Run(Script([b"A B C"]))
    run.clock.advance(hours=5)
    await run.until_enough()
    status = run.feed.status()
    assert (status.accepted, status.last_useful, status.counts[STALE]) == (3, None, 3)


async def test_nothing_more_is_read_while_the_journal_cannot_keep_up() -> None:
    run = Run(Script([b"A", b"B"]))
    run.congested_looks = 2
    await run.until_enough()
    assert run.waited == [WAIT_CONGESTED, WAIT_CONGESTED, 1]
    assert run.states[0] == (FeedState.CONNECTED, "")
    assert run.accepted == ["A", "B"]


async def test_a_finite_feed_ends() -> None:
    script = Script([b"A"])
    script.is_finite = True
    run = Run(script)
    await run.feed.run()
    assert (run.feed.status().state, run.feed.status().trouble) == (FeedState.ENDED, "")


async def test_a_feed_that_floods_is_held_to_its_rate_and_the_rest_is_counted() -> None:
    words = b" ".join(b"U%d" % n for n in range(50))
    run = Run(Script([words]))
    run.feed = Feed(
        "north",
        connection=Script([words]),
        reader=Words(),
        entrance=Entrance(run.accept, run.is_congested, Log(run.clock), max_rate=2.0),
        clock=run.clock,
        sleep=run.sleep,
    )
    await run.until_enough()
    assert run.accepted == [f"U{n}" for n in range(20)]
    assert run.feed.status().counts == {"words": 50, OVER_RATE: 30}


def test_what_was_not_used_of_a_rate_may_come_later() -> None:
    allowance = Allowance(2.0)
    assert allowance.take(20, 100.0) == 20
    assert allowance.take(5, 100.0) == 0
    assert allowance.take(5, 101.0) == 2
    assert allowance.take(50, 1_000.0) == 20


async def test_what_a_connection_lost_is_among_the_counts() -> None:
    script = Script([b"A"])
    script.counts["datagrams lost"] = 3
    run = Run(script)
    await run.until_enough()
    assert run.feed.status().counts == {"words": 1, "datagrams lost": 3}


class Chart(Words):
    """A reader of documents, whose words are there as long as the document is as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble = ""
        self.is_read = False
        self.words: list[bytes] = []

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        self.is_read = data != b"#"
        if not self.is_read:
            return []
        self.words = data.split()
        self.trouble = "a word that is none" if b"?" in self.words else ""
        return super().read(data, received=received, tick=tick)

    def still(self, *, received: datetime) -> list[Report]:
        return [a_report(word.decode(), received=received) for word in self.words]


class Looks(Script):
    """One look at a document after the other, a minute apart; nothing: it is as it was."""

    def __init__(self, clock: ManualClock, *looks: bytes) -> None:
        super().__init__(list(looks))
        self._clock = clock

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        async for each in super().chunks():
            yield each
            self._clock.advance(minutes=1)


async def looked_at(*looks: bytes) -> tuple[Feed, list[str], ManualClock]:
    clock, accepted = ManualClock(), list[str]()

    def accept(report: Report) -> bool:
        accepted.append(report.uid)
        return report.uid != "?"

    async def sleep(_: float) -> None:
        raise Enough

    made = Feed(
        "chart",
        connection=Looks(clock, *looks),
        reader=Chart(),
        entrance=Entrance(accept, lambda: False, Log(clock)),
        clock=clock,
        sleep=sleep,
    )
    with pytest.raises(Enough):
        await made.run()
    return made, accepted, clock


async def test_a_document_that_is_as_it_was_is_useful_and_its_things_are_said_again() -> None:
    feed, accepted, clock = await looked_at(b"reef wreck", b"", b"")
    assert accepted == ["reef", "wreck"] * 3
    last = feed.status().last_useful
    assert last is not None
    assert (clock.now() - last).total_seconds() == 60


async def test_a_document_that_never_brought_anything_is_no_more_useful_for_being_there() -> None:
    feed, accepted, _ = await looked_at(b"", b"")
    assert (accepted, feed.status().last_useful) == ([], None)


async def test_a_document_that_cannot_be_read_is_not_useful_however_often_it_comes() -> None:
    feed, accepted, clock = await looked_at(b"reef", b"#", b"", b"")
    assert accepted == ["reef"]
    status = feed.status()
    assert status.last_useful is not None
    assert status.last_heard is not None
    assert (clock.now() - status.last_useful).total_seconds() == 240
    assert (clock.now() - status.last_heard).total_seconds() == 60


async def test_what_of_a_document_is_wrong_is_said_while_it_is_there() -> None:
    feed, _, _ = await looked_at(b"reef ?")
    assert feed.status().trouble == "the other side closed the connection"
    feed._trouble = ""  # pyright: ignore[reportPrivateUsage]  as while it is connected
    assert feed.status().trouble == "a word that is none"


async def test_what_was_heard_while_the_clock_was_ahead_is_heard_when_it_was_set_back() -> None:
    run = Run(Script([b"A"]))
    await run.until_enough()
    feed = run.feed
    before = feed.status()
    assert before.last_useful is not None
    feed.set_back(before.last_useful - timedelta(hours=2))
    after = feed.status()
    assert after.last_useful == after.last_heard == before.last_useful - timedelta(hours=2)
    feed.set_back(before.last_useful)
    assert feed.status() == after


class Frames(Words):
    """A reader of frames that end with a dot."""

    def __init__(self) -> None:
        super().__init__()
        self.rest = b""

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        whole, _, self.rest = (self.rest + data).rpartition(b".")
        return super().read(whole, received=received, tick=tick)

    def let_go(self) -> bool:
        had, self.rest = bool(self.rest), b""
        return had


async def test_a_frame_that_a_connection_left_unfinished_is_counted_and_no_part_of_the_next() -> (
    None
):
    run = Run(Script([b"A. B", b"", b"C. D"], [b"E."], OSError("no route")))
    run.feed._reader = Frames()  # pyright: ignore[reportPrivateUsage]  of the frames alone
    await run.until_enough()
    assert run.accepted == ["A", "C", "E"]
    assert run.feed.status().counts == {"words": 3, BROKE_OFF: 2}
