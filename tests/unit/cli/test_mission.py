"""A mission of an archive comes into a node that does not run, whole or not at all."""

import asyncio
import json
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.node.directory import held
from accord.storage.files import FILES
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import TAK, TakFile
from support.in_process import make_node
from support.marti import marti
from unit.tak.marti.test_mission_import import BAY, PDF, package

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A node with a client kiwi, who speaks in Blue and only hears Red."""
    made = make_node(tmp_path / "nzl")
    main(["client", "add", str(made), "kiwi", "--group", "Blue", "--group", "Red:out", "--enrol"])
    capsys.readouterr()
    return made


def take(directory: Path, data: bytes, *more: str, owner: str = "kiwi") -> int:
    file = directory.parent / "Old bay.zip"
    file.write_bytes(data)
    return main(["mission", "import", str(directory), str(file), "--owner", owner, *more])


def names(directory: Path) -> list[str]:
    file = TakFile(directory / TAK)
    file.prepare()
    return [each.name for each in MissionStore(file, MissionSettings()).all()]


def test_a_mission_comes_in_with_its_files_and_layers_and_its_owner_has_it(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(directory, package(), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    guid = told.pop("guid")
    assert told == {"name": "Old", "groups": ["Blue"], "things": 1, "files": 1, "layers": 3}

    async def look() -> None:
        async with marti(directory) as api:  # as the node that runs next has it
            (found,) = (await api.get("moa", f"/Marti/api/missions/guid/{guid}"))["data"]
            assert (found["name"], found["keywords"]) == ("Old", ["sea"])
            assert [each["data"] for each in found["uids"]] == ["BUOY"]
            role = await api.get("kiwi", "/Marti/api/missions/Old/role")
            assert role["data"]["type"] == "MISSION_OWNER"
            sha256 = found["contents"][0]["data"]["hash"]
            content = await api.ask("moa", "GET", f"/Marti/sync/content?hash={sha256}")
            assert content.content == PDF

    asyncio.run(look())


def test_it_is_called_as_it_is_said_or_for_its_file(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(directory, package(None)) == 0
    assert "made Old bay: 1 things, 1 files, 0 layers" in capsys.readouterr().out
    assert take(directory, package(None), "--name", "Second", "--group", "Blue") == 0
    assert sorted(names(directory)) == ["Old bay", "Second"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--group", "Red"), "kiwi does not speak in Red"),
        (("--group", "None"), "kiwi does not speak in None"),
        (("--name", "a/b"), "give another with --name"),
        (("--name", "guid"), "there is a path of that name"),
    ],
)
def test_what_cannot_be_is_wrong_use_and_nothing_is_kept(
    directory: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], why: str
) -> None:
    assert take(directory, package(), *more) == 2
    assert why in capsys.readouterr().err
    assert names(directory) == []
    assert not [each for each in (directory / FILES).glob("*/*") if each.is_file()]


def test_nobody_owns_a_mission_who_is_no_client_and_a_name_is_taken_once(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(directory, package(), owner="moa") == 2
    assert "there is no client moa" in capsys.readouterr().err
    assert main(["mission", "import", str(directory), "none.zip", "--owner", "kiwi"]) == 2
    assert take(directory, package()) == 0
    assert take(directory, package(), "--name", "OLD") == 2
    assert "there is a mission OLD already" in capsys.readouterr().err


def test_an_archive_that_lies_is_refused_and_a_node_that_runs_is_left_alone(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(directory, b"no zip") == 1
    assert take(directory, package({"layers": [{**BAY, "items": ["NONE"]}]})) == 1
    assert "'NONE'" in capsys.readouterr().err
    assert names(directory) == []
    with held(directory):
        assert take(directory, package()) == 1
    assert "stop that one first" in capsys.readouterr().err
