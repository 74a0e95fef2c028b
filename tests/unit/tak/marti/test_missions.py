"""Missions as ATAK's Data Sync, WinTAK and CloudTAK make, find, describe and delete them."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from starlette.types import Message

from accord.storage.missions import MissionSettings
from support.cot import cot_xml
from support.marti import Marti, marti

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
KEYS = {
    "name", "description", "tool", "keywords", "creatorUid", "createTime", "lastEdited", "groups",
    "externalData", "feeds", "mapLayers", "defaultRole", "inviteOnly", "expiration", "guid",
    "uids", "contents", "passwordProtected",
}  # fmt: skip


async def make(api: Marti, who: str = "kiwi", name: str = "Search", **said: Any) -> dict[str, Any]:
    params = {"creatorUid": f"UID-{who}", "description": "of the bay", **said}
    made = await api.does(who, "POST", f"{ROOT}/{name}", 201, params=params)
    return made["data"][0]


async def names(api: Marti, who: str, query: str = "") -> list[str]:
    return [each["name"] for each in (await api.get(who, f"{ROOT}{query}"))["data"]]


async def test_a_mission_is_made_with_a_token_and_its_maker_owns_it(api: Marti) -> None:
    made = await make(api, classification="none")
    assert set(made) == KEYS | {"classification", "token", "ownerRole"}
    assert made["ownerRole"]["type"] == "MISSION_OWNER"
    assert "MISSION_SET_PASSWORD" in made["ownerRole"]["permissions"]
    assert made["token"].count(".") == 2
    assert (made["groups"], made["expiration"], made["inviteOnly"]) == (["Blue"], -1, False)
    said = await api.get("moa", SEARCH)
    assert said["type"] == "Mission"
    (found,) = said["data"]
    assert set(found) == KEYS | {"classification"}
    assert found == {key: made[key] for key in found}
    assert (await api.get("moa", f"{ROOT}/guid/{made['guid']}"))["data"] == [found]
    assert (await api.get("moa", f"{ROOT}/sEARCH"))["data"] == [found]  # clients mix case
    role = await api.get("kiwi", f"{SEARCH}/role")
    assert role["data"]["type"] == "MISSION_OWNER"
    assert (await api.get("moa", f"{SEARCH}/role"))["data"]["type"] == "MISSION_SUBSCRIBER"


async def test_nobody_sees_a_mission_of_groups_that_he_is_not_in(api: Marti) -> None:
    guid = (await make(api))["guid"]
    assert await names(api, "moa") == ["Search"]
    assert await names(api, "tui") == []
    for path in ("", "/changes", "/cot", "/subscriptions", "/role", "/log", "/contacts",
                 "/subscription?uid=x", "/layers", "/invitations"):  # fmt: skip
        await api.does("tui", "GET", f"{SEARCH}{path}", 404)
        await api.does("tui", "GET", f"{ROOT}/guid/{guid}{path}", 404)
    await api.does("tui", "PUT", f"{SEARCH}/subscription?uid=UID-tui", 404)
    await api.does("tui", "DELETE", SEARCH, 404)
    # That others use the name he does not even learn by using it himself.
    mine = (await api.does("tui", "POST", f"{SEARCH}?creatorUid=U", 201))["data"][0]["guid"]
    assert (await api.get("tui", SEARCH))["data"][0]["guid"] == mine != guid
    assert (await api.get("moa", SEARCH))["data"][0]["guid"] == guid
    await api.does("tui", "DELETE", SEARCH)
    await api.does("tui", "GET", SEARCH, 410)
    assert (await api.get("moa", SEARCH))["data"][0]["guid"] == guid
    await api.does("kiwi", "POST", f"{ROOT}/Other?group=Red", 403)
    await make(api, "kea", "Both", group="Blue,Red")
    assert await names(api, "tui") == ["Both"]
    (both,) = (await api.get("tui", f"{ROOT}/Both"))["data"]
    assert both["groups"] == ["Red"]  # nor what other groups there are


async def test_a_mission_whose_channel_is_off_is_not_seen(api: Marti) -> None:
    await make(api)
    off = [{"name": "Blue", "direction": "OUT", "active": False}]
    await api.does("moa", "PUT", "/Marti/api/groups/active", json=off)
    assert await names(api, "moa") == []
    await api.does("moa", "GET", SEARCH, 404)


async def test_a_deleted_mission_is_gone_and_its_name_is_free(api: Marti, tmp_path: Path) -> None:
    first = await make(api)
    await api.does("moa", "DELETE", SEARCH, 403)
    (told,) = (await api.does("kiwi", "DELETE", f"{SEARCH}?creatorUid=UID-kiwi"))["data"]
    assert told["guid"] == first["guid"]
    for path in ("", "/changes", "/cot"):
        await api.does("moa", "GET", f"{SEARCH}{path}", 410)
    await api.does("moa", "GET", f"{ROOT}/guid/{first['guid']}", 410)
    await api.does("tui", "GET", SEARCH, 404)  # he never saw it
    assert (await make(api))["guid"] != first["guid"]
    assert len((await api.get("moa", SEARCH))["data"]) == 1
    async with marti(tmp_path) as later:
        await later.does("moa", "GET", f"{ROOT}/guid/{first['guid']}", 410)
        guid = (await later.get("moa", SEARCH))["data"][0]["guid"]
        await later.does("kiwi", "DELETE", f"{ROOT}?guid={guid}")
        await later.does("kiwi", "DELETE", f"{ROOT}?guid={guid}", 410)
    await api.does("kiwi", "DELETE", ROOT, 400)
    await api.does("kiwi", "GET", f"{ROOT}/Never", 404)


async def test_who_writes_describes_it_and_only_an_owner_gives_it_to_others(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}?description=new&chatRoom=talk")
    (found,) = (await api.get("kiwi", SEARCH))["data"]
    assert (found["description"], found["chatRoom"]) == ("new", "talk")
    for change in ("group=Blue&inviteOnly=true", "defaultRole=MISSION_READONLY_SUBSCRIBER"):
        await api.does("moa", "PUT", f"{SEARCH}?{change}", 403)
    await api.does("kiwi", "PUT", f"{SEARCH}?defaultRole=BOSS", 400)
    await api.does("kiwi", "PUT", f"{SEARCH}?defaultRole=MISSION_READONLY_SUBSCRIBER")
    await api.does("moa", "PUT", f"{SEARCH}?description=newer", 403)
    await api.does("kiwi", "POST", f"{SEARCH}?allowDupe=true", 409)
    await api.does("ruru", "POST", f"{ROOT}/Mine", 403)


async def test_keywords_are_set_dropped_and_cleared(api: Marti) -> None:
    await make(api)
    said = await api.does("moa", "PUT", f"{SEARCH}/keywords", json=["sea", "night"])
    assert said["data"][0]["keywords"] == ["sea", "night"]
    said = await api.does("moa", "DELETE", f"{SEARCH}/keywords/sea")
    assert said["data"][0]["keywords"] == ["night"]
    said = await api.does("moa", "DELETE", f"{SEARCH}/keywords")
    assert said["data"][0]["keywords"] == []
    await api.does("moa", "PUT", f"{SEARCH}/keywords", 400, json={"a": 1})
    await api.does("ruru", "PUT", f"{SEARCH}/keywords", 403, json=["x"])


async def test_a_list_leaves_out_what_is_not_asked_for(api: Marti) -> None:
    await make(api, name="Plain")
    await make(api, name="Locked", password="koura")
    await make(api, name="Quiet", defaultRole="MISSION_READONLY_SUBSCRIBER")
    await make(api, name="Tool", tool="vx")
    await make(api, name="Guests", inviteOnly="true")
    assert await names(api, "moa") == ["Plain"]
    assert await names(api, "kiwi") == ["Guests", "Plain"]
    assert await names(api, "moa", "?passwordProtected=true&defaultRole=true") == [
        "Locked", "Plain", "Quiet",
    ]  # fmt: skip
    assert await names(api, "moa", "?tool=vx") == ["Tool"]
    paged = await api.get("kiwi", "/Marti/api/pagedmissions?page=1&pagesize=1&nameFilter=p")
    assert paged["data"] == []
    paged = await api.get("kiwi", "/Marti/api/pagedmissions?pagesize=1&ascending=false")
    assert [each["name"] for each in paged["data"]] == ["Tool"]


async def pages(api: Marti, who: str, query: str = "") -> list[str]:
    said = await api.get(who, f"/Marti/api/pagedmissions{query}")
    return [each["name"] for each in said["data"]]


async def test_pages_have_every_tool_and_kind_and_are_sorted_as_is_asked(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi: other defaults than the list has."""
    await make(api, name="Plain")
    await make(api, name="Locked", password="koura")
    await make(api, name="Tool", tool="vx")
    await api.does("kiwi", "PUT", f"{ROOT}/Tool/contents", json={"uids": ["BUOY-7"]})
    count = await api.get("moa", "/Marti/api/missioncount")
    assert (count["type"], count["data"]) == ("Mission", 3)
    one = await api.get("moa", "/Marti/api/missioncount?passwordProtected=false&tool=public")
    assert one["data"] == 1
    assert await pages(api, "moa") == ["Locked", "Plain", "Tool"]
    assert await pages(api, "moa", "?tool=public&passwordProtected=false") == ["Plain"]
    assert await pages(api, "moa", "?uidFilter=UOY") == ["Tool"]
    await api.does("kiwi", "PUT", f"{ROOT}/Locked/contents", json={"uids": ["BUOY-8"]})
    assert await pages(api, "moa", "?uidFilter=UOY") == ["Tool"]  # locked for him
    api.node.clock.advance(minutes=1)
    await make(api, name="A later one")
    last = await pages(api, "moa", "?sort=createTime&ascending=false&pagesize=1")
    assert last == ["A later one"]
    for number in range(12):
        await make(api, name=f"N{number}")
    assert len(await pages(api, "moa")) == 10


