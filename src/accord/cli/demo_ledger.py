"""What crosses the demonstration's links and what does not, clause by clause, from the ledgers."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from accord.cli.demo_node import accord_command, printed
from accord.core.agreement import Reason
from accord.release.ledger.entry import Body, Received, Refusals, Release, decode
from accord.release.ledger.fault import LedgerFault
from accord.storage.ledger_reader import LedgerReader, path_of

FRAMES = 1 << 22
"""Frames of a session at most: their numbers in a ledger are the session's times this, and on."""

_CLAUSE = re.compile(r"^## (\S+) (.+)$", re.MULTILINE)

_Withheld = tuple[str, str]
"""The clause, empty where none decided, and the reason."""


@dataclass(slots=True)
class Side:
    """What one node's ledger for one partner says so far; `look` reads what is new of it."""

    directory: Path
    partner: str
    released: Counter[str] = field(default_factory=Counter[str])
    received: Counter[str] = field(default_factory=Counter[str])
    withheld: Counter[_Withheld] = field(default_factory=Counter[_Withheld])
    frame_sent: int = 0
    frame_received: int = 0
    sessions: set[int] = field(default_factory=set[int])
    newest: datetime | None = None
    """When what was received was accepted at its origin, the newest of it."""
    read: int = 0

    def look(self) -> None:
        """Read the lines that were written since the last look."""
        path = path_of(self.directory, self.partner)
        if not path.exists():
            return
        try:
            with closing(LedgerReader(path)) as reader:
                for number, data, _ in reader.lines(self.read + 1):
                    self._take(decode(data).body)
                    self.read = number
        except LedgerFault:
            return  # it is being made; the comparison at the end finds what is really wrong

    def _take(self, body: Body) -> None:
        match body:
            case Release():
                self.released[body.clause] += 1
                self.frame_sent = max(self.frame_sent, body.frame)
            case Received():
                self.received[body.clause] += 1
                self.frame_received = max(self.frame_received, body.frame)
                self.sessions.add(body.frame // FRAMES)
                at = datetime.fromtimestamp(body.version[1] / 1000, UTC)
                self.newest = at if self.newest is None else max(at, self.newest)
            case Refusals():
                for each in body.counts:
                    self.withheld[each.clause or "", each.reason] += each.count
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of a link: the giver's ledger, the receiver's, and what clauses are called."""

    giver: Side
    receiver: Side
    titles: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def name(self) -> str:
        """Return who gives to whom."""
        return f"{self.receiver.partner} -> {self.giver.partner}"

    @property
    def frames(self) -> str:
        """Say how far the frames have come."""
        sent, arrived = self.giver.frame_sent % FRAMES, self.receiver.frame_received % FRAMES
        return f"frame {sent} sent, {arrived} arrived in session {len(self.receiver.sessions)}"

    def lag(self, now: datetime) -> float | None:
        """Return how many seconds old the newest is that arrived, None before anything did."""
        newest = self.receiver.newest
        return None if newest is None else max(0.0, (now - newest).total_seconds())

    def look(self) -> None:
        """Read what is new in both ledgers."""
        self.giver.look()
        self.receiver.look()


def ways_between(first: Path, second: Path, agreement: Path) -> tuple[Way, Way]:
    """Return both directions of the link between two nodes under an agreement."""
    titles = dict(_CLAUSE.findall(agreement.read_text("utf-8")))
    one, other = Side(first, second.name), Side(second, first.name)
    return Way(one, other, titles), Way(other, one, titles)


def crossing(way: Way) -> Iterator[tuple[str, str, str]]:
    """Yield for each clause what it did: what it is called, `crosses` or `withheld`, how often."""
    giver, receiver = way.giver, way.receiver
    for clause in sorted(giver.released | receiver.received):
        told = f"{giver.released[clause]} sent, {receiver.received[clause]} arrived"
        yield _called(way, clause), "crosses", told
    for (clause, reason), count in sorted(giver.withheld.items()):
        yield _called(way, clause), "withheld", f"{count}: {why(reason)}"


def _called(way: Way, clause: str) -> str:
    return f"{clause} {way.titles.get(clause, '')}".strip() or "none"


def why(reason: str) -> str:
    """Return a reason in words."""
    known = Reason.__members__.get(reason)
    return str(known.value) if known is not None else reason.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Agreed:
    """One clause, as both ledgers of a link have it in the end."""

    way: str
    clause: str
    sent: int
    received: int
    lost: int
    is_same: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `accord ledger compare` said of one link; without ledgers they agree on nothing."""

    nodes: str
    agrees: bool
    clauses: tuple[Agreed, ...]


def compare(first: Path, second: Path, workplace: Path) -> Verdict:
    """Hold the ledgers of two stopped nodes against each other, as their people would."""
    nodes = f"{first.name} and {second.name}"
    if not all(path_of(*each).exists() for each in ((first, second.name), (second, first.name))):
        return Verdict(nodes, agrees=False, clauses=())
    file = workplace / f"{second.name}-for-{first.name}.ledger"
    printed("ledger", "export", second, first.name, file)
    _, text = accord_command("ledger", "compare", first, second.name, file, "--json")
    said = json.loads(text)
    clauses = (
        *_agreed(f"{first.name} -> {second.name}", said["given"]["clauses"]),
        *_agreed(f"{second.name} -> {first.name}", said["taken"]["clauses"]),
    )
    return Verdict(nodes, bool(said["ok"]), clauses)


def _agreed(way: str, clauses: Sequence[dict[str, object]]) -> Iterator[Agreed]:
    for each in clauses:
        differs = (
            cast("dict[str, int]", each[name])["count"]
            for name in ("missing", "unsent", "differing")
        )
        yield Agreed(
            way,
            str(each["clause"]),
            cast("int", each["sent"]),
            cast("int", each["received"]),
            sum(cast("dict[str, int]", each[name])["count"] for name in ("lost", "later")),
            not any(differs),
        )
