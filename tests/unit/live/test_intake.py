from dataclasses import replace
from datetime import timedelta

import pytest

from accord.core.body import Alarm, Message, Opaque, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Polyline
from accord.core.kind import Kind
from accord.core.principal import Direction, Principal, Role
from accord.core.report import Address, AddressKind, Form, Report, Source
from accord.live.hub import Hub, Receiver
from accord.live.intake import (
    READINESS,
    READINESS_DESK,
    SAR,
    SAR_DESK,
    Intake,
    IntakeSettings,
    Speaker,
)
from accord.live.outbox import Outbox, OutboxSettings
from accord.live.words import Words, WordsSettings
from accord.picture.picture import Change, Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import ManualClock


class Node:
    """Everything behind the door, and what came out of it."""

    def __init__(self, settings: IntakeSettings | None = None) -> None:
        self.kept: list[tuple[int, Report]] = []
        self.journal_is_full = False
        self.hub = Hub(
            encoders={Form.COT_XML: lambda r: r.uid.encode()},
            words=Words(WordsSettings(), clock=ManualClock()),
            flush_interval=0,
            schedule=lambda _, run: run(),
        )
        self.picture = Picture(PictureSettings())
        self.intake = Intake(
            settings or IntakeSettings(), picture=self.picture, journal=self, hub=self.hub
        )
        self.got: dict[str, list[bytes]] = {}

    def append(self, sequence: int, report: Report) -> bool:
        if not self.journal_is_full:
            self.kept.append((sequence, report))
        return not self.journal_is_full

    def speaker(self, name: str, **of_principal: object) -> Speaker:
        values = {"groups": {"Blue": Direction.BOTH}, **of_principal}
        principal = Principal(name=name, **values)  # type: ignore[arg-type]  # values are a test's
        got = self.got[name] = []
        outbox = Outbox(
            OutboxSettings(), form=Form.COT_XML, write=got.extend, overflow=lambda _: None
        )
        receiver = Receiver(principal=principal, outbox=outbox)
        self.hub.join(receiver, ())
        source = Source(node="NZL", channel="tak", speaker=name)
        return Speaker(principal=principal, source=source, receiver=receiver)


def own_position(uid: str) -> Report:
    return a_report(uid, author=uid)


def test_an_accepted_report_is_on_the_picture_kept_and_sent_to_others() -> None:
    node = Node()
    a, _ = node.speaker("A"), node.speaker("B")
    assert node.intake.accept(a_report("X"), a) is None
    assert node.picture.get(LIVE, "X") is not None
    assert [report.uid for _, report in node.kept] == ["X"]
    assert node.got == {"A": [], "B": [b"X"]}
    assert (a.accepted, a.last_useful) == (1, a_report().received)


def test_sequence_numbers_rise_by_one() -> None:
    node = Node()
    a = node.speaker("A")
    for uid in "XYZ":
        node.intake.accept(a_report(uid), a)
    numbers = [number for number, _ in node.kept]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_nobody_speaks_under_the_uid_of_another_who_is_connected() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    node.intake.accept(own_position("PHONE-A"), a)
    refused = node.intake.accept(a_report("PHONE-A"), b)
    assert refused == "speaks under another client's uid"
    assert b.refused == {refused: 1}
    assert node.intake.refused == {refused: 1}
    assert len(node.kept) == 1


def test_nobody_writes_in_the_name_of_another_who_is_connected() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    node.intake.accept(own_position("PHONE-A"), a)
    forged = a_report(
        "chat", author="PHONE-A", body=Message(text="hi", sender="PHONE-A", room="All Chat Rooms")
    )
    assert node.intake.accept(forged, b) == "speaks in another client's name"
    assert node.intake.accept(forged, a) is None


def test_who_takes_a_uid_elsewhere_keeps_no_call_for_help_from_those_who_hear_it() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    stranger = node.speaker("X", groups={"Red": Direction.BOTH})
    node.intake.accept(replace(own_position("PHONE-A"), groups=frozenset({"Red"})), stranger)
    call = a_report("help", author="PHONE-A", body=Alarm(point=a_point(), category="911"))
    assert node.intake.accept(call, a) is None
    assert node.got["B"] == [b"help"]
    over = replace(call, body=Alarm(category="911", cancels=True))
    assert node.intake.accept(over, a) is None
    node.intake.accept(own_position("PHONE-B"), b)
    forged = replace(call, uid="false", author="PHONE-B")
    assert node.intake.accept(forged, a) == "speaks in another client's name"


