"""TAK's HTTP interface beside a stream that flows: what asking costs, and whom it holds up.

    .venv/bin/python bench/tak_api.py [--clients 1000] [--rate 2000] [--downloads 200]

Starts a node of its own, and asks it over TLS with clients' certificates, three times:

- 1,000 clients that ask for the contacts and for the groups every 15 s, while 2,000 events a second
  are said by 20 others. They are connected before the clock runs, and stay; a question counts from
  when it was due, with the new connection that it takes where the node has ended one.
- 200 connections that download a file of 10 MB at once, while the same events flow.
- A mission that 10,000 things are said into, read whole, with its CoT, and what is new in it.

What is live counts from before it is written at its sender to when its listener has it. Senders,
listener and clients are processes of their own that share the cores with the node: what others
used meanwhile is printed too. So beside the downloads stand, of the same run, what is live without
them, and what it is beside the same downloads, as fast, of a bare server in a process of its own:
the node has nothing to do with these, and what is late there is late by the machine. A second
which is worse than the others, such as that in which all 200 begin, is printed on its own: the
longer the downloads last, the less of it is in their p99. `--nice 10` has who downloads give way
to the node, as clients do that have cores of their own.
Bounded: about three minutes; it ends with 1 where a target is missed.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import procstat
import uvloop
from cotwire import Emitter, control, ping
from servers import accord_node

from accord.cli.demo_client import tls_context
from accord.cli.serve import raise_file_limit

SENDERS = 20
CONTACTS = 100
"""Clients on the stream that the list of contacts is of, beside the senders."""

EVERY_S = 15.0
TICK_S = 0.02
SETTLE_S = 3.0
OPENING = 4
"""Connections that are opened at one time: their handshakes take generator and node a core each."""

OPENED_WITHIN_S = 600.0
OPENED_WITHIN = 5
"""Times that one connection is tried."""

ANSWER_WITHIN_S = 120.0
SIZE = 10_000_000
PART = 256 << 10
GOAL_MS = 100.0
READ_GOAL_MS = 1000.0

CONTACTS_PATH = "/Marti/api/contacts/all"
GROUPS_PATH = "/Marti/api/groups/all"
MISSION = "/Marti/api/missions/Search"


# The stream


async def _open(
    target: str, tls: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = target.rsplit(":", 1)
    for left in reversed(range(OPENED_WITHIN)):
        try:
            return await asyncio.open_connection(host, int(port), ssl=tls)
        except ConnectionError:  # a node gives up a handshake that takes long
            if not left:
                raise
    raise AssertionError("it is tried at least once")


async def _drained(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 18):
        pass


async def _sail(target: str, package: Path, rate: int) -> None:
    """Say `rate` events a second, evenly, until killed."""
    tls = tls_context(package)
    ships = [Emitter(number, "sea") for number in range(SENDERS)]
    writers: list[asyncio.StreamWriter] = []
    keep = set[asyncio.Task[None]]()
    for ship in ships:
        reader, writer = await _open(target, tls)
        keep.add(asyncio.ensure_future(_drained(reader)))
        writer.write(ship.hello())
        writers.append(writer)
    begun, sent = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - begun) * rate)
        for number in range(sent, due):
            ship = number % SENDERS
            writers[ship].write(ships[ship].xml(time.monotonic_ns()))
        sent = due
        for writer in writers:
            await writer.drain()
        await asyncio.sleep(TICK_S)


def sail(target: str, package: Path, rate: int) -> None:
    uvloop.run(_sail(target, package, rate))


_STAMP = re.compile(rb"CLD\|\d+\|\d+\|(\d+)\|")


async def _listen(target: str, package: Path, wire: Connection) -> None:
    """Hear the events; whenever asked, tell when those since then were said, in s, and how late."""
    reader, writer = await _open(target, tls_context(package))
    late: list[tuple[float, float]] = []

    async def hear() -> None:
        rest = b""
        while data := await reader.read(1 << 18):
            now, rest = time.monotonic_ns(), rest + data
            said = map(int, _STAMP.findall(rest))
            late.extend((each / 1e9, (now - each) / 1e6) for each in said)
            cut = rest.rfind(b"</event>")
            rest = rest[cut + 8 :] if cut >= 0 else rest

    async def live() -> None:
        while True:
            writer.write(ping("EAR"))
            await asyncio.sleep(10)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hear())
        tasks.create_task(live())
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(None, wire.recv)
            wire.send(late)
            late = []


def listen(target: str, package: Path, wire: Connection) -> None:
    uvloop.run(_listen(target, package, wire))


# HTTP


class Asking:
    """One connection that is kept, and asks one thing after the other."""

    def __init__(self, target: str, tls: ssl.SSLContext) -> None:
        self._target, self._tls = target, tls
        self._is_open = False
        self.times_opened = 0

    async def open(self) -> "Asking":
        self._reader, self._writer = await _open(self._target, self._tls)
        self._is_open = True
        self.times_opened += 1
        return self

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, int, bytes]:
        """Return status and length of an answer, and up to 64 KiB of it."""
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self._target}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        said = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(said.split("content-length:")[1].split("\r\n")[0])
        left, kept = length, b""
        while left:
            part = await self._reader.read(min(left, 1 << 18))
            if not part:
                raise SystemExit(f"{path}: the node ended an answer before its end")
            left -= len(part)
            kept += part if len(kept) < 1 << 16 else b""
        return int(said.split(" ", 2)[1]), length, kept

    async def ask_again(self, method: str, path: str, body: bytes = b"") -> tuple[int, int, bytes]:
        """Ask; over a new connection where the node has ended this one, idle for a while."""
        if not self._is_open:
            await self.open()
        try:
            return await self.ask(method, path, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            self._writer.close()
            await self.open()
            return await self.ask(method, path, body)

    async def well(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        status, length, kept = await self.ask_again(method, path, body)
        if status not in (200, 201):
            raise SystemExit(f"{method} {path}: {status} {kept[:200]!r}")
        return length, kept

    async def ms(self, path: str) -> tuple[float, int]:
        begun = time.perf_counter()
        length, _ = await self.well("GET", path)
        return (time.perf_counter() - begun) * 1000, length


async def opened(target: str, tls: ssl.SSLContext, count: int) -> list[Asking]:
    allowed = asyncio.Semaphore(OPENING)

    async def one() -> Asking:
        async with allowed:
            asking = await Asking(target, tls).open()
            await asking.well("GET", GROUPS_PATH)  # the node keeps who has asked
            return asking

    return await asyncio.gather(*(one() for _ in range(count)))


async def _poll(target: str, package: Path, count: int, seconds: float, wire: Connection) -> None:
    """Poll with every client from when it is connected; what counts begins when all are."""
    tls, allowed = tls_context(package), asyncio.Semaphore(OPENING)
    asking = [Asking(target, tls) for _ in range(count)]
    taken: dict[str, list[float]] = {CONTACTS_PATH: [], GROUPS_PATH: []}
    first = time.monotonic()
    counted = asyncio.get_running_loop().create_future()
    connected = 0

    async def one(number: int, client: Asking) -> None:
        nonlocal connected
        async with allowed:
            await client.well("GET", GROUPS_PATH)
        connected += 1
        if connected == count:
            counted.set_result(time.monotonic() + EVERY_S)
        due = first + EVERY_S * number / count
        while not counted.done() or due < counted.result() + seconds:
            if (late := time.monotonic() - due) > EVERY_S:
                due += EVERY_S * (late // EVERY_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for path, into in taken.items():
                asked = due if path == CONTACTS_PATH else time.monotonic()
                await client.well("GET", path)
                if counted.done() and due >= counted.result():
                    into.append((time.monotonic() - asked) * 1000)
            due += EVERY_S

    async with asyncio.timeout(OPENED_WITHIN_S + seconds), asyncio.TaskGroup() as tasks:
        for number, each in enumerate(asking):
            tasks.create_task(one(number, each))
        begin = await counted
        await asyncio.sleep(begin - time.monotonic())
        before = sum(each.times_opened for each in asking)
        wire.send("open")
    wire.send((taken, sum(each.times_opened for each in asking) - before))


def poll(target: str, package: Path, count: int, seconds: float, wire: Connection) -> None:
    uvloop.run(_poll(target, package, count, seconds, wire))


class Taking(asyncio.BufferedProtocol):
    """Takes answers into a buffer that is used again and again, so that the node has the cores."""

    _buffer = bytearray(1 << 18)  # nobody looks at what is in it but for the first, with the head

    def ask(self, path: str) -> asyncio.Future[int]:
        """Return how long the answer is, when it is here."""
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._left = self._length = -1
        self.transport.write(f"GET {path} HTTP/1.1\r\nhost: node\r\n\r\n".encode())
        return self.ended

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002  asyncio's own
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left < 0:
            head, _, body = bytes(self._buffer[:nbytes]).partition(b"\r\n\r\n")
            self._length = int(re.findall(rb"content-length: (\d+)", head.lower())[0])
            self._left, nbytes = self._length, len(body)
        self._left -= nbytes
        if not self._left:
            self.ended.set_result(self._length)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the node ended an answer"))


async def _taking(target: str, tls: ssl.SSLContext, count: int) -> list[Taking]:
    allowed, (host, port) = asyncio.Semaphore(OPENING), target.rsplit(":", 1)
    loop = asyncio.get_running_loop()

    async def one() -> Taking:
        async with allowed:
            _, taking = await loop.create_connection(Taking, host, int(port), ssl=tls)
            await taking.ask(GROUPS_PATH)  # the node keeps who has asked
            return taking

    return await asyncio.gather(*(one() for _ in range(count)))


TEN_MB = bytes(range(256)) * (SIZE // 256)


async def _uploaded(target: str, tls: ssl.SSLContext) -> str:
    """Return where what was uploaded is to be had."""
    (first,) = await opened(target, tls, 1)
    _, said = await first.well("POST", "/Marti/sync/upload?name=ten.bin", TEN_MB)
    return f"/Marti/sync/content?hash={json.loads(said)['Hash']}"


async def _download(target: str, package: Path, count: int, path: str, wire: Connection) -> None:
    tls = tls_context(package)
    path = path or await _uploaded(target, tls)
    taking = await _taking(target, tls, count)
    wire.send("open")
    await asyncio.get_running_loop().run_in_executor(None, wire.recv)
    begun = time.monotonic()
    async with asyncio.timeout(ANSWER_WITHIN_S):
        lengths = await asyncio.gather(*(each.ask(path) for each in taking))
    wire.send((time.monotonic() - begun, sum(lengths)))


def download(
    target: str, package: Path, count: int, nice: int, path: str, wire: Connection
) -> None:
    """Take a file of 10 MB at that path, or one that is uploaded before, `count` times at once."""
    os.nice(nice)
    uvloop.run(_download(target, package, count, path, wire))


BARE = "/ten.bin"


class Bare(asyncio.Protocol):
    """Answers BARE with 10 MB and everything else with one byte, all clients together at a rate."""

    rate = 0.0
    _due = 0.0  # of the next part, whose ever it is

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport, self._left = transport, memoryview(b"")
        self._may_write = True

    def data_received(self, data: bytes) -> None:
        body = TEN_MB if data.startswith(f"GET {BARE}".encode()) else b"x"
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body))
        self._left = memoryview(body)
        self._part()

    def _part(self) -> None:
        """Write a part when it is due; the next when this client has read."""
        if not (self._may_write and self._left):
            return
        loop = asyncio.get_running_loop()
        part, self._left = self._left[:PART], self._left[PART:]
        Bare._due = max(Bare._due, loop.time()) + len(part) / self.rate
        loop.call_at(Bare._due, self._write, bytes(part))

    def _write(self, part: bytes) -> None:
        self.transport.write(part)
        self._part()

    def pause_writing(self) -> None:
        self._may_write = False

    def resume_writing(self) -> None:
        self._may_write = True
        asyncio.get_running_loop().call_soon(self._part)


def bare(certificates: Path, rate: float, wire: Connection) -> None:
    """Serve BARE over TLS, with the node's own certificate, at bytes a second; tell where."""
    Bare.rate = rate

    async def forever() -> None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0, ssl=tls)
        host, port = server.sockets[0].getsockname()
        wire.send(f"{host}:{port}")
        await server.serve_forever()

    uvloop.run(forever())


