"""Channels as ATAK, WinTAK and CloudTAK see and switch them."""

from pathlib import Path
from typing import Any

import pytest

from accord.core.principal import Principal
from support.marti import BOTH, IN, PEOPLE, Marti, marti
from support.tak import own_position

ALL, ACTIVE = "/Marti/api/groups/all?useCache=true", "/Marti/api/groups/active"


def states(said: Any) -> dict[tuple[str, str], bool]:
    return {(row["name"], row["direction"]): row["active"] for row in said["data"]}


async def test_there_is_a_row_for_each_channel_and_direction(api: Marti) -> None:
    said = await api.get("kea", ALL)
    assert said["type"] == "com.bbn.marti.remote.groups.Group"
    assert states(said) == {(g, d): True for g in ("Blue", "Red") for d in ("IN", "OUT")}
    first = said["data"][0]
    assert set(first) == {"name", "direction", "created", "type", "bitpos", "active"}
    assert (first["created"], first["type"]) == ("2026-01-02", "SYSTEM")
    bits = {row["name"]: row["bitpos"] for row in said["data"]}
    assert len(set(bits.values())) == 2
    assert (await api.get("kiwi", ALL))["data"][0]["bitpos"] == bits["Blue"]


async def test_a_channel_is_switched_by_direction_and_remembered(
    api: Marti, tmp_path: Path
) -> None:
    rows = (await api.get("kea", ALL))["data"]
    for row in rows:
        row["active"] = (row["name"], row["direction"]) != ("Red", "OUT")
    assert await api.does("kea", "PUT", ACTIVE, json=rows) == ""
    wanted = {(g, d): (g, d) != ("Red", "OUT") for g in ("Blue", "Red") for d in ("IN", "OUT")}
    assert states(await api.get("kea", ALL)) == wanted
    async with marti(tmp_path) as later:
        assert states(await later.get("kea", ALL)) == wanted
        assert states(await later.get("kiwi", ALL)) == {("Blue", "IN"): True, ("Blue", "OUT"): True}


async def test_who_switches_a_channel_off_hears_nothing_of_it_and_is_told_to_ask_again(
    api: Marti,
) -> None:
    kea, heard = api.on_air("kea")
    tui, _ = api.on_air("tui")
    heard.take()
    off = [{"name": "Red", "direction": "OUT", "active": False}]
    await api.does("kea", "PUT", ACTIVE, json=off)
    api.node.tick()
    notice, *_ = heard.take()
    assert notice.type == "t-x-g-c"
    tui.receive(own_position("UID-tui", "TUI", minute=5))
    api.node.tick()
    assert heard.uids() == []
    await api.does("kea", "PUT", ACTIVE, json=[{**off[0], "active": True}])
    api.node.tick()
    assert "UID-tui" in heard.uids()  # the picture, as it is with the channel on
    assert kea.principal.groups.keys() == {"Blue", "Red"}


async def test_the_client_that_switches_is_not_told_of_it_and_others_are_by_which(
    api: Marti,
) -> None:
    """TAK Server 5.7, public source: SubscriptionApi, DistributedSubscriptionManager."""
    _, phone = api.on_air("kea", uid="PHONE")
    _, web = api.on_air("kea", uid="WEB")
    tui, _ = api.on_air("tui")
    off = [{"name": "Red", "direction": "OUT", "active": False}]
    for peer in (phone, web):
        peer.take()
    await api.does("kea", "PUT", f"{ACTIVE}?clientUid=PHONE", json=off)
    api.node.tick()
    assert [each.type for each in phone.take() if each.type.startswith("t-")] == []
    (notice,) = [each for each in web.take() if each.type.startswith("t-")]
    assert notice.type == "t-x-g-c"
    assert notice.uid.endswith(".PHONE")
    tui.receive(own_position("UID-tui", "TUI", minute=5))
    api.node.tick()
    assert (phone.uids(), web.uids()) == ([], [])


