"""GDAL's OAPIF driver (Debian gdal-bin) lists, filters and reads the picture of a node."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from accord.node.history_process import HISTORY
from support.moving import SIX, Kept, a_row
from support.node_process import NodeProcess, accord_well, running_node
from support.tak_client import event

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

WITHIN = 120.0


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeProcess]:
    if shutil.which("ogrinfo") is None:
        pytest.skip("there is no ogrinfo here (Debian: apt-get install gdal-bin)")
    with running_node(tmp_path / "node") as process:
        yield process


def cookie(node: NodeProcess) -> str:
    """Sign in as a user who hears what is said without a certificate."""
    said = accord_well("user", "add", node.directory, "gis", "--group", "Everyone", "--generate")
    (password,) = re.findall(r"(?m)^\s*password\s+(\S+)", said)
    base = f"https://{node.target('api')}"
    trust = ssl.create_default_context(cafile=node.directory / "authority" / "ca.pem")
    answer = httpx.post(
        f"{base}/api/v1/session",
        json={"name": "gis", "password": password},
        headers={"Origin": base},
        verify=trust,
    )
    assert answer.status_code == 200, answer.text
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


class Gdal:
    """ogrinfo, as a user of the node."""

    def __init__(self, node: NodeProcess) -> None:
        self._url = f"OAPIF:https://{node.target('api')}/ogc"
        self._environment = {
            **os.environ,
            "CURL_CA_BUNDLE": str(node.directory / "authority" / "ca.pem"),
            "GDAL_HTTP_HEADERS": f"Cookie: {cookie(node)}",
        }

    def of(self, datetime: str) -> "Gdal":
        """Return it as it asks for a time: by the address that it opens."""
        other = copy(self)
        other._url = f"{self._url}?datetime={datetime}"
        return other

    def info(self, *arguments: str) -> str:
        return self._run("ogrinfo", "-ro", self._url, *arguments)

    def translated(self, layer: str) -> str:
        """Read a layer and write it as GeoJSON."""
        return self._run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", self._url, layer)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=WITHIN,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def uids(self, layer: str, *arguments: str) -> set[str]:
        return set(re.findall(r"(?m)^  uid \(String\) = (.*)$", self.info(layer, *arguments)))


def test_gdal_lists_filters_and_reads_both_collections(node: NodeProcess) -> None:
    ships = [event(f"SHIP-{number}", "a-n-S-X") for number in range(5)]
    far = event("FAR", "a-n-S-X").replace(b'lat="-41.28"', b'lat="10.0"')
    gdal = Gdal(node)
    with socket.create_connection(node.address("cot-tcp")) as speaker:
        speaker.sendall(b"".join([*ships, far]))
        everything = {*(f"SHIP-{number}" for number in range(5)), "FAR"}
        while gdal.uids("tracks") != everything:
            continue
        layers = gdal.info()
        assert "tracks" in layers
        assert "positions" in layers
        near = everything - {"FAR"}
        assert gdal.uids("tracks", "-spat", "174", "-42", "175", "-41") == near
        assert gdal.uids("tracks", "-oo", "PAGE_SIZE=2") == everything  # by the links `next`
        while gdal.uids("positions") != everything:
            continue
        assert "POINT (174.77 -41.28)" in gdal.info("positions")


@pytest.fixture
def long_ago(tmp_path: Path) -> Iterator[tuple[Gdal, datetime]]:
    """GDAL at a node whose history has three ships of three days ago, a minute apart.

    Its journal never had them, and the last hour has nothing.
    """
    if shutil.which("ogrinfo") is None:
        pytest.skip("there is no ogrinfo here (Debian: apt-get install gdal-bin)")
    with running_node(tmp_path / "node") as process:
        process.stop()
        settings = process.directory / "accord.toml"
        text, count = re.subn(r"(?m)^\[history\]$", "[history]\nkeep = true", settings.read_text())
        assert count == 1
        settings.write_text(text)
        then = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)  # noqa: TID251  as GDAL's user
        begin = then.timestamp() - SIX
        ships = (
            a_row(
                begin + 60 * n,
                f"OLD-{n}",
                lat=-41.0 - n,
                lon=174.0,
                sequence=n + 1,
                groups=(group,),
            )
            for n, group in enumerate(("Everyone", "Everyone", "Everyone", "Red"))
        )
        Kept(process.directory / HISTORY).take_in(*ships, batch=0)
        process.start()
        yield Gdal(process), then


def test_gdal_lists_filters_and_reads_what_only_the_history_has(
    long_ago: tuple[Gdal, datetime],
) -> None:
    gdal, then = long_ago
    assert "received: DateTime" in gdal.info("positions", "-so")  # by the schema
    assert gdal.uids("positions") == set()
    open_end, minute = gdal.of(f"{stamp(then)}/.."), gdal.of(f"{stamp(then)}/{stamp(then, 60)}")
    everything = {"OLD-0", "OLD-1", "OLD-2"}
    assert "positions" in open_end.info()
    assert open_end.uids("positions") == everything
    assert open_end.uids("positions", "-oo", "PAGE_SIZE=1") == everything  # by the links `next`
    assert minute.uids("positions") == {"OLD-0", "OLD-1"}
    assert open_end.uids("positions", "-spat", "170", "-42.5", "180", "-41.5") == {"OLD-1"}
    assert open_end.uids("positions", "-where", "uid = 'OLD-2'") == {"OLD-2"}
    read = json.loads(open_end.translated("positions"))["features"]
    assert [each["properties"]["uid"] for each in read] == sorted(everything)
    assert [each["geometry"]["coordinates"] for each in read] == [
        [174.0, -41.0], [174.0, -42.0], [174.0, -43.0]
    ]  # fmt: skip
    assert datetime.fromisoformat(read[1]["properties"]["received"]) == then + timedelta(minutes=1)


def stamp(at: datetime, seconds: float = 0) -> str:
    return f"{at + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
