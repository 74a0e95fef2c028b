"""A whole node: somebody takes a statement in over HTTP, and the register has it."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import httpx

from accord.desks.commitment.sources import SCENARIOS
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
        assert said.status_code == 200
        register = await ask(node, PATH)
        assert [each["clause"] for each in register["owe"]] == [1]
        assert register["owe"][0]["confirmed_by"] == "moana"
    held = CommitmentStore(directory / COMMITMENTS).held("JOINT")
    assert held.commitment().effects == (held.record.clauses[0].effect,)


PLAN = """\
schema: accord-scenario/1
asof: 2026-01-01
partners: [{id: NZL, name: New Zealand, conf: A}]
bases:
  - {id: OHA, name: Ohakea, country: NZL, role: air, lat: -40.2, lon: 175.4, conf: A}
  - {id: NAN, name: Nadi, country: FJI, role: air, lat: -17.8, lon: 177.4, conf: A}
platform_classes:
  - {id: MPA, name: Patrol aircraft, domain: air, cruise_kt: 400, radius_nm: 1000, roles: [sar], notice_h: [1, 2, 6], conf: B}
fleet: [{partner: NZL, class: MPA, base: OHA, count: 2, availability: 0.5, conf: A}]
areas:
  - {id: RING, name: Round Fiji, kind: box, circles: [{lat: -18, lon: 178, radius_nm: 200}], conf: B}
commitments:
  - {id: C1, text: One aircraft forward, ops: [{op: add_deployment, partner: NZL, class: MPA, base: NAN, share_of_year: 0.5}], conf: C}
"""  # noqa: E501  a row is a line


async def test_what_a_commitment_changes_is_asked_of_a_node_and_answered_as_a_page(
    tmp_path: Path,
) -> None:
    directory = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    (directory / SCENARIOS).mkdir()
    (directory / SCENARIOS / "fiji.yaml").write_text(PLAN)
    async with running(directory) as node:
        tls = node.add_client("moana")
        asked = await post(node, tls, "/api/v1/impact", commitments=["C1"], source="fiji.yaml")
        assert asked.status_code == 201
        path = f"/api/v1/impact/{asked.json()['id']}"
        async with asyncio.timeout(170):
            while (said := await ask(node, path))["about"]["state"] in ("waiting", "working"):  # noqa: ASYNC110  a process has no event
                await asyncio.sleep(0.1)
        assert said["about"]["state"] == "done", said["about"]["trouble"]
        assert said["about"]["context"] == said["answer"]["context"] == "plan:fiji.yaml"
        (case,) = said["answer"]["cases"]
        assert case["moves"][0]["to"] == "NAN"
        page = await get(node, tls, f"{path}/page")
        assert "What does C1 change?" in page.text
        assert "style-src 'sha256-" in page.headers["content-security-policy"]
        assert [each["id"] for each in (await ask(node, "/api/v1/impact"))["answers"]] == [
            asked.json()["id"]
        ]


async def get(node: InProcess, tls: ssl.SSLContext, path: str) -> httpx.Response:
    host, port = node.addresses["api"]
    async with httpx.AsyncClient(verify=tls, base_url=f"https://{host}:{port}") as asking:
        return await asking.get(path, timeout=60)
