import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.partner import Partner
from accord.federation.latch import Latch
from accord.release.frontmatter import spell_key
from accord.security import identity
from accord.security.invitation import fingerprint
from accord.storage.partners import Partners
from support.clock import START
from support.in_process import make_node
from support.partners import AUS, USA, partner_of

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def nzl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node with two partners, as if they had been compared."""
    made = make_node(tmp_path / "nzl")
    register = Partners(made / "federation" / "partners.sqlite")
    register.prepare()
    for partner in (partner_of(USA), partner_of(AUS, addresses=())):
        register.add(partner, SystemClock().now())
    capsys.readouterr()
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command and returns the exit code with what it printed on stdout or else stderr."""

    def command(*arguments: object) -> tuple[int, str]:
        code = main(["partner", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out or err

    return command


def trusted_in(directory: Path) -> Any:
    return Partners(directory / "federation" / "partners.sqlite").trusted()


def listed(run: Any, directory: Path) -> dict[str, Any]:
    code, out = run("list", directory, "--json")
    assert code == 0
    return {each["node"]: each for each in json.loads(out)}


def days_left(partner: Partner) -> int:
    ends = datetime(2035, 12, 31, 3, 4, 5, tzinfo=UTC)  # made at START, for 3650 days
    assert partner.authority
    return (ends - SystemClock().now()) // timedelta(days=1)


def test_the_list_says_who_until_when_and_where(nzl: Path, run: Any) -> None:
    days = days_left(partner_of(USA))
    ends = f"trusted; its authority ends in {days} days"
    said = f"AUS-X: {ends}; no address, it calls\nUSA-X: {ends}; node.example:9010\n"
    assert run("list", nzl) == (0, said)
    usa = listed(run, nzl)["USA-X"]
    assert usa == {
        "node": "USA-X",
        "nation": "USA",
        "trust_domain": "usa-x",
        "profile": "modern",
        "state": "trusted",
        "addresses": ["node.example:9010"],
        "authority_ends": "2035-12-31T03:04:05Z",
        "days": days,
        "refused_certificates": [],
        "link": None,
        "agreements": [],
    }


def test_a_node_without_partners_lists_none(tmp_path: Path, run: Any) -> None:
    node = make_node(tmp_path / "new")
    run("list", node)
    code, said = run("list", node)
    assert code == 0
    assert said.startswith("no partners yet: ")
    assert f"accord partner add {node} FILE" in said
    assert listed(run, node) == {}


def test_a_partner_is_shown_with_what_two_people_compared(nzl: Path, run: Any) -> None:
    usa = partner_of(USA)
    code, out = run("show", nzl, USA, "--json")
    said = json.loads(out)
    assert code == 0
    assert (said["party_key"], said["release_key"]) == (usa.party_key, usa.release_key)
    assert said["ledger_key"] == usa.ledger_key
    assert said["words"] == fingerprint(usa).words
    _, text = run("show", nzl, USA)
    assert f"words                 {fingerprint(usa).words}\n" in text
    assert f"digits                {fingerprint(usa).digits}\n" in text
    assert "made                  2026-01-02 03:04Z\n" in text
    assert "addresses             node.example:9010\n" in text


def test_the_node_itself_is_shown_as_others_have_it_to_read_it_out(
    nzl: Path, run: Any, tmp_path: Path
) -> None:
    assert "say --party-key" in run("show", nzl, "NZL-X")[1]
    key = spell_key(b"x" * 32)
    words = json.loads(run("invite", nzl, tmp_path / "x", "--party-key", key, "--json")[1])["words"]
    said = json.loads(run("show", nzl, "NZL-X", "--json")[1])
    assert (said["node"], said["words"], said["party_key"]) == ("NZL-X", words, key)
    ends = datetime.fromisoformat(said["certificate_ends"])
    assert timedelta(days=13) < ends - SystemClock().now() <= timedelta(days=14)


def test_a_partner_that_is_denied_stays_known_and_is_allowed_again(nzl: Path, run: Any) -> None:
    assert run("deny", nzl, USA) == (0, "refused from now on: USA-X\n")
    assert listed(run, nzl)["USA-X"]["state"] == "refused"
    assert listed(run, nzl)["AUS-X"]["state"] == "trusted"
    assert run("allow", nzl, USA) == (0, "refused no longer: USA-X\n")
    assert listed(run, nzl)["USA-X"]["state"] == "trusted"
    assert run("allow", nzl, USA) == (1, "accord: USA-X is not refused\n")


@pytest.mark.parametrize("serial", ["0abc", "0A:BC", "ABC"])
def test_one_certificate_is_denied_by_its_serial_number_as_tools_write_it(
    nzl: Path, run: Any, serial: str
) -> None:
    code, out = run("deny", nzl, USA, "--serial", serial)
    assert (code, out) == (0, "refused from now on: certificate ABC of USA-X\n")
    usa = listed(run, nzl)["USA-X"]
    assert (usa["state"], usa["refused_certificates"]) == ("trusted", ["ABC"])
    said = json.loads(run("allow", nzl, USA, "--serial", serial, "--json")[1])
    assert said == {"node": "USA-X", "state": "refused no longer", "serial": "ABC"}


def test_a_serial_number_that_is_none_is_wrong_use(nzl: Path, run: Any) -> None:
    code, said = run("deny", nzl, USA, "--serial", "xyz")
    assert (code, said) == (2, "accord: option --serial: 'xyz' is no hexadecimal number\n")


def test_who_is_removed_is_not_known_and_refused(nzl: Path, run: Any) -> None:
    assert run("remove", nzl, USA) == (0, "removed, and refused from now on: USA-X\n")
    assert set(listed(run, nzl)) == {"AUS-X"}
    assert trusted_in(nzl).denied(partner_of(USA).name)


@pytest.mark.parametrize("command", ["show", "deny", "allow", "remove"])
def test_who_is_no_partner_is_named(nzl: Path, run: Any, command: str) -> None:
    assert run(command, nzl, "GBR") == (2, "accord: there is no partner GBR\n")


@pytest.mark.parametrize("command", ["list", "show", "deny", "allow", "remove"])
def test_a_directory_without_a_node_is_wrong_use(tmp_path: Path, run: Any, command: str) -> None:
    names = () if command == "list" else (USA,)
    code, said = run(command, tmp_path, *names)
    assert code == 2
    assert "holds no accord.toml" in said
    assert not (tmp_path / identity.FEDERATION).exists()


def test_a_link_that_the_guard_stopped_runs_again_when_somebody_has_looked(
    nzl: Path, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    latch = Latch.of(nzl, USA)
    latch.close("not on the grid: P-1 (clause 2)", START)
    code, said = run("show", nzl, USA)
    assert (code, "not on the grid" in said) == (0, True)
    code, said = run("clear", nzl, USA)
    assert code == 2
    assert "nobody is here to ask; say --looked" in said
    assert "not on the grid" in said
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "no\n")
    assert run("clear", nzl, USA)[0] == 1
    assert latch.why()
    monkeypatch.setattr("sys.stdin.readline", lambda: "yes\n")
    assert run("clear", nzl, USA)[0] == 0
    assert latch.why() == ""
    capsys.readouterr()


def test_clearing_says_why_it_was_stopped_also_as_json(nzl: Path, run: Any) -> None:
    Latch.of(nzl, USA).close("not on the grid", START)
    code, said = run("clear", nzl, USA, "--looked", "--json")
    stopped = f"{START:%Y-%m-%dT%H:%M:%SZ} not on the grid"
    assert (code, json.loads(said)) == (
        0, {"node": USA, "state": "runs again", "stopped": stopped},
    )  # fmt: skip
    assert run("clear", nzl, USA) == (0, f"was not stopped: the link to {USA}\n")
    assert run("clear", nzl, "TON-C") == (2, "accord: there is no partner TON-C\n")
