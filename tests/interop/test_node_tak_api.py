"""node-tak, the library under CloudTAK: every command of its API that this node answers."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.tak.packages import data_package
from support.nmea import encoded
from support.node_process import NodeProcess
from support.other_client import HERE, NODE_JS, other_client, position_now, require_node_tak

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def _installed() -> None:
    require_node_tak()


def asked(node: NodeProcess, log: Path) -> dict[str, Any]:
    """What became of each command: its value, or its error."""
    kiwi = node.add_client("kiwi-1")
    node.add_client("moa-1")
    package = data_package({"plan.pdf": b"%PDF"}, uid="p", name="plans")
    given = {
        "url": f"https://{node.target('api')}",
        "cert": kiwi.certificate.read_text(),
        "key": kiwi.key.read_text(),
        "uid": "NODE-1",
        "other": "moa-1",
        "pack": base64.b64encode(package).decode(),
    }
    stream = {**given, "url": f"ssl://{node.target('cot-tls')}", "ca": kiwi.authority.read_text()}
    found: dict[str, Any] = {}
    streaming = [NODE_JS, HERE / "node" / "stream.mjs", json.dumps(stream)]
    with other_client(streaming, log.with_name("stream.log")) as on_air:
        on_air.hear("open")
        on_air.say(xml=[position_now("NODE-1", "KIWI 1")])
        on_air.hear("version", "Accord")  # with a later ping: it has been taken in
        asking = [NODE_JS, HERE / "node" / "marti.mjs", json.dumps(given)]
        with other_client(asking, log) as client:
            client.hear("done")
            for line in client.heard():
                found[line["step"]] = line
    return found


def test_node_tak_finds_every_command_answered_as_its_schemas_have_it(
    node: NodeProcess, tmp_path: Path
) -> None:
    found = asked(node, tmp_path / "log")
    assert {name: line["error"] for name, line in found.items() if "error" in line} == {}
    value = {name: line["value"] for name, line in found.items()}
    assert len(value) == 73
    assert [each["uid"] for each in value["Client.list"]["data"]] == ["NODE-1"]
    assert value["Package.list"] == ["note.txt", "pack ā.zip"]
    assert value["Files.download"] == "PK not looked into"
    assert value["Query.singleFeat"]["properties"]["callsign"] == "KIWI 1"
    assert len(value["Query.historyFeats"]) >= 1
    assert "<name>KIWI 1</name>" in value["Export.export"]
    assert value["Iconsets.list"]["data"] == value["Injectors.list"]["data"] == []
    assert value["Mission.create"]["keywords"] == ["sea"]
    assert value["Mission.update"]["description"] == "of the strait"
    assert value["Mission.role"]["type"] == "MISSION_OWNER"
    assert [each["data"] for each in value["Mission.contents"]["uids"]] == ["NODE-1"]
    assert [each["id"] for each in value["Mission.latestFeats"]] == ["NODE-1"]
    assert [each["type"] for each in value["Mission.changes"]["data"]] == [
        "ADD_CONTENT", "ADD_CONTENT", "CREATE_MISSION",
    ]  # fmt: skip
    with_package = value["Mission.contents with those of a package"]["contents"]
    assert sorted(each["data"]["name"] for each in with_package) == ["pack ā.zip", "plan.pdf"]
    assert value["Mission.getArchive"] == "PK"
    assert value["MissionLayer.listAsPathMap"] == [
        "/Bay%20%C4%81/", "/Bay%20%C4%81/Old%20marks/", "/Marks/",
    ]  # fmt: skip
    marks = value["MissionLayer.get"]["data"]
    assert (marks["name"], [each["data"] for each in marks["uids"]]) == ("Buoys", ["NODE-1"])
    assert value["MissionLayer.isEmpty"] == [False, False]
    assert value["MissionLayer.latestFeats"] == ["NODE-1"]
    assert value["MissionLayer.list of none"]["data"] == []
    assert value["MissionLog.update"]["data"]["content"] == "three sails"
    assert value["Mission.access to what was deleted"] is False


FEED = """
[feed.harbour]
format = "ais"
transport = "file"
address = "harbour.nmea"
groups = ["Blue"]
loop = true
named = true
"""


def test_node_tak_reads_a_mission_that_is_about_a_data_feed(
    node: NodeProcess, tmp_path: Path
) -> None:
    node.stop()
    with (node.directory / "accord.toml").open("a") as settings:
        settings.write(FEED)
    ships = encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8, course=0, speed=5)
    line = ships.strip() + b",1577836800\r\n"
    (node.directory / "harbour.nmea").write_bytes(line)
    node.start()
    kiwi = node.add_client("kiwi-1")
    given = {
        "url": f"https://{node.target('api')}",
        "cert": kiwi.certificate.read_text(),
        "key": kiwi.key.read_text(),
        "uid": "NODE-1",
    }
    asking = [NODE_JS, HERE / "node" / "feeds.mjs", json.dumps(given)]
    with other_client(asking, tmp_path / "log") as client:
        client.hear("done")
        lines = client.heard()
    assert [each for each in lines if "error" in each] == []
    value = {each["step"]: each["value"] for each in lines}
    (feed,) = value["datafeeds"]["data"]
    assert value["feed"] == 200
    for step in ("Mission.get", "Mission.update"):
        (told,) = value[step]["feeds"]
        assert (told["dataFeedUid"], told["name"]) == (feed["uuid"], "harbour")
        assert told["filterPolygon"].startswith("-41.0 174.0,")
    assert value["Mission.update"]["description"] == "of ships"
    assert [each["type"] for each in value["Mission.changes"]["data"]] == [
        "CREATE_DATA_FEED", "CREATE_MISSION",
    ]  # fmt: skip
    # On the stream node-tak reads which feed it was.
    stream = {**given, "url": f"ssl://{node.target('cot-tls')}", "ca": kiwi.authority.read_text()}
    streaming = [NODE_JS, HERE / "node" / "stream.mjs", json.dumps(stream)]
    with other_client(streaming, tmp_path / "stream.log") as on_air:
        ship = etree.fromstring(on_air.hear("heard", "MMSI-512000001"))
        source = ship.find("detail/source")
        assert source is not None
        assert (source.get("type"), source.get("uid")) == ("dataFeed", feed["uuid"])
