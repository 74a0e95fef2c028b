import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accord.desks.commitment import store as module
from accord.desks.commitment.record import Event, NoSuchClause, Note, NotNoted
from accord.desks.commitment.store import (
    COMMITMENTS,
    CommitmentFault,
    CommitmentStore,
    NoSuchRecord,
    TooManyRecords,
)
from accord.posture.fault import ScenarioError
from support.statements import STATEMENT

NOW = datetime(2026, 2, 11, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> CommitmentStore:
    made = CommitmentStore(tmp_path / COMMITMENTS)
    made.prepare()
    made.prepare()
    return made


def note(clause: int, event: Event = Event.CONFIRMED, *, record: str = "JOINT") -> Note:
    return Note(
        record=record, clause=clause, event=event, day=date(2026, 2, 11), by="Moana", at=NOW,
        text="as agreed",
    )  # fmt: skip


def test_a_statement_comes_back_as_it_was_given_with_what_was_said(store: CommitmentStore) -> None:
    added = store.add(STATEMENT, "Moana", NOW)
    stands = store.note(note(1))
    held = store.held("JOINT")
    assert added.is_new
    assert held == stands
    assert held.record == added.held.record
    assert (held.added_by, held.added) == ("Moana", NOW)
    assert held.notes == (note(1),)
    assert store.text("JOINT") == STATEMENT
    assert store.all() == [held]


def test_a_new_version_stands_and_wants_to_be_confirmed_anew(store: CommitmentStore) -> None:
    store.add(STATEMENT, "Moana", NOW)
    store.note(note(1))
    store.add(STATEMENT.replace("at Nadi", "at Suva"), "Rangi", NOW)
    held = store.held("JOINT")
    assert "at Suva" in held.record.sentences[0]
    assert held.notes == ()
    assert len(store.all()) == 1


def test_a_statement_that_says_nothing_new_stays_confirmed(store: CommitmentStore) -> None:
    store.add(STATEMENT, "Moana", NOW)
    store.note(note(1))
    added = store.add(f"# the same, written otherwise\n{STATEMENT}\n", "Rangi", NOW)
    assert not added.is_new
    assert added.held == store.held("JOINT")
    assert added.held.notes == (note(1),)
    assert (added.held.added_by, store.text("JOINT")) == ("Moana", STATEMENT)


def test_what_cannot_be_so_is_not_kept(store: CommitmentStore) -> None:
    store.add(STATEMENT, "Moana", NOW)
    with pytest.raises(NotNoted, match=r"nobody has confirmed that JOINT\.1 is what was meant"):
        store.note(note(1, Event.KEPT))
    assert store.held("JOINT").notes == ()


def test_a_text_that_is_none_leaves_nothing_behind(store: CommitmentStore) -> None:
    with pytest.raises(ScenarioError):
        store.add("schema: other", "Moana", NOW)
    assert store.all() == []


def test_nothing_is_said_of_what_is_not_there(store: CommitmentStore) -> None:
    with pytest.raises(NoSuchRecord, match="there is no statement JOINT"):
        store.note(note(1))
    with pytest.raises(NoSuchRecord):
        store.text("JOINT")
    store.add(STATEMENT, "Moana", NOW)
    with pytest.raises(NoSuchClause):
        store.note(note(4))
    assert store.held("JOINT").notes == ()


def test_the_register_takes_no_more_than_its_limit(
    store: CommitmentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    store.add(STATEMENT, "Moana", NOW)
    with pytest.raises(TooManyRecords, match="holds 1 statements and takes no more"):
        store.add(STATEMENT.replace("at Nadi", "at Suva"), "Moana", NOW)


def test_what_was_said_is_never_changed(store: CommitmentStore, tmp_path: Path) -> None:
    store.add(STATEMENT, "Moana", NOW)
    store.note(note(1))
    with sqlite3.connect(tmp_path / COMMITMENTS) as file:
        for table in ("statement", "note"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                file.execute(f"UPDATE {table} SET text = ''")  # noqa: S608
    file.close()


def test_a_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / COMMITMENTS
    with pytest.raises(CommitmentFault, match="the register of commitments"):
        CommitmentStore(path).all()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(CommitmentFault, match="put back your backup"):
        CommitmentStore(path).prepare()
