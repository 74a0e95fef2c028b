from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from lxml import etree

from accord.core.body import Message, Position, Shape
from accord.core.context import Context
from accord.core.geometry import Circle
from accord.core.principal import Direction, Principal, Role
from accord.core.report import Address, AddressKind, Report
from accord.live.page_voice import CHANNEL, Drawing, Handed, NotSaid, PageVoice
from accord.wire.cot.translate import report_again, to_xml
from support.builders import a_point
from support.tak import FakeNode

AROHA = Principal(
    name="aroha",
    groups={"Blue": Direction.BOTH, "Red": Direction.IN, "Green": Direction.OUT},
    exercises=frozenset({"TASMAN"}),
)
EXERCISE = Context.exercise("TASMAN")
AREA = Drawing(
    kind="u-d-c-c",
    name="Box 7",
    body=Shape(outline=Circle(centre=a_point(), radius=500.0), anchor=a_point()),
    valid=timedelta(hours=1),
)


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def voice(node: FakeNode) -> PageVoice:
    return PageVoice(node.bridge.intake, node="NZL-JFNZ", write=to_xml, clock=node.clock)


def as_kept(report: Report) -> Report:
    """What a restarted node makes of the bytes that were kept."""
    assert report.original is not None
    again = partial(report_again, source=report.source, received=report.received)
    return again(report.original, groups=report.groups)


def test_words_to_all_are_a_clients_words_in_every_group_that_he_speaks_in(
    voice: PageVoice, node: FakeNode
) -> None:
    said = voice.say(AROHA, "kia ora <koutou>")
    assert said.groups == {"Blue", "Red"}
    assert said.source.channel == CHANNEL
    assert (said.author, said.to) == ("NZL-JFNZ.aroha", frozenset())
    assert said.body == Message(text="kia ora <koutou>", sender="aroha", room="All Chat Rooms")
    assert node.bridge.intake.accepted == 1


def test_words_are_read_again_from_what_was_kept_as_they_were_said(voice: PageVoice) -> None:
    for said in (voice.say(AROHA, "kia ora"), voice.say(AROHA, "kia ora", room="MOA", to="MOA-1")):
        again = as_kept(said)
        assert (again.uid, again.body, again.to) == (said.uid, said.body, said.to)
        assert again.author == said.author


def test_words_to_one_person_are_addressed_to_his_uid(voice: PageVoice) -> None:
    said = voice.say(AROHA, "kia ora", room="MOA", to="MOA-1")
    assert said.to == {Address(AddressKind.UID, "MOA-1")}


def test_what_is_drawn_is_on_the_picture_for_as_long_as_he_says(
    voice: PageVoice, node: FakeNode
) -> None:
    drawn = voice.draw(AROHA, AREA)
    (track,) = node.picture.everything()
    assert track.lead.body == AREA.body
    assert drawn.stale - drawn.start == AREA.valid
    assert drawn.identity.callsign == "Box 7"
    again = as_kept(drawn)
    assert (again.body, again.identity) == (drawn.body, drawn.identity)


def test_what_is_drawn_again_is_the_same_thing_moved(voice: PageVoice, node: FakeNode) -> None:
    drawn = voice.draw(AROHA, AREA)
    node.clock.advance(seconds=1)
    moved = Position(point=a_point(lat=-40.0))
    voice.draw(
        AROHA, Drawing(kind="b-m-p-s-m", name="", body=moved, valid=AREA.valid, uid=drawn.uid)
    )
    (track,) = node.picture.everything()
    assert track.lead.body == moved


def test_what_is_drawn_for_some_groups_is_said_into_those_of_his_only(voice: PageVoice) -> None:
    wanted = frozenset({"Blue", "Green", "Another"})
    drawing = Drawing(kind="u-d-c-c", name="", body=AREA.body, valid=AREA.valid, groups=wanted)
    assert voice.draw(AROHA, drawing).groups == {"Blue"}


def test_what_he_drew_he_can_take_away(voice: PageVoice, node: FakeNode) -> None:
    drawn = voice.draw(AROHA, AREA)
    voice.remove(AROHA, drawn.uid)
    assert node.picture.everything() == []


def test_what_is_shown_to_one_person_bears_ones_name_and_is_on_no_picture(
    voice: PageVoice, node: FakeNode
) -> None:
    here = Position(point=a_point())
    handed = Handed(kind="a-u-S-X", name="WRECK", body=here, valid=timedelta(minutes=5))
    shown = voice.hand(AROHA, handed, to="MOA-1", context=EXERCISE)
    assert node.picture.everything() == []
    again = as_kept(shown)
    assert (again.identity.callsign, again.body) == ("WRECK (aroha)", here)
    assert again.context == EXERCISE
    assert again.to == frozenset()  # whom it was for is the node's to know, and not on the wire
    assert shown.to == {Address(AddressKind.UID, "MOA-1")}


def test_what_is_said_in_an_exercise_is_marked_as_such(voice: PageVoice) -> None:
    said = voice.say(AROHA, "drill", context=EXERCISE)
    assert said.original is not None
    event = etree.fromstring(said.original.data)
    assert event.get("opex") == "e-TASMAN"
    assert as_kept(said).context == EXERCISE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"role": Role.READ_ONLY}, "read-only"),
        ({"groups": {"Blue": Direction.OUT}}, "no group"),
    ],
)
def test_who_may_not_speak_is_told_why_and_nothing_is_let_in(
    voice: PageVoice, node: FakeNode, changes: dict[str, Any], why: str
) -> None:
    who = Principal(**{"name": "b", "groups": {"Blue": Direction.BOTH}, **changes})
    with pytest.raises(NotSaid, match=why):
        voice.say(who, "kia ora")
    assert node.bridge.intake.accepted == 0


def test_speakers_beyond_the_limit_are_forgotten_and_counted(node: FakeNode) -> None:
    voice = PageVoice(node.bridge.intake, node="N", write=to_xml, clock=node.clock, max_speakers=2)
    for name in ("a", "b", "c", "a"):
        voice.say(Principal(name=name, groups={"Blue": Direction.BOTH}), "kia ora")
    assert voice.counts == {"speakers forgotten": 2}


def test_who_gets_other_groups_speaks_in_those(voice: PageVoice) -> None:
    voice.say(AROHA, "kia ora")
    moved = Principal(name="aroha", groups={"Green": Direction.BOTH})
    assert voice.say(moved, "kia ora").groups == {"Green"}
