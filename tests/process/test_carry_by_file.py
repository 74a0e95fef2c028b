"""Two nodes in processes that never had a line, and a stick; then the line, and both ledgers."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.cli.running import find, get
from accord.core.clock import SystemClock
from accord.release.ledger.entry import Received, Release
from accord.security.tls import client_context
from support.agreements import NZL, USA
from support.cot import cot_xml
from support.in_process import make_node
from support.linked import agree, hurry
from support.links import Place
from support.node_process import ON_FREE_PORTS, NodeProcess
from support.released import spelt

pytestmark = [pytest.mark.process, pytest.mark.timeout(600)]

WITHIN = 40.0
WHERE = '<point lat="{}" lon="178.0" hae="0" ce="20" le="9999999"/>'


@dataclass
class Apart:
    """USA, which gives, and NZL, which takes: each knows the other, and there is no line."""

    usa: NodeProcess
    nzl: NodeProcess
    stick: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: object, code: int = 0) -> str:
        """Run a command, which no process of its own makes slow, and return what it says."""
        self.capsys.readouterr()
        done = main([*map(str, words)])
        out, err = self.capsys.readouterr()
        assert done == code, (words, out, err)
        return out or err

    def status(self, node: NodeProcess) -> Any:
        tls = client_context(node.directory)
        said = get(find(node.directory), "/api/status", tls=tls, accept="application/json")
        return json.loads(said)

    def say(self, uid: str, lat: float = -33.0, minutes: float = 5) -> None:
        """Have USA told of a frigate that clause 1 lets out to NZL."""
        now = SystemClock().now()
        event = cot_xml(
            uid, "a-f-S", point=WHERE.format(lat), time=spelt(now), start=spelt(now),
            stale=spelt(now + timedelta(minutes=minutes)),
            more='access="UNCLASSIFIED" releasableTo="USA, NZL"',
        )  # fmt: skip
        with socket.create_connection(self.usa.address("cot-tcp")) as client:
            client.sendall(event)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass

    def until(self, node: NodeProcess, is_so: Callable[[Any], bool]) -> Any:
        until = time.monotonic() + WITHIN
        while True:
            said = self.status(node)
            if is_so(said):
                return said
            assert time.monotonic() < until, said
            time.sleep(0.1)

    def told(self, *uids: str) -> None:
        """Have USA told of these, and wait until it would let them go."""
        for uid in uids:
            self.say(uid)
        self.until(self.usa, lambda it: sum(it["partners"][0]["waiting"].values()) >= len(uids))

    def has(self, tracks: int) -> None:
        self.until(self.nzl, lambda said: said["picture"]["tracks"] == tracks)

    def export(self, node: NodeProcess, name: str) -> Any:
        partner = NZL if node is self.usa else USA
        words = ("export", node.directory, "--partner", partner, self.stick / name, "--json")
        return json.loads(self.run("federation", *words))

    def take(self, node: NodeProcess, name: str) -> Any:
        words = ("import", node.directory, self.stick / name, "--json")
        return json.loads(self.run("federation", *words))

    def refuses(self, node: NodeProcess, data: bytes) -> str:
        file = self.stick / "wrong"
        file.write_bytes(data)
        return self.run("federation", "import", node.directory, file, code=1)

    def lines(self, node: NodeProcess, of: type[Any]) -> list[Any]:
        name, partner = (USA, NZL) if node is self.usa else (NZL, USA)
        return [
            each for each in Place(name, node.directory).ledger(partner) if isinstance(each, of)
        ]

    def greeted(self) -> None:
        """Have both say by file what they hold."""
        assert self.export(self.usa, "usa-0")["introduces_only"]
        self.take(self.nzl, "usa-0")
        assert not self.export(self.nzl, "nzl-0")["introduces_only"]
        self.take(self.usa, "nzl-0")


@pytest.fixture
def apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Apart]:
    places = {
        node: make_node(tmp_path / node[:3].lower(), node=node, nation=node[:3])
        for node in (USA, NZL)
    }
    ends = {node: Place(node, place) for node, place in places.items()}
    for place in places.values():
        hurry(place)
        agree(place)
    ends[NZL].add(ends[USA].as_partner())
    ends[USA].add(ends[NZL].as_partner(f"127.0.0.1:{a_free_port()}"))
    without = {**ON_FREE_PORTS, "federation": "off"}
    (tmp_path / "stick").mkdir()
    usa, nzl = (NodeProcess(places[node], without) for node in (USA, NZL))
    apart = Apart(usa, nzl, tmp_path / "stick", capsys)
    try:
        apart.usa.start()
        apart.nzl.start()
        yield apart
    finally:
        for each in (apart.usa, apart.nzl):
            if each.runs:
                each.stop()


def a_free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_what_is_carried_arrives_once_in_any_order_and_what_is_wrong_changes_nothing(
    apart: Apart,
) -> None:
    apart.greeted()
    apart.told("FRIGATE")
    assert apart.export(apart.usa, "usa-1")["items"] == 1
    apart.told("OTHER")
    apart.export(apart.usa, "usa-2")
    apart.told("THIRD")
    apart.export(apart.usa, "usa-3")
    data = (apart.stick / "usa-3").read_bytes()
    for place in (60, len(data) // 2, len(data) - 10):
        altered = bytearray(data)
        altered[place] ^= 1
        apart.refuses(apart.nzl, bytes(altered))
    assert "cut off" in apart.refuses(apart.nzl, data[: len(data) // 2])
    assert USA in apart.refuses(apart.usa, data)
    assert apart.lines(apart.nzl, Received) == []
    apart.has(0)

    assert apart.take(apart.nzl, "usa-3")["new"] == 3
    apart.has(3)
    received = len(apart.lines(apart.nzl, Received))
    assert "imported before" in apart.refuses(apart.nzl, data)
    assert len(apart.lines(apart.nzl, Received)) == received
    assert apart.take(apart.nzl, "usa-1")["new"] == 0
    assert apart.take(apart.nzl, "usa-2")["new"] == 0
    apart.has(3)

    apart.export(apart.nzl, "nzl-1")
    apart.take(apart.usa, "nzl-1")
    (partner,) = apart.until(apart.usa, lambda it: it["partners"][0]["by_file"]["is_answered"])[
        "partners"
    ]
    assert partner["state"] == "down"
    assert partner["released"] == {"1 exact": 3}
    assert apart.export(apart.usa, "usa-4")["items"] == 0
    assert "BY FILE" in apart.run("status", apart.nzl.directory)

    link_up(apart)
    apart.say("FRIGATE", -34.0)
    apart.say("FOURTH")
    apart.has(4)
    apart.until(apart.usa, lambda it: not sum(it["partners"][0]["waiting"].values()))
    words = ("export", apart.usa.directory, "--partner", NZL, apart.stick / "no")
    assert "is up" in apart.run("federation", *words, code=1)
    assert not (apart.stick / "no").exists()
    assert apart.take(apart.nzl, "usa-4")["new"] == 0
    # What went over the line is the new state and the new ship, nothing that the files had brought.
    line = {(it.name, it.version) for it in apart.lines(apart.nzl, Received)}
    assert len([name for name, _ in line if name == "OTHER"]) == len(
        {it.version for it in apart.lines(apart.usa, Release) if it.name == "OTHER"}
    )
    agree_in_the_ledgers(apart)


def link_up(apart: Apart) -> None:
    """Let NZL listen where USA has dialled all the time."""
    apart.nzl.stop()
    shown = json.loads(apart.run("partner", "show", apart.usa.directory, NZL, "--json"))
    (address,) = shown["addresses"]
    apart.nzl = NodeProcess(apart.nzl.directory, {**ON_FREE_PORTS, "federation": address})
    apart.nzl.start()
    apart.until(apart.usa, lambda said: said["partners"][0]["state"] == "up")


def agree_in_the_ledgers(apart: Apart) -> None:
    theirs = apart.stick / "nzl.ledger"
    apart.run("ledger", "export", apart.nzl.directory, USA, theirs)
    words = ("compare", apart.usa.directory, NZL, theirs, "--json")
    said = json.loads(apart.run("ledger", *words))
    (clause,) = [each for each in said["given"]["clauses"] if each["clause"] == "1"]
    assert clause["sent"] >= clause["received"] > 3
    for node, partner in ((apart.usa, NZL), (apart.nzl, USA)):
        apart.run("ledger", "verify", node.directory, partner)


def test_nodes_that_do_not_run_carry_too_and_what_is_old_is_never_live(apart: Apart) -> None:
    apart.greeted()
    apart.say("FRIGATE", minutes=0.02)
    apart.told("OTHER")
    apart.usa.stop()
    apart.nzl.stop()
    assert apart.export(apart.usa, "usa-1")["items"] == 2
    time.sleep(1.5)  # until what it says of the frigate is stale
    assert apart.take(apart.nzl, "usa-1")["new"] == 2
    apart.nzl.start()
    apart.has(2)
    assert "stale since" in apart.run("why", apart.nzl.directory, "FRIGATE")
    assert "valid until" in apart.run("why", apart.nzl.directory, "OTHER")
    apart.nzl.stop()
    assert "imported before" in apart.refuses(apart.nzl, (apart.stick / "usa-1").read_bytes())
