"""The text of watch rules: read into frozen values; what is wrong is said with its line."""

import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from accord.core.context import LIVE, Context
from accord.core.errors import UsageError
from accord.core.geometry import Box, Circle, Point
from accord.core.quantity import DISTANCES, DURATIONS, read_distance, read_duration
from accord.desks.watch.alert import Escalation, Priority
from accord.desks.watch.rules.area import Area, Polygon

KNOT = 1852 / 3600

FASTEST = 20_000.0
"""Knots; nothing that is watched goes faster, so that a greater number would silence its rule."""

MAX_RULES = 200
MAX_TEXT = 1 << 20
MAX_NAME = 60
MAX_AREAS = 1_000


@dataclass(frozen=True, slots=True)
class Inside:
    """It is in the area."""


@dataclass(frozen=True, slots=True)
class Enters:
    """It is in the area, and was seen outside before."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """It is outside of the area, and was seen in it before."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """For so long there has been none in the area."""

    during: timedelta


@dataclass(frozen=True, slots=True)
class Dark:
    """It has said nothing for so long, where others are still heard by the same source."""

    during: timedelta


@dataclass(frozen=True, slots=True)
class Loiters:
    """It has stayed within so many metres of one place for so long."""

    during: timedelta
    within: float


@dataclass(frozen=True, slots=True)
class Meets:
    """It has been within so many metres of another for so long."""

    within: float
    during: timedelta


@dataclass(frozen=True, slots=True)
class Speed:
    """It goes faster than so many metres a second, or else slower."""

    than: float
    is_faster: bool


@dataclass(frozen=True, slots=True)
class Closest:
    """By course and speed it comes within so many metres of another in so long."""

    within: float
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class Calls:
    """It calls for help: a beacon, a squawk, a button."""


@dataclass(frozen=True, slots=True)
class SilentFeed:
    """A feed has brought nothing for so long."""

    name: str
    during: timedelta


@dataclass(frozen=True, slots=True)
class SilentPartner:
    """A partner has given nothing for so long."""

    name: str
    during: timedelta


@dataclass(frozen=True, slots=True)
class Turns:
    """Its course has changed by more than so many degrees within so long."""

    by: float
    during: timedelta


@dataclass(frozen=True, slots=True)
class SpeedChanges:
    """Its speed has changed by more than so many metres a second within so long."""

    by: float
    during: timedelta


@dataclass(frozen=True, slots=True)
class IdentityChanges:
    """It has said another name, callsign or number than before, not long ago."""


When = (
    Inside | Enters | Leaves | Nobody | Dark | Loiters | Meets | Speed | Closest | Calls
    | SilentFeed | SilentPartner | Turns | SpeedChanges | IdentityChanges
)  # fmt: skip

_WANT_AREA = (Inside, Enters, Leaves, Nobody)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `kinds` are patterns of `Kind.is_a`; `say` is what the alert says besides.

    `hold` is for how long it is to have been over until the alert ends.
    """

    name: str
    when: When
    areas: tuple[Area, ...] = ()
    kinds: tuple[str, ...] = ("a",)
    priority: Priority = Priority.WARNING
    say: str = ""
    context: Context = LIVE
    hold: timedelta = timedelta(0)
    escalation: Escalation | None = None


