"""Entries that are decided when they leave. That all arrive is in tests/coalition."""

from datetime import datetime

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.settings import SyncSettings
from accord.release.decide import Released
from accord.wire.peer.message import Records
from accord.wire.peer.protocol import Lane
from accord.wire.peer.record import Void
from support.coalition import Network, agreement, released, short

A, B, C = "AUS-A", "NZL-B", "USA-C"


class Answer:
    """A gate that says what it is told to."""

    def __init__(self, reason: Reason | None = None) -> None:
        self.reason = reason
        self.clause = "1"

    def decide(self, report: Report, _: datetime) -> Released | Withheld:
        if self.reason is not None:
            return Withheld(reason=self.reason, clause=self.clause)
        return released(report, agreement(A, B), B, clause=self.clause)


def a_pair(answer: Answer) -> Network:
    network = Network()
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.nodes[A].policies[B].instead = answer.decide
    network.run(1)
    return network


def contents(network: Network) -> list[object]:
    return [
        record.content
        for out in network.frames(A, B)
        if isinstance(out.message, Records) and out.lane is Lane.CHAT
        for record in out.message.records
    ]


@pytest.mark.parametrize("reason", [Reason.TOO_YOUNG, Reason.NOT_DUE, Reason.CLOCK])
def test_what_time_may_change_is_asked_again(reason: Reason) -> None:
    answer = Answer(reason)
    network = a_pair(answer)
    network.nodes[A].chat("M")
    network.run(3)
    assert contents(network) == []
    answer.reason = None
    network.run(3)
    assert network.nodes[B].has(A, "M")


def test_what_may_not_leave_is_not_asked_again() -> None:
    answer = Answer(Reason.FORBIDDEN)
    network = a_pair(answer)
    network.nodes[A].chat("M")
    network.run(3)
    answer.reason = None
    network.run(30)
    assert contents(network) == []


@pytest.mark.parametrize(("clause", "comes"), [("1", True), ("2", False)])
def test_what_was_lost_and_is_not_due_again_goes_by_the_same_clause_only(
    clause: str, comes: bool
) -> None:
    answer = Answer()
    network = a_pair(answer)
    network.nodes[A].chat("M")
    network.pump()
    network.cut(A, B)
    answer.reason, answer.clause = Reason.NOT_DUE, clause
    network.join(A, B)
    network.run(3)
    assert bool(network.nodes[B].has(A, "M")) is comes
    assert isinstance(contents(network)[-1], Void) is not comes


def test_what_a_suspension_emptied_comes_when_it_is_over() -> None:
    answer = Answer()
    network = a_pair(answer)
    node = network.nodes[A]
    node.chat("M")
    network.pump()
    network.cut(A, B)
    node.syncs[B].suspend(short(agreement(A, B)), "why", node.now)
    network.join(A, B)
    network.run(3)
    assert not network.nodes[B].has(A, "M")
    node.syncs[B].resume(short(agreement(A, B)), node.now)
    network.run(3)
    assert network.nodes[B].has(A, "M")


def test_what_is_passed_on_and_fits_no_frame_is_counted() -> None:
    network = Network(settings=SyncSettings(linger=0.0, retry=1.0, frame_bytes=700))
    for name in (A, B, C):
        network.node(name)
    network.link(A, B)
    network.link(B, C)
    network.nodes[A].chat("M", "x" * 300)
    network.run(3)
    assert network.nodes[B].has(A, "M")
    assert not network.nodes[C].has(A, "M")
    assert network.nodes[B].counts["it does not fit a frame"] == 1
