"""What a client did to a mission while it was away: a package with `changes.json` in it.

The form is that of TAK Server 5.7 (public source: MissionServiceDefaultImpl, MissionChange): a list
`missionChanges`, each change as the server tells of one. The CoT of the thing that the change of
number N speaks of is the entry `N/UID.cot`, the bytes of its file `N/NAME`. Where the server has a
newer change of the same thing, nothing is taken, and the client is told which are in conflict.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

from accord.core.errors import AccordError
from accord.core.mission import ChangeType, Item, ItemKind, LogEntry, Mission
from accord.core.principal import Principal
from accord.storage.mission_rows import WrittenChange
from accord.storage.zip_faults import ZIP_FAULTS, fault_said
from accord.tak.marti.asked import LONG_AGO, read_moment, text
from accord.tak.marti.files import file_name
from accord.tak.marti.mission_import import Packages
from accord.tak.marti.mission_package import (
    MAX_EVENT,
    Attached,
    BadPackage,
    entries_of,
    event_in,
    read_entry,
    require_one_uid,
)

AWAY = "changes.json"

MAX_AWAY = 4 << 20
"""Bytes of the list of changes."""

MAX_CHANGES = 1_000

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayChange:
    """One change: of the thing `uid`, of a file by its hash (with a name), or of the log."""

    said: Json
    number: int
    at: datetime
    is_removal: bool
    uid: str = ""
    sha256: str = ""
    name: str = ""
    entry: Json = field(default_factory=Json)

    @property
    def inside(self) -> str:
        """Which entry of the package has its CoT, or the bytes of its file."""
        return f"{self.number}/{self.uid}.cot" if self.uid else f"{self.number}/{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        """What it is a change of: of several of one, the last counts."""
        return (ItemKind.UID, self.uid) if self.uid else (ItemKind.HASH, self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """What is to become of a mission; the hashes of files are `claimed` until they are let go.

    `hashes` are of files whose bytes did not come: they must be here.
    """

    changes: Sequence[AwayChange]
    items: Sequence[Item]
    hashes: Sequence[str]
    removals: Sequence[tuple[ItemKind, str]]
    entries: Sequence[AwayChange]
    claimed: Sequence[str]


def take_away(
    packages: Packages, package: Path, by: Principal, by_uid: str, now: datetime
) -> Away | None:
    """Return what a package changes, its files kept as those of another; None: it is of no such.

    BadPackage says why it cannot be taken; Full: there is no room for a file. For a thread.
    """
    taking = _Taking(packages, by, by_uid, now)
    try:
        with zipfile.ZipFile(package) as archive:
            infos = entries_of(archive)
            return taking.of(archive, infos) if AWAY in infos else None
    except ZIP_FAULTS as error:
        packages.files.release(taking.claimed)
        raise BadPackage(f"the zip cannot be read: {fault_said(error)}") from None
    except AccordError:
        packages.files.release(taking.claimed)
        raise


class _Taking:
    """Takes what is in one such package."""

    def __init__(self, packages: Packages, by: Principal, by_uid: str, now: datetime) -> None:
        self.claimed: list[str] = []
        self._packages = packages
        self._by, self._by_uid, self._now = by, by_uid, now
        self._left = packages.files.settings.max_file  # of everything together

    def of(self, archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]) -> Away:
        changes = changes_in(b"".join(read_entry(archive, infos[AWAY], MAX_AWAY)))
        last = {each.key: each for each in changes if not each.entry}
        added = [each for each in last.values() if not each.is_removal]
        items = [
            item
            for each in added
            if each.inside in infos
            and (item := self._item(archive, infos[each.inside], each)) is not None
        ]
        return Away(
            changes=changes,
            items=items,
            hashes=[e.sha256 for e in added if e.inside not in infos and not e.uid],
            removals=[_which(each) for each in last.values() if each.is_removal],
            entries=[each for each in changes if each.entry],
            claimed=self.claimed,
        )

    def _item(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, change: AwayChange
    ) -> Item | None:
        """Return what a change puts into the mission, None for what is nothing in one.

        BadPackage for what is not what the change says: its conflicts are found by that.
        """
        if not change.uid:
            return self._file(archive, info, change)
        data = b"".join(read_entry(archive, info, min(self._left, MAX_EVENT)))
        self._left -= len(data)
        event = event_in(data, info.filename)
        require_one_uid(info.filename, AWAY, change.uid, event)
        return self._packages.thing(self._by, event, self._by_uid, self._now)

    def _file(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, change: AwayChange) -> Item:
        path, size, digest = self._packages.files.incoming(), 0, hashlib.sha256()
        try:
            with path.open("wb") as out:
                for lump in read_entry(archive, info, self._left):
                    size += len(lump)
                    digest.update(lump)
                    self._left -= out.write(lump)
            if digest.hexdigest() != change.sha256:
                said = f"{change.sha256[:80]} by {AWAY} and {digest.hexdigest()} by its bytes"
                raise BadPackage(f"{info.filename[:200]!r} is {said}: one of them is wrong")
            file = Attached(name=change.name, path=path, size=size)
            return self._packages.file(file, self._by, self._by_uid, self._now, self.claimed)
        finally:
            path.unlink(missing_ok=True)


def _which(change: AwayChange) -> tuple[ItemKind, str]:
    return (ItemKind.UID, change.uid) if change.uid else (ItemKind.HASH, change.sha256)


def changes_in(data: bytes) -> list[AwayChange]:
    """Return the changes in a list of them. BadPackage for what is none.

    What is no change of a thing, a file or the log, or has no time, is passed over.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadPackage(f"{AWAY} is no JSON") from None
    whole = cast("Json", found) if isinstance(found, dict) else {}
    listed = whole.get("missionChanges")
    if not isinstance(listed, list) or len(cast("list[object]", listed)) > MAX_CHANGES:
        raise BadPackage(f"{AWAY} has a list missionChanges of at most {MAX_CHANGES}")
    changes: list[AwayChange] = []
    for number, one in enumerate(cast("list[object]", listed)):
        change = _change(number, cast("Json", one) if isinstance(one, dict) else {})
        if change is not None:
            changes.append(change)
    return changes


