import pytest

from accord.wire.cot import detail, xml
from accord.wire.cot.detail import Announcement, Chat, Ellipse
from accord.wire.cot.message import CotEvent
from accord.wire.errors import FrameTooLarge, Malformed, Unsupported
from support.cot import CONTACT, POINT, cot_xml

TO_ONE = (
    '<__chat id="ANDROID-2" chatroom="KAKA" senderCallsign="KIWI1" groupOwner="false">'
    '<chatgrp id="ANDROID-2" uid0="ANDROID-1" uid1="ANDROID-2"/></__chat>'
    '<link uid="ANDROID-1" type="a-f-G-U-C" relation="p-p"/>'
    '<remarks source="BAO.F.ATAK.ANDROID-1" to="ANDROID-2">kia ora</remarks>'
)


def event(inside: str, type_: str = "a-f-G-U-C", **values: str) -> CotEvent:
    return xml.read(cot_xml(type_=type_, detail=inside, **values))


def test_a_contact_with_an_endpoint_says_who_it_is() -> None:
    said = event(f'{CONTACT}<__group name="Cyan" role="HQ"/>')
    assert detail.announcement(said) == Announcement("U1", "KIWI1", "Cyan")
    assert detail.announcement(event('<contact endpoint="x"/>')) == Announcement("U1", "", "")


def test_a_marker_is_nobody() -> None:
    assert detail.announcement(event('<contact callsign="marker"/>')) is None
    assert detail.announcement(event(CONTACT, type_="b-m-p-s-m")) is None
    assert detail.announcement(event("")) is None


def test_the_first_element_of_a_name_is_found() -> None:
    said = event('<a x="1"/><a x="2"/>')
    assert detail.first(said, "a") == {"x": "1"}
    assert detail.first(said, "b") == {}


def test_the_uid_that_links_name_is_found_where_it_is_one() -> None:
    assert detail.linked_uid(event('<link url="u"/><link uid=""/><link uid="T"/>')) == "T"
    assert detail.linked_uid(event('<link uid="T"/><link uid="T" type="x"/>')) == "T"
    assert detail.linked_uid(event('<linked uid="T"/>')) is None
    with pytest.raises(Malformed):
        detail.linked_uid(event('<link uid="T"/><link uid="U"/>'))


def test_vertices_come_in_order() -> None:
    said = event('<link point="1,2"/><link uid="x"/><link point="3,4,5"/>')
    assert detail.vertices(said) == ["1,2", "3,4,5"]


def test_an_exercise_mark_is_one_or_none() -> None:
    assert detail.exercise_mark(event('<__exercise opex="e-X"/>')) == "e-X"
    assert detail.exercise_mark(event('<__exercise opex="e-X"/><__exercise opex="e-X"/>')) == "e-X"
    assert detail.exercise_mark(event("<__exercise/>")) == ""
    assert detail.exercise_mark(event("")) is None


def test_exercise_marks_that_differ_or_go_on_for_ever_are_refused() -> None:
    with pytest.raises(Malformed):
        detail.exercise_mark(event('<__exercise opex="e-X"/><__exercise opex="e-Y"/>'))
    longest = f"e-{'X' * 1022}"
    assert detail.exercise_mark(event(f'<__exercise opex="{longest}"/>')) == longest
    with pytest.raises(FrameTooLarge):
        detail.exercise_mark(event(f'<__exercise opex="{longest}X"/>'))


# Reference: TAK Server's StreamingEndpointRewriteFilter tests the keys in this order.
@pytest.mark.parametrize(
    ("dest", "expected"),
    [
        ('callsign="A"', ("callsign", "A")),
        ('uid="B"', ("uid", "B")),
        ('group="G"', ("group", "G")),
        ('mission="M" mission-guid="1" path="p"', ("mission", "M")),
        ('mission-guid="1" uid="B"', ("uid", "B")),
        ('group="G" callsign="A"', ("callsign", "A")),
        ('publish="P" uid="B"', ("publish", "P")),
        ('callsign="" uid="B"', ("uid", "B")),
    ],
)
def test_each_dest_counts_by_its_first_key(dest: str, expected: tuple[str, str]) -> None:
    assert detail.destinations(event(f"<marti><dest {dest}/></marti>")) == {expected}


