"""What every store of the history promises, whatever keeps it. One node has one store.

A store takes in rows and how far the journal was taken in by one change, so that each position is
there once wherever a process ends. What it has of the past it tells as of one moment. Evidence
outlasts every budget. Whatever goes wrong is a HistoryFault that says why, and loses nothing: the
journal has what was not taken in.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from accord.storage.history.engine import Engine, Order
from accord.storage.history.pieces import Budgets, Piece
from accord.storage.history.question import Hold, Question
from accord.storage.history.shelf import Progress, Recall, Went
from accord.wire.moving.message import Row


class Register(Protocol):
    """How far the journal was taken in, what there is, and what is held. Any thread may ask."""

    @property
    def exists(self) -> bool:
        """Whether there is a history at all. Asks nobody but the node's directory."""
        ...

    def progress(self) -> Progress:
        """Return how far the journal was taken in."""
        ...

    def pieces(self) -> list[Piece]:
        """Return what there is, by channel and time."""
        ...

    def went(self) -> list[Went]:
        """Return what went for a budget or an age since the history was begun."""
        ...

    def begin_era(self, batch: int) -> None:
        """Note that the journal was begun anew, and that it is taken in up to that commit of it."""
        ...

    def say(self, trouble: str, now: float) -> None:
        """Note what is wrong, empty where nothing is."""
        ...

    def holds(self) -> list[Hold]:
        """Return what is held, by name."""
        ...

    def hold(self, holds: Sequence[Hold]) -> int:
        """Hold these; return how many there was no room for."""
        ...

    def let_go(self, name: str) -> bool:
        """Hold it no longer; False where nothing of that name is held."""
        ...


class Writer(Protocol):
    """The one that writes. `close` lets go what it has."""

    @property
    def shelf(self) -> Register:
        """What it notes there."""
        ...

    def sweep(self) -> None:
        """See that all is there, and clear away what a process left that ended."""
        ...

    def take_in(
        self,
        rows: Sequence[Row],
        *,
        batch: int,
        until: float,
        recalls: Mapping[tuple[str, str], int],
        lost: int = 0,
    ) -> None:
        """Keep rows, and that the journal is taken in up to that commit. HistoryFault: neither."""
        ...

    def tidy(self, budgets: Budgets, now: float) -> bool:
        """Do the next thing there is to do; False when all is as it should be."""
        ...

    def close(self) -> None:
        """Let go what it has."""
        ...


class Moment(Protocol):
    """What a store has, as of one moment."""

    @property
    def progress(self) -> Progress:
        """How far the journal was taken in then."""
        ...

    @property
    def recalls(self) -> Sequence[Recall]:
        """What was called back by then."""
        ...

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
        ...


class Source(Protocol):
    """Where those who ask are answered from. Any thread may ask; `close` lets go what is kept."""

    @property
    def directory(self) -> Path:
        """What DuckDB may read."""
        ...

    @property
    def exists(self) -> bool:
        """Whether there is a history at all. Asks nobody but the node's directory."""
        ...

    def pieces(self) -> list[Piece]:
        """Return what there is, by channel and time."""
        ...

    def moment(self) -> AbstractContextManager[Moment]:
        """See it as it stands now."""
        ...

    def close(self) -> None:
        """Let go what is kept for the next who asks."""
        ...
