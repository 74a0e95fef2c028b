"""Whose device a uid is, after a restart too."""

import asyncio
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

from accord.core.principal import Direction, Principal
from accord.live.devices import Devices
from accord.observe.log import Log
from accord.storage.devices import DeviceStore
from accord.storage.tak_file import TakFile
from accord.tak.kept_devices import KeptDevices
from support.clock import START, ManualClock
from support.tak import until

BOB = Principal(name="bob", groups={"Blue": Direction.BOTH}, credential="b")


class Started:
    """What a node has of devices when it has started."""

    def __init__(self, directory: Path) -> None:
        file = TakFile(directory / "tak.sqlite")
        file.prepare()
        self.counts: Counter[str] = Counter()
        self.devices = Devices(each=16, kept=timedelta(days=7), counts=self.counts)
        self.store = DeviceStore(file)
        log = Log(ManualClock())
        self.kept = KeptDevices(self.store, self.devices, counts=self.counts, log=log)


async def test_what_is_noted_is_known_after_a_restart(tmp_path: Path) -> None:
    before = Started(tmp_path)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(before.kept.run())
        before.devices.note("U", BOB, START)
        await until(lambda: bool(before.store.all()))
        running.cancel()
    assert Started(tmp_path).devices.person("U") == "bob"


async def test_what_cannot_be_kept_is_counted_and_holds_while_the_node_runs(
    tmp_path: Path,
) -> None:
    started = Started(tmp_path)
    with sqlite3.connect(tmp_path / "tak.sqlite") as rows:
        rows.execute("DROP TABLE device")
    started.devices.note("U", BOB, START)
    await started.kept.keep_waiting()
    assert started.counts == {"devices not kept": 1}
    assert started.devices.person("U") == "bob"