async def test_what_is_said_goes_into_the_channels_that_are_on(api: Marti) -> None:
    kea, _ = api.on_air("kea")
    _, of_tui = api.on_air("tui")
    _, of_moa = api.on_air("moa")
    of_tui.take()
    await api.does("kea", "PUT", ACTIVE, json=[{"name": "Red", "direction": "IN", "active": False}])
    kea.receive(own_position("UID-kea", "KEA", minute=5))
    kea.receive(own_position("UID-kea", "KEA", minute=6))
    api.node.tick()
    assert of_moa.uids() == ["UID-kea", "UID-kea"]
    assert of_tui.uids() == []


async def test_channels_are_chosen_by_number_too(api: Marti) -> None:
    bits = {row["name"]: row["bitpos"] for row in (await api.get("kea", ALL))["data"]}
    await api.does("kea", "PUT", "/Marti/api/groups/activebits", json=[bits["Red"]])
    said = states(await api.get("kea", ALL))
    assert {key for key, is_on in said.items() if is_on} == {("Red", "IN"), ("Red", "OUT")}


async def test_one_is_asked_for_by_its_name(api: Marti) -> None:
    said = await api.get("kiwi", "/Marti/api/groups/Blue/out")
    assert (said["data"]["name"], said["data"]["direction"]) == ("Blue", "OUT")
    await api.does("kiwi", "GET", "/Marti/api/groups/Red/OUT", 404)
    assert (await api.get("kiwi", "/Marti/api/groups/groupCacheEnabled"))["data"] is True


async def test_a_choice_that_cannot_be_read_changes_nothing(api: Marti) -> None:
    for body in (b"", b"{}", b'[{"name": "Blue"}]',
                 b'[{"name": 1, "direction": "IN", "active": true}]',
                 b'[{"name": "Blue", "direction": "UP", "active": true}]', b"[1]"):  # fmt: skip
        await api.does("kiwi", "PUT", ACTIVE, 400, content=body)
    await api.does("kiwi", "PUT", "/Marti/api/groups/activebits", 400, json={})
    # Of a channel that he is not in there is nothing to choose.
    strange = [{"name": "Red", "direction": "IN", "active": True}]
    said = await api.does("kiwi", "PUT", ACTIVE, 400, json=strange)
    assert "Red is the name of no channel of yours" in said["detail"]
    assert states(await api.get("kiwi", ALL)) == {("Blue", "IN"): True, ("Blue", "OUT"): True}


async def test_a_group_with_a_slash_in_its_name_is_found(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    him = Principal(name="kiwi", groups={"C/D": BOTH, "C": IN}, credential="k1")
    monkeypatch.setitem(PEOPLE, "kiwi", him)
    for path, name in (("C%2FD/IN", "C/D"), ("C/D/OUT", "C/D"), ("C/IN", "C")):
        assert (await api.get("kiwi", f"/Marti/api/groups/{path}"))["data"]["name"] == name
    await api.does("kiwi", "GET", "/Marti/api/groups/C/OUT", 404)


async def test_a_channel_that_is_not_his_is_passed_over_beside_his_own(api: Marti) -> None:
    """Whether by name or by number: TAK Server 5.7, public source, SubscriptionApi."""
    bits = {row["name"]: row["bitpos"] for row in (await api.get("kea", ALL))["data"]}
    red_off = [{"name": each, "direction": "IN", "active": False} for each in ("Green", "Red")]
    await api.does("kea", "PUT", ACTIVE, json=red_off)
    assert [key for key, on in states(await api.get("kea", ALL)).items() if not on] == [
        ("Red", "IN"),
    ]  # fmt: skip
    await api.does("kea", "PUT", "/Marti/api/groups/activebits", json=[99_999_999, bits["Blue"]])
    said = states(await api.get("kea", ALL))
    assert {key for key, is_on in said.items() if is_on} == {("Blue", "IN"), ("Blue", "OUT")}


@pytest.mark.parametrize("bits", [["1"], [99_999_999], [-5], [None], [True], [1.0], [[]], [{}]])
async def test_what_is_no_channel_of_his_switches_none_off(api: Marti, bits: list[object]) -> None:
    before = states(await api.get("kea", ALL))
    said = await api.does("kea", "PUT", "/Marti/api/groups/activebits", 400, json=bits)
    assert "no channel of yours" in said["detail"] or "numbers of channels" in said["detail"]
    assert states(await api.get("kea", ALL)) == before
