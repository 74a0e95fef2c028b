"""A bounded queue for each receiver.

While its socket takes what it is given, a receiver gets everything, joined into one write per
flush. When the socket does not, reports are held: of positions the newest per object, in the
place of the one it replaces, so that nothing starves; everything else in order. When what is held
outgrows its limits the receiver is disconnected with a reason; connecting again gives it the whole
picture, so nothing is lost that still matters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from accord.core.body import Message, Position, Removal
from accord.core.report import Form, Report
from accord.live.taken import Taken

Encoders = Mapping[Form, Callable[[Report], bytes]]
"""How a report is written in each form that a receiver may want."""

DRAIN_STEP = 64
"""Reports per write while a receiver catches up; between, its socket may say that it is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """How much one receiver may have waiting."""

    flush_interval: float = field(
        default=0.005, metadata={"doc": "seconds that reports wait to share one write"}
    )
    socket_buffer: int = field(
        default=256 * 1024,
        metadata={"doc": "bytes given to a socket that it has not taken; beyond, reports are held"},
    )
    limit_bytes: int = field(
        default=32 * 1024 * 1024,
        metadata={"doc": "bytes held for one slow receiver; beyond, it is disconnected"},
    )
    limit_reports: int = field(
        default=200_000,
        metadata={"doc": "reports held for one slow receiver; beyond, it is disconnected"},
    )
    words_watched: int = field(
        default=1_000,
        metadata={
            "doc": "messages written to one receiver that are said again if it turns out that it "
            "did not take them; beyond, the oldest count as taken"
        },
    )


class Dispatch(dict[Form, bytes]):
    """One report on its way to many receivers: encoded at most once per form, on first use."""

    __slots__ = ("_encoders", "is_words", "report")

    def __init__(self, report: Report, encoders: Encoders) -> None:
        self.report = report
        self.is_words = isinstance(report.body, Message)
        self._encoders = encoders

    def __missing__(self, form: Form) -> bytes:
        data = self[form] = self._encoders[form](self.report)
        return data


class Written(list[bytes]):
    """Encoded reports that are written together; joined at most once, however many they go to.

    `words` are those that are words, where that is asked.
    """

    __slots__ = ("_joined", "words")

    def __init__(self, reports: Iterable[bytes], words: Sequence[Report] = ()) -> None:
        super().__init__(reports)
        self.words = words
        self._joined: bytes | None = None

    def joined(self) -> bytes:
        """Return them as one."""
        if self._joined is None:
            self._joined = self[0] if len(self) == 1 else b"".join(self)
        return self._joined


class Batch:
    """Reports that go to many receivers together, encoded and joined at most once per form."""

    __slots__ = ("_words", "_written", "dispatches")

    def __init__(self, dispatches: list[Dispatch]) -> None:
        self.dispatches = dispatches
        self._words = _words_of(dispatches)
        self._written: dict[Form, Written] = {}

    def written(self, form: Form) -> Written:
        """Return them in a form."""
        written = self._written.get(form)
        if written is None:
            encoded = [each[form] for each in self.dispatches]
            written = self._written[form] = Written(encoded, self._words)
        return written


_Key = tuple[str, str, str] | int


