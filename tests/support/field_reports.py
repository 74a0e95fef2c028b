"""Packages of the CI-TRAP tool, as ATAK's makes them: one report in XML and what goes with it."""

import io
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from support.marti import Marti

PATH = "/Marti/api/citrap"
ZIP = {"content-type": "application/zip"}
XML = {"content-type": "application/xml"}
AS_XML = {"accept": "application/xml"}

SAID = {
    "type": "Fire", "title": "Smoke over Ōtaki", "userCallsign": "KIWI 1",
    "userDescription": "seen from the road", "dateTime": "2026-01-02T03:00:00.000",
    "dateTimeDescription": "just now", "location": "POINT (175.15 -40.75)",
    "locationDescription": "north of the river", "eventScale": "small", "importance": "routine",
}  # fmt: skip


def a_report(**changes: str | None) -> bytes:
    """Return a report's XML; what is changed to None is left out."""
    said = {name: value for name, value in {**SAID, **changes}.items() if value is not None}
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
    section = '<section title="What"><option title="Colour" value="grey"/></section>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<report{attributes}>{section}</report>'
    ).encode()


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def a_package(report: bytes | None = None, **changes: Any) -> bytes:
    """Return a package with a report, or one of what is said, and a picture."""
    xml = a_report(**changes) if report is None else report
    return zipped({"TrapReport.xml": xml, "images/smoke.jpg": b"\xff\xd8 a picture"})


def entries(package: bytes) -> dict[str, bytes]:
    """Return what is in a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


async def file(api: Marti, who: str = "kiwi", package: bytes | None = None, **changes: Any) -> str:
    """File a report, and return its id."""
    said = a_package(**changes) if package is None else package
    params = {"clientUid": f"UID-{who}"}
    made = await api.does(who, "POST", PATH, 201, params=params, content=said, headers=ZIP)
    assert set(made) == {"id"}
    return made["id"]


async def package_of(api: Marti, report_id: str, who: str = "moa") -> bytes:
    answer = await api.ask(who, "GET", f"{PATH}/{report_id}")
    assert answer.status_code == 200, answer.text
    return answer.content


async def ids(api: Marti, who: str = "moa", **params: Any) -> list[str]:
    return [each["id"] for each in await api.get(who, PATH, params=params)]


async def files_of(api: Marti, who: str) -> int:
    return (await api.get(who, "/Marti/sync/search"))["resultCount"]


def bytes_kept(tmp_path: Path) -> int:
    return len([e for e in (tmp_path / "files").rglob("*") if e.is_file()])
