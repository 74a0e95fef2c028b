"""Times a drift, its map, a plan and achieved coverage, and holds them to their goals.

- 5,000 particles for 24 h: under 0.2 s
- achieved coverage of 10 units over 6 h against 5,000 particles: under 5 s, positions each 10 s
- one more position of one unit: under 0.2 s

Seconds by the clock and of the processor, the best of three: the goal is of the clock, on a machine
with nothing else to do. Exit code 1 when a goal is missed.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from accord.core.geometry import Point
from accord.search.allocate import Searcher, plan_areas
from accord.search.chances import cells
from accord.search.cloud import Drift
from accord.search.coverage import Achieved, Fix
from accord.search.drift import Scenario, drift
from accord.search.flow import Kind, steady
from accord.search.sphere import from_offsets
from accord.storage import charts

START = datetime(2026, 1, 1, tzinfo=UTC)
UNITS, HOURS, EVERY = 10, 6, 10


def best(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    clock: list[float] = []
    processor: list[float] = []
    for _ in range(times):
        start = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - start[0])
        processor.append(time.process_time() - start[1])
    return min(clock), min(processor)


def told(what: str, taken: tuple[float, float], goal: float) -> bool:
    clock, processor = taken
    verdict = "ok" if clock < goal else "MISSED"
    print(f"{what:48} {clock:8.3f} {processor:8.3f}   goal {goal:g}   {verdict}")
    return clock < goal


def drifted() -> Drift:
    raft = Scenario(
        name="raft",
        object=charts.leeway()["LIFE-RAFT-NB-1"],
        point=Point(lat=-20.0, lon=179.9),
        earliest=START,
        latest=START,
        error=5.0,
    )
    wind, current = steady(Kind.WIND, 200.0, 18.0), steady(Kind.CURRENT, 90.0, 0.7)
    return drift([raft], wind, current, until=START + timedelta(hours=24), seed="bench")


def track(found: Drift, unit: int) -> list[tuple[datetime, float, float]]:
    """Legs of 20 minutes up and down, in a strip of one's own."""
    seconds = np.arange(0.0, HOURS * 3600.0 + 1.0, EVERY)
    middle = found.at(START + timedelta(hours=12)).mean
    east = -20.0 + unit * 4.0 + seconds // 1200 * 0.2
    north = np.abs(seconds / 1200 % 2 - 1) * 40.0 - 20.0
    lats, lons = from_offsets(middle.lat, middle.lon, east, north)
    return [
        (START + timedelta(hours=9, seconds=second), lat, lon)
        for second, lat, lon in zip(seconds.tolist(), lats.tolist(), lons.tolist(), strict=True)
    ]


def main() -> int:
    charts.leeway()
    held = [told("a drift of 5,000 particles, 24 h", best(drifted), 0.2)]
    found = drifted()
    cloud = found.at(START + timedelta(hours=12))
    held.append(told("its map", best(lambda: cells(cloud)), 0.2))
    units = [Searcher(name=str(n), width=1.5, speed=90.0, hours=4.0) for n in range(UNITS)]
    held.append(told("a plan for 10 units", best(lambda: plan_areas(cloud, units)), 0.5))
    tracks = [track(found, n) for n in range(UNITS)]

    def covered() -> Achieved:
        achieved = Achieved(found)
        for n, points in enumerate(tracks):
            achieved.searched(f"unit {n}", 1.5, points)
        achieved.unseen()
        return achieved

    what = f"coverage, {UNITS} units, {HOURS} h, {sum(map(len, tracks))} positions"
    held.append(told(what, best(covered), 5.0))
    achieved, extra = covered(), iter(range(1, 1000))

    def one_more() -> None:
        when, lat, lon = tracks[0][-1]
        achieved.searched(
            "unit 0", 1.5, [(when + timedelta(seconds=EVERY * next(extra)), lat, lon)]
        )
        achieved.unseen()

    held.append(told("one more position", best(one_more), 0.2))
    late = [
        [
            Fix((START + timedelta(hours=9, seconds=EVERY * n)).timestamp(), lat, lon, 1.5)
            for n, (_, lat, lon) in enumerate(points)
        ]
        for points in tracks
    ]

    def grown(minutes: int) -> Callable[[], None]:
        """All units' tracks with so many minutes more than what is known."""
        state = Achieved(found)
        for n, fixes in enumerate(late):
            state.tracked(f"unit {n}", fixes[: -minutes * 60 // EVERY])
        state.unseen()

        def work() -> None:
            for n, fixes in enumerate(late):
                state.tracked(f"unit {n}", fixes)
            state.unseen()

        return work

    whole = best(covered, 1)
    for minutes in (5, 60):
        taken = best(grown(minutes), 1)
        held.append(told(f"{minutes} more minutes of all units, of 6 h", taken, 5.0))
        print(f"  whole {whole[1]:.3f} s of the processor, what is new {taken[1]:.3f}")
    print(f"success {achieved.pos:.3f}, {len(achieved.holes)} holes")
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
