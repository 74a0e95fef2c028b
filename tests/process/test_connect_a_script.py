"""docs/how-to/connect-a-script.md is followed to the letter, against a running node."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from support.node_process import NodeProcess, accord_well, running_node

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "connect-a-script.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"(?s)```{language}\n(.*?)```", PAGE)
    return found


@pytest.fixture(scope="module")
def nzl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with running_node(tmp_path_factory.mktemp("page") / "nzl") as process:
        accord_well("client", "add", process.directory, "kiwi-1", "--group", "Blue")
        yield process


@contextmanager
def client_of_the_page(nzl: NodeProcess) -> Generator[IO[str]]:
    """Take the steps of the page beside the node's directory; yields what the client prints."""
    folder = nzl.directory.parent
    subprocess.run(["sh", "-euc", block("sh")], cwd=folder, check=True, capture_output=True)
    (folder / "client.py").write_text(block("python"), "utf-8")
    host, port = nzl.address("cot-tls")
    client = subprocess.Popen(
        [sys.executable, "client.py", host, str(port)],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert client.stdout is not None
    with client:
        try:
            yield client.stdout
        finally:
            client.kill()


def test_the_client_of_the_page_is_answered_and_heard_by_another(nzl: NodeProcess) -> None:
    with client_of_the_page(nzl) as first:
        greeting, pong = first.readline(), first.readline()
        assert 'type="t-x-takp-v"' in greeting, greeting
        assert 'type="t-x-c-t-r"' in pong, pong
        (client,) = json.loads(accord_well("status", nzl.directory, "--json"))["clients"]
        assert (client["uid"], client["callsign"]) == ("SCRIPT-1", "SCRIPT 1")
        with client_of_the_page(nzl) as second:  # the same name, so it is not sent its own position
            assert 'type="t-x-takp-v"' in second.readline()
            assert 'callsign="SCRIPT 1"' in first.readline()


def test_the_package_holds_what_the_page_lists(nzl: NodeProcess) -> None:
    with zipfile.ZipFile(nzl.directory / "clients" / "kiwi-1.zip") as package:
        held = set(package.namelist())
    listed = re.findall(r"(?m)^\| `((?:certs|MANIFEST)/[^`]+)` \|", PAGE)
    assert held == set(listed)


def test_the_client_of_the_page_is_about_twenty_lines_of_the_standard_library() -> None:
    lines = [line for line in block("python").splitlines() if line]
    assert len(lines) <= 25
    imported = re.findall(r"(?m)^(?:import|from) ([\w, ]+?)(?: import.*)?$", block("python"))
    names = {name for each in imported for name in each.split(", ")}
    assert names <= sys.stdlib_module_names
