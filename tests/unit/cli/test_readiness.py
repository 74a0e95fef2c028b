import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.desks.readiness.statement import Heard, Standing, Statement
from accord.node.readiness import register_of
from support.in_process import make_node
from support.plans import PLAN
from support.readiness import FIJI, NOW, SCHEMES

HEAD = "by,as_of,valid_until,confidence"
SAID = "HQ,2026-03-01,2026-03-20,C"
FILES = {
    "bases.csv": f"id,name,country,role,lat,lon,{HEAD}\nNZ-OHA,Ohakea,NZL,air,-40.2,175.4,{SAID}",
    "classes.csv": "id,name,domain,cruise_kt,roles,notice_h,by,as_of,confidence\n"
    'MPA,aircraft,air,440,"surveillance, sar",1/2/6,HQ,2026-01-01,A',
    "units.csv": f"id,partner,class,base,count,{HEAD}\nNZL-MPA,NZL,MPA,NZ-OHA,4,{SAID}",
    "availability.csv": f"id,unit,from,to,state,share,{HEAD}\n"
    f"A1,NZL-MPA,2026-01-01,2027-01-01,available,0.5,{SAID}",
    "levels.csv": f"id,unit,scheme,inputs,override_to,override_by,override_reason,{HEAD}\n"
    f'L1,NZL-MPA,US-AR220-1,"P 60, S 90, R 90, T 50",3,CO,crew cross-decked,{SAID}',
    "deployments.csv": f"id,unit,base,from,to,commitment,{HEAD}\n"
    f"D1,NZL-MPA,NZ-OHA,2026-03-01,2026-04-01,C1,{SAID}",
}
AT = ("--at", "2026-03-04T12:00:00Z")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("readiness")
    place = make_node(directory / "node", node="NZL-A", nation="NZL")
    for name, text in FILES.items():
        (directory / name).write_text(text)
        assert main(["readiness", "import", str(place), str(directory / name)]) == 0
    return place


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["readiness", *arguments]) == code
    out, err = capsys.readouterr()
    return out if code == 0 or out else err


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    return json.loads(said(capsys, *arguments, "--json", code=code))


def test_the_board_says_how_many_how_probable_how_old_and_what_is_invented(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "board", str(node), *AT).splitlines()
    assert lines[0].split() == ["CAPABILITY", "NOW", "24", "H", "72", "H", "10", "D", "OLDEST",
                                "INPUT"]  # fmt: skip
    assert "surveillance-air  -    4, P 0.94 0.69 0.31 0.06" in lines[1]
    assert lines[1].endswith("4 d old")
    assert "surveillance-air: offered: NZL" in lines
    assert "surveillance-air: INVENTED: NZL" in lines


def test_a_board_of_a_day_on_which_everything_is_old_says_stale_and_no_report(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "board", str(node), "--at", "2026-03-21").splitlines()
    assert "surveillance-air: no report: NZL" in lines
    assert "surveillance-air: STALE, not counted: NZL" in lines
    assert lines[1].split()[1:5] == ["-", "-", "-", "-"]


