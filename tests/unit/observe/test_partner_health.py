from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accord.observe.partner_health import (
    AgreementStatus,
    LinkState,
    agreement_problems,
    partner_problems,
)
from support.clock import START
from support.health import A_PARTNER

QUIET = timedelta(minutes=2)
UNTIL = START + timedelta(days=100)
PACT = AgreementStatus(
    id="A-1", serial=3, gives=True, takes=False, here=True, there="activated",
    since=START, until=UNTIL,
)  # fmt: skip


def problems(at: datetime, *agreements: AgreementStatus) -> list[str]:
    partners = [replace(A_PARTNER, agreements=agreements)] * 2
    return list(agreement_problems(partners, at))


@pytest.mark.parametrize("days", [100, 31, 30.01])
def test_an_agreement_with_more_than_thirty_days_is_no_problem(days: float) -> None:
    assert problems(UNTIL - timedelta(days=days), PACT) == []


@pytest.mark.parametrize(("days", "left"), [(30, "30 d"), (7, "7 d"), (1, "24 h")])
def test_an_agreement_that_ends_soon_is_one_problem_however_many_partners_it_has(
    days: int, left: str
) -> None:
    assert problems(UNTIL - timedelta(days=days), PACT) == [
        (
            f"agreement A-1 serial 3 ends in {left}, at {UNTIL:%Y-%m-%d %H:%MZ}: "
            "sign and activate a new serial before"
        )
    ]


def test_an_agreement_that_ended_while_it_was_live_is_a_problem() -> None:
    (problem,) = problems(UNTIL, PACT)
    assert problem.startswith(f"agreement A-1 serial 3 ended at {UNTIL:%Y-%m-%d %H:%MZ}")
    assert problem.endswith("accord agreement suspend DIR A-1 --withdraw")


def test_of_what_is_not_activated_here_nobody_knows_the_end() -> None:
    assert problems(UNTIL, replace(PACT, here=False, since=None, until=None)) == []


def test_a_node_passed_on_by_a_partner_that_is_no_partner_here_is_named_with_what_to_do() -> None:
    partner = replace(A_PARTNER, unverified={"NZL-JFNZ": 70})
    assert list(partner_problems([partner], START, QUIET)) == [
        (
            "NZL-JFNZ, passed on by USA-PAC, is not a partner here, so nothing of it is taken: "
            "exchange invitations with it, and add it with accord partner add DIR FILE"
        )
    ]


@pytest.mark.parametrize(
    ("last", "since", "minutes"),
    [(1, 0, 10), (8.5, 0, 10), (1, 9, 10), (None, 0, 10)],
    ids=["long ago", "just now", "before the link", "never"],
)
def test_a_partner_that_gave_reports_and_gives_none_over_a_link_that_is_up_is_a_problem(
    last: float | None, since: float, minutes: float
) -> None:
    came = None if last is None else START + timedelta(minutes=last)
    partner = replace(A_PARTNER, last_report=came, since=START + timedelta(minutes=since))
    said = list(partner_problems([partner], START + timedelta(minutes=minutes), QUIET))
    assert said == [
        "partner USA-PAC: the link is up, and no report came for 9 min: its feeds may be down"
    ] * (last == 1 and since == 0)


def test_a_partner_that_gives_every_ten_minutes_is_no_problem_in_between() -> None:
    partner = replace(
        A_PARTNER, since=START, last_report=START, cadence=600.0,
    )  # fmt: skip
    assert list(partner_problems([partner], START + timedelta(minutes=10), QUIET)) == []
    late = START + timedelta(minutes=10, seconds=1) + QUIET
    assert len(list(partner_problems([partner], late, QUIET))) == 1


def test_a_link_that_is_down_is_not_said_to_be_up_and_quiet() -> None:
    partner = replace(A_PARTNER, state=LinkState.DOWN)
    (said,) = partner_problems([partner], START + timedelta(hours=2), QUIET)
    assert "is down" in said


def test_a_link_that_is_down_says_why_the_last_session_ended() -> None:
    partner = replace(A_PARTNER, state=LinkState.DOWN, last_heard=None, ended="the partner stops")
    assert list(partner_problems([partner], START, QUIET)) == [
        "partner USA-PAC is down: the partner stops; never heard; its reports are missing"
    ]
