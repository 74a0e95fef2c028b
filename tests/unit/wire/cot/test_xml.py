from datetime import UTC, datetime, timedelta, timezone

import pytest

from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent, CotPoint
from accord.wire.errors import (
    FrameTooLarge,
    Malformed,
    NotUtf8,
    TooDeep,
    Unsupported,
    WireError,
)
from support.clock import START
from support.cot import POINT, TIME, cot_xml

MARKS = 'access="RESTRICTED" qos="1-r-c" opex="e-TASMAN" caveat="NZEO" releasableTo="NZL AUS"'


def point(**changes: str) -> str:
    said = {"lat": "-41.28", "lon": "174.77", "hae": "10", "ce": "5", "le": "5"} | changes
    attributes = [f'{name}="{value}"' for name, value in said.items() if value]
    return f"<point {' '.join(attributes)}/>"


def nested(levels: int) -> bytes:
    """An event so many levels deep: the event, its detail, and what is in that."""
    inside = levels - 2
    return cot_xml(detail="<a>" * inside + "</a>" * inside)


def refusal(frame: bytes, **limits: int) -> WireError:
    with pytest.raises(WireError) as refused:
        xml.read(frame, **limits)
    return refused.value


def test_every_attribute_is_read_as_it_was_sent() -> None:
    frame = cot_xml(point=point(), more=MARKS, detail='<contact callsign="K"/><archive/>')
    assert xml.read(frame) == CotEvent(
        version="2.0",
        uid="U1",
        type="a-f-G-U-C",
        how="m-g",
        time=START,
        start=START,
        stale=START + timedelta(minutes=5),
        point=CotPoint(-41.28, 174.77, 10.0, 5.0, 5.0),
        elements=(("contact", {"callsign": "K"}), ("archive", {})),
        xml=frame,
        access="RESTRICTED",
        qos="1-r-c",
        opex="e-TASMAN",
        caveat="NZEO",
        releasable_to="NZL AUS",
    )


def test_the_order_of_attributes_and_the_kind_of_quotes_mean_nothing() -> None:
    one = xml.read(cot_xml(detail=""))
    other = (
        f"<event stale='2026-01-02T03:09:05.678Z' start='{TIME}' time='{TIME}' how='m-g' "
        f"type='a-f-G-U-C' uid='U1' version='2.0'>{POINT}<detail></detail></event>"
    )
    assert xml.read(other.encode())._replace(xml=b"") == one._replace(xml=b"")


def test_detail_may_come_before_the_point_and_may_be_absent() -> None:
    before = cot_xml(point=f"<detail><archive/></detail>{POINT}", detail=None)
    assert xml.read(before).elements == (("archive", {}),)
    assert xml.read(cot_xml(detail=None)).elements == ()


def test_only_the_children_of_detail_are_its_elements() -> None:
    deep = cot_xml(detail="<a><b/></a><c/>")
    beside = cot_xml(point=f"{POINT}<detail/><a/><b/>", detail=None)
    elsewhere = cot_xml(point=f"{POINT}<other><a/><b/></other>", detail=None)
    usual = cot_xml(detail="<a/><b/><c/>")
    assert [name for name, _ in xml.read(deep).elements] == ["a", "c"]
    assert xml.read(beside).elements == ()
    assert xml.read(elsewhere).elements == ()
    assert [name for name, _ in xml.read(usual).elements] == ["a", "b", "c"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 60])
