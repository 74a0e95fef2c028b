"""What is read as a repeat says what the parser would have said."""

from itertools import count

import pytest

from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.repeat import MAX_LENGTH, MAX_TRIES, Repeats

HEAD = '<event version="2.0" uid="{uid}" type="{type}" how="m-g"'
TIMES = ' time="{time}" start="{time}" stale="2026-01-02T03:10:05.678Z">'
POINT = '<point lat="{lat}" lon="174.77" hae="28.2" ce="3.2" le="9999999.0"/>'
TRACK = '<track course="{course}" speed="1.5"/>'
CONTACT = '<contact callsign="KAKA" endpoint="*:-1:stcp"/>'


def an_event(
    *,
    uid: str = "KAKA-1",
    type: str = "a-f-G-U-C",  # noqa: A002  the field's own word
    time: str = "2026-01-02T03:04:05.678Z",
    lat: str = "-41.28",
    course: str = "255.6",
    remarks: str = "<remarks>at the ford</remarks>",
    head: str = HEAD,
    point: str = POINT,
    inside: str = CONTACT + TRACK,
) -> bytes:
    text = head + TIMES + point + "<detail>" + inside + remarks + "</detail></event>"
    given = {"uid": uid, "type": type, "time": time, "lat": lat, "course": course}
    for name, value in given.items():
        text = text.replace("{" + name + "}", value)
    return text.encode()


def learnt(frame: bytes, *, limit: int = 8) -> Repeats:
    """Return what has seen this event twice."""
    repeats = Repeats(limit=limit)
    for _ in range(2):
        repeats.note(xml.read(frame))
    return repeats


def told(event: CotEvent) -> CotEvent:
    """Return the event without which it repeats."""
    return event._replace(repeats=None)


NEXT = {"time": "2026-01-02T03:04:06.001+13:00", "lat": "-41.29", "course": "7"}


@pytest.mark.parametrize(
    "inside",
    [
        CONTACT + TRACK,
        CONTACT + '<track speed="0.00" course="{course}"/>',
        CONTACT + TRACK.replace("course=", "course\n ="),
        CONTACT + "<track slope='1' course=\"{course}\" speed=\"1.5\" eCourse='2'/>",
        TRACK + '<__group role="Team Member" name="Yellow"/><link uid="a" point="1,2"/>',
        CONTACT,
        CONTACT + '<track speed_over="1"/>',
        "",
    ],
)
def test_a_repeat_says_what_the_parser_says(inside: str) -> None:
    first = an_event(inside=inside)
    repeats = learnt(first)
    frame = an_event(inside=inside, remarks="<remarks>on the way — ō</remarks>", **NEXT)
    event = repeats.read(frame)
    assert event is not None
    assert told(event) == xml.read(frame)
    assert event.repeats == xml.read(first)


def test_repeats_of_one_event_name_the_same_object() -> None:
    repeats = learnt(an_event())
    one, other = repeats.read(an_event(lat="1")), repeats.read(an_event(lat="2"))
    assert one is not None
    assert other is not None
    assert one.repeats is other.repeats


@pytest.mark.parametrize(
    "frame",
    [
        an_event(uid="KAKA-2"),
        an_event(type="a-h-G-U-C"),
        an_event(inside=CONTACT.replace("KAKA", "KEA") + TRACK),
        an_event(remarks='<remarks source="KEA">at the ford</remarks>'),
        an_event(remarks=""),
        an_event().replace(b'le="9999999.0"', b'le="9" access="x"'),
        an_event().replace(b'le="9999999.0"', b'ge="9999999.0"'),
        an_event().replace(b'hae="28.2" ce="3.2"', b'ce="28.2" hae="3.2"'),
        an_event().replace(b"</detail>", b" </detail>"),
    ],
)
def test_what_differs_otherwise_is_no_repeat(frame: bytes) -> None:
    assert learnt(an_event()).read(frame) is None


@pytest.mark.parametrize(
    "lat",
    ["nan", "inf", "1e999", "1_0", "", "x", "&#49;", "\N{ARABIC-INDIC DIGIT ONE}", "1\t", "--1"],
)
def test_what_is_no_number_is_left_to_the_parser(lat: str) -> None:
    assert learnt(an_event()).read(an_event(lat=lat)) is None


