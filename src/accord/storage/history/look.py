"""The history as anybody may ask it: what the store has, and what only the journal has."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from accord.storage.history.contract import Moment
from accord.storage.history.engine import Engine, Order
from accord.storage.history.question import Question
from accord.storage.history.shelf import Recall
from accord.wire.moving.message import Row

LONGEST = 500
"""Letters of a uid that a recall names (federation/kept.py)."""

Key = tuple[str, str]
"""Channel and uid, as recalls name them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the journal has after a commit, up to `batch`, whose last receipt is `until`.

    `recalls` are numbers up to which a partner called something back; `missing`, how many numbers
    at most of these commits the journal had and has no more. Not `whole`: there is more.
    """

    rows: list[Row]
    batch: int
    until: float
    recalls: dict[Key, int] = field(default_factory=dict[Key, int])
    damaged: int = 0
    missing: int = 0
    whole: bool = True


After = Callable[[int, int], Taken]
"""Gives what the journal has after a commit, as of an era."""


class Hidden:
    """What partners have called back."""

    def __init__(self, known: Iterable[Recall]) -> None:
        self._upto = {(each.channel, each.uid): (each.era, each.upto) for each in known}

    def note(self, era: int, recalls: dict[Key, int]) -> None:
        """Take in what the journal has besides."""
        for key, upto in recalls.items():
            self._upto[key] = max((era, upto), self._upto.get(key, (0, 0)))

    def hides(self, row: Row) -> bool:
        """Tell whether what was said then has been called back since."""
        upto = self._upto.get((row.label.channel, row.label.uid[:LONGEST]))
        return upto is not None and (row.fix.era, row.fix.sequence) < upto


class Look:
    """One look: rows that answer questions, as things stood when it was made.

    Not `whole`: the journal has more that was not taken in yet than one look goes through. `until`
    is the last receipt that it knows of.
    """

    def __init__(self, moment: Moment, engine: Engine, after: After) -> None:
        self.engine = engine
        self._moment = moment
        progress = moment.progress
        self._tail = after(progress.era, progress.batch)
        self._hidden = Hidden(moment.recalls)
        self._hidden.note(progress.era, self._tail.recalls)
        self.whole = self._tail.whole
        self.until = max(progress.until, self._tail.until)

    def rows(
        self,
        question: Question,
        *,
        order: Order = Order.COURSE,
        most: int | None = None,
        newest: bool = False,
    ) -> Iterator[Row]:
        """Yield what answers a question, in an order; what was called back is left out of it.

        Of each course only the `newest`, where that is asked; `most` rows are looked at.
        """
        with self.engine.table(self._tail.rows) as tail:
            found = self._moment.find(
                self.engine, question, tail, order=order, most=most, newest=newest
            )
            for row in found:
                if not self._hidden.hides(row):
                    yield row
