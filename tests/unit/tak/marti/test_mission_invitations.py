"""Who is invited to missions, by what, and what an invitation opens."""

from typing import Any

import pytest
from lxml import etree

from support.marti import Marti

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"
ME = f"{SEARCH}/subscription?uid=UID-moa"


async def make(api: Marti, **said: str) -> str:
    params = {"creatorUid": "UID-kiwi", **said}
    return (await api.does("kiwi", "POST", SEARCH, 201, params=params))["data"][0]["guid"]


@pytest.mark.parametrize(
    ("kind", "invitee"),
    [("clientUid", "UID-moa"), ("callsign", "MOA"), ("userName", "moa"), ("team", "Cyan"),
     ("group", "Blue")],
)  # fmt: skip
async def test_who_is_invited_is_told_and_takes_part_in_that_role(
    api: Marti, kind: str, invitee: str
) -> None:
    await make(api, inviteOnly="true")
    _, of_moa = api.on_air("moa")
    await api.does("moa", "PUT", ME, 403)
    of_moa.take()
    path = f"{SEARCH}/invite/{kind}/{invitee}?creatorUid=UID-kiwi"
    await api.does("kiwi", "PUT", f"{path}&role=MISSION_READONLY_SUBSCRIBER")
    api.node.tick()
    (notice,) = of_moa.take()
    assert notice.type == "t-x-m-i"
    mission = etree.fromstring(notice.text.encode()).find("detail/mission")
    assert mission is not None
    assert (mission.get("type"), mission.get("name")) == ("INVITE", "Search")
    assert mission.get("token", "").count(".") == 2
    (mine,) = (await api.get("moa", f"{ROOT}/invitations?clientUid=UID-moa"))["data"]
    assert (mine["type"], mine["invitee"], mine["missionName"]) == (kind, invitee, "Search")
    assert mine["token"]
    assert (await api.get("moa", f"{ROOT}/all/invitations"))["data"] == ["Search"]
    held = {"MissionAuthorization": f"Bearer {mine['token']}"}
    assert len((await api.get("moa", SEARCH, headers=held))["data"]) == 1
    taken = await api.does("moa", "PUT", ME, 201)
    assert taken["data"]["role"]["type"] == "MISSION_READONLY_SUBSCRIBER"


async def test_an_invitation_is_for_who_it_names_and_can_be_taken_back(api: Marti) -> None:
    await make(api, inviteOnly="true")
    api.on_air("moa")
    path = f"{SEARCH}/invite/callsign/MOA"
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/rank/Major", 400)
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/callsign/{'x' * 513}", 400)
    await api.does("kea", "PUT", path, 403)
    await api.does("kiwi", "PUT", path)
    await api.does("kea", "PUT", f"{SEARCH}/subscription?uid=UID-kea", 403)
    token = (await api.get("moa", f"{ROOT}/invitations"))["data"][0]["token"]
    held = {"MissionAuthorization": f"Bearer {token}"}  # found on the way by another
    await api.does("kea", "GET", SEARCH, 403, headers=held)
    (listed,) = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert listed["invitee"] == "MOA"
    assert "token" not in listed
    await api.does("kiwi", "DELETE", path)
    await api.does("moa", "PUT", ME, 403)
    assert (await api.get("moa", f"{ROOT}/invitations"))["data"] == []


async def test_who_writes_invites_and_only_an_owner_makes_owners(api: Marti) -> None:
    await make(api)
    path = f"{SEARCH}/invite/userName/kea"
    await api.does("moa", "PUT", f"{path}?role=MISSION_OWNER", 403)
    await api.does("moa", "PUT", path)
    await api.does("kiwi", "PUT", f"{path}?role=MISSION_OWNER")
    taken = await api.does("kea", "PUT", f"{SEARCH}/subscription?uid=UID-kea", 201)
    assert taken["data"]["role"]["type"] == "MISSION_OWNER"


async def test_several_clients_are_invited_at_once(api: Marti) -> None:
    await make(api, inviteOnly="true")
    _, peer = api.on_air("moa")
    invite = f"{SEARCH}/invite?creatorUid=UID-kiwi&role=MISSION_READONLY_SUBSCRIBER"
    await api.does("kiwi", "POST", invite, data={"contacts": ["UID-moa", "UID-kea"]})
    told = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert sorted((each["invitee"], each["type"]) for each in told) == [
        ("UID-kea", "clientUid"), ("UID-moa", "clientUid"),
    ]  # fmt: skip
    api.node.tick()
    assert "t-x-m-i" in [each.type for each in peer.take()]
    await api.does("moa", "PUT", f"{SEARCH}/subscription?uid=UID-moa", 201)
    assert (await api.get("moa", f"{SEARCH}/role"))["data"]["type"] == "MISSION_READONLY_SUBSCRIBER"
    await api.does("kiwi", "POST", invite, 400)
    await api.does("kiwi", "POST", invite, 400, data={"contacts": "x" * 600})
    await api.does("moa", "POST", invite, 403, data={"contacts": "UID-kea"})


async def test_an_invitation_by_uid_is_for_whose_device_it_is_and_not_for_who_says_it(
    api: Marti,
) -> None:
    await api.does("kiwi", "POST", f"{ROOT}/Elsewhere?creatorUid=UID-kiwi", 201)
    await api.does("moa", "PUT", f"{ROOT}/Elsewhere/subscription?uid=UID-moa", 201)
    await make(api, inviteOnly="true")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/clientUid/UID-moa")
    # moa was never on the stream; pukeko connects under his uid.
    api.on_air("pukeko", uid="UID-moa")
    assert (await api.get("pukeko", f"{ROOT}/invitations"))["data"] == []
    await api.does("pukeko", "PUT", f"{SEARCH}/subscription?uid=UID-pukeko", 403)
    (mine,) = (await api.get("moa", f"{ROOT}/invitations"))["data"]
    held = {"MissionAuthorization": f"Bearer {mine['token']}"}
    await api.does("pukeko", "GET", SEARCH, 403, headers=held)
    assert len((await api.get("moa", SEARCH, headers=held))["data"]) == 1
    await api.does("moa", "PUT", ME, 201)


