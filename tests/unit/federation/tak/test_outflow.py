from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from accord.core.body import Alarm, Message, Opaque, Removal, Shape
from accord.core.geometry import Circle
from accord.core.kind import Kind
from accord.core.report import Address, AddressKind
from accord.federation.tak import outflow
from accord.wire.peer.protocol import AGREEMENT
from support.builders import a_point
from support.one_sided import OWN
from support.tak_out import AT, HELD, LABEL, Out, in_exercise, own


def words(uid: str, text: str = "Good morning", **changes: Any) -> Any:
    body = Message(text=text, sender="", room="")
    return own(uid, kind=Kind.of("b-t-f"), body=body, **changes)


def alarm(uid: str, *, cancels: bool = False) -> Any:
    body = Alarm(category="b-a-o-tbl", point=None if cancels else a_point(), cancels=cancels)
    return own(uid, kind=Kind.of("b-a-o-can" if cancels else "b-a-o-tbl"), body=body)


def drawing(uid: str) -> Any:
    body = Shape(outline=Circle(centre=a_point(), radius=100.0), anchor=None)
    return own(uid, kind=Kind.of("u-d-c-c"), body=body)


def removal(uid: str, target: str) -> Any:
    return own(uid, kind=Kind.of("t-x-d-d"), body=Removal(target=target))


def aircraft(uid: str = "A-1", *, seconds: float = 0.0) -> Any:
    at = AT + timedelta(seconds=seconds)
    return own(uid, at=at, kind=Kind.of("a-f-A-M-F"))


def test_of_positions_the_newest_leaves_by_the_grant_that_decided() -> None:
    out = Out()
    for step in range(3):
        out.note(own("S-1", at=AT + timedelta(seconds=step)))
    (content,) = out.take()
    assert content.time == 1_795_694_402_000
    assert content.grant.agreement == HELD.digest[:AGREEMENT]
    assert (content.grant.clause, content.grant.form) == ("1", "exact")
    assert (content.subject.origin, content.subject.path) == (OWN, ())
    assert out.take() == []
    assert out.out.released == {"1 exact": 1}


def test_what_is_older_than_what_is_known_is_not_offered() -> None:
    out = Out()
    out.note(own("S-1"), ms=10)
    out.note(own("S-1", at=AT - timedelta(seconds=9)), ms=9)
    assert [each.version.ms for each in out.take()] == [10]


def test_what_no_clause_lets_out_stays() -> None:
    out = Out()
    out.note(own("UNMARKED", label=None))
    out.note(own("OWN", label=replace(LABEL, releasable_to=frozenset())))
    out.note(own("LAND", kind=Kind.of("a-f-G")))
    out.note(in_exercise(own("DRILL"), "OTHER"))
    out.note(own("THEIRS", source=replace(own().source, node="AUS-HQ")))
    out.note(own("BLOB", kind=Kind.of("t-x-m-c"), body=Opaque()))
    assert out.uids() == []


def test_what_is_not_a_position_leaves_all_of_it_in_order_and_first() -> None:
    out = Out()
    out.note(own("S-1"))
    for number in range(3):
        out.note(words(f"W-{number}"))
    out.note(alarm("HELP"))
    assert out.uids() == ["W-0", "W-1", "W-2", "HELP", "S-1"]


def test_no_more_is_taken_than_is_asked_for() -> None:
    out = Out()
    for number in range(5):
        out.note(own(f"S-{number}"))
    assert [len(out.take(2)) for _ in range(3)] == [2, 2, 1]


def test_without_an_agreement_in_force_nothing_leaves() -> None:
    out = Out(gives=False)
    out.note(own("S-1"))
    out.note(words("W-1"))
    assert out.uids() == []


def test_a_form_with_a_cadence_tells_no_more_often_and_under_another_name() -> None:
    out = Out()
    for _ in range(60):
        out.note(aircraft(seconds=out.seconds - 100.0))
        out.take()
        out.later(seconds=30)
    names = set(out.out.released)
    assert names == {"2 grid"}
    assert out.out.released["2 grid"] <= 4


