from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from accord.core.body import Alarm, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Point, Polyline
from accord.core.identity import Identity
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.live import view as view_module
from accord.live.view import PIECE, STEP, View
from accord.live.views import StreamSettings
from accord.picture.picture import PictureSettings
from accord.wire.page.translate import Given, meta_of
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START
from support.stream_page import Page
from support.stream_views import Looked, somebody, tell, told

OTHER = Source(node="NZL", channel="feed:ais", speaker="ais")
PARTNER = Source(node="USA", channel="partner:USA", speaker="")


FIVE = timedelta(minutes=5)


def moved(report: Report, look: Looked, north: float) -> Report:
    """Return the next report of an object, so many degrees north of where it began."""
    now, body = look.clock.now(), Position(point=a_point(lat=-41.28 + north))
    return replace(report, time=now, received=now, stale=now + FIVE, body=body)


def opened(look: Looked, *groups: str) -> tuple[View, Page]:
    view, page = look.views.open(somebody(*groups), LIVE), Page()
    look.round()
    tell(view, page)
    return view, page


def test_a_page_is_shown_what_the_picture_has() -> None:
    look = Looked()
    look.say(a_report("U1", body=Position(point=a_point(lat=-41.28, lon=174.77), course=90.0)))
    _, page = opened(look)
    (track,) = page.tracks.values()
    assert track.meta["uid"] == "U1"
    assert (track.lon, track.lat, track.course) == (1_747_700_000, -412_800_000, 9000)
    assert track.speed is None
    assert page.said == ["snapshot", "meta", "TRK1", "ready"]


def test_an_empty_picture_is_ready_at_once() -> None:
    _, page = opened(Looked())
    assert page.said == ["snapshot", "ready"]
    assert page.tracks == {}


def test_only_what_changed_is_told() -> None:
    look = Looked()
    reports = [a_report(f"U{n}") for n in range(3)]
    look.say(*reports)
    view, page = opened(look)
    page.said.clear()
    look.clock.advance(seconds=1)
    look.say(moved(reports[1], look, 0.001))
    look.round()
    tell(view, page)
    assert page.said == ["TRK1", "ready"]
    assert page.positions == 4
    assert page.by_uid()["U1"].lat == -412_790_000


def test_several_moves_of_one_track_between_rounds_are_told_as_the_last() -> None:
    look = Looked()
    report = a_report("U1")
    look.say(report)
    view, page = opened(look)
    before = page.positions
    for n in range(5):
        look.clock.advance(seconds=0.1)
        look.say(moved(report, look, n / 1000))
    look.round()
    tell(view, page)
    assert page.positions == before + 1
    assert page.by_uid()["U1"].lat == -412_760_000


def test_a_round_in_which_nothing_happened_moves_nothing() -> None:
    look = Looked()
    look.say(a_report())
    view, _ = opened(look)
    seq = view.seq
    look.round()
    assert view.seq == seq


