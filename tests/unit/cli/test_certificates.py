import json
from datetime import timedelta
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.principal import Principal
from accord.storage.people import People
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made, now = make_node(tmp_path / "nzl"), SystemClock().now()
    people = People(made / "people.sqlite")
    people.add(Principal(name="kea"), now)
    people.add_certificate("kea", "c" * 64, issued=now, ends=now + timedelta(days=6))
    capsys.readouterr()
    return made


def test_what_ends_first_stands_first_with_what_to_do(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificates", str(directory)]) == 0
    head, first, *rest = capsys.readouterr().out.splitlines()
    assert head.split() == ["CERTIFICATE", "ENDS", "IN", "WARNING", "WHAT", "TO", "DO"]
    assert first.startswith("kea")
    assert "7 days" in first
    assert first.endswith("accord client token DIR kea: it enrols again, and keeps all it has")
    assert {line.split()[0] for line in rest} == {
        "administrator", "authority/ca.pem", "server/server.pem", "federation/authority.pem",
    }  # fmt: skip


def test_only_what_ends_soon_where_that_is_asked_for(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificates", str(directory), "--warned", "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["of"], said["fingerprint"], said["warning"]) == ("kea", "c" * 64, "7 days")
    assert said.keys() == {"of", "fingerprint", "issued", "ends", "warning", "remedy"}
