import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest
from openpyxl import Workbook, load_workbook

from accord.desks.readiness import sheets as sheets_module
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.rules import NotTaken
from accord.desks.readiness.said import Confidence, Record, Said
from accord.desks.readiness.sheets import read_file, write_csv, write_workbook
from accord.storage import workbook as workbook_module
from support.readiness import FLEET, NOW, SAID, a_register, a_row, a_unit, available

HEAD = "id,partner,class,base,count,by,as_of,valid_until,confidence"
UNIT = "NZL-1,NZL,MPA,NZ-OHA,2,HQ,2026-03-01,2026-03-20,b"


def csv_file(*lines: str) -> bytes:
    return "\n".join((HEAD, *lines)).encode()


def book(tables: Mapping[str, list[list[object]]]) -> bytes:
    made = Workbook()
    made.remove(cast("Any", made.active))
    for title, lines in tables.items():
        page = made.create_sheet(title)
        for line in lines:
            page.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def refused(name: str, data: bytes) -> str:
    with pytest.raises(NotTaken) as caught:
        read_file(name, data)
    return str(caught.value)


def test_a_row_says_one_record_and_who_said_it() -> None:
    (row,) = read_file("units.csv", csv_file(UNIT))
    assert (row.sheet, row.id) == (Sheet.UNITS, "NZL-1")
    assert row.values == {"partner": "NZL", "class": "MPA", "base": "NZ-OHA", "count": "2"}
    assert row.said == Said(
        by="HQ", as_of=datetime(2026, 3, 1, tzinfo=UTC),
        valid_until=datetime(2026, 3, 20, tzinfo=UTC), confidence=Confidence.GENERAL,
    )  # fmt: skip
    assert row.where("base") == "sheet units, row 2, cell D2, base"


def test_empty_columns_at_the_end_say_nothing() -> None:
    data = b"id,name,by,as_of,,\nX,x,HQ,2026-03-01,,\n"
    (row,) = read_file("bases-2026.CSV", data)
    assert row.values == {"name": "x"}


def test_a_workbook_is_read_as_people_fill_it_in() -> None:
    data = book(
        {
            "Units": [
                ["id", "partner", "class", "base", "count", "may_be_told", "by", "as_of", None],
                ["NZL-1", "NZL", "MPA", "NZ-OHA", 2, True, "HQ", datetime(2026, 3, 1), None],  # noqa: DTZ001  as Excel has it
                [None, None],
                ["NZL-2", "NZL", "MPA", "NZ-OHA", 2.0, False, "HQ", "2026-03-01T08:00Z"],
            ],
            "bases": [
                ["id", "name", "lat", "by", "as_of"],
                ["X", "x", -40.206, "HQ", "2026-03-01"],
            ],
        }
    )
    one, two, base = read_file("readiness.xlsx", data)
    assert (one.values["count"], one.values["may_be_told"]) == ("2", "yes")
    assert one.said.as_of == datetime(2026, 3, 1, tzinfo=UTC)
    assert (two.values["count"], two.values["may_be_told"]) == ("2", "no")
    assert two.where("count") == "sheet units, row 4, cell E4, count"
    assert base.values["lat"] == "-40.206"
    assert one.said.confidence is Confidence.STATED


def test_what_is_written_is_read_again_value_by_value(tmp_path: Path) -> None:
    later = replace(SAID, as_of=NOW, by="base commander", valid_until=None)
    rows = (
        *FLEET, a_row(Sheet.UNITS, "NZL-MPA", later, count="3", note="=1+1", may_be_told="-"),
        a_unit("NZL-2", may_be_told="yes"),
        available("A2", "NZL-2", said=replace(SAID, confidence=Confidence.INVENTED)),
    )  # fmt: skip
    register = a_register(tmp_path, *rows, at=NOW + timedelta(hours=1))
    records = register.records()
    files = {f"{each}.csv": write_csv(records, each) for each in Sheet}
    files["all.xlsx"] = write_workbook(records, NOW)
    for names in (["all.xlsx"], [f"{each}.csv" for each in Sheet]):
        other = a_register(_new(tmp_path, names[0]))
        for name in names:
            other.take(read_file(name, files[name]), person="wiremu", now=NOW)
        assert _said(other.records()) == _said(records)


