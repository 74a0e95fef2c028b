"""The node's end of the process that keeps its history: begun, begun again, ended.

It is a process of its own so that neither reading reports again nor DuckDB takes anything from the
node.
"""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

from accord.federation.guard_process import KEPT
from accord.observe.log import Log
from accord.storage.history.shared.connection import PASSWORD

HISTORY = "history"
"""The directory of it, in the node's."""

SET_ASIDE = "history.damaged"
"""Where what was damaged is moved to; what was damaged later to a place with a number behind it."""

MOST_SET_ASIDE = 3
"""Histories that are set aside; one more is not, for none is removed but by a person."""

_GIVEN = (*KEPT, PASSWORD)

AGAIN_AFTER = 10.0
"""Seconds before a process that ended is begun again."""


def set_aside_in(directory: Path) -> list[Path]:
    """Return where damaged histories of a node's directory go, in order, whether there or not."""
    later = [f"{SET_ASIDE}.{number}" for number in range(2, MOST_SET_ASIDE + 1)]
    return [directory / name for name in (SET_ASIDE, *later)]


class KeepingProcess:
    """The node's end: `run` keeps the process going. `trouble` is why it does not go."""

    def __init__(self, directory: Path, log: Log, counts: Counter[str]) -> None:
        self.trouble = ""
        self._directory = directory
        self._log = log
        self._counts = counts

    async def run(self) -> None:
        """Run it, again and again where it ends."""
        while True:
            self.trouble = await self._once()
            self._counts["history process ended"] += 1
            self._log.trouble("history is not kept", reason=self.trouble)
            await asyncio.sleep(AGAIN_AFTER)

    async def _once(self) -> str:
        """Run it until it ends; return how it did."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-m", "accord.node.history", str(self._directory.absolute()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in _GIVEN if name in os.environ},
            )  # fmt: skip
        except OSError as error:
            return f"the process that keeps it cannot be started: {error}"
        self.trouble = ""
        try:
            assert process.stderr is not None  # noqa: S101  asked for
            said = await process.stderr.read(4096)
            code = await process.wait()
        finally:
            if process.returncode is None:
                assert process.stdin is not None  # noqa: S101  asked for
                process.stdin.close()  # it ends by itself then, with what is under way
        words = said.decode("utf-8", "replace").strip().splitlines()
        return words[-1] if words else f"the process that keeps it ended with {code}"
