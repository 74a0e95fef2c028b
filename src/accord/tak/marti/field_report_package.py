"""Packages of the CI-TRAP tool: a zip with one report in XML, and whatever goes with it.

A package is read once, whole: each entry is held to the check sum that the zip has of it, and all
together to a limit. No name in it is ever a path here; one that others could take for a path out of
a folder is refused. The form is that of TAK Server 5.7 (public source: citrap/schema.xsd, and
CITrapReportService for where in a package the report is).
"""

import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import quoteattr

from accord.core.context import LIVE, Context
from accord.core.marking import Opex
from accord.storage.field_reports import Extent
from accord.storage.zip_faults import ZIP_FAULTS, fault_said
from accord.tak.marti.mission_package import BadPackage, entries_of, read_entry

MAX_ENTRIES = 1_000
MAX_REPORT = 1 << 20
"""Bytes of the XML of a report."""

MAX_DEPTH = 64
MAX_TEXT = 1_024
"""Characters of an attribute of a report; by the schema 256."""

MAX_ID = 128

ATTRIBUTES = (
    "id", "type", "title", "userCallsign", "userDescription", "dateTime", "dateTimeDescription",
    "location", "locationDescription", "tags", "eventScale", "scaleDescription", "importance",
    "status", "warning", "tak",
)  # fmt: skip
"""What a report says of itself, beside its sections."""

EXERCISE = "__exercise"
"""The element, and `opex` the attribute, by which a report is of an exercise, as in CoT."""

_ROOT = "report"
_BEGIN = b"<report"
_BOM = b"\xef\xbb\xbf"
_LUMP = 1 << 18

