"""Directed histories: what chance finds too seldom."""

from dataclasses import replace
from itertools import pairwise

from accord.core.context import LIVE
from accord.federation.effect import Broken, PartnerSuspended, Recalled, Receipted
from accord.federation.settings import SyncSettings
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.peer.message import Farewell, Objects, Prune, Range, Records, Relayed, Updates
from accord.wire.peer.protocol import Lane
from support.coalition import AIR, OWN_WORDS, SEA, Network, agreement, doubles, edited, short

A, B, C, D = "AUS-A", "NZL-B", "USA-C", "FJI-D"


def chain(
    *names: str, settings: SyncSettings | None = None, delay: float = 0.01,
    rate: float | None = None,
) -> Network:  # fmt: skip
    network = Network() if settings is None else Network(settings=settings)
    for name in names:
        network.node(name)
    for a, b in pairwise(names):
        network.link(a, b, delay=delay, rate=rate)
    return network


def mesh(*names: str) -> Network:
    network = Network()
    for name in names:
        network.node(name)
    for place, a in enumerate(names):
        for b in names[place + 1 :]:
            network.link(a, b)
    return network


def updates(network: Network, giver: str, receiver: str) -> int:
    """How many states one node sent another."""
    count = 0
    for out in network.frames(giver, receiver):
        if isinstance(out.message, Updates):
            count += len(out.message.updates)
        elif isinstance(out.message, Relayed):
            count += len(out.message.passed)
    return count


def records(network: Network, giver: str, receiver: str) -> list[int]:
    return [
        record.number
        for out in network.frames(giver, receiver)
        if isinstance(out.message, Records) and out.lane is Lane.CHAT
        for record in out.message.records
    ]


def words(n: int, size: int) -> str:
    """So many letters that no other message says."""
    return (f"{n} " * size)[:size]


# What crosses, and whose it stays.


def test_what_is_passed_on_says_whose_it_is_and_over_whom_it_came() -> None:
    network = chain(A, B, C)
    version = network.nodes[A].track("T", -40.0)
    network.run(3)
    (accept,) = network.nodes[C].accepted
    assert accept.version == version
    assert accept.carried.maker == A
    assert accept.carried.path == (A, B)
    assert (accept.report.source.node, accept.report.source.hops) == (A, (B,))
    assert accept.report.source.channel == f"partner:{B}"
    assert edited(network, network.nodes[C]) == []


def test_a_report_goes_no_further_than_the_hop_limit() -> None:
    names = [A, B, C, D, "TON-E", "WSM-F"]
    network = chain(*names)
    network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M")
    network.run(5)
    assert [name for name in names if network.nodes[name].has(A, "T")] == names[:5]
    assert [name for name in names if network.nodes[name].has(A, "M")] == names[:5]
    assert updates(network, names[4], names[5]) == 0
    assert records(network, names[4], names[5]) == []


def test_nothing_goes_back_to_whom_it_came_over() -> None:
    network = chain(A, B, C)
    network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M")
    network.run(3)
    assert updates(network, B, A) == updates(network, C, B) == 0
    assert records(network, B, A) == records(network, C, B) == []


def test_a_ring_ends_and_a_node_does_not_take_its_own_back() -> None:
    network = chain(A, B, C)
    network.link(C, A)
    # A has forgotten what it said, and its own report comes round.
    network.cut(A, C)
    network.nodes[A].track("T", -40.0)
    network.run(3)
    network.join(A, C)
    network.run(3)
    for name in (A, B, C):
        assert doubles(network.nodes[name]) == []
    assert network.nodes[A].accepted == []
    assert updates(network, C, A) == 0


