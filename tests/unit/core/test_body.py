from dataclasses import replace
from typing import assert_never

import pytest

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import Circle
from support.builders import a_point

EACH: dict[str, Body] = {
    "position": Position(point=a_point()),
    "shape": Shape(outline=Circle(centre=a_point(), radius=100.0)),
    "message": Message(text="hello", sender="U1", room="All Chat Rooms"),
    "alarm": Alarm(category="911"),
    "removal": Removal(target="U1"),
    "opaque": Opaque(),
}


def word(body: Body) -> str:
    match body:
        case Position():
            return "position"
        case Shape():
            return "shape"
        case Message():
            return "message"
        case Alarm():
            return "alarm"
        case Removal():
            return "removal"
        case Opaque():
            return "opaque"
        case _ as never:
            assert_never(never)


def test_every_body_can_be_matched() -> None:
    assert {name: word(body) for name, body in EACH.items()} == {name: name for name in EACH}


@pytest.mark.parametrize("body", EACH.values(), ids=EACH.keys())
def test_a_body_is_a_value(body: Body) -> None:
    assert hash(body) == hash(body)
    assert body == replace(body)


def test_what_is_not_said_is_not_known() -> None:
    still = Position(point=None)
    assert (still.course, still.speed, still.climb) == (None, None, None)
    assert Shape(outline=Circle(centre=a_point(), radius=1.0)).anchor is None


def test_an_alarm_is_a_call_unless_it_cancels() -> None:
    assert not Alarm(category="911").cancels
    assert Alarm(category="911", cancels=True).cancels
