"""A data package that is put into a mission: its files and its CoT, within limits, all or nothing.

A zip is read as far as its own manifest names entries, and no further: what an entry unpacks to is
counted while it is unpacked, whatever the zip says of it. No name in it is ever a path.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from accord.core.errors import AccordError
from accord.storage.zip_faults import ZIP_FAULTS, fault_said
from accord.wire.cot import splice, xml
from accord.wire.cot.message import CotEvent
from accord.wire.errors import WireError

MANIFEST = "manifest/manifest.xml"
DESCRIPTION = "mission.json"
"""What an archive of a mission says of it beside what is in it; TAK clients ignore it."""

LOG_LINES = "log.jsonl"
"""The log of a mission in its archive by Accord, an entry a line; TAK clients ignore it."""

MAX_MANIFEST = 1 << 20
MAX_DESCRIPTION = 8 << 20
MAX_LOG = 32 << 20
MAX_ENTRIES = 20_000
MAX_EVENT = 1 << 20

_LUMP = 1 << 18
_ENCRYPTED = 1  # APPNOTE 4.4.4: bit 0 of the flags of an entry
_DECLARATION = b"<?xml"


class BadPackage(AccordError):
    """It is no data package that can be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A CoT event in a package."""

    event: CotEvent


@dataclass(frozen=True, slots=True)
class Attached:
    """A file in a package, unpacked to a path; what is said of its type may be nothing."""

    name: str
    path: Path
    size: int
    mime: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """What a package says of the mission that it is of, in JSON."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Logged:
    """The log of the mission that a package is of, by lines."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Archived:
    """What TAK Server writes into the manifest of the archive of a mission.

    `said` are the parameters of its configuration that have a value, `role` is the default role.
    """

    said: Mapping[str, str]
    groups: tuple[str, ...]
    role: str


Entry = Thing | Attached | Described | Logged | Archived


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry that a manifest names. What a file is called there, its zip cannot always say."""

    entry: str
    name: str
    mime: str
    keywords: tuple[str, ...]
    uid: str


@dataclass(frozen=True, slots=True)
class _Manifest:
    listed: Sequence[_Listed]
    archived: Archived | None


def unpack(package: Path, place: Callable[[], Path], *, limit: int) -> Iterator[Entry]:
    """Yield what the manifest names, and what describes a mission. BadPackage says why not.

    `place` says where each file goes; `limit` is of the bytes of everything together.
    """
    try:
        with zipfile.ZipFile(package) as archive:
            infos = entries_of(archive)
            manifest = _manifest(archive, infos)
            yield from _descriptions(archive, infos, manifest, limit)
            left = limit
            for listed in manifest.listed:
                for each in _entry(archive, listed, place, left):
                    if isinstance(each, Thing) and listed.uid:
                        require_one_uid(listed.entry, "the manifest", listed.uid, each.event)
                    left -= each.size if isinstance(each, Attached) else len(each.event.xml)
                    yield each
    except ZIP_FAULTS as error:
        raise BadPackage(f"the zip cannot be read: {fault_said(error)}") from None


def entries_of(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    """Return the entries of a zip by their names. BadPackage for too many, or two of one name."""
    found = archive.infolist()
    if len(found) > MAX_ENTRIES:
        raise BadPackage(f"the zip has {len(found)} entries; at most {MAX_ENTRIES} are read")
    infos = {each.filename: each for each in found}
    if len(infos) < len(found):
        raise BadPackage("the zip has two entries of one name")
    return infos


def _manifest(archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]) -> _Manifest:
    """Return what the manifest says: the entries that are not to be ignored, and of what mission.

    BadPackage where it names nothing, unless what it describes is a mission with nothing in it.
    """
    root = _root(archive, infos)
    listed = {
        each.get("zipEntry", ""): _listed(each)
        for each in root.iter("Content")
        if each.get("ignore", "false").lower() != "true"
    }
    missing = [entry for entry in listed if entry not in infos]
    archived = _archived(root)
    if missing:
        raise BadPackage(f"the manifest names {missing[0][:200]!r}, which is not in the zip")
    if not listed and archived is None and DESCRIPTION not in infos:
        raise BadPackage("the manifest names nothing")
    return _Manifest(list(listed.values()), archived)


def _root(archive: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo]) -> etree._Element:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    found = [name for name in infos if name.replace("\\", "/").lower() == MANIFEST]
    if len(found) != 1:
        raise BadPackage(f"a package has one MANIFEST/manifest.xml; this zip has {len(found)}")
    return document(b"".join(read_entry(archive, infos[found[0]], MAX_MANIFEST)), "the manifest")


