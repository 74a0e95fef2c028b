"""A track that ATAK sends, and who finds it again (TAK Server 5.7: TracksKMLServlet)."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.storage.sent_tracks import SentTracks
from accord.tak.marti import exports, sent_tracks
from support.marti import Marti
from support.past import keep
from support.released import SIX, heard
from support.sent_tracks import WHENS, a_document, a_track

PATH = "/Marti/TracksKML"
EXPORT = "/Marti/ExportMissionKML"
WHO = {"uid": "UID-kiwi", "callsign": "KIWI 1"}
HOUR = {"startTime": "2026-01-02T01:30:00Z", "endTime": "2026-01-02T02:30:00Z"}
KML = {"k": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}


async def send(api: Marti, status: int = 200, who: str = "kiwi", **changes: Any) -> str:
    params = {**WHO, **changes.pop("params", {})}
    body = changes.pop("content", a_document())
    return await api.does(who, "POST", PATH, status, params=params, content=body, **changes)


async def courses(api: Marti, who: str = "moa", **more: str) -> list[tuple[str, list[str]]]:
    """Return who was where by an export: the name, and the moments."""
    answer = await api.ask(who, "POST", EXPORT, data={"format": "kml", **HOUR, **more})
    assert answer.status_code == 200, answer.text
    return [
        (
            mark.findtext("k:name", "", KML),
            [each.text or "" for each in mark.iterfind("gx:Track/k:when", KML)],
        )
        for mark in etree.fromstring(answer.content).iterfind(".//k:Placemark", KML)
    ]


async def test_a_track_is_in_the_kml_of_when_it_was_with_where_it_comes_from(api: Marti) -> None:
    more = {"groupName": "Cyan", "groupRole": "Team Member", "cotType": "a-f-G-E-V"}
    assert await send(api, params=more) == "3 points kept\n"
    assert await courses(api) == [("KIWI 1", list(WHENS))]
    assert await courses(api, uid="UID-kiwi") == [("KIWI 1", list(WHENS))]
    assert await courses(api, endTime="2026-01-02T02:00:06Z") == [("KIWI 1", list(WHENS[:2]))]
    assert await courses(api, startTime="2026-01-02T02:01:00Z") == []
    assert await courses(api, uid="OTHER") == []
    answer = await api.ask("moa", "POST", EXPORT, data={"format": "kml", **HOUR})
    root = etree.fromstring(answer.content)
    said = {e.get("name"): e.findtext("k:value", "", KML) for e in root.iterfind(".//k:Data", KML)}
    assert (said["source"], said["speaker"], said["type"], said["groups"]) == (
        "sent-track", "kiwi", "a-f-G-E-V", "Blue",
    )  # fmt: skip


async def test_a_track_is_of_the_groups_of_who_sends_it(api: Marti) -> None:
    await send(api)
    await send(api, who="tui", params={"uid": "UID-tui", "callsign": "TUI"})
    assert [name for name, _ in await courses(api, "kea")] == ["KIWI 1", "TUI"]
    assert [name for name, _ in await courses(api, "kea", groups="Red")] == ["TUI"]
    assert [name for name, _ in await courses(api, "tui")] == ["TUI"]


async def test_a_track_is_nothing_that_is_now(api: Marti) -> None:
    _, moa = api.on_air("moa")
    _, kiwi = api.on_air("kiwi")
    before = (await api.ask("moa", "GET", "/Marti/api/cot/xml/UID-kiwi")).content
    moa.take()
    await send(api)
    api.node.tick()
    assert (moa.take(), kiwi.take()) == ([], [])
    assert (await api.ask("moa", "GET", "/Marti/api/cot/xml/UID-kiwi")).content == before
    await send(api, params={"uid": "NEW"})
    await api.does("moa", "GET", "/Marti/api/cot/xml/NEW", 404)


async def test_a_track_sent_again_is_kept_once(api: Marti) -> None:
    await send(api)
    assert await send(api) == "0 points kept\n"
    longer = a_track((*WHENS, "2026-01-02T02:00:15Z"), ("1 2",) * 4)
    assert await send(api, content=a_document(longer)) == "1 points kept\n"
    ((_, moments),) = await courses(api)
    assert len(moments) == 4


async def test_it_stands_beside_what_was_heard_then(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, [heard("SHIP", 0), heard("SHIP", 10)])
    api.node.clock.advance(hours=800 * 24)
    around = {
        "startTime": f"{SIX:%Y-%m-%d}T05:00:00.000Z", "endTime": f"{SIX:%Y-%m-%d}T07:00:00.000Z",
    }  # fmt: skip
    track = a_track([f"{SIX:%Y-%m-%d}T06:00:0{n}.000Z" for n in (2, 4, 6)])
    await send(api, content=a_document(track))
    assert [(name, len(e)) for name, e in await courses(api, **around)] == [
        ("SHIP", 2), ("KIWI 1", 3),
    ]  # fmt: skip
    monkeypatch.setattr(exports, "MOST", 2)
    assert [(name, len(e)) for name, e in await courses(api, **around)] == [
        ("SHIP", 1), ("KIWI 1", 1),
    ]  # fmt: skip


async def test_nobody_says_where_anothers_device_was(api: Marti) -> None:
    api.on_air("kiwi")
    await send(api, 403, who="moa")
    await send(api, who="tui")  # who shares no group with him
    await send(api, 403, who="ruru", params={"uid": "UID-ruru"})
    await send(api, 401, who="nobody")


@pytest.mark.parametrize(
    "params",
    [
        {"uid": ""}, {"uid": "x" * 513}, {"uid": "a\x07"}, {"callsign": ""},
        {"callsign": "x" * 129}, {"cotType": "b-m-p-s-m"}, {"cotType": "a-\x07"},
        {"cotType": "a-" + "f" * 127},
    ],
)  # fmt: skip
async def test_who_it_was_must_be_said(api: Marti, params: dict[str, str]) -> None:
    await send(api, 400, params=params)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<kml/>", b"<gpx/>", a_document(a_track(coords=("1 2",))),
        b'<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>',
        a_document(a_track(("2026-01-02T03:20:00Z",), ("1 2",))),  # to come
        a_document(a_track(("1969-12-31T23:59:59Z",), ("1 2",))),
    ],
)  # fmt: skip
async def test_what_is_no_track_of_the_past_is_refused(api: Marti, content: bytes) -> None:
    await send(api, 400, content=content)
    assert await courses(api) == []


async def test_a_track_is_within_limits(api: Marti, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(api, 413, content=b" " * (sent_tracks.MAX_KML + 1))
    monkeypatch.setattr(sent_tracks, "MOST_SENT", 2)
    await send(api, 400)
    monkeypatch.setattr(sent_tracks, "MOST_SENT", 9)
    (part,) = [e for e in api.api._parts if isinstance(e, sent_tracks.SentTracksApi)]
    assert isinstance(part._tracks, SentTracks)
    monkeypatch.setattr(part._tracks, "_most", 2)
    await send(api, 507)
    assert await courses(api) == []
