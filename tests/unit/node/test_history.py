import resource
import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from accord.config import load
from accord.core.report import Report, Source
from accord.node import history
from accord.node.history import Keeper, budgets_of, keep
from accord.node.history_process import HISTORY, SET_ASIDE, set_aside_in
from accord.node.history_reading import archive_of, journalled
from accord.node.history_stores import register_of, writer_of
from accord.storage.database import StorageFault
from accord.storage.history import shelf
from accord.storage.history.contract import Writer
from accord.storage.history.engine import Order
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shelf import SHELF, HistoryFault, Shelf
from accord.storage.history.store import sole_writer
from support.clock import ManualClock
from support.histories import store as store
from support.past import keep as keep_in_journal
from support.postgres import postgres as postgres
from support.released import after, heard

ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))
NODE = '[node]\nid = "NZL-A"\nnation = "NZL"\n'


@pytest.fixture
def directory(tmp_path: Path, store: str) -> Path:
    """A node's, which keeps a history in each store."""
    (tmp_path / "accord.toml").write_text(NODE + f"[history]\nkeep = true\nevery = 0.01\n{store}")
    return tmp_path


@pytest.fixture
def pieced(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text(NODE + "[history]\nkeep = true\nevery = 0.01\n")
    return tmp_path


def a_keeper(directory: Path) -> tuple[Keeper, Writer]:
    clock, settings = ManualClock(after(60)), load(directory)
    (directory / HISTORY).mkdir(exist_ok=True)
    if not settings.history.store:
        Shelf(directory / HISTORY).prepare()
    journal = journalled(directory, settings, clock)
    store = writer_of(directory, settings, journal)
    store.sweep()
    return Keeper(store, journal, budgets_of(settings), clock), store


def told(directory: Path) -> list[tuple[str, int]]:
    """What the history has, without what the journal does."""
    clock = ManualClock(after(60))
    (directory / "journal.sqlite").rename(directory / "aside")
    try:
        with (
            closing(archive_of(directory, load(directory), clock)) as archive,
            archive.look() as look,
        ):
            return [
                (row.label.uid, row.fix.sequence) for row in look.rows(ALL, order=Order.RECEIPT)
            ]
    finally:
        (directory / "aside").rename(directory / "journal.sqlite")


def more(directory: Path, first: int, *reports: Report) -> None:
    from accord.storage.segment import pack
    from accord.storage.sqlite import SqliteDatabase

    writer = SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 28).writer()
    for number, each in enumerate(reports, first):
        assert each.original is not None
        writer.insert(pack([(number, each, each.original)]))
    writer.close()


def test_it_takes_in_what_the_journal_has_and_goes_on_from_there(directory: Path) -> None:
    keep_in_journal(directory, [heard("S1", 0), heard("S2", 1)])
    keeper, store = a_keeper(directory)
    keeper.begin()
    assert keeper.turn() is False
    assert told(directory) == [("S1", 1), ("S2", 2)]
    more(directory, 3, heard("S1", 2))
    keeper.turn()
    assert told(directory) == [("S1", 1), ("S2", 2), ("S1", 3)]
    store.close()


def test_a_journal_that_was_begun_anew_is_taken_in_from_its_beginning(directory: Path) -> None:
    keep_in_journal(directory, [heard("S1", 0), heard("S2", 1)])
    keeper, store = a_keeper(directory)
    keeper.turn()
    (directory / "journal.sqlite").unlink()
    more(directory, 1, heard("S3", 30))
    keeper.begin()
    keeper.turn()
    assert told(directory) == [("S1", 1), ("S2", 2), ("S3", 1)]
    assert store.shelf.progress().era == 1
    store.close()


def test_a_journal_without_its_end_is_not_taken_in_twice(directory: Path) -> None:
    """As after a power cut: the numbers that were lost are given to others."""
    keep_in_journal(directory, [heard("S1", 0), heard("S2", 1), heard("S3", 2)])
    keeper, store = a_keeper(directory)
    keeper.turn()
    (directory / "journal.sqlite").unlink()
    more(directory, 1, heard("S1", 0), heard("S2", 1))
    keeper.begin()
    more(directory, 3, heard("S4", 3))
    keeper.turn()
    assert told(directory) == [("S1", 1), ("S2", 2), ("S3", 3), ("S4", 3)]
    store.close()


def test_what_went_from_the_journal_first_is_counted_as_lost(pieced: Path) -> None:
    keep_in_journal(pieced, [heard("S1", 0), heard("S2", 1)])
    keeper, store = a_keeper(pieced)
    keeper.turn()
    more(pieced, 3, *(heard("S1", n) for n in range(2, 6)))
    with sqlite3.connect(pieced / "journal.sqlite") as journal:
        journal.execute("DELETE FROM segment WHERE batch <= 4")
    keeper.turn()
    assert told(pieced) == [("S1", 1), ("S2", 2), ("S1", 5), ("S1", 6)]
    assert store.shelf.progress().lost == 2
    store.close()


def test_a_number_that_is_not_kept_is_no_loss_where_the_journal_reaches_back(pieced: Path) -> None:
    """As of what a node says to itself to see that it hears itself."""
    keep_in_journal(pieced, [heard("S1", 0), heard("S2", 1)])
    keeper, store = a_keeper(pieced)
    keeper.turn()
    more(pieced, 5, heard("S1", 2))
    keeper.turn()
    assert store.shelf.progress().lost == 0
    store.close()


