from dataclasses import replace
from pathlib import Path

from accord.core.body import Position
from accord.core.report import Report, Source
from accord.live.marking import DefaultMarkings
from accord.node.journalled import Journalled
from accord.storage.segment import pack
from accord.storage.sqlite import SqliteDatabase
from accord.wire.page.translate import Given
from support.past import PARTNER, ends, keep, recalled
from support.released import after, heard


def journalled(directory: Path, *reports: Report, given: Given | None = None) -> Journalled:
    keep(directory, reports)
    return Journalled(directory, DefaultMarkings(), lambda _: given)


def test_positions_come_in_order_of_commits_and_everything_else_does_not(tmp_path: Path) -> None:
    drawn = heard("D", 2, kind="u-d-f")
    of = journalled(tmp_path, heard("S1", 0), ends("S9", 1), drawn, heard("S2", 3))
    taken = of.after(0, 0)
    assert [(r.label.uid, r.fix.sequence) for r in taken.rows] == [("S1", 1), ("S2", 4)]
    assert (taken.batch, taken.until, taken.whole) == (4, after(3).timestamp(), True)
    assert [row.label.uid for row in of.after(0, 1).rows] == ["S2"]
    assert of.after(0, 4).rows == []
    assert of.after(0, 4).batch == 4


def test_whole_commits_are_taken_until_there_is_enough(tmp_path: Path) -> None:
    of = journalled(tmp_path, *(heard("S1", n) for n in range(5)))
    taken = of.after(0, 0, most=2)
    assert (len(taken.rows), taken.batch, taken.whole) == (2, 2, False)


def test_what_a_partner_gave_on_a_grid_is_kept_as_its_cell(tmp_path: Path) -> None:
    of = journalled(tmp_path, heard("S1", 0), given=Given("coarse", on_grid=True))
    (row,) = of.after(0, 0).rows
    assert row.label.form == "coarse"
    assert row.fix.cell is not None


def test_what_was_called_back_is_noted(tmp_path: Path) -> None:
    theirs = heard("S1", 10, source=PARTNER)
    of = journalled(tmp_path, theirs, recalled(theirs, after(30)))
    assert of.after(0, 0).recalls == {(PARTNER.channel, "S1"): 2}


def test_a_damaged_segment_is_left_out_and_counted(tmp_path: Path) -> None:
    of = journalled(tmp_path, heard("S1", 0), heard("S2", 1))
    writer = SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()
    writer._connection.execute("UPDATE segment SET data = x'00' WHERE number = 1")
    writer.close()
    taken = of.after(0, 0)
    assert ([row.label.uid for row in taken.rows], taken.damaged) == (["S2"], 1)


def test_rows_are_given_again_by_their_numbers(tmp_path: Path) -> None:
    of = journalled(tmp_path, *(heard("S1", n) for n in range(6)))
    assert [row.fix.sequence for row in of.again(0, 2, 4)] == [2, 3, 4]


def test_without_a_journal_there_is_nothing(tmp_path: Path) -> None:
    of = Journalled(tmp_path, DefaultMarkings(), lambda _: None)
    assert of.ends() == (0, 0.0)
    assert (of.after(0, 0).rows, of.after(3, 7).batch) == ([], 7)
    assert list(of.again(0, 1, 9)) == []


def test_the_ends_of_the_journal_are_told(tmp_path: Path) -> None:
    of = journalled(tmp_path, heard("S1", 5), heard("S1", 9), ends("S1", 20))
    assert of.ends() == (3, after(5).timestamp())


def test_a_position_without_a_place_is_no_row(tmp_path: Path) -> None:
    nowhere = replace(heard("S1", 0, at=(99.0, 0.0)), body=Position(point=None))
    assert journalled(tmp_path, nowhere).after(0, 0).rows == []


def test_era_and_number_are_those_of_the_journal(tmp_path: Path) -> None:
    of = journalled(tmp_path, heard("S1", 0))
    (row,) = of.after(7, 0).rows
    assert (row.fix.era, row.fix.sequence) == (7, 1)


def drop(directory: Path, number: int) -> None:
    """Let the segments up to a number go, as for a budget."""
    writer = SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 28).writer()
    writer._connection.execute("DELETE FROM segment WHERE number <= ?", (number,))
    writer.close()


def test_numbers_that_the_journal_has_no_more_are_counted(tmp_path: Path) -> None:
    of = journalled(tmp_path, *(heard("S1", n) for n in range(6)))
    assert of.after(0, 2).missing == 0
    drop(tmp_path, 4)
    taken = of.after(0, 2)
    assert ([row.fix.sequence for row in taken.rows], taken.missing) == ([5, 6], 2)


def test_numbers_that_were_never_kept_are_not_missing(tmp_path: Path) -> None:
    """As of a repeat: it has a number, and the journal does not keep it."""
    of = journalled(tmp_path, heard("S1", 0), heard("S2", 1))
    writer = SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()
    for number, each in ((5, heard("S1", 2)), (8, heard("S2", 3)), (9, heard("S1", 4))):
        assert each.original is not None
        writer.insert(pack([(number, each, each.original)]))
    writer.close()
    taken = of.after(0, 2)
    assert ([row.fix.sequence for row in taken.rows], taken.missing) == ([5, 8, 9], 0)
    drop(tmp_path, 3)
    taken = of.after(0, 2)
    assert ([row.fix.sequence for row in taken.rows], taken.missing) == ([8, 9], 5)


def test_the_rest_of_a_commit_that_lost_its_last_segment_is_missing(tmp_path: Path) -> None:
    reports = [
        replace(heard("S1", n), source=Source(node="NZL", channel=channel, speaker="x"))
        for n, channel in enumerate(("feed:a", "feed:b"))
    ]
    of = journalled(tmp_path, heard("S1", 0))
    writer = SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()
    writer.insert(pack([(n, each, each.original) for n, each in enumerate(reports, 2)]))  # pyright: ignore[reportArgumentType]
    last = heard("S1", 5)
    writer.insert(pack([(4, last, last.original)]))  # pyright: ignore[reportArgumentType]
    assert of.after(0, 1).missing == 0
    writer._connection.execute("DELETE FROM segment WHERE number = 3")
    writer.close()
    taken = of.after(0, 1)
    assert ([row.fix.sequence for row in taken.rows], taken.missing) == ([2, 4], 1)
