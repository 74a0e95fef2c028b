"""What the running node says of its links, for commands that otherwise read its directory alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypedDict, cast

from accord.cli.running import find, get
from accord.core.errors import AccordError
from accord.observe.partner_health import LinkState
from accord.security.tls import client_context


class _Agreement(TypedDict):
    id: str
    serial: int
    here: bool
    there: str
    why: str
    until: str | None


class _Partner(TypedDict):
    node: str
    state: str
    since: str | None
    ended: str
    agreements: Sequence[_Agreement]
    unverified: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How one agreement stands with one partner; `here` tells whether it is activated here.

    `ended` is when it did, empty while it has not.
    """

    id: str
    serial: int
    partner: str
    here: bool
    there: str
    why: str
    ended: str = ""

    @property
    def sentence(self) -> str:
        """What a person is told of it."""
        if self.ended:
            return f"{self.id} serial {self.serial} ended at {self.ended}: nothing flows by it"
        return self.why or f"{self.id} serial {self.serial} at {self.partner}: {self.there}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """All links of a running node: their states, the agreements, and who is passed on in vain.

    `down` says of each that is down since when, and why its last session ended where one had.
    """

    states: Mapping[str, str]
    agreements: tuple[Stands, ...]
    strange: Mapping[str, tuple[str, ...]]
    down: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, partner: str) -> tuple[Stands, ...]:
        """Return how the agreements with that partner stand."""
        return tuple(each for each in self.agreements if each.partner == partner)


def linkage(directory: Path) -> Linkage | None:
    """Return what the node that runs from a directory says; None where none does, or answers."""
    try:
        node = find(directory)
        text = get(node, "/api/status", tls=client_context(directory), accept="application/json")
    except AccordError:
        return None
    said = json.loads(text)
    partners, at = cast(Sequence[_Partner], said["partners"]), datetime.fromisoformat(said["at"])
    return Linkage(
        states={each["node"]: each["state"] for each in partners},
        agreements=tuple(
            Stands(
                id=it["id"], serial=it["serial"], partner=each["node"], here=it["here"],
                there=it["there"], why=it["why"], ended=_ended(it["until"], at),
            )
            for each in partners for it in each["agreements"]
        ),
        strange={each["node"]: tuple(each["unverified"]) for each in partners},
        down={each["node"]: _down(each) for each in partners if each["state"] == LinkState.DOWN},
    )  # fmt: skip


def _ended(until: str | None, at: datetime) -> str:
    moment = None if until is None else datetime.fromisoformat(until)
    return "" if moment is None or moment > at else f"{moment:%Y-%m-%d %H:%MZ}"


def _down(partner: _Partner) -> str:
    since = partner["since"]
    when = "" if since is None else f" since {datetime.fromisoformat(since):%Y-%m-%d %H:%M:%SZ}"
    return f"{when}: {partner['ended']}" if partner["ended"] else when
