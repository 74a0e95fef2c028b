import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accord.federation.carrier import CannotCarry, Taken, Written
from accord.node.bundles import IN, MAX_WAITING, OUT, SOON, Bundles
from accord.node.requests import Answer, BundleTold, ExportWanted, ImportWanted, Request, Wanted
from accord.observe.log import Log
from support.clock import START, ManualClock

WRITTEN = Written(data=b"a bundle", id=b"\x01" * 16, made=5, items=3, is_known=True, is_whole=False)
NAME = "01" * 16


class Carrier:
    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.fails: Exception | None = None

    async def write(self) -> Written:
        if self.fails is not None:
            raise self.fails
        return WRITTEN

    async def take_in(self, data: bytes) -> Taken:
        self.taken.append(data)
        if self.fails is not None:
            raise self.fails
        return Taken(id=b"\x02" * 16, made=7, items=9, fresh=4)


class Asked:
    """A node whose one partner is USA."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.carrier = Carrier()
        self.clock = ManualClock()
        tie: Any = SimpleNamespace(link=SimpleNamespace(carrier=self.carrier))
        self.bundles = Bundles(directory, {"USA": tie}, now=self.clock.now, log=Log(self.clock))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.bundles.run())
            yield
            task.cancel()

    async def answer(self, wanted: Wanted, number: int = 1) -> Answer:
        request = Request(number=number, at=START, by="ann", reason="by file", wanted=wanted)
        async with asyncio.timeout(10), self.running():
            while (said := self.bundles.begin(request)) is None:  # noqa: ASYNC110  asked again
                await asyncio.sleep(0)
            return said

    def put(self, data: bytes = b"theirs", name: str = "ab") -> ImportWanted:
        place = self.directory / IN
        place.mkdir(parents=True)
        (place / name).write_bytes(data)
        return ImportWanted(partner="USA", file=name)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


async def test_a_bundle_lies_where_the_command_finds_it(asked: Asked) -> None:
    said = await asked.answer(ExportWanted(partner="USA"))
    assert said.bundle == BundleTold(
        partner="USA", id=NAME, made=5, items=3, bytes=8, file=NAME, is_whole=False
    )
    assert (asked.directory / OUT / NAME).read_bytes() == b"a bundle"


async def test_a_bundle_that_is_put_in_is_taken_and_goes(asked: Asked) -> None:
    said = await asked.answer(asked.put())
    assert said.bundle == BundleTold(partner="USA", id="02" * 16, made=7, items=9, bytes=6, fresh=4)
    assert asked.carrier.taken == [b"theirs"]
    assert list((asked.directory / IN).iterdir()) == []


@pytest.mark.parametrize(
    "error", [CannotCarry("it was imported before"), ValueError("it was imported before")]
)
async def test_what_is_refused_says_why_and_ends_nothing(asked: Asked, error: Exception) -> None:
    asked.carrier.fails = error
    wanted = asked.put()
    assert "imported before" in (await asked.answer(wanted)).refused
    assert list((asked.directory / IN).iterdir()) == []
    is_ours = isinstance(error, ValueError)
    assert asked.bundles.failures == ({"a bundle failed": 1} if is_ours else {})
    asked.carrier.fails = None
    assert (await asked.answer(ExportWanted(partner="USA"), number=2)).bundle is not None


async def test_nothing_is_written_when_nobody_waits_any_more(asked: Asked) -> None:
    asked.clock.advance(seconds=(SOON + timedelta(seconds=1)).total_seconds())
    assert "nobody waits" in (await asked.answer(ExportWanted(partner="USA"))).refused
    assert not (asked.directory / OUT).exists()
    # What came can be taken in late: it is as old as it says.
    assert (await asked.answer(asked.put(), number=2)).bundle is not None


async def test_a_stranger_and_a_file_elsewhere_are_refused(asked: Asked) -> None:
    assert "no partner" in (await asked.answer(ExportWanted(partner="AUS"))).refused
    elsewhere = ImportWanted(partner="USA", file="../../secret")
    assert "hexadecimal" in (await asked.answer(elsewhere, number=2)).refused
    assert asked.carrier.taken == []


async def test_only_so_many_are_waited_for(asked: Asked) -> None:
    wanted = ExportWanted(partner="USA")
    for number in range(MAX_WAITING):
        request = Request(number=number, at=START, by="ann", reason="x", wanted=wanted)
        assert asked.bundles.begin(request) is None
        assert asked.bundles.begin(request) is None
    one_more = Request(number=99, at=START, by="ann", reason="x", wanted=wanted)
    said = asked.bundles.begin(one_more)
    assert said is not None
    assert "already" in said.refused
