from accord.storage.history.pieces import HOUR, RUNS, SETTLED, Budgets, Tier, due, to_go
from support.moving import BEGIN, a_piece


def over(hours: int) -> float:
    return BEGIN + hours * HOUR + SETTLED


def test_nothing_is_merged_while_the_hour_goes_on() -> None:
    assert due([], over(0)) is None
    assert due([a_piece(0, Tier.FRESH)], over(1) - 1) is None
    assert due([a_piece(0), a_piece(0, bytes=11)], over(1) - 1) is None


def test_fresh_pieces_become_hours_when_an_hour_is_over_or_there_are_many() -> None:
    fresh = a_piece(0, Tier.FRESH)
    merge = due([fresh, a_piece(0)], over(1))
    assert merge is not None
    assert (merge.tier, list(merge.pieces)) == (Tier.HOUR, [fresh])
    many = [a_piece(0, Tier.FRESH, bytes=n) for n in range(RUNS + 1)]
    assert due(many[:-1], over(0)) is None
    merge = due(many, over(0))
    assert merge is not None
    assert len(merge.pieces) == RUNS + 1


def test_the_pieces_of_an_hour_become_one_when_it_is_over() -> None:
    first, second, other = a_piece(0), a_piece(0, bytes=11), a_piece(0, channel="feed:ais")
    merge = due([first, second, other], over(1))
    assert merge is not None
    assert (merge.tier, set(merge.pieces)) == (Tier.HOUR, {first, second})
    assert due([first, other], over(1)) is None


def test_the_hours_of_a_part_of_a_day_become_one_in_their_order_when_it_is_over() -> None:
    hours = [a_piece(3), a_piece(6), a_piece(1), a_piece(2)]
    assert due(hours, over(6) - 1) is None
    merge = due(hours, over(6))
    assert merge is not None
    assert merge.tier is Tier.DAY
    assert [each.slot for each in merge.pieces] == [BEGIN + n * HOUR for n in (1, 2, 3)]
    assert due([a_piece(0, Tier.DAY)], over(48)) is None


def test_what_comes_late_is_taken_into_its_day() -> None:
    day, late = a_piece(0, Tier.DAY), a_piece(5)
    merge = due([day, late], over(48))
    assert merge is not None
    assert (merge.tier, set(merge.pieces)) == (Tier.DAY, {day, late})


def budgets(channel: int = 1000, whole: int = 1000, age: float = 1e12, **channels: int) -> Budgets:
    return Budgets(channels=channels, channel=channel, whole=whole, age=age)


def test_the_oldest_of_a_channel_goes_beyond_its_budget_and_nothing_of_others() -> None:
    ours = [a_piece(n) for n in range(3)]
    others = [a_piece(n, channel="quiet") for n in range(2)]
    assert to_go([*ours, *others], budgets(channel=20), over(3)) == ours[:1]
    assert to_go([*ours, *others], budgets(channel=20, tak=30), over(3)) == []


def test_what_is_too_old_goes() -> None:
    old, new = a_piece(0), a_piece(10)
    assert to_go([new, old], budgets(age=HOUR * 5), over(10)) == [old]


def test_beyond_the_whole_the_oldest_of_the_largest_goes() -> None:
    large = [a_piece(n, channel="large") for n in range(3)]
    small = a_piece(0, channel="small")
    fresh = a_piece(4, Tier.FRESH)
    assert to_go([*large, small, fresh], budgets(whole=40), over(4)) == large[:1]


def test_evidence_never_goes_and_takes_its_place_from_the_rest() -> None:
    evidence, other = a_piece(0, Tier.HELD), a_piece(5)
    assert to_go([evidence, other], budgets(whole=15, age=1.0), over(9)) == [other]
    assert to_go([evidence], budgets(whole=1), over(9)) == []
