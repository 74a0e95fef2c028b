"""A replay that is played: what TAK clients hear of it, when, and when it ends."""

from dataclasses import replace

import pytest

from accord.api import stage as stage_module
from accord.api.replay import NoReplay
from accord.api.stage import AGAIN, LONGEST_TURN
from accord.core.body import Alarm
from accord.core.context import Context
from accord.core.report import Report
from accord.live.asked import GivenUp
from accord.storage.database import StorageFault
from support.past import blue, ends
from support.released import after, heard
from support.staged import PATIENCE, Theatre, Viewer

SHIP = [heard("S1", at, at=(-17.0 - at / 100, 178.0)) for at in (0, 10, 20, 30)]


def alarm(uid: str, seconds: float = 0, *, cancels: bool = False) -> Report:
    body = Alarm(category="911", cancels=cancels)
    kind = "b-a-o-can" if cancels else "b-a-o-tbl"
    return replace(heard(uid, seconds, kind=kind), body=body)


async def test_clients_are_sent_what_there_was_and_then_what_came_at_the_speed() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 5, 30, speed=10)
    viewer = Viewer(theatre.room, blue())
    await theatre.turns(1)
    assert (show.at, viewer.uids()) == (after(15), ["REPLAY-S1"])
    await theatre.turns(1)
    assert (show.at, show.is_playing) == (after(25), True)
    await theatre.turns(1)
    assert (show.at, show.is_playing, show.pace) == (after(30), False, 0)
    assert [each.text.partition('lat="')[2][:5] for each in viewer.heard()][:2] == [
        "-17.2",
        "-17.3",
    ]


async def test_one_is_played_at_a_time_and_another_when_it_is_over() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 5, 30)
    with pytest.raises(NoReplay, match="kiwi-1 plays one already"):
        await theatre.plays(blue(), 5, 30)
    viewer = Viewer(theatre.room, blue())
    theatre.stage.end(show, "enough")
    theatre.stage.end(show, "twice")
    assert (viewer.peer.is_aborted, show.ended, theatre.stage.on) == (True, "enough", None)
    await theatre.turns(1)
    assert (await theatre.plays(blue(), 5, 30)).name != show.name


async def test_what_cannot_be_read_is_no_replay_and_keeps_no_other_from_beginning() -> None:
    theatre = Theatre(*SHIP)
    theatre.fails = StorageFault("no disk")
    with pytest.raises(NoReplay, match="no disk"):
        await theatre.plays(blue(), 5, 30)
    theatre.fails = None
    assert (await theatre.plays(blue(), 5, 30)).at == after(5)


async def test_who_takes_no_part_in_an_exercise_begins_no_replay_of_it() -> None:
    with pytest.raises(NoReplay, match="takes no part in exercise:TASMAN"):
        await Theatre().plays(blue(), 5, 30, context=Context.exercise("TASMAN"))


async def test_another_moment_takes_from_the_map_what_was_not_there_then() -> None:
    theatre = Theatre(heard("S1", 0), heard("S2", 20))
    show = await theatre.plays(blue(), 0, 30)
    viewer = Viewer(theatre.room, blue())
    theatre.stage.steer(show, at=after(25), is_playing=False)
    await theatre.turns(1)
    assert viewer.uids() == ["REPLAY-S1", "REPLAY-S2"]
    theatre.stage.steer(show, at=after(-100))
    assert show.at == after(0)
    await theatre.turns(1)
    gone, stays = viewer.heard()
    assert (gone.type, gone.text.count("REPLAY-S2"), stays.uid) == ("t-x-d-d", 2, "REPLAY-S1")
    theatre.stage.steer(show, at=after(1000))
    assert show.at == after(30)


async def test_what_stands_still_is_told_again_before_clients_forget_it() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 5, 30)
    viewer = Viewer(theatre.room, blue())
    theatre.stage.steer(show, is_playing=False)
    for heard_then in (["REPLAY-S1"], [], ["REPLAY-S1"]):
        await theatre.turns(AGAIN / 2)
        assert viewer.uids() == heard_then
    assert show.at == after(5)
    theatre.stage.steer(show, is_playing=True, speed=2)
    assert show.pace == 2
    await theatre.turns(1)
    assert len(viewer.uids()) == 1  # told again: it holds for another time now
    await theatre.turns(1)
    assert viewer.uids() == []


