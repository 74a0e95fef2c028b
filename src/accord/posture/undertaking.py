"""Reads what commitments do, and when: the operations of a scenario, each refused with its line."""

from collections.abc import Callable
from dataclasses import replace

from accord.posture.entry import Entry
from accord.posture.fault import refuse
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

MAX_COUNT = 200
"""Of units in one line of a fleet, and that one operation moves."""
LONGEST_NOTICE = 8760.0
"""Hours: a year."""

GRADES = {grade.value: grade for grade in Grade}
"""As they are written."""


def graded(row: Entry, key: str, origin: Origin, usual: Grade = Grade.INVENTED) -> Origin:
    """Return the origin of one value of a row; without a grade of its own it is `usual`.

    What is nobody's statement is invented until somebody says otherwise.
    """
    return replace(origin, grade=row.choice(key, GRADES) if key in row else usual)


def read_availability(row: Entry, origin: Origin) -> Stated[float]:
    """Return the share of days on which a unit could go."""
    share = row.number("availability", 0.0, 1.0)
    return Stated(share, graded(row, "availability_conf", origin))


def read_notice(row: Entry, origin: Origin) -> Stated[Notice]:
    """Return the notice: three numbers of hours in order."""
    hours = row.numbers("notice_h", 0.0, LONGEST_NOTICE)
    if len(hours) != 3:
        raise row.wrong("notice_h", "give the least, the likely and the most hours")
    return Stated(Notice(*hours), graded(row, "notice_conf", origin, origin.grade))


def read_season(row: Entry) -> Season:
    """Return when something holds: always, where the row does not say."""
    months = row.numbers("months", 1, 12)
    for month in months:
        if month != int(month):
            raise row.wrong("months", f"{month:g} is not a month")
    return Season(
        share=row.number("share_of_year", 0.0, 1.0) if "share_of_year" in row else 1.0,
        months=frozenset(int(month) for month in months),
        first=row.date_if_there("from"),
        last=row.date_if_there("to"),
    )


def read_effects(row: Entry, origin: Origin) -> tuple[Effect, ...]:
    """Return what a commitment does, one effect for each operation, in their order."""
    return tuple(_read_effect(op, origin) for op in row.entries("ops"))


def _read_effect(op: Entry, origin: Origin) -> Effect:
    try:
        effect = op.choice("op", _READERS)(op, origin)
    except ValueError as error:
        raise refuse(op.line, f"{op.name}: {error}") from None
    op.finish()
    return effect


def _deploy(op: Entry, origin: Origin) -> Effect:
    del origin
    return Deploy(
        partner=op.text("partner"),
        platform=op.text("class"),
        base=op.text("base"),
        source=op.text("from_base", "") or None,
        count=op.whole("count", 1, MAX_COUNT, 1),
        season=read_season(op),
    )


def _shift(op: Entry, origin: Origin) -> Effect:
    del origin
    return Deploy(
        partner=op.text("partner"),
        platform=op.text("class"),
        source=op.text("base"),
        base=op.text("to_base"),
        count=op.whole("count", 1, MAX_COUNT, 1),
        season=read_season(op),
    )


def _withdraw(op: Entry, origin: Origin) -> Effect:
    del origin
    return Withdraw(
        partner=op.text("partner"),
        platform=op.text("class"),
        base=op.text("base"),
        count=op.whole("count", 1, MAX_COUNT, 1),
        season=read_season(op),
    )


def _add_units(op: Entry, origin: Origin) -> Effect:
    return AddUnits(
        partner=op.text("partner"),
        platform=op.text("class"),
        base=op.text("base"),
        count=op.whole("count", 1, MAX_COUNT, 1),
        availability=read_availability(op, origin),
    )


def _availability(op: Entry, origin: Origin) -> Effect:
    return SetAvailability(
        partner=op.text("partner"),
        platform=op.text("class"),
        base=op.text("base", "") or None,
        availability=read_availability(op, origin),
    )


def _notice(op: Entry, origin: Origin) -> Effect:
    return SetNotice(
        partner=op.text("partner"),
        platform=op.text("class"),
        base=op.text("base", "") or None,
        notice=read_notice(op, origin),
    )


def _access(*, is_open: bool) -> Callable[[Entry, Origin], Effect]:
    def read(op: Entry, origin: Origin) -> Effect:
        del origin
        return SetAccess(partner=op.text("partner"), base=op.text("base"), is_open=is_open)

    return read


def _promise(kind: PromiseKind) -> Callable[[Entry, Origin], Effect]:
    def read(op: Entry, origin: Origin) -> Effect:
        del origin
        return Promise(kind=kind, text=op.text("text", ""), tied_to=op.text("agreement_clause", ""))

    return read


_READERS: dict[str, Callable[[Entry, Origin], Effect]] = {
    "add_deployment": _deploy,
    "shift": _shift,
    "remove": _withdraw,
    "add_units": _add_units,
    "availability": _availability,
    "notice": _notice,
    "open_base": _access(is_open=True),
    "close_base": _access(is_open=False),
    **{kind.value: _promise(kind) for kind in PromiseKind},
}
"""What each operation is read by."""