# A mission


def into_mission(number: int) -> bytes:
    return control(
        f"ITEM-{number}", "b-m-p-s-m",
        f'<detail><contact callsign="Item {number}"/><marti><dest mission="Search"/></marti>'
        "</detail>",
        3600.0,
    )  # fmt: skip


async def mission(
    listeners: dict[str, str], package: Path, items: int
) -> dict[str, tuple[float, int]]:
    """Say things into a mission, and return how long each reading of it takes."""
    tls = tls_context(package)
    (api,) = await opened(listeners["api"], tls, 1)
    await api.well("POST", f"{MISSION}?creatorUid=SAYS")
    reader, writer = await _open(listeners["cot-tls"], tls)
    drain = asyncio.ensure_future(_drained(reader))
    writer.write(Emitter(0, "says").hello())
    begun = time.monotonic()
    for number in range(items):
        writer.write(into_mission(number))
        if number % 100 == 99:
            await writer.drain()
            await asyncio.sleep(0.1)  # 1,000 a second
    changes = f"{MISSION}/changes?squashed=false"
    await _until(api, changes, lambda length: length > items * 100)
    said_in = time.monotonic() - begun
    told = {"": [], "/cot": [], "/changes": []}
    for _ in range(5):
        for path, into in told.items():
            into.append(await api.ms(f"{MISSION}{path}"))
    await asyncio.sleep(5.0)
    news: list[tuple[float, int]] = []
    for number in range(items, items + 3):
        writer.write(into_mission(number))
        path = f"{MISSION}/changes?secago=3"
        await _until(api, path, lambda length: length > 200)
        news.append(await api.ms(path))
        await asyncio.sleep(3.1)
    drain.cancel()
    print(f"{items} things said into a mission, and kept, in {said_in:.1f} s")
    found = {"the mission": told[""], "its CoT": told["/cot"], "every change": told["/changes"]}
    return {
        what: (statistics.median(ms for ms, _ in each), each[0][1])
        for what, each in {**found, "what is new": news}.items()
    }


