from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.agreed import Agreed, Decisions, held
from accord.federation.standing import OTHER_KEY
from accord.release.decide import Released
from accord.release.frontmatter import spell_key
from accord.release.signature import Act, sign
from accord.storage.agreements import Agreements, Pause
from accord.wire.peer.message import Held
from support.agreements import NZL, USA, example, example_in_force, key_of
from support.builders import a_report
from support.linked import agree
from support.partners import partner_of

AT = datetime(2026, 12, 1, tzinfo=UTC)


class Told:
    def __init__(self) -> None:
        self.refused: list[tuple[str, int, str]] = []

    def __call__(self, agreement: str, serial: int, said: Withheld, _report: Report) -> None:
        self.refused.append((agreement, serial, said.reason.name))


def decisions(own: str, partner: str, told: Told | None = None, *, key: str = "") -> Decisions:
    """`key` is what is pinned of the partner's people, without it that of the worked agreements."""
    pinned = partner_of(partner, party_key=key or public_key_of(partner))
    return Decisions(own, pinned, key=bytes(32), salt=bytes(16), limit=10, refused=told or Told())


def public_key_of(node: str) -> str:
    return spell_key(key_of(node).public_key().public_bytes_raw())


def test_an_agreement_is_read_when_it_is_put_in_force_and_when_it_is_suspended(
    tmp_path: Path,
) -> None:
    agreed = Agreed(tmp_path)
    assert agreed.has_changed()
    agreed.read()
    assert not agreed.has_changed()
    assert agreed.in_force == ()
    agree(tmp_path)
    assert agreed.has_changed()
    agreed.read()
    assert [each.loaded.agreement.id for each in agreed.in_force] == [example().agreement.id]
    act = sign(example().agreement, Act.SUSPEND, node=USA, key=key_of(USA), at=AT)
    Agreements(tmp_path / "agreements").add(act)
    assert agreed.has_changed()
    agreed.read()
    assert agreed.in_force == ()
    assert "suspended" in agreed.trouble[example().agreement.id]
    assert agreed.stopped == ((example().agreement, act),)


def test_what_people_here_paused_is_stopped_and_told_as_that(tmp_path: Path) -> None:
    agree(tmp_path)
    agreed, kept = Agreed(tmp_path), Agreements(tmp_path / "agreements")
    agreed.read()
    pause = Pause(by="boss", at=AT, reason="wrong area")
    kept.pause(example().agreement.id, pause)
    assert agreed.has_changed()
    agreed.read()
    assert agreed.in_force == ()
    assert agreed.stopped == ((example().agreement, pause),)
    ours = decisions(USA, NZL)
    ours.agree([], agreed.stopped)
    (found,) = ours.stopped_here
    assert (found.how, found.by, found.at, found.gives) == ("paused", "boss", AT, True)
    kept.go_on(example().agreement.id)
    assert agreed.has_changed()
    agreed.read()
    assert len(agreed.in_force) == 1


def test_an_agreement_that_cannot_be_read_is_in_trouble_and_not_said_to_be_stopped(
    tmp_path: Path,
) -> None:
    agree(tmp_path)
    (text,) = (tmp_path / "agreements").glob("*/*/agreement.md")
    text.write_bytes(b"torn")
    agreed = Agreed(tmp_path)
    agreed.read()
    assert example().agreement.id in agreed.trouble
    assert agreed.stopped == ()


@pytest.mark.parametrize(("act", "how"), [(Act.SUSPEND, "suspended"), (Act.WITHDRAW, "withdrawn")])
def test_what_is_stopped_is_told_to_each_of_both_and_nobody_else(act: Act, how: str) -> None:
    terms = example().agreement
    stopped = [(terms, sign(terms, act, node=USA, key=key_of(USA), at=AT))]
    for own, partner, ways in ((USA, NZL, (True, False)), (NZL, USA, (False, True))):
        ours = decisions(own, partner)
        ours.agree([], stopped)
        (found,) = ours.stopped_here
        assert found.held == held(example_in_force())
        assert (found.how, found.by, found.at) == (how, USA, AT)
        assert (found.gives, found.takes) == ways
    other = decisions(NZL, "AUS-HQ")
    other.agree([], stopped)
    assert other.stopped_here == ()


def test_two_nodes_compare_id_serial_and_the_whole_digest() -> None:
    terms = example().agreement
    assert held(example_in_force()) == Held(terms.id, terms.serial, bytes.fromhex(terms.digest))


def test_an_agreement_counts_for_the_giver_as_given_and_for_the_receiver_as_taken() -> None:
    ours, theirs = decisions(USA, NZL), decisions(NZL, USA)
    for each in (ours, theirs):
        each.agree([example_in_force()])
    assert ours.gives == theirs.takes == (held(example_in_force()),)
    assert ours.takes == theirs.gives == ()


@pytest.mark.parametrize(
    ("own", "partner", "ways"), [(USA, NZL, (True, False)), (NZL, USA, (False, True))]
)
def test_by_a_text_that_names_another_key_of_the_partner_than_is_pinned_nothing_flows(
    own: str, partner: str, ways: tuple[bool, bool]
) -> None:
    ours = decisions(own, partner, key=public_key_of("AUS-HQ"))
    ours.agree([example_in_force()])
    assert (ours.gives, ours.takes, ours.terms) == ((), (), {})
    assert ours.decide(a_report(), AT) == Withheld(reason=Reason.NOT_PARTY)
    (found,) = ours.stopped_here
    assert found.held == held(example_in_force())
    assert (found.how, found.by, (found.gives, found.takes)) == (OTHER_KEY, partner, ways)


def test_another_key_of_a_third_party_is_that_partners_affair() -> None:
    other = decisions(NZL, "AUS-HQ", key=public_key_of(USA))
    other.agree([example_in_force()])
    assert other.stopped_here == ()


def test_without_an_agreement_nothing_leaves_and_nobody_counts_it() -> None:
    told = Told()
    said = decisions(USA, NZL, told).decide(a_report(), AT)
    assert said == Withheld(reason=Reason.NOT_PARTY)
    assert told.refused == []


def test_what_is_unmarked_is_withheld_and_counted_for_the_agreement() -> None:
    told = Told()
    ours = decisions(USA, NZL, told)
    ours.agree([example_in_force()])
    said = ours.decide(a_report(), AT)
    assert not isinstance(said, Released)
    terms = example().agreement
    assert told.refused == [(terms.id, terms.serial, said.reason.name)]


def test_a_gate_is_kept_while_its_agreement_stays_the_same() -> None:
    ours = decisions(USA, NZL)
    ours.agree([example_in_force()])
    ours.decide(a_report(), AT)
    (gate,) = ours._gates.values()
    gate.stopped = True
    ours.agree([example_in_force()])
    assert ours.stopped == (example().agreement.id,)
    ours.agree([])
    assert ours.stopped == ()
