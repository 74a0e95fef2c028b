"""Video connections as ATAK reads them in XML, and as CloudTAK keeps them in JSON."""

import pytest
from lxml import etree

from accord.storage import videos
from support.marti import Marti

VIDEO = "/Marti/api/video"
FEED = {"uuid": "f1", "alias": "Bow", "url": "rtsp://camera.example:554/bow?x=1", "active": True}
CONNECTION = {"uuid": "v1", "active": True, "alias": "Ship", "feeds": [FEED]}


def put(**changes: object) -> dict[str, object]:
    return {"videoConnections": [{**CONNECTION, **changes}]}


async def test_a_connection_comes_back_with_every_key_that_node_tak_knows(api: Marti) -> None:
    await api.does("kiwi", "POST", VIDEO, json=put())
    (got,) = (await api.get("moa", VIDEO))["videoConnections"]
    assert set(got) == {"uuid", "active", "alias", "thumbnail", "classification", "feeds"}
    (feed,) = got["feeds"]
    assert set(feed) == {
        "uuid", "active", "alias", "url", "order", "macAddress", "roverPort", "ignoreEmbeddedKLV",
        "source", "networkTimeout", "bufferTime", "rtspReliable", "thumbnail", "classification",
        "latitude", "longitude", "fov", "heading", "range", "width", "height", "bitrate",
    }  # fmt: skip
    assert (feed["url"], feed["macAddress"], feed["source"]) == (FEED["url"], "", None)
    assert await api.get("moa", f"{VIDEO}/v1") == got


async def test_atak_reads_the_same_as_xml(api: Marti) -> None:
    await api.does("kiwi", "POST", VIDEO, json=put())
    answer = await api.ask("moa", "GET", "/Marti/vcm")
    root = etree.fromstring(answer.content)
    assert root.tag == "videoConnections"
    (feed,) = root
    said = {each.tag: each.text for each in feed}
    assert (said["protocol"], said["address"], said["port"], said["path"], said["alias"]) == (
        "rtsp", "camera.example", "554", "/bow?x=1", "Bow",
    )  # fmt: skip


async def test_nobody_sees_a_video_of_groups_that_he_is_not_in(api: Marti) -> None:
    await api.does("kiwi", "POST", f"{VIDEO}?group=Blue", json=put())
    assert (await api.get("tui", VIDEO))["videoConnections"] == []
    assert b"feed" not in (await api.ask("tui", "GET", "/Marti/vcm")).content
    await api.does("tui", "GET", f"{VIDEO}/v1", 404)
    # Nor is told of it by a uuid that is taken.
    await api.does("tui", "POST", VIDEO, json=put(alias="mine"))
    assert (await api.get("tui", f"{VIDEO}/v1"))["alias"] == "mine"
    assert (await api.get("kiwi", f"{VIDEO}/v1"))["alias"] == "Ship"
    await api.does("moa", "POST", VIDEO, 409, json=put(alias="mine now"))
    await api.does("tui", "DELETE", f"{VIDEO}/v1")
    assert (await api.get("kiwi", f"{VIDEO}/v1"))["alias"] == "Ship"
    await api.does("kiwi", "POST", f"{VIDEO}?group=Red", 403, json=put())
    await api.does("ruru", "POST", VIDEO, 403, json=put(uuid="v2"))


async def test_only_its_owner_changes_a_video_and_an_administrator_deletes_it(api: Marti) -> None:
    await api.does("kiwi", "POST", VIDEO, json=put())
    changed = {**CONNECTION, "alias": "Boat"}
    await api.does("moa", "PUT", f"{VIDEO}/v1", 403, json=changed)
    await api.does("kiwi", "PUT", f"{VIDEO}/v1", json=changed)
    assert (await api.get("moa", f"{VIDEO}/v1"))["alias"] == "Boat"
    await api.does("moa", "DELETE", f"{VIDEO}/v1", 403)
    await api.does("weka", "DELETE", f"{VIDEO}/v1")
    await api.does("kiwi", "GET", f"{VIDEO}/v1", 404)


async def test_a_list_can_be_of_one_protocol(api: Marti) -> None:
    await api.does("kiwi", "POST", VIDEO, json=put())
    assert len((await api.get("kiwi", f"{VIDEO}?protocol=RTSP"))["videoConnections"]) == 1
    assert (await api.get("kiwi", f"{VIDEO}?protocol=srt"))["videoConnections"] == []


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"videoConnections": []}, {"videoConnections": [1]}, put(feeds=None),
        put(feeds=[{"alias": "x", "url": "nowhere"}]), put(feeds=[{"alias": "x", "url": "//[x"}]),
        put(alias=3), put(feeds=[{"url": "rtsp://x"}]),
    ],
)  # fmt: skip
async def test_what_is_no_connection_is_refused(api: Marti, body: object) -> None:
    await api.does("kiwi", "POST", VIDEO, 400, json=body)
    assert (await api.get("kiwi", VIDEO))["videoConnections"] == []


async def test_there_are_so_many_and_a_strange_port_is_no_failure(
    api: Marti, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "MAX_VIDEOS", 1)
    strange = {**FEED, "url": "udp://239.1.1.1:99999"}
    await api.does("kiwi", "POST", VIDEO, json=put(feeds=[strange]))
    await api.does("kiwi", "POST", VIDEO, 507, json=put(uuid="v2"))
    assert b"<port>-1</port>" in (await api.ask("kiwi", "GET", "/Marti/vcm")).content


