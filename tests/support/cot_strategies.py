# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
"""Hypothesis strategies for CoT: events as lxml writes them, and hostile relatives of them."""

from collections.abc import Callable
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st
from lxml import etree

from support.cot import STALE, TIME

NAMES = st.sampled_from(
    (
        *("contact", "track", "status", "__group", "takv", "precisionlocation", "usericon"),
        *("remarks", "__video", "sensorx", "_flow-tags_", "a", "b", "mārama"),
        *("{urn:x}a", "{urn:y}b", "{http://www.opengis.net/kml/2.2}Style"),
    )
)
TEXT = st.text("ab1 <>&\"'\t\n\r]-é東\U0001f680", max_size=6)
TYPED = st.sampled_from(
    [
        {"callsign": "KIWI1", "endpoint": "*:-1:stcp"},
        {"callsign": "KIWI1"},
        {"callsign": "KIWI1", "phone": "1"},
        {"name": "Cyan", "role": "HQ"},
        {"geopointsrc": "GPS", "altsrc": "GPS"},
        {"battery": "80"},
        {"battery": "80", "readiness": "true"},
        {"device": "d", "platform": "p", "os": "1", "version": "2"},
        {"speed": "1.5", "course": "90.25"},
        {"speed": "", "course": "x"},
    ]
)
ATTRIBUTES = st.one_of(
    TYPED, st.dictionaries(st.sampled_from(["id", "x", "url", "{urn:x}y"]), TEXT, max_size=3)
)


def _element(
    children: st.SearchStrategy[list[etree._Element]],
) -> st.SearchStrategy[etree._Element]:
    return st.builds(_built, NAMES, ATTRIBUTES, TEXT, children, TEXT)


def _built(
    name: str, attributes: dict[str, str], text: str, children: list[etree._Element], tail: str
) -> etree._Element:
    element = etree.Element(name, attributes)
    element.text, element.tail = text or None, tail or None
    element.extend(children)
    return element


LEAVES = _element(st.just([]))
ELEMENTS = _element(st.lists(_element(st.lists(LEAVES, max_size=2)), max_size=2))


@st.composite
def details(draw: st.DrawFn) -> str:
    """The inside of a detail, with elements known and unknown, text, comments and namespaces."""
    detail = _built(
        "detail", {}, draw(TEXT), draw(st.lists(st.one_of(LEAVES, ELEMENTS), max_size=4)), ""
    )
    for child in list(detail):
        if draw(st.booleans()):
            child.addprevious(etree.Comment("a comment"))
    return etree.tostring(detail, encoding="unicode").removeprefix("<detail")


MARKS = {
    "access": st.sampled_from(["", "Undefined", "RESTRICTED"]),
    "qos": st.sampled_from(["", "1-r-c"]),
    "opex": st.sampled_from(["", "o-", "e-TASMAN", "s-TASMAN"]),
    "caveat": st.one_of(st.just(""), TEXT),
    "releasableTo": st.one_of(st.just(""), TEXT),
}
DEGREES = st.floats(-180, 180).map(repr)


class Sent(NamedTuple):
    """One event, and the attributes of it and of its point that were written."""

    frame: bytes
    attributes: dict[str, str]
    point: dict[str, str]


@st.composite
def events(draw: st.DrawFn, detail: st.SearchStrategy[str] | None = None) -> Sent:
    """Events in any order of attributes, in either kind of quotes."""
    attributes = {
        "version": "2.0",
        "uid": draw(TEXT.filter(bool)),
        "type": draw(st.sampled_from(["a-f-G-U-C", "b-m-p-s-m", "u-d-f", "a-h-S;x"])),
        "how": draw(st.sampled_from(["m-g", "h-e", ""])),
        "time": TIME,
        "start": TIME,
        "stale": STALE,
    }
    attributes |= {name: draw(values) for name, values in MARKS.items()}
    point = {"lat": draw(DEGREES), "lon": draw(DEGREES)}
    point |= {
        name: draw(st.sampled_from(["9999999.0", "5", "-1.5"])) for name in ("hae", "ce", "le")
    }
    write = draw(st.sampled_from([quoteattr, _referenced]))
    inside = draw(details() if detail is None else detail)
    parts = [f"<point{_written(draw, point, write)}/>", f"<detail{inside}"]
    body = "".join(draw(st.permutations(parts)))
    frame = f"<event{_written(draw, attributes, write)}>{body}</event>"
    return Sent(frame.encode(), attributes, point)


def _written(draw: st.DrawFn, attributes: dict[str, str], write: Callable[[str], str]) -> str:
    order = draw(st.permutations(list(attributes.items())))
    return "".join(f" {name}={write(value)}" for name, value in order if value)


def _referenced(text: str) -> str:
    return "'" + "".join(f"&#x{ord(character):X};" for character in text) + "'"


PIECES = st.sampled_from(
    (
        *(b"<event", b"<event ", b"</event>", b"<detail>", b"</detail>", b"/>", b">", b"<", b"'"),
        *(b"<?xml", b"?>", b"<auth", b"</auth>", b"<!DOCTYPE", b"<!--", b"-->", b"<![CDATA["),
        *(b"]]>", b"&x;", b"&#0;", b"\xbf", b"\xbf\x01\xbf", b"\xff" * 10, b"\0", b"\n", b'"'),
        *(b"\xef\xbb\xbf", b"xmlns:a='u'", b"<a:b/>", b"<marti>", b"uid=''", b"x" * 100),
    )
)


@st.composite
def spoilt(draw: st.DrawFn, sound: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of something sound, with pieces of them lost, doubled or put in between."""
    data = draw(sound)
    for _ in range(draw(st.integers(1, 3))):
        start, stop = sorted(draw(st.tuples(*(st.integers(0, len(data)),) * 2)))
        between = draw(
            st.one_of(st.just(b""), st.just(data[start:stop]), PIECES, st.binary(max_size=8))
        )
        data = data[: draw(st.sampled_from([start, stop]))] + between + data[stop:]
    return data
