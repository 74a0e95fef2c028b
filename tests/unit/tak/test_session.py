import logging
import re
from dataclasses import replace

import pytest

from accord.core.principal import Direction
from accord.core.report import Form
from accord.live.intake import IntakeSettings
from accord.live.outbox import OutboxSettings
from accord.tak.session import CotSettings, spell_address
from support.cot import TIME, cot_xml
from support.tak import PING, REQUEST, FakeNode, as_frame, own_position, read_sent

XML, PROTOBUF = Form.COT_XML, Form.COT_PROTOBUF


def _marker(uid: str, detail: str = "", more: str = "") -> bytes:
    return cot_xml(uid, "a-h-G", detail, more=more)


def _directed(marker: str, **dest: str) -> bytes:
    ((key, value),) = dest.items()
    return _marker(marker, f'<marti><dest {key}="{value}"/></marti>')


def test_a_late_joiner_gets_the_picture_then_the_offer_then_live_traffic() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    a.receive(_marker("before"))
    node.tick()
    _, late = node.connect("B")
    a.receive(_marker("after"))
    node.tick()
    assert [(sent.uid, sent.type) for sent in late.take()] == [
        ("before", "a-h-G"),
        ("protouid", "t-x-takp-v"),
        ("after", "a-h-G"),
    ]


def test_a_late_joiner_whose_socket_is_full_gets_the_rest_of_the_picture_before_live_traffic() -> (
    None
):
    node = FakeNode()
    a, _ = node.join("A")
    for number in range(100):
        a.receive(_marker(f"M{number:03}"))
    node.tick()
    late, peer = node.connect("B", room=1)
    a.receive(_marker("live"))
    node.tick()
    first = [uid for uid in peer.uids() if uid != "protouid"]
    peer.room = None
    late.resume()
    rest = peer.uids()
    assert 0 < len(first) < 100
    assert sorted([*first, *rest[:-1]]) == [f"M{number:03}" for number in range(100)]
    assert rest[-1] == "live"


def test_no_offer_is_made_where_the_settings_say_so() -> None:
    node = FakeNode(cot=CotSettings(offer_protobuf=False))
    session, peer = node.connect("A")
    assert peer.take() == []
    session.receive(REQUEST)
    assert 'status="false"' in peer.take()[0].text


def test_what_waits_at_the_switch_is_xml_before_the_answer_and_protobuf_after_it() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, peer = node.join("B")
    a.receive(_marker("M1"))
    b.receive(REQUEST)
    a.receive(_marker("M2"))
    node.tick()
    sent = peer.take()
    assert [(each.form, each.uid) for each in sent] == [
        (XML, "M1"),
        (XML, "protouid"),
        (PROTOBUF, "M2"),
    ]
    assert 'TakResponse status="true"' in sent[1].text
    assert b.speaks_protobuf


def test_what_a_full_socket_held_back_over_the_switch_is_sent_as_protobuf() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, peer = node.join("B")
    b.pause()
    a.receive(_marker("M1"))
    node.tick()
    b.receive(REQUEST)
    a.receive(_marker("M2"))
    node.tick()
    assert [each.type for each in peer.take()] == ["t-x-takp-r"]
    b.resume()
    assert [(each.form, each.uid) for each in peer.take()] == [(PROTOBUF, "M1"), (PROTOBUF, "M2")]


def test_the_rest_of_the_picture_follows_a_switch_as_protobuf() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    for number in range(200):
        a.receive(_marker(f"M{number}"))
    node.tick()
    b, peer = node.connect("B", room=1)
    b.receive(REQUEST)
    peer.room = None
    b.resume()
    sent = peer.take()
    answer = next(at for at, each in enumerate(sent) if each.type == "t-x-takp-r")
    assert {each.form for each in sent[: answer + 1]} == {XML}
    assert {each.form for each in sent[answer + 1 :]} == {PROTOBUF}
    assert len(sent) == 202  # two of them negotiate


def test_pings_after_the_switch_are_answered_in_frames() -> None:
    node = FakeNode()
    b, peer = node.join("B")
    b.receive(REQUEST)
    peer.take()
    b.receive(as_frame("U1-ping", "t-x-c-t"))
    assert [(each.form, each.type) for each in peer.take()] == [(PROTOBUF, "t-x-c-t-r")]


