"""Packages that missions are made of: as another node wrote them, and as nobody should."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from accord.core.mission_layer import LayerKind
from accord.storage.missions import MissionSettings
from accord.tak.marti.mission_description import read_description
from accord.tak.marti.mission_package import BadPackage
from support.cot import cot_xml
from support.elsewhere import PLAN, tak_server_archive
from support.marti import Marti, hash_of, marti

ROOT = "/Marti/api/missions"
PDF = b"%PDF the plan"
ZIP = {"content-type": "application/zip"}
BUOY = cot_xml("BUOY", "b-m-p-s-m", '<contact callsign="Buoy"/>')
BAY = {"uid": "bay", "name": "Bay", "type": "GROUP"}
MARKS = {"uid": "marks", "name": "Marks", "type": "UID", "parentUid": "bay", "items": ["BUOY"]}
PLANS = {"uid": "plans", "name": "Plans", "type": "CONTENTS", "items": [hash_of(PDF)]}
SAID = {
    "name": "Old", "description": "of the bay", "keywords": ["sea"], "layers": [BAY, MARKS, PLANS],
}  # fmt: skip


def package(said: object = SAID, *, more: dict[str, bytes] | None = None) -> bytes:
    """A package of a mission as it is archived; `said` None leaves its description out."""
    entries = {"cot/0.cot": BUOY, f"{hash_of(PDF)}/plan.pdf": PDF, **(more or {})}
    listed = "".join(f'<Content ignore="false" zipEntry="{each}"/>' for each in entries)
    about = f"<MissionPackageManifest><Contents>{listed}</Contents></MissionPackageManifest>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**entries, "MANIFEST/manifest.xml": about.encode()}.items():
            archive.writestr(name, data)
        if said is not None:
            archive.writestr("mission.json", said if isinstance(said, bytes) else json.dumps(said))
    return out.getvalue()


async def made(api: Marti, data: bytes, status: int = 201, *, query: str = "") -> Any:
    return await api.does(
        "kiwi", "POST", f"{ROOT}/New?creatorUid=UID-kiwi{query}", status, content=data, headers=ZIP
    )


async def test_a_mission_is_made_of_an_archive_with_its_layers(api: Marti) -> None:
    (told,) = (await made(api, package(), query="&classification=none"))["data"]
    assert (told["name"], told["description"], told["classification"]) == (
        "New", "of the bay", "none",
    )  # fmt: skip
    assert told["keywords"] == ["sea"]
    assert told["ownerRole"]["type"] == "MISSION_OWNER"
    assert [each["data"] for each in told["uids"]] == ["BUOY"]
    assert [each["data"]["filename"] for each in told["contents"]] == ["plan.pdf"]
    content = f"/Marti/sync/content?hash={hash_of(PDF)}"
    assert (await api.ask("moa", "GET", content)).content == PDF
    bay, plans = (await api.get("moa", f"{ROOT}/New/layers"))["data"]
    (marks,) = bay["mission_layers"]
    assert (bay["name"], marks["name"], marks["uids"][0]["data"]) == ("Bay", "Marks", "BUOY")
    assert plans["contents"][0]["data"]["hash"] == hash_of(PDF)
    changes = (await api.get("moa", f"{ROOT}/New/changes"))["data"]
    assert [each["type"] for each in changes] == ["ADD_CONTENT", "ADD_CONTENT", "CREATE_MISSION"]


async def test_a_mission_goes_out_and_comes_in_again_the_same(api: Marti) -> None:
    await made(api, package())
    archive = (await api.ask("moa", "GET", f"{ROOT}/New/archive")).content
    again = await api.does("moa", "POST", f"{ROOT}/Again", 201, content=archive, headers=ZIP)
    assert [each["data"] for each in again["data"][0]["uids"]] == ["BUOY"]
    one, two = [
        (await api.get("moa", f"{ROOT}/{each}/layers"))["data"] for each in ("New", "Again")
    ]
    assert [e["name"] for e in one] == [e["name"] for e in two] == ["Bay", "Plans"]
    assert two[0]["mission_layers"][0]["uids"][0]["data"] == "BUOY"


async def test_an_archive_of_another_server_says_nothing_beside_its_contents(api: Marti) -> None:
    (told,) = (await made(api, package(None)))["data"]
    assert [each["data"] for each in told["uids"]] == ["BUOY"]
    assert (await api.get("moa", f"{ROOT}/New/layers"))["data"] == []


async def test_an_archive_of_tak_server_comes_in_as_it_was_there(api: Marti) -> None:
    end = "4102444800"  # 2100
    (told,) = (await made(api, tak_server_archive(expiration=end)))["data"]
    assert (told["description"], told["chatRoom"], told["tool"]) == (
        "Boats & buoys", "Harbour", "public",
    )  # fmt: skip
    assert told["groups"] == ["Blue"]  # not Fire, which kiwi is not in
    assert told["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    assert told["expiration"] == int(end)
    assert [each["data"] for each in told["uids"]] == ["buoy-4"]
    (file,) = [each["data"] for each in told["contents"]]
    assert (file["name"], file["mimeType"], file["keywords"], file["submitter"]) == (
        "Plan A.pdf", "application/x-plan", ["plan", "bay"], "kiwi",
    )  # fmt: skip
    assert file["hash"] == hash_of(PLAN)


async def test_what_is_asked_for_stands_before_what_an_archive_says(api: Marti) -> None:
    query = "&defaultRole=MISSION_SUBSCRIBER&description=other&password=anew&inviteOnly=false"
    data = tak_server_archive(groups=("Fire",), password_hash="$2a$10$x", invite_only="true")
    (told,) = (await made(api, data, query=f"{query}&group=Blue"))["data"]
    assert (told["defaultRole"]["type"], told["description"]) == ("MISSION_SUBSCRIBER", "other")
    assert (told["groups"], told["passwordProtected"], told["inviteOnly"]) == (
        ["Blue"], True, False,
    )  # fmt: skip


async def test_what_was_closed_there_is_not_open_here(api: Marti) -> None:
    closed = tak_server_archive(password_hash="$2a$10$x")
    assert "it had a password" in (await made(api, closed, 400))["detail"]
    strange = tak_server_archive(groups=("Fire",))
    assert "it was seen by Fire" in (await made(api, strange, 400))["detail"]
    assert (await api.get("kiwi", "/Marti/sync/search?tool=private"))["results"] == []
    (told,) = (await made(api, tak_server_archive(invite_only="true")))["data"]
    assert told["inviteOnly"] is True


async def test_a_mission_with_nothing_in_it_is_one(api: Marti) -> None:
    (told,) = (await made(api, tak_server_archive(things=(), files={})))["data"]
    assert (told["description"], told["uids"], told["contents"]) == ("Boats & buoys", [], [])
    archive = (await api.ask("kiwi", "GET", f"{ROOT}/New/archive")).content
    (again,) = (await api.does("kiwi", "POST", f"{ROOT}/Again", 201, content=archive, headers=ZIP))[
        "data"
    ]
    assert again["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"


async def test_an_archive_that_lists_its_description_as_content_is_described_by_it(
    api: Marti,
) -> None:
    said = {**SAID, "groups": ["Red"], "passwordProtected": True, "inviteOnly": True}
    listed = package(None, more={"mission.json": json.dumps(said).encode()})
    assert "it had a password" in (await made(api, listed, 400))["detail"]
    assert "it was seen by Red" in (await made(api, listed, 400, query="&password=x"))["detail"]
    (told,) = (await made(api, listed, query="&password=anew&group=Blue"))["data"]
    assert (told["groups"], told["passwordProtected"], told["inviteOnly"]) == (
        ["Blue"], True, True,
    )  # fmt: skip
    files = sorted(each["data"]["name"] for each in told["contents"])
    assert files == ["mission.json", "plan.pdf"]  # as the manifest says


async def test_chat_in_an_archive_is_nothing_in_the_mission(api: Marti) -> None:
    chat = {"c.cot": cot_xml("GeoChat.1", "b-t-f"), "d.cot": cot_xml("D", "t-x-d-d")}
    (told,) = (await made(api, package(None, more=chat)))["data"]
    assert [each["data"] for each in told["uids"]] == ["BUOY"]


async def test_an_archive_of_accord_says_who_may_see_it_and_write(api: Marti) -> None:
    await api.does(
        "kea", "PUT", f"{ROOT}/Shut?group=Red&password=old&inviteOnly=true"
        "&defaultRole=MISSION_READONLY_SUBSCRIBER", 201,
    )  # fmt: skip
    archive = (await api.ask("kea", "GET", f"{ROOT}/Shut/archive")).content
    refused = await api.does("kea", "POST", f"{ROOT}/Anew", 400, content=archive, headers=ZIP)
    assert "?password=" in refused["detail"]
    (told,) = (
        await api.does(
            "kea", "POST", f"{ROOT}/Anew?password=new", 201, content=archive, headers=ZIP
        )
    )["data"]
    assert (told["groups"], told["inviteOnly"], told["passwordProtected"]) == (["Red"], True, True)
    assert told["defaultRole"]["type"] == "MISSION_READONLY_SUBSCRIBER"


LIES: list[tuple[object, str]] = [
    (b"{", "no JSON"),
    (b"[" * 100_000, "no JSON"),
    ([], "no JSON object"),
    ({"name": 1}, "name is a text"),
    ({"keywords": "sea"}, "keywords"),
    ({"description": {}}, "description"),
    ({"layers": "bay"}, "layer 1"),
    ({"feeds": [{}]}, "dataFeedUid is a text"),
    ({"feeds": [{"dataFeedUid": "u", "filterPolygon": "1 2"}]}, "filterPolygon"),
    ({"layers": [{"uid": "a", "name": "a", "type": "ITEM"}]}, "layer 1 is of no type"),
    ({"layers": [{"uid": "", "name": "a", "type": "UID"}]}, "layer 1 has a uid"),
    ({"layers": [{"uid": "a", "name": "\n", "type": "UID"}]}, "layer 1 has a uid or a name"),
    ({"layers": [BAY, BAY]}, "layer 2 is there twice"),
    ({"layers": [MARKS]}, "layer 1 is there twice, or stands in a layer that is not before it"),
    ({"layers": [{**BAY, "parentUid": "bay"}]}, "layer 1"),
    ({"layers": [BAY, {**MARKS, "items": ["BUOY", "BUOY"]}]}, "layer 2 has something in it"),
    ({"layers": [BAY, MARKS, {**MARKS, "uid": "b"}]}, "layer 3 has something in it"),
    ({"layers": [BAY, {**MARKS, "items": ["bay"]}]}, "the uid of something in the mission"),
    ({"layers": [BAY, {**MARKS, "items": ["NONE"]}]}, "there is no 'NONE'"),
    ({"layers": [{**BAY, "items": ["BUOY"]}]}, "there is no 'BUOY'"),
    ({"layers": [{**PLANS, "items": ["BUOY"]}]}, "there is no 'BUOY'"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "why"), LIES)
async def test_a_description_that_lies_is_refused_and_nothing_is_kept(
    api: Marti, said: object, why: str
) -> None:
    answer = await made(api, package(said), 400)
    assert why in answer["detail"]
    await api.does("kiwi", "GET", f"{ROOT}/New", 404)  # not 410: it never was
    assert (await api.get("kiwi", "/Marti/sync/search?tool=private"))["results"] == []
    await made(api, package())  # its name is free


def test_layers_stand_no_deeper_than_they_may() -> None:
    deep = [
        {"uid": str(n), "name": "x", "type": "GROUP", "parentUid": str(n - 1) if n else ""}
        for n in range(17)
    ]
    assert len(read_description(json.dumps({"layers": deep[:16]}).encode()).layers) == 16
    with pytest.raises(BadPackage, match="layer 17 stands deeper than 16"):
        read_description(json.dumps({"layers": deep}).encode())


def test_of_a_layer_of_maps_it_is_said_what_is_in_it() -> None:
    said = {"layers": [{"uid": "m", "name": "Maps", "type": "MAPLAYER", "items": ["chart"]}]}
    found = read_description(json.dumps(said).encode())
    assert (found.layers[0].kind, found.within) == (LayerKind.MAPLAYER, {"m": ("chart",)})


async def test_what_is_too_much_or_another_s_is_refused_whole(tmp_path: Path) -> None:
    limits = MissionSettings(max_items=2, max_layers=2)
    async with marti(tmp_path, missions=limits) as api:
        assert "3 layers" in (await made(api, package(), 507))["detail"]
        many = {"more.cot": cot_xml("MORE", "b-m-p-s-m")}
        await made(api, package(None, more=many), 507)
        drill = cot_xml("DRILL", "b-m-p-s-m", '<__exercise opex="e-TASMAN"/>')
        answer = await made(api, package(None, more={"d.cot": drill}), 400)
        assert "exercise:TASMAN, in which kiwi takes no part" in answer["detail"]
        answer = await made(api, package(None, more={"a/..": b"x"}), 400)
        assert "'..': a file's name" in answer["detail"]
        assert (await api.get("kiwi", "/Marti/sync/search?tool=private"))["results"] == []
        assert list((tmp_path / "files" / "incoming").iterdir()) == []
        await made(api, package(None))
        for data in (package(None), b"no zip"):  # it is there, and nothing is taken
            assert "the name is taken" in (await made(api, data, 409))["detail"]