def test_on_a_new_connection_the_picture_is_said_again_though_its_cadence_is_not_over() -> None:
    out = Out()
    out.note(aircraft())
    (first,) = out.take()
    out.later(seconds=10)
    out.note(aircraft(seconds=10))
    assert out.take() == []
    out.again()
    (again,) = out.take()
    assert again == first
    assert out.out.released == {"2 grid": 1}
    assert out.take() == []


def test_what_was_made_by_an_agreement_that_is_over_is_not_said_again() -> None:
    out = Out()
    out.note(aircraft())
    assert len(out.take()) == 1
    out.out.gives = ()
    out.again()
    assert out.take() == []


def test_on_a_new_connection_ships_drawings_and_alarms_are_said_again() -> None:
    out = Out()
    out.note(own("S-1"))
    out.note(drawing("D-1"))
    out.note(alarm("HELP"))
    out.note(alarm("OVER"))
    out.take()
    out.note(alarm("OVER", cancels=True))
    assert out.uids() == ["OVER"]
    out.later(minutes=2)
    out.again()
    assert set(out.uids()) == {"S-1", "D-1", "HELP"}


def test_what_is_out_of_date_is_not_said_again() -> None:
    out = Out()
    out.note(own("S-1"))
    out.note(drawing("D-1"))
    out.take()
    out.later(minutes=6)
    out.again()
    assert out.uids() == []


def test_words_that_were_written_just_before_a_cut_are_written_again_in_order() -> None:
    out = Out(tak_sent_again=2)
    for number in range(3):
        out.note(words(f"W-{number}"))
    out.take()
    out.later(seconds=30)
    out.note(words("W-3"))
    out.again()
    assert out.uids() == ["W-1", "W-2", "W-3"]
    out.later(seconds=91)
    out.again()
    assert out.uids() == []


def test_what_was_given_and_not_written_waits_for_the_next_connection() -> None:
    out = Out()
    out.note(words("W-1"))
    list(out.out.take(out.now, 5))
    assert out.out.waiting() == {"durable": 1, "tracks": 0}
    out.again()
    assert out.uids() == ["W-1"]


def test_what_was_removed_is_not_said_again_and_its_removal_is_said_only_where_it_was() -> None:
    out = Out()
    out.note(own("S-1"))
    out.take()
    out.note(own("S-1", at=AT + timedelta(seconds=1)))
    out.note(removal("R-1", "S-1"))
    out.note(removal("R-2", "NEVER"))
    out.note(alarm("NEVER", cancels=True))
    assert out.uids() == ["R-1"]
    assert out.counts == {outflow.NEVER_GIVEN: 2}
    out.later(minutes=2)
    out.again()
    assert out.uids() == []


def test_words_to_a_team_cannot_be_said_to_it_alone_so_they_stay() -> None:
    out = Out()
    out.note(words("W-1", to=frozenset({Address(AddressKind.TEAM, "Cyan")})))
    out.note(words("W-2", to=frozenset({Address(AddressKind.UID, "U-9")})))
    assert out.uids() == ["W-2"]
    assert out.counts == {outflow.TO_A_TEAM: 1}


def test_what_the_protocol_has_no_room_for_is_counted() -> None:
    out = Out()
    out.note(words("W-1", "x" * 2_000_000))
    assert out.uids() == []
    assert out.counts == {outflow.INEXPRESSIBLE: 1}


def test_what_the_guard_could_not_say_is_counted_and_not_released() -> None:
    out = Out()
    out.note(own("S-1"))
    ((number, _),) = out.out.take(out.now, 5)
    out.out.written(number, out.seconds, is_said=False)
    out.out.written(99, out.seconds, is_said=True)
    assert out.counts == {outflow.INEXPRESSIBLE: 1}
    assert out.out.released == {}


