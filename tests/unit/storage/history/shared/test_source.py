from pathlib import Path

import pytest

from accord.storage.history.engine import Engine
from accord.storage.history.look import Look, Taken
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shared import source as source_module
from accord.storage.history.shared.source import SharedSource
from accord.storage.history.shelf import HistoryFault
from support.moving import SIX, SharedKept, a_row
from support.postgres import Postgres

ALL = Question(stretch=Stretch(since=0, until=FOR_EVER))


def test_before_anything_was_taken_in_the_journal_answers_and_nobody_is_asked(
    postgres: Postgres, tmp_path: Path
) -> None:
    source = SharedSource(postgres.server("no_such_database"), tmp_path)
    assert (source.exists, source.pieces()) == (False, [])
    engine = Engine(tmp_path)
    with source.moment() as moment:
        look = Look(moment, engine, lambda *_: Taken([a_row(0)], 1, SIX))
        assert list(look.rows(ALL)) == [a_row(0)]
    engine.close()


def test_a_server_that_was_ended_and_begun_again_answers_the_next_who_asks(
    postgres: Postgres, shared: SharedKept
) -> None:
    shared.take_in(a_row(0))
    assert shared.rows() == [a_row(0)]
    known = shared.source.pieces()
    postgres.stop()
    try:
        # What was known tells the journal's questions apart; for others there is no answer.
        assert shared.source.pieces() == known
        with pytest.raises(HistoryFault, match="cannot be reached"):
            shared.rows()
        with pytest.raises(HistoryFault, match="cannot be reached"):
            SharedSource(shared.server, shared.directory).pieces()
    finally:
        postgres.start()
    assert shared.rows() == [a_row(0)]


def test_no_more_connections_are_kept_than_are_said(
    shared: SharedKept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MOST_IDLE", 1)
    shared.take_in(a_row(0))
    with shared.look() as one, shared.look() as other:
        assert list(one.rows(ALL)) == list(other.rows(ALL)) == [a_row(0)]
    assert len(shared.source._idle) == 1  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(KeyError), shared.look():
        raise KeyError
    assert shared.source._idle == []  # pyright: ignore[reportAttributeAccessIssue]


def test_one_look_sees_all_as_it_stood(shared: SharedKept) -> None:
    shared.take_in(a_row(0))
    with shared.look() as look:
        assert list(look.rows(ALL)) == [a_row(0)]
        shared.take_in(a_row(1))
        assert list(look.rows(ALL)) == [a_row(0)]
    assert len(shared.rows()) == 2
