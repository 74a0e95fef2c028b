import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from accord.core.clock import SystemClock
from accord.desks.readiness.store import READINESS
from accord.node import vitals
from accord.security import keystore
from accord.security.tls import client_context
from accord.storage.journal import JournalState
from accord.storage.partners import PARTNERS, Partners
from support.clock import START
from support.in_process import InProcess, ask, running
from support.partners import AUS, partner_of
from support.tak_client import chat, connected, position


async def test_a_new_node_has_no_problems(node: InProcess) -> None:
    status = await ask(node, "/api/status")
    assert status["problems"] == []
    assert status["drops"] == {}
    assert (status["node"]["id"], status["node"]["nation"]) == ("NZL-X", "NZL")


async def test_listeners_are_named_with_their_connections(node: InProcess) -> None:
    async with connected(node.addresses["cot-tcp"]), connected(node.addresses["cot-tcp"]):
        status = await ask(node, "/api/status")
    listeners = {each["name"]: each for each in status["listeners"]}
    assert {name: each["connections"] for name, each in listeners.items()} == {
        "cot-tcp": 2, "cot-tls": 0, "cot-udp": 0, "api": 0, "enrol": 0, "federation": 0,
    }  # fmt: skip
    host, port = node.addresses["api"]
    assert listeners["api"]["address"] == f"{host}:{port}"


async def test_what_clients_said_is_counted_where_it_went(node: InProcess) -> None:
    async with (
        connected(node.addresses["cot-tcp"]) as a,
        connected(node.addresses["cot-tcp"]) as b,
    ):
        a.say(position("A", "KIWI1"), b"<event/>", chat("x", sender="A", to="B", to_uid="B"))
        await b.hears("A")
        status = await ask(node, "/api/status")
    totals = {each["what"]: each["total"] for each in status["rates"]}
    assert (totals["accepted"], totals["sent"]) == (2, 1)
    assert status["picture"]["contexts"] == {"live": 1}
    assert status["drops"]["wire"] == {"malformed": 1}
    assert status["drops"]["fan-out"] == {"no addressee connected": 1}
    (source, *_) = [each for each in status["sources"] if each["accepted"]]
    assert (source["channel"], source["state"]) == ("cot-tcp", "speaking")
    assert source["last_useful"] is not None


async def test_budgets_are_those_of_the_settings(node: InProcess) -> None:
    status = await ask(node, "/api/status")
    budgets = {each["what"]: each for each in status["budgets"]}
    assert (budgets["disk"]["budget"], budgets["memory"]["budget"]) == (2 << 30, 2 << 30)
    assert budgets["memory"]["used"] > 1 << 20
    assert budgets["picture"] == {"what": "picture", "used": 0, "budget": 512 << 20}


async def test_the_picture_is_as_large_as_the_events_on_it(node: InProcess) -> None:
    said = position("A", "KIWI1")
    async with (
        connected(node.addresses["cot-tcp"]) as a,
        connected(node.addresses["cot-tcp"]) as b,
    ):
        a.say(said)
        await b.hears("A")
        status = await ask(node, "/api/status")
    budgets = {each["what"]: each for each in status["budgets"]}
    assert budgets["picture"]["used"] == len(said)


async def test_certificates_are_the_nodes_own_and_those_of_clients_that_end_soon(
    node: InProcess,
) -> None:
    node.add_client("for a year")
    node.add_client("for a week", valid=timedelta(days=7))
    node.add_client("revoked", valid=timedelta(days=7))
    node.people.revoke("revoked", START)
    async with connected(node.addresses["cot-tls"], node.add_client("noted")):
        status = await ask(node, "/api/status")
    assert [each["file"] for each in status["certificates"]] == [
        "authority/ca.pem",
        "server/server.pem",
        "clients/administrator.pem",
        "the certificate of for a week",
    ]
    assert status["problems"] == [
        (
            "the certificate of for a week ends in 7 d; "
            "accord client token DIR 'for a week': it enrols again, and keeps all it has"
        )
    ]


async def test_a_certificate_that_is_gone_is_a_problem(node: InProcess) -> None:
    (node.directory / keystore.SERVER).unlink()
    status = await ask(node, "/api/status")
    missing = f"cannot read {node.directory / keystore.SERVER}: No such file or directory"
    assert status["problems"] == [missing]
    assert "server/server.pem" not in [each["file"] for each in status["certificates"]]


async def test_a_register_that_is_gone_is_a_problem_and_throws_nobody_out(node: InProcess) -> None:
    async with connected(node.addresses["cot-tls"], node.add_client("kiwi-1")) as a:
        node.people.path.unlink()
        async with asyncio.timeout(10):
            while not (problems := (await ask(node, "/api/status"))["problems"]):
                continue
        await a.is_taken_in()
    assert problems == [
        (
            f"the register of people {node.people.path} cannot be read: "
            "No such file or directory; who was admitted before still is"
        )
    ]