def test_an_unsupported_version_is_refused_and_xml_goes_on() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, peer = node.join("B")
    b.receive(REQUEST.replace(b'TakRequest version="1"', b'TakRequest version="2"'))
    a.receive(_marker("M1"))
    node.tick()
    answer, report = peer.take()
    assert 'status="false"' in answer.text
    assert report.form is XML
    assert not b.speaks_protobuf


def test_frames_without_asking_are_heard_and_answered_with_xml() -> None:
    # PyTAK with TAK_PROTO=1 sends frames at once and goes on reading XML.
    node = FakeNode()
    a, peer_of_a = node.join("A")
    b, peer_of_b = node.join("B")
    a.receive(as_frame("U1"))
    b.receive(_marker("M1"))
    node.tick()
    assert [(each.form, each.uid) for each in peer_of_b.take()] == [(XML, "U1")]
    assert [(each.form, each.uid) for each in peer_of_a.take()] == [(XML, "M1")]


def test_over_a_websocket_everything_is_protobuf_at_once_and_each_report_a_write() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    a.receive(_marker("M1"))
    session, peer = node.connect("B", over_websocket=True)
    a.receive(_marker("M2"))
    a.receive(_marker("M3"))
    node.tick()
    session.receive(as_frame("U1-ping", "t-x-c-t"))
    assert [(each.form, each.uid) for each in peer.take()] == [
        (PROTOBUF, "M1"),
        (PROTOBUF, "M2"),
        (PROTOBUF, "M3"),
        (PROTOBUF, "takPong"),
    ]
    assert peer.writes == 4
    session.receive(own_position())
    assert session.speaker.refused == {"malformed": 1}


def test_what_waits_is_joined_into_one_write() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    before = peer.writes
    for uid in ("M1", "M2", "M3"):
        a.receive(_marker(uid))
    node.tick()
    assert peer.uids() == ["M1", "M2", "M3"]
    assert peer.writes == before + 1


def test_a_client_never_gets_its_own_echo() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    a.receive(own_position("A1", "ALPHA") + _marker("M1"))
    a.receive(_directed("M2", callsign="ALPHA"))
    node.tick()
    assert peer.take() == []


def test_a_client_that_comes_back_is_not_sent_what_it_said() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, _ = node.join("B")
    a.receive(own_position("A1"))
    b.receive(_marker("M1"))
    node.tick()
    a.closed()
    _, again = node.connect("A")
    assert again.uids() == ["M1", "protouid"]


def test_others_are_told_that_a_contact_has_gone() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    _, elsewhere = node.join("C", groups={"Red": Direction.BOTH})
    a.receive(own_position("A1"))
    node.tick()
    peer.take()
    a.closed()
    node.tick()
    (notice,) = peer.take()
    assert notice.type == "t-x-d-d"
    assert notice.uid != "A1"
    (link,) = re.findall(r"<link ([^>]*)/>", notice.text)
    said = dict(re.findall(r'(\w+)="([^"]*)"', link))
    assert said == {"uid": "A1", "type": "a-f-G-U-C", "relation": "p-p"}
    assert elsewhere.take() == []
    assert node.picture.everything()[0].lead.uid == "A1"  # it stays until stale


def test_a_client_that_never_said_who_it_is_leaves_in_silence() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    a.receive(_marker("M1"))
    node.tick()
    peer.take()
    a.closed()
    node.tick()
    assert peer.take() == []


def test_the_uid_of_a_client_that_has_gone_is_free() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, _ = node.join("B")
    a.receive(own_position("A1"))
    a.closed()
    b.receive(own_position("A1", minute=5))
    assert b.uid == "A1"


def test_nobody_is_told_that_a_phone_has_gone_that_came_back_over_another_network() -> None:
    node = FakeNode()
    old, _ = node.join("A")
    _, peer = node.join("B")
    old.receive(own_position("A1"))
    new, _ = node.join("A")
    new.receive(own_position("A1", minute=5))
    node.tick()
    peer.take()
    old.closed("connection reset")
    node.tick()
    assert peer.take() == []
    new.closed()
    node.tick()
    assert [each.type for each in peer.take()] == ["t-x-d-d"]