def _new(tmp_path: Path, name: str) -> Path:
    directory = tmp_path / name
    directory.mkdir()
    return directory


def _said(records: Mapping[Sheet, Mapping[str, Record]]) -> dict[tuple[str, str, str], object]:
    return {
        (sheet.value, record.id, name): (entry.value, entry.said)
        for sheet, found in records.items()
        for record in found.values()
        for name, entry in record.entries.items()
    }


def test_a_workbook_that_is_written_has_no_formula_and_the_same_bytes_in_each_part(
    tmp_path: Path,
) -> None:
    formula = a_row(Sheet.UNITS, "NZL-MPA", SAID, note='=HYPERLINK("http://x")')
    records = a_register(tmp_path, *FLEET, formula).records()
    cells = [
        cell
        for page in load_workbook(io.BytesIO(write_workbook(records, NOW))).worksheets
        for line in page.iter_rows()
        for cell in line
    ]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert '=HYPERLINK("http://x")' in [cell.value for cell in cells]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "'=1"])
def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path, text: str) -> None:
    rows = (*FLEET, a_row(Sheet.UNITS, "NZL-MPA", SAID, note=text))
    written = write_csv(a_register(tmp_path, *rows).records(), Sheet.UNITS)
    assert f"'{text}".encode() in written
    (row,) = read_file("units.csv", written)
    assert row.values["note"] == text


def test_a_negative_number_is_a_number_and_no_formula(tmp_path: Path) -> None:
    assert b",-40.2," in write_csv(a_register(tmp_path, *FLEET).records(), Sheet.BASES)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("NZL-1,NZL,MPA,NZ-OHA,-4,HQ,2026-03-01", "sheet units, row 2, cell E2, count: '-4' is no"),
        ("N 1,NZL,MPA,NZ-OHA,4,HQ,2026-03-01", "sheet units, row 2, cell A2, id: 'N 1' is no id"),
        (",NZL,MPA,NZ-OHA,4,HQ,2026-03-01", "row 2, cell A2, id: '' is no id"),
        ("NZL-1,NZL,MPA,NZ-OHA,4,,2026-03-01", "row 2, cell F2, by: who said it?"),
        ("NZL-1,NZL,MPA,NZ-OHA,4,HQ,", "row 2, cell G2, as_of: as_of is missing"),
        ("NZL-1,NZL,MPA,NZ-OHA,4,HQ,1/3/2026", "row 2, cell G2, as_of: '1/3/2026' is no time"),
        ("NZL-1,NZL,MPA,NZ-OHA,4,HQ,2026-03-01,soon", "cell H2, valid_until: 'soon' is no time"),
        ("NZL-1,NZL,MPA,NZ-OHA,4,HQ,2026-03-01,,Z", "cell I2, confidence: 'Z' is none of A"),
        (f"{UNIT},x", "row 2, cell J2: stands under no column"),
        (f"\n\n{UNIT}x\nNZL-1,NZL,MPA,NZ-OHA,4,,2026-03-01", "row 4, cell I4"),
    ],
)
def test_an_error_is_told_by_sheet_row_and_cell(line: str, said: str) -> None:
    assert said in refused("units.csv", csv_file(line))


def test_all_that_is_wrong_with_a_file_is_told_at_once() -> None:
    said = refused(
        "units.csv",
        csv_file("NZL-1,NZ,MPA,NZ-OHA,-4,HQ,2026-03-01", "NZL-2,NZL,MPA,NZ-OHA,1,,2026-03-01"),
    )
    assert "cell B2" in said
    assert "cell E2" in said
    assert "cell F3" in said


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("units.ods", b"", "neither .xlsx nor .csv"),
        ("ships.csv", b"", "called for no sheet; there are bases, classes"),
        ("units.csv", b"\xff\xfe", "not UTF-8: byte 0"),
        ("units.csv", b'id,by,as_of\n"x', "no CSV"),
        ("units.csv", b"", "no column id, which every row needs"),
        ("units.csv", b"id,partner\n", "no column by, which every row needs"),
        ("units.csv", b"id,speed,by,as_of\n", "no column 'speed'; there are id, name"),
        ("units.csv", b"id,by,by,as_of\n", "two columns are called by"),
        ("units.xlsx", b"PK\x03\x04 and no more", "is no workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, data: bytes, said: str) -> None:
    assert said in refused(name, data)


def test_a_file_that_is_too_big_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_module, "MAX_FILE", 10)
    assert "at most 10 are read" in refused("units.xlsx", b"x" * 11)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_module, "MAX_ROWS", 1)
    assert "more than 1 rows" in refused("units.csv", csv_file(UNIT, UNIT))


