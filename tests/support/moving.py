"""Rows of the history, and a history of its own."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from accord.core.context import Context
from accord.core.geometry import Box
from accord.storage.history.contract import Source, Writer
from accord.storage.history.engine import Engine, Order
from accord.storage.history.look import After, Look, Taken
from accord.storage.history.pieced import PiecedSource
from accord.storage.history.pieces import DAY, HOUR, Budgets, Piece, Tier
from accord.storage.history.question import FOR_EVER, Question, Stretch
from accord.storage.history.shared.connection import Server
from accord.storage.history.shared.source import SharedSource
from accord.storage.history.shared.store import SharedStore
from accord.storage.history.shelf import Shelf
from accord.storage.history.store import Store
from accord.wire.moving.message import Fix, Label, Row

SIX = 1_803_880_800.0
"""2027-03-01T06:00:00Z."""

AREA = Box(south=0, west=0, north=1, east=1)
BEGIN = 20_000 * DAY

PLENTY = Budgets(channels={}, channel=1 << 40, whole=1 << 40, age=1e12)


def a_label(uid: str = "SHIP-1", **changes: Any) -> Label:
    given: dict[str, Any] = {
        "uid": uid, "context": "live", "channel": "feed:ais", "node": "NZL-A", "speaker": "ais",
        "hops": (), "groups": ("Blue",), "kind": "a-f-S-X-M", "how": "m-g", "callsign": "",
        "name": "", "mmsi": "", "imo": "", "icao": "", "nation": "", "access": None,
        "caveat": None, "releasable_to": None, "opex": "", "form": "",
    }  # fmt: skip
    return Label(**{**given, **changes})


def a_row(seconds: float = 0.0, uid: str = "SHIP-1", **changes: Any) -> Row:
    """A position so long after six; names of a label among the changes are the label's."""
    of_label = {name: changes.pop(name) for name in Label._fields if name in changes}
    given: dict[str, Any] = {
        "era": 0, "sequence": int(seconds) + 1, "received": SIX + seconds, "time": SIX + seconds,
        "stale": SIX + seconds + 600, "lat": -17.9, "lon": 178.0, "hae": None, "precision": None,
        "course": None, "speed": None, "climb": None, "cell": None, "doubts": (),
    }  # fmt: skip
    return Row(a_label(uid, **of_label), Fix(**{**given, **changes}))


def a_piece(hour: int = 0, tier: Tier = Tier.HOUR, channel: str = "tak", **changes: Any) -> Piece:
    at = BEGIN + hour * HOUR
    length = DAY if tier is Tier.DAY else HOUR
    given: dict[str, Any] = {
        "file": f"{tier.name}-{channel}-{hour}-{changes}", "tier": tier,
        "slot": at // length * length,
        "channel": "" if tier is Tier.FRESH else channel, "rows": 1, "bytes": 10, "since": at + 1.0,
        "until": at + 2.0, "area": AREA, "era": 0, "first": 1, "last": 2,
    }  # fmt: skip
    return Piece(**{**given, **changes})


def nothing_more(_era: int, batch: int) -> Taken:
    """What a journal has that was taken in whole."""
    return Taken([], batch, 0.0)


class Kept:
    """A history in pieces; `journal` is what is still in the journal."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.journal: list[Row] = []
        self.directory = directory
        self.shelf = Shelf(directory)
        self.shelf.prepare()
        self.engine = Engine(directory)
        self.source: Source = PiecedSource(directory)
        self.store = Store(self.shelf, self.engine, again=self._again, **settings)

    def _again(self, _era: int, first: int, last: int) -> Iterator[Row]:
        return (row for row in self.journal if first <= row.fix.sequence <= last)

    def take_in(self, *rows: Row, batch: int = 0, **more: Any) -> None:
        self.journal += rows
        take_in(self.store, rows, batch, more)

    def tidy(self, now: float, budgets: Budgets = PLENTY) -> None:
        while self.store.tidy(budgets, now):
            pass

    @contextmanager
    def look(self, after: After = nothing_more) -> Generator[Look, None, None]:
        with self.source.moment() as moment:
            yield Look(moment, self.engine, after)

    def rows(self) -> list[Row]:
        """All rows, of every context, in order of receipt."""
        files = [self.shelf.directory / each.file for each in self.shelf.pieces()]
        return list(self.engine.find(files, where=[("true", [])], order=Order.RECEIPT))

    def close(self) -> None:
        self.store.close()
        self.source.close()


def take_in(store: Writer, rows: Sequence[Row], batch: int, more: dict[str, Any]) -> None:
    until = max((row.fix.received for row in rows), default=0.0)
    last = batch or max((row.fix.sequence for row in rows), default=0)
    store.take_in(rows, batch=last, until=until, **{"recalls": {}, **more})


class SharedKept:
    """What one node has in a shared history."""

    def __init__(self, server: Server, directory: Path) -> None:
        self.journal: list[Row] = []
        self.directory = directory
        self.server = server
        self.engine = Engine(directory)
        self.source: Source = SharedSource(server, directory)
        self.store = SharedStore(server, directory)
        self.shelf = self.store.shelf
        self.store.sweep()

    def take_in(self, *rows: Row, batch: int = 0, **more: Any) -> None:
        self.journal += rows
        take_in(self.store, rows, batch, more)

    def tidy(self, now: float, budgets: Budgets = PLENTY) -> None:
        while self.store.tidy(budgets, now):
            pass

    @contextmanager
    def look(self, after: After = nothing_more) -> Generator[Look, None, None]:
        with self.source.moment() as moment:
            yield Look(moment, self.engine, after)

    def rows(self) -> list[Row]:
        """All rows, of every context, in order of receipt."""
        with closing(self.server.open(10.0)) as db:
            told = db.ask("SELECT DISTINCT context FROM label WHERE keeper = $1", db.node)
            contexts = [Context.parse(each[0]) for each in told]
        with self.look() as look:
            found = [row for each in contexts for row in look.rows(_all_of(each))]
        return sorted(found, key=lambda row: (row.fix.received, row.fix.era, row.fix.sequence))

    def close(self) -> None:
        self.store.close()
        self.source.close()
        self.engine.close()


def _all_of(context: Context) -> Question:
    return Question(stretch=Stretch(since=0, until=FOR_EVER), context=context)
