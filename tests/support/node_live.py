"""Clients of a node that runs as a process, added without a process for each."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from accord.cli.main import main
from support.node_process import ClientFiles, NodeProcess, unpack
from support.tak_client import TakClient, connected


def add_client(node: NodeProcess, name: str, *options: str, group: str = "Blue") -> ClientFiles:
    """Add a client by the command line's own code, and unpack its connection package."""
    command = ["client", "add", str(node.directory), name, "--group", group, "--json", *options]
    assert main(command) == 0
    return unpack(node.directory / "clients" / f"{name}.zip")


@dataclass(frozen=True)
class Shared:
    """A node that many tests use, and clients of it by name."""

    node: NodeProcess
    clients: dict[str, ClientFiles]


@asynccontextmanager
async def on_air(shared: Shared, *names: str) -> AsyncGenerator[list[TakClient]]:
    """Connect clients over TLS; one name may stand twice."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connected(shared.node.address("cot-tls"), shared.clients[name].tls())
            )
            for name in names
        ]
