"""Questions and holds as PostgreSQL has them, with PostGIS for their places: pure.

What exactly belongs to a box is said as for the pieces; PostGIS says before that what may, from its
index of a day that is over.
"""

from collections.abc import Sequence

from accord.core.principal import Group
from accord.storage.history.engine import COLUMNS, Order
from accord.storage.history.pieces import DAY, Piece
from accord.storage.history.question import (
    Condition,
    Hold,
    Question,
    Stretch,
    halves_of,
    inside,
    micros,
)

PLACE = (
    "CASE WHEN west IS NULL THEN st_makepoint(lon, lat) "
    "WHEN west <= east THEN st_makeenvelope(west, south, east, north) "
    "ELSE st_makeenvelope(-180, south, 180, north) END"
)
"""Where a position is, for the index of places: its point, or its cell. One over 180 degrees counts
as being all around, which the exact condition puts right."""

_JOINED = "label l JOIN position p ON p.day = l.day AND p.label = l.id"
_COURSE = "context, uid, node, channel, speaker"
_READ = ", ".join("coalesce(doubts, '{}')" if each == "doubts" else each for each in COLUMNS)


class Values:
    """The values of a statement, in order of their marks."""

    def __init__(self) -> None:
        self.all: list[object] = []

    def mark(self, value: object) -> str:
        """Return what stands for a value."""
        self.all.append(value)
        return f"${len(self.all)}"

    def filled(self, condition: Condition) -> str:
        """Return a condition with the marks of these values."""
        text, values = condition
        begin, *rest = text.split("?")
        return begin + "".join(
            self.mark(value) + each for value, each in zip(values, rest, strict=True)
        )


def asked(
    question: Question, keeper: str, values: Values, *, order: Order, most: int | None, newest: bool
) -> str:
    """Return what asks for the rows of a node that answer a question."""
    where = " AND ".join(_parts(question, keeper, values))
    limit = "" if most is None else f" LIMIT {most:d}"
    if not newest:
        return f"SELECT {_READ} FROM {_JOINED} WHERE {where} {order}{limit}"  # noqa: S608  values have marks
    first = (
        f"SELECT DISTINCT ON ({_COURSE}) {_NAMED} FROM {_JOINED} WHERE {where} "  # noqa: S608  as above
        f"ORDER BY {_COURSE}, received DESC, era DESC, sequence DESC"
    )
    return f"SELECT * FROM ({first}) newest {order}{limit}"  # noqa: S608  as above


_NAMED = _READ.replace("coalesce(doubts, '{}')", "coalesce(doubts, '{}') AS doubts")


def _parts(question: Question, keeper: str, values: Values) -> list[str]:
    stretch = question.stretch
    parts = [
        f"l.keeper = {values.mark(keeper)}",
        f"l.context = {values.mark(str(question.context))}",
    ]
    wanted = (question.hears, question.groups or None)
    parts += [_of_groups(each, values) for each in wanted if each is not None]
    first, last = (int(micros(at) // (DAY * 1_000_000)) for at in (stretch.since, stretch.until))
    for name in ("l", "p"):
        parts.append(f"{name}.day BETWEEN {values.mark(first)} AND {values.mark(last)}")
    parts += _of_stretch(stretch, values)
    if stretch.area is not None:
        parts.append(_near(stretch, values))
    if question.channel:
        parts.append(f"l.channel = {values.mark(question.channel)}")
    if question.after is not None:
        era, sequence = (values.mark(each) for each in question.after)
        parts.append(f"(era > {era} OR era = {era} AND sequence > {sequence})")
    return parts


def _of_groups(groups: frozenset[Group], values: Values) -> str:
    return f"l.groups && {values.mark(sorted(groups))}::text[]"


def _of_stretch(stretch: Stretch, values: Values) -> list[str]:
    """Return exactly what belongs to a stretch, as conditions of which all are met."""
    since, until = (values.mark(micros(at) / 1e6) for at in (stretch.since, stretch.until))
    parts = [f"received BETWEEN {since}::timestamptz AND {until}::timestamptz"]
    if stretch.uids:
        parts.append(f"uid = ANY({values.mark(sorted(stretch.uids))}::text[])")
    if stretch.area is not None:
        places = [values.filled(each) for each in inside(stretch.area)]
        parts.append(f"({' OR '.join(f'({each})' for each in places)})")
    return parts


def _near(stretch: Stretch, values: Values) -> str:
    area = stretch.area
    assert area is not None  # noqa: S101  asked before
    boxes = [
        f"{PLACE} && st_makeenvelope({', '.join(map(values.mark, ends))})"
        for ends in ((west, area.south, east, area.north) for west, east in halves_of(area))
    ]
    return f"({' OR '.join(boxes)})"


def held(holds: Sequence[Hold], values: Values) -> str:
    """Return which rows one hold or another keeps."""
    each = [" AND ".join(_of_stretch(hold.stretch, values)) for hold in holds]
    return " OR ".join(f"({text})" for text in each) if each else "false"


def of_time(keeper: str, piece: Piece, values: Values) -> str:
    """Return which rows are of one channel and hour, or day, of a node."""
    day = values.mark(piece.slot // DAY)
    since, until = (values.mark(float(each)) for each in (piece.first, piece.last))
    return (
        f"l.day = {day} AND p.day = {day} AND p.label = l.id AND l.keeper = {values.mark(keeper)} "
        f"AND l.channel = {values.mark(piece.channel)} AND received >= {since}::timestamptz "
        f"AND received < {until}::timestamptz"
    )
