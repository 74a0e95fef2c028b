"""A backup has every file as it is, and one that is damaged puts nothing back."""

import hashlib
import io
import json
import os
import shutil
import socket
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.storage import backup
from accord.storage.files import NEVER
from accord.storage.history.pieces import HOUR, SETTLED
from accord.storage.tak_file import TakFile
from accord.wire.moving.message import Row
from support.moving import SIX, Kept, a_row

MADE = "2026-11-02T03:00:00Z"
HOUR_OVER = SIX + 2 * HOUR + SETTLED
NO_BYTES = hashlib.sha256(b"").hexdigest()


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
    done(directory)
    return directory.parent / "backup.tar"


def done(directory: Path) -> backup.Written:
    return backup.write(directory, directory.parent / "backup.tar", node="NZL-X", made=MADE)


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
    sizes = {name.removeprefix("node/"): len(data) for name, data in files.items()}
    manifest = {"format": 1, "node": "NZL-X", "made": MADE, "files": sums, "sizes": sizes, **said}
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
        left_out = done(directory).left_out
    assert [each.split(",")[0] for each in sorted(left_out)] == ["pipe", "s"]
    assert there(back(directory.parent / "backup.tar")) == before


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
        (
            {"node/accord.toml": b"", "node/a": b"", "node/a/b/c": b""},
            {},
            "'a/b/c' does not belong",
        ),
        ({"node/accord.toml": b""}, {"files": {}, "sizes": {}}, "accord.toml is new"),
        ({}, {"files": {"x": NO_BYTES}, "sizes": {"x": 0}}, "x is missing"),
        ({}, {"files": 5}, "does not say which files it has"),
        ({}, {"files": {"x": NO_BYTES}}, "does not say which files it has"),
        ({"node/accord.toml": b""}, {"files": {"accord.toml": "y"}}, "has no SHA-256 of accord"),
        ({"node/accord.toml": b""}, {"sizes": {"accord.toml": -1}}, "has no length of accord"),
        ({"node/accord.toml": b""}, {"sizes": {"accord.toml": True}}, "has no length of accord"),
        ({"node/accord.toml": b""}, {"sizes": {"accord.toml": 1}}, "is not as long as it was"),
        ({}, {"node": "\ud800\x1b[31m"}, "does not say of which node"),
        ({}, {"node": 5}, "does not say of which node"),
        ({}, {"made": "now\n"}, "does not say when"),
        ({}, {"format": 2}, "its format is 2, and this Accord knows 1"),
        ({}, {"format": "\ud800"}, "does not say which format"),
        ({}, {"format": True}, "does not say which format"),
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
    files = {"node/0/c": b"3", f"node/{'long' * 99}": b"", "node/accord.toml": b""}
    file = archive(tmp_path / "b.tar", files)
    place = tmp_path / "restored"
    place.mkdir()
    with pytest.raises(
        AccordError, match=r"cannot restore .*/restored/(long)*: File name too long"
    ):
        backup.put_back(file, place)
    assert list(place.iterdir()) == []