def test_a_channel_that_speaks_for_the_first_time_is_no_loss(pieced: Path) -> None:
    keep_in_journal(pieced, [heard("S1", 0), heard("S2", 1)])
    keeper, store = a_keeper(pieced)
    keeper.turn()
    new = replace(heard("S9", 30), source=Source(node="NZL", channel="feed:new", speaker="new"))
    more(pieced, 5, new, heard("S1", 31))
    keeper.turn()
    assert [number for _, number in told(pieced)] == [1, 2, 5, 6]
    assert store.shelf.progress().lost == 0
    store.close()


def test_what_is_wrong_is_said_until_it_is_over(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in_journal(directory, [heard("S1", 0)])
    shelf, stopping = register_of(directory, load(directory)), threading.Event()
    said: list[str] = []

    def turn(self: Keeper) -> bool:
        if len(said) == 0:
            said.append("")
            raise StorageFault("the journal hangs")
        said.append(shelf.progress().trouble)
        stopping.set()
        return False

    monkeypatch.setattr(history, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(Keeper, "turn", turn)
    keep(directory, stopping, ManualClock(after(60)))
    assert said == ["", "the journal hangs"]
    monkeypatch.undo()
    keeper, store = a_keeper(directory)
    keeper.turn()
    assert shelf.progress().trouble == ""
    store.close()


def test_a_damaged_history_is_set_aside_and_begun_anew_from_the_journal(pieced: Path) -> None:
    keep_in_journal(pieced, [heard("S1", 0)])
    place = pieced / HISTORY
    place.mkdir()
    (place / SHELF).write_bytes(b"no database at all" * 100)
    (place / "day-1.parquet").write_bytes(b"old")
    (pieced / SET_ASIDE).mkdir()
    (pieced / SET_ASIDE / "older").write_text("")
    history._prepare(Shelf(place))
    keeper, store = a_keeper(pieced)
    keeper.begin()
    keeper.turn()
    store.close()
    assert told(pieced) == [("S1", 1)]
    later = pieced / f"{SET_ASIDE}.2"
    assert {each.name for each in later.iterdir()} >= {SHELF, "day-1.parquet"}
    assert (pieced / SET_ASIDE / "older").exists()


def test_no_damaged_history_is_removed_for_another(pieced: Path) -> None:
    place = pieced / HISTORY
    place.mkdir()
    (place / SHELF).write_bytes(b"no database at all" * 100)
    for aside in set_aside_in(pieced):
        aside.mkdir()
        (aside / SHELF).write_text("")
    with pytest.raises(HistoryFault, match="set aside already"):
        history._prepare(Shelf(place))
    assert (place / SHELF).read_bytes() == b"no database at all" * 100
    assert all((aside / SHELF).exists() for aside in set_aside_in(pieced))


@contextmanager
def no_room() -> Generator[None, None, None]:
    """As on a disk without room: the system refuses every byte that is written to a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_history_that_cannot_be_opened_for_want_of_room_stays_as_it_is(pieced: Path) -> None:
    keep_in_journal(pieced, [heard("S1", 0)])
    keeper, store = a_keeper(pieced)
    keeper.begin()
    keeper.turn()
    store.close()
    with no_room(), pytest.raises(HistoryFault) as raised:
        history._prepare(Shelf(pieced / HISTORY))
    assert type(raised.value) is HistoryFault
    assert not (pieced / SET_ASIDE).exists()
    history._prepare(Shelf(pieced / HISTORY))
    assert told(pieced) == [("S1", 1)]


def test_a_history_that_somebody_else_has_locked_stays_as_it_is(
    pieced: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = pieced / HISTORY
    Shelf(place).prepare()
    with closing(sqlite3.connect(place / SHELF, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(shelf, "_BUSY", 0.0)
        with pytest.raises(HistoryFault, match="locked"):
            history._prepare(Shelf(place))
    assert not (pieced / SET_ASIDE).exists()


def test_a_place_without_a_shelf_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryFault):
        history._prepare(Shelf(tmp_path / "file" / "x"))


def test_a_feed_has_the_budget_that_its_settings_say(pieced: Path) -> None:
    (pieced / "accord.toml").write_text(
        NODE + '[feed.busy]\nformat = "ais"\ntransport = "udp"\naddress = "127.0.0.1:1"\n'
        'groups = ["Blue"]\nhistory_bytes = "1 GiB"\n[feed.quiet]\nformat = "ais"\n'
        'transport = "udp"\naddress = "127.0.0.1:2"\ngroups = ["Blue"]\n'
        '[history]\nchannel_bytes = "2 GiB"\n'
    )
    found = budgets_of(load(pieced))
    assert (found.channels, found.channel) == ({"feed:busy": 1 << 30}, 2 << 30)


def test_a_history_that_another_process_writes_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sole_writer(directory / HISTORY):
        assert history.main(directory) == 1
    assert "another process writes the history" in capsys.readouterr().err


def test_it_ends_when_its_standard_input_does(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in_journal(directory, [heard("S1", 0)])
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert history.main(directory) == 0
