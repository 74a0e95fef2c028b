import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.context import Context
from accord.desks.watch.alert import Act, Condition, Kind, Priority, about, raised
from accord.desks.watch.store import WATCH, WatchStore
from accord.wire.cap import xml
from support.in_process import make_node

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = make_node(tmp_path_factory.mktemp("watch") / "node", node="NZL-A", nation="NZL")
    store = WatchStore(place / WATCH)
    store.prepare()
    conditions = (
        Condition(
            key="e", kind=Kind.EMERGENCY, priority=Priority.CAUTION, text="KIWI: 911 Alert",
            uid="KIWI", context=Context.exercise("TASMAN 26"),
        ),
        Condition(key="l", kind=Kind.LINK, priority=Priority.CAUTION, text="USA is down"),
    )  # fmt: skip
    alerts = [raised(n, each, NOW) for n, each in enumerate(conditions, 1)]
    store.keep([about(each, Act.RAISED, NOW) for each in alerts])
    return place


def said(capsys: pytest.CaptureFixture[str], node: Path, *arguments: object, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["watch", "alerts", str(node), *map(str, arguments)]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def test_the_open_alerts_are_listed(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, node).splitlines()
    assert lines[0] == "1  caution  unacknowledged  KIWI: 911 Alert"
    assert len(json.loads(said(capsys, node, "--json"))) == 2


def test_one_of_an_exercise_is_written_as_cap_with_that_status(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "alert.xml"
    assert said(capsys, node, "--cap", 1, "--to", file) == ""
    cap = xml.read(file.read_bytes())
    assert (cap.status, cap.headline) == ("Exercise", "EXERCISE KIWI: 911 Alert")
    assert cap.areas == ()  # the journal knows no place of it
    assert xml.read(said(capsys, node, "--cap", 1).encode()) == cap


def test_what_is_not_sent_or_not_there_is_refused(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "about the node itself" in said(capsys, node, "--cap", 2, code=1)
    assert "there are: 1, 2" in said(capsys, node, "--cap", 9, code=1)
    assert "cannot write" in said(capsys, node, "--cap", 1, "--to", tmp_path / "no" / "x", code=1)


def test_a_node_without_alerts_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], node: Path
) -> None:
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / "accord.toml").write_bytes((node / "accord.toml").read_bytes())
    assert said(capsys, tmp_path / "n") == "no open alerts\n"
    assert "none" in said(capsys, tmp_path / "n", "--cap", 1, code=1)
