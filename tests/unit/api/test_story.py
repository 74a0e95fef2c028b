import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.api import story
from accord.api.story import Story, Towards, tell
from accord.core.errors import AccordError
from accord.core.report import Source
from accord.node.kept import shelves
from accord.release.ledger.entry import Count, Recall, Received, Refusals
from accord.release.ledger.fault import LedgerFault
from accord.release.signature import Act
from accord.storage.agreements import Agreements
from accord.storage.partners import PARTNERS, Partners
from accord.storage.release_secrets import make_secret
from support.ledger import received
from support.partners import partner_of
from support.released import GIVER, RECEIVER, TEXT, GivingNode, after, heard
from support.small_agreement import signed

SHIP = [heard("SHIP-1", seconds) for seconds in (0, 10, 60)]
CAR = heard("CAR-1", 5, kind="a-f-G-E-V")


@pytest.fixture
def node(tmp_path: Path) -> GivingNode:
    """A node that has heard a ship three times and a car once."""
    made = GivingNode.make(tmp_path / "node")
    made.journal([*SHIP, CAR])
    return made


def told(node: GivingNode, asked: str, seconds: float = 70) -> Story:
    return tell(shelves(node.directory), asked, at=after(seconds), incidents=frozenset())


def towards(found: Story, partner: str = RECEIVER) -> Towards:
    (it,) = (each for each in found.partners if each.partner == partner)
    return it


def numbers(it: Towards) -> tuple[int | None, int | None, int | None]:
    """The lines of release, recall and receipt."""
    trail = it.trail
    lines = (trail.release, trail.recall, trail.received)
    return tuple(None if each is None else each.number for each in lines)  # type: ignore[return-value]


def test_the_newest_of_each_source_is_told_with_how_often_and_since_when(node: GivingNode) -> None:
    feed = Source(node="AUS-HQ", channel="partner:AUS-HQ", speaker="", hops=("CAN-X",))
    node.journal([*SHIP, heard("SHIP-1", 90, source=feed)])
    found = told(node, "SHIP-1", 100).heard
    assert [(each.record.source.node, each.count, each.first) for each in found] == [
        ("AUS-HQ", 1, after(90)),
        (GIVER, 6, after(0)),  # it is written for the second time
    ]
    assert [each.record.received for each in found] == [after(90), after(60)]
    assert told(node, "SHIP-1", 100).others() == ["AUS-HQ", "CAN-X"]


def test_the_last_release_of_several_is_told_and_who_has_it(node: GivingNode) -> None:
    for each in SHIP:
        node.release(each, each.received + timedelta(seconds=2))
    node.release(CAR, after(63))
    node.ledger()
    it = towards(told(node, "SHIP-1"))
    assert numbers(it) == (3, None, None)
    assert it.trail.has_it
    assert told(node, "SHIP-1").others() == [RECEIVER]


def test_a_name_at_a_partner_is_found_on_the_giving_node(node: GivingNode) -> None:
    name = node.release(CAR, after(13)).name
    node.ledger()
    found = told(node, name)
    assert (found.uid, found.pseudonym_of) == ("CAR-1", RECEIVER)
    assert numbers(towards(found)) == (1, None, None)
    by_uid = told(node, "CAR-1")
    assert (by_uid.pseudonym_of, towards(by_uid).names) == (None, ("CAR-1", name))
    assert numbers(towards(by_uid)) == (1, None, None)


def test_a_name_that_no_object_has_is_unknown(
    node: GivingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "MAX_NAMES", 1)
    with pytest.raises(AccordError, match=r"neither the journal nor a ledger of .* has 'P-0"):
        told(node, f"P-{'0' * 32}")
    with pytest.raises(AccordError, match="'SHIP-2'"):
        told(node, "SHIP-2")


def test_what_the_journal_forgot_is_told_from_the_ledger_by_the_name_in_it(
    tmp_path: Path,
) -> None:
    node = GivingNode.make(tmp_path / "node")
    name = node.release(CAR, after(13)).name
    node.ledger()
    for asked in (name, "CAR-1"):
        found = told(node, asked)
        assert (found.heard, numbers(towards(found))) == ((), (1, None, None))
        assert towards(found).said[0].explanation is None


