"""What every store of the history promises, held against each of them."""

import pytest

from accord.core.geometry import Box
from accord.storage.history import shelf as shelf_module
from accord.storage.history.pieces import DAY, HOUR, SETTLED, Budgets, Tier
from accord.storage.history.question import FOR_EVER, Hold, Question, Stretch
from accord.storage.history.shelf import Progress, Went, Why
from support.histories import AnyKept
from support.moving import SIX, a_row

HOUR_OVER = SIX + HOUR + SETTLED
DAY_OVER = (SIX // DAY + 1) * DAY + SETTLED
PARTNER = {"channel": "partner:USA"}


def budgets(channel: int = 1 << 40, whole: int = 1 << 40, age: float = 1e12) -> Budgets:
    return Budgets(channels={}, channel=channel, whole=whole, age=age)


def a_hold(name: str = "a", **changes) -> Hold:
    given = {"since": 1.0, "until": 2.0, **changes}
    return Hold(name=name, stretch=Stretch(**given), why="because")


def test_a_new_history_has_nothing(kept: AnyKept) -> None:
    assert kept.shelf.exists
    assert (kept.shelf.progress(), kept.shelf.pieces(), kept.shelf.holds()) == (Progress(), [], [])
    assert kept.source.pieces() == []


def test_rows_are_there_once_and_whole_as_hours_and_days_pass(kept: AnyKept) -> None:
    rows = [a_row(n * 600, uid=f"S{n % 2}", channel=f"feed:{n % 3}") for n in range(12)]
    for row in rows:
        kept.take_in(row)
        assert kept.shelf.progress().batch == row.fix.sequence
    assert kept.rows() == rows
    kept.tidy(HOUR_OVER)
    assert kept.rows() == rows
    kept.tidy(DAY_OVER)
    assert kept.rows() == rows
    assert kept.shelf.progress() == Progress(batch=6601, until=rows[-1].fix.received)
    told = {each.channel for each in kept.shelf.pieces()}
    assert told == {"feed:0", "feed:1", "feed:2"}


def test_rows_of_many_days_may_come_at_once(kept: AnyKept) -> None:
    rows = [a_row(n * DAY, uid=f"S{n % 2}") for n in range(-3, 4)]
    kept.take_in(*rows, batch=9)
    assert kept.rows() == rows
    kept.tidy(SIX + 9 * DAY)
    assert kept.rows() == rows


def test_rows_that_cannot_be_kept_leave_all_as_it_was(kept: AnyKept) -> None:
    kept.take_in(a_row(0))
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever it is
        kept.take_in(a_row(1), a_row(2, lat="no number"))
    assert kept.rows() == [a_row(0)]
    assert kept.shelf.progress().batch == 1
    kept.take_in(a_row(1), a_row(2))
    assert kept.rows() == [a_row(n) for n in range(3)]


def test_nothing_to_take_in_still_moves_on(kept: AnyKept) -> None:
    kept.take_in(batch=5, lost=2)
    assert kept.shelf.progress() == Progress(batch=5, lost=2)
    assert kept.shelf.pieces() == []


def test_a_new_era_begins_where_it_is_told_to(kept: AnyKept) -> None:
    kept.take_in(a_row(0), batch=9)
    kept.shelf.begin_era(4)
    assert kept.shelf.progress() == Progress(era=1, batch=4, until=SIX)


def test_trouble_is_said_with_since_when_until_it_is_over(kept: AnyKept) -> None:
    kept.shelf.say("full", 10.0)
    kept.shelf.say("full", 20.0)
    assert (kept.shelf.progress().trouble, kept.shelf.progress().since) == ("full", 10.0)
    kept.shelf.say("", 30.0)
    assert kept.shelf.progress().trouble == ""


def test_a_channel_stays_within_its_budget_and_its_oldest_hour_goes(kept: AnyKept) -> None:
    kept.take_in(a_row(0), a_row(HOUR), a_row(0, channel="quiet"))
    now = SIX + 2 * HOUR + SETTLED
    kept.tidy(now)
    # A part of each budget stays free.
    one = max(each.bytes for each in kept.shelf.pieces()) * 5 // 4
    assert kept.shelf.went() == []
    kept.tidy(now, budgets(channel=one))
    assert kept.rows() == [a_row(0, channel="quiet"), a_row(HOUR)]
    assert kept.shelf.went() == [Went("feed:ais", Why.BUDGET, 1, SIX)]
    kept.tidy(now, budgets(whole=one))
    assert len(kept.rows()) == 1


def test_what_is_too_old_goes_and_nothing_stays_of_its_day(kept: AnyKept) -> None:
    kept.take_in(a_row(0), a_row(2 * DAY))
    kept.tidy(SIX + 3 * DAY, budgets(age=1.5 * DAY))
    assert kept.rows() == [a_row(2 * DAY)]
    assert len(kept.shelf.pieces()) == 1
    assert kept.shelf.went() == [Went("feed:ais", Why.AGE, 1, SIX)]


def test_evidence_outlasts_the_budget_until_it_is_let_go(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="S1"), a_row(1, uid="S2"), a_row(2, uid="S1"))
    stretch = Stretch(since=SIX, until=SIX + 1, uids=frozenset({"S1"}))
    kept.shelf.hold([Hold(name="case 1", stretch=stretch, why="x")])
    kept.tidy(HOUR_OVER)
    kept.tidy(HOUR_OVER, budgets(channel=1))
    assert [each.tier for each in kept.shelf.pieces()] == [Tier.HELD]
    assert kept.shelf.went() == [Went("feed:ais", Why.BUDGET, 2, SIX + 2)]
    assert kept.rows() == [a_row(0, uid="S1")]
    kept.tidy(HOUR_OVER, budgets(channel=1, age=1.0))
    assert kept.rows() == [a_row(0, uid="S1")]
    kept.shelf.let_go("case 1")
    kept.tidy(HOUR_OVER)
    assert kept.rows() == []
    assert kept.shelf.went() == [Went("feed:ais", Why.BUDGET, 3, SIX + 2)]


