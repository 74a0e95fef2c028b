import errno
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from accord.storage.history.engine import Engine, faults
from accord.storage.history.pieces import DAY, HOUR, PART, SETTLED, Budgets, Piece, Tier
from accord.storage.history.question import FOR_EVER, Hold, Question, Stretch
from accord.storage.history.shelf import HistoryFault, Why
from accord.storage.history.store import LOOK_AHEAD_EVERY, READ_TO_THE_END, sole_writer
from accord.wire.moving.message import Row
from support.moving import PLENTY, SIX, Kept, a_row

HOUR_OVER = SIX + HOUR + SETTLED
ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))
DAY_OVER = (SIX // DAY + 1) * DAY + SETTLED


@pytest.fixture
def kept(tmp_path) -> Kept:
    return Kept(tmp_path)


def files(kept: Kept) -> set[str]:
    return {each.name for each in kept.shelf.directory.glob("*.parquet*")}


def tiers(kept: Kept) -> list[Tier]:
    return sorted(each.tier for each in kept.shelf.pieces())


def test_rows_go_from_fresh_to_hour_to_part_of_a_day_and_none_is_lost_or_twice(kept: Kept) -> None:
    rows = [a_row(n * 600, uid=f"S{n % 2}", channel=f"feed:{n % 3}") for n in range(12)]
    for row in rows:
        kept.take_in(row)
    assert tiers(kept) == [Tier.FRESH] * 12
    kept.tidy(HOUR_OVER)
    assert tiers(kept) == [*[Tier.FRESH] * 6, *[Tier.HOUR] * 3]
    assert kept.rows() == rows
    kept.tidy(DAY_OVER)
    assert tiers(kept) == [Tier.DAY] * 3
    assert kept.rows() == rows


def test_of_today_a_question_goes_to_few_pieces(kept: Kept) -> None:
    """Of one channel: what is left of the hours of a part, and one for each part that is over."""
    rows = [a_row(n * HOUR, uid="S") for n in range(15)]
    for row in rows:
        kept.take_in(row)
        kept.tidy(row.fix.received + SETTLED)
    assert tiers(kept) == [Tier.FRESH, *[Tier.HOUR] * 2, *[Tier.DAY] * 2]
    with kept.look() as look:
        day = Question(stretch=Stretch(since=SIX, until=SIX + DAY, uids=frozenset({"S"})))
        assert list(look.rows(day)) == rows
    assert kept.engine.pieces_read == 5


def test_a_file_of_the_history_is_its_owners(kept: Kept) -> None:
    kept.take_in(a_row(0))
    (piece,) = kept.shelf.pieces()
    assert (kept.shelf.directory / piece.file).stat().st_mode & 0o777 == 0o600


def test_what_is_taken_in_lies_by_channel_and_object(kept: Kept) -> None:
    of = [("b", "1"), ("a", "2"), ("b", "0"), ("a", "2"), ("a", "1")]
    kept.take_in(*(a_row(n, uid=uid, channel=channel) for n, (channel, uid) in enumerate(of)))
    (piece,) = kept.shelf.pieces()
    path = kept.shelf.directory / piece.file
    found = kept.engine.ask(f"SELECT channel, uid, sequence FROM '{path}'", [])  # noqa: S608
    assert list(found) == [
        ("a", "1", 5), ("a", "2", 2), ("a", "2", 4), ("b", "0", 3), ("b", "1", 1)
    ]  # fmt: skip


def a_whole_day(kept: Kept, *rows: Row) -> Piece:
    """A piece as versions made it that put a day together as one."""
    kept.take_in(*rows)
    (fresh,) = kept.shelf.pieces()
    channel, slot = rows[0].label.channel, int(SIX // DAY) * DAY
    day = replace(fresh, file="day-1.parquet", tier=Tier.DAY, channel=channel, slot=slot)
    shutil.copy(kept.shelf.directory / fresh.file, kept.shelf.directory / day.file)
    kept.shelf.exchange([fresh], [day], SIX)
    return day


def test_a_whole_day_of_before_stays_and_what_comes_late_parts_it(kept: Kept) -> None:
    rows = [a_row(-5 * HOUR), a_row(0), a_row(9 * HOUR)]
    day = a_whole_day(kept, *rows)
    kept.tidy(DAY_OVER)
    assert [each.file for each in kept.shelf.pieces()] == [day.file]
    later, late = a_row(10 * HOUR), a_row(-4 * HOUR)
    kept.take_in(later)
    kept.tidy(DAY_OVER)
    assert len(kept.shelf.pieces()) == 2
    kept.take_in(late)
    kept.tidy(DAY_OVER)
    assert sorted(each.slot - day.slot for each in kept.shelf.pieces()) == [0, PART, 2 * PART]
    assert sorted(kept.rows()) == sorted([*rows, later, late])


def test_a_whole_day_of_before_is_made_anew_whole(kept: Kept) -> None:
    rows = [a_row(-5 * HOUR), a_row(0), a_row(9 * HOUR)]
    day = a_whole_day(kept, *rows)
    (kept.shelf.directory / day.file).unlink()
    kept.journal += [a_row(1, channel="tak"), a_row(15 * HOUR)]
    kept.store.sweep()
    assert kept.rows() == rows
    assert kept.shelf.progress().lost == 0


def test_a_file_that_went_is_deleted_at_once_where_nobody_reads(kept: Kept) -> None:
    kept.take_in(a_row(0))
    kept.tidy(HOUR_OVER)
    assert files(kept) == {each.file for each in kept.shelf.pieces()}
    assert kept.shelf.gone() == []


def test_a_file_that_went_stays_for_those_who_read_it_and_is_then_deleted(kept: Kept) -> None:
    kept.take_in(a_row(0))
    (fresh,) = files(kept)
    with kept.look() as look:
        kept.tidy(HOUR_OVER)
        assert fresh in files(kept)
        assert [row.label.uid for row in look.rows(ALL)] == ["SHIP-1"]
        with kept.look():
            kept.tidy(HOUR_OVER + READ_TO_THE_END)
            assert fresh in files(kept)
    with kept.look():
        kept.tidy(HOUR_OVER + READ_TO_THE_END)
    assert files(kept) == {each.file for each in kept.shelf.pieces()}
    assert kept.shelf.progress().cut_off == 0


def test_who_reads_for_too_long_is_waited_for_no_longer(kept: Kept) -> None:
    kept.take_in(a_row(0))
    with kept.look():
        kept.tidy(HOUR_OVER)
        kept.tidy(HOUR_OVER + READ_TO_THE_END + 1)
        assert files(kept) == {each.file for each in kept.shelf.pieces()}
    assert kept.shelf.progress().cut_off == 1


def test_what_those_read_who_were_killed_is_waited_for_no_longer(kept: Kept) -> None:
    left = kept.directory / "reading-1-00"
    left.touch()
    kept.take_in(a_row(0))
    kept.tidy(HOUR_OVER)
    assert files(kept) == {each.file for each in kept.shelf.pieces()}
    kept.store.sweep()
    assert not left.exists()


def on_disk(kept: Kept) -> int:
    return sum(each.stat().st_size for each in kept.directory.glob("*.parquet*"))


@pytest.fixture
def measured(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes on the disk after each file that was written, whatever is being done then."""
    found: list[int] = []
    copy = kept.engine._copy

    def copy_and_look(source: str, values: list[object], path: Path, **more: int) -> None:
        copy(source, values, path, **more)
        found.append(on_disk(kept))

    monkeypatch.setattr(kept.engine, "_copy", copy_and_look)
    return found


def some(number: int, count: int = 60, **more) -> list:
    """Rows of one look at the journal, no two alike."""
    return [
        a_row(number * count + n, uid=f"S{(number * count + n) * 7919 % 10_007}", **more)
        for n in range(count)
    ]


def test_the_disk_stays_within_the_budget_at_any_moment(kept: Kept, measured: list[int]) -> None:
    """Whatever comes within an hour, and while pieces are made of others."""
    kept.take_in(*some(0))
    budget = 24 * on_disk(kept)
    within = Budgets(channels={}, channel=budget, whole=budget, age=1e12)
    for number in range(1, 45):
        kept.take_in(*some(number))
        kept.tidy(SIX + number, within)
    assert max(measured) <= budget
    assert on_disk(kept) > budget * 11 // 16
    (went,) = kept.shelf.went()
    assert (went.channel, went.why) == ("feed:ais", Why.BUDGET)
    left = [row.fix.sequence for row in kept.rows()]
    assert went.positions + len(left) == 45 * 60
    # The newest are those that are left.
    assert left == list(range(2701 - len(left), 2701))
    assert went.until == SIX + went.positions - 1


def test_a_channel_stays_within_its_budget_and_a_busy_one_takes_nothing_from_it(
    kept: Kept,
) -> None:
    kept.take_in(*some(0, channel="quiet"))
    small, plenty = 24 * on_disk(kept), 1 << 40
    within = Budgets(channels={"busy": small}, channel=plenty, whole=plenty, age=1e12)
    for number in range(1, 45):
        kept.take_in(*some(number, channel="busy"))
        kept.tidy(SIX + number, within)
        assert on_disk(kept) <= small + small // 24
    assert {(each.channel, each.why) for each in kept.shelf.went()} == {("busy", Why.BUDGET)}
    assert sum(row.label.channel == "quiet" for row in kept.rows()) == 60


def test_evidence_outlasts_a_flood_and_the_rest_makes_place_for_it(
    kept: Kept, measured: list[int]
) -> None:
    kept.take_in(*some(0))
    budget = 24 * on_disk(kept)
    within = Budgets(channels={}, channel=budget, whole=budget, age=1e12)
    stretch = Stretch(since=SIX, until=SIX + 299)
    kept.shelf.hold([Hold(name="case 1", stretch=stretch, why="x")])
    for number in range(1, 45):
        kept.take_in(*some(number))
        kept.tidy(SIX + number, within)
    assert max(measured) <= budget
    rows = kept.rows()
    assert [row.fix.sequence for row in rows[:300]] == list(range(1, 301))
    (went,) = kept.shelf.went()
    assert went.positions + len(rows) == 45 * 60


def test_who_reads_holds_up_no_budget(kept: Kept, measured: list[int]) -> None:
    kept.take_in(*some(0))
    budget = 24 * on_disk(kept)
    within = Budgets(channels={}, channel=budget, whole=budget, age=1e12)
    with kept.look():
        for number in range(1, 45):
            kept.take_in(*some(number))
            kept.tidy(SIX + number, within)
    assert max(measured) <= budget
    assert kept.shelf.progress().cut_off > 0
    kept.tidy(SIX + 45, within)
    assert files(kept) == {each.file for each in kept.shelf.pieces()}


def test_what_no_shelf_knows_is_swept(kept: Kept) -> None:
    kept.take_in(a_row(0))
    (kept.shelf.directory / "fresh-1-00-1.parquet").write_bytes(b"half")
    (kept.shelf.directory / "fresh-1-00-2.parquet.part").write_bytes(b"half")
    kept.store.sweep()
    assert files(kept) == {each.file for each in kept.shelf.pieces()}
    assert kept.rows() == [a_row(0)]


@pytest.mark.parametrize("length", [0, 20, -1])
def test_a_damaged_piece_is_made_anew_of_what_the_journal_has(kept: Kept, length: int) -> None:
    kept.take_in(a_row(0), a_row(1))
    (piece,) = kept.shelf.pieces()
    path = kept.shelf.directory / piece.file
    path.write_bytes(path.read_bytes()[:length])
    kept.store.sweep()
    assert kept.rows() == [a_row(0), a_row(1)]
    assert kept.store.damaged == 1
    assert (kept.shelf.directory / f"{piece.file}.damaged").exists()
    assert kept.shelf.progress().lost == 0


def test_what_is_of_the_hour_that_goes_on_stays_fresh_and_is_made_anew_apart(kept: Kept) -> None:
    rows = [a_row(HOUR - 2 + n, uid=f"S{n % 2}", channel=f"feed:{n % 2}") for n in range(4)]
    kept.take_in(*rows)
    later = [a_row(HOUR + n, uid="S1") for n in (60, 180)]
    kept.take_in(*later)
    kept.tidy(HOUR_OVER)
    assert tiers(kept) == [Tier.FRESH, Tier.FRESH, Tier.HOUR, Tier.HOUR]
    assert kept.rows() == [*rows, *later]
    (left,) = [
        each for each in kept.shelf.pieces() if (each.tier, each.since) == (Tier.FRESH, SIX + HOUR)
    ]
    (kept.shelf.directory / left.file).unlink()
    kept.store.sweep()
    assert kept.rows() == [*rows, *later]
    assert (kept.store.damaged, kept.shelf.progress().lost) == (1, 0)
    kept.tidy(HOUR_OVER + HOUR)
    assert set(tiers(kept)) == {Tier.HOUR}
    assert kept.rows() == [*rows, *later]


def test_what_came_while_the_clock_was_ahead_is_set_back_as_the_journal_is(kept: Kept) -> None:
    before, ahead, since = a_row(0), a_row(7200, sequence=2), a_row(30, sequence=3)
    for row in (before, ahead, since):
        kept.take_in(row)
    kept.tidy(SIX + 31)
    assert [row.fix.received - SIX for row in kept.rows()] == [0, 30, 7200]
    # The journal notes when it was set back; it is looked for again after a while.
    right = Row(ahead.label, ahead.fix._replace(received=SIX + 20))
    kept.journal[1] = right
    kept.tidy(SIX + 40)
    assert kept.rows() == [before, since, ahead]
    kept.tidy(SIX + 31 + LOOK_AHEAD_EVERY)
    assert kept.rows() == [before, right, since]
    assert (kept.store.damaged, kept.shelf.progress().lost) == (0, 0)


def test_what_the_journal_has_no_more_stays_as_it_was_taken_in(kept: Kept) -> None:
    ahead = [a_row(7200), a_row(7201)]
    kept.take_in(*ahead)
    kept.journal = kept.journal[1:]
    kept.tidy(SIX + 31)
    assert kept.rows() == ahead


def test_damage_inside_is_found_when_it_is_merged(kept: Kept) -> None:
    kept.take_in(*(a_row(n, uid=f"SHIP-{n * 7919 % 1000}") for n in range(300)))
    (piece,) = kept.shelf.pieces()
    path = kept.shelf.directory / piece.file
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    kept.tidy(HOUR_OVER)
    assert len(kept.rows()) == 300
    assert kept.store.damaged == 1


def test_what_the_journal_has_no_more_is_counted_as_lost(kept: Kept) -> None:
    kept.take_in(a_row(0), a_row(1), a_row(0, uid="S2", channel="tak"))
    kept.tidy(HOUR_OVER)
    kept.journal = kept.journal[1:]
    piece = next(each for each in kept.shelf.pieces() if each.channel == "feed:ais")
    (kept.shelf.directory / piece.file).unlink()
    kept.store.sweep()
    assert len(kept.rows()) == 2
    assert kept.shelf.progress().lost == 1


def test_a_piece_of_another_journal_is_not_made_of_this_one(kept: Kept) -> None:
    kept.take_in(a_row(0))
    kept.shelf.begin_era(0)
    (piece,) = kept.shelf.pieces()
    (kept.shelf.directory / piece.file).unlink()
    kept.store.sweep()
    assert kept.rows() == []
    assert kept.shelf.progress().lost == 1


def test_while_the_disk_has_little_left_nothing_is_taken_in_and_nothing_lost(tmp_path) -> None:
    kept = Kept(tmp_path, spare_bytes=1 << 60)
    with pytest.raises(HistoryFault, match="make room"):
        kept.take_in(a_row(0))
    assert kept.shelf.progress().batch == 0
    assert files(kept) == set()


def test_a_merge_that_fails_with_all_pieces_whole_is_said(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take_in(a_row(0))

    def full(*_: object, **__: object) -> None:
        raise HistoryFault("history: x cannot be written: no room")

    monkeypatch.setattr(kept.engine, "merge", full, raising=False)
    with pytest.raises(HistoryFault, match="no room"):
        kept.store.tidy(PLENTY, HOUR_OVER)
    assert kept.rows() == [a_row(0)]


def test_there_is_one_writer(tmp_path) -> None:
    with (
        sole_writer(tmp_path / "history"),
        pytest.raises(HistoryFault, match="another process"),
        sole_writer(tmp_path / "history"),
    ):
        pass
    with sole_writer(tmp_path / "history"):
        pass


def test_a_place_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryFault, match="cannot be made"), sole_writer(tmp_path / "file" / "x"):
        pass


def test_a_merge_that_would_lose_a_position_is_said_and_nothing_goes(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [a_row(0), a_row(1, uid="S2")]
    kept.take_in(*rows)
    merge = kept.engine.merge

    def without_one(*given: Any, **more: Any) -> None:
        merge(*given, **{**more, "where": ("uid <> 'S2'", [])})

    monkeypatch.setattr(kept.engine, "merge", without_one)
    with pytest.raises(HistoryFault, match="of 2 positions 1 were merged"):
        kept.store.tidy(PLENTY, HOUR_OVER)
    kept.store.sweep()
    assert kept.rows() == rows


def test_a_piece_that_cannot_be_read_now_is_not_taken_for_damaged(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the process may open no more files (EMFILE)."""
    kept.take_in(a_row(0), a_row(1))
    (piece,) = kept.shelf.pieces()
    open_as_it_is = Path.open

    def refused(self: Path, *given: Any, **named: Any) -> Any:
        if self.name == piece.file:
            raise OSError(errno.EMFILE, "Too many open files")
        return open_as_it_is(self, *given, **named)

    kept.journal = []
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refused)
        with pytest.raises(HistoryFault, match="Too many open files"):
            kept.store.sweep()
    assert kept.rows() == [a_row(0), a_row(1)]
    assert (kept.store.damaged, kept.shelf.progress().lost) == (0, 0)


def test_a_merge_for_which_there_is_too_little_memory_damages_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.take_in(a_row(0), a_row(1))

    def too_little(*_given: object, **_named: object) -> None:
        with faults("cannot be read"):
            raise duckdb.OutOfMemoryException("failed to allocate data")

    kept.journal = []
    with monkeypatch.context() as patched:
        patched.setattr(Engine, "merge", too_little)
        patched.setattr(Engine, "find", too_little)
        with pytest.raises(HistoryFault, match="failed to allocate"):
            kept.tidy(HOUR_OVER)
    assert kept.rows() == [a_row(0), a_row(1)]
    assert (kept.store.damaged, kept.shelf.progress().lost) == (0, 0)
