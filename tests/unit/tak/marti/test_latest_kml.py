"""KML of what is where now (TAK Server 5.7: LatestKMLServlet, KmlMasterSaServlet)."""

from dataclasses import replace

import pytest
from lxml import etree

from accord.tak.marti import latest_kml
from support.cot import cot_xml
from support.marti import Marti

LATEST = "/Marti/LatestKML"
KML = {"k": "http://www.opengis.net/kml/2.2"}


async def names(api: Marti, who: str = "moa", **asked: str) -> list[str]:
    answer = await api.ask(who, "GET", LATEST, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.google-earth.kml+xml"
    root = etree.fromstring(answer.content)
    return [mark.findtext("k:name", "", KML) for mark in root.iterfind(".//k:Placemark", KML)]


async def test_the_newest_of_each_thing_is_told_to_who_hears_its_groups(api: Marti) -> None:
    kiwi, _ = api.on_air("kiwi")
    tui, _ = api.on_air("tui")
    kiwi.receive(cot_xml("BUOY", "b-m-p-s-m"))
    tui.receive(cot_xml("HOSTILE", "a-h-S"))
    pukeko, _ = api.on_air("pukeko")
    pukeko.receive(cot_xml("TRAINING", "a-f-S", more='opex="e-TASMAN"'))
    assert len(api.node.picture.everything()) == 6
    assert sorted(await names(api)) == ["BUOY", "KIWI", "PUKEKO"]
    assert sorted(await names(api, "kea")) == ["BUOY", "HOSTILE", "KIWI", "PUKEKO", "TUI"]
    assert await names(api, "kea", cotType="a-h") == ["HOSTILE"]
    assert await names(api, "kea", cotType="a-n") == []
    api.node.clock.advance(seconds=60)
    kiwi.receive(cot_xml("LATER", "a-f-S"))
    assert await names(api, secago="30") == ["LATER"]
    assert len(await names(api, secago="90")) == 4


async def test_what_a_partner_released_is_not_told_as_a_point(api: Marti) -> None:
    api.on_air("kiwi")
    (track,) = api.node.picture.everything()
    source = replace(track.lead.source, channel="partner:AUS")
    api.node.picture.apply(replace(track.lead, uid="THEIRS", source=source))
    assert len(api.node.picture.everything()) == 2
    assert await names(api) == ["KIWI"]


async def test_no_more_is_told_than_the_last(api: Marti, monkeypatch: pytest.MonkeyPatch) -> None:
    kiwi, _ = api.on_air("kiwi")
    api.node.clock.advance(seconds=1)
    kiwi.receive(cot_xml("LATER", "a-f-S"))
    monkeypatch.setattr(latest_kml, "MOST", 1)
    assert await names(api) == ["LATER"]


async def test_links_lead_to_each_sort_at_this_node(api: Marti) -> None:
    answer = await api.ask("moa", "POST", "/Marti/KmlMasterSA?secago=30")
    root = etree.fromstring(answer.content)
    links = {
        link.findtext("k:name", "", KML): (
            link.findtext("k:Link/k:href", "", KML), link.findtext("k:visibility", "", KML),
            link.findtext("k:Link/k:refreshInterval", "", KML),
        )
        for link in root.iterfind(".//k:NetworkLink", KML)
    }  # fmt: skip
    assert list(links) == ["Friendlies", "Neutrals", "Unknowns", "Hostiles", "Routes"]
    at = f"https://node:8443{LATEST}"
    assert links["Friendlies"] == (f"{at}?cotType=a-f&secago=30", "1", "30")
    assert links["Routes"] == (f"{at}?cotType=b-m-r&secago=30", "0", "30")
    other = await api.ask("moa", "GET", "/Marti/KmlMasterSA", headers={"host": "elsewhere"})
    assert b"elsewhere" not in other.content
    assert b"<refreshInterval>60<" in other.content


@pytest.mark.parametrize("asked", [{"secago": "-1"}, {"secago": "x"}, {"cotType": "a" * 129}])
async def test_what_cannot_be_read_is_refused(api: Marti, asked: dict[str, str]) -> None:
    await api.does("moa", "GET", LATEST, 400, params=asked)
