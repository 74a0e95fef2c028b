"""Two whole nodes: one states what it is ready for, and the agreement decides who hears of it."""

import asyncio
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from accord.core.clock import SystemClock
from accord.core.context import LIVE
from accord.desks.readiness.store import READINESS, ReadinessStore
from accord.node.readiness import register_of
from support.agreements import NZL, USA
from support.in_process import InProcess, ask
from support.linked import linked
from support.readiness import SAID, a_base, a_class, a_unit, available
from support.readiness_agreement import TEXT

PATH = "/api/v1/readiness"


async def post(node: InProcess, tls: ssl.SSLContext, **said: Any) -> Any:
    host, port = node.addresses["api"]
    base = f"https://{host}:{port}"
    async with httpx.AsyncClient(verify=tls, base_url=base, headers={"origin": base}) as asking:
        answer = await asking.post(f"{PATH}/statements", json=said, timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_partner_hears_what_may_be_told_and_nothing_else(tmp_path: Path) -> None:
    async with linked(tmp_path, TEXT) as both:
        now = SystemClock().now()
        said = replace(
            SAID, as_of=now - timedelta(days=1), valid_until=now + timedelta(days=9),
            by="the commander of the base",
        )  # fmt: skip
        span = {"from_": "2026-01-01", "to": "2028-01-01"}
        rows = (
            a_base(), a_class(), a_unit("SECRET-NAME", partner="USA", count="4"),
            available("A", "SECRET-NAME", said=said, reason="crew has influenza", **span),
        )  # fmt: skip
        register_of(both.places[USA]).take(rows, person="eagle", now=now)
        tls = both.usa.add_client("eagle")
        mine = await post(both.usa, tls, capability="surveillance-air", marking="(U//REL TO NZL)")
        # The same capability, to be told to others only: NZL does not hear of it.
        await post(both.usa, tls, capability="sar-air", marking="(U//REL TO FRA)")
        store = ReadinessStore(both.places[NZL] / READINESS)
        async with asyncio.timeout(60):
            while not store.statements(LIVE):  # noqa: ASYNC110  a file has no event
                await asyncio.sleep(0.1)
        (heard,) = store.statements(LIVE)
        assert (heard.node, heard.statement.numbers) == (USA, (0, 4, 4, 4))
        assert mine["numbers"] == [0, 4, 4, 4]
        board = await ask(both.nzl, f"{PATH}/board")
        (row,) = board["rows"]
        assert row["capability"] == "surveillance-air"
        offers = {each["partner"]: each for each in row["cells"][1]["offers"]}
        assert (offers["USA"]["basis"], offers["USA"]["number"]) == ("stated", 4)
        assert "readiness" not in (await ask(both.nzl, "/api/status"))["drops"]
        partner = await both.until(USA, lambda each: bool(each["released"]))
        assert partner["released"] == {"1 exact": 1}
    kept = b"".join(p.read_bytes() for p in both.places[NZL].rglob("*") if p.is_file())
    for secret in (b"SECRET-NAME", b"influenza", b"commander of the base", b"eagle"):
        assert secret not in kept