def test_an_archive_made_to_harm_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    place = tmp_path / "restored"
    place.mkdir()
    file = tmp_path / "b.tar"
    huge = tarfile.TarInfo("node/y")
    huge.size, huge.type = 1 << 60, tarfile.XHDTYPE
    for path, headers in (
        ("node/x\0y", {"path": "node/x\0y"}),
        ("node" + "/a" * 3_000, {}),
        ("node/" + "a" * 3_000, {}),
        ("node/y", {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "node/z"}),
        ("node/y", {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40)}),
        ("node/y", {"GNU.sparse.size": "x"}),
        ("node/y", {"mtime": "nan"}),
        ("node/y", {"size": "99999999999999999999"}),
    ):
        with tarfile.open(file, "w") as out:
            member = tarfile.TarInfo(path)
            member.size, member.pax_headers = 7, headers
            out.addfile(member, io.BytesIO(b"[node]\n"))
        refused(file, place)
    file.write_bytes(huge.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    refused(file, place)
    with tarfile.open(file, "w", pax_headers={"path": "node/x"}) as out:
        out.addfile(tarfile.TarInfo("node/accord.toml"))
    refused(file, place)


def refused(file: Path, place: Path) -> None:
    with pytest.raises(AccordError, match="nothing was restored") as said:
        backup.put_back(file, place)
    assert str(said.value).isprintable()
    assert list(place.iterdir()) == []


def test_a_file_of_holes_as_gnu_tar_writes_it_is_refused(tmp_path: Path) -> None:
    """The old form (GNU tar manual, "Sparse Formats"): type S, map and real size in the header."""
    member = tarfile.TarInfo("node/y")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)
    header[483:495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:155] = b"%06o\0" % sum(header)
    file = tmp_path / "b.tar"
    file.write_bytes(bytes(header) + bytes(1024))
    with pytest.raises(AccordError, match="'node/y' does not belong in it"):
        backup.verify(file)


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"[]", b""])
def test_a_manifest_of_another_form_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "b.tar"
    with tarfile.open(file, "w") as out:
        for name, data in (("node/accord.toml", b""), ("manifest.json", text)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    with pytest.raises(AccordError, match=r"its manifest (is no JSON|does not say)"):
        backup.verify(file)


def test_names_that_steer_a_terminal_are_not_printed_as_they_are(tmp_path: Path) -> None:
    file = archive(tmp_path / "b.tar", {"node/accord.toml": b"", "node/x\n\x1b[2J": b""}, sizes={
        "accord.toml": 0, "x\n\x1b[2J": 9,
    })  # fmt: skip
    with pytest.raises(AccordError, match=r"x\?\?\[2J is not as long"):
        backup.verify(file)


def test_any_name_that_a_disk_takes_comes_back(directory: Path) -> None:
    fill(directory, **{"x\n\x1b[2J": b"1", "llll" * 60: b"2", os.fsdecode(b"\xff\xfe"): b"3"})
    fill(directory, **{"é" * 100 + "/" + "ü" * 100: b"4", "node/node": b"5"})
    before = there(directory)
    assert there(back(written(directory))) == before


def test_what_is_too_deep_is_said(directory: Path) -> None:
    (directory / ("a/" * 70)).mkdir(parents=True)
    (directory / ("a/" * 70) / "b").write_bytes(b"")
    with pytest.raises(AccordError, match=r"cannot copy .*: its path is too deep or too long"):
        written(directory)


def test_where_there_is_no_room_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = archive(tmp_path / "b.tar", {"node/accord.toml": bytes(512)})
    free = shutil.disk_usage(tmp_path)._replace(free=511)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(AccordError, match="it needs 512 B, and 511 B are free"):
        backup.put_back(file, back_place(tmp_path))
    assert list((tmp_path / "restored").iterdir()) == []


def back_place(folder: Path) -> Path:
    place = folder / "restored"
    place.mkdir()
    return place


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    file = archive(tmp_path / "b.tar", {"node/accord.toml": b""})
    with pytest.raises(AccordError, match=r"cannot restore .*none: No such file"):
        backup.put_back(file, tmp_path / "none")


def test_a_locked_database_is_waited_for_and_then_said(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_BUSY", 0.1)
    with closing(sqlite3.connect(directory / "sar.sqlite", isolation_level=None)) as other:
        other.execute("CREATE TABLE line (text)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AccordError, match=r"cannot copy .*sar\.sqlite: database is locked"):
            written(directory)
    assert [each.name for each in directory.parent.iterdir()] == ["node"]


def test_a_folder_linked_within_is_stored_by_its_own_name_and_the_link_told(
    directory: Path,
) -> None:
    fill(directory, zz__kept=b"1", run__lock=b"")
    (directory / "aa").mkdir()
    (directory / "aa/link").symlink_to(directory / "zz")
    (directory / "again").symlink_to("run")
    assert done(directory).left_out == (
        "aa/link, a link to a folder that is in it: make it again",
        "again, a link to a folder that is in it: make it again",
    )
    assert there(back(directory.parent / "backup.tar")).keys() == {"accord.toml", "zz/kept"}


def test_a_link_to_a_pipe_is_left_out_and_told(directory: Path) -> None:
    os.mkfifo(directory.parent / "pipe")
    (directory / "in").symlink_to(directory.parent / "pipe")
    assert done(directory).left_out == ("in, which is no file: a socket, pipe or device",)


@pytest.fixture
def kept(directory: Path) -> Iterator[Kept]:
    kept = Kept(directory / "history")
    kept.take_in(*(a_row(number * 600, uid=f"S{number % 2}") for number in range(6)))
    for number in range(6, 9):
        kept.take_in(a_row(number * 600))
    yield kept
    kept.close()


def rows_in(place: Path) -> list[Row]:
    again = Kept(place / "history")
    try:
        return again.rows()
    finally:
        again.close()


def at_first_piece(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Do something once, when the shelf is copied and none of its pieces is yet."""
    copy = backup._copy
    rest = [do]

    def hooked(path: Path, to: Path) -> None:
        if ".parquet" in path.name and rest:
            rest.pop()()
        copy(path, to)

    monkeypatch.setattr(backup, "_copy", hooked)


def test_a_merge_meanwhile_loses_nothing_of_the_history(
    directory: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.rows()
    at_first_piece(monkeypatch, lambda: kept.tidy(HOUR_OVER))
    place = back(written(directory))
    assert len(kept.shelf.pieces()) == 2
    assert rows_in(place) == before


def test_pieces_that_went_although_they_were_read_are_copied_as_merged(
    directory: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.rows()

    def merge() -> None:
        kept.tidy(HOUR_OVER)
        for each in kept.shelf.gone():
            (directory / "history" / each.file).unlink()

    at_first_piece(monkeypatch, merge)
    place = back(written(directory))
    assert len(kept.shelf.gone()) == 4
    assert rows_in(place) == before


def test_a_history_on_another_disk_is_copied_whole(directory: Path, kept: Kept) -> None:
    before = kept.rows()
    (directory / "history").rename(directory.parent / "disk")
    (directory / "history").symlink_to(directory.parent / "disk")
    assert rows_in(back(written(directory))) == before


def test_a_piece_that_is_nowhere_ends_it(directory: Path, kept: Kept) -> None:
    lost = kept.shelf.pieces()[1].file
    (directory / "history" / lost).unlink()
    with pytest.raises(AccordError, match=rf"cannot copy history/{lost}, which history/history"):
        written(directory)


def test_a_file_that_a_register_names_and_that_is_nowhere_is_told(directory: Path) -> None:
    tak = TakFile(directory / "tak.sqlite")
    tak.prepare()
    here, gone = "ab" * 32, "cd" * 32
    with tak.change() as rows:
        for each in (here, gone):
            rows.execute(
                "INSERT INTO file (hash, size, submitted, name, mime, tool, keywords, submitter, "
                "creator_uid, groups, uid, place, expires) "
                "VALUES (?, 1, 0, 'n', '', '', '[]', '', '', '[]', '', '{}', ?)",
                (each, NEVER),
            )
    fill(directory, **{f"files/ab/{here}": b"1"})
    assert done(directory).left_out == (
        f"files/cd/{gone}, which tak.sqlite names and which is not there",
    )
    assert there(back(directory.parent / "backup.tar"))[f"files/ab/{here}"] == b"1"


def test_a_shelf_that_is_damaged_is_said(directory: Path, kept: Kept) -> None:
    shelf = directory / "history/history.sqlite"
    with closing(sqlite3.connect(shelf, isolation_level=None)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = file.execute("PRAGMA page_size").fetchone()
        (page,) = file.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'piece'").fetchone()
    data = bytearray(shelf.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    shelf.write_bytes(data)
    with pytest.raises(AccordError, match=r"cannot copy .*history\.sqlite: .*malformed"):
        written(directory)


def test_a_database_that_goes_meanwhile_is_not_in_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(directory, **{"history.sqlite": b"text", "sar.sqlite": b"text"})
    copy = backup._copy

    def gone(path: Path, to: Path) -> None:
        if path.suffix == ".sqlite":
            path.unlink()
        copy(path, to)

    monkeypatch.setattr(backup, "_copy", gone)
    assert there(back(written(directory))).keys() == {"accord.toml"}


def test_another_database_of_such_a_name_is_copied_as_any(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "tak.sqlite")) as other:
        other.execute("CREATE TABLE line (text)")
    fill(directory, **{"history.sqlite": b"text"})
    place = back(written(directory))
    assert (place / "history.sqlite").read_bytes() == b"text"
    assert (place / "tak.sqlite").exists()
