"""Times distances by sea, and holds them to their goal and to the published ones.

- distances from one base to every cell of the Pacific, at 0.2 degree: under 1 s
- by the distances of NGA Pub. 151: median error under 1.5 %, mean under 4 %

Seconds by the clock and of the processor: the goal is of the clock, on a machine with nothing else
to do. Exit code 1 when a goal is missed. A whole answer is timed by impact.py.
"""

import statistics
import sys
import time

from accord.posture import cells
from accord.posture.backtest import check_router
from accord.posture.sea import Sea
from accord.storage import charts

BASES = ((-36.8, 174.8), (-17.5, -149.6), (21.3, -158.0), (13.45, 144.65), (-33.9, 151.2))


def told(what: str, value: float, goal: float) -> bool:
    print(f"{what:44} {value:9.4f}   goal {goal:g}   {'ok' if value < goal else 'MISSED'}")
    return value < goal


def main() -> int:
    wet, world = charts.sea_mask(), cells.world()
    start = time.perf_counter(), time.process_time()
    sea = Sea(wet, limit=128)
    built = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f"{'the grid, once, s by the clock, processor':44} {built[0]:9.4f} {built[1]:9.4f}")
    shore = sea.shore(world.lats, world.lons)
    clock: list[float] = []
    processor: list[float] = []
    for base in BASES:
        start = time.perf_counter(), time.process_time()
        sea.field(*base).to(shore)
        clock.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    print(f"{'one base, s of the processor':44} {statistics.median(processor):9.4f}")
    pairs = [pair for pair in charts.published_distances() if not pair.doubt]
    check = check_router(
        [sea.distance(*pair.places) for pair in pairs],
        [pair.mean for pair in pairs],
        [float(cells.great_circle(*pair.places[0], *pair.places[1])) for pair in pairs],
    )
    held = (
        told("one base, s by the clock", statistics.median(clock), 1.0),
        told("median error, %", check.median * 100, 1.5),
        told("mean error, %", check.mean * 100, 4.0),
        told("below the great circle, %", -check.shortest * 100, 0.5),
    )
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
