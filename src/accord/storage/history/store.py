"""The history as its one writer has it: takes rows in, merges pieces, prunes, keeps evidence.

The order of every change is: the new file whole and on the disk, then the shelf, then the old file
goes. So nothing acknowledged is lost wherever the process ends, and what is on no shelf is swept.
"""

import fcntl
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from accord.core.geometry import Box
from accord.storage.history.engine import Engine, Order, box_of
from accord.storage.history.pieces import (
    HOUR,
    PART,
    SHARE,
    SPARE,
    Budgets,
    Going,
    Merge,
    Piece,
    Tier,
    due,
    to_go,
)
from accord.storage.history.question import Condition, Hold, held, joined
from accord.storage.history.readers import clear_left, readers
from accord.storage.history.shelf import DamagedHistory, HistoryFault, Shelf, Why
from accord.wire.moving.message import Row

SPARE_BYTES = 64 << 20
"""While the disk has less left than this nothing is taken in: others need the rest."""

AHEAD = 2.0
"""Seconds by which a receipt is later than now at the least that was noted by a wrong clock."""

LOOK_AHEAD_EVERY = 60.0
"""Seconds from one look for such receipts in the journal to the next, where there are any."""

READ_TO_THE_END = 600.0
"""Seconds that whoever reads a piece has to finish, once it went; less where there is no room."""

_LOCK = "lock"
_UNFINISHED = ".part"
_DAMAGED = ".damaged"


