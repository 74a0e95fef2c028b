import json
from pathlib import Path

import duckdb
import pytest

from accord.storage.history import archive as archive_module
from accord.storage.history.archive import Archive, NotAwaited, TooMuch
from accord.storage.history.engine import Engine
from accord.storage.history.look import Taken
from accord.storage.history.pieced import PiecedSource
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shelf import HistoryFault
from accord.wire.moving.formats import FORMATS, Format
from accord.wire.moving.message import Row
from support.moving import SIX, Kept, a_row, nothing_more

ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))
CELL = (177.0, -19.0, 179.0, -17.0)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def parquet(path: Path) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().read_parquet(str(path))


def an_archive(tmp_path: Path, *rows: Row) -> Archive:
    Kept(tmp_path / "history").take_in(*rows)
    return Archive(PiecedSource(tmp_path / "history"), nothing_more, memory=256 << 20)


@pytest.mark.parametrize("form", list(Format))
def test_a_document_of_every_format_is_written_whole_for_its_owner(
    tmp_path: Path, out: Path, form: Format
) -> None:
    archive = an_archive(tmp_path, a_row(0, context="live"), a_row(1))
    path = out / f"x.{FORMATS[form].ending}"
    done = archive.export(ALL, form, path)
    assert (done.count, done.left_out, done.whole) == (2, 0, True)
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in out.iterdir()] == [path.name]
    assert b"SHIP-1" in path.read_bytes()


def test_a_document_may_have_no_position(tmp_path: Path, out: Path) -> None:
    archive = Archive(PiecedSource(tmp_path / "none"), nothing_more, memory=256 << 20)
    assert archive.exists is False
    for form in Format:
        assert archive.export(ALL, form, out / form.value).count == 0
    table = parquet(out / "parquet")
    assert (table.fetchall(), "uid" in table.columns) == ([], True)


def test_parquet_of_many_parts_is_one_table_in_order(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "ROWS_OF_PART", 2)
    archive = an_archive(tmp_path, *(a_row(n) for n in range(5)))
    archive.export(ALL, Format.PARQUET, out / "x")
    told = parquet(out / "x").project("epoch(received)").fetchall()
    assert told == sorted(told)
    assert len(told) == 5


def test_what_gpx_cannot_say_is_counted(tmp_path: Path, out: Path) -> None:
    archive = an_archive(tmp_path, a_row(0), a_row(1, cell=CELL))
    done = archive.export(ALL, Format.GPX, out / "x")
    assert (done.count, done.left_out) == (1, 1)
    assert archive.export(ALL, Format.CSV, out / "y").left_out == 0


def test_what_mf_json_cannot_say_is_counted_and_not_among_what_it_has(
    tmp_path: Path, out: Path
) -> None:
    archive = an_archive(tmp_path, a_row(0, time=SIX), a_row(1, time=SIX), a_row(2))
    done = archive.export(ALL, Format.MF_JSON, out / "x")
    assert (done.count, done.left_out) == (2, 1)


def test_columns_of_parquet_have_one_type_whether_anybody_says_something_or_not(
    tmp_path: Path, out: Path
) -> None:
    bare = an_archive(tmp_path / "bare", a_row(0))
    marked = an_archive(
        tmp_path / "marked",
        a_row(0, access="UNCLASSIFIED", caveat="EXERCISE", releasable_to="NZL", speed=1.0,
              doubts=("jump",), cell=CELL, hae=1.0),
    )  # fmt: skip
    types: list[list[str]] = []
    for name, archive in (("a", bare), ("b", marked)):
        archive.export(ALL, Format.PARQUET, out / name)
        table = parquet(out / name)
        types.append([f"{c} {t}" for c, t in zip(table.columns, table.types, strict=True)])
        schema = duckdb.connect().sql(
            f"SELECT name, type, converted_type, logical_type FROM parquet_schema('{out / name}')"  # noqa: S608  our own path
        )
        types[-1] += map(str, schema.fetchall())
    assert types[0] == types[1]


