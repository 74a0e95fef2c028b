"""What was received more than a quarter of a second before a node dies is there afterwards."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accord.core.clock import SystemClock
from accord.observe.log import Log
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from support.database import a_kept_report

pytestmark = pytest.mark.process

MIB = 1 << 20
PROMISED = 0.25
"""Seconds between receipt and the end of the process after which nothing is lost."""

WRITER = """
import os, sys, time
from pathlib import Path
from accord.core.clock import SystemClock
from accord.observe.log import Log
from accord.storage.journal import Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from support.database import a_kept_report

path, size = Path(sys.argv[1]), int(sys.argv[2])
clock = SystemClock()
database = SqliteDatabase(path, max_bytes=64 << 20, spare_bytes=0)
journal = Journal(database, JournalSettings(positions_bytes=16 << 20), clock=clock, log=Log(clock))
journal.start()
sequence = journal.last_sequence()
while True:
    for _ in range(20):
        sequence += 1
        at = time.monotonic()
        report = a_kept_report(f"U{sequence}", os.urandom(size), at=clock.now())
        assert journal.append(sequence, report)
        os.write(1, b"%d %.6f\\n" % (sequence, at))
    time.sleep(0.01)
"""


class Writer:
    """A process that appends without end, and says of each report when it was received."""

    def __init__(self, path: Path, size: int) -> None:
        tests = Path(__file__).parents[1]
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(size)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(tests)},
        )
        self.received: dict[int, float] = {}

    def follow(self, count: int) -> None:
        """Return when it has received so many more."""
        assert self.process.stdout is not None
        for _ in range(count):
            self._note(self.process.stdout.readline())

    def _note(self, line: bytes) -> None:
        number, at = line.split()
        self.received[int(number)] = float(at)

    def kill(self) -> float:
        """End it with no chance to say goodbye; return when that was."""
        at = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        for line in self.process.stdout.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                self._note(line)
        self.process.stdout.close()
        return at


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    started: list[Writer] = []
    yield started
    for writer in started:
        if writer.process.poll() is None:
            writer.kill()


def a_journal(path: Path) -> Journal:
    database = SqliteDatabase(path, max_bytes=64 * MIB, spare_bytes=0)
    clock = SystemClock()
    return Journal(database, JournalSettings(), clock=clock, log=Log(clock))


@pytest.mark.parametrize("size", [200, 5_000])
def test_after_kill_9_only_the_last_quarter_of_a_second_may_be_missing(
    tmp_path: Path, writers: list[Writer], size: int
) -> None:
    """Twenty times in a row on one file: with a log of its own, and with one left behind."""
    path = tmp_path / "journal.sqlite"
    first = 1
    for _ in range(20):
        writers.append(writer := Writer(path, size))
        writer.follow(2_000)
        killed = writer.kill()
        journal = a_journal(path)
        kept = [record.sequence for record in journal.read(first, 10**6)]
        assert kept == list(range(first, kept[-1] + 1))
        promised = [each for each, at in writer.received.items() if at < killed - PROMISED]
        assert len(promised) > 1_000
        assert kept[-1] >= promised[-1]
        assert journal.last_sequence() == kept[-1]
        first = kept[-1] + 1


def the_command() -> str:
    """The statement that docs/reference/journal.md gives for a copy."""
    text = (Path(__file__).parents[2] / "docs" / "reference" / "journal.md").read_text("utf-8")
    (statement,) = re.findall(r'^    sqlite3 journal\.sqlite "(.+)"$', text, re.MULTILINE)
    return statement


def test_a_copy_made_while_it_is_written_is_whole_and_can_be_gone_on_with(
    tmp_path: Path, writers: list[Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    copy = Path("copy.sqlite")
    writers.append(writer := Writer(Path("journal.sqlite"), 2_000))
    writer.follow(4_000)
    with closing(sqlite3.connect("journal.sqlite")) as connection:
        connection.execute(the_command())
    writer.follow(200)
    writer.kill()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    journal = a_journal(copy)
    kept = [record.sequence for record in journal.read(0, 10**6)]
    assert kept == list(range(kept[0], kept[-1] + 1))
    assert len(kept) > 3_000
    journal.start()
    assert journal.append(kept[-1] + 1, a_kept_report(at=SystemClock().now()))
    journal.stop()
    assert journal.last_sequence() == kept[-1] + 1
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)  # incremental
