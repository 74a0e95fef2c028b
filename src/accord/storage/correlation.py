"""What people decided about tracks, in one SQLite file: who, when, why, and who undid it."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.picture.decisions import Decision, Verdict
from accord.storage.register import RegisterFile, RegisterReader

CORRELATION = Path("correlation.sqlite")

MAX_HOLDING = 1_000
"""Decisions that hold at one time."""

MAX_TOLD = 1_000
"""Decisions in one answer, the newest."""

MAX_WHY = 500
MAX_NAME = 256

_PART = "correlation"
_CALLED = "the register of correlation"
_COLUMNS = (
    "number, context, verdict, uid, other, channel, speaker, at, person, why, undone, undone_by"
)


class CorrelationFault(AccordError):
    """The register cannot be read or written; it says why, and what to do."""


class CorrelationError(AccordError):
    """A decision cannot be taken or undone; it says why."""


class Correlation:
    """The register. Every method opens the file anew, so that any thread may call."""

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, _PART, called=_CALLED, fault=CorrelationFault)

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def all(self) -> list[Decision]:
        """Return the newest decisions first, those undone too."""
        with self._file.open() as register:
            rows = register.execute(
                f"SELECT {_COLUMNS} FROM decision ORDER BY number DESC LIMIT ?",  # noqa: S608
                (MAX_TOLD,),
            ).fetchall()
        return [_decision(row) for row in rows]

    def keep(self, decision: Decision) -> Decision:
        """Keep a decision, and return it with its number. CorrelationError says why it is none."""
        _check(decision)
        with self._file.open() as register:
            holding = _holding(register)
            if len(holding) >= MAX_HOLDING:
                raise CorrelationError(f"{MAX_HOLDING} decisions hold: undo one first")
            if any(_is_same(each, decision) for each in holding):
                raise CorrelationError("that is decided already")
            number = register.execute(
                "INSERT INTO decision (context, verdict, uid, other, channel, speaker, at, person,"
                " why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    str(decision.context), decision.verdict.value, decision.uid, decision.other,
                    decision.channel, decision.speaker, decision.at.timestamp(), decision.by,
                    decision.why,
                ),
            ).lastrowid  # fmt: skip
        return replace(decision, number=number or 0)

    def undo(self, number: int, by: str, at: datetime) -> Decision:
        """Undo a decision, and return it. CorrelationError where it does not hold."""
        with self._file.open() as register:
            found = next((each for each in _holding(register) if each.number == number), None)
            if found is None:
                raise CorrelationError(f"there is no decision number {number} that holds")
            register.execute(
                "UPDATE decision SET undone = ?, undone_by = ? WHERE number = ?",
                (at.timestamp(), by, number),
            )
        return replace(found, undone=at, undone_by=by)


class CorrelationReader(RegisterReader[list[Decision]]):
    """Reads the decisions that hold, again when they have changed. For one thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _PART, called=_CALLED, load=_holding)


def _holding(register: sqlite3.Connection) -> list[Decision]:
    rows = register.execute(
        f"SELECT {_COLUMNS} FROM decision WHERE undone IS NULL ORDER BY number"  # noqa: S608
    ).fetchall()
    return [_decision(row) for row in rows]


def _decision(
    row: tuple[int, str, str, str, str, str, str, float, str, str, float | None, str],
) -> Decision:
    number, context, verdict, uid, other, channel, speaker, at, person, why, undone, undone_by = row
    return Decision(
        number=number,
        context=Context.parse(context),
        verdict=Verdict(verdict),
        uid=uid,
        other=other,
        channel=channel,
        speaker=speaker,
        at=datetime.fromtimestamp(at, UTC),
        by=person,
        why=why,
        undone=None if undone is None else datetime.fromtimestamp(undone, UTC),
        undone_by=undone_by,
    )


def _check(decision: Decision) -> None:
    """Refuse what is no decision, in a sentence."""
    if not decision.why.strip() or len(decision.why) > MAX_WHY:
        raise CorrelationError(f"say why, in at most {MAX_WHY} characters")
    names = decision.uid, decision.other, decision.channel, decision.speaker
    if not decision.uid or any(len(each) > MAX_NAME for each in names):
        raise CorrelationError(f"a track has a uid of at most {MAX_NAME} characters")
    if decision.verdict is Verdict.JOIN:
        if not decision.other or decision.other == decision.uid:
            raise CorrelationError("say which other track is the same")
    elif not decision.channel:
        raise CorrelationError("say whose claim it is about")


def _is_same(one: Decision, other: Decision) -> bool:
    if one.verdict is Verdict.JOIN is other.verdict and one.context == other.context:
        return {one.uid, one.other} == {other.uid, other.other}
    return one.verdict is other.verdict and one.claim == other.claim