def test_who_takes_a_uid_in_an_exercise_keeps_no_live_call_for_help_from_anybody() -> None:
    node = Node()
    a, player = node.speaker("A"), node.speaker("P", exercises=frozenset({"TASMAN"}))
    drill = Context.exercise("TASMAN")
    assert node.intake.accept(replace(own_position("PHONE-A"), context=drill), player) is None
    call = a_report("help", author="PHONE-A", body=Alarm(point=a_point(), category="911"))
    assert node.intake.accept(call, a) is None
    assert node.got["P"] == [b"help"]


def said(sender: str, author: str | None) -> Report:
    words = Message(text="hi", sender=sender, room="All Chat Rooms")
    return a_report("chat", author=author, body=words)


def test_nobody_writes_under_the_callsign_of_another_who_is_connected() -> None:
    node = Node()
    a, again, b = node.speaker("A"), node.speaker("A"), node.speaker("B")
    assert a.receiver is not None
    node.hub.address(a.receiver, {Address(AddressKind.CALLSIGN, "KIWI1")})
    for author in ("PHONE-B", None):
        refused = node.intake.accept(said("KIWI1", author), b)
        assert refused == "speaks under another client's callsign"
    assert node.intake.accept(said("KIWI2", "PHONE-B"), b) is None
    assert node.intake.accept(said("KIWI1", "PHONE-A"), a) is None
    assert node.intake.accept(said("KIWI1", "PHONE-A"), again) is None
    node.hub.leave(a.receiver)
    assert node.intake.accept(said("KIWI1", "PHONE-B"), b) is None


def test_words_that_name_no_author_are_under_ones_own_callsign_or_none() -> None:
    node = Node()
    a = node.speaker("A")
    assert node.intake.accept(said("KIWI1", None), a) == "words without an author"
    assert node.intake.accept(said("", None), a) is None
    assert a.receiver is not None
    node.hub.address(a.receiver, {Address(AddressKind.CALLSIGN, "KIWI1")})
    assert node.intake.accept(said("KIWI1", None), a) is None


def test_nobody_removes_another_client_but_anyone_removes_what_lies_on_the_map() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    node.intake.accept(own_position("PHONE-A"), a)
    node.intake.accept(a_report("marker"), a)
    gone = a_report("gone", body=Removal(target="PHONE-A"))
    assert node.intake.accept(gone, b) == "removes another client"
    assert node.intake.accept(a_report("gone2", body=Removal(target="marker")), b) is None
    assert node.picture.get(LIVE, "marker") is None
    assert node.picture.get(LIVE, "PHONE-A") is not None


def test_who_hears_no_claim_that_is_left_is_told_of_the_removal() -> None:
    node = Node()
    both = {"Blue": Direction.BOTH, "Red": Direction.BOTH}
    blue, red = node.speaker("BLUE"), node.speaker("RED", groups={"Red": Direction.BOTH})
    node.speaker("HEARS BLUE")
    node.speaker("HEARS BOTH", groups=both)
    node.intake.accept(in_group("marker", "Blue", blue), blue)
    node.intake.accept(in_group("marker", "Red", red), red)
    for got in node.got.values():
        got.clear()
    gone = replace(in_group("gone", "Blue", blue), body=Removal(target="marker"))
    assert node.intake.accept(gone, blue) is None
    assert node.got["HEARS BLUE"] == [b"gone"]
    assert node.got["HEARS BOTH"] == [b"gone", b"marker"]
    assert node.got["RED"] == [b"marker"]


