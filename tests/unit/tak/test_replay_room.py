from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from accord.core.body import Removal
from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Original, Report, Source
from accord.live.player import Player, Wanted, context_named
from accord.picture.picture import PictureSettings
from accord.tak.replay_room import HELD, LEAST_VALID, ReplayRoom
from support.clock import ManualClock
from support.past import blue
from support.released import after, heard
from support.staged import Script, Viewer, room_around
from support.tak import REQUEST, own_position

NOW = after(9000)
RED = frozenset({"Red"})


def a_player(*reports: Report, at: float = 5) -> Player:
    player = Player(
        Script(reports), PictureSettings(), context_named("R"), wanted=Wanted(LIVE)
    )  # fmt: skip
    player.begin(after(at))
    return player


def a_room(
    player: Player, acting: Callable[[Principal], Principal] = lambda principal: principal
) -> ReplayRoom:
    return ReplayRoom("R", LIVE, player, room_around(ManualClock(NOW), acting))


def stale_after(text: str) -> float:
    stale = text.partition('stale="')[2][:19]
    return (datetime.fromisoformat(f"{stale}+00:00") - NOW).total_seconds()


def test_who_enters_is_shown_the_picture_also_what_he_said_himself_then() -> None:
    own = Source(node="NZL-A", channel="tak", speaker="kiwi-1")
    room = a_room(a_player(heard("S1", 0, source=own), replace(heard("S2", 0), groups=RED)))
    viewer = Viewer(room, blue())
    assert {"REPLAY-S1"} == {each for each in viewer.first if each.startswith("REPLAY")}
    assert (viewer.session.principal.only_hears, len(room)) == (True, 1)


def test_what_is_said_there_is_refused_and_nobody_hears_it() -> None:
    room = a_room(a_player(heard("S1", 0)))
    one, two = Viewer(room, blue()), Viewer(room, replace(blue(), name="kiwi-2"))
    one.session.receive(own_position())
    assert (two.heard(), len(room)) == ([], 2)
    assert one.session.speaker.accepted == 0


def test_what_is_shown_holds_as_long_as_it_did_then_at_the_pace() -> None:
    player = a_player(heard("S1", 0, valid=605))
    room = a_room(player)
    viewer = Viewer(room, blue())
    for pace, holds in ((1, 600), (10, 60), (600, LEAST_VALID.total_seconds()),
                        (0, HELD.total_seconds())):  # fmt: skip
        room.pace = pace
        room.tell(room.told_again())
        (sent,) = viewer.heard()
        assert abs(stale_after(sent.text) - holds) <= 1, pace
    player.show((), after(700))
    room.tell(room.told_again())
    assert stale_after(viewer.heard()[0].text) == 0


def test_of_a_track_the_claim_that_leads_is_told_last() -> None:
    other = Source(node="NZL-A", channel="feed:ais", speaker="ais")
    room = a_room(a_player(heard("S1", 0, source=other), heard("S1", 2)))
    assert [each.received for each in room.told_again()] == [after(0), after(2)]


def test_another_picture_begins_with_what_is_gone() -> None:
    room = a_room(a_player(heard("S1", 0), heard("S2", 0)))
    told = room.turn_to(a_player(heard("S2", 0)))
    assert [(each.uid, isinstance(each.body, Removal)) for each in told] == [
        ("S1", True), ("S2", False)
    ]  # fmt: skip


def test_what_cannot_be_written_is_counted_and_left_out() -> None:
    room = a_room(a_player(heard("S1", 0)))
    viewer = Viewer(room, blue())
    (shown,) = room.told_again()
    broken = replace(shown, original=Original(Form.COT_XML, b"<event"))
    room.tell([broken, shown])
    assert (viewer.uids(), room.unwritten) == (["REPLAY-S1"], 1)


def test_a_client_that_speaks_protobuf_is_sent_that() -> None:
    room = a_room(a_player(heard("S1", 0)))
    viewer = Viewer(room, blue())
    viewer.session.receive(REQUEST)
    room.tell(room.told_again())
    assert (viewer.heard()[-1].form, viewer.session.speaks_protobuf) == (Form.COT_PROTOBUF, True)


def test_who_is_not_admitted_any_more_or_otherwise_is_cut_off_and_nobody_else() -> None:
    room = a_room(a_player(heard("S1", 0)))
    known = {name: replace(blue(), name=name, credential=name) for name in ("a", "b", "c")}
    viewers = {name: Viewer(room, each) for name, each in known.items()}
    plain = Viewer(room, blue())

    def bearer(mark: str) -> Principal | str:
        if mark == "b":
            return "revoked"
        return replace(known[mark], groups={}) if mark == "c" else known[mark]

    room.throw_out(bearer)
    assert [name for name, each in viewers.items() if each.peer.is_aborted] == ["b", "c"]
    assert not plain.peer.is_aborted


def test_a_channel_that_a_client_has_off_is_silent_there_until_it_is_on_again() -> None:
    off: set[str] = set()

    def acting(principal: Principal) -> Principal:
        if principal.name != "kiwi-1":  # channels are kept by the name that he has elsewhere
            return principal
        on = {group: way for group, way in principal.groups.items() if group not in off}
        return replace(principal, groups=on)

    both = replace(blue(), groups={"Blue": Direction.BOTH, "Red": Direction.BOTH})
    room = a_room(a_player(heard("S1", 0), replace(heard("S2", 0), groups=RED)), acting)
    off.add("Red")
    viewer, other = Viewer(room, both), Viewer(room, replace(both, name="kiwi-2"))
    assert ("REPLAY-S2" in viewer.first, "REPLAY-S2" in other.first) == (False, True)
    room.tell(room.told_again())
    assert (viewer.uids(), other.uids()) == (["REPLAY-S1"], ["REPLAY-S1", "REPLAY-S2"])
    off.clear()
    room.regroup()
    notice, *shown = viewer.heard()
    assert (notice.type, [each.uid for each in shown]) == ("t-x-g-c", ["REPLAY-S1", "REPLAY-S2"])
    assert other.heard() == []  # he has switched nothing
    off.add("Red")
    room.regroup()
    assert [each.type for each in viewer.heard()][:1] == ["t-x-g-c"]
    room.tell(room.told_again())
    assert (viewer.uids(), other.uids()) == (["REPLAY-S1"], ["REPLAY-S1", "REPLAY-S2"])
    assert not viewer.peer.is_aborted


def test_a_replay_of_an_exercise_lets_in_who_takes_part_alone() -> None:
    drill = Context.exercise("TASMAN")
    room = ReplayRoom("R", drill, a_player(), room_around(ManualClock(NOW)))
    assert room.let_in(blue()) == "takes no part in exercise:TASMAN"
    assert not isinstance(room.let_in(blue(exercises=frozenset({"TASMAN"}))), str)