def test_a_departure_from_an_exercise_is_told_in_that_exercise_only() -> None:
    node = FakeNode()
    a, _ = node.join("A", exercises=frozenset({"BLUE-ROCK"}))
    _, inside = node.join("B", exercises=frozenset({"BLUE-ROCK"}))
    _, outside = node.join("C")
    a.receive(own_position("A1", more='opex="e-BLUE-ROCK"'))
    a.closed()
    node.tick()
    position, notice = inside.take()
    assert (position.uid, notice.type) == ("A1", "t-x-d-d")
    assert 'opex="e-BLUE-ROCK"' in notice.text
    assert "<__exercise" in notice.text
    assert outside.take() == []


def test_a_departure_is_told_to_those_who_were_sent_the_position_and_no_others() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, friend = node.join("B")
    _, other = node.join("C")
    b.receive(own_position("B1", "BRAVO"))
    node.tick()
    other.take()
    a.receive(own_position("A1", detail='<marti><dest callsign="BRAVO"/></marti>'))
    a.closed()
    node.tick()
    assert [each.type for each in friend.take()] == ["a-f-G-U-C", "t-x-d-d"]
    assert other.take() == []


def test_the_longest_uid_there_may_be_departs_like_any_other() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    uid = "U" * 512
    a.receive(own_position(uid))
    a.closed()
    node.tick()
    assert f'uid="{uid}"' in peer.take()[1].text


def test_a_gateway_answers_to_the_names_of_all_its_contacts_and_takes_all_along() -> None:
    node = FakeNode()
    gateway, peer = node.join("G")
    b, other = node.join("B")
    gateway.receive(own_position("G1", "ONE") + own_position("G2", "TWO"))
    node.tick()
    other.take()
    for number, callsign in enumerate(("ONE", "TWO")):
        b.receive(_directed(f"M{number}", callsign=callsign))
    node.tick()
    assert peer.uids() == ["M0", "M1"]
    assert (gateway.uid, gateway.callsign) == ("G1", "ONE")
    gateway.closed()
    node.tick()
    gone = [re.findall(r'link uid="(\w+)"', each.text) for each in other.take()]
    assert gone == [["G1"], ["G2"]]


def test_a_connection_forgets_contacts_that_another_one_has_taken_over() -> None:
    node = FakeNode(intake=IntakeSettings(max_contacts_per_connection=2))
    old, peer_of_old = node.join("G")
    new, peer_of_new = node.join("G")
    b, _ = node.join("B")
    old.receive(own_position("G1", "ONE") + own_position("G2", "TWO"))
    new.receive(own_position("G1", "ONE", minute=5))
    old.receive(own_position("G3", "THREE"))
    b.receive(_directed("M1", callsign="ONE"))
    node.tick()
    assert "M1" in peer_of_new.uids()
    assert "M1" not in peer_of_old.uids()


@pytest.mark.parametrize(
    "dest", [{"uid": "A1"}, {"callsign": "ALPHA"}], ids=["by-uid", "by-callsign"]
)
def test_only_the_addressee_gets_what_is_directed(dest: dict[str, str]) -> None:
    node = FakeNode()
    a, addressee = node.join("A")
    b, other = node.join("B")
    c, _ = node.join("C")
    a.receive(own_position("A1", "ALPHA"))
    b.receive(own_position("B1", "BRAVO"))
    node.tick()
    addressee.take()
    other.take()
    c.receive(_directed("M1", **dest))
    node.tick()
    (sent,) = addressee.take()
    assert sent.uid == "M1"
    assert "marti" not in sent.text
    assert other.take() == []


def _words(uid: str, *, to: str, to_uid: str = "A1") -> bytes:
    """Chat to one as ATAK writes it: his callsign as the `dest`, his uid in the conversation."""
    said = f'<__chat id="{to_uid}" chatroom="{to}"><chatgrp uid0="C1" uid1="{to_uid}"/></__chat>'
    return cot_xml(
        uid, "b-t-f", f'{said}<remarks>hi</remarks><marti><dest callsign="{to}"/></marti>'
    )


