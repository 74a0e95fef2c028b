"""What was fetched of a mission of another server, piece by piece, is one mission again."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.tak.marti.mission_gathered import Answered, gather
from accord.tak.marti.mission_package import Attached, BadPackage, Thing
from support.elsewhere import PHOTO, PLAN, opentakserver_folder, opentakserver_mission

LIMIT = 1 << 20


def gathered(folder: Path, limit: int = LIMIT) -> tuple[Answered, list[Thing], dict[str, Attached]]:
    places = (folder.parent / f"place {number}" for number in range(100))
    answered, *others = gather(folder, lambda: next(places), limit=limit)
    assert isinstance(answered, Answered)
    things = [each for each in others if isinstance(each, Thing)]
    files = {each.name: each for each in others if isinstance(each, Attached)}
    return answered, things, files


def test_things_and_files_of_the_mission_are_found_and_nothing_beside_them(tmp_path: Path) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    (folder / "other.txt").write_text("not of the mission")
    answered, things, files = gathered(folder)
    assert answered.mission["name"] == "Harbour watch"
    assert [each["content"] for each in answered.log] == ["Buoy 4 has moved", "Relieved at 18"]
    assert not answered.missing
    assert {each.event.uid for each in things} == {"buoy-4"}  # "gone" was taken out there
    assert len(things) == 2  # of which a mission keeps the newest
    assert {name: each.path.read_bytes() for name, each in files.items()} == {
        "Plan_A.pdf": PLAN, "photo.jpg": PHOTO,
    }  # fmt: skip
    plan = files["Plan_A.pdf"]
    assert (plan.mime, plan.keywords, plan.size) == ("application/pdf", ("plan",), len(PLAN))


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    uids = ["itak-1", {"data": "buoy-4"}]
    folder = opentakserver_folder(tmp_path / "f", files=(PLAN,), uids=uids)
    assert gathered(folder)[0].missing == ["the CoT of 'itak-1'", "the file 'photo.jpg'"]
    (folder / "cot.xml").unlink()
    (folder / "log.json").unlink()
    answered, things, _ = gathered(folder)
    assert "the CoT of 'buoy-4'" in answered.missing
    assert (answered.log, things) == ([], [])


def test_an_answer_without_its_envelope_and_an_older_list_are_read_too(tmp_path: Path) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    said = opentakserver_mission(uids=["buoy-4"], contents=[{"hash": "00", "filename": "a/b"}])
    (folder / "mission.json").write_text(json.dumps(said))
    answered, things, files = gathered(folder)
    assert answered.missing == ["the file 'a_b'"]
    assert (len(things), files) == (2, {})


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("mission.json", b"{", "mission.json is no JSON"),
        ("mission.json", b"[" * 100_000, "mission.json is no JSON"),
        ("mission.json", b"[]", "mission.json is no answer"),
        ("mission.json", b'{"data":[]}', "mission.json is no answer"),
        ("mission.json", b'{"data":[{"guid":"x"}]}', "mission.json is no answer"),
        ("mission.json", b'{"name":"x","uids":"y"}', "uids is a list"),
        ("mission.json", b'{"name":"x","uids":[7]}', "uids is a text"),
        ("mission.json", b'{"name":"x","contents":[7]}', "contents: hash is a text"),
        ("mission.json", b'{"name":"x","contents":[{"hash":"0","keywords":7}]}', "keywords"),
        ("log.json", b'{"data":[7]}', "log.json is no answer"),
        ("log.json", b'{"data":7}', "log.json is no answer"),
        ("cot.xml", b"<events>", "cot.xml is not well-formed"),
        ("cot.xml", b"<events>\n<event/></events>", "'cot.xml, line 2' is no CoT event"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    (folder / name).write_bytes(data)
    with pytest.raises(BadPackage, match=why):
        gathered(folder)


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    with pytest.raises(BadPackage, match="more than there is room for"):
        gathered(folder, len(PLAN))
    monkeypatch.setattr("accord.tak.marti.mission_gathered.MAX_ENTRIES", 4)
    with pytest.raises(BadPackage, match="f has 5 files"):
        gathered(folder)
    monkeypatch.setattr("accord.tak.marti.mission_gathered.MAX_ENTRIES", 2)
    with pytest.raises(BadPackage, match=r"cot\.xml has more than 2 events"):
        gathered(folder)
    monkeypatch.setattr("accord.tak.marti.mission_gathered.MAX_ANSWER", 10)
    with pytest.raises(BadPackage, match=r"mission\.json is longer than 10 bytes"):
        gathered(folder)


@pytest.mark.parametrize("name", ["mission.json", "cot.xml", "log.json"])
def test_an_answer_that_is_no_regular_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    (folder / name).unlink()
    makes: list[Callable[[Path], object]] = [
        os.mkfifo, Path.mkdir, lambda it: it.symlink_to("/dev/zero"),
        lambda it: it.symlink_to("nowhere"), lambda it: it.symlink_to(it.name),
    ]  # fmt: skip
    for make in makes:
        make(folder / name)
        with pytest.raises(BadPackage, match=f"{name} is no regular file"):
            gathered(folder)
        (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()


@pytest.mark.parametrize("name", ["mission.json", "cot.xml", "log.json", "other.txt"])
def test_a_link_out_of_the_folder_is_refused_and_one_within_it_is_read(
    tmp_path: Path, name: str
) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    path = folder / name
    path.touch()
    path.rename(folder / "moved")
    path.symlink_to("moved")
    (tmp_path / "link").symlink_to(folder)  # the folder itself may be one
    assert not gathered(tmp_path / "link")[0].missing
    path.unlink()
    (folder / "moved").rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    with pytest.raises(BadPackage, match=f"{name} is a link to a file outside the folder"):
        gathered(folder)


def test_a_file_that_cannot_be_looked_at_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    folder = opentakserver_folder(tmp_path / "f")
    monkeypatch.setattr("accord.tak.marti.mission_gathered._is_inside", fail)
    with pytest.raises(BadPackage, match=r"mission\.json cannot be read: Permission denied"):
        gathered(folder)


def test_a_log_that_is_too_long_is_refused_with_how_long_one_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = opentakserver_folder(tmp_path / "f")
    monkeypatch.setattr("accord.tak.marti.mission_gathered.MAX_ENTRIES", 6)
    (folder / "log.json").write_text(json.dumps({"data": [{"content": "x"}] * 7}))
    with pytest.raises(BadPackage, match=r"log\.json has 7 entries; at most 6 are read"):
        gathered(folder)


def test_a_disk_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error", "file 0")

    folder = opentakserver_folder(tmp_path / "f")
    monkeypatch.setattr("accord.tak.marti.mission_gathered.hashlib.file_digest", fail)
    with pytest.raises(BadPackage, match="file 0 cannot be read: Input/output error"):
        gathered(folder)
    monkeypatch.undo()
    monkeypatch.setattr("accord.tak.marti.mission_gathered.shutil.copyfile", fail)
    with pytest.raises(BadPackage, match="'file 0' cannot be copied: Input/output error"):
        gathered(folder)


def test_a_folder_without_the_answer_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadPackage, match=r"mission\.json cannot be read: No such file"):
        gathered(tmp_path)
