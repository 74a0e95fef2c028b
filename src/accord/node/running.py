"""Keeps a link running whose code may fail: one link must not end the node."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

AGAIN_AFTER = 30.0
"""Seconds before a link whose code failed is begun again."""


async def keep_running(
    run: Callable[[], Awaitable[None]],
    before: "asyncio.Task[None] | None",
    failed: Callable[[str], None],
) -> None:
    """Run a link until cancelled, once that in whose place it is has ended.

    It waits for `before` since a ledger has one writer. `failed` is told what went wrong each time.
    """
    if before is not None:
        await asyncio.wait([before])
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001  counted, logged and begun again
            failed(_spell(error))
            if _is_cancelled():
                return  # what fails while it ends would hide that it has to
            await asyncio.sleep(AGAIN_AFTER)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _spell(error: Exception) -> str:
    while isinstance(error, ExceptionGroup):
        (error, *_) = cast("ExceptionGroup[Exception]", error).exceptions
    return f"{type(error).__name__}: {error}"
