"""Forms that wait, and what becomes of a state that waits. The whole way is in tests/coalition."""

from dataclasses import replace
from datetime import datetime, timedelta

from accord.core.agreement import Reason, Withheld
from accord.core.form import EVERYTHING, Kept, ReleaseForm
from accord.core.report import Report
from accord.federation.settings import SyncSettings
from accord.release.decide import Released
from accord.wire.peer.message import Objects, Relayed, Updates
from accord.wire.peer.protocol import Version
from support.coalition import SMALL, START, Network, agreement, released

A, B, C = "AUS-A", "NZL-B", "USA-C"
COARSE = ReleaseForm(name="coarse", cadence=timedelta(seconds=60), keep=EVERYTHING - {Kept.TIME})


class Slow:
    """A form with a cadence and an age, as release/reduce.py holds to them."""

    def __init__(self, *, age: float = 0.0, every: float = 0.0) -> None:
        self.age, self.every = timedelta(seconds=age), timedelta(seconds=every)
        self.due: dict[str, datetime] = {}
        self.clause = "1"

    def decide(self, report: Report, at: datetime) -> Released | Withheld:
        if at - report.received < self.age:
            return Withheld(reason=Reason.TOO_YOUNG, clause=self.clause)
        if at < self.due.get(report.uid, START):
            return Withheld(reason=Reason.NOT_DUE, clause=self.clause)
        self.due[report.uid] = at + self.every
        return released(report, agreement(A, B), B, clause=self.clause, form=COARSE)


def a_pair(form: Slow, settings: SyncSettings = SMALL) -> Network:
    network = Network(settings=settings)
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.nodes[A].policies[B].instead = form.decide
    network.run(1)
    return network


def states(network: Network) -> list[int]:
    return [
        update.version
        for out in network.frames(A, B)
        if isinstance(out.message, Updates)
        for update in out.message.updates
    ]


def test_what_moves_all_the_time_and_must_be_old_still_leaves() -> None:
    network = a_pair(Slow(age=30, every=10))
    for turn in range(100):
        network.nodes[A].track("T", -40.0 + turn / 100)
        network.run(1)
    came = [each.report for each in network.nodes[B].accepted]
    assert len(came) >= 5
    newest = came[-1].time
    assert timedelta(seconds=30) <= network.nodes[B].now.at - newest <= timedelta(seconds=55)


def test_a_form_with_a_cadence_is_sent_at_that_cadence_and_no_more() -> None:
    network = a_pair(Slow(every=60))
    for turn in range(170):
        network.nodes[A].track("T", -40.0 + turn / 100)
        network.run(1)
    assert len(states(network)) == 3


def test_a_version_tells_no_more_than_the_form() -> None:
    network = a_pair(Slow(every=60))
    network.nodes[A].track("T", -40.0)
    network.run(3)
    assert [ms % 60_000 for ms in states(network)] == [0]


def test_what_was_lost_is_sent_again_before_its_cadence_and_as_it_was() -> None:
    network = a_pair(Slow(every=600))
    network.nodes[A].track("T", -40.0)
    network.pump()
    network.cut(A, B)
    network.nodes[A].track("T", -41.0)
    network.join(A, B)
    network.run(5)
    (accept,) = network.nodes[B].accepted
    assert accept.report.body == network.truth[A, "T", Version(1, states_of(network)[0])].body


def test_what_was_lost_is_sent_again_while_what_is_newer_is_too_young() -> None:
    network = a_pair(Slow(age=600))
    network.lines[frozenset((A, B))].delay = 1.0
    network.nodes[A].track("T", -40.0)
    while not states(network):
        network.run(0.25)
    network.cut(A, B)
    network.nodes[A].track("T", -41.0)
    network.join(A, B)
    network.run(10)
    (accept,) = network.nodes[B].accepted
    assert accept.report.body == network.truth[A, "T", Version(1, states_of(network)[0])].body


def test_a_turn_of_the_cadence_that_found_no_room_goes_while_the_one_before_it_flies() -> None:
    """A header goes in a frame of its own; what was decided for that one waits for the next."""
    network = a_pair(Slow(every=60), replace(SMALL, window_least=4_000))
    network.lines[frozenset((A, B))].delay = 50.0
    network.nodes[A].track("1", -40.0)
    network.run(65)
    assert len(states(network)) == 1
    network.nodes[A].track("2", -41.0)
    network.nodes[A].track("1", -42.0)
    network.pump()
    assert len(states(network)) == 3


def states_of(network: Network) -> list[int]:
    return sorted(version.ms for (_, _, version) in network.truth)


def test_what_was_lost_stays_when_another_clause_decides_now() -> None:
    form = Slow(every=600)
    network = a_pair(form)
    network.nodes[A].track("T", -40.0)
    network.pump()
    network.cut(A, B)
    form.clause = "2"
    network.join(A, B)
    network.run(5)
    assert network.nodes[B].accepted == []


def test_a_header_goes_once_and_again_only_when_it_has_changed() -> None:
    network = a_pair(Slow())
    for turn in range(5):
        network.nodes[A].track("T", -40.0 + turn)
        network.run(1)
    assert sum(isinstance(out.message, Objects) for out in network.frames(A, B)) == 1
    network.nodes[A].policies[B].instead = None
    network.nodes[A].track("T", -50.0)
    network.run(1)
    assert sum(isinstance(out.message, Objects) for out in network.frames(A, B)) == 2


def test_a_state_that_was_sent_is_not_decided_again() -> None:
    network = a_pair(Slow())
    network.nodes[A].track("T", -40.0)
    network.run(2)
    before = network.nodes[A].policies[B].asked
    network.nodes[A].policies[B].instead = None
    network.run(60)
    assert network.nodes[A].policies[B].asked == before


def test_what_came_in_one_frame_is_passed_on_in_one_however_slow_the_link() -> None:
    """Evidence costs as much as ten updates: with a few to a frame it would take the whole link."""
    network = Network(settings=replace(SMALL, frame_bytes=1400, window_least=1400, linger=1.0))
    for name in (A, B, C):
        network.node(name)
    network.link(A, B, rate=1200.0)
    network.link(B, C, rate=1200.0)
    for turn in range(3):
        for number in range(60):
            network.nodes[A].track(f"T{number}", -40.0 + turn / 100)
        network.run(60)
        if not turn:
            network.sent.clear()  # headers went first, and states as they were known
    passed = [out.message for out in network.frames(B, C) if isinstance(out.message, Relayed)]
    leaves = [each.evidence.statement.leaves for each in passed]
    assert [len(each.passed) for each in passed] == leaves
    assert sum(leaves) == 120
    assert max(leaves) > 10
