"""People who enrol: all of them are entered with a token and a package, or nothing is left."""

from pathlib import Path

import pytest

from accord.cli import client_enrol
from accord.cli.client_enrol import authority_of, enrol
from accord.cli.desk import Desk
from accord.core.errors import AccordError, UsageError
from accord.core.principal import Direction, Principal
from accord.tak.packages import Server
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")

SERVER = Server(description="TEST", host="192.0.2.7")
KIWI = Principal(name="kiwi-1", groups={"Blue": Direction.BOTH})
MOA = Principal(name="moa-1", groups={"Blue": Direction.BOTH})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.at(make_node(tmp_path / "nzl"))


def names(desk: Desk) -> list[str]:
    return sorted(path.name for path in (desk.directory / "clients").glob("*-trust.zip"))


def test_each_has_a_token_and_a_package_of_his_own(desk: Desk) -> None:
    kiwi, moa = enrol(desk, [KIWI, MOA], SERVER)
    assert (kiwi.name, moa.name, kiwi.token != moa.token) == ("kiwi-1", "moa-1", True)
    assert [path.name for path in kiwi.packages] == ["kiwi-1-trust.zip"]
    assert kiwi.token in kiwi.scan
    assert names(desk) == ["kiwi-1-trust.zip", "moa-1-trust.zip"]


def test_no_package_is_left_of_people_who_are_not_entered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = client_enrol.write_package

    def full(directory: Path, name: str, data: bytes) -> Path:
        if name.startswith("moa"):
            raise AccordError("the disk is full")
        return written(directory, name, data)

    monkeypatch.setattr(client_enrol, "write_package", full)
    with pytest.raises(AccordError, match="full"):
        enrol(desk, [KIWI, MOA], SERVER)
    assert names(desk) == []
    monkeypatch.setattr(client_enrol, "write_package", written)
    assert len(enrol(desk, [KIWI, MOA], SERVER)) == 2  # both names are free


def test_without_the_key_of_the_authority_nothing_is_issued(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="where the authority's key is"):
        authority_of(tmp_path)
