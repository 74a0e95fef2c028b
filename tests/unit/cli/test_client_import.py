"""Everybody of another server enters at once: from a table, or from TAK Server's own file."""

import json
from pathlib import Path

import pytest

from accord.cli.client_import import people_in
from accord.cli.main import main
from accord.core.errors import UsageError
from accord.core.principal import Direction, Principal, Role
from accord.storage.people import PEOPLE, People
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")

BOTH, IN, OUT = Direction.BOTH, Direction.IN, Direction.OUT

# Elements, attributes, roles and namespace as TAK Server's UserAuthenticationFile.xsd has them
# (public source, 5.7-RELEASE-14); the order and the look as its code writes the file.
USERS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<UserAuthenticationFile xmlns="http://bbn.com/marti/xml/bindings">
  <User identifier="admin" password="$2a$10$x" passwordHashed="true" role="ROLE_ADMIN">
    <groupList>Rescue</groupList>
  </User>
  <User identifier="moa-1" password="$2a$10$y" passwordHashed="true" role="ROLE_ANONYMOUS">
    <groupListIN>Rescue</groupListIN><groupListOUT>Police</groupListOUT>
    <groupListOUT>Rescue</groupListOUT>
  </User>
  <User identifier="tui-1" role="ROLE_READONLY"/>
  <User identifier="weka-1" fingerprint="BF:50" passwordHashed="false" role="ROLE_WEBTAK">
    <groupList>__ANON__</groupList>
  </User>
