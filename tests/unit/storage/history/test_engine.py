from pathlib import Path

import duckdb
import pytest

from accord.storage.history import engine as engine_module
from accord.storage.history.engine import Engine, Order, box_of
from accord.storage.history.shelf import HistoryFault
from accord.wire.moving.message import Row
from support.moving import SIX, a_row

EVERYTHING = [("true", [])]


@pytest.fixture
def engine(tmp_path):
    made = Engine(tmp_path)
    yield made
    made.close()


FULL = a_row(
    0.25, hops=("AUS", "USA"), groups=("Blue", "Red"), name="MĀORI", access="UNCLASSIFIED",
    hae=1.5, precision=50.0, course=45.0, speed=7.5, climb=-1.0, lat=-17.123456789,
    cell=(177.0, -19.0, 179.0, -17.0), doubts=("jump",), sequence=1 << 40, era=3,
)  # fmt: skip


def test_rows_come_back_as_they_were_written(engine: Engine, tmp_path) -> None:
    rows = [FULL, a_row(1), a_row(2, groups=())]
    engine.write(rows, tmp_path / "a.parquet")
    assert (
        list(engine.find([tmp_path / "a.parquet"], where=EVERYTHING, order=Order.RECEIPT)) == rows
    )


def test_a_label_comes_back_whatever_its_texts_have_in_them(engine: Engine, tmp_path) -> None:
    odd = '"],[\\ \x00\x1e\x1f\u2028 {} null 航'
    rows = [
        a_row(n, uid=f"{n}{odd}", callsign=odd, groups=groups, hops=("a,b",), caveat=caveat)
        for n, (groups, caveat) in enumerate([(("Blue", '"'), odd), ((), None)])
    ]
    engine.write(rows, tmp_path / "a.parquet")
    with engine.table(rows) as tail:
        for files, table in (([tmp_path / "a.parquet"], ""), ([], tail)):
            found = engine.find(files, where=EVERYTHING, tail=table, order=Order.RECEIPT)
            assert list(found) == rows


def test_rows_come_by_course_and_those_of_a_table_in_their_places(engine: Engine, tmp_path) -> None:
    engine.write([a_row(2, uid="B"), a_row(0, uid="B"), a_row(1, uid="A")], tmp_path / "a.parquet")
    with engine.table([a_row(3, uid="A"), a_row(1.5, uid="B")]) as tail:
        found = list(engine.find([tmp_path / "a.parquet"], where=EVERYTHING, tail=tail))
    assert [(row.label.uid, row.fix.received - SIX) for row in found] == [
        ("A", 1.0), ("A", 3.0), ("B", 0.0), ("B", 1.5), ("B", 2.0)
    ]  # fmt: skip
    with engine.table([]) as tail:
        assert list(engine.find([], where=EVERYTHING, tail=tail)) == []


def test_pieces_are_merged_by_object_or_by_number(engine: Engine, tmp_path) -> None:
    one, two, merged = (tmp_path / f"{name}.parquet" for name in "abc")
    engine.write([a_row(0, uid="B"), a_row(1, uid="A")], one)
    engine.write([a_row(2, uid="A"), a_row(3, uid="C")], two)
    where = ("uid <> ?", ["C"])
    engine.merge([one, two], merged, where=where, order=Order.OBJECT)
    in_file = f"SELECT uid, epoch(received) FROM read_parquet(['{merged}'])"  # noqa: S608
    assert [(uid, float(str(at)) - SIX) for uid, at in engine.ask(in_file, [])] == [
        ("A", 1.0), ("A", 2.0), ("B", 0.0)
    ]  # fmt: skip
    engine.merge([two, one], merged, where=where, order=Order.NUMBER)
    assert [uid for uid, _ in engine.ask(in_file, [])] == ["B", "A", "A"]


def test_what_others_are_given_has_no_place_where_only_a_cell_is_known(
    engine: Engine, tmp_path
) -> None:
    engine.write([FULL, a_row(1)], tmp_path / "a.parquet")
    engine.copy([tmp_path / "a.parquet"], tmp_path / "out.parquet")
    out = str(tmp_path / "out.parquet")
    told = f"SELECT lat, lon, west, north FROM read_parquet(['{out}']) ORDER BY received"  # noqa: S608
    assert list(engine.ask(told, [])) == [(None, None, 177.0, -17.0), (-17.9, 178.0, None, None)]
    given = duckdb.connect().read_parquet(out).columns
    assert {"sequence", "era"}.isdisjoint(given)


