import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.cli.partner_tak import MAX_GROUPS
from accord.core.clock import SystemClock
from accord.core.tak_partner import TakVersion
from accord.federation.latch import Latch
from accord.storage.partners import PARTNERS
from accord.storage.tak_partners import KnownTak, TakPartners
from support.in_process import make_node
from support.tls import TestAuthority

pytestmark = pytest.mark.usefixtures("quick_keys")
FINGERPRINT = "AB:" * 31 + "AB"


@pytest.fixture
def usa(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "usa", node="USA-PAC", nation="USA")
    capsys.readouterr()
    return made


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    return TestAuthority(tmp_path / "tak").ca


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*arguments: object) -> tuple[int, str]:
        code = main(["partner", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out or err

    return command


def known(directory: Path) -> KnownTak:
    return TakPartners(directory / PARTNERS).known()


def usual(directory: Path, ca: Path, *more: object) -> tuple[object, ...]:
    name = ("--name", "AUS-TAK", "--ca", ca)
    return ("add-tak", directory, *name, "--fingerprint", FINGERPRINT, *more)


def test_a_server_is_pinned_with_all_that_was_said(usa: Path, ca: Path, run: Any) -> None:
    code, out = run(
        *usual(
            usa, ca, "--dial", "tak.example:9001", "--group", "Sea", "--group", "Air", "--map",
            "Maritime=Ships", "--max-hops", "3",
        )
    )  # fmt: skip
    assert code == 0
    assert "added: AUS-TAK, a TAK server, which is called at tak.example:9001, protocol 2" in out
    assert "federation/authority.pem" in out
    (server,) = known(usa).partners
    assert server.fingerprint == "ab" * 32
    assert (server.version, server.max_hops) == (TakVersion.V2, 3)
    assert (server.groups, server.mapping) == (("Sea", "Air"), (("Maritime", "Ships"),))


def test_without_groups_it_speaks_into_those_of_all_partners(usa: Path, ca: Path, run: Any) -> None:
    assert run(*usual(usa, ca, "--listen", "0.0.0.0:9000", "--protocol", "1"))[0] == 0
    (server,) = known(usa).partners
    assert (server.groups, server.version) == (("Everyone",), TakVersion.V1)
    assert run(*usual(usa, ca, "--listen", "0.0.0.0:9000", "--map", "A=B"))[0] == 0
    assert known(usa).partners[0].groups == ()


def test_whoever_pins_no_certificate_is_told_what_that_means(usa: Path, ca: Path, run: Any) -> None:
    more = ("--any-certificate", "--dial", "tak.example:9001")
    code, out = run("add-tak", usa, "--name", "AUS-TAK", "--ca", ca, *more)
    assert code == 0
    assert "Whoever has a certificate of that authority can speak as it" in out


def test_a_server_is_listed_shown_refused_and_forgotten(usa: Path, ca: Path, run: Any) -> None:
    run(*usual(usa, ca, "--dial", "tak.example:9001"))
    assert "AUS-TAK: trusted; TAK server, protocol 2; called at tak.example:9001" in run(
        "list", usa
    )[1]  # fmt: skip
    (told,) = json.loads(run("list", usa, "--json")[1])
    assert (told["kind"], told["state"], told["dial"]) == ("tak", "trusted", "tak.example:9001")
    assert "authorities sha256" in run("show", usa, "AUS-TAK")[1]
    assert run("deny", usa, "AUS-TAK")[0] == 0
    assert "AUS-TAK: refused" in run("list", usa)[1]
    assert run("allow", usa, "AUS-TAK")[0] == 0
    assert known(usa).denied == frozenset()
    code, out = run("deny", usa, "AUS-TAK", "--serial", "AB")
    assert code == 2
    assert "pin its certificate instead" in out
    assert run("remove", usa, "AUS-TAK")[0] == 0
    assert run("show", usa, "AUS-TAK")[0] == 2


def test_a_link_to_a_server_that_was_stopped_runs_again(usa: Path, ca: Path, run: Any) -> None:
    run(*usual(usa, ca, "--dial", "tak.example:9001"))
    Latch.of(usa, "AUS-TAK").close("it is not marked for the partner", SystemClock().now())
    assert "not marked" in json.loads(run("show", usa, "AUS-TAK", "--json")[1])["stopped"]
    code, out = run("clear", usa, "AUS-TAK", "--looked", "--json")
    assert (code, json.loads(out)["state"]) == (0, "runs again")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--dial", "nowhere"), "option --dial"),
        (("--listen", "127.0.0.1"), "option --listen"),
        (("--dial", "tak.example:9001", "--max-hops", "1"), "option --max-hops: 1 hops: give 2"),
        (("--dial", "tak.example:9001", "--map", "Sea"), "option --map: 'Sea': give THERE=HERE"),
        (("--dial", "tak.example:9001", "--map", "=Sea"), "give THERE=HERE"),
        (
            ("--dial", "tak.example:9001", *["--group", "x"] * (MAX_GROUPS + 1)),
            "option --group: give at most 64",
        ),
        (("--dial", "tak.example:9001", "--name", "Australia"), "option --name"),
        (("--dial", "tak.example:9001", "--name", "USA-PAC"), "this node itself"),
        (("--dial", "tak.example:9001", "--fingerprint", "AB"), "option --fingerprint"),
        (("--dial", "tak.example:9001", "--ca", "/nowhere.pem"), "cannot read /nowhere.pem"),
    ],
)
def test_what_cannot_be_is_wrong_use_and_says_which_option(
    usa: Path, ca: Path, run: Any, more: tuple[str, ...], why: str
) -> None:
    code, out = run(*usual(usa, ca, *more))
    assert code == 2
    assert why in out
    assert known(usa).partners == ()


def test_a_file_without_a_certificate_is_named(usa: Path, tmp_path: Path, run: Any) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing", "ascii")
    code, out = run(*usual(usa, empty, "--dial", "tak.example:9001"))
    assert code == 2
    assert "option --ca" in out
    assert "no PEM certificate" in out


def test_what_is_added_is_told_as_json(usa: Path, ca: Path, run: Any) -> None:
    told = json.loads(run(*usual(usa, ca, "--dial", "tak.example:9001", "--json"))[1])
    assert (told["state"], told["node"], told["protocol"]) == ("added", "AUS-TAK", 2)
