"""Whatever a client repeats, it is understood as if each event stood alone."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from accord.core.report import Source
from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.repeat import Repeats
from accord.wire.cot.translate import to_report, to_report_like
from accord.wire.errors import WireError

NUMBERS = st.one_of(
    st.floats(-1e9, 1e9).map(repr),
    st.sampled_from(["0", "-0.0", " 5 ", "1e5", "1e999", "nan", "1_0", "", "9" * 40, "&#49;", "x"]),
    st.sampled_from(
        ['5" x="6', "5' x='6", "<", "5\n", "5\x00", "\N{ARABIC-INDIC DIGIT FIVE}", "5/>"]
    ),
)
MOMENTS = st.one_of(
    st.integers(0, 4_000_000_000).map(lambda s: xml.instant(datetime.fromtimestamp(s, UTC))),
    st.sampled_from(["", "now", "2026-01-02", "2026-01-02T03:04:05+13:00", "2026-13-02T03:04:05Z"]),
)
WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from([' lat="1"', "a>b", "</remarks><x/>", "<!--", "]]>", "&amp;", "<track", "'"]),
)
QUOTES = st.sampled_from([*['"'] * 60, "'"])
EQUALS = st.sampled_from([*["="] * 60, " =", "= ", "\n="])
EXTRA = st.lists(
    st.sampled_from(
        (
            *('<x lat="1"/>', "<x a=' lon=\"1\"'/>", '<x><track course="1" speed="2"/></x>'),
            *('<track course="1"/>', "<track course='1' speed='2'/>", "<!-- -->", "<?x?>"),
            *('<y:x xmlns:y="urn:y" y:speed="1"/>', "<x time = '1'/>", '<status battery="9"/>'),
            *("<remarks/>", "<remarks>a</remarks>", '<x>" course="1"</x>', '<x stale="1"/>'),
        )
    ),
    max_size=2,
)


@st.composite
def layouts(draw: st.DrawFn) -> str:
    """Return the text of a position with places for what differs between its repeats."""

    def said(name: str) -> str:
        quote = draw(QUOTES)
        return f" {name}{draw(EQUALS)}{quote}{{{name}}}{quote}"

    event = "".join(map(said, draw(st.permutations(["time", "start", "stale"]))))
    point = "".join(map(said, draw(st.permutations(["lat", "lon", "hae", "ce", "le"]))))
    motion = "".join(map(said, draw(st.permutations(["course", "speed"]))))
    inside = [f"<track{motion}/>", "<remarks>{words}</remarks>", *draw(EXTRA)]
    detail = "".join(draw(st.permutations(inside)))
    return f'<event uid="U" type="a-f-G"{event}><point{point}/><detail>{detail}</detail></event>'


USUAL = {
    **dict.fromkeys(("time", "start", "stale"), "2026-01-02T03:04:05.678Z"),
    **dict.fromkeys(("lat", "lon", "hae", "ce", "le", "course", "speed"), "1.5"),
    "words": "at the ford",
}


ANY = {
    **dict.fromkeys(("time", "start", "stale"), MOMENTS),
    **dict.fromkeys(("lat", "lon", "hae", "ce", "le", "course", "speed"), NUMBERS),
    "words": WORDS,
}


@st.composite
def values(draw: st.DrawFn) -> dict[str, str]:
    """Return what stands in the places of a layout: the usual, but for at most two of them."""
    changed = draw(st.sets(st.sampled_from(sorted(USUAL)), min_size=1, max_size=2))
    return {**USUAL, **{name: draw(ANY[name]) for name in sorted(changed)}}


def _filled(layout: str, values: dict[str, str]) -> bytes:
    for name, value in values.items():
        layout = layout.replace("{" + name + "}", value, 1)
    return layout.encode("utf-8", "surrogatepass")


def _parsed(frame: bytes) -> CotEvent | None:
    try:
        return xml.read(frame)
    except WireError:
        return None


@given(layouts(), st.lists(values(), min_size=1, max_size=4))
def test_a_repeat_is_never_read_otherwise_than_the_parser_reads_it(
    layout: str, later: list[dict[str, str]]
) -> None:
    repeats = Repeats(limit=4)
    for said in (USUAL, USUAL, *later):
        frame = _filled(layout, said)
        event, alone = repeats.read(frame), _parsed(frame)
        if event is not None:
            assert event._replace(repeats=None) == alone
        elif alone is not None:
            repeats.note(alone)


@given(values(), layouts())
def test_a_report_like_the_last_is_the_one_that_its_event_alone_would_make(
    said: dict[str, str], layout: str
) -> None:
    source = Source(node="NZL", channel="cot-tls", speaker="kaka")
    repeats = Repeats(limit=4)
    first = _parsed(_filled(layout, USUAL))
    if first is None:
        return
    repeats.note(first)
    repeats.note(first)
    event = repeats.read(_filled(layout, said))
    if event is None:
        return
    now = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
    last = to_report(first, source=source, groups=frozenset({"Blue"}), received=first.time)
    alone = to_report(event, source=source, groups=frozenset({"Blue"}), received=now)
    assert to_report_like(last, event, now) == alone
