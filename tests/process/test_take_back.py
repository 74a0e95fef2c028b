"""A partner is made to drop what it was given: by commands, between two nodes in processes."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.core.clock import SystemClock
from accord.release.ledger.entry import Recall, Receipt, Suspension
from support.agreements import NZL, USA, example, key_of
from support.cot import cot_xml
from support.in_process import make_node
from support.linked import agree
from support.links import Place
from support.node_process import ON_FREE_PORTS, NodeProcess, accord, accord_well
from support.released import spelt

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

WITHIN = 40.0
WHERE = '<point lat="{}" lon="178.0" hae="0" ce="20" le="9999999"/>'


@dataclass
class Two:
    """USA, which gives, and NZL, which takes, linked."""

    usa: NodeProcess
    nzl: NodeProcess

    def say(self, uid: str, lat: float = -33.0) -> None:
        """Have USA told of a frigate that clause 1 lets out to NZL."""
        now = SystemClock().now()
        event = cot_xml(
            uid, "a-f-S", point=WHERE.format(lat), time=spelt(now), start=spelt(now),
            stale=spelt(now + timedelta(minutes=5)),
            more='access="UNCLASSIFIED" releasableTo="USA, NZL"',
        )  # fmt: skip
        with socket.create_connection(self.usa.address("cot-tcp")) as client:
            client.sendall(event)
            client.shutdown(socket.SHUT_WR)  # closed at once, it would be cut off and unread
            while client.recv(4096):
                pass

    def until(self, node: NodeProcess, is_so: Callable[[Any], bool]) -> Any:
        """Wait until a node's status is so."""
        until = time.monotonic() + WITHIN
        while True:
            said = json.loads(accord_well("status", node.directory, "--json"))
            if is_so(said):
                return said
            assert time.monotonic() < until, said
            time.sleep(0.1)

    def has(self, tracks: int) -> None:
        """Wait until NZL's picture has so many tracks."""
        self.until(self.nzl, lambda said: said["picture"]["tracks"] == tracks)

    def acknowledged(self) -> None:
        """Wait until USA knows that all of it has arrived."""
        self.until(self.usa, lambda said: not sum(said["partners"][0]["waiting"].values()))

    def lines(self, node: NodeProcess, of: type[Any]) -> list[Any]:
        name, partner = (USA, NZL) if node is self.usa else (NZL, USA)
        return [
            each for each in Place(name, node.directory).ledger(partner) if isinstance(each, of)
        ]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    places = {
        node: make_node(tmp_path / node[:3].lower(), node=node, nation=node[:3])
        for node in (USA, NZL)
    }
    ends = {node: Place(node, place) for node, place in places.items()}
    for place in places.values():
        agree(place)
    nzl = NodeProcess(places[NZL], ON_FREE_PORTS)
    usa = NodeProcess(places[USA], {**ON_FREE_PORTS, "federation": "off"})
    ends[NZL].add(ends[USA].as_partner())
    nzl.start()
    try:
        ends[USA].add(ends[NZL].as_partner(nzl.target("federation")))
        usa.start()
        linked = Two(usa, nzl)
        linked.until(usa, lambda said: said["partners"][0]["state"] == "up")
        yield linked
    finally:
        for each in (usa, nzl):
            if each.runs:
                each.stop()


def recall(two: Two, *words: str, code: int = 0) -> Any:
    done = accord("federation", "recall", two.usa.directory, NZL, *words, "--json")
    assert done.returncode == code, done
    return json.loads(done.stdout)


