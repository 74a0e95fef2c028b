"""How a node of the demonstration says that a link stands: its own status, asked over its API."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from accord.cli.running import find, get
from accord.core.errors import AccordError
from accord.security.tls import client_context


@dataclass(frozen=True, slots=True)
class Standing:
    """A link to a partner as its node has it; `lag` is how many seconds the oldest has waited."""

    state: str
    waiting: int
    lag: float

    def __str__(self) -> str:
        waiting = f"{self.waiting} waiting, the oldest {self.lag:.1f} s"
        return f"{self.state}, {waiting if self.waiting else 'nothing waiting'}"


def standing(directory: Path, partner: str) -> Standing | None:
    """Ask a running node about one partner; None when it does not say."""
    try:
        node = find(directory)
        tls = client_context(directory)
        said = json.loads(get(node, "/api/status", tls=tls, accept="application/json"))
    except AccordError:
        return None
    return next((_read(each) for each in said["partners"] if each["node"] == partner), None)


def _read(said: dict[str, object]) -> Standing:
    waiting = cast("dict[str, int]", said["waiting"])
    return Standing(str(said["state"]), sum(waiting.values()), cast("float", said["lag"]))
