"""A data package that is put into a mission: its files and its CoT, within limits, all or nothing.

A zip is read as far as its own manifest names entries, and no further: what an entry unpacks to is
counted while it is unpacked, whatever the zip says of it. No name in it is ever a path.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from accord.core.errors import AccordError
from accord.wire.cot import splice, xml
from accord.wire.cot.message import CotEvent
from accord.wire.errors import WireError

MANIFEST = "manifest/manifest.xml"
DESCRIPTION = "mission.json"
"""What an archive of a mission says of it beside what is in it; TAK clients ignore it."""

MAX_MANIFEST = 1 << 20
MAX_DESCRIPTION = 4 << 20
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
    """A file in a package, unpacked to a path."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Described:
    """What a package says of the mission that it is of, in JSON; not in the manifest's list."""

    data: bytes


Entry = Thing | Attached | Described


def unpack(package: Path, place: Callable[[], Path], *, limit: int) -> Iterator[Entry]:
    """Yield what the manifest names, and what describes a mission. BadPackage says why not.

    `place` says where each file goes; `limit` is of the bytes of everything together.
    """
    try:
        with zipfile.ZipFile(package) as archive:
            infos = {each.filename: each for each in archive.infolist()}
            if len(infos) < len(archive.infolist()):
                raise BadPackage("the zip has two entries of one name")
            names = _named(archive, infos)
            if DESCRIPTION in infos and DESCRIPTION not in names:
                said = _read(archive, infos[DESCRIPTION], min(limit, MAX_DESCRIPTION))
                yield Described(b"".join(said))
            left = limit
            for name in names:
                for each in _entry(archive, infos[name], place, left):
                    left -= each.size if isinstance(each, Attached) else len(each.event.xml)
                    yield each
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadPackage(f"the zip cannot be read: {error}") from None


def _named(archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> list[str]:
    """Return the entries that the manifest names and that are not to be ignored."""
    if len(infos) > MAX_ENTRIES:
        raise BadPackage(f"the zip has {len(infos)} entries; at most {MAX_ENTRIES} are read")
    found = [name for name in infos if name.replace("\\", "/").lower() == MANIFEST]
    if len(found) != 1:
        raise BadPackage(f"a package has one MANIFEST/manifest.xml; this zip has {len(found)}")
    data = b"".join(_read(archive, infos[found[0]], MAX_MANIFEST))
    try:
        # Neither entities nor the network: the manifest is somebody else's.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadPackage(f"the manifest is not well-formed: {error}") from None
    names = [
        each.get("zipEntry", "")
        for each in root.iter("Content")
        if each.get("ignore", "false").lower() != "true"
    ]
    missing = [name for name in names if name not in infos]
    if missing or not names:
        what = f"{missing[0][:200]!r}, which is not in the zip" if missing else "nothing"
        raise BadPackage(f"the manifest names {what}")
    return list(dict.fromkeys(names))


def _entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Callable[[], Path], limit: int
) -> Iterator[Thing | Attached]:
    if info.filename.lower().endswith(".cot"):
        yield Thing(_event(b"".join(_read(archive, info, min(limit, MAX_EVENT))), info.filename))
        return
    size, path = 0, place()
    with path.open("wb") as out:
        for lump in _read(archive, info, limit):
            size += out.write(lump)
    yield Attached(name=info.filename.replace("\\", "/").rpartition("/")[2], path=path, size=size)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
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


def _event(data: bytes, name: str) -> CotEvent:
    start = data.find(b"<event") if data.lstrip().startswith(_DECLARATION) else 0
    try:
        event = xml.read(data[max(0, start) :].strip())
        # Whom it was for elsewhere: here it is for who takes part in the mission.
        return xml.read_again(splice.without(event.xml, "marti"))
    except WireError as error:
        raise BadPackage(f"{name!r} is no CoT event: {error}") from None
