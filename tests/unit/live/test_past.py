from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import Context
from accord.core.report import Address, AddressKind, Report, Source
from accord.live import past as past_module
from accord.live.asked import Course, GivenUp
from accord.live.past import Past
from accord.storage.database import Reader, StorageFault
from accord.storage.sqlite import SqliteDatabase
from support.past import PARTNER, asked, blue, keep, recalled
from support.released import SIX, after, heard

RED = frozenset({"Red"})


def seconds(course: Course) -> list[float]:
    return [(each.received - SIX).total_seconds() for each in course.reports]


def ship(at: float, uid: str = "SHIP-1", **changes: object) -> Report:
    return replace(heard(uid, at), **changes)


def test_nothing_is_held_by_an_empty_journal(tmp_path: Path) -> None:
    held = keep(tmp_path, []).held()
    assert (held.channels, held.span) == ({}, None)


def test_each_channel_says_since_when_it_is_held(tmp_path: Path) -> None:
    feed = Source(node="NZL-A", channel="feed:ais", speaker="ais")
    held = keep(tmp_path, [ship(0), ship(60, source=feed), ship(90)]).held()
    start = SIX.timestamp()
    assert held.channels == {"tak": (start, start + 90), "feed:ais": (start + 60, start + 60)}
    assert held.span == (start, start + 90)


def test_the_course_of_an_object_is_what_was_received_in_that_time_in_order(tmp_path: Path) -> None:
    reports = [ship(at) for at in range(0, 100, 10)] + [ship(55, uid="SHIP-10")]
    found = keep(tmp_path, reports).course(asked(20, 50), "SHIP-1")
    assert seconds(found) == [20, 30, 40, 50]
    assert (found.count, found.whole) == (4, True)


def test_of_a_commit_only_what_belongs_is_taken(tmp_path: Path) -> None:
    past = keep(tmp_path, [ship(0), ship(1), ship(2, uid="SHIP-2")], at_once=True)
    assert seconds(past.course(asked(-10, 10), "SHIP-1")) == [0, 1]


def test_nobody_learns_where_something_was_that_he_may_not_see(tmp_path: Path) -> None:
    player = Context.exercise("TASMAN")
    whose = frozenset({Address(AddressKind.CALLSIGN, "x")})
    past = keep(
        tmp_path, [ship(1, groups=RED), ship(2, context=player), ship(3, to=whose), ship(4)]
    )
    assert seconds(past.course(asked(0, 10), "SHIP-1")) == [4]
    assert seconds(past.course(asked(0, 10, by=blue("Red")), "SHIP-1")) == [1]
    assert seconds(past.course(asked(0, 10, context=player), "SHIP-1")) == []
    plays = blue(exercises=frozenset({"TASMAN"}))
    assert seconds(past.course(asked(0, 10, by=plays, context=player), "SHIP-1")) == [2]


def test_of_more_than_is_told_some_are_chosen_over_the_whole_time(tmp_path: Path) -> None:
    past = keep(tmp_path, [ship(at) for at in range(101)], at_once=True)
    found = past.course(asked(0, 100, parts=11), "SHIP-1")
    told = seconds(found)
    assert (len(told), told[0], told[-1], found.count) == (11, 0, 100, 101)
    assert max(later - sooner for sooner, later in pairwise(told)) <= 20


def test_two_sources_that_say_different_things_are_both_told(tmp_path: Path) -> None:
    other = Source(node="NZL-A", channel="feed:ais", speaker="ais")
    past = keep(tmp_path, [each for at in range(5) for each in (ship(at), ship(at, source=other))])
    found = past.course(asked(0, 5, parts=100), "SHIP-1")
    assert [each.source.channel for each in found.reports] == ["tak", "feed:ais"] * 5


def test_what_a_partner_has_called_back_was_never_there(tmp_path: Path) -> None:
    theirs = replace(heard("SHIP-1", 10), source=PARTNER)
    past = keep(tmp_path, [ship(0), theirs])
    assert seconds(past.course(asked(0, 60), "SHIP-1")) == [0, 10]
    again = replace(heard("SHIP-1", 40), source=PARTNER)
    past = keep(tmp_path / "other", [ship(0), theirs, recalled(theirs, after(30)), again])
    assert seconds(past.course(asked(0, 60), "SHIP-1")) == [0, 40]
    assert seconds(past.course(asked(0, 20), "SHIP-1")) == [0]


def test_a_recall_that_comes_later_is_heeded_from_then_on(tmp_path: Path) -> None:
    theirs = replace(heard("SHIP-1", 10), source=PARTNER)
    past = keep(tmp_path, [theirs])
    assert seconds(past.course(asked(0, 60), "SHIP-1")) == [10]
    keep(tmp_path, [theirs, recalled(theirs, after(30))])
    assert seconds(past.course(asked(0, 60), "SHIP-1")) == []


def test_many_are_told_of_by_one_look(tmp_path: Path) -> None:
    past = keep(tmp_path, [ship(at, uid=f"S{at % 3}") for at in range(9)])
    found = past.courses(asked(0, 100), {"S0", "S2", "S9"})
    assert {uid: seconds(each) for uid, each in found.items()} == {
        "S0": [0, 3, 6], "S2": [2, 5, 8], "S9": [],
    }  # fmt: skip


def newest(of: Past, until: float, *uids: str, **more: Any) -> dict[str, list[float]]:
    found = of.newest(asked(0, until, **more), frozenset(uids))
    return {uid: [(each.received - SIX).total_seconds()] for uid, each in found.items()}