def test_what_a_partner_sends_in_a_circle_is_not_taken() -> None:
    network = chain(A, B)
    node = network.nodes[B]
    node.policies[A].form = OWN_WORDS
    network.nodes[A].track("T", -40.0)
    network.run(3)
    (accept,) = node.accepted
    # A partner that does not look at the path offers A, in words of its own, what is A's.
    key = ObjectKey(A, "live", "T")
    candidate = Candidate(accept.report, accept.version, accept.carried)
    node.syncs[A]._out.tracks.note(key, candidate, Lane.TRACKS, network.seconds)
    network.run(3)
    assert updates(network, B, A) == 1
    assert network.nodes[A].accepted == []
    assert network.nodes[A].counts["it came in a circle"] == 1


def test_words_that_are_not_passed_on_as_they_are_say_who_made_them() -> None:
    network = chain(A, B, C)
    network.nodes[B].policies[C].form = OWN_WORDS
    version = network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M")
    network.run(3)
    assert network.nodes[C].has(A, "T") == version
    for accept in network.nodes[C].accepted:
        assert accept.carried.maker == B
        assert accept.carried.path == (A, B)


def test_another_nations_words_leave_only_where_its_kind_is_granted_onward() -> None:
    network = chain(A, B, C)
    network.nodes[B].policies[C].kinds.discard(AIR)
    network.nodes[A].track("S", -40.0, SEA)
    network.nodes[A].track("F", -41.0, AIR)
    network.run(3)
    assert network.nodes[B].has(A, "F")
    assert network.nodes[C].has(A, "S")
    assert not network.nodes[C].has(A, "F")
    assert b"F" not in {item.name.encode() for out in network.frames(B, C) for item in out.items}


# Suspending and recalling.


def test_what_was_queued_before_a_suspension_does_not_leave_after_it() -> None:
    network = chain(A, B)
    network.run(1)
    network.sent.clear()
    node = network.nodes[A]
    node.track("T", -40.0)
    node.chat("M")
    node.syncs[B].suspend(short(agreement(A, B)), "a leak", node.now)
    network.run(5)
    assert not [item for out in network.frames(A, B) for item in out.items]
    assert network.nodes[B].of(PartnerSuspended)
    node.syncs[B].resume(short(agreement(A, B)), node.now)
    network.run(5)
    assert network.nodes[B].has(A, "T")
    assert network.nodes[B].has(A, "M")


def test_what_was_not_acknowledged_is_decided_again_before_it_is_sent_again() -> None:
    network = chain(A, B)
    network.run(1)
    node = network.nodes[A]
    node.track("T", -40.0)
    node.chat("M")
    network.pump()
    network.cut(A, B)
    node.policies[B].kinds.clear()
    network.sent.clear()
    network.join(A, B)
    network.run(5)
    assert not [item for out in network.frames(A, B) for item in out.items]
    assert not network.nodes[B].has(A, "M")
    # The number that the words had stands for nothing; what comes after it has the next.
    node.policies[B].kinds |= {SEA}
    node.chat("M2")
    network.run(5)
    assert network.nodes[B].has(A, "M2")
    assert records(network, A, B) == [1, 2]


def test_suspending_returns_what_may_be_on_its_way() -> None:
    network = chain(A, B, delay=1.0)
    network.run(3)
    node = network.nodes[A]
    node.chat("M")
    network.pump()
    exposed = node.syncs[B].suspend(short(agreement(A, B)), "a leak", node.now)
    assert [item.name for item in exposed] == ["M"]
    network.run(5)
    assert node.syncs[B].in_flight() == ()


def test_a_recall_takes_an_object_out_of_the_partners_picture_and_is_answered() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    node.track("T", -40.0)
    node.chat("M")
    network.run(3)
    (recall,) = node.syncs[B].recall_object(A, LIVE, "T", "a mistake", node.now)
    assert recall.uid == "T"
    network.run(3)
    (recalled,) = network.nodes[B].of(Recalled)
    assert isinstance(recalled, Recalled)
    assert [key.uid for key in recalled.keys] == ["T"]
    assert not network.nodes[B].has(A, "T")
    assert network.nodes[B].has(A, "M")
    (receipted,) = node.of(Receipted)
    assert isinstance(receipted, Receipted)
    assert receipted.receipt.objects == 1
    assert receipted.receipt.recall == recalled.digest


