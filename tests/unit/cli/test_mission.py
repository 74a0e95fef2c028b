"""A mission of an archive comes into a node that does not run, whole or not at all."""

import asyncio
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.data_feed import data_feed_uid
from accord.core.mission import LogEntry, Mission, MissionRole
from accord.node.directory import held
from accord.security.password import is_right
from accord.storage.files import FILES
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import TAK, TakFile
from support.elsewhere import PLAN, opentakserver_folder, tak_server_archive
from support.in_process import make_node
from support.marti import marti
from unit.tak.marti.test_mission_import import BAY, PDF, SAID, package
from unit.tak.marti.test_mission_package import package as packed

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
    assert told == {
        "name": "Old", "groups": ["Blue"], "things": 1, "files": 1, "layers": 3, "entries": 0,
        "feeds": 0, "left_out": [],
    }  # fmt: skip

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


def test_it_is_about_the_data_feeds_of_this_node_that_its_owner_hears(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (directory / "accord.toml").open("a") as settings:
        for name, group in (("harbour", "Blue"), ("red", "Red"), ("green", "Green")):
            settings.write(
                f'\n[feed.{name}]\nformat = "ais"\ntransport = "tcp"\n'
                f'address = "192.0.2.1:10110"\ngroups = ["{group}"]\n'
            )
    uids = [data_feed_uid("NZL-X", each) for each in ("harbour", "red", "green", "none")]
    said = {**SAID, "feeds": [{"dataFeedUid": each} for each in uids]}
    assert take(directory, package(said)) == 0
    out = capsys.readouterr().out
    assert "about 2 of 4 data feeds: those of this node that its owner hears" in out
    assert f"left out: the data feed '{uids[3]}'" in out
    assert take(directory, package(said), "--name", "Second", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["feeds"] == 2
    assert told["left_out"] == [
        f"the data feed {each!r}: none of this node's that its owner hears" for each in uids[2:]
    ]


def test_it_is_called_as_it_is_said_or_for_its_file(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(directory, package(None)) == 0
    assert (
        "made Old bay: 1 things, 1 files, 0 layers, 0 entries of its log" in capsys.readouterr().out
    )
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
    damaged = bytearray(packed({"a.bin": bytes(range(256)) * 40}))
    damaged[damaged.index(b"a.bin") + 5] = 0xFF  # of its deflate stream: no such block
    assert take(directory, bytes(damaged)) == 1
    assert "the zip cannot be read" in capsys.readouterr().err
    assert take(directory, package({"layers": [{**BAY, "items": ["NONE"]}]})) == 1
    assert "'NONE'" in capsys.readouterr().err
    assert names(directory) == []
    with held(directory):
        assert take(directory, package()) == 1
    assert "stop that one first" in capsys.readouterr().err


def of(directory: Path, name: str) -> Mission:
    file = TakFile(directory / TAK)
    file.prepare()
    (found,) = [e for e in MissionStore(file, MissionSettings()).all() if e.name == name]
    return found


def log_of(directory: Path, mission: Mission) -> list[LogEntry]:
    file = TakFile(directory / TAK)
    file.prepare()
    ever = [datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2100)]
    return MissionStore(file, MissionSettings()).log(mission.guid, *ever)


def fetched(directory: Path, *more: str, **said: object) -> int:
    folder = opentakserver_folder(directory.parent / "fetched", **said)  # type: ignore[arg-type]
    return main(["mission", "import", str(directory), str(folder), "--owner", "kiwi", *more])


def test_what_was_fetched_of_opentakserver_is_a_mission_with_its_log(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(directory) == 0
    assert capsys.readouterr().out == (
        "made Harbour watch: 1 things, 2 files, 0 layers, 2 entries of its log\n"
        "seen by Blue; kiwi owns it\n"  # not Fire, which he is not in
    )
    made = of(directory, "Harbour watch")
    assert (made.keywords, made.default_role) == (("sea", "2026"), MissionRole.READ_ONLY)

    async def look() -> None:
        async with marti(directory) as api:
            (found,) = (await api.get("kiwi", "/Marti/api/missions/Harbour watch"))["data"]
            assert found["uids"][0]["details"]["location"]["lat"] == -36.90  # the newest

    asyncio.run(look())
    first, second = log_of(directory, made)
    assert (first.content, first.creator_uid) == ("Buoy 4 has moved", "ANDROID-kiwi1")
    assert (second.content, second.keywords) == ("Relieved at 18", ("watch",))
    assert (first.author, first.happened) == ("kiwi", "2026-05-01T10:00:00.0000Z")


def test_what_was_not_fetched_is_left_out_only_when_that_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uids = [f"itak-{number}" for number in range(11)]
    assert fetched(directory, files=(PLAN,), uids=uids) == 2
    said = capsys.readouterr().err
    assert "12 things of the mission are not in the folder: the CoT of 'itak-0', " in said
    assert "--leave-out" in said
    assert names(directory) == []
    folder = str(directory.parent / "fetched")
    again = ["mission", "import", str(directory), folder, "--owner", "kiwi", "--leave-out"]
    assert main(again) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "made Harbour watch: 0 things, 1 files, 0 layers, 2 entries of its log"
    assert told[1] == "left out: the CoT of 'itak-0'"
    assert told[11] == "left out: 2 more; --json names them all"
    assert main([*again, "--name", "Second", "--json"]) == 0
    assert "the file 'photo.jpg'" in json.loads(capsys.readouterr().out)["left_out"]


def test_a_log_that_cannot_be_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = opentakserver_folder(directory.parent / "fetched")
    (folder / "log.json").write_text('{"data":[{"content":"x","dtg":"yesterday"}]}')
    assert main(["mission", "import", str(directory), str(folder), "--owner", "kiwi"]) == 1
    assert "log.json: entry 1: dtg is a moment" in capsys.readouterr().err
    assert names(directory) == []


def test_a_password_that_was_there_is_given_anew_or_let_go_with_a_word(
    directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tak_server_archive(password_hash="$2a$10$x")
    assert take(directory, closed) == 2
    assert "it had a password, which is not in FILE" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert take(directory, closed, "--password-stdin") == 2
    assert "there is no password on standard input" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("x" * 5000))
    assert take(directory, closed, "--password-stdin") == 2
    assert names(directory) == []
    monkeypatch.setattr("sys.stdin", io.StringIO("new one\n"))
    assert take(directory, closed, "--password-stdin") == 0
    assert is_right("new one", of(directory, "Harbour watch").password)
    assert take(directory, closed, "--no-password", "--name", "Open") == 0
    assert of(directory, "Open").password == ""


def test_it_is_seen_by_whom_it_was_seen_there_unless_that_is_nobody_here(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = tak_server_archive(groups=("__ANON__",))
    assert take(directory, strange) == 2
    said = capsys.readouterr().err
    assert "it was seen by __ANON__, and kiwi speaks in none of these groups" in said
    assert "say with --group" in said
    assert take(directory, strange, "--group", "Blue") == 0
    assert of(directory, "Harbour watch").groups == {"Blue"}


def test_everything_in_an_archive_of_accord_comes_in_and_what_cannot_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maps = {"uid": "maps", "name": "Maps", "type": "MAPLAYER", "items": ["chart", "lost"]}
    said = {
        "name": "Old", "layers": [maps], "uids": ["ALONE"], "leftOut": {"log": 2},
        "mapLayers": [{"name": "Chart", "uid": "chart"}],
        "externalData": [{"uid": "T1", "name": "Tracker"}],
    }  # fmt: skip
    data = io.BytesIO(package(said))
    line = {"content": "three sails", "creatorUid": "U1", "dtg": "2026-05-01T10:00:00.000Z"}
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("log.jsonl", f"{json.dumps(line)}\n")
    assert take(directory, data.getvalue(), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["things"], told["entries"]) == (2, 1)
    assert told["left_out"] == [
        "2 entries, for which the archive had no room", "the map layer 'lost'",
    ]  # fmt: skip
    (entry,) = log_of(directory, of(directory, "Old"))
    assert (entry.content, entry.creator_uid) == ("three sails", "U1")
    assert take(directory, data.getvalue(), "--name", "Second") == 0
    assert "left out: the map layer 'lost'" in capsys.readouterr().out
