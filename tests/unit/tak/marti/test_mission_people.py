"""Who takes part in missions, as what, and by whose invitation."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.storage.missions import MissionSettings
from support.marti import Marti, marti

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
ME = f"{SEARCH}/subscription?uid=UID-moa"


async def make(api: Marti, **said: str) -> str:
    params = {"creatorUid": "UID-kiwi", **said}
    return (await api.does("kiwi", "POST", SEARCH, 201, params=params))["data"][0]["guid"]


async def roles(api: Marti) -> dict[str, str]:
    said = await api.get("kiwi", f"{SEARCH}/subscriptions/roles")
    return {each["clientUid"]: each["role"]["type"] for each in said["data"]}


async def test_who_subscribes_has_the_default_role_and_a_token(api: Marti) -> None:
    await make(api)
    said = await api.does("moa", "PUT", ME, 201)
    assert said["type"] == "com.bbn.marti.sync.model.MissionSubscription"
    data = said["data"]
    assert set(data) == {"token", "clientUid", "username", "createTime", "role"}
    assert (data["clientUid"], data["username"]) == ("UID-moa", "moa")
    assert data["role"] == {
        "type": "MISSION_SUBSCRIBER", "permissions": ["MISSION_READ", "MISSION_WRITE"],
    }  # fmt: skip
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": ["X"]})
    noted = {"content": "three sails", "creatorUid": "UID-kiwi", "missionNames": ["Search"]}
    await api.does("kiwi", "POST", f"{ROOT}/logs/entries", 201, json=noted)
    newer = await api.does("moa", "PUT", ME, 201, headers={"API_VERSION": "3"})
    told = newer["data"]["mission"]
    assert (told["name"], [each["type"] for each in told["missionChanges"]]) == (
        "Search", ["CREATE_MISSION", "ADD_CONTENT"],
    )  # fmt: skip
    assert [each["content"] for each in told["logs"]] == ["three sails"]
    since = f"{ME}&start=2027-01-01T00:00:00.000Z&end=2027-01-02T00:00:00.000Z"
    later = await api.does("moa", "PUT", since, 201, headers={"API_VERSION": "3"})
    assert (later["data"]["mission"]["missionChanges"], later["data"]["mission"]["logs"]) == (
        [],
        [],
    )
    assert await roles(api) == {"UID-kiwi": "MISSION_OWNER", "UID-moa": "MISSION_SUBSCRIBER"}
    assert (await api.get("moa", f"{SEARCH}/subscriptions"))["data"] == ["UID-kiwi", "UID-moa"]
    assert (await api.get("moa", ME))["data"]["clientUid"] == "UID-moa"
    (mine,) = (await api.get("moa", f"{ROOT}/all/subscriptions"))["data"]
    assert (mine["missionName"], mine["clientUid"]) == ("Search", "UID-moa")
    held = {"MissionAuthorization": f"Bearer {newer['data']['token']}"}
    role = await api.get("moa", f"{SEARCH}/role", headers=held)
    assert (role["type"], role["data"]) == (
        "com.bbn.marti.sync.model.MissionRole", data["role"],
    )  # fmt: skip


async def test_who_takes_part_no_more_is_told_nothing(api: Marti) -> None:
    await make(api)
    _, of_moa = api.on_air("moa")
    await api.does("moa", "PUT", ME, 201)
    gone = f"{ME}&disconnectOnly=false"
    await api.does("kea", "DELETE", gone, 403)
    await api.does("moa", "DELETE", f"{ME}&disconnectOnly=perhaps", 400)
    await api.does("moa", "DELETE", gone)
    assert "UID-moa" not in await roles(api)
    await api.does("moa", "DELETE", gone, 404)
    await api.does("moa", "GET", ME, 404)
    of_moa.take()
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": ["X"]})
    api.node.tick()
    assert of_moa.take() == []


async def test_who_only_disconnects_takes_part_and_is_told_again_when_he_comes_back(
    api: Marti,
) -> None:
    """As TAK Server 5.7 has it, which takes disconnectOnly for true where it is not said."""
    await make(api)
    session, of_moa = api.on_air("moa")
    put = 0

    async def told() -> list[str]:
        nonlocal put
        put += 1
        of_moa.take()
        await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": [f"X-{put}"]})
        api.node.tick()
        return [each.type for each in of_moa.take()]

    await api.does("moa", "PUT", ME, 201)
    assert await told() == ["t-x-m-c"]
    await api.does("moa", "DELETE", ME)
    assert await roles(api) == {"UID-kiwi": "MISSION_OWNER", "UID-moa": "MISSION_SUBSCRIBER"}
    assert await told() == []
    await api.does("moa", "PUT", ME, 201)
    assert await told() == ["t-x-m-c"]
    await api.does("moa", "DELETE", f"{ME}&disconnectOnly=true")
    assert await told() == []
    session.closed()
    api.node.bridge.sessions.discard(session)
    _, of_moa = api.on_air("moa")
    assert await told() == ["t-x-m-c"]
    await api.does("moa", "DELETE", ME)
    assert await told() == []
    _, of_moa = api.on_air("moa")  # before the dead connection is noticed
    assert await told() == ["t-x-m-c"]
    await api.does("kiwi", "DELETE", f"{SEARCH}/subscription?uid=UID-kiwi")  # who is not connected


BY_ANY_NAME = [("userName", "moa"), ("callsign", "MOA"), ("clientUid", "UID-moa")]


@pytest.mark.parametrize(
    ("verb", "removal"),
    [
        ("PUT", "role?clientUid=UID-moa"),
        ("PUT", "role?username=moa"),
        ("DELETE", "subscription?uid=UID-moa&disconnectOnly=false"),
    ],
)
async def test_whom_an_owner_removes_no_invitation_lets_in_again(
    api: Marti, verb: str, removal: str
) -> None:
    await make(api, inviteOnly="true")
    session, _ = api.on_air("moa")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/moa")
    invited = (await api.get("moa", f"{ROOT}/invitations"))["data"][0]["token"]
    await api.does("moa", "PUT", ME, 201)
    for kind, name in BY_ANY_NAME:  # once more, while he takes part
        await api.does("kiwi", "PUT", f"{SEARCH}/invite/{kind}/{name}")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/kea")
    again = (await api.get("moa", f"{ROOT}/invitations"))["data"][0]["token"]
    reading = (await api.does("moa", "GET", f"{SEARCH}/token", 201))["data"]
    session.closed()
    api.node.bridge.sessions.discard(session)
    await api.does("kiwi", verb, f"{SEARCH}/{removal}")
    api.on_air("moa")
    await api.does("moa", "PUT", ME, 403)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=OTHER", 403)
    for token in (invited, again, reading):
        held = {"MissionAuthorization": f"Bearer {token}"}
        await api.does("moa", "GET", SEARCH, 403, headers=held)
    (left,) = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert left["invitee"] == "kea"


async def test_who_is_removed_reads_no_more_by_a_token_that_he_had_by_his_role(api: Marti) -> None:
    await make(api, password="koura")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/moa")
    await api.does("moa", "PUT", ME, 201)
    token = (await api.does("moa", "GET", f"{SEARCH}/token", 201))["data"]
    held = {"MissionAuthorization": f"Bearer {token}"}
    assert len((await api.get("moa", SEARCH, headers=held))["data"]) == 1
    await api.does("kiwi", "PUT", f"{SEARCH}/role?username=moa")
    await api.does("moa", "GET", SEARCH, 403, headers=held)


@pytest.mark.parametrize(("kind", "name"), BY_ANY_NAME)
async def test_an_invitation_is_over_once_he_takes_part_or_is_given_a_role(
    api: Marti, kind: str, name: str
) -> None:
    await make(api)
    api.on_air("moa")
    path = f"{SEARCH}/invite/{kind}/{name}?role=MISSION_OWNER"
    await api.does("kiwi", "PUT", path)
    await api.does("moa", "PUT", ME, 201)
    assert (await api.get("kiwi", f"{SEARCH}/invitations"))["data"] == []
    await api.does("kiwi", "PUT", path)
    lower = f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_READONLY_SUBSCRIBER"
    await api.does("kiwi", "PUT", lower)
    assert (await api.get("kiwi", f"{SEARCH}/invitations"))["data"] == []


async def test_an_open_mission_and_an_invitation_of_his_group_let_him_in_again(api: Marti) -> None:
    await make(api)
    for open_to_all in (True, False):
        await api.does("moa", "PUT", ME, 201)
        if not open_to_all:
            await api.does("kiwi", "PUT", f"{SEARCH}/invite/group/Blue")
            await api.does("kiwi", "PUT", f"{SEARCH}?inviteOnly=true")
        await api.does("kiwi", "PUT", f"{SEARCH}/role?username=moa")
        await api.does("moa", "PUT", ME, 201)
    await api.does("kiwi", "PUT", f"{SEARCH}/role?username=moa")
    await api.does("kiwi", "DELETE", f"{SEARCH}/invite/group/Blue")
    await api.does("moa", "PUT", ME, 403)


async def test_who_can_be_invited_is_who_is_connected_and_hears_a_group_of_it(api: Marti) -> None:
    await api.does("kea", "POST", f"{SEARCH}?creatorUid=UID-kea&group=Blue", 201)
    for who in ("kea", "moa", "tui", "ruru"):
        api.on_air(who)
    said = await api.get("kea", f"{SEARCH}/contacts")
    assert [each["uid"] for each in said] == ["UID-kea", "UID-moa"]  # tui is of Red
    assert set(said[0]) == {"filterGroups", "notes", "callsign", "team", "role", "takv", "uid"}


async def test_another_persons_uid_cannot_be_taken(api: Marti) -> None:
    await make(api)
    api.on_air("moa")
    await api.does("kea", "PUT", ME, 403)
    await api.does("moa", "PUT", ME, 201)
    for session in tuple(api.node.bridge.sessions):
        session.closed()
    await api.does("kea", "PUT", ME, 403)
    await api.does("moa", "PUT", f"{SEARCH}/subscription", 400)
    web = f"{SEARCH}/subscription?uid=WEB"  # under which nobody was ever connected
    await api.does("moa", "PUT", web, 201)
    await api.does("kea", "PUT", web, 403)
    api.node.clock.advance(hours=8 * 24)
    await api.does("kea", "PUT", web, 409)


async def test_who_squats_a_uid_in_another_group_keeps_nobody_out_of_his_missions(
    api: Marti,
) -> None:
    """tui is of Red, moa of Blue, kea of both: what concerns UID-moa is moa's."""
    _, of_tui = api.on_air("tui", uid="UID-moa")
    await api.does("moa", "POST", f"{ROOT}/Own?creatorUid=UID-moa", 201)
    _, of_moa = api.on_air("moa")
    await make(api)
    await api.does("moa", "PUT", ME, 201)
    api.node.tick()
    of_moa.take()
    of_tui.take()
    await api.does("kiwi", "PUT", f"{SEARCH}/keywords", json=["x"])
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c-k"]
    assert of_tui.take() == []