def test_what_was_recalled_does_not_come_back_over_another_way() -> None:
    network = mesh(A, B, C)
    network.cut(B, C)
    node = network.nodes[A]
    node.track("T", -40.0)
    network.run(3)
    node.syncs[B].recall_object(A, LIVE, "T", "not for them", node.now)
    network.run(3)
    assert not network.nodes[B].has(A, "T")
    network.join(B, C)
    network.run(3)
    assert updates(network, C, B) == 1
    assert not network.nodes[B].has(A, "T")
    version = node.track("T", -41.0)
    network.run(3)
    assert network.nodes[B].has(A, "T") == version


def test_removing_what_was_never_released_says_nothing() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    node.policies[B].kinds.discard(AIR)
    node.track("F", -40.0, AIR)
    node.track("S", -40.0, SEA)
    network.run(3)
    node.remove("R1", "F", SEA)
    node.remove("R2", "S", SEA)
    network.run(3)
    assert not network.nodes[B].has(A, "R1")
    assert network.nodes[B].has(A, "R2")


# Cuts.


def test_after_a_cut_of_ten_minutes_each_track_is_sent_once() -> None:
    network = chain(A, B, delay=0.05, rate=1_200.0)
    node = network.nodes[A]
    for n in range(200):
        node.track(f"T{n}", -40.0 + n / 100)
    network.run(120)
    assert len(network.nodes[B].picture) == 200
    network.cut(A, B)
    for turn in range(60):
        network.run(10)
        for n in range(200):
            node.track(f"T{n}", -40.0 + n / 100 + turn / 10_000)
    network.sent.clear()
    begun = network.seconds
    network.join(A, B)
    while any(network.nodes[B].has(A, f"T{n}") != node.has(A, f"T{n}") for n in range(200)):
        network.run(1)
        assert network.seconds - begun < 60
    assert updates(network, A, B) == 200
    assert not [out for out in network.frames(A, B) if isinstance(out.message, Objects)]


def test_an_emergency_in_a_backlog_goes_before_all_that_is_not_on_its_way() -> None:
    network = chain(A, B, delay=0.05, rate=1_200.0)
    node = network.nodes[A]
    network.run(5)
    for n in range(300):
        node.chat(f"M{n}", words(n, 250))
    network.run(5)
    assert len(network.nodes[B].accepted) < 100
    node.mayday("MAYDAY")
    before = len(network.frames(A, B))
    said = network.seconds
    while not network.nodes[B].has(A, "MAYDAY"):
        network.run(0.1)
    assert network.seconds - said < 2.5
    first = network.frames(A, B)[before:][0]
    assert first.lane is Lane.EMERGENCY


def test_chat_without_end_does_not_starve_tracks() -> None:
    network = chain(A, B, delay=0.05, rate=1_200.0)
    node = network.nodes[A]
    for n in range(500):
        node.chat(f"M{n}", words(n, 250))
    network.run(2)
    for n in range(20):
        node.track(f"T{n}", -40.0)
    network.run(40)
    assert all(network.nodes[B].has(A, f"T{n}") for n in range(20))
    assert not network.nodes[B].has(A, "M499")


def test_every_word_arrives_once_and_in_order_over_many_cuts() -> None:
    network = chain(A, B, C)
    for n in range(60):
        network.nodes[A].chat(f"M{n:02}")
        network.run(0.004)
        if n % 5 == 0:
            network.cut(*((A, B) if n % 2 else (B, C)))
            network.heal()
    network.run(10)
    came = [each.report.uid for each in network.nodes[C].accepted]
    assert came == [f"M{n:02}" for n in range(60)]


