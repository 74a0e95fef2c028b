"""All that a node's directory holds, copied into one file while the node runs, and put back.

The file is a tar archive (POSIX.1-2001, pax): the files under `node/`, and last the manifest with
the SHA-256 of each. It is written beside its place and put there whole. What is copied is what is
found, not what a list names: a file that nobody thought of is in it too. Whatever refers to files,
which are the databases, is copied before these.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from accord.core.errors import AccordError

FORMAT = 1
MANIFEST = "manifest.json"
SETTINGS = "accord.toml"
"""Put back last: without it no command takes a directory for a node's."""

LEFT_OUT = frozenset({"run", "cache", "files/incoming", "history/spill"})
"""What only the running process needs, or makes again."""

_BELOW = "node"
_DATABASE, _OF_SQLITE = ".sqlite", b"SQLite format 3\0"
_LOGS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; a copy of that is whole without."""

_BUSY = 30.0
"""Seconds that a database which is being written is waited for."""

_MANIFEST_BYTES = 256 << 20

Hashes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is said of a backup: of which node, when, and the SHA-256 of each file in it."""

    node: str
    made: str
    files: Hashes


def write(directory: Path, file: Path, *, node: str, made: str) -> Manifest:
    """Copy what a node's directory holds into a new file, and read that again to be sure.

    AccordError: something cannot be read or written; then there is no such file.
    """
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as scratch:
            whole = Path(scratch) / "whole"
            with whole.open("xb") as out:
                whole.chmod(0o600)
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    files = dict(_copied(directory, archive, Path(scratch) / "copy"))
                    said = {"format": FORMAT, "node": node, "made": made, "files": files}
                    _add(archive, MANIFEST, json.dumps(said, indent=1).encode())
                out.flush()
                os.fsync(out.fileno())
            manifest = verify(whole)
            whole.replace(file)
    except OSError as error:
        raise AccordError(f"cannot write {file}: {error.strerror or error}") from None
    return manifest


def verify(file: Path) -> Manifest:
    """Return what a backup holds, all of which was read. AccordError: it is damaged, or is none."""
    with _opened(file) as archive:
        return _verified(archive, file)


def put_back(file: Path, directory: Path) -> Manifest:
    """Write the files of a backup into an empty directory, for its owner only.

    Nothing is written where the backup is damaged. AccordError: it is, or a file cannot be
    written; then the directory is empty again.
    """
    with _opened(file) as archive:
        manifest = _verified(archive, file)
        members = sorted(_files_of(archive, file), key=lambda each: each[0] == SETTINGS)
        try:
            for name, member in members:
                if _put(archive, member, directory / name) != manifest.files[name]:
                    raise _Damaged(file, f"{name} changed while it was read")
        except (OSError, AccordError) as error:
            _empty(directory)
            if isinstance(error, OSError):
                raise AccordError(f"cannot restore {directory}: {error.strerror}") from None
            raise
    return manifest


class _Damaged(AccordError):
    def __init__(self, file: Path, what: str) -> None:
        super().__init__(f"{file} is no backup, or a damaged one: {what}; nothing was restored")


def _copied(directory: Path, archive: tarfile.TarFile, copy: Path) -> Iterator[tuple[str, str]]:
    """Add every file; yield its name and its SHA-256."""
    names = sorted(_found(directory), key=lambda name: (not name.endswith(_DATABASE), name))
    for name in names:
        path = directory / name
        try:
            _copy(path, copy)
        except FileNotFoundError:
            if path.is_symlink():
                raise AccordError(f"{path} leads nowhere: mend or remove it") from None
            continue  # it went meanwhile, and nobody refers to it any more
        except OSError as error:
            raise AccordError(f"cannot copy {path}: {error.strerror}") from None
        except sqlite3.Error as error:
            raise AccordError(f"cannot copy {path}: {error}") from None
        yield name, _add_file(archive, f"{_BELOW}/{name}", copy)
        copy.unlink()


