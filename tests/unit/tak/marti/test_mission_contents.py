"""What is in missions, as ATAK, WinTAK, iTAK and CloudTAK put, read and take it."""

import io
import threading
import zipfile
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.core.mission import Item, ItemKind
from accord.core.report import Report, Source
from accord.live.asked import Asked
from accord.live.past import Past
from accord.storage.missions import MissionSettings
from accord.tak.marti import missions
from accord.tak.marti.long_json import LUMP
from accord.tak.marti.mission_contents import MAX_AT_ONCE
from accord.tak.marti.mission_json import mission_json
from accord.tak.missions import by_the_node
from accord.wire.cot import xml
from accord.wire.cot.translate import to_report
from support.clock import START
from support.cot import cot_xml
from support.marti import Marti, hash_of, marti
from support.past import keep
from support.released import SIX, heard

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
CONTENTS = f"{SEARCH}/contents"
PDF = b"%PDF the plan"
HASH = hash_of(PDF)


async def make(api: Marti, who: str = "kiwi") -> str:
    made = await api.does(who, "POST", f"{SEARCH}?creatorUid=UID-{who}", 201)
    return made["data"][0]["guid"]


async def upload(api: Marti, who: str = "kiwi", data: bytes = PDF, **more: str) -> str:
    params = {"name": "plan.pdf", **more}
    await api.does(who, "POST", "/Marti/sync/upload", params=params, content=data)
    return hash_of(data)


async def one(api: Marti, who: str = "moa", query: str = "") -> Any:
    return (await api.get(who, f"{SEARCH}{query}"))["data"][0]


async def test_a_file_in_a_mission_is_told_with_all_that_is_said_of_it(api: Marti) -> None:
    guid = await make(api)
    await upload(api)
    said = await api.does("kiwi", "PUT", f"{CONTENTS}?creatorUid=UID-kiwi", json={"hashes": [HASH]})
    (item,) = said["data"][0]["contents"]
    assert (item["creatorUid"], item["timestamp"]) == ("UID-kiwi", "2026-01-02T03:04:05.678Z")
    assert set(item["data"]) >= {
        "filename", "keywords", "mimeType", "name", "submissionTime", "submitter", "uid", "hash",
        "size", "expiration", "creatorUid",
    }  # fmt: skip
    assert (item["data"]["hash"], item["data"]["size"]) == (HASH, len(PDF))
    assert (await one(api, query=""))["contents"] == [item]
    by_guid = f"{ROOT}/guid/{guid}"
    assert (await api.get("moa", by_guid))["data"][0]["contents"] == [item]
    # While a mission has it, it stays.
    await api.does("kiwi", "DELETE", f"/Marti/sync/delete?hash={HASH}", 409)
    await api.does("kiwi", "DELETE", f"{CONTENTS}?hash={HASH}")
    assert (await one(api))["contents"] == []
    await api.does("kiwi", "DELETE", f"{CONTENTS}?hash={HASH}", 404)
    await api.does("kiwi", "DELETE", f"/Marti/sync/delete?hash={HASH}")


async def test_who_reads_a_mission_has_its_files(api: Marti) -> None:
    await upload(api, "kea", groups="Red")
    await make(api, "kea")  # of Blue and Red
    content = f"/Marti/sync/content?hash={HASH}"
    await api.does("moa", "GET", content, 404)
    await api.does("moa", "PUT", CONTENTS, 404, json={"hashes": [HASH]})  # nor puts it anywhere
    await api.does("kea", "PUT", CONTENTS, json={"hashes": [HASH]})
    assert (await api.ask("moa", "GET", content)).content == PDF
    await api.does("kea", "DELETE", SEARCH)
    await api.does("moa", "GET", content, 404)


async def test_ten_thousand_of_which_nothing_was_said_are_looked_for_once(
    api: Marti, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, [heard("SHIP", 0), heard("SHIP", 10)])
    api.node.clock.advance(seconds=(SIX - START).total_seconds() + 60)
    looks: list[int] = []
    newest = Past.newest

    def counted(of: Past, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Report]:
        looks.append(len(uids))
        return newest(of, asked, uids)

    monkeypatch.setattr(Past, "newest", counted)
    await make(api)
    uids = ["SHIP", *(f"N{number}" for number in range(MAX_AT_ONCE - 1))]
    await api.does("kiwi", "PUT", CONTENTS, json={"uids": uids})
    assert looks == [MAX_AT_ONCE]
    put = (await one(api))["uids"]
    assert (len(put), put[0]["details"]["type"]) == (MAX_AT_ONCE, "a-f-S-X-M")
    await api.does("kiwi", "PUT", CONTENTS, 400, json={"uids": [*uids, "ONE-MORE"]})
    further = [f"F{number}" for number in range(MAX_AT_ONCE)]
    await api.does("kiwi", "PUT", CONTENTS, json={"uids": further})
    full = await api.does("kiwi", "PUT", CONTENTS, 507, json={"uids": ["BEYOND"]})
    assert "20000 items" in full["detail"]
    assert len((await one(api))["uids"]) == 2 * MAX_AT_ONCE  # nothing of it is lost


