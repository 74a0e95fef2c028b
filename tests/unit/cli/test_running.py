import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accord.cli.running import find
from accord.config import Endpoint
from accord.core.errors import AccordError


def _write(directory: Path, content: object) -> None:
    (directory / "run").mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (directory / "run" / "listeners.json").write_text(text)


def test_a_running_node_is_found_where_it_listens(tmp_path: Path) -> None:
    _write(
        tmp_path, {"pid": os.getpid(), "listeners": {"api": "[::]:8443", "cot-tls": "0.0.0.0:1"}}
    )
    node = find(tmp_path)
    assert node.listeners["api"] == Endpoint("::", 8443)
    assert node.reach("api") == Endpoint("::1", 8443)
    assert node.reach("cot-tls") == Endpoint("127.0.0.1", 1)


def test_a_listener_that_is_off_is_named(tmp_path: Path) -> None:
    _write(tmp_path, {"pid": os.getpid(), "listeners": {"cot-tls": "192.0.2.1:1"}})
    node = find(tmp_path)
    assert node.reach("cot-tls") == Endpoint("192.0.2.1", 1)
    with pytest.raises(AccordError, match="listener api is off"):
        node.reach("api")


def test_where_no_node_runs_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(AccordError, match=f"no node is running from {tmp_path}; start it"):
        find(tmp_path)


def test_a_node_that_was_killed_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    _write(tmp_path, {"pid": ended.pid, "listeners": {}})
    with pytest.raises(AccordError, match=f"process {ended.pid} ended without a word"):
        find(tmp_path)


def test_a_node_of_another_user_is_running_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    _write(tmp_path, {"pid": 1, "listeners": {}})
    assert find(tmp_path).pid == 1


@pytest.mark.parametrize(
    "content",
    ["", "[]", "3", "{}", '{"pid": 1}', '{"pid": 1, "listeners": []}',
     '{"pid": "x", "listeners": {}}', '{"pid": 1, "listeners": {"api": "nowhere"}}'],
)  # fmt: skip
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    _write(tmp_path, content)
    with pytest.raises(AccordError, match=r"cannot read .*listeners\.json"):
        find(tmp_path)
