"""A whole node: somebody takes a statement in over HTTP, and the register has it."""

import ssl
from pathlib import Path
from typing import Any

import httpx

from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from support.in_process import InProcess, ask, make_node, running
from support.statements import STATEMENT

PATH = "/api/v1/commitments"


async def post(node: InProcess, tls: ssl.SSLContext, path: str, **said: Any) -> httpx.Response:
    host, port = node.addresses["api"]
    base = f"https://{host}:{port}"
    async with httpx.AsyncClient(verify=tls, base_url=base, headers={"origin": base}) as asking:
        return await asking.post(path, json=said, timeout=60)


async def test_a_statement_that_is_taken_in_over_http_is_in_the_register(tmp_path: Path) -> None:
    directory = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    async with running(directory) as node:
        tls = node.add_client("moana")
        assert (await post(node, tls, PATH, text=STATEMENT)).status_code == 201
        said = await post(node, tls, f"{PATH}/JOINT/notes", clause=1, event="confirmed")
        assert said.status_code == 204
        register = await ask(node, PATH)
        assert [each["clause"] for each in register["owe"]] == [1]
        assert register["owe"][0]["confirmed_by"] == "moana"
    held = CommitmentStore(directory / COMMITMENTS).held("JOINT")
    assert held.commitment().effects == (held.record.clauses[0].effect,)
