from accord.storage.history.pieces import (
    FEW,
    HOUR,
    RUNS,
    SETTLED,
    SHARE,
    SORTED_BYTES,
    Budgets,
    Piece,
    Tier,
    due,
    to_go,
)
from support.moving import BEGIN, PLENTY, a_piece


def over(hours: int) -> float:
    return BEGIN + hours * HOUR + SETTLED


def test_nothing_is_merged_while_the_hour_goes_on() -> None:
    assert due([], over(0), PLENTY) is None
    assert due([a_piece(0, Tier.FRESH)], over(1) - 1, PLENTY) is None
    assert due([a_piece(0), a_piece(0, bytes=11)], over(1) - 1, PLENTY) is None


def test_fresh_pieces_become_hours_when_an_hour_is_over_or_there_are_many() -> None:
    fresh = a_piece(0, Tier.FRESH)
    merge = due([fresh, a_piece(0)], over(1), PLENTY)
    assert merge is not None
    assert (merge.tier, list(merge.pieces)) == (Tier.HOUR, [fresh])
    assert merge is not None
    assert (merge.pieces, merge.leaves) == ([fresh], over(1) - SETTLED)
    goes_on = a_piece(1, Tier.FRESH)
    merge = due([fresh, goes_on], over(1), PLENTY)
    assert merge is not None
    assert merge.pieces == [fresh]
    many = [a_piece(0, Tier.FRESH, bytes=n) for n in range(RUNS + 1)]
    assert due(many[:-1], over(0), PLENTY) is None
    merge = due(many, over(0), PLENTY)
    assert merge is not None
    assert len(merge.pieces) == RUNS + 1


def test_the_pieces_of_an_hour_become_one_when_it_is_over() -> None:
    first, second, other = a_piece(0), a_piece(0, bytes=11), a_piece(0, channel="feed:ais")
    merge = due([first, second, other], over(1), PLENTY)
    assert merge is not None
    assert (merge.tier, set(merge.pieces)) == (Tier.HOUR, {first, second})
    assert due([first, other], over(1), PLENTY) is None


def test_the_hours_of_a_part_of_a_day_become_one_in_their_order_when_it_is_over() -> None:
    hours = [a_piece(3), a_piece(6), a_piece(1), a_piece(2)]
    assert due(hours, over(6) - 1, PLENTY) is None
    merge = due(hours, over(6), PLENTY)
    assert merge is not None
    assert merge.tier is Tier.DAY
    assert [each.slot for each in merge.pieces] == [BEGIN + n * HOUR for n in (1, 2, 3)]
    assert due([a_piece(0, Tier.DAY)], over(48), PLENTY) is None


def test_what_comes_late_is_taken_into_its_day() -> None:
    day, late = a_piece(0, Tier.DAY), a_piece(5)
    merge = due([day, late], over(48), PLENTY)
    assert merge is not None
    assert (merge.tier, set(merge.pieces)) == (Tier.DAY, {day, late})


def budgets(channel: int = 1000, whole: int = 1000, age: float = 1e12, **channels: int) -> Budgets:
    return Budgets(channels=channels, channel=channel, whole=whole, age=age)


def gone(pieces: list[Piece], given: Budgets, now: float) -> list[Piece]:
    found = to_go(pieces, given, now)
    return [*found.aged, *found.beyond]


def test_the_oldest_of_a_channel_goes_beyond_its_budget_and_nothing_of_others() -> None:
    ours = [a_piece(n) for n in range(3)]
    others = [a_piece(n, channel="quiet") for n in range(2)]
    assert gone([*ours, *others], budgets(channel=20), over(3)) == ours[:1]
    assert gone([*ours, *others], budgets(channel=20, tak=30), over(3)) == []


def test_what_is_too_old_goes() -> None:
    old, new = a_piece(0), a_piece(10)
    assert gone([new, old], budgets(age=HOUR * 5), over(10)) == [old]