async def test_who_took_part_under_anothers_device_makes_room_for_him(api: Marti) -> None:
    await api.does("kea", "POST", f"{SEARCH}?creatorUid=UID-kea&inviteOnly=false", 201)
    await api.does("tui", "PUT", ME, 201)  # before moa was ever here
    api.on_air("moa")
    await api.does("moa", "PUT", ME, 409)  # who says it first has it, for a week
    for session in tuple(api.node.bridge.sessions):
        session.closed()
    api.node.clock.advance(hours=8 * 24)
    api.on_air("moa")
    await api.does("moa", "PUT", ME, 201)
    await api.does("tui", "PUT", ME, 403)
    said = (await api.get("kea", f"{SEARCH}/subscriptions/roles"))["data"]
    assert {each["clientUid"]: each["username"] for each in said} == {
        "UID-kea": "kea", "UID-moa": "moa",
    }  # fmt: skip


async def test_an_owner_gives_and_takes_roles_and_there_is_always_one(api: Marti) -> None:
    await make(api)
    _, of_moa = api.on_air("moa")
    await api.does("moa", "PUT", ME, 201)
    role = f"{SEARCH}/role?clientUid=UID-moa&username=moa&role="
    await api.does("moa", "PUT", f"{role}MISSION_OWNER", 403)
    await api.does("kiwi", "PUT", f"{role}BOSS", 400)
    of_moa.take()
    await api.does("kiwi", "PUT", f"{role}MISSION_READONLY_SUBSCRIBER")
    api.node.tick()
    (notice,) = of_moa.take()
    assert notice.type == "t-x-m-r"
    given = etree.fromstring(notice.text.encode()).find("detail/mission/role")
    assert given is not None
    assert given.get("type") == "MISSION_READONLY_SUBSCRIBER"
    await api.does("moa", "PUT", f"{SEARCH}/contents", 403, json={"uids": ["X"]})
    assert (await api.does("moa", "PUT", ME, 201))["data"]["role"]["type"] == (
        "MISSION_READONLY_SUBSCRIBER"
    )  # to ask again changes nothing
    himself = f"{SEARCH}/role?clientUid=UID-kiwi"
    await api.does("kiwi", "PUT", himself, 409)
    await api.does("kiwi", "PUT", f"{himself}&role=MISSION_SUBSCRIBER", 409)
    await api.does("kiwi", "PUT", f"{role}MISSION_OWNER")
    await api.does("kiwi", "PUT", himself)
    assert await roles(api) == {"UID-moa": "MISSION_OWNER"}
    await api.does("moa", "PUT", f"{SEARCH}/role?clientUid=NONE&role=MISSION_OWNER", 404)