def test_of_what_a_partner_ends_those_are_not_told_who_hear_what_is_left() -> None:
    node = Node()
    own, partner = node.speaker("OWN"), node.speaker("AUS")
    partner.source = Source(node="AUS", channel="partner:AUS", speaker="AUS")
    node.speaker("HEARS")
    node.intake.accept(in_group("marker", "Blue", own), own)
    node.intake.accept(in_group("marker", "Blue", partner), partner)
    node.got["HEARS"].clear()
    gone = replace(in_group("gone", "Blue", partner), body=Removal(target="marker"))
    assert node.intake.accept(gone, partner) is None
    assert node.got["HEARS"] == [b"marker"]


def in_group(uid: str, group: str, speaker: Speaker) -> Report:
    return replace(a_report(uid), groups=frozenset({group}), source=speaker.source)


def test_writing_in_ones_name_alone_does_not_take_a_uid() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    words = Message(text="hi", sender="PHONE-B", room="All Chat Rooms")
    node.intake.accept(a_report("chat", author="PHONE-B", body=words), a)
    assert node.intake.accept(own_position("PHONE-B"), b) is None


def test_the_same_principal_takes_over_from_its_own_dead_connection() -> None:
    node = Node()
    old, new, other = node.speaker("A"), node.speaker("A"), node.speaker("B")
    node.intake.accept(own_position("PHONE-A"), old)
    assert node.intake.accept(own_position("PHONE-A"), new) is None
    node.intake.forget(old)
    assert node.intake.accept(a_report("PHONE-A"), other) == "speaks under another client's uid"


def test_a_uid_is_free_again_when_its_owner_has_gone() -> None:
    node = Node()
    a, b = node.speaker("A"), node.speaker("B")
    node.intake.accept(own_position("PHONE-A"), a)
    node.intake.forget(a)
    assert node.intake.accept(own_position("PHONE-A"), b) is None


RED = {"Red": Direction.BOTH}


def to(uid: str, *groups: str) -> Report:
    address = frozenset({Address(AddressKind.UID, uid)})
    return a_report("directed", to=address, groups=frozenset(groups))


def phone(node: Node, name: str, uid: str, **more: object) -> Speaker:
    """Let somebody with a certificate say who he is."""
    speaker = node.speaker(name, **{"credential": f"of {name}", **more})
    said = replace(own_position(uid), groups=speaker.principal.speaks_in)
    assert node.intake.accept(said, speaker) is None
    assert speaker.receiver is not None
    node.hub.address(speaker.receiver, {Address(AddressKind.UID, uid)})
    node.got[name].clear()
    return speaker


def test_who_shares_no_group_keeps_nobody_from_his_uid_and_hears_nothing_of_it() -> None:
    node = Node()
    phone(node, "squatter", "PHONE-A", groups=RED)
    alice = phone(node, "alice", "PHONE-A")
    bob = phone(node, "bob", "PHONE-B")
    assert node.intake.accept(own_position("PHONE-A"), alice) is None
    node.got["alice"].clear()
    assert node.intake.accept(to("PHONE-A", "Blue"), bob) is None
    assert node.got["alice"] == [b"directed"]
    assert node.got["squatter"] == []
    # Each goes without the other.
    node.intake.forget(alice)
    assert node.intake.accept(own_position("PHONE-A"), alice) is None


def test_what_is_said_to_a_device_into_groups_of_both_reaches_whose_it_is_and_no_other() -> None:
    node = Node()
    both = {"Blue": Direction.BOTH, **RED}
    alice = phone(node, "alice", "PHONE-A")
    phone(node, "squatter", "PHONE-A", groups=RED)
    desk = phone(node, "desk", "DESK", groups=both)
    node.got["alice"].clear()
    node.got["squatter"].clear()
    node.intake.accept(to("PHONE-A", "Blue", "Red"), desk)
    assert (node.got["alice"], node.got["squatter"]) == ([b"directed"], [])
    assert alice.receiver is not None
    node.hub.leave(alice.receiver)
    node.intake.forget(alice)
    node.got["squatter"].clear()
    node.intake.accept(to("PHONE-A", "Blue", "Red"), desk)
    words = Message(text="hi", sender="", room="PHONE-A")
    node.intake.accept(replace(to("PHONE-A", "Blue", "Red"), body=words), desk)
    again = phone(node, "squatter", "PHONE-A", groups=RED)
    assert again.receiver is not None
    assert node.got["squatter"] == []  # nor later, as what he missed
    node.intake.accept(to("PHONE-A", "Red"), desk)
    assert node.got["squatter"] == [b"directed"]  # it is Red's alone