def test_all_dests_of_all_martis_count() -> None:
    said = event('<marti><dest uid="A"/><dest uid="B"/></marti><marti><dest uid="C"/></marti>')
    assert detail.destinations(said) == {("uid", "A"), ("uid", "B"), ("uid", "C")}


@pytest.mark.parametrize("inside", ["", "<marti/>", "<marti><dest/></marti>", "<marti>x</marti>"])
def test_an_event_for_everyone_has_no_destinations(inside: str) -> None:
    assert detail.destinations(event(inside)) == frozenset()


def test_a_dest_that_is_not_understood_is_refused_not_taken_for_everyone() -> None:
    with pytest.raises(Unsupported, match="after"):
        detail.destinations(event('<marti><dest after="x"/></marti>'))


def test_only_dests_directly_in_the_marti_of_detail_count() -> None:
    said = event(
        '<a><marti><dest uid="1"/></marti></a><marti><b><dest uid="2"/></b></marti>',
        point=f'<other><marti><dest uid="3"/></marti></other>{POINT}',
    )
    assert detail.destinations(said) == frozenset()


def test_words_to_one_person_are_read_whole() -> None:
    assert detail.chat(event(TO_ONE, type_="b-t-f")) == Chat(
        "ANDROID-2", "KAKA", "KIWI1", ("ANDROID-1", "ANDROID-2"), "kia ora"
    )


def test_remarks_alone_are_words_to_everyone() -> None:
    said = event("<remarks>one &amp; <![CDATA[<two>]]><b> three</b></remarks>", type_="b-t-f")
    assert detail.chat(said) == Chat("", "", "", (), "one & <two> three")


def test_members_of_a_group_chat_come_by_number_without_gaps_and_oddities() -> None:
    odd = f'uid{"9" * 5000}="far" uid="none" uidx="none" uid٣="none" other1="none" uid4=""'
    group = f'<chatgrp uid999999999="d" uid10="c" uid2="b" {odd} uid0="a"/>'
    assert detail.chat(event(f"<__chat>{group}</__chat>")).uids == ("a", "b", "c", "d")


def test_text_outside_the_remarks_is_none_of_them() -> None:
    assert detail.chat(event("before<remarks>words</remarks>after<x>else</x>")).text == "words"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<shape><ellipse major="5" minor="4.5" angle="0"/></shape>', Ellipse(5.0, 4.5)),
        ('<shape><ellipse major="5"/></shape>', None),
        ('<shape><ellipse major="wide" minor="4"/></shape>', None),
        ('<ellipse major="5" minor="5"/>', None),
        ("", None),
    ],
)
def test_an_ellipse_is_two_numbers_in_a_shape(shape: str, expected: Ellipse | None) -> None:
    assert detail.ellipse(event(shape)) == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<TakRequest version="1"/>', "1"),
        ("<TakRequest/>", None),
        ("", None),
        ('<TakRequest version="1"/><TakRequest version="1"/>', None),
    ],
)
def test_a_request_names_exactly_one_version(inside: str, expected: str | None) -> None:
    asked = event(f"<TakControl>{inside}</TakControl>", type_="t-x-takp-q")
    assert detail.requested_version(asked) == expected


def test_the_missions_that_an_event_is_for_are_named() -> None:
    marti = '<marti><dest mission="Search ā"/><dest mission-guid="g1"/><dest uid="U2"/></marti>'
    assert detail.missions_named(xml.read(cot_xml(detail=marti))) == {"Search ā", "g1"}
    other = xml.read(cot_xml(detail='<marti><dest callsign="X"/></marti>'))
    assert detail.missions_named(other) == frozenset()
    assert detail.missions_named(xml.read(cot_xml())) == frozenset()


def test_the_layer_of_a_mission_is_its_path() -> None:
    marti = (
        '<marti><dest mission="Search" path="marks" after="BUOY"/><dest mission-guid="g1"/>'
        '<dest mission-guid="g2" path="marks"/><dest uid="U" path="x"/><dest/></marti>'
    )
    assert detail.filed_in(xml.read(cot_xml(detail=marti))) == {
        "Search": detail.Filing("marks", "BUOY"), "g2": detail.Filing("marks", ""),
    }  # fmt: skip
    assert detail.filed_in(xml.read(cot_xml())) == {}
