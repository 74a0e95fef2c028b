"""All that a node's directory holds, copied into one file while the node runs, and put back.

The file is a tar archive (POSIX.1-2001, pax): the files under `node/`, and last the manifest with
the length and the SHA-256 of each. It is written beside its place and put there whole. What is
copied is what is found, not what a list names: a file that nobody thought of is in it too. Whatever
refers to files, which are the databases, is copied before these; one whose files can go meanwhile
is copied again until all that it names is in the archive.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import IO, Any, cast

from accord.core.errors import AccordError
from accord.core.naming import printable
from accord.core.nation import check_node
from accord.core.quantity import spell_size
from accord.storage.files import FILES, is_hash
from accord.storage.history.readers import reading
from accord.storage.history.shelf import SHELF
from accord.storage.tak_file import TAK

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

_IS_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_TRIES = 20
"""How often a database is copied whose files went before they were."""

_MANIFEST_BYTES = 256 << 20
_DEPTH, _PATH_BYTES = 64, 2_048
"""Of what is backed up: a path this deep and long can be written and removed on any system."""

_HEADERS = frozenset({"path", "size", "hdrcharset"})
"""The extended headers that a backup has (POSIX.1-2001, pax); none makes a file of holes."""

_is_moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII).fullmatch

Hashes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is said of a backup: of which node, when, the SHA-256 and the bytes of each file."""

    node: str
    made: str
    files: Hashes
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is in a backup, and in sentences what was found and is not."""

    manifest: Manifest
    left_out: tuple[str, ...]


def write(directory: Path, file: Path, *, node: str, made: str) -> Written:
    """Copy what a node's directory holds into a new file, and read that again to be sure.

    AccordError: something cannot be read or written; then there is no such file.
    """
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as scratch:
            whole = Path(scratch) / "whole"
            with whole.open("xb") as out:
                whole.chmod(0o600)
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    copying = _Copying(directory, archive, Path(scratch) / "copy")
                    copying.copy_all()
                    said = {"format": FORMAT, "node": node, "made": made}
                    said |= {"files": copying.files, "sizes": copying.sizes}
                    _add(archive, MANIFEST, json.dumps(said, indent=1).encode())
                out.flush()
                os.fsync(out.fileno())
            manifest = verify(whole)
            whole.replace(file)
    except OSError as error:
        raise AccordError(f"cannot write {file}: {error.strerror or error}") from None
    return Written(manifest=manifest, left_out=tuple(copying.left_out))


def verify(file: Path) -> Manifest:
    """Return what a backup holds, all of which was read. AccordError: it is damaged, or is none."""
    with _opened(file) as archive:
        return _verified(archive, file)[0]


def put_back(file: Path, directory: Path) -> Manifest:
    """Write the files of a backup into an empty directory, for its owner only.

    Nothing is written where the backup is damaged, or where there is no room for it. AccordError:
    it is so, or a file cannot be written; then the directory is empty again.
    """
    with _opened(file) as archive:
        manifest, members = _verified(archive, file)
        _look_for_room(directory, sum(manifest.sizes.values()))
        try:
            for name in sorted(members, key=lambda each: each == SETTINGS):
                _put(archive, members[name], directory / name, manifest.files[name], file)
        except BaseException:
            _empty(directory)
            raise
    return manifest


class _Damaged(AccordError):
    def __init__(self, file: Path, what: str) -> None:
        said = f"is no backup, or a damaged one: {printable(what)}"
        super().__init__(f"{file} {said}; nothing was restored")


class _Copying:
    """Adds what a directory holds to an archive; what is found and is not added is told."""

    def __init__(self, directory: Path, archive: tarfile.TarFile, copy: Path) -> None:
        self.files: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.left_out: list[str] = []
        self._directory = directory
        self._real = directory.resolve()
        self._archive = archive
        self._copy = copy

    def copy_all(self) -> None:
        """Add every file: what refers to files, and these; the other databases; the rest."""
        names = list(_found(self._directory, self.left_out))
        for name in names:
            if not _is_path(name):
                path = printable(str(self._directory / name))
                raise AccordError(f"cannot copy {path}: its path is too deep or too long")
        names.sort(key=lambda name: (_rank(name), name))
        for name in names:
            refers = _REFERRING.get(PurePosixPath(name).name)
            if refers is not None:
                self._add_with_files(name, refers)
            elif name not in self.files and self._take(name):
                self._add(name)

    def _add_with_files(self, name: str, refers: "_Referring") -> None:
        """Add a database once all the files that it names are added."""
        place = (self._directory / name).parent
        with reading(place) if refers.is_history else nullcontext():
            missing: list[str] = []
            for _ in range(_TRIES):
                if not self._take(name):
                    return
                kept = self._copy.rename(self._copy.with_name("database"))
                before = missing
                missing = [each for each in self._named(name, kept) if not self._is_added(each)]
                kept.rename(self._copy)
                if missing == before:  # none, or what is named still and is nowhere
                    break
        self._say_missing(name, missing, refers)
        self._add(name)

    def _named(self, name: str, copy: Path) -> list[str]:
        """Return the names of the files that a database names."""
        path = self._directory / name
        try:
            named = _REFERRING[path.name].names_in(copy)
        except sqlite3.Error as error:
            raise AccordError(f"cannot copy {printable(str(path))}: {error}") from None
        return [self._name_of(path.parent / each) for each in named]

    def _say_missing(self, name: str, missing: list[str], refers: "_Referring") -> None:
        for each in missing:
            said = f"{printable(each)}, which {printable(name)} names and which is not there"
            if refers.is_history:
                raise AccordError(f"cannot copy {said}: start the node, which mends its history")
            self.left_out.append(said)

    def _name_of(self, path: Path) -> str:
        """Return the name under which a file is added, whose folder may be a link."""
        real = path.resolve()
        if real.is_relative_to(self._real):
            return real.relative_to(self._real).as_posix()
        return path.relative_to(self._directory).as_posix()

    def _is_added(self, name: str) -> bool:
        if name not in self.files and self._take(name):
            self._add(name)
        return name in self.files

    def _take(self, name: str) -> bool:
        """Copy a file beside the archive; False where it went meanwhile."""
        path = self._directory / name
        try:
            _copy(path, self._copy)
        except FileNotFoundError:
            if path.is_symlink():
                raise AccordError(
                    f"{printable(str(path))} leads nowhere: mend or remove it"
                ) from None
            self._copy.unlink(missing_ok=True)
            return False
        except OSError as error:
            why = error.strerror or error
            raise AccordError(f"cannot copy {printable(str(path))}: {why}") from None
        except sqlite3.Error as error:
            raise AccordError(f"cannot copy {printable(str(path))}: {error}") from None
        return True

    def _add(self, name: str) -> None:
        digest, size = _add_file(self._archive, f"{_BELOW}/{name}", self._copy)
        self.files[name], self.sizes[name] = digest, size
        self._copy.unlink()


@dataclass(frozen=True, slots=True)
class _Referring:
    """A database that names files beside it, each of which is written once and may go."""

    question: str
    path: Callable[[str], str | None]
    is_history: bool

    def names_in(self, database: Path) -> Iterable[str]:
        """Return the names; none of another file of that name. sqlite3.Error: it is damaged."""
        uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as file:
            try:
                rows = file.execute(self.question).fetchall()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT:
                    raise
                return []
        return [name for row in rows if (name := self.path(str(row[0]))) is not None]


def _piece(name: str) -> str | None:
    return None if "/" in name else name


def _uploaded(sha256: str) -> str | None:
    return f"{FILES}/{sha256[:2]}/{sha256}" if is_hash(sha256) else None


_REFERRING: Mapping[str, _Referring] = {
    SHELF: _Referring("SELECT file FROM piece", _piece, is_history=True),
    TAK.name: _Referring("SELECT DISTINCT hash FROM file", _uploaded, is_history=False),
}
_ORDER = (SHELF, None, TAK.name)
"""The history goes no further than the journal, which is copied after it: the node takes the rest
in when it starts. What is uploaded lies beside all else, and may take long."""


def _rank(name: str) -> int:
    last = PurePosixPath(name).name
    if last in _REFERRING:
        return _ORDER.index(last)
    return 1 if last.endswith(_DATABASE) else len(_ORDER)


def _found(directory: Path, left_out: list[str]) -> Iterator[str]:
    """Yield the name of every file that is to be copied.

    Where a folder is linked, what is in it is named once: by its own name where it has one in the
    directory. What is then not found under the name of a link is told, and so is what is no file.
    """
    known: set[str] = set()
    links: list[Path] = []
    yield from _found_below(directory, directory, known, links, left_out)
    while links:
        links.sort()
        link = links.pop(0)
        real = os.path.realpath(link)
        if real in known or Path(real).is_relative_to(directory.resolve()):
            name = printable(link.relative_to(directory).as_posix())
            left_out.append(f"{name}, a link to a folder that is in it: make it again")
        else:
            yield from _found_below(directory, link, known, links, left_out)


def _found_below(
    directory: Path, top: Path, known: set[str], links: list[Path], left_out: list[str]
) -> Iterator[str]:
    for folder, below, names in os.walk(top, onerror=_unreadable):
        real = os.path.realpath(folder)
        if real in known:
            below.clear()
            continue
        known.add(real)
        place = Path(folder).relative_to(directory)
        below[:] = [each for each in below if (place / each).as_posix() not in LEFT_OUT]
        links += [path for each in below if (path := Path(folder) / each).is_symlink()]
        logs = {f"{each}{end}" for each in names if each.endswith(_DATABASE) for end in _LOGS}
        for name in (each for each in names if each not in logs):
            if _is_file(Path(folder) / name):
                yield (place / name).as_posix()
            else:
                said = printable((place / name).as_posix())
                left_out.append(f"{said}, which is no file: a socket, pipe or device")


def _is_file(path: Path) -> bool:
    """Tell whether it is, or where a link leads; one that leads nowhere is complained of later."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        path = printable(str(error.filename))
        raise AccordError(f"cannot read {path}: {error.strerror}")