async def test_a_thing_is_put_by_its_uid_and_its_cot_comes_with_it(api: Marti) -> None:
    await make(api)
    kiwi, _ = api.on_air("kiwi")
    color = '<contact callsign="Buoy"/><color argb="-65536"/>'
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m", color))
    await api.does(
        "kiwi", "PUT", f"{CONTENTS}?creatorUid=UID-kiwi", json={"uids": ["BUOY", "LATER"]}
    )
    buoy, later = (await one(api))["uids"]
    assert buoy == {
        "data": "BUOY", "timestamp": "2026-01-02T03:04:05.678Z", "creatorUid": "UID-kiwi",
        "details": {
            "type": "b-m-p-s-m", "callsign": "Buoy", "color": "-65536",
            "location": {"lat": -41.28, "lon": 174.77},
        },
    }  # fmt: skip
    assert later["data"] == "LATER"
    assert "details" not in later
    kiwi.receive(cot_xml("LATER", "b-m-p-s-m"))  # iTAK puts the uid before the event comes
    events = etree.fromstring((await api.ask("moa", "GET", f"{SEARCH}/cot")).content)
    assert (events.tag, [each.get("uid") for each in events]) == ("events", ["BUOY", "LATER"])


async def test_what_is_nothing_in_a_mission_is_passed_over_by_its_uid_as_on_the_stream(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(api)
    kiwi, _ = api.on_air("kiwi")
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m"))
    task = to_report(
        xml.read_again(cot_xml("TASK", "t-x-m-c")),
        source=Source(node="NZL-X", channel="cot-tls", speaker="kiwi"),
        groups=frozenset({"Blue"}),
        received=START,
    )
    monkeypatch.setattr(Past, "newest", lambda *_: {"TASK": task})
    await api.does("kiwi", "PUT", CONTENTS, json={"uids": ["TASK", "BUOY"]})
    assert [each["data"] for each in (await one(api))["uids"]] == ["BUOY"]
    await api.does("kiwi", "PUT", CONTENTS, json={"uids": ["TASK"]})
    assert [each["data"] for each in (await one(api))["uids"]] == ["BUOY"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream"])
async def test_a_body_of_json_is_read_whatever_type_it_is_said_to_be_of(
    api: Marti, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    said = b' {"description": "of the bay"}'
    made = await api.does("kiwi", "PUT", f"{ROOT}/Bay", 201, content=said, headers=headers)
    assert made["data"][0]["description"] == "of the bay"
    put = b'{"uids": ["BUOY"]}'
    await api.does("kiwi", "PUT", f"{ROOT}/Bay/contents", content=put, headers=headers)
    (found,) = (await api.get("kiwi", f"{ROOT}/Bay"))["data"]
    assert [each["data"] for each in found["uids"]] == ["BUOY"]
    await api.does("kiwi", "PUT", f"{ROOT}/Other", 400, content=b"{description", headers=headers)
    await api.does("kiwi", "PUT", f"{ROOT}/Other", 201, content=b"nothing", headers=headers)


async def test_changes_tell_what_was_added_and_removed_since(api: Marti) -> None:
    await make(api)
    await upload(api)
    api.node.clock.advance(minutes=1)
    await api.does(
        "kiwi", "PUT", f"{CONTENTS}?creatorUid=A", json={"hashes": [HASH], "uids": ["X"]}
    )
    api.node.clock.advance(minutes=1)
    await api.does("kiwi", "DELETE", f"{CONTENTS}?uid=X&creatorUid=B")
    said = await api.get("moa", f"{SEARCH}/changes?squashed=false")
    assert said["type"] == "MissionChange"
    rows = [
        (e["type"], e.get("contentUid"), e.get("contentResource", {}).get("hash"), e["creatorUid"])
        for e in said["data"]
    ]
    assert rows == [
        ("REMOVE_CONTENT", "X", None, "B"), ("ADD_CONTENT", "X", None, "A"),
        ("ADD_CONTENT", None, HASH, "A"), ("CREATE_MISSION", None, None, "UID-kiwi"),
    ]  # fmt: skip
    assert {e["isFederatedChange"] for e in said["data"]} == {False}
    squashed = (await api.get("moa", f"{SEARCH}/changes"))["data"]
    assert [e["type"] for e in squashed] == ["REMOVE_CONTENT", "ADD_CONTENT", "CREATE_MISSION"]
    lately = (await api.get("moa", f"{SEARCH}/changes?secago=30"))["data"]
    assert [e["type"] for e in lately] == ["REMOVE_CONTENT"]
    since = "start=2026-01-02T03:05:00Z&end=2026-01-02T03:05:30Z"
    assert len((await api.get("moa", f"{SEARCH}/changes?{since}&squashed=false"))["data"]) == 2
    with_all = await one(api, query="?changes=true&logs=true")
    assert [e["type"] for e in with_all["missionChanges"]] == [
        "CREATE_MISSION", "ADD_CONTENT", "ADD_CONTENT", "REMOVE_CONTENT",
    ]  # fmt: skip
    assert with_all["logs"] == []


async def test_who_takes_part_is_told_at_once_of_what_changed(api: Marti) -> None:
    guid = await make(api)
    _, of_moa = api.on_air("moa")
    _, of_kea = api.on_air("kea")
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    await upload(api)
    of_moa.take()
    of_kea.take()
    await api.does(
        "kiwi", "PUT", f"{CONTENTS}?creatorUid=UID-kiwi", json={"hashes": [HASH], "uids": ["X"]}
    )
    api.node.tick()
    assert of_kea.take() == []
    (notice,) = of_moa.take()
    assert notice.type == "t-x-m-c"
    mission = etree.fromstring(notice.text.encode()).find("detail/mission")
    assert mission is not None
    assert dict(mission.attrib) == {
        "type": "CHANGE", "tool": "public", "name": "Search", "guid": guid, "authorUid": "UID-kiwi",
    }  # fmt: skip
    file, thing = mission.findall("MissionChanges/MissionChange")
    assert file.findtext("type") == "ADD_CONTENT"
    assert file.findtext("contentResource/hash") == HASH
    assert file.findtext("missionGuid") == guid
    assert file.findtext("isFederatedChange") == "false"
    assert thing.findtext("contentUid") == "X"
    await api.does("kiwi", "PUT", f"{SEARCH}/keywords", json=["x"])
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c-k"]


async def test_who_only_reads_changes_nothing(api: Marti) -> None:
    await make(api)
    for who in ("ruru",):
        await api.does(who, "PUT", CONTENTS, 403, json={"uids": ["X"]})
        await api.does(who, "DELETE", f"{CONTENTS}?uid=X", 403)
        assert (await one(api, who))["uids"] == []


async def test_what_is_no_content_is_refused(api: Marti) -> None:
    await make(api)
    for body in ([], {}, {"hashes": "x"}, {"uids": [1]}, {"uids": [""]}, {"uids": ["x" * 513]},
                 ):  # fmt: skip
        await api.does("kiwi", "PUT", CONTENTS, 400, json=body)
    await api.does("kiwi", "PUT", CONTENTS, 400, content=b'{"uids": ["\\ud800"]}')
    for sha256 in ("0" * 64, "../../etc/passwd"):
        await api.does("kiwi", "PUT", CONTENTS, 404, json={"hashes": [sha256]})
    await api.does("kiwi", "DELETE", CONTENTS, 400)
    assert (await one(api))["uids"] == []


async def test_a_mission_holds_so_many_and_takes_all_or_none(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_items=3)) as api:
        await make(api)
        await api.does("kiwi", "PUT", CONTENTS, json={"uids": ["A", "B"]})
        await api.does("kiwi", "PUT", CONTENTS, 507, json={"uids": ["C", "D"]})
        assert [each["data"] for each in (await one(api))["uids"]] == ["A", "B"]
        assert len((await api.get("moa", f"{SEARCH}/changes"))["data"]) == 3


async def test_an_archive_is_a_data_package_of_everything(api: Marti) -> None:
    await make(api)
    await upload(api, name="plan ā.pdf")
    kiwi, _ = api.on_air("kiwi")
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m"))
    await api.does("kiwi", "PUT", CONTENTS, json={"hashes": [HASH], "uids": ["BUOY"]})
    answer = await api.ask("moa", "GET", f"{SEARCH}/archive")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read(f"{HASH}/plan ā.pdf") == PDF
        assert b'uid="BUOY"' in archive.read("cot/0.cot")
        about = etree.fromstring(archive.read("MANIFEST/manifest.xml"))
    assert about.tag == "MissionPackageManifest"
    said = {
        content.get("zipEntry"): {each.get("name"): each.get("value") for each in content}
        for content in about.iter("Content")
    }
    assert said == {
        "cot/0.cot": {"uid": "BUOY", "isCOT": "true"}, f"{HASH}/plan ā.pdf": {}, "mission.json": {},
    }  # fmt: skip


async def test_keywords_of_what_is_in_a_mission_are_set(api: Marti) -> None:
    await make(api)
    await upload(api)
    await api.does("kiwi", "PUT", CONTENTS, json={"hashes": [HASH], "uids": ["X/1"]})
    _, peer = api.on_air("kiwi")
    await api.does("moa", "PUT", f"{SEARCH}/uid/X/1/keywords", json=["near"])
    await api.does("moa", "PUT", f"{SEARCH}/content/{HASH}/keywords", json=["plan"])
    api.node.tick()
    assert [each.type for each in peer.take()] == ["t-x-m-c-k-u", "t-x-m-c-k-c"]
    found = await one(api)
    assert (found["uids"][0]["keywords"], found["contents"][0]["keywords"]) == (["near"], ["plan"])
    await api.does("moa", "DELETE", f"{SEARCH}/uid/X/1/keywords")
    assert "keywords" not in (await one(api))["uids"][0]
    await api.does("moa", "PUT", f"{SEARCH}/uid/NONE/keywords", 404, json=["x"])
    assert (await api.get("moa", f"{SEARCH}/layers"))["data"] == []


async def test_the_archive_of_a_mission_is_put_into_one_of_another_server(
    api: Marti, tmp_path: Path
) -> None:
    """As docs/how-to/move-from-another-tak-server.md has it."""
    await make(api)
    session, _ = api.on_air("kiwi")
    session.receive(cot_xml("BUOY", "b-m-p-s-m"))
    await upload(api)
    said = {"hashes": [HASH], "uids": ["BUOY"]}
    await api.does("kiwi", "PUT", CONTENTS, json=said)
    archive = (await api.ask("kiwi", "GET", f"{SEARCH}/archive")).content
    other = tmp_path / "other"
    other.mkdir()
    async with marti(other) as new:
        await new.does("kiwi", "POST", SEARCH, 201)
        headers = {"content-type": "application/zip"}
        path = f"{CONTENTS}/missionpackage"
        await new.does("kiwi", "PUT", path, headers=headers, content=archive)
        moved = await one(new)
        assert [each["data"] for each in moved["uids"]] == ["BUOY"]
        assert [each["data"]["hash"] for each in moved["contents"]] == [HASH]


async def lumps_sent(api: Marti, path: str) -> list[int]:
    """The sizes of what an answer is sent in."""
    sizes: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sizes.append(len(message["body"]))

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"x-who", b"moa")],
    }  # fmt: skip
    await api.app(scope, receive, send)
    return sizes


