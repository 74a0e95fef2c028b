import asyncio
import json
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from support.node_live import Shared, on_air
from support.node_process import accord_well
from support.tak_client import event, position


async def test_status_tells_machines_everything_that_it_promises(shared: Shared) -> None:
    async with on_air(shared, "kiwi-1", "screen") as (kiwi, screen):
        kiwi.say(position("STATUS-1", "KIWI1"), b"<event></event>")
        await screen.hears("STATUS-1")
        text = await asyncio.to_thread(accord_well, "status", shared.node.directory, "--json")
    status = json.loads(text)
    host, port = shared.node.address("cot-tls")
    listeners = {each["name"]: each for each in status["listeners"]}
    assert listeners["cot-tls"] == {
        "name": "cot-tls", "address": f"{host}:{port}", "connections": 2,
    }  # fmt: skip
    clients = {each["name"]: each for each in status["clients"]}
    one = clients["kiwi-1"]
    assert (one["callsign"], one["uid"], one["form"]) == ("KIWI1", "STATUS-1", "xml")
    assert one["refused"] == {"malformed": 1}
    assert {"waiting", "waiting_bytes", "sent", "replaced"} <= one.keys()
    blue = next(each for each in status["groups"] if each["name"] == "Blue")
    assert (blue["speak"], blue["hear"]) == (1, 2)
    rates = {each["what"]: each for each in status["rates"]}
    assert {"accepted", "refused", "sent", "kept"} == rates.keys()
    assert rates["accepted"]["total"] >= 1
    assert {"one_minute", "five_minutes"} <= rates["accepted"].keys()
    assert 1 <= status["picture"]["tracks"] <= status["picture"]["limit"]
    assert status["journal"].keys() >= {"waiting_bytes", "limit_bytes", "trouble"}
    assert status["drops"]["wire"]["malformed"] >= 1
    source = next(each for each in status["sources"] if each["speaker"] == "kiwi-1")
    assert source["state"] == "speaking"
    last = datetime.fromisoformat(source["last_useful"])
    assert abs((datetime.now(UTC) - last).total_seconds()) < 60  # noqa: TID251  a test's own clock
    budgets = {each["what"]: each for each in status["budgets"]}
    assert {"disk", "memory", "picture"} == budgets.keys()
    assert all(0 < each["used"] < each["budget"] for each in budgets.values())
    ends = {each["file"]: each["not_after"] for each in status["certificates"]}
    assert {"authority/ca.pem", "server/server.pem", "clients/administrator.pem"} <= ends.keys()


def test_status_tells_people_the_same(shared: Shared) -> None:
    text = accord_well("status", shared.node.directory)
    for heading in ("LISTENER", "REPORTS", "picture", "journal", "disk", "memory", "CERTIFICATE"):
        assert re.search(rf"^{heading}\b", text, re.MULTILINE), heading


def ask(shared: Shared, path: str, client: str | None = "kiwi-1") -> str:
    host, port = shared.node.address("api")
    tls = shared.clients["kiwi-1"].tls() if client else shared.clients["kiwi-1"].trust()
    with urllib.request.urlopen(f"https://{host}:{port}{path}", context=tls, timeout=10) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("client", ["kiwi-1", None])
def test_from_this_machine_anybody_sees_whether_it_lives_and_passes_messages(
    shared: Shared, client: str | None
) -> None:
    assert ask(shared, "/healthz", client) == "ok\n"
    assert ask(shared, "/readyz", client) == "ok\n"


def test_what_it_says_to_itself_is_heard_by_nobody(shared: Shared) -> None:
    async def listen() -> list[str]:
        async with on_air(shared, "screen", "kiwi-1") as (screen, kiwi):
            await asyncio.to_thread(ask, shared, "/readyz")
            kiwi.say(event("AFTER-THE-CHECK"))
            await screen.hears("AFTER-THE-CHECK")
            return screen.uids

    assert not [uid for uid in asyncio.run(listen()) if "self-check" in uid]


def test_prometheus_reads_the_metrics(shared: Shared) -> None:
    """By the grammar of the text exposition format 0.0.4."""
    sample = re.compile(
        r"[a-zA-Z_:][a-zA-Z0-9_:]*"
        r'(\{[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\\n])*")*\})?'
        r" [-+0-9.eE]+"
    )
    lines = ask(shared, "/metrics").splitlines()
    samples = [line for line in lines if not line.startswith("# ")]
    assert [line for line in samples if not sample.fullmatch(line)] == []
    assert any(line.startswith("accord_accepted_total ") for line in samples)
    types = {line.split()[2]: line.split()[3] for line in lines if line.startswith("# TYPE ")}
    assert types["accord_accepted_total"] == "counter"
    assert types["accord_tracks"] == "gauge"


def test_the_whole_status_is_for_administrators(shared: Shared) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(shared, "/api/status")
    with refused.value as answer:
        assert answer.code == 403
        assert json.load(answer)["detail"] == "kiwi-1 is no administrator of this node"
