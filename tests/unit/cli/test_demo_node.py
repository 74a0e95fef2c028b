import json
import sys
import tomllib
from pathlib import Path

import pytest

from accord.cli import demo_node
from accord.cli.demo_cast import NZL
from accord.cli.demo_page import page_of
from accord.core.errors import AccordError
from accord.core.user import UserRole
from accord.storage.users import Users
from support.keys import quick_keys as quick_keys


def fake(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let `code` stand for accord; its arguments are in sys.argv[1:]."""
    monkeypatch.setattr(demo_node, "ACCORD", (sys.executable, "-c", f"import sys, time\n{code}"))


@pytest.mark.usefixtures("quick_keys")
def test_a_node_is_made_with_its_feeds_its_marks_and_its_clients(tmp_path: Path) -> None:
    directory = tmp_path / "NZL"
    demo_node.prepare(directory, NZL, tmp_path / "recordings")
    settings = tomllib.loads((directory / "accord.toml").read_text("utf-8"))
    assert {feed["exercise"] for feed in settings["feed"].values()} == {"DEMO"}
    assert {name: feed["marking"] for name, feed in settings["feed"].items()} == {
        "ais-tasman": "(U//REL TO AUS, USA)",
        "ais-australia": "(R//REL TO FJI)",
    }
    assert settings["group"]["Watch"]["marking"] == NZL.marking
    assert settings["federation"]["groups"] == ["Watch"]
    for name in NZL.clients:
        assert demo_node.package_of(directory, name).is_file()
    assert "(sign in as watch, " in page_of(directory, "127.0.0.1:8443")
    accounts = Users(directory / "people.sqlite").roll().accounts
    assert {name: each.user.role for name, each in accounts.items()} == {
        "watch": UserRole.WATCH,
        "chief": UserRole.ADMINISTRATOR,
    }


def test_a_command_that_fails_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(AccordError, match="accord init failed: "):
        demo_node.printed("init", tmp_path, "--node", "NZL", "--nation", "NZL")


def test_an_answer_of_no_is_a_failure_unless_it_was_asked_for(tmp_path: Path) -> None:
    document = Path(__file__).parents[3] / "examples" / "demonstration" / "nzl-usa.md"
    code, said = demo_node.accord_command("agreement", "verify", document, "--json")
    assert (code, json.loads(said)["ok"]) == (1, False)
    with pytest.raises(AccordError, match="accord agreement failed: "):
        demo_node.printed("agreement", "verify", document)


async def test_the_node_says_where_it_listens_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        monkeypatch,
        "print('ready cot-tls=[::1]:40001 api=127.0.0.1:40002', flush=True); time.sleep(60)",
    )
    async with demo_node.running_node(tmp_path / "NZL") as node:
        assert node.address("cot-tls") == ("::1", 40001)
        assert node.addresses["api"] == "127.0.0.1:40002"
        assert node.process.returncode is None
    assert node.process.returncode is not None


async def test_a_node_that_ignores_being_told_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(
        monkeypatch,
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(60)",
    )
    monkeypatch.setattr(demo_node, "END_WITHIN", 0.05)
    async with demo_node.running_node(tmp_path / "NZL") as node:
        pass
    assert node.process.returncode == -9


async def test_a_node_that_does_not_start_is_said_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "print('port in use\\n', file=sys.stderr)")
    with pytest.raises(AccordError, match="did not start: port in use"):
        async with demo_node.running_node(tmp_path / "NZL"):
            pytest.fail("it is not running")


async def test_a_node_that_is_never_ready_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(demo_node, "READY_WITHIN", 0.05)
    with pytest.raises(AccordError, match="was not ready"):
        async with demo_node.running_node(tmp_path / "NZL"):
            pytest.fail("it is not running")


async def test_a_partner_can_dial_a_node_only_where_it_is_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch, "print('ready at=' + sys.argv[-1], flush=True); time.sleep(60)")
    async with demo_node.running_node(tmp_path / "NZL", is_dialled=True) as node:
        assert node.addresses == {"at": "127.0.0.1:0"}
    async with demo_node.running_node(tmp_path / "USA") as node:
        assert node.addresses == {"at": "off"}


def test_a_log_without_a_line_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n\n", "utf-8")
    assert demo_node.last_line(tmp_path / "log") == "its log is empty"