async def test_each_group_may_have_a_default_role_of_its_own(api: Marti) -> None:
    """kea makes it for Blue and Red: moa is of Blue, tui of Red, ruru of Blue to hear only."""
    await api.does("kea", "POST", f"{SEARCH}?creatorUid=UID-kea", 201)
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    _, of_moa = api.on_air("moa")
    of_moa.take()

    async def of(who: str) -> str:
        return (await api.get(who, f"{SEARCH}/role"))["data"]["type"]

    by_group = f"{SEARCH}/role?creatorUid=UID-kea&group="
    await api.does("kea", "PUT", f"{by_group}Red&role=MISSION_READONLY_SUBSCRIBER")
    assert [await of(e) for e in ("kiwi", "tui")] == [
        "MISSION_SUBSCRIBER", "MISSION_READONLY_SUBSCRIBER",
    ]  # fmt: skip
    api.node.tick()
    assert [each.type for each in of_moa.take()] == ["t-x-m-c-m"]
    await api.does("tui", "PUT", f"{SEARCH}/contents", 403, json={"uids": ["X"]})
    said = await api.does("tui", "PUT", f"{SEARCH}/subscription?uid=UID-tui", 201)
    assert said["data"]["role"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    await api.does("kea", "PUT", f"{by_group}Blue&role=MISSION_OWNER")
    assert [await of(e) for e in ("kiwi", "ruru")] == [
        "MISSION_OWNER", "MISSION_READONLY_SUBSCRIBER",
    ]  # fmt: skip
    # Who takes part already is what he was, told what he may see of it.
    assert await of("moa") == "MISSION_SUBSCRIBER"
    (told,) = (await api.get("tui", SEARCH))["data"]
    assert {group: role["type"] for group, role in told["groupRoles"].items()} == {
        "Red": "MISSION_READONLY_SUBSCRIBER",
    }  # fmt: skip
    assert told["defaultRole"]["type"] == "MISSION_SUBSCRIBER"
    # With the password one is what his group is; a group that leaves has no role left.
    await api.does("kea", "PUT", f"{SEARCH}/password?password=secret")
    await api.does("kiwi", "GET", f"{SEARCH}/role", 403)
    opened = await api.does("kiwi", "PUT", f"{SEARCH}/subscription?uid=U&password=secret", 201)
    assert opened["data"]["role"]["type"] == "MISSION_OWNER"
    await api.does("kea", "DELETE", f"{SEARCH}/password")
    await api.does("kea", "PUT", f"{by_group}Blue")
    assert await of("weka") == "MISSION_OWNER"  # an administrator
    assert await of("pukeko") == "MISSION_SUBSCRIBER"
    await api.does("kea", "PUT", f"{SEARCH}?group=Blue")
    await api.does("kea", "PUT", f"{SEARCH}?group=Blue,Red")
    assert "groupRoles" not in (await api.get("kea", SEARCH))["data"][0]


async def test_only_an_owner_says_what_a_group_is_and_only_of_a_group_that_there_is(
    api: Marti,
) -> None:
    await api.does("kea", "POST", f"{SEARCH}?creatorUid=UID-kea", 201)
    by_group = f"{SEARCH}/role?role=MISSION_OWNER&group="
    await api.does("moa", "PUT", f"{by_group}Blue", 403)
    await api.does("ruru", "PUT", f"{by_group}Blue", 403)
    await api.does("kea", "PUT", f"{by_group}Green", 404)
    await api.does("weka", "PUT", f"{by_group}Red", 404)  # a group that he is not in
    await api.does("kea", "PUT", f"{SEARCH}/role?role=BOSS&group=Blue", 400)
    await api.does("kea", "PUT", f"{by_group}Blue&clientUid=UID-moa", 400)
    assert "groupRoles" not in (await api.get("kea", SEARCH))["data"][0]


async def test_a_password_opens_a_mission_once_for_who_takes_part(api: Marti) -> None:
    await make(api, password="koura")
    await api.does("moa", "PUT", ME, 403)
    await api.does("moa", "PUT", f"{ME}&password=guess", 403)
    await api.does("moa", "GET", f"{SEARCH}/role", 403)
    await api.does("moa", "PUT", f"{ME}&password=koura", 201)
    assert len((await api.get("moa", SEARCH))["data"]) == 1
    assert (await api.get("kiwi", SEARCH))["data"][0]["passwordProtected"] is True
    raw = b"".join(path.read_bytes() for path in api.directory.glob("tak.sqlite*"))
    assert b"koura" not in raw


async def test_who_only_hears_takes_part_and_reads(api: Marti) -> None:
    await make(api, defaultRole="MISSION_OWNER")
    taken = await api.does("ruru", "PUT", f"{SEARCH}/subscription?uid=UID-ruru", 201)
    assert taken["data"]["role"]["type"] == "MISSION_READONLY_SUBSCRIBER"


async def test_who_takes_part_is_known_after_a_restart(api: Marti, tmp_path: Path) -> None:
    await make(api)
    token = (await api.does("moa", "PUT", ME, 201))["data"]["token"]
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/kea")
    async with marti(tmp_path) as later:
        assert await roles(later) == {"UID-kiwi": "MISSION_OWNER", "UID-moa": "MISSION_SUBSCRIBER"}
        held = {"MissionAuthorization": f"Bearer {token}"}
        assert (await later.get("moa", f"{SEARCH}/role", headers=held))["data"]["type"] == (
            "MISSION_SUBSCRIBER"
        )
        assert len((await later.get("kiwi", f"{SEARCH}/invitations"))["data"]) == 1


async def test_so_many_take_part(tmp_path: Path) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_subscribers=1)) as api:
        await make(api)
        said: Any = await api.does("moa", "PUT", ME, 507)
        assert "limit" in said["detail"]


