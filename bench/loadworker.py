"""One process of the load generator: its share of the clients on one event loop."""

import asyncio
import heapq
import random
import resource
import socket
import time
from array import array
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe

import cotwire
from tally import ROOM, QuickTally, Samples, Tally

READ_BUFFER = 1 << 20
SILENCE_S = 1.0
"""Nobody has heard anything for this long: all that was on its way has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run does; the options of cotload.py say what each means."""

    mode: str
    host: str
    port: int
    run: str
    publishers: int
    subscribers: int
    rate: float
    seconds: float
    warmup: float
    drain: float
    settle: float
    hello_delay: float
    connect_parallel: int
    connect_timeout: float
    size: int
    batch: int
    socket_buffer: int
    wire: str
    tls: bool
    ca: str
    cert: str
    key: str
    processes: int
    verify: str

    @property
    def clients(self) -> int:
        return self.publishers + self.subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """How a worker's clients came in."""

    clients: int
    errors: list[str]
    seconds: float
    "until every client had an answer of the server itself; the kernel accepts on its behalf"
    settled: float
    "until everybody's announcement had been passed on, too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a worker's clients sent and heard; `_window` is the measured part of the run."""

    wall_s: float
    cpu_s: float
    sent_window: int
    delivered_window: int
    bytes_window: int
    sent: int
    delivered: int
    lost: int
    repeated: int
    echoes: int
    closed: list[str]
    drained_s: float
    latencies: array
    lateness: array


class Client(asyncio.BufferedProtocol):
    """A connection that may publish and always counts what it receives."""

    def __init__(self, worker: "Worker", index: int) -> None:
        load = worker.load
        self._worker = worker
        self.index = index
        self.emitter = cotwire.Emitter(index, load.run, load.size)
        self.tally = (Tally if load.verify == "full" else QuickTally)(index, worker.latencies)
        self.make = WIRES[load.wire](self).make
        self.transport: asyncio.Transport | None = None
        self.closed = ""
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.heard = asyncio.Event()
        self.first_words: bytearray | None = bytearray()
        self.bytes_in = 0
        self.sent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.set_write_buffer_limits(high=self._worker.load.socket_buffer)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = repr(error) if error else "closed by the server"
        self.may_write.set()
        self.heard.set()

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def get_buffer(self, _hint: int) -> memoryview:
        return self._worker.view[ROOM:]

    def buffer_updated(self, count: int) -> None:
        worker, tally = self._worker, self.tally
        self.bytes_in += count
        if self.first_words is not None:
            self.first_words += worker.view[ROOM : ROOM + count]
            self.heard.set()
        start = ROOM - len(tally.cut_off)
        worker.buffer[start:ROOM] = tally.cut_off
        tally.take(worker.buffer, start, ROOM + count)

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def publish(self, count: int) -> None:
        self.write(b"".join([self.make(time.monotonic_ns()) for _ in range(count)]))
        self.sent += count

    async def expect(self, token: bytes) -> None:
        """Wait until the server has said something."""
        while token not in self.first_words:
            if self.closed:
                raise ConnectionError(self.closed)
            self.heard.clear()
            await self.heard.wait()
        self.first_words.clear()


class XmlWire:
    """CoT XML, as every TAK client begins."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.make = client.emitter.xml

    async def greet(self) -> None:
        client = self._client
        client.write(client.emitter.hello() + cotwire.ping(client.emitter.uid))
        await client.expect(b"<event")


class ProtobufWire:
    """TAK protocol version 1, negotiated as ATAK does."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.make = client.emitter.protobuf

    async def greet(self) -> None:
        client = self._client
        client.write(client.emitter.hello())
        await client.expect(b"t-x-takp-v")
        client.write(cotwire.protocol_request(client.emitter.uid))
        await client.expect(b"t-x-takp-r")


