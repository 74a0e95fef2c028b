"""What keeps a node from starting is one sentence that says what to do, and an exit code."""

import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from support.in_process import make_node
from support.keys import quick_keys as quick_keys
from support.node_live import Shared
from support.node_process import ON_FREE_PORTS, accord
from support.tls import BEGIN, TestAuthority

FREE = [text for name, at in ON_FREE_PORTS.items() for text in (f"--{name}", at)]


@pytest.fixture
def directory(tmp_path: Path, quick_keys: None) -> Path:
    return make_node(tmp_path / "node")


def refusal(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What was said, which is one sentence after what was logged, and no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    *logged, said = done.stderr.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\S+ (INFO|WARNING) ", line) for line in logged), logged
    assert said.startswith("accord: ")
    return said.removeprefix("accord: ")


def test_a_port_in_use(directory: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        said = refusal(accord("serve", directory, *FREE, "--api", f"127.0.0.1:{port}"), 1)
    where = f"cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert said.startswith(f"listener api: {where}")
    assert said.endswith("is api in [listen] of accord.toml, or option --api")


def test_an_unknown_key_with_its_value_and_its_line(directory: Path) -> None:
    settings = directory / "accord.toml"
    settings.write_text(f"{settings.read_text()}[feed.x]\n\ncolour = 'blue'\n")
    line = settings.read_text().splitlines().index("colour = 'blue'") + 1
    said = refusal(accord("serve", directory, *FREE), 2)
    assert said.startswith(
        f'{settings} line {line}: [feed.x] colour = "blue": there is no such key'
    )


def test_a_bad_value_with_its_key_and_its_line(directory: Path) -> None:
    settings = directory / "accord.toml"
    text = settings.read_text().replace("#max_tracks = 100000", 'max_tracks = "many"')
    settings.write_text(text)
    line = text.splitlines().index('max_tracks = "many"') + 1
    said = refusal(accord("serve", directory, *FREE), 2)
    assert said == f'{settings} line {line}: [picture] max_tracks = "many": give a whole number'


def test_another_node_in_the_same_directory(shared: Shared) -> None:
    directory = shared.node.directory
    said = refusal(accord("serve", directory, *FREE), 1)
    assert said == f"another process runs the node in {directory}; stop that one first"


def test_no_node_in_the_directory(tmp_path: Path) -> None:
    said = refusal(accord("serve", tmp_path, *FREE), 2)
    assert said.startswith(f"{tmp_path} holds no accord.toml; `accord init {tmp_path} ")


@pytest.mark.parametrize("file", ["people.sqlite", "journal.sqlite"])
def test_data_of_a_newer_version(directory: Path, file: str) -> None:
    with closing(sqlite3.connect(directory / file)) as database:
        database.execute("PRAGMA user_version = 99")
    said = refusal(accord("serve", directory, *FREE), 1)
    assert f"{directory / file} is of version 99" in said
    assert "start the newer Accord" in said


def remove(path: Path) -> None:
    path.unlink()


def damage(path: Path) -> None:
    path.write_text("nonsense")


def end(path: Path) -> None:
    other = TestAuthority(path.parent / "other")
    _ = other.ca
    shutil.copy(other.issue("ended", "NZL-X", end=BEGIN + timedelta(days=1))[0], path)
    (path.parents[1] / "authority" / "ca.key").unlink()


@pytest.mark.parametrize(
    ("file", "do", "says"),
    [
        ("server/server.pem", remove, "cannot read {}: No such file or directory"),
        ("server/server.key", remove, "cannot read {}: No such file or directory"),
        ("authority/ca.pem", remove, "cannot read {}: No such file or directory"),
        ("server/server.pem", damage, "{} holds no PEM certificate"),
        ("server/server.pem", end, "{} ended on 2020-01-02: put a new certificate and its key"),
    ],
)
def test_a_certificate_that_is_missing_damaged_or_has_ended(
    directory: Path, file: str, do: Callable[[Path], None], says: str
) -> None:
    do(directory / file)
    said = refusal(accord("serve", directory, *FREE), 1)
    assert says.format(directory / file) in said


def test_plaintext_for_other_machines_that_nobody_asked_for(directory: Path) -> None:
    said = refusal(accord("serve", directory, *FREE, "--cot-tcp", "0.0.0.0:0"), 2)
    assert said.startswith("option --cot-tcp: ")
    assert "allow_plaintext" in said
