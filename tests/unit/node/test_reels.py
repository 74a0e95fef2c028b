from pathlib import Path

import pytest

from accord.config import load
from accord.core.context import LIVE, Context
from accord.live import long_ago
from accord.live.long_ago import HistoryReel
from accord.node.history_reading import archive_of
from accord.node.reels import GivenReel
from accord.picture.claims import point_of
from support.clock import ManualClock
from support.past import keep
from support.released import RECEIVER, GivingNode, after, heard

SHIP = [heard("SHIP-1", seconds, at=(-17.9, 178.0 + seconds / 1000)) for seconds in (0, 10, 20)]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text('[node]\nid = "NZL-A"\nnation = "NZL"\n')
    return tmp_path


def a_reel(directory: Path, context: Context = LIVE) -> HistoryReel:
    archive = archive_of(directory, load(directory), ManualClock(after(100)))
    return HistoryReel(archive, context, after(2000))


def test_the_history_begins_with_the_newest_of_each_and_goes_on(directory: Path) -> None:
    keep(directory, [*SHIP, heard("SHIP-2", 21), heard("SHIP-1", 1500)])
    reel = a_reel(directory)
    assert [(each.uid, each.received) for each in reel.begin(after(10))] == [("SHIP-1", after(10))]
    told, reached = reel.next(after(20))
    assert ([each.received for each in told], reached) == ([after(20)], after(20))
    told, _ = reel.next(after(1600))
    assert [each.uid for each in told] == ["SHIP-2", "SHIP-1"]
    assert reel.whole


def test_what_is_of_another_context_is_not_played(directory: Path) -> None:
    keep(directory, SHIP)
    assert a_reel(directory, Context.exercise("TASMAN")).begin(after(60)) == []


def test_more_than_is_played_is_said(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_ago, "MOST_ROWS", 2)
    keep(directory, SHIP)
    reel = a_reel(directory)
    reel.begin(after(-1))
    assert reel.whole
    reel.next(after(60))
    assert not reel.whole


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    """A ship was released three times, and its last position is not in the journal any more."""
    made = GivingNode.make(tmp_path / "node")
    made.journal(SHIP[:2])
    for report, seconds in zip(SHIP, (1, 12, 25), strict=True):
        made.release(report, after(seconds))
    made.ledger()
    return made


def test_a_partner_saw_what_it_was_given_when_it_was_given_it(node: GivingNode) -> None:
    reel = GivenReel(node.directory, RECEIVER, after(24))
    (first,) = reel.begin(after(5))
    assert (first.uid, first.received, first.groups) == ("SHIP-1", after(1), frozenset({"Blue"}))
    assert reel.next(after(11)) == ([], after(11))
    (second,), _ = reel.next(after(13))
    assert second.received == after(12)
    assert point_of(second) == point_of(SHIP[1])
    assert reel.whole


def test_what_was_given_and_is_not_kept_is_not_made_up(node: GivingNode) -> None:
    reel = GivenReel(node.directory, RECEIVER, after(60))
    reel.begin(after(13))
    assert reel.next(after(60))[0] == []
    assert not reel.whole
    assert reel.lost == 1
