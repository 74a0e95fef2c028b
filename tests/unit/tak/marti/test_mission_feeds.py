"""The data feeds of missions, by the parameters and answers of TAK Server's own interface."""

import io
import json
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from accord.core.data_feed import data_feed_uid
from accord.storage.missions import MissionSettings
from support.data_feeds import feed
from support.marti import Marti, marti
from support.tak import Sent

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
HARBOUR, RED, DRILL = (data_feed_uid("NZL-TEST", each) for each in ("harbour", "red", "drill"))
FILTERS = (
    "&filterPolygon=-41.0,174.0&filterPolygon=-42.0,175.0&filterPolygon=-41.0,175.0"
    f"&filterCotTypes={quote(json.dumps(['b-m-p-w', 'a-*-S']))}&filterCallsign=KIWI"
)
FEEDS = {
    "harbour": feed("Blue", "Sea"), "red": feed("Red"), "drill": feed("Blue", exercise="TASMAN"),
}  # fmt: skip


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Marti]:
    async with marti(tmp_path, feed=FEEDS) as made:
        yield made


def put(uid: str, more: str = "", mission: str = SEARCH) -> str:
    return f"{mission}/feed?creatorUid=UID-kiwi&dataFeedUid={uid}{more}"


async def make(api: Marti, by: str = "kiwi", groups: str = "Blue", **body: Any) -> Any:
    path = f"{SEARCH}?creatorUid=UID-{by}&group={groups}"
    made = await api.does(by, "PUT", path, 201, **({"json": body} if body else {}))
    return made["data"][0]


async def kept(api: Marti, who: str = "kiwi", mission: str = SEARCH) -> Any:
    return (await api.get(who, mission))["data"][0]["feeds"]


async def types(api: Marti, who: str = "kiwi", more: str = "?squashed=false") -> list[str]:
    return [e["type"] for e in (await api.get(who, f"{SEARCH}/changes{more}"))["data"]]


def change_in(sent: Sent) -> dict[str, str | None]:
    assert sent.type == "t-x-m-c"
    change = etree.fromstring(sent.text.encode()).find(
        "detail/mission/MissionChanges/MissionChange"
    )
    assert change is not None
    told = change.find("missionFeed")
    assert told is not None
    return {"type": change.findtext("type"), **{each.tag: each.text for each in told}}