async def _until(api: Asking, path: str, enough: Callable[[int], bool]) -> None:
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while not enough((await api.well("GET", path))[0]):  # noqa: ASYNC110  by asking
            await asyncio.sleep(0.2)


# Told


def p99(values: Sequence[float]) -> float:
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * 0.99))] if found else float("nan")


class Live:
    """How late what is live was that was said within a while, in ms."""

    def __init__(self, late: Sequence[tuple[float, float]]) -> None:
        self.ms = [ms for _, ms in late]
        self._by_second = defaultdict[int, list[float]](list)
        for said, ms in late:
            self._by_second[int(said)].append(ms)

    def p99(self) -> float:
        return p99(self.ms)

    def __str__(self) -> str:
        worst = max(map(p99, self._by_second.values()), default=float("nan"))
        median = statistics.median(self.ms) if self.ms else float("nan")
        return f"median {median:.1f}, p99 of the worst second {worst:.1f}"


class Told:
    """Prints figures beside their targets, and knows whether all were met."""

    def __init__(self) -> None:
        self.is_well = True

    def say(self, what: str, ms: float, goal: float, more: str = "") -> None:
        is_met = ms < goal
        self.is_well = self.is_well and is_met
        word = "" if is_met else "  MISSED"
        print(f"{what:38} {ms:9.1f} ms  (below {goal:g} asked){word}  {more}", flush=True)


