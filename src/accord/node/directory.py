"""A node's directory: one node at a time, and where the command line finds it."""

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from accord.core.errors import AccordError
from accord.observe.log import Log
from accord.security.keystore import write_private

JOURNAL = Path("journal.sqlite")
LISTENERS = Path("run/listeners.json")
"""What a running node says of itself: its process, and the address of each listener."""

_LOCK = Path("run/lock")


@contextmanager
def held(directory: Path) -> Generator[None, None, None]:
    """Hold the directory. AccordError when another process runs a node from it."""
    path = directory / _LOCK
    try:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        lock = path.open("a")
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AccordError(
                f"another process runs the node in {directory}; stop that one first"
            ) from None
        yield


class Notice:
    """Says in the directory where the node listens, for the command line; clients need none of it.

    Where that cannot be written, as on a full disk, `trouble` says so, and the node goes on.
    """

    def __init__(self, directory: Path, listeners: Mapping[str, str], log: Log) -> None:
        self._path = directory / LISTENERS
        self._listeners = listeners
        self._log = log
        self.trouble = ""

    def put_up(self) -> None:
        """Write the notice, or note why it cannot be written."""
        said = json.dumps({"pid": os.getpid(), "listeners": self._listeners}).encode()
        try:
            write_private(self._path, said)
        except AccordError as error:
            self.trouble = f"{error}: accord status and doctor do not find the node"
            self._log.burst("no notice", reason=str(error))
        else:
            self.trouble = ""

    def put_up_again(self) -> None:
        """Write the notice where that was not possible before."""
        if self.trouble:
            self.put_up()

    def take_down(self) -> None:
        """Remove the notice. One that cannot be removed names a process that is gone."""
        with suppress(OSError):
            self._path.unlink()


@contextmanager
def announced(notice: Notice) -> Generator[None, None, None]:
    """Say in the directory where the node listens, as long as it does."""
    notice.put_up()
    try:
        yield
    finally:
        notice.take_down()