class _Words:
    """The words of one line, taken one after the other. ValueError where one is missing."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def __bool__(self) -> bool:
        return bool(self._words)

    def next(self, what: str) -> str:
        """Return the next word."""
        if not self._words:
            raise ValueError(f"{what} is missing")
        return self._words.pop(0)

    def expect(self, *words: str) -> None:
        """Take these words, and no others."""
        for word in words:
            said = self.next(repr(word))
            if said != word:
                raise ValueError(f"say {word!r} where {said!r} is")

    def number(self, what: str) -> float:
        """Take a number."""
        said = self.next(what)
        try:
            number = float(said)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(f"{what} is a number, and {said!r} is none")
        return number

    def speed(self, what: str, *, above: float = -math.inf) -> float:
        """Take a speed in metres a second, such as `20 kn`; not below 0, nor faster than is."""
        number = self.number("a speed")
        self.expect("kn")
        if not (0.0 <= number <= FASTEST and number > above):
            least = "at least 0" if above < 0.0 else "more than 0"
            raise ValueError(f"{what} is {least} and at most {FASTEST:,.0f} kn")
        return number * KNOT

    def point(self) -> Point:
        """Take a latitude and a longitude."""
        return Point(lat=self.number("a latitude"), lon=self.number("a longitude"))

    def duration(self) -> timedelta:
        """Take a duration, such as `20 min`."""
        said = self._quantity("a duration", DURATIONS)
        if said.replace(".", "", 1).isdigit():
            units = ", ".join(DURATIONS)
            raise ValueError(f"{said} of what? Give one of {units} behind it, such as {said} min")
        return read_duration(said)

    def while_lasting(self, what: str) -> timedelta:
        """Take the duration for which something is so: for none, all of it always would be."""
        during = self.duration()
        if not during:
            raise ValueError(f"{what} for more than 0 s")
        return during

    def while_changing(self) -> timedelta:
        """Take the duration within which something changes: nothing does within none."""
        during = self.duration()
        if not during:
            raise ValueError("what changes does so in more than 0 s")
        return during

    def distance(self) -> float:
        """Take a distance in metres, such as `3 NM`; nothing is within none."""
        distance = read_distance(self._quantity("a distance", DISTANCES))
        if not distance:
            raise ValueError("a distance is more than 0")
        return distance

    def _quantity(self, what: str, units: Sequence[str] | dict[str, float]) -> str:
        said = self.next(what)
        if self._words and self._words[0] in units:
            return f"{said} {self._words.pop(0)}"
        return said

    def rest(self) -> list[str]:
        """Take all that is left."""
        rest, self._words = self._words, []
        return rest


def _nobody(words: _Words) -> When:
    words.expect("for")
    return Nobody(words.duration())


def _dark(words: _Words) -> When:
    words.expect("for")
    return Dark(words.while_lasting("what is dark is so"))


def _loiters(words: _Words) -> When:
    words.expect("for")
    during = words.while_lasting("what loiters does so")
    words.expect("within")
    return Loiters(during, words.distance())


def _meets(words: _Words) -> When:
    words.expect("within")
    within = words.distance()
    words.expect("for")
    return Meets(within, words.duration())


def _closest(words: _Words) -> When:
    words.expect("within")
    within = words.distance()
    words.expect("in")
    return Closest(within, words.duration())


def _speed(words: _Words, *, is_faster: bool) -> When:
    words.expect("than")
    if is_faster:
        return Speed(words.speed("what is gone faster than"), is_faster)
    return Speed(words.speed("what is gone slower than", above=0.0), is_faster)


def _feed(words: _Words) -> When:
    name = words.next("the feed's name")
    words.expect("silent", "for")
    return SilentFeed(name, words.while_lasting("a silent feed is so"))


def _partner(words: _Words) -> When:
    name = words.next("the partner's node")
    words.expect("silent", "for")
    return SilentPartner(name, words.while_lasting("a silent partner is so"))


def _turns(words: _Words) -> When:
    words.expect("by", "more", "than")
    degrees = words.number("an angle")
    words.expect("deg", "in")
    if not 0.0 < degrees < 180.0:
        raise ValueError("a turn is of more than 0 and less than 180 degrees")
    return Turns(degrees, words.while_changing())


def _changes(words: _Words) -> When:
    what = words.next("'speed' or 'identity'")
    if what == "identity":
        return IdentityChanges()
    if what != "speed":
        raise ValueError(f"say 'speed' or 'identity' where {what!r} is")
    words.expect("by", "more", "than")
    by = words.speed("a change of speed", above=0.0)
    words.expect("in")
    return SpeedChanges(by, words.while_changing())


_CONDITIONS: dict[str, Callable[[_Words], When]] = {
    "inside": lambda _: Inside(),
    "enters": lambda _: Enters(),
    "leaves": lambda _: Leaves(),
    "nobody": _nobody,
    "dark": _dark,
    "loiters": _loiters,
    "meets": _meets,
    "faster": lambda words: _speed(words, is_faster=True),
    "slower": lambda words: _speed(words, is_faster=False),
    "closest": _closest,
    "calls": lambda _: Calls(),
    "feed": _feed,
    "partner": _partner,
    "turns": _turns,
    "changes": _changes,
}

_THEN_AREA = frozenset({"inside", "enters", "leaves"})
"""Conditions behind which the area stands without a further word."""


def _area(words: _Words) -> Area:
    kind = words.next("an area")
    if kind == "circle":
        centre = words.point()
        return Circle(centre=centre, radius=words.distance())
    if kind == "box":
        low, high = words.point(), words.point()
        if low.lat >= high.lat or low.lon == high.lon:
            raise ValueError("a box goes from its south-western corner to its north-eastern one")
        return Box(south=low.lat, west=low.lon, north=high.lat, east=high.lon)
    if kind == "polygon":
        corners: list[Point] = []
        while words:
            corners.append(words.point())
        return Polygon(tuple(corners))
    raise ValueError(f"{kind!r} is no area: circle, box or polygon")


def _when(rule: Rule, words: _Words) -> Rule:
    kind = words.next("a condition")
    read = _CONDITIONS.get(kind)
    if read is None:
        raise ValueError(f"{kind!r} is no condition: {', '.join(_CONDITIONS)}")
    when, area = read(words), None
    if kind in _THEN_AREA:
        area = _area(words)
    elif words:
        words.expect("inside")
        area = _area(words)
    if area is None and isinstance(when, _WANT_AREA):
        raise ValueError(f"{kind!r} needs an area")
    if area is not None and isinstance(when, SilentFeed | SilentPartner):
        raise ValueError(f"a {kind} is in no area")
    return replace(rule, when=when, areas=() if area is None else (area,))


def _or(rule: Rule, words: _Words) -> Rule:
    if not rule.areas:
        raise ValueError("the line `when` before has no area")
    if len(rule.areas) >= MAX_AREAS:
        raise ValueError(f"a rule has at most {MAX_AREAS} areas")
    return replace(rule, areas=(*rule.areas, _area(words)))


def _hold(rule: Rule, words: _Words) -> Rule:
    return replace(rule, hold=words.duration())


def _escalate(rule: Rule, words: _Words) -> Rule:
    words.expect("after")
    after, to, priority = words.duration(), "", None
    while words:
        what = words.next("'to' or 'offer'")
        if what == "to" and priority is None:
            said = words.next("a priority")
            if said not in list(Priority):
                raise ValueError(f"{said!r} is no priority: {', '.join(Priority)}")
            priority = Priority(said)
        elif what == "offer" and not to:
            to = words.next("a name")
        else:
            raise ValueError(f"say `to PRIORITY` or `offer NAME` once each where {what!r} is")
    if priority is None and not to:
        raise ValueError("say `to PRIORITY` or `offer NAME`")
    return replace(rule, escalation=Escalation(after=after, priority=priority, offer_to=to))


def _of(rule: Rule, words: _Words) -> Rule:
    kinds = tuple(words.rest())
    if not kinds or not all(all(each.split("-")) for each in kinds):
        raise ValueError("give types such as a-.-S, apart by blanks")
    return replace(rule, kinds=kinds)


def _priority(rule: Rule, words: _Words) -> Rule:
    said = words.next("a priority")
    if said not in list(Priority):
        raise ValueError(f"{said!r} is no priority: {', '.join(Priority)}")
    return replace(rule, priority=Priority(said))


def _say(rule: Rule, words: _Words) -> Rule:
    return replace(rule, say=" ".join(words.rest()))


def _in(rule: Rule, words: _Words) -> Rule:
    return replace(rule, context=Context.parse(" ".join(words.rest())))


_LINES: dict[str, Callable[[Rule, _Words], Rule]] = {
    "of": _of, "when": _when, "or": _or, "priority": _priority, "say": _say, "in": _in,
    "hold": _hold, "escalate": _escalate,
}  # fmt: skip

_UNSAID = Calls()
"""Stands for a condition until one is read."""


def read(text: str, *, file: str) -> tuple[Rule, ...]:
    """Return the rules of a text. UsageError says what is wrong, and in which line."""
    if len(text) > MAX_TEXT:
        raise UsageError(f"{file}: longer than {MAX_TEXT} letters")
    rules: list[Rule] = []
    for number, block in _blocks(text, file):
        rule = _rule(block, file)
        if rule.name in {each.name for each in rules}:
            raise UsageError(f"{file} line {number}: there are two rules {rule.name}")
        rules.append(rule)
    if len(rules) > MAX_RULES:
        raise UsageError(f"{file}: more than {MAX_RULES} rules")
    return tuple(rules)


_Line = tuple[int, str]


def _blocks(text: str, file: str) -> Iterator[tuple[int, list[_Line]]]:
    block: list[_Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        if said.split()[0] == "rule":
            if block:
                yield block[0][0], block
            block = []
        elif not block:
            raise UsageError(f"{file} line {number}: begin with `rule NAME`")
        block.append((number, said))
    if block:
        yield block[0][0], block


def _rule(block: Sequence[_Line], file: str) -> Rule:
    name = block[0][1].partition(" ")[2].strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UsageError(f"{file} line {block[0][0]}: a rule has a name of {MAX_NAME} letters")
    rule = Rule(name=name, when=_UNSAID)
    given: dict[str, int] = {}
    for number, line in block[1:]:
        words = _Words(line.split())
        key = words.next("a word")
        try:
            rule = _line(rule, key, words, given)
        except ValueError as error:
            raise UsageError(f"{file} line {number}: {error}") from None
        given[key] = number
    if "when" not in given:
        raise UsageError(f"{file} line {block[0][0]}: rule {name} has no line `when`")
    rises_to = None if rule.escalation is None else rule.escalation.priority
    if rises_to is not None and rises_to.rank >= rule.priority.rank:
        raise UsageError(
            f"{file} line {given['escalate']}: {rises_to} is not more urgent than the rule's "
            f"{rule.priority}: escalate to what is, or only `offer NAME`"
        )
    return rule


def _line(rule: Rule, key: str, words: _Words, given: Container[str]) -> Rule:
    if key not in _LINES:
        raise ValueError(f"{key!r} begins no line: {', '.join(_LINES)}")
    if key in given and key != "or":
        raise ValueError(f"there is a line {key!r} already")
    rule = _LINES[key](rule, words)
    if words:
        raise ValueError(f"what is {' '.join(words.rest())!r}?")
    return rule
