"""`accord why` and `accord picture` on a node that runs, and on one that was stopped."""

import json
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.clock import SystemClock
from support.cot import cot_xml
from support.ledger import make_ledger, release
from support.node_process import ON_FREE_PORTS, NodeProcess, accord, accord_well
from support.released import OWN, PARTNER, spelt

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]

KEPT_WITHIN = 40.0


def said_of(directory: Path, uid: str) -> Any:
    """What the node has of it, asked again until the journal has it."""
    until = time.monotonic() + KEPT_WITHIN
    while True:
        done = accord("why", directory, uid, "--json")
        if done.returncode == 0 or time.monotonic() > until:
            return json.loads(done.stdout)
        time.sleep(0.1)


def test_both_are_answered_while_the_node_runs_and_when_it_has_stopped(tmp_path: Path) -> None:
    directory = tmp_path / "node"
    accord_well("init", directory, "--node", OWN.node, "--nation", "NZL")
    ledger = make_ledger(directory, [release(1, name="SHIP-1")], mine=OWN, partner=PARTNER)
    node = NodeProcess(directory, ON_FREE_PORTS)
    node.start()
    now = SystemClock().now()
    event = cot_xml(
        "SHIP-1", "a-f-S-X-M", time=spelt(now), start=spelt(now),
        stale=spelt(now + timedelta(minutes=5)),
    )  # fmt: skip
    with socket.create_connection(node.address("cot-tcp")) as client:
        client.sendall(event)
        running = said_of(directory, "SHIP-1")
        # The ledger's writer and the node's go on beside whoever reads.
        ledger.append([release(2, name="SHIP-1")], now)
    ledger.close()
    assert node.stop() == 0
    assert [each["node"] for each in running["heard"]] == [OWN.node]
    assert running["partners"][0]["last_release"]["number"] == 1
    stopped = said_of(directory, "SHIP-1")
    assert stopped["heard"][0]["received"] == running["heard"][0]["received"]
    assert stopped["partners"][0]["last_release"]["number"] == 2
    seen = json.loads(
        accord_well(
            "picture", directory, "--as", PARTNER.node, "--at", "2027-01-01T00:00:00Z", "--json"
        )
    )
    assert (seen["objects"], [each["line"] for each in seen["gone"]]) == ([], [2])
