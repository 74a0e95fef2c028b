"""CotEvent <-> XML, in one pass of expat: no tree is built and no entity is known."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from xml.sax.saxutils import escape

from accord.wire.cot.message import CotEvent, CotPoint, Elements
from accord.wire.errors import FrameTooLarge, Malformed, NotUtf8, TooDeep, Unsupported, WireError

MAX_DEPTH = 64
"""Levels of elements in one event."""

MAX_TAGS = 1 << 14
"""Tags in one event, which bounds the time that it takes; a shape has one for each point."""

MAX_NAMESPACES = 16
MAX_NAMESPACE_TEXT = 1024
"""Different namespaces declared in one event, and the characters of them all together."""

MAX_GROWTH = 8
"""Times its length that an event may grow where each child of `detail` repeats what is above it.

A TakMessage has no `detail` that could declare a namespace for all of them.
"""

MAX_UID = 512
MAX_ATTRIBUTE = 1024
"""Characters in a uid, and in any other attribute of the event itself."""

is_decimal = re.compile(r"[-+0-9.eE ]+").fullmatch
"""Tells whether what `float` reads is a number to others too: no 1_0, nan, or other digits."""

_END = b"</event>"
_SEPARATOR = "\x1f"  # cannot stand in XML 1.0, so it is in no name and no namespace
_UNDEFINED_ENTITY = 11  # XML_ERROR_UNDEFINED_ENTITY in expat.h
_NO_CHARACTER = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no Char of XML 1.0 (production 2)."""
_REFERENCES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[-+]\d\d:\d\d)", re.ASCII
).fullmatch
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Scan(NamedTuple):
    """Every element, as it starts, and how many had ended by then."""

    started: list[tuple[str, dict[str, str]]]
    ended: list[int]


def read(
    frame: bytes,
    max_depth: int = MAX_DEPTH,
    max_tags: int = MAX_TAGS,
    max_growth: int = MAX_GROWTH,
) -> CotEvent:
    """Return the event that is exactly `<event ...>...</event>`. Raises WireError."""
    if not frame.startswith(b"<event"):
        raise _no_event(frame)
    # Receivers cut at the first end tag: one inside CDATA or a comment would forge a message.
    if frame.find(_END) != len(frame) - len(_END):
        raise Malformed("the event does not end at the first </event>")
    attributes, place, elements = _parts(_scan(frame, max_tags, max_growth), max_depth)
    return _event(attributes, _point(place), elements, frame)


def read_again(frame: bytes) -> CotEvent:
    """Return an event that was let in before, whatever depth, tags and growth it was held to."""
    size = len(frame)
    return read(frame, max_depth=size, max_tags=size, max_growth=size)


def children(inner: bytes) -> Elements:
    """Return the elements at the top of the inside of a `detail`. Raises WireError."""
    detail = b"<detail>%b</detail>" % inner
    scan = _scan(detail, max_growth=len(detail))  # what grows is told of the whole event
    depths = (at - ended for at, ended in enumerate(scan.ended))
    return tuple(e for depth, e in zip(depths, scan.started, strict=True) if depth == 1)


def compose(  # noqa: PLR0913  one argument for each thing an event has
    *,
    uid: str,
    type: str,  # noqa: A002  the field's own word
    how: str,
    time: datetime,
    start: datetime,
    stale: datetime,
    point: CotPoint,
    detail: str = "",
    marks: Mapping[str, str | None] | None = None,
) -> bytes:
    """Return the XML of an event: `detail` is the inside of that, `marks` further attributes.

    The empty event is not self-closed, since receivers look for the end tag.
    """
    attributes = {"version": "2.0", "uid": uid, "type": type, "how": how}
    attributes |= {"time": instant(time), "start": instant(start), "stale": instant(stale)}
    attributes |= {name: value for name, value in (marks or {}).items() if value}
    place = {name: repr(value) for name, value in zip(CotPoint._fields, point, strict=True)}
    return (
        f"<event{written(attributes)}>{element('point', place)}<detail>{detail}</detail></event>"
    ).encode()


def element(name: str, attributes: Mapping[str, str], text: str = "") -> str:
    """Return one element as XML text, without children.

    What no XML can carry, a control for one, is left out.
    """
    said = written({each: _carried(value) for each, value in attributes.items()})
    if not text:
        return f"<{name}{said}/>"
    return f"<{name}{said}>{escape(_carried(text), {chr(13): '&#13;'})}</{name}>"


