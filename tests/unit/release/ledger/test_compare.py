from collections.abc import Sequence

from accord.release.ledger.compare import MAX_LISTED, ClauseTally, Comparison
from accord.release.ledger.entry import Body, Gap, Pruned, decode
from support.ledger import NZL, received, release, rows

KEY = ("EXAMPLE-USA-NZL", 1, "1.1")


def compared(ours: Sequence[Body], theirs: Sequence[Body]) -> Comparison:
    found = Comparison()
    for _, data, _ in rows(ours):
        found.ours(decode(data))
    for _, data, _ in rows(theirs):
        found.theirs(decode(data))
    return found


def given(ours: Sequence[Body], theirs: Sequence[Body]) -> ClauseTally:
    return compared(ours, theirs).given().clauses[KEY]


def test_what_was_sent_and_received_agrees_in_both_directions() -> None:
    ours: list[Body] = [release(1), release(2, clause="2.1"), received(3)]
    theirs: list[Body] = [received(1), received(2, clause="2.1"), release(3)]
    found = compared(ours, theirs)
    for direction, clauses in ((found.given(), ["1.1", "2.1"]), (found.taken(), ["1.1"])):
        assert direction.agrees
        assert [clause for _, _, clause in direction.clauses] == clauses
        assert all((t.sent, t.received) == (1, 1) for t in direction.clauses.values())


def test_a_frame_that_never_arrived_is_lost_and_no_discrepancy() -> None:
    tally = given([release(1, frame=1), release(2, frame=2)], [received(2, frame=2)])
    assert (tally.lost.count, tally.lost.lines, tally.agrees) == (1, [1], True)


def test_what_was_sent_after_the_partners_file_ends_is_not_said_to_be_lost() -> None:
    ours = [release(1, frame=1), release(2, frame=2), release(3, frame=3), release(4, frame=4)]
    tally = given(ours, [received(1, frame=1), received(3, frame=3)])
    assert (tally.lost.lines, tally.later.lines, tally.agrees) == ([2], [4], True)


def test_what_was_received_after_the_partners_file_ends_is_not_said_to_be_unsent() -> None:
    ours = [received(1, frame=1), received(2, frame=1), received(3, frame=2)]
    tally = compared(ours, [release(1, frame=1)]).taken().clauses[KEY]
    assert (tally.unsent.lines, tally.later.lines) == ([2], [3])
    assert compared(ours, []).taken().clauses[KEY].unsent.count == 3


def test_what_a_partner_received_after_our_own_ledger_ends_is_not_excused() -> None:
    tally = given([release(1, frame=1)], [received(1, frame=1), received(2, frame=2)])
    assert (tally.unsent.lines, tally.later.count) == ([2], 0)


def test_what_was_sent_again_and_arrived_counts_once() -> None:
    tally = given([release(1, frame=1), release(1, frame=2)], [received(1, frame=2)])
    assert (tally.sent, tally.received, tally.lost.count, tally.agrees) == (1, 1, 0, True)


def test_a_version_missing_from_a_frame_that_arrived_is_told() -> None:
    ours = [release(1, frame=1), release(2, frame=1)]
    tally = given(ours, [received(2, frame=1)])
    assert (tally.missing.count, tally.missing.lines, tally.agrees) == (1, [1], False)
    again = given([release(1, frame=3), *ours], [received(2, frame=1)])
    assert again.missing.lines == [1]


def test_what_was_received_and_not_sent_is_told_by_the_receivers_line() -> None:
    tally = given([release(1)], [received(1), received(7)])
    assert (tally.unsent.count, tally.unsent.lines, tally.agrees) == (1, [2], False)


def test_what_both_have_and_is_not_the_same_is_told() -> None:
    tally = given([release(1)], [received(1, marking="(U//REL TO AUS)")])
    assert (tally.differing.lines, tally.agrees) == ([1], False)


def test_another_clause_is_another_version() -> None:
    found = compared([release(1)], [received(1, clause="9")]).given()
    assert [tally.agrees for tally in found.clauses.values()] == [False, False]


def test_what_a_ledger_says_it_lacks_is_not_compared() -> None:
    restored = Gap(by="USA", first=1, last=2, reason="restored from a backup")
    found = compared([restored, release(9, frame=9)], [received(1, frame=1), received(9, frame=9)])
    assert (found.given().excused, found.given().agrees) == (1, True)
    theirs = Gap(by=NZL.node, first=1, last=2, reason="restored from a backup")
    lost = compared([release(1, frame=1), release(9, frame=9)], [theirs, received(9, frame=9)])
    assert (lost.given().excused, lost.given().clauses[KEY].lost.count) == (1, 0)


def test_a_gap_in_the_frames_of_one_node_excuses_none_of_the_other() -> None:
    other = Gap(by=NZL.node, first=1, last=2, reason="restored from a backup")
    found = compared([other, release(9, frame=9)], [received(1, frame=1), received(9, frame=9)])
    assert (found.given().excused, found.given().agrees) == (0, False)


def test_a_pruned_ledger_is_compared_from_its_first_frame_on() -> None:
    pruned = Pruned(through=1, reason="old")
    theirs = [received(n, frame=frame) for n, frame in ((1, 1), (9, 9), (10, 9), (11, 10))]
    found = compared([release(9, frame=9), pruned], theirs).given()
    # The first frame that is left can have lost its first lines: 10 is excused as well.
    assert (found.excused, found.clauses[KEY].unsent.lines) == (2, [4])


def test_of_many_differences_the_first_are_listed_and_all_are_counted() -> None:
    tally = given([release(n) for n in range(50)], [received(n, marking="x") for n in range(50)])
    assert (tally.differing.count, len(tally.differing.lines)) == (50, MAX_LISTED)
