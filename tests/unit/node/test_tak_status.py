from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from accord.core.partner import Profile
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.agreed import Decisions
from accord.federation.guard import talk
from accord.federation.moment import Moment
from accord.federation.tak.link import TakCounts
from accord.federation.tak.pinned import as_partner
from accord.federation.totals import Totals
from accord.node.past import Reports
from accord.node.tak_status import CANNOT_SIGN, ONLY_HEARD, TakPast, TakTie, refused_server, told
from accord.observe.partner_health import LinkState
from accord.release.signature import Act, Record
from support.agreements import example_in_force
from support.one_sided import OWN, SERVER, one_sided_in_force
from support.tak_out import AGREEMENT, AT, Out, own

NOW = Moment(AT, 1_000.0)
PARTNER = TakPartner(
    node=SERVER, authorities=(b"",), fingerprint="", version=TakVersion.V1, made=AT,
    dial="tak.example:9000", groups=("Everyone",),
)  # fmt: skip


STANDING = talk.Standing(3, 3, 0, "")


def a_link(*, stopped: str = "", standing: talk.Standing = STANDING, **changes: Any) -> Any:
    said: dict[str, Any] = {
        "is_up": True, "since": 900.0, "last_heard": 990.0, "trouble": "", "ended": "closed",
        "address": "192.0.2.1:9000", **changes,
    }  # fmt: skip
    return SimpleNamespace(guard=SimpleNamespace(stopped=stopped, standing=standing), **said)


def a_tie(partner: TakPartner = PARTNER, *, agreed: Any = None, **changes: Any) -> TakTie:
    decisions = Decisions(
        OWN, as_partner(partner, Profile.MODERN), key=b"k" * 32, salt=b"s", limit=10,
        refused=lambda *_: None,
    )  # fmt: skip
    in_force, stopped = ((one_sided_in_force(),), ()) if agreed is None else agreed
    decisions.agree(in_force, stopped)
    past = TakPast(counts=TakCounts(), totals=Totals(limit=10), reports=Reports())
    return TakTie(
        partner=partner, link=a_link(**changes), out=Out().out, decisions=decisions, past=past
    )


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, LinkState.UP),
        ({"is_up": False}, LinkState.DOWN),
        ({"stopped": "not marked"}, LinkState.STOPPED),
        ({"last_heard": 900.0}, LinkState.SILENT),
        ({"last_heard": None}, LinkState.SILENT),
        ({"last_heard": None, "since": 960.0}, LinkState.UP),
        ({"last_heard": 100.0, "since": 960.0}, LinkState.UP),
    ],
)
def test_a_server_that_says_nothing_is_silent_and_not_up(
    changes: dict[str, Any], state: LinkState
) -> None:
    partner = replace(PARTNER, version=TakVersion.V2)
    assert told(a_tie(partner, **changes), NOW, 60.0).state is state


@pytest.mark.parametrize("heard", [None, 100.0])
def test_version_1_has_no_sign_of_life_so_who_says_nothing_is_up(heard: float | None) -> None:
    tie = a_tie(last_heard=heard)
    assert tie.partner.version is TakVersion.V1
    assert told(tie, NOW, 60.0).state is LinkState.UP
    assert told(a_tie(last_heard=heard, is_up=False), NOW, 60.0).state is LinkState.DOWN


def test_an_agreement_stands_by_one_signature_and_nothing_blocks_it() -> None:
    status = told(a_tie(), NOW, 60.0)
    (agreement,) = status.agreements
    assert (agreement.id, agreement.gives, agreement.takes) == (AGREEMENT.id, True, False)
    assert agreement.there == CANNOT_SIGN
    assert (agreement.since, agreement.until) == (AGREEMENT.since, AGREEMENT.until)
    assert status.blocked == ()
    assert (status.lines, status.cosigned) == (3, 0)
    assert status.last_heard == datetime(2026, 11, 26, 11, 59, 50, tzinfo=UTC)


def test_without_an_agreement_it_says_what_to_do() -> None:
    status = told(a_tie(agreed=((), ())), NOW, 60.0)
    (why,) = status.blocked
    assert 'its key is "none"' in why
    assert status.note == ""


def test_one_that_is_only_heard_is_no_problem() -> None:
    tie = a_tie(agreed=((), ()))
    tie.past.reports.came(AT)
    status = told(tie, NOW, 60.0)
    assert (status.blocked, status.note) == ((), ONLY_HEARD)
    assert told(a_tie(), NOW, 60.0).note == ""


def test_a_text_with_a_key_for_it_is_named() -> None:
    partner = replace(PARTNER, node="NZL-JFNZ")
    tie = a_tie(partner, agreed=((), ()))
    tie.decisions = Decisions(
        "USA-PAC", as_partner(partner, Profile.MODERN), key=b"k" * 32, salt=b"s", limit=10,
        refused=lambda *_: None,
    )  # fmt: skip
    tie.decisions.agree((example_in_force(),))
    (why,) = told(tie, NOW, 60.0).blocked
    assert "which is a TAK server and signs nothing" in why


def test_one_that_was_suspended_says_by_whom() -> None:
    record = Record(
        act=Act.SUSPEND, agreement=AGREEMENT.id, serial=1, sha256=AGREEMENT.digest, node=OWN, at=AT
    )
    status = told(a_tie(agreed=((), ((AGREEMENT, record),))), NOW, 60.0)
    assert "suspended here by USA-PAC" in status.blocked[0]
    assert [(each.id, each.stopped) for each in status.agreements] == [(AGREEMENT.id, "suspended")]


def test_troubles_and_counts_are_told() -> None:
    tie = a_tie(
        stopped="not marked", trouble="no guard", standing=talk.Standing(1, 1, 0, "no disk")
    )
    tie.past.totals.withheld["1", "forbidden"] += 2
    tie.past.counts.refused["malformed"] += 1
    tie.past.counts.turned_away["too slow"] += 1
    tie.out.note(Out.candidate(own("S-1")), 940.0)
    status = told(tie, NOW, 60.0)
    assert status.trouble == (
        "the link is stopped until somebody has looked: not marked; no disk; no guard"
    )
    assert status.withheld == {"1 forbidden": 2}
    assert status.refused == {"malformed": 1, "too slow": 1}
    assert (status.waiting, status.lag) == ({"durable": 0, "tracks": 1}, 60.0)
    assert (status.ended, told(a_tie(is_up=False), NOW, 60.0).ended) == ("", "closed")


def test_a_gate_that_has_stopped_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tie = a_tie()
    monkeypatch.setattr(Decisions, "stopped", property(lambda _: ("ONE-SIDED",)))
    assert "do not agree" in told(tie, NOW, 60.0).trouble


def test_one_that_is_refused_says_how_to_let_it_in() -> None:
    status = refused_server(SERVER)
    assert status.state is LinkState.REFUSED
    assert f"accord partner allow DIR {SERVER}" in status.trouble