async def test_readiness_that_cannot_be_stated_is_a_problem(
    node: InProcess,
) -> None:
    (node.directory / READINESS).unlink()
    async with asyncio.timeout(60):
        while not (problems := (await ask(node, "/api/status"))["problems"]):
            continue
    (said,) = problems
    assert said.startswith(f"readiness is not stated: the register {node.directory / READINESS}: ")


async def test_a_feed_that_is_down_is_a_problem(directory: Path) -> None:
    with (directory / "accord.toml").open("a") as settings:
        settings.write(
            '[feed.ships]\nformat = "ais"\ntransport = "tcp"\naddress = "127.0.0.1:9"\n'
            'groups = ["Everyone"]\n'
        )
    async with running(directory) as node, asyncio.timeout(10):
        while not (problems := (await ask(node, "/api/status"))["problems"]):
            continue
    assert problems[0].startswith("feed:ships ships is not connected: ")


async def test_a_rule_about_a_feed_that_there_is_none_of_is_a_problem(directory: Path) -> None:
    (directory / "watch.rules").write_text("rule quiet\nwhen feed nosuch silent for 5 min\n")
    async with running(directory) as node:
        problems = (await ask(node, "/api/status"))["problems"]
    assert problems == [
        "watch rule quiet is about the feed nosuch, which accord.toml does not have"
    ]


async def test_a_rule_about_a_partner_is_a_problem_until_it_is_one(directory: Path) -> None:
    (directory / "watch.rules").write_text(
        f"rule quiet\nwhen partner {AUS} silent for 5 min\nescalate after 5 min offer kiwi-1\n"
    )
    async with running(directory) as node:
        tls = node.add_client("kiwi-1")
        missing = f"watch rule quiet is about the partner {AUS}, which is none of this node's"
        async with asyncio.timeout(60):
            while len(problems := (await ask(node, "/api/status"))["problems"]) != 1:
                continue
        assert problems == [f"{missing} (`accord partner`)"]
        host, port = node.addresses["api"]
        async with httpx.AsyncClient(base_url=f"https://{host}:{port}", verify=tls) as asking:
            assert (await asking.get("/api/v1/alerts")).json()["rules"] == problems
        Partners(directory / PARTNERS).prepare()
        Partners(directory / PARTNERS).add(partner_of(AUS), SystemClock().now())
        async with asyncio.timeout(60):
            while problems[0] in (await ask(node, "/api/status"))["problems"]:
                continue


async def test_what_of_a_document_cannot_be_read_is_a_problem(directory: Path) -> None:
    (directory / "chart").write_text('{"type": "FeatureCollection", "features": [7]}')
    with (directory / "accord.toml").open("a") as settings:
        settings.write(
            '[feed.chart]\nformat = "geojson"\ntransport = "file"\naddress = "chart"\n'
            'groups = ["Everyone"]\n'
        )
    async with running(directory) as node, asyncio.timeout(60):
        while not (problems := (await ask(node, "/api/status"))["problems"]):
            continue
    assert problems == ["feed:chart: feature 1: something else where an object has to be"]


@dataclass
class FakeJournal:
    """A journal in a state of the test's choice."""

    recording: bool
    reason: str

    def status(self) -> JournalState:
        return JournalState(
            recording=self.recording,
            reason=self.reason,
            since=START if self.reason else None,
            bytes_on_disk=1,
            budget=2,
            waiting=3,
            waiting_bytes=4,
            limit_bytes=5,
            oldest=None,
            newest=None,
            kept=6,
            not_kept={},
            counts={"restored": 7},
        )


@pytest.mark.parametrize(
    ("recording", "reason", "trouble"),
    [
        (True, "", ""),
        (False, "disk full", "keeps nothing since 2026-01-02 03:04:05Z: disk full"),
        (True, "little left", "keeps less since 2026-01-02 03:04:05Z: little left"),
    ],
)
def test_a_journal_that_does_not_keep_everything_says_so(
    recording: bool, reason: str, trouble: str
) -> None:
    status = vitals._journal(FakeJournal(recording, reason))  # type: ignore[arg-type]
    assert status.trouble == trouble
    assert (status.waiting_bytes, status.limit_bytes) == (4, 5)
    assert status.counts == {"restored": 7, "kept": 6}


async def test_a_notice_that_cannot_be_written_is_a_problem_and_traffic_goes_on(
    directory: Path,
) -> None:
    (directory / "run" / "listeners.json").mkdir(parents=True)
    async with running(directory) as node:
        address = node.addresses["api"]
        tls = client_context(directory)
        async with (
            connected(node.addresses["cot-tls"], node.add_client("kiwi-1")) as a,
            httpx.AsyncClient(verify=tls) as http,
        ):
            await a.is_taken_in()
            url = f"https://127.0.0.1:{address[1]}/api/status"
            answer = await http.get(url, headers={"accept": "application/json"})
    (problem,) = answer.json()["problems"]
    assert problem.startswith(f"cannot write {directory / 'run' / 'listeners.json'}: Is a direct")
