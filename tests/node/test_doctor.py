"""Each thing that is commonly wrong with a node is found, and named by the file it is in."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.clock import SystemClock
from accord.security import keystore
from accord.security.authority import Authority
from support.keys import rsa_key
from support.node_live import Shared
from support.node_process import accord, accord_well

DAY = timedelta(days=1)


def test_a_node_that_is_well_is_found_well(shared: Shared) -> None:
    findings = json.loads(accord_well("doctor", shared.node.directory, "--json"))
    assert [each for each in findings if not each["is_ok"]] == []
    checks = [each["check"] for each in findings]
    assert {"node", "port cot-tls", "port api", "message over TLS", "status", "disk"} <= {*checks}


def end(directory: Path) -> None:
    """Put a server certificate of the right authority in place that ended yesterday."""
    authority = Authority.load(directory / keystore.AUTHORITY, directory / keystore.AUTHORITY_KEY)
    now = SystemClock().now()
    issued = authority.issue_server("NZL-TEST", ["127.0.0.1"], now - 3 * DAY, 2 * DAY)
    keystore.write_certificates(directory / keystore.SERVER, issued.certificate)
    keystore.write_key(directory / keystore.SERVER_KEY, issued.key)


def change_key(directory: Path) -> None:
    keystore.write_key(directory / keystore.SERVER_KEY, rsa_key())


def show_key(directory: Path) -> None:
    (directory / keystore.SERVER_KEY).chmod(0o644)


@pytest.mark.parametrize(
    ("do", "check", "says"),
    [
        (end, "server/server.pem", "it has ended"),
        (change_key, "server/server.key", "it is not the key of server/server.pem"),
        (show_key, "server/server.key", "others may read it (mode 644)"),
    ],
)
def test_what_is_wrong_is_found_by_name(
    shared: Shared, do: Callable[[Path], None], check: str, says: str
) -> None:
    server = shared.node.directory / "server"
    kept = shared.node.directory.parent / "kept"
    shutil.copytree(server, kept)
    try:
        do(shared.node.directory)
        done = accord("doctor", shared.node.directory, "--json")
    finally:
        shutil.rmtree(server)
        kept.rename(server)
    assert done.returncode == 1
    failed = {each["check"]: each for each in json.loads(done.stdout) if not each["is_ok"]}
    assert check in failed
    assert says in failed[check]["said"]
    assert failed[check]["advice"]


def test_a_node_that_does_not_run_is_found_not_to(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    accord_well("init", directory, "--node", "NZL-TEST", "--nation", "NZL")
    done = accord("doctor", directory)
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1
    assert f"no node is running from {directory}; start it with serve" in failed[0]
    status = accord("status", directory)
    assert (status.returncode, status.stdout) == (1, "")
    assert status.stderr == f"accord: no node is running from {directory}; start it with serve\n"