class Outbox:
    """What waits for one receiver. The hub appends to `pending` and calls `flush`, or calls `send`.

    `write` is given the encoded reports of one flush; `overflow` is called once, with the reason,
    when a limit is hit, and must end the connection.
    """

    __slots__ = (
        "_bytes_held", "_catch_up", "_held", "_order", "_overflow", "_settings", "_words",
        "_write", "form", "is_paused", "pending", "replaced", "sent", "taken", "unsent",
    )  # fmt: skip

    def __init__(
        self,
        settings: OutboxSettings,
        *,
        form: Form,
        write: Callable[[Written], None],
        overflow: Callable[[str], None],
    ) -> None:
        self.form = form
        self.pending: list[Dispatch] = []
        self.sent = 0
        self.replaced = 0
        self.unsent: list[Report] = []
        self.taken: Taken | None = None
        """Which of the words that were written are taken; without it, all that are written are."""
        self._settings = settings
        self._write = write
        self._overflow: Callable[[str], None] | None = overflow
        self._held: dict[_Key, Dispatch] | None = None
        self._words: dict[_Key, Dispatch] = {}  # those of what is held
        self._bytes_held = 0
        self._order = 0
        self.is_paused = False
        self._catch_up: Iterator[Dispatch] | None = None

    @property
    def depth(self) -> int:
        """How many reports wait, apart from those a newcomer has yet to catch up with."""
        return len(self.pending) + len(self._held or ())

    @property
    def bytes_held(self) -> int:
        """How many bytes wait because the socket does not take them."""
        return self._bytes_held

    def catch_up_with(self, dispatches: Iterator[Dispatch]) -> None:
        """Send these before anything that comes later, as fast as the socket takes them."""
        self._catch_up = dispatches
        self._drain()

    def send(self, batch: Batch) -> None:
        """Write what others are sent as well, after all that is pending."""
        if self.pending or self.is_paused or self._catch_up is not None or self._held:
            self.pending += batch.dispatches
            self.flush()
        else:
            self._give(batch.written(self.form))

    def flush(self) -> None:
        """Write what is pending, or hold it when the socket is full."""
        pending = self.pending
        if not pending:
            return
        if self.is_paused or self._catch_up is not None or self._held:
            self._hold(pending)
            pending.clear()
            self._drain()
        else:
            batch = self._encoded(pending)
            pending.clear()  # the hub keeps a reference to this list
            self._give(batch)

    def pause(self) -> None:
        """Take note that the socket is full."""
        self.is_paused = True

    def resume(self) -> None:
        """Take note that the socket takes more, and give it what is held."""
        self.is_paused = False
        self._drain()

    def look(self) -> None:
        """Ask what of the words in flight is taken, while the connection can still tell."""
        if self.taken is not None:
            self.taken.look()

    def heard(self) -> None:
        """Take note that the receiver has just said something."""
        if self.taken is not None and self.taken.is_unsure:
            self.taken.heard()

    def close(self, *, is_orderly: bool = False) -> None:
        """Forget everything but which words were not written or not taken; write nothing any more.

        `is_orderly` where the receiver has closed the connection itself.
        """
        if self.taken is not None:
            self.unsent += self.taken.end(is_orderly=is_orderly)
        self.unsent += self._unwritten()
        self._overflow = None
        self.is_paused = True
        self._catch_up = None
        self._held = None
        self._words.clear()
        self._bytes_held = 0
        self.pending.clear()

    def words_waiting(self) -> list[Report]:
        """Return the words that the receiver's system does not have yet, in order."""
        in_flight = [] if self.taken is None else self.taken.in_flight()
        return in_flight + self._unwritten()

    def _unwritten(self) -> list[Report]:
        return _words_of([*self._words.values(), *self.pending])

    def take_back(self, words: Iterable[Report]) -> None:
        """Do not write these of the words that wait."""
        gone = {id(each) for each in words}
        if self.taken is not None:
            self.taken.forget(gone)
        for key in [key for key, each in self._words.items() if id(each.report) in gone]:
            self._bytes_held -= len(self._words.pop(key)[self.form])
            if self._held is not None:
                del self._held[key]
        # The hub keeps a reference to this list.
        self.pending[:] = [each for each in self.pending if id(each.report) not in gone]

    def _hold(self, dispatches: list[Dispatch]) -> None:
        overflow = self._overflow
        if overflow is None:
            self.unsent += _words_of(dispatches)
            return
        held = self._held
        if held is None:
            held = self._held = {}
        for dispatch in dispatches:
            self._hold_one(held, dispatch)
        too_much = self._too_much(held)
        if too_much:
            self.close()
            overflow(f"too slow: {too_much} waiting")

    def _too_much(self, held: dict[_Key, Dispatch]) -> str | None:
        settings = self._settings
        if len(held) > settings.limit_reports:
            return f"more than {settings.limit_reports} reports"
        if self._bytes_held > settings.limit_bytes:
            return f"more than {settings.limit_bytes} bytes"
        return None

    def _hold_one(self, held: dict[_Key, Dispatch], dispatch: Dispatch) -> None:
        report = dispatch.report
        body = report.body
        self._bytes_held += len(dispatch[self.form])
        if isinstance(body, Position):
            key = _position_key(report, report.uid)
            before = held.get(key)
            if before is not None:
                self._forget_replaced(before)
            held[key] = dispatch
            return
        if isinstance(body, Removal):
            # A position held for what is now removed would bring it back if sent after the removal.
            before = held.pop(_position_key(report, body.target), None)
            if before is not None:
                self._forget_replaced(before)
        self._order += 1
        held[self._order] = dispatch
        if dispatch.is_words:
            self._words[self._order] = dispatch

    def _forget_replaced(self, before: Dispatch) -> None:
        self.replaced += 1
        self._bytes_held -= len(before[self.form])

    def _drain(self) -> None:
        while not self.is_paused:
            batch = self._next_step()
            if not batch:
                return
            self._give(batch)

    def _give(self, batch: Written) -> None:
        self.sent += len(batch)
        self._write(batch)
        if batch.words and self.taken is not None:
            self.taken.wrote(batch.words)

    def _encoded(self, dispatches: list[Dispatch]) -> Written:
        form = self.form
        words = () if self.taken is None else _words_of(dispatches)
        return Written([dispatch[form] for dispatch in dispatches], words)

    def _next_step(self) -> Written:
        if self._catch_up is not None:
            batch = self._encoded(list(islice(self._catch_up, DRAIN_STEP)))
            if batch:
                return batch
            self._catch_up = None
        if not self._held:
            return Written(())
        keys = list(islice(self._held, DRAIN_STEP))
        batch = self._encoded([self._held.pop(key) for key in keys])
        self._bytes_held -= sum(map(len, batch))
        for key in keys if self._words else ():
            self._words.pop(key, None)
        if not self._held:
            self._held = None
            self._bytes_held = 0
        return batch


def _words_of(dispatches: Iterable[Dispatch]) -> list[Report]:
    return [each.report for each in dispatches if each.is_words]


def _position_key(report: Report, uid: str) -> _Key:
    return (report.context.kind.value, report.context.name, uid)
