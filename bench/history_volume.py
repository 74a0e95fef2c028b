"""The history at volume: 20 million positions of a day taken in, while another process asks.

As in a node, the writer is a process of its own. Questions go on meanwhile and are asked again at
the end, for `--ask-seconds` at most: where one object was all day, and what was in a box in an hour
of which there is something. `--hours` writes only so much of the day, as densely. `--store both`
does it with each store and says how they compare. Wall times, since that is what people wait for,
beside CPU times: the machine may have other work, which is said with each part.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np

from accord.core.geometry import Box
from accord.storage.history.contract import Source, Writer
from accord.storage.history.engine import Engine
from accord.storage.history.look import Look, Taken
from accord.storage.history.pieced import PiecedSource
from accord.storage.history.pieces import DAY, HOUR, Budgets
from accord.storage.history.question import Question, Stretch
from accord.storage.history.shared.address import Address
from accord.storage.history.shared.connection import Server
from accord.storage.history.shared.source import SharedSource
from accord.storage.history.shared.store import SharedStore
from accord.storage.history.shelf import Shelf
from accord.storage.history.store import Store
from accord.wire.moving.message import Fix, Label, Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.postgres import Postgres

SETTINGS = "shared_buffers = 512MB\nmax_wal_size = 4GB\n"
"""What whoever runs a server for this would set first; its disk is as sure as ever."""

BEGIN = 1_800_000_000 // DAY * DAY
SHIPS = 10_000
BATCH = 100_000
TARGETS = {"append/s": 100_000, "track-day": 0.150, "box-hour": 0.300}
Place = tuple[Server | None, Path]
BUDGETS = Budgets(channels={}, channel=1 << 40, whole=1 << 40, age=1e12)


def labels() -> list[Label]:
    return [
        Label(
            uid=f"MMSI-{512000000 + n}", context="live", channel=f"feed:{n % 4}", node="NZL",
            speaker="ais", hops=(), groups=("Blue",), kind="a-n-S-X-M", how="m-f",
            callsign=f"ZM{n}", name=f"VESSEL {n}", mmsi=str(512000000 + n), imo="", icao="",
            nation="NZL", access="UNCLASSIFIED", caveat=None, releasable_to="FJI", opex="", form="",
        )
        for n in range(SHIPS)
    ]  # fmt: skip


def batches(total: int, upto: int) -> Iterator[list[Row]]:
    """Ships that go their ways, in order of receipt over one day of `total`; the first `upto`."""
    of, step, any_of = labels(), DAY / total, np.random.default_rng(1)
    lat, lon = any_of.uniform(-48, -33, SHIPS), any_of.uniform(165, 179, SHIPS)
    course = any_of.uniform(0, 360, SHIPS)
    for begin in range(0, upto, BATCH):
        rows: list[Row] = []
        for first in range(begin, begin + BATCH, SHIPS):
            lat += any_of.uniform(-1e-3, 1e-3, SHIPS)
            lon += any_of.uniform(-1e-3, 1e-3, SHIPS)
            course = (course + any_of.uniform(-3, 3, SHIPS)) % 360
            speed = any_of.uniform(4, 9, SHIPS).round(1)
            said = (lat.round(6), lon.round(6), course.round(1), speed)
            moved = zip(of, *(each.tolist() for each in said), strict=True)
            for n, (label, north, east, way, fast) in enumerate(moved, first):
                at = BEGIN + n * step
                fix = Fix(0, n + 1, at, round(at, 0), at + 360, north, east, None, 10.0, way, fast,
                          None, None, ())  # fmt: skip
                rows.append(Row(label, fix))
        yield rows


def source_of(place: Place) -> Source:
    """What those who ask are answered from: pieces in a directory, or a server."""
    server, directory = place
    return PiecedSource(directory) if server is None else SharedSource(server, directory)


def ask(place: Place, stop: Event | None, out: Any, count: int, seconds: float) -> None:
    """Ask until told to stop, or so often and so long; give what each took, wall and CPU."""
    source, engine = source_of(place), Engine(place[1])
    times: dict[str, list[tuple[float, float]]] = {"track-day": [], "box-hour": []}
    begun = time.perf_counter()

    def is_over() -> bool:
        if stop is not None:
            return stop.is_set()
        return len(times["box-hour"]) >= count or time.perf_counter() - begun > seconds

    while not is_over():
        with source.moment() as moment:
            hours = int(moment.progress.until - BEGIN) // HOUR
        uid, hour = f"MMSI-{512000000 + random.randrange(SHIPS)}", random.randint(0, max(0, hours))
        west, south = random.uniform(165, 177), random.uniform(-48, -35)
        box = Box(south=south, west=west, north=south + 2, east=west + 2)
        since = BEGIN + hour * HOUR
        for name, stretch in (
            ("track-day", Stretch(since=BEGIN, until=BEGIN + DAY, uids=frozenset({uid}))),
            ("box-hour", Stretch(since=since, until=since + HOUR, area=box)),
        ):
            wall, cpu = time.perf_counter(), time.process_time()
            with source.moment() as moment:
                look = Look(moment, engine, lambda _, batch: Taken([], batch, 0.0))
                sum(1 for _ in look.rows(Question(stretch=stretch, hears=frozenset({"Blue"}))))
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
        if stop is not None:
            time.sleep(0.2)
    engine.close()
    source.close()
    out.put(times)


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def told(name: str, times: dict[str, list[tuple[float, float]]]) -> None:
    for kind, both in times.items():
        if not both:
            print(f"{name:14} {kind:10} none was answered")
            continue
        walls, cpus = ([each[at] for each in both] for at in (0, 1))
        half, most = quantile(walls, 0.5), quantile(walls, 0.95)
        print(
            f"{name:14} {kind:10} n={len(walls):4} p50 {half * 1e3:5.0f}, p95 {most * 1e3:5.0f} ms"
            f"  (CPU {quantile(cpus, 0.5) * 1e3:.0f}, {quantile(cpus, 0.95) * 1e3:.0f})"
            f"  target {TARGETS[kind] * 1e3:.0f} ms: {most / TARGETS[kind]:.2f} of it; {load()}",
            flush=True,
        )


def load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def writer_of(place: Place) -> Writer:
    server, directory = place
    if server is None:
        shelf = Shelf(directory)
        shelf.prepare()
        return Store(shelf, Engine(directory), again=lambda *_: iter(()))
    store = SharedStore(server, directory)
    store.sweep()
    return store


class Parts:
    """How long each part took, wall and CPU of this process."""

    def __init__(self) -> None:
        self.wall: defaultdict[str, float] = defaultdict(float)
        self.cpu: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Generator[None, None, None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name] += time.perf_counter() - wall
        self.cpu[name] += time.process_time() - cpu

    def told(self) -> None:
        for name, wall in self.wall.items():
            print(f"  {name:22} {wall:6.1f} s wall, {self.cpu[name]:6.1f} s CPU")


def tidied(store: Writer, now: float) -> None:
    while store.tidy(BUDGETS, now):
        pass


def written(store: Writer, given: argparse.Namespace, parts: Parts) -> int:
    """Take in so many hours of the day, merging as they pass; return how many positions."""
    total = given.positions // BATCH * BATCH
    upto = min(total, int(total * given.hours / 24) // BATCH * BATCH)
    of = batches(total, upto)
    while True:
        with parts.part("making positions"):
            rows = next(of, None)
        if rows is None:
            return upto
        last, at = rows[-1].fix.sequence, rows[-1].fix.received
        with parts.part("taking in"):
            store.take_in(rows, batch=last, until=at, recalls={})
        with parts.part("merging meanwhile"):
            tidied(store, at)
        if last % 2_000_000 == 0:
            rate = last / parts.wall["taking in"]
            print(f"  {last:,} positions, {rate:,.0f}/s; {load()}", flush=True)


def measure(place: Place, given: argparse.Namespace) -> dict[str, float]:
    """Take it all in while somebody asks, and ask at the end; return the figures to compare."""
    random.seed(1)
    store, parts = writer_of(place), Parts()
    stop, out = multiprocessing.Event(), multiprocessing.Queue()
    asking = multiprocessing.Process(target=ask, args=(place, stop, out, 0, 0.0))
    asking.start()
    total = written(store, given, parts)
    stop.set()
    told("while writing", out.get())
    asking.join()
    append, tidy = parts.wall["taking in"], parts.wall["merging meanwhile"]
    print(f"appended {total / append:,.0f}/s wall, {total / parts.cpu['taking in']:,.0f}/s CPU; "
          f"target 100,000/s: {total / append / TARGETS['append/s']:.2f} of it")  # fmt: skip
    print(f"with merging {total / (append + tidy):,.0f}/s wall")
    with parts.part("putting the rest away"):
        tidied(store, BEGIN + 2 * DAY)
    pieces = store.shelf.pieces()
    store.close()
    size = sum(each.bytes for each in pieces)
    print(f"{size / total:.1f} bytes a position, {len(pieces)} pieces, {size >> 20} MiB")
    with parts.part("asking at the end"):
        ask(place, None, out, given.asked, given.ask_seconds)
    times = out.get()
    told("at the end", times)
    parts.told()
    half = {
        f"{name}, p50": quantile([each[0] for each in both], 0.5) for name, both in times.items()
    }
    return {"seconds to append": append, "bytes": float(size), **half}


@contextmanager
def postgres_at(url: str) -> Generator[Server, None, None]:
    """A database: of a server of our own, where none is given."""
    own = None if url else Postgres(SETTINGS)
    try:
        if own is not None:
            yield own.server(own.database())
        else:
            yield Server(address=Address.parse(url), node="BENCH", directory=Path.cwd())
    finally:
        if own is not None:
            own.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=20_000_000)
    parser.add_argument(
        "--hours", type=float, default=24, help="of the day that so many positions make"
    )
    parser.add_argument("--asked", type=int, default=100, help="questions of each sort at the end")
    parser.add_argument(
        "--ask-seconds", type=float, default=60, help="for which they are asked at most"
    )
    parser.add_argument("--store", choices=("pieces", "postgres", "both"), default="pieces")
    parser.add_argument(
        "--url", default="", help="of an empty database with PostGIS; else a server is begun"
    )
    given = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        for store in ("pieces", "postgres"):
            if given.store not in (store, "both"):
                continue
            print(f"{store}:", flush=True)
            directory = Path(name) / store
            directory.mkdir()
            server = opened.enter_context(postgres_at(given.url)) if store == "postgres" else None
            found[store] = measure((server, directory), given)
    if len(found) == 2:
        for what, value in found["postgres"].items():
            print(f"postgres to pieces, {what}: {value / found['pieces'][what]:.2f}")
    print(load())


if __name__ == "__main__":
    main()