def test_what_is_encoded_for_one_page_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = opened(look)
    look.clock.advance(seconds=1)
    look.say(moved(a_report("U1"), look, 0.001), a_report("U2"))
    look.round()
    calls: list[str] = []

    def counted(report: Report, *arguments: object, **more: object) -> dict[str, object]:
        calls.append(report.uid)
        return meta_of(report, *arguments, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(view_module, "meta_of", counted)
    first = view.since(page.seq or 0)
    assert all(view.since(page.seq or 0) is first for _ in range(49))
    assert calls == ["U2"]


def test_meta_is_told_again_only_when_it_says_something_else() -> None:
    look = Looked()
    report = a_report("U1")
    look.say(report)
    view, page = opened(look)
    other = Identity(callsign="OTHER")
    for says, is_told in (
        (report, False),
        (replace(report, identity=Identity(callsign="CALL-U1")), False),
        (replace(report, identity=other), True),
        (replace(report, identity=other, doubts=frozenset({Doubt.IMPOSSIBLE_POSITION})), True),
        (replace(report, identity=other, body=Alarm(category="911")), True),
    ):
        look.clock.advance(seconds=1)
        page.said.clear()
        now = look.clock.now()
        look.say(replace(says, time=now, received=now, stale=now + FIVE))
        look.round()
        tell(view, page)
        assert ("meta" in page.said) is is_told, says
    assert page.by_uid()["U1"].meta["emergency"] is True


def test_what_is_drawn_anew_is_told_again_and_what_is_repeated_is_not() -> None:
    look = Looked()
    corner, other = Point(lat=-41.2, lon=174.7), Point(lat=-41.3, lon=174.8)
    line = Polyline(points=(corner, other))
    report = a_report("U1", body=Shape(outline=line, anchor=corner))
    look.say(report)
    view, page = opened(look)
    longer = Polyline(points=(corner, other, Point(lat=-41.4, lon=174.8)))
    for body, is_told in (
        (Shape(outline=line, anchor=corner), False),
        (Shape(outline=longer, anchor=corner), True),
    ):
        look.clock.advance(seconds=1)
        page.said.clear()
        now = look.clock.now()
        look.say(replace(report, body=body, time=now, received=now, stale=now + FIVE))
        look.round()
        tell(view, page)
        assert ("meta" in page.said) is is_told, body


def test_how_long_reports_are_valid_is_told_when_it_is_quite_another() -> None:
    look = Looked()
    view, page = opened(look)
    for seconds, told_ttl in ((100, 100), (105, 100), (95, 100), (111, 111), (0, 0)):
        look.clock.advance(seconds=1)
        now = look.clock.now()
        look.say(a_report("U1", at=now, stale=now + timedelta(seconds=seconds)))
        look.round()
        tell(view, page)
        assert page.by_uid()["U1"].meta["ttl"] == told_ttl


def test_what_this_audience_does_not_hear_is_not_there() -> None:
    look = Looked()
    look.say(a_report("U1"), a_report("U2", groups=frozenset({"Red"})))
    _, page = opened(look)
    assert set(page.by_uid()) == {"U1"}
    _, both = opened(look, "Blue", "Red")
    assert set(both.by_uid()) == {"U1", "U2"}


def test_of_several_claims_the_best_that_is_heard_is_shown() -> None:
    look = Looked()
    look.say(a_report("U1", body=Position(point=a_point(lat=1.0))))
    look.clock.advance(seconds=1)
    secret = a_report(
        "U1", at=look.clock.now(), source=OTHER, groups=frozenset({"Red"}),
        body=Position(point=a_point(lat=2.0)),
    )  # fmt: skip
    look.say(secret)
    _, page = opened(look)
    assert page.by_uid()["U1"].lat == 10_000_000
    assert page.by_uid()["U1"].meta["claims"] == 1
    _, red = opened(look, "Red")
    assert red.by_uid()["U1"].lat == 20_000_000
    _, both = opened(look, "Blue", "Red")
    assert both.by_uid()["U1"].meta["claims"] == 2


def test_what_is_seen_of_a_track_goes_by_its_own_time_though_others_keep_it_alive() -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = opened(look)
    states: list[str] = []
    look.clock.advance(seconds=1)
    hidden = a_report("U1", at=look.clock.now(), source=OTHER, groups=frozenset({"Red"}))
    look.say(replace(hidden, stale=START + timedelta(hours=20)))
    for minutes in (4, 2, 10, 61):
        look.clock.advance(minutes=minutes)
        look.round()
        tell(view, page)
        states += [track.state for track in page.tracks.values()]
    assert states == ["live", "stale", "lost"]
    assert page.whys == ["lost"]
    look.say(a_report("U1", at=look.clock.now()))
    look.round()
    tell(view, page)
    assert page.by_uid()["U1"].state == "live"


def test_what_is_said_to_others_from_now_on_is_gone_for_this_audience() -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = opened(look)
    look.clock.advance(seconds=1)
    look.say(a_report("U1", at=look.clock.now(), groups=frozenset({"Red"})))
    look.round()
    tell(view, page)
    assert page.tracks == {}
    assert page.whys == ["no longer released"]


def test_a_track_goes_stale_lost_and_away() -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = opened(look)
    seen: list[str] = []
    for minutes in (6, 11, 61):
        look.clock.advance(minutes=minutes)
        look.round()
        tell(view, page)
        seen += [track.state for track in page.tracks.values()]
    assert seen == ["stale", "lost"]
    assert page.tracks == {}
    assert page.whys == ["lost"]


def test_a_track_that_is_stale_when_it_is_first_seen_says_so() -> None:
    look = Looked()
    look.say(a_report("U1"))
    look.clock.advance(minutes=6)
    look.round()
    _, page = opened(look)
    assert page.by_uid()["U1"].state == "stale"
    assert page.said == ["snapshot", "meta", "TRK1", "AGE1", "state", "ready"]


def test_a_removal_is_told_as_one_and_a_recall_as_one() -> None:
    look = Looked()
    look.say(a_report("U1"), a_report("U2", source=PARTNER))
    view, page = opened(look)
    look.clock.advance(seconds=1)
    look.remove("U1")
    now = look.clock.now()
    look.say(a_report("U2-recalled", at=now, source=PARTNER, body=Removal(target="U2")))
    look.round()
    tell(view, page)
    assert page.tracks == {}
    assert page.whys == ["removed", "recalled"]


def test_what_had_to_make_room_is_gone() -> None:
    look = Looked(picture=PictureSettings(max_tracks=2))
    look.say(a_report("U1"), a_report("U2"))
    view, page = opened(look)
    look.clock.advance(seconds=1)
    look.say(a_report("U3", at=look.clock.now()))
    look.round()
    tell(view, page)
    assert set(page.by_uid()) == {"U2", "U3"}
    assert page.whys == ["no room"]


def test_a_track_too_large_for_the_picture_is_not_shown() -> None:
    look = Looked(picture=PictureSettings(max_bytes=1000))
    view, page = opened(look)
    look.say(a_report("U1", original=Original(Form.COT_XML, bytes(2000))))
    look.round()
    tell(view, page)
    assert len(look.picture) == 0
    assert page.tracks == {}


def test_an_index_that_is_free_is_used_again_and_the_page_is_not_confused() -> None:
    look = Looked()
    look.say(a_report("U1"), a_report("U2"))
    view, page = opened(look)
    look.remove("U1")
    look.round()
    look.say(a_report("U3", at=look.clock.now()))
    look.round()
    tell(view, page)
    assert set(page.by_uid()) == {"U2", "U3"}
    assert set(page.tracks) == {0, 1}


def test_what_comes_back_between_two_rounds_never_went() -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = opened(look)
    look.clock.advance(seconds=1)
    look.remove("U1")
    look.say(a_report("U1", at=look.clock.now()))
    look.round()
    tell(view, page)
    assert page.whys == []
    assert set(page.by_uid()) == {"U1"}


def test_what_says_no_place_is_listed_without_one() -> None:
    look = Looked()
    look.say(a_report("U1", body=Position(point=None)))
    view, page = opened(look)
    assert page.by_uid()["U1"].lat is None
    assert "TRK1" not in page.said
    for point, lat in ((a_point(lat=1.0), 10_000_000), (None, None)):
        look.clock.advance(seconds=1)
        look.say(a_report("U1", at=look.clock.now(), body=Position(point=point)))
        look.round()
        tell(view, page)
        assert page.by_uid()["U1"].lat == lat


def test_a_position_that_came_late_says_how_old_it_is() -> None:
    look = Looked()
    view, page = opened(look)
    look.clock.advance(seconds=100)
    now = look.clock.now()
    look.say(a_report("U1", received=now), a_report("U2", at=now))
    look.round()
    tell(view, page)
    now_ms = now.timestamp() * 1000
    assert page.by_uid()["U1"].at_ms == pytest.approx(now_ms - 100_000, abs=1)
    assert page.by_uid()["U2"].at_ms == pytest.approx(now_ms, abs=1)


def test_a_report_of_the_future_is_of_now() -> None:
    look = Looked()
    view, page = opened(look)
    ahead = START.replace(minute=30)
    look.say(a_report("U1", at=ahead, received=START))
    look.round()
    tell(view, page)
    assert page.by_uid()["U1"].at_ms == pytest.approx(START.timestamp() * 1000, abs=1)


def test_the_cell_of_a_coarse_track_follows_it() -> None:
    look = Looked()
    look.forms["U1"] = Given("coarse", on_grid=True)

    def at(lat: float) -> Report:
        point = Point(lat=lat, lon=174.0, circular_error=2778.0)
        return a_report("U1", at=look.clock.now(), source=PARTNER, body=Position(point=point))

    look.say(at(-41.0))
    view, page = opened(look)
    first = page.by_uid()["U1"].meta["cell"]
    look.clock.advance(seconds=60)
    look.say(at(-41.0))
    look.round()
    page.said.clear()
    tell(view, page)
    assert "meta" not in page.said
    look.clock.advance(seconds=60)
    look.say(at(-41.5))
    look.round()
    tell(view, page)
    second = page.by_uid()["U1"].meta["cell"]
    assert first[1] < -41.0 < first[3]
    assert second[1] < -41.5 < second[3] < first[1]


def test_a_page_that_missed_rounds_is_told_the_newest_of_each_only() -> None:
    look = Looked()
    reports = [a_report(f"U{n}") for n in range(3)]
    look.say(*reports)
    view, page = opened(look)
    before = page.positions
    for n in range(10):
        look.clock.advance(seconds=1)
        look.say(moved(reports[0], look, n / 1000), moved(reports[1], look, n / 1000))
        look.round()
    tell(view, page)
    assert page.positions == before + 2
    assert page.seq == view.seq


def test_a_page_that_missed_more_than_is_remembered_is_told_everything() -> None:
    look = Looked(StreamSettings(max_gone=1))
    look.say(*(a_report(f"U{n}") for n in range(4)))
    view, page = opened(look)
    seq = page.seq or 0
    look.remove("U0")
    look.round()
    assert view.holds(seq)
    look.remove("U1")
    look.round()
    assert not view.holds(seq)
    assert not view.holds(view.seq + 1)
    tell(view, page)
    assert page.said.count("snapshot") == 2
    assert set(page.by_uid()) == {"U2", "U3"}


def test_a_large_picture_is_taken_in_in_steps_and_told_in_pieces() -> None:
    look = Looked()
    look.say(*(a_report(f"U{n}") for n in range(STEP + 1)))
    view = look.views.open(somebody(), LIVE)
    assert view.step()
    assert not view.is_whole
    assert not view.step()
    assert view.is_whole
    page = Page()
    tell(view, page)
    assert len(page.tracks) == STEP + 1
    assert page.said.count("meta") == STEP // PIECE + 1
    assert page.said.count("TRK1") == STEP // PIECE + 1


def test_what_goes_while_a_large_picture_is_told_is_told_with_the_next() -> None:
    look = Looked()
    look.say(*(a_report(f"U{n}") for n in range(STEP + 1)))
    view = look.views.open(somebody(), LIVE)
    look.round()
    page = Page()
    frames: Iterator[str | bytes] = iter(told_lazily(view))
    page.take(next(frames))  # meta of the first piece
    look.remove("U0")
    look.remove(f"U{STEP}")
    look.say(a_report("NEW", at=look.clock.now()))
    look.round()
    page.take_all(frames)
    page.epoch = view.epoch
    assert "U0" in page.by_uid()
    assert f"U{STEP}" not in page.by_uid()
    tell(view, page)
    assert len(page.tracks) == STEP
    assert "U0" not in page.by_uid()
    assert "NEW" in page.by_uid()


def told_lazily(view: View) -> Iterator[str | bytes]:
    yield from view.since(0)


def test_a_burst_that_was_cut_off_is_told_again_without_harm() -> None:
    look = Looked()
    look.say(a_report("U1"), a_report("U2"))
    view, page = opened(look)
    look.remove("U1")
    look.say(a_report("U3", at=look.clock.now()))
    look.round()
    for frame in told(view, page)[:2]:
        page.take(frame)
    look.clock.advance(seconds=1)
    look.say(moved(a_report("U2"), look, 0.001))
    look.round()
    tell(view, page)
    assert set(page.by_uid()) == {"U2", "U3"}
    assert page.by_uid()["U3"].lat is not None


def test_contexts_do_not_mix() -> None:
    look = Looked()
    exercise = Context.exercise("TASMAN 26")
    look.say(
        a_report("U1"), a_report("U1", context=exercise, body=Position(point=a_point(lat=1.0)))
    )
    live, page = opened(look)
    player = somebody(exercises=frozenset({"TASMAN 26"}))
    view, other = look.views.open(player, exercise), Page()
    look.round()
    tell(view, other)
    assert page.by_uid()["U1"].meta["exercise"] is None
    assert other.by_uid()["U1"].meta["exercise"] == "TASMAN 26"
    assert other.by_uid()["U1"].lat == 10_000_000
    look.remove("U1", context=exercise)
    look.round()
    tell(view, other)
    tell(live, page)
    assert (set(page.by_uid()), set(other.by_uid())) == ({"U1"}, set())


def test_another_claim_of_one_track_does_not_move_it() -> None:
    look = Looked()
    look.say(a_report("U1", source=A_SOURCE))
    view, page = opened(look)
    before = page.positions
    look.clock.advance(seconds=1)
    older = a_report("U1", source=OTHER)
    look.say(older)
    look.round()
    tell(view, page)
    assert page.by_uid()["U1"].meta["claims"] == 2
    assert page.positions in (before, before + 1)
