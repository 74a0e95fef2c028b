"""Asks the node of a directory for something, and waits for what becomes of it."""

import time
from collections.abc import Callable
from pathlib import Path

from accord.cli.account import account
from accord.cli.running import find
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.node import requests
from accord.node.requests import Answer, Request, Wanted
from accord.storage.partners import PARTNERS

LOOK_EVERY = 0.1
"""Seconds between looks for an answer."""


def ask(directory: Path, wanted: Wanted, reason: str) -> Request:
    """Write a request in the name of the account that runs this; the node does it when it runs."""
    check_reason(reason)
    return requests.put(
        directory, wanted, reason=reason, by=account(), at=SystemClock().now()
    )  # fmt: skip


def check_reason(reason: str) -> None:
    """Refuse a reason that others could not read. UsageError."""
    if not reason.strip() or len(reason) > requests.MAX_REASON or not reason.isprintable():
        raise UsageError(
            f"option --reason: 1 to {requests.MAX_REASON} printable characters, which stand in "
            "the ledgers of both nodes"
        )


def runs(directory: Path) -> bool:
    """Tell whether a node runs from the directory."""
    try:
        find(directory)
    except AccordError:
        return False
    return True


def has_partners(directory: Path) -> bool:
    """Tell whether the node of the directory ever had a partner that could be told something."""
    return (directory / PARTNERS).exists()


def wait_for(
    directory: Path, request: Request, seconds: float, is_enough: Callable[[Answer], bool]
) -> Answer | None:
    """Return what became of a request, after so many seconds at the latest; None: nothing yet.

    AccordError says why nothing will.
    """
    clock = SystemClock()
    until = clock.monotonic() + seconds
    while True:
        said = requests.answered(directory, request.number)
        if said is not None and said.refused:
            raise AccordError(said.refused)
        if (said is not None and is_enough(said)) or clock.monotonic() >= until:
            return said
        time.sleep(LOOK_EVERY)