async def test_who_sees_two_of_one_uuid_finds_his_own(api: Marti) -> None:
    await api.does("kiwi", "POST", VIDEO, json=put())
    await api.does("tui", "POST", VIDEO, json=put(alias="Tug"))
    assert len((await api.get("kea", VIDEO))["videoConnections"]) == 2
    assert (await api.get("kea", f"{VIDEO}/v1"))["alias"] == "Ship"
    await api.does("kea", "PUT", f"{VIDEO}/v1", 403, json={**CONNECTION, "alias": "x"})


async def test_both_lists_say_the_user_and_password_of_a_camera(api: Marti) -> None:
    url = "rtsp://u:p@[2001:db8::1]:554/bow"
    feeds = [{"alias": "Bow", "url": url}, {"alias": "Stern", "url": "rtsp://u@cam/x"}]
    await api.does("kiwi", "POST", VIDEO, json=put(feeds=feeds))
    root = etree.fromstring((await api.ask("moa", "GET", "/Marti/vcm")).content)
    assert [each.text for each in root.iter("address")] == ["u:p@2001:db8::1", "u@cam"]
    (got,) = (await api.get("moa", VIDEO))["videoConnections"]
    assert got["feeds"][0]["url"] == url


async def test_nothing_of_a_url_is_lost_in_the_form_of_atak(api: Marti) -> None:
    urls = ["rtsp://cam:554/live?ch=1#t=0", "rtsp://cam/a#b", "rtsp://cam/"]
    feeds = [{"alias": f"F{number}", "url": url} for number, url in enumerate(urls)]
    await api.does("kiwi", "POST", VIDEO, json=put(feeds=feeds))
    root = etree.fromstring((await api.ask("moa", "GET", "/Marti/vcm")).content)
    assert [each.text for each in root.iter("path")] == ["/live?ch=1#t=0", "/a#b", "/"]


def feed_xml(**said: str) -> bytes:
    """A document as ATAK writes one (TAK Server 5.7, public source: VideoConnections and Feed)."""
    feed = {
        "protocol": "rtsp", "alias": "Stern", "uid": "x1", "address": "camera.example",
        "port": "8554", "roverPort": "-1", "ignoreEmbeddedKLV": "false", "path": "stern",
        "buffer": "-1", "timeout": "5000", "rtspReliable": "0", "active": "true",
        "latitude": "-41.3", **said,
    }  # fmt: skip
    inside = "".join(f"<{key}>{value}</{key}>" for key, value in feed.items())
    return f"<videoConnections><feed>{inside}</feed></videoConnections>".encode()


async def test_a_feed_that_atak_sends_is_kept_told_in_both_forms_and_forgotten(api: Marti) -> None:
    await api.does("kiwi", "POST", "/Marti/vcm", content=feed_xml())
    (got,) = (await api.get("moa", VIDEO))["videoConnections"]
    assert (got["uuid"], got["alias"], got["active"]) == ("x1", "Stern", True)
    (one,) = got["feeds"]
    assert (one["url"], one["networkTimeout"], one["latitude"]) == (
        "rtsp://camera.example:8554/stern", "5000", "-41.3",
    )  # fmt: skip
    (feed,) = etree.fromstring((await api.ask("moa", "GET", "/Marti/vcm")).content)
    said = {each.tag: each.text for each in feed}
    assert (said["uid"], said["port"], said["path"], said["latitude"]) == (
        "x1", "8554", "/stern", "-41.3",
    )  # fmt: skip
    # Said again it is the same one, as it is now; another's stays his.
    await api.does("kiwi", "POST", "/Marti/vcm", content=feed_xml(alias="Wake", port="-1"))
    (again,) = (await api.get("moa", VIDEO))["videoConnections"]
    assert (again["alias"], again["feeds"][0]["url"]) == ("Wake", "rtsp://camera.example/stern")
    await api.does("moa", "POST", "/Marti/vcm", 409, content=feed_xml())
    switch = "/Marti/vcm?action=setActive&id=x1&active=false"
    await api.does("moa", "POST", switch, 403)
    await api.does("kiwi", "POST", switch)
    assert (await api.get("moa", f"{VIDEO}/x1"))["active"] is False
    await api.does("moa", "DELETE", "/Marti/vcm?id=x1", 403)
    await api.does("ruru", "DELETE", "/Marti/vcm?id=x1", 403)
    await api.does("kiwi", "DELETE", "/Marti/vcm", 400)
    await api.does("kiwi", "DELETE", "/Marti/vcm?id=x1")
    await api.does("kiwi", "DELETE", "/Marti/vcm?id=x1", 404)


@pytest.mark.parametrize(
    "body",
    [b"", b"<feed/>", b"<videoConnections/>", feed_xml(alias=""), feed_xml(protocol=""),
     feed_xml(address=""), b"<!DOCTYPE a [<!ENTITY b 'c'>]><videoConnections>&b;"],
)  # fmt: skip
async def test_what_is_no_list_of_feeds_is_refused(api: Marti, body: bytes) -> None:
    await api.does("kiwi", "POST", "/Marti/vcm", 400, content=body)
    await api.does("ruru", "POST", "/Marti/vcm", 403, content=feed_xml())
