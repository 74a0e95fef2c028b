import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.report import Source
from accord.feeds.cap import reader
from accord.node.directory import JOURNAL
from accord.wire.cap import xml
from support.in_process import make_node
from support.past import keep
from support.relief import LOLA, MEDEVAC, METHANE, TANKER, WATER


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_node(tmp_path_factory.mktemp("relief") / "node", node="NZL-A", nation="NZL")


@pytest.fixture
def node(place: Path, tmp_path: Path) -> Path:
    """A node of one's own: a copy, since making one takes a while."""
    return Path(shutil.copytree(place, tmp_path / "node"))


def given(fields: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in fields.items()]


class Relief:
    """Runs `accord relief` at a node."""

    def __init__(self, node: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._node = node
        self._capsys = capsys

    def said(self, command: str, *arguments: object, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main(["relief", command, str(self._node), *map(str, arguments)]) == code
        out, err = self._capsys.readouterr()
        return out if code == 0 else err

    def told(self, command: str, *arguments: object) -> Any:
        return json.loads(self.said(command, *arguments, "--json"))

    def opened(self, *more: str) -> str:
        return self.told("open", *given(LOLA), *more)["id"]

    def added(self, sort: str, fields: dict[str, str]) -> Any:
        return self.told(sort, "last", *given(fields))


@pytest.fixture
def run(node: Path, capsys: pytest.CaptureFixture[str]) -> Relief:
    return Relief(node, capsys)


def test_an_incident_is_opened_listed_and_shown(run: Relief) -> None:
    assert run.said("list") == "no incidents\n"
    assert "there is no open incident" in run.said("show", "last", code=1)
    text = run.said("open", *given(LOLA), "--note", "a call")
    assert text.startswith("opened NZL-A-R")
    (listed,) = run.told("list")
    assert listed["fields"]["title"] == "Cyclone Lola"
    assert "open  Cyclone Lola" in run.said("list")
    shown = run.said("show", "last")
    assert "16°10.00'S 167°30.00'E" in shown
    assert "note  text a call" in shown
    assert run.told("show", listed["id"])["id"] == listed["id"]
    run.said("set", "last", "incident", "status=closed")
    assert "there is no open incident" in run.said("note", "last", "x", code=1)


def test_needs_and_offers_are_matched_and_what_is_left_is_said(run: Relief) -> None:
    run.opened()
    assert "500 left" in run.said("need", "last", *given(WATER))
    assert run.added("offer", TANKER)["entered"] == ["NZL-A-F1"]
    assert "quantity         300" in run.said("match", "last", "n1", "f1")
    assert "300 matched, 200 left" in run.said("show", "last")
    assert "nothing is left" in run.said("match", "last", "n1", "f1", "--quantity", "1", code=1)
    assert "400" in run.said("set", "last", "n1", "quantity=400")
    assert "there is no record x1" in run.said("set", "last", "x1", "quantity=400", code=1)


def test_persons_are_accounted_for_and_names_are_shown_only_when_asked_for(run: Relief) -> None:
    run.opened()
    run.said("account", "last", "what=MV Kea", "aboard=12", "unhurt=8", "dead=1")
    run.said("account", "last", "what=village", "unhurt=40")
    run.said("person", "last", "name=Jean Tari", "state=missing", "account=c1")
    shown = run.said("show", "last")
    assert "9 accounted for, 3 missing" in shown
    assert "persons: 12 aboard, 48 unhurt, 0 injured, 1 dead, 3 missing; of 1 accounts" in shown
    assert "Jean" not in shown
    assert "Jean" not in json.dumps(run.told("show", "last"))
    assert "Jean Tari" in run.said("show", "last", "--names")
    run.said("account", "last", "what=boat", "aboard=1", "unhurt=1")
    run.said("person", "last", "name=A B", "state=dead", "account=c3")
    assert "look at: account NZL-A-C3 says 0 dead, and 1 persons" in run.said("show", "last")
    assert "OWN" in run.said("note", "last", "for us", "--own")


def test_forms_are_typed_and_read_out(run: Relief) -> None:
    run.opened()
    run.said("methane", "last", *given(METHANE))
    run.said("medevac", "last", *given(MEDEVAC))
    assert "M, major incident: declared" in run.said("speak", "last", "t1")
    assert "Line 7, marking: C, smoke" in run.told("speak", "last", "e1")["text"]
    assert "line 5 has 4" in run.said("set", "last", "e1", "litter=2", code=1)


def test_sheets_go_out_and_come_in(run: Relief, tmp_path: Path) -> None:
    run.opened()
    run.said("activity", "last", "org=VRC", "what=water", "where=Norsup", "contact=Jean Tari")
    file = tmp_path / "4w.csv"
    assert "1 of activity" in run.said("export", "last", "--to", file)
    assert "#activity" in file.read_text()
    assert "Jean" not in file.read_text()
    run.told("export", "last", "--to", file, "--names")
    assert "Jean Tari" in file.read_text()
    book = tmp_path / "all.XLSX"
    assert "1 of activity, 0 of need" in run.said("export", "last", "--to", book)
    assert run.told("export", "last", "--to", book)["records"] == 1
    assert run.told("import", "last", book)["same"] == 1
    needs = tmp_path / "needs.csv"
    needs.write_text("What,Where,Donor\nwater,Norsup,x\n")
    assert "took 1 of need" in run.said("import", "last", needs, "--what", "need")
    assert "not read: column C (Donor)" in run.said("import", "last", needs, "--what", "need")
    assert run.told("import", "last", needs, "--what", "need")["same"] == 1
    needs.write_text("what,where\nwater,\n")
    assert "row 2, column B (where)" in run.said("import", "last", needs, "--what", "need", code=1)
    assert "cannot read" in run.said("import", "last", tmp_path / "none", code=2)
    assert "cannot write" in run.said("export", "last", "--to", tmp_path, code=2)


def test_alerts_are_issued_listed_and_written_as_cap_and_open_incidents(
    run: Relief, tmp_path: Path
) -> None:
    run.opened()
    assert run.said("alerts") == "no alerts\n"
    made = run.told("alert", "last", "severity=Severe", "--group", "Blue")
    update = ("alert", "last", "--group", "Blue", "--update", made["identifier"])
    assert "Update" in run.said(*update)
    assert "followed by" in run.said("alerts")
    assert len(run.told("alerts")) == 2
    file = tmp_path / "alert.xml"
    run.said("cap", made["identifier"], "--to", file)
    assert xml.read(file.read_bytes()).severity == "Severe"
    assert "<severity>Severe" in run.said("cap", made["identifier"])
    assert "<severity>Severe" in run.told("cap", made["identifier"])["text"]
    assert "there is no alert x" in run.said("cap", "x", code=1)
    opened = run.told("open", "title=from the alert", "--cap", file)
    assert opened["fields"]["hazard"] == "tropical cyclone"
    drill = ("open", "--cap", file, "--context", "exercise:A")
    assert "open it live" in run.said(*drill, code=1)
    file.write_text("<alert/>")
    assert "no alert of CAP" in run.said("open", "--cap", file, code=1)


def test_an_incident_is_shared_and_no_longer(run: Relief) -> None:
    run.opened()
    assert run.told("share", "last", "--group", "Blue", "--marking", "(U//REL TO USA)")["shared"]
    assert "shared with partners" in run.said("show", "last")
    assert "  shared  " in run.said("list")
    assert not run.told("share", "last", "--stop")["shared"]
    assert "into which group" in run.said("share", "last", code=2)


@pytest.mark.parametrize(
    ("fields", "says"), [(["what"], "no NAME=VALUE"), (["a=1", "a=2"], "a is given twice")]
)
def test_what_is_typed_wrong_is_said(run: Relief, fields: list[str], says: str) -> None:
    assert says in run.said("open", *fields, code=2)


def test_the_fields_of_every_record_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relief", "fields"]) == 0
    out = capsys.readouterr().out
    assert "contact          names somebody: stays here; #contact" in out
    assert "priority         one of critical, high, medium, low" in out
    assert main(["relief", "fields", "--json"]) == 0
    assert "medevac" in json.loads(capsys.readouterr().out)


CAP = Path(__file__).parents[2] / "golden" / "gdacs" / "invented-cap.xml"


def test_an_incident_is_opened_from_a_hazard_by_its_name(run: Relief, node: Path) -> None:
    lacking = run.said("open", "--from-alert", "TC9000001", code=1)
    assert "no feed of GDACS or CAP is set up" in lacking
    with (node / "accord.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            '\n[feed.warnings]\nformat = "cap"\ntransport = "http"\n'
            'address = "http://127.0.0.1:9/gdacs_cap.xml"\ngroups = ["Blue"]\nevery = 600\n'
        )
    (node / JOURNAL).unlink(missing_ok=True)
    source = Source(node="NZL-A", channel="feed:warnings", speaker="warnings")
    made = reader(source=source, groups=frozenset({"Blue"}))
    keep(node, made.read(CAP.read_bytes(), received=SystemClock().now(), tick=0.0))
    opened = run.told("open", "title=EXAMPLE", "--from-alert", "tc9000001")
    assert (opened["fields"]["event"], opened["fields"]["title"]) == ("TC9000001", "EXAMPLE")
    assert opened["fields"]["outline"].count("\n") == 1
    drill = run.said(
        "open", "--from-alert", "TC9000001", "--context", "exercise:PACIFIC 26", code=1
    )
    assert "the hazard is in live: open it there" in drill
