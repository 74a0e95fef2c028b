"""The process that keeps a node's history: takes in the journal, merges, prunes.

It ends when its standard input does. See history_process.py for the node's end of it.
"""

import os
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

from accord.config import Settings, load
from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError
from accord.feeds import catalogue
from accord.node.history_process import HISTORY, MOST_SET_ASIDE, set_aside_in
from accord.node.history_reading import journalled
from accord.node.history_stores import register_of, writer_of
from accord.node.journalled import MOST_AT_ONCE, Journalled
from accord.storage.database import StorageFault
from accord.storage.history.contract import Writer
from accord.storage.history.look import Taken
from accord.storage.history.pieces import Budgets
from accord.storage.history.shelf import DamagedHistory, HistoryFault, Progress, Shelf
from accord.storage.history.store import sole_writer

RETRY_SECONDS = 5.0
TURNS = 8
"""Pieces merged or pruned between two looks at the journal, at most."""


def budgets_of(settings: Settings) -> Budgets:
    """Return what a node's history may take."""
    history = settings.history
    return Budgets(
        channels={
            catalogue.channel(name): each.history_bytes
            for name, each in settings.feed.items()
            if each.history_bytes
        },
        channel=history.channel_bytes,
        whole=history.max_bytes,
        age=history.age.total_seconds(),
    )


class Keeper:
    """Takes in, merges and prunes, a turn at a time."""

    def __init__(self, store: Writer, journal: Journalled, budgets: Budgets, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._budgets = budgets
        self._clock = clock

    def begin(self) -> None:
        """See that all is there, and whether the journal is the one that was taken in before."""
        self._store.sweep()
        known = self._store.shelf.progress()
        last, first_receipt = self._journal.ends()
        if last >= known.batch:
            return
        # A journal that begins later than all we have is a new one. One that reaches back is the
        # one we know without its end, as after a power cut, and gives those numbers away again.
        is_new = first_receipt > known.until or not last
        self._store.shelf.begin_era(0 if is_new else last)

    def turn(self) -> bool:
        """Do what there is to do; True where more of the journal waits."""
        now = self._clock.now().timestamp()
        is_whole = self._take_in()
        for _ in range(TURNS):
            if not self._store.tidy(self._budgets, now):
                break
        self._store.shelf.say("", now)
        return not is_whole

    def _take_in(self) -> bool:
        """Take in some of the journal; False where more waits.

        Its rows are gone when this returns: to merge takes all the memory that there is to be.
        """
        known = self._store.shelf.progress()
        taken = self._journal.after(known.era, known.batch, MOST_AT_ONCE)
        if taken.batch > known.batch:
            self._store.take_in(
                taken.rows,
                batch=taken.batch,
                until=taken.until,
                recalls=taken.recalls,
                lost=self._lost(known, taken),
            )
        return taken.whole

    def _lost(self, known: Progress, taken: Taken) -> int:
        """Return how many positions went before they were taken in, or stood where it is damaged.

        What went before the history was begun is none of its own.
        """
        return max(taken.damaged, taken.missing) if known.batch else taken.damaged


def keep(directory: Path, stopping: threading.Event, clock: Clock) -> None:
    """Keep the history of a node's directory until told to stop."""
    settings = load(directory)
    place = directory / HISTORY
    with sole_writer(place):
        if not settings.history.store:
            _prepare(Shelf(place))
        register = register_of(directory, settings)
        journal = journalled(directory, settings, clock)
        while not stopping.is_set():
            try:
                with closing(writer_of(directory, settings, journal)) as store:
                    keeper = Keeper(store, journal, budgets_of(settings), clock)
                    keeper.begin()
                    _go_on(keeper, stopping, settings.history.every.total_seconds())
            except (HistoryFault, StorageFault) as fault:
                with suppress(HistoryFault):
                    register.say(str(fault), clock.now().timestamp())
                stopping.wait(RETRY_SECONDS)


def _go_on(keeper: Keeper, stopping: threading.Event, every: float) -> None:
    while not stopping.is_set():
        if not keeper.turn():
            stopping.wait(every)


def _prepare(shelf: Shelf) -> None:
    """Make the shelf ready; one that is damaged is set aside, and a new one begun.

    HistoryFault where it cannot be made ready now: it stays as it is.
    """
    try:
        shelf.prepare()
    except DamagedHistory as damage:
        _set_aside(shelf.directory, str(damage))
        shelf.prepare()


def _set_aside(place: Path, why: str) -> None:
    """Move what is damaged away, beside what was moved away before; the lock stays ours."""
    aside = next((each for each in set_aside_in(place.parent) if not _has_some(each)), None)
    if aside is None:
        raise HistoryFault(
            f"{why}; {MOST_SET_ASIDE} damaged histories are set aside already in {place.parent}: "
            "remove those that nobody needs"
        )
    aside.mkdir(mode=0o700, exist_ok=True)
    for each in place.iterdir():
        if each.is_file() and each.name != "lock":
            each.rename(aside / each.name)


def _has_some(aside: Path) -> bool:
    return aside.is_dir() and any(aside.iterdir())


def main(directory: Path) -> int:
    """Keep the history until standard input ends; 1 where it cannot be kept at all."""
    stopping = threading.Event()

    def listen() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 1):
                pass
        stopping.set()

    threading.Thread(target=listen, name="lifeline", daemon=True).start()
    try:
        keep(directory, stopping, SystemClock())
    except AccordError as error:
        print(error, file=sys.stderr)  # noqa: T201  the node reads it
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
