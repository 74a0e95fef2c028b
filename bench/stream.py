"""What browsers cost the node: CPU with 50 of them beside none, at 2,000 updates a second.

Starts a node of its own. Ships report over TLS, each once a second; nobody but browsers hears them.
The CPU time of the node's process is taken for a while without browsers, with them, and without
again; what browsers cost is the difference. Bytes are counted as they come out of one browser's
socket, before any compression, which there is none of. Ships and browsers are processes of their
own and share the cores with the node.
"""

import argparse
import asyncio
import json
import multiprocessing
import ssl
import struct
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import procstat
import uvloop
from servers import accord_node
from websockets.asyncio.client import connect

from accord.cli.demo_client import tls_context

CORE_GOAL = 0.30
BYTES_GOAL = 16.0
SENDERS = 20
SETTLE_S = 4.0
TICK_S = 0.1
AT_ONCE = 5
OPEN_WITHIN_S = 60.0


def spelt(uid: str, at: datetime, north: float) -> bytes:
    time_, stale = (
        each.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" for each in (at, at + timedelta(minutes=5))
    )
    return (
        f'<event version="2.0" uid="{uid}" type="a-n-S-X-M" how="m-g" time="{time_}" '
        f'start="{time_}" stale="{stale}"><point lat="{-41 + north:.6f}" lon="174.5" hae="0" '
        f'ce="10" le="10"/><detail><contact callsign="{uid}"/><track course="90.0" speed="5.0"/>'
        "</detail></event>"
    ).encode()


async def _sail(target: str, package: Path, rate: int) -> None:
    """Let `rate` ships report once a second each, evenly, until killed."""
    host, port = target.rsplit(":", 1)
    tls = tls_context(package)
    writers = [(await asyncio.open_connection(host, int(port), ssl=tls))[1] for _ in range(SENDERS)]
    uids = [f"SHIP-{n}" for n in range(rate)]
    begun, sent = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - begun) * rate)
        now, lots = datetime.now(UTC), [[] for _ in writers]
        for n in range(sent, due):
            ship, round_ = n % rate, n // rate
            lots[ship % SENDERS].append(spelt(uids[ship], now, ship / 5000 + round_ % 100 * 5e-5))
        sent = due
        for writer, lot in zip(writers, lots, strict=True):
            writer.write(b"".join(lot))
            await writer.drain()
        await asyncio.sleep(TICK_S)


def sail(target: str, package: Path, rate: int) -> None:
    uvloop.run(_sail(target, package, rate))


class Seen:
    """What one browser was sent."""

    def __init__(self) -> None:
        self.bursts = 0
        self.updates = 0
        self.bytes_of_positions = 0
        self.bytes = 0
        self.messages = 0
        self.browsers = 0

    def take(self, message: str | bytes) -> None:
        self.messages += 1
        self.bytes += len(message)
        if isinstance(message, bytes) and message[:4] == b"TRK1":
            self.updates += struct.unpack_from("<I", message, 4)[0]
            self.bytes_of_positions += len(message)
        elif isinstance(message, str) and message.startswith('{"t":"ready"'):
            self.bursts += 1


async def _look(target: str, package: Path, count: int, wire: Connection) -> None:
    tls: ssl.SSLContext = tls_context(package)
    seen, allowed = Seen(), asyncio.Semaphore(AT_ONCE)

    async def one(first: bool) -> None:
        async with allowed:
            socket = await connect(
                f"wss://{target}/api/v1/stream",
                ssl=tls,
                subprotocols=["accord.stream.v1"],
                compression=None,
                max_size=None,
                proxy=None,
                open_timeout=OPEN_WITHIN_S,
            )
        seen.browsers += 1
        await socket.send(json.dumps({"t": "subscribe"}))
        async for message in socket:
            if first:
                seen.take(message)

    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            tasks.create_task(one(number == 0))
        while True:
            await loop.run_in_executor(None, wire.recv)
            wire.send(vars(seen))