def _change(number: int, said: Json) -> AwayChange | None:
    is_change = said.get("type") in (ChangeType.ADD_CONTENT, ChangeType.REMOVE_CONTENT)
    if not is_change or not said.get("timestamp"):
        return None
    file, entry = said.get("contentResource"), said.get("logEntry")
    given = cast("Json", file) if isinstance(file, dict) else {}
    change = AwayChange(
        said=said,
        number=number,
        at=read_moment("timestamp", text(said["timestamp"], "timestamp"), LONG_AGO),
        is_removal=said.get("type") == ChangeType.REMOVE_CONTENT,
        uid=text(said.get("contentUid") or "", "contentUid"),
        sha256=text(given.get("hash") or "", "hash").lower(),
        name=file_name(str(given["name"])) if given.get("name") else "",
        entry=cast("Json", entry) if isinstance(entry, dict) else {},
    )
    if change.uid or change.sha256 or change.entry:
        return change
    if change.name:
        raise BadPackage(f"{AWAY}: change {number} is of the file {change.name!r} without its hash")
    return None


def conflicts(
    mission: Mission,
    changes: Iterable[AwayChange],
    known: Sequence[WrittenChange],
    entry_of: Callable[[str], LogEntry | None],
) -> list[Json]:
    """Return, as they came, the changes that something newer stands against.

    Of a thing by its uid, of a file by its name and by its hash, of an entry of the log when it was
    first written; and what is said to be from before there was the mission.
    """
    uids: dict[str, float] = {}
    names: dict[str, float] = {}
    hashes: dict[str, float] = {}
    for each in known:
        if each.kind == ItemKind.UID:
            uids[each.name.lower()] = max(each.at, uids.get(each.name.lower(), 0.0))
        elif each.kind == ItemKind.HASH:
            name = _file_name(each.details)
            names[name] = max(each.at, names.get(name, 0.0))
            hashes[each.name] = max(each.at, hashes.get(each.name, 0.0))

    def is_late(change: AwayChange) -> bool:
        at = change.at.timestamp()
        if change.entry:
            entry = entry_of(str(change.entry.get("id") or ""))
            return entry is not None and change.at < entry.created
        newest = (
            uids.get(change.uid.lower(), 0.0)
            if change.uid
            else max(names.get(change.name.lower(), 0.0), hashes.get(change.sha256, 0.0))
        )
        return change.at < mission.made or at < newest

    return [each.said for each in changes if is_late(each)]


def _file_name(details: str) -> str:
    said = cast("Mapping[str, object]", json.loads(details))
    return str(said.get("name", "")).lower()
