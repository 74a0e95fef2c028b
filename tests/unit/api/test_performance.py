from dataclasses import replace

import pytest

from accord.api.performance import Watched
from accord.api.replay import NoReplay
from accord.core.context import Context
from accord.core.principal import Role
from accord.picture.picture import PictureSettings
from support.past import blue
from support.released import after, heard
from support.staged import Theatre


async def test_a_page_sees_what_its_groups_heard_and_another_view_of_another_moment() -> None:
    theatre = Theatre(heard("S1", 0), heard("S2", 20))
    show = await theatre.plays(blue(), 5, 60)
    watched, other = Watched(show, blue()), Watched(show, blue("Red"))
    first = watched.view()
    assert watched.view() is first
    await theatre.turns(2)
    assert (len(first), len(other.view())) == (1, 0)
    theatre.stage.steer(show, at=after(30), is_playing=False)
    await theatre.turns(2)
    second = watched.view()
    assert second is not first
    await theatre.turns(2)
    assert len(second) == 2
    watched.close()
    watched.close()


async def test_who_takes_part_and_hears_it_may_know_of_it_and_an_administrator() -> None:
    theatre = Theatre(heard("S1", 0))
    show = await theatre.plays(blue(), 5, 60, groups=frozenset({"Blue"}))
    assert show.may_be_known_to(blue())
    assert not show.may_be_known_to(blue("Red"))
    assert show.may_be_known_to(replace(blue("Red"), role=Role.ADMINISTRATOR))


async def test_how_it_stands_is_said_when_it_is_otherwise() -> None:
    theatre = Theatre(heard("S1", 0))
    show = await theatre.plays(blue(), 5, 60, speed=7)
    watched = Watched(show, blue())
    at = int(after(5).timestamp() * 1000)
    assert watched.news() == f'{{"t":"replay","at":{at},"speed":7,"since":{at},"whole":true}}'
    assert watched.news() == ""
    theatre.stage.steer(show, is_playing=False)
    assert '"speed":0' in watched.news()


async def test_a_picture_that_has_no_room_for_all_is_not_whole() -> None:
    theatre = Theatre(heard("S1", 0), heard("S2", 6), picture=PictureSettings(max_tracks=1))
    show = await theatre.plays(blue(), 5, 60)
    view = Watched(show, blue()).view()
    assert show.shown.whole
    await theatre.turns(2)
    assert (show.shown.whole, len(view)) == (False, 1)


async def test_who_takes_no_part_in_what_is_played_does_not_watch_it() -> None:
    player = blue(exercises=frozenset({"TASMAN"}))
    show = await Theatre().plays(player, 5, 60, context=Context.exercise("TASMAN"))
    with pytest.raises(NoReplay, match="takes no part"):
        Watched(show, blue())
