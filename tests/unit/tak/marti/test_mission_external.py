"""External data of missions, by the bodies of TAK Server's own interface."""

from typing import Any

from lxml import etree

from accord.storage.missions import MissionSettings
from support.marti import Marti, marti
from support.tak import Sent

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
DATA = f"{SEARCH}/externaldata"
PLAN = {
    "uid": "plan-1", "name": "Plan", "tool": "planner", "urlData": "https://plans.example/1",
    "urlView": "https://plans.example/1/view", "notes": "first",
}  # fmt: skip


async def make(api: Marti) -> str:
    made = await api.does("kiwi", "POST", f"{SEARCH}?creatorUid=UID-kiwi", 201)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    return made["data"][0]["guid"]


async def kept(api: Marti, who: str = "moa") -> Any:
    return (await api.get(who, SEARCH))["data"][0]["externalData"]


def change_in(sent: Sent) -> dict[str, str | None]:
    assert sent.type == "t-x-m-c-e"
    change = etree.fromstring(sent.text.encode()).find(
        "detail/mission/MissionChanges/MissionChange"
    )
    assert change is not None
    said = {each.tag: each.text for each in change if len(each) == 0}
    data = change.find("externalData")
    assert data is not None
    return {"type": said["type"], **{each.tag: each.text for each in data}}


async def test_it_is_added_changed_and_deleted_and_each_is_told(api: Marti) -> None:
    guid = await make(api)
    _, of_moa = api.on_air("moa")

    def told() -> dict[str, str | None]:
        api.node.tick()
        (sent,) = of_moa.take()
        return change_in(sent)

    made = await api.does("kiwi", "POST", f"{DATA}?creatorUid=UID-kiwi", 201, json=PLAN)
    assert made["type"] == "com.bbn.marti.sync.model.ExternalMissionData"
    assert made["data"] == PLAN
    assert await kept(api) == [PLAN]
    assert told() == {"type": "ADD_CONTENT", **PLAN}
    # Said anew, it is one all the same.
    other = {**PLAN, "name": "Plan B"}
    await api.does("kiwi", "POST", f"{ROOT}/guid/{guid}/externaldata?creatorUid=U", 201, json=other)
    assert await kept(api) == [other]
    assert told()["name"] == "Plan B"
    # The data itself is another: what is kept of it is not.
    changed = f"{DATA}/plan-1/change?creatorUid=UID-kiwi&notes=second"
    await api.does("kiwi", "POST", changed, content="version 2")
    assert await kept(api) == [other]
    token = "?token=version%202"
    assert told() == {
        "type": "ADD_CONTENT", **other, "notes": "second",
        "urlData": other["urlData"] + token, "urlView": other["urlView"] + token,
    }  # fmt: skip
    await api.does("kiwi", "POST", f"{DATA}/plan-1/change")
    assert told() == {"type": "ADD_CONTENT", **other}
    await api.does("kiwi", "DELETE", f"{DATA}/plan-1?notes=done&creatorUid=UID-kiwi")
    assert await kept(api) == []
    assert told() == {"type": "REMOVE_CONTENT", **other, "notes": "done"}
    changes = (await api.get("moa", f"{SEARCH}/changes?squashed=false"))["data"]
    assert [each["type"] for each in changes] == [
        "REMOVE_CONTENT", *["ADD_CONTENT"] * 4, "CREATE_MISSION",
    ]  # fmt: skip
    assert changes[0]["externalData"] == {**other, "notes": "done"}
    assert (await api.get("moa", f"{SEARCH}/changes"))["data"][0] == changes[0]


async def test_only_who_may_write_does_so(api: Marti) -> None:
    await make(api)
    await api.does("kiwi", "POST", DATA, 201, json=PLAN)
    for who, status in (("ruru", 403), ("tui", 404)):
        await api.does(who, "POST", DATA, status, json=PLAN)
        await api.does(who, "POST", f"{DATA}/plan-1/change", status)
        await api.does(who, "DELETE", f"{DATA}/plan-1", status)
    assert await kept(api, "ruru") == [PLAN]


async def test_what_cannot_be_read_is_refused(api: Marti) -> None:
    await make(api)
    bad = (
        [], {}, {"name": "x"}, {**PLAN, "uid": 1}, {**PLAN, "uid": "\n"},
        {**PLAN, "urlData": "x" * 4097}, {**PLAN, "notes": "x" * 16_385}, {**PLAN, "name": ["x"]},
    )  # fmt: skip
    for said in bad:
        await api.does("kiwi", "POST", DATA, 400, json=said)
    await api.does("kiwi", "POST", DATA, 400, content="no JSON")
    await api.does("kiwi", "POST", f"{DATA}/none/change", 404, content="x")
    await api.does("kiwi", "DELETE", f"{DATA}/none", 404)
    await api.does("kiwi", "POST", DATA, 201, json=PLAN)
    await api.does("kiwi", "POST", f"{DATA}/plan-1/change", 400, content=b"\xff")
    await api.does("kiwi", "POST", f"{DATA}/plan-1/change", 413, content=b"x" * 16_385)
    assert await kept(api) == [PLAN]


async def test_it_counts_among_what_a_mission_may_hold(tmp_path: Any) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_items=1)) as api:
        await make(api)
        await api.does("kiwi", "POST", DATA, 201, json=PLAN)
        await api.does("kiwi", "POST", DATA, 507, json={**PLAN, "uid": "plan-2"})
        await api.does("kiwi", "POST", DATA, 201, json={**PLAN, "name": "again"})
