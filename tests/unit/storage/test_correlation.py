import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.context import LIVE, Context, ContextKind
from accord.picture.decisions import Decision, Verdict
from accord.storage import correlation
from accord.storage.correlation import (
    Correlation,
    CorrelationError,
    CorrelationFault,
    CorrelationReader,
)
from support.clock import START

LATER = START + timedelta(minutes=5)


def a_join(uid: str = "A", other: str = "B", **changes: Any) -> Decision:
    decision = Decision(
        number=0, context=LIVE, verdict=Verdict.JOIN, uid=uid, other=other, at=START, by="kiwi",
        why="seen by eye",
    )  # fmt: skip
    return replace(decision, **changes)


def a_split(**changes: Any) -> Decision:
    said = {"verdict": Verdict.SPLIT, "other": "", "channel": "feed:ais", "speaker": "ais"}
    return a_join(**{**said, **changes})


@pytest.fixture
def kept(tmp_path: Path) -> Correlation:
    register = Correlation(tmp_path / "correlation.sqlite")
    register.prepare()
    return register


def test_decisions_are_read_as_they_were_kept_the_newest_first(kept: Correlation) -> None:
    context = Context(ContextKind.EXERCISE, "TASMAN")
    first = kept.keep(a_join())
    second = kept.keep(a_split(context=context))
    assert [first.number, second.number] == [1, 2]
    assert kept.all() == [second, first]


def test_a_decision_that_is_undone_stays_on_record_with_who_did_it(kept: Correlation) -> None:
    kept.keep(a_join())
    undone = kept.undo(1, "tui", LATER)
    assert (undone.undone, undone.undone_by) == (LATER, "tui")
    assert kept.all() == [undone]
    with pytest.raises(CorrelationError, match="no decision number 1 that holds"):
        kept.undo(1, "tui", LATER)


def test_no_decision_is_ever_removed(kept: Correlation, tmp_path: Path) -> None:
    kept.keep(a_join())
    with (
        closing(sqlite3.connect(tmp_path / "correlation.sqlite")) as register,
        pytest.raises(sqlite3.IntegrityError, match="stays on record"),
    ):
        register.execute("DELETE FROM decision")


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (a_join(why=" "), "say why"),
        (a_join(why="x" * 501), "say why"),
        (a_join(uid=""), "a track has a uid"),
        (a_join(other="x" * 257), "a track has a uid"),
        (a_join(other=""), "which other track"),
        (a_join(other="A"), "which other track"),
        (a_split(channel=""), "whose claim"),
    ],
)
def test_what_is_no_decision_is_refused_in_a_sentence(
    kept: Correlation, decision: Decision, sentence: str
) -> None:
    with pytest.raises(CorrelationError, match=sentence):
        kept.keep(decision)
    assert kept.all() == []


@pytest.mark.parametrize(
    ("first", "again", "is_same"),
    [
        (a_join(), a_join(), True),
        (a_join(), a_join("B", "A"), True),
        (a_join(), a_join("A", "C"), False),
        (a_join(), a_join(context=Context(ContextKind.EXERCISE, "TASMAN")), False),
        (a_split(), a_split(why="another reason"), True),
        (a_split(), a_split(speaker="other"), False),
        (a_split(), a_split(verdict=Verdict.PREFER), False),
        (a_split(), a_join(), False),
    ],
)
def test_what_is_decided_already_is_not_decided_twice(
    kept: Correlation, first: Decision, again: Decision, is_same: bool
) -> None:
    kept.keep(first)
    if is_same:
        with pytest.raises(CorrelationError, match="decided already"):
            kept.keep(again)
        kept.undo(1, "kiwi", LATER)
    kept.keep(again)


def test_only_so_many_hold_at_one_time(kept: Correlation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlation, "MAX_HOLDING", 1)
    kept.keep(a_join())
    with pytest.raises(CorrelationError, match="undo one first"):
        kept.keep(a_join("C", "D"))


def test_a_reader_has_what_holds_and_only_when_it_changed(
    kept: Correlation, tmp_path: Path
) -> None:
    reader = CorrelationReader(tmp_path / "correlation.sqlite")
    assert reader.read() == []
    assert reader.read() is None
    decision = kept.keep(a_join())
    assert reader.read() == [decision]
    kept.undo(1, "kiwi", LATER)
    assert reader.read() == []
    reader.close()


def test_a_register_that_cannot_be_read_says_what_to_do(kept: Correlation, tmp_path: Path) -> None:
    (tmp_path / "correlation.sqlite").write_bytes(b"nonsense" * 200)
    with pytest.raises(CorrelationFault, match=r"register of correlation .*backup"):
        kept.all()