@contextmanager
def sole_writer(directory: Path) -> Generator[None, None, None]:
    """Be the only one to write meanwhile. HistoryFault where another does."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HistoryFault(f"the history in {directory} cannot be made: {error}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise HistoryFault(f"another process writes the history in {directory}") from None
    finally:
        os.close(lock)


class Store:
    """Writes one history. `close` lets DuckDB go.

    `again` yields the rows that the journal still has from a number to another of an era, to make a
    piece anew. `damaged` counts pieces that were.
    """

    def __init__(
        self,
        shelf: Shelf,
        engine: Engine,
        *,
        again: Callable[[int, int, int], Iterator[Row]],
        spare_bytes: int = SPARE_BYTES,
    ) -> None:
        self.shelf = shelf
        self.damaged = 0
        self._directory = shelf.directory
        self._engine = engine
        self._again = again
        self._spare_bytes = spare_bytes
        self._number = 0
        self._waiting: dict[str, frozenset[str]] = {}
        self._looked_ahead = 0.0

    def sweep(self) -> None:
        """Delete what no shelf knows, and see that all it knows is there."""
        clear_left(self._directory)
        pieces = self.shelf.pieces()
        known = {each.file for each in pieces} | {each.file for each in self.shelf.gone()}
        for path in self._directory.glob("*.parquet*"):
            if path.name not in known and not path.name.endswith(_DAMAGED):
                path.unlink(missing_ok=True)
        for each in pieces:
            if not self._is_whole(each):
                self.restore(each, 0.0)

    def _is_whole(self, piece: Piece) -> bool:
        """Tell whether a piece is there with its length and its end (Parquet, "PAR1").

        HistoryFault where that cannot be seen now: the piece may be whole.
        """
        try:
            with (self._directory / piece.file).open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(0, end - 4))
                return end == piece.bytes and file.read() == b"PAR1"
        except FileNotFoundError:
            return False
        except OSError as error:
            raise HistoryFault(f"history: {piece.file} cannot be read: {error}") from None

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
        piece = None
        if rows:
            self._look_for_room()
            piece = self._piece(
                lambda path: self._engine.write(rows, path, by_object=True),
                tier=Tier.FRESH, channel="", slot=0,
            )  # fmt: skip
        self.shelf.take_in(piece, batch=batch, until=until, recalls=recalls, lost=lost)

    def _look_for_room(self) -> None:
        disk = os.statvfs(self._directory)
        if disk.f_bavail * disk.f_frsize < self._spare_bytes:
            raise HistoryFault(
                f"the disk has less than {self._spare_bytes >> 20} MiB left: make room; the "
                "history then goes on from the journal, as far back as that reaches"
            )

    def _piece(
        self, write: Callable[[Path], None], *, tier: Tier, channel: str, slot: int
    ) -> Piece | None:
        """Make a file; None where there was nothing to write."""
        self._number += 1
        name = f"{tier.name.lower()}-{os.getpid()}-{os.urandom(4).hex()}-{self._number}.parquet"
        path, part = self._directory / name, self._directory / (name + _UNFINISHED)
        try:
            write(part)
            found = self._engine.measure(part)
            if not found:
                part.unlink()
                return None
            part.chmod(0o600)
            part.rename(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return Piece(
            file=name,
            tier=tier,
            channel=channel,
            slot=slot,
            rows=int(found["rows"]),
            bytes=path.stat().st_size,
            since=found["since"],
            until=found["until"],
            area=box_of(found),
            era=int(found["last_era"]),
            first=int(found["first"]),
            last=int(found["last"]),
        )

    def tidy(self, budgets: Budgets, now: float) -> bool:
        """Do the next thing there is to do; False when all is as it should be."""
        pieces = self.shelf.pieces()
        # For who reads to the end, what is neither taken nor needed to merge.
        taken = sum(each.bytes for each in pieces)
        room = budgets.whole - budgets.whole * (SPARE - 1) // SHARE - taken
        self._clear(room, now)
        going = to_go(pieces, budgets, now, spare=SPARE)
        if going:
            self._prune(going, room, now)
            return True
        free = self._free_of_holds(pieces)
        if free:
            self.shelf.exchange(free, [], now, why=Why.BUDGET)
            return True
        if self._set_back(pieces, now):
            return True
        merge = due(pieces, now, budgets)
        if merge is None:
            return False
        self._merge(merge, now)
        self._clear(room, now)
        return True

    def _set_back(self, pieces: Sequence[Piece], now: float) -> bool:
        """Make a piece anew that was received later than now, by what the journal says since.

        The clock was ahead, and set back: the journal notes then when it was at the latest. Of an
        hour still to come, a piece is fresh. False where there is none, or the journal knows no
        better.
        """
        ahead = [each for each in pieces if each.tier is Tier.FRESH and each.until > now + AHEAD]
        if not ahead or abs(now - self._looked_ahead) < LOOK_AHEAD_EVERY:
            return False
        era = self.shelf.progress().era
        for piece in ahead:
            rows = list(self._again(era, piece.first, piece.last)) if piece.era == era else []
            if len(rows) == piece.rows and all(row.fix.received <= now for row in rows):
                new = self._piece(
                    lambda path, rows=rows: self._engine.write(rows, path, by_object=True),
                    tier=Tier.FRESH, channel="", slot=0,
                )  # fmt: skip
                self.shelf.exchange([piece], [] if new is None else [new], now)
                return True
        self._looked_ahead = now
        return False

    def _clear(self, room: int, now: float) -> None:
        """Delete files that went and that nobody reads; where there is no room, others too."""
        gone = self.shelf.gone()
        if not gone:
            return
        reading = readers(self._directory)
        left = sum(each.bytes for each in gone)
        files: list[str] = []
        cut_off = 0
        for each in gone:
            known = self._waiting[each.file] = self._waiting.get(each.file, reading) & reading
            if not known or each.at < now - READ_TO_THE_END or left > room:
                cut_off += bool(known)
                files.append(each.file)
                left -= each.bytes
        self._delete(files, cut_off)

    def _delete(self, files: Sequence[str], cut_off: int) -> None:
        for name in files:
            (self._directory / name).unlink(missing_ok=True)
            self._waiting.pop(name, None)
        if files:
            self.shelf.forget(files, cut_off)

    def _merge(self, merge: Merge, now: float) -> None:
        self._look_for_room()
        try:
            new = self._all_merged(merge)
        except HistoryFault:
            for each in merge.pieces:
                if not self._is_readable(each):
                    self.restore(each, now)
                    return
            raise
        self.shelf.exchange(merge.pieces, new, now)

    def _all_merged(self, merge: Merge) -> Sequence[Piece]:
        new = list(self._merged(merge))
        before, now = (sum(each.rows for each in some) for some in (merge.pieces, new))
        if before != now:
            raise HistoryFault(f"history: of {before} positions {now} were merged: nothing goes")
        return new

    def _merged(self, merge: Merge) -> Iterator[Piece]:
        is_hour = merge.tier is Tier.HOUR
        length, order = (HOUR, Order.OBJECT) if is_hour else (PART, Order.PLACE)
        files, leaves = self._paths(merge.pieces), merge.leaves
        if leaves is not None and any(each.until >= leaves for each in merge.pieces):
            left = self._left_fresh(files, leaves)
            if left is not None:
                yield left
        for channel, slot in self._engine.slots(files, length):
            if leaves is not None and slot >= leaves:
                continue
            # Said as bounds, by which DuckDB leaves out groups of rows.
            time = "received >= make_timestamp(?::BIGINT) AND received < make_timestamp(?::BIGINT)"
            ends = [slot * 1_000_000, (slot + length) * 1_000_000]
            where = joined([("channel = ?", [channel]), (time, ends)], "AND")

            def write(path: Path, where: Condition = where) -> None:
                self._engine.merge(files, path, where=where, order=order)

            piece = self._piece(write, tier=merge.tier, channel=channel, slot=slot)
            if piece is not None:
                yield piece

    def _left_fresh(self, files: Sequence[Path], since: int) -> Piece | None:
        received = ("received >= make_timestamp(?::BIGINT)", [since * 1_000_000])

        def write(path: Path) -> None:
            self._engine.merge(files, path, where=received, order=Order.CHANNEL)

        return self._piece(write, tier=Tier.FRESH, channel="", slot=0)

    def _paths(self, pieces: Sequence[Piece]) -> list[Path]:
        return [self._directory / each.file for each in pieces]

    def _is_readable(self, piece: Piece) -> bool:
        """Tell whether it is whole, read to its end. HistoryFault where it cannot be read now."""
        if not self._is_whole(piece):
            return False
        try:
            for _ in self._engine.find(
                self._paths([piece]), where=[("true", [])], order=Order.RECEIPT
            ):
                pass
        except DamagedHistory:
            return False
        return True

    def restore(self, piece: Piece, now: float) -> None:
        """Make a damaged piece anew of what the journal still has; put the file aside."""
        self.damaged += 1
        path = self._directory / piece.file
        with suppress(OSError):
            path.rename(path.with_name(path.name + _DAMAGED))
        rows: list[Row] = []
        if piece.era == self.shelf.progress().era:
            kept = self._again(piece.era, piece.first, piece.last)
            rows = [row for row in kept if _belongs(row, piece)]
        new = None
        if rows:
            new = self._piece(
                lambda path: self._engine.write(rows, path, by_object=True),
                tier=piece.tier, channel=piece.channel, slot=piece.slot,
            )  # fmt: skip
        self.shelf.exchange([piece], [] if new is None else [new], now)
        lost = piece.rows - len(rows)
        if lost > 0:
            self.shelf.count_lost(lost)

    def _prune(self, going: Going, room: int, now: float) -> None:
        """Let pieces go; what is evidence of them stays, as a piece of its own."""
        for why, pieces in ((Why.AGE, going.aged), (Why.BUDGET, going.beyond)):
            for piece in pieces:
                meeting = _meeting(piece, self.shelf.holds())
                kept = self._held(piece, meeting) if meeting else None
                self.shelf.exchange([piece], [] if kept is None else [kept], now, why=why)
                # One after the other: what is evidence stands twice until then.
                self._clear(max(room, piece.bytes), now)

    def _held(self, piece: Piece, holds: Sequence[Hold]) -> Piece | None:
        def write(path: Path) -> None:
            self._engine.merge(self._paths([piece]), path, where=held(holds), order=Order.OBJECT)

        return self._piece(write, tier=Tier.HELD, channel=piece.channel, slot=piece.slot)

    def _free_of_holds(self, pieces: Sequence[Piece]) -> list[Piece]:
        evidence = [each for each in pieces if each.tier is Tier.HELD]
        if not evidence:
            return []
        holds = self.shelf.holds()
        return [each for each in evidence if not _meeting(each, holds)]

    def close(self) -> None:
        """Let DuckDB go."""
        self._engine.close()


def _meeting(piece: Piece, holds: Sequence[Hold]) -> list[Hold]:
    area: Box = piece.area
    return [each for each in holds if each.stretch.may_meet(piece.since, piece.until, area)]


def _micros(at: float) -> int:
    return round(at * 1e6)


def _belongs(row: Row, piece: Piece) -> bool:
    if piece.tier is Tier.FRESH:
        # One that is left of others has not all between its first number and its last.
        return _micros(piece.since) <= _micros(row.fix.received) <= _micros(piece.until)
    if row.label.channel != piece.channel:
        return False
    # What earlier versions made of a day has more than one part of it.
    length = PART if piece.tier is Tier.DAY else HOUR
    within = range(int(piece.since) // length, int(piece.until) // length + 1)
    return piece.tier is Tier.HELD or int(row.fix.received) // length in within