def _carried(text: str) -> str:
    return _NO_CHARACTER.sub("", text)


def instant(time: datetime) -> str:
    """Return the time as CoT writes it: UTC, milliseconds, `Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def parser() -> XMLParserType:
    """Return a parser that ignores the declared encoding and refuses prefixes without namespace.

    `raw` undoes what it does to names.
    """
    made = ParserCreate("utf-8", _SEPARATOR)
    made.namespace_prefixes = True
    return made


def raw(name: str) -> str:
    """Return a name as it was written, from expat's `namespace, local name, prefix`."""
    parts = name.split(_SEPARATOR)
    return f"{parts[2]}:{parts[1]}" if len(parts) == 3 else parts[-1]


def parse(with_parser: XMLParserType, frame: bytes) -> None:
    """Run the parser over the whole frame. Raises WireError."""
    try:
        with_parser.Parse(frame, True)
    except ExpatError as error:
        raise _refusal(error, frame) from None


def _scan(frame: bytes, max_tags: int = MAX_TAGS, max_growth: int = MAX_GROWTH) -> _Scan:
    if len(frame) > max_tags and frame.count(b"<") > max_tags:
        raise FrameTooLarge(f"the event has more than {max_tags} tags")
    if b"xmlns" in frame:
        _limit_namespaces(frame, max_growth)
    scanner = parser()
    started: list[tuple[str, dict[str, str]]] = []
    ended: list[int] = []
    closed: list[str] = []
    add, mark = started.append, ended.append

    def start(name: str, attributes: dict[str, str]) -> None:
        add((name, attributes))
        mark(len(closed))

    scanner.StartElementHandler = start
    # A list's own method: a function of ours here would cost a tenth of the whole event's time.
    scanner.EndElementHandler = closed.append
    parse(scanner, frame)
    if b"xml" in frame:
        started = [(raw(name), attributes) for name, attributes in started]
    return _Scan(started, ended)


class _Namespaces:
    """What an event declares, how long that is above the children of `detail`, and how many."""

    def __init__(self) -> None:
        self.declared: set[tuple[str, str]] = set()
        self.above = self.children = self._depth = 0

    def start(self, _: str, attributes: dict[str, str]) -> None:
        own = {n: uri for n, uri in attributes.items() if n.partition(":")[0] == "xmlns"}
        self.declared.update(own.items())
        if own and self._depth < 2:
            self.above += len(written(own).encode())
        self.children += self._depth == 2
        self._depth += 1

    def end(self, _: str) -> None:
        self._depth -= 1


def _limit_namespaces(frame: bytes, max_growth: int) -> None:
    """Refuse many or long ones: each name in a namespace costs as much time as that is long."""
    found = _Namespaces()
    scanner = ParserCreate("utf-8")  # one that does not take namespaces apart
    scanner.StartElementHandler, scanner.EndElementHandler = found.start, found.end
    parse(scanner, frame)
    count, length = len(found.declared), sum(len(name) + len(uri) for name, uri in found.declared)
    if count > MAX_NAMESPACES or length > MAX_NAMESPACE_TEXT:
        raise FrameTooLarge(f"the event declares {count} namespaces of {length} characters")
    if found.above * found.children > max_growth * len(frame):
        raise FrameTooLarge(
            f"the event declares {found.above} bytes of namespaces above {found.children} elements"
        )


def _refusal(error: ExpatError, frame: bytes) -> WireError:
    if error.code == _UNDEFINED_ENTITY:
        return Unsupported(f"an entity is used at byte {error.offset}")
    try:
        frame.decode()
    except UnicodeDecodeError as undecodable:
        return NotUtf8(f"the event is not UTF-8 at byte {undecodable.start}")
    return Malformed(f"not well-formed XML: {error}")


def _no_event(frame: bytes) -> WireError:
    if b"<!DOCTYPE" in frame:
        return Unsupported("a document type definition stands before the event")
    return Malformed("what came does not start with <event")


