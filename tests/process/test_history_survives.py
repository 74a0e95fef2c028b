"""Whatever the journal has is in the history once, however often its process is killed."""

import fcntl
import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from accord.config import load
from accord.core.clock import SystemClock
from accord.node.history import keep
from accord.node.history_process import HISTORY
from accord.node.history_reading import archive_of
from accord.node.history_stores import register_of
from accord.storage.history.contract import Register
from accord.storage.history.engine import Order
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shelf import Shelf
from accord.storage.segment import pack
from accord.storage.sqlite import SqliteDatabase
from support.clock import ManualClock
from support.histories import store as store
from support.node_process import NodeProcess
from support.postgres import Postgres
from support.postgres import postgres as postgres
from support.released import heard

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

KILLS = 20
WITHIN = 120.0
ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))

KILLER = """
import os, signal, sys, threading, time
from pathlib import Path
from accord.config import load
from accord.core.clock import SystemClock
from accord.node import history
from accord.node.history_stores import register_of

directory, kills, step = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
history.MOST_AT_ONCE = 40
shelf, until = register_of(directory, load(directory)), time.monotonic() + 240
for number in range(1, kills + 1):
    child = os.fork()
    if not child:
        history.keep(directory, threading.Event(), SystemClock())
    while not shelf.exists or shelf.progress().batch < number * step:
        assert time.monotonic() < until, shelf.progress()
        time.sleep(0.001 * number)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
"""Kills the keeper again and again, which takes small steps, so that it is in the middle of one."""


def append(directory: Path, first: int, count: int) -> int:
    """Commit so many more positions; return the last number."""
    writer = SqliteDatabase(directory / "journal.sqlite", max_bytes=1 << 28).writer()
    for number in range(first + 1, first + count + 1, 5):
        batch = [
            (n, report, report.original)
            for n in range(number, number + 5)
            if (report := heard(f"S{n % 7}", n)).original is not None
        ]
        writer.insert(pack(batch))
    writer.close()
    return first + count


def numbers(directory: Path) -> list[int]:
    """What the history itself has."""
    (directory / "journal.sqlite").rename(directory / "aside")
    with (
        closing(archive_of(directory, load(directory), ManualClock())) as archive,
        archive.look() as look,
    ):
        found = [row.fix.sequence for row in look.rows(ALL, order=Order.RECEIPT)]
    (directory / "aside").rename(directory / "journal.sqlite")
    return sorted(found)


def taken_in(register: Register) -> int:
    return register.progress().batch if register.exists else 0


def wait_for(register: Register, batch: int) -> None:
    until = time.monotonic() + WITHIN
    while taken_in(register) < batch:
        assert time.monotonic() < until, f"only {taken_in(register)} of {batch}"
        time.sleep(0.02)


def test_killed_twenty_times_while_it_writes_it_has_everything_once(
    tmp_path: Path, store: str
) -> None:
    (tmp_path / "accord.toml").write_text(
        f'[node]\nid = "NZL-A"\nnation = "NZL"\n[history]\nkeep = true\nevery = 0.01\n{store}'
    )
    last = append(tmp_path, 0, 40 * (KILLS + 5))
    killer = [sys.executable, "-c", KILLER, str(tmp_path), str(KILLS), "40"]
    subprocess.run(killer, check=True, timeout=3 * WITHIN)
    register, stopping = register_of(tmp_path, load(tmp_path)), threading.Event()
    keeping = threading.Thread(target=keep, args=(tmp_path, stopping, SystemClock()))
    keeping.start()
    try:
        wait_for(register, last)
    finally:
        stopping.set()
        keeping.join()
    assert numbers(tmp_path) == list(range(1, last + 1))
    assert register.progress().lost == 0


def test_a_database_that_is_ended_and_begun_again_gets_what_came_meanwhile_once(
    node: NodeProcess, postgres: Postgres
) -> None:
    """The node goes on, says what is wrong, and is killed once while the database is away."""
    keep_a_history(node, f'store = "{postgres.url(postgres.database())}"\n')
    register = register_of(node.directory, load(node.directory))
    append(node.directory, 0, 100)
    node.start()
    wait_for(register, 100)
    postgres.stop()
    try:
        told_within(node, "cannot be reached")
        node.kill()
        append(node.directory, 100, 100)
        node.start()
        told_within(node, "cannot be reached")
    finally:
        postgres.start()
    wait_for(register, 200)
    told_within(node, "", but="cannot be reached")
    told = json.loads(node.accord("history", "status", "--json"))
    assert sum(each["positions"] for each in told["channels"]) == 200
    assert told["lost"] == 0
    node.stop()
    assert numbers(node.directory) == list(range(1, 201))
    assert "accord" not in postgres.sql("postgres", "SELECT application_name FROM pg_stat_activity")


def told_within(node: NodeProcess, words: str, *, but: str = "nothing else") -> None:
    """Wait until the node says something of its history when it is asked how it is."""
    until = time.monotonic() + WITHIN
    while True:
        said = node.accord("status", "--json")
        if words in said and but not in said:
            return
        assert time.monotonic() < until, said
        time.sleep(0.5)


def keep_a_history(node: NodeProcess, store: str = "") -> None:
    """Let a node that is stopped keep one from now on."""
    node.stop()
    settings = node.directory / "accord.toml"
    text, count = re.subn(
        r"(?m)^\[history\]$", f"[history]\nkeep = true\nevery = 0.1\n{store}", settings.read_text()
    )
    assert count == 1
    settings.write_text(text)


def test_a_node_keeps_a_history_and_holds_no_process_back_when_it_dies(
    node: NodeProcess, tmp_path: Path
) -> None:
    """A node is asked to keep one, is killed, and its keeper ends by itself."""
    keep_a_history(node)
    append(node.directory, 0, 100)
    node.start()
    wait_for(Shelf(node.directory / HISTORY), 100)
    told = json.loads(node.accord("history", "status", "--json"))
    assert sum(each["positions"] for each in told["channels"]) == 100
    node.kill()
    lock = node.directory / HISTORY / "lock"
    until = time.monotonic() + WITHIN
    while _is_held(lock):
        assert time.monotonic() < until
        time.sleep(0.05)
    node.start()


def _is_held(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