def test_no_group_is_named_that_one_does_not_hear(tmp_path: Path, out: Path) -> None:
    archive = an_archive(
        tmp_path, a_row(0, groups=("Blue", "Secret")), a_row(1, groups=("Secret",))
    )
    question = Question(stretch=ALL.stretch, hears=frozenset({"Blue"}))
    archive.export(question, Format.GEOJSON, out / "x")
    (said,) = json.loads((out / "x").read_text())["features"]
    assert said["properties"]["groups"] == "Blue"
    archive.export(question, Format.PARQUET, out / "y")
    assert parquet(out / "y").project("groups").fetchall() == [(["Blue"],)]


def test_what_is_given_up_leaves_no_file(tmp_path: Path, out: Path) -> None:
    archive = an_archive(tmp_path, *(a_row(n) for n in range(1500)))
    with pytest.raises(TooMuch):
        archive.export(ALL, Format.CSV, out / "x", most=1000)
    with pytest.raises(NotAwaited):
        archive.export(ALL, Format.CSV, out / "x", is_awaited=lambda: False)
    assert list(out.iterdir()) == []


def test_it_is_said_when_the_journal_has_more_than_was_looked_at(tmp_path: Path, out: Path) -> None:
    Kept(tmp_path / "history")
    archive = Archive(
        PiecedSource(tmp_path / "history"),
        lambda *_: Taken([], 1, 0.0, whole=False),
        memory=256 << 20,
    )
    assert archive.export(ALL, Format.CSV, out / "x").whole is False


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    archive = an_archive(tmp_path, a_row(0))
    with pytest.raises(HistoryFault, match="cannot be written"):
        archive.export(ALL, Format.CSV, tmp_path / "no" / "x")


def begun(archive: Archive, times: int) -> list[Engine]:
    found: list[Engine] = []
    for _ in range(times):
        with archive.look() as look:
            found.append(look.engine)
            list(look.rows(ALL))
    return found


def test_a_duckdb_is_begun_once_for_those_who_ask_one_after_the_other(tmp_path: Path) -> None:
    archive = an_archive(tmp_path, a_row(0))
    first, second = begun(archive, 2)
    assert first is second
    archive.close()
    assert begun(archive, 1) != [first]


def test_two_who_ask_at_once_have_one_each_and_no_more_than_two_are_kept(tmp_path: Path) -> None:
    archive = an_archive(tmp_path, a_row(0))
    with archive.look() as one, archive.look() as two, archive.look() as three:
        assert len({id(each.engine) for each in (one, two, three)}) == 3
    assert begun(archive, 1)[0] is two.engine


def test_a_duckdb_that_remembers_much_or_failed_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = an_archive(tmp_path, a_row(0))
    (failed,) = begun(archive, 1)
    with pytest.raises(KeyError), archive.look():
        raise KeyError
    (known,) = begun(archive, 1)
    assert known is not failed
    monkeypatch.setattr(archive_module, "MOST_READ", 0)
    begun(archive, 1)
    assert begun(archive, 1) != [known]


def test_what_a_duckdb_put_on_the_disk_goes_where_it_cannot_be_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise HistoryFault("no")

    monkeypatch.setattr(archive_module.tempfile, "tempdir", str(tmp_path / "spill"))
    (tmp_path / "spill").mkdir()
    monkeypatch.setattr(archive_module, "Engine", fail)
    with pytest.raises(HistoryFault), an_archive(tmp_path).look():
        pass
    assert list((tmp_path / "spill").iterdir()) == []


def test_spans_are_told_by_channel_and_of_what_is_not_parted_yet(tmp_path: Path) -> None:
    assert Archive(PiecedSource(tmp_path / "none"), nothing_more, memory=256 << 20).spans() == {}
    kept = Kept(tmp_path / "history")
    kept.take_in(a_row(0), a_row(4000), a_row(5, channel="tak"))
    archive = Archive(PiecedSource(tmp_path / "history"), nothing_more, memory=256 << 20)
    assert archive.spans() == {"": (SIX, SIX + 4000)}
    kept.tidy(SIX + 9000)
    assert archive.spans() == {"feed:ais": (SIX, SIX + 4000), "tak": (SIX + 5, SIX + 5)}