async def test_what_a_body_of_json_says_comes_before_the_parameters(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi: PUT and POST of a mission."""
    path = f"{SEARCH}?creatorUid=UID-kea&description=said&group=Red&tool=other"
    body = {
        "name": "ignored", "description": "of the bay", "chatRoom": "room", "groups": ["Blue"],
        "defaultRole": {"type": "MISSION_READONLY_SUBSCRIBER", "permissions": []},
        "inviteOnly": True, "expiration": 1_800_000_000, "classification": None,
    }  # fmt: skip
    made = (await api.does("kea", "PUT", path, 201, json=body))["data"][0]
    assert {key: made[key] for key in ("name", "description", "chatRoom", "groups", "tool")} == {
        "name": "Search", "description": "of the bay", "chatRoom": "room", "groups": ["Blue"],
        "tool": "other",
    }  # fmt: skip
    assert made["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    assert (made["inviteOnly"], made["expiration"]) == (True, 1_800_000_000)
    changed = {"description": "of the sound", "inviteOnly": False}
    again = (await api.does("kea", "POST", f"{SEARCH}?description=x", json=changed))["data"][0]
    assert (again["description"], again["inviteOnly"], again["chatRoom"]) == (
        "of the sound", False, "room",
    )  # fmt: skip
    for wrong in ([], {"description": 1}, {"groups": "Blue"}, {"defaultRole": {"type": "KING"}},
                  {"inviteOnly": "true"}, {"expiration": 1.5}, {"password": 5}, {"keywords": "sea"},
                  {"passwordProtected": "true", "password": "koura"}):  # fmt: skip
        await api.does("kea", "PUT", f"{ROOT}/Other", 400, json=wrong)
    json_type = {"content-type": "application/json"}
    await api.does("kea", "PUT", f"{ROOT}/Other", 201, headers=json_type)


async def test_a_password_and_keywords_in_a_body_of_json_are_taken(api: Marti) -> None:
    body = {"password": "koura", "passwordProtected": True, "keywords": ["sea", "night"]}
    path = f"{SEARCH}?creatorUid=UID-kiwi&password=other"
    (made,) = (await api.does("kiwi", "PUT", path, 201, json=body))["data"]
    assert (made["passwordProtected"], made["keywords"]) == (True, ["sea", "night"])
    await api.does("moa", "GET", SEARCH, 403)
    assert (await api.get("moa", f"{SEARCH}?password=koura"))["data"][0]["name"] == "Search"
    # As it is told, it may be described anew.
    (again,) = (await api.does("kiwi", "PUT", SEARCH, json={"passwordProtected": True}))["data"]
    assert (again["passwordProtected"], again["keywords"]) == (True, ["sea", "night"])
    anew = {"password": "kina", "keywords": []}
    (again,) = (await api.does("kiwi", "PUT", SEARCH, json=anew))["data"]
    assert again["keywords"] == []
    assert (await api.get("moa", f"{SEARCH}?password=kina"))["data"][0]["name"] == "Search"


async def test_a_mission_that_is_to_have_a_password_is_not_open_without_one(api: Marti) -> None:
    body = {"passwordProtected": True, "password": None}
    said = await api.does("kiwi", "PUT", SEARCH, 400, json=body)
    assert "there is no password" in said["detail"]
    await api.does("kiwi", "GET", SEARCH, 404)
    (made,) = (await api.does("kiwi", "PUT", f"{SEARCH}?password=koura", 201, json=body))["data"]
    assert made["passwordProtected"] is True
    await make(api, name="Open")
    await api.does("kiwi", "PUT", f"{ROOT}/Open", 400, json=body)
    assert (await api.get("moa", f"{ROOT}/Open"))["data"][0]["passwordProtected"] is False


async def test_who_names_the_group_of_everybody_makes_it_for_his_own(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi: where he is not in that group himself."""
    made = await make(api, "kea", group="__ANON__")
    assert made["groups"] == ["Blue", "Red"]
    await make(api, "kea", "Blue only", group="Blue")
    said = await api.does("kea", "PUT", f"{ROOT}/Blue%20only?group=__ANON__&description=x")
    assert said["data"][0]["groups"] == ["Blue"]  # described anew, it stays where it is
    await api.does("kea", "PUT", f"{ROOT}/Other?group=__ANON__,Blue", 403)


async def test_an_outline_of_several_points_is_closed_and_written_as_one(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi."""
    points = ["-41.1, 174.1", "-41.2,174.2", "-41.3,174.1"]
    made = await make(api, boundingPolygon=points)
    assert made["boundingPolygon"] == "-41.1 174.1,-41.2 174.2,-41.3 174.1,-41.1 174.1"
    other = await make(api, name="Two", boundingPolygon=points[:2])
    assert other["boundingPolygon"] == ""


async def test_its_groups_are_told_that_it_is_called_or_described_otherwise(api: Marti) -> None:
    await make(api, "kea", group="Blue")
    _, of_moa = api.on_air("moa")
    _, of_tui = api.on_air("tui")
    await api.does("kea", "PUT", f"{SEARCH}/keywords", json=["sea"])
    await api.does("kea", "PUT", f"{SEARCH}?description=of+the+sound")
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c-k", "t-x-m-c-m"]
    assert of_tui.take() == []


async def test_who_gives_the_password_is_given_a_token_that_does_in_its_place(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi and MissionServiceDefaultImpl."""
    await make(api, password="koura")
    (told,) = (await api.get("moa", f"{SEARCH}?password=koura"))["data"]
    held = {"MissionAuthorization": f"Bearer {told['token']}"}
    assert "token" not in (await api.get("moa", SEARCH, headers=held))["data"][0]
    await api.does("moa", "PUT", f"{SEARCH}/contents", 403, json={"uids": ["X"]}, headers=held)
    await api.does("ruru", "PUT", f"{SEARCH}/subscription?uid=UID-ruru", 401, headers=held)
    me = f"{SEARCH}/subscription?uid=UID-moa"
    given = await api.does("moa", "PUT", me, 201, headers=held)
    assert given["data"]["role"]["type"] == "MISSION_SUBSCRIBER"
    # A token of who may read for another reason is not one to take part by.
    await api.does(
        "kiwi", "PUT", f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_READONLY_SUBSCRIBER"
    )
    reads = (await api.does("moa", "GET", f"{SEARCH}/token", 201))["data"]
    await api.does("moa", "DELETE", f"{me}&disconnectOnly=false")
    read = {"MissionAuthorization": f"Bearer {reads}"}
    await api.does("moa", "GET", SEARCH, 403, headers=read)  # nor to read without one any more
    await api.does("moa", "PUT", me, 403, headers=read)
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=pipi")
    await api.does("moa", "PUT", me, 403, headers=held)


async def test_a_password_keeps_out_who_does_not_know_it(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}/password?password=koura", 403)
    await api.does("kiwi", "PUT", f"{SEARCH}/password", 400)
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=koura")
    await api.does("moa", "GET", SEARCH, 403)
    (hidden,) = (await api.get("moa", SEARCH, headers={"API_VERSION": "3"}))["data"]
    assert hidden["passwordProtected"] is True
    assert (await api.get("moa", f"{SEARCH}?password=koura"))["data"][0]["name"] == "Search"
    token = (await api.does("moa", "GET", f"{SEARCH}/token?password=koura", 201))["data"]
    held = {"MissionAuthorization": f"Bearer {token}"}
    assert len((await api.get("moa", SEARCH, headers=held))["data"]) == 1
    await api.does("moa", "GET", f"{SEARCH}/token", 403)
    for _ in range(5):
        await api.does("moa", "GET", f"{SEARCH}?password=guess", 403)
    await api.does("moa", "GET", f"{SEARCH}?password=koura", 429)
    api.node.clock.advance(minutes=6)
    await api.does("moa", "GET", f"{SEARCH}?password=koura")
    await api.does("kiwi", "DELETE", f"{SEARCH}/password")
    await api.does("moa", "GET", SEARCH)


async def test_a_mission_that_is_described_anew_with_a_password_has_that(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}?password=mine", 403)
    await api.does("kiwi", "PUT", f"{SEARCH}?password=hunter2")
    await api.does("ruru", "PUT", f"{SEARCH}/subscription?uid=U&password=wrong", 403)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa&password=hunter2", 201)


async def test_a_token_is_good_for_one_person_and_one_mission(api: Marti) -> None:
    token = (await make(api))["token"]
    await make(api, "moa", "Other")
    held = {"MissionAuthorization": f"Bearer {token}"}
    assert len((await api.get("kiwi", SEARCH, headers=held))["data"]) == 1
    await api.does("moa", "GET", SEARCH, 401, headers=held)
    await api.does("kiwi", "GET", f"{ROOT}/Other", 401, headers=held)
    broken = {"MissionAuthorization": f"Bearer {token[:-2]}xx"}
    await api.does("kiwi", "GET", SEARCH, 401, headers=broken)
    # What stands under the usual name may be of another kind, and is looked over.
    assert len((await api.get("kiwi", SEARCH, headers={"Authorization": "Bearer x"}))["data"]) == 1


@pytest.mark.parametrize("name", ["%20", "a%0ab", "x" * 1025, "all", "logs"])
async def test_a_name_that_cannot_be_is_refused(api: Marti, name: str) -> None:
    await api.does("kiwi", "PUT", f"{ROOT}/{name}", 400)
    assert await names(api, "kiwi") == []


@pytest.mark.parametrize(
    "name", ["Te Ara o ngā Tūpuna", "Поиск", "捜索", "بحث", "a.(b)!=@#$&^*[c]"]
)
async def test_a_name_in_any_script_is_found_again(api: Marti, name: str) -> None:
    assert (await make(api, name=quote(name, safe="")))["name"] == name
    assert (await api.get("moa", f"{ROOT}/{quote(name, safe='')}"))["data"][0]["name"] == name


async def test_a_mission_ends_at_its_time(api: Marti) -> None:
    await make(api)
    ends = int(api.node.clock.now().timestamp()) + 60
    await api.does("moa", "PUT", f"{SEARCH}/expiration?expiration={ends}", 403)
    await api.does("moa", "POST", f"{SEARCH}?expiration={ends}", 403)
    await api.does("kiwi", "PUT", f"{SEARCH}/expiration?expiration={ends}")
    assert await names(api, "moa") == ["Search"]
    api.node.clock.advance(minutes=2)
    assert await names(api, "moa") == []
    await api.does("moa", "GET", SEARCH, 410)


async def test_there_are_so_many_missions(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_missions=1)) as api:
        await make(api)
        await api.does("kiwi", "POST", f"{ROOT}/Second", 507)
        assert await names(api, "kiwi") == ["Search"]


async def test_an_exercises_things_are_told_to_who_takes_part_in_it(api: Marti) -> None:
    await make(api, "pukeko")
    player, _ = api.on_air("pukeko")
    mark = '<marti><dest mission="Search"/></marti>'
    player.receive(cot_xml("GHOST", "b-m-p-s-m", mark, more='opex="e-TASMAN"'))
    await api.api.missions.keep_waiting()
    uids = [each["data"] for each in (await api.get("pukeko", SEARCH))["data"][0]["uids"]]
    assert uids == ["GHOST"]
    assert (await api.get("moa", SEARCH))["data"][0]["uids"] == []
    assert "GHOST" in (await api.ask("pukeko", "GET", f"{SEARCH}/cot")).text
    assert "GHOST" not in (await api.ask("moa", "GET", f"{SEARCH}/cot")).text
    assert "GHOST" not in (await api.ask("moa", "GET", f"{SEARCH}/changes")).text
    assert "GHOST" not in (await api.ask("moa", "GET", f"{SEARCH}?changes=true")).text


async def test_of_two_missions_of_one_name_one_finds_that_in_which_one_takes_part(
    api: Marti,
) -> None:
    blue = (await make(api))["guid"]
    red = (await api.does("tui", "POST", f"{SEARCH}?creatorUid=U", 201))["data"][0]["guid"]
    assert (await api.get("kea", SEARCH))["data"][0]["guid"] == blue  # the older
    await api.does("kea", "PUT", f"{ROOT}/guid/{red}/subscription?uid=UID-kea", 201)
    assert (await api.get("kea", SEARCH))["data"][0]["guid"] == red
    assert await names(api, "kea") == ["Search", "Search"]
    await api.does("kea", "POST", f"{SEARCH}?allowDupe=true", 409)
    async with marti(api.directory) as again:
        assert (await again.get("kea", SEARCH))["data"][0]["guid"] == red
        await again.does("kiwi", "DELETE", f"{ROOT}/guid/{blue}")
        await again.does("tui", "DELETE", f"{ROOT}/guid/{red}")
        await again.does("moa", "GET", SEARCH, 410)
        await again.does("tui", "GET", SEARCH, 410)
    async with marti(api.directory) as once_more:
        await once_more.does("moa", "GET", SEARCH, 410)
        await once_more.does("tui", "GET", SEARCH, 410)


async def test_nobody_makes_or_changes_a_mission_as_another_persons_client(api: Marti) -> None:
    api.node.bridge.closing = api.api.endpoints.left  # as the node has it
    session, peer = api.on_air("moa")
    await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-moa", 403)
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    api.node.tick()
    peer.take()
    await api.does("kiwi", "PUT", f"{SEARCH}/keywords?creatorUid=UID-moa", json=["sea"])
    api.node.tick()
    (told,) = peer.take()
    assert 'authorUid="kiwi"' in told.text
    session.closed()  # whose the uid was is remembered
    said = {"uids": ["BUOY"]}
    await api.does("kiwi", "PUT", f"{SEARCH}/contents?creatorUid=UID-moa", json=said)
    await api.does("moa", "PUT", f"{SEARCH}/contents?creatorUid=UID-moa", json={"uids": ["ROCK"]})
    (found,) = (await api.get("kiwi", SEARCH))["data"]
    assert {e["data"]: e["creatorUid"] for e in found["uids"]} == {
        "BUOY": "kiwi",
        "ROCK": "UID-moa",
    }
    entry = {"content": "x", "missionNames": ["Search"], "creatorUid": "UID-moa"}
    noted = await api.does("kiwi", "POST", f"{ROOT}/logs/entries", 201, json=entry)
    assert noted["data"]["creatorUid"] == "kiwi"
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/moa?creatorUid=UID-moa")
    (invited,) = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert invited["creatorUid"] == "kiwi"
    await api.does("kea", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 403)


async def test_who_claims_anothers_uid_takes_no_authorship_from_its_owner(
    api: Marti,
) -> None:
    api.on_air("moa")
    await make(api)
    _, eve = api.on_air("tui", uid="UID-moa")  # in another group: it is let in nowhere
    assert eve.take() == []
    said = {"uids": ["BUOY"]}
    await api.does("moa", "PUT", f"{SEARCH}/contents?creatorUid=UID-moa", json=said)
    (found,) = (await api.get("kiwi", SEARCH))["data"]
    assert found["uids"][0]["creatorUid"] == "UID-moa"


async def test_a_token_to_read_reads_until_the_way_in_is_another_or_its_day_is_over(
    api: Marti,
) -> None:
    await make(api, password="koura")

    async def held() -> dict[str, str]:
        said = await api.does("moa", "GET", f"{SEARCH}/token?password=koura", 201)
        return {"MissionAuthorization": f"Bearer {said['data']}"}

    reads = await held()
    assert (await api.get("moa", f"{SEARCH}/role", headers=reads))["data"]["type"] == (
        "MISSION_READONLY_SUBSCRIBER"
    )
    await api.does("moa", "PUT", f"{SEARCH}/keywords", 403, json=["x"], headers=reads)
    await api.does("kiwi", "PUT", f"{SEARCH}?inviteOnly=true")
    await api.does("moa", "GET", SEARCH, 403, headers=reads)
    await api.does("kiwi", "PUT", f"{SEARCH}?inviteOnly=false")
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=other")
    await api.does("moa", "GET", SEARCH, 403, headers=reads)
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=koura")
    await api.does("moa", "GET", SEARCH, 403, headers=reads)  # the same words, said anew
    reads = await held()
    api.node.clock.advance(hours=23)
    assert len((await api.get("moa", SEARCH, headers=reads))["data"]) == 1
    api.node.clock.advance(hours=1)
    await api.does("moa", "GET", SEARCH, 403, headers=reads)


async def test_a_name_that_looks_the_same_is_the_same(api: Marti) -> None:
    composed, decomposed = "R\u00e9union", "Re\u0301union"
    made = await make(api, name=decomposed)
    assert made["name"] == composed
    for name in (composed, decomposed, decomposed.upper()):
        assert (await api.get("moa", f"{ROOT}/{name}"))["data"][0]["guid"] == made["guid"]
    await api.does("kiwi", "POST", f"{ROOT}/{composed}?allowDupe=true", 409)


async def test_blanks_around_a_name_are_no_part_of_it(api: Marti) -> None:
    made = await make(api, name="%20lead%E2%80%83")
    assert made["name"] == "lead"
    assert (await api.get("moa", f"{ROOT}/lead"))["data"][0]["guid"] == made["guid"]
    await api.does("kiwi", "POST", f"{ROOT}/lead%20?allowDupe=true", 409)


async def test_a_name_is_no_path_of_any_system(api: Marti) -> None:
    said = await api.does("kiwi", "POST", f"{ROOT}/a%5Cb", 400)
    assert "no / or \\" in said["detail"]


@pytest.mark.parametrize("name", [".", "..", "%20..%20"])
async def test_a_mission_is_not_called_as_paths_go_up(api: Marti, name: str) -> None:
    # httpx takes such a path together, as browsers do; a client of another kind does not.
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    answers: list[Message] = []

    async def send(message: Message) -> None:
        answers.append(message)

    await api.app(
        {
            "type": "http", "method": "PUT", "path": f"{ROOT}/{unquote(name)}", "query_string": b"",
            "headers": [(b"x-who", b"kiwi")], "scheme": "https", "server": ("node", 8443),
        },
        receive,
        send,
    )  # fmt: skip
    assert answers[0]["status"] == 400


async def test_a_mission_ends_at_a_moment_to_come_or_never(api: Marti) -> None:
    for over in (0, -2, -1767323045, 1767323045):  # the last is the moment that it is
        await api.does("kiwi", "PUT", f"{SEARCH}?creatorUid=UID-kiwi&expiration={over}", 400)
    await make(api, expiration="-1")
    for over in (0, -2):
        await api.does("kiwi", "PUT", f"{SEARCH}/expiration?expiration={over}", 400)
        await api.does("kiwi", "PUT", f"{SEARCH}?expiration={over}", 400)
    await api.does("kiwi", "PUT", f"{SEARCH}/expiration?expiration=1767409445")
    await api.does("kiwi", "PUT", f"{SEARCH}/expiration?expiration=-1")


async def test_who_comes_while_it_is_made_is_answered_as_who_comes_after(api: Marti) -> None:
    every = [api.ask("kiwi", "PUT", f"{ROOT}/Race?creatorUid=UID-kiwi") for _ in range(12)]
    said = [each.status_code for each in await asyncio.gather(*every)]
    assert sorted(said) == [*[200] * 11, 201]
    dupes = [
        api.ask("kiwi", "PUT", f"{ROOT}/Twin?creatorUid=UID-kiwi&allowDupe=true") for _ in range(3)
    ]
    said = [each.status_code for each in await asyncio.gather(*dupes)]
    assert sorted(said) == [201, 409, 409]


async def test_what_is_closed_meanwhile_is_not_copied_open(api: Marti) -> None:
    await make(api)
    shut = api.ask("kiwi", "PUT", f"{SEARCH}?inviteOnly=true")
    copied = api.ask("kiwi", "PUT", f"{SEARCH}/copy?copyName=Copy&creatorUid=UID-kiwi")
    assert [each.status_code for each in await asyncio.gather(shut, copied)] == [200, 409]
