import pytest

from accord.core.report import Address, AddressKind
from accord.wire.cot import xml
from accord.wire.cot.addressing import EVERYONE, Addressees, addressees, author, partner
from accord.wire.cot.message import CotEvent
from accord.wire.errors import Malformed, Unsupported
from support.cot import CONTACT, cot_xml


def event(inside: str, type_: str = "b-m-p-s-m", uid: str = "U1") -> CotEvent:
    return xml.read(cot_xml(uid=uid, type_=type_, detail=inside))


def chat(conversation: str, group: str = "", *, uid: str = "U1", more: str = "") -> CotEvent:
    about = f'<__chat id="{conversation}"><chatgrp {group}/></__chat>'
    return event(f"{about}<remarks>hi</remarks>{more}", type_="b-t-f", uid=uid)


def to(*dests: str) -> str:
    return f"<marti>{''.join(f'<dest {dest}/>' for dest in dests)}</marti>"


def uids(*values: str) -> Addressees:
    return Addressees(frozenset(Address(AddressKind.UID, value) for value in values))


@pytest.mark.parametrize(
    ("said", "with_whom"),
    [
        (chat("U2", 'uid0="U1" uid1="U2"', more=to('callsign="KAKA"')), "U2"),
        (chat("U2", more=to('callsign="KAKA"')), "U2"),
        (chat("", more=to('callsign="KAKA"')), ""),
        (chat("crew", 'uid0="U1" uid1="U2" uid2="U3"', more=to('callsign="KAKA"')), ""),
        (chat("crew", 'uid0="U1"', more=to('callsign="KAKA"')), ""),
        (event(to('callsign="KAKA"')), ""),
    ],
)
def test_whom_chat_is_with_is_the_one_other_uid_in_it(said: CotEvent, with_whom: str) -> None:
    assert partner(said) == with_whom


def test_what_is_addressed_to_nobody_is_for_everyone() -> None:
    assert addressees(event("")) == EVERYONE
    assert addressees(event("<marti/>")) == EVERYONE


def test_a_callsign_and_a_uid_are_addresses() -> None:
    assert addressees(event(to('callsign="KAKA"', 'uid="U2"'))).to == {
        Address(AddressKind.CALLSIGN, "KAKA"),
        Address(AddressKind.UID, "U2"),
    }


def test_a_group_narrows_the_groups_and_not_the_people() -> None:
    assert addressees(event(to('group="Red"', 'group="Blue"'))) == Addressees(
        groups=frozenset({"Red", "Blue"})
    )
    both = addressees(event(to('group="Red"', 'uid="U2"')))
    assert both == Addressees(uids("U2").to, frozenset({"Red"}))


@pytest.mark.parametrize("name", ["All Streaming", "All Chat Rooms", "Streaming"])
def test_the_callsign_of_everyone_is_everyone(name: str) -> None:
    assert addressees(event(to(f'callsign="{name}"', 'uid="U2"'))) == EVERYONE
    assert addressees(event(to(f'callsign="{name}"', 'group="Red"'))).groups == {"Red"}


@pytest.mark.parametrize("key", ["mission", "mission-guid", "publish"])
def test_what_this_node_does_not_keep_is_refused(key: str) -> None:
    with pytest.raises(Unsupported):
        addressees(event(to('uid="U2"', f'{key}="x"')))


@pytest.mark.parametrize("room", ["All Chat Rooms", "All Streaming", "Streaming", ""])
def test_words_to_all_are_for_everyone(room: str) -> None:
    assert addressees(chat(room, 'uid0="A" uid1="All Chat Rooms"')) == EVERYONE


def test_words_to_a_team_are_for_that_team() -> None:
    expected = Addressees(frozenset({Address(AddressKind.TEAM, "Dark Blue")}))
    assert addressees(chat("Dark Blue", 'uid0="A" uid1="Dark Blue"')) == expected


def test_words_to_people_are_for_them_and_not_for_their_author() -> None:
    assert addressees(chat("B", 'uid0="A" uid1="B"')) == uids("B")
    assert addressees(chat("crew", 'uid0="A" uid1="B" uid2="C" uid3="A"')) == uids("B", "C")


def test_words_to_a_conversation_without_members_are_for_whom_it_is_named_after() -> None:
    assert addressees(chat("B")) == uids("B")
    assert addressees(chat("B", 'uid0="A"')) == uids("B")


def test_a_destination_overrides_the_conversation() -> None:
    said = chat("B", 'uid0="A" uid1="B"', more=to('callsign="C"'))
    assert addressees(said).to == {Address(AddressKind.CALLSIGN, "C")}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (chat("B", 'uid0="A" uid1="B"', more='<link uid="A"/>'), "A"),
        (chat("B", more='<link uid="L"/>', uid="GeoChat.S.B.1"), "L"),
        (chat("B", uid="GeoChat.S.1.B.9f"), "S.1"),
        (chat("", uid="GeoChat.S.rest"), "S"),
        (chat("B", uid="other"), None),
    ],
)
def test_the_author_of_words_is_the_first_that_is_named(
    said: CotEvent, expected: str | None
) -> None:
    assert author(said) == expected


def test_the_author_of_a_call_for_help_is_linked() -> None:
    assert author(event('<link uid="A" relation="p-p"/>', type_="b-a-o-tbl")) == "A"
    assert author(event("", type_="b-a-o-tbl")) is None


@pytest.mark.parametrize(
    "said",
    [
        chat("B", 'uid0="A" uid1="B"', more='<link uid="L"/>'),
        chat("B", 'uid0="A"', more='<link uid="A"/><link uid="L"/>'),
        chat("B", more='<link uid="A"/><link uid="L"/>'),
        chat("B", 'uid0="A"', more='<__chat id="B"><chatgrp uid0="L"/></__chat>'),
        chat("B", 'uid0="A"/><chatgrp uid0="L"'),
        event('<link uid="A"/><link uid="L"/>', type_="b-a-o-tbl"),
    ],
)
def test_what_names_several_as_its_author_is_refused(said: CotEvent) -> None:
    with pytest.raises(Malformed):
        author(said)


@pytest.mark.parametrize("type_", ["b-t-f;x", "b-a", "b-a;x", "b-a-o-tbl;x"])
def test_what_stands_after_a_semicolon_takes_no_author_away(type_: str) -> None:
    assert author(event('<link uid="A"/>', type_=type_)) == "A"


def test_words_of_a_type_with_more_after_it_are_for_their_conversation() -> None:
    said = event('<__chat id="B"><chatgrp uid0="A" uid1="B"/></__chat>', type_="b-t-f;x")
    assert addressees(said) == uids("B")


def test_what_is_drawn_speaks_for_nobody() -> None:
    assert author(event(f'{CONTACT}<link uid="A"/>', type_="u-d-f")) is None


def test_what_is_for_a_mission_says_why_it_is_not_taken_here() -> None:
    with pytest.raises(Unsupported, match="only a client's own connection"):
        addressees(event(to('mission="Bay"')))
    with pytest.raises(Unsupported, match="marti/dest with publish"):
        addressees(event(to('publish="x"')))
