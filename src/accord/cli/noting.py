"""Notes in the audit what commands change of a node, as soon as they have."""

import argparse
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from accord.cli.account import account
from accord.core.clock import SystemClock
from accord.core.errors import AccordError
from accord.storage.acts import Act, Acts
from accord.storage.people import PEOPLE, PeopleFault

NOTED = frozenset({
    "client add", "client import", "client set", "client revoke", "client token", "client withdraw",
    "user add", "user set", "user password", "user lock", "user unlock", "user remove",
    "feed add", "mission import",
    "partner invite", "partner add", "partner deny", "partner allow", "partner clear",
    "partner remove",
    "agreement activate", "agreement suspend", "agreement pause", "agreement resume",
    "federation keys", "federation recall", "federation export", "federation import",
    "ledger prune", "ledger renew", "ledger accept",
    "backup", "restore",
})  # fmt: skip
"""The commands that do something to a node, to who may what on it, or towards a partner."""

_WHOM = ("name", "node", "partner", "id", "file")
"""Where a command has whom or what it is about, the first that is there."""


def note(words: Sequence[str], arguments: argparse.Namespace) -> None:
    """Note a command that has done its work, where it is one of NOTED. AccordError: it cannot be.

    A directory without a register of people is no node's, and has no audit.
    """
    said = [each for each in words if each != "--debug"]
    parts = 1 if said[0] in NOTED else 2
    what = " ".join(said[:parts])
    directory: Path | None = getattr(arguments, "directory", None)
    if what not in NOTED or directory is None or not _changes(what, arguments):
        return
    register = directory / PEOPLE
    if not register.exists():
        return
    act = Act(
        at=SystemClock().now(),
        who=account(),
        via="command",
        whence=_whence(),
        what=what,
        whom=str(next((found for name in _WHOM if (found := getattr(arguments, name, None))), "")),
        detail=" ".join(said[parts + 1 :]),
    )
    try:
        Acts(register).note(act)
    except PeopleFault as fault:
        raise AccordError(f"it is done, and does NOT stand in the audit: {fault}") from None


def _changes(what: str, arguments: argparse.Namespace) -> bool:
    """Tell whether a command did more than show something."""
    return what != "federation keys" or bool(arguments.replace or arguments.met)


def _whence() -> str:
    """Return from where the command was given: over SSH from an address, or at this machine."""
    far = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return far or socket.gethostname()