def test_words_to_an_absent_one_are_kept_for_whose_uid_they_name_and_not_for_his_callsign() -> None:
    node = FakeNode()
    a, _ = node.join("A", credential="a")
    b, other = node.join("B", credential="b")
    c, _ = node.join("C", credential="c")
    a.receive(own_position("A1", "ALPHA"))
    c.receive(own_position("C1", "CHARLIE"))
    a.closed()
    c.receive(_words("M1", to="ALPHA"))
    b.receive(own_position("B1", "ALPHA"))  # who takes the callsign when he has gone
    c.receive(_words("M2", to="ALPHA"))
    c.receive(_directed("M3", callsign="ALPHA"))  # no words, and no uid in it
    node.tick()
    assert [uid for uid in other.uids() if uid.startswith("M")] == ["M3"]
    assert node.hub.counts["words to a callsign kept for whose uid they name"] == 2
    a, his = node.join("A", credential="a")
    a.receive(own_position("A1", "ALPHA"))
    assert [uid for uid in his.uids() if uid.startswith("M")] == ["M1", "M2"]
    c.receive(_words("M4", to="ALPHA", to_uid="B1"))  # who has the callsign, and is named
    c.receive(_words("M5", to="ALPHA", to_uid="unknown"))
    node.tick()
    assert [uid for uid in other.uids() if uid.startswith("M")] == ["M4", "M5"]
    assert [uid for uid in his.uids() if uid.startswith("M")] == []


def test_words_reach_him_by_his_callsign_at_another_phone_than_they_name() -> None:
    node = FakeNode()
    old, _ = node.join("A", credential="a")
    c, _ = node.join("C", credential="c")
    old.receive(own_position("A1", "ALPHA"))
    old.closed()
    new, peer = node.join("A", credential="a")
    new.receive(own_position("A2", "ALPHA"))
    c.receive(_words("M1", to="ALPHA"))
    node.tick()
    assert "M1" in peer.uids()


def test_a_client_that_changes_its_callsign_answers_to_the_new_one_only() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    b, _ = node.join("B")
    a.receive(own_position("A1", "ALPHA"))
    a.receive(own_position("A1", "OMEGA", minute=5))
    assert a.callsign == "OMEGA"
    b.receive(_directed("M1", callsign="ALPHA"))
    b.receive(_directed("M2", callsign="OMEGA"))
    node.tick()
    assert peer.uids() == ["M2"]


def test_a_client_that_changes_its_team_hears_the_new_team_only() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    b, _ = node.join("B")
    a.receive(own_position("A1", team="Cyan"))
    a.receive(own_position("A1", team="Red", minute=5))
    for team in ("Cyan", "Red"):
        chat = f'<__chat id="{team}" chatroom="{team}" senderCallsign="B"/><remarks>hi</remarks>'
        b.receive(cot_xml(f"GeoChat.B1.{team}.1", "b-t-f", chat))
    node.tick()
    assert peer.uids() == ["GeoChat.B1.Red.1"]


def test_a_client_that_only_moves_keeps_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode()
    a, peer = node.join("A")
    b, other = node.join("B")
    a.receive(own_position("A1", "ALPHA"))
    monkeypatch.setattr(node.hub, "address", None)  # calling it would fail
    a.receive(own_position("A1", "ALPHA", minute=5))
    b.receive(_directed("M1", callsign="ALPHA"))
    node.tick()
    assert peer.uids() == ["M1"]
    assert other.uids() == ["A1", "A1"]


def test_a_contact_without_callsign_and_team_is_reached_by_its_uid() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    b, _ = node.join("B")
    a.receive(own_position("A1", "", ""))
    b.receive(_directed("M1", uid="A1"))
    node.tick()
    assert peer.uids() == ["M1"]
    assert {address.value for address in a.receiver.addresses} == {"A1"}


def test_with_a_contact_no_long_event_is_remembered() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    a.receive(own_position("A1", detail=f"<x>{'y' * 100_000}</x>"))
    (contact,) = a._contacts.values()  # pyright: ignore[reportPrivateUsage]  nothing else tells
    assert contact.last.original is None
    a.closed()
    node.tick()
    assert [each.type for each in peer.take()] == ["a-f-G-U-C", "t-x-d-d"]


def test_a_call_for_help_in_ones_own_name_is_no_position() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    alarm = '<link uid="A1" relation="p-p"/><emergency type="911 Alert">A</emergency>'
    a.receive(cot_xml("A1", "b-a-o-tbl", alarm))
    assert a.speaker.accepted == 1
    assert (a.uid, a.callsign) == (None, None)