def test_evidence_of_an_area_is_what_was_in_it(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="IN", lon=179.5), a_row(1, uid="OVER", lon=-179.5),
                 a_row(2, uid="OUT", lon=170.0),
                 a_row(3, uid="CELL", lon=170.0, cell=(178.0, -18.0, 179.5, -17.0)))  # fmt: skip
    kept.shelf.hold([a_hold(since=0, until=FOR_EVER,
                            area=Box(south=-20, west=179, north=-15, east=-179))])  # fmt: skip
    kept.tidy(HOUR_OVER)
    kept.tidy(HOUR_OVER, budgets(channel=1))
    assert {row.label.uid for row in kept.rows()} == {"IN", "OVER", "CELL"}


def test_a_hold_of_nothing_there_is_keeps_nothing(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="S1"))
    kept.shelf.hold([a_hold(since=0, until=FOR_EVER, uids=frozenset({"S2"}))])
    kept.tidy(HOUR_OVER)
    kept.tidy(HOUR_OVER, budgets(channel=1))
    assert (kept.rows(), kept.shelf.pieces()) == ([], [])


def test_what_comes_late_for_an_hour_of_evidence_is_kept_beside_it(kept: AnyKept) -> None:
    kept.take_in(a_row(0, uid="S1"), a_row(1, uid="S2"))
    kept.shelf.hold([a_hold(since=0, until=FOR_EVER, uids=frozenset({"S1"}))])
    kept.tidy(HOUR_OVER)
    kept.tidy(HOUR_OVER, budgets(channel=1))
    kept.take_in(a_row(5, uid="S2"))
    kept.tidy(HOUR_OVER)
    late = [a_row(0, uid="S1"), a_row(5, uid="S2")]
    assert kept.rows() == late
    kept.shelf.hold([a_hold("b", since=0, until=FOR_EVER, uids=frozenset({"S1"}))])
    kept.shelf.let_go("a")
    kept.tidy(HOUR_OVER)
    assert kept.rows() == late
    kept.tidy(HOUR_OVER, budgets(channel=1))
    assert kept.rows() == late[:1]


def test_holds_are_kept_by_name(kept: AnyKept) -> None:
    area = Box(south=-20, west=179, north=-15, east=-179)
    mine = a_hold("b", uids=frozenset({"S2", "S1"}), area=area)
    assert kept.shelf.hold([mine, a_hold("a")]) == 0
    assert kept.shelf.holds() == [a_hold("a"), mine]
    longer = a_hold("a", until=FOR_EVER)
    kept.shelf.hold([longer])
    assert kept.shelf.holds() == [longer, mine]
    assert (kept.shelf.let_go("a"), kept.shelf.let_go("a")) == (True, False)
    assert kept.shelf.holds() == [mine]


def test_there_is_room_for_so_many_holds(kept: AnyKept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_HOLDS", 2)
    assert kept.shelf.hold([a_hold("a")]) == 0
    assert kept.shelf.hold([a_hold("a"), a_hold("b"), a_hold("c")]) == 1
    assert [each.name for each in kept.shelf.holds()] == ["a", "b"]


def test_a_box_is_found_by_the_hour_and_by_the_day_that_is_over(kept: AnyKept) -> None:
    """Both sides of its edges, and of 180 degrees."""
    fiji = Box(south=-20, west=179, north=-15, east=-179)
    within = [(-20.0, 179.0), (-15.0, -179.0), (-17.5, 180.0), (-17.5, -180.0), (-15.0, 179.0)]
    without = [(-20.000001, 179.5), (-14.999999, 179.5), (-17.5, 178.999999), (-17.5, -178.999999),
               (-17.5, 0.0)]  # fmt: skip
    inside = [a_row(n, f"IN-{n}", lat=lat, lon=lon) for n, (lat, lon) in enumerate(within)]
    outside = [a_row(n, f"OUT-{n}", lat=lat, lon=lon) for n, (lat, lon) in enumerate(without, 9)]
    kept.take_in(*inside, *outside)
    question = Question(stretch=Stretch(since=0, until=FOR_EVER, area=fiji))
    for now in (SIX, HOUR_OVER, DAY_OVER):
        kept.tidy(now)
        with kept.look() as look:
            told = {row.label.uid for row in look.rows(question)}
        assert told == {row.label.uid for row in inside}