def test_the_board_for_machines(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = told(capsys, "board", str(node), *AT)
    assert board["own"] == "NZL"
    assert {row["capability"] for row in board["rows"]} == {"surveillance-air", "sar-air"}


def test_the_register_is_shown_with_its_levels(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "show", str(node), *AT)
    assert "units NZL-MPA: partner NZL, class MPA, base NZ-OHA, count 4 [INVENTED, 4 d" in text
    assert "classes MPA: name aircraft, domain air, cruise_kt 440" in text
    assert "AR 220-1: 3, worst of P 4, S 1, R 1, T 4, moved from 4 by CO: crew cross-decked" in text
    assert "(the openly published scheme; check the current edition" in text
    later = said(capsys, "show", str(node), "--at", "2026-03-20")
    assert "units NZL-MPA: partner NZL, class MPA, base NZ-OHA, count 4 [STALE, INVENTED" in later
    one = told(capsys, "show", str(node), "--sheet", "bases", *AT)
    assert len(one["sheets"]["bases"]) == 1
    assert one["sheets"]["units"] == []


def test_a_record_is_shown_with_its_history(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--at", "2026-03-20")
    lines = said(capsys, "show", str(node), "--sheet", "units", "--id", "NZL-MPA", *at).splitlines()
    assert len(lines) == 5
    assert "2026-03-20T00:00:00Z STALE  INVENTED" in lines[1]
    entries = told(capsys, "show", str(node), "--sheet", "units", "--id", "NZL-MPA")["entries"]
    assert {each["column"] for each in entries} == {"partner", "class", "base", "count"}
    nobody = said(capsys, "show", str(node), "--sheet", "units", "--id", "X")
    assert nobody == "nobody has said anything of that\n"
    assert "--sheet" in said(capsys, "show", str(node), "--id", "X", code=2)


def test_clashes_are_told_and_end_with_one(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "clashes", str(node)) == "no clashes\n"
    more = tmp_path / "deployments.csv"
    more.write_text(
        f"id,unit,base,from,to,count,commitment,{HEAD}\n"
        f"D1,NZL-MPA,NZ-OHA,2026-03-01,2026-04-01,4,C1,{SAID}\n"
        f"D2,NZL-MPA,NZ-OHA,2026-03-10,2026-04-01,1,C2,{SAID}\n"
    )
    base = tmp_path / "other"
    place = make_node(base, node="NZL-B", nation="NZL")
    for name, text in FILES.items():
        if name != "deployments.csv":
            (tmp_path / name).write_text(text)
    for name in FILES:
        assert main(["readiness", "import", str(place), str(tmp_path / name)]) == 0
    text = said(capsys, "clashes", str(place), code=1)
    assert text == ("NZL-MPA is wanted by two commitments, 2026-03-10 to 2026-04-01: D1 and D2\n")
    assert told(capsys, "clashes", str(place), code=1)["clashes"][0]["unit"] == "NZL-MPA"


@pytest.mark.parametrize("name", ["register.xlsx", "units.csv"])
def test_what_is_exported_is_imported_again(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    assert "wrote" in said(capsys, "export", str(node), str(file))
    assert told(capsys, "import", str(node), str(file))["values"] == 0


def test_a_plan_is_another_register(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bases.csv").write_text(FILES["bases.csv"])
    plan = ("--context", "plan:pacific")
    text = said(capsys, "import", str(node), str(tmp_path / "bases.csv"), *plan)
    assert text == "1 rows read, 5 values new in plan:pacific\n"
    assert told(capsys, "show", str(node), *plan)["sheets"]["units"] == []
    assert said(capsys, "board", str(node), *plan) == "nobody has said what can be had\n"
    empty = said(capsys, "show", str(node), "--context", "plan:other")
    assert empty.endswith("the register is empty\n")


def test_what_is_wrong_is_one_line_and_nothing_is_taken(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = told(capsys, "show", str(node), *AT)
    (tmp_path / "units.csv").write_text(f"id,partner,class,base,{HEAD}\nX,NZL,MPA,NOPE,{SAID}")
    err = said(capsys, "import", str(node), str(tmp_path / "units.csv"), code=1)
    assert err == (
        "accord: nothing was taken: sheet units, row 2, cell D2, base: NOPE is none of the bases\n"
    )
    assert told(capsys, "show", str(node), *AT) == before
    missing = said(capsys, "import", str(node), str(tmp_path / "none.csv"), code=2)
    assert "cannot read" in missing
    assert "give FILE.xlsx" in said(capsys, "export", str(node), str(tmp_path / "x.ods"), code=2)
    nowhere = str(tmp_path / "no" / "x.xlsx")
    assert "cannot write" in said(capsys, "export", str(node), nowhere, code=1)
    with pytest.raises(SystemExit) as ended:
        main(["readiness", "board", str(node), "--context", "nowhere"])
    assert ended.value.code == 2


def test_a_nation_has_schemes_of_its_own(tmp_path: Path) -> None:
    own = '[X]\nname="x"\nconfidence="C"\nsource="s"\nlevels=["a","b"]\nsays=["1","2"]\n'
    (tmp_path / "schemes.toml").write_text(
        own + 'override_steps=0\n[X.pillar.P]\nsays="p"\nsaid=true\n'
    )
    register = register_of(tmp_path)
    assert set(register._schemes) == {*SCHEMES, "X"}  # pyright: ignore[reportPrivateUsage]
    (tmp_path / "schemes.toml").write_bytes(b"\xff")
    with pytest.raises(Exception, match="cannot read"):
        register_of(tmp_path)


def test_a_level_whose_scheme_has_gone_says_so(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--at", "2026-03-04", "--known", "2027-01-01")
    own = node / "schemes.toml"
    own.write_text(
        '[US-AR220-1]\nname="x"\nconfidence="C"\nsource="s"\nlevels=["a","b"]\nsays=["1","2"]\n'
        'override_steps=0\n[US-AR220-1.pillar.Q]\nsays="q"\nsaid=true\n'
    )
    try:
        assert "US-AR220-1 has no pillar 'P'" in said(capsys, "show", str(node), *at)
    finally:
        own.unlink()


def test_a_scenario_becomes_a_plan_and_what_it_cannot_keep_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    assert "goes into a plan, such as --context plan:pacific" in said(
        capsys, "import", str(node), str(path), code=2
    )
    into = ("--context", "plan:small")
    lines = said(capsys, "import", str(node), str(path), *into).splitlines()
    assert lines[0].endswith(" values new in plan:small")
    assert "not as the scenario has it: groups: TWO" in lines
    board = said(capsys, "board", str(node), *into, "--at", "2026-03-04T12:00:00Z")
    assert "sar-sea" in board
    again = told(capsys, "import", str(node), str(path), *into)
    assert (again["values"], "groups: TWO" in again["left_out"]) == (0, True)
    path.write_text(PLAN.replace("conf: C", "conf: D"))
    assert "line " in said(capsys, "import", str(node), str(path), *into, code=1)


def test_an_area_can_be_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    path = tmp_path / "fiji.geojson"
    path.write_text(FIJI)
    drawing = ("area", str(node), "FIJI", "--geojson", str(path))
    assert "areas FIJI, name: is missing" in said(capsys, *drawing, code=1)
    named = ("--name", "Round Fiji", "--kind", "ops", "--published-km2", "2000000")
    who = ("--by", "ops room", "--as-of", "2026-03-01", "--confidence", "B")
    made = told(capsys, *drawing, *named, *who)
    assert (made["rows"], made["values"]) == (1, 4)
    shown = said(capsys, "show", str(node), "--sheet", "areas")
    assert "areas FIJI: name Round Fiji, kind ops, published_km2 2000000, cells 8" in shown
    path.write_text("{")
    assert "drawing: it is no JSON" in said(capsys, *drawing, code=1)
    wrong = said(capsys, *drawing, "--as-of", "soon", code=2)
    assert "'soon' is no time" in wrong
    path.unlink()
    assert "cannot read" in said(capsys, *drawing, code=2)


def test_what_partners_are_told_is_told_until_it_is_taken_back(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    air, place = "surveillance-air", str(node)
    assert said(capsys, "statements", place).splitlines() == [
        "told until it is taken back", "  nothing", "stated last", "  nothing",
    ]  # fmt: skip
    assert "nothing is declared that still holds" in said(
        capsys, "statement", place, air, "--group", "Blue", code=1
    )
    lines = said(
        capsys, "statement", place, air, "--group", "Blue", "--group", "Red", "--withhold",
        "--marking", "(U//REL TO USA)",
    ).splitlines()  # fmt: skip
    assert lines[0].startswith("surveillance-air: not released, until ")
    assert "every hour until --stop" in lines[1]
    (told_now,) = told(capsys, "statements", place)["told"]
    assert (told_now["capability"], told_now["groups"], told_now["withhold"]) == (
        air, ["Blue", "Red"], True,
    )  # fmt: skip
    shown = said(capsys, "statements", place).splitlines()
    assert shown[1].startswith(
        "  surveillance-air: that it is not told (U//REL TO USA), into Blue, Red, since "
    )
    assert "is stated no more" in said(capsys, "statement", place, air, "--stop")
    assert "is not told in live" in said(capsys, "statement", place, air, "--stop", code=1)
    again = told(capsys, "statement", place, air, "--group", "Blue", "--withhold")
    assert again["standing"] == "not released"
    said(capsys, "statement", place, air, "--stop")


def test_a_statement_wants_a_group_and_no_plan(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("statement", str(node), "sar-air")
    assert "give --group NAME" in said(capsys, *asked, code=2)
    assert "it is no fact" in said(capsys, *asked, "--group", "Blue", "--context", "plan:x", code=2)


def test_what_was_stated_is_shown_with_its_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    register = register_of(node)
    register.store.prepare()
    statement = Statement(
        capability="sar-air", standing=Standing.OFFERED, as_of=NOW, until=NOW + timedelta(days=2),
        numbers=(0, 1, 2, 2), each=0.5,
    )  # fmt: skip
    register.store.keep(Heard(node="USA-B", statement=statement, received=NOW))
    assert said(capsys, "statements", str(node)).splitlines()[-1] == (
        "  USA-B sar-air: offered: 0 in 1 h, 1 in 24 h, 2 in 72 h, 2 in 240 h, each with 0.5, "
        "until 2026-03-06T12:00:00Z"
    )