async def test_a_feed_is_put_into_a_mission_told_and_taken_out(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    _, of_moa = api.on_air("moa")

    def told() -> dict[str, str | None]:
        api.node.tick()
        (sent,) = of_moa.take()
        return change_in(sent)

    await api.does("kiwi", "POST", put(HARBOUR, FILTERS))
    (known,) = await kept(api, "moa")
    # By the fields of TAK Server 5.7 (public source: MissionFeed).
    assert known == {
        "uid": known["uid"],
        "dataFeedUid": HARBOUR,
        "name": "harbour",
        "filterPolygon": "-41.0 174.0,-42.0 175.0,-41.0 175.0,-41.0 174.0",
        "filterCotTypesSerialized": '["a-*-S","b-m-p-w"]',
        "filterCallsign": "KIWI",
    }
    assert told() == {"type": "CREATE_DATA_FEED", **known}
    (newest, _) = (await api.get("moa", f"{SEARCH}/changes"))["data"]
    assert (newest["type"], newest["creatorUid"]) == ("CREATE_DATA_FEED", "UID-kiwi")
    assert newest["missionFeed"] == known
    await api.does("kiwi", "DELETE", f"{SEARCH}/feed/{known['uid']}?creatorUid=UID-kiwi")
    assert await kept(api, "moa") == []
    assert told() == {"type": "DELETE_DATA_FEED", **known}
    assert await types(api) == ["DELETE_DATA_FEED", "CREATE_DATA_FEED", "CREATE_MISSION"]
    assert await types(api, more="") == ["DELETE_DATA_FEED", "CREATE_MISSION"]
    await api.does("kiwi", "DELETE", f"{SEARCH}/feed/{known['uid']}", 404)
    with_changes = (await api.get("kiwi", f"{SEARCH}?changes=true"))["data"][0]
    assert with_changes["missionChanges"][-1]["missionFeed"] == known


async def test_it_is_asked_by_guid_in_both_ways(api: Marti) -> None:
    """TAK Server 5.7, public source, MissionApi: the guid stands where a name does."""
    guid = (await make(api))["guid"]
    await api.does("kiwi", "POST", put(HARBOUR, mission=f"{ROOT}/{guid}"))
    await api.does("kiwi", "POST", put(HARBOUR, "&filterCallsign=K", f"{ROOT}/guid/{guid}"))
    first, second = await kept(api)
    await api.does("kiwi", "DELETE", f"{ROOT}/guid/{guid}/feed/{second['uid']}")
    assert await kept(api) == [first]


async def test_one_that_the_caller_does_not_hear_is_none(api: Marti) -> None:
    await make(api)
    unknown = await api.does("kiwi", "POST", put("no-such"), 404)
    assert unknown["detail"] == "there is no such data feed that you hear"
    for uid in (RED, DRILL):
        assert await api.does("kiwi", "POST", put(uid), 404) == unknown
    await api.does("kiwi", "POST", f"{SEARCH}/feed?creatorUid=U", 400)
    await api.does("kiwi", "POST", put(HARBOUR, "&filterPolygon=1,2"), 400)
    await api.does("kiwi", "POST", put(HARBOUR, "&filterCotTypes=a-f"), 400)
    assert await kept(api) == []


async def test_the_same_is_there_once(api: Marti) -> None:
    await make(api)
    await api.does("kiwi", "POST", put(HARBOUR, FILTERS))
    refused = await api.does("kiwi", "POST", put(HARBOUR, FILTERS), 409)
    assert refused["detail"] == "the mission has this feed with the same filters already"
    await api.does("kiwi", "POST", put(HARBOUR))
    assert len(await kept(api)) == 2


async def test_an_owner_says_which(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    refused = await api.does("moa", "POST", put(HARBOUR), 403)
    assert refused["detail"] == "you have no MISSION_MANAGE_FEEDS in this mission"
    await api.does("kiwi", "POST", put(HARBOUR))
    (known,) = await kept(api)
    await api.does("moa", "DELETE", f"{SEARCH}/feed/{known['uid']}", 403)
    await api.does("moa", "PUT", SEARCH, 403, json={"feeds": []})
    # As it is, he may say it.
    await api.does("moa", "PUT", SEARCH, json={"description": "on", "feeds": [known]})
    assert await kept(api) == [known]


async def test_who_does_not_hear_a_feed_learns_nothing_of_it_by_a_mission(api: Marti) -> None:
    await make(api, "kea", "Blue&group=Red")
    for who in ("kiwi", "tui"):
        await api.does(who, "PUT", f"{SEARCH}/subscription?uid=UID-{who}", 201)
    peers = {who: api.on_air(who)[1] for who in ("kiwi", "tui")}
    await api.does("kea", "POST", put(RED))
    await api.does("kea", "POST", put(HARBOUR))
    api.node.tick()
    heard = {who: [change_in(each)["name"] for each in peers[who].take()] for who in peers}
    assert heard == {"kiwi": ["harbour"], "tui": ["red"]}
    of_kiwi, of_tui = await kept(api, "kiwi"), await kept(api, "tui")
    assert [each["name"] for each in of_kiwi] == ["harbour"]
    assert [each["name"] for each in of_tui] == ["red"]
    assert await types(api, "kiwi") == ["CREATE_DATA_FEED", "CREATE_MISSION"]
    for path in ("", "/changes?squashed=false", "/archive", "?changes=true"):
        answer = await api.ask("kiwi", "GET", f"{SEARCH}{path}")
        text = read_zip(answer.content) if path == "/archive" else answer.text
        assert HARBOUR in text
        assert RED not in text
    # Nor does he take out what he does not know of, whatever role he has.
    await api.does("kea", "PUT", f"{SEARCH}/role?username=kiwi&role=MISSION_OWNER")
    await api.does("kiwi", "DELETE", f"{SEARCH}/feed/{of_tui[0]['uid']}", 404)
    await api.does("kiwi", "PUT", SEARCH, json={"feeds": []})
    assert await kept(api, "tui") == of_tui
    assert await kept(api, "kiwi") == []
    # The page shows things and files.
    guid = (await api.get("kea", SEARCH))["data"][0]["guid"]
    assert (await api.get("kea", f"/api/v1/missions/{guid}"))["items"] == []


def read_zip(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(each).decode() for each in archive.namelist())


async def test_a_feed_of_an_exercise_is_told_to_who_takes_part_in_that(api: Marti) -> None:
    await make(api, "pukeko")
    await api.does("kiwi", "PUT", f"{SEARCH}/subscription?uid=UID-kiwi", 201)
    (_, of_kiwi), (_, of_pukeko) = api.on_air("kiwi"), api.on_air("pukeko")
    of_kiwi.take()
    await api.does("pukeko", "POST", put(DRILL))
    api.node.tick()
    (sent,) = of_pukeko.take()
    assert change_in(sent)["name"] == "drill"
    assert 'opex="e-TASMAN"' in sent.text
    assert of_kiwi.take() == []
    assert len(await kept(api, "pukeko")) == 1
    assert await kept(api, "kiwi") == []


async def test_who_is_not_there_or_hears_it_by_one_client_only_is_not_told(api: Marti) -> None:
    await make(api)
    for uid in ("UID-away", "UID-moa"):
        await api.does("moa", "PUT", f"{SEARCH}/subscription?uid={uid}", 201)
    _, of_moa = api.on_air("moa")
    off = [{"name": "Blue", "direction": "OUT", "active": False}]
    await api.does("moa", "PUT", "/Marti/api/groups/active", json=off)
    api.node.tick()
    of_moa.take()
    await api.does("kiwi", "POST", put(HARBOUR))
    api.node.tick()
    assert of_moa.take() == []


async def test_a_mission_is_made_and_described_with_its_feeds(api: Marti) -> None:
    said = {"dataFeedUid": HARBOUR, "filterCotTypesSerialized": '["a-*"]'}
    made = await make(api, feeds=[said, {"dataFeedUid": "of another server"}])
    assert made["feeds"] == [{**said, "uid": made["feeds"][0]["uid"], "name": "harbour"}]
    assert await kept(api) == made["feeds"]
    # Without a word of them they stay.
    await api.does("kiwi", "PUT", SEARCH, json={"description": "anew"})
    assert await kept(api) == made["feeds"]
    other = {"dataFeedUid": HARBOUR, "filterCallsign": "KIWI"}
    both = {"feeds": [other, *made["feeds"]]}
    (told,) = (await api.does("kiwi", "PUT", SEARCH, json=both))["data"]
    assert [each.get("filterCallsign") for each in told["feeds"]] == [None, "KIWI"]
    await api.does("kiwi", "PUT", SEARCH, json={"feeds": [other]})
    (left,) = await kept(api)
    assert left["filterCallsign"] == "KIWI"
    assert await types(api) == [
        "DELETE_DATA_FEED", "CREATE_DATA_FEED", "CREATE_DATA_FEED", "CREATE_MISSION",
    ]  # fmt: skip
    await api.does("kiwi", "PUT", SEARCH, 400, json={"feeds": [{}]})


async def test_a_copy_and_an_archive_have_what_the_caller_hears(api: Marti) -> None:
    await make(api, "kea", "Blue&group=Red")
    for uid in (RED, HARBOUR):
        await api.does("kea", "POST", put(uid, "&filterCallsign=K"))
    (of_kiwi,) = await kept(api, "kiwi")
    await api.does("kiwi", "PUT", f"{SEARCH}/copy?creatorUid=UID-kiwi&copyName=Copy", 201)
    (copied,) = await kept(api, "kiwi", f"{ROOT}/Copy")
    assert copied == {**of_kiwi, "uid": copied["uid"]}
    assert copied["uid"] != of_kiwi["uid"]
    assert await kept(api, "kea", f"{ROOT}/Copy") == [copied]
    archive = (await api.ask("kea", "GET", f"{SEARCH}/archive")).content
    again = f"{ROOT}/Again?creatorUid=UID-kiwi&group=Blue"
    headers = {"content-type": "application/zip"}
    # Whoever makes a mission of it takes over those that he hears.
    await api.does("kiwi", "PUT", again, 201, content=archive, headers=headers)
    (taken,) = await kept(api, "kiwi", f"{ROOT}/Again")
    assert taken == {**of_kiwi, "uid": taken["uid"]}
    changes = (await api.get("kiwi", f"{ROOT}/Again/changes"))["data"]
    assert [each["type"] for each in changes] == ["CREATE_DATA_FEED", "CREATE_MISSION"]


async def test_what_is_sent_to_others_says_nothing_of_feeds(api: Marti) -> None:
    await make(api)
    await api.does("kiwi", "POST", put(HARBOUR))
    api.on_air("moa")
    await api.does("kiwi", "POST", f"{SEARCH}/send?contacts=UID-moa&creatorUid=UID-kiwi")
    (sent,) = (await api.get("moa", "/Marti/sync/search?tool=private"))["results"]
    package = await api.ask("moa", "GET", f"/Marti/sync/content?hash={sent['Hash']}")
    text = read_zip(package.content)
    assert '"feeds":[]' in text.replace(" ", "")
    assert HARBOUR not in text


async def test_one_that_the_node_has_no_more_stays_for_who_heard_it(tmp_path: Path) -> None:
    async with marti(tmp_path, feed=FEEDS) as api:
        await make(api, "kea", "Blue&group=Red")
        await api.does("kea", "POST", put(RED))
        (known,) = await kept(api, "kea")
    async with marti(tmp_path) as api:
        assert await kept(api, "tui") == [known]
        assert await kept(api, "kiwi") == []
        # What is told can be said again, and nothing is lost by it.
        await api.does("kea", "PUT", SEARCH, json={"feeds": [known]})
        assert await kept(api, "tui") == [known]
        await api.does("kea", "DELETE", f"{SEARCH}/feed/{known['uid']}")
        assert await kept(api, "tui") == []


async def test_a_feed_that_is_said_into_other_groups_is_told_to_those(tmp_path: Path) -> None:
    async with marti(tmp_path, feed=FEEDS) as api:
        await make(api, "kea", "Blue&group=Red")
        await api.does("kea", "POST", put(RED))
    async with marti(tmp_path, feed={"red": feed("Blue")}) as api:
        assert len(await kept(api, "kiwi")) == 1
        assert await kept(api, "tui") == []


async def test_there_is_a_limit(tmp_path: Path) -> None:
    async with marti(tmp_path, feed=FEEDS, missions=MissionSettings(max_feeds=2)) as api:
        await make(api)
        for callsign in ("A", "B"):
            await api.does("kiwi", "POST", put(HARBOUR, f"&filterCallsign={callsign}"))
        refused = await api.does("kiwi", "POST", put(HARBOUR), 507)
        assert refused["detail"] == "the mission may have 2 data feeds"
        known = await kept(api)
        more = {"feeds": [*known, {"dataFeedUid": HARBOUR}]}
        await api.does("kiwi", "PUT", SEARCH, 507, json=more)
        assert await kept(api) == known
        feeds = [{"dataFeedUid": HARBOUR, "filterCallsign": each} for each in "ABC"]
        await api.does("kiwi", "PUT", f"{ROOT}/More?creatorUid=U", 507, json={"feeds": feeds})
        await api.does("kiwi", "GET", f"{ROOT}/More", 404)
    # One that is lower later keeps nothing else out.
    async with marti(tmp_path, feed=FEEDS, missions=MissionSettings(max_feeds=1)) as api:
        await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": ["BUOY"]})
        assert await kept(api) == known


async def test_a_feed_that_comes_or_goes_does_not_show_in_when_a_mission_was_edited(
    api: Marti,
) -> None:
    """Whoever does not hear the feed sees the mission, and with it that time."""
    before = (await make(api))["lastEdited"]
    api.node.clock.advance(seconds=60)
    await api.does("kiwi", "POST", put(HARBOUR))
    (known,) = await kept(api)
    api.node.clock.advance(seconds=60)
    await api.does("kiwi", "DELETE", f"{SEARCH}/feed/{known['uid']}")
    assert (await api.get("moa", SEARCH))["data"][0]["lastEdited"] == before
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": ["T"]})
    assert (await api.get("moa", SEARCH))["data"][0]["lastEdited"] > before
