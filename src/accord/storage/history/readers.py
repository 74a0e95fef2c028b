"""Who reads the history, so that no file goes under his hands: locks that end with him.

Whoever reads holds a lock on a file of his own before he looks which pieces there are. The system
lets it go however he ends; the writer clears the file away when it begins.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_NAME = "reading-"


@contextmanager
def reading(directory: Path) -> Generator[None, None, None]:
    """Be known as one who reads. Who may not write there reads too, and nobody waits for him."""
    path = directory / f"{_NAME}{os.getpid()}-{os.urandom(6).hex()}"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def readers(directory: Path) -> frozenset[str]:
    """Return who reads."""
    return frozenset(each.name for each in directory.glob(f"{_NAME}*") if _is_held(each))


def clear_left(directory: Path) -> None:
    """Clear away what those left who were killed."""
    for each in directory.glob(f"{_NAME}*"):
        if not _is_held(each):
            each.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
