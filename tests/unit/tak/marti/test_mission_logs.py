"""The logs of missions as CloudTAK and WinTAK write and read them."""

from pathlib import Path
from typing import Any

from accord.storage.missions import MissionSettings
from support.marti import Marti, marti

ROOT = "/Marti/api/missions"
ENTRIES = f"{ROOT}/logs/entries"
LOG = f"{ROOT}/Search/log"
NOTE: dict[str, Any] = {
    "content": "kua kitea: two sails", "creatorUid": "UID-kiwi", "missionNames": ["Search"],
    "dtg": "2026-01-02T03:00:00.000Z", "keywords": ["sails"],
}  # fmt: skip


async def make(api: Marti, name: str = "Search", who: str = "kiwi", **said: str) -> None:
    await api.does(who, "POST", f"{ROOT}/{name}", 201, params={"creatorUid": f"UID-{who}", **said})


async def test_an_entry_is_written_and_read_with_the_keys_that_node_tak_knows(api: Marti) -> None:
    await make(api)
    _, of_moa = api.on_air("moa")
    await api.does("moa", "PUT", f"{ROOT}/Search/subscription?uid=UID-moa", 201)
    of_moa.take()
    written = await api.does("kiwi", "POST", ENTRIES, 201, json=NOTE)
    entry = written["data"]
    assert set(entry) == {
        "id", "content", "creatorUid", "missionNames", "servertime", "dtg", "created",
        "contentHashes", "keywords",
    }  # fmt: skip
    assert {key: entry[key] for key in NOTE} == NOTE
    assert (await api.get("moa", LOG))["data"] == [entry]
    assert (await api.get("moa", f"{ENTRIES}/{entry['id']}"))["data"] == [entry]
    assert (await api.get("moa", f"{ROOT}/all/logs"))["data"] == [entry]
    assert (await api.get("moa", f"{ROOT}/Search?logs=true"))["data"][0]["logs"] == [entry]
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c-l"]


async def test_an_entry_is_its_authors_to_change_and_strike_and_an_owners(api: Marti) -> None:
    await make(api)
    entry = (await api.does("moa", "POST", ENTRIES, 201, json=NOTE))["data"]
    api.node.clock.advance(minutes=1)
    changed = {**NOTE, "id": entry["id"], "content": "three sails"}
    await api.does("kea", "PUT", ENTRIES, 403, json=changed)
    again = (await api.does("moa", "PUT", ENTRIES, 201, json=changed))["data"]
    assert (again["id"], again["content"]) == (entry["id"], "three sails")
    assert (again["created"], again["servertime"]) == (
        "2026-01-02T03:04:05.678Z", "2026-01-02T03:05:05.678Z",
    )  # fmt: skip
    assert len((await api.get("moa", LOG))["data"]) == 1
    await api.does("kea", "DELETE", f"{ENTRIES}/{entry['id']}", 403)
    await api.does("kiwi", "DELETE", f"{ENTRIES}/{entry['id']}")  # it is his mission
    await api.does("moa", "GET", f"{ENTRIES}/{entry['id']}", 404)


async def test_nobody_reads_a_log_of_groups_that_he_is_not_in_or_of_a_locked_mission(
    api: Marti,
) -> None:
    await make(api)
    await make(api, "Locked", password="koura")
    entry = (await api.does("kiwi", "POST", ENTRIES, 201, json=NOTE))["data"]
    locked = {**NOTE, "missionNames": ["Locked"]}
    hidden = (await api.does("kiwi", "POST", ENTRIES, 201, json=locked))["data"]
    await api.does("tui", "GET", f"{ENTRIES}/{entry['id']}", 404)
    await api.does("moa", "GET", f"{ENTRIES}/{hidden['id']}", 404)
    assert (await api.get("tui", f"{ROOT}/all/logs"))["data"] == []
    assert (await api.get("moa", f"{ROOT}/all/logs"))["data"] == [entry]
    await api.does("tui", "POST", ENTRIES, 404, json=NOTE)
    await api.does("moa", "POST", ENTRIES, 403, json=locked)
    await api.does("ruru", "POST", ENTRIES, 403, json=NOTE)


async def test_what_is_no_entry_is_refused(api: Marti) -> None:
    await make(api)
    for change in ({"content": None}, {"content": "x" * 16_385}, {"missionNames": []},
                   {"missionNames": None}, {"dtg": "yesterday"}, {"keywords": "x"}):  # fmt: skip
        await api.does("kiwi", "POST", ENTRIES, 400, json={**NOTE, **change})
    await api.does("kiwi", "POST", ENTRIES, 400, json=[])
    await api.does("kiwi", "PUT", ENTRIES, 404, json={**NOTE, "id": "none"})
    await api.does("kiwi", "PUT", ENTRIES, 400, json=NOTE)
    assert (await api.get("kiwi", f"{ROOT}/all/logs"))["data"] == []


async def test_an_entry_stands_in_the_log_of_each_mission_and_there_are_so_many(
    tmp_path: Path,
) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_log=1)) as api:
        await make(api)
        await make(api, "Second")
        both = {**NOTE, "missionNames": ["Search", "Second"], "dtg": ""}
        entry = (await api.does("kiwi", "POST", ENTRIES, 201, json=both))["data"]
        assert entry["missionNames"] == ["Search", "Second"]
        assert entry["dtg"] == entry["created"]
        await api.does("kiwi", "POST", ENTRIES, 507, json=NOTE)
        assert len((await api.get("kiwi", f"{ROOT}/Second/log"))["data"]) == 1
