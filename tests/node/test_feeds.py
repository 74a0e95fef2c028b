"""Machine feeds of a node that runs: in by their transports, out to plotters and a GIS."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyais
import pytest

from accord.core.clock import SystemClock
from support.dis import entity_state
from support.in_process import FREE, InProcess, ask, make_node, running
from support.mqtt import Broker, publish
from support.nmea import encoded, sentence

SEEN_WITHIN = 60.0
RULES = """
rule harbour
  when inside circle -41.28 174.80 0.1 NM
  say call the pilot
"""
ODD = b"*8d40621d58c386435cc412692ad6;\n"
EVEN = b"*8d40621d58c382d690c8ac2863a7;\n"
RMC = sentence("GPRMC,030405,A,4116.8,S,17446.2,E,5,84,020126", "$")


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Fed:
    """A node with feeds, and where each is fed."""

    node: InProcess
    udp: int
    tcp: int
    asking: httpx.AsyncClient

    def sends(self, *datagrams: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for each in datagrams:
                sender.sendto(each, ("127.0.0.1", self.udp))

    async def features(self, collection: str, **parameters: str) -> dict[str, dict[str, Any]]:
        path = f"/ogc/collections/{collection}/items"
        answer = await self.asking.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return {each["properties"]["uid"]: each["properties"] for each in answer.json()["features"]}

    async def until_seen(self, collection: str, *uids: str) -> dict[str, dict[str, Any]]:
        async with asyncio.timeout(SEEN_WITHIN):
            while True:
                found = await self.features(collection)
                if found.keys() >= set(uids):
                    return found
                await asyncio.sleep(0.05)


@asynccontextmanager
async def fed(directory: Path) -> AsyncGenerator[Fed]:
    udp, tcp = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    (directory / "chart.geojson").write_text(
        '{"type": "Feature", "id": "wreck", "properties": {"name": "Wreck"},'
        ' "geometry": {"type": "Point", "coordinates": [174.9, -41.4]}}'
    )
    own = directory / "accord.toml"
    own.write_text(own.read_text().partition("\n[feed.")[0])
    with own.open("a") as settings:
        for name, kind, way, where in (
            ("harbour", "ais", "udp", f"127.0.0.1:{udp}"),
            ("air", "avr", "tcp-server", f"127.0.0.1:{tcp}"),
            ("chart", "geojson", "file", "chart.geojson"),
        ):
            settings.write(
                f'\n[feed.{name}]\nformat = "{kind}"\ntransport = "{way}"\naddress = "{where}"\n'
                'groups = ["Blue", "Everyone"]\n'
            )
    async with running(directory, **{"listen.ais": FREE}) as node:
        tls = node.add_client(f"kiwi-{tcp}")
        host, port = node.addresses["api"]
        async with httpx.AsyncClient(base_url=f"https://{host}:{port}", verify=tls) as asking:
            yield Fed(node, udp, tcp, asking)


PLOT = bytes.fromhex("30001cfd9419c9465040a060671de9020004b0c81234004d06662000")
"""Of radar 25/201 at 41.3 S 174.8 E: an aircraft at 40.1 S 176.2 E (tests/golden/asterix)."""

TIME_OF_DAY = slice(7, 10)
"""Where I048/140 stands in it: 1/128 s since midnight, UTC."""


def plot_now() -> bytes:
    now = SystemClock().now()
    since = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    said = bytearray(PLOT)
    said[TIME_OF_DAY] = int(since * 128).to_bytes(3, "big")
    return bytes(said)


@asynccontextmanager
async def fed_by_machines(
    directory: Path, broker: int, *, radar: int, sim: int
) -> AsyncGenerator[tuple[httpx.AsyncClient, InProcess]]:
    own = directory / "accord.toml"
    own.write_text(own.read_text().partition("\n[feed.")[0])
    with own.open("a") as settings:
        for name, kind, way, where, more in (
            (
                "radar",
                "asterix",
                "udp",
                f"127.0.0.1:{radar}",
                'radars = ["25/201 -41.3 174.8 500"]',
            ),
            ("sim", "dis", "udp", f"127.0.0.1:{sim}", ""),
            ("vans", "json", "mqtt", f"mqtt://127.0.0.1:{broker}/vans/#", 'fields = ["id = no"]'),
        ):
            settings.write(
                f'\n[feed.{name}]\nformat = "{kind}"\ntransport = "{way}"\naddress = "{where}"\n'
                f'groups = ["Blue"]\n{more}\n'
            )
    async with running(directory) as node:
        tls = node.add_client(f"kiwi-{broker}", exercises=frozenset({"UNNAMED"}))
        host, port = node.addresses["api"]
        async with httpx.AsyncClient(base_url=f"https://{host}:{port}", verify=tls) as asking:
            yield asking, node


async def tracks_of(asking: httpx.AsyncClient, context: str) -> set[str]:
    answer = await asking.get("/ogc/collections/tracks/items", params={"context": context})
    assert answer.status_code == 200, answer.text
    return {each["properties"]["uid"] for each in answer.json()["features"]}


async def test_a_radar_is_live_a_broker_is_heard_and_a_simulation_is_an_exercise(
    directory: Path,
) -> None:
    radar, sim = (free_port(socket.SOCK_DGRAM) for _ in range(2))
    live = {"ICAO-C81234", "JSON-vans-7"}
    async with (
        Broker(sends=publish("vans/7", b'{"no": 7, "lat": -41.3, "lon": 174.8}')) as broker,
        fed_by_machines(directory, broker.port, radar=radar, sim=sim) as (asking, _),
    ):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            async with asyncio.timeout(SEEN_WITHIN):
                found = simulated = set[str]()
                while not (found >= live and simulated):
                    sender.sendto(plot_now(), ("127.0.0.1", radar))
                    sender.sendto(entity_state(), ("127.0.0.1", sim))
                    await asyncio.sleep(0.1)
                    found = await tracks_of(asking, "live")
                    simulated = await tracks_of(asking, "exercise:UNNAMED")
        assert simulated == {"DIS-42.4.1"}
        assert not found & simulated
    # What was kept of them is there again, and the simulation is still no live track.
    async with (
        Broker() as broker,
        fed_by_machines(directory, broker.port, radar=radar, sim=sim) as (asking, _),
    ):
        async with asyncio.timeout(SEEN_WITHIN):
            while True:
                if await tracks_of(asking, "live") >= live:
                    break
                await asyncio.sleep(0.05)
        assert await tracks_of(asking, "exercise:UNNAMED") == {"DIS-42.4.1"}
        assert "DIS-42.4.1" not in await tracks_of(asking, "live")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = make_node(tmp_path / "node")
    (made / "watch.rules").write_text(RULES)
    return made


async def test_what_feeds_bring_is_on_the_picture_for_plotters_and_a_gis(directory: Path) -> None:
    async with fed(directory) as it:
        plotter, writer = await asyncio.open_connection(*it.node.addresses["ais"])
        it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8, course=90, speed=5))
        _, receiver = await asyncio.open_connection("127.0.0.1", it.tcp)
        receiver.write(ODD + EVEN)
        uids = ("MMSI-512000001", "ICAO-40621D", "GEO-chart-wreck")
        found = await it.until_seen("tracks", *uids)
        assert found["MMSI-512000001"]["course"] == 90.0
        said = pyais.decode(await plotter.readuntil(b"\r\n")).asdict()
        assert (said["mmsi"], said["msg_type"]) == (512000001, 1)
        past = await it.until_seen("positions", "MMSI-512000001", "ICAO-40621D")
        assert past["ICAO-40621D"]["source"] == "feed:air"
        status = await ask(it.node, "/api/status")
        states = {each["channel"]: each["state"] for each in status["sources"]}
        assert states["feed:harbour"] == states["feed:air"] == "speaking"
        (plotters,) = (each for each in status["listeners"] if each["name"] == "ais")
        assert plotters["connections"] == 1
        for each in (writer, receiver):
            each.close()
    # What was kept of each format is on the picture again.
    async with fed(directory) as it:
        assert await it.until_seen("tracks", *uids)


async def test_a_rule_of_the_node_is_an_alert_that_ends(directory: Path) -> None:
    async with fed(directory) as it:
        it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8))
        alert = await alert_of(it, "unacknowledged")
        assert alert["text"] == "harbour: MMSI-512000001 is in the area. call the pilot"
        assert (alert["kind"], alert["uid"]) == ("rule", "MMSI-512000001")
        # 300 m: two fixes may lie so far apart; farther it were a second ship of that number.
        it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8036))
        assert await alert_of(it, "rectified")


async def alert_of(it: Fed, state: str) -> dict[str, Any]:
    async with asyncio.timeout(SEEN_WITHIN):
        while True:
            alerts = (await it.asking.get("/api/v1/alerts")).json()["alerts"]
            for each in alerts:
                if each["kind"] == "rule" and each["state"] == state:
                    return dict(each)
            await asyncio.sleep(0.05)


async def history_of(it: Fed, uid: str) -> list[dict[str, Any]]:
    answer = await it.asking.get(f"/api/v1/tracks/{uid}/history")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["positions"])


async def until_kept(it: Fed, uid: str) -> None:
    async with asyncio.timeout(SEEN_WITHIN):
        while not await history_of(it, uid):
            continue


async def courses_of(it: Fed) -> list[float]:
    return [each["course"] for each in await history_of(it, "MMSI-512000001")]


async def test_a_clock_that_was_ahead_for_a_moment_stops_no_feed(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timedelta()
    monkeypatch.setattr(
        SystemClock, "now", lambda _: datetime.now(UTC) + ahead  # noqa: TID251
    )  # fmt: skip
    async with fed(directory) as it:
        it.sends(encoded(type=1, mmsi=512000002, lat=-41.28, lon=174.8))
        await it.until_seen("tracks", "MMSI-512000002")
        await until_kept(it, "MMSI-512000002")
        ahead = timedelta(hours=2)
        it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8, course=90, speed=5))
        await it.until_seen("tracks", "MMSI-512000001")
        ahead = timedelta()
        async with asyncio.timeout(SEEN_WITHIN):
            while True:
                it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8, course=95, speed=5))
                found = await it.until_seen("tracks", "MMSI-512000001")
                if found["MMSI-512000001"]["course"] == 95.0:
                    break
                await asyncio.sleep(0.1)
        status = await ask(it.node, "/api/status")
        assert "this machine's clock was set back by " in " ".join(status["problems"])
        assert status["drops"]["failures"]["the clock was set back"] == 1
        # What is asked of the past knows nothing of a time to come, and all that came since.
        async with asyncio.timeout(SEEN_WITHIN):
            while (courses := await courses_of(it))[:2] != [90.0, 95.0]:
                continue
        assert set(courses) == {90.0, 95.0}
        held = (await it.asking.get("/api/v1/history")).json()
        assert held["to"] <= held["now"]
    # What was kept with times still to come does not stop it after a restart either.
    async with fed(directory) as it:
        it.sends(encoded(type=1, mmsi=512000001, lat=-41.28, lon=174.8, course=99, speed=5))
        async with asyncio.timeout(SEEN_WITHIN):
            found = await it.until_seen("tracks", "MMSI-512000001")
            while found["MMSI-512000001"]["course"] != 99.0:
                await asyncio.sleep(0.1)
                found = await it.until_seen("tracks", "MMSI-512000001")
