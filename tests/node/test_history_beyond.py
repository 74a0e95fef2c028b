"""What only the history has is told by the API as if the journal had it, on a node that runs."""

import asyncio
import json
import re

import httpx
from lxml import etree

from accord.node.history_process import HISTORY
from support.histories import store as store
from support.node_live import add_client
from support.node_process import NodeProcess
from support.postgres import postgres as postgres
from support.tak_client import connected, event, position

KEPT_WITHIN = 60.0
SHIPS = 3


async def test_positions_that_the_journal_lost_are_told_to_their_group_alone(
    node: NodeProcess, store: str
) -> None:
    kiwi, red = add_client(node, "kiwi-1").tls(), add_client(node, "red", group="Red").tls()
    await asyncio.to_thread(_keep_a_history, node, store)
    async with connected(node.address("cot-tls"), kiwi) as phone:
        phone.say(position("B-1", "B-1"))
        for _ in range(SHIPS):
            phone.say(event("B-SHIP", "a-f-S-X-M"))
        await phone.is_taken_in()
    await asyncio.to_thread(_wait_for, node, SHIPS)
    await asyncio.to_thread(node.stop)
    assert (node.directory / HISTORY).is_dir()
    for each in node.directory.glob("journal.sqlite*"):
        each.unlink()
    await asyncio.to_thread(node.start)
    base = f"https://{node.target('api')}"
    async with httpx.AsyncClient(verify=kiwi, base_url=base, timeout=60) as asking:
        told = await asking.get("/api/v1/tracks/B-SHIP/history")
        assert told.status_code == 200, told.text
        assert len(told.json()["positions"]) == SHIPS
        assert (await asking.get("/api/v1/history")).json()["from"] is not None
        trails = await asking.post(
            "/api/v1/trails", json={"uids": ["B-SHIP"], "minutes": 60}, headers={"origin": base}
        )
        assert set(trails.json()["trails"]) == {"B-SHIP"}
        said = await asking.get("/Marti/api/cot/xml/B-SHIP/all?secago=3600")
        assert len(etree.fromstring(said.content)) == SHIPS
        around = await asking.get("/Marti/api/cot/sa?secago=3600")
        uids = [each.get("uid") for each in etree.fromstring(around.content)]
        assert uids.count("B-SHIP") == SHIPS
        assert (await asking.get("/Marti/api/cot/xml/B-SHIP")).status_code == 200
    async with httpx.AsyncClient(verify=red, base_url=base, timeout=60) as asking:
        told = await asking.get("/api/v1/tracks/B-SHIP/history")
        assert "B-1" not in told.text
        assert told.json().get("positions", []) == []
        said = await asking.get("/Marti/api/cot/xml/B-SHIP/all?secago=3600")
        assert len(etree.fromstring(said.content)) == 0
        assert (await asking.get("/Marti/api/cot/xml/B-SHIP")).status_code == 404


def _keep_a_history(node: NodeProcess, store: str) -> None:
    node.stop()
    settings = node.directory / "accord.toml"
    text, count = re.subn(
        r"(?m)^\[history\]$", f"[history]\nkeep = true\nevery = 0.1\n{store}", settings.read_text()
    )
    assert count == 1
    settings.write_text(text)
    node.start()


def _wait_for(node: NodeProcess, positions: int) -> None:
    """Wait until the history has so many of the ship, by the command that tells of it."""
    for _ in range(int(KEPT_WITHIN / 0.5)):
        told = json.loads(node.accord("history", "status", "--json"))
        if told and sum(each["positions"] for each in told["channels"]) > positions:
            return
    raise AssertionError(f"the history has not {positions} positions")
