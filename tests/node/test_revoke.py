import asyncio

from accord.cli.main import main
from support.node_live import Shared, add_client
from support.node_process import NodeProcess, accord_well
from support.tak_client import connected, is_refused

CUT_WITHIN = 2.0
"""Seconds after the command in which a live session must be cut."""


async def test_who_is_revoked_is_cut_within_two_seconds_and_refused_also_after_a_restart(
    node: NodeProcess,
) -> None:
    kiwi, other = add_client(node, "kiwi-1").tls(), add_client(node, "kiwi-2").tls()
    async with (
        connected(node.address("cot-tls"), kiwi) as revoked,
        connected(node.address("cot-tls"), other) as stays,
    ):
        await asyncio.to_thread(accord_well, "client", "revoke", node.directory, "kiwi-1")
        async with asyncio.timeout(CUT_WITHIN):
            await revoked.is_cut_off()
        await stays.is_taken_in()
    assert await is_refused(node.address("cot-tls"), kiwi)
    assert await asyncio.to_thread(node.stop) == 0
    await asyncio.to_thread(node.start)
    assert await is_refused(node.address("cot-tls"), kiwi)
    async with connected(node.address("cot-tls"), other):
        pass


async def test_a_name_that_comes_back_comes_back_with_a_new_certificate_only(
    shared: Shared,
) -> None:
    address = shared.node.address("cot-tls")
    before = add_client(shared.node, "kea").tls()
    async with connected(address, before):
        pass
    assert main(["client", "revoke", str(shared.node.directory), "kea"]) == 0
    after = add_client(shared.node, "kea").tls()
    async with connected(address, after):
        assert await is_refused(address, before)
