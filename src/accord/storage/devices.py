"""Whose device each uid is, in the file of `TakFile`."""

from collections.abc import Iterable
from datetime import UTC, datetime

from accord.core.principal import Device
from accord.storage.tak_file import TakFile, read_groups, spell_groups

MAX_DEVICES = 100_000
"""Devices that are kept; beyond, those that were used longest ago go."""


class DeviceStore:
    """The devices of people. Raises TakFault where the file cannot be read or written."""

    def __init__(self, file: TakFile, *, limit: int = MAX_DEVICES) -> None:
        self._file = file
        self._limit = limit

    def all(self) -> list[Device]:
        """Return every device, the one that was used last at the end."""
        with self._file.look() as rows:
            found = rows.execute("SELECT uid, person, groups, used FROM device ORDER BY used")
            return [
                Device(
                    uid=uid,
                    person=person,
                    groups=read_groups(groups),
                    used=datetime.fromtimestamp(used, UTC),
                )
                for uid, person, groups, used in found
            ]

    def put(self, devices: Iterable[Device]) -> None:
        """Keep devices, each in place of what was kept of its uid."""
        with self._file.change() as rows:
            rows.executemany(
                "INSERT OR REPLACE INTO device (uid, person, groups, used) VALUES (?, ?, ?, ?)",
                [(e.uid, e.person, spell_groups(e.groups), e.used.timestamp()) for e in devices],
            )
            rows.execute(
                "DELETE FROM device WHERE uid IN "
                "(SELECT uid FROM device ORDER BY used DESC LIMIT -1 OFFSET ?)",
                (self._limit,),
            )
