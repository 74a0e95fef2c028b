"""What an administrator does to partners at the page, at two linked nodes over real TLS."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from accord.core.clock import SystemClock
from accord.release.ledger.entry import Suspension
from accord.security.tls import client_context
from accord.storage.agreements import AGREEMENTS, Agreements, Pause
from node.test_linked_nodes import lines, ship
from support.agreements import NZL, USA, example
from support.in_process import InProcess
from support.linked import linked
from support.tak_client import connected

ID = example().agreement.id


@asynccontextmanager
async def administrator(node: InProcess) -> AsyncGenerator[httpx.AsyncClient]:
    """Ask as a page does that shows this node to its administrator."""
    host, port = node.addresses["api"]
    base = f"https://{host}:{port}"
    async with httpx.AsyncClient(
        verify=client_context(node.directory), base_url=base, headers={"origin": base}, timeout=60
    ) as asking:
        yield asking


async def until(ask: Callable[[], Any], is_so: Callable[[Any], bool]) -> Any:
    """Ask until the answer is so; a test's own limit ends the waiting."""
    async with asyncio.timeout(60):
        while True:
            said = (await ask()).json()
            if is_so(said):
                return said
            await asyncio.sleep(0.1)


def why(partner: Any) -> str:
    (agreement,) = partner["agreements"]
    return str(agreement["why"])


async def test_a_pause_stops_what_flows_at_once_is_told_to_the_partner_and_ends(
    tmp_path: Path,
) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
        administrator(both.usa) as boss,
    ):
        giver.say(ship("BEFORE"))
        await client.hears("BEFORE")
        path = f"/api/v1/agreements/{ID}"
        answer = await boss.post(f"{path}/pause", json={"reason": "wrong area"})
        assert (answer.status_code, answer.json()["partners"]) == (201, [NZL])
        giver.say(ship("MEANWHILE"))
        await giver.is_taken_in()
        there = await both.until(NZL, lambda each: "has suspended" in why(each))
        assert "paused: wrong area" in why(there)
        here = await both.until(USA, lambda each: each["agreements"][0]["stopped"] == "paused")
        assert "is paused here by administrator" in why(here)
        assert "MEANWHILE" not in client.uids
        answer = await boss.post(f"{path}/resume", json={})
        assert answer.status_code == 204
        await client.hears("MEANWHILE")
        await both.until(NZL, lambda each: why(each) == "")
        notes = (await boss.get("/api/v1/log")).json()["entries"]
        assert [each["by"] for each in notes if ID in each["text"]] == ["administrator"] * 2
    for node, partner in ((USA, NZL), (NZL, USA)):
        (line,) = (each for each in lines(both, node, partner) if isinstance(each, Suspension))
        assert (line.by, line.reason) == (USA, "paused: wrong area")


async def test_a_pause_made_while_the_node_did_not_run_holds_when_it_does(tmp_path: Path) -> None:
    async with linked(tmp_path) as both:
        await both.stop(USA)
        held = Agreements(both.places[USA] / AGREEMENTS)
        held.pause(ID, Pause(by="root", at=SystemClock().now(), reason="by hand"))
        await both.start(USA)
        async with (
            connected(both.usa.addresses["cot-tcp"]) as giver,
            connected(both.nzl.addresses["cot-tcp"]) as client,
        ):
            giver.say(ship("HELD BACK"))
            await giver.is_taken_in()
            await both.until(NZL, lambda each: "paused: by hand" in why(each))
            assert client.uids == []
            held.go_on(ID)
            await client.hears("HELD BACK")


async def test_what_is_called_back_at_the_page_is_dropped_and_the_receipt_shown(
    tmp_path: Path,
) -> None:
    async with (
        linked(tmp_path) as both,
        connected(both.usa.addresses["cot-tcp"]) as giver,
        connected(both.nzl.addresses["cot-tcp"]) as client,
        administrator(both.usa) as boss,
    ):
        giver.say(ship("MISTAKE"))
        await client.hears("MISTAKE")
        path = f"/api/v1/partners/{NZL}"
        said = {"uid": "MISTAKE", "reason": "sent in error"}
        assert (await boss.post(f"{path}/recalls", json=said)).status_code == 201
        found = await until(
            lambda: boss.get(f"{path}/recalls"),
            lambda each: each["recalls"][0]["state"] == "answered",
        )
        (recall,) = found["recalls"]
        assert (recall["by"], recall["reason"]) == ("administrator", "sent in error")
        assert [each["outcome"] for each in recall["answers"]] == ["DROPPED"]
        (partner,) = (await boss.get("/api/v1/partners")).json()["partners"]
        assert sum(each["count"] for each in partner["hour"]["released"]) >= 1
        ledger = (await boss.get(f"/api/v1/ledger/{NZL}", params={"uid": "MISTAKE"})).json()
        kinds = [each["kind"] for each in ledger["lines"]]
        assert kinds[0] == "recall"
        assert set(kinds[1:]) == {"release"}