def _found(directory: Path) -> Iterator[str]:
    """Yield the name of every file that is to be copied. Links are followed, once each."""
    known: set[str] = set()
    for folder, below, names in os.walk(directory, followlinks=True, onerror=_unreadable):
        real = os.path.realpath(folder)
        if real in known:
            below.clear()
            continue
        known.add(real)
        place = Path(folder).relative_to(directory)
        below[:] = [each for each in below if (place / each).as_posix() not in LEFT_OUT]
        logs = {f"{each}{end}" for each in names if each.endswith(_DATABASE) for end in _LOGS}
        for name in names:
            path = Path(folder) / name
            # Neither a socket nor a pipe; a link that leads nowhere is complained of.
            if name not in logs and (path.is_file() or path.is_symlink()):
                yield (place / name).as_posix()


def _unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise AccordError(f"cannot read {error.filename}: {error.strerror}")


def _copy(path: Path, copy: Path) -> None:
    """Copy a file as it is at one moment, whoever writes it."""
    with path.open("rb") as file:
        is_database = path.suffix == _DATABASE and file.read(len(_OF_SQLITE)) == _OF_SQLITE
    if not is_database:
        shutil.copyfile(path, copy)
        return
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=_BUSY)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)  # in one step: what is written meanwhile does not begin it anew


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        archive.addfile(_member(name, size), file)
    return digest


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    archive.addfile(_member(name, len(data)), BytesIO(data))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _opened(file: Path) -> Generator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as archive:
            yield archive
    except tarfile.TarError as error:
        raise _Damaged(file, str(error)) from None
    except OSError as error:
        raise AccordError(f"cannot read {file}: {error.strerror or error}") from None


def _verified(archive: tarfile.TarFile, file: Path) -> Manifest:
    found: dict[str, str] = {}
    for name, member in _files_of(archive, file):
        with _bytes_of(archive, member) as data:
            found[name] = hashlib.file_digest(cast("Any", data), "sha256").hexdigest()
    manifest = _manifest(archive, file)
    for name in sorted(found.keys() ^ manifest.files.keys()):
        raise _Damaged(file, f"{name} is missing in it" if name not in found else f"{name} is new")
    for name, digest in found.items():
        if digest != manifest.files[name]:
            raise _Damaged(file, f"{name} is not as it was written")
    if SETTINGS not in found:
        raise _Damaged(file, f"it has no {SETTINGS}")
    return manifest


def _files_of(archive: tarfile.TarFile, file: Path) -> Iterator[tuple[str, tarfile.TarInfo]]:
    known: set[str] = set()
    for member in archive:
        if member.name == MANIFEST:
            continue
        path = PurePosixPath(member.name)
        name = member.name.removeprefix(f"{_BELOW}/")
        is_plain = member.isreg() and path.parts[:1] == (_BELOW,) and ".." not in path.parts
        if not is_plain or name in known or path.as_posix() != member.name:
            raise _Damaged(file, f"{member.name!r} does not belong in it")
        known.add(name)
        yield name, member


def _bytes_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast("IO[bytes]", archive.extractfile(member))  # None for what is no regular file


def _manifest(archive: tarfile.TarFile, file: Path) -> Manifest:
    try:
        member = archive.getmember(MANIFEST)
        if not member.isreg() or member.size > _MANIFEST_BYTES:
            raise ValueError("its manifest is none")  # noqa: TRY301
        with _bytes_of(archive, member) as data:
            said = cast("dict[str, Any]", json.loads(data.read()))
        if said["format"] != FORMAT:
            raise _Damaged(file, f"its format is {said['format']}, and this Accord knows {FORMAT}")
        files = {str(name): str(digest) for name, digest in dict(said["files"]).items()}
        return Manifest(node=str(said["node"]), made=str(said["made"]), files=files)
    except KeyError:
        raise _Damaged(file, "it is not whole") from None
    except (ValueError, TypeError) as error:
        raise _Damaged(file, str(error)) from None


def _put(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    """Write a file, and return its SHA-256 as it was read."""
    for folder in reversed(path.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, _bytes_of(archive, member) as data:
        while block := data.read(1 << 20):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _empty(directory: Path) -> None:
    for each in directory.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink()
