"""What people at the page do with missions: by the rules that their TAK clients are held to."""

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from accord.api import missions, shared
from accord.api.caller import FILE
from accord.api.openapi import document
from accord.security import password
from accord.tak.packages import data_package
from support.cot import cot_xml
from support.marti import BASE, Marti, hash_of, marti
from support.schema import faults

ROOT = "/Marti/api/missions"
PLAN = b"%PDF the plan"
FROM_PAGE = {"x-via": "password", "origin": BASE}
JSON = {**FROM_PAGE, "content-type": "application/json"}
BYTES = {**FROM_PAGE, "content-type": FILE}
SAID: dict[str, Any] = {"headers": JSON, "json": {}}


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a password cost little: what it costs is held to elsewhere."""
    monkeypatch.setattr(password, "ITERATIONS", 1)
    monkeypatch.setattr(password, "MEMORY_KIB", 64)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Marti]:
    async with marti(tmp_path) as made:
        yield made


async def make(api: Marti, **said: Any) -> str:
    """Have the client kiwi make a mission; return where the page asks for it."""
    params = {"creatorUid": "UID-kiwi", **said}
    made = await api.does("kiwi", "POST", f"{ROOT}/Search", 201, params=params)
    return f"{shared.MISSIONS}/{made['data'][0]['guid']}"


async def room(api: Marti, path: str, who: str = "moa") -> Any:
    found = await api.get(who, path, headers=FROM_PAGE)
    whole: Any = document()
    assert faults(found, {"$ref": "#/components/schemas/MissionRoom"}, whole, closed=True) == []
    return found


async def test_a_file_and_a_line_from_the_page_are_there_for_clients_and_the_other_way(
    api: Marti,
) -> None:
    path = await make(api)
    name = {"name": "plan ā.pdf"}
    await api.does("moa", "POST", f"{path}/files", 204, headers=BYTES, params=name, content=PLAN)
    words = {"text": "red flare"}
    await api.does("moa", "POST", f"{path}/log", 204, headers=JSON, json=words)
    said = (await api.get("kiwi", f"{ROOT}/Search"))["data"][0]
    (content,) = said["contents"]
    assert content["data"]["hash"] == hash_of(PLAN)
    (line,) = (await api.get("kiwi", f"{ROOT}/Search/log"))["data"]
    assert (line["content"], line["creatorUid"]) == ("red flare", "NZL-TEST.moa")
    kiwi, _ = api.on_air("kiwi")
    mark = '<contact callsign="Wreck"/><marti><dest mission="Search"/></marti>'
    kiwi.receive(cot_xml("WRECK", "b-m-p-s-m", mark))
    await api.api.missions.keep_waiting()
    found = await room(api, path)
    assert {(e["kind"], e["id"], e["title"]) for e in found["items"]} == {
        ("thing", "WRECK", "Wreck"), ("file", hash_of(PLAN), "plan ā.pdf"),
    }  # fmt: skip
    assert [each["text"] for each in found["log"]] == ["red flare"]
    got = await api.ask("moa", "GET", f"{shared.FILES}/{hash_of(PLAN)}", headers=FROM_PAGE)
    assert got.content == PLAN


async def test_a_package_is_put_in_whole_and_everything_comes_out_as_one(api: Marti) -> None:
    path = await make(api)
    packed = data_package(
        {"wreck.cot": cot_xml("WRECK", "b-m-p-s-m"), "a/plan.pdf": PLAN}, uid="P", name="P"
    )
    await api.does("moa", "POST", f"{path}/files", 204, headers=BYTES, content=packed)
    found = await room(api, path)
    assert sorted(each["kind"] for each in found["items"]) == ["file", "thing"]
    answer = await api.ask("moa", "GET", f"{path}/package", headers=FROM_PAGE)
    assert answer.headers["x-content-type-options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert PLAN in [archive.read(each) for each in archive.namelist()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as away:
        old = {"type": "ADD_CONTENT", "timestamp": "2020-01-02T03:04:05.678Z", "contentUid": "X"}
        away.writestr("changes.json", json.dumps({"missionChanges": [old]}))
    late = await api.ask("moa", "POST", f"{path}/files", headers=BYTES, content=out.getvalue())
    assert (late.status_code, "newer" in late.json()["detail"]) == (409, True)
    refused = await api.ask("moa", "POST", f"{path}/files", headers=BYTES, content=b"no zip")
    assert (refused.status_code, "zip" in refused.json()["detail"]) == (400, True)
    long = {"name": "x" * 256}
    await api.does("moa", "POST", f"{path}/files", 400, headers=BYTES, params=long, content=PLAN)
    empty = {"name": "empty"}
    await api.does("moa", "POST", f"{path}/files", 204, headers=BYTES, params=empty)


async def test_one_joins_with_the_password_reads_and_leaves(api: Marti) -> None:
    path = await make(api, password="kererū-7")
    await api.does("moa", "GET", path, 403, headers=FROM_PAGE)
    await api.does("moa", "POST", f"{path}/join", 403, **SAID)
    wrong = {"password": "tui"}
    await api.does("moa", "POST", f"{path}/join", 403, headers=JSON, json=wrong)
    right = {"password": "kererū-7"}
    await api.does("moa", "POST", f"{path}/join", 204, headers=JSON, json=right)
    found = await room(api, path)
    assert (found["joined"], found["writes"]) == (True, True)
    assert {"person": ".page:moa", "uid": "NZL-TEST.moa", "role": "MISSION_SUBSCRIBER"} in found[
        "people"
    ]
    await api.does("moa", "POST", f"{path}/join", 204, **SAID)  # again: he is in it
    # The client of that name has not joined by that.
    await api.does("moa", "GET", f"{ROOT}/Search/subscriptions", 403)
    (listed,) = (await api.get("moa", shared.MISSIONS, headers=FROM_PAGE))["missions"]
    assert listed["closed"] is False
    await api.does("moa", "POST", f"{path}/leave", 204, **SAID)
    await api.does("moa", "GET", path, 403, headers=FROM_PAGE)
    await api.does("moa", "POST", f"{path}/leave", 404, **SAID)


async def test_passwords_are_not_guessed(api: Marti) -> None:
    path = await make(api, password="kererū-7")
    wrong = {"headers": JSON, "json": {"password": "tui"}}
    for _ in range(5):
        await api.does("moa", "POST", f"{path}/join", 403, **wrong)
    await api.does("moa", "POST", f"{path}/join", 429, **wrong)


async def test_who_sends_many_passwords_at_once_holds_up_nobody_else(api: Marti) -> None:
    await make(api, password="kererū-7")
    asked = (api.ask("moa", "GET", f"{ROOT}/Search/token?password=tui") for _ in range(30))
    found = Counter(each.status_code for each in await asyncio.gather(*asked))
    assert found.keys() == {403, 429}  # no more than five are looked at, and some wait
    await api.does("kiwi", "GET", f"{ROOT}/Search")


async def test_nobody_takes_the_place_of_another_under_his_uid(api: Marti) -> None:
    path = await make(api)
    await api.does("kiwi", "PUT", f"{ROOT}/Search/subscription?uid=NZL-TEST.moa", 201)
    await api.does("moa", "POST", f"{path}/join", 409, **SAID)
    await api.does("moa", "POST", f"{path}/leave", 404, **SAID)


async def test_who_may_only_look_changes_nothing_and_who_hears_nothing_sees_nothing(
    api: Marti,
) -> None:
    path = await make(api)
    assert (await room(api, path, "ruru"))["writes"] is False
    for what in ("join", "leave"):
        await api.does("ruru", "POST", f"{path}/{what}", 403, **SAID)
    await api.does("ruru", "POST", f"{path}/files", 403, headers=BYTES, content=PLAN)
    await api.does("tui", "GET", path, 404, headers=FROM_PAGE)
    await api.does("tui", "POST", f"{path}/join", 404, **SAID)
    await api.does("tui", "GET", f"{path}/package", 404, headers=FROM_PAGE)
    for what in ("join", "leave", "log", "files"):
        await api.does("nobody", "POST", f"{path}/{what}", 401, **SAID)


async def test_a_reader_reads_and_does_not_write(api: Marti) -> None:
    path = await make(api, defaultRole="MISSION_READONLY_SUBSCRIBER")
    words = {"text": "red flare"}
    await api.does("moa", "POST", f"{path}/log", 403, headers=JSON, json=words)
    await api.does("moa", "POST", f"{path}/files", 403, headers=BYTES, content=PLAN)
    assert (await room(api, path))["items"] == []


async def test_another_sites_page_changes_nothing(api: Marti) -> None:
    path = await make(api)
    theirs = {**JSON, "origin": "https://example.org"}
    await api.does("moa", "POST", f"{path}/join", 403, headers=theirs, json={})
    form = {**BYTES, "content-type": "multipart/form-data"}
    await api.does("moa", "POST", f"{path}/files", 415, headers=form, content=PLAN)


async def test_words_are_needed_and_bounded(api: Marti) -> None:
    path = await make(api)
    for text in (" \n", "x" * (missions.MAX_WORDS + 1)):
        await api.does("moa", "POST", f"{path}/log", 400, headers=JSON, json={"text": text})
    assert (await room(api, path))["log"] == []


async def test_things_of_an_exercise_are_told_to_who_takes_part_in_it(api: Marti) -> None:
    path = await make(api)
    await api.does("pukeko", "PUT", f"{ROOT}/Search/subscription?uid=UID-pukeko", 201)
    player, _ = api.on_air("pukeko")
    mark = '<marti><dest mission="Search"/></marti>'
    player.receive(cot_xml("GHOST", "b-m-p-s-m", mark, more='opex="e-TASMAN"'))
    await api.api.missions.keep_waiting()
    assert [each["context"] for each in (await room(api, path, "pukeko"))["items"]] == [
        "exercise:TASMAN"
    ]
    assert (await room(api, path))["items"] == []


async def test_with_a_certificate_one_is_that_client(api: Marti) -> None:
    path = await make(api, password="kererū-7")
    assert (await api.get("kiwi", path))["role"] == "MISSION_OWNER"
    await api.does("kiwi", "GET", path, 403, headers=FROM_PAGE)
