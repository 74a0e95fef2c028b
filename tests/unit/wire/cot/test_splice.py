import pytest
from lxml import etree

from accord.wire.cot import splice
from accord.wire.cot.splice import Detail
from accord.wire.errors import WireError
from support.cot import POINT, cot_xml, text_of

MARTI = '<marti><dest callsign="KAKA"/></marti>'


def canonical(markup: bytes) -> bytes:
    return etree.tostring(etree.fromstring(markup), method="c14n", with_comments=False)


def test_taking_a_child_out_leaves_every_other_byte_as_it_came() -> None:
    before, after = " <contact\n callsign='K' />\t", "<!-- c --><x><![CDATA[<&]]></x>&#10;"
    frame = cot_xml(detail=before + MARTI + after)
    assert splice.without(frame, "marti") == cot_xml(detail=before + after)


def test_every_child_of_the_name_goes_and_nothing_of_that_name_elsewhere() -> None:
    frame = cot_xml(detail=f"{MARTI}<a>{MARTI}</a><marti/>", point=f"<marti/>{POINT}")
    kept = cot_xml(detail=f"<a>{MARTI}</a>", point=f"<marti/>{POINT}")
    assert splice.without(frame, "marti") == kept


def test_an_event_that_has_no_such_child_is_unchanged() -> None:
    for frame in (cot_xml(), cot_xml(detail=None), cot_xml(detail="<martian/>")):
        assert splice.without(frame, "marti") == frame


@pytest.mark.parametrize("text", ["]]<marti/>>", "]<marti/><marti/>]>", "]]<marti></marti>&gt;>"])
def test_what_closes_around_a_gap_makes_no_end_of_cdata(text: str) -> None:
    left = splice.without(cot_xml(detail=text), "marti")
    wanted = text.replace("<marti/>", "").replace("<marti></marti>", "").replace("&gt;", ">")
    assert text_of(left) == wanted


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("<detail><a/></detail>", "<detail><a/><new/></detail>"),
        ("<detail></detail>", "<detail><new/></detail>"),
        ("<detail/>", "<detail><new/></detail>"),
        ("<detail x='/>' />", "<detail x='/>' ><new/></detail>"),
        ("", "<detail><new/></detail>"),
        ("<other><detail/></other>", "<other><detail/></other><detail><new/></detail>"),
    ],
)
def test_a_child_is_added_at_the_end_of_detail(detail: str, expected: str) -> None:
    frame = cot_xml(point=POINT + detail, detail=None)
    wanted = cot_xml(point=POINT + expected, detail=None)
    assert splice.with_child(frame, b"<new/>") == wanted


def test_detail_is_found_wherever_it_stands() -> None:
    frame = cot_xml(point="<detail><a/></detail>" + POINT, detail=None)
    wanted = cot_xml(point="<detail><a/><new/></detail>" + POINT, detail=None)
    assert splice.with_child(frame, b"<new/>") == wanted


def test_the_inside_is_what_stands_between_the_tags_less_the_places_left_out() -> None:
    detail = Detail.of(cot_xml(detail=" <a x='>'/>one<b>two</b><c></c> "))
    assert [child.name for child in detail.children] == ["a", "b", "c"]
    assert detail.inside(leaving_out=()) == b"<a x='>'/>one<b>two</b><c></c>"
    assert detail.inside(leaving_out={1}) == b"<a x='>'/>one<c></c>"
    assert detail.inside(leaving_out={0, 1, 2}) == b"one"


def test_leaving_out_makes_no_end_of_cdata() -> None:
    inside = Detail.of(cot_xml(detail="]]<a/>>")).inside(leaving_out={0})
    assert canonical(b"<x>" + inside + b"</x>") == b"<x>]]&gt;</x>"


@pytest.mark.parametrize("detail", ["<detail/>", ""])
def test_an_empty_or_absent_detail_has_an_empty_inside(detail: str) -> None:
    frame = cot_xml(point=POINT + detail, detail=None)
    assert Detail.of(frame).inside(leaving_out=()) == b""


def test_a_child_is_plain_when_it_has_no_inside_and_knows_no_namespace() -> None:
    children = Detail.of(
        cot_xml(detail='<a/><b></b><c> </c><d><e/></d><f xmlns="urn:f"/><g><!-- --></g>')
    ).children
    assert [child.name for child in children if child.is_plain] == ["a", "b"]
    scoped = cot_xml(more='xmlns:k="urn:k"', detail="<a/>")
    assert not Detail.of(scoped).children[0].is_plain


@pytest.mark.parametrize(
    ("on_event", "on_detail", "child"),
    [
        ('xmlns:k="urn:k"', "", '<k:a k:b="1"/>'),
        ('xmlns:k="urn:k"', 'xmlns="urn:d"', "<a><k:b/></a>"),
        ('xmlns:k="urn:k"', "", '<k:a xmlns:k="urn:other"/>'),
        ('xmlns="urn:e"', 'xmlns=""', "<a/>"),
        ('xmlns:k="urn:k?a=1&amp;b=2"', "", "<k:a/>"),
    ],
)
def test_what_is_lifted_out_means_the_same_alone(on_event: str, on_detail: str, child: str) -> None:
    frame = cot_xml(
        more=on_event, point=f"{POINT}<detail {on_detail}>{child}</detail>", detail=None
    )
    alone = Detail.of(frame).inside(leaving_out=())
    within = etree.fromstring(frame)[1][0]
    names = [element.tag for element in within.iter()]
    lifted = etree.fromstring(alone)
    assert [element.tag for element in lifted.iter()] == names
    assert [dict(element.attrib) for element in lifted.iter()] == [
        dict(element.attrib) for element in within.iter()
    ]


def test_what_is_lifted_out_declares_no_prefix_that_does_not_stand_in_it() -> None:
    above = 'xmlns="urn:d" xmlns:k="urn:k" xmlns:unused="urn:u"'
    inside = '<a/><k:b/><c k:x=""/><d t="k:e"/><f>k:g</f><h xmlns="urn:h"/>'
    frame = cot_xml(point=f"{POINT}<detail {above}>{inside}</detail>", detail=None)
    d, k = 'xmlns="urn:d"', 'xmlns:k="urn:k"'
    assert Detail.of(frame).inside(leaving_out=()).decode() == (
        f'<a {d}/><k:b {d} {k}/><c {d} {k} k:x=""/><d {d} {k} t="k:e"/><f {d} {k}>k:g</f>'
        '<h xmlns="urn:h"/>'
    )


def test_what_is_declared_deeper_does_not_reach_what_stands_beside_it() -> None:
    detail = Detail.of(cot_xml(detail='<a><b xmlns:k="urn:k"><k:c/></b></a><d/>'))
    assert [child.is_plain for child in detail.children] == [False, True]
    assert detail.inside(leaving_out=()) == b'<a><b xmlns:k="urn:k"><k:c/></b></a><d/>'


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(WireError):
        splice.without(cot_xml(detail="<a>"), "marti")
