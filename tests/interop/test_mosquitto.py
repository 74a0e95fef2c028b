"""A feed that hears a broker of another make: Eclipse Mosquitto (Debian mosquitto)."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from accord.core.report import Source
from accord.feeds.catalogue import connection, reader_of
from accord.feeds.feed import FeedError
from accord.feeds.settings import FeedSettings, Format, Transport
from support.clock import START, ManualClock

pytestmark = pytest.mark.interop

WITHIN = 60.0
VAN = json.dumps({"vehicle": {"no": 7}, "lat": -41.3, "lon": 174.8}).encode()


@contextmanager
def mosquitto(directory: Path) -> Iterator[int]:
    """Run a broker on loopback that knows one user, `kiwi` with the password `tui`."""
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("there is no mosquitto here (Debian: apt-get install mosquitto)")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    passwords = directory / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "kiwi", "tui"], check=True)
    passwords.chmod(0o644)
    (directory / "conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        "user root\npersistence false\n"
    )
    broker = subprocess.Popen([program, "-c", directory / "conf"], stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
                break
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        broker.terminate()
        broker.wait(timeout=WITHIN)


def settings(port: int, secret: str) -> FeedSettings:
    return FeedSettings(
        format=Format.JSON,
        transport=Transport.MQTT,
        address=f"mqtt://kiwi@127.0.0.1:{port}/vans/+/position",
        groups=("Watch",),
        fields=("id = vehicle.no",),
        password_file=secret,
    )


async def test_what_is_published_becomes_reports(tmp_path: Path) -> None:
    (tmp_path / "right").write_text("tui\n")
    (tmp_path / "wrong").write_text("kea\n")
    with mosquitto(tmp_path) as port:
        await hear(tmp_path, port)


async def hear(tmp_path: Path, port: int) -> None:
    async with asyncio.timeout(WITHIN):
        of = settings(port, "right")
        reader = reader_of(of, Source(node="NZL", channel="feed:vans", speaker="vans"))
        publisher = Client(CallbackAPIVersion.VERSION2)
        publisher.username_pw_set("kiwi", "tui")
        publisher.connect("127.0.0.1", port)
        publisher.loop_start()
        try:
            async with aclosing(connection(of, tmp_path, ManualClock()).chunks()) as chunks:
                assert await anext(chunks) == b""
                publisher.publish("vans/7/fuel", b"not for us")
                publisher.publish("vans/7/position", VAN)
                (report,) = reader.read(await anext(chunks), received=START, tick=0.0)
        finally:
            publisher.disconnect()
            publisher.loop_stop()
        assert report.uid == "JSON-vans-7"
        with pytest.raises(FeedError, match="refuses the connection: Not authorized"):
            async for _ in connection(settings(port, "wrong"), tmp_path, ManualClock()).chunks():
                pass
