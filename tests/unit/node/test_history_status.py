from pathlib import Path

import pytest

from accord.config import load
from accord.node.history_process import HISTORY, SET_ASIDE
from accord.node.history_status import status_of
from accord.node.history_watch import BEYOND, CUT_OFF, LOST, HistoryWatch
from accord.storage.history.pieces import Tier
from accord.storage.history.question import Hold, Stretch
from accord.storage.history.shelf import SHELF, Shelf, Why
from support.moving import a_piece


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text(
        '[node]\nid = "NZL"\nnation = "NZL"\n[history]\nmax_bytes = "16 MiB"\n'
    )
    return tmp_path


def problems_of(directory: Path) -> tuple[str, ...]:
    watch = HistoryWatch(directory, load(directory))
    watch.look()
    return watch.problems


def test_without_a_history_there_is_no_status(directory: Path) -> None:
    assert status_of(directory, load(directory)) is None
    assert problems_of(directory) == ()


def test_what_there_is_is_told_by_channel_with_its_evidence(directory: Path) -> None:
    shelf = Shelf(directory / HISTORY)
    shelf.prepare()
    pieces = [a_piece(0, channel="tak"), a_piece(1, channel="tak"), a_piece(0, Tier.HELD),
              a_piece(5, Tier.FRESH)]  # fmt: skip
    for piece in pieces:
        shelf.take_in(piece, batch=1, until=1.0, recalls={}, lost=0)
    hold = Hold(name="case 1", stretch=Stretch(since=0, until=1), why="x")
    shelf.hold([hold])
    found = status_of(directory, load(directory))
    assert found is not None
    assert (found.bytes, found.budget, found.evidence) == (40, 16 << 20, 10)
    assert [(each.channel, each.positions, each.evidence) for each in found.channels] == [
        ("not sorted yet", 1, 0), ("tak", 3, 10)
    ]  # fmt: skip
    assert found.channels[1].newest > found.channels[1].oldest
    assert (found.holds, found.problems) == ((hold,), ())


def test_what_went_is_told_and_counted(directory: Path) -> None:
    watch = HistoryWatch(directory, load(directory))
    assert watch.losses() == {}
    shelf = Shelf(directory / HISTORY)
    shelf.prepare()
    for number, why in enumerate((Why.BUDGET, Why.BUDGET, Why.AGE)):
        shelf.exchange([a_piece(number, channel=f"feed:{number}", rows=5)], [], 1.0, why=why)
    shelf.count_lost(3)
    shelf.forget([], 2)
    watch.look()
    assert watch.losses() == {BEYOND: 10, LOST: 3, CUT_OFF: 2}
    found = status_of(directory, load(directory))
    assert found is not None
    assert [(each.channel, each.why) for each in found.went] == [
        ("feed:0", Why.BUDGET), ("feed:1", Why.BUDGET), ("feed:2", Why.AGE)
    ]  # fmt: skip


def test_everything_that_is_wrong_is_said(directory: Path) -> None:
    shelf = Shelf(directory / HISTORY)
    shelf.prepare()
    shelf.take_in(a_piece(0, Tier.HELD, bytes=9 << 20), batch=1, until=1.0, recalls={}, lost=0)
    shelf.say("the disk has less than 64 MiB left", 0.0)
    (directory / HISTORY / "x.parquet.damaged").write_text("")
    (directory / SET_ASIDE).mkdir()
    (directory / SET_ASIDE / "x").write_text("")
    said = problems_of(directory)
    for words in ("takes nothing in since 1970", "evidence takes 9 MiB", "begun anew",
                  "1 files of the history were damaged"):  # fmt: skip
        assert any(words in each for each in said), words


def test_a_history_that_cannot_be_read_is_a_problem(directory: Path) -> None:
    (directory / HISTORY).mkdir()
    (directory / HISTORY / SHELF).write_bytes(b"x" * 1000)
    (said,) = problems_of(directory)
    assert "cannot be read" in said
