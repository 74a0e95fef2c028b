# ruff: noqa: E501  a row is a line

from datetime import date

import pytest

from accord.posture.entry import read_tree
from accord.posture.fault import ScenarioError
from accord.posture.model import (
    AddUnits,
    Deploy,
    Effect,
    Grade,
    Notice,
    Origin,
    Promise,
    PromiseKind,
    Season,
    SetAccess,
    SetAvailability,
    SetNotice,
    Stated,
    Withdraw,
)
from accord.posture.undertaking import read_effects

ORIGIN = Origin(grade=Grade.COMMON, who="somebody", as_of=date(2026, 1, 1))
INVENTED = Origin(grade=Grade.INVENTED, who="somebody", as_of=date(2026, 1, 1))
SUMMER = Season(share=0.5, months=frozenset({1, 2}), first=date(2026, 1, 1), last=date(2026, 2, 1))


def effects(op: str) -> tuple[Effect, ...]:
    tree = read_tree(f"rows:\n  - ops: [{{{op}}}]\n")
    return read_effects(tree.entries("rows")[0], ORIGIN)


@pytest.mark.parametrize(
    ("op", "effect"),
    [
        (
            "op: add_deployment, partner: NZL, class: P8, base: NAN, from_base: OHA, count: 2, share_of_year: 0.5, months: [1, 2], from: 2026-01-01, to: 2026-02-01",
            Deploy(partner="NZL", platform="P8", base="NAN", source="OHA", count=2, season=SUMMER),
        ),
        (
            "op: shift, partner: NZL, class: P8, base: OHA, to_base: NAN",
            Deploy(partner="NZL", platform="P8", base="NAN", source="OHA", count=1, season=Season()),
        ),
        (
            "op: remove, partner: NZL, class: P8, base: OHA",
            Withdraw(partner="NZL", platform="P8", base="OHA", count=1, season=Season()),
        ),
        (
            "op: add_units, partner: NZL, class: P8, base: OHA, count: 2, availability: 0.5, availability_conf: A",
            AddUnits(partner="NZL", platform="P8", base="OHA", count=2, availability=Stated(0.5, Origin(grade=Grade.STATED, who="somebody", as_of=date(2026, 1, 1)))),
        ),
        (
            "op: availability, partner: NZL, class: P8, availability: 0.9",
            SetAvailability(partner="NZL", platform="P8", availability=Stated(0.9, INVENTED)),
        ),
        (
            "op: notice, partner: NZL, class: P8, base: OHA, notice_h: [1, 2, 3]",
            SetNotice(partner="NZL", platform="P8", base="OHA", notice=Stated(Notice(1, 2, 3), ORIGIN)),
        ),
        ("op: open_base, partner: NZL, base: NAN", SetAccess(partner="NZL", base="NAN", is_open=True)),
        ("op: close_base, partner: NZL, base: NAN", SetAccess(partner="NZL", base="NAN", is_open=False)),
        (
            "op: open_data_flow, text: tracks, agreement_clause: usa-nzl 3",
            Promise(kind=PromiseKind.DATA_OPENED, text="tracks", tied_to="usa-nzl 3"),
        ),
        ("op: exercise, text: together", Promise(kind=PromiseKind.EXERCISE, text="together")),
        ("op: nothing_measurable", Promise(kind=PromiseKind.NOTHING, text="")),
    ],
)  # fmt: skip
def test_an_operation_is_read_as_what_it_says(op: str, effect: Effect) -> None:
    assert effects(op) == (effect,)


@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        ("op: remove, partner: NZL, class: P8, base: X, colour: red", "line 2: no such key: ops.colour"),
        ("op: notice, partner: NZL, class: P8, notice_h: [1, 2]", "give the least, the likely and the most"),
        ("op: notice, partner: NZL, class: P8, notice_h: [3, 2, 1]", "line 2: ops: a notice of 3, 2, 1 hours is not in order"),
        ("op: remove, partner: NZL, class: P8, base: X, share_of_year: 0", "ops: a share of 0 of the year"),
        ("op: remove, partner: NZL, class: P8, base: X, months: [13]", "13 is not between 1 and 12"),
        ("op: remove, partner: NZL, class: P8, base: X, months: [1.5]", "1.5 is not a month"),
        ("op: remove, partner: NZL, class: P8", "ops.base: it is missing"),
    ],
)  # fmt: skip
def test_an_operation_that_cannot_be_is_refused(op: str, sentence: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        effects(op)
    assert sentence in str(refused.value)


def test_a_commitment_without_operations_binds_nothing() -> None:
    assert read_effects(read_tree("rows:\n  - {a: 1}\n").entries("rows")[0], ORIGIN) == ()
