import asyncio
import threading

import pytest

from accord.api.problem import Problem
from accord.api.workers import Workers
from accord.live.asked import GivenUp
from accord.storage.database import StorageFault


async def test_work_is_done_in_another_thread_and_its_result_returned() -> None:
    workers = Workers("counting", threads=1, waiting=0)
    assert await workers.run(threading.get_ident) != threading.get_ident()
    workers.close()


async def test_no_more_is_at_work_than_there_are_threads_and_more_than_may_wait_is_refused() -> (
    None
):
    workers = Workers("counting", threads=2, waiting=1)
    at_work, most, gate = 0, 0, threading.Event()
    lock = threading.Lock()

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        gate.wait(10)
        with lock:
            at_work -= 1

    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(workers.run(work))
        await asyncio.sleep(0)
        with pytest.raises(Problem, match="too much waits for counting") as refused:
            await workers.run(work)
        gate.set()
    assert refused.value.status == 503
    assert (most, workers.refused) == (2, 1)
    await workers.run(work)  # there is room again
    workers.close()


async def test_what_fails_makes_room_too() -> None:
    workers = Workers("failing", threads=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 // 0)
    workers.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (StorageFault("no disk"), "the journal cannot be read: no disk"),
        (GivenUp(), "this node stops"),
    ],
)
async def test_a_look_into_the_journal_that_fails_is_told_and_makes_room(
    fault: Exception, said: str
) -> None:
    workers = Workers("looking", threads=1, waiting=0)

    def work() -> None:
        raise fault

    with pytest.raises(Problem, match=said) as refused:
        await workers.look(work)
    assert refused.value.status == 503
    assert await workers.look(lambda: 5) == 5
    workers.close()
