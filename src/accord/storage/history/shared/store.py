"""A shared history as the one writer of a node has it: takes rows in, prunes, keeps evidence.

Rows, and up to which commit the journal is taken in, are one change of the database; so are the
rows that go and what is noted of them. Whatever moment the process, the line or the server ends at,
each position is there once.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from accord.storage.history.engine import COLUMNS, numbered
from accord.storage.history.pieces import DAY, HOUR, SETTLED, Budgets, Piece, Tier, to_go
from accord.storage.history.question import Hold
from accord.storage.history.shared.connection import SCHEMA, WRITE_SECONDS, Busy, Server
from accord.storage.history.shared.register import ROW_BYTES, SharedRegister
from accord.storage.history.shared.statement import PLACE, Values, held, of_time
from accord.storage.history.shelf import HistoryFault, Why
from accord.wire.moving.message import Fix, Label, Row

MOST_LABELS = 200_000
"""Labels whose numbers are remembered; beyond, all are forgotten, and asked for again."""

SUMMARIZED = 200_000
"""Rows after which what was added is summed up for the index of receipts: else it is read whole."""

_LABEL = ("day", "id", "keeper", "digest", *Label._fields)
_FIX = ("label", "day", *(each for each in COLUMNS if each not in Label._fields))
_LARGEST = 3.4e38
"""What a number of four bytes holds."""

_ADDED = (
    "ON CONFLICT (keeper, channel, slot, length, is_held) DO UPDATE SET "
    "rows = slot.rows + excluded.rows, since = least(slot.since, excluded.since), "
    "until = greatest(slot.until, excluded.until)"
)

_COUNT = f"INSERT INTO slot VALUES ($1, $2, $3, $4, false, $5, $6, $7, $8) {_ADDED}"  # noqa: S608  constants
_COUNT_AS_DAYS = (
    "WITH hours AS (DELETE FROM slot WHERE keeper = $1 AND length = $2 AND day <= $3 "  # noqa: S608  as above
    "AND NOT is_held RETURNING channel, day, rows, since, until) "
    "INSERT INTO slot SELECT $1, channel, day::bigint * $4, $4, false, day, sum(rows), "
    f"min(since), max(until) FROM hours GROUP BY channel, day {_ADDED}"
)

_Known = dict[tuple[int, int, Label], int]
"""The number of a label, by its day, the number of that day's tables, and itself."""