def test_a_device_stays_its_persons_among_his_groups_while_he_is_away() -> None:
    node = Node()
    bob = phone(node, "bob", "PHONE-B")
    node.intake.forget(bob)
    erin = node.speaker("erin", credential="of erin")
    assert node.intake.accept(own_position("PHONE-B"), erin) == "speaks under another client's uid"
    # Without a certificate it may be his own phone, heard over the mesh; he comes in all the same.
    mesh = node.speaker("mesh")
    assert node.intake.accept(own_position("PHONE-B"), mesh) is None
    assert mesh.receiver is not None
    node.hub.address(mesh.receiver, {Address(AddressKind.UID, "PHONE-B")})
    node.got["mesh"].clear()
    node.intake.accept(to("PHONE-B", "Blue"), erin)
    assert node.got["mesh"] == []
    phone(node, "bob", "PHONE-B")
    assert "PHONE-B" not in mesh.contacts


def test_a_device_is_anothers_when_its_person_was_not_heard_for_as_long_as_is_said() -> None:
    node = Node(IntakeSettings(device_kept_days=2))
    bob = phone(node, "bob", "PHONE-B")
    erin = node.speaker("erin", credential="of erin")

    def claimed(days: int) -> str | None:
        at = a_report().received + timedelta(days=days)
        said = replace(own_position("PHONE-B"), received=at, stale=at + timedelta(hours=1))
        return node.intake.accept(said, erin)

    assert claimed(days=3) == "speaks under another client's uid"  # he is connected
    node.intake.forget(bob)
    assert claimed(days=1) is not None
    assert claimed(days=2) is None
    assert node.intake.devices.person("PHONE-B") == "erin"


def test_while_its_person_is_connected_a_device_is_not_taken_from_another_group() -> None:
    node = Node(IntakeSettings(device_kept_days=0))
    phone(node, "alice", "PHONE-A")
    phone(node, "squatter", "PHONE-A", groups=RED)
    assert node.intake.devices.person("PHONE-A") == "alice"


def test_who_took_a_uid_with_a_channel_off_gives_way_when_it_is_on_again() -> None:
    node = Node(IntakeSettings(max_devices_per_person=0))
    phone(node, "alice", "PHONE-A")
    erin = phone(node, "erin", "PHONE-A", groups=RED)
    erin.principal = replace(erin.principal, groups={"Blue": Direction.BOTH, **RED})
    assert node.intake.accept(own_position("PHONE-A"), erin) is not None
    phone(node, "alice", "PHONE-A")
    assert erin.contacts == set()


def test_one_person_moves_his_devices_between_connections_and_has_several() -> None:
    node = Node()
    old = phone(node, "bob", "PHONE-B")
    phone(node, "bob", "TABLET-B")
    new = phone(node, "bob", "PHONE-B")
    node.intake.forget(old)
    assert new.contacts == {"PHONE-B"}
    assert [node.intake.devices.person(e) for e in ("PHONE-B", "TABLET-B")] == ["bob", "bob"]


def test_one_connection_speaks_for_a_bounded_number_of_contacts() -> None:
    node = Node(IntakeSettings(max_contacts_per_connection=2))
    a = node.speaker("A")
    assert [node.intake.accept(own_position(uid), a) for uid in "XYZ"] == [
        None,
        None,
        "speaks for too many contacts",
    ]


def test_what_is_said_into_no_group_is_refused() -> None:
    node = Node()
    refused = node.intake.accept(a_report(groups=frozenset()), node.speaker("A"))
    assert refused == "said into no group that the sender speaks in"


def test_a_read_only_member_says_nothing() -> None:
    node = Node()
    assert node.intake.accept(a_report(), node.speaker("A", role=Role.READ_ONLY)) is not None


