"""An outflow to a TAK server that decides by a real agreement."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accord.core.agreement import Situation, Withheld
from accord.core.body import Position
from accord.core.context import Context
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.report import Report, Source
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.tak.outflow import Candidate, TakOutflow
from accord.federation.tak.settings import TakFederationSettings
from accord.release.cadence import Cadence
from accord.release.decide import Released
from accord.release.gate import Gate
from accord.wire.peer.message import Held
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import PeerReport
from accord.wire.peer.translate import milliseconds
from support.builders import a_point, a_report
from support.one_sided import OWN, SERVER, one_sided_in_force

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
AGREEMENT = one_sided_in_force().loaded.agreement
HELD = Held(AGREEMENT.id, AGREEMENT.serial, bytes.fromhex(AGREEMENT.digest))
LABEL = Label(
    policy="USA", level="UNCLASSIFIED", originator="USA", releasable_to=frozenset({"NZL"})
)


def own(uid: str = "S-1", *, at: datetime = AT, **changes: Any) -> Report:
    """A ship of this node's own, marked for the server's nation."""
    said: dict[str, Any] = {
        "kind": Kind.of("a-f-S"),
        "body": Position(point=a_point(circular_error=20.0)),
        "source": Source(node=OWN, channel="tak", speaker="bridge"),
        "label": LABEL,
        "groups": frozenset(),
        **changes,
    }
    return a_report(uid, at=at, **said)


class Out:
    """An outflow, with the time in hand."""

    def __init__(self, *, gives: bool = True, **limits: Any) -> None:
        sync = {k: v for k, v in limits.items() if k in ("max_objects", "hop_limit", "max_waiting")}
        tak = {k[4:]: v for k, v in limits.items() if k.startswith("tak_")}
        self.counts: Counter[str] = Counter()
        self.asked = 0
        self.seconds = 100.0
        self.onward: dict[str, frozenset[str]] = {}
        self._gate = Gate(
            one_sided_in_force(), key=b"k" * 32, salt=b"s", memory=Cadence(limit=1_000)
        )
        self.out = TakOutflow(
            OWN, self._decide, sync=SyncSettings(**sync), settings=TakFederationSettings(**tak),
            counts=self.counts,
        )  # fmt: skip
        self.out.gives = (HELD,) if gives else ()

    def _decide(self, report: Report, at: datetime) -> Released | Withheld:
        self.asked += 1
        situation = Situation(own=OWN, partner=SERVER, synchronised=True, onward=self.onward)
        return self._gate.decide(report, at, situation)

    @property
    def now(self) -> Moment:
        return Moment(AT + timedelta(seconds=self.seconds - 100.0), self.seconds)

    def note(self, report: Report, ms: int | None = None, carried: Any = None) -> None:
        self.out.note(self.candidate(report, ms, carried), self.seconds)

    @staticmethod
    def candidate(report: Report, ms: int | None = None, carried: Any = None) -> Candidate:
        version = Version(1, milliseconds(report.received) if ms is None else ms)
        return Candidate(report, version, carried)

    def take(self, most: int = 1_000) -> list[PeerReport]:
        """What leaves now; all of it is written."""
        return list(self._taken(most))

    def _taken(self, most: int) -> Iterator[PeerReport]:
        for number, content in list(self.out.take(self.now, most)):
            self.out.written(number, self.seconds, is_said=True)
            yield content

    def uids(self) -> list[str]:
        return [each.subject.uid for each in self.take()]

    def later(self, **ago: float) -> None:
        self.seconds += timedelta(**ago).total_seconds()

    def again(self) -> None:
        """A cut, and a new connection."""
        self.out.disconnected(self.seconds)
        self.out.connected(self.now)


def in_exercise(report: Report, name: str) -> Report:
    return replace(report, context=Context.exercise(name))