class SharedStore:
    """Writes what one node has in a shared history. `close` lets the connection go.

    `busy` counts what waits, because others used it.
    """

    def __init__(self, server: Server, directory: Path) -> None:
        self.busy = 0
        self._db = server.open(WRITE_SECONDS)
        self.shelf = SharedRegister(server, directory, self._db)
        self._labels: _Known = {}
        self._holds: Sequence[Hold] = ()
        self._unsummed = 0

    def sweep(self) -> None:
        """Be the only one who writes for this node, and see that all is there. HistoryFault."""
        # Belongs to the connection: whoever loses it does not write any more.
        (row,) = self._db.ask(
            "SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))", SCHEMA, self._db.node
        )
        if not row[0]:
            raise HistoryFault(
                f"another process writes the history of {self._db.node} in that database: two "
                "nodes cannot have one name there"
            )
        self.shelf.prepare()
        # What is evidence may have changed since.
        self._holds = ()

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
        db, new = self._db, _Known()
        with db.changes():
            if rows:
                self._put(rows, new)
            db.tell_each(
                "INSERT INTO recall SELECT $1, $2, $3, era, $4 FROM journal "
                "WHERE node = $1 AND id = $5 ON CONFLICT (node, channel, uid) "
                "DO UPDATE SET era = excluded.era, upto = excluded.upto",
                [(db.node, *key, upto, self.shelf.journal) for key, upto in recalls.items()],
            )
            db.tell(
                "UPDATE journal SET batch = $3, until = greatest(until, $4), lost = lost + $5 "
                "WHERE node = $1 AND id = $2",
                db.node, self.shelf.journal, batch, until, lost,
            )  # fmt: skip
        if len(self._labels) + len(new) > MOST_LABELS:
            self._labels.clear()
        self._labels |= new
        self._unsummed += len(rows)

    def _put(self, rows: Sequence[Row], new: _Known) -> None:
        which, labels = numbered(rows)
        days = [int(row.fix.received // DAY) for row in rows]
        tables = self._days(set(days))
        wanted = dict.fromkeys(zip(days, which, strict=True))
        numbers = self._numbers({(day, tables[day], labels[each]) for day, each in wanted}, new)
        ids = {(day, each): numbers[day, tables[day], labels[each]] for day, each in wanted}
        self._db.put(
            "position",
            _FIX,
            (
                _spelt(row.fix, ids[day, each], day)
                for row, day, each in zip(rows, days, which, strict=True)
            ),
        )
        self._note(rows)

    def _days(self, days: set[int]) -> dict[int, int]:
        """See that there are tables of these days, which nobody removes meanwhile."""
        db = self._db
        asked = "SELECT day, number FROM day WHERE day = ANY($1::int[]) FOR KEY SHARE"
        found = {row[0]: row[1] for row in db.ask(asked, sorted(days))}
        for day in sorted(days - set(found)):
            is_ours = db.tell(
                "INSERT INTO day (day, row_bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                day, ROW_BYTES,
            )  # fmt: skip
            if is_ours:
                for table in ("label", "position"):
                    # Made apart and attached, which waits for nobody who reads.
                    db.tell(
                        f"CREATE TABLE {table}_{day:d} (LIKE {table} INCLUDING ALL);"
                        f"ALTER TABLE {table} ATTACH PARTITION {table}_{day:d} "
                        f"FOR VALUES IN ({day:d})"
                    )
        if days - set(found):
            found = {row[0]: row[1] for row in db.ask(asked, sorted(days))}
        return found

    def _numbers(self, wanted: set[tuple[int, int, Label]], new: _Known) -> _Known:
        """Return the number of each label, of which those that are new are put there."""
        numbers = {key: self._labels[key] for key in wanted if key in self._labels}
        missing: defaultdict[int, dict[bytes, tuple[int, int, Label]]] = defaultdict(dict)
        for key in wanted:
            if key not in numbers:
                missing[key[0]][_digest(key[2])] = key
        for day, by_digest in missing.items():
            for digest, number in self._known(day, by_digest):
                numbers[by_digest[digest]] = new[by_digest[digest]] = number
        return numbers

    def _known(
        self, day: int, wanted: Mapping[bytes, tuple[int, int, Label]]
    ) -> Iterator[tuple[bytes, int]]:
        db = self._db
        found = db.ask(
            "SELECT digest, id FROM label WHERE day = $1 AND keeper = $2 "
            "AND digest = ANY($3::bytea[])",
            day, db.node, list(wanted),
        )  # fmt: skip
        known = {bytes(row[0]): int(row[1]) for row in found}
        yield from known.items()
        unknown = [each for each in wanted if each not in known]
        if not unknown:
            return
        given = db.ask("SELECT nextval('label_id') FROM generate_series(1, $1)", len(unknown))
        ids = dict(zip(unknown, (int(row[0]) for row in given), strict=True))
        db.put(
            "label",
            _LABEL,
            (
                (day, number, db.node, each, *_clean(wanted[each][2]))
                for each, number in ids.items()
            ),
        )
        yield from ids.items()

    def _note(self, rows: Iterable[Row]) -> None:
        """Note how many rows there are of each channel and hour, since when and until when."""
        found: dict[tuple[str, int], list[float]] = {}
        for label, fix in rows:
            at = fix.received
            key = label.channel, int(at // HOUR) * HOUR
            known = found.get(key)
            if known is None:
                found[key] = [1, at, at]
                continue
            known[0] += 1
            known[1], known[2] = min(known[1], at), max(known[2], at)
        self._db.tell_each(
            _COUNT,
            [
                (self._db.node, channel, slot, HOUR, slot // DAY, int(count), since, until)
                for (channel, slot), (count, since, until) in found.items()
            ],
        )

    def tidy(self, budgets: Budgets, now: float) -> bool:
        """Do the next thing there is to do; False when all is as it should be."""
        try:
            if self._unsummed >= SUMMARIZED:
                self._sum_up()
                return True
            return (
                self._put_days_together(now)
                or self._prune(budgets, now)
                or self._free()
                or self._drop()
                or self._settle(now)
            )
        except Busy:
            self.busy += 1
            return False

    def _sum_up(self) -> None:
        """Sum up what was added, for the index of receipts."""
        self._unsummed = 0
        self._db.ask(
            "SELECT brin_summarize_new_values(i.indexrelid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam "
            "JOIN pg_inherits h ON h.inhrelid = i.indrelid "
            "WHERE a.amname = 'brin' AND h.inhparent = 'position'::regclass "
            "AND i.indrelid IN (SELECT to_regclass('position_' || day) FROM day "
            "WHERE NOT is_settled)"
        )

    def _put_days_together(self, now: float) -> bool:
        """Count the hours of a day that is over as one: it goes whole, by removing its tables."""
        joined = self._db.tell(
            _COUNT_AS_DAYS, self._db.node, HOUR, _last_over(now), DAY
        )  # fmt: skip
        return joined > 0

    def _prune(self, budgets: Budgets, now: float) -> bool:
        going = to_go(self.shelf.pieces(), budgets, now)
        for why, pieces in ((Why.AGE, going.aged), (Why.BUDGET, going.beyond)):
            by_day: defaultdict[int, list[Piece]] = defaultdict(list)
            for piece in pieces:
                by_day[piece.slot // DAY].append(piece)
            for day in sorted(by_day):
                self._let_go(day, by_day[day], why)
        return bool(going)

    def _let_go(self, day: int, pieces: Sequence[Piece], why: Why) -> None:
        """Delete what of these is no evidence, and note what is left as held."""
        db = self._db
        with db.changes():
            self.shelf.lock(db)
            holds = self.shelf.holds_by(db)
            meeting = [
                [each for each in holds if each.stretch.may_meet(piece.first, piece.last, None)]
                for piece in pieces
            ]
            for piece in pieces:
                db.tell(
                    "DELETE FROM slot WHERE keeper = $1 AND channel = $2 AND slot >= $3 "
                    "AND slot + length <= $4",
                    db.node, piece.channel, piece.first, piece.last,
                )  # fmt: skip
            if not any(meeting) and self._removed(day):
                for piece in pieces:
                    self._count(piece, piece.rows, why)
                return
            for piece, keeping in zip(pieces, meeting, strict=True):
                self._count(piece, piece.rows - self._delete(piece, keeping), why)

    def _count(self, piece: Piece, rows: int, why: Why) -> None:
        """Count positions that went."""
        self._db.tell(
            "INSERT INTO went VALUES ($1, $2, $3, $4, $5) ON CONFLICT (node, channel, why) DO "
            "UPDATE SET rows = went.rows + excluded.rows, "
            "until = greatest(went.until, excluded.until)",
            self._db.node, piece.channel, why.value, rows, piece.until,
        )  # fmt: skip

    def _delete(self, piece: Piece, holds: Sequence[Hold]) -> int:
        """Delete what these do not hold; return how many rows are left."""
        db, values = self._db, Values()
        which = of_time(db.node, piece, values)
        kept = held(holds, values)
        sql = f"DELETE FROM position p USING label l WHERE {which} AND NOT ({kept})"  # noqa: S608  values have marks
        db.tell(sql, *values.all)
        if not holds:
            return 0
        values = Values()
        which = of_time(db.node, piece, values)
        (row,) = db.ask(
            f"SELECT count(*), min(received), max(received) FROM position p, label l WHERE {which}",  # noqa: S608  as above
            *values.all,
        )
        count, since, until = row.values()
        if count:
            length = piece.last - piece.first
            db.tell(
                "INSERT INTO slot VALUES ($1, $2, $3, $4, true, $5, $6, $7, $8)",
                db.node, piece.channel, piece.slot, length, piece.slot // DAY, count, since, until,
            )  # fmt: skip
        return int(count)

    def _free(self) -> bool:
        """Let go what was held and is no evidence any more; True where there was something."""
        holds = self.shelf.holds()
        if holds == self._holds:
            return False
        pieces = self.shelf.pieces()
        others = [each for each in pieces if each.tier is not Tier.HELD]
        evidence = [each for each in pieces if each.tier is Tier.HELD]
        for piece in evidence:
            over = [each for each in others if _overlap(each, piece)]
            if over:
                self._join(piece, over[0])
            else:
                self._let_go(piece.slot // DAY, [piece], Why.BUDGET)
        self._holds = holds
        return bool(evidence)

    def _join(self, piece: Piece, other: Piece) -> None:
        """Count what was held with what there is of that time besides, for budgets to decide."""
        db, which = self._db, "keeper = $1 AND channel = $2 AND slot = $3 AND length = $4"
        with db.changes():
            gone = db.tell(
                f"DELETE FROM slot WHERE {which} AND is_held",  # noqa: S608  as above
                db.node, piece.channel, piece.first, piece.last - piece.first,
            )  # fmt: skip
            if gone:
                db.tell(
                    "UPDATE slot SET rows = rows + $5, since = least(since, $6), "  # noqa: S608  as above
                    f"until = greatest(until, $7) WHERE {which} AND NOT is_held",
                    db.node, other.channel, other.first, other.last - other.first,
                    piece.rows, piece.since, piece.until,
                )  # fmt: skip

    def _drop(self) -> bool:
        """Remove the tables of a day that no node has anything of any more."""
        db = self._db
        empty = db.ask(
            "SELECT day FROM day WHERE NOT EXISTS (SELECT FROM slot WHERE slot.day = day.day) "
            "ORDER BY day LIMIT 1"
        )
        for (day,) in (row.values() for row in empty):
            with db.changes():
                self._removed(day)
        return bool(empty)

    def _removed(self, day: int) -> bool:
        """Remove the tables of a day where nobody has anything of it. Busy where somebody reads."""
        db = self._db
        is_nobodys = db.tell(
            "DELETE FROM day WHERE day = $1 AND NOT EXISTS "
            "(SELECT FROM slot WHERE slot.day = day.day)",
            day,
        )
        if is_nobodys:
            db.tell("SET LOCAL lock_timeout = '1s'")
            db.tell(f"DROP TABLE position_{day:d}, label_{day:d}")
        return is_nobodys > 0

    def _settle(self, now: float) -> bool:
        """Give a day that is over its index of places, and measure what a position of it takes."""
        db = self._db
        with db.changes():
            found = db.ask(
                "SELECT day FROM day WHERE day <= $1 AND NOT is_settled ORDER BY day LIMIT 1 "
                "FOR NO KEY UPDATE SKIP LOCKED",
                _last_over(now),
            )
            for (day,) in (row.values() for row in found):
                db.tell(
                    f"CREATE INDEX IF NOT EXISTS position_{day:d}_place ON position_{day:d} "
                    f"USING gist (({PLACE}));"
                    f"ANALYZE position_{day:d}, label_{day:d}"
                )
                db.tell(
                    "UPDATE day SET is_settled = true, row_bytes = greatest(1, least($2, "
                    "(SELECT sum(pg_total_relation_size(each::regclass)) FROM unnest($3::text[]) "
                    "AS each) / greatest(1, (SELECT sum(rows) FROM slot WHERE slot.day = day.day)"
                    "))) WHERE day = $1",
                    day, 2 * ROW_BYTES, [f"position_{day:d}", f"label_{day:d}"],
                )  # fmt: skip
        return bool(found)

    def close(self) -> None:
        """Let the connection go."""
        self._db.close()


def _last_over(now: float) -> int:
    return int((now - SETTLED) // DAY) - 1


def _overlap(one: Piece, other: Piece) -> bool:
    return one.channel == other.channel and one.first < other.last and other.first < one.last


def _digest(label: Label) -> bytes:
    return hashlib.sha256(json.dumps(label).encode("utf-8", "surrogatepass")).digest()


def _clean(label: Label) -> Iterator[object]:
    """Yield what stands in the columns: PostgreSQL has no text with a NUL or half a character."""
    for value in label:
        if isinstance(value, tuple):
            yield [_text(each) for each in value]
        else:
            yield None if value is None else _text(value)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _spelt(fix: Fix, label: int, day: int) -> tuple[object, ...]:
    """Return the columns of a position (`_FIX`)."""
    era, sequence, received, time, stale, lat, lon, *maybe, cell, doubts = fix
    kept = [None if each is None or not abs(each) < _LARGEST else each for each in maybe]  # pyright: ignore[reportArgumentType]  numbers
    return (
        label, day, era, sequence, received, time, stale, lat, lon, *kept,
        *(cell or (None, None, None, None)), list(doubts) or None,
    )  # fmt: skip
