"""A node that was used is backed up while it runs, killed at it, put back, and is well."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from accord.storage import backup
from support.node_process import ON_FREE_PORTS, NodeProcess, accord, accord_well

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

NO_PART = ("run/", "cache/", "files/incoming/")
LOGS = (".sqlite-wal", ".sqlite-shm", ".sqlite-journal")


def use(node: NodeProcess) -> None:
    """Leave something of every kind that the command line alone can make."""
    at = node.directory
    node.add_client("rata-1")
    accord_well("sar", "open", at, "--title", "Kayak overdue", "--phase", "alert")
    accord_well("relief", "open", at, "title=Cyclone", "hazard=TC")
    invitation = at.parent / "nzl.invitation"
    key = accord_well("agreement", "key", at.parent / "party.key").split()[-1]
    accord_well("partner", "invite", at, invitation, "--party-key", key)
    for name in ("profiles/all/a.pref", "scenarios/own.yaml", "watch.rules", "error-logs/1"):
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# ours\n")
    (at / "files" / "00").mkdir(parents=True)
    (at / "files" / "00" / ("0" * 64)).write_bytes(os.urandom(24 << 20))


def names(directory: Path) -> set[str]:
    found = (each.relative_to(directory) for each in directory.rglob("*") if each.is_file())
    return {
        name
        for name in (each.as_posix() for each in found)
        if not name.startswith(NO_PART) and not name.endswith(LOGS)
    }


def killed_at(directory: Path, file: Path, after: float) -> None:
    """Begin a backup and end it as a power cut does, a while after it began to write."""
    command = [sys.executable, "-m", "accord", "backup", str(directory), str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(file.parent.glob(f".{file.name}-*")):
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(after)
        process.kill()


def test_all_that_a_node_has_comes_back_and_it_is_well(node: NodeProcess, tmp_path: Path) -> None:
    use(node)
    place = tmp_path / "backups"
    place.mkdir()
    for number in range(3):
        cut = place / f"cut-{number}.tar"
        killed_at(node.directory, cut, 0.01 + 0.04 * number)
        if cut.exists():  # it was quicker than we were: then it is whole
            backup.verify(cut)
    file = place / "whole.tar"
    accord_well("backup", node.directory, file)
    assert backup.verify(file).files.keys() == names(node.directory)
    cases = json.loads(accord_well("sar", "list", node.directory, "--json"))
    assert cases
    node.stop()

    again = NodeProcess(tmp_path / "again", ON_FREE_PORTS)
    accord_well("restore", file, again.directory)
    assert names(again.directory) == names(node.directory)
    again.start()
    try:
        assert json.loads(accord_well("sar", "list", again.directory, "--json")) == cases
        assert "rata-1" in accord_well("client", "list", again.directory)
        done = accord("doctor", again.directory)
        assert done.returncode == 0, done.stdout
    finally:
        again.stop()
