import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.node_process import ON_FREE_PORTS, NodeProcess, accord_well
from support.tak_client import connected, event

SIZE = 192 << 20
"""Bytes: three times what the journal leaves free for others."""
SAID_WITHIN = 20.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "disk"
    path.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "accord-test", path],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine mounts no small file system: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


@pytest.fixture
def node(small_disk: Path, quick_keys: None) -> Iterator[NodeProcess]:
    process = NodeProcess(make_node(small_disk), ON_FREE_PORTS)
    process.start()
    yield process
    if process.runs:
        process.stop()


async def status(node: NodeProcess, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask until it is so."""
    async with asyncio.timeout(SAID_WITHIN):
        while True:
            text = await asyncio.to_thread(accord_well, "status", node.directory, "--json")
            if is_so(said := json.loads(text)):
                return said


def fill(disk: Path) -> Path:
    """Leave not one byte, as another program might."""
    path = disk / "of-another-program"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:  # no room for so much
                continue
    return path


async def test_on_a_full_disk_traffic_goes_on_and_status_says_what_is_not_kept(
    node: NodeProcess, small_disk: Path
) -> None:
    async with (
        connected(node.address("cot-tcp")) as a,
        connected(node.address("cot-tcp")) as b,
    ):
        a.say(event("BEFORE"))
        await b.hears("BEFORE")
        filler = fill(small_disk)
        detail = f"<remarks>{'x' * 2000}</remarks>"
        for number in range(500):
            a.say(event(f"FULL-{number}", "b-m-p-s-m", detail))
            await b.hears(f"FULL-{number}")
        full = await status(node, lambda said: bool(said["journal"]["trouble"]))
        assert [each for each in full["problems"] if each.startswith("journal: ")]
        assert full["picture"]["tracks"] == 501
        a.say(event("STILL"))
        await b.hears("STILL")
        filler.unlink()
        await status(node, lambda said: not said["journal"]["trouble"])
        before = (await status(node, bool))["rates"]
        kept = next(each["total"] for each in before if each["what"] == "kept")
        a.say(event("AFTER"))
        await status(
            node,
            lambda said: any(
                each["what"] == "kept" and each["total"] > kept for each in said["rates"]
            ),
        )
    assert await asyncio.to_thread(node.stop) == 0
    await asyncio.to_thread(node.start)
    async with connected(node.address("cot-tcp")) as late:
        await late.hears("BEFORE")
        await late.hears("AFTER")


async def test_on_a_full_disk_a_node_starts_and_who_is_revoked_is_thrown_out(
    node: NodeProcess, small_disk: Path
) -> None:
    kiwi = await asyncio.to_thread(node.add_client, "kiwi-1")
    assert await asyncio.to_thread(node.stop) == 0
    fill(small_disk)
    await asyncio.to_thread(node.start)
    async with connected(node.address("cot-tls"), kiwi.tls()) as a:
        await asyncio.to_thread(accord_well, "client", "revoke", small_disk, "kiwi-1")
        await a.is_cut_off()