def test_beyond_the_whole_the_oldest_of_the_largest_goes() -> None:
    large = [a_piece(n, channel="large") for n in range(3)]
    small = a_piece(0, channel="small")
    fresh = a_piece(4, Tier.FRESH)
    assert gone([*large, small, fresh], budgets(whole=40), over(4)) == large[:1]


def test_evidence_never_goes_and_takes_its_place_from_the_rest() -> None:
    evidence, other = a_piece(0, Tier.HELD), a_piece(5)
    assert gone([evidence, other], budgets(whole=15, age=1.0), over(9)) == [other]
    assert gone([evidence], budgets(whole=1), over(9)) == []


def test_why_something_goes_is_told_apart() -> None:
    old, beyond, new = a_piece(0), a_piece(9), a_piece(10)
    found = to_go([old, beyond, new], budgets(age=HOUR * 5, channel=10), over(10))
    assert (found.aged, found.beyond) == ([old], [beyond])
    assert found
    assert not to_go([new], budgets(), over(10))


def test_what_is_not_parted_yet_counts_to_every_channel() -> None:
    ours, others = a_piece(0), a_piece(0, channel="quiet")
    fresh = a_piece(1, Tier.FRESH)
    assert gone([ours, others, fresh], budgets(channel=20), over(1)) == []
    assert gone([ours, others, fresh], budgets(channel=19), over(1)) == [others, ours]


def test_a_part_of_each_budget_stays_free_where_that_is_said() -> None:
    ours = [a_piece(n) for n in range(SHARE)]
    assert not to_go(ours, budgets(channel=SHARE * 10), over(SHARE))
    assert to_go(ours, budgets(channel=SHARE * 10), over(SHARE), spare=2).beyond == ours[:2]
    assert to_go(ours, budgets(whole=SHARE * 10), over(SHARE), spare=2).beyond == ours[:2]


def test_a_channel_has_no_more_than_everything_may() -> None:
    assert budgets(channel=100, whole=50).of("tak") == 50
    assert budgets(channel=100, whole=500, tak=20).of("tak") == 20
    assert budgets(channel=100, whole=500, tak=20).least == 20


def test_fresh_pieces_are_parted_before_they_are_much_of_the_least_budget() -> None:
    fresh = [a_piece(0, Tier.FRESH, bytes=10), a_piece(0, Tier.FRESH, bytes=11)]
    assert due(fresh, over(0), budgets(channel=SHARE * 21)) is None
    merge = due(fresh, over(0), budgets(channel=SHARE * 100, quiet=SHARE * 20))
    assert merge is not None
    assert (merge.tier, list(merge.pieces)) == (Tier.HOUR, fresh)


def test_what_is_merged_at_once_is_a_small_part_of_its_budget() -> None:
    hours = [a_piece(n) for n in range(5)]
    merge = due(hours, over(24), budgets(channel=SHARE * 30))
    assert merge is not None
    assert (merge.tier, list(merge.pieces)) == (Tier.DAY, hours[:3])
    merge = due([a_piece(0, Tier.DAY, bytes=30), *hours[3:]], over(24), budgets(channel=SHARE * 30))
    assert merge is not None
    assert list(merge.pieces) == hours[3:]
    assert due(hours, over(24), budgets(channel=SHARE * 19)) is None
    assert due(hours[:1], over(24), budgets(channel=SHARE * 9)) is None


def test_what_is_sorted_at_once_fits_into_a_part_of_the_budget_or_is_little() -> None:
    hours = [a_piece(n, rows=FEW // 2) for n in range(3)]
    within = budgets(channel=1 << 20, whole=1 << 20)
    merge = due(hours, over(24), within)
    assert merge is not None
    assert list(merge.pieces) == hours[:2]
    assert due(hours[:1], over(24), within) is not None
    fresh = [a_piece(0, Tier.FRESH, rows=FEW // 2, bytes=n) for n in range(3)]
    assert due(fresh[:2], over(0), within) is None
    assert due(fresh, over(0), within) is not None
    large = 1 << 40
    assert budgets(whole=large).rows == large // SHARE // SORTED_BYTES
