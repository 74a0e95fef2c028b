from collections.abc import Callable
from dataclasses import replace

from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal
from accord.core.report import Address, AddressKind, Form, Report
from accord.core.track import Said, Track, TrackStatus
from accord.live.hub import Hub, Receiver
from accord.live.outbox import Outbox, OutboxSettings, Written
from accord.live.words import Words, WordsSettings
from support.builders import A_SOURCE, a_report
from support.clock import ManualClock

BLUE = frozenset({"Blue"})


class Net:
    """A hub, its receivers' sockets, and the timer it asked for."""

    def __init__(self) -> None:
        self.encoded: list[tuple[Form, str]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.hub = Hub(
            encoders={Form.COT_XML: self.xml, Form.COT_PROTOBUF: self.protobuf},
            words=Words(WordsSettings(), clock=ManualClock()),
            flush_interval=0.005,
            schedule=lambda seconds, run: self.timers.append((seconds, run)),
        )
        self.got: dict[str, list[bytes]] = {}

    def xml(self, report: Report) -> bytes:
        self.encoded.append((Form.COT_XML, report.uid))
        return report.uid.encode()

    def protobuf(self, report: Report) -> bytes:
        self.encoded.append((Form.COT_PROTOBUF, report.uid))
        return b"P" + report.uid.encode()

    def join(
        self,
        name: str,
        groups: dict[str, Direction] | None = None,
        *,
        form: Form = Form.COT_XML,
        picture: tuple[Track, ...] = (),
        exercises: frozenset[str] = frozenset(),
    ) -> Receiver:
        got = self.got[name] = []
        principal = Principal(
            name=name,
            groups={"Blue": Direction.BOTH} if groups is None else groups,
            exercises=exercises,
        )
        outbox = Outbox(OutboxSettings(), form=form, write=got.extend, overflow=lambda _: None)
        receiver = Receiver(principal=principal, outbox=outbox)
        self.hub.join(receiver, picture)
        return receiver

    def tick(self) -> None:
        timers, self.timers = self.timers, []
        for _, run in timers:
            run()


def a_track(report: Report) -> Track:
    return Track(
        id=report.uid,
        context=report.context,
        claims={report.source: report},
        lead=report,
        status=TrackStatus.LIVE,
    )


def test_everyone_in_a_shared_group_gets_a_report_and_its_sender_does_not() -> None:
    net = Net()
    a = net.join("A")
    net.join("B")
    net.join("C", {"Red": Direction.BOTH})
    net.hub.publish(a_report("X"), sender=a)
    net.tick()
    assert net.got == {"A": [], "B": [b"X"], "C": []}


def test_a_member_with_direction_in_only_hears_nothing() -> None:
    net = Net()
    net.join("in", {"Blue": Direction.IN})
    net.join("out", {"Blue": Direction.OUT})
    net.hub.publish(a_report("X"))
    net.tick()
    assert net.got == {"in": [], "out": [b"X"]}


def test_a_report_said_into_no_group_reaches_nobody() -> None:
    net = Net()
    net.join("A")
    net.hub.publish(a_report("X", groups=frozenset()))
    net.tick()
    assert net.got == {"A": []}


def test_two_hundred_receivers_in_two_forms_cost_two_encodings() -> None:
    net = Net()
    for i in range(200):
        net.join(f"R{i}", form=Form.COT_XML if i % 2 else Form.COT_PROTOBUF)
    net.hub.publish(a_report("X"))
    net.tick()
    assert sorted(net.encoded) == [(Form.COT_PROTOBUF, "X"), (Form.COT_XML, "X")]
    assert all(len(got) == 1 for got in net.got.values())


def test_many_reports_share_one_flush() -> None:
    net = Net()
    net.join("A")
    for uid in ("X", "Y", "Z"):
        net.hub.publish(a_report(uid))
    assert [seconds for seconds, _ in net.timers] == [0.005]
    net.tick()
    assert net.got["A"] == [b"X", b"Y", b"Z"]


def test_a_newcomer_gets_what_it_may_see_of_the_picture_before_live_traffic() -> None:
    net = Net()
    net.hub.publish(a_report("before"))
    picture = (
        a_track(a_report("seen")),
        a_track(a_report("other group", groups=frozenset({"Red"}))),
        a_track(a_report("exercise", context=Context.exercise("X"))),
    )
    net.join("A", picture=picture)
    net.hub.publish(a_report("live"))
    net.tick()
    assert net.got["A"] == [b"seen", b"live"]


def test_a_newcomer_is_not_sent_its_own_reports_back() -> None:
    net = Net()
    net.join("kiwi-1", picture=(a_track(a_report("mine")),))
    assert A_SOURCE.speaker == "kiwi-1"
    assert net.got["kiwi-1"] == []


def test_a_newcomer_joins_audiences_that_exist_already() -> None:
    net = Net()
    net.hub.publish(a_report("X"))
    net.join("A")
    net.hub.publish(a_report("Y"))
    net.tick()
    assert net.got["A"] == [b"Y"]


def test_exercise_reports_reach_only_those_who_take_part() -> None:
    net = Net()
    net.join("live only")
    net.join("player", exercises=frozenset({"TASMAN"}))
    net.hub.publish(a_report("E", context=Context.exercise("TASMAN")))
    net.hub.publish(a_report("F", context=Context.exercise("OTHER")))
    net.hub.publish(a_report("L", context=LIVE))
    net.tick()
    assert net.got == {"live only": [b"L"], "player": [b"E", b"L"]}


def test_a_directed_report_reaches_its_addressees_only() -> None:
    net = Net()
    names = {name: net.join(name) for name in "ABC"}
    for name, receiver in names.items():
        net.hub.address(receiver, {Address(AddressKind.CALLSIGN, name)})
    to = frozenset({Address(AddressKind.CALLSIGN, "A"), Address(AddressKind.CALLSIGN, "B")})
    net.hub.publish(a_report("X", to=to), sender=names["B"])
    net.tick()
    assert net.got == {"A": [b"X"], "B": [], "C": []}


def test_an_address_does_not_open_a_group() -> None:
    net = Net()
    red = net.join("red", {"Red": Direction.BOTH})
    net.hub.address(red, {Address(AddressKind.UID, "R")})
    net.hub.publish(a_report("X", to=frozenset({Address(AddressKind.UID, "R")})))
    net.tick()
    assert net.got["red"] == []
    assert net.hub.counts["no addressee connected"] == 1


def test_a_receiver_answers_to_its_newest_names_only() -> None:
    net = Net()
    a = net.join("A")
    old, new = Address(AddressKind.CALLSIGN, "old"), Address(AddressKind.CALLSIGN, "new")
    net.hub.address(a, {old})
    net.hub.address(a, {new})
    net.hub.publish(a_report("X", to=frozenset({old})))
    net.hub.publish(a_report("Y", to=frozenset({new})))
    net.tick()
    assert net.got["A"] == [b"Y"]


def test_two_receivers_of_one_name_both_get_what_is_addressed_to_it() -> None:
    net = Net()
    shared = Address(AddressKind.TEAM, "Cyan")
    first, second = net.join("A"), net.join("B")
    net.hub.address(first, {shared})
    net.hub.address(second, {shared})
    net.hub.leave(first)
    net.hub.publish(a_report("X", to=frozenset({shared})))
    net.tick()
    assert net.got == {"A": [], "B": [b"X"]}


def test_who_has_left_gets_nothing_not_even_what_was_pending() -> None:
    net = Net()
    a = net.join("A")
    net.hub.publish(a_report("X"))
    net.hub.leave(a)
    net.tick()
    net.hub.publish(a_report("Y"))
    net.tick()
    assert net.got["A"] == []
    assert a not in net.hub.receivers


def test_remembered_audiences_are_bounded_and_nothing_pending_is_lost() -> None:
    net = Net()
    net.join("A")
    net.hub.MAX_AUDIENCES = 2
    for group in ("Blue", "Red", "Green"):
        net.hub.publish(a_report(group, groups=frozenset({"Blue", group})))
    net.tick()
    assert net.got["A"] == [b"Blue", b"Red", b"Green"]
    assert net.hub.counts["audiences forgotten"] == 1


def test_what_was_sent_and_what_gave_way_is_counted_also_for_those_who_have_left() -> None:
    net = Net()
    slow, gone = net.join("slow"), net.join("gone")
    slow.outbox.pause()
    for _ in range(2):
        net.hub.publish(a_report("X"))
        net.tick()
    assert (net.hub.sent, net.hub.replaced) == (2, 1)
    net.hub.leave(slow)
    net.hub.leave(gone)
    assert (net.hub.sent, net.hub.replaced) == (2, 1)


def test_a_claim_that_a_newcomer_may_not_see_hides_no_other_from_him() -> None:
    net = Net()
    theirs = a_report("U1", source=replace(A_SOURCE, speaker="red-1"), groups=frozenset({"Red"}))
    ours = a_report("U1-ours", source=replace(A_SOURCE, speaker="blue-1"))
    claims: dict[Said, Report] = {each.source: each for each in (theirs, ours)}
    track = Track(id="U1", context=LIVE, claims=claims, lead=theirs, status=TrackStatus.LIVE)
    net.join("A", picture=(track,))
    net.join("R", {"Red": Direction.BOTH}, picture=(track,))
    net.join("nobody", {"Green": Direction.BOTH}, picture=(track,))
    assert net.got == {"A": [b"U1-ours"], "R": [b"U1"], "nobody": []}


def test_what_most_receivers_are_sent_is_joined_once_and_is_the_same_bytes() -> None:
    net = Net()
    a = net.join("A")
    written = {name: _written_to(net.join(name)) for name in ("B", "C", "D")}
    net.hub.publish(a_report("X"), sender=a)
    net.hub.publish(a_report("Y"), sender=a)
    net.tick()
    (first, *others) = [batches[0].joined() for batches in written.values()]
    assert first == b"XY"
    assert all(other is first for other in others)


def _written_to(receiver: Receiver) -> list[Written]:
    written: list[Written] = []
    receiver.outbox._write = written.append
    return written


def test_what_waits_for_one_audience_comes_before_what_comes_for_one_receiver_or_another() -> None:
    net = Net()
    a = net.join("A")
    b = net.join("B", {"Blue": Direction.BOTH, "Red": Direction.BOTH})
    net.hub.address(b, [Address(AddressKind.CALLSIGN, "B")])
    to_b = frozenset({Address(AddressKind.CALLSIGN, "B")})
    red = frozenset({"Red"})
    for report in (
        a_report("1"),
        a_report("2", to=to_b),
        a_report("3"),
        a_report("4", groups=red),
        a_report("5"),
    ):
        net.hub.publish(report, sender=a)
    net.tick()
    net.hub.publish(a_report("6"), sender=a)
    net.tick()
    assert net.got["B"] == [b"1", b"2", b"3", b"4", b"5", b"6"]


def test_who_joins_while_something_waits_gets_it_with_the_picture_only() -> None:
    net = Net()
    report = a_report("X")
    net.join("A")
    net.hub.publish(report)
    net.join("B", picture=(a_track(report),))
    net.tick()
    assert net.got == {"A": [b"X"], "B": [b"X"]}


def test_what_is_pending_for_one_receiver_can_be_written_at_once() -> None:
    net = Net()
    a = net.join("A")
    net.join("B")
    net.hub.publish(a_report("X"))
    net.hub.settle(a)
    assert net.got == {"A": [b"X"], "B": []}
    net.tick()
    assert net.got == {"A": [b"X"], "B": [b"X"]}


def test_who_is_in_other_groups_from_now_on_is_sent_the_picture_of_those() -> None:
    net = Net()
    red = frozenset({"Red"})
    kea = net.join("kea", {"Blue": Direction.BOTH, "Red": Direction.BOTH})
    net.hub.publish(a_report(uid="WAITS", groups=red))
    acting = Principal(name="kea", groups={"Blue": Direction.BOTH})
    picture = [a_track(a_report(uid="R", groups=red)), a_track(a_report(uid="B", groups=BLUE))]
    net.hub.tell(kea, a_report(uid="NOTICE", groups=frozenset()))
    net.hub.regroup(kea, acting, picture)
    net.hub.publish(a_report(uid="RED", groups=red))
    net.hub.publish(a_report(uid="BLUE", groups=BLUE))
    net.tick()
    assert net.got["kea"] == [b"WAITS", b"NOTICE", b"B", b"BLUE"]
    net.hub.regroup(kea, Principal(name="kea", groups={"Red": Direction.OUT}), picture)
    net.hub.publish(a_report(uid="RED-2", groups=red))
    net.tick()
    assert net.got["kea"][4:] == [b"R", b"RED-2"]
