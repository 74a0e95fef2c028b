import asyncio
import signal

from support.node_live import add_client
from support.node_process import NodeProcess
from support.tak_client import chat, connected, event, position

KEPT_WITHIN = 0.25
"""Seconds after which what was received outlives the node."""

SHAPE = (
    '<link point="-41.1,174.1"/><link point="-41.2,174.2"/><link point="-41.1,174.1"/>'
    '<strokeColor value="-1"/><contact callsign="Box"/>'
)


async def test_after_a_power_cut_picture_words_and_shapes_are_there_again(
    node: NodeProcess,
) -> None:
    kiwi, late = add_client(node, "kiwi-1").tls(), add_client(node, "kiwi-2").tls()
    direct = chat("to kea", sender="A", to="KEA", to_uid="KEA-1", number="2")
    async with connected(node.address("cot-tls"), kiwi) as a:
        a.say(
            position("A", "KIWI1"),
            chat("to all", sender="A"),
            direct,
            event("BOX", "u-d-r", SHAPE),
            event("MARKER", "b-m-p-s-m", '<contact callsign="X"/>'),
            event("GONE", "b-m-p-s-m"),
            event("REMOVES", "t-x-d-d", '<link uid="GONE" relation="none" type="none"/>'),
        )
        await a.is_taken_in()
        await asyncio.sleep(KEPT_WITHIN)
        await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.start)
    async with connected(node.address("cot-tls"), late) as b:
        b.say(position("KEA-1", "KEA"))
        await b.is_taken_in()
        assert set(b.uids) == {
            "A",
            "BOX",
            "MARKER",
            "GeoChat.A.All Chat Rooms.1",
            "GeoChat.A.KEA-1.2",
        }
        box = await b.hears("BOX")
        assert [each.get("point") for each in box.iterfind("detail/link")] == [
            "-41.1,174.1", "-41.2,174.2", "-41.1,174.1",
        ]  # fmt: skip


async def test_a_node_that_is_told_to_ends_well_and_goes_on_where_it_was(
    node: NodeProcess,
) -> None:
    async with connected(node.address("cot-tcp")) as a:
        a.say(event("LAST"))
        await a.is_taken_in()
        assert await asyncio.to_thread(node.stop) == 0
        await a.is_cut_off()
    await asyncio.to_thread(node.start)
    async with connected(node.address("cot-tcp")) as b:
        await b.hears("LAST")


async def test_ctrl_c_is_a_way_to_end_it_too(node: NodeProcess) -> None:
    node.signal(signal.SIGINT)
    assert await asyncio.to_thread(node.wait) == 0
    assert not (node.directory / "run" / "listeners.json").exists()
