"""What an archive says of a mission beside its entries: it goes out, and comes in again."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from accord.core.mission import Item, ItemKind, LogEntry
from accord.storage.mission_rows import WrittenItem
from accord.tak.marti import mission_beside
from accord.tak.marti.mission_beside import (
    MAX_FIELDS,
    beside_json,
    log_lines,
    read_answer,
    read_beside,
    read_log,
)
from accord.tak.marti.mission_package import BadPackage
from support.marti import Marti

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
ZIP = {"content-type": "application/zip"}
NOW = datetime(2026, 5, 1, tzinfo=UTC)
CHART = {"name": "Chart", "uid": "chart", "url": "https://maps.example/{z}/{x}/{y}", "opacity": 0.5}
TRACKER = {"uid": "T1", "name": "Tracker", "urlData": "https://tracker.example/1"}


async def begun(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
    await api.does("kiwi", "PUT", f"{SEARCH}/layers?name=Maps&type=MAPLAYER&uid=maps")
    await api.does("kiwi", "PUT", f"{SEARCH}/layers?name=Later&type=UID&uid=later")
    await api.does("kiwi", "POST", f"{SEARCH}/maplayers", json={**CHART, "path": "maps"})
    await api.does("kiwi", "POST", f"{SEARCH}/externaldata", 201, json=TRACKER)
    parts = {"paths": {"later": [{"uids": ["ALONE"]}]}}
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json=parts)
    for content in ("three sails", "a light  at \u2028 sea"):
        entry = {
            "content": content, "creatorUid": "UID-kiwi", "missionNames": ["Search"],
            "dtg": "2026-05-01T10:00:00.000Z", "keywords": ["watch"],
        }  # fmt: skip
        await api.does("kiwi", "POST", f"{ROOT}/logs/entries", 201, json=entry)


def without(told: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in keys}


async def test_everything_goes_out_and_comes_in_again(api: Marti) -> None:
    await begun(api)
    archive = (await api.ask("moa", "GET", f"{SEARCH}/archive")).content
    (told,) = (await api.does("moa", "POST", f"{ROOT}/Again", 201, content=archive, headers=ZIP))[
        "data"
    ]
    (before,) = (await api.get("moa", SEARCH))["data"]
    assert told["externalData"] == before["externalData"]
    assert [each["data"] for each in told["uids"]] == ["ALONE"]
    (one,), (two,) = before["mapLayers"], told["mapLayers"]
    assert without(two, "creatorUid") == without(one, "creatorUid")
    assert (one["creatorUid"], two["creatorUid"]) == ("kiwi", "moa")
    maps, later = (await api.get("moa", f"{ROOT}/Again/layers"))["data"]
    assert (maps["maplayers"][0]["data"]["uid"], later["uids"][0]["data"]) == ("chart", "ALONE")
    ever = "end=2100-01-01T00:00:00.000Z"
    old, new = [
        (await api.get("moa", f"{ROOT}/{each}/log?{ever}"))["data"] for each in ("Search", "Again")
    ]
    kept = ("content", "dtg", "keywords")
    assert [[each[key] for key in kept] for each in new] == [
        [each[key] for key in kept] for each in old
    ]


async def test_an_entry_is_not_brought_in_the_name_of_another_persons_client(api: Marti) -> None:
    await begun(api)
    api.on_air("kiwi")
    archive = (await api.ask("moa", "GET", f"{SEARCH}/archive")).content
    await api.does("moa", "POST", f"{ROOT}/Again", 201, content=archive, headers=ZIP)
    log = (await api.get("moa", f"{ROOT}/Again/log"))["data"]
    assert log
    assert {each["creatorUid"] for each in log} == {"moa"}


async def test_a_package_that_is_sent_has_no_log(api: Marti) -> None:
    await begun(api)
    _, of_moa = api.on_air("moa")
    await api.does("kiwi", "POST", f"{SEARCH}/send?contacts=UID-moa")
    api.node.tick()
    of_moa.take()
    (sent,) = (await api.get("kiwi", "/Marti/sync/search?tool=private"))["results"]
    data = (await api.ask("moa", "GET", f"/Marti/sync/content?hash={sent['Hash']}")).content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "log.jsonl" not in archive.namelist()
        assert json.loads(archive.read("mission.json"))["mapLayers"][0]["uid"] == "chart"


def written(kind: ItemKind, name: str, details: dict[str, Any]) -> WrittenItem:
    return WrittenItem(kind, name, 0.0, "U", "[]", json.dumps(details), "live")


def test_of_what_there_is_no_room_for_it_is_said_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mission_beside, "MAX_BESIDE", 100)
    items = [
        written(ItemKind.UID, "WITH-COT", {}),
        written(ItemKind.UID, "ALONE", {}),
        written(ItemKind.MAP_LAYER, "big", {"name": "x" * 100, "uid": "big"}),
        written(ItemKind.EXTERNAL, "T1", TRACKER),
    ]
    said = beside_json(items, {"WITH-COT"}, 3)
    assert said == {
        "uids": ["ALONE"], "mapLayers": [], "externalData": [], "itemKeywords": [],
        "leftOut": {"mapLayers": 1, "externalData": 1, "log": 3},
    }  # fmt: skip
    found = read_beside(said, (), "U", NOW)
    assert [each.name for each in found.items] == ["ALONE"]
    assert found.left_out == [
        "1 map layers, for which the archive had no room",
        "1 external data, for which the archive had no room",
        "3 entries, for which the archive had no room",
    ]


def test_things_and_files_keep_their_keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [
        written(ItemKind.UID, "WITH-COT", {}), written(ItemKind.UID, "ALONE", {}),
        written(ItemKind.HASH, "a" * 64, {"filename": "plan.pdf"}),
    ]  # fmt: skip
    items = [each._replace(keywords=json.dumps([f"of {each.name[:8]}", "ā"])) for each in kept]
    said = json.loads(json.dumps(beside_json(items, {"WITH-COT"}, 0)))
    found = read_beside(said, ("WITH-COT",), "U", NOW)
    (alone,) = found.items
    assert alone.keywords == ("of ALONE", "ā")
    for kind, name in ((ItemKind.UID, "WITH-COT"), (ItemKind.HASH, "a" * 64)):
        item = Item(kind=kind, name=name, at=NOW, creator_uid="U")
        assert found.labelled(item).keywords == (f"of {name[:8]}", "ā")
    other = Item(kind=ItemKind.UID, name="OTHER", at=NOW, creator_uid="U", keywords=("own",))
    assert found.labelled(other) == other
    monkeypatch.setattr(mission_beside, "MAX_BESIDE", 45)
    said = beside_json(items[:1] * 2, {"WITH-COT"}, 0)
    assert said["leftOut"] == {"itemKeywords": 1}
    assert read_beside(said, (), "U", NOW).left_out == [
        "1 things and files with keywords, for which the archive had no room"
    ]


def test_of_a_log_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    log = [
        LogEntry(
            id=str(number), author="kiwi", creator_uid="U", content=f"line {number}", happened="",
            created=NOW, changed=NOW,
        )
        for number in range(3)
    ]  # fmt: skip
    whole, left = log_lines(log, "Search")
    assert ([e["content"] for e in read_log(whole)], left) == (["line 0", "line 1", "line 2"], 0)
    monkeypatch.setattr(mission_beside, "MAX_LOG", len(whole) - 1)
    less, left = log_lines(log, "Search")
    assert ([e["content"] for e in read_log(less)], left) == (["line 1", "line 2"], 1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"uids": [""]}, "a uid has 1 to"),
        ({"uids": "x"}, "uids is a list"),
        ({"mapLayers": ["x"]}, "mapLayers is a list of at most 20000 objects"),
        ({"mapLayers": "x"}, "mapLayers is a list"),
        ({"mapLayers": [{"uid": "m"}]}, "a map layer has a name"),
        ({"mapLayers": [{"name": "m"}]}, "uid is a text"),
        ({"mapLayers": [{"name": "m", "uid": "\n"}]}, "to be printed"),
        ({"mapLayers": [{"name": "m", "uid": "u", "more": []}]}, "more is a text, a number"),
        ({"mapLayers": [{f"f{n}": 1 for n in range(MAX_FIELDS + 5)}]}, "1 to 68 fields"),
        ({"externalData": [{"name": "x"}]}, "external data has a uid"),
        ({"itemKeywords": ["x"]}, "itemKeywords is a list"),
        ({"itemKeywords": [{"uid": "x", "keywords": "a"}]}, "keywords in itemKeywords is a list"),
        ({"itemKeywords": [{"uid": 1, "keywords": []}]}, "uid is a text"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(BadPackage, match=why):
        read_beside(said, (), "U", NOW)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{}\n[]\n", "line 2 is no JSON object"),
        (b"{}\n{", "line 2"),
        (b"\n" * 20_001, "more than"),
    ],
)
def test_a_log_that_cannot_be_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BadPackage, match=why):
        read_log(data)


def test_of_another_servers_answer_what_cannot_be_kept_is_left_out() -> None:
    """TAK Server 5.7, public source, names external data by `id`."""
    maps = [CHART, {"name": "Odd", "uid": "odd", "layers": [1]}]
    data = [{"id": "E", "name": "Tracker", "urlView": "https://tracker.example"}, {"name": "none"}]
    found = read_answer({"mapLayers": maps, "externalData": data}, "U", NOW)
    assert [(each.kind, each.name) for each in found.items] == [
        (ItemKind.MAP_LAYER, "chart"), (ItemKind.EXTERNAL, "E"),
    ]  # fmt: skip
    assert found.left_out == [
        "mapLayers, number 2: layers is a text, a number, true or false",
        "externalData, number 2: external data has a uid of characters to be printed",
    ]
