"""A node under an authority that its owner has already; keys of elliptic curves, as some are."""

from pathlib import Path

import pytest

from accord.cli.main import main
from support.node_live import add_client
from support.node_process import ON_FREE_PORTS, NodeProcess, accord_well
from support.tak_client import connected, position
from support.tls import TestAuthority

THEIR_NODE = ("--node", "NZL-TEST", "--nation", "NZL")


def accord(*arguments: str | Path) -> None:
    assert main([*map(str, arguments)]) == 0


@pytest.fixture
def theirs(tmp_path: Path) -> TestAuthority:
    made = TestAuthority(tmp_path / "theirs")
    _ = made.ca
    return made


async def test_with_its_key_the_node_issues_under_it(tmp_path: Path, theirs: TestAuthority) -> None:
    key = theirs.directory / "authority" / "ca.key"
    given = ("--authority", theirs.ca, "--authority-key", key)
    accord("init", tmp_path / "node", *THEIR_NODE, *given)
    node = NodeProcess(tmp_path / "node", ON_FREE_PORTS)
    node.start()
    try:
        kiwi = add_client(node, "kiwi-1", "--host", "127.0.0.1").tls()
        async with connected(node.address("cot-tls"), kiwi) as client:
            client.say(position("A", "KIWI1"))
            await client.is_taken_in()
        accord_well("doctor", node.directory)
    finally:
        node.stop()


def both(theirs: TestAuthority, name: str) -> Path:
    certificate, key = theirs.issue(name, name)
    file = certificate.with_name(f"{name}-both.pem")
    file.write_bytes(certificate.read_bytes() + key.read_bytes())
    return file


async def test_without_its_key_the_node_takes_what_it_issued(
    tmp_path: Path, theirs: TestAuthority
) -> None:
    server, administrator = both(theirs, "server"), both(theirs, "administrator")
    given = ("--authority", theirs.ca, "--server", server, "--administrator", administrator)
    accord("init", tmp_path / "node", *THEIR_NODE, *given)
    kiwi = theirs.client("kiwi-1")
    certificate = theirs.directory / "clients" / "kiwi-1.pem"
    entered = ("--group", "Blue", "--certificate", certificate)
    accord("client", "add", tmp_path / "node", "kiwi-1", *entered)
    node = NodeProcess(tmp_path / "node", ON_FREE_PORTS)
    node.start()
    try:
        async with connected(node.address("cot-tls"), kiwi) as client:
            client.say(position("A", "KIWI1"))
            await client.is_taken_in()
        accord_well("doctor", node.directory)
    finally:
        node.stop()