def test_a_slow_client_is_sent_the_newest_position_and_all_the_rest() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    slow, peer = node.join("B")
    slow.pause()
    for minute in (4, 5, 6):
        a.receive(cot_xml("T1", "a-h-G", time=TIME.replace("03:04", f"03:0{minute}")))
        a.receive(cot_xml(f"GeoChat.A1.All Chat Rooms.{minute}", "b-t-f", "<remarks>m</remarks>"))
        node.tick()
    assert peer.take() == []
    slow.resume()
    sent = peer.take()
    assert sorted(each.uid for each in sent) == [
        "GeoChat.A1.All Chat Rooms.4",
        "GeoChat.A1.All Chat Rooms.5",
        "GeoChat.A1.All Chat Rooms.6",
        "T1",
    ]
    assert TIME.replace("03:04", "03:06") in next(each.text for each in sent if each.uid == "T1")


def test_a_client_too_slow_is_cut_off_counted_and_named_and_nobody_else_notices(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "accord")
    node = FakeNode(outbox=OutboxSettings(limit_reports=2))
    a, _ = node.join("A")
    slow, peer = node.join("B")
    _, other = node.join("C")
    slow.pause()
    for number in range(4):
        a.receive(_marker(f"M{number}"))
        node.tick()
    assert peer.is_aborted
    assert "client cut off client=B" in caplog.text
    slow.closed("broken pipe")
    reason = "too slow: more than 2 reports waiting"
    assert node.bridge.ended == {reason: 1}
    assert other.uids() == ["M0", "M1", "M2", "M3"]


def test_a_client_that_pings_and_does_not_read_is_not_answered() -> None:
    node = FakeNode()
    session, peer = node.join("A")
    session.pause()
    for _ in range(3):
        session.receive(PING)
    assert peer.data == b""
    assert node.bridge.faults == {"answers withheld from clients that do not read": 3}
    session.resume()
    session.receive(PING)
    assert [each.type for each in peer.take()] == ["t-x-c-t-r"]


def test_what_is_pending_is_written_before_an_answer() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, peer = node.join("B")
    a.receive(_marker("M1"))
    b.receive(PING)
    assert peer.uids() == ["M1", "takPong"]


def test_a_client_is_not_read_while_the_journal_is_behind_and_loses_nothing() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    assert a.receive(_marker("M1"))
    node.is_congested = True
    assert not a.receive(_marker("M2"))
    assert not a.receive(b"")
    node.is_congested = False
    assert a.receive(b"")
    assert [report.uid for report in node.kept] == ["M1", "M2"]


def test_bad_events_cost_their_sender_a_counted_reason_and_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    node = FakeNode()
    a, mine = node.join("A")
    b, peer = node.join("B")
    bad = _marker("M1").replace(b'lat="-41.28"', b'lat="south"')
    unsupported = _directed("M2", mission="somewhere")
    a.receive(bad * 3 + unsupported + _marker("M3"))
    node.tick()
    assert peer.uids() == ["M3"]
    assert a.speaker.refused == {"malformed": 3, "unsupported": 1}
    assert node.bridge.faults == {"malformed": 3, "unsupported": 1}
    assert b.speaker.refused == {}
    lines = [record.message for record in caplog.records]
    assert len([line for line in lines if "reason=malformed" in line]) == 1
    assert all(line.startswith("unreadable client=A address=192.0.2.1:0") for line in lines)
    assert not mine.is_aborted


def test_what_the_door_refuses_is_counted_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    node = FakeNode()
    a, _ = node.join("A")
    b, peer = node.join("B")
    a.receive(own_position("A1"))
    node.tick()
    peer.take()
    b.receive(own_position("A1", "THIEF") * 2)
    node.tick()
    reason = "speaks under another client's uid"
    assert b.speaker.refused == {reason: 2}
    assert b.uid is None
    assert [line.message for line in caplog.records] == [
        f'refused client=B reason="{reason}" uid=A1'
    ]


def test_a_client_whose_framing_is_lost_is_cut_off() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    a.receive(as_frame("U1"))
    a.receive(b"\xbf" + b"\xff" * 20)  # no length of a frame ends here
    assert peer.is_aborted
    a.closed()
    assert node.bridge.ended == {"framing lost": 1}


