from datetime import UTC, datetime

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.door import NOT_ALIKE, SUSPENDED, Door, Leaving, Stays
from accord.release.decide import Released
from accord.wire.peer.message import Grant, Held
from support.builders import a_report
from support.coalition import agreement, released, short

AT = datetime(2026, 11, 25, tzinfo=UTC)
OUT, BACK = agreement("NZL", "USA"), agreement("USA", "NZL")


def a_door(held: Held = OUT) -> Door:
    door = Door(lambda report, _: released(report, held, "USA", clause="2.1"))
    assert door.agree([OUT], [BACK])
    door.compare([BACK], [OUT])
    return door


def test_what_is_released_goes_by_the_agreement_that_both_hold() -> None:
    answer = a_door().ask(a_report(), AT)
    assert isinstance(answer, Leaving)
    assert answer.grant == Grant(short(OUT), "2.1", "exact")


def test_a_suspended_agreement_releases_nothing() -> None:
    door = a_door()
    grant = Grant(short(OUT), "2.1", "exact")
    assert door.is_open
    assert door.is_in_force(grant)
    door.suspended[short(OUT)] = "a leak"
    assert door.ask(a_report(), AT) == Stays(SUSPENDED, "2.1")
    assert not door.is_open
    assert not door.is_in_force(grant)
    assert door.blocked == ("suspended: a leak",)


def test_a_release_by_an_agreement_that_is_not_held_alike_stays() -> None:
    answer = a_door(agreement("NZL", "USA", serial=2)).ask(a_report(), AT)
    assert isinstance(answer, Stays)
    assert answer.reason == NOT_ALIKE
    assert answer.is_blocked


@pytest.mark.parametrize(
    ("reason", "may_change"),
    [(Reason.TOO_YOUNG, True), (Reason.NOT_DUE, True), (Reason.CLOCK, True),
     (Reason.NOT_PERMITTED, False), (Reason.UNMARKED, False)],
)  # fmt: skip
def test_what_stays_is_counted_and_some_of_it_is_asked_again(
    reason: Reason, may_change: bool
) -> None:
    def decide(_: Report, __: datetime) -> Released | Withheld:
        return Withheld(reason=reason, clause="3")

    door = Door(decide)
    answer = door.ask(a_report(), AT)
    assert answer == Stays(reason.value, "3")
    assert isinstance(answer, Stays)
    assert answer.may_change is may_change
    assert door.withheld == {reason.value: 1}


def test_what_the_partner_does_not_hold_alike_is_said_in_a_sentence() -> None:
    door = a_door()
    door.compare([BACK], [])
    assert door.blocked == ("nothing is released by NZL>USA: the partner does not hold it",)
    door.compare([Held(BACK.id, 1, bytes(32))], [OUT])
    assert door.blocked == ("nothing is expected by USA>NZL: the partner holds another text of it",)
    assert not door.expects(Grant(short(BACK), "1", "exact"))
    door.close()
    assert door.blocked == ()
    assert not door.is_open


def test_the_same_agreements_are_no_change() -> None:
    assert not a_door().agree([OUT], [BACK])