@pytest.mark.parametrize("course", ["nan", "1&lt;", "", "x"])
def test_a_course_that_is_no_number_is_left_to_the_parser(course: str) -> None:
    event = learnt(an_event()).read(an_event(course=course))
    assert event is None or told(event) == xml.read(an_event(course=course))


@pytest.mark.parametrize("time", ["2026-13-02T03:04:05Z", "1969-01-02T03:04:05Z", "", "now"])
def test_what_is_no_time_is_left_to_the_parser(time: str) -> None:
    assert learnt(an_event()).read(an_event(time=time)) is None


@pytest.mark.parametrize(
    "words",
    ["<b/>", "&amp;", "a\tb", "a\x01b", "x]]>y", "<![CDATA[x]]>", "<!-- x -->", "</remarks><b>"],
)
def test_remarks_that_are_more_than_words_are_left_to_the_parser(words: str) -> None:
    assert learnt(an_event()).read(an_event(remarks=f"<remarks>{words}</remarks>")) is None


def test_what_is_not_utf_8_is_left_to_the_parser() -> None:
    assert learnt(an_event()).read(an_event().replace(b"ford", b"f\xf6rd")) is None


@pytest.mark.parametrize(
    "frame",
    [
        # Each holds an attribute twice for who looks at the text, and once for the parser.
        an_event(point='<point lat =" 1" lon="2" hae="3" ce="4" le="5"/>', remarks="").replace(
            b"<detail>", b"<detail><x a=' lat=\"1\"'/>"
        ),
        an_event(inside=CONTACT + TRACK + '<x course="1"/>'),
        an_event(inside=CONTACT + "<track course='9' speed='8'/><x course=\"1\" speed=\"2\"/>"),
        an_event(inside=CONTACT + '<x><track course="1" speed="2"/></x>'),
        an_event(head=HEAD + ' x="1"', remarks='<remarks time="2026-01-02T03:04:05Z">x</remarks>'),
        an_event(inside=CONTACT + "<!--" + TRACK + "-->"),
        an_event(inside=CONTACT + "<x><![CDATA[" + TRACK + "]]></x>"),
        an_event(inside=CONTACT + "<?x " + TRACK + "?>"),
        an_event(inside='<x xmlns="urn:x"/>' + TRACK),
        an_event(point=POINT.replace('"3.2"', "'3.2'")),
        an_event(remarks="<remarks>a&amp;b</remarks>"),
    ],
)
def test_what_could_be_read_in_two_ways_is_not_learnt(frame: bytes) -> None:
    assert learnt(frame).read(frame) is None


def test_only_positions_of_a_usual_length_are_learnt() -> None:
    marker = an_event(type="b-m-p-s-m")
    assert learnt(marker).read(marker) is None
    otherwise = an_event().replace(b' time="', b'\ttime="')
    assert learnt(otherwise).read(otherwise) is None
    long = an_event(remarks=f"<remarks>{'x' * MAX_LENGTH}</remarks>")
    assert learnt(long).read(long) is None


def test_an_event_is_learnt_when_it_comes_a_second_time() -> None:
    repeats = Repeats(limit=8)
    repeats.note(xml.read(an_event()))
    assert repeats.read(an_event()) is None
    repeats.note(xml.read(an_event()))
    assert repeats.read(an_event()) is not None


def test_who_says_something_else_each_time_is_given_up() -> None:
    repeats = learnt(an_event())
    frames = [an_event(inside=f'<status battery="{number}"/>') for number in range(MAX_TRIES)]
    for frame in frames:
        repeats.note(xml.read(frame))
    assert repeats.read(frames[-1]) is None


def test_who_is_repeated_now_and_then_is_not_given_up() -> None:
    repeats = learnt(an_event())
    for number in range(3 * MAX_TRIES):
        frame = an_event(inside=CONTACT + f'<status battery="{number}"/>')
        repeats.note(xml.read(frame))
        assert repeats.read(frame) is not None


def test_no_more_than_the_limit_are_remembered() -> None:
    repeats, numbers = Repeats(limit=4), count()
    for _ in range(10):
        frame = an_event(uid=f"KAKA-{next(numbers)}")
        repeats.note(xml.read(frame))
        repeats.note(xml.read(frame))
    known = [repeats.read(an_event(uid=f"KAKA-{number}")) is not None for number in range(10)]
    assert known == [False] * 6 + [True] * 4
    assert repeats.forgotten == 6
