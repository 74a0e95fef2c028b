"""What the journal has no more is answered by the history."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live import long_ago
from accord.live.asked import POSITIONS, Course, GivenUp, Place
from accord.live.long_ago import HistoryReel, LongAgo, marked
from accord.live.marking import DefaultMarkings
from accord.live.past import Past
from accord.live.replay import Replay
from accord.live.view import Frame
from accord.storage.database import Span, StorageFault
from accord.storage.history.archive import Archive
from accord.wire.moving.message import Row
from accord.wire.moving.translate import report_of
from support.histories import AnyKept
from support.histories import kept as kept
from support.moving import SIX, SharedKept, a_row, nothing_more
from support.past import AS_LIVED, a_replay, asked, blue, keep
from support.postgres import postgres as postgres
from support.released import after, heard
from support.stream_page import Page

LATER = SIX + 86_400
JOURNALLED = 40_000
"""Seconds after six at which the journal begins: eleven hours."""


class Node:
    """A journal that begins in the evening, and a history that has the morning too."""

    def __init__(self, directory: Path, kept: AnyKept) -> None:
        self.kept = kept
        self.archive = Archive(kept.source, nothing_more, memory=256 << 20)
        self.history = LongAgo(self.archive, DefaultMarkings())
        journal = keep(
            directory,
            [
                heard("SHIP-1", JOURNALLED, at=(-17.9, 178.0)),
                heard("SHIP-1", 40_010, at=(-17.9, 179.0)),
            ],
        )
        self.past = Past(journal.reader, journal.report_of, self.history)

    def has(self, *rows: Row) -> Past:
        """Let the history have these, put away by the hour."""
        self.kept.take_in(*rows)
        self.kept.tidy(LATER)
        return self.past

    def had(self, **more: Any) -> Past:
        """Let it have ten positions of one ship, and one of another."""
        return self.has(*(tak(at, **more) for at in range(0, 100, 10)), tak(5, uid="SHIP-2"))


def tak(at: float, uid: str = "SHIP-1", **more: Any) -> Row:
    return a_row(at, uid=uid, channel="tak", **more)


@pytest.fixture
def node(tmp_path: Path, kept: AnyKept) -> Node:
    return Node(tmp_path, kept)


def seconds(course: Course) -> list[float]:
    return [each.received.timestamp() - SIX for each in course.reports]


def test_a_course_reaches_back_to_what_only_the_history_has(node: Node) -> None:
    past = node.had()
    assert seconds(past.course(asked(20, 50), "SHIP-1")) == [20, 30, 40, 50]
    found = past.courses(asked(0, 20), {"SHIP-1", "SHIP-2", "SHIP-3"})
    assert {uid: seconds(each) for uid, each in found.items()} == {
        "SHIP-1": [0, 10, 20], "SHIP-2": [5], "SHIP-3": []
    }  # fmt: skip
    assert all(each.whole for each in found.values())


def times(reports: Sequence[Report]) -> list[float]:
    return [each.received.timestamp() - SIX for each in reports]


THINGS = frozenset({"position", "shape"})


def phone(at: float, **more: Any) -> Row:
    """A position as the journal has it too, where it has that."""
    return tak(at, speaker="kiwi-1", **more)


def test_what_was_said_of_an_object_is_the_journals_and_what_only_the_history_has(
    node: Node,
) -> None:
    past = node.has(phone(0), phone(10), phone(JOURNALLED), phone(40_010), tak(5, uid="SHIP-2"))
    for bodies in (THINGS, POSITIONS):
        whole = asked(0, 50_000, bodies=bodies)
        found = past.said(whole, {"SHIP-1", "SHIP-2", "SHIP-3"})
        assert {uid: times(each) for uid, each in found.items()} == {
            "SHIP-1": [0, 10, JOURNALLED, 40_010], "SHIP-2": [5], "SHIP-3": []
        }  # fmt: skip
        # What the journal has is told as it came.
        assert [each.original is None for each in found["SHIP-1"]] == [True, True, False, False]
    assert times(past.said(asked(5, 20, bodies=THINGS), {"SHIP-1"})["SHIP-1"]) == [10]
    few = past.said(asked(0, 50_000, parts=2), {"SHIP-1"})["SHIP-1"]
    assert times(few) == [0, 40_010]
    drawn = past.said(asked(0, 50_000, bodies=THINGS - POSITIONS), {"SHIP-1"})
    assert drawn == {"SHIP-1": ()}  # the history has positions alone
    for_red = past.said(asked(0, 50_000, by=blue("Red")), {"SHIP-1"})
    assert times(for_red["SHIP-1"]) == []


def test_without_a_history_what_was_said_is_what_the_journal_has(node: Node) -> None:
    node.has(phone(0))
    journal = Past(node.past.reader, node.past.report_of)
    whole = asked(0, 50_000, bodies=THINGS)
    assert times(journal.said(whole, {"SHIP-1"})["SHIP-1"]) == [JOURNALLED, 40_010]
    assert times(journal.everything(whole, 9)) == [JOURNALLED, 40_010]
    assert journal.newest(whole, {"SHIP-2"}) == {}


def test_everything_of_a_time_is_told_back_to_what_only_the_history_has(node: Node) -> None:
    past = node.has(phone(0), tak(5, uid="SHIP-2"), phone(10), phone(JOURNALLED), phone(40_010))
    whole = asked(0, 50_000, bodies=THINGS)
    assert times(past.everything(whole, 9)) == [0, 5, 10, JOURNALLED, 40_010]
    assert times(past.everything(whole, 4)) == [5, 10, JOURNALLED, 40_010]
    assert times(past.everything(whole, 2)) == [JOURNALLED, 40_010]
    assert [each.original is None for each in past.everything(whole, 3)] == [True, False, False]
    assert times(past.everything(asked(1, 7, bodies=THINGS), 9)) == [5]
    assert past.everything(asked(0, 50_000, by=blue("Red")), 9) == []
    assert past.everything(asked(0, 50_000, bodies=THINGS - POSITIONS), 9) == []


def test_what_one_channel_lost_is_told_among_what_the_others_still_have(node: Node) -> None:
    past = node.has(phone(0), a_row(40_005, uid="BUSY", channel="feed:ais"), phone(40_010))
    found = past.everything(asked(0, 50_000), 2)
    assert [(each.uid, each.original is None) for each in found] == [
        ("BUSY", True), ("SHIP-1", False)
    ]  # fmt: skip


def test_the_newest_of_an_object_is_the_histories_where_the_journal_has_none(node: Node) -> None:
    past = node.has(phone(0), tak(3, uid="SHIP-2"), tak(8, uid="SHIP-2", speaker="x"))
    found = past.newest(asked(0, 50_000, bodies=THINGS, parts=1), {"SHIP-3", "SHIP-2", "SHIP-1"})
    assert {uid: times([each]) for uid, each in found.items()} == {
        "SHIP-1": [40_010], "SHIP-2": [8]
    }  # fmt: skip
    assert past.newest(asked(0, 50_000, by=blue("Red"), bodies=THINGS), {"SHIP-2"}) == {}


def test_to_the_owner_of_the_directory_the_groups_hide_nothing(node: Node) -> None:
    past = node.has(phone(0, groups=("Red",)), tak(3, uid="SHIP-2", groups=("Red",)))
    owner = asked(0, 50_000, by=Principal(name="owner"), is_owner=True)
    assert times(past.said(owner, {"SHIP-1"})["SHIP-1"]) == [0, JOURNALLED, 40_010]
    assert times([past.newest(owner, {"SHIP-2"})["SHIP-2"]]) == [3]
    assert times(past.everything(owner, 9)) == [0, 3, JOURNALLED, 40_010]


def test_of_what_the_journal_has_the_history_is_not_asked(node: Node) -> None:
    past = node.had()
    assert past.further(SIX + JOURNALLED, SIX + 50_000) is None
    assert past.further(SIX - 100, SIX - 1) is None
    assert past.further(SIX + 90, SIX + 50_000) is node.history
    found = past.course(asked(JOURNALLED, 50_000), "SHIP-1")
    assert [each.original is not None for each in found.reports] == [True, True]


def test_a_channel_that_is_in_no_journal_any_more_ends_when_it_ended(node: Node) -> None:
    past = node.has(a_row(0), a_row(10))
    assert past.further(SIX + 10, SIX + 11) is node.history
    assert past.further(SIX + 11, SIX + 12) is None


def test_what_is_not_parted_by_channel_yet_may_be_what_a_journal_lost(node: Node) -> None:
    node.kept.take_in(tak(0), tak(10))
    assert seconds(node.past.course(asked(0, 50), "SHIP-1")) == [0, 10]
    assert node.past.further(SIX + JOURNALLED, SIX + 50_000) is None
    held = node.past.held()
    assert (list(held.channels), held.span) == (["tak"], Span(SIX, SIX + 40_010))


def test_what_is_held_reaches_as_far_as_the_history(node: Node) -> None:
    past = node.has(tak(0), a_row(7, channel="feed:ais"))
    assert past.held().channels == {
        "tak": Span(SIX, SIX + 40_010), "feed:ais": Span(SIX + 7, SIX + 7)
    }  # fmt: skip


def test_what_is_held_is_told_of_channels_of_which_one_may_see_something(node: Node) -> None:
    past = node.has(
        tak(0), a_row(7, channel="feed:ais"),
        a_row(8, channel="feed:red", groups=("Red",)),
        a_row(9, channel="feed:drill", context="exercise:TASMAN"),
    )  # fmt: skip
    by = asked(0, 1).by
    assert past.held_for(by).channels == {
        "tak": Span(SIX, SIX + 40_010), "feed:ais": Span(SIX + 7, SIX + 7)
    }  # fmt: skip
    assert list(past.held_for(blue("Red")).channels) == ["feed:red"]
    drilled = replace(by, exercises=frozenset({"TASMAN"}))
    assert "feed:drill" in past.held_for(drilled).channels
    assert past.held_for(blue("Nobody")).span is None


def test_what_is_not_parted_yet_is_held_for_who_may_see_something(node: Node) -> None:
    node.kept.take_in(tak(0), tak(10))
    assert node.past.held_for(asked(0, 1).by).span == Span(SIX, SIX + 40_010)
    assert node.past.held_for(blue("Red")).span is None


def test_of_more_than_is_told_some_are_chosen_over_the_whole_time(node: Node) -> None:
    past = node.has(*(tak(at) for at in range(101)), *(tak(at, speaker="x") for at in (3, 50)))
    found = past.course(asked(0, 100, parts=11), "SHIP-1")
    told = seconds(found)
    assert (len(told), told[0], told[-1], found.count) == (11, 0, 100, 103)
    assert max(later - sooner for sooner, later in pairwise(told)) <= 20


def test_where_the_last_begins_a_part_it_is_told_once(node: Node) -> None:
    found = node.has(*(tak(at) for at in (0, 1, 2))).course(asked(0, 2, parts=2), "SHIP-1")
    assert (seconds(found), found.count) == ([0, 2], 3)


def test_more_than_is_looked_at_is_said(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_ago, "MOST_LINES", 4)
    found = node.had().course(asked(0, 100), "SHIP-1")
    assert (len(found.reports), found.whole) == (4, False)


def test_nobody_learns_of_long_ago_what_he_may_not_see(node: Node) -> None:
    drill = Context.exercise("TASMAN")
    past = node.has(tak(1, groups=("Red",)), tak(2, context=str(drill)), tak(3))
    assert seconds(past.course(asked(0, 10), "SHIP-1")) == [3]
    assert seconds(past.course(asked(0, 10, by=blue("Red")), "SHIP-1")) == [1]
    assert seconds(past.course(asked(0, 10, context=drill), "SHIP-1")) == []
    plays = blue(exercises=frozenset({"TASMAN"}))
    assert seconds(past.course(asked(0, 10, by=plays, context=drill), "SHIP-1")) == [2]


def pages(past: Past, limit: int, **more: Any) -> list[list[float]]:
    """Every page, each from where the one before ended."""
    found: list[list[float]] = []
    at: Place | None = None
    while True:
        page = past.positions(asked(0, 50, **more), lambda _: True, after=at, limit=limit)
        found.append([each.received.timestamp() - SIX for _, each in page.positions])
        at = page.after
        if at is None:
            return found


def test_positions_come_a_page_at_a_time_in_order(node: Node) -> None:
    assert pages(node.had(), 3) == [[0, 5, 10], [20, 30, 40], [50]]


@pytest.mark.parametrize("most", [3, 4, 5, 11, 50])
def test_pages_are_the_same_however_much_is_looked_at_for_one(
    node: Node, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    past = node.had()
    monkeypatch.setattr(long_ago, "MOST_LOOKED", most)
    found = [each for page in pages(past, 4) for each in page]
    assert found == [0, 5, 10, 20, 30, 40, 50]


def test_positions_have_a_place_at_which_they_are_found_again(node: Node) -> None:
    past = node.had()
    (at, report), *_ = past.positions(
        asked(20, 30), lambda _: True, after=None, limit=1
    ).positions  # fmt: skip
    assert at.is_beyond
    assert past.position(asked(0, 50), at) == report
    assert past.position(asked(0, 50, by=blue("Red")), at) is None
    assert past.position(asked(0, 50), Place(9, 9, is_beyond=True)) is None
    journal = Past(past.reader, past.report_of)
    assert journal.position(asked(0, 50), at) is None
    assert journal.positions(asked(0, 50), lambda _: True, after=at, limit=1) == ((), None)


def test_a_page_of_what_is_not_wanted_says_where_it_goes_on(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = node.had()
    monkeypatch.setattr(long_ago, "MOST_LOOKED", 4)
    page = past.positions(asked(0, 90), lambda _: False, after=None, limit=9)
    assert page.positions == []
    assert page.after is not None
    rest = past.positions(asked(0, 90), lambda _: True, after=page.after, limit=99)
    assert [each.received.timestamp() - SIX for _, each in rest.positions] == [30, 40, 50, 60]


def test_positions_outside_the_area_are_not_read(node: Node) -> None:
    past = node.has(tak(0), tak(1, lat=10.0, lon=10.0))
    here = Box(south=-20, west=170, north=-10, east=180)
    assert pages(past, 9, area=here) == [[0]]


def test_nobody_waits_for_what_nobody_wants_any_more(node: Node) -> None:
    with pytest.raises(GivenUp):
        node.had().course(asked(0, 50, is_awaited=lambda: False), "SHIP-1")
    reel = node.history.reel(blue(), LIVE, lambda: False)
    with pytest.raises(GivenUp):
        reel.begin(after(60))


def test_a_history_that_cannot_be_read_is_a_fault_of_what_is_kept(node: Node) -> None:
    past = node.had()
    if isinstance(node.kept, SharedKept):
        with closing(node.kept.server.open(10.0)) as db:
            db.tell("DROP TABLE position")
    for piece in node.kept.shelf.pieces():
        (node.kept.directory / piece.file).write_bytes(b"PAR1 no PAR1")
    with pytest.raises(StorageFault, match="history"):
        past.course(asked(0, 50), "SHIP-1")


def test_marks_are_read_again_and_what_came_without_has_the_default() -> None:
    given = report_of(a_row(0, access="UNCLASSIFIED", releasable_to="FJI", nation="NZL"))
    label = marked(given, DefaultMarkings()).label
    assert label is not None
    assert label.releasable_to == frozenset({"FJI"})
    defaults = DefaultMarkings("NZL", groups={"Blue": "(R//REL TO NZL, USA)"})
    by_default = marked(report_of(a_row(0)), defaults)
    assert by_default.label is not None
    assert by_default.label.by_default
    assert by_default.marking.by_default
    assert marked(report_of(a_row(0)), DefaultMarkings()).label is None


def replay(node: Node, by: Principal | None = None) -> Replay:
    return a_replay(node.past, by, settings=replace(AS_LIVED, history=node.history.reel))


def shown(page: Page, frames: Sequence[Frame]) -> dict[str, float]:
    """Take it in; what is shown, with its longitude."""
    for each in frames:
        page.take(each)
    places = {uid: each.lon for uid, each in page.by_uid().items()}
    return {uid: lon / 1e7 for uid, lon in places.items() if lon is not None}


def test_a_replay_begins_before_the_journal_does_and_goes_on(node: Node) -> None:
    node.has(tak(0, lon=178.0), tak(5, "SHIP-2", lon=1.0), tak(20, lon=178.5), tak(40, lon=179.0))
    playing, page = replay(node), Page()
    assert shown(page, playing.jump(after(35))) == {"SHIP-1": 178.5, "SHIP-2": 1.0}
    assert shown(page, playing.advance(after(45))) == {"SHIP-1": 179.0, "SHIP-2": 1.0}
    assert (playing.at, playing.whole) == (after(45), True)
    assert shown(Page(), replay(node, blue("Red")).jump(after(35))) == {}


def test_a_replay_of_what_the_journal_has_is_the_journals(node: Node) -> None:
    node.had()
    playing, page = replay(node), Page()
    assert shown(page, playing.jump(after(40_005))) == {"SHIP-1": 178.0}
    assert shown(page, playing.advance(after(40_010))) == {"SHIP-1": 179.0}


def test_what_comes_while_it_is_played_is_played_too(node: Node) -> None:
    node.has(tak(0), tak(10))
    reel = HistoryReel(node.archive, LIVE, after(5_000))
    reel.begin(after(5))
    assert [each.received for each in reel.next(after(12))[0]] == [after(10)]
    node.has(tak(20))
    assert [each.received for each in reel.next(after(30))[0]] == [after(20)]