def _copy(path: Path, copy: Path) -> None:
    """Copy a file as it is at one moment, whoever writes it."""
    with path.open("rb") as file:
        is_database = path.suffix == _DATABASE and file.read(len(_OF_SQLITE)) == _OF_SQLITE
    if not is_database:
        shutil.copyfile(path, copy)
        return
    end = monotonic() + _BUSY

    def wait(status: int, _left: int, _all: int) -> None:
        """End it: by itself SQLite's copy tries for ever."""
        if status in _IS_BUSY and monotonic() >= end:
            raise sqlite3.OperationalError("database is locked")

    uri = f"{path.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=_BUSY)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        # In one step: what is written meanwhile does not begin it anew.
        source.backup(target, progress=wait)


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        archive.addfile(_member(name, size), file)
    return digest, size


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
    except (ValueError, OverflowError, RecursionError, MemoryError):  # of tarfile's headers
        raise _Damaged(file, "what it says of its files makes no sense") from None
    except OSError as error:
        raise AccordError(f"cannot read {file}: {error.strerror or error}") from None


Members = Mapping[str, tarfile.TarInfo]


def _verified(archive: tarfile.TarFile, file: Path) -> tuple[Manifest, Members]:
    members, last = _members(archive, file)
    if last is None:
        raise _Damaged(file, "it is not whole")
    manifest = _manifest(archive, last, file)
    for name in sorted(members.keys() ^ manifest.files.keys()):
        why = f"{name} is new" if name in members else f"{name} is missing in it"
        raise _Damaged(file, why)
    if SETTINGS not in members:
        raise _Damaged(file, f"it has no {SETTINGS}")
    for name, member in members.items():
        if member.size != manifest.sizes[name]:
            raise _Damaged(file, f"{name} is not as long as it was written")
    for name, member in members.items():
        with _bytes_of(archive, member) as data:
            digest = hashlib.file_digest(cast("Any", data), "sha256").hexdigest()
        if digest != manifest.files[name]:
            raise _Damaged(file, f"{name} is not as it was written")
    return manifest, members


