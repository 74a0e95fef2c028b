"""What a client costs that is connected over TLS and says nothing: resident memory of the node.

Starts a node of its own, connects as many clients as asked for, all with one certificate, holds
them, and prints KiB per client. The connections are this program's as well: it needs two file
descriptors for each, and about as much memory as the node.
"""

import argparse
import asyncio
import resource
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import procstat
import uvloop
from servers import accord_node

from accord.cli.demo_client import tls_context

GOAL_KIB = 60.0
AT_ONCE = 50
SETTLE_S = 3.0


class Idle(asyncio.Protocol):
    """Connects, and lets what comes be."""

    def __init__(self) -> None:
        self.lost = False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's own
        self.lost = True


async def connect(host: str, port: int, tls: ssl.SSLContext, count: int) -> list[Idle]:
    loop = asyncio.get_running_loop()
    allowed = asyncio.Semaphore(AT_ONCE)

    async def one() -> Idle:
        async with allowed:
            _, protocol = await loop.create_connection(Idle, host, port, ssl=tls)
            return protocol

    return await asyncio.gather(*(one() for _ in range(count)))


async def measure(directory: Path, target: str, pid: int, count: int) -> tuple[float, int]:
    """KiB for each client, and how many were still connected at the end."""
    host, port = target.rsplit(":", 1)
    tls = tls_context(directory / "clients" / "idle.zip")
    await connect(host, int(port), tls, 20)  # what the first ones cost is not theirs alone
    await asyncio.sleep(SETTLE_S)
    before = procstat.sample([pid])
    clients = await connect(host, int(port), tls, count)
    await asyncio.sleep(SETTLE_S)
    after = procstat.sample([pid])
    held = sum(not client.lost for client in clients)
    return (after.pss - before.pss) / 1024 / count, held


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=5000)
    count = options.parse_args().clients
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        directory = Path(folder) / "node"
        with accord_node(Path(folder)) as (pid, listeners):
            add = [sys.executable, "-m", "accord", "client", "add", directory, "idle"]
            subprocess.run([*add, "--group", "Idle"], check=True, stdout=subprocess.DEVNULL)
            # A node takes note of a new client within half a second.
            subprocess.run(["sleep", "1"], check=True)
            kib, held = uvloop.run(measure(directory, listeners["cot-tls"], pid, count))
    print(
        f"{held} of {count} idle TLS clients held: {kib:.1f} KiB each (at most {GOAL_KIB:g} asked)"
    )
    return 0 if held == count and kib <= GOAL_KIB else 1


if __name__ == "__main__":
    sys.exit(main())
