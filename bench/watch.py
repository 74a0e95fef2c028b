"""What the watch costs: live tracks that report again and again, areas, rules. Prints cores used.

    python bench/watch.py [--tracks 50000] [--every 10] [--areas 1000] [--rules 20] [--seconds 60]

Reports go through the picture and the rules as in a running node: each change is seen, the
clock is looked at every five seconds. Time is simulated, so that what is printed is the processor's
time for so many seconds of traffic: cores used, against half a core. Nothing may be lost.
"""

import argparse
import cProfile
import pstats
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED
from accord.core.report import Report, Source
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.text import read
from accord.picture.picture import Picture, PictureSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
AIS = Source(node="NZL", channel="feed:ais", speaker="ais")
GROUPS = frozenset({"Watch"})
SHIP = Kind.of("a-u-S-X-M")
HALF = 0.5
LOOK_EVERY = 5.0

WHEN = (
    "inside {0}", "enters {0}", "leaves {0}", "nobody for 30 min inside {0}",
    "faster than 25 kn inside {0}", "slower than 2 kn inside {0}",
    "loiters for 30 min within 500 m inside {0}", "turns by more than 60 deg in 5 min inside {0}",
    "changes speed by more than 10 kn in 5 min inside {0}", "changes identity inside {0}",
    "dark for 30 min inside {0}", "calls inside {0}", "meets within 300 m for 20 min inside {0}",
    "closest within 500 m in 10 min inside {0}", "inside {0}", "enters {0}", "leaves {0}",
    "faster than 35 kn", "feed ais silent for 5 min", "partner AUS silent for 10 min",
)  # fmt: skip
"""What twenty rules say: every condition there is."""


def rules(count: int, areas: int, dice: random.Random) -> str:
    """Return rules with so many areas among them: polygons of eight corners, some 5 NM wide."""
    said = [WHEN[each % len(WHEN)] for each in range(count)]
    with_area = [each for each in said if "{0}" in each]
    lines: list[str] = []
    for number, when in enumerate(said):
        if "{0}" not in when:
            lines += [f"rule r{number}", f"when {when}", "of a-.-S"]
            continue
        mine = max(1, areas // len(with_area))
        lines += [f"rule r{number}", "of a-.-S", f"when {when.format(polygon(dice))}"]
        lines += [f"or {polygon(dice)}" for _ in range(mine - 1)]
    return "\n".join(lines)


def polygon(dice: random.Random) -> str:
    lat, lon = dice.uniform(-45, -30), dice.uniform(150, 179)
    corners = [
        (0.08, 0),
        (0.06, 0.06),
        (0, 0.08),
        (-0.06, 0.06),
        (-0.08, 0),
        (-0.06, -0.06),
        (0, -0.08),
        (0.06, -0.06),
    ]
    return "polygon " + " ".join(f"{lat + a:.4f} {lon + b:.4f}" for a, b in corners)


def traffic(tracks: int, every: float, seconds: float, dice: random.Random) -> Iterator[Report]:
    """Yield what ships say, in order of time: each every so many seconds, going straight."""
    ships = []
    for number in range(tracks):
        uid = f"MMSI-{200_000_000 + number}"
        first = Report(
            uid=uid, context=LIVE, kind=SHIP, how="m-g", time=START, start=START, stale=START,
            received=START, body=Position(point=None), marking=UNMARKED, source=AIS, groups=GROUPS,
            identity=Identity(mmsi=uid[5:], name=f"SHIP {number}"),
        )  # fmt: skip
        ships.append((first, dice.uniform(-45, -30), dice.uniform(150, 179), dice.uniform(0, 12)))
    step, valid = every / tracks, timedelta(minutes=6)
    for turn in range(int(seconds / every)):
        for number, (first, lat, lon, speed) in enumerate(ships):
            after = turn * every + number * step
            at = START + timedelta(seconds=after)
            point = Point(lat=lat + speed * after / 111_195, lon=lon)
            body = Position(point=point, course=0.0, speed=speed)
            yield replace(first, time=at, start=at, received=at, stale=at + valid, body=body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=50_000)
    parser.add_argument("--every", type=float, default=10.0)
    parser.add_argument("--areas", type=int, default=1_000)
    parser.add_argument("--rules", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    dice = random.Random(1)
    judge = Judge(read(rules(given.rules, given.areas, dice), file="bench"))
    picture = Picture(PictureSettings())
    profile = cProfile.Profile()
    parts = {"picture": 0.0, "rules see": 0.0, "rules look": 0.0}
    look_at, said, seen, turn = START, 0, 0, 0.0
    batch: list[Report] = []
    for report in traffic(given.tracks, given.every, given.seconds, dice):
        batch.append(report)
        if len(batch) < 1_000:
            continue
        if given.profile:
            profile.enable()
        begun = time.process_time()
        changes = [picture.apply(each) for each in batch]
        applied = time.process_time()
        for change in changes:
            if change is not None:
                seen += 1
                said += len(judge.see(change))
        saw = time.process_time()
        now = batch[-1].received
        if now >= look_at:
            look_at = now + timedelta(seconds=LOOK_EVERY)
            picture.expire(now)
            said += len(judge.look(now))
            said += 0 * len(list(judge.held()))
        looked = time.process_time()
        profile.disable()
        parts["picture"] += applied - begun
        parts["rules see"] += saw - applied
        parts["rules look"] += looked - saw
        turn = max(turn, looked - begun)
        batch.clear()
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    cores = sum(parts.values()) / given.seconds
    expected = int(given.seconds / given.every) * given.tracks
    print(
        f"{given.tracks} tracks, one update per {given.every:g} s, "
        f"{given.areas} areas, {given.rules} rules"
    )
    for name, used in parts.items():
        print(f"  {name}: {used / given.seconds:.3f} cores")
    print(f"  longest turn of a thousand reports: {turn * 1000:.0f} ms")
    print(
        f"  {seen} of {expected} updates taken, {dict(judge.counts)}, {said} times something was so"
    )
    print(f"cores used: {cores:.3f}, {cores / HALF:.2f} of half a core")


if __name__ == "__main__":
    main()
