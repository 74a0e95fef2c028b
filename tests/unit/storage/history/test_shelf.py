import sqlite3

import pytest

from accord.storage.history.pieces import Tier
from accord.storage.history.shelf import (
    SHELF,
    Gone,
    HistoryFault,
    Progress,
    Recall,
    Shelf,
    Went,
    Why,
)
from accord.storage.migrate import NewerVersion, scripts_of
from support.moving import a_piece


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    made = Shelf(tmp_path / "history")
    made.prepare()
    return made


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
    assert shelf.gone() == [Gone(old.file, 100.0, old.bytes)]
    shelf.forget([old.file])
    assert shelf.gone() == []
    assert shelf.went() == []


def test_what_goes_is_counted_by_channel_and_why_without_what_is_kept_of_it(shelf: Shelf) -> None:
    first, second = a_piece(0, rows=5), a_piece(1, rows=7)
    other = a_piece(0, channel="quiet", rows=2)
    held = a_piece(1, Tier.HELD, rows=3)
    shelf.exchange([first], [], 1.0, why=Why.BUDGET)
    shelf.exchange([second], [held], 2.0, why=Why.BUDGET)
    shelf.exchange([other], [], 3.0, why=Why.AGE)
    shelf.exchange([a_piece(2, channel="all held")], [a_piece(2, Tier.HELD, channel="all held")],
                   4.0, why=Why.AGE)  # fmt: skip
    assert shelf.went() == [
        Went("quiet", Why.AGE, 2, other.until), Went("tak", Why.BUDGET, 9, second.until)
    ]  # fmt: skip


def test_where_all_is_held_nothing_went_and_the_moment_up_to_which_stays(shelf: Shelf) -> None:
    first = a_piece(0, rows=5)
    shelf.exchange([first], [], 1.0, why=Why.BUDGET)
    shelf.exchange([a_piece(1, rows=7)], [a_piece(1, Tier.HELD, rows=7)], 2.0, why=Why.BUDGET)
    assert shelf.went() == [Went("tak", Why.BUDGET, 5, first.until)]


def test_a_shelf_of_before_is_brought_up_to_date(tmp_path) -> None:
    with sqlite3.connect(tmp_path / SHELF) as file:
        file.executescript(scripts_of("history")[0] + "PRAGMA user_version = 1;")
        file.execute("INSERT INTO gone VALUES ('old.parquet', 5.0)")
    made = Shelf(tmp_path)
    made.prepare()
    assert made.gone() == [Gone("old.parquet", 5.0, 0)]


def test_what_is_lost_is_counted(shelf: Shelf) -> None:
    shelf.count_lost(3)
    shelf.count_lost(4)
    assert shelf.progress().lost == 7


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
