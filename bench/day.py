"""A day with 1,000,000 identities through a node: is memory flat, the disk within its budgets?

A recording of a day is made, in which so many ships come by, each heard some times a few minutes
apart, as AIS in tag blocks. A node of its own replays it through a feed, many times as fast as it
was: sentences, picture, journal, history, as any feed goes. Printed at each quarter of the day are
the peaks of memory, of the node and of the history's process, and of what lies on disk. Flat means:
the node's peak in the last quarter is at most a tenth above that in the second, and the history's
process has no more than its `memory` beside what it is made of. Every position is in the history at
the end, or is counted: as gone for the budget, which 1,000,000 ships go beyond, or as lost.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any

import procstat
from servers import accord_node

DAY = 86_400
BEGIN = 1_800_000_000 // DAY * DAY
FIRST_MMSI = 200_000_000
"""ITU-R M.585-9, section 1: ships' identities begin with a MID, 201 to 775."""

QUARTERS = 4
GROWTH = 1.1
APART = 180
"""Seconds of the day between two reports of one ship."""

SETTLED = 900.0
"""Seconds that the history has at the end to take in the last of it, at most."""

ASK_EVERY = 10.0
"""Seconds between two questions whether it has."""

LOOK_EVERY = 0.5
"""Seconds between two looks: what stands twice while it is merged stands no longer than that."""

MEMORY, BARE = 256 << 20, 256 << 20
"""Bytes that the history may use to merge, and those of Python with DuckDB before it does."""

RECORDING = "day.nmea.gz"


