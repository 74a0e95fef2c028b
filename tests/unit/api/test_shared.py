"""What people at the page see of what TAK clients share: never more than a client would."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from accord.api import shared
from accord.api.openapi import document
from accord.security import password
from accord.storage.tak_file import TAK
from support.cot import cot_xml
from support.marti import Marti, hash_of, marti
from support.schema import faults

ROOT = "/Marti/api/missions"
PDF = b"%PDF the plan"
HASH = hash_of(PDF)
BY_PASSWORD = {"x-via": "password"}


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password cost little: what it costs is held to elsewhere."""
    monkeypatch.setattr(password, "ITERATIONS", 1)
    monkeypatch.setattr(password, "MEMORY_KIB", 64)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Marti]:
    async with marti(tmp_path) as made:
        yield made


async def make(api: Marti, who: str = "kiwi", name: str = "Search", **said: Any) -> str:
    params = {"creatorUid": f"UID-{who}", "description": "of the bay", **said}
    made = await api.does(who, "POST", f"{ROOT}/{name}", 201, params=params)
    return made["data"][0]["guid"]


async def upload(api: Marti, who: str = "kiwi", data: bytes = PDF, **more: str) -> str:
    params = {"name": "plan.pdf", **more}
    await api.does(who, "POST", "/Marti/sync/upload", params=params, content=data)
    return hash_of(data)


async def put_into(api: Marti, name: str, sha256: str, who: str = "kiwi") -> None:
    await api.does(who, "PUT", f"{ROOT}/{name}/contents", json={"hashes": [sha256]})


async def missions(api: Marti, who: str = "moa", **more: Any) -> list[Any]:
    return (await api.get(who, shared.MISSIONS, **more))["missions"]


async def files(api: Marti, who: str = "moa", **more: Any) -> list[Any]:
    return (await api.get(who, shared.FILES, **more))["files"]


async def names(api: Marti, who: str, **more: Any) -> list[str]:
    return [each["name"] for each in await missions(api, who, **more)]


