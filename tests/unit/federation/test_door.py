from datetime import UTC, datetime

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.door import NOT_ALIKE, SUSPENDED, Door, Leaving, Stays
from accord.federation.standing import ACTIVATED, OTHER_TEXT, UNKNOWN, Stopped
from accord.federation.totals import Totals
from accord.release.decide import Released
from accord.wire.peer.message import Held
from accord.wire.peer.report import Grant
from support.builders import a_report
from support.coalition import agreement, released, short

AT = datetime(2026, 11, 25, tzinfo=UTC)
OUT, BACK = agreement("NZL", "USA"), agreement("USA", "NZL")


def a_door(held: Held = OUT) -> Door:
    door = Door(
        lambda report, _: released(report, held, "USA", clause="2.1"),
        partner="USA", totals=Totals(limit=10),
    )  # fmt: skip
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
    assert door.blocked == ("NZL>USA serial 1 is suspended here: a leak",)
    door.suspended[bytes(8)] = "another"
    assert door.blocked[1] == "an agreement (0000000000000000) is suspended here: another"


def test_what_is_suspended_here_names_itself_once_whether_or_not_there_is_a_link() -> None:
    door = a_door()
    door.suspended[short(OUT)] = "a leak"
    door.stopped = (
        Stopped(held=OUT, gives=True, takes=False, how="suspended", by="NZL", at=AT),
    )  # fmt: skip
    why = "NZL>USA serial 1 is suspended here by NZL at 2026-11-25 00:00:00Z: a leak"
    stands = {each.id: (each.is_here, each.there, each.why) for each in door.standing}
    assert stands == {"NZL>USA": (False, ACTIVATED, why), "USA>NZL": (True, ACTIVATED, "")}
    assert door.blocked == (why,)
    door.close()
    assert door.blocked == (why,)
    assert {each.id: each.there for each in door.standing} == {
        "NZL>USA": UNKNOWN, "USA>NZL": UNKNOWN,
    }  # fmt: skip


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

    door = Door(decide, partner="USA", totals=Totals(limit=10))
    answer = door.ask(a_report(), AT)
    assert answer == Stays(reason.value, "3")
    assert isinstance(answer, Stays)
    assert answer.may_change is may_change
    assert door.totals.withheld == {("3", reason.value): 1}


def test_what_the_partner_does_not_hold_alike_is_said_in_a_sentence() -> None:
    door = a_door()
    door.compare([BACK], [])
    assert door.blocked == ("USA has not activated NZL>USA serial 1, so nothing flows by it",)
    door.compare([Held(BACK.id, 1, bytes(32))], [OUT])
    assert door.blocked == (
        "USA has activated another text of USA>NZL serial 1: compare the files",
    )
    assert not door.expects(Grant(short(BACK), "1", "exact"))
    assert {each.there for each in door.standing} == {ACTIVATED, OTHER_TEXT}
    door.close()
    assert door.blocked == ()
    assert not door.is_open
    assert {each.there for each in door.standing} == {UNKNOWN}


def test_a_partner_is_said_to_have_suspended_what_it_suspended_until_it_holds_it_again() -> None:
    door = a_door()
    door.suspended_there(short(BACK), "a leak")
    door.suspended_there(bytes(8), "of nothing that is held here")
    door.compare([], [OUT])
    assert door.blocked == ("USA has suspended USA>NZL serial 1: a leak",)
    door.compare([BACK], [OUT])
    assert door.blocked == ()
    door.compare([], [OUT])
    assert door.blocked == ("USA has not activated USA>NZL serial 1, so nothing flows by it",)


def test_the_same_agreements_are_no_change() -> None:
    assert not a_door().agree([OUT], [BACK])


def test_what_the_partner_said_another_time_holds_only_for_as_long_as_it_is_asked() -> None:
    door = a_door()
    back = Grant(short(BACK), "1", "exact")
    door.close()
    assert not door.expects(back)
    with door.as_with([BACK], []):
        assert door.expects(back)
        assert not door.is_open
    assert not door.expects(back)
    with door.as_with([BACK], [OUT]):
        assert door.is_open
    assert not door.is_open


def test_where_no_agreement_gives_the_partner_anything_nothing_waits_for_the_link() -> None:
    door = a_door()
    assert not door.gives_nothing
    door.compare([BACK], [])  # the partner has not activated it
    assert door.gives_nothing
    door.close()  # without a link what it will say then is not known
    assert not door.gives_nothing
    door.suspended[short(OUT)] = "a leak"
    assert door.gives_nothing
    taker = Door(
        lambda *_: Withheld(reason=Reason.NOT_PERMITTED), partner="USA", totals=Totals(limit=10)
    )
    assert taker.gives_nothing
    taker.agree([], [BACK])
    taker.compare([BACK], [])
    assert taker.gives_nothing