def test_a_recall_is_told_and_the_partner_has_it_no_more_until_it_goes_again(
    node: GivingNode,
) -> None:
    node.release(SHIP[0], after(1))
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-1", reason="x", frame=1
    )
    node.note(after(2), recall)
    node.note(after(3), replace(recall, by=RECEIVER))
    node.note(after(3), replace(recall, name="SHIP-2"))
    node.ledger()
    it = towards(told(node, "SHIP-1"))
    assert numbers(it) == (1, 2, None)
    assert not it.trail.has_it
    assert told(node, "SHIP-1").others() == []
    node.released.clear()
    node.release(SHIP[1], after(12))
    node.ledger()
    it = towards(told(node, "SHIP-1"))
    assert numbers(it) == (5, None, None)
    assert it.trail.has_it
    assert it.trail.last_recall is not None
    assert it.trail.last_recall.number == 2


def test_of_several_recalls_before_the_newest_release_the_last_is_told(node: GivingNode) -> None:
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause="1", name=None, reason="x", frame=1
    )
    node.note(after(0), recall)  # before it was ever released
    node.release(SHIP[0], after(1))
    node.note(after(2), recall)
    node.note(after(3), replace(recall, name="SHIP-1"))
    node.note(after(3), replace(recall, clause="2"))
    node.release(SHIP[1], after(12))
    node.release(SHIP[2], after(62))
    node.ledger()
    trail = towards(told(node, "SHIP-1")).trail
    assert (trail.recall, trail.has_it) == (None, True)
    assert trail.last_recall is not None
    assert trail.last_recall.number == 4


def test_a_recall_of_a_clause_before_it_was_ever_released_is_none_of_it(node: GivingNode) -> None:
    node.note(
        after(0),
        Recall(by=GIVER, agreement="SMALL", serial=1, clause="1", name=None, reason="x", frame=1),
    )
    node.release(SHIP[0], after(1))
    node.ledger()
    assert towards(told(node, "SHIP-1")).trail.last_recall is None


def test_what_a_partner_said_or_passed_on_is_not_decided_for_it(node: GivingNode) -> None:
    theirs = Source(node=RECEIVER, channel=f"partner:{RECEIVER}", speaker="")
    over = Source(node="AUS-HQ", channel="partner:X", speaker="", hops=(RECEIVER,))
    node.journal([*SHIP, heard("SHIP-1", 80, source=over), heard("SHIP-1", 90, source=theirs)])
    it = towards(told(node, "SHIP-1", 100))
    assert it.decided is not None
    assert (it.decided.record.source.node, it.decided.record.received) == (GIVER, after(60))
    node.journal([heard("SHIP-9", 90, source=theirs)])
    it = towards(told(node, "SHIP-9", 100))
    assert it.decided is None
    assert it.said[0].explanation is None


def test_refusals_of_its_sort_are_told_and_no_others(node: GivingNode) -> None:
    def refusals(sort: str, count: int) -> Refusals:
        counts = (
            Count(clause=None, reason="x", sort="other", count=1),
            Count(clause="1", reason="too young", sort=sort, count=count),
        )
        return Refusals(agreement="SMALL", serial=1, since=after(0), until=after(9), counts=counts)

    node.note(after(1), refusals("a-f-S", 1))
    node.note(after(2), refusals("a-f-S", 2))
    node.note(after(3), refusals("a-f-G", 3))
    node.ledger()
    refusal = towards(told(node, "SHIP-1")).trail.refusal
    assert refusal is not None
    assert (refusal[0].number, refusal[1].count) == (2, 2)


def test_what_came_from_a_partner_and_since_when_he_is_silent_are_told(node: GivingNode) -> None:
    for seconds, name in ((1, "SHIP-1"), (2, "SHIP-1"), (3, "OTHER")):
        node.note(after(seconds), received(seconds, name=name))
    node.ledger()
    it = towards(told(node, "SHIP-1"))
    assert numbers(it) == (None, None, 2)
    assert it.trail.received is not None
    assert isinstance(it.trail.received.body, Received)
    assert it.trail.heard == after(3)
    assert told(node, "SHIP-1").others() == [RECEIVER]