def _parts(scan: _Scan, max_depth: int) -> tuple[dict[str, str], dict[str, str], Elements]:
    """Return the attributes of the event and of its point, and the children of its detail."""
    started, ended = scan
    count = len(started)
    # Nearly every event is a point, then a detail without grandchildren: there is no more to see.
    if 2 < count < len(_FLAT) and ended == _FLAT[count] and max_depth > 2:
        (event, attributes), (point, place), (detail, _) = started[:3]
        if (event, point, detail) == _USUAL:
            return attributes, place, tuple(started[3:])
    return _nested_parts(scan, max_depth)


_USUAL = ("event", "point", "detail")
_FLAT = [[0, 0, 1, *range(1, count - 2)] for count in range(64)]
"""For each number of elements: how many have ended when each starts, in a usual event."""


def _nested_parts(scan: _Scan, max_depth: int) -> tuple[dict[str, str], dict[str, str], Elements]:
    points: list[dict[str, str]] = []
    elements: list[tuple[str, dict[str, str]]] = []
    inside = details = 0
    for at, (name, attributes) in enumerate(scan.started):
        depth = at - scan.ended[at]
        if depth >= max_depth:
            raise TooDeep(f"the event has more than {max_depth} levels")
        if depth == 2 and inside:
            elements.append((name, attributes))
        elif depth == 1:
            inside = name == "detail"
            details += inside
            if name == "point":
                points.append(attributes)
    if scan.started[0][0] != "event" or len(points) != 1 or details > 1:
        raise Malformed("an event holds one point and at most one detail")
    return scan.started[0][1], points[0], tuple(elements)


def _event(
    attributes: dict[str, str], point: CotPoint, elements: Elements, frame: bytes
) -> CotEvent:
    get = attributes.get
    try:
        uid, type_ = attributes["uid"], attributes["type"]
        time, start, stale = attributes["time"], attributes["start"], attributes["stale"]
    except KeyError as missing:
        raise Malformed(f"the event has no attribute {missing.args[0]}") from None
    if not 0 < len(uid) <= MAX_UID or not type_:
        raise Malformed(f"the uid or type is empty, or the uid longer than {MAX_UID} characters")
    if len(frame) > MAX_ATTRIBUTE and max(map(len, attributes.values())) > MAX_ATTRIBUTE:
        raise FrameTooLarge(f"an attribute of the event is over {MAX_ATTRIBUTE} characters")
    produced = moment("time", time)
    return CotEvent(
        get("version", "2.0"),
        uid,
        type_,
        get("how", ""),
        produced,
        produced if start == time else moment("start", start),
        moment("stale", stale),
        point,
        elements,
        frame,
        get("access") or None,
        get("qos") or None,
        get("opex") or None,
        get("caveat") or None,
        _releasable_to(attributes) or None,
    )


def _releasable_to(attributes: dict[str, str]) -> str | None:
    """Return what is said under either spelling; two that differ are no release to anyone."""
    given, other = attributes.get("releasableTo"), attributes.get("releaseableTo")
    if given and other and given != other:
        raise Malformed(f"releasableTo {given!r} and releaseableTo {other!r} differ")
    return given or other


def _point(attributes: dict[str, str]) -> CotPoint:
    try:
        lat, lon = attributes["lat"], attributes["lon"]
        hae, ce, le = attributes["hae"], attributes["ce"], attributes["le"]
        point = CotPoint(float(lat), float(lon), float(hae), float(ce), float(le))
    except KeyError as missing:
        raise Malformed(f"the point has no attribute {missing.args[0]}") from None
    except ValueError:
        raise Malformed(f"the point holds something that is no number: {attributes}") from None
    if not (is_decimal(lat + lon + hae + ce + le) and isfinite(sum(point))):
        raise Malformed(f"the point holds something that is no number: {attributes}")
    return point


def moment(name: str, text: str) -> datetime:
    """Return the time, in UTC, that the attribute of this name gives. Raises Malformed."""
    if not _TIME(text):
        raise Malformed(f"{name}={text[:64]!r} is not like 2026-01-02T03:04:05.678Z")
    try:
        time = datetime.fromisoformat(text)
        if text[-1] != "Z":  # with it, it is in UTC already
            time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"{name}={text!r} is no moment of any day") from None
    if time < _EPOCH:
        raise Malformed(f"{name}={text!r} is before 1970, which TakMessage cannot say")
    return time


def written(attributes: Mapping[str, str]) -> str:
    """Return attributes as they stand in a start tag, a space before each."""
    return "".join(f' {name}="{escape(value, _REFERENCES)}"' for name, value in attributes.items())
