"""What clients are told of reports of the CI-TRAP tool, by CITrapReportService.

That is TAK Server 5.7, public source.
"""

from lxml import etree

from support.field_reports import (
    PATH,
    XML,
    a_report,
    file,
)
from support.marti import Marti
from support.tak import FakePeer, Sent


def notices(peer: FakePeer) -> list[Sent]:
    return [sent for sent in peer.take() if sent.type.startswith("t-x-m")]


def told(peer: FakePeer) -> list[tuple[str, str, str]]:
    """Return the type of each notice, the mission it is of, and what it says that changed."""
    found: list[tuple[str, str, str]] = []
    for sent in notices(peer):
        mission = etree.fromstring(sent.text.encode()).find("detail/mission")
        assert mission is not None
        assert mission.get("tool") == "citrap"
        what = mission.findtext("MissionChanges/MissionChange/type") or ""
        found.append((sent.type, mission.get("name") or "", what))
    return found


async def test_who_takes_part_in_citrap_is_told_of_new_reports(api: Marti) -> None:
    subscribe = "/Marti/api/missions/citrap/subscription"
    _, moa = api.on_air("moa")
    _, kea = api.on_air("kea")
    _, tui = api.on_air("tui")
    for who in ("moa", "tui"):
        made = await api.does(who, "PUT", f"{subscribe}?uid=UID-{who}", 201)
        assert made["type"] == "com.bbn.marti.sync.model.MissionSubscription"
        assert (made["data"]["clientUid"], made["data"]["username"]) == (f"UID-{who}", who)
    await file(api, id="R-1")
    api.node.tick()
    (sent,) = notices(moa)
    event = etree.fromstring(sent.text.encode())
    assert (sent.type, event.get("opex")) == ("t-x-m-c", None)
    change = event.find("detail/mission/MissionChanges/MissionChange")
    assert change is not None
    assert change.findtext("missionName") == "citrap"
    assert change.findtext("creatorUid") == "UID-kiwi"
    assert change.findtext("contentResource/uid") == "R-1"
    assert change.findtext("contentResource/name") == "R-1.zip"
    assert (told(kea), told(tui)) == ([], [])  # who did not ask, who is in another group
    await api.does("moa", "DELETE", f"{subscribe}?uid=UID-moa")
    await api.does("moa", "DELETE", f"{subscribe}?uid=UID-moa", 404)
    await file(api, id="R-2")
    api.node.tick()
    assert told(moa) == []


async def test_who_fetched_a_report_is_told_what_becomes_of_it(api: Marti) -> None:
    _, moa = api.on_air("moa")
    _, weka = api.on_air("weka")
    _, kiwi = api.on_air("kiwi")
    await file(api, id="R-1")
    await file(api, id="R-2")
    await api.does("moa", "GET", f"{PATH}/R-1?clientUid=UID-moa")
    await api.get("weka", f"{PATH}?subscribe=true&clientUid=UID-weka&maxReportCount=9")
    await api.does("weka", "PUT", "/Marti/api/missions/citrap/subscription?uid=UID-weka", 201)
    for each in ("R-1", "R-2"):
        await api.does("kiwi", "PUT", f"{PATH}/{each}", content=a_report(title="Out"), headers=XML)
    api.node.tick()
    changes = [("t-x-m-c", each, "ADD_CONTENT") for each in ("R-1", "R-2")]
    assert (told(moa), told(weka), told(kiwi)) == (changes[:1], changes, changes)
    await api.does("weka", "DELETE", f"{PATH}/R-1")
    api.node.tick()
    gone = ("t-x-m-d", "R-1", "")
    assert (told(moa), told(kiwi)) == ([gone], [gone])
    assert told(weka) == [gone, ("t-x-m-c", "citrap", "REMOVE_CONTENT")]


async def test_a_report_of_an_exercise_is_announced_with_its_mark_to_who_takes_part(
    api: Marti,
) -> None:
    _, moa = api.on_air("moa")
    _, pukeko = api.on_air("pukeko")
    for who in ("moa", "pukeko"):
        await api.does(who, "PUT", f"/Marti/api/missions/citrap/subscription?uid=UID-{who}", 201)
    await file(api, "pukeko", opex="e-TASMAN")
    api.node.tick()
    (sent,) = notices(pukeko)
    assert etree.fromstring(sent.text.encode()).get("opex") == "e-TASMAN"
    assert told(moa) == []


async def test_nobody_is_told_under_anothers_uid(api: Marti) -> None:
    _, kiwi = api.on_air("kiwi")
    await api.does("moa", "PUT", "/Marti/api/missions/citrap/subscription?uid=UID-kiwi", 403)
    await api.does("moa", "PUT", "/Marti/api/missions/citrap/subscription", 400)
    await file(api, "weka", id="R-1")
    await api.does("moa", "GET", f"{PATH}/R-1?clientUid=UID-kiwi")
    await api.does("weka", "PUT", f"{PATH}/R-1", content=a_report(title="Out"), headers=XML)
    api.node.tick()
    assert told(kiwi) == []


async def test_who_shares_no_group_takes_nothing_from_whose_uid_it_is(api: Marti) -> None:
    """Nor does he learn that it is anybody's."""
    subscribe = "/Marti/api/missions/citrap/subscription?uid=UID-moa"
    _, moa = api.on_air("moa")
    for who in ("moa", "tui"):
        await api.does(who, "PUT", subscribe, 201)
    await file(api, "tui", id="R-1")
    await file(api, "kiwi", id="R-2")
    api.node.tick()
    assert told(moa) == [("t-x-m-c", "citrap", "ADD_CONTENT")]  # of Blue, not of Red
    await api.does("tui", "DELETE", subscribe)
    await file(api, "kiwi", id="R-3")
    api.node.tick()
    assert len(told(moa)) == 1


async def test_no_mission_is_called_as_the_reports_are(api: Marti) -> None:
    said = await api.does("kiwi", "PUT", "/Marti/api/missions/CITRAP?creatorUid=U", 400)
    assert "there is a path of that name" in str(said)


async def test_no_report_is_on_the_picture(api: Marti) -> None:
    """By default there as here: CoreConfig.xsd, citrap, enableNotifications."""
    _, moa = api.on_air("moa")
    await file(api, id="R-1")
    api.node.tick()
    assert moa.take() == []
    await api.does("moa", "GET", "/Marti/api/cot/xml/R-1", 404)