def sentence(mmsi: int, at: int, heard: int) -> bytes:
    """A position report (ITU-R M.1371-5, message 1) behind a tag block with its time."""
    lat = -6_000 + mmsi % 12_000 + heard
    lon = mmsi // 12_000 % 36_000 - 18_000
    # As with ships, nothing of one says where another is and how it goes.
    own = (mmsi + heard * 40_503) * 2_654_435_761 >> 8
    fields = (
        (1, 6), (0, 2), (mmsi, 30), (0, 4), (128, 8), (own % 300, 10), (1, 1),
        (lon * 6_000 + own % 6_000, 28), (lat * 6_000 + own // 7 % 6_000, 27),
        (own // 11 % 3_600, 12), (own // 13 % 360, 9), (at % 60, 6), (0, 6), (0, 19),
    )  # fmt: skip
    bits = "".join(format(value % (1 << width), f"0{width}b") for value, width in fields)
    letters = (int(bits[n : n + 6], 2) for n in range(0, len(bits), 6))
    payload = "".join(chr(each + 48 if each < 40 else each + 56) for each in letters)
    return _checked("\\", f"s:day,c:{at}", "\\") + _checked("!", f"AIVDM,1,1,,A,{payload},0", "\n")


def _checked(before: str, text: str, after: str) -> bytes:
    return f"{before}{text}*{reduce(xor, text.encode()):02X}{after}".encode()


def day(identities: int, reports: int) -> Iterator[bytes]:
    """Yield the day's sentences in order of time."""
    later = max(1, round(APART * identities / DAY))
    for n in range(identities + later * (reports - 1)):
        at = BEGIN + n * DAY // identities
        for heard in range(reports):
            ship = n - heard * later
            if 0 <= ship < identities:
                yield sentence(FIRST_MMSI + ship, at, heard)


def record(path: Path, identities: int, reports: int) -> int:
    """Write the recording; return how many sentences it has."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for each in day(identities, reports):
            file.write(each)
    return identities * reports


def played(pid: int, recording: Path) -> float | None:
    """Tell which part of the recording the node has read; None where it does not read it."""
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if each.readlink() == recording:
                position = Path(f"/proc/{pid}/fdinfo/{each.name}").read_text().split()[1]
                return int(position) / recording.stat().st_size
    return None


def on_disk(*paths: Path) -> int:
    """Bytes of files, and of all files in folders."""
    total = 0
    for path in paths:
        for each in (path, *path.rglob("*")):
            with suppress(OSError):
                total += each.stat().st_size if each.is_file() else 0
    return total


@dataclass
class Quarter:
    """The peaks of one quarter of the day, in bytes."""

    node: int = 0
    keeper: int = 0
    journal: int = 0
    history: int = 0

    def look(self, pid: int, directory: Path) -> None:
        node = _resident(pid)
        self.node = max(self.node, node)
        self.keeper = max(self.keeper, sum(map(_resident, _children(pid))))
        self.journal = max(self.journal, on_disk(*directory.glob("journal.sqlite*")))
        self.history = max(self.history, on_disk(directory / "history"))


def _children(pid: int) -> list[int]:
    """The processes that a process's first thread began."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def watch(pid: int, directory: Path, recording: Path, count: int) -> list[Quarter]:
    """Look at the node, again and again, until it and its history have read the recording."""
    quarters = [Quarter() for _ in range(QUARTERS)]
    at, shown = played(pid, recording), 0
    while at is None:
        time.sleep(0.1)
        at = played(pid, recording)
    while at is not None:
        number = min(QUARTERS - 1, int(at * QUARTERS))
        while shown < number:
            shown = _show(quarters, shown)
        quarters[number].look(pid, directory)
        time.sleep(LOOK_EVERY)
        at = played(pid, recording)
    begun = asked = time.monotonic()
    while time.monotonic() < begun + SETTLED:
        quarters[-1].look(pid, directory)
        time.sleep(LOOK_EVERY)
        if time.monotonic() > asked + ASK_EVERY:
            if sum(kept(directory).values()) >= count:
                break
            asked = time.monotonic()
    print(f"the history had the last of it {time.monotonic() - begun:.0f} s later")
    while shown < QUARTERS:
        shown = _show(quarters, shown)
    return quarters


def _show(quarters: list[Quarter], shown: int) -> int:
    each = quarters[shown]
    memory = f"node {each.node >> 20:5} MiB, history's process {each.keeper >> 20:5} MiB"
    disk = f"on disk: journal {each.journal >> 20:5} MiB, history {each.history >> 20:5} MiB"
    print(f"quarter {shown + 1}: {memory}; {disk}", flush=True)
    return shown + 1


def _said(*words: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "accord", *words, "--json"]
    return json.loads(subprocess.run(command, check=False, capture_output=True).stdout)


def kept(directory: Path) -> dict[str, int]:
    """What the node says became of the positions that the history was to have."""
    said = _said("history", "status", directory)
    return {
        "kept": sum(each["positions"] for each in said["channels"]),
        "beyond the budget": sum(each["positions"] for each in said["went"]),
        "lost": said["lost"],
    }


def taken(directory: Path) -> dict[str, int]:
    """What the node says became of the sentences."""
    said = _said("status", directory)
    (feed,) = (each for each in said["sources"] if each["channel"] == "feed:day")
    lost = sum(said["drops"].get("feed:day", {}).values())
    return {"accepted": feed["accepted"], "lost": lost}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--identities", type=int, default=1_000_000)
    options.add_argument("--reports", type=int, default=3, help="of each identity")
    options.add_argument("--speed", type=float, default=144.0, help="144 is a day in ten minutes")
    options.add_argument("--limit", type=int, default=100_000, help="the picture's max_tracks")
    options.add_argument("--journal", type=int, default=128, help="its budget in MiB")
    options.add_argument("--history", type=int, default=16, help="its budget in MiB")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        recording = Path(folder) / RECORDING
        count = record(recording, chosen.identities, chosen.reports)
        print(f"{chosen.identities:,} identities, {count:,} sentences in a day", flush=True)
        settings = (
            f'\n[listen]\nfederation = "off"\n[picture]\nmax_tracks = {chosen.limit}\n'
            f"[journal]\nmax_bytes = {chosen.journal << 20}\n"
            f"positions_bytes = {chosen.journal << 18}\ndurable_bytes = {chosen.journal << 18}\n"
            f"[history]\nkeep = true\nmemory = {MEMORY}\nmax_bytes = {chosen.history << 20}\n"
            f"channel_bytes = {chosen.history << 20}\n"
            f'[feed.day]\nformat = "ais"\ntransport = "file"\naddress = "{recording}"\n'
            f'groups = ["Watch"]\nspeed = {chosen.speed}\nmax_rate = 1000000.0\n'
            f"positions_bytes = {chosen.journal << 18}\n"
        )
        begun = time.monotonic()
        with accord_node(Path(folder), settings=settings, api="127.0.0.1:0") as (pid, _):
            directory = Path(folder) / "node"
            quarters = watch(pid, directory, recording, count)
            took = time.monotonic() - begun
            said, history = taken(directory), kept(directory)
            cpu = procstat.sample([pid]).cpu_s
    growth = quarters[-1].node / quarters[1].node
    keeper = max(each.keeper for each in quarters) / (MEMORY + BARE)
    disk = {
        "journal": max(each.journal for each in quarters) / (chosen.journal << 20),
        "history": max(each.history for each in quarters) / (chosen.history << 20),
    }
    print(f"{took:.0f} s: {DAY / took:.0f} times as fast as the day (asked {chosen.speed:g})")
    print(f"accepted {said['accepted']:,} of {count:,}; {cpu:.0f} s of the processor")
    print(f"of the history: {', '.join(f'{name} {n:,}' for name, n in history.items())}")
    print(f"memory of the node, last quarter to second: x {growth:.2f} (at most {GROWTH:g} asked)")
    print(f"memory of the history's process: {keeper:.2f} of what it may have (at most 1 asked)")
    for name, share in disk.items():
        print(f"disk, {name}: {share:.2f} of its budget (at most 1 asked)")
    is_whole = said["accepted"] == count == sum(history.values()) and not said["lost"]
    is_flat = growth <= GROWTH and keeper <= 1
    return 0 if is_flat and max(disk.values()) <= 1 and is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