def test_a_state_that_was_on_its_way_when_the_link_was_cut_is_sent_again() -> None:
    network = chain(A, B, delay=1.0)
    network.run(5)
    version = network.nodes[A].track("T", -40.0)
    network.run(0.5)
    assert updates(network, A, B) == 1
    network.cut(A, B)
    network.join(A, B)
    network.run(10)
    assert network.nodes[B].has(A, "T") == version


def test_a_restart_loses_nothing_and_sends_nothing_twice() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    node.track("T", -40.0)
    node.chat("M1")
    network.run(3)
    node.chat("M2")
    network.cut(A, B)
    network.sent.clear()
    node.restart(node.held())
    network.nodes[B].restart(network.nodes[B].held())
    network.heal()
    network.run(5)
    assert records(network, A, B) == [2]
    assert updates(network, A, B) == 0
    assert network.nodes[B].has(A, "M2")


def test_a_partner_that_lost_everything_is_given_it_again() -> None:
    network = chain(A, B)
    network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M1")
    network.run(3)
    lost = network.nodes[B]
    lost.picture.clear()
    lost.restart(None)
    network.heal()
    network.run(5)
    assert network.nodes[B].has(A, "T")
    assert network.nodes[B].has(A, "M1")


def test_a_giver_that_lost_its_state_finds_out_what_the_partner_has() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    for n in range(50):
        node.track(f"T{n}", -40.0)
    node.chat("M1")
    network.run(3)
    old = node.held()
    node.chat("M2")
    node.track("T1", -41.0)
    network.run(3)
    network.sent.clear()
    again = node.restart(old)
    network.heal()
    network.run(5)
    assert [out for out in network.frames(A, B) if isinstance(out.message, Range)]
    assert updates(network, A, B) == 0
    again.chat("M3")
    network.run(3)
    assert records(network, A, B) == [3]
    assert network.nodes[B].has(A, "M3")
    assert doubles(network.nodes[B]) == []


def test_a_backup_that_comes_back_under_a_higher_epoch_is_made_whole() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    for n in range(10):
        node.track(f"T{n}", -40.0)
    node.chat("M1")
    network.run(3)
    old = node.held()
    node.chat("M2")
    network.run(3)
    network.sent.clear()
    again = node.restart(old, epoch=2)
    network.heal()
    again.track("T1", -42.0)
    again.chat("M3")
    network.run(5)
    assert network.nodes[B].has(A, "T1") == again.has(A, "T1")
    assert network.nodes[B].has(A, "M3")
    assert updates(network, A, B) == 1
    assert doubles(network.nodes[B]) == []


def test_a_partner_whose_epoch_goes_back_is_refused() -> None:
    network = chain(A, B)
    network.run(1)
    node = network.nodes[A].restart(network.nodes[A].held(), epoch=2)
    network.heal()
    node.restart(node.held(), epoch=1)
    assert not network.join(A, B)


# The rules of a link.


def test_a_clock_an_hour_off_makes_no_link() -> None:
    network = chain(A, B)
    network.cut(A, B)
    node = network.nodes[A]
    hello = replace(node.syncs[B].hello(node.now), clock=node.now.ms - 3_600_000)
    refused = network.nodes[B].syncs[A].connected(hello, network.nodes[B].now)
    assert refused is not None
    assert refused[0] is Farewell.CLOCK


def test_nothing_flows_by_an_agreement_that_the_partner_holds_in_another_serial() -> None:
    network = chain(A, B)
    network.cut(A, B)
    network.nodes[B].syncs[A].agree([agreement(B, A)], [agreement(A, B, serial=2)])
    network.heal()
    network.nodes[A].track("T", -40.0)
    network.nodes[B].track("U", -40.0)
    network.run(3)
    assert not network.nodes[B].has(A, "T")
    assert network.nodes[A].has(B, "U")
    status = network.nodes[A].syncs[B].status(network.nodes[A].now)
    assert status.blocked == (
        (
            "waiting for ours: NZL-B has activated AUS-A>NZL-B serial 2, and this node still "
            "has serial 1"
        ),
    )


