"""Disks as they are in the field: full, read-only, damaged. None of it stops a node."""

import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.report import Form
from accord.observe.log import Log
from accord.storage.journal import CONFINED, RETRY_SECONDS, Journal, JournalState
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.wire.cot.translate import report_again
from support.clock import START, ManualClock
from support.cot import cot_xml
from support.database import a_kept_report

MIB = 1 << 20
DISK = 24 * MIB
SPARE = 6 * MIB


def mounted(*arguments: str) -> None:
    """Mount, or skip the test where that is not allowed."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this needs a disk of its own, and may not mount one: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk, which can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Generator[None, None, None]:
    """A directory nobody may write to: root is stopped only by the mount."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


class Node:
    """A journal on a disk, whose writing thread's turns the test takes."""

    def __init__(self, folder: Path, *, spare: int = SPARE) -> None:
        self.path = folder / "journal.sqlite"
        self.clock = ManualClock()
        self.database = SqliteDatabase(self.path, max_bytes=64 * MIB, spare_bytes=spare)
        self.journal = Journal(
            self.database, JournalSettings(), clock=self.clock, log=Log(self.clock)
        )
        self.sequence = self.journal.last_sequence() if self.path.exists() else 0

    def run(self, seconds: float, *, size: int = 10_000) -> None:
        """Receive 200 reports a second."""
        for _ in range(round(seconds * 20)):
            for _ in range(10):
                self.sequence += 1
                data = cot_xml(f"U{self.sequence}", detail=f"<remarks>{'x' * size}</remarks>")
                report = a_kept_report(f"U{self.sequence}", data, at=self.clock.now())
                self.journal.append(self.sequence, report)
            self.journal.write()
            self.clock.advance(seconds=0.05)

    def close(self) -> None:
        """Let the writing thread end it, as a node does."""
        self.journal.start()
        self.journal.stop()

    @property
    def state(self) -> JournalState:
        return self.journal.status()

    def kept(self) -> list[int]:
        return [record.sequence for record in self.journal.read(0, 10**6)]

    def lost(self) -> int:
        return sum(self.state.not_kept.values())

    def restored(self) -> list[str]:
        again = Node(self.path.parent)
        decode = {Form.COT_XML: report_again}
        reports = again.journal.restore(START, max_age=timedelta(days=1), decode=decode)
        return sorted(report.uid for report in reports)


def fill(folder: Path) -> Path:
    """Let something else take all that is left of the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MIB, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def test_a_disk_that_runs_low_keeps_the_newest_in_what_the_journal_has(disk: Path) -> None:
    node = Node(disk)
    node.run(20)
    assert (node.state.recording, node.state.reason) == (True, CONFINED)
    assert node.lost() == 0
    kept = node.kept()
    assert kept == list(range(kept[0], node.sequence + 1))
    assert kept[0] > 1
    before = node.database.size()
    node.run(10)
    assert node.database.size() <= before + MIB
    assert node.lost() == 0
    assert free(disk) > 0


def test_a_disk_filled_by_others_costs_history_and_says_so_until_there_is_room(
    disk: Path,
) -> None:
    node = Node(disk, spare=0)
    node.run(2)
    begun = node.kept()
    filler = fill(disk)
    node.run(20)
    state = node.state
    assert not state.recording
    assert "full" in state.reason
    assert state.since is not None
    assert state.kept + node.lost() == node.sequence
    assert node.lost() > 0
    assert not node.journal.is_congested()
    assert node.kept()[: len(begun)] == begun
    assert len(node.kept()) == state.kept
    filler.unlink()
    node.run(RETRY_SECONDS + 1, size=100)
    assert (node.state.recording, node.state.reason, node.state.since) == (True, "", None)
    assert node.kept()[-1] == node.sequence
    assert len(node.kept()) == node.state.kept


def test_a_disk_full_from_the_start_is_no_reason_not_to_start(disk: Path) -> None:
    filler = fill(disk)
    node = Node(disk)
    node.close()
    assert not node.state.recording
    node = Node(disk)
    node.run(1)
    assert not node.state.recording
    assert node.lost() == node.sequence == 200
    filler.unlink()
    node.run(RETRY_SECONDS + 1)
    assert node.state.recording
    assert node.kept()[-1] == node.sequence


def test_a_read_only_directory_costs_history_and_says_so_until_it_can_be_written(
    disk: Path,
) -> None:
    before = Node(disk)
    before.run(1)
    before.close()
    node = Node(disk)
    with read_only(disk):
        node.run(2)
        assert not node.state.recording
        assert node.state.reason == f"Read-only file system: {node.path}"
        assert node.lost() == 400
        assert not node.journal.is_congested()
    node.run(RETRY_SECONDS + 1)
    assert node.state.recording
    assert len(node.kept()) == 200 + node.state.kept


def cut(path: Path, part: float) -> None:
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * part))


def overwrite(path: Path, part: float, size: int = 20_000) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * part))
        file.write(bytes(size))


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("damage", [cut, overwrite])
def test_a_damaged_file_costs_history_and_neither_start_nor_traffic(
    tmp_path: Path, damage: Callable[[Path, float], None], part: float
) -> None:
    before = Node(tmp_path, spare=0)
    before.run(5)
    before.close()
    damage(before.path, part)
    node = Node(tmp_path, spare=0)
    node.sequence = before.sequence
    assert set(node.restored()) <= {f"U{number}" for number in range(1, node.sequence + 1)}
    node.run(1)
    state = node.state
    assert state.kept + node.lost() == 200
    assert state.recording is not bool(state.reason)


def test_a_damaged_page_costs_its_segments_only(tmp_path: Path) -> None:
    before = Node(tmp_path, spare=0)
    before.run(5)
    before.close()
    overwrite(before.path, 0.5, 300)
    restored = Node(tmp_path, spare=0).restored()
    assert 1_000 - 10 <= len(restored) < 1_000
