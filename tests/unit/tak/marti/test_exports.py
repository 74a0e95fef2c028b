"""KML of the past, as CloudTAK asks for it: whose courses, of what time, and of whom nothing."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from accord.tak.marti import exports
from support.clock import START
from support.marti import Marti
from support.past import keep
from support.released import SIX, heard

EXPORT = "/Marti/ExportMissionKML"
AROUND = {"startTime": f"{SIX:%Y-%m-%d}T05:00:00.000Z", "endTime": f"{SIX:%Y-%m-%d}T07:00:00.000Z"}
NAMESPACES = {"k": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}


def courses(data: bytes) -> dict[str, int]:
    """How many places each course in a document has, by its name."""
    root = etree.fromstring(data)
    return {
        mark.findtext("k:name", "", NAMESPACES): len(mark.findall("gx:Track/k:when", NAMESPACES))
        for mark in root.iterfind(".//k:Placemark", NAMESPACES)
    }


async def asked(api: Marti, who: str = "moa", **more: str) -> dict[str, int]:
    answer = await api.ask(who, "POST", EXPORT, data={"format": "kml", **AROUND, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.google-earth.kml+xml"
    return courses(answer.content)


async def test_courses_of_some_time_are_told_to_who_hears_their_groups(
    api: Marti, tmp_path: Path
) -> None:
    keep(tmp_path, [heard("SHIP", 0), heard("OTHER", 5), heard("SHIP", 10)])
    assert await asked(api) == {"SHIP": 2, "OTHER": 1}
    assert await asked(api, uid="SHIP") == {"SHIP": 2}
    assert await asked(api, groups="Blue,Red") == {"SHIP": 2, "OTHER": 1}
    assert await asked(api, groups="Red") == {}  # which he does not hear
    assert await asked(api, "tui") == {}
    assert await asked(api, endTime=f"{SIX:%Y-%m-%d}T06:00:07.000Z") == {"SHIP": 1, "OTHER": 1}


async def test_it_is_a_kmz_and_of_the_last_day_where_nothing_else_is_said(
    api: Marti, tmp_path: Path
) -> None:
    keep(tmp_path, [heard("SHIP", 0)])
    api.node.clock.advance(seconds=(SIX - START).total_seconds() + 3600)
    answer = await api.ask("moa", "GET", EXPORT)
    assert answer.headers["content-type"] == "application/vnd.google-earth.kmz"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["doc.kml"]
        assert courses(archive.read("doc.kml")) == {"SHIP": 1}


async def test_what_a_partner_released_is_left_to_the_export_that_knows_its_form(
    api: Marti, tmp_path: Path
) -> None:
    ship = heard("SHIP", 0)
    theirs = replace(ship, uid="THEIRS", source=replace(ship.source, channel="partner:AUS"))
    keep(tmp_path, [ship, theirs])
    assert await asked(api) == {"SHIP": 1}


async def test_what_cannot_be_read_is_refused(api: Marti, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.does("moa", "POST", EXPORT, 400, data={"startTime": "yesterday"})
    await api.does("moa", "POST", EXPORT, 400, data={**AROUND, "startTime": AROUND["endTime"]})
    await api.does("moa", "POST", EXPORT, 400, content=b"\xff=1")
    await api.does("nobody", "POST", EXPORT, 401)
    monkeypatch.setattr(exports, "MOST", 1)
    assert await asked(api) == {}


async def test_a_journal_that_cannot_be_read_is_said(api: Marti, tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no journal at all" * 100)
    await api.does("moa", "POST", EXPORT, 503, data=AROUND)
