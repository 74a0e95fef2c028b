"""Who can be called, with the keys and words that ATAK and CloudTAK look for."""

import pytest

from support.marti import Marti
from support.tak import own_position

ENDPOINTS = "/Marti/api/clientEndPoints"
CONTACTS = "/Marti/api/contacts/all"
SUBSCRIPTIONS = "/Marti/api/subscriptions/all"
TAKV = '<takv device="PHONE" platform="ATAK-CIV" os="33" version="5.2"/>'


async def test_endpoints_are_told_as_atak_checks_them(api: Marti) -> None:
    api.on_air("kiwi", callsign="KIWI 1")
    said = await api.get("moa", ENDPOINTS)
    assert said["type"] == "com.bbn.marti.remote.ClientEndpoint"
    (row,) = said["data"]
    assert row == {
        "callsign": "KIWI 1", "uid": "UID-kiwi", "username": "kiwi", "team": "Cyan",
        "role": "Team Member", "lastEventTime": "2026-01-02T03:04:05.678Z",
        "lastStatus": "Connected",
    }  # fmt: skip


async def test_who_has_left_is_disconnected_until_he_is_back(api: Marti) -> None:
    session, _ = api.on_air("kiwi")
    api.node.bridge.closing = api.api.endpoints.left
    session.closed()
    (row,) = (await api.get("moa", ENDPOINTS))["data"]
    assert row["lastStatus"] == "Disconnected"
    only = f"{ENDPOINTS}?showCurrentlyConnectedClients=true"
    assert (await api.get("moa", only))["data"] == []
    api.node.clock.advance(minutes=5)
    assert (await api.get("moa", f"{ENDPOINTS}?secAgo=60"))["data"] == []
    assert len((await api.get("moa", f"{ENDPOINTS}?secAgo=600"))["data"]) == 1
    api.on_air("kiwi")
    (row,) = (await api.get("moa", f"{ENDPOINTS}?secAgo=601"))["data"]
    assert row["lastStatus"] == "Connected"


async def test_endpoints_are_by_callsign_and_the_newest_of_each_if_asked(api: Marti) -> None:
    """TAK Server 5.7, public source: ContactManagerService."""
    api.on_air("moa", uid="A", callsign="ZULU")
    for uid in ("OLD", "NEW"):
        api.on_air("kiwi", uid=uid, callsign="ALPHA")
    rows = (await api.get("moa", ENDPOINTS))["data"]
    assert [row["uid"] for row in rows] == ["NEW", "OLD", "A"]
    api.node.clock.advance(seconds=5)
    api.on_air("kiwi", uid="NEWEST", callsign="ALPHA")
    rows = (await api.get("moa", f"{ENDPOINTS}?showMostRecentOnly=true"))["data"]
    assert [row["uid"] for row in rows] == ["NEWEST", "A"]


async def test_nobody_is_told_of_who_is_in_none_of_his_groups_or_only_hears(api: Marti) -> None:
    api.on_air("kiwi")
    api.on_air("ruru")
    assert (await api.get("tui", ENDPOINTS))["data"] == []
    assert await api.get("tui", CONTACTS) == []
    assert (await api.get("tui", SUBSCRIPTIONS))["data"] == []
    assert [row["uid"] for row in await api.get("moa", CONTACTS)] == ["UID-kiwi"]
    only_red = f"{ENDPOINTS}?group=Red"
    assert (await api.get("kea", only_red))["data"] == []


async def test_contacts_are_a_bare_list_in_the_order_asked_for(api: Marti) -> None:
    session, _ = api.on_air("kiwi", callsign="ZULU")
    session.receive(own_position("UID-kiwi", "ZULU", detail=TAKV, minute=5))
    api.on_air("moa", callsign="ALPHA")
    rows = await api.get("kiwi", CONTACTS)
    assert [row["callsign"] for row in rows] == ["ALPHA", "ZULU"]
    assert rows[1] == {
        "filterGroups": None, "notes": "kiwi", "callsign": "ZULU", "team": "Cyan",
        "role": "Team Member", "takv": "ATAK-CIV:5.2", "uid": "UID-kiwi",
    }  # fmt: skip
    back = await api.get("kiwi", f"{CONTACTS}?sortBy=UID&direction=DESCENDING")
    assert [row["uid"] for row in back] == ["UID-moa", "UID-kiwi"]
    await api.does("kiwi", "GET", f"{CONTACTS}?sortBy=AGE", 400)
    # The same with all of a connection, or with whose it is (TAK Server 5.7: ContactsApi).
    assert await api.get("kiwi", f"{CONTACTS}/full") == rows
    who = {"id": "kiwi", "name": "kiwi", "displayName": "kiwi"}
    assert (await api.get("kiwi", f"{CONTACTS}/lite"))[1] == {**rows[1], "user": who}


async def test_a_list_is_made_once_a_second_for_all_who_may_see_the_same(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.on_air("kiwi")
    made: list[str] = []
    connected = api.api.endpoints.connected
    monkeypatch.setattr(
        api.api.endpoints, "connected", lambda by: made.append(by.name) or connected(by)
    )
    for who in ("kiwi", "moa", "weka", "tui"):
        await api.get(who, CONTACTS)
    assert made == ["kiwi", "tui"]
    api.node.clock.advance(seconds=1)
    await api.get("moa", CONTACTS)
    assert made == ["kiwi", "tui", "moa"]


async def test_subscriptions_have_every_key_that_node_tak_knows(api: Marti) -> None:
    session, _ = api.on_air("kiwi")
    session.receive(own_position("UID-kiwi", "KIWI", detail=TAKV, minute=5))
    api.on_air("moa")
    said = await api.get("moa", SUBSCRIPTIONS)
    assert [row["clientUid"] for row in said["data"]] == ["UID-kiwi", "UID-moa"]
    first = said["data"][0]
    assert set(first) == {
        "dn", "callsign", "clientUid", "lastReportMilliseconds", "takClient", "takVersion",
        "username", "groups", "role", "team", "ipAddress", "port", "pendingWrites", "numProcessed",
        "protocol", "xpath", "subscriptionUid", "appFramerate", "battery", "batteryStatus",
        "batteryTemp", "deviceDataRx", "deviceDataTx", "heapCurrentSize", "heapFreeSize",
        "heapMaxSize", "deviceIPAddress", "storageAvailable", "storageTotal", "incognito",
        "handlerType", "lastReportDiffMilliseconds",
    }  # fmt: skip
    assert (first["takClient"], first["takVersion"], first["ipAddress"]) == (
        "ATAK-CIV", "5.2", "192.0.2.1",
    )  # fmt: skip
    assert [row["name"] for row in first["groups"]] == ["Blue", "Blue"]
    page = await api.get("moa", f"{SUBSCRIPTIONS}?sortBy=UID&page=1&limit=1")
    assert [row["clientUid"] for row in page["data"]] == ["UID-moa"]
