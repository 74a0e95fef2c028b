"""The history in pieces, for those who ask it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accord.storage.history.engine import Engine, Order
from accord.storage.history.pieces import Piece
from accord.storage.history.question import Question
from accord.storage.history.readers import reading
from accord.storage.history.shelf import Progress, Recall, Shelf
from accord.wire.moving.message import Row


@dataclass(frozen=True, slots=True)
class PiecedMoment:
    """The pieces that were on the shelf at one moment."""

    directory: Path
    pieces: Sequence[Piece]
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
        return engine.find(
            self._files(question),
            where=question.conditions(),
            tail=tail,
            order=order,
            most=most,
            newest=newest,
        )

    def _files(self, question: Question) -> list[Path]:
        asked, of = question.stretch, ("", question.channel)
        return [
            self.directory / each.file
            for each in self.pieces
            if asked.may_meet(each.since, each.until, each.area)
            and (not question.channel or each.channel in of)
        ]


class PiecedSource:
    """Opens the history in a directory, where there is one."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._shelf = Shelf(directory)

    @property
    def exists(self) -> bool:
        """Whether there is a history at all."""
        return self._shelf.exists

    def pieces(self) -> list[Piece]:
        """Return what there is, by channel and time."""
        return self._shelf.pieces() if self.exists else []

    @contextmanager
    def moment(self) -> Generator[PiecedMoment, None, None]:
        """See it as it stands now; whoever looks may finish what he reads."""
        if not self.exists:
            yield PiecedMoment(self.directory, (), Progress(), ())
            return
        with reading(self.directory):
            yield PiecedMoment(self.directory, *self._shelf.everything())

    def close(self) -> None:
        """Nothing is kept."""