</UserAuthenticationFile>
"""


def said(folder: Path, text: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str | bytes, name: str = "people.csv", **usual: Direction) -> object:
    return people_in(said(folder, text, name), usual)


def test_a_table_names_groups_roles_and_exercises(tmp_path: Path) -> None:
    text = (
        "\ufeffName,groups,Role,exercises\r\n"
        'kiwi-1,"Rescue; Police:out",administrator,TASMAN\r\n\r\n'
        "moa ā,Rescue,,any\r\ntui-1,,,\r\n"
    )
    assert read(tmp_path, text, Blue=BOTH) == [
        Principal(
            name="kiwi-1", groups={"Rescue": BOTH, "Police": OUT}, role=Role.ADMINISTRATOR,
            exercises=frozenset({"TASMAN"}),
        ),
        Principal(name="moa ā", groups={"Rescue": BOTH}, every_exercise=True),
        Principal(name="tui-1", groups={"Blue": BOTH}),
    ]  # fmt: skip


def test_who_stands_there_several_times_has_all_of_it(tmp_path: Path) -> None:
    text = "name,groups\nkiwi-1,Rescue:in\nmoa-1,Police\nkiwi-1,Rescue:out\nkiwi-1,Police:out\n"
    assert read(tmp_path, text) == [
        Principal(name="kiwi-1", groups={"Rescue": BOTH, "Police": OUT}),
        Principal(name="moa-1", groups={"Police": BOTH}),
    ]


def test_a_row_may_name_one_group_whatever_is_in_its_name(tmp_path: Path) -> None:
    # What the query for OpenTAKServer gives: its directions are IN and OUT, nobody is left out.
    text = (
        "name,group,direction,role\nkiwi-1,Rescue,OUT,\nkiwi-1,Rescue,IN,\n"
        'moa-1,"Fire; North",OUT,\nruru-1,Rescue,,administrator\ntui-1,,,\n'
    )
    assert read(tmp_path, text, Blue=IN) == [
        Principal(name="kiwi-1", groups={"Rescue": BOTH}),
        Principal(name="moa-1", groups={"Fire; North": OUT}),
        Principal(name="ruru-1", groups={"Rescue": BOTH}, role=Role.ADMINISTRATOR),
        Principal(name="tui-1", groups={"Blue": IN}),
    ]


def test_the_file_of_tak_server_is_read_without_its_passwords(tmp_path: Path) -> None:
    assert read(tmp_path, USERS, "UserAuthenticationFile.xml", Blue=OUT) == [
        Principal(name="admin", groups={"Rescue": BOTH}, role=Role.ADMINISTRATOR),
        Principal(name="moa-1", groups={"Rescue": BOTH, "Police": OUT}),
        Principal(name="tui-1", groups={"Blue": OUT}, role=Role.READ_ONLY),
        Principal(name="weka-1", groups={"__ANON__": BOTH}),
    ]


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;">]>'
    '<UserAuthenticationFile><User identifier="x"><groupList>&c;</groupList></User>'
    "</UserAuthenticationFile>"
)


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("name,groups\n", "p.csv", "nobody"),
        ("", "p.csv", "nobody"),
        ("name,groups\nx,Blue\n", "p.txt", r"neither \.csv nor \.xml"),
        ("name\nx\n", "p.csv", "the first row names columns"),
        ("name,groups,password\nx,Blue,y\n", "p.csv", "the first row names columns"),
        ("name,name,groups\nx,y,Blue\n", "p.csv", "each once"),
        ("name,group,groups\nx,Blue,Red\n", "p.csv", "the first row names columns"),
        ("name,direction\nx,in\n", "p.csv", "the first row names columns"),
        ("name,group,direction\nx,,in\n", "p.csv", "line 2: a direction, and no group"),
        ("name,group,direction\nx,Blue,up\n", "p.csv", "line 2: --group"),
        ("name,group,direction\nx,Blue:in,out\n", "p.csv", "line 2: --group"),
        ("groups,name\nBlue\n", "p.csv", "line 2"),
        ("name,groups\nx,Blue,y\n", "p.csv", "line 2: 3 cells, and 2 columns"),
        ('name,groups\nx,"Blue\n', "p.csv", r"line 2: unexpected end"),
        ("name,groups\na/b,Blue\n", "p.csv", "line 2"),
        ("name,groups\n,Blue\n", "p.csv", "line 2"),
        ("name,groups\nx,Blue:up\n", "p.csv", "line 2: --group"),
        ("name,groups\nx,\n", "p.csv", "line 2: x is in no group"),
        ("name,groups,role\nx,Blue,king\n", "p.csv", "line 2: there is no role 'king'"),
        ("name,groups,role\nx,Blue,member\nx,Red,read-only\n", "p.csv", "line 3: x has several"),
        ("name,groups,exercises\nx,Blue,a\tb\n", "p.csv", "line 2: --exercise"),
        (b"name,groups\n\xff,Blue\n", "p.csv", "not UTF-8, at byte 12"),
        ("<a/>", "p.xml", "no UserAuthenticationFile"),
        ("<a", "p.xml", "not well-formed"),
        ("<UserAuthenticationFile><User/></UserAuthenticationFile>", "p.xml", "line 1"),
        (BOMB, "p.xml", "line 1"),
        (b"x" * ((8 << 20) + 1), "p.csv", "longer than"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    tmp_path: Path, text: str | bytes, name: str, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        read(tmp_path, text, name)


def test_a_file_that_cannot_be_read_or_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        people_in(tmp_path / "none.csv", {})
    monkeypatch.setattr("accord.cli.client_import.MAX_ROWS", 1)
    with pytest.raises(UsageError, match="more than 1 rows"):
        read(tmp_path, "name,groups\na,Blue\nb,Blue\n")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    capsys.readouterr()
    return made


def test_everybody_is_entered_with_a_token_of_his_own(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = said(tmp_path, "name,groups\nkiwi-1,Rescue\nmoa-1,Rescue:out\n")
    assert main(["client", "import", str(directory), str(table), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in told] == ["kiwi-1", "moa-1"]
    assert len({each["token"] for each in told}) == 2
    for each in told:
        assert each["packages"] == [str(directory / "clients" / f"{each['name']}-trust.zip")]
        assert Path(each["packages"][0]).exists()
        assert each["token"] in each["scan"]
    main(["client", "list", str(directory), "--json"])
    listed = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert listed["moa-1"]["groups"] == {"Rescue": "out"}
    assert listed["kiwi-1"]["state"] == "is to enrol"
    people = said(tmp_path, "name,groups\nruru-1,Rescue\n", "more.csv")
    assert main(["client", "import", str(directory), str(people)]) == 0
    assert "ruru-1" in capsys.readouterr().out


def test_nobody_is_entered_where_one_cannot_be(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["client", "add", str(directory), "moa-1", "--group", "Blue", "--enrol"])
    before = sorted((directory / "clients").iterdir())
    table = said(tmp_path, "name,groups\nkiwi-1,Rescue\nMOA-1,Rescue\n")
    capsys.readouterr()
    assert main(["client", "import", str(directory), str(table)]) == 1
    assert "there is a client moa-1 already" in capsys.readouterr().err
    names = [each.principal.name for each in People(directory / PEOPLE).credentials()]
    assert "kiwi-1" not in names
    assert sorted((directory / "clients").iterdir()) == before
