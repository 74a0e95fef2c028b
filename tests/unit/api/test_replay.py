"""What plays is tried over the stream, in test_stream_replay.py; here is what it is made of."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accord.api.replay import (
    LONGEST_TURN,
    MOST_OF_ONE,
    MOST_REPLAYS,
    NoReplay,
    Playing,
    Replays,
)
from accord.core.context import LIVE
from accord.wire.page.message import Subscribe
from support.clock import ManualClock
from support.past import a_replay, blue, keep
from support.released import after, heard


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(after(3600))


@pytest.fixture
def playing(tmp_path: Path, clock: ManualClock) -> Playing:
    past = keep(tmp_path, [heard("SHIP-1", at) for at in range(0, 600, 60)])
    replays = Replays(
        lambda by, context, is_awaited: a_replay(past, by, context, is_awaited=is_awaited), clock
    )
    return replays.open(blue(), LIVE, lambda: True)


async def shown(playing: Playing) -> list[str]:
    return [str(each)[:20] for each in await playing.turn() if isinstance(each, str)]


async def test_a_page_that_was_not_told_everything_is_shown_the_moment_anew(
    playing: Playing, clock: ManualClock
) -> None:
    playing.wants(Subscribe(at=ms(after(100)), speed=1), clock.monotonic())
    assert '"snapshot"' in (await shown(playing))[0]
    playing.wants(Subscribe(at=ms(after(130)), speed=1), clock.monotonic())
    assert not any('"snapshot"' in each for each in await shown(playing))
    playing.begin_anew()
    assert playing.is_due
    assert '"snapshot"' in (await shown(playing))[0]


async def test_however_long_it_was_not_told_a_turn_is_no_longer_than_that(
    playing: Playing, clock: ManualClock
) -> None:
    playing.wants(Subscribe(at=ms(after(100)), speed=60), clock.monotonic())
    await playing.turn()
    clock.advance(seconds=30)
    said = str((await playing.turn())[-1])
    assert f'"at":{ms(after(100) + timedelta(seconds=60 * LONGEST_TURN))},"speed":60' in said


async def test_what_stands_still_is_told_once(playing: Playing, clock: ManualClock) -> None:
    playing.wants(Subscribe(at=ms(after(100)), speed=0), clock.monotonic())
    assert playing.is_due
    await playing.turn()
    assert not playing.is_due


def test_so_many_fit_and_one_that_is_closed_makes_room(clock: ManualClock) -> None:
    replays = Replays(lambda *_: None, clock)  # type: ignore[arg-type,return-value]
    people = [replace(blue(), name=f"kiwi-{number}") for number in range(MOST_REPLAYS + 1)]
    opened = [replays.open(each, LIVE, lambda: True) for each in people[1:]]
    with pytest.raises(NoReplay, match="no more fit"):
        replays.open(people[0], LIVE, lambda: True)
    opened[0].close()
    assert len(replays) == MOST_REPLAYS - 1
    replays.open(people[0], LIVE, lambda: True)
    replays.close()


def test_nobody_keeps_the_others_from_looking_back(clock: ManualClock) -> None:
    replays = Replays(lambda *_: None, clock)  # type: ignore[arg-type,return-value]
    opened = [replays.open(blue(), LIVE, lambda: True) for _ in range(MOST_OF_ONE)]
    with pytest.raises(NoReplay, match="leave one"):
        replays.open(blue(), LIVE, lambda: True)
    replays.open(replace(blue(), name="kiwi-2"), LIVE, lambda: True)
    opened[0].close()
    replays.open(blue(), LIVE, lambda: True)
    replays.close()