def test_a_release_by_an_agreement_that_is_not_in_force_breaks_the_link() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    # The giver goes on by an agreement that the receiver holds no more.
    network.nodes[B].syncs[A]._door.compare((), ())
    node.track("T", -40.0)
    network.run(3)
    broken = network.nodes[B].of(Broken)
    assert broken
    assert isinstance(broken[0], Broken)
    assert broken[0].reason is Farewell.AGREEMENT
    assert not network.nodes[B].has(A, "T")


def test_nothing_is_sent_beyond_the_window() -> None:
    network = chain(A, B, delay=0.05, rate=1_200.0)
    node = network.nodes[A]
    for n in range(200):
        node.chat(f"M{n}", words(n, 250))
    worst = 0
    for _ in range(100):
        network.run(0.1)
        status = node.syncs[B].status(node.now)
        worst = max(worst, status.in_flight)
    assert 0 < worst <= 1_300


def test_no_more_is_sent_than_the_budget_of_a_day() -> None:
    settings = SyncSettings(linger=0.0, budget_per_day=10_000)
    network = chain(A, B, settings=settings)
    node = network.nodes[A]
    for n in range(200):
        node.chat(f"M{n}", words(n, 150))
    network.run(30)
    sent = sum(out.size for out in network.frames(A, B) if out.lane is not Lane.CONTROL)
    assert 8_000 < sent <= 9_000
    node.mayday("MAYDAY")
    network.run(3)
    assert network.nodes[B].has(A, "MAYDAY")


def test_no_more_is_sent_in_a_second_than_the_budget() -> None:
    settings = SyncSettings(linger=0.0, budget_per_second=1_000)
    network = chain(A, B, settings=settings)
    for n in range(200):
        network.nodes[A].chat(f"M{n}", words(n, 150))
    network.run(20)
    sent = sum(out.size for out in network.frames(A, B))
    assert 15_000 < sent <= 22_000


# Meshes.


def test_words_come_once_over_two_ways() -> None:
    network = mesh(A, B, C)
    network.nodes[A].chat("M")
    network.run(5)
    for name in (B, C):
        assert [each.report.uid for each in network.nodes[name].accepted] == ["M"]


def test_in_a_mesh_of_five_each_track_comes_over_one_neighbour() -> None:
    names = (A, B, C, D, "TON-E")
    network = mesh(*names)
    for turn in range(8):
        network.nodes[A].track("T", -40.0 + turn)
        network.run(3)
    network.sent.clear()
    for turn in range(5):
        network.nodes[A].track("T", -30.0 + turn)
        network.run(3)
    for name in names[1:]:
        assert doubles(network.nodes[name]) == []
        came = sum(updates(network, giver, name) for giver in names if giver != name)
        assert came == 5, name


def test_when_the_neighbour_that_feeds_falls_silent_another_takes_its_place() -> None:
    network = mesh(A, B, C)
    for turn in range(8):
        network.nodes[A].track("T", -40.0 + turn)
        network.run(3)
    assert any(isinstance(out.message, Prune) for out in network.frames(C, B))
    network.cut(A, C)
    network.run(1)
    version = network.nodes[A].track("T", -30.0)
    network.run(5)
    assert network.nodes[C].has(A, "T") == version


def test_a_pruned_neighbour_still_gives_what_the_feeder_does_not() -> None:
    network = mesh(A, B, C)
    network.nodes[A].policies[C].kinds.discard(AIR)
    for turn in range(8):
        network.nodes[A].track("S", -40.0 + turn, SEA)
        network.run(3)
    version = network.nodes[A].track("F", -30.0, AIR)
    network.run(5)
    assert network.nodes[C].has(A, "F") == version
    version = network.nodes[A].track("F", -31.0, AIR)
    network.run(5)
    assert network.nodes[C].has(A, "F") == version
