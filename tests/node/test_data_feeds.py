"""Data feeds of a node that runs: in a mission, and on the stream, over TLS as TAK clients ask."""

import socket
from pathlib import Path
from typing import Any

import httpx

from accord.core.data_feed import data_feed_uid
from support.in_process import InProcess, make_node, running
from support.nmea import encoded
from support.tak_client import TakClient, connected

MISSION = "/Marti/api/missions/Harbour"
UID = data_feed_uid("NZL-X", "harbour")
FEED = """
[feed.harbour]
format = "ais"
transport = "udp"
address = "127.0.0.1:{port}"
groups = ["Blue"]
named = true
"""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def says(port: int, lat: float) -> None:
    line = encoded(type=1, mmsi=512000001, lat=lat, lon=174.8, course=0, speed=5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(line, ("127.0.0.1", port))


def phone(node: InProcess, tls: Any) -> httpx.AsyncClient:
    host, port = node.addresses["api"]
    return httpx.AsyncClient(base_url=f"https://{host}:{port}", verify=tls, timeout=60)


def sources(client: TakClient) -> list[dict[str, str]]:
    """What each position of the ship says of where it comes from."""
    ships = [each for each in client.heard if each.get("uid") == "MMSI-512000001"]
    found = [each.find("detail/source") for each in ships]
    return [{str(k): str(v) for k, v in each.attrib.items()} for each in found if each is not None]


async def test_a_mission_names_a_feed_and_who_hears_it_hears_it_once(tmp_path: Path) -> None:
    port = free_port()
    directory = make_node(tmp_path / "node", more=FEED.format(port=port))
    async with running(directory) as node:
        blue, both = node.add_client("kiwi"), node.add_client("kea", "Blue")
        red = node.add_client("tui", "Red")
        at = node.addresses["cot-tls"]
        async with (
            connected(at, blue) as member,
            connected(at, both) as other,
            connected(at, red) as stranger,
            phone(node, blue) as asking,
            phone(node, red) as outside,
        ):
            (told,) = (await asking.get("/Marti/api/datafeeds")).json()["data"]
            assert (told["uuid"], told["name"], told["tags"]) == (UID, "harbour", ["ais"])
            assert (await outside.get("/Marti/api/datafeeds")).json()["data"] == []
            made = await asking.put(MISSION, params={"creatorUid": "kiwi-phone"})
            assert made.status_code == 201
            put = await asking.post(
                f"{MISSION}/feed", params={"creatorUid": "kiwi-phone", "dataFeedUid": UID}
            )
            assert put.status_code == 200, put.text
            (feed,) = (await asking.get(MISSION)).json()["data"][0]["feeds"]
            assert (feed["dataFeedUid"], feed["name"]) == (UID, "harbour")
            says(port, -41.28)
            # Who takes part and who does not: each who hears the group hears it, once.
            for each in (member, other):
                await each.hears("MMSI-512000001")
                await each.is_taken_in()
                assert sources(each) == [{"type": "dataFeed", "name": "harbour", "uid": UID}]
            await stranger.is_taken_in()
            assert "MMSI-512000001" not in stranger.uids
        # It is kept, and what is on the picture again says where it came from.
    async with running(directory) as node, phone(node, blue) as asking:
        assert (await asking.get(MISSION)).json()["data"][0]["feeds"] == [feed]
        async with connected(node.addresses["cot-tls"], both) as late:
            await late.hears("MMSI-512000001")
            assert sources(late) == [{"type": "dataFeed", "name": "harbour", "uid": UID}]
