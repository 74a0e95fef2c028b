import asyncio

import pytest

from accord.node import running
from accord.node.running import keep_running


async def test_a_link_that_fails_is_begun_again_and_each_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "AGAIN_AFTER", 0.0)
    begun, told = asyncio.Event(), list[str]()

    async def run() -> None:
        if len(told) < 2:
            raise ExceptionGroup("tasks", [OSError("no route"), KeyError("later")])
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        link = tasks.create_task(keep_running(run, None, told.append))
        await begun.wait()
        link.cancel()
    assert told == ["OSError: no route", "OSError: no route"]


async def test_a_link_waits_for_the_one_in_whose_place_it_is() -> None:
    order = list[str]()
    free, begun = asyncio.Event(), asyncio.Event()

    async def one_before() -> None:
        await free.wait()
        order.append("before ends")

    async def run() -> None:
        order.append("link begins")
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        before = tasks.create_task(one_before())
        link = tasks.create_task(keep_running(run, before, order.append))
        await asyncio.sleep(0)
        free.set()
        await begun.wait()
        link.cancel()
    assert order == ["before ends", "link begins"]


async def test_what_fails_while_it_ends_does_not_keep_it() -> None:
    told = list[str]()

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("in the middle")

    async with asyncio.TaskGroup() as tasks:
        link = tasks.create_task(keep_running(run, None, told.append))
        await asyncio.sleep(0)
        link.cancel()
        await link
    assert told == ["ValueError: in the middle"]
