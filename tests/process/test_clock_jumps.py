"""A node whose clock is set while it is linked: all that was said arrives, and nothing twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from support.chain import AUS, NZL, USA, Chain, make
from support.jumping_clock import JumpingClock

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]


@pytest.fixture
def clock(tmp_path_factory: pytest.TempPathFactory) -> JumpingClock:
    return JumpingClock(tmp_path_factory.mktemp("clock") / "environment")


@pytest.fixture
def chain(tmp_path_factory: pytest.TempPathFactory, clock: JumpingClock) -> Iterator[Chain]:
    """Three nodes; the one between the others goes by the clock."""
    three = make(tmp_path_factory.mktemp("chain"))
    three.nodes[USA].python = clock.python
    three.start(NZL, USA, AUS)
    try:
        yield three
    finally:
        three.end()


def test_what_is_said_before_and_after_each_jump_arrives_once(
    chain: Chain, clock: JumpingClock
) -> None:
    minutes = (0, 10, 0, -10, 0, 24 * 60, 0)
    said = [f"AT{number}" for number in range(len(minutes))]
    for uid, by in zip(said, minutes, strict=True):
        clock.jump(timedelta(minutes=by))
        chain.say(uid)
    assert chain.lacks(AUS, said) == []
    for name in (USA, AUS):
        assert [chain.times(name, uid) for uid in said] == [1] * len(said)