def look(target: str, package: Path, count: int, wire: Connection) -> None:
    uvloop.run(_look(target, package, count, wire))


def cpu_of(pid: int, seconds: float) -> float:
    """CPU seconds a second of the node."""
    before, at = procstat.sample([pid]).cpu_s, time.monotonic()
    time.sleep(seconds)
    return (procstat.sample([pid]).cpu_s - before) / (time.monotonic() - at)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--browsers", type=int, default=50)
    options.add_argument("--rate", type=int, default=2000, help="updates a second")
    options.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        directory = Path(folder) / "node"
        with accord_node(Path(folder), api="127.0.0.1:0") as (pid, listeners):
            for name, group in (("ships", "Sea:in"), ("eyes", "Sea:out")):
                add = [sys.executable, "-m", "accord", "client", "add", directory, name]
                subprocess.run([*add, "--group", group], check=True, stdout=subprocess.DEVNULL)
            time.sleep(1.0)  # a node takes note of a new client within half a second
            return measured(asked, directory / "clients", pid, listeners)


def measured(asked: argparse.Namespace, clients: Path, pid: int, listeners: dict[str, str]) -> int:
    ships = multiprocessing.Process(
        target=sail, args=(listeners["cot-tls"], clients / "ships.zip", asked.rate), daemon=True
    )
    ships.start()
    time.sleep(SETTLE_S)
    without = cpu_of(pid, asked.seconds)
    here, there = multiprocessing.Pipe()
    eyes = multiprocessing.Process(
        target=look,
        args=(listeners["api"], clients / "eyes.zip", asked.browsers, there),
        daemon=True,
    )
    eyes.start()
    while asked_of(here)["browsers"] < asked.browsers:
        time.sleep(TICK_S)
    time.sleep(SETTLE_S)
    first = asked_of(here)
    begun = time.monotonic()
    with_them = cpu_of(pid, asked.seconds)
    seconds = time.monotonic() - begun
    last = asked_of(here)
    eyes.terminate()
    eyes.join()
    time.sleep(SETTLE_S)
    again = cpu_of(pid, asked.seconds)
    ships.terminate()
    ships.join()
    return told(asked, (without, with_them, again), first, last, seconds)


def asked_of(wire: Connection) -> dict[str, int]:
    wire.send(None)
    if not wire.poll(OPEN_WITHIN_S):
        raise SystemExit("the browsers say nothing any more")
    return wire.recv()


def told(
    asked: argparse.Namespace,
    cores: tuple[float, float, float],
    first: dict[str, int],
    last: dict[str, int],
    seconds: float,
) -> int:
    seen = {key: last[key] - first[key] for key in last}
    without = (cores[0] + cores[2]) / 2
    cost = cores[1] - without
    each = seen["bytes_of_positions"] / max(1, seen["updates"])
    all_of_it = seen["bytes"] / max(1, seen["updates"])
    print(f"updates a second at one browser  {seen['updates'] / seconds:10.0f} of {asked.rate}")
    print(f"bursts a second at one browser   {seen['bursts'] / seconds:10.2f}")
    print(
        f"bytes of columns an update       {each:10.2f} (at most {BYTES_GOAL:g} and a head asked)"
    )
    print(f"bytes of everything an update    {all_of_it:10.2f}")
    print(f"node without browsers            {cores[0]:10.3f} of a core, {cores[2]:.3f} afterwards")
    print(f"node with {asked.browsers} browsers            {cores[1]:10.3f} of a core")
    print(f"ratio                            {cores[1] / without:10.2f}")
    print(f"what the browsers cost           {cost:10.3f} of a core (below {CORE_GOAL:g} asked)")
    is_well = (
        cost < CORE_GOAL and each < BYTES_GOAL + 0.1 and seen["updates"] > asked.rate * seconds / 2
    )
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
