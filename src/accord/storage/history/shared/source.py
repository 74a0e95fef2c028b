"""A shared history, for those who ask: what this node put there, and nothing of another's."""

import heapq
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from accord.storage.history.engine import Engine, Labels, Order, fix_of
from accord.storage.history.pieces import Piece
from accord.storage.history.question import Question
from accord.storage.history.shared.connection import QUESTION_SECONDS, Connection, Server
from accord.storage.history.shared.register import SharedRegister
from accord.storage.history.shared.statement import Values, asked
from accord.storage.history.shelf import HistoryFault, Progress, Recall
from accord.wire.moving.message import Label, Row

MOST_IDLE = 2
"""Connections that are kept for the next who ask."""


def _number(row: Row) -> tuple[Any, ...]:
    return (row.fix.era, row.fix.sequence)


def _receipt(row: Row) -> tuple[Any, ...]:
    return (row.fix.received, *_number(row))


def _latest(row: Row) -> tuple[Any, ...]:
    return tuple(-each for each in _receipt(row))


def _course(row: Row) -> tuple[Any, ...]:
    return (*row.label.course, *_receipt(row))


KEYS: dict[Order, Callable[[Row], tuple[Any, ...]]] = {
    Order.COURSE: _course,
    Order.RECEIPT: _receipt,
    Order.LATEST: _latest,
    Order.NUMBER: _number,
}
"""By what rows of the database and of the journal are put together, in each order."""


@dataclass(frozen=True, slots=True)
class SharedMoment:
    """What this node had there at one moment; no `db`: nothing yet."""

    db: Connection | None
    progress: Progress
    recalls: Sequence[Recall]

    def find(
        self,
        engine: Engine,
        question: Question,
        tail: str,
        *,
        order: Order,
        most: int | None,
        newest: bool,
    ) -> Iterator[Row]:
        """Yield what answers a question, with what stands in a table of the engine."""
        there = self._there(question, order=order, most=most, newest=newest)
        waiting = engine.find(
            [], where=question.conditions(), tail=tail, order=order, most=most, newest=newest
        )
        if newest:
            return iter(_newest([*there, *waiting], order, most))
        return islice(heapq.merge(there, waiting, key=KEYS[order]), most)

    def _there(
        self, question: Question, *, order: Order, most: int | None, newest: bool
    ) -> Iterator[Row]:
        if self.db is None:
            return
        values = Values()
        sql = asked(question, self.db.node, values, order=order, most=most, newest=newest)
        labels = Labels()
        for each in self.db.each(sql, *values.all):
            said = tuple(each.values())
            yield Row(labels.of(said), fix_of(said[len(Label._fields) :]))


def _newest(rows: Sequence[Row], order: Order, most: int | None) -> list[Row]:
    found: dict[object, Row] = {}
    for row in sorted(rows, key=_receipt):
        found[row.label.course] = row
    return sorted(found.values(), key=KEYS[order])[:most]


class SharedSource:
    """Opens what one node has in a shared history. Any thread may ask.

    `directory` is the node's part of it. `close` lets connections go that are kept for the next.
    """

    def __init__(self, server: Server, directory: Path) -> None:
        self.directory = directory
        self._server = server
        self._register = SharedRegister(server, directory)
        self._known: list[Piece] | None = None
        self._idle: list[Connection] = []
        self._lock = Lock()

    @property
    def exists(self) -> bool:
        """Whether this node has begun a history there."""
        return self._register.exists

    def pieces(self) -> list[Piece]:
        """Return what there is, by channel and hour; while nobody is there, as it was last known.

        So what the journal has is told of the last hours however the database is.
        """
        if not self.exists:
            return []
        try:
            db = self._lent()
            try:
                self._known = SharedRegister(self._server, self.directory, db).pieces()
            except BaseException:
                self._take_back(db, is_whole=False)
                raise
            self._take_back(db, is_whole=True)
        except HistoryFault:
            if self._known is None:
                raise
        return self._known

    @contextmanager
    def moment(self) -> Generator[SharedMoment, None, None]:
        """See it as it stands now."""
        if not self._register.journal:
            yield SharedMoment(None, Progress(), ())
            return
        db = self._lent()
        is_whole = False
        try:
            with db.looks():
                progress = self._register.progress_by(db)
                yield SharedMoment(db, progress, self._register.recalls_by(db))
            is_whole = True
        finally:
            self._take_back(db, is_whole=is_whole)

    def _lent(self) -> Connection:
        while True:
            with self._lock:
                db = self._idle.pop() if self._idle else None
            if db is None:
                return self._server.open(QUESTION_SECONDS)
            try:
                # The server may have been ended meanwhile, and nobody listened.
                db.ask("SELECT 1")
            except HistoryFault:
                db.close()
            else:
                return db

    def _take_back(self, db: Connection, *, is_whole: bool) -> None:
        with self._lock:
            if is_whole and len(self._idle) < MOST_IDLE:
                self._idle.append(db)
                return
        db.close()

    def close(self) -> None:
        """Let go what is kept for the next who asks."""
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.close()
