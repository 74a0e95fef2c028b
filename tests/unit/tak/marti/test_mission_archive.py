"""Missions as a whole: their package, their KML, a copy, and sent to a client."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from accord.storage.files import FileSettings
from accord.storage.missions import MissionSettings
from support.cot import cot_xml
from support.marti import Marti, hash_of, marti
from support.tak import Sent

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
CONTENTS = f"{SEARCH}/contents"
PDF = b"%PDF the plan"
KML = {"k": "http://www.opengis.net/kml/2.2"}
DRILL = '<__exercise opex="e-TASMAN"/>'
LINE = '<link point="-41.1,174.1"/><link point="-41.2,174.2"/><contact callsign="Way &lt;1&gt;"/>'


async def begun(api: Marti, who: str = "kiwi", **said: Any) -> str:
    """A mission with a file, a point, and a line in a layer inside another; its guid."""
    params = {"creatorUid": f"UID-{who}", "description": "of the bay", **said}
    made = await api.does(who, "POST", SEARCH, 201, params=params)
    session, _ = api.on_air(who)
    marked = '<marti><dest mission="Search"/></marti><contact callsign="Buoy ā"/>'
    session.receive(cot_xml("BUOY", "b-m-p-s-m", marked))
    session.receive(cot_xml("WAY", "u-d-f", f'<marti><dest mission="Search"/></marti>{LINE}'))
    await api.api.missions.keep_waiting()
    await api.does(who, "POST", "/Marti/sync/upload?name=plan.pdf", content=PDF)
    await api.does(who, "PUT", CONTENTS, json={"hashes": [hash_of(PDF)]})
    await api.does(who, "PUT", f"{SEARCH}/keywords", json=["sea"])
    layers = f"{SEARCH}/layers"
    await api.does(who, "PUT", f"{layers}?name=Bay&type=GROUP&uid=bay")
    await api.does(who, "PUT", f"{layers}?name=Ways&type=UID&uid=ways&parentUid=bay")
    await api.does(who, "PUT", f"{layers}?name=WAY&type=ITEM&uid=WAY&parentUid=ways")
    return made["data"][0]["guid"]


async def drill(api: Marti) -> None:
    """Say something of an exercise into the mission, by one who takes part in both."""
    await api.does("pukeko", "PUT", f"{SEARCH}/subscription?uid=UID-pukeko", 201)
    session, _ = api.on_air("pukeko")
    said = f'<marti><dest mission="Search"/></marti>{DRILL}<contact callsign="Smoke"/>'
    session.receive(cot_xml("DRILL", "b-m-p-s-m", said))
    await api.api.missions.keep_waiting()


def layers_in(told: Any) -> list[Any]:
    return [
        (each["name"], [e["data"] for e in each.get("uids", [])],
         layers_in(each.get("mission_layers", [])))
        for each in told
    ]  # fmt: skip


WAYS = [("Bay", [], [("Ways", ["WAY"], [])])]


async def test_an_archive_says_its_layers_aside_where_clients_do_not_look(api: Marti) -> None:
    await begun(api)
    answer = await api.ask("moa", "GET", f"{SEARCH}/archive")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        root = etree.fromstring(archive.read("MANIFEST/manifest.xml"))
        ignored = {e.get("zipEntry"): e.get("ignore") for e in root.iter("Content")}
        said = json.loads(archive.read("mission.json"))
    assert [name for name, is_ignored in ignored.items() if is_ignored == "true"] == [
        "mission.json"
    ]
    assert (said["name"], said["description"], said["keywords"]) == (
        "Search",
        "of the bay",
        ["sea"],
    )
    assert said["layers"] == [
        {"uid": "bay", "name": "Bay", "type": "GROUP", "parentUid": "", "items": []},
        {"uid": "ways", "name": "Ways", "type": "UID", "parentUid": "bay", "items": ["WAY"]},
    ]
    # Put in again, what clients ignore is no file of the mission.
    await api.does("kiwi", "POST", f"{ROOT}/Again?creatorUid=U", 201)
    await api.does("kiwi", "PUT", f"{ROOT}/Again/contents/missionpackage", content=answer.content)
    (again,) = (await api.get("kiwi", f"{ROOT}/Again"))["data"]
    assert [each["data"]["filename"] for each in again["contents"]] == ["plan.pdf"]


async def test_a_copy_has_what_its_maker_sees_and_he_owns_it(api: Marti) -> None:
    guid = await begun(api)
    await drill(api)
    query = (
        "copyName=Bay%20two&creatorUid=UID-moa&copyPath=old&defaultRole=MISSION_READONLY_SUBSCRIBER"
    )
    (made,) = (await api.does("moa", "PUT", f"{SEARCH}/copy?{query}", 201))["data"]
    assert made["guid"] != guid
    assert made["ownerRole"]["type"] == "MISSION_OWNER"
    assert (made["name"], made["path"], made["description"]) == ("Bay two", "old", "of the bay")
    assert made["keywords"] == ["sea"]
    assert made["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    copy = f"{ROOT}/Bay%20two"
    assert [each["data"] for each in made["uids"]] == ["BUOY", "WAY"]  # nothing of the exercise
    (told,) = (await api.get("moa", copy))["data"]
    assert [each["data"]["hash"] for each in told["contents"]] == [hash_of(PDF)]
    assert {each["creatorUid"] for each in told["uids"]} == {"UID-moa"}
    changes = (await api.get("moa", f"{copy}/changes"))["data"]
    assert [each["type"] for each in changes] == [*["ADD_CONTENT"] * 3, "CREATE_MISSION"]
    assert layers_in((await api.get("moa", f"{copy}/layers"))["data"]) == WAYS
    cot = (await api.ask("moa", "GET", f"{copy}/cot")).text
    assert "Buoy ā" in cot
    # It is a mission of its own: what it holds stays when the first one is deleted.
    await api.does("kiwi", "DELETE", SEARCH)
    content = f"/Marti/sync/content?hash={hash_of(PDF)}"
    assert (await api.ask("moa", "GET", content)).content == PDF
    await api.does("kiwi", "DELETE", f"/Marti/sync/delete?hash={hash_of(PDF)}", 409)


async def test_who_takes_part_in_the_exercise_copies_it_too(api: Marti) -> None:
    guid = await begun(api)
    await drill(api)
    by_guid = f"{ROOT}/guid/{guid}/copy?copyName=Mine&password=secret"
    (made,) = (await api.does("pukeko", "PUT", by_guid, 201))["data"]
    assert [each["data"] for each in made["uids"]] == ["BUOY", "WAY", "DRILL"]
    assert made["passwordProtected"] is True
    await api.does("moa", "GET", f"{ROOT}/Mine", 403)


async def test_a_copy_is_in_no_group_that_the_mission_is_not_in(api: Marti) -> None:
    await begun(api)
    copy = f"{SEARCH}/copy?copyName="
    (made,) = (await api.does("kea", "PUT", f"{copy}Of%20both", 201))["data"]
    assert made["groups"] == ["Blue"]  # though she speaks in Red too
    await api.does("kea", "PUT", f"{copy}Red&group=Red", 403)
    await api.does("tui", "PUT", f"{copy}Mine", 404)
    await api.does("ruru", "PUT", f"{copy}Mine", 403)
    await api.does("moa", "PUT", f"{copy}search", 409)
    await api.does("moa", "PUT", f"{copy}a%2Fb", 400)
    await api.does("moa", "PUT", f"{SEARCH}/copy", 400)
    await api.does("moa", "PUT", f"{copy}Mine&creatorUid=UID-kiwi", 403)
    await api.does("kiwi", "PUT", f"{SEARCH}/password?password=secret")
    await api.does("moa", "PUT", f"{copy}Mine", 403)


async def test_a_copy_is_no_less_closed_than_what_it_is_of(api: Marti) -> None:
    await begun(api, password="secret", defaultRole="MISSION_READONLY_SUBSCRIBER")
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa&password=secret", 201)
    (made,) = (await api.does("moa", "PUT", f"{SEARCH}/copy?copyName=Mine", 201))["data"]
    assert made["passwordProtected"] is True
    assert made["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    await api.does("kea", "GET", f"{ROOT}/Mine", 403)
    await api.does("kea", "PUT", f"{ROOT}/Mine/subscription?uid=UID-kea&password=secret", 201)


async def test_no_copy_is_half_made_where_there_is_no_room(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_missions=1)) as api:
        await begun(api)
        await api.does("moa", "PUT", f"{SEARCH}/copy?copyName=Two", 507)
        assert [e["name"] for e in (await api.get("moa", ROOT))["data"]] == ["Search"]


async def test_a_mission_is_drawn_as_kml(api: Marti) -> None:
    await begun(api)
    await drill(api)
    answer = await api.ask("moa", "GET", f"{SEARCH}/kml")
    assert answer.headers["content-type"] == "application/vnd.google-earth.kml+xml"
    assert "content-disposition" not in answer.headers
    root = etree.fromstring(answer.content)
    places = root.findall(".//k:Placemark", KML)
    assert [each.findtext("k:name", None, KML) for each in places] == ["Buoy ā", "Way <1>"]
    assert places[0].findtext("k:Point/k:coordinates", None, KML) == "174.7700000,-41.2800000"
    assert places[1].findtext("k:LineString/k:coordinates", None, KML) == (
        "174.1000000,-41.1000000 174.2000000,-41.2000000"
    )
    drilled = await api.ask("pukeko", "GET", f"{SEARCH}/kml?download=true")
    assert drilled.headers["content-disposition"].startswith('attachment; filename="Search.kml"')
    assert "<name>EXERCISE:TASMAN: Smoke</name>" in drilled.text
    await api.does("tui", "GET", f"{SEARCH}/kml", 404)


def offers(sent: list[Sent]) -> list[dict[str, str]]:
    found = [each for each in sent if each.type == "b-f-t-r"]
    return [
        dict(etree.fromstring(each.text.encode()).find("detail/fileshare").attrib)  # type: ignore[union-attr]
        for each in found
    ]


async def test_a_mission_is_sent_to_a_client_that_is_offered_its_package(api: Marti) -> None:
    await begun(api)
    _, peer = api.on_air("moa")
    _, other = api.on_air("kea")
    form = {"contacts": "UID-moa"}
    told = await api.does("kiwi", "POST", f"{SEARCH}/send?creatorUid=UID-kiwi", data=form)
    assert (told["type"], [each["name"] for each in told["data"]]) == ("Mission", ["Search"])
    api.node.tick()
    (offer,) = offers(peer.take())
    assert offers(other.take()) == []
    assert (offer["filename"], offer["senderUid"]) == ("Search.zip", "UID-kiwi")
    path = offer["senderUrl"].removeprefix("https://node:8443")
    assert path.startswith("/Marti/sync/content?hash=")
    package = (await api.ask("moa", "GET", path)).content
    assert (len(package), hash_of(package)) == (int(offer["sizeInBytes"]), offer["sha256"])
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert f"{hash_of(PDF)}/plan.pdf" in archive.namelist()
    (known,) = (await api.get("kiwi", "/Marti/sync/search?tool=private"))["results"]
    assert (known["Name"], known["Groups"]) == ("Search.zip", ["Blue"])
    listed = (await api.get("moa", "/Marti/sync/search"))["results"]
    assert "Search.zip" not in [each["Name"] for each in listed]  # no package for everybody
    api.node.clock.advance(seconds=86_401)
    await api.does("moa", "GET", path, 404)


async def test_what_is_sent_is_offered_by_its_sender_and_to_be_had_here(api: Marti) -> None:
    await begun(api)
    _, peer = api.on_air("moa")
    headers = {"Host": "evil.example"}
    send = f"{SEARCH}/send?contacts=UID-moa"
    for creator, callsign in (("&creatorUid=UID-kiwi", "KIWI"), ("", "kiwi")):
        await api.does("kiwi", "POST", f"{send}{creator}", headers=headers)
        api.node.tick()
        (offer,) = offers(peer.take())
        assert offer["senderUrl"].startswith("https://node/Marti/sync/content?hash=")
        assert offer["senderCallsign"] == callsign


async def test_nothing_is_sent_where_one_cannot_be_reached(api: Marti) -> None:
    await begun(api)
    _, peer = api.on_air("moa")
    api.on_air("tui")
    send = f"{SEARCH}/send"
    for contacts in ("UID-moa,UID-tui", "UID-moa,NOBODY"):
        await api.does("kiwi", "POST", f"{send}?contacts={contacts}", 404)
    await api.does("kiwi", "POST", send, 400)
    await api.does("kiwi", "POST", send, 400, content=b"\xff")
    await api.does("kiwi", "POST", send, 400, data={"contacts": ["x"] * 101})
    await api.does("ruru", "POST", f"{send}?contacts=UID-moa", 403)
    await api.does("tui", "POST", f"{send}?contacts=UID-moa", 404)
    api.node.tick()
    assert offers(peer.take()) == []


async def test_no_package_is_sent_that_there_is_no_room_for(tmp_path: Path) -> None:
    async with marti(tmp_path, files=FileSettings(max_person=200)) as api:
        await begun(api)
        api.on_air("moa")
        await api.does("kiwi", "POST", f"{SEARCH}/send?contacts=UID-moa", 507)
        assert list((tmp_path / "files" / "incoming").iterdir()) == []


async def test_a_mission_of_an_archive_has_the_keywords_of_things_and_files(api: Marti) -> None:
    await begun(api)
    await api.does("kiwi", "PUT", CONTENTS, json={"uids": ["ALONE"]})
    for path in ("uid/BUOY", "uid/ALONE", f"content/{hash_of(PDF)}"):
        await api.does("kiwi", "PUT", f"{SEARCH}/{path}/keywords", json=[f"of {path[:8]}", "ā"])
    archive = (await api.ask("moa", "GET", f"{SEARCH}/archive")).content
    form = {"content-type": "application/zip"}
    again = f"{ROOT}/Again?creatorUid=UID-kiwi"
    await api.does("kiwi", "PUT", again, 201, content=archive, headers=form)

    async def words(path: str) -> dict[str, Any]:
        (told,) = (await api.get("kiwi", path))["data"]
        items = [*told["uids"], *told["contents"]]
        data = [(each["data"], each.get("keywords")) for each in items]
        return {d if isinstance(d, str) else d["hash"]: kept for d, kept in data}

    assert (await words(f"{ROOT}/Again")) == (await words(SEARCH)) == {
        "BUOY": ["of uid/BUOY", "ā"], "ALONE": ["of uid/ALON", "ā"], "WAY": None,
        hash_of(PDF): ["of content/", "ā"],
    }  # fmt: skip
