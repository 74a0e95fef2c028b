"""Bytes kept on disk between runs, by name, in a folder of limited size."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

ROOM = 64 << 20
"""Bytes: some four hundred fields of distances, or thousands of parts of answers."""

_SUM = 32
"""Bytes of the sum behind what is kept."""


class DiskStore:
    """Keeps bytes by name, each with a sum that tells whether the disk gave back what it was given.

    Names begin with `mark`: what was kept under another is not found. Where the folder cannot be
    written nothing is kept, and work only takes longer.
    """

    def __init__(self, folder: Path, *, mark: str = "", room: int = ROOM) -> None:
        self.dropped = 0
        self._folder = folder
        self._mark = mark
        self._room = room

    def get(self, name: str) -> bytes | None:
        """Return what is kept, None where nothing is or where it is damaged."""
        try:
            data = self._path(name).read_bytes()
        except OSError:
            return None
        body, tail = data[:-_SUM], data[-_SUM:]
        return body if sha256(body).digest() == tail else None

    def put(self, name: str, data: bytes) -> None:
        """Keep it; what was kept longest goes when there is no more room."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._path(name)
            part = path.with_suffix(".part")
            part.write_bytes(data + sha256(data).digest())
            part.replace(path)
            self._make_room()

    def _make_room(self) -> None:
        kept = [(each.stat(), each) for each in self._folder.glob("*.kept")]
        kept.sort(key=lambda each: (each[0].st_mtime_ns, each[1].name))
        size = sum(stat.st_size for stat, _ in kept)
        for stat, path in kept:
            if size <= self._room:
                break
            path.unlink(missing_ok=True)
            size -= stat.st_size
            self.dropped += 1

    def _path(self, name: str) -> Path:
        return self._folder / f"{sha256(f'{self._mark} {name}'.encode()).hexdigest()[:32]}.kept"
