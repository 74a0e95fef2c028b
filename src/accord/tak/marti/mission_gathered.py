"""A mission of another server as a folder: what it answered over HTTP, and the mission's files.

For servers that make no archives. Everything in a folder is somebody else's word, as in a package.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from lxml import etree
from starlette.exceptions import HTTPException

from accord.tak.marti.asked import text, texts
from accord.tak.marti.mission_package import (
    MAX_ENTRIES,
    Attached,
    BadPackage,
    Thing,
    document,
    event_in,
    spelled,
)

MISSION = "mission.json"
"""The answer to `GET /Marti/api/missions/NAME`."""

COT = "cot.xml"
"""The answer to `GET /Marti/api/missions/NAME/cot`; it may be left out."""

LOG = "log.json"
"""The answer to `GET /Marti/api/missions/NAME/log`; it may be left out."""

MAX_ANSWER = 64 << 20
"""Bytes of each of these."""

_OUTSIDE = "{} is a link to a file outside the folder: copy the file into it"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said of a mission, and what of it is not in the folder."""

    mission: Json
    log: Sequence[Json]
    missing: Sequence[str]


def gather(
    folder: Path, place: Callable[[], Path], *, limit: int
) -> Iterator[Answered | Thing | Attached]:
    """Yield what a server said of a mission, and the things and files that are in it.

    What is in the folder and not in the mission is left alone: whatever it is called, a file is
    known by its SHA-256. A link that leads out of the folder is refused. `place` says where each
    goes; `limit` is of the bytes of everything together. BadPackage says what cannot be read.
    """
    mission = _one(folder / MISSION)
    uids, files = _uids(mission), _files(mission)
    things = [each for each in _things(folder / COT) if each.event.uid in uids]
    found = _found(folder, files)
    missing = [f"the file {about.name!r}" for sha256, about in files.items() if sha256 not in found]
    missing += [f"the CoT of {uid!r}" for uid in uids - {each.event.uid for each in things}]
    yield Answered(mission, _log(folder / LOG), sorted(missing))
    yield from things
    left = limit - sum(len(each.event.xml) for each in things)
    for sha256, path in found.items():
        kept = place()
        left -= (size := _copied(path, kept, left))
        about = files[sha256]
        yield Attached(about.name, kept, size, about.mime, about.keywords)


def _copied(path: Path, to: Path, limit: int) -> int:
    """Return how many bytes a file has that is copied. BadPackage where they are too many."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise BadPackage(f"{path.name!r} is more than there is room for")
        shutil.copyfile(path, to)
    except OSError as error:
        raise BadPackage(f"{path.name!r} cannot be copied: {error.strerror}") from None
    return size


# What is answered


def _answer(path: Path) -> object:
    """Return what stands in a file in TAK's envelope, or without it. BadPackage."""
    try:
        said: object = json.loads(_read(path))
    except (ValueError, RecursionError):
        raise BadPackage(f"{path.name} is no JSON") from None
    return _within(said)


def _within(said: object) -> object:
    if not isinstance(said, dict):
        return said
    named = cast("Json", said)
    return named.get("data", named)


def _many(said: object) -> list[object] | None:
    return cast("list[object]", said) if isinstance(said, list) else None


def _one(path: Path) -> Json:
    said = _answer(path)
    each = next(iter(_many(said) or [said]))
    if not isinstance(each, dict) or "name" not in each:
        raise BadPackage(f"{path.name} is no answer to GET /Marti/api/missions/NAME")
    return cast("Json", each)


def _log(path: Path) -> list[Json]:
    given = _many(_answer(path)) if _is_there(path) else []
    if given is None or not all(isinstance(each, dict) for each in given):
        raise BadPackage(f"{path.name} is no answer to GET /Marti/api/missions/NAME/log")
    if len(given) > MAX_ENTRIES:
        raise BadPackage(f"{path.name} has {len(given)} entries; at most {MAX_ENTRIES} are read")
    return cast("list[Json]", given)