def test_what_another_node_gave_goes_on_only_where_it_was_granted_and_not_too_far() -> None:
    out = Out(hop_limit=2)
    theirs = own(
        "T-1", label=replace(LABEL, originator="AUS", policy="USA"),
        source=replace(own().source, node="AUS-HQ"),
    )  # fmt: skip
    out.note(theirs, carried=SimpleNamespace(path=("AUS-HQ",)))
    assert out.uids() == []
    out.onward = {"AUS": frozenset({"NZL"})}
    out.out.reconsider(out.now)
    (content,) = out.take()
    assert (content.subject.origin, content.subject.path) == ("AUS-HQ", (OWN,))
    far = replace(theirs, uid="T-2")
    out.note(far, carried=SimpleNamespace(path=("AUS-HQ", "FJI-B")))
    assert out.uids() == []


def test_more_words_than_may_wait_push_out_the_oldest_and_are_counted() -> None:
    out = Out(tak_max_waiting=2)
    for number in range(3):
        out.note(words(f"W-{number}"))
    assert out.uids() == ["W-1", "W-2"]
    assert out.counts == {outflow.TOO_MANY: 1}


def test_after_a_cut_too_no_more_words_wait_than_may() -> None:
    out = Out(tak_max_waiting=2)
    for number in range(2):
        out.note(words(f"W-{number}"))
    out.take()
    out.note(words("W-2"))
    out.note(words("W-3"))
    out.again()
    assert out.uids() == ["W-2", "W-3"]
    assert out.counts == {outflow.TOO_MANY: 2}


def test_more_objects_than_may_be_kept_push_out_those_that_were_heard_of_longest_ago() -> None:
    out = Out(max_objects=2)
    out.note(own("S-0"))
    out.take()
    for number in range(1, 4):
        out.note(own(f"S-{number}"))
    assert out.uids() == ["S-2", "S-3"]
    assert out.counts == {outflow.AN_OBJECT_TOO_MANY: 1}


def test_more_drawings_than_may_be_said_again_are_counted() -> None:
    out = Out(tak_max_waiting=2)
    for number in range(3):
        out.note(drawing(f"D-{number}"))
        out.take()
    out.again()
    assert out.uids() == ["D-1", "D-2"]
    assert out.counts == {outflow.NOT_AGAIN: 1}


def test_a_drawing_that_waits_already_is_said_once_on_a_new_connection() -> None:
    out = Out()
    out.note(drawing("D-1"))
    out.again()
    assert out.uids() == ["D-1"]


def test_what_is_due_later_is_decided_again_when_its_time_has_come() -> None:
    out = Out()
    out.note(aircraft())
    out.take()
    out.note(aircraft(seconds=1))
    assert out.take() == []
    due = out.out.next_at()
    assert due is not None
    assert due > out.seconds
    out.later(minutes=10)
    assert len(out.take()) == 1
    assert out.out.next_at() is None


def test_what_an_agreement_lets_out_from_now_on_is_said_though_nothing_is_newer() -> None:
    out = Out(gives=False)
    out.note(own("S-1"))
    out.note(drawing("D-1"))
    assert out.uids() == []
    out.out.gives = (HELD,)
    out.out.reconsider(out.now)
    assert out.uids() == ["D-1", "S-1"]


def test_what_waits_for_its_time_is_decided_anew_with_the_rest() -> None:
    out = Out()
    out.note(aircraft())
    out.take()
    out.note(aircraft(seconds=1))
    out.take()
    assert out.out.next_at() is not None
    out.out.reconsider(out.now)
    assert len(out.take()) == 1


def test_how_long_something_waits_is_known() -> None:
    out = Out()
    assert out.out.lag(out.seconds) == 0.0
    out.note(own("S-1"))
    out.later(seconds=7)
    out.note(words("W-1"))
    out.later(seconds=2)
    assert out.out.lag(out.seconds) == 9.0
    assert out.out.waiting() == {"durable": 1, "tracks": 1}
