"""CoT said into missions over a stream, by `marti/dest` as ATAK and CloudTAK write it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from lxml import etree

from accord.core.principal import Direction
from accord.storage.missions import MissionSettings
from accord.tak import missions as tak_missions
from accord.tak.missions import by_the_node
from accord.wire.cot import xml
from support.cot import cot_xml
from support.marti import Marti, marti
from support.tak import Sent, own_position

ROOT = "/Marti/api/missions"
SEARCH = f"{ROOT}/Search"


def into(
    uid: str, detail: str = "", *, type_: str = "b-m-p-s-m", dest: str = "", **more: str
) -> bytes:
    where = dest or 'mission="Search"'
    return cot_xml(uid, type_, f"{detail}<marti><dest {where}/></marti>", **more)


async def make(api: Marti, *members: str, who: str = "kiwi", **said: str) -> str:
    params = {"creatorUid": f"UID-{who}", **said}
    made = await api.does(who, "POST", SEARCH, 201, params=params)
    for each in members:
        await api.does(each, "PUT", f"{SEARCH}/subscription?uid=UID-{each}", 201)
    return made["data"][0]["guid"]


async def kept(api: Marti) -> None:
    await api.api.missions.keep_waiting()
    api.node.tick()


def of_type(sent: list[Sent], type_: str) -> list[Sent]:
    return [each for each in sent if each.type == type_]


async def uids(api: Marti, who: str = "moa") -> list[str]:
    return [each["data"] for each in (await api.get(who, SEARCH))["data"][0]["uids"]]


async def test_it_goes_to_who_takes_part_and_is_in_the_mission_then(api: Marti) -> None:
    guid = await make(api, "moa")
    kiwi, own = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    _, of_kea = api.on_air("kea")
    _, of_tui = api.on_air("tui")
    for peer in (own, of_moa, of_kea, of_tui):
        peer.take()
    kiwi.receive(into("BUOY", '<contact callsign="Buoy"/>'))
    kiwi.receive(into("RAFT", dest=f'mission-guid="{guid}"'))
    await kept(api)
    sent = of_moa.take()
    assert [each.uid for each in of_type(sent, "b-m-p-s-m")] == ["BUOY", "RAFT"]
    assert "<marti" not in sent[0].text
    (notice,) = of_type(sent, "t-x-m-c")
    added = etree.fromstring(notice.text.encode()).findall(".//MissionChange")
    assert [each.findtext("contentUid") for each in added] == ["BUOY", "RAFT"]
    details = added[0].find("details")
    assert details is not None
    assert details.get("callsign") == "Buoy"
    assert [each.type for each in own.take()] == ["t-x-m-c"]  # never what he said himself
    assert (of_kea.take(), of_tui.take()) == ([], [])
    assert await uids(api) == ["BUOY", "RAFT"]
    text = (await api.ask("moa", "GET", f"{SEARCH}/cot")).text
    assert [each.get("uid") for each in etree.fromstring(text.encode())] == ["BUOY", "RAFT"]
    assert "<marti" not in text
    # It is nothing on the common picture.
    await api.does("moa", "GET", "/Marti/api/cot/xml/BUOY", 404)
    assert [each.source.channel for each in api.node.kept if each.uid == "BUOY"] == ["mission"]


@pytest.mark.parametrize(
    ("type_", "detail", "said"),
    [
        ("u-d-f", '<strokeColor value="-1"/><contact callsign="Bay"/>',
         {"callsign": "Bay", "color": "-1"}),
        ("b-m-r", '<link_attr color="-65536"/><title title="Way"/>',
         {"callsign": "Way", "title": "Way", "color": "-65536"}),
        ("b-r-f-h-c", '<_medevac_ title="MED.1"/><contact callsign="Hurt"/>',
         {"callsign": "MED.1"}),
        ("u-d-v-m", '<model name="ship.obj" category="sea"/>',
         {"name": "ship.obj", "category": "sea"}),
        ("b-m-p-s-m", '<model name="ship.obj"/><color value="5"/>', {"color": "5"}),
    ],
)  # fmt: skip
async def test_a_list_tells_of_a_thing_what_tak_servers_does(
    api: Marti, type_: str, detail: str, said: dict[str, str]
) -> None:
    """TAK Server 5.7, public source: UidDetails, and MissionServiceDefaultImpl of what it is."""
    await make(api)
    kiwi, _ = api.on_air("kiwi")
    kiwi.receive(into("THING", detail, type_=type_))
    await kept(api)
    (item,) = (await api.get("kiwi", SEARCH))["data"][0]["uids"]
    assert {k: v for k, v in item["details"].items() if k != "location"} == {"type": type_, **said}


async def test_files_that_go_with_a_thing_are_told_each_by_its_hash(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    of_moa.take()
    one, other = "a" * 64, "0" * 64
    listed = f"<attachment_list hashes='[&quot;{one}&quot;,&quot;{other}&quot;]'/>"
    kiwi.receive(into("THING", listed))
    await kept(api)
    (item,) = (await api.get("kiwi", SEARCH))["data"][0]["uids"]
    assert item["details"]["attachments"] == [one, other]
    (notice,) = of_type(of_moa.take(), "t-x-m-c")
    details = etree.fromstring(notice.text.encode()).find(".//details")
    assert details is not None
    assert [each.text for each in details.findall("attachment")] == [one, other]
    assert "attachments" not in details.keys()  # noqa: SIM118  an element is no mapping


async def test_so_many_are_told_no_more_while_they_are_connected(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(api, "moa", "kea")
    moa, of_moa = api.on_air("moa")
    _, of_kea = api.on_air("kea")
    monkeypatch.setattr(tak_missions, "MAX_HUSHED", 1)

    async def told() -> list[int]:
        for peer in (of_moa, of_kea):
            peer.take()
        await api.does("kiwi", "PUT", f"{SEARCH}/layers?name=x&type=GROUP")
        api.node.tick()
        return [len(peer.take()) for peer in (of_moa, of_kea)]

    for who in ("moa", "kea"):
        await api.does(who, "DELETE", f"{SEARCH}/subscription?uid=UID-{who}")
    assert await told() == [0, 1]
    assert api.api.missions.counts["clients that would hear no more of a mission, and do"] == 1
    moa.closed()  # there is room now
    api.node.bridge.sessions.discard(moa)
    await api.does("kea", "DELETE", f"{SEARCH}/subscription?uid=UID-kea")
    api.node.tick()  # that moa left
    assert await told() == [0, 0]


async def test_of_one_thing_the_newest_is_kept_and_it_is_announced_once(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    kiwi.receive(into("BUOY", "<remarks>one</remarks>"))
    await kept(api)
    of_moa.take()
    later = {"time": "2026-01-02T03:05:05.678Z", "start": "2026-01-02T03:05:05.678Z"}
    kiwi.receive(into("BUOY", "<remarks>two</remarks>", **later))
    kiwi.receive(into("BUOY", "<remarks>old</remarks>"))
    await kept(api)
    assert [each.type for each in of_moa.take()] == ["b-m-p-s-m", "b-m-p-s-m"]
    text = (await api.ask("moa", "GET", f"{SEARCH}/cot")).text
    assert "two" in text
    assert "old" not in text
    assert len((await api.get("moa", f"{SEARCH}/changes?squashed=false"))["data"]) == 2


async def test_it_is_filed_in_the_layer_that_its_path_names(api: Marti) -> None:
    await make(api, "moa")
    await api.does("kiwi", "PUT", f"{SEARCH}/layers?name=Marks&type=UID&uid=marks")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    of_moa.take()
    for uid, after in (("ONE", ""), ("TWO", ""), ("BETWEEN", ' after="ONE"')):
        kiwi.receive(into(uid, dest=f'mission="Search" path="marks"{after}'))
    kiwi.receive(into("LOST", dest='mission="Search" path="none"'))
    await kept(api)
    (marks,) = (await api.get("moa", f"{SEARCH}/layers"))["data"]
    assert [each["data"] for each in marks["uids"]] == ["ONE", "BETWEEN", "TWO"]
    assert set(await uids(api)) == {"ONE", "BETWEEN", "TWO", "LOST"}
    assert api.api.missions.counts == {"said into a layer and not filed there": 1}
    of_moa.take()
    kiwi.receive(into("ONE", dest='mission="Search" path="marks"'))  # it moves, but in no layer
    await kept(api)
    assert of_type(of_moa.take(), "t-x-m-c-h") == []


async def test_who_was_away_finds_what_changed_and_is_told_again_when_he_is_back(
    api: Marti,
) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    api.node.clock.advance(minutes=1)
    kiwi.receive(into("BUOY"))
    await kept(api)
    changes = (await api.get("moa", f"{SEARCH}/changes?secago=30"))["data"]
    assert [each["contentUid"] for each in changes] == ["BUOY"]
    _, of_moa = api.on_air("moa")
    kiwi.receive(into("RAFT"))
    await kept(api)
    assert [each.type for each in of_moa.take()] == ["b-m-p-s-m", "t-x-m-c"]


async def test_a_removal_takes_it_out_and_is_told(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    kiwi.receive(into("BUOY"))
    await kept(api)
    of_moa.take()
    link = '<link uid="BUOY" type="b-m-p-s-m" relation="none"/>'
    kiwi.receive(into("BUOY-gone", link, type_="t-x-d-d"))
    await kept(api)
    sent = of_moa.take()
    assert [each.type for each in sent] == ["t-x-d-d", "t-x-m-c"]
    assert "REMOVE_CONTENT" in sent[1].text
    assert await uids(api) == []


async def test_words_in_a_mission_are_said_to_who_takes_part_and_kept_for_who_is_away(
    api: Marti,
) -> None:
    await make(api, "moa", "kea")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    _, of_pukeko = api.on_air("pukeko")
    of_moa.take()
    chat = (
        '<__chat id="Search" chatroom="Search" senderCallsign="KIWI" parent="DataSyncMissionsList">'
        '<chatgrp uid0="UID-kiwi" uid1="Search" id="Search"/></__chat><remarks>kia ora</remarks>'
    )
    stale = {"stale": "2026-01-03T03:04:05.678Z"}
    kiwi.receive(into("GeoChat.UID-kiwi.Search.1", chat, type_="b-t-f", **stale))
    await kept(api)
    assert [each.type for each in of_moa.take()] == ["b-t-f"]
    assert of_pukeko.take() == []
    assert await uids(api) == []
    kea, peer = api.node.connect("kea", groups={"Blue": Direction.BOTH, "Red": Direction.BOTH})
    kea.receive(own_position("UID-kea", "KEA"))
    assert "b-t-f" in [each.type for each in peer.take()]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("tui", "said into no mission that there is for the sender"),
        ("kea", "said into a mission in which the sender may not write"),
        ("ruru", "read-only"),
    ],
)
async def test_who_may_not_write_says_nothing_into_it(api: Marti, who: str, reason: str) -> None:
    await make(api, "moa", "ruru")
    session, _ = api.on_air(who)
    _, of_moa = api.on_air("moa")
    session.receive(into("BUOY"))
    await kept(api)
    assert of_moa.take() == []
    assert await uids(api) == []
    if who != "ruru":
        assert session.speaker.refused[reason] == 1
    session.receive(into("RAFT", dest='mission="None"'))
    assert session.speaker.refused["said into no mission that there is for the sender"] >= 1


async def test_who_takes_part_to_read_says_nothing_into_it(api: Marti) -> None:
    await make(api, "moa", defaultRole="MISSION_READONLY_SUBSCRIBER")
    moa, _ = api.on_air("moa")
    moa.receive(into("BUOY"))
    await kept(api)
    assert await uids(api) == []
    reason = "said into a mission in which the sender may not write"
    assert moa.speaker.refused[reason] == api.node.bridge.intake.refused[reason] == 1


async def test_a_notice_of_a_mission_goes_to_the_groups_it_is_of(api: Marti) -> None:
    _, of_moa = api.on_air("moa")
    _, of_tui = api.on_air("tui")
    guid = await make(api)
    api.node.tick()
    (made,) = of_moa.take()
    mission = etree.fromstring(made.text.encode()).find("detail/mission")
    assert mission is not None
    assert (made.type, mission.get("type"), mission.get("guid")) == ("t-x-m-n", "CREATE", guid)
    await api.does("kiwi", "DELETE", f"{SEARCH}?creatorUid=UID-kiwi")
    api.node.tick()
    (gone,) = of_moa.take()
    assert gone.type == "t-x-m-d"
    assert of_tui.take() == []


async def test_who_has_another_ones_uid_by_now_is_not_sent_it(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_kea = api.on_air("kea", "UID-moa")  # moa is away
    kiwi.receive(into("BUOY"))
    await kept(api)
    assert of_kea.take() == []


async def test_what_is_full_or_fails_is_counted_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with marti(tmp_path, missions=MissionSettings(max_items=1)) as api:
        await make(api)
        kiwi, _ = api.on_air("kiwi")
        kiwi.receive(into("A"))
        kiwi.receive(into("B"))
        await kept(api)
        assert api.api.missions.counts["said into a mission and not kept"] == 2
        kiwi.receive(into("C"))
        await kept(api)
        assert await uids(api) == ["C"]
        monkeypatch.setattr(tak_missions, "MAX_WAITING", 0)
        kiwi.receive(into("D"))
        assert kiwi.speaker.refused["what is said into missions waits to be kept"] == 1
        monkeypatch.undo()
        with sqlite3.connect(tmp_path / "tak.sqlite") as broken:
            broken.execute("DROP TABLE mission_item")
        kiwi.receive(into("C", time="2026-01-02T03:06:05.678Z", stale="2026-01-02T03:16:05.678Z"))
        await kept(api)
        assert api.api.missions.counts["said into a mission and not kept"] == 3


async def test_a_notice_has_so_many_changes_that_every_client_takes_it(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    for number in range(120):
        kiwi.receive(into(f"BUOY-{number}", '<contact callsign="A long name of a buoy"/>'))
    await kept(api)
    notices = of_type(of_moa.take(), "t-x-m-c")
    assert len(notices) == 3
    assert all(len(each.text) < 65_536 for each in notices)
    assert sum(each.text.count("<MissionChange>") for each in notices) == 120
    assert all(xml.read(each.text.encode()).type == "t-x-m-c" for each in notices)


async def test_what_is_for_a_mission_and_one_more_goes_to_both(api: Marti) -> None:
    await make(api, "moa")
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    _, of_pukeko = api.on_air("pukeko")
    _, of_weka = api.on_air("weka")
    for peer in (of_moa, of_pukeko, of_weka):
        peer.take()
    both = '<marti><dest mission="Search"/><dest callsign="PUKEKO"/></marti>'
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m", both))
    await kept(api)
    assert [each.uid for each in of_type(of_moa.take(), "b-m-p-s-m")] == ["BUOY"]
    assert of_pukeko.uids() == ["BUOY"]
    assert of_weka.uids() == []


async def test_what_is_said_into_two_missions_is_sent_once_and_is_in_both(api: Marti) -> None:
    await make(api, "moa")
    await api.does("kiwi", "POST", f"{ROOT}/Second?creatorUid=UID-kiwi", 201)
    await api.does("moa", "PUT", f"{ROOT}/Second/subscription?uid=UID-moa", 201)
    kiwi, _ = api.on_air("kiwi")
    _, of_moa = api.on_air("moa")
    of_moa.take()
    both = '<marti><dest mission="Search"/><dest mission="Second"/></marti>'
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m", both))
    link = '<link uid="NONE" type="b-m-p-s-m" relation="none"/>'
    kiwi.receive(into("NONE-gone", link, type_="t-x-d-d"))
    await kept(api)
    sent = of_moa.take()
    assert [each.uid for each in of_type(sent, "b-m-p-s-m")] == ["BUOY"]
    assert len(of_type(sent, "t-x-m-c")) == 2
    assert await uids(api) == ["BUOY"]
    second = (await api.get("moa", f"{ROOT}/Second"))["data"][0]["uids"]
    assert [each["data"] for each in second] == ["BUOY"]


async def test_what_waits_for_a_mission_that_is_deleted_meanwhile_is_not_kept(api: Marti) -> None:
    await make(api)
    kiwi, _ = api.on_air("kiwi")
    kiwi.receive(into("BUOY"))
    missions = api.api.missions
    guid = missions.all()[0].guid
    now = api.node.clock.now()
    gone = missions.change(guid, by_the_node, lambda _: missions.store.delete(guid, now))
    await asyncio.gather(gone, missions.keep_waiting())
    assert missions.counts["said into a mission and not kept"] == 1
    assert missions.store.items(guid) == []