class Used:
    """CPU of the node and of everything else, in cores, while something is measured."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = self._now()

    def _now(self) -> tuple[float, float, float, float]:
        ours = procstat.sample([self._pid]).cpu_s
        bench = procstat.sample([multiprocessing.current_process().pid or 0]).cpu_s
        waited = procstat.waited_s(self._pid)
        return ours, procstat.machine_cpu_s() - bench, waited, time.monotonic()

    def __str__(self) -> str:
        found = (b - a for a, b in zip(self._before, self._now(), strict=True))
        ours, machine, waited, at = found
        return (
            f"node {ours / at:.2f} cores, and waited {waited / at:.0%} of the time for one; "
            f"others than this bench {machine / at:.2f}"
        )


def beside(
    work: Callable[..., None], *arguments: object
) -> tuple[multiprocessing.Process, Connection]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=work, args=(*arguments, there), daemon=True)
    process.start()
    return process, here


def heard(wire: Connection, within: float = ANSWER_WITHIN_S) -> object:
    if not wire.poll(within):
        raise SystemExit("a process of this bench says nothing any more")
    return wire.recv()


def late(ear: Connection) -> Live:
    ear.send(None)
    found = heard(ear)
    assert isinstance(found, list)
    return Live(found)


def downloads(
    ear: Connection, pid: int, at: str, package: Path, asked: argparse.Namespace, path: str = ""
) -> tuple[Live, float, str]:
    """Return how late what is live was beside downloads, their bytes a second, what they took."""
    taking, files = beside(download, at, package, asked.downloads, asked.nice, path)
    heard(files, OPENED_WITHIN_S)
    late(ear)
    used = Used(pid)
    files.send(None)
    got = heard(files)
    assert isinstance(got, tuple)
    live = late(ear)
    seconds, size = got
    rate = size / seconds
    what = f"{asked.downloads} downloads of 10 MB in {seconds:.1f} s, {rate / 1e6:.0f} MB/s"
    took = f"{what}: {used}"
    taking.join()
    return live, rate, took


async def _announce(target: str, package: Path) -> list[asyncio.StreamWriter]:
    """Connect who the list of contacts is of; they stay while what is returned does."""
    tls, writers = tls_context(package), list[asyncio.StreamWriter]()
    for number in range(CONTACTS):
        _, writer = await _open(target, tls)
        writer.write(Emitter(number, "eud").hello())
        writers.append(writer)
    return writers


def stand(target: str, package: Path, wire: Connection) -> None:
    async def forever() -> None:
        writers = await _announce(target, package)
        wire.send(len(writers))
        while True:
            for number, writer in enumerate(writers):
                writer.write(ping(Emitter(number, "eud").uid))
            await asyncio.sleep(10)

    uvloop.run(forever())


def measured(asked: argparse.Namespace, clients: Path, pid: int, at: dict[str, str]) -> int:
    told = Told()
    _, standing = beside(stand, at["cot-tls"], clients / "eud.zip")
    heard(standing)
    ships = multiprocessing.Process(
        target=sail, args=(at["cot-tls"], clients / "ships.zip", asked.rate), daemon=True
    )
    ships.start()
    _, ear = beside(listen, at["cot-tls"], clients / "ear.zip")
    time.sleep(SETTLE_S)
    late(ear)
    _, polls = beside(poll, at["api"], clients / "eud.zip", asked.clients, asked.seconds)
    heard(polls, OPENED_WITHIN_S + ANSWER_WITHIN_S)
    late(ear)
    used = Used(pid)
    found = heard(polls, asked.seconds + ANSWER_WITHIN_S)
    assert isinstance(found, tuple)
    taken, again = found
    live = late(ear)
    print(
        f"\n{asked.clients} clients ask every {EVERY_S:g} s, "
        f"{len(live.ms) / asked.seconds:.0f} events/s, {again} connected anew: {used}"
    )
    for path, what in ((CONTACTS_PATH, "contacts"), (GROUPS_PATH, "groups")):
        told.say(f"{what}, p99", p99(taken[path]), GOAL_MS, f"{len(taken[path])} answers")
    told.say("live meanwhile, p99", live.p99(), GOAL_MS, str(live))
    time.sleep(SETTLE_S)
    late(ear)
    time.sleep(SETTLE_S)
    quiet = late(ear)
    package = clients / "eud.zip"
    beside_files, rate, took = downloads(ear, pid, at["api"], package, asked)
    plain, where = beside(bare, clients.parent / "server", rate)
    machine, _, bare_took = downloads(ear, pid, str(heard(where)), package, asked, BARE)
    plain.terminate()
    print(f"\n{took}\nof a bare server beside the node: {bare_took}")
    told.say("live meanwhile, p99", beside_files.p99(), GOAL_MS, str(beside_files))
    for what, other in (("without downloads", quiet), ("beside a bare server", machine)):
        ratio = beside_files.p99() / other.p99()
        print(f"{f'  {what}, p99':38} {other.p99():9.1f} ms  {other}; the node {ratio:.1f} times")
    ships.terminate()
    ships.join()
    time.sleep(SETTLE_S)
    print()
    used = Used(pid)
    for what, (ms, length) in uvloop.run(mission(at, clients / "says.zip", asked.items)).items():
        told.say(f"{what}, median", ms, READ_GOAL_MS, f"{length} bytes")
    print(used)
    return 0 if told.is_well else 1


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=1000)
    options.add_argument("--rate", type=int, default=2000, help="events a second")
    options.add_argument("--seconds", type=float, default=30.0, help="in which clients ask")
    options.add_argument("--downloads", type=int, default=200)
    options.add_argument("--nice", type=int, default=0, help="of the processes that download")
    options.add_argument("--items", type=int, default=10_000)
    asked = options.parse_args()
    raise_file_limit()  # what is started inherits it
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        directory = Path(folder) / "node"
        with accord_node(Path(folder), api="127.0.0.1:0") as (pid, listeners):
            for name, group in (
                ("ships", "Sea:in"), ("ear", "Sea:out"), ("eud", "Land"), ("says", "Team"),
            ):  # fmt: skip
                add = [sys.executable, "-m", "accord", "client", "add", directory, name]
                subprocess.run([*add, "--group", group], check=True, stdout=subprocess.DEVNULL)
            time.sleep(1.0)  # a node takes note of a new client within half a second
            return measured(asked, directory / "clients", pid, listeners)


if __name__ == "__main__":
    sys.exit(main())
