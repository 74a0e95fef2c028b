"""A backup has every file as it is, and one that is damaged puts nothing back."""

import hashlib
import io
import json
import os
import socket
import sqlite3
import stat
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.storage import backup

MADE = "2026-11-02T03:00:00Z"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "node"
    made.mkdir()
    (made / "accord.toml").write_text("[node]\n")
    return made


def fill(directory: Path, **files: bytes) -> None:
    for name, data in files.items():
        path = directory / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def written(directory: Path) -> Path:
    file = directory.parent / "backup.tar"
    backup.write(directory, file, node="NZL-X", made=MADE)
    return file


def there(directory: Path) -> dict[str, bytes]:
    return {
        each.relative_to(directory).as_posix(): each.read_bytes()
        for each in directory.rglob("*")
        if each.is_file()
    }


def back(file: Path) -> Path:
    place = file.parent / "restored"
    place.mkdir(exist_ok=True)
    backup.put_back(file, place)
    return place


def archive(path: Path, files: Mapping[str, bytes], /, **said: object) -> Path:
    """Write an archive by hand; `said` changes the manifest."""
    sums = {
        name.removeprefix("node/"): hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    manifest = {"format": 1, "node": "NZL-X", "made": MADE, "files": sums, **said}
    with tarfile.open(path, "w") as out:
        for name, data in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return path


def test_every_file_comes_back_whatever_it_is_called(directory: Path) -> None:
    fill(
        directory,
        authority__ca=b"key",
        error_logs__one=b"log",
        files__ab__abcd=bytes(70_000),
        nobody_thought_of=b"this",
        empty=b"",
    )
    before = there(directory)
    manifest = backup.verify(written(directory))
    assert (manifest.node, manifest.made) == ("NZL-X", MADE)
    assert manifest.files.keys() == before.keys()
    assert there(back(directory.parent / "backup.tar")) == before


def test_the_backup_and_all_that_comes_back_is_for_its_owner_only(directory: Path) -> None:
    fill(directory, authority__sub__key=b"secret")
    (directory / "authority/sub/key").chmod(0o644)
    (directory / "authority").chmod(0o755)
    file = written(directory)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for each in back(file).rglob("*"):
        assert stat.S_IMODE(each.stat().st_mode) == (0o700 if each.is_dir() else 0o600)


@pytest.mark.parametrize("mode", ["WAL", "PERSIST"])
def test_a_database_is_copied_as_it_was_committed_while_somebody_writes(
    directory: Path, mode: str
) -> None:
    with closing(sqlite3.connect(directory / "sar.sqlite", isolation_level=None)) as writer:
        writer.execute(f"PRAGMA journal_mode = {mode}")
        writer.execute("PRAGMA user_version = 7")
        writer.execute("CREATE TABLE line (text)")
        writer.execute("INSERT INTO line VALUES ('committed')")
        writer.execute("BEGIN")
        writer.execute("INSERT INTO line VALUES ('not yet')")
        place = back(written(directory))
        writer.execute("COMMIT")
    assert there(place).keys() == {"accord.toml", "sar.sqlite"}
    with closing(sqlite3.connect(place / "sar.sqlite")) as copy:
        assert copy.execute("SELECT text FROM line").fetchall() == [("committed",)]
        assert copy.execute("PRAGMA user_version").fetchone() == (7,)


def test_what_clients_uploaded_stays_byte_for_byte_though_it_is_a_database(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "0a1b")) as uploaded:
        uploaded.execute("CREATE TABLE tiles (data)")
    fill(directory, **{"not-one.sqlite": b"text", "not-one-journal": b"a name like a log"})
    before = there(directory)
    assert there(back(written(directory))) == before


def test_what_only_a_running_node_needs_is_left_out(directory: Path) -> None:
    before = there(directory)
    fill(directory, run__lock=b"", cache__1=b"1", files__incoming__2=b"2", history__spill__3=b"3")
    os.mkfifo(directory / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(directory / "s"))
        assert there(back(written(directory))) == before


def test_links_are_followed_and_in_a_circle_once(directory: Path) -> None:
    other = directory.parent / "other disk"
    fill(other, piece=b"1")
    (directory / "history").symlink_to(other)
    (other / "round").symlink_to(directory)
    place = back(written(directory))
    assert (place / "history/piece").read_bytes() == b"1"
    assert there(place).keys() == {"accord.toml", "history/piece"}


