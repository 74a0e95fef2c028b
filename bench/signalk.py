"""Signal K's server on the same sentences: what it costs it to take them in, by its CPU time.

It is installed into a folder by npm (Apache-2.0), where it is not there, and run as it comes: NMEA
0183 by TCP, its default data model, its REST interface. The sentences are handed to it over a
connection that it makes; when its processor is idle again, they are taken in. Afterwards it is
asked how many of them it made something of: a delta for each message that it could read.
"""

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from procstat import sample
from websockets.sync.client import connect

PACKAGE = "signalk-server@2"
STARTS_WITHIN = 60.0
IDLE = 2.0
"""Seconds in which it uses less than a twentieth of a core: it has nothing left to do."""


class Taken(NamedTuple):
    """How many lines a second of CPU time, and how many messages it read of them."""

    rate: float
    decoded: int


def _settings(directory: Path, source: int) -> None:
    element = {
        "type": "providers/simple",
        "options": {
            "logging": False,
            "type": "NMEA0183",
            "subOptions": {
                "type": "tcp", "host": "127.0.0.1", "port": str(source), "validateChecksum": True,
            },
        },
    }  # fmt: skip
    provider = {"id": "bench", "enabled": True, "pipeElements": [element]}
    settings = {
        "interfaces": {}, "ssl": False, "mdns": False, "pipedProviders": [provider],
    }  # fmt: skip
    (directory / "settings.json").write_text(json.dumps(settings))


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _vessels(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/signalk/v1/api/vessels") as answer:
        return len(json.load(answer))


def _decoded(port: int) -> int:
    """Return how many messages of the feed became a delta, by its statistics of every 5 s."""
    url = f"ws://127.0.0.1:{port}/signalk/v1/stream?subscribe=none&serverevents=all"
    with connect(url) as socket_:
        while True:
            said = json.loads(socket_.recv(timeout=30))
            if said.get("type") == "SERVERSTATISTICS":
                return int(said["data"]["providerStatistics"]["bench"]["deltaCount"])


def _until_idle(pid: int, within: float) -> float:
    """Return its CPU seconds when it has done what there was to do."""
    ends = time.monotonic() + within
    before = sample([pid]).cpu_s
    while time.monotonic() < ends:
        time.sleep(IDLE)
        now = sample([pid]).cpu_s
        if now - before < IDLE / 20:
            return now
        before = now
    raise SystemExit("Signal K has not come to rest")


def rate(installed: Path, data: Sequence[bytes], *, within: float = 600.0) -> Taken:
    """Let it take these lines in."""
    program = installed / "node_modules" / "signalk-server" / "bin" / "signalk-server"
    if not program.is_file():
        installed.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--prefix", str(installed), "--no-audit", "--no-fund",
             "--ignore-scripts", "--omit=dev", PACKAGE], check=True,
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as source:
        directory, port = Path(folder), _free()
        _settings(directory, source.getsockname()[1])
        environment = {**os.environ, "PORT": str(port), "NODE_ENV": "production"}
        server = subprocess.Popen(
            ["node", str(program), "-c", folder], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            source.settimeout(STARTS_WITHIN)
            connection, _ = source.accept()
            with connection:
                began = _until_idle(server.pid, within)
                for each in data:
                    connection.sendall(each)
                cpu = _until_idle(server.pid, within) - began
                count = sum(each.count(b"\n") for each in data)
                vessels, decoded = _vessels(port), _decoded(port)
        finally:
            server.terminate()
            server.wait(timeout=30)
    print(
        f"{'Signal K, the same sentences':44} {count / cpu:10,.0f}/s by CPU"
        f" {1e6 * cpu / count:8.1f} us each; it knows {vessels} vessels",
        flush=True,
    )
    return Taken(count / cpu, decoded)
