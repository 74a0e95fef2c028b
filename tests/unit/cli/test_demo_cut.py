from datetime import timedelta

import pytest

from accord.cli import demo_cut
from accord.cli.demo_cut import CatchUp
from accord.cli.demo_ledger import FRAMES
from accord.cli.demo_standing import Standing
from support.clock import START
from support.demo import a_link


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_link_says_how_its_cable_is() -> None:
    with a_link() as link:
        assert (link.name, link.state(START)) == ("NZL-USA", "not cut")
        link.cut(START)
        assert link.cable.is_cut
        assert link.state(START + after(3)) == "CUT for 3 s"
        link.mend(START + after(10))
        assert not link.cable.is_cut
        assert link.state(START + after(12)) == "mended 2 s ago"


def test_it_has_caught_up_when_all_that_was_sent_arrived_and_something_new_with_it() -> None:
    with a_link() as link:
        way = link.ways[0]
        giver, receiver = way.giver, way.receiver
        receiver.received["1"], receiver.frame_received = 20, FRAMES + 30
        receiver.newest = START
        link.cut(START)
        caught = link.catch_ups[way.name]
        assert caught.told() == "nothing has crossed since the cut"
        link.look(START + after(10))
        link.mend(START + after(10))
        link.look(START + after(11))
        assert caught.again is None
        # The next session's frames arrive: first old states, then one made after the mend.
        giver.frame_sent, receiver.frame_received = 2 * FRAMES + 2, 2 * FRAMES + 2
        receiver.received["1"], receiver.newest = 50, START + after(9)
        link.look(START + after(11.5))
        assert caught.told() == "crosses again 1.5 s after the mend, not caught up yet"
        giver.frame_sent, receiver.newest = 2 * FRAMES + 4, START + after(11)
        link.look(START + after(12))
        assert caught.whole is None
        receiver.frame_received, receiver.received["1"] = 2 * FRAMES + 4, 62
        link.look(START + after(12.5))
        caught.waiting = 42
        told = caught.told()
        assert told.startswith("crosses again 1.5 s after the mend, caught up after 2.5 s: ")
        assert "42 newer states up to frame 4 of a new session" in told
        assert "up to 42 were waiting, the newest there was up to 11.0 s old" in told
        link.look(START + after(100))
        assert caught.told() == told


def test_nothing_that_arrived_before_the_cut_counts_as_catching_up() -> None:
    with a_link() as link:
        way = link.ways[0]
        way.giver.frame_sent = way.receiver.frame_received = 7
        way.receiver.newest = START
        caught = CatchUp(0, 7)
        caught.look(way, START - after(1), START)
        assert caught.whole is None


def test_what_waits_is_what_the_giving_node_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_link() as link:
        said: dict[str, Standing | None] = {"NZL": Standing("down", 12, 3.0), "USA": None}
        monkeypatch.setattr(demo_cut, "standing", lambda directory, _: said[directory.name])
        link.ask()
        assert link.standings == {"NZL -> USA": Standing("down", 12, 3.0)}
        link.cut(START)
        link.ask()
        said["NZL"] = Standing("up", 3, 0.1)
        link.ask()
        assert link.standings["NZL -> USA"].waiting == 3
        assert link.catch_ups["NZL -> USA"].waiting == 12