class NatsWire:
    """The same events on one subject of a NATS server: a broker's fan-out, without CoT."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def make(self, sent_ns: int) -> bytes:
        return self._message(self._client.emitter.xml(sent_ns))

    async def greet(self) -> None:
        client = self._client
        await client.expect(b"INFO")
        client.write(b'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n')
        client.write(b"SUB cot 1\r\nPING\r\n")
        await client.expect(b"PONG\r\n")
        client.write(self._message(client.emitter.hello()))

    @staticmethod
    def _message(body: bytes) -> bytes:
        return b"PUB cot %d\r\n%b\r\n" % (len(body), body)


WIRES = {"xml": XmlWire, "proto": ProtobufWire, "nats": NatsWire}


class Worker:
    def __init__(self, load: Load, indices: list[int], pipe: Pipe) -> None:
        self.load = load
        self._pipe = pipe
        self.buffer = bytearray(ROOM + READ_BUFFER)  # one loop reads for one client at a time
        self.view = memoryview(self.buffer)
        self.latencies = Samples(every=load.mode == "rate")
        self.lateness = Samples()
        self.clients = [Client(self, index) for index in indices]
        self._stop_at = 0.0

    async def run(self) -> None:
        """Connect, report, wait for the word to begin, publish, report, wait for the end."""
        began = time.monotonic()
        gate = asyncio.Semaphore(self.load.connect_parallel)
        results = await asyncio.gather(
            *(self._open(gate, client) for client in self.clients), return_exceptions=True
        )
        errors = [repr(result) for result in results if isinstance(result, BaseException)]
        connected = time.monotonic() - began
        settled = await self._silence(self.load.settle) - began
        self._pipe.send(
            Connected(
                clients=len(self.clients) - len(errors),
                errors=errors[:5],
                seconds=connected,
                settled=settled,
            )
        )
        begin = await self._word()
        if begin is not None:
            self._pipe.send(await self._measure(begin))
            await self._word()
        for client in self.clients:
            if client.transport is not None and not client.closed:
                client.transport.close()
        await asyncio.sleep(0.05)

    async def _word(self) -> float | None:
        """Wait for the parent: the monotonic time to begin at, or None to end."""
        return await asyncio.to_thread(self._pipe.recv)

    async def _silence(self, limit: float) -> float:
        """Wait for silence, and return when it began."""
        since, end = time.monotonic(), time.monotonic() + limit
        seen = self._bytes_in()
        while time.monotonic() < end and time.monotonic() - since < SILENCE_S:
            await asyncio.sleep(0.1)
            if self._bytes_in() != seen:
                seen, since = self._bytes_in(), time.monotonic()
        return since

    def _bytes_in(self) -> int:
        return sum(client.bytes_in for client in self.clients)

    async def _open(self, gate: asyncio.Semaphore, client: Client) -> None:
        load = self.load
        loop = asyncio.get_running_loop()
        async with gate, asyncio.timeout(load.connect_timeout):
            connection = socket.socket()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Bounds what hides in the kernel, where neither side counts it.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, load.socket_buffer)
            await loop.sock_connect(connection, (load.host, load.port))
            tls = cotwire.client_tls(load.ca, load.cert, load.key) if load.tls else None
            await loop.create_connection(
                lambda: client, sock=connection, ssl=tls, server_hostname="bench" if tls else None
            )
            await asyncio.sleep(load.hello_delay)
            await WIRES[load.wire](client).greet()

    async def _measure(self, begin: float) -> Outcome:
        for client in self.clients:
            client.first_words = None
            client.tally.forget()
        warm = begin + self.load.warmup
        self._stop_at = warm + self.load.seconds
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish(begin))
            await asyncio.sleep(max(0.0, warm - time.monotonic()))
            before, wall, cpu = self._totals(), time.monotonic(), _cpu_s()
            self.latencies.is_open = self.lateness.is_open = True
            await asyncio.sleep(max(0.0, self._stop_at - time.monotonic()))
            self.latencies.is_open = self.lateness.is_open = False
            after = self._totals()
            wall, cpu = time.monotonic() - wall, _cpu_s() - cpu
        last_heard = await self._silence(self.load.drain)
        sent, delivered, bytes_in = (
            late - early for early, late in zip(before, after, strict=True)
        )
        tallies = [client.tally for client in self.clients]
        return Outcome(
            wall_s=wall,
            cpu_s=cpu,
            sent_window=sent,
            delivered_window=delivered,
            bytes_window=bytes_in,
            sent=sum(client.sent for client in self.clients),
            delivered=sum(tally.received for tally in tallies),
            lost=sum(tally.lost() for tally in tallies),
            repeated=sum(tally.repeated() for tally in tallies),
            echoes=sum(tally.echoes for tally in tallies),
            closed=[client.closed for client in self.clients if client.closed],
            drained_s=last_heard - self._stop_at,
            latencies=self.latencies.taken,
            lateness=self.lateness.taken,
        )

    def _totals(self) -> tuple[int, int, int]:
        sent = sum(client.sent for client in self.clients)
        return sent, sum(client.tally.received for client in self.clients), self._bytes_in()

    async def _publish(self, begin: float) -> None:
        publishers = [each for each in self.clients if each.index < self.load.publishers]
        await asyncio.sleep(max(0.0, begin - time.monotonic()))
        if self.load.mode == "saturate":
            await asyncio.gather(*map(self._flood, publishers))
        else:
            await self._keep_time(begin, publishers)

    async def _flood(self, client: Client) -> None:
        """Write whenever the connection takes it; readers get their turn after each batch."""
        while time.monotonic() < self._stop_at and not client.closed:
            if not client.may_write.is_set():
                try:
                    async with asyncio.timeout(self._stop_at - time.monotonic()):
                        await client.may_write.wait()
                except TimeoutError:
                    return
            client.publish(self.load.batch)
            await asyncio.sleep(0)

    async def _keep_time(self, begin: float, publishers: list[Client]) -> None:
        """Each publisher has a period and a phase of its own; late is late, never left out."""
        period = 1.0 / self.load.rate
        phases = random.Random(publishers[0].index if publishers else 0)
        due = [(begin + phases.random() * period, each.index, each) for each in publishers]
        heapq.heapify(due)
        while due and due[0][0] < self._stop_at:
            now = time.monotonic()
            at, index, client = due[0]
            if at > now:
                await asyncio.sleep(at - now)
                continue
            if client.closed:
                heapq.heappop(due)
                continue
            if self.lateness.is_open:
                self.lateness.taken.append(int((now - at) * 1e9))
            client.publish(1)
            heapq.heapreplace(due, (at + period, index, client))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def work(load: Load, indices: list[int], pipe: Pipe) -> None:
    """Be one process of the generator."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(Worker(load, indices, pipe).run())
    else:
        uvloop.run(Worker(load, indices, pipe).run())