def test_a_usual_event_is_read_without_looking_at_each_element(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(xml, "_nested_parts")
    assert len(xml.read(cot_xml(detail="<a/>" * count)).elements) == count


def test_an_event_of_many_elements_is_read_whole() -> None:
    many = [f"e{number}" for number in range(200)]
    frame = cot_xml(detail="".join(f"<{name}/>" for name in many))
    assert [name for name, _ in xml.read(frame).elements] == many


@pytest.mark.parametrize("spelling", ["releasableTo", "releaseableTo"])
def test_either_spelling_of_releasable_to_is_read(spelling: str) -> None:
    assert xml.read(cot_xml(more=f'{spelling}="NZL"')).releasable_to == "NZL"


def test_two_spellings_that_differ_are_refused_and_two_that_agree_are_not() -> None:
    differ = cot_xml(more='releasableTo="NZL" releaseableTo="AUS"')
    assert isinstance(refusal(differ), Malformed)
    agree = cot_xml(more='releasableTo="NZL" releaseableTo="NZL"')
    assert xml.read(agree).releasable_to == "NZL"
    one_empty = cot_xml(more='releasableTo="" releaseableTo="AUS"')
    assert xml.read(one_empty).releasable_to == "AUS"


def test_an_empty_mark_is_no_mark() -> None:
    assert xml.read(cot_xml(more='access="" caveat="" releasableTo=""')).access is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.6Z", datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678901Z", datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678901234Z", datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)),
        ("2026-01-02T16:04:05+13:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T01:04:05.5-02:00", datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_up_to_nine_digits_and_any_offset(text: str, moment: datetime) -> None:
    assert xml.read(cot_xml(time=text, start=TIME)).time == moment
    assert xml.read(cot_xml(time=TIME, start=text)).start == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.1234567890Z",
        "2026-13-02T03:04:05Z",
        "2026-01-02T25:04:05Z",
        "٢026-01-02T03:04:05Z",
        "0001-01-01T00:00:00+01:00",
        "1969-12-31T23:59:59Z",
    ],
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    assert isinstance(refusal(cot_xml(stale=text)), Malformed)


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": "north"},
        {"lat": "nan"},
        {"lon": "inf"},
        {"hae": "1e999"},
        {"ce": "1_0"},
        {"le": "٣"},
        {"lat": "1e308", "lon": "1e308"},
        {"lat": "1.5 2"},
    ],
)
def test_a_point_that_is_no_number_is_refused(changes: dict[str, str]) -> None:
    assert isinstance(refusal(cot_xml(point=point(**changes))), Malformed)


@pytest.mark.parametrize("name", ["lat", "lon", "hae", "ce", "le"])
def test_a_point_without_one_of_its_attributes_is_refused_by_name(name: str) -> None:
    assert name in str(refusal(cot_xml(point=point(**{name: ""}))))


def test_a_position_that_cannot_be_is_left_to_others_to_judge() -> None:
    assert xml.read(cot_xml(point=point(lat="91.5"))).point.lat == 91.5


@pytest.mark.parametrize("name", ["uid", "type", "time", "start", "stale"])
def test_an_event_without_a_required_attribute_is_refused_by_name(name: str) -> None:
    frame = cot_xml().replace(f" {name}=".encode(), f" other-{name}=".encode())
    assert str(refusal(frame)) == f"the event has no attribute {name}"


def test_a_missing_how_or_version_is_filled_in() -> None:
    frame = cot_xml().replace(b' version="2.0"', b"").replace(b' how="m-g"', b"")
    event = xml.read(frame)
    assert (event.version, event.how) == ("2.0", "")


@pytest.mark.parametrize(
    "frame",
    [
        cot_xml(uid=""),
        cot_xml(type_=""),
        cot_xml(point=""),
        cot_xml(point=POINT + POINT),
        cot_xml(point=POINT + "<detail/>"),
        cot_xml(uid="U&#1;"),
        cot_xml(detail="<a>"),
        cot_xml(detail="<a:b/>"),
        cot_xml(detail="text \0 here"),
        cot_xml(more='uid="twice"'),
        b"<event/>",
        b"<eventual></event>",
        b"<event></event>",
        b"<events></event>",
        b"hello",
        b"",
        cot_xml() + b" ",
        cot_xml() + cot_xml(),
    ],
    ids=lambda frame: frame[-40:],
)
def test_what_is_no_event_is_malformed(frame: bytes) -> None:
    assert isinstance(refusal(frame), Malformed)


@pytest.mark.parametrize("hide", ["<![CDATA[</event>]]>", "<!--</event>-->"])
def test_an_end_tag_hidden_inside_is_refused_since_others_would_cut_there(hide: str) -> None:
    assert isinstance(refusal(cot_xml(detail=hide)), Malformed)