async def test_several_clients_are_given_roles_at_once(api: Marti) -> None:
    await make(api)
    for who in ("moa", "kea"):
        await api.does(who, "PUT", f"{SEARCH}/subscription?uid=UID-{who}", 201)
    _, peer = api.on_air("moa")
    many = f"{SEARCH}/subscription?creatorUid=UID-kiwi"
    said = [
        {"clientUid": "UID-moa", "username": "moa", "role": {"type": "MISSION_OWNER"}},
        {"clientUid": "UID-kea", "role": "MISSION_READONLY_SUBSCRIBER"},
    ]
    await api.does("moa", "POST", many, 403, json=said)
    await api.does("kiwi", "POST", many, json=said)
    told = (await api.get("kiwi", f"{SEARCH}/subscriptions/roles"))["data"]
    assert {each["clientUid"]: each["role"]["type"] for each in told} == {
        "UID-kiwi": "MISSION_OWNER", "UID-moa": "MISSION_OWNER",
        "UID-kea": "MISSION_READONLY_SUBSCRIBER",
    }  # fmt: skip
    api.node.tick()
    assert "t-x-m-r" in [each.type for each in peer.take()]
    for wrong in ({}, [], [1], [{"clientUid": "UID-moa"}], [{"role": "MISSION_OWNER"}],
                  [{"clientUid": "UID-moa", "role": {"type": "KING"}}]):  # fmt: skip
        await api.does("kiwi", "POST", many, 400, json=wrong)
    nobody = [{"clientUid": "UID-kea", "role": "MISSION_SUBSCRIBER"},
              {"clientUid": "NOBODY", "role": "MISSION_SUBSCRIBER"}]  # fmt: skip
    await api.does(
        "kiwi", "POST", many, json=[*nobody, {"username": "tui", "role": "MISSION_OWNER"}]
    )
    told = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert {(e["type"], e["invitee"], e["role"]["type"]) for e in told} == {
        ("clientUid", "NOBODY", "MISSION_SUBSCRIBER"), ("userName", "tui", "MISSION_OWNER"),
    }  # fmt: skip
    assert (await api.get("kea", f"{SEARCH}/role"))["data"]["type"] == "MISSION_SUBSCRIBER"
    away = [{"clientUid": each, "role": "MISSION_SUBSCRIBER"} for each in ("UID-kiwi", "UID-moa")]
    await api.does("kiwi", "POST", many, 409, json=away)
    assert (await api.get("kiwi", f"{SEARCH}/role"))["data"]["type"] == "MISSION_OWNER"


