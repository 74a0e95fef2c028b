from datetime import timedelta

from accord.release.ledger.entry import MAX_COUNTS, decode, encode
from accord.release.ledger.tally import OTHER, Tally
from support.ledger import AT

LATER = AT + timedelta(minutes=1)


def test_what_is_withheld_is_counted_by_clause_reason_and_sort() -> None:
    tally = Tally("A", 1, AT)
    for clause, reason, sort in [("2", "x", "sea"), (None, "x", "air"), ("2", "x", "sea")]:
        tally.add(clause, reason, sort)
    taken = tally.take(LATER)
    assert taken is not None
    assert [(c.clause, c.reason, c.sort, c.count) for c in taken.counts] == [
        (None, "x", "air", 1),
        ("2", "x", "sea", 2),
    ]
    assert (taken.since, taken.until) == (AT, LATER)


def test_each_interval_begins_where_the_one_before_ended() -> None:
    tally = Tally("A", 1, AT)
    assert tally.take(LATER) is None
    tally.add(None, "x", "sea")
    taken = tally.take(LATER + timedelta(minutes=1))
    assert taken is not None
    assert taken.since == LATER


def test_too_many_lines_are_counted_in_one() -> None:
    tally = Tally("A", 1, AT)
    for number in range(MAX_COUNTS + 50):
        tally.add(f"{number:03}", "x", "sea")
    taken = tally.take(LATER)
    assert taken is not None
    assert len(taken.counts) == MAX_COUNTS
    assert (taken.counts[0].reason, taken.counts[0].count) == (OTHER, 51)
    assert decode(encode(1, 0, "NZL", taken)).body == taken
