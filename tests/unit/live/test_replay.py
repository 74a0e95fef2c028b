import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import Context
from accord.core.report import Report
from accord.live import reel as replay_module
from accord.live.asked import GivenUp
from accord.live.replay import Replay, of_one
from accord.live.view import Frame
from accord.picture.picture import PictureSettings
from support.past import AS_LIVED, PARTNER, a_replay, blue, ends, keep, recalled
from support.released import after, heard
from support.stream_page import Page

RED = frozenset({"Red"})


def ship(at: float, uid: str = "SHIP-1", lat: float = -17.9, **changes: Any) -> Report:
    return replace(heard(uid, at, at=(lat, 178.0)), **changes)


class Watched:
    """A replay and a page that is told of it, moment by moment."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.page = Page()

    def jump(self, seconds: float) -> list[str]:
        return self._take(self.replay.jump(after(seconds)))

    def advance(self, seconds: float) -> list[str]:
        return self._take(self.replay.advance(after(seconds)))

    def _take(self, frames: Sequence[Frame]) -> list[str]:
        return [self.page.take(each) for each in frames]

    def lats(self) -> dict[str, float | None]:
        return {
            uid: None if each.lat is None else each.lat / 1e7
            for uid, each in self.page.by_uid().items()
        }

    def states(self) -> dict[str, str]:
        return {uid: each.state for uid, each in self.page.by_uid().items()}


@pytest.fixture
def watched(tmp_path: Path) -> Callable[..., Watched]:
    def watch(*reports: Report, **given: Any) -> Watched:
        return Watched(a_replay(keep(tmp_path, reports), **given))

    return watch


def test_a_moment_shows_every_track_where_it_was_then(watched: Callable[..., Watched]) -> None:
    reports = [ship(0, lat=-17), ship(60, lat=-18), ship(120, lat=-19), ship(70, uid="SHIP-2")]
    seen = watched(*sorted(reports, key=lambda each: each.received))
    assert seen.jump(100)[0] == "snapshot"
    assert seen.lats() == {"SHIP-1": -18.0, "SHIP-2": -17.9}
    seen.jump(30)
    assert seen.lats() == {"SHIP-1": -17.0}
    seen.jump(-10)
    assert seen.lats() == {}


def test_its_context_and_view_say_that_it_is_a_replay(watched: Callable[..., Watched]) -> None:
    replay = watched(ship(0)).replay
    said = json.loads(replay.jump(after(1))[0])
    assert (said["context"], said["view"], said["tracks"]) == ("replay:live", "replay", 1)


def test_times_are_those_of_the_moment_shown(watched: Callable[..., Watched]) -> None:
    seen = watched(ship(0), ship(3))
    seen.jump(40)
    assert seen.page.now == int(after(40).timestamp() * 1000)
    assert seen.page.by_uid()["SHIP-1"].at_ms == int(after(3).timestamp() * 1000)


def test_what_came_later_is_told_as_time_goes_on(watched: Callable[..., Watched]) -> None:
    seen = watched(*(ship(at, lat=-10 - at / 10_000) for at in range(0, 300, 10)))
    seen.jump(25)
    assert seen.lats() == {"SHIP-1": -10.002}
    assert seen.advance(29) == []
    assert seen.advance(30) == ["TRK1", "ready"]
    assert seen.lats() == {"SHIP-1": -10.003}
    seen.advance(300)
    assert seen.lats() == {"SHIP-1": -10.029}


def test_tracks_go_stale_and_lost_and_are_gone_by_the_time_that_is_shown(
    watched: Callable[..., Watched],
) -> None:
    seen = watched(ship(0), ship(9000, uid="SHIP-2"))
    seen.jump(599)
    assert seen.states() == {"SHIP-1": "live"}
    seen.advance(601)
    assert seen.states() == {"SHIP-1": "stale"}
    seen.advance(1200)
    assert seen.states() == {"SHIP-1": "lost"}
    seen.jump(700)
    assert seen.states() == {"SHIP-1": "stale"}
    seen.jump(601 + 600 + 3600)
    assert seen.states() == {}


def test_what_was_removed_is_there_until_then(watched: Callable[..., Watched]) -> None:
    seen = watched(ship(0), ends("SHIP-1", 50))
    seen.jump(49)
    assert set(seen.lats()) == {"SHIP-1"}
    assert seen.advance(51) == ["gone", "ready"]
    assert (seen.lats(), seen.page.whys) == ({}, ["removed"])
    seen.jump(60)
    assert seen.lats() == {}


def test_a_removal_that_one_does_not_hear_ends_what_it_ended(
    watched: Callable[..., Watched],
) -> None:
    both = frozenset({"Red", "Blue"})
    seen = watched(ship(0, groups=both), ends("SHIP-1", 50, groups=RED))
    seen.jump(51)
    assert seen.lats() == {}


def test_nobody_sees_in_the_past_what_he_may_not_see(watched: Callable[..., Watched]) -> None:
    player = Context.exercise("TASMAN")
    reports = [ship(0, groups=RED), ship(1, uid="SHIP-2", context=player), ship(2, uid="SHIP-3"),
               ship(50, groups=RED), ship(51, uid="SHIP-2", context=player)]  # fmt: skip
    seen = watched(*reports)
    seen.jump(10)
    seen.advance(60)
    assert set(seen.lats()) == {"SHIP-3"}
    plays = blue(exercises=frozenset({"TASMAN"}))
    seen = watched(*reports, by=plays, context=player)
    seen.jump(10)
    assert set(seen.lats()) == {"SHIP-2"}


def test_what_a_partner_has_called_back_is_on_no_replay(watched: Callable[..., Watched]) -> None:
    theirs = ship(10, source=PARTNER)
    seen = watched(theirs, recalled(theirs, after(30)))
    seen.jump(20)
    assert seen.lats() == {}


def test_a_short_jump_ahead_is_played_and_a_long_one_is_begun_anew(
    watched: Callable[..., Watched],
) -> None:
    seen = watched(ship(0), ship(300, lat=-18), ship(2000, lat=-19))
    seen.jump(10)
    assert "snapshot" not in seen.advance(310)
    assert seen.advance(2010)[0] == "snapshot"
    assert seen.lats() == {"SHIP-1": -19.0}


def test_a_replay_goes_slower_than_asked_where_there_is_too_much(
    watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watched(*(ship(at, uid=f"S{at}") for at in range(100)))
    seen.jump(0)
    monkeypatch.setattr(replay_module, "MOST_AT_ONCE", 10)
    seen.advance(90)
    assert len(seen.lats()) == 11
    assert seen.replay.at == after(10)
    seen.advance(95)
    assert seen.replay.at == after(20)


def test_of_many_positions_of_one_track_only_the_newest_is_read(
    tmp_path: Path,
) -> None:
    past = keep(tmp_path, [ship(at, lat=-10 - at / 100) for at in range(60)])
    read: list[datetime] = []
    report_of = past.report_of
    past.report_of = lambda record: (read.append(record.received), report_of(record))[1]
    seen = Watched(a_replay(past))
    seen.jump(0)
    seen.advance(59)
    assert read == [after(0), after(59)]


def test_a_picture_that_is_not_whole_says_so(
    watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watched(*(ship(at, uid=f"S{at}") for at in range(9)))
    seen.jump(20)
    assert seen.replay.whole
    assert seen.replay.since == after(20) - replay_module.LOOKED_BACK
    monkeypatch.setattr(replay_module, "MOST_LINES", 3)
    seen.jump(20)
    assert not seen.replay.whole
    assert set(seen.lats()) == {"S8", "S7", "S6", "S5"}


def test_what_is_valid_still_is_shown_however_long_ago_it_was_heard(
    watched: Callable[..., Watched],
) -> None:
    long = 10 * 3600.0
    marker, over = heard("MARK", 0, kind="b-m-p-s-m", valid=long), ship(5, uid="OVER")
    seen = watched(heard("SHIP-1", 0, valid=long), marker, over, ship(3 * 3600, uid="SHIP-2"))
    seen.jump(3 * 3600 + 1)
    assert set(seen.lats()) == {"SHIP-1", "MARK", "SHIP-2"}
    assert seen.replay.whole


def test_beyond_what_is_looked_at_it_is_whole_only_if_nothing_seen_is_valid_for_so_long(
    watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_module, "MOST_LINES", 2)
    hour, short, long = 3600.0, 600.0, 8 * 3600.0

    def heard_hourly(valid: float) -> list[Report]:
        return [heard(f"S{hour * n:.0f}", hour * n, valid=valid) for n in range(6)]

    for valid, is_whole in ((short, True), (long, False)):
        seen = watched(*heard_hourly(valid))
        seen.jump(8 * hour)
        assert seen.replay.whole is is_whole, valid


def test_a_picture_that_had_no_room_for_all_is_not_whole_and_the_next_may_be(
    watched: Callable[..., Watched],
) -> None:
    small = replace(AS_LIVED, picture=PictureSettings(max_tracks=3))
    seen = watched(*(ship(at, uid=f"S{at}") for at in range(5)), settings=small)
    seen.jump(2)
    assert (len(seen.lats()), seen.replay.whole) == (3, True)
    seen.advance(4)
    assert (len(seen.lats()), seen.replay.whole) == (3, False)
    seen.jump(1)
    assert (len(seen.lats()), seen.replay.whole) == (2, True)
    seen.jump(4)
    assert (len(seen.lats()), seen.replay.whole) == (3, False)


def test_a_replay_that_nobody_waits_for_is_given_up(watched: Callable[..., Watched]) -> None:
    seen = watched(ship(0), is_awaited=lambda: False)
    with pytest.raises(GivenUp):
        seen.jump(10)


def test_the_picture_of_a_replay_is_never_larger_than_a_replay_may_be() -> None:
    given = of_one(AS_LIVED.picture)
    assert (given.max_tracks, given.max_bytes) == (50_000, 128 << 20)
    small = of_one(PictureSettings(max_tracks=7, max_age=timedelta(hours=1)))
    assert (small.max_tracks, small.max_age) == (7, timedelta(hours=1))