def test_the_newest_of_many_is_found_by_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = keep(tmp_path, [ship(at, uid=f"S{at % 3}") for at in range(9)])
    readers: list[Reader] = []

    def counted(read: Callable[[], Reader] = past.reader) -> Reader:
        readers.append(read())
        return readers[-1]

    monkeypatch.setattr(past, "reader", counted)
    unknown = [f"N{number}" for number in range(10_000)]
    assert newest(past, 100, "S0", "S2", *unknown) == {"S0": [6], "S2": [8]}
    assert len(readers) == 1
    assert newest(past, 7, "S0", "S2") == {"S0": [6], "S2": [5]}
    assert newest(past, 100) == {}


def test_the_newest_is_that_of_the_last_commit_whatever_channel_it_came_by(tmp_path: Path) -> None:
    drawn = heard("S", 2, kind="u-d-f", detail='<link point="1,2"/><link point="3,4"/>')
    feed = Source(node="NZL-A", channel="feed:ais", speaker="ais")
    said = [ship(0, uid="S"), ship(1, uid="S"), drawn, ship(3, uid="S", source=feed)]
    bodies = frozenset({"position", "shape"})
    for at_once in (True, False):
        for last in range(1, 5):
            past = keep(tmp_path / f"{last}{at_once}", said[:last], at_once=at_once)
            assert newest(past, 9, "S", bodies=bodies) == {"S": [last - 1]}


def test_the_newest_is_one_that_he_may_see_of_that_time_and_that_nobody_called_back(
    tmp_path: Path,
) -> None:
    whose = frozenset({Address(AddressKind.CALLSIGN, "x")})
    theirs = replace(heard("SHIP-1", 10), source=PARTNER)
    past = keep(
        tmp_path,
        [ship(-5), ship(4), ship(6, groups=RED), ship(7, to=whose), theirs,
         recalled(theirs, after(30)), ship(50)],
    )  # fmt: skip
    assert newest(past, 20, "SHIP-1") == {"SHIP-1": [4]}
    assert newest(past, 3, "SHIP-1") == {}  # what is older than the time is not looked for
    unread = Past(past.reader, lambda _: None)
    assert newest(unread, 20, "SHIP-1") == {}


def test_the_newest_is_sought_in_so_much_and_for_whoever_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = keep(tmp_path, [ship(at, uid=f"S{at}") for at in range(9)])
    monkeypatch.setattr(past_module, "MOST_LINES", 4)
    assert newest(past, 100, "S0", "S4", "S8") == {"S4": [4], "S8": [8]}
    with pytest.raises(GivenUp):
        newest(past, 100, "S0", is_awaited=lambda: False)


def test_a_question_looks_at_so_much_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = keep(tmp_path, [ship(at) for at in range(9)])
    monkeypatch.setattr(past_module, "MOST_LINES", 4)
    found = past.course(asked(0, 100), "SHIP-1")
    assert (seconds(found), found.whole) == ([0, 1, 2, 3], False)


def test_nothing_is_looked_for_that_nobody_waits_for(tmp_path: Path) -> None:
    past = keep(tmp_path, [ship(0)])
    with pytest.raises(GivenUp):
        past.course(asked(0, 100, is_awaited=lambda: False), "SHIP-1")


def test_a_journal_that_is_none_is_a_fault(tmp_path: Path) -> None:
    past = keep(tmp_path, [ship(0)])
    (tmp_path / "journal.sqlite").write_bytes(b"no database, but long enough to be looked at" * 9)
    with pytest.raises(StorageFault):
        past.held()


def test_everything_of_a_time_is_told_that_somebody_may_see_and_nobody_called_back(
    tmp_path: Path,
) -> None:
    theirs = ship(5, uid="THEIRS", source=PARTNER)
    shape = heard("AREA", 6, kind="u-d-f", detail='<link point="1,2"/><link point="3,4"/>')
    whose = frozenset({Address(AddressKind.CALLSIGN, "x")})
    past = keep(
        tmp_path,
        [ship(1), ship(2, groups=RED), ship(3, to=whose), theirs, shape, ship(8, uid="LAST"),
         recalled(theirs, after(9)), ship(20)],
    )  # fmt: skip
    wanted = asked(0, 10, bodies=frozenset({"position", "shape"}))
    assert [each.uid for each in past.everything(wanted, 99)] == ["SHIP-1", "AREA", "LAST"]
    assert [each.uid for each in past.everything(wanted, 2)] == ["AREA", "LAST"]
    assert [each.uid for each in past.everything(asked(0, 10), 99)] == ["SHIP-1", "LAST"]
    assert past.course(wanted, "AREA").count == 1
    with pytest.raises(GivenUp):
        past.everything(asked(0, 10, is_awaited=lambda: False), 99)


def test_what_came_while_the_clock_was_ahead_hides_nothing_that_came_since(tmp_path: Path) -> None:
    """Ahead by two hours after 20 s, right again after 30 s."""
    reports = [ship(0), ship(10), ship(7220), ship(7225), ship(31), ship(40), ship(50)]
    past = keep(tmp_path, reports)
    with closing(SqliteDatabase(tmp_path / "journal.sqlite", max_bytes=1 << 28).writer()) as writer:
        at = after(30).timestamp()
        assert writer.set_back(at, upto=4, now=after(60).timestamp()) == 2
    assert seconds(past.course(asked(-10, 60), "SHIP-1")) == [0, 10, 30, 30, 31, 40, 50]
    assert seconds(past.course(asked(-10, 30), "SHIP-1")) == [0, 10, 30, 30]
    assert seconds(past.course(asked(7000, 8000), "SHIP-1")) == []
    assert past.held().span == (SIX.timestamp(), after(50).timestamp())