def test_the_search_ends_where_older_lines_add_nothing(node: GivingNode) -> None:
    counts = (Count(clause="1", reason="x", sort="a-f-S", count=1),)
    refused = Refusals(agreement="SMALL", serial=1, since=after(0), until=after(1), counts=counts)
    node.note(after(0), received(1, name="SHIP-1"))
    node.release(SHIP[0], after(1))
    recall = Recall(
        by=GIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-1", reason="x", frame=1
    )
    node.note(after(2), recall)
    node.note(after(2), received(1, name="SHIP-1"))
    node.note(after(2), refused)
    node.ledger()
    with sqlite3.connect(node.directory / "ledger" / f"{RECEIVER}.sqlite") as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = data || 'SHIP-1' WHERE number = 1")
    file.close()
    assert numbers(towards(told(node, "SHIP-1"))) == (2, 3, 4)
    with sqlite3.connect(node.directory / "ledger" / f"{RECEIVER}.sqlite") as file:
        file.execute("DELETE FROM entry WHERE number > 1")
    file.close()
    with pytest.raises(LedgerFault, match="line 1 of the ledger for FJI-B"):
        told(node, "SHIP-1")


def test_what_the_agreement_says_now_is_told_by_clause(node: GivingNode) -> None:
    said = towards(told(node, "SHIP-1")).said[0]
    assert (said.held.id, said.state) == ("SMALL", "in force")
    assert said.explanation is not None
    form = said.explanation.judgement.form
    assert form is not None
    assert (form.name, said.explanation.judgement.clause) == ("exact", "1")
    early = told(node, "SHIP-1", -1e7).partners[0].said[0]
    assert early.state == "signed, not begun"
    assert early.explanation is not None
    assert early.explanation.judgement.form is None


def test_a_suspended_agreement_says_nothing_but_why(node: GivingNode) -> None:
    record = signed(TEXT, Act.SUSPEND)[1]
    Agreements(node.directory / "agreements").add(record)
    said = towards(told(node, "SHIP-1")).said[0]
    assert (said.state, said.explanation) == ("not in force", None)
    assert any("FJI-B" in str(fault) for fault in said.held.faults)


def test_a_partner_is_told_of_with_or_without_an_agreement_or_a_ledger(node: GivingNode) -> None:
    register = Partners(node.directory / PARTNERS)
    register.prepare()
    register.add(partner_of("USA-X"), after(0))
    make_secret(node.directory, "AUS-X")
    found = told(node, "SHIP-1")
    assert [(each.partner, len(each.said)) for each in found.partners] == [
        ("AUS-X", 0),
        (RECEIVER, 1),
        ("USA-X", 0),
    ]
    assert towards(found, "USA-X").names == ("SHIP-1",)


def test_no_more_sources_are_told_of_than_the_limit(
    node: GivingNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "MAX_SOURCES", 1)
    other = Source(node=GIVER, channel="tak", speaker="kiwi-2")
    node.journal([heard("SHIP-1", 90, source=other)])
    assert len(told(node, "SHIP-1").heard) == 1


def test_what_a_giver_lets_be_passed_on_goes_into_the_decision(tmp_path: Path) -> None:
    """FJI-B receives by the agreement, so what NZL allows onward holds for NZL's reports."""
    onward = TEXT.replace(b"onward = []", b'onward = ["AUS"]')
    node = GivingNode.make(tmp_path / "node", onward)
    held = Agreements(node.directory / "agreements").list()
    granted = story.onward_of(held, RECEIVER, after(0))
    assert granted == {"NZL": frozenset({"AUS"})}
    assert story.onward_of(held, GIVER, after(0)) == {}
    assert story.onward_of(held, RECEIVER, after(-1e7)) == {}


def test_what_a_partner_called_back_of_what_it_gave_is_told(node: GivingNode) -> None:
    node.note(after(1), received(1, agreement="SMALL", name="SHIP-1", clause="1"))
    recall = Recall(
        by=RECEIVER, agreement="SMALL", serial=1, clause="1", name=None, reason="x", frame=1
    )
    node.note(after(2), replace(recall, by=GIVER))
    node.note(after(2), replace(recall, clause="2"))
    node.note(after(3), recall)
    node.ledger()
    trail = towards(told(node, "SHIP-1")).trail
    assert trail.called_back is not None
    assert (trail.called_back.number, trail.recall) == (4, None)


def test_what_came_again_after_it_was_called_back_is_not_called_back(node: GivingNode) -> None:
    recall = Recall(
        by=RECEIVER, agreement="SMALL", serial=1, clause=None, name="SHIP-1", reason="x", frame=1
    )
    node.note(after(1), recall)
    node.note(after(2), received(1, agreement="SMALL", name="SHIP-1"))
    node.ledger()
    assert towards(told(node, "SHIP-1")).trail.called_back is None
