from datetime import timedelta

from accord.core.body import Message
from accord.core.context import LIVE, Context
from accord.live.views import StreamSettings
from accord.picture.picture import PictureSettings
from support.builders import a_report
from support.stream_page import Page
from support.stream_views import Looked, somebody, tell

FIVE_MINUTES = timedelta(minutes=5)


def test_who_hears_the_same_groups_looks_at_the_same_view() -> None:
    views = Looked().views
    one = views.open(somebody(name="kiwi-1"), LIVE)
    assert views.open(somebody(name="kiwi-2"), LIVE) is one
    assert views.open(somebody("Red"), LIVE) is not one
    assert views.open(somebody(), Context.exercise("TASMAN")) is not one
    assert len(views) == 3
    assert one.users == 2


def test_no_two_views_have_one_epoch() -> None:
    views = Looked().views
    epochs = {views.open(somebody(group), LIVE).epoch for group in ("Blue", "Red", "Green")}
    assert len(epochs) == 3
    assert all(epoch.startswith("boot") for epoch in epochs)


def test_a_view_that_nobody_came_back_to_in_time_is_forgotten() -> None:
    look = Looked(StreamSettings(kept_for=FIVE_MINUTES))
    look.views.close(look.views.open(somebody(), LIVE))
    look.clock.advance(minutes=4)
    look.round()
    assert len(look.views) == 1, "he may come back"
    look.clock.advance(minutes=1)
    look.round()
    assert len(look.views) == 0


def test_nothing_is_noted_while_nobody_looks() -> None:
    look = Looked(picture=PictureSettings(max_tracks=1))
    look.say(a_report("U1"))
    look.clock.advance(minutes=6)
    look.round()
    look.say(a_report("U2", at=look.clock.now()))
    assert look.picture.counts["evicted"] == 1
    assert look.views._noted == {}


def test_who_comes_back_in_time_finds_the_view_as_it_was() -> None:
    look = Looked(StreamSettings(kept_for=FIVE_MINUTES))
    look.say(a_report("U1"))
    view, page = look.views.open(somebody(), LIVE), Page()
    tell(view, page)
    look.views.close(view)
    look.clock.advance(minutes=4)
    look.say(a_report("U2", at=look.clock.now()))
    look.round()
    again = look.views.open(somebody(), LIVE)
    assert again is view
    look.clock.advance(minutes=10)
    look.round()
    tell(again, page)
    assert set(page.by_uid()) == {"U1", "U2"}
    assert page.said.count("snapshot") == 1


def test_one_who_stays_keeps_the_view_for_one_who_goes() -> None:
    look = Looked(StreamSettings(kept_for=FIVE_MINUTES))
    view = look.views.open(somebody(), LIVE)
    look.views.open(somebody(), LIVE)
    look.views.close(view)
    look.clock.advance(minutes=10)
    look.round()
    assert look.views.open(somebody(), LIVE) is view


def test_views_that_nobody_looks_at_are_no_more_than_there_may_be_browsers() -> None:
    look = Looked(StreamSettings(max_browsers=2))
    views = look.views
    first, second = views.open(somebody("A"), LIVE), views.open(somebody("B"), LIVE)
    views.close(first)
    look.clock.advance(seconds=1)
    views.close(second)
    views.open(somebody("C"), LIVE)
    assert len(views) == 2
    assert views.open(somebody("B"), LIVE) is second, "the one left longest ago goes"
    views.open(somebody("D"), LIVE)
    assert len(views) == 3, "nobody is looked away from"


def test_contexts_are_those_that_are_there_and_that_he_takes_part_in() -> None:
    look = Looked()
    assert look.views.contexts(somebody()) == ["live"]
    for name in ("TASMAN", "ALPHA", "OTHER"):
        look.say(a_report(context=Context.exercise(name)))
    look.say(a_report())
    player = somebody(exercises=frozenset({"TASMAN", "ALPHA", "LATER"}))
    assert look.views.contexts(player) == ["live", "exercise:ALPHA", "exercise:TASMAN"]
    assert look.views.contexts(somebody()) == ["live"]


def test_words_are_no_track() -> None:
    look = Looked()
    view, page = look.views.open(somebody(), LIVE), Page()
    look.say(a_report("M", body=Message(text="hello", sender="A", room="All")))
    look.round()
    tell(view, page)
    assert page.tracks == {}


def test_a_removal_of_what_was_a_partners_is_no_recall_unless_the_partner_made_it() -> None:
    look = Looked()
    look.say(a_report("U1"))
    view, page = look.views.open(somebody(), LIVE), Page()
    tell(view, page)
    look.remove("U1", named="U1-recalled")
    look.round()
    tell(view, page)
    assert page.whys == ["removed"]
