"""Video connections that clients told the node of: where a stream is, never the stream itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from accord.core.principal import Group
from accord.storage.tak_file import Full, TakFile, read_groups, spell_groups

MAX_VIDEOS = 1_000
"""Connections that are kept; beyond, none is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One connection, as its owner described it; another's may have the same uuid."""

    uuid: str
    owner: str
    groups: frozenset[Group]
    connection: Mapping[str, object]


class Videos:
    """The connections of a node. Any thread may call every method; TakFault says why not."""

    def __init__(self, file: TakFile) -> None:
        self._file = file

    def all(self) -> list[Video]:
        """Return every connection."""
        with self._file.look() as rows:
            found = rows.execute(
                "SELECT uuid, owner, groups, connection FROM video ORDER BY uuid, owner"
            ).fetchall()
        return [
            Video(uuid=uuid, owner=owner, groups=read_groups(groups), connection=json.loads(said))
            for uuid, owner, groups, said in found
        ]

    def keep(self, video: Video) -> None:
        """Keep a connection, in place of its owner's with its uuid. Full: there are too many."""
        with self._file.change() as rows:
            others = "SELECT count(*) FROM video WHERE (uuid, owner) != (?, ?)"
            if rows.execute(others, (video.uuid, video.owner)).fetchone()[0] >= MAX_VIDEOS:
                raise Full(f"this node keeps {MAX_VIDEOS} videos and takes no more")
            rows.execute(
                "INSERT OR REPLACE INTO video VALUES (?, ?, ?, ?)",
                (video.uuid, video.owner, spell_groups(video.groups), json.dumps(video.connection)),
            )

    def forget(self, uuid: str, owner: str) -> None:
        """Forget an owner's connection, where there is one."""
        with self._file.change() as rows:
            rows.execute("DELETE FROM video WHERE (uuid, owner) = (?, ?)", (uuid, owner))