def test_a_workbook_of_two_hundred_sheets_is_refused() -> None:
    for count in (200, workbook_module.MAX_SHEETS + 1):
        data = book({f"s{n}": [["x"]] for n in range(count)})
        said = refused("units.xlsx", data)
        assert f"units.xlsx has {count} sheets; at most 20 are read" in said


def test_a_package_of_too_many_parts_is_refused() -> None:
    parts = {f"p{n}_bin": b"" for n in range(workbook_module.MAX_PARTS + 1)}
    assert "made of 201 parts; at most 200 are read" in refused("units.xlsx", package(**parts))


def test_a_formula_that_was_never_worked_out_is_named_by_its_cell() -> None:
    made = openpyxl.Workbook()
    page = made.create_sheet("units")
    page.append(["id", "partner", "class", "base", "count", "by", "as_of"])
    page.append(["NZL-1", "NZL", "MPA", "NZ-OHA", "=2+2", "HQ", "2026-03-01"])
    page.append(["NZL-2", "NZL", "=B2", "NZ-OHA", 1, "HQ", "2026-03-01"])
    made.remove(made["Sheet"])
    out = io.BytesIO()
    made.save(out)
    said = refused("units.xlsx", out.getvalue())
    assert "sheet units, row 2, cell E2: a formula that was never worked out" in said
    assert "sheet units, row 3, cell C3: a formula" in said
    assert "is missing" not in said


def test_a_sheet_that_there_is_not_is_named() -> None:
    said = refused("all.xlsx", book({"Ships": [["id"]]}))
    assert "Ships: there is no such sheet" in said


def package(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("_", ".", 1), data)
    return out.getvalue()


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "MAX_UNPACKED", 1 << 20)
    bomb = package(sheet_xml=b"0" * (2 << 20))
    assert len(bomb) < 10_000
    assert "bytes unpacked" in refused("units.xlsx", bomb)


@pytest.mark.parametrize(
    "xml",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16"),
    ],
)
def test_entities_are_refused_before_anything_reads_them(xml: bytes) -> None:
    assert "declares a document type, or is not UTF-8" in refused("a.xlsx", package(w_xml=xml))


def test_a_workbook_whose_inside_is_broken_is_refused_with_a_sentence() -> None:
    assert "no workbook that can be read" in refused("a.xlsx", package(w_xml=b"<x/>"))
    good = book({"units": [["id"]]})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.infolist():
            data = old.read(each)
            new.writestr(each, data[:-20] if "worksheets/sheet1" in each.filename else data)
    assert "no workbook that can be read" in refused("a.xlsx", out.getvalue())


def test_a_workbook_whose_packed_data_are_damaged_is_refused_with_a_sentence() -> None:
    good = package(a_bin=bytes(range(256)) * 40)
    damaged = bytearray(good)
    damaged[good.index(b"a.bin") + 5] = 0xFF  # of its deflate stream: no block is of that type
    assert "is no workbook" in refused("a.xlsx", bytes(damaged))
    damaged = bytearray(good)
    damaged[-6] += 1  # where its list of parts begins: all of it stands before the begin then
    assert "is no workbook" in refused("a.xlsx", bytes(damaged))


def test_a_time_of_day_is_no_date() -> None:
    data = book({"units": [["id", "by", "as_of"], ["X", "HQ", datetime(2026, 3, 1, 8).time()]]})  # noqa: DTZ001  as Excel has it
    assert "cell C2, as_of: '08:00:00' is no time" in refused("a.xlsx", data)