def _things(path: Path) -> list[Thing]:
    if not _is_there(path):
        return []
    root = document(_read(path), path.name)
    if len(root) > MAX_ENTRIES:
        raise BadPackage(f"{path.name} has more than {MAX_ENTRIES} events")
    return [
        Thing(event_in(etree.tostring(each, with_tail=False), f"{path.name}, line {line}"))
        for each in root.iterchildren("event")
        for line in (each.sourceline,)
    ]


def _is_there(path: Path) -> bool:
    """Tell whether there is a file. BadPackage for anything else, and a file outside its folder.

    Such as a pipe, or a device, of which there is no end.
    """
    try:
        if not path.is_symlink() and not path.exists():
            return False
        is_regular = path.is_file()
        is_inside = is_regular and _is_inside(path)
    except OSError as error:
        raise BadPackage(f"{path.name} cannot be read: {error.strerror}") from None
    if not is_regular:
        raise BadPackage(f"{path.name} is no regular file: put the answer itself there")
    if not is_inside:
        raise BadPackage(_OUTSIDE.format(path.name))
    return True


def _is_inside(path: Path) -> bool:
    return path.resolve().is_relative_to(path.parent.resolve())


def _read(path: Path) -> bytes:
    _is_there(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ANSWER + 1)
    except OSError as error:
        raise BadPackage(f"{path.name} cannot be read: {error.strerror}") from None
    if len(data) > MAX_ANSWER:
        raise BadPackage(f"{path.name} is longer than {MAX_ANSWER} bytes")
    return data


# What is in the mission


@dataclass(frozen=True, slots=True)
class _About:
    name: str
    mime: str
    keywords: tuple[str, ...]


def _listed(mission: Json, key: str) -> list[object]:
    """Return what a mission holds of one kind, without who put it there and when."""
    given = _many(mission.get(key) or [])
    if given is None or len(given) > MAX_ENTRIES:
        raise BadPackage(f"{MISSION}: {key} is a list of at most {MAX_ENTRIES}")
    return [_within(each) for each in given]


def _uids(mission: Json) -> set[str]:
    try:
        return set(texts(_listed(mission, "uids"), "uids", most=MAX_ENTRIES))
    except HTTPException as error:
        raise BadPackage(f"{MISSION}: {error.detail}") from None


def _files(mission: Json) -> dict[str, _About]:
    found: dict[str, _About] = {}
    for each in _listed(mission, "contents"):
        said = cast("Json", each) if isinstance(each, dict) else {}
        try:
            sha256 = text(said.get("hash"), "hash", most=64).lower()
            found[sha256] = _About(
                name=spelled(text(said.get("name") or said.get("filename") or sha256, "name")),
                mime=text(said.get("mimeType") or "", "mimeType"),
                keywords=tuple(texts(said.get("keywords") or [], "keywords")),
            )
        except HTTPException as error:
            raise BadPackage(f"{MISSION}: contents: {error.detail}") from None
    return found


def _found(folder: Path, wanted: Mapping[str, object]) -> dict[str, Path]:
    """Return where the files are that the mission has, by what is in them. BadPackage."""
    found: dict[str, Path] = {}
    try:
        files = sorted(each for each in folder.iterdir() if each.is_file())
        if len(files) > MAX_ENTRIES:
            raise BadPackage(
                f"{folder.name} has {len(files)} files; at most {MAX_ENTRIES} are read"
            )
        for each in files:
            if not _is_inside(each):
                raise BadPackage(_OUTSIDE.format(each.name))
            with each.open("rb") as data:
                sha256 = hashlib.file_digest(data, "sha256").hexdigest()
            if sha256 in wanted:
                found.setdefault(sha256, each)
    except OSError as error:
        raise BadPackage(f"{error.filename} cannot be read: {error.strerror}") from None
    return found
