"""What the past costs: questions to a journal of 24 hours, and replays of it.

Makes a journal of so many positions of so many ships, evenly over 24 hours, each twentieth of a
second a commit as the node makes them. Times are CPU times of this process, beside wall times: the
machine may have other work.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from accord.core.context import LIVE
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Original, Report, Source
from accord.live.asked import Asked
from accord.live.marking import DefaultMarkings
from accord.live.replay import Replay, ReplaySettings
from accord.node.kept import past
from accord.picture.picture import PictureSettings
from accord.storage.segment import pack
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from accord.wire.cot.translate import report_again

END = datetime(2027, 3, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)
VALID = timedelta(minutes=6)
COMMIT = 0.05
SOURCES = [Source(node="NZL", channel=f"feed:{n}", speaker="ais") for n in range(4)]
GROUPS = frozenset({"Blue"})


def event(uid: str, at: datetime, north: float) -> bytes:
    time_, stale = (each.isoformat(timespec="milliseconds")[:23] + "Z" for each in (at, at + VALID))
    return (
        f'<event version="2.0" uid="{uid}" type="a-n-S-X-M" how="m-g" time="{time_}" '
        f'start="{time_}" stale="{stale}"><point lat="{-41 + north:.6f}" lon="174.5" hae="0" '
        f'ce="10" le="10"/><detail><contact callsign="{uid}"/><track course="90.0" speed="5.0"/>'
        "</detail></event>"
    ).encode()


def fill(directory: Path, lines: int, ships: int) -> None:
    database = SqliteDatabase(directory / "journal.sqlite", max_bytes=8 << 30)
    writer = database.writer()
    begin = END - DAY
    step = DAY / lines
    sample = report_again(Original(Form.COT_XML, event("S", begin, 0)), source=SOURCES[0],
                          groups=GROUPS, received=begin)  # fmt: skip
    waiting: list[tuple[int, Report, Original]] = []
    pending: list[Any] = []
    due = begin
    for n in range(lines):
        at, uid = begin + n * step, f"SHIP-{n % ships}"
        if (at - due).total_seconds() > COMMIT:
            pending += pack(waiting)
            waiting, due = [], at
            if len(pending) > 400:
                writer.insert(pending)
                pending = []
        original = Original(Form.COT_XML, event(uid, at, n % ships / ships))
        report = replace(
            sample, uid=uid, time=at, start=at, stale=at + VALID, received=at,
            source=SOURCES[n % len(SOURCES)], original=original,
        )  # fmt: skip
        waiting.append((n + 1, report, original))
    writer.insert(pending + pack(waiting))
    writer.close()


def timed(name: str, work: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    print(
        f"{name:58} {time.process_time() - cpu:7.2f} s CPU {time.perf_counter() - wall:7.2f} s",
        flush=True,
    )
    return found


def measure(directory: Path, ships: int) -> None:
    kept = past(directory, DefaultMarkings())
    by = Principal(name="x", groups={"Blue": Direction.BOTH})

    def asked(hours: float, parts: int) -> Asked:
        end = END.timestamp()
        return Asked(by=by, context=LIVE, since=end - 3600 * hours, until=end, parts=parts)

    timed("what is held", kept.held)
    for hours in (1, 24):
        found = timed(
            f"one track, {hours} h, 600 positions",
            lambda h=hours: kept.course(asked(h, 600), "SHIP-7"),
        )
        print(f"    {found.count} positions, {len(found.reports)} told")
    uids = {f"SHIP-{n}" for n in range(min(200, ships))}
    for hours in (0.5, 2):
        timed(
            f"trails of 200, {hours} h, 120 places",
            lambda h=hours: kept.courses(asked(h, 120), uids),
        )
    settings = ReplaySettings(picture=PictureSettings(), journal=JournalSettings(),
                              form_of=lambda _: None)  # fmt: skip
    replay = Replay(kept, settings, by, LIVE, name="b", is_awaited=lambda: True)
    at = END - timedelta(hours=6)
    frames = timed("replay: the picture 6 h ago", lambda: replay.jump(at))
    print(f"    {sum(map(len, frames)) >> 10} KiB, whole: {replay.whole}")
    for speed in (1, 15, 60):

        def play(speed: int = speed) -> None:
            for _ in range(10):
                replay.advance(replay.at + timedelta(seconds=speed))

        timed(f"replay: 10 s at x{speed}", play)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--ships", type=int, default=2_000)
    parser.add_argument(
        "--keep", type=Path, help="make it in this directory, or take what is there"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = given.keep or Path(name)
        if (directory / "journal.sqlite").exists():
            measure(directory, given.ships)
            return
        timed(f"(filling: {given.lines} lines)", lambda: fill(directory, given.lines, given.ships))
        print(f"    {(directory / 'journal.sqlite').stat().st_size >> 20} MiB")
        measure(directory, given.ships)


if __name__ == "__main__":
    main()