def test_a_piece_may_have_no_rows(engine: Engine, tmp_path) -> None:
    engine.write_none(tmp_path / "a.parquet")
    assert engine.measure(tmp_path / "a.parquet") == {}
    assert list(engine.find([tmp_path / "a.parquet"], where=EVERYTHING)) == []


def test_a_piece_is_measured_with_its_cells(engine: Engine, tmp_path) -> None:
    cell = a_row(9, lat=0.0, lon=0.0, cell=(-5.0, -4.0, 6.0, 7.0))
    engine.write([a_row(0, lat=1.0, lon=2.0), cell], tmp_path / "a.parquet")
    found = engine.measure(tmp_path / "a.parquet")
    assert (found["rows"], found["since"] - SIX, found["until"] - SIX) == (2, 0, 9)
    assert (found["first"], found["last"]) == (1, 10)
    box = box_of(found)
    assert (box.south, box.west, box.north, box.east) == (-4.0, -5.0, 7.0, 6.0)
    engine.write([a_row(0, cell=(179.0, 0.0, -179.0, 1.0))], tmp_path / "b.parquet")
    box = box_of(engine.measure(tmp_path / "b.parquet"))
    assert (box.west, box.east) == (-180.0, 180.0)


def test_channels_and_hours_of_pieces_are_told(engine: Engine, tmp_path) -> None:
    engine.write(
        [a_row(0), a_row(3600), a_row(3601), a_row(0, channel="tak")], tmp_path / "a.parquet"
    )
    six = int(SIX)
    assert engine.slots([tmp_path / "a.parquet"], 3600) == [
        ("feed:ais", six), ("feed:ais", six + 3600), ("tak", six)
    ]  # fmt: skip