def test_a_root_of_another_name_is_refused_even_when_it_starts_alike() -> None:
    frame = b"<event-log>" + cot_xml()
    assert isinstance(refusal(frame), Malformed)
    alike = cot_xml().replace(b"<event ", b"<event:x ").replace(b"</event>", b"</event:x></event>")
    assert isinstance(refusal(alike), Malformed)


def test_an_entity_and_a_document_type_are_refused_as_unsupported() -> None:
    assert isinstance(refusal(cot_xml(detail="<remarks>&xxe;</remarks>")), Unsupported)
    dtd = b'<!DOCTYPE event [<!ENTITY x "y">]>'
    assert isinstance(refusal(dtd + cot_xml()), Unsupported)


def test_the_five_references_of_xml_are_no_entities() -> None:
    frame = cot_xml(detail='<contact callsign="&lt;&amp;&gt;&quot;&apos;&#65;"/>')
    assert xml.read(frame).elements[0][1] == {"callsign": "<&>\"'A"}


def test_text_that_is_not_utf8_is_refused_as_such() -> None:
    assert isinstance(refusal(cot_xml().replace(b"U1", b"U\xe9")), NotUtf8)


def test_depth_is_limited_to_what_was_set() -> None:
    assert xml.read(nested(64)).uid == "U1"
    assert isinstance(refusal(nested(65)), TooDeep)
    assert xml.read(nested(5), max_depth=5).uid == "U1"
    assert isinstance(refusal(nested(6), max_depth=5), TooDeep)
    assert isinstance(refusal(cot_xml(detail="<a/>"), max_depth=2), TooDeep)


def test_the_number_of_tags_is_limited() -> None:
    few = xml.MAX_TAGS - cot_xml().count(b"<")
    assert len(xml.read(cot_xml(detail="<b/>" * few)).elements) == few
    assert isinstance(refusal(cot_xml(detail="<b/>" * (few + 1))), FrameTooLarge)


def test_a_uid_and_other_attributes_are_limited_in_length() -> None:
    assert xml.read(cot_xml(uid="u")).uid == "u"
    assert xml.read(cot_xml(uid="u" * xml.MAX_UID)).uid == "u" * 512
    assert isinstance(refusal(cot_xml(uid="u" * 513)), Malformed)
    assert xml.read(cot_xml(more=f'caveat="{"c" * 1024}"')).caveat == "c" * 1024
    assert isinstance(refusal(cot_xml(more=f'caveat="{"c" * 1025}"')), FrameTooLarge)


def test_few_short_namespaces_are_welcome_and_many_or_long_ones_are_not() -> None:
    style = '<a:Style xmlns:a="http://www.opengis.net/kml/2.2" a:id="x"/>'
    assert xml.read(cot_xml(detail=style * 100)).elements[0][0] == "a:Style"

    def long(length: int) -> bytes:
        return cot_xml(detail=f'<a:b xmlns:a="{"u" * (length - len("xmlns:a"))}"/>')

    def many(count: int) -> bytes:
        return cot_xml(detail="".join(f'<a xmlns="u{number}"/>' for number in range(count)))

    assert xml.read(long(1024)).elements
    assert isinstance(refusal(long(1025)), FrameTooLarge)
    assert len(xml.read(many(16)).elements) == 16
    assert isinstance(refusal(many(17)), FrameTooLarge)


def with_namespaces_above(children: int, uri: int) -> bytes:
    above = f'<detail xmlns:k="{"u" * uri}">'.encode()
    return cot_xml(detail="<k:a/>" * children).replace(b"<detail>", above)


def test_namespaces_above_many_elements_are_as_short_as_a_message_without_them_needs() -> None:
    assert len(xml.read(with_namespaces_above(300, 40)).elements) == 300
    assert isinstance(refusal(with_namespaces_above(300, 80)), FrameTooLarge)
    assert len(xml.read_again(with_namespaces_above(300, 80)).elements) == 300


