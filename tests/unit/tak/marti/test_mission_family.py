"""Parent and child missions, by TAK Server's paths."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.marti import Marti, marti

ROOT = "/Marti/api/missions"


async def make(api: Marti, name: str, who: str = "kiwi", **said: str) -> str:
    params = {"creatorUid": f"UID-{who}", **said}
    made = await api.does(who, "POST", f"{ROOT}/{name}", 201, params=params)
    return made["data"][0]["guid"]


async def names(api: Marti, path: str, who: str = "kiwi") -> list[str]:
    return [each["name"] for each in (await api.get(who, f"{ROOT}/{path}/children"))["data"]]


async def test_a_mission_is_made_part_of_another_by_name_and_by_guid(api: Marti) -> None:
    coast, bay, cape = [await make(api, name) for name in ("Coast", "Bay", "Cape")]
    await api.does("kiwi", "PUT", f"{ROOT}/Bay/parent/coast")
    await api.does("kiwi", "PUT", f"{ROOT}/guid/{cape}/parent/guid/{coast}")
    said = await api.get("moa", f"{ROOT}/guid/{coast}/children")
    assert (said["type"], [each["guid"] for each in said["data"]]) == ("Mission", [bay, cape])
    parent = await api.get("moa", f"{ROOT}/Bay/parent")
    assert (parent["type"], parent["data"]["guid"]) == ("Mission", coast)  # one, and no list
    await api.does("kiwi", "PUT", f"{ROOT}/Cape/parent/Bay")  # of another now
    assert (await names(api, "Coast"), await names(api, "Bay")) == (["Bay"], ["Cape"])
    await api.does("kiwi", "DELETE", f"{ROOT}/Bay/parent")
    await api.does("kiwi", "DELETE", f"{ROOT}/guid/{cape}/parent")
    await api.does("moa", "GET", f"{ROOT}/Bay/parent", 404)
    assert (await names(api, "Coast"), await names(api, "Bay")) == ([], [])


async def test_no_mission_is_part_of_itself(api: Marti) -> None:
    for name in ("A", "B", "C"):
        await make(api, name)
    await api.does("kiwi", "PUT", f"{ROOT}/A/parent/A", 409)
    await api.does("kiwi", "PUT", f"{ROOT}/B/parent/A")
    await api.does("kiwi", "PUT", f"{ROOT}/C/parent/B")
    await api.does("kiwi", "PUT", f"{ROOT}/A/parent/C", 409)
    await api.does("kiwi", "PUT", f"{ROOT}/A/parent/none", 404)
    assert (await names(api, "C"), await names(api, "A")) == ([], ["B"])


async def test_it_takes_the_right_to_write_in_the_child_and_to_read_the_parent(api: Marti) -> None:
    await make(api, "Coast", password="secret")
    await make(api, "Bay", defaultRole="MISSION_READONLY_SUBSCRIBER")
    await make(api, "Reef", "tui")
    await make(api, "Cove", "moa")
    await api.does("moa", "PUT", f"{ROOT}/Bay/parent/Cove", 403)
    await api.does("moa", "DELETE", f"{ROOT}/Bay/parent", 403)
    await api.does("ruru", "PUT", f"{ROOT}/Cove/parent/Bay", 403)
    await api.does("moa", "PUT", f"{ROOT}/Cove/parent/Coast", 403)  # its password is not known
    await api.does("moa", "PUT", f"{ROOT}/Cove/parent/Reef", 404)  # of another group
    await api.does("moa", "GET", f"{ROOT}/Coast/children", 403)
    await api.does("moa", "GET", f"{ROOT}/Reef/children", 404)
    await api.does("moa", "PUT", f"{ROOT}/Cove/parent/Bay")


async def test_nobody_is_told_of_a_relative_that_he_does_not_see(api: Marti) -> None:
    await make(api, "Coast", "kea", group="Blue")
    await make(api, "Reef", "kea", group="Red")
    await make(api, "Guests", inviteOnly="true", group="Blue")
    await make(api, "Locked", "kiwi", password="secret")
    await make(api, "Open", "kea")  # of Blue and Red
    for child in ("Reef", "Open"):
        await api.does("kea", "PUT", f"{ROOT}/{child}/parent/Coast")
    for child in ("Guests", "Locked"):
        await api.does("kiwi", "PUT", f"{ROOT}/{child}/parent/Coast")
    await api.does("kiwi", "PUT", f"{ROOT}/Locked/contents", json={"uids": ["X"]})
    assert await names(api, "Coast", "kea") == ["Locked", "Open", "Reef"]
    assert await names(api, "Coast", "kiwi") == ["Guests", "Locked", "Open"]
    moa = (await api.get("moa", f"{ROOT}/Coast/children"))["data"]
    assert [(each["name"], each["uids"]) for each in moa] == [("Locked", []), ("Open", [])]
    await api.does("tui", "GET", f"{ROOT}/Open/parent", 404)


async def test_a_child_takes_no_role_from_its_parent(api: Marti) -> None:
    await make(api, "Coast")
    await make(api, "Bay", "moa", password="secret")
    await api.does("moa", "PUT", f"{ROOT}/Bay/parent/Coast")
    await api.does("kiwi", "GET", f"{ROOT}/Bay/role", 403)


async def test_who_takes_part_in_either_is_told_to_look_again(api: Marti) -> None:
    for name, who in (("Coast", "moa"), ("Cove", "moa"), ("Bay", "kea")):
        await make(api, name)
        await api.does(who, "PUT", f"{ROOT}/{name}/subscription?uid=UID-{who}", 201)
    _, of_moa = api.on_air("moa")
    _, of_kea = api.on_air("kea")
    of_moa.take()

    async def told(path: str, method: str = "PUT") -> tuple[list[str], list[str]]:
        await api.does("kiwi", method, f"{ROOT}/{path}")
        api.node.tick()
        return [e.type for e in of_moa.take()], [e.type for e in of_kea.take()]

    look = "t-x-m-c-m"
    assert await told("Bay/parent/Coast") == ([look], [look])
    assert await told("Bay/parent/Cove") == ([look, look], [look])
    assert await told("Bay/parent", "DELETE") == ([look], [look])


async def test_a_child_outlives_its_parent_and_a_family_a_restart(tmp_path: Path) -> None:
    async with marti(tmp_path) as api:
        await make(api, "Coast")
        bay: Any = await make(api, "Bay")
        await api.does("kiwi", "PUT", f"{ROOT}/Bay/parent/Coast")
    async with marti(tmp_path) as api:
        assert await names(api, "Coast") == ["Bay"]
        await api.does("kiwi", "DELETE", f"{ROOT}/Coast")
        await api.does("kiwi", "GET", f"{ROOT}/guid/{bay}/parent", 404)
    async with marti(tmp_path) as api:
        await make(api, "Coast")
        assert await names(api, "Coast") == []


async def test_two_changes_at_once_make_no_circle(api: Marti) -> None:
    """What each was allowed by is looked at when its turn comes, after the other's."""
    for name in ("Q1", "Q2", "P3"):
        await make(api, name)
    put = [api.ask("kiwi", "PUT", f"{ROOT}/{path}") for path in ("Q1/parent/Q2", "Q2/parent/Q1")]
    assert sorted(each.status_code for each in await asyncio.gather(*put)) == [200, 409]
    await api.does("kiwi", "PUT", f"{ROOT}/P3/parent/Q1")