async def test_a_mission_of_many_things_is_made_off_the_loop_and_sent_in_lumps(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    guid = await make(api)
    many = [
        Item(kind=ItemKind.UID, name=f"U-{n}", at=START, creator_uid="UID-kiwi", event=b"<event/>")
        for n in range(5_000)
    ]
    await api.api.missions.put(guid, many, still=by_the_node)
    at_work: list[int] = []

    def written(*given: Any) -> Any:
        at_work.append(threading.get_ident())
        return mission_json(*given)

    monkeypatch.setattr(missions, "mission_json", written)
    for path in (SEARCH, f"{SEARCH}/changes"):
        *sizes, last, end = await lumps_sent(api, path)
        assert sizes, path
        assert all(LUMP <= each < LUMP + 1_000 for each in sizes)
        assert last < LUMP + 1_000
        assert end == 0
    assert at_work
    assert threading.get_ident() not in at_work
    (told,) = (await api.get("moa", SEARCH))["data"]
    assert [each["data"] for each in told["uids"]] == [each.name for each in many]
    changes = (await api.get("moa", f"{SEARCH}/changes"))["data"]
    assert [each.get("contentUid") for each in changes[:2]] == ["U-4999", "U-4998"]
    assert len(changes) == 5_001


async def test_who_takes_part_is_told_of_many_changes_in_order(api: Marti) -> None:
    guid = await make(api)
    _, peer = api.on_air("kiwi")
    many = [
        Item(kind=ItemKind.UID, name=f"U-{n}", at=START, creator_uid="UID-kiwi") for n in range(120)
    ]
    await api.api.missions.put(guid, many, still=by_the_node)
    await api.api.missions.remove(guid, [(ItemKind.UID, "U-7")], "UID-kiwi", still=by_the_node)
    api.node.tick()
    heard = [each for each in peer.take() if each.type == "t-x-m-c"]
    assert [each.text.count("<MissionChange>") for each in heard] == [50, 50, 20, 1]
    assert "REMOVE_CONTENT" in heard[-1].text