def test_a_namespace_that_a_child_declares_itself_may_hold_many_elements() -> None:
    many = f'<k:a xmlns:k="{"u" * 900}">{"<k:b/>" * 300}</k:a>'
    assert xml.read(cot_xml(detail=many)).elements
    assert xml.children(many.encode())


def test_a_name_keeps_its_prefix_and_a_default_namespace_leaves_none() -> None:
    frame = cot_xml(detail='<k:a xmlns:k="urn:k"/><b xmlns="urn:b"/><c xml:lang="mi"/>')
    assert [name for name, _ in xml.read(frame).elements] == ["k:a", "b", "c"]


def test_what_was_let_in_before_is_read_again_whatever_the_limits_are_now() -> None:
    deep, tags = nested(100), cot_xml(detail="<b/>" * xml.MAX_TAGS)
    assert xml.read_again(deep).xml == deep
    assert len(xml.read_again(tags).elements) == xml.MAX_TAGS


def test_the_top_of_a_detail_is_read_alone() -> None:
    assert xml.children(b'<a x="1"><b/></a>words<c/>') == (("a", {"x": "1"}), ("c", {}))
    assert xml.children(b"") == ()


@pytest.mark.parametrize("inner", [b"</detail><detail>", b"<!--", b"<![CDATA[", b"<a>", b"&x;"])
def test_what_would_break_out_of_a_detail_is_refused(inner: bytes) -> None:
    with pytest.raises(WireError):
        xml.children(inner)


def test_what_is_composed_is_read_back() -> None:
    text = "<&>\"'\t\n\r é 東"
    frame = xml.compose(
        uid=text,
        type="a-f-G",
        how="h-e",
        time=START,
        start=START,
        stale=START,
        point=CotPoint(-41.28, 174.77, 1.5, 2.5, 3.5),
        detail=xml.element("remarks", {"to": text}, text),
        marks={"access": "U", "opex": None, "caveat": ""},
    )
    event = xml.read(frame)
    assert (event.uid, event.access, event.opex, event.caveat) == (text, "U", None, None)
    assert event.point == CotPoint(-41.28, 174.77, 1.5, 2.5, 3.5)
    assert event.elements == (("remarks", {"to": text}),)
    assert (event.time, event.stale) == (START, START)


def test_an_event_with_nothing_in_it_is_not_self_closed() -> None:
    frame = xml.compose(
        uid="U", type="t-x-c-t", how="m-g", time=START, start=START, stale=START,
        point=CotPoint(0.0, 0.0, 0.0, 0.0, 0.0),
    )  # fmt: skip
    assert frame.startswith(b"<event ")
    assert frame.endswith(b"<detail></detail></event>")


def test_an_element_without_text_is_closed_in_itself() -> None:
    assert xml.element("a", {"b": "c"}) == '<a b="c"/>'
    assert xml.element("a", {}, "x<y\r") == "<a>x&lt;y&#13;</a>"


def test_times_are_written_in_utc_with_milliseconds() -> None:
    there = datetime(2026, 1, 2, 16, 4, 5, 999_999, tzinfo=timezone(timedelta(hours=13)))
    assert xml.instant(there) == "2026-01-02T03:04:05.999Z"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("1.5", True), ("-1e-5", True), (" 1 ", True), ("1_0", False), ("nan", False), ("٣", False)],
)
def test_only_what_others_read_as_a_number_is_a_decimal(text: str, is_one: bool) -> None:
    assert bool(xml.is_decimal(text)) is is_one


@pytest.mark.parametrize("no_char", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_no_xml_can_carry_is_left_out_of_an_element(no_char: str) -> None:
    said = xml.element("note", {"value": f"a{no_char}b"}, f"c{no_char}d")
    assert said == '<note value="ab">cd</note>'
    assert xml.read(cot_xml(detail=said)).elements == (("note", {"value": "ab"}),)


def test_every_character_of_xml_is_written_and_read_as_it_is() -> None:
    text = "\t\n\r \ud7ff\ue000\ufffd\U00010000\U0010ffff"
    said = xml.element("note", {"value": text})
    assert xml.read(cot_xml(detail=said)).elements == (("note", {"value": text}),)
