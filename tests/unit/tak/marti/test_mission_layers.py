"""Layers of missions as WinTAK and CloudTAK make, read, order and delete them."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.storage.missions import MissionSettings
from support.cot import cot_xml
from support.marti import Marti, hash_of, marti
from support.tak import Sent

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
LAYERS = f"{SEARCH}/layers"
PDF = b"%PDF the plan"
HASH = hash_of(PDF)


@pytest.fixture
async def guid(api: Marti) -> str:
    made = await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
    return made["data"][0]["guid"]


async def make(api: Marti, uid: str, type_: str = "GROUP", who: str = "kiwi", **more: str) -> Any:
    params = {"name": uid.title(), "type": type_, "uid": uid, "creatorUid": f"UID-{who}", **more}
    return (await api.does(who, "PUT", LAYERS, params=params))["data"]


async def put(api: Marti, **body: Any) -> None:
    await api.does("kiwi", "PUT", f"{SEARCH}/contents?creatorUid=UID-kiwi", json=body)


async def every(api: Marti, who: str = "moa") -> list[Any]:
    return (await api.get(who, LAYERS))["data"]


def order(layers: list[Any]) -> list[str]:
    return [each["uid"] for each in layers]


def names(layer: Any, key: str = "uids") -> list[str]:
    return [each["data"] for each in layer.get(key, [])]


async def test_layers_are_made_with_what_tak_server_answers(api: Marti, guid: str) -> None:
    sea = await make(api, "sea")
    assert sea == {"name": "Sea", "type": "GROUP", "uid": "sea"}
    said = await api.get("moa", LAYERS)
    assert (said["type"], said["data"]) == ("MissionLayer", [sea])
    await make(api, "buoys", "UID", parentUid="sea")
    one = await api.get("moa", f"{ROOT}/guid/{guid}/layers/sea")
    inside = {"name": "Buoys", "type": "UID", "uid": "buoys", "parentUid": "sea"}
    assert one["type"] == "MissionLayer"
    assert one["data"] == {**sea, "mission_layers": [inside]}
    unnamed = await api.does(
        "kiwi", "PUT", f"{ROOT}/guid/{guid}/layers?name=x&type=CONTENTS&creatorUid=U"
    )
    assert len(unnamed["data"]["uid"]) == 36


async def test_what_is_put_into_a_layer_stands_there_in_order(api: Marti, guid: str) -> None:
    await api.does("kiwi", "POST", "/Marti/sync/upload?name=plan.pdf", content=PDF)
    await make(api, "buoys", "UID")
    await make(api, "plans", "CONTENTS")
    await put(api, uids=["LOOSE"], paths={"buoys": [{"uids": ["ONE", "TWO"]}]})
    await put(
        api,
        paths={"buoys": [{"uids": ["BETWEEN"], "after": "ONE"}], "plans": [{"hashes": [HASH]}]},
    )
    buoys, plans = await every(api)
    assert names(buoys) == ["ONE", "BETWEEN", "TWO"]
    assert buoys["uids"][0]["creatorUid"] == "UID-kiwi"
    assert [each["data"]["hash"] for each in plans["contents"]] == [HASH]
    (mission,) = (await api.get("moa", SEARCH))["data"]
    assert sorted(each["data"] for each in mission["uids"]) == ["BETWEEN", "LOOSE", "ONE", "TWO"]
    # Once more is no more; out of the mission is out of the layer.
    await put(api, paths={"buoys": [{"uids": ["ONE"]}]})
    await api.does("kiwi", "DELETE", f"{SEARCH}/contents?uid=BETWEEN")
    assert names((await every(api))[0]) == ["ONE", "TWO"]
    # A thing that is in the mission is filed as an ITEM, moved and ordered as layers are.
    await make(api, "LOOSE", "ITEM", parentUid="buoys", afterUid="ONE")
    assert names((await every(api))[0]) == ["ONE", "LOOSE", "TWO"]
    await api.does("kiwi", "PUT", f"{LAYERS}/TWO/position")
    assert names((await every(api))[0]) == ["TWO", "ONE", "LOOSE"]


async def test_the_cot_of_one_layer_is_asked_for_by_its_path(api: Marti, guid: str) -> None:
    kiwi, _ = api.on_air("kiwi")
    for uid in ("ONE", "TWO"):
        kiwi.receive(cot_xml(uid, "b-m-p-s-m"))
    await make(api, "all")
    await make(api, "buoys", "UID", parentUid="all")
    await put(api, uids=["ONE"], paths={"buoys": [{"uids": ["TWO"]}]})
    for path, wanted in (("", ["ONE", "TWO"]), ("?path=all", ["TWO"]), ("?path=buoys", ["TWO"])):
        events = etree.fromstring((await api.ask("moa", "GET", f"{SEARCH}/cot{path}")).content)
        assert sorted(str(each.get("uid")) for each in events) == wanted
    await api.does("moa", "GET", f"{SEARCH}/cot?path=none", 404)


async def test_layers_are_renamed_moved_and_ordered(api: Marti, guid: str) -> None:
    for uid in ("a", "b", "c"):
        await make(api, uid)
    await make(api, "d", afterUid="a")
    assert order(await every(api)) == ["a", "d", "b", "c"]
    await api.does("kiwi", "PUT", f"{LAYERS}/c/position?afterUid=a&creatorUid=UID-kiwi")
    assert order(await every(api)) == ["a", "c", "d", "b"]
    await api.does("kiwi", "PUT", f"{LAYERS}/b/position?creatorUid=UID-kiwi")
    assert order(await every(api)) == ["b", "a", "c", "d"]
    await api.does("kiwi", "PUT", f"{LAYERS}/b/name", params={"name": "Beach ā", "creatorUid": "U"})
    assert (await every(api))[0]["name"] == "Beach ā"
    parent = f"{ROOT}/guid/{guid}/layers/parent"
    moved = {"layerUid": ["d", "a"], "parentUid": "b", "creatorUid": "U"}
    await api.does("kiwi", "PUT", parent, params=moved)
    b, c = await every(api)
    assert (order(b["mission_layers"]), c["uid"]) == (["d", "a"], "c")
    # The first goes after that which is named, each other after the one before it.
    await api.does("kiwi", "PUT", parent, params={"layerUid": "a,d", "afterUid": "b"})
    assert order(await every(api)) == ["b", "a", "d", "c"]
    # Making one that is there moves it.
    again = await make(api, "d", parentUid="c", name="Other")
    assert (again["name"], again["parentUid"]) == ("D", "c")
    assert order((await every(api))[2]["mission_layers"]) == ["d"]


async def test_a_deleted_layer_takes_what_is_in_it_along(api: Marti, guid: str) -> None:
    await make(api, "all")
    await make(api, "buoys", "UID", parentUid="all")
    await make(api, "others", "UID")
    await put(api, paths={"buoys": [{"uids": ["ONE"]}], "others": [{"uids": ["TWO"]}]})
    await api.does("kiwi", "DELETE", f"{LAYERS}?uid=all&uid=none&creatorUid=UID-kiwi", 404)
    assert order(await every(api)) == ["all", "others"]
    await api.does("kiwi", "DELETE", f"{LAYERS}?uid=all&creatorUid=UID-kiwi")
    assert order(await every(api)) == ["others"]
    (mission,) = (await api.get("moa", SEARCH))["data"]
    assert [each["data"] for each in mission["uids"]] == ["TWO"]
    newest = (await api.get("moa", f"{SEARCH}/changes"))["data"][0]
    assert (newest["type"], newest["contentUid"]) == ("REMOVE_CONTENT", "ONE")
    await make(api, "x,y")  # node-tak joins uids by commas
    await api.does("kiwi", "DELETE", LAYERS, params={"uid": "x,y"})
    await make(api, "more")
    await api.does("kiwi", "DELETE", LAYERS, params={"uid": "more,others"})
    assert await every(api) == []


async def test_a_file_goes_with_its_layer_and_is_nobodys_by_the_mission_then(
    api: Marti, guid: str
) -> None:
    await api.does("kiwi", "POST", "/Marti/sync/upload?name=plan.pdf", content=PDF)
    await make(api, "plans", "CONTENTS")
    await put(api, paths={"plans": [{"hashes": [HASH.upper()]}]})
    await api.does("kiwi", "DELETE", f"/Marti/sync/delete?hash={HASH}", 409)
    await api.does("kiwi", "DELETE", f"{LAYERS}?uid=plans")
    await api.does("kiwi", "DELETE", f"/Marti/sync/delete?hash={HASH}")


async def test_who_takes_part_is_told_of_layers_as_cloudtak_reads_it(api: Marti, guid: str) -> None:
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    _, of_moa = api.on_air("moa")
    _, of_kea = api.on_air("kea")
    of_moa.take()

    def told() -> list[Sent]:
        api.node.tick()
        return of_moa.take()

    await make(api, "sea")
    await make(api, "buoys", "UID", parentUid="sea")
    first, second = told()
    assert (first.type, second.type) == ("t-x-m-c-h", "t-x-m-c-h")
    mission = etree.fromstring(second.text.encode()).find("detail/mission")
    assert mission is not None
    assert dict(mission.attrib) == {
        "type": "CHANGE", "tool": "public", "name": "Search", "guid": guid,
        "authorUid": "UID-kiwi",
    }  # fmt: skip
    layer = mission.find("missionLayer")
    assert layer is not None
    assert {each.tag: each.text for each in layer} == {
        "name": "Buoys", "parentUid": "sea", "type": "UID", "uid": "buoys",
    }  # fmt: skip
    await put(api, paths={"buoys": [{"uids": ["ONE"]}]})
    assert [each.type for each in told()] == ["t-x-m-c", "t-x-m-c-h"]
    await api.does("kiwi", "PUT", f"{LAYERS}/buoys/name?name=Marks")
    await api.does("kiwi", "PUT", f"{LAYERS}/parent?layerUid=buoys")
    assert ["Marks" in each.text for each in told()] == [True, True]
    await api.does("kiwi", "DELETE", f"{LAYERS}?uid=buoys")
    assert [each.type for each in told()] == ["t-x-m-c", "t-x-m-c-h"]
    assert of_kea.take() == []


async def test_only_who_may_write_changes_layers_and_only_who_reads_sees_them(
    api: Marti, guid: str
) -> None:
    await make(api, "sea")
    by_guid = f"{ROOT}/guid/{guid}/layers"
    for path in (by_guid, f"{by_guid}/sea"):
        assert (await api.ask("ruru", "GET", path)).status_code == 200
        await api.does("tui", "GET", path, 404)  # of another group
    asked = (
        ("PUT", "?name=x&type=GROUP"), ("DELETE", "?uid=sea"), ("PUT", "/sea/name?name=x"),
        ("PUT", "/sea/position"), ("PUT", "/parent?layerUid=sea"),
    )  # fmt: skip
    for method, path in asked:
        await api.does("ruru", method, f"{by_guid}{path}", 403)
        await api.does("tui", method, f"{by_guid}{path}", 404)
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=secret")
    await api.does("moa", "GET", by_guid, 403)
    assert order((await api.get("kiwi", by_guid))["data"]) == ["sea"]


async def test_a_thing_of_an_exercise_is_in_a_layer_only_for_who_takes_part(
    api: Marti, guid: str
) -> None:
    await make(api, "buoys", "UID")
    pukeko, _ = api.on_air("pukeko")
    await api.does("pukeko", "PUT", f"{SEARCH}/subscription?uid=UID-pukeko", 201)
    marked = '<marti><dest mission="Search" path="buoys"/></marti>'
    pukeko.receive(cot_xml("DRILL", "b-m-p-s-m", marked, more='opex="e-TASMAN"'))
    await api.api.missions.keep_waiting()
    assert names((await every(api, "pukeko"))[0]) == ["DRILL"]
    assert names((await every(api))[0]) == []
    # Who does not see it is not told of it, in notices or by what he asks for.
    await make(api, "other", "UID")
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    _, of_moa = api.on_air("moa")
    api.node.tick()
    of_moa.take()
    await api.does("pukeko", "PUT", f"{LAYERS}/parent?layerUid=DRILL&parentUid=other")
    api.node.tick()
    (notice,) = of_moa.take()
    assert "DRILL" not in notice.text
    asked = (
        ("PUT", "?name=x&type=ITEM&parentUid=buoys&uid="), ("PUT", "?name=x&type=UID&afterUid="),
        ("PUT", "/parent?parentUid=buoys&layerUid="), ("DELETE", "?uid="),
        ("PUT", "/other/position?afterUid="),
    )  # fmt: skip
    for method, path in asked:
        told = [await api.does("moa", method, LAYERS + path + uid, 404) for uid in ("DRILL", "NOT")]
        assert [str(each).replace("DRILL", "NOT") for each in told] == [str(told[1])] * 2
    await api.does("moa", "PUT", f"{LAYERS}/DRILL/name?name=x", 404)
    await api.does("pukeko", "PUT", f"{LAYERS}/parent?layerUid=DRILL&parentUid=buoys")
    # Nor can he take it out with its layer.
    await api.does("moa", "DELETE", f"{LAYERS}?uid=buoys")
    (mission,) = (await api.get("pukeko", SEARCH))["data"]
    assert [each["data"] for each in mission["uids"]] == ["DRILL"]


async def test_what_cannot_stand_there_is_refused_and_nothing_is_changed(
    api: Marti, guid: str
) -> None:
    await make(api, "sea")
    await make(api, "buoys", "UID", parentUid="sea")
    await make(api, "plans", "CONTENTS")
    await put(api, paths={"buoys": [{"uids": ["ONE"]}]})
    before = await every(api)
    refused = (
        (400, "PUT", "?type=GROUP", None), (400, "PUT", "?name=x", None),
        (400, "PUT", "?name=x&type=FOLDER", None), (400, "PUT", "?name=%20&type=GROUP", None),
        (400, "PUT", f"?name={'x' * 513}&type=GROUP", None),
        (400, "PUT", f"?name=x&type=GROUP&uid={'x' * 600}", None),
        (400, "PUT", "?name=%07&type=GROUP", None),
        (404, "PUT", "?name=x&type=GROUP&parentUid=none", None),
        (404, "PUT", "?name=x&type=GROUP&afterUid=none", None),
        (400, "PUT", "?name=x&type=GROUP&afterUid=buoys", None),
        (400, "PUT", "?name=x&type=GROUP&uid=buoys", None),
        (404, "PUT", "?name=x&type=ITEM&uid=none&parentUid=buoys", None),
        (400, "PUT", "?name=x&type=ITEM&uid=ONE&parentUid=sea", None),
        (400, "PUT", "?name=x&type=ITEM&uid=ONE&parentUid=plans", None),
        (400, "PUT", "/parent?layerUid=sea&parentUid=buoys", None),
        (400, "PUT", "/parent?layerUid=ONE&parentUid=plans", None),
        (400, "PUT", "/parent?layerUid=ONE", None), (400, "PUT", "/parent", None),
        (404, "PUT", "/parent?layerUid=none", None),
        (400, "PUT", "/sea/position?afterUid=sea", None),
        (404, "PUT", "/none/position", None), (404, "PUT", "/none/name?name=x", None),
        (400, "PUT", "/sea/name", None), (404, "GET", "/none", None), (404, "GET", "/ONE", None),
        (400, "DELETE", "", None), (404, "DELETE", "?uid=none", None),
    )  # fmt: skip
    for status, method, path, body in refused:
        await api.does("kiwi", method, f"{LAYERS}{path}", status, json=body)
    contents = (
        (400, {"paths": ["buoys"]}), (400, {"paths": {"buoys": {"uids": ["X"]}}}),
        (400, {"paths": {"buoys": ["X"]}}), (404, {"paths": {"none": [{"uids": ["X"]}]}}),
        (400, {"paths": {"plans": [{"uids": ["X"]}]}}),
        (400, {"paths": {"sea": [{"uids": ["X"]}]}}),
        (400, {"paths": {"buoys": [{}] * 1001}}), (400, {"paths": {"buoys": [{"after": 1}]}}),
        (400, {"paths": {"buoys": []}}),
    )  # fmt: skip
    for status, said in contents:
        await api.does("kiwi", "PUT", f"{SEARCH}/contents", status, json=said)
    assert await every(api) == before
    (mission,) = (await api.get("moa", SEARCH))["data"]
    assert [each["data"] for each in mission["uids"]] == ["ONE"]
    # A layer that is gone when things come to it: they are in the mission, and it is said.
    await api.does(
        "kiwi", "PUT", f"{SEARCH}/contents", 409,
        json={"paths": {"buoys": [{"uids": ["sea"]}]}},
    )  # fmt: skip


async def test_a_mission_has_only_so_many_layers(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_layers=2)) as api:
        await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
        await make(api, "a", "UID")
        await make(api, "b")
        await api.does("kiwi", "PUT", f"{LAYERS}?name=c&type=GROUP", 507)
        await put(api, paths={"a": [{"uids": ["ONE", "TWO", "THREE"]}]})  # those are items
        await api.does("kiwi", "DELETE", f"{LAYERS}?uid=b")
        await make(api, "c")


async def test_layers_go_with_their_mission_and_stay_over_a_restart(tmp_path: Path) -> None:
    async with marti(tmp_path) as api:
        await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
        await make(api, "a", "UID")
        await put(api, paths={"a": [{"uids": ["ONE"]}]})
    async with marti(tmp_path) as api:
        assert names((await every(api))[0]) == ["ONE"]
        await api.does("kiwi", "DELETE", SEARCH)
        await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
        assert await every(api) == []


# Map layers

MAP = {
    "name": "Chart", "type": "WMS", "url": "https://maps.example/{z}/{x}/{y}", "minZoom": 1,
    "opacity": 0.5, "enabled": True, "description": None,
}  # fmt: skip
MAPS = f"{SEARCH}/maplayers"


async def test_a_map_layer_is_in_the_mission_and_in_its_layer(api: Marti, guid: str) -> None:
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    await make(api, "charts", "MAPLAYER")
    _, of_moa = api.on_air("moa")
    said = await api.does(
        "kiwi", "POST", f"{MAPS}?creatorUid=UID-kiwi", json={**MAP, "path": "charts"}
    )
    assert said["type"] == "MapLayer"
    chart = said["data"]
    uid = chart["uid"]
    assert {key: chart[key] for key in ("name", "url", "minZoom", "opacity", "enabled")} == {
        "name": "Chart", "url": MAP["url"], "minZoom": 1, "opacity": 0.5, "enabled": True,
    }  # fmt: skip
    assert (await api.get("moa", SEARCH))["data"][0]["mapLayers"] == [chart]
    (charts,) = await every(api)
    assert [each["data"] for each in charts["maplayers"]] == [chart]
    api.node.tick()
    notice, _ = of_moa.take()
    change = etree.fromstring(notice.text.encode()).find(".//MissionChange")
    assert notice.type == "t-x-m-c"
    assert change is not None
    assert (change.findtext("type"), change.findtext("mapLayer/uid")) == ("ADD_CONTENT", uid)
    api.node.clock.advance(minutes=1)
    await api.does("kiwi", "PUT", f"{ROOT}/guid/{guid}/maplayers", json={**chart, "name": "Other"})
    (now,) = (await api.get("moa", SEARCH))["data"][0]["mapLayers"]
    assert (now["name"], now["createTime"]) == ("Other", chart["createTime"])
    assert now["modifiedTime"] > chart["modifiedTime"]
    (change,) = (await api.get("moa", f"{SEARCH}/changes?secago=30"))["data"]
    assert (change["type"], change["mapLayer"]["name"]) == ("ADD_CONTENT", "Other")
    await api.does("kiwi", "DELETE", f"{ROOT}/{guid}/maplayers/{uid}?creatorUid=UID-kiwi")
    assert (await api.get("moa", SEARCH))["data"][0]["mapLayers"] == []
    assert "maplayers" not in (await every(api))[0]
    await api.does("kiwi", "DELETE", f"{MAPS}/{uid}", 404)


async def test_a_map_layer_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_items=1)) as api:
        await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
        await make(api, "buoys", "UID")
        bad = (
            [], {}, {"url": "x"}, {**MAP, "layers": [1]}, {**MAP, "url": "x" * 4097},
            {**MAP, "x" * 65: 1}, {str(n): n for n in range(65)}, {**MAP, "uid": "x" * 600},
            {**MAP, "path": "buoys"},
        )  # fmt: skip
        for said in bad:
            await api.does("kiwi", "POST", MAPS, 400, json=said)
        await api.does("kiwi", "POST", MAPS, 400, content='{"name": "x", "opacity": NaN}')
        await api.does("kiwi", "POST", MAPS, 404, json={**MAP, "path": "none"})
        await api.does("kiwi", "PUT", MAPS, 404, json={**MAP, "uid": "none"})
        await api.does("ruru", "POST", MAPS, 403, json=MAP)
        await api.does("kiwi", "POST", MAPS, json={**MAP, "uid": "one"})
        await api.does("kiwi", "POST", MAPS, 409, json={**MAP, "uid": "one"})
        await api.does("kiwi", "POST", MAPS, 507, json={**MAP, "uid": "two"})
        (mission,) = (await api.get("moa", SEARCH))["data"]
        assert [each["uid"] for each in mission["mapLayers"]] == ["one"]
