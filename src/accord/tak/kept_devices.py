"""Keeps whose device each uid is, so that it is known after a restart."""

import asyncio
from collections import Counter

from accord.core.errors import AccordError
from accord.core.principal import Device
from accord.live.devices import Devices
from accord.observe.log import Log
from accord.storage.devices import DeviceStore


class KeptDevices:
    """Makes known what was kept, and keeps what is noted from then on while `run` does.

    What waits is one for each uid, so no more than `Devices` remembers.
    """

    def __init__(
        self, store: DeviceStore, devices: Devices, *, counts: Counter[str], log: Log
    ) -> None:
        self._store = store
        self._counts = counts
        self._log = log
        self._waiting: dict[str, Device] = {}
        self._has_some = asyncio.Event()
        devices.restore(store.all())
        devices.noted = self._note

    def _note(self, device: Device) -> None:
        self._waiting[device.uid] = device
        self._has_some.set()

    async def run(self) -> None:
        """Keep what is noted, until cancelled."""
        while True:
            await self._has_some.wait()
            await self.keep_waiting()

    async def keep_waiting(self) -> None:
        """Keep what waits. What cannot be is counted, and said in the log."""
        self._has_some.clear()
        waiting, self._waiting = self._waiting, {}
        try:
            await asyncio.to_thread(self._store.put, list(waiting.values()))
        except AccordError as error:
            self._counts["devices not kept"] += len(waiting)
            self._log.burst("devices not kept", reason=str(error))