def test_the_session_of_a_revoked_principal_can_be_ended_and_says_nothing_more() -> None:
    node = FakeNode()
    a, revoked = node.join("A")
    b, peer = node.join("B")
    for session in tuple(node.bridge.sessions):
        if session.principal.name == "A":
            session.end("revoked")
            session.end("something else")
    assert revoked.is_aborted
    assert a.receive(_marker("M1"))
    assert a.speaker.accepted == 0
    a.closed()
    assert node.bridge.ended == {"revoked": 1}
    assert node.bridge.sessions == {b}
    b.receive(_marker("M2"))
    node.tick()
    assert peer.take() == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [("", "closed by the client"), ("connection reset by peer", "connection broken")],
)
def test_an_end_is_counted_once_by_its_reason(error: str, reason: str) -> None:
    node = FakeNode()
    a, _ = node.join("A")
    a.closed(error)
    a.closed(error)
    assert node.bridge.ended == {reason: 1}
    assert node.bridge.sessions == set()
    assert node.hub.receivers == set()


def test_the_settings_limit_what_one_event_may_be() -> None:
    node = FakeNode(cot=CotSettings(max_event_bytes=400, max_depth=3))
    a, _ = node.join("A")
    a.receive(_marker("M1", f"<remarks>{'x' * 400}</remarks>"))
    a.receive(_marker("M2", "<a><b><c/></b></a>"))
    assert a.speaker.refused == {"too large": 1, "too deep": 1}


@pytest.mark.parametrize(
    ("peer", "text"),
    [
        (("192.0.2.1", 4), "192.0.2.1:4"),
        (("::ffff:192.0.2.1", 4, 0, 0), "192.0.2.1:4"),
        (("2001:db8::1", 4, 0, 0), "[2001:db8::1]:4"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_is_spelled_as_in_a_url(peer: tuple[str | int, ...] | None, text: str) -> None:
    assert spell_address(peer) == text


def test_the_greeting_is_one_event_that_ends_with_its_end_tag() -> None:
    _, peer = FakeNode().connect("A")
    assert peer.data.endswith(b"</event>")
    (offer,) = read_sent(peer.data)
    assert '<TakProtocolSupport version="1"/>' in offer.text


def test_who_may_only_hear_can_be_addressed_and_nobody_hears_of_him() -> None:
    node = FakeNode()
    speaker, _ = node.join("A")
    hearer, ears = node.connect("B", groups={"Blue": Direction.OUT})
    _, other = node.join("C")
    hearer.receive(own_position("B", "B"))
    node.tick()
    other.take()
    ears.take()
    speaker.receive(_directed("M1", callsign="B"))
    speaker.receive(_directed("M2", uid="B"))
    node.tick()
    assert ears.uids() == ["M1", "M2"]
    hearer.closed()
    node.tick()
    assert other.take() == []


def test_positions_that_repeat_each_other_move_the_picture_and_reach_others_as_they_came() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    _, peer = node.join("B")
    frames = [
        own_position("A1", minute=minute).replace(b'lat="-41.28"', b'lat="-41.%d"' % minute)
        for minute in range(10)
    ]
    for frame in frames:
        node.clock.advance(minutes=1)
        a.receive(frame)
    node.tick()
    (track,) = node.picture.everything()
    assert track.lead == replace(node.kept[-1], doubts=track.lead.doubts)
    assert [report.time.minute for report in node.kept] == list(range(10))
    assert [report.received for report in node.kept] == sorted(r.received for r in node.kept)
    assert {report.author for report in node.kept} == {"A1"}
    assert b"".join(frames) == peer.data


def test_who_repeats_his_position_under_another_callsign_answers_to_that() -> None:
    node = FakeNode()
    a, peer = node.join("A")
    b, _ = node.join("B")
    for minute in range(6):
        a.receive(own_position("A1", "KIWI1", minute=minute))
    for minute in range(6, 12):
        a.receive(own_position("A1", "MOA2", minute=minute))
    assert a.callsign == "MOA2"
    b.receive(_directed("M1", callsign="MOA2"))
    b.receive(_directed("M2", callsign="KIWI1"))
    node.tick()
    assert [uid for uid in peer.uids() if uid.startswith("M")] == ["M1"]


def test_a_uid_that_is_repeated_by_somebody_else_stays_its_owners() -> None:
    node = FakeNode()
    a, _ = node.join("A", groups={"Blue": Direction.BOTH})
    c, _ = node.join("C", groups={"Blue": Direction.BOTH, "Red": Direction.BOTH})
    for minute in range(4):
        a.receive(own_position("A1", minute=minute))
        c.receive(own_position("A1", minute=minute))  # the uid is another's
    assert {report.source.speaker for report in node.kept} == {"A"}
    assert {report.groups for report in node.kept} == {frozenset({"Blue"})}
