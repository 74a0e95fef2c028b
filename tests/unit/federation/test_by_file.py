"""Two and three nodes that have no line, and one that comes back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.core.report import Form, Original
from accord.federation.by_file import why_not_now
from accord.federation.effect import CheckpointCame, Recalled
from accord.federation.held import HeldSync
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.wire.peer.frame import Frame, FrameType
from accord.wire.peer.message import (
    Ack,
    Checkpoint,
    Hello,
    Objects,
    Prune,
    Records,
    Relayed,
    Updates,
)
from accord.wire.peer.protocol import Lane, Mark, Profile
from accord.wire.peer.report import Object, Reference
from support.coalition import AIR, SEA, SMALL, Line, Network, doubles, edited, short
from support.sticks import Sticks

A, B, C = "AUS-A", "NZL-B", "USA-C"


def an_island(settings: SyncSettings = SMALL) -> Sticks:
    """Two nodes that never had a line, and have said each other what they hold."""
    network = Network(settings=settings)
    for name in (A, B):
        network.node(name)
    network.nodes[A].link_to(B, {SEA, AIR})
    network.nodes[B].link_to(A, {SEA, AIR})
    network.lines[frozenset((A, B))] = Line((A, B))
    sticks = Sticks(network)
    sticks.carry(A, B)
    sticks.carry(B, A)
    return sticks


def uids(sticks: Sticks, name: str) -> set[str]:
    return {key.uid for key in sticks.network.nodes[name].picture}


def test_who_has_not_said_what_he_holds_is_given_nothing() -> None:
    network = Network()
    for name in (A, B):
        network.node(name)
    network.nodes[A].link_to(B, {SEA})
    network.nodes[B].link_to(A, {SEA})
    network.nodes[A].track("T1", -40.0)
    assert Sticks(network).write(A, B).frames == []


def test_states_and_words_arrive_by_file_as_they_were_said() -> None:
    sticks = an_island()
    a, b = sticks.network.nodes[A], sticks.network.nodes[B]
    a.track("T1", -40.0)
    a.chat("M1")
    a.mayday("E1")
    file = sticks.carry(A, B)
    assert uids(sticks, B) == {"T1", "M1", "E1"}
    assert {type(each) for each in file.messages} == {Objects, Updates, Records}
    assert not edited(sticks.network, b)
    (came,) = [each for each in b.accepted if each.report.uid == "T1"]
    assert came.report.source.channel == f"partner:{A}"


def test_the_same_file_twice_changes_nothing() -> None:
    sticks = an_island()
    sticks.network.nodes[A].track("T1", -40.0)
    sticks.network.nodes[A].chat("M1")
    file = sticks.carry(A, B)
    before = len(sticks.network.nodes[B].effects)
    assert not sticks.take_in(file)
    assert len(sticks.network.nodes[B].effects) == before


def test_files_in_any_order_give_the_newest_and_nothing_twice() -> None:
    sticks = an_island()
    a = sticks.network.nodes[A]
    files = []
    for number in range(3):
        a.track("T1", -40.0 + number)
        a.track(f"T{number + 2}", -30.0)
        a.chat(f"M{number}")
        sticks.network.seconds += 5
        files.append(sticks.write(A, B))
    for place in (2, 0, 1, 0):
        assert not sticks.take_in(files[place])
    b = sticks.network.nodes[B]
    assert uids(sticks, B) == {"T1", "T2", "T3", "T4", "M0", "M1", "M2"}
    assert b.has(A, "T1") == a.has(A, "T1")
    assert not doubles(b)


def test_what_is_not_known_to_have_arrived_goes_again_and_what_is_does_not() -> None:
    sticks = an_island()
    a = sticks.network.nodes[A]
    a.track("T1", -40.0)
    a.chat("M1")
    lost = sticks.write(A, B)
    again = sticks.carry(A, B)
    assert [type(each) for each in lost.messages] == [type(each) for each in again.messages]
    a.syncs[B].by_file.arrived(again.states)
    sticks.carry(B, A)
    a.track("T2", -41.0)
    last = sticks.carry(A, B)
    assert [state.key.uid for state in last.states] == ["T2"]
    assert not any(isinstance(each, Records) for each in last.messages)


def test_a_line_that_comes_back_doubles_nothing_and_loses_nothing() -> None:
    sticks = an_island()
    network = sticks.network
    network.join(A, B)
    network.nodes[A].track("T1", -40.0)
    network.nodes[A].chat("M1")
    network.run(2)
    network.cut(A, B)
    for number in range(3):
        network.nodes[A].track("T1", -50.0 + number)
        network.nodes[A].track(f"N{number}", -30.0)
        network.nodes[A].chat(f"N-M{number}")
        network.nodes[B].chat(f"B-M{number}")
        sticks.carry(A, B)
    late = sticks.write(A, B)
    network.nodes[A].chat("LAST")
    network.nodes[A].track("T1", -60.0)
    network.join(A, B)
    network.run(2)
    assert not sticks.take_in(late)
    network.nodes[A].track("N1", -31.0)
    network.run(2)
    a, b = network.nodes[A], network.nodes[B]
    assert {key: it[0] for key, it in b.picture.items()} == {
        key: it[0] for key, it in a.picture.items()
    }
    assert not doubles(a)
    assert not doubles(b)
    assert network.lines[frozenset((A, B))].is_up


def test_headers_that_the_line_brought_still_stand_after_a_file() -> None:
    sticks = an_island()
    network = sticks.network
    network.join(A, B)
    network.nodes[A].track("T1", -40.0)
    network.run(2)
    network.cut(A, B)
    network.nodes[A].track("OTHER", -42.0)
    sticks.carry(A, B)
    network.join(A, B)
    network.sent.clear()
    network.nodes[A].track("T1", -41.0)
    network.run(2)
    sent = [out for out in network.frames(A, B) if isinstance(out.message, Objects)]
    assert all(item.name == "OTHER" for out in sent for item in out.items)
    assert network.nodes[B].has(A, "T1") == network.nodes[A].has(A, "T1")


def test_what_is_kept_while_a_file_is_written_are_the_headers_of_the_line() -> None:
    sticks = an_island()
    network = sticks.network
    network.join(A, B)
    network.nodes[A].track("T1", -40.0)
    network.run(2)
    network.cut(A, B)
    sync, now = network.nodes[A].syncs[B], network.nodes[A].now
    before = sync.held()
    sync.by_file.begin(sticks.said[B, A], now)
    assert sync.by_file.is_writing
    during = sync.held()
    assert (during.handles, during.last_header) == (before.handles, before.last_header)
    sync.disconnected(now)
    assert sync.held().handles == before.handles


def test_what_came_over_the_line_is_not_acknowledged_in_a_file() -> None:
    sticks = an_island()
    network = sticks.network
    network.join(A, B)
    network.nodes[B].chat("M")
    network.run(2)
    network.cut(A, B)
    sync, now = network.nodes[A].syncs[B], network.nodes[A].now
    sync.by_file.begin(sticks.said[B, A], now)
    sync.changes()  # what happened is written down while the file is made
    assert sync.by_file.next(now) is None
    sync.disconnected(now)


def test_a_line_that_comes_up_ends_a_file_that_is_being_written() -> None:
    sticks = an_island()
    network = sticks.network
    network.nodes[A].track("T1", -40.0)
    by_file = network.nodes[A].syncs[B].by_file
    by_file.begin(sticks.said[B, A], network.nodes[A].now)
    assert by_file.next(network.nodes[A].now) is not None
    assert not by_file.has_line
    network.join(A, B)
    assert by_file.has_line
    assert not by_file.is_writing
    network.run(2)
    assert network.nodes[B].has(A, "T1")


# Who is told what.


def test_what_came_by_file_is_passed_on_as_its_makers_and_stops_nobody_else() -> None:
    sticks = an_island()
    network = sticks.network
    network.node(C)
    network.link(B, C)
    network.nodes[A].track("T1", -40.0)
    network.nodes[A].chat("M1")
    sticks.carry(A, B)
    network.run(2)
    c = network.nodes[C]
    assert {key.uid for key in c.picture} == {"T1", "M1"}
    assert not edited(network, c)
    assert network.nodes[B].coalition.pruned(C, network.seconds) == frozenset()
    assert B not in network.nodes[B].coalition._feeder.values()
    assert A not in network.nodes[B].coalition._feeder


def test_another_nodes_words_go_on_by_file_with_their_proof() -> None:
    sticks = an_island()
    network = sticks.network
    network.node(C)
    network.link(A, C)
    network.nodes[C].track("T1", -40.0)
    network.nodes[C].track("T2", -40.5)
    network.nodes[C].chat("M1")
    network.run(2)
    file = sticks.carry(A, B)
    assert any(isinstance(each, Relayed) for each in file.messages)
    b = network.nodes[B]
    assert {key.uid for key in b.picture} == {"T1", "T2", "M1"}
    assert {each.carried.maker for each in b.accepted} == {C}
    assert not edited(network, b)


def test_nothing_leaves_by_a_suspended_agreement() -> None:
    sticks = an_island()
    a = sticks.network.nodes[A]
    a.track("T1", -40.0)
    a.syncs[B].suspend(short(a.policies[B].held), "enough", a.now)
    file = sticks.write(A, B)
    assert file.states == []
    assert [type(each) for each in file.messages] == [Records]


def test_what_went_by_file_can_be_called_back_before_it_is_known_to_have_arrived() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    version = a.track("T1", -40.0)
    sticks.carry(A, B)
    (report, *_) = [it for key, it in a.picture.items() if key.uid == "T1"]
    recalls = a.syncs[B].recall_object(A, report[1].context, "T1", "in error", a.now)
    assert len(recalls) == 1
    file = sticks.carry(A, B)
    assert uids(sticks, B) == set()
    assert [each.keys[0].uid for each in network.nodes[B].of(Recalled) if
            isinstance(each, Recalled)] == ["T1"]  # fmt: skip
    assert file.states == []
    assert a.picture[next(iter(a.picture))][0] == version


def test_a_file_takes_nothing_of_the_lines_budget_and_waits_for_none() -> None:
    sticks = an_island(replace(SMALL, budget_per_second=600, budget_per_day=2_000, linger=60.0))
    a = sticks.network.nodes[A]
    for number in range(60):
        a.track(f"T{number}", -40.0)
    before = a.syncs[B].status(a.now).budget_day
    sticks.carry(A, B)
    assert len(uids(sticks, B)) == 60
    assert a.syncs[B].status(a.now).budget_day == before


def test_a_note_of_the_ledger_goes_by_file_and_what_is_of_a_line_stays() -> None:
    sticks = an_island()
    a = sticks.network.nodes[A]
    out = a.syncs[B]._out
    out.say(Prune((C,)))
    out.say(Checkpoint(b"note"))
    file = sticks.write(A, B)
    assert [type(each) for each in file.messages] == [Checkpoint]
    assert list(out.control) == [Prune((C,))]
    assert not sticks.take_in(file)
    assert len(sticks.network.nodes[B].of(CheckpointCame)) == 1


# What is not taken.


def a_frame(message: object, kind: FrameType, lane: Lane = Lane.CONTROL) -> Frame:
    return Frame(type=kind, number=5, lane=lane, message=message)  # type: ignore[arg-type]


def test_frames_that_belong_on_a_line_have_no_place_in_a_file() -> None:
    sticks = an_island()
    hello = sticks.said[A, B]
    by_file = sticks.network.nodes[B].syncs[A].by_file
    assert "belongs on a line" in by_file.why_not(hello, [a_frame(Ack(3), FrameType.ACK)])
    long = Objects((Object(number=1, handle=0, header=Reference(bytes(32), 70_000)),))
    why = by_file.why_not(hello, [a_frame(long, FrameType.OBJECTS, Lane.TRACKS)])
    assert "longer than a frame" in why


@pytest.mark.parametrize("speak", ["track", "chat"])
def test_what_is_released_by_an_agreement_that_is_not_in_force_here_is_not_taken(
    speak: str,
) -> None:
    sticks = an_island()
    network = sticks.network
    a, b = network.nodes[A], network.nodes[B]
    a.track("X", -40.0) if speak == "track" else a.chat("X")
    file = sticks.write(A, B)
    b.syncs[A].agree([b.policies[A].held], [])
    assert "not in force" in sticks.take_in(file)
    assert uids(sticks, B) == set()
    b.syncs[A].agree([b.policies[A].held], [a.policies[B].held])
    assert not sticks.take_in(file)
    assert uids(sticks, B) == {"X"}


def test_a_gap_is_not_taken_and_is_closed_when_the_other_has_answered() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    a.chat("M1")
    sticks.carry(A, B)
    sticks.carry(B, A)
    a.chat("M2")
    file = sticks.write(A, B)
    network.nodes[B].restart(None)
    assert not network.nodes[B].syncs[A]._in.marks
    network.nodes[B].syncs[A]._in.epoch = 1
    network.nodes[B].syncs[A]._in.marks[Lane.CHAT] = 0
    assert "not here any more" in sticks.take_in(file)
    sticks.carry(B, A)
    sticks.carry(A, B)
    assert {"M1", "M2"} <= uids(sticks, B)


def test_another_profile_or_an_older_life_of_the_partner_is_not_taken() -> None:
    sticks = an_island()
    hello = sticks.said[A, B]
    by_file = sticks.network.nodes[B].syncs[A].by_file
    assert "profile" in by_file.why_not(replace(hello, profile=Profile.CNSA), [])
    assert "began anew" in by_file.why_not(replace(hello, epoch=0), [])
    assert by_file.why_not(hello, []) == ""
    newer = replace(hello, epoch=2)
    assert by_file.why_not(newer, []) == ""
    sticks.network.join(A, B)
    assert "another life" in by_file.why_not(newer, [])


def test_a_new_life_of_the_partner_begins_its_logs_anew() -> None:
    sticks = an_island()
    network = sticks.network
    network.nodes[A].chat("M1")
    sticks.carry(A, B)
    network.nodes[A].restart(None, epoch=2)
    network.seconds += 1
    network.nodes[A].chat("M2")
    sticks.carry(A, B)
    assert uids(sticks, B) == {"M1", "M2"}
    assert network.nodes[B].syncs[A]._in.epoch == 2


def test_to_a_partner_that_lost_what_it_had_all_goes_once_more() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    a.track("T1", -40.0)
    a.chat("M1")
    file = sticks.carry(A, B)
    a.syncs[B].by_file.arrived(file.states)
    sticks.carry(B, A)
    assert sticks.write(A, B).frames == []
    network.seconds += 1
    b = network.nodes[B]
    b.restart(None)
    network.nodes[B].picture.clear()
    sticks.carry(B, A)
    sticks.carry(A, B)
    assert uids(sticks, B) == {"T1", "M1"}


def test_what_only_a_line_can_bring_is_asked_for_on_the_line() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    a.mayday("LONG", original=Original(form=Form.COT_XML, data=b"x" * 70_000))
    a.chat("M2")
    file = sticks.carry(A, B)
    assert any(isinstance(each, Records) for each in file.messages)
    assert len(network.nodes[B].syncs[A]._out.wanted) == 1
    # It is asked for when the line has named it too: so both guards can enter it.
    assert not list(network.nodes[B].syncs[A]._out.wanted.questions())
    network.join(A, B)
    network.run(20)
    assert {"LONG", "M2"} <= uids(sticks, B)
    assert not doubles(network.nodes[B])


def test_what_a_file_only_refers_to_is_asked_for_when_the_line_has_named_it_too() -> None:
    """So both guards know what the pieces are of, and both enter it."""
    sticks = an_island()
    network = sticks.network
    network.nodes[A].mayday("LONG", original=Original(form=Form.COT_XML, data=b"x" * 70_000))
    file = sticks.write(A, B)
    network.join(A, B)
    assert not sticks.take_in(file)
    wanted = network.nodes[B].syncs[A]._out.wanted
    assert len(wanted) == 1
    assert not list(wanted.questions())
    network.run(20)
    assert "LONG" in uids(sticks, B)
    assert not doubles(network.nodes[B])


def test_numbers_that_went_by_file_outlast_a_restart() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    a.chat("M1")
    file = sticks.write(A, B)
    held = HeldSync.from_tuple(a.syncs[B].held().to_tuple())
    network.seconds += 1
    a.restart({B: held})
    network.nodes[A].chat("M2")
    assert not sticks.take_in(file)
    sticks.carry(A, B)
    assert uids(sticks, B) == {"M1", "M2"}
    assert not doubles(network.nodes[B])


# Time.


def at(seconds: float) -> Moment:
    return Moment(datetime.fromtimestamp(seconds, UTC), 0.0)


@pytest.mark.parametrize(
    ("made", "now", "said"),
    [
        (1_000_000, 1_000.0, ""),
        (1_000_000, 1_000.0 + 2 * 86_400, ""),
        (1_000_000, 1_000.0 + 2 * 86_400 + 1, "days ago, and 2 is the most"),
        (1_060_000, 1_000.0, ""),
        (1_061_000, 1_000.0, "61 s from now"),
    ],
)
def test_a_file_is_held_against_the_time_that_it_states(made: int, now: float, said: str) -> None:
    found = why_not_now(made, at(now), oldest=2 * 86_400, tolerance=60.0)
    assert (said in found) if said else not found


def test_marks_of_another_life_of_this_node_count_for_nothing() -> None:
    sticks = an_island()
    network = sticks.network
    a = network.nodes[A]
    a.chat("M1")
    sticks.write(A, B)
    hello: Hello = replace(sticks.said[B, A], resumes=99, resume=(Mark(Lane.CHAT, 1),))
    a.syncs[B].by_file.told(hello, a.now)
    assert any(isinstance(each, Records) for each in sticks.write(A, B).messages)