async def test_an_invitation_stays_his_who_was_known_by_the_uid_when_it_was_said(
    api: Marti,
) -> None:
    session, _ = api.on_air("moa")
    session.closed()
    await make(api, inviteOnly="true")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/clientUid/UID-moa")
    api.node.clock.advance(hours=30 * 24)  # by then the uid is anybody's
    api.on_air("pukeko", uid="UID-moa")
    assert (await api.get("pukeko", f"{ROOT}/invitations"))["data"] == []
    assert len((await api.get("moa", f"{ROOT}/invitations"))["data"]) == 1


async def test_an_invitation_by_uid_of_nobody_is_for_who_is_known_by_it_first(api: Marti) -> None:
    await make(api, inviteOnly="true")
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/clientUid/UID-moa")
    assert (await api.get("moa", f"{ROOT}/invitations"))["data"] == []
    api.on_air("moa")
    assert len((await api.get("moa", f"{ROOT}/invitations"))["data"]) == 1


async def test_an_invitation_by_callsign_is_for_who_has_it_when_it_is_said(api: Marti) -> None:
    await make(api, inviteOnly="true")
    path = f"{SEARCH}/invite/callsign/MOA"
    said = await api.does("kiwi", "PUT", path, 409)
    assert "invite by userName" in said["detail"]
    session, _ = api.on_air("moa")
    await api.does("kiwi", "PUT", path)
    session.closed()
    api.on_air("pukeko", callsign="MOA")
    assert (await api.get("pukeko", f"{ROOT}/invitations"))["data"] == []
    await api.does("pukeko", "PUT", f"{SEARCH}/subscription?uid=UID-pukeko", 403)
    assert len((await api.get("moa", f"{ROOT}/invitations"))["data"]) == 1


async def test_a_callsign_that_two_people_have_in_the_groups_of_a_mission_invites_nobody(
    api: Marti,
) -> None:
    await api.does("kea", "POST", f"{SEARCH}?creatorUid=UID-kea&group=Blue,Red", 201)
    api.on_air("moa", callsign="ONE")
    api.on_air("tui", callsign="ONE")
    said = await api.does("kea", "PUT", f"{SEARCH}/invite/callsign/ONE", 409)
    assert "several people" in said["detail"]


async def test_a_password_opens_no_mission_of_invited_people(api: Marti) -> None:
    await make(api, inviteOnly="true", password="koura")
    for path in ("", "/token"):
        said = await api.does("moa", "GET", f"{SEARCH}{path}?password=koura", 403)
    said = await api.does("moa", "PUT", f"{ME}&password=koura", 403)
    assert said["detail"] == "it takes an invitation to take part"
    await api.does("kiwi", "PUT", f"{SEARCH}/invite/userName/moa")
    await api.does("moa", "PUT", ME, 201)


def invited(name: str, kind: str, role: str = "") -> dict[str, Any]:
    """An invitation as newer clients write it (TAK Server 5.7, public source, MissionApi)."""
    said: dict[str, Any] = {"type": kind, "invitee": name}
    return {**said, "role": {"type": role}} if role else said


async def test_newer_clients_invite_several_by_a_list_each_by_what_it_says(api: Marti) -> None:
    await make(api, inviteOnly="true")
    _, peer = api.on_air("moa")
    path, newer = f"{SEARCH}/invite?creatorUid=UID-kiwi", {"API_VERSION": "3"}
    many = [
        invited("UID-moa", "clientUid", "MISSION_READONLY_SUBSCRIBER"), invited("kea", "userName"),
    ]  # fmt: skip
    await api.does("kiwi", "POST", path, headers=newer, json=many)
    told = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert {(e["invitee"], e["type"], e["role"]["type"]) for e in told} == {
        ("UID-moa", "clientUid", "MISSION_READONLY_SUBSCRIBER"),
        ("kea", "userName", "MISSION_SUBSCRIBER"),
    }  # fmt: skip
    api.node.tick()
    assert [each.type for each in peer.take()] == ["t-x-m-i"]
    for wrong in ({}, [], [1], [invited("x", "rank")], [{"type": "clientUid"}],
                  [invited("x", "userName", "KING")], [invited("", "userName")],
                  [invited("x", "userName")] * 101):  # fmt: skip
        await api.does("kiwi", "POST", path, 400, headers=newer, json=wrong)
    await api.does("kea", "PUT", f"{SEARCH}/subscription?uid=UID-kea", 201)
    one = [invited("pukeko", "userName", "MISSION_OWNER")]
    await api.does("kea", "POST", path, 403, json=one)  # by its type, without API_VERSION
    await api.does("kiwi", "POST", path, json=one)


async def test_an_invitation_is_over_when_the_person_that_it_names_takes_part(api: Marti) -> None:
    await make(api, inviteOnly="true")
    api.on_air("moa")
    for path in ("clientUid/UID-moa", "callsign/MOA", "userName/moa", "clientUid/UID-kea"):
        await api.does("kiwi", "PUT", f"{SEARCH}/invite/{path}")
    await api.does("moa", "PUT", ME, 201)
    left = (await api.get("kiwi", f"{SEARCH}/invitations"))["data"]
    assert [(each["type"], each["invitee"]) for each in left] == [("clientUid", "UID-kea")]
