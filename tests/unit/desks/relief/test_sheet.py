import io
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from accord.desks.relief import sheet
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.sheet import SheetRefused
from support.relief import MOANA, NODE, WATER, lola, put, some_incidents

DOING = {
    "org": "=Red Cross", "what": "water trucking", "where": "Norsup", "position": "16 3.6S 167 23E",
    "from": "2026-11-26", "reached": "120", "sector": "water sanitation hygiene",
}  # fmt: skip


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


@pytest.fixture
def name(incidents: Incidents) -> str:
    return lola(incidents)


def test_the_4w_goes_out_with_heads_and_hxl_hashtags(incidents: Incidents, name: str) -> None:
    stands, activity = put(incidents, name, "activity", DOING)
    heads, tags, row = sheet.write(stands, "activity").decode().splitlines()
    assert heads == (
        "id,org,what,sector,where,adm1,adm2,pcode,latitude,longitude,from,until,status,for whom,"
        "targeted,reached,remarks"
    )
    # Hashtags and attributes of the HXL standard 1.1.
    assert tags == (
        "#meta+id,#org,#activity,#sector,#loc+name,#adm1+name,#adm2+name,#loc+code,#geo+lat,"
        "#geo+lon,#date+start,#date+end,#status,#beneficiary,#targeted,#reached,#description"
    )
    assert row == (
        f"{activity},'=Red Cross,water trucking,water sanitation hygiene,Norsup,,,,-16.060000,"
        "167.383333,2026-11-26T00:00:00+00:00,,planned,,,120,"
    )


@pytest.mark.parametrize("key", sheet.SHEETS)
def test_what_went_out_comes_in_and_changes_nothing(
    incidents: Incidents, name: str, key: str
) -> None:
    moved = {"what": "water", "from_place": "Vila", "to_place": "Norsup", "to_position": "16S 167E"}
    fields = {
        "activity": DOING, "need": WATER, "offer": {"what": "tents", "org": "MSF"},
        "movement": moved,
    }[key]  # fmt: skip
    stands, _ = put(incidents, name, key, fields)
    taken = sheet.read(stands, key, sheet.write(stands, key))
    assert (taken.rows, taken.same, taken.ignored) == ((), 1, ())
    # In another incident, without the names of the records, it is new.
    other = incidents.store.incident(lola(incidents))
    lines = sheet.write(stands, key).decode().splitlines()
    data = "\n".join(line.partition(",")[2] for line in lines[1:]).encode()
    taken = sheet.read(other, key, data)
    stands = incidents.enter(other.id, taken.rows, MOANA).incident
    (record,) = stands.of(key)
    assert record.texts.items() >= taken.rows[0].fields.items()
    assert sheet.read(stands, key, data).same == 1


@pytest.mark.parametrize(
    "head",
    [
        "Who,What,Where,When,Lat,Lon,People reached",
        "Organisation;Activity;Location;Start date;Latitude;Longitude;REACHED",
        "agency\tactivity\tplace\tfrom\tlatitude\tlongitude\treached",
    ],
)
def test_heads_that_people_type_are_read(incidents: Incidents, name: str, head: str) -> None:
    head = head.replace("Lat,Lon", "latitude,longitude")
    sign = next(each for each in ",;\t" if each in head)
    row = sign.join(["VRC", "shelter kits", "Lakatoro", "2026-11-27", "-16.1", "167.42", "45"])
    taken = sheet.read(incidents.store.incident(name), "activity", f"﻿{head}\n{row}\n".encode())
    (made,) = taken.rows
    assert made.fields == {
        "org": "VRC", "what": "shelter kits", "where": "Lakatoro", "reached": "45",
        "from": "2026-11-27T00:00:00+00:00", "position": "-16.100000,167.420000",
    }  # fmt: skip


def test_hashtags_of_others_are_read_by_their_attributes_and_the_rest_is_said(
    incidents: Incidents, name: str
) -> None:
    data = (
        "4W of the cluster,,,,,,\n"
        "Agency,Doing,Village,Province,Begin,Donor,Cost\n"
        "#org +impl,#activity,#loc+name+v_vut,#adm1,#date+start,#org+funder+x,#value+usd\n"
        "VRC,tarps,Norsup,Malampa,2026-11-27,ADB,500\n"
    )
    with pytest.raises(SheetRefused, match="another column is org as well"):
        sheet.read(incidents.store.incident(name), "activity", data.encode())
    taken = sheet.read(
        incidents.store.incident(name), "activity", data.replace("#org+funder+x", "#meta").encode()
    )
    assert taken.rows[0].fields["adm1"] == "Malampa"
    assert taken.ignored == ("F (#meta)", "G (#value+usd)")