async def test_no_order_of_changes_at_once_makes_a_circle(api: Marti) -> None:
    names = [f"M{number}" for number in range(5)]
    guids = {await make(api, name): name for name in names}
    drawn = random.Random(9)  # noqa: S311  the same in each run
    for _ in range(25):
        pairs = [drawn.sample(names, 2) for _ in range(4)]
        put = [api.ask("kiwi", "PUT", f"{ROOT}/{one}/parent/{other}") for one, other in pairs]
        assert {each.status_code for each in await asyncio.gather(*put)} <= {200, 409}
        for guid in guids:
            above = api.api.missions.find(guid)
            passed: list[str] = []
            while above is not None:
                assert above.guid not in passed
                passed.append(above.guid)
                above = api.api.missions.find(above.parent)


async def test_a_circle_that_was_kept_is_told_and_ended(tmp_path: Path) -> None:
    """A release before this one kept such."""
    async with marti(tmp_path) as api:
        guids = {name: await make(api, name) for name in ("Q1", "Q2", "P3", "P4")}
        store = api.api.missions.store
        for child, parent in (("Q1", "Q2"), ("Q2", "Q1")):
            known = store.one(guids[child])
            assert known is not None
            store.update(replace(known, parent=guids[parent]))
    async with marti(tmp_path) as api:
        assert (await api.get("kiwi", f"{ROOT}/Q1/parent"))["data"]["guid"] == guids["Q2"]
        assert await names(api, "Q1") == ["Q2"]
        refused = await api.does("kiwi", "PUT", f"{ROOT}/P3/parent/Q1", 409)
        assert "part of itself: take it out of its parent first" in refused["detail"]
        await api.does("kiwi", "DELETE", f"{ROOT}/Q1/parent")
        await api.does("kiwi", "PUT", f"{ROOT}/P3/parent/Q1")


async def test_the_right_to_make_it_part_is_looked_at_again(api: Marti) -> None:
    await make(api, "Coast")
    await make(api, "Bay", "moa")
    shut = api.ask("kiwi", "PUT", f"{ROOT}/Coast?inviteOnly=true")
    put = api.ask("moa", "PUT", f"{ROOT}/Bay/parent/Coast")
    assert [each.status_code for each in await asyncio.gather(shut, put)] == [200, 403]
    assert await names(api, "Coast") == []
