from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.federation.standing import (
    ACTIVATED,
    MAX_FOREIGN,
    NOT_ACTIVATED,
    OTHER_KEY,
    OTHER_TEXT,
    SUSPENDED,
    SUSPENDED_THERE,
    UNKNOWN,
    WITHDRAWN,
    Holding,
    Standing,
    Stopped,
    compare,
    stands_stopped,
    unknown,
)
from accord.wire.peer.message import Held
from support.coalition import short

PACT = Held("NZL-USA-MARITIME", 3, bytes(32))


def stands(ours: Holding, theirs: Holding, suspended: dict[bytes, str] | None = None) -> Standing:
    (found,) = compare(ours, theirs, "USA-PAC", suspended or {})
    return found


def test_an_agreement_that_both_have_activated_keeps_nothing_back() -> None:
    found = stands(Holding(gives=(PACT,)), Holding(takes=(PACT,)))
    assert found == Standing("NZL-USA-MARITIME", 3, True, False, True, ACTIVATED)


@pytest.mark.parametrize("ours", [Holding(gives=(PACT,)), Holding(takes=(PACT,))])
def test_giver_and_receiver_are_told_alike_that_the_partner_has_not_activated_it(
    ours: Holding,
) -> None:
    found = stands(ours, Holding())
    assert found.there == NOT_ACTIVATED
    assert found.why == (
        "USA-PAC has not activated NZL-USA-MARITIME serial 3, so nothing flows by it"
    )


@pytest.mark.parametrize(
    ("theirs", "ways"),
    [(Holding(gives=(PACT,)), (False, True)), (Holding(takes=(PACT,)), (True, False))],
)
def test_who_has_not_activated_it_is_told_that_the_partner_waits(
    theirs: Holding, ways: tuple[bool, bool]
) -> None:
    found = stands(Holding(), theirs)
    assert (found.gives, found.takes) == ways
    assert not found.is_here
    assert found.why == (
        "waiting for ours: USA-PAC has activated NZL-USA-MARITIME serial 3, and this node has not: "
        "accord agreement activate DIR FILE"
    )


@pytest.mark.parametrize(
    ("theirs", "there", "why"),
    [
        (replace(PACT, serial=2), "serial 2",
         "USA-PAC has not activated NZL-USA-MARITIME serial 3: it still has serial 2"),
        (replace(PACT, serial=4), "serial 4",
         ("waiting for ours: USA-PAC has activated NZL-USA-MARITIME serial 4, and this node still "
         "has serial 3")),
        (replace(PACT, digest=bytes([1] * 32)), OTHER_TEXT,
         "USA-PAC has activated another text of NZL-USA-MARITIME serial 3: compare the files"),
    ],
)  # fmt: skip
def test_what_differs_says_who_must_act(theirs: Held, there: str, why: str) -> None:
    found = stands(Holding(gives=(PACT,)), Holding(takes=(theirs,)))
    assert (found.there, found.why) == (there, why)


def test_what_the_partner_has_suspended_is_not_said_to_be_not_activated() -> None:
    found = stands(Holding(takes=(PACT,)), Holding(), {short(PACT): "a leak\n"})
    assert found.there == SUSPENDED_THERE
    assert found.why == "USA-PAC has suspended NZL-USA-MARITIME serial 3: a leak?"


STOPPED = Stopped(
    held=PACT, gives=False, takes=True, how=SUSPENDED, by="NZL-JFNZ",
    at=datetime(2026, 12, 1, 6, 0, 5, tzinfo=UTC),
)  # fmt: skip
SENTENCE = "NZL-JFNZ at 2026-12-01 06:00:05Z"


@pytest.mark.parametrize(
    ("theirs", "there"),
    [(Holding(gives=(PACT,)), ACTIVATED), (Holding(), NOT_ACTIVATED), (None, UNKNOWN),
     (Holding(gives=(replace(PACT, serial=4),)), "serial 4")],
)  # fmt: skip
def test_what_is_suspended_here_says_by_whom_when_and_why_wherever_it_stands_there(
    theirs: Holding | None, there: str
) -> None:
    found = stands_stopped(STOPPED, theirs, "a leak\n")
    assert found == Standing(
        "NZL-USA-MARITIME", 3, False, True, False, there,
        f"NZL-USA-MARITIME serial 3 is suspended here by {SENTENCE}: a leak?", "suspended",
    )  # fmt: skip


def test_a_suspension_without_a_known_reason_gives_none() -> None:
    found = stands_stopped(STOPPED, None, "")
    assert found is not None
    assert found.why.endswith(SENTENCE)


def test_a_text_of_another_key_says_which_key_the_next_needs() -> None:
    found = stands_stopped(replace(STOPPED, how=OTHER_KEY), Holding(gives=(PACT,)), "")
    assert found is not None
    assert (found.is_here, found.stopped, found.there) == (False, "", ACTIVATED)
    assert found.why.startswith("NZL-USA-MARITIME serial 3 names another key of ")
    assert "sign the next serial, with that key in it" in found.why


def test_what_is_withdrawn_here_is_told_only_while_the_partner_holds_it() -> None:
    withdrawn = replace(STOPPED, how=WITHDRAWN)
    assert stands_stopped(withdrawn, None, "") is None
    assert stands_stopped(withdrawn, Holding(), "") is None
    found = stands_stopped(withdrawn, Holding(gives=(PACT,)), "")
    assert found is not None
    assert found.stopped == "withdrawn"


def test_what_is_suspended_here_is_not_said_to_wait_for_ours() -> None:
    assert compare(Holding(), Holding(gives=(PACT,)), "USA-PAC", {}, (PACT.id,)) == ()


def test_without_a_link_nobody_says_how_it_stands_at_the_partner() -> None:
    both = Held("BOTH-WAYS", 1, bytes(32))
    first, second = unknown(Holding(gives=(PACT, both), takes=(both,)))
    assert (first.there, first.why) == (UNKNOWN, "")
    assert (second.gives, second.takes) == (True, True)


def test_what_a_partner_calls_its_agreements_fills_no_page_and_steers_no_terminal() -> None:
    many = tuple(Held(f"\x1b{n}" + "x" * 100, 1, bytes(32)) for n in range(50))
    found = compare(Holding(), Holding(gives=many), "USA-PAC", {})
    assert len(found) == MAX_FOREIGN
    assert found[0].id == "?0" + "x" * 62