async def test_a_role_by_username_is_that_of_every_client_of_his(api: Marti) -> None:
    await make(api)
    for uid in ("UID-moa", "WEB-moa"):
        await api.does("moa", "PUT", f"{SEARCH}/subscription?uid={uid}", 201)
    by_name = f"{SEARCH}/role?username="
    await api.does("kiwi", "PUT", f"{by_name}moa&role=MISSION_OWNER")
    assert await roles(api) == dict.fromkeys(("UID-kiwi", "UID-moa", "WEB-moa"), "MISSION_OWNER")
    one = [{"username": "kiwi", "role": {"type": "MISSION_SUBSCRIBER"}}]
    await api.does("moa", "POST", f"{SEARCH}/subscription", json=one)
    await api.does("moa", "PUT", f"{by_name}moa", 409)
    await api.does("moa", "PUT", f"{by_name}kiwi")
    assert set(await roles(api)) == {"UID-moa", "WEB-moa"}
    await api.does("moa", "PUT", f"{by_name}nobody&role=MISSION_OWNER", 404)


async def test_whose_device_a_uid_is_is_known_after_a_restart(api: Marti, tmp_path: Path) -> None:
    api.on_air("moa")
    await api.api.devices.keep_waiting()
    async with marti(tmp_path) as later:
        later.on_air("pukeko", uid="UID-moa")
        assert later.node.kept == []
        await later.does("pukeko", "POST", f"{SEARCH}?creatorUid=UID-moa", 403)
        later.on_air("moa")
        assert [each.source.speaker for each in later.node.kept] == ["moa"]
        await later.does("moa", "POST", f"{SEARCH}?creatorUid=UID-moa", 201)


