"""Where maps are to be had, as administrators tell everybody who connects; never a map itself."""

import json
import sqlite3
from collections.abc import Mapping

from accord.storage.tak_file import Full, TakFile

MAX_MAPS = 500
"""Map layers that are kept; beyond, none is taken."""

MapSaid = Mapping[str, object]
"""What is said of one, by TAK Server's names; its `uid` among it."""

DEFAULT = "defaultLayer"
"""What says that a map is the one to begin with, which one at most is."""


class MapLayers:
    """The map layers of a node. Any thread may call every method; TakFault says why not."""

    def __init__(self, file: TakFile, *, most: int = MAX_MAPS) -> None:
        self._file = file
        self._most = most

    def all(self) -> list[MapSaid]:
        """Return every one, by name."""
        with self._file.look() as rows:
            found = _all(rows)
        return sorted(found, key=lambda each: (str(each["name"]).casefold(), str(each["uid"])))

    def one(self, uid: str) -> MapSaid | None:
        """Return the one of a uid, None where there is none."""
        with self._file.look() as rows:
            row = rows.execute("SELECT said FROM map_layer WHERE uid = ?", (uid,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, said: MapSaid) -> None:
        """Keep one in place of that of its uid. Full: there are too many."""
        uid = str(said["uid"])
        with self._file.change() as rows:
            others = "SELECT count(*) FROM map_layer WHERE uid != ?"
            if rows.execute(others, (uid,)).fetchone()[0] >= self._most:
                raise Full(f"this node keeps {self._most} map layers and takes no more")
            if said.get(DEFAULT) is True:
                for each in _all(rows):
                    _put(rows, {**each, DEFAULT: False})
            _put(rows, said)

    def forget(self, uid: str) -> bool:
        """Forget the one of a uid. False where there is none."""
        with self._file.change() as rows:
            return rows.execute("DELETE FROM map_layer WHERE uid = ?", (uid,)).rowcount > 0


def _all(rows: sqlite3.Connection) -> list[dict[str, object]]:
    return [json.loads(said) for (said,) in rows.execute("SELECT said FROM map_layer").fetchall()]


def _put(rows: sqlite3.Connection, said: MapSaid) -> None:
    row = (str(said["uid"]), json.dumps(dict(said)))
    rows.execute("INSERT OR REPLACE INTO map_layer VALUES (?, ?)", row)
