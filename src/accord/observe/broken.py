"""Work that nobody waits for, and that broke off in a way that nobody foresaw: counted, and said.

Who asked for it is told only that it broke off: the rest is for whoever keeps the node.
"""

import traceback
from collections import Counter
from collections.abc import Callable

from accord.observe.log import Log

Broke = Callable[[Exception], str]
"""Takes note that work broke off; returns what is told to whoever asked for it."""


def noted(what: str, log: Log, counts: Counter[str]) -> Broke:
    """Return what counts and says where work of a sort broke off, such as `a coverage run`."""

    def note(error: Exception) -> str:
        counts[f"{what} broke off"] += 1
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
        log.burst(f"{what} broke off", reason=f"{type(error).__name__}: {error}", at=where)
        return f"it broke off: {type(error).__name__}"

    return note
