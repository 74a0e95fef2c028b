"""What can be asked of a node: its own registers, and scenarios that lie in its directory."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accord.core.errors import AccordError
from accord.desks.commitment.answers import REGISTER
from accord.desks.commitment.store import CommitmentStore
from accord.posture.entry import read_tree

SCENARIOS = Path("scenarios")

MOST = 20
"""Scenarios that are told of, the first by name."""

MAX_BYTES = 4 << 20
"""Of a scenario."""


class NoSuchSource(AccordError):
    """There is nothing of that name to be asked, or it has no such commitment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that can be asked, and the commitments that it has, by name with their words.

    `trouble` says why it cannot be asked.
    """

    name: str
    path: Path
    commitments: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


class Sources:
    """The sources of one node. What did not change since is not read again."""

    def __init__(self, directory: Path, store: CommitmentStore) -> None:
        self._directory = directory
        self._store = store
        self._read: dict[Path, tuple[tuple[int, int], Source]] = {}

    def all(self) -> list[Source]:
        """Return all of them, the registers first."""
        held = tuple((each.record.id, each.record.title) for each in self._store.all())
        return [Source(name=REGISTER, path=self._directory, commitments=held), *self._files()]

    def find(self, name: str, commitments: tuple[str, ...]) -> Source:
        """Return a source that has those commitments. NoSuchSource where there is none."""
        every = self.all()
        found = next((each for each in every if each.name == name), None)
        if found is None:
            there = ", ".join(each.name for each in every)
            raise NoSuchSource(f"there is no scenario {name!r} here; there are {there}")
        if found.trouble:
            raise NoSuchSource(found.trouble)
        known = dict(found.commitments)
        lacking = [each for each in commitments if each not in known]
        if lacking or not commitments:
            there = ", ".join(known) or "none"
            wanted = ", ".join(lacking) or "nothing"
            raise NoSuchSource(f"{wanted} is no commitment of {name}; there are {there}")
        return found

    def _files(self) -> Iterator[Source]:
        paths = sorted((self._directory / SCENARIOS).glob("*.yaml"))[:MOST]
        self._read = {path: kept for path, kept in self._read.items() if path in paths}
        for path in paths:
            try:
                stat = path.stat()
            except OSError:
                continue  # it went just now
            mark = stat.st_mtime_ns, stat.st_size
            kept = self._read.get(path)
            if kept is None or kept[0] != mark:
                kept = self._read[path] = mark, _source(path, stat.st_size)
            yield kept[1]


def _source(path: Path, size: int) -> Source:
    try:
        if size > MAX_BYTES:
            return _wrong(path, f"is larger than {MAX_BYTES >> 20} MB")
        rows = read_tree(path.read_text("utf-8")).entries("commitments")
        told = tuple((row.text("id"), row.text("text")) for row in rows)
    except AccordError as error:
        return _wrong(path, str(error).partition("\n")[0])
    except (OSError, UnicodeDecodeError) as error:
        return _wrong(path, f"cannot be read: {error}")
    return Source(name=path.name, path=path, commitments=told)


def _wrong(path: Path, why: str) -> Source:
    return Source(name=path.name, path=path, trouble=f"{path.name}: {why}")