def test_an_object_that_is_called_back_leaves_the_partners_picture_which_says_why(
    two: Two,
) -> None:
    two.say("FRIGATE")
    two.say("OTHER", -34.0)
    two.has(2)
    said = recall(two, "--object", "FRIGATE", "--reason", "marked in error")
    assert said["state"] == "answered"
    (told,) = said["recalls"]
    assert (told["name"], told["state"], told["objects"]) == ("FRIGATE", "dropped", 1)
    two.has(1)
    for node in (two.usa, two.nzl):
        (line,) = two.lines(node, Recall)
        assert (line.by, line.name, line.reason) == (USA, "FRIGATE", "marked in error")
        (receipt,) = two.lines(node, Receipt)
        assert receipt.by == NZL
    why = accord_well("why", two.nzl.directory, "FRIGATE")
    assert "called back by them" in why
    assert "marked in error" in why
    there = accord_well("why", two.usa.directory, "FRIGATE")
    assert "recalled" in there
    two.nzl.stop()
    two.nzl.start()  # on another port: its journal alone tells what it believes
    two.has(1)
    # Asked once more, there is nothing left to call back.
    again = accord(
        "federation", "recall", two.usa.directory, NZL, "--object", "FRIGATE", "--reason", "x"
    )
    assert (again.returncode, "nothing called" in again.stderr) == (1, True)


def test_what_is_asked_of_a_node_that_does_not_run_is_done_when_it_does(two: Two) -> None:
    two.say("FRIGATE")
    two.has(1)
    two.acknowledged()
    two.usa.stop()
    by_clause = ("--agreement", example().agreement.id, "--clause", "1", "--reason", "too much")
    said = recall(two, *by_clause, "--wait", "0", code=1)
    assert (said["state"], said["recalls"]) == ("waits", [])
    two.has(1)
    two.usa.start()
    until = time.monotonic() + WITHIN
    while not two.lines(two.usa, Receipt):
        assert time.monotonic() < until
        time.sleep(0.1)
    for node in (two.usa, two.nzl):
        (line,) = two.lines(node, Recall)
        assert (line.clause, line.name, line.reason) == ("1", None, "too much")


def test_a_recall_that_has_not_left_says_so_and_reaches_the_partner_later(two: Two) -> None:
    two.say("FRIGATE")
    two.has(1)
    two.acknowledged()
    address = two.nzl.target("federation")
    two.nzl.stop()
    two.until(two.usa, lambda said: said["partners"][0]["state"] == "down")
    by_agreement = ("--agreement", example().agreement.id, "--reason", "it is over")
    said = recall(two, *by_agreement, "--wait", "1", code=1)
    assert [each["state"] for each in said["recalls"]] == ["waits"]
    two.usa.kill()
    two.usa.start()
    two.nzl = NodeProcess(two.nzl.directory, {**ON_FREE_PORTS, "federation": address})
    two.nzl.start()
    until = time.monotonic() + WITHIN
    while not two.lines(two.usa, Receipt):
        assert time.monotonic() < until
        time.sleep(0.1)
    (line,) = two.lines(two.nzl, Recall)
    assert (line.clause, line.name, line.reason) == (None, None, "it is over")
    two.nzl.stop()


def test_a_suspension_is_told_to_the_partner_and_nothing_more_is_released(
    two: Two, tmp_path: Path
) -> None:
    two.say("BEFORE")
    two.has(1)
    key = tmp_path / "usa.pem"
    pem = key_of(USA).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.write_bytes(pem)
    terms = example().agreement
    done = accord(
        "agreement", "suspend", two.usa.directory, terms.id, "--node", USA, "--key", key,
        "--reason", "leak", "--json",
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert (said["state"], said["partners"]) == ("told", [NZL])
    until = time.monotonic() + WITHIN
    while not two.lines(two.nzl, Suspension):
        assert time.monotonic() < until
        time.sleep(0.1)
    for node in (two.usa, two.nzl):
        (line,) = two.lines(node, Suspension)
        assert (line.by, line.agreement, line.reason) == (USA, terms.id, "leak")
    two.say("AFTER", -34.0)
    time.sleep(1.5)
    said = two.until(two.nzl, lambda each: each["picture"]["tracks"] >= 1)
    assert said["picture"]["tracks"] == 1
    # What was given before can still be called back, though nothing is released any more.
    back = recall(two, "--agreement", terms.id, "--reason", "leak")
    assert [each["state"] for each in back["recalls"]] == ["dropped"]
    two.has(0)