def test_nothing_but_its_directory_can_be_read_or_written(engine: Engine, tmp_path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-other.parquet"
    with pytest.raises(HistoryFault, match=r"disabled|Permission|Cannot access"):
        list(engine.ask("SELECT * FROM read_csv('/etc/hostname')", []))
    with pytest.raises(HistoryFault):
        engine.write([a_row(0)], other)
    assert not other.exists()


def test_what_is_no_piece_is_said(engine: Engine, tmp_path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1nothing of oursPAR1")
    with pytest.raises(HistoryFault, match="cannot be read"):
        list(engine.find([tmp_path / "a.parquet"], where=EVERYTHING))
    with pytest.raises(HistoryFault, match=r"cannot be written"):
        engine.write([a_row(0)], tmp_path / "no" / "b.parquet")


def test_an_hour_ends_with_its_last_half_second(engine: Engine, tmp_path) -> None:
    engine.write([a_row(3599.9)], tmp_path / "a.parquet")
    assert engine.slots([tmp_path / "a.parquet"], 3600) == [("feed:ais", int(SIX))]


def test_of_each_course_the_newest_is_found_where_that_is_asked(engine: Engine, tmp_path) -> None:
    engine.write(
        [a_row(0), a_row(1, uid="S2"), a_row(2), a_row(3, channel="tak")], tmp_path / "a.parquet"
    )
    found = engine.find(
        [tmp_path / "a.parquet"], where=EVERYTHING, order=Order.RECEIPT, newest=True
    )
    assert [row.fix.received - SIX for row in found] == [1, 2, 3]
    found = engine.find([tmp_path / "a.parquet"], where=EVERYTHING, order=Order.NUMBER, most=2)
    assert [row.fix.sequence for row in found] == [1, 2]
    assert engine.pieces_read == 1


def test_a_day_is_by_place_so_that_a_box_is_in_few_groups_of_rows(engine: Engine, tmp_path) -> None:
    rows = [
        a_row(at, uid=uid, lat=lat)
        for at in (0, 21_500, 21_600)
        for uid, lat in (("A", 10.0), ("B", -10.0))
    ]
    engine.write(rows, tmp_path / "a.parquet")
    merged = tmp_path / "b.parquet"
    engine.merge([tmp_path / "a.parquet"], merged, where=EVERYTHING[0], order=Order.PLACE)
    sql = f"SELECT uid, epoch(received) FROM read_parquet(['{merged}'])"  # noqa: S608
    # Six in the morning begins a block of six hours, and so does noon.
    assert [(uid, float(str(at)) - SIX) for uid, at in engine.ask(sql, [])] == [
        ("B", 0), ("B", 21_500), ("A", 0), ("A", 21_500), ("B", 21_600), ("A", 21_600)
    ]  # fmt: skip


@pytest.mark.parametrize("most", [0, 100])
@pytest.mark.parametrize("order", [Order.OBJECT, Order.CHANNEL, Order.PLACE, Order.NUMBER])
def test_what_is_merged_keeps_every_word_and_is_in_order_with_few_labels_or_many(
    engine: Engine, tmp_path, monkeypatch: pytest.MonkeyPatch, most: int, order: Order
) -> None:
    monkeypatch.setattr(engine_module, "_MOST_LABELS_APART", most)
    odd = a_row(3, uid="B", channel="tak", groups=(), caveat="\x00\x1f", name="MĀORI")
    rows = [a_row(n, uid=uid, lat=float(n % 3)) for n, uid in ((4, "B"), (5, "C"), (6, "A"))]
    rows = [FULL, odd, *rows, a_row(7, uid="B", callsign="OTHER")]
    one, two, merged = (tmp_path / f"{name}.parquet" for name in "abc")
    engine.write(rows[:3], one)
    engine.write(rows[3:], two)
    engine.merge([two, one], merged, where=EVERYTHING[0], order=order)
    assert list(engine.find([merged], where=EVERYTHING, order=Order.RECEIPT)) == rows
    schema = "SELECT name, type, logical_type FROM parquet_schema('{}')"
    found = [list(engine.ask(schema.format(each), [])) for each in (one, merged)]
    assert found[0] == found[1]
    keys = {
        Order.OBJECT: lambda row: (row.label.uid, row.fix.received),
        Order.CHANNEL: lambda row: (row.label.channel, row.label.uid, row.fix.received),
        Order.PLACE: lambda row: (round(row.fix.lat), round(row.fix.lon * 2), row.label.uid,
                                  row.fix.received),
        Order.NUMBER: lambda row: (row.fix.era, row.fix.sequence),
    }  # fmt: skip
    in_file = engine.ask(f"SELECT sequence FROM read_parquet('{merged}')", [])  # noqa: S608
    assert [number for (number,) in in_file] == [
        row.fix.sequence for row in sorted(rows, key=keys[order])
    ]


def a_piece_of_before(engine: Engine, tmp_path, *rows: Row) -> Path:
    """A piece as earlier versions wrote it: what no row has is not said to be a text."""
    new, old = tmp_path / "new.parquet", tmp_path / "old.parquet"
    engine.write(rows, new)
    other = duckdb.connect()
    other.execute(
        f"COPY (SELECT * REPLACE (NULL AS access, NULL AS caveat) FROM '{new}') "  # noqa: S608
        f"TO '{old}' (FORMAT parquet)"
    )
    (kind,) = other.execute(
        f"SELECT type FROM parquet_schema('{old}') WHERE name = 'access'"  # noqa: S608
    ).fetchall()
    assert kind == ("INT32",)
    return old


@pytest.mark.parametrize("is_first", [True, False])
def test_pieces_of_which_no_row_has_a_text_are_read_with_others_that_have_it(
    engine: Engine, tmp_path, is_first: bool
) -> None:
    old = a_piece_of_before(engine, tmp_path, a_row(0))
    marked = a_row(1, access="UNCLASSIFIED", uid="B")
    engine.write([marked], tmp_path / "a.parquet")
    files = [old, tmp_path / "a.parquet"] if is_first else [tmp_path / "a.parquet", old]
    assert list(engine.find(files, where=EVERYTHING, order=Order.RECEIPT)) == [a_row(0), marked]
    merged, alone, copied = (tmp_path / f"{name}.parquet" for name in ("m", "o", "c"))
    engine.merge(files, merged, where=EVERYTHING[0], order=Order.OBJECT)
    engine.merge([old], alone, where=EVERYTHING[0], order=Order.OBJECT)
    engine.copy(files, copied)
    for each in (merged, alone, copied):
        kinds = f"SELECT type FROM parquet_schema('{each}') WHERE name IN ('access', 'caveat')"  # noqa: S608
        assert list(engine.ask(kinds, [])) == [("BYTE_ARRAY",)] * 2
    found = engine.find([merged], where=EVERYTHING, order=Order.RECEIPT)
    assert list(found) == [a_row(0), marked]
