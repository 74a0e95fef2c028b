import sqlite3

import pytest

from accord.core.geometry import Box
from accord.storage.history import shelf as shelf_module
from accord.storage.history.question import FOR_EVER, Hold, Stretch
from accord.storage.history.shelf import SHELF, HistoryFault, Progress, Recall, Shelf
from accord.storage.migrate import NewerVersion
from support.moving import a_piece


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    made = Shelf(tmp_path / "history")
    made.prepare()
    return made


def a_hold(name: str = "a", **changes) -> Hold:
    given = {"since": 1.0, "until": 2.0, **changes}
    return Hold(name=name, stretch=Stretch(**given), why="because")


def test_a_new_shelf_has_nothing_and_is_its_owners_only(shelf: Shelf) -> None:
    assert shelf.everything() == ([], Progress(), [])
    assert (shelf.directory / SHELF).stat().st_mode & 0o077 == 0
    assert shelf.exists
    assert not Shelf(shelf.directory / "other").exists


def test_a_piece_comes_with_how_far_the_journal_was_taken_in(shelf: Shelf) -> None:
    piece = a_piece()
    shelf.take_in(piece, batch=7, until=3.5, recalls={("partner:USA", "S"): 6}, lost=2)
    assert shelf.everything() == (
        [piece], Progress(batch=7, until=3.5, lost=2), [Recall("partner:USA", "S", 0, 6)]
    )  # fmt: skip
    shelf.take_in(None, batch=9, until=0.0, recalls={("partner:USA", "S"): 8}, lost=0)
    assert shelf.everything()[1:] == (
        Progress(batch=9, until=3.5, lost=2), [Recall("partner:USA", "S", 0, 8)]
    )  # fmt: skip


def test_what_is_exchanged_goes_in_one_step_and_its_file_later(shelf: Shelf) -> None:
    old, new = a_piece(), a_piece(file="new")
    shelf.take_in(old, batch=1, until=1.0, recalls={}, lost=0)
    shelf.exchange([old], [new], 100.0)
    assert shelf.pieces() == [new]
    assert (shelf.gone(100.0), shelf.gone(100.1)) == ([], [old.file])
    shelf.forget([old.file])
    assert shelf.gone(200.0) == []


def test_a_new_era_begins_where_it_is_told_to(shelf: Shelf) -> None:
    shelf.take_in(None, batch=9, until=5.0, recalls={}, lost=0)
    shelf.begin_era(4)
    assert shelf.progress() == Progress(era=1, batch=4, until=5.0)


def test_trouble_is_said_with_since_when_until_it_is_over(shelf: Shelf) -> None:
    shelf.say("full", 10.0)
    shelf.say("full", 20.0)
    assert (shelf.progress().trouble, shelf.progress().since) == ("full", 10.0)
    shelf.say("", 30.0)
    assert shelf.progress().trouble == ""


def test_what_is_lost_is_counted(shelf: Shelf) -> None:
    shelf.count_lost(3)
    shelf.count_lost(4)
    assert shelf.progress().lost == 7


def test_holds_are_kept_by_name(shelf: Shelf) -> None:
    area = Box(south=-20, west=179, north=-15, east=-179)
    mine = a_hold("b", uids=frozenset({"S2", "S1"}), area=area)
    assert shelf.hold([mine, a_hold("a")]) == 0
    assert shelf.holds() == [a_hold("a"), mine]
    longer = a_hold("a", until=FOR_EVER)
    shelf.hold([longer])
    assert shelf.holds() == [longer, mine]
    assert (shelf.let_go("a"), shelf.let_go("a")) == (True, False)
    assert shelf.holds() == [mine]


def test_there_is_room_for_so_many_holds(shelf: Shelf, monkeypatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_HOLDS", 2)
    assert shelf.hold([a_hold("a")]) == 0
    assert shelf.hold([a_hold("a"), a_hold("b"), a_hold("c")]) == 1
    assert [each.name for each in shelf.holds()] == ["a", "b"]


def test_what_is_no_shelf_is_said(tmp_path) -> None:
    (tmp_path / SHELF).write_bytes(b"nothing of ours" * 100)
    with pytest.raises(HistoryFault, match="not a database"):
        Shelf(tmp_path).prepare()
    with pytest.raises(HistoryFault, match="cannot be read"):
        Shelf(tmp_path).pieces()
    with pytest.raises(HistoryFault, match="cannot be written"):
        Shelf(tmp_path).begin_era(0)


def test_a_shelf_of_a_newer_accord_is_left_alone(shelf: Shelf) -> None:
    with sqlite3.connect(shelf.directory / SHELF) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerVersion):
        shelf.prepare()