def test_the_live_side_refuses_exercise_reports_from_those_outside_the_exercise() -> None:
    node = Node()
    outside, inside = node.speaker("A"), node.speaker("B", exercises=frozenset({"X"}))
    report = a_report("E", context=Context.exercise("X"))
    assert node.intake.accept(report, outside) is not None
    assert node.intake.accept(report, inside) is None
    assert node.picture.get(LIVE, "E") is None
    assert node.picture.get(Context.exercise("X"), "E") is not None


def test_nobody_speaks_live_in_a_plan_or_a_replay() -> None:
    node = Node()
    speaker = node.speaker("A", every_exercise=True)
    for text in ("plan:P1", "replay:R1"):
        assert node.intake.accept(a_report(context=Context.parse(text)), speaker) is not None


def test_a_shape_with_too_many_points_is_refused() -> None:
    node = Node(IntakeSettings(max_points=2))
    a = node.speaker("A")
    two = Polyline(points=(a_point(), a_point(lat=1)))
    three = Polyline(points=(a_point(), a_point(lat=1), a_point(lat=2)))
    assert node.intake.accept(a_report("two", body=Shape(outline=two)), a) is None
    refused = node.intake.accept(a_report("three", body=Shape(outline=three)), a)
    assert refused == "shape with too many points"


def test_what_ends_before_it_begins_is_refused() -> None:
    node = Node()
    report = a_report()
    backwards = a_report(stale=report.start - timedelta(seconds=1))
    assert node.intake.accept(backwards, node.speaker("A")) == "stale before it starts"


def test_an_older_position_of_the_same_source_is_counted_and_not_sent() -> None:
    node = Node()
    a, _ = node.speaker("A"), node.speaker("B")
    node.intake.accept(a_report("X"), a)
    older = a_report("X", at=a_report().time - timedelta(seconds=9))
    assert node.intake.accept(older, a) is None
    assert node.intake.superseded == 1
    assert node.got["B"] == [b"X"]


def test_a_full_journal_costs_history_and_is_counted_not_live_traffic() -> None:
    node = Node()
    node.journal_is_full = True
    a, _ = node.speaker("A"), node.speaker("B")
    node.intake.accept(a_report("X"), a)
    assert node.intake.not_kept == 1
    assert node.got["B"] == [b"X"]


def test_one_connection_cannot_take_up_every_context() -> None:
    node = Node(IntakeSettings(max_contexts_per_connection=2))
    speaker = node.speaker("A", every_exercise=True)
    said = [a_report(name, context=Context.exercise(name)) for name in ("X", "Y", "Z")]
    assert [node.intake.accept(each, speaker) for each in said] == [
        None,
        None,
        "speaks in too many exercises",
    ]
    assert node.intake.accept(said[0], speaker) is None


def test_changes_are_told_to_whoever_watches_from_then_on() -> None:
    node, seen = Node(), list[str]()

    def watch(change: Change) -> None:
        seen.append("" if change.track is None else change.track.id)

    speaker = node.speaker("A")
    node.intake.accept(a_report("X"), speaker)
    node.intake.watched_by(watch)
    node.intake.accept(a_report("Y"), speaker)
    node.intake.accept(a_report("Z", groups=frozenset({"Red"})), speaker)
    assert seen == ["Y"]


@pytest.mark.parametrize(
    ("kind", "desk", "why"),
    [
        (READINESS, READINESS_DESK, "states readiness elsewhere than at its desk"),
        (SAR, SAR_DESK, "writes into a case elsewhere than at its desk"),
    ],
)
def test_only_its_desk_and_partners_say_what_is_a_desks(kind: str, desk: str, why: str) -> None:
    node = Node()
    statement = a_report("NZL.said", kind=Kind.of(kind), body=Opaque())
    client = node.speaker("A")
    assert node.intake.accept(statement, client) == why
    assert node.kept == []
    for channel in (desk, "partner:AUS"):
        source = Source(node="AUS", channel=channel, speaker="x")
        speaker = Speaker(principal=client.principal, source=source)
        assert node.intake.accept(statement, speaker) is None


def test_a_device_is_kept_for_ten_years_at_most() -> None:
    for days in (-1, 3651):
        with pytest.raises(ValueError, match="device_kept_days is 0 to 3650"):
            IntakeSettings(device_kept_days=days)
