"""A node's directory: one node at a time, and where the command line finds it."""

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from accord.core.errors import AccordError
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


@contextmanager
def announced(directory: Path, listeners: Mapping[str, str]) -> Generator[None, None, None]:
    """Say in the directory where the node listens, as long as it does."""
    path = directory / LISTENERS
    write_private(path, json.dumps({"pid": os.getpid(), "listeners": listeners}).encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
