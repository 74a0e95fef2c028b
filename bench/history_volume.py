"""The history at volume: 20 million positions of a day taken in, while another process asks.

As in a node, the writer is a process of its own. Questions go on meanwhile and are asked again at
the end: where one object was all day, and what was in a box in an hour. `--store both` does it with
each store and says how they compare. Wall times, since that is what people wait for, beside CPU
times: the machine may have other work, which is said last.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

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


def batches(total: int) -> Any:
    """Ships that go their ways, in order of receipt over one day."""
    of, step = labels(), DAY / total
    lat = [random.uniform(-48, -33) for _ in of]
    lon = [random.uniform(165, 179) for _ in of]
    course = [random.uniform(0, 360) for _ in of]
    for begin in range(0, total, BATCH):
        rows = []
        for n in range(begin, begin + BATCH):
            ship, at = n % SHIPS, BEGIN + n * step
            lat[ship] += random.uniform(-1e-3, 1e-3)
            lon[ship] += random.uniform(-1e-3, 1e-3)
            course[ship] = (course[ship] + random.uniform(-3, 3)) % 360
            fix = Fix(
                0, n + 1, at, round(at, 0), at + 360, round(lat[ship], 6), round(lon[ship], 6),
                None, 10.0, round(course[ship], 1), round(random.uniform(4, 9), 1), None, None, (),
            )  # fmt: skip
            rows.append(Row(of[ship], fix))
        yield rows


def source_of(place: Place) -> Source:
    """What those who ask are answered from: pieces in a directory, or a server."""
    server, directory = place
    return PiecedSource(directory) if server is None else SharedSource(server, directory)


def ask(place: Place, stop: Event | None, out: Any, count: int) -> None:
    """Ask until told to stop, or so often; give the seconds that each took."""
    source, engine = source_of(place), Engine(place[1])
    times: dict[str, list[float]] = {"track-day": [], "box-hour": []}
    while not (stop.is_set() if stop is not None else len(times["box-hour"]) >= count):
        uid, hour = f"MMSI-{512000000 + random.randrange(SHIPS)}", random.randrange(24)
        west, south = random.uniform(165, 177), random.uniform(-48, -35)
        box = Box(south=south, west=west, north=south + 2, east=west + 2)
        since = BEGIN + hour * HOUR
        for name, stretch in (
            ("track-day", Stretch(since=BEGIN, until=BEGIN + DAY, uids=frozenset({uid}))),
            ("box-hour", Stretch(since=since, until=since + HOUR, area=box)),
        ):
            begun = time.perf_counter()
            with source.moment() as moment:
                look = Look(moment, engine, lambda _, batch: Taken([], batch, 0.0))
                sum(1 for _ in look.rows(Question(stretch=stretch, hears=frozenset({"Blue"}))))
            times[name].append(time.perf_counter() - begun)
        if stop is not None:
            time.sleep(0.2)
    engine.close()
    source.close()
    out.put(times)


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def told(name: str, times: dict[str, list[float]]) -> None:
    for kind, values in times.items():
        half, most = quantile(values, 0.5), quantile(values, 0.95)
        print(
            f"{name:14} {kind:10} n={len(values):4} p50 {half * 1e3:5.0f}, p95 {most * 1e3:5.0f} ms"
            f"  target {TARGETS[kind] * 1e3:.0f} ms: {most / TARGETS[kind]:.2f} of it",
            flush=True,
        )


def writer_of(place: Place) -> Writer:
    server, directory = place
    if server is None:
        shelf = Shelf(directory)
        shelf.prepare()
        return Store(shelf, Engine(directory), again=lambda *_: iter(()))
    store = SharedStore(server, directory)
    store.sweep()
    return store


def measure(place: Place, total: int, asked: int) -> dict[str, float]:
    """Take it all in while somebody asks, and ask at the end; return the figures to compare."""
    random.seed(1)
    store = writer_of(place)
    stop, out = multiprocessing.Event(), multiprocessing.Queue()
    asking = multiprocessing.Process(target=ask, args=(place, stop, out, 0))
    asking.start()
    append = cpu = tidy = 0.0
    for rows in batches(total):
        last, at = rows[-1].fix.sequence, rows[-1].fix.received
        wall, used = time.perf_counter(), time.process_time()
        store.take_in(rows, batch=last, until=at, recalls={})
        append += time.perf_counter() - wall
        cpu += time.process_time() - used
        wall = time.perf_counter()
        while store.tidy(BUDGETS, at):
            pass
        tidy += time.perf_counter() - wall
        if last % 2_000_000 == 0:
            print(f"  {last:,} positions, {last / append:,.0f}/s", flush=True)
    stop.set()
    told("while writing", out.get())
    asking.join()
    begun = time.perf_counter()
    while store.tidy(BUDGETS, BEGIN + 2 * DAY):
        pass
    print(f"the day put away in {time.perf_counter() - begun:.0f} s")
    pieces = store.shelf.pieces()
    store.close()
    rate = total / append
    print(f"appended {rate:,.0f}/s wall, {total / cpu:,.0f}/s CPU; target 100,000/s: "
          f"{rate / TARGETS['append/s']:.2f} of it")  # fmt: skip
    print(f"with merging {total / (append + tidy):,.0f}/s wall")
    size = sum(each.bytes for each in pieces)
    print(f"{size / total:.1f} bytes a position, {len(pieces)} pieces, {size >> 20} MiB")
    ask(place, None, out, asked)
    times = out.get()
    told("at the end", times)
    half = {f"{name}, p50": quantile(values, 0.5) for name, values in times.items()}
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
    parser.add_argument("--asked", type=int, default=100, help="questions of each sort at the end")
    parser.add_argument("--store", choices=("pieces", "postgres", "both"), default="pieces")
    parser.add_argument(
        "--url", default="", help="of an empty database with PostGIS; else a server is begun"
    )
    given = parser.parse_args()
    total = given.positions // BATCH * BATCH
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        for store in ("pieces", "postgres"):
            if given.store not in (store, "both"):
                continue
            print(f"{store}:", flush=True)
            directory = Path(name) / store
            directory.mkdir()
            server = opened.enter_context(postgres_at(given.url)) if store == "postgres" else None
            found[store] = measure((server, directory), total, given.asked)
    if len(found) == 2:
        for what, value in found["postgres"].items():
            print(f"postgres to pieces, {what}: {value / found['pieces'][what]:.2f}")
    print(f"load average of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
