from contextlib import closing
from pathlib import Path

import pytest

from accord.storage.history.pieces import DAY, SETTLED, Budgets, Tier
from accord.storage.history.question import FOR_EVER, Hold, Question, Stretch
from accord.storage.history.shared import store as store_module
from accord.storage.history.shared.store import SharedStore
from accord.storage.history.shelf import HistoryFault, Progress
from support.moving import PLENTY, SIX, SharedKept, a_row
from support.postgres import Postgres

ALL = Stretch(since=0, until=FOR_EVER)
DAY_OVER = (SIX // DAY + 1) * DAY + SETTLED
NOTHING = Budgets(channels={}, channel=0, whole=0, age=1e12)


@pytest.fixture
def fiji(postgres: Postgres, shared: SharedKept, tmp_path: Path):
    """Another node, in the same database."""
    (tmp_path / "fiji").mkdir()
    server = postgres.server(shared.server.address.database, "FJI-A")
    with closing(SharedKept(server, tmp_path / "fiji")) as made:
        yield made


def tables(kept: SharedKept) -> list[str]:
    with closing(kept.server.open(10.0)) as db:
        found = db.ask(
            "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname = 'accord_history' AND relkind = 'r' AND relname LIKE 'position%'"
        )
    return sorted(row[0] for row in found)


def test_a_node_sees_holds_and_prunes_what_is_its_own_alone(
    shared: SharedKept, fiji: SharedKept
) -> None:
    """Groups of the same name are other people at another node."""
    for kept, channel in ((shared, "feed:ais"), (fiji, "tak")):
        kept.take_in(a_row(0, channel=channel), a_row(1, uid="S2", channel=channel), batch=9)
    assert shared.rows() == [a_row(0), a_row(1, uid="S2")]
    assert fiji.rows() == [a_row(0, channel="tak"), a_row(1, uid="S2", channel="tak")]
    assert [each.channel for each in fiji.shelf.pieces()] == ["tak"]
    fiji.shelf.hold([Hold(name="a", stretch=ALL, why="x")])
    assert shared.shelf.holds() == []
    shared.tidy(DAY_OVER, NOTHING)
    assert (shared.rows(), len(fiji.rows())) == ([], 2)
    shared.shelf.begin_era(0)
    assert fiji.shelf.progress() == Progress(batch=9, until=SIX + 1)
    shared.take_in(recalls={("tak", "SHIP-1"): 99}, batch=100)
    assert len(fiji.rows()) == 2


def test_two_processes_cannot_write_for_one_node(shared: SharedKept, tmp_path: Path) -> None:
    with closing(SharedStore(shared.server, tmp_path / "twin")) as twin:
        with pytest.raises(HistoryFault, match="another process writes the history of NZL-A"):
            twin.sweep()
        shared.store.close()
        twin.sweep()


def test_a_day_that_nobody_has_anything_of_has_no_tables(
    shared: SharedKept, fiji: SharedKept
) -> None:
    day = int(SIX // DAY)
    shared.take_in(a_row(0), a_row(DAY))
    fiji.take_in(a_row(0))
    assert tables(shared) == [f"position_{day}", f"position_{day + 1}"]
    shared.tidy(DAY_OVER, NOTHING)
    assert tables(shared) == [f"position_{day}"]
    fiji.tidy(DAY_OVER, NOTHING)
    assert tables(shared) == []
    shared.take_in(a_row(5))
    fiji.take_in(a_row(6))
    assert (shared.rows(), fiji.rows()) == ([a_row(5)], [a_row(6)])


def test_a_day_is_not_removed_while_somebody_reads_it_and_is_later(shared: SharedKept) -> None:
    shared.take_in(a_row(0))
    with closing(shared.server.open(10.0)) as reading, reading.looks():
        reading.ask("SELECT count(*) FROM position")
        shared.tidy(DAY_OVER, NOTHING)
        assert (shared.store.busy, len(tables(shared))) == (1, 1)
    shared.tidy(DAY_OVER, NOTHING)
    assert tables(shared) == []


def test_a_day_that_is_over_has_an_index_of_places_and_is_measured(shared: SharedKept) -> None:
    shared.take_in(*(a_row(n, uid=f"S{n % 50}", lon=170 + n / 1000) for n in range(5000)))
    before = sum(each.bytes for each in shared.shelf.pieces())
    shared.tidy(DAY_OVER)
    with closing(shared.server.open(10.0)) as db:
        names = [row[0] for row in db.ask("SELECT indexdef FROM pg_indexes")]
        assert any("USING gist" in each for each in names)
        assert db.ask("SELECT is_settled, row_bytes FROM day")[0][0] is True
    after = sum(each.bytes for each in shared.shelf.pieces())
    assert after != before
    # A position cannot take less than its columns do, nor much more with its indexes.
    assert 100 * 5000 < after < 400 * 5000


def test_what_the_server_lost_in_the_middle_is_taken_in_again_once(
    postgres: Postgres, shared: SharedKept
) -> None:
    shared.take_in(a_row(0))
    name = shared.server.address.database
    postgres.sql(
        "postgres",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608  our own
    )
    with pytest.raises(HistoryFault):
        shared.take_in(a_row(1))
    shared.store.close()
    with closing(SharedStore(shared.server, shared.directory)) as again:
        again.sweep()
        assert again.shelf.progress().batch == 1
        again.take_in([a_row(1)], batch=2, until=SIX + 1, recalls={})
    assert shared.rows() == [a_row(0), a_row(1)]


def test_a_label_is_there_once_a_day_and_is_known_again_after_a_restart(
    shared: SharedKept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_LABELS", 2)
    rows = [a_row(n, uid=f"S{n % 3}") for n in range(9)]
    for row in rows:
        shared.take_in(row)
    shared.store.close()
    with closing(SharedStore(shared.server, shared.directory)) as again:
        again.sweep()
        again.take_in([a_row(20, uid="S0")], batch=21, until=SIX + 20, recalls={})
    with closing(shared.server.open(10.0)) as db:
        assert db.ask("SELECT count(*) FROM label")[0][0] == 3
    assert shared.rows() == [*rows, a_row(20, uid="S0")]


def test_what_was_added_is_summed_up_now_and_then(
    shared: SharedKept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SUMMARIZED", 2000)
    shared.take_in(*(a_row(n) for n in range(2000)))
    assert shared.store.tidy(PLENTY, SIX) is True
    assert shared.store.tidy(PLENTY, SIX) is False


def test_text_that_postgresql_cannot_have_is_no_end_of_it(shared: SharedKept) -> None:
    shared.take_in(a_row(0, callsign="a\0b", name="\ud800"), a_row(1, speed=1e300))
    first, second = shared.rows()
    assert (first.label.callsign, first.label.name) == ("a\ufffdb", "?")
    assert second.fix.speed is None


def test_evidence_is_counted_as_such(shared: SharedKept) -> None:
    shared.take_in(a_row(0), a_row(1, uid="S2"))
    shared.shelf.hold([Hold(name="a", stretch=Stretch(since=0, until=SIX), why="x")])
    shared.tidy(DAY_OVER, NOTHING)
    (piece,) = shared.shelf.pieces()
    assert (piece.tier, piece.rows, piece.since, piece.until) == (Tier.HELD, 1, SIX, SIX)
    with shared.look() as look:
        assert list(look.rows(Question(stretch=ALL))) == [a_row(0)]


def test_the_hours_of_a_day_that_is_over_are_counted_as_one_also_what_comes_late(
    shared: SharedKept,
) -> None:
    shared.take_in(*(a_row(n * 3600, uid="S1") for n in range(3)), a_row(5, channel="tak"))
    assert len(shared.shelf.pieces()) == 4
    shared.tidy(DAY_OVER)
    assert {(each.channel, each.tier, each.rows) for each in shared.shelf.pieces()} == {
        ("feed:ais", Tier.DAY, 3), ("tak", Tier.DAY, 1)
    }  # fmt: skip
    shared.take_in(a_row(7, uid="S2"), batch=99)
    shared.tidy(DAY_OVER)
    told = {each.channel: each.rows for each in shared.shelf.pieces()}
    assert told == {"feed:ais": 4, "tak": 1}


def test_evidence_of_an_hour_is_counted_right_when_its_day_is_over(shared: SharedKept) -> None:
    shared.take_in(a_row(0, uid="S1"), a_row(1, uid="S2"), a_row(3600, uid="S2"))
    shared.shelf.hold(
        [Hold(name="a", stretch=Stretch(since=0, until=FOR_EVER, uids=frozenset({"S1"})), why="x")]
    )
    only_new = Budgets(channels={}, channel=1 << 40, whole=1 << 40, age=5000.0)
    shared.tidy(SIX + 6000, only_new)
    assert sorted((each.tier, each.rows) for each in shared.shelf.pieces()) == [
        (Tier.HOUR, 1), (Tier.HELD, 1)
    ]  # fmt: skip
    shared.tidy(DAY_OVER)
    assert len(shared.rows()) == 2
    shared.shelf.hold([Hold(name="b", stretch=Stretch(since=0, until=1), why="x")])
    shared.tidy(DAY_OVER)
    assert [(each.tier, each.rows) for each in shared.shelf.pieces()] == [(Tier.DAY, 2)]
    shared.tidy(DAY_OVER, NOTHING)
    assert [(each.tier, each.rows) for each in shared.shelf.pieces()] == [(Tier.HELD, 1)]
    assert shared.rows() == [a_row(0, uid="S1")]