def test_a_link_that_leads_nowhere_is_complained_of_and_nothing_is_left(directory: Path) -> None:
    (directory / "journal.sqlite").symlink_to(directory / "gone")
    with pytest.raises(AccordError, match=r"journal\.sqlite leads nowhere"):
        written(directory)
    assert [each.name for each in directory.parent.iterdir()] == ["node"]


def test_what_is_damaged_so_that_it_cannot_be_copied_is_said(directory: Path) -> None:
    (directory / "people.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with pytest.raises(AccordError, match=r"cannot copy .*people\.sqlite: "):
        written(directory)


def test_a_place_that_cannot_be_written_is_said(directory: Path) -> None:
    with pytest.raises(AccordError, match=r"cannot write .*: No such file or directory"):
        backup.write(directory, directory / "no" / "b.tar", node="NZL-X", made=MADE)


def test_a_backup_cut_off_anywhere_is_refused_before_anything_is_written(directory: Path) -> None:
    fill(directory, one=bytes(range(256)) * 9, two__three=b"3")
    file = written(directory)
    whole = file.read_bytes()
    end = len(whole.rstrip(b"\0"))
    place = directory.parent / "restored"
    place.mkdir()
    for length in range(0, end, 100):
        file.write_bytes(whole[:length])
        with pytest.raises(AccordError, match="nothing was restored"):
            backup.put_back(file, place)
        assert there(place) == {}


def test_a_byte_changed_in_any_file_or_its_name_is_refused(directory: Path) -> None:
    fill(directory, one=b"the only one of these", two=b"another")
    file = written(directory)
    whole = file.read_bytes()
    place = directory.parent / "restored"
    place.mkdir()
    for word in (b"the only", b"another", b"[node]", b"node/one", b"node/two", b'"files"', b"NZL"):
        at = whole.index(word)
        file.write_bytes(whole[:at] + b"X" + whole[at + 1 :])
        if word != b"NZL":  # in the manifest, which says nothing of itself
            with pytest.raises(AccordError, match="nothing was restored"):
                backup.put_back(file, place)
        assert there(place) == {}


@pytest.mark.parametrize(
    ("files", "said", "why"),
    [
        ({"node/accord.toml": b"", "node/../out": b""}, {}, "'node/../out' does not belong"),
        ({"node/accord.toml": b"", "/etc/passwd": b""}, {}, "does not belong"),
        ({"node/accord.toml": b"", "node//x": b""}, {}, "does not belong"),
        ({"node/x": b""}, {}, "it has no accord.toml"),
        ({"node/accord.toml": b""}, {"files": {}}, "accord.toml is new"),
        ({}, {"files": {"x": "y"}}, "x is missing"),
        ({}, {"files": 5}, "not iterable"),
        ({}, {"format": 2}, "its format is 2, and this Accord knows 1"),
    ],
)
def test_what_is_no_backup_is_refused(
    tmp_path: Path, files: dict[str, bytes], said: dict[str, object], why: str
) -> None:
    file = archive(tmp_path / "b.tar", files, **said)
    with pytest.raises(AccordError, match=why):
        backup.verify(file)


def test_links_and_a_manifest_that_is_none_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    for name, kind in (("node/x", tarfile.SYMTYPE), ("manifest.json", tarfile.DIRTYPE)):
        with tarfile.open(file, "w") as out:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc"
            out.addfile(member)
        with pytest.raises(AccordError, match="nothing was restored"):
            backup.verify(file)
    file.write_bytes(b"no archive")
    with pytest.raises(AccordError, match="is no backup"):
        backup.verify(file)
    with pytest.raises(AccordError, match=r"cannot read .*: No such file"):
        backup.verify(tmp_path / "none.tar")


def test_a_restore_that_fails_half_way_leaves_the_directory_empty(tmp_path: Path) -> None:
    files = {"node/accord.toml": b"", "node/a": b"1", "node/a/b": b"2", "node/0/c": b"3"}
    file = archive(tmp_path / "b.tar", files)
    place = tmp_path / "restored"
    place.mkdir()
    with pytest.raises(AccordError, match=r"cannot restore .*"):
        backup.put_back(file, place)
    assert list(place.iterdir()) == []
