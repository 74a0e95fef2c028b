from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from accord.desks.commitment.record import (
    Binding,
    Event,
    Held,
    NoSuchClause,
    Note,
    NotNoted,
    binding_of,
)
from accord.desks.commitment.statement import read_statement
from support.plans import with_ops
from support.statements import STATEMENT

RECORD = read_statement(STATEMENT)
NOW = datetime(2026, 2, 11, tzinfo=UTC)


def said(clause: int, event: Event) -> Note:
    return Note(
        record="JOINT", clause=clause, event=event, day=date(2026, 2, 11), by="Moana", at=NOW
    )


def held(*notes: Note) -> Held:
    return Held(record=RECORD, notes=notes, added_by="Moana", added=NOW)


@pytest.mark.parametrize(
    ("ops", "binding"),
    [
        ("{op: add_deployment, partner: NZL, class: MPA, base: NAN}", Binding.ADDS),
        ("{op: shift, partner: NZL, class: OPV, base: DEV, to_base: NAN}", Binding.SHIFTS),
        ("{op: remove, partner: NZL, class: OPV, base: DEV}", Binding.REMOVES),
        (
            "{op: add_units, partner: FJI, class: OPV, base: NAN, availability: 0.5}",
            Binding.GAINS,
        ),
        ("{op: availability, partner: NZL, class: OPV, availability: 0.9}", Binding.AVAILABILITY),
        ("{op: notice, partner: NZL, class: OPV, notice_h: [1, 2, 3]}", Binding.NOTICE),
        ("{op: open_base, partner: NZL, base: NAN}", Binding.OPENS_BASE),
        ("{op: close_base, partner: NZL, base: NAN}", Binding.CLOSES_BASE),
        ("{op: open_data_flow}", Binding.OPENS_DATA),
        ("{op: close_data_flow}", Binding.CLOSES_DATA),
        ("{op: exercise}", Binding.EXERCISE),
        ("{op: contribution}", Binding.CONTRIBUTION),
        ("{op: nothing_measurable}", Binding.NOTHING),
    ],
)
def test_every_effect_has_its_word(ops: str, binding: Binding) -> None:
    (effect,) = with_ops(ops).effects
    assert binding_of(effect) is binding


def test_a_clause_that_binds_nothing_measurable_says_so() -> None:
    assert [each.is_measurable for each in RECORD.clauses] == [True, True, False]


def test_a_sentence_that_nobody_read_is_told() -> None:
    assert RECORD.unread() == (4,)


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_clause_that_is_not_there_is_refused_with_how_many_there_are(number: int) -> None:
    with pytest.raises(NoSuchClause, match=f"JOINT has no clause {number}; it has 3"):
        RECORD.clause(number)
    assert RECORD.clause(3).number == 3


def test_only_what_a_person_confirmed_is_worked_out() -> None:
    assert held().commitment().effects == ()
    one = held(said(2, Event.CONFIRMED), said(1, Event.KEPT)).commitment()
    assert one.effects == (RECORD.clauses[1].effect,)
    assert one.id == "JOINT"
    assert len(RECORD.commitment().effects) == 3


def test_a_clause_keeps_its_number_where_one_before_it_was_not_confirmed() -> None:
    one = held(said(2, Event.CONFIRMED)).commitment()
    assert one.clauses == ((2, RECORD.clauses[1].effect),)


def test_what_is_not_worked_out_is_told_with_its_words() -> None:
    (only,) = RECORD.commitment().left_out
    assert only.startswith("sentence 4 was not read: nobody has said whether it binds anybody to ")
    assert only.endswith("(They look forward to the future.)")
    first, third, unread = held(said(2, Event.CONFIRMED)).commitment().left_out
    assert first.startswith("clause 1 was confirmed by nobody, and is not worked out (New Zealand")
    assert third.startswith("clause 3 was confirmed by nobody")
    assert unread.startswith("sentence 4 was not read")


def test_only_of_what_was_confirmed_can_be_said_that_it_was_kept_or_broken() -> None:
    for event in (Event.KEPT, Event.BROKEN):
        with pytest.raises(NotNoted, match=r"nobody has confirmed that JOINT\.1"):
            held(said(2, Event.CONFIRMED)).check(said(1, event))
        held(said(1, Event.CONFIRMED)).check(said(1, event))
    held().check(said(1, Event.CONFIRMED))


def test_what_binds_nothing_measurable_is_neither_kept_nor_broken() -> None:
    with pytest.raises(NotNoted, match=r"JOINT\.3 binds nothing measurable"):
        held(said(3, Event.CONFIRMED)).check(said(3, Event.KEPT))


def test_a_clause_is_not_kept_and_broken_on_one_day() -> None:
    kept = held(said(1, Event.CONFIRMED), said(1, Event.KEPT))
    broken = said(1, Event.BROKEN)
    with pytest.raises(NotNoted, match=r"Moana said that JOINT\.1 was kept on 2026-02-11"):
        kept.check(broken)
    kept.check(replace(broken, day=date(2026, 2, 12)))
    kept.check(said(1, Event.KEPT))


def test_nothing_is_said_of_a_clause_that_is_not_there() -> None:
    with pytest.raises(NoSuchClause):
        held().check(said(9, Event.KEPT))