async def test_played_on_from_its_end_it_begins_anew() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 5, 6, speed=10)
    await theatre.turns(1)
    assert (show.at, show.is_playing) == (after(6), False)
    theatre.stage.steer(show, is_playing=True)
    assert show.at == after(5)


async def test_however_long_it_was_held_up_a_turn_is_no_longer_than_that() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 0, 3000)
    await theatre.turns(60)
    assert show.at == after(LONGEST_TURN)


async def test_it_ends_when_whoever_began_it_has_left_it_alone() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 0, 3000)
    await theatre.turns(PATIENCE.total_seconds() - 1)
    theatre.stage.touch("somebody else")
    theatre.stage.touch("kiwi-1")
    await theatre.turns(PATIENCE.total_seconds() - 1)
    assert theatre.stage.on is show
    await theatre.turns(1)
    assert show.ended == "kiwi-1 left it alone"


async def test_a_journal_that_cannot_be_read_any_more_ends_it_and_nothing_else() -> None:
    for fault, why in ((StorageFault("gone"), "the journal cannot be read: gone"),
                       (ZeroDivisionError("x"), "it broke off: ZeroDivisionError")):  # fmt: skip
        theatre = Theatre(*SHIP)
        show = await theatre.plays(blue(), 0, 3000)
        viewer = Viewer(theatre.room, blue())
        changes = theatre.changes
        theatre.scripts[0].fails = fault
        await theatre.turns(1)
        assert (show.ended, theatre.stage.on) == (why, None)
        assert (viewer.peer.is_aborted, theatre.changes) == (True, changes + 1)
        is_ours = isinstance(fault, ZeroDivisionError)
        assert theatre.stage.counts == ({"a replay broke off": 1} if is_ours else {})


async def test_what_nobody_waits_for_any_more_ends_nothing() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 0, 3000)
    theatre.scripts[0].fails = GivenUp()
    await theatre.turns(1)
    assert show.ended == ""


async def test_a_live_call_for_help_is_heard_as_it_is_also_by_who_comes_later() -> None:
    theatre = Theatre(*SHIP)
    theatre.says(alarm("BEFORE"))
    await theatre.plays(blue(), 0, 3000)
    viewer = Viewer(theatre.room, blue())
    theatre.says(heard("LIVE-SHIP", 0))
    theatre.says(alarm("HELP"))
    (called,) = viewer.heard()
    assert (called.uid, "__replay" in called.text) == ("HELP", False)
    assert {t.id for t in theatre.stage.alarms()} == {"BEFORE", "HELP"}
    theatre.says(alarm("HELP", 1, cancels=True))
    assert [each.type for each in viewer.heard()] == ["b-a-o-can"]
    assert {t.id for t in theatre.stage.alarms()} == {"BEFORE"}
    theatre.says(ends("BEFORE", 2))
    assert not [*theatre.stage.alarms()]


async def test_so_many_live_calls_are_remembered_and_more_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage_module, "MOST_ALARMS", 1)
    theatre = Theatre(*SHIP)
    await theatre.plays(blue(), 0, 3000)
    for uid in ("H1", "H2"):
        theatre.says(alarm(uid))
    assert len([*theatre.stage.alarms()]) == 1
    assert theatre.stage.counts == {"live alarms that replays have no room for": 1}


async def test_a_call_for_help_of_the_past_is_on_no_live_picture() -> None:
    theatre = Theatre(alarm("HELP"))
    await theatre.plays(blue(), 5, 30)
    assert len(theatre.live) == 0
    assert not [*theatre.stage.alarms()]


async def test_a_node_that_stops_ends_it() -> None:
    theatre = Theatre(*SHIP)
    show = await theatre.plays(blue(), 0, 3000)
    theatre.stage.close()
    assert show.ended == "the node stops"
    Theatre().stage.close()
