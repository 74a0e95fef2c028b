"""A mission of many items: how long it takes to put, to read whole, and to read what is new.

    .venv/bin/python bench/missions.py [--items 10000] [--reads 9]

The interface is asked in this process, without a socket: what is measured is the node's own work,
from the request to the last byte of the answer. Items have CoT of usual length.
"""

import argparse
import asyncio
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from accord.core.mission import Item, ItemKind
from accord.storage.missions import MissionSettings
from accord.tak.missions import by_the_node
from support.clock import START
from support.marti import Marti, marti

MISSION = "/Marti/api/missions/Search"
EVENT = (
    '<event version="2.0" uid="ITEM-{n}" type="a-f-G-U-C" time="2026-01-02T03:04:05.678Z" '
    'start="2026-01-02T03:04:05.678Z" stale="2026-01-02T03:14:05.678Z" how="m-g">'
    '<point lat="-41.{n:05}" lon="174.5" hae="12.0" ce="5.0" le="9999999.0"/>'
    '<detail><contact callsign="Item {n}"/></detail></event>'
)


def _item(n: int) -> Item:
    return Item(
        kind=ItemKind.UID, name=f"ITEM-{n}", at=START, creator_uid="UID-kiwi",
        details={
            "type": "a-f-G-U-C", "callsign": f"Item {n}", "location": {"lat": -41.0, "lon": 174.5},
        },
        event=EVENT.format(n=n).encode(), time=START.timestamp(),
    )  # fmt: skip


async def _timed(api: Marti, path: str, reads: int) -> tuple[float, float, float, int]:
    """Median and worst milliseconds of an answer, those of the processor, and its bytes."""
    taken, worked, size = list[float](), list[float](), 0
    for _ in range(reads):
        begun, busy = time.perf_counter(), time.process_time()
        answer = await api.ask("moa", "GET", path)
        taken.append((time.perf_counter() - begun) * 1000)
        worked.append((time.process_time() - busy) * 1000)
        assert answer.status_code == 200, answer.text
        size = len(answer.content)
    return statistics.median(taken), max(taken), statistics.median(worked), size


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--items", type=int, default=10_000)
    asked.add_argument("--reads", type=int, default=9)
    given = asked.parse_args()
    settings = MissionSettings(max_items=max(given.items + 1, 20_000))
    with TemporaryDirectory() as directory:
        async with marti(Path(directory), missions=settings) as api:
            made = await api.does("kiwi", "POST", f"{MISSION}?creatorUid=UID-kiwi", 201)
            guid = made["data"][0]["guid"]
            begun = time.perf_counter()
            await api.api.missions.put(
                guid, [_item(n) for n in range(given.items)], still=by_the_node
            )
            print(f"{given.items} items put in {(time.perf_counter() - begun) * 1000:.0f} ms")
            api.node.clock.advance(seconds=60)
            fresh = replace(_item(given.items), at=api.node.clock.now())
            await api.api.missions.put(guid, [fresh], still=by_the_node)
            for path, what in (
                ("", "the mission"), ("/cot", "its CoT"), ("/changes", "every change"),
                ("/changes?secago=30", "what is new"),
            ):  # fmt: skip
                median, worst, busy, size = await _timed(api, f"{MISSION}{path}", given.reads)
                print(
                    f"{what:14} median {median:7.1f} ms, worst {worst:7.1f} ms, of the processor "
                    f"{busy:7.1f} ms, {size} bytes"
                )


asyncio.run(main())