def described(answer: Any, path: str) -> list[str]:
    whole: Any = document()
    schema = whole["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return faults(answer, schema["schema"], whole, closed=True)


async def test_a_mission_is_told_with_who_made_it_and_how_much_is_in_it(api: Marti) -> None:
    guid = await make(api)
    await api.does("kiwi", "PUT", f"{ROOT}/Search/keywords", json=["sea"])
    await put_into(api, "Search", await upload(api))
    api.node.clock.advance(seconds=60)
    await api.does("moa", "PUT", f"{ROOT}/Search/subscription?uid=UID-moa", 201)
    answer = await api.get("moa", shared.MISSIONS)
    assert answer == {
        "missions": [
            {
                "name": "Search", "guid": guid, "description": "of the bay", "groups": ["Blue"],
                "creator": "kiwi", "made": "2026-01-02T03:04:05.678000Z",
                "edited": "2026-01-02T03:04:05.678000Z", "keywords": ["sea"], "items": 1,
                "subscribers": 2, "closed": False,
            }
        ],
        "whole": True,
    }  # fmt: skip
    assert described(answer, shared.MISSIONS) == []


async def test_nobody_is_told_of_groups_that_he_does_not_hear(api: Marti) -> None:
    await make(api, name="Blue")
    await make(api, "kea", name="Both", group="Blue,Red")
    await upload(api)
    assert sorted(await names(api, "moa")) == ["Blue", "Both"]
    (both,) = await missions(api, "tui")
    assert (both["name"], both["groups"]) == ("Both", ["Red"])  # nor what other groups there are
    assert await files(api, "tui") == []
    assert (await api.ask("tui", "GET", f"{shared.FILES}/{HASH}")).status_code == 404
    await make(api, "kea", name="Red", group="Red")
    await put_into(api, "Red", HASH, "kea")
    assert [each["missions"] for each in await files(api, "moa")] == [[]]
    assert [each["missions"] for each in await files(api, "tui")] == [["Red"]]
    for path in (shared.MISSIONS, shared.FILES, f"{shared.FILES}/{HASH}"):
        assert (await api.ask("nobody", "GET", path)).status_code == 401


async def test_a_channel_that_is_off_shows_nothing_to_its_client_and_all_to_a_user(
    api: Marti,
) -> None:
    await make(api)
    await upload(api)
    off = [{"name": "Blue", "direction": "OUT", "active": False}]
    await api.does("moa", "PUT", "/Marti/api/groups/active", json=off)
    assert await names(api, "moa") == []
    assert await files(api, "moa") == []
    assert await names(api, "moa", headers=BY_PASSWORD) == ["Search"]
    assert len(await files(api, "moa", headers=BY_PASSWORD)) == 1


@pytest.mark.parametrize("how", [{"password": "kererū-7"}, {"inviteOnly": "true"}])
async def test_a_closed_mission_shows_its_name_and_nothing_of_what_is_in_it(
    api: Marti, how: dict[str, str]
) -> None:
    await upload(api)
    guid = await make(api, **how)
    await api.does("kiwi", "PUT", f"{ROOT}/Search/keywords", json=["secret"])
    await put_into(api, "Search", HASH)
    answer = await api.get("moa", shared.MISSIONS)
    assert described(answer, shared.MISSIONS) == []
    (closed,) = answer["missions"]
    assert closed["closed"] is True
    assert (closed["name"], closed["guid"], closed["creator"]) == ("Search", guid, "kiwi")
    assert (closed["description"], closed["keywords"]) == ("", [])
    assert closed["items"] is closed["subscribers"] is None
    (file,) = await files(api, "moa")
    assert file["missions"] == []
    (mine,) = await missions(api, "kiwi")
    assert (mine["closed"], mine["items"]) == (False, 1)
    (file,) = await files(api, "kiwi")
    assert file["missions"] == ["Search"]
    (his,) = await missions(api, "weka")  # an administrator owns every mission that he sees
    assert his["closed"] is False


async def test_a_user_is_not_the_client_of_his_name(api: Marti) -> None:
    await make(api, password="kererū-7")
    await upload(api, "kea", groups="Red")
    (closed,) = await missions(api, "kiwi", headers=BY_PASSWORD)
    assert closed["closed"] is True
    off = [{"name": "Red", "direction": "OUT", "active": False}]
    await api.does("kea", "PUT", "/Marti/api/groups/active", json=off)
    assert len(await files(api, "kea")) == 1  # he sent it
    assert await files(api, "moa", headers=BY_PASSWORD) == []


async def test_things_of_an_exercise_are_counted_for_who_takes_part_in_it(api: Marti) -> None:
    await make(api, "pukeko")
    player, _ = api.on_air("pukeko")
    mark = '<marti><dest mission="Search"/></marti>'
    player.receive(cot_xml("WRECK", "b-m-p-s-m", mark))
    player.receive(cot_xml("GHOST", "b-m-p-s-m", mark, more='opex="e-TASMAN"'))
    await api.api.missions.keep_waiting()
    assert [each["items"] for each in await missions(api, "pukeko")] == [2]
    assert [each["items"] for each in await missions(api, "moa")] == [1]


async def test_the_newest_are_told_first_and_beyond_the_bound_that_there_are_more(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "MOST", 2)
    for number in range(3):
        api.node.clock.advance(seconds=1)
        await make(api, name=f"M{number}")
        await upload(api, data=PDF + bytes([number]), name=f"{number}.pdf")
        for what in (shared.MISSIONS, shared.FILES):
            assert (await api.get("moa", what))["whole"] is (number < 2)
    assert await names(api, "moa") == ["M2", "M1"]
    assert [each["name"] for each in await files(api)] == ["2.pdf", "1.pdf"]
    api.node.clock.advance(seconds=1)
    await api.does("kiwi", "PUT", f"{ROOT}/M0/keywords", json=["again"])
    assert await names(api, "moa") == ["M0", "M2"]


async def test_a_file_is_told_with_who_sent_it_and_the_missions_that_hold_it(api: Marti) -> None:
    await upload(api, keywords="plan,sea", mimetype="application/pdf")
    for name in ("Search", "Air"):
        await make(api, name=name)
        await put_into(api, name, HASH)
    answer = await api.get("moa", shared.FILES)
    assert answer == {
        "files": [
            {
                "hash": HASH, "name": "plan.pdf", "size": len(PDF), "type": "application/pdf",
                "submitter": "kiwi", "submitted": "2026-01-02T03:04:05.678000Z",
                "keywords": ["plan", "sea"], "missions": ["Air", "Search"],
            }
        ],
        "whole": True,
    }  # fmt: skip
    assert described(answer, shared.FILES) == []


async def test_what_clients_do_not_search_for_is_not_listed(api: Marti) -> None:
    await upload(api, tool="private")
    await make(api, name="Apart", tool="vbm")
    assert await files(api) == []
    assert await missions(api) == []
    await make(api)
    await put_into(api, "Search", HASH)
    assert [each["missions"] for each in await files(api)] == [["Search"]]


async def test_a_download_is_kept_and_is_no_page_of_this_nodes(api: Marti) -> None:
    page = b"<script>alert(1)</script>"
    sha256 = await upload(api, data=page, name='Carte "1" ā.html', mimetype="text/html")
    got = await api.ask("moa", "GET", f"{shared.FILES}/{sha256.upper()}")
    assert got.content == page
    said = got.headers["content-disposition"]
    assert said == "attachment; filename*=utf-8''Carte%20%221%22%20%C4%81.html"  # RFC 8187, 3.2.1
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox"
    part = await api.ask("moa", "GET", f"{shared.FILES}/{sha256}", headers={"range": "bytes=1-6"})
    assert (part.status_code, part.content) == (206, b"script")
    assert (await api.ask("moa", "GET", f"{shared.FILES}/..%2Ftak.sqlite")).status_code == 404


async def test_a_store_that_cannot_be_read_is_said(api: Marti) -> None:
    (api.directory / TAK).write_bytes(b"no database at all" * 100)
    answer = await api.ask("moa", "GET", shared.FILES)
    assert answer.status_code == 503
    assert "tak.sqlite" in answer.json()["detail"]