def test_every_row_that_is_not_right_is_said_with_its_row_its_column_and_why(
    incidents: Incidents, name: str
) -> None:
    data = (
        "id,what,quantity,where,latitude,longitude,by\n"
        ",water,500,Norsup,,,\n"
        ",water,\"3,000\",Norsup,,,\n"
        "\n"
        ",,5,Norsup,,,\n"
        ",tents,5,Norsup,-16.1,,tomorrow\n"
        ",tents,5,Norsup,-96.1,167,\n"
        ",tents,5,Norsup,16,167N,\n"
        "n9,tents,5,Norsup,,,\n"
    )  # fmt: skip
    with pytest.raises(SheetRefused) as refused:
        sheet.read(incidents.store.incident(name), "need", data.encode())
    said = str(refused.value).splitlines()
    assert said[0] == "nothing was taken:"
    for line, begin in zip(said[1:], (
        "row 3, column C (quantity): '3,000' can mean 3000 or 3.0000",
        "row 5, column B (what): what is missing, which every need needs",
        "row 6, column E (latitude): latitude and longitude go together",
        "row 7, column E (latitude): -96.1 and 167 are no latitude and longitude",
        "row 8, column E (latitude): ",
        "row 9, column A (id): there is no need n9",
    ), strict=True):  # fmt: skip
        assert line.startswith(begin)
    assert list(incidents.store.incident(name).of("need")) == []


def test_a_row_of_a_record_that_stands_says_what_changes_and_only_once(
    incidents: Incidents, name: str
) -> None:
    stands, need = put(incidents, name, "need", WATER)
    taken = sheet.read(stands, "need", f"id,quantity\n{need},400\n".encode())
    changed = incidents.enter(name, taken.rows, MOANA).incident
    assert changed.records[f"need:{need}"].text("quantity") == "400"
    with pytest.raises(SheetRefused, match="stands in row 2 already"):
        sheet.read(stands, "need", f"id,quantity\n{need},400\n{need},300\n".encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"\n,,\n", "it is empty"),
        (b"what,where\nwat\xe9r,x\n", "not UTF-8 at byte 14"),
        (b'what,where\n"water,x\n', "no CSV"),
        (b"colour,size\nred,5\n", "there is no column what, where of need"),
        (b"what,where" + b"," * 200 + b"\n", "more than 200 columns"),
        (b"what,where\n" + b"x,y\n" * 2_001, "2001 rows; at most 2000"),
        (b"x" * ((4 << 20) + 1), "at most 4194304 are read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_why(
    incidents: Incidents, name: str, data: bytes, says: str
) -> None:
    with pytest.raises(SheetRefused, match=says):
        sheet.read(incidents.store.incident(name), "need", data)


def test_many_faults_are_said_up_to_a_limit(incidents: Incidents, name: str) -> None:
    data = b"what,where\n" + b"x,\n" * 300
    with pytest.raises(SheetRefused, match="and 100 more"):
        sheet.read(incidents.store.incident(name), "need", data)


def test_whole_positions_are_read_too_and_what_is_withheld_says_nothing(
    incidents: Incidents, name: str
) -> None:
    stands, need = put(incidents, name, "need", {**WATER, "remarks": "ask Jo Lui"})
    data = f"#meta+id,#geo+coord,#description\n{need},16 3.6S 167 23E,ask (name withheld)\n"
    (row,) = sheet.read(stands, "need", data.encode()).rows
    assert row.fields == {"position": "-16.060000,167.383333"}
    assert sheet.Fault(text="x", row=3, column=sheet._letters(27)).column == "AB"
    assert NODE in need


def test_a_workbook_has_every_sheet_and_comes_in_again(incidents: Incidents, name: str) -> None:
    put(incidents, name, "need", WATER)
    stands, _ = put(incidents, name, "activity", {**DOING, "contact": "Jean Tari"})
    data = sheet.write_workbook(stands, MOANA.now)
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == list(sheet.SHEETS)
    heads, tags, row = book["activity"].iter_rows(values_only=True)
    assert (heads[:2], tags[:2]) == (("id", "org"), ("#meta+id", "#org"))
    assert row[1] == "=Red Cross"
    assert book["activity"]["B3"].data_type == "s"  # text, and no formula
    assert "Tari" not in str(list(book["activity"].iter_rows(values_only=True)))
    for key in sheet.SHEETS:
        taken = sheet.read(stands, key, data)
        assert (taken.rows, taken.same) == ((), sum(1 for _ in stands.of(key)))


HEADS: list[object] = ["what", "where"]


def a_workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        page = book.create_sheet(title)
        for line in lines:
            page.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_that_people_fill_in_is_read_as_they_typed_it(
    incidents: Incidents, name: str
) -> None:
    typed = a_workbook(Sheet1=[["Item", "Amount", "Place"], ["tents", 40, "Lakatoro"]])
    (row,) = sheet.read(incidents.store.incident(name), "need", typed).rows
    assert row.fields == {"what": "tents", "quantity": "40", "where": "Lakatoro"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (a_workbook(a=[["what"]], b=[["what"]]), "there is no sheet 'need'; there are a, b"),
        (a_workbook(need=[HEADS, ["tents", None]]), "row 2, column B (where): where is missing"),
        (a_workbook(need=[HEADS, ["=1+1", "x"]]), "cell A2: a formula that was never worked out"),
        (b"PK\x03\x04 and no more", "is no workbook"),
        (b"PK\x03\x04" + b" " * sheet.MAX_FILE, "at most 4194304 are read"),
    ],
)  # fmt: skip
def test_a_workbook_that_is_not_right_is_refused_with_where(
    incidents: Incidents, name: str, data: bytes, says: str
) -> None:
    with pytest.raises(SheetRefused) as refused:
        sheet.read(incidents.store.incident(name), "need", data)
    assert says in str(refused.value)