def document(data: bytes, what: str) -> etree._Element:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    """Return the root of a document that is somebody else's. BadPackage where it is none."""
    try:
        # Neither entities nor the network.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadPackage(f"{what} is not well-formed: {error}") from None


def _listed(content: etree._Element) -> _Listed:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    """Return what a manifest says of an entry; TAK Server writes more than TAK's clients do."""
    entry, keywords = content.get("zipEntry", ""), content.get("keywords", "").split(",")
    uids = [e.get("value", "") for e in content.iter("Parameter") if e.get("name") == "uid"]
    return _Listed(
        entry=entry,
        name=content.get("name") or content.get("filename") or "",
        mime=content.get("mimeType", ""),
        keywords=tuple(word.strip() for word in keywords if word.strip()),
        uid=next(filter(None, uids), ""),
    )


def require_one_uid(entry: str, by: str, uid: str, event: CotEvent) -> None:
    """BadPackage where an event is of another uid than what lists its entry says."""
    if uid != event.uid:
        said = f"{uid[:200]!r} by {by} and {event.uid!r} by itself"
        raise BadPackage(f"{entry[:200]!r} is {said}: one of them is wrong")


def _archived(root: etree._Element) -> Archived | None:  # pyright: ignore[reportPrivateUsage]  lxml has no other name for it
    """Return what TAK Server says of a mission, None where the manifest is not of one."""
    said = {
        each.get("name", ""): value
        for each in root.iterfind("Configuration/Parameter")
        if (value := each.get("value"))
    }
    if not said.get("mission_name"):
        return None
    groups = tuple(name for each in root.iterfind("Groups/Group") if (name := each.get("name")))
    role = root.find("Role")
    return Archived(said, groups, "" if role is None else role.get("name", ""))


def _descriptions(
    archive: zipfile.ZipFile,
    infos: Mapping[str, zipfile.ZipInfo],
    manifest: _Manifest,
    limit: int,
) -> Iterator[Described | Logged | Archived]:
    """Yield what describes the mission, whether it is listed as content, and is a file too, or not.

    Left out, it would make a mission more open than it was.
    """
    if manifest.archived is not None:
        yield manifest.archived
    if DESCRIPTION in infos:
        said = read_entry(archive, infos[DESCRIPTION], min(limit, MAX_DESCRIPTION))
        yield Described(b"".join(said))
        if LOG_LINES in infos and LOG_LINES not in {each.entry for each in manifest.listed}:
            lines = read_entry(archive, infos[LOG_LINES], min(limit, MAX_LOG))
            yield Logged(b"".join(lines))


def _entry(
    archive: zipfile.ZipFile, listed: _Listed, place: Callable[[], Path], limit: int
) -> Iterator[Thing | Attached]:
    info = archive.getinfo(listed.entry)
    if info.filename.lower().endswith(".cot"):
        data = b"".join(read_entry(archive, info, min(limit, MAX_EVENT)))
        yield Thing(event_in(data, info.filename))
        return
    size, path = 0, place()
    with path.open("wb") as out:
        for lump in read_entry(archive, info, limit):
            size += out.write(lump)
    name = listed.name and spelled(listed.name)
    name = name or info.filename.replace("\\", "/").rpartition("/")[2]
    yield Attached(name=name, path=path, size=size, mime=listed.mime, keywords=listed.keywords)


def spelled(name: str) -> str:
    """Return the name that another server has for a file, without what no file here may have."""
    return re.sub(r"[/\\\x00-\x1f\x7f]", "_", name)


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield what an entry unpacks to. BadPackage as soon as that is more than the limit."""
    if info.flag_bits & _ENCRYPTED:
        raise BadPackage(f"{info.filename!r} is encrypted: pack it without a password")
    size = 0
    with archive.open(info) as packed:
        while lump := packed.read(_LUMP):
            size += len(lump)
            if size > limit:
                raise BadPackage(f"{info.filename!r} unpacks to more than there is room for")
            yield lump


def event_in(data: bytes, name: str) -> CotEvent:
    """Return the CoT event that an entry is. BadPackage where it is none."""
    start = data.find(b"<event") if data.lstrip().startswith(_DECLARATION) else 0
    try:
        event = xml.read(data[max(0, start) :].strip())
        # Whom it was for elsewhere: here it is for who takes part in the mission.
        return xml.read_again(splice.without(event.xml, "marti"))
    except WireError as error:
        raise BadPackage(f"{name!r} is no CoT event: {error}") from None
