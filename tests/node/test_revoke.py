import asyncio
import contextlib
import hashlib
import ssl
from asyncio import StreamReader, StreamWriter

import httpx

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


SIZE = 64 << 20
"""More than lies in the buffers between the node and a client that does not read."""


async def begun(shared: Shared, name: str, head: str) -> tuple[StreamReader, StreamWriter]:
    tls = shared.clients[name].tls()
    reader, writer = await asyncio.open_connection(*shared.node.address("api"), ssl=tls)
    writer.write(f"{head} HTTP/1.1\r\nhost: x\r\n".encode())
    return reader, writer


async def ended(reader: StreamReader) -> bytes:
    """Return what comes until the node ends the connection, however it does that."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        return await reader.read()
    return b""


async def test_a_file_on_its_way_is_cut_off_with_its_client(shared: Shared) -> None:
    shared.clients["erin"] = add_client(shared.node, "erin")
    tls, base = shared.clients["kiwi-1"].tls(), f"https://{shared.node.target('api')}"
    async with httpx.AsyncClient(verify=tls, base_url=base, timeout=60) as kiwi:
        assert (await kiwi.post("/Marti/sync/upload?name=big", content=bytes(SIZE))).is_success
        sha256 = hashlib.sha256(bytes(SIZE)).hexdigest()
        down, reading = await begun(shared, "erin", f"GET /Marti/sync/content?hash={sha256}")
        reading.write(b"\r\n")
        assert (await down.readline()).startswith(b"HTTP/1.1 200")
        up, sending = await begun(shared, "erin", "POST /Marti/sync/upload?name=hers")
        sending.write(b"content-length: 8\r\n\r\nhalf")
        await sending.drain()
        await asyncio.sleep(1.5)  # as files are, they are a while on their way
        assert main(["client", "revoke", str(shared.node.directory), "erin"]) == 0
        async with asyncio.timeout(CUT_WITHIN):
            assert await ended(up) == b""
        async with asyncio.timeout(30):  # what lies in buffers comes still
            assert len(await ended(down)) < SIZE
        found = (await kiwi.get("/Marti/sync/search")).json()["results"]
        assert "hers" not in [each["Name"] for each in found]
    for each in (reading, sending):
        each.close()
