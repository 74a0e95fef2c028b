import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from support.in_process import ask, make_node, running
from support.keys import quick_keys as quick_keys
from support.tak_client import connected, is_refused, position


@pytest.mark.parametrize("make_loop", [uvloop.new_event_loop, asyncio.new_event_loop])
def test_two_nodes_in_one_process_share_nothing(
    tmp_path: Path, quick_keys: None, make_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """On the event loop that a node runs on, and on the one where there is no other."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(live_apart(tmp_path))


async def live_apart(directory: Path) -> None:
    paths = [
        make_node(directory / "nzl"),
        make_node(directory / "aus", node="AUS-X", nation="AUS"),
    ]
    async with running(paths[0]) as nzl, running(paths[1]) as aus:
        kiwi = nzl.add_client("kiwi-1", "Everyone")
        async with (
            connected(nzl.addresses["cot-tls"], kiwi) as a,
            connected(aus.addresses["cot-tcp"]) as b,
            connected(aus.addresses["cot-tcp"]) as c,
        ):
            a.say(position("A", "KIWI1"))
            b.say(position("B", "AUSSIE1"))
            await c.hears("B")
            await a.is_taken_in()
            await c.is_taken_in()
            assert a.uids == []
            assert c.uids == ["B"]
        assert await is_refused(aus.addresses["cot-tls"], aus.trusted())
        said = [await ask(each, "/api/status") for each in (nzl, aus)]
        assert [each["node"]["id"] for each in said] == ["NZL-X", "AUS-X"]
        assert [each["picture"]["tracks"] for each in said] == [1, 1]
        assert "failures" not in said[0]["drops"]
        assert sum(said[1]["drops"]["failures"].values()) == 1
        nzl.stop()
        await nzl.ended()
        async with connected(aus.addresses["cot-tcp"]) as again:
            await again.hears("B")
            assert await ask(aus, "/readyz") == "ok\n"