_place = re.compile(
    r"\s*(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON)\s*(?:Z\s*)?"
    r"(\([-+0-9.eE,()\s]+\))\s*",
    re.IGNORECASE,
).fullmatch
"""Well-known text of a geometry (OGC 06-103r4, clause 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a report says: its attributes, when and where it was, and of which context it is."""

    said: Mapping[str, str]
    time: datetime
    extent: Extent | None
    context: Context

    @property
    def id(self) -> str:
        """The id that it has, empty for none."""
        return self.said.get("id", "")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The report in a package, and what it is called there."""

    entry: str
    xml: bytes


def enclosed_in(package: Path | BinaryIO, limit: int) -> Enclosed:
    """Return the report in a package, all of which is read. BadPackage says why there is none."""
    found, count, left = None, 0, limit
    try:
        with zipfile.ZipFile(package) as archive:
            for name, info in _entries(archive).items():
                kept, size = bytearray(), 0
                for lump in read_entry(archive, info, left):
                    size += len(lump)
                    if name.lower().endswith(".xml") and len(kept) <= MAX_REPORT:
                        kept += lump
                left -= size
                if len(kept) <= MAX_REPORT and _BEGIN in kept and _is_meant(bytes(kept)):
                    found, count = Enclosed(name, bytes(kept)), count + 1
    except ZIP_FAULTS as error:
        raise BadPackage(f"the zip cannot be read: {fault_said(error)}") from None
    if found is None or count > 1:
        raise BadPackage(
            f"a package has one report, an .xml of up to {MAX_REPORT} bytes with <report> "
            f"outermost; this has {count}"
        )
    return found


def _entries(archive: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    infos = entries_of(archive)
    if len(infos) > MAX_ENTRIES:
        raise BadPackage(f"the zip has {len(infos)} entries; at most {MAX_ENTRIES} are taken")
    for name in infos:
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or ":" in parts[0] or not name.isprintable():
            raise BadPackage(f"{name[:200]!r} is no name of an entry: it leads elsewhere")
    return infos


def _is_meant(data: bytes) -> bool:
    """Tell whether XML is a report, or is meant to be: what is wrong with it is said later."""
    try:
        return _scan(data).root == _ROOT
    except BadPackage:
        return data.removeprefix(_BOM).lstrip().startswith((_BEGIN, b"<?xml"))


class _Scan:
    """What is outermost, with its attributes, where it begins, and every exercise mark."""

    def __init__(self) -> None:
        self.root = ""
        self.said: dict[str, str] = {}
        self.at = 0
        self.marks: set[str] = set()
        self._depth = 0

    def walk(self, data: bytes) -> None:
        parser = ParserCreate("UTF-8")

        def start(name: str, attributes: dict[str, str]) -> None:
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise BadPackage(f"the report has more than {MAX_DEPTH} elements in each other")
            if not self.root:
                self.root, self.said, self.at = name, attributes, parser.CurrentByteIndex
            if (self._depth == 1 or name == EXERCISE) and "opex" in attributes:
                self.marks.add(attributes["opex"])

        def end(_name: str) -> None:
            self._depth -= 1

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.EntityDeclHandler = _refuse
        try:
            parser.Parse(data, True)
        except ExpatError as error:
            raise BadPackage(f"the report is no XML: {error}") from None


def _refuse(*_: object) -> None:
    raise BadPackage("the report declares entities")


def _scan(data: bytes) -> _Scan:
    scan, plain = _Scan(), data.removeprefix(_BOM)
    try:
        is_utf8 = "\0" not in plain.decode()  # expat knows UTF-16 by its zeros
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8:
        raise BadPackage("the report is not in UTF-8")
    scan.walk(plain)
    return scan


def told_in(data: bytes) -> Told:
    """Return what a report says. BadPackage: it is none, and says what is wrong."""
    if len(data) > MAX_REPORT:
        raise BadPackage(f"a report has up to {MAX_REPORT} bytes of XML")
    scan = _scan(data)
    if scan.root != _ROOT:
        raise BadPackage("the XML of a report has <report> outermost")
    said = {name: scan.said[name] for name in ATTRIBUTES if scan.said.get(name)}
    for name, value in said.items():
        if len(value) > MAX_TEXT:
            raise BadPackage(f"the report's {name} is longer than {MAX_TEXT} characters")
    report_id = said.get("id", "")
    if scan.said.get("id") == "":
        raise BadPackage("the report's id is empty: leave it out, and it is given one")
    if len(report_id) > MAX_ID or "/" in report_id or not report_id.isprintable():
        raise BadPackage(f"a report's id has up to {MAX_ID} characters to be printed, and no /")
    return Told(
        said=said,
        time=_time(said.get("dateTime", "")),
        extent=_extent(said.get("location", "")),
        context=_context(scan.marks),
    )


def _time(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadPackage(
            "the report's dateTime is a moment such as 2026-01-02T03:04:05.678"
        ) from None


def _extent(said: str) -> Extent | None:
    """Return what a place in well-known text spans, None for no place."""
    if not said:
        return None
    found = _place(said)
    corners = _corners(found[1]) if found else []
    if not corners or any(abs(lon) > 180 or abs(lat) > 90 for lon, lat in corners):
        raise BadPackage("the report's location is a place such as POINT (174.8 -41.3)")
    lons, lats = zip(*corners, strict=True)
    return Extent(min(lons), min(lats), max(lons), max(lats))


def _corners(said: str) -> list[tuple[float, float]]:
    """Return the corners in brackets, none where one is no pair of numbers."""
    corners: list[tuple[float, float]] = []
    for each in re.sub(r"[()]", " ", said).split(","):
        try:
            lon, lat, *_ = map(float, each.split())
        except ValueError:
            return []
        corners.append((lon, lat))
    return corners


def _context(marks: set[str]) -> Context:
    if len(marks) > 1:
        raise BadPackage("the report's exercise marks differ")
    for each in marks:
        if len(each) > MAX_TEXT:
            raise BadPackage(f"the report's exercise mark is longer than {MAX_TEXT} characters")
        try:
            return Opex.parse(each).context
        except ValueError as error:
            raise BadPackage(f"the report's exercise mark: {error}") from None
    return LIVE


def with_id(data: bytes, report_id: str) -> bytes:
    """Return a report that had no id with one."""
    plain = data.removeprefix(_BOM)
    at = _scan(plain).at + len(_BEGIN)
    return b"%b id=%b%b" % (plain[:at], quoteattr(report_id).encode(), plain[at:])


def repacked(package: Path | BinaryIO, target: Path, entries: Mapping[str, bytes | Path]) -> None:
    """Write a package that was read before anew, with these entries beside, or in place of, its.

    A path is that of a file with what the entry has. BadPackage: it cannot be read any more.
    """
    try:
        with zipfile.ZipFile(package) as old, zipfile.ZipFile(
            target, "w", zipfile.ZIP_DEFLATED
        ) as new:  # fmt: skip
            for info in old.infolist():
                if info.filename not in entries:
                    _copy(old, info, new)
            for name, data in entries.items():
                if isinstance(data, Path):
                    new.write(data, name)
                else:
                    new.writestr(name, data)
    except ZIP_FAULTS as error:
        raise BadPackage(f"the zip cannot be read: {fault_said(error)}") from None


def _copy(old: zipfile.ZipFile, info: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
    is_long = info.file_size > zipfile.ZIP64_LIMIT
    with old.open(info) as packed, new.open(info.filename, "w", force_zip64=is_long) as out:
        shutil.copyfileobj(packed, out, _LUMP)
