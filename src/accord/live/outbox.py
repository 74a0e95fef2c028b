"""A bounded queue for each receiver.

While its socket takes what it is given, a receiver gets everything, joined into one write per
flush. When the socket does not, reports are held: of positions the newest per object, in the
place of the one it replaces, so that nothing starves; everything else in order. When what is held
outgrows its limits the receiver is disconnected with a reason; connecting again gives it the whole
picture, so nothing is lost that still matters.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from accord.core.body import Message, Position, Removal
from accord.core.report import Form, Report

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


class Dispatch(dict[Form, bytes]):
    """One report on its way to many receivers: encoded at most once per form, on first use."""

    __slots__ = ("_encoders", "report")

    def __init__(self, report: Report, encoders: Encoders) -> None:
        self.report = report
        self._encoders = encoders

    def __missing__(self, form: Form) -> bytes:
        data = self[form] = self._encoders[form](self.report)
        return data


class Written(list[bytes]):
    """Encoded reports that are written together; joined at most once, however many they go to."""

    __slots__ = ("_joined",)

    def __init__(self, reports: Iterable[bytes]) -> None:
        super().__init__(reports)
        self._joined: bytes | None = None

    def joined(self) -> bytes:
        """Return them as one."""
        if self._joined is None:
            self._joined = self[0] if len(self) == 1 else b"".join(self)
        return self._joined


class Batch:
    """Reports that go to many receivers together, encoded and joined at most once per form."""

    __slots__ = ("_written", "dispatches")

    def __init__(self, dispatches: list[Dispatch]) -> None:
        self.dispatches = dispatches
        self._written: dict[Form, Written] = {}

    def written(self, form: Form) -> Written:
        """Return them in a form."""
        written = self._written.get(form)
        if written is None:
            written = self._written[form] = Written([each[form] for each in self.dispatches])
        return written


_Key = tuple[str, str, str] | int


class Outbox:
    """What waits for one receiver. The hub appends to `pending` and calls `flush`, or calls `send`.

    `write` is given the encoded reports of one flush; `overflow` is called once, with the reason,
    when a limit is hit, and must end the connection.
    """

    __slots__ = (
        "_bytes_held", "_catch_up", "_held", "_order", "_overflow", "_settings", "_words", "_write",
        "form", "is_paused", "pending", "replaced", "sent", "unsent",
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
            written = batch.written(self.form)
            self.sent += len(written)
            self._write(written)

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
            form = self.form
            batch = Written([dispatch[form] for dispatch in pending])
            pending.clear()  # the hub keeps a reference to this list
            self.sent += len(batch)
            self._write(batch)

    def pause(self) -> None:
        """Take note that the socket is full."""
        self.is_paused = True

    def resume(self) -> None:
        """Take note that the socket takes more, and give it what is held."""
        self.is_paused = False
        self._drain()

    def close(self) -> None:
        """Forget everything but which words were never written; nothing is written any more."""
        self.unsent += self.words_waiting()
        self._overflow = None
        self.is_paused = True
        self._catch_up = None
        self._held = None
        self._words.clear()
        self._bytes_held = 0
        self.pending.clear()

    def words_waiting(self) -> list[Report]:
        """Return the words that are not written yet, in order."""
        waiting = [*self._words.values(), *self.pending]
        return [each.report for each in waiting if isinstance(each.report.body, Message)]

    def take_back(self, words: Iterable[Report]) -> None:
        """Do not write these of the words that wait."""
        gone = {id(each) for each in words}
        for key in [key for key, each in self._words.items() if id(each.report) in gone]:
            self._bytes_held -= len(self._words.pop(key)[self.form])
            if self._held is not None:
                del self._held[key]
        # The hub keeps a reference to this list.
        self.pending[:] = [each for each in self.pending if id(each.report) not in gone]

    def _hold(self, dispatches: list[Dispatch]) -> None:
        overflow = self._overflow
        if overflow is None:
            self._note_unsent(dispatches)
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

    def _note_unsent(self, dispatches: Iterable[Dispatch]) -> None:
        words = (each.report for each in dispatches if isinstance(each.report.body, Message))
        self.unsent.extend(words)

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
        if isinstance(body, Message):
            self._words[self._order] = dispatch

    def _forget_replaced(self, before: Dispatch) -> None:
        self.replaced += 1
        self._bytes_held -= len(before[self.form])

    def _drain(self) -> None:
        while not self.is_paused:
            batch = self._next_step()
            if not batch:
                return
            self.sent += len(batch)
            self._write(batch)

    def _next_step(self) -> Written:
        form = self.form
        if self._catch_up is not None:
            batch = Written([dispatch[form] for dispatch in islice(self._catch_up, DRAIN_STEP)])
            if batch:
                return batch
            self._catch_up = None
        if not self._held:
            return Written(())
        keys = list(islice(self._held, DRAIN_STEP))
        batch = Written([self._held.pop(key)[form] for key in keys])
        self._bytes_held -= sum(map(len, batch))
        for key in keys if self._words else ():
            self._words.pop(key, None)
        if not self._held:
            self._held = None
            self._bytes_held = 0
        return batch


def _position_key(report: Report, uid: str) -> _Key:
    return (report.context.kind.value, report.context.name, uid)
