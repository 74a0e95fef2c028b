"""What a report says. Match on it with `assert_never`, so that a new body cannot be forgotten."""

from dataclasses import dataclass

from accord.core.geometry import Outline, Point
from accord.core.value import value


@value
class Position:
    """Where the object is and how it moves.

    `point` is None where the source gave none that can be on Earth. `course` degrees true, `speed`
    and `climb` m/s.
    """

    point: Point | None
    course: float | None = None
    speed: float | None = None
    climb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Something drawn: a route, a line, an area, a circle. `anchor` is the event's own point."""

    outline: Outline
    anchor: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Words from one person to others. `room` is the conversation's name."""

    text: str
    sender: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A call for help of some category, or (`cancels`) the end of it.

    Stays until it is cancelled.
    """

    category: str
    point: Point | None = None
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The object with this uid is to go from every picture."""

    target: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something this node carries without understanding it."""


Body = Position | Shape | Message | Alarm | Removal | Opaque
