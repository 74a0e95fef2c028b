"""GDAL's OAPIF driver (Debian gdal-bin) lists, filters and reads the picture of a node."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

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

    def info(self, *arguments: str) -> str:
        done = subprocess.run(
            ["ogrinfo", "-ro", self._url, *arguments],
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