def _members(
    archive: tarfile.TarFile, file: Path
) -> tuple[dict[str, tarfile.TarInfo], tarfile.TarInfo | None]:
    """Return the files by name and the manifest, of which only the headers were read."""
    found: dict[str, tarfile.TarInfo] = {}
    last: tarfile.TarInfo | None = None
    for member in archive:
        name = member.name.removeprefix(f"{_BELOW}/")
        is_last = member.name == MANIFEST and last is None
        is_one = name != member.name and _is_path(name) and name not in found
        if archive.pax_headers or not _is_plain(member) or not (is_last or is_one):
            raise _Damaged(file, f"{member.name!r} does not belong in it")
        if is_last:
            last = member
        else:
            found[name] = member
    for name in found:
        if any(str(each) in found for each in PurePosixPath(name).parents):
            raise _Damaged(file, f"{name!r} does not belong in it, below a file")
    return found, last


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Tell whether it is a file whose bytes all lie in the archive."""
    is_file = member.type in {tarfile.REGTYPE, tarfile.AREGTYPE}
    return is_file and not member.issparse() and member.pax_headers.keys() <= _HEADERS


def _is_path(name: str) -> bool:
    """Tell whether a file may be called so, in a directory."""
    path = PurePosixPath(name)
    return (
        path.as_posix() == name != "."
        and not path.is_absolute()
        and ".." not in path.parts
        and "\0" not in name
        and len(path.parts) <= _DEPTH
        and len(os.fsencode(name)) <= _PATH_BYTES
    )


def _bytes_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast("IO[bytes]", archive.extractfile(member))  # None for what is no regular file


def _manifest(archive: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> Manifest:
    if member.size > _MANIFEST_BYTES:
        raise _Damaged(file, "its manifest is too long")
    with _bytes_of(archive, member) as data:
        text = data.read()
    try:
        said: object = json.loads(text)
    except (ValueError, RecursionError):
        raise _Damaged(file, "its manifest is no JSON") from None
    table = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    version = table.get("format")
    if type(version) is not int:
        raise _Damaged(file, "its manifest does not say which format it has")
    if version != FORMAT:
        raise _Damaged(file, f"its format is {version}, and this Accord knows {FORMAT}")
    return _read(table, file)


def _read(table: Mapping[str, object], file: Path) -> Manifest:
    node, made = table.get("node"), table.get("made")
    if not isinstance(node, str) or not _is_node(node):
        raise _Damaged(file, "its manifest does not say of which node it is")
    if not isinstance(made, str) or not _is_moment(made):
        raise _Damaged(file, "its manifest does not say when it was made")
    files, sizes = _table(table.get("files")), _table(table.get("sizes"))
    if files is None or sizes is None or files.keys() != sizes.keys():
        raise _Damaged(file, "its manifest does not say which files it has, each with its length")
    sums: dict[str, str] = {}
    lengths: dict[str, int] = {}
    for name, digest in files.items():
        length = sizes[name]
        if not isinstance(digest, str) or not is_hash(digest):
            raise _Damaged(file, f"its manifest has no SHA-256 of {name}")
        if type(length) is not int or length < 0:
            raise _Damaged(file, f"its manifest has no length of {name}")
        sums[name], lengths[name] = digest, length
    return Manifest(node=node, made=made, files=sums, sizes=lengths)


def _is_node(node: str) -> bool:
    try:
        return check_node(node, node[:3]) == node
    except ValueError:
        return False


def _table(said: object) -> dict[str, object] | None:
    return cast("dict[str, object]", said) if isinstance(said, dict) else None


def _look_for_room(directory: Path, size: int) -> None:
    try:
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise AccordError(f"cannot restore {directory}: {error.strerror}") from None
    if size > free:
        needed = f"it needs {spell_size(size)}, and {spell_size(free)} are free"
        raise AccordError(f"cannot restore {directory}: {needed}")


def _put(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, expected: str, file: Path
) -> None:
    """Write a file whose SHA-256 is known."""
    digest = hashlib.sha256()
    try:
        for folder in reversed(path.parents):
            folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, _bytes_of(archive, member) as data:
            while block := data.read(1 << 20):
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise AccordError(f"cannot restore {printable(str(path))}: {error.strerror}") from None
    if digest.hexdigest() != expected:
        raise _Damaged(file, f"{member.name} changed while it was read")


def _empty(directory: Path) -> None:
    for each in directory.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink()
