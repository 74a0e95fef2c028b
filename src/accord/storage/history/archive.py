"""The history for those who ask it: rows, and documents of them. Slow work, for threads."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock

from accord.core.principal import Group
from accord.storage.history.contract import Source
from accord.storage.history.engine import Engine
from accord.storage.history.look import After, Look
from accord.storage.history.question import Question
from accord.storage.history.shelf import HistoryFault
from accord.wire.moving import mfjson
from accord.wire.moving.formats import FORMATS, Format
from accord.wire.moving.message import Label, Row

ROWS_OF_PART = 100_000
"""Rows that a document in Parquet is put together from at once."""

LOOK_AGAIN = 1_000
"""Rows after which it is looked whether anybody still waits."""


MOST_WARM = 2
"""DuckDBs that are kept for the next who ask: to begin one takes longer than most questions."""

MOST_READ = 500
"""Pieces whose ends one DuckDB remembers; beyond, it is let go, and its memory with it."""


class NotAwaited(Exception):
    """Whoever asked does not wait for the answer any more."""


class TooMuch(Exception):
    """There are more positions than were to be told."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many positions a document has, and how many were left out.

    Of those that came on a grid GPX has none; of two of an object with one time MF-JSON has one.

    Not `whole`: the history has not taken in all of the journal, and there was more of that than is
    looked through.
    """

    count: int
    left_out: int
    whole: bool


class Archive:
    """The history of a source; what it has not, the journal tells.

    Any thread may ask. `close` lets go what is kept for the next who asks.
    """

    def __init__(self, source: Source, after: After, *, memory: int) -> None:
        self._source = source
        self._after = after
        self._memory = memory
        self._warm: list[Engine] = []
        self._lock = Lock()

    @property
    def exists(self) -> bool:
        """Whether there is a history beside the journal."""
        return self._source.exists

    @contextmanager
    def look(self, also: Path | None = None) -> Generator[Look, None, None]:
        """Look at it as it stands now; DuckDB may write in `also` meanwhile. HistoryFault."""
        engine = self._lent() if also is None else self._begun([also])
        is_whole = False
        try:
            with self._source.moment() as moment:
                yield Look(moment, engine, self._after)
            is_whole = also is None
        finally:
            self._take_back(engine, is_whole=is_whole)

    def _lent(self) -> Engine:
        with self._lock:
            if self._warm:
                return self._warm.pop()
        return self._begun([])

    def _begun(self, also: Sequence[Path]) -> Engine:
        spill = tempfile.mkdtemp(prefix="accord-history-")
        try:
            engine = Engine(
                self._source.directory,
                also=[Path(spill), *also],
                spill=Path(spill),
                memory=self._memory,
            )
        except BaseException:
            shutil.rmtree(spill, ignore_errors=True)
            raise
        weakref.finalize(engine, shutil.rmtree, spill, ignore_errors=True)
        return engine

    def _take_back(self, engine: Engine, *, is_whole: bool) -> None:
        """Keep it for the next, unless something failed or it remembers much."""
        with self._lock:
            if is_whole and engine.pieces_read <= MOST_READ and len(self._warm) < MOST_WARM:
                self._warm.append(engine)
                return
        engine.close()

    def close(self) -> None:
        """Let go what is kept for the next who asks."""
        with self._lock:
            warm, self._warm = self._warm, []
        for each in warm:
            each.close()
        self._source.close()

    def spans(self) -> Mapping[str, tuple[float, float]]:
        """Return the first and the last receipt of each channel that pieces are of.

        What is not parted by channel yet, for up to an hour, stands under no name.
        """
        found: dict[str, tuple[float, float]] = {}
        for each in self._source.pieces():
            since, until = found.get(each.channel, (each.since, each.until))
            found[each.channel] = min(since, each.since), max(until, each.until)
        return found

    def export(
        self,
        question: Question,
        form: Format,
        path: Path,
        *,
        most: int | None = None,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Exported:
        """Write what answers a question as a document, whole or not at all.

        Raises TooMuch beyond `most` positions, NotAwaited, HistoryFault, StorageFault.
        """
        part = path.with_name(f"{path.name}.part")
        counted = _Counted(form, most, is_awaited)
        try:
            with self.look(path.parent) as look:
                rows = counted.through(_as_heard(look.rows(question), question.hears))
                _write(rows, form, part, look, counted)
                part.replace(path)
                return Exported(counted.count, counted.left_out, look.whole)
        except OSError as error:
            raise HistoryFault(f"{path} cannot be written: {error.strerror or error}") from None
        finally:
            part.unlink(missing_ok=True)


def _write(rows: Iterator[Row], form: Format, part: Path, look: Look, counted: "_Counted") -> None:
    write = FORMATS[form].write
    if form is Format.MF_JSON:
        write = partial(mfjson.write, left_out=counted.leave_out)
    if write is None:
        _write_parquet(rows, part, look)
        return
    # For its owner alone: whoever is to have it is given it.
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(write(rows))


def _write_parquet(rows: Iterator[Row], part: Path, look: Look) -> None:
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=".accord-") as name:
        pieces: list[Path] = []
        while chunk := list(islice(rows, ROWS_OF_PART)):
            pieces.append(Path(name) / f"{len(pieces)}.parquet")
            look.engine.write(chunk, pieces[-1])
        if not pieces:
            pieces.append(Path(name) / "none.parquet")
            look.engine.write_none(pieces[-1])
        look.engine.copy(pieces, part)
    part.chmod(0o600)


def _as_heard(rows: Iterable[Row], hears: frozenset[Group] | None) -> Iterator[Row]:
    """Yield rows that name no group which whoever asked does not hear."""
    known: dict[Label, Label] = {}
    for row in rows:
        if hears is None:
            yield row
            continue
        label = known.get(row.label)
        if label is None:
            groups = tuple(each for each in row.label.groups if each in hears)
            label = known[row.label] = row.label._replace(groups=groups)
        yield row._replace(label=label)


class _Counted:
    """Counts what goes through, and stops where there is too much or nobody waits."""

    def __init__(self, form: Format, most: int | None, is_awaited: Callable[[], bool]) -> None:
        self.count = 0
        self.left_out = 0
        self._knows_cells = form is not Format.GPX
        self._most = most
        self._is_awaited = is_awaited

    def leave_out(self, count: int) -> None:
        """Take in that so many went through for which the document has no place."""
        self.count -= count
        self.left_out += count

    def through(self, rows: Iterable[Row]) -> Iterator[Row]:
        passed = 0
        for row in rows:
            if row.fix.cell is not None and not self._knows_cells:
                self.left_out += 1
                continue
            passed += 1
            self.count += 1
            if self._most is not None and passed > self._most:
                raise TooMuch
            if passed % LOOK_AGAIN == 0 and not self._is_awaited():
                raise NotAwaited
            yield row