@pytest.mark.parametrize(
    "asked",
    [
        ("PUT", "role?clientUid=UID-{other}"),
        ("PUT", "role?clientUid=UID-{other}&role=MISSION_SUBSCRIBER"),
        ("DELETE", "subscription?uid=UID-{other}&disconnectOnly=false"),
    ],
)
async def test_two_owners_at_once_leave_an_owner(api: Marti, asked: tuple[str, str]) -> None:
    await make(api)
    await api.does("moa", "PUT", ME, 201)
    await api.does("kiwi", "PUT", f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_OWNER")
    verb, path = asked
    both = [
        api.ask(who, verb, f"{SEARCH}/{path.format(other=other)}")
        for who, other in (("kiwi", "moa"), ("moa", "kiwi"))
    ]
    said = sorted(each.status_code for each in await asyncio.gather(*both))
    assert said[0] == 200
    assert said[1] in (403, 409)
    assert list((await roles(api)).values()).count("MISSION_OWNER") == 1


async def test_the_last_owner_stays_unless_he_made_it(api: Marti) -> None:
    """Who made a mission that nobody owns owns it still."""
    await make(api)
    await api.does("moa", "PUT", ME, 201)
    await api.does("kiwi", "PUT", f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_OWNER")
    both = [
        api.ask(who, "DELETE", f"{SEARCH}/subscription?uid=UID-{who}&disconnectOnly=false")
        for who in ("kiwi", "moa")
    ]
    assert [each.status_code for each in await asyncio.gather(*both)] == [200, 409]
    assert await roles(api) == {"UID-moa": "MISSION_OWNER"}
    await api.does("moa", "DELETE", ME)  # told no more for now, and takes part
    await api.does("kiwi", "PUT", f"{SEARCH}/subscription?uid=UID-kiwi", 201)
    await api.does("moa", "PUT", f"{SEARCH}/role?clientUid=UID-kiwi&role=MISSION_OWNER")
    await api.does("moa", "DELETE", f"{ME}&disconnectOnly=false")
    await api.does("kiwi", "DELETE", f"{SEARCH}/subscription?uid=UID-kiwi&disconnectOnly=false")
    assert (await api.get("kiwi", f"{SEARCH}/role"))["data"]["type"] == "MISSION_OWNER"


LOST = [
    ("PUT", "contents", {"json": {"uids": ["X"]}}),
    ("PUT", "keywords", {"json": ["sea"]}),
    ("DELETE", "keywords/sea", {}),
    ("PUT", "layers?name=L&type=GROUP", {}),
    ("POST", "maplayers", {"json": {"name": "Chart"}}),
    ("POST", "externaldata", {"json": {"uid": "E"}}),
    ("PUT", "invite/userName/kea", {}),
    ("DELETE", "invite/userName/kea", {}),
    ("DELETE", "contents?uid=A", {}),
    ("PUT", "uid/A/keywords", {"json": ["sea"]}),
    ("DELETE", "parent", {}),
    ("PUT", "?description=new", {}),
]


@pytest.mark.parametrize(("verb", "path", "more"), LOST)
async def test_a_right_that_is_lost_meanwhile_is_lost(
    api: Marti, verb: str, path: str, more: dict[str, Any]
) -> None:
    await make(api)
    await api.does("moa", "PUT", ME, 201)
    await api.does("kiwi", "PUT", f"{SEARCH}/contents", json={"uids": ["A"]})
    before = api.api.missions.all()
    lost = api.ask(
        "kiwi", "PUT", f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_READONLY_SUBSCRIBER"
    )
    sent = api.ask("moa", verb, f"{SEARCH}/{path}".replace("/?", "?"), **more)
    assert [each.status_code for each in await asyncio.gather(lost, sent)] == [200, 403]
    (now,) = api.api.missions.all()
    assert (now.keywords, now.about, now.invitations) == (
        before[0].keywords, before[0].about, (),
    )  # fmt: skip
    (told,) = (await api.get("kiwi", SEARCH))["data"]
    assert [each["data"] for each in told["uids"]] == ["A"]
    assert (told["mapLayers"], told["externalData"]) == ([], [])


async def test_an_entry_is_written_by_who_may_write_when_it_is(api: Marti) -> None:
    await make(api)
    await api.does("moa", "PUT", ME, 201)
    said = {"content": "three sails", "missionNames": ["Search"]}
    lost = api.ask(
        "kiwi", "PUT", f"{SEARCH}/role?clientUid=UID-moa&role=MISSION_READONLY_SUBSCRIBER"
    )
    sent = api.ask("moa", "POST", f"{ROOT}/logs/entries", json=said)
    assert [each.status_code for each in await asyncio.gather(lost, sent)] == [200, 403]
    assert (await api.get("kiwi", f"{SEARCH}/log"))["data"] == []


@pytest.mark.parametrize("shut", ["?inviteOnly=true", "/password?password=koura"])
async def test_nobody_slips_in_while_a_mission_is_shut(api: Marti, shut: str) -> None:
    await make(api)
    both = [api.ask("kiwi", "PUT", f"{SEARCH}{shut}"), api.ask("moa", "PUT", ME)]
    answers = {each.status_code for each in await asyncio.gather(*both)}
    in_it = "UID-moa" in await roles(api)
    assert answers == ({200, 201} if in_it else {200, 403})


async def test_a_password_that_is_another_meanwhile_lets_nobody_in(api: Marti) -> None:
    await make(api, password="koura")
    mission = api.api.missions.all()[0]
    known = await api.ask("moa", "GET", f"{SEARCH}?password=koura")
    held = {"MissionAuthorization": f"Bearer {known.json()['data'][0]['token']}"}
    other = api.api.missions.change(
        mission.guid,
        lambda: None,
        lambda _: api.api.missions.store.update(replace(mission, password="of-another")),
    )
    said = api.ask("moa", "PUT", ME, headers=held)
    _, answer = await asyncio.gather(other, said)
    assert (answer.status_code, "UID-moa" in await roles(api)) == (403, False)


async def test_a_mission_that_is_deleted_meanwhile_is_gone(api: Marti) -> None:
    await make(api)
    both = [
        api.ask("kiwi", "DELETE", SEARCH),
        api.ask("moa", "PUT", f"{SEARCH}/contents", json={"uids": ["X"]}),
    ]
    assert {each.status_code for each in await asyncio.gather(*both)} <= {200, 410}
    await api.does("kiwi", "GET", SEARCH, 410)


async def test_of_several_invitations_the_one_that_gives_most_counts(api: Marti) -> None:
    await make(api, inviteOnly="true")
    session, _ = api.on_air("moa")
    for kind, name, role in (
        ("userName", "moa", "MISSION_READONLY_SUBSCRIBER"),
        ("clientUid", "UID-moa", "MISSION_OWNER"),
        ("group", "Blue", "MISSION_SUBSCRIBER"),
    ):
        await api.does("kiwi", "PUT", f"{SEARCH}/invite/{kind}/{name}?role={role}")
    (told,) = (await api.get("moa", f"{ROOT}/invitations"))["data"]
    assert (told["role"]["type"], told["type"]) == ("MISSION_OWNER", "clientUid")
    held = {"MissionAuthorization": f"Bearer {told['token']}"}
    role = await api.get("moa", f"{SEARCH}/role", headers=held)
    assert role["data"]["type"] == "MISSION_OWNER"
    given = await api.does("moa", "PUT", ME, 201)
    assert given["data"]["role"]["type"] == "MISSION_OWNER"
    session.closed()


async def test_who_sees_it_no_more_when_his_turn_comes_changes_nothing(api: Marti) -> None:
    await api.does("kea", "POST", SEARCH, 201, params={"creatorUid": "UID-kea"})
    await api.does("moa", "PUT", ME, 201)
    both = [
        api.ask("kea", "PUT", f"{SEARCH}?group=Red"),
        api.ask("moa", "PUT", f"{SEARCH}/contents", json={"uids": ["X"]}),
    ]
    assert [each.status_code for each in await asyncio.gather(*both)] == [200, 404]
    assert (await api.get("kea", SEARCH))["data"][0]["uids"] == []
