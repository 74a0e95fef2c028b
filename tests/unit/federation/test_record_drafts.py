"""How much goes in a frame of a log. That nothing is lost by it is in tests/coalition."""

from datetime import datetime

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.settings import SyncSettings
from accord.release.decide import Released
from accord.wire.peer.message import Forwarded, Records
from accord.wire.peer.protocol import Lane
from support.coalition import Network, agreement, doubles, released
from support.peer import Way

A, B, C = "AUS-A", "NZL-B", "USA-C"
SLOW = SyncSettings(linger=1.0, retry=1.0, frame_bytes=1_400, window_least=1_400)
"""As docs/how-to/run-over-a-radio-modem.md sets it."""
RATE = 1_200.0


def chain(
    *, first: SyncSettings = SLOW, second: SyncSettings = SLOW, rate: float | None = None
) -> Network:
    network = Network(settings=first)
    for name in (A, B, C):
        network.node(name)
    network.link(A, B, delay=0.05, rate=rate)
    network.settings = second
    network.link(B, C, delay=0.05, rate=rate)
    network.run(1)
    network.sent.clear()
    return network


def words(n: int, size: int = 120) -> str:
    return (f"{n} " * size)[:size]


def forwarded(network: Network) -> list[Forwarded]:
    return [out.message for out in network.frames(B, C) if isinstance(out.message, Forwarded)]


def own(network: Network) -> list[Records]:
    return [
        out.message
        for out in network.frames(A, B)
        if isinstance(out.message, Records) and out.lane is Lane.CHAT
    ]


def counts(message: Forwarded) -> list[int]:
    return [len(group.passed) for group in message.groups]


def test_a_frame_of_ones_own_is_no_longer_than_its_partner_can_pass_on_whole() -> None:
    network = chain()
    for n in range(40):
        network.nodes[A].chat(f"M{n}", words(n))
    network.run(20)
    assert [len(each.records) for each in own(network)] == [
        count for each in forwarded(network) for count in counts(each)
    ]
    assert all(not group.evidence.hashes for each in forwarded(network) for group in each.groups)
    assert max(out.size for out in network.frames(B, C)) <= 1_400


def test_words_that_came_one_by_one_share_a_frame_when_they_are_passed_on_late() -> None:
    network = chain()
    network.cut(B, C)
    for n in range(6):
        network.nodes[A].chat(f"M{n}", words(n, 20))
        network.run(2)
    assert [len(each.records) for each in own(network)] == [1] * 6
    network.join(B, C)
    network.run(5)
    (whole, *rest) = forwarded(network)
    assert counts(whole) == [1] * len(whole.groups)
    assert len(whole.groups) + sum(len(each.groups) for each in rest) == 6
    assert len(whole.groups) >= 4


def test_a_group_that_could_go_whole_waits_for_room() -> None:
    network = chain(rate=RATE)
    network.cut(B, C)
    for n in range(40):
        network.nodes[A].chat(f"M{n}", words(n))
    network.run(20)
    network.join(B, C)
    network.run(20)
    groups = [group for each in forwarded(network) for group in each.groups]
    assert sum(len(group.passed) for group in groups) == 40
    assert all(not group.evidence.hashes for group in groups)


def test_a_group_that_no_frame_holds_goes_in_parts() -> None:
    network = chain(first=SyncSettings(linger=0.0, frame_bytes=4_000, window_least=4_000))
    for n in range(20):
        network.nodes[A].chat(f"M{n}", words(n))
    network.run(5)
    groups = [group for each in forwarded(network) for group in each.groups]
    assert sum(len(group.passed) for group in groups) == 20
    assert any(group.evidence.hashes for group in groups)
    assert all(network.nodes[C].has(A, f"M{n}") for n in range(20))


def test_what_may_not_go_on_is_left_out_of_its_group_and_the_rest_is_proved() -> None:
    network = chain()

    def decide(report: Report, _: datetime) -> Released | Withheld:
        if report.uid == "M1":
            return Withheld(reason=Reason.FORBIDDEN, clause="1")
        return released(report, agreement(B, C), C)

    network.nodes[B].policies[C].instead = decide
    for n in range(4):
        network.nodes[A].chat(f"M{n}", words(n))
    network.run(5)
    (message,) = forwarded(network)
    assert counts(message) == [3]
    (group,) = message.groups
    assert [each.place for each in group.passed] == [0, 2, 3]
    assert len(group.evidence.hashes) == 1
    assert all(each.salt for each in group.passed)
    assert not network.nodes[C].has(A, "M1")
    assert all(network.nodes[C].has(A, f"M{n}") for n in (0, 2, 3))


def test_a_frame_stands_for_no_more_than_it_may() -> None:
    """The encoder refuses a frame that spells out too much, and the link would end."""
    roomy = SyncSettings(linger=1.0, frame_bytes=16_000, window_least=16_000)
    network = chain(first=roomy, second=roomy)
    network.cut(B, C)
    for n in range(100):
        network.nodes[A].chat(f"M{n}", "x" * 1_600)
        if n >= 60:
            network.run(2)
    network.join(B, C)
    network.run(20)
    ours, theirs = Way(A, B), Way(B, C)
    for message in own(network):
        ours.encode(message, lane=Lane.CHAT)
    for message in forwarded(network):
        theirs.encode(message, lane=Lane.CHAT)
    assert max(len(each.records) for each in own(network)) > 1
    assert max(len(each.groups) for each in forwarded(network)) > 1
    assert all(network.nodes[C].has(A, f"M{n}") for n in range(100))


def test_a_call_for_help_does_not_wait_for_the_others_of_its_frame() -> None:
    network = chain(rate=RATE)
    network.cut(B, C)
    for n in range(40):
        network.nodes[A].chat(f"M{n}", words(n))
    network.nodes[A].mayday("MAYDAY")
    network.run(30)
    network.join(B, C)
    network.run(0.5)
    first = next(out for out in network.frames(B, C) if out.items)
    assert first.lane is Lane.EMERGENCY


def test_forty_messages_cross_two_slow_hops_in_twelve_seconds() -> None:
    """They are passed on as they come, and not when all are there."""
    network = chain(rate=RATE)
    for n in range(40):
        network.nodes[A].chat(f"M{n}", words(n))
    began = network.seconds
    while not all(network.nodes[C].has(A, f"M{n}") for n in range(40)):
        network.run(0.5)
        assert network.seconds < began + 12
    assert doubles(network.nodes[C]) == []


def test_what_b_itself_says_and_what_it_passes_on_keep_their_order_and_their_numbers() -> None:
    network = chain()
    network.cut(B, C)
    for n in range(3):
        network.nodes[A].chat(f"M{n}", words(n))
        network.run(2)
        network.nodes[B].chat(f"N{n}", words(n))
    network.join(B, C)
    network.run(5)
    assert all(network.nodes[C].has(A, f"M{n}") for n in range(3))
    assert all(network.nodes[C].has(B, f"N{n}") for n in range(3))
    numbers = [
        number
        for out in network.frames(B, C)
        if out.lane is Lane.CHAT
        for number in _numbers(out.message)
    ]
    assert numbers == list(range(1, 7))


def _numbers(message: object) -> list[int]:
    if isinstance(message, Forwarded):
        return list(range(message.first, message.first + len(message.passed)))
    return [each.number for each in message.records] if isinstance(message, Records) else []
