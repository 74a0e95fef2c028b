"""Has nothing flow by an agreement that people of this node have paused, from the next frame on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.core.agreement import Agreement
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.federation.agreed import AGREEMENTS, prefix_of
from accord.federation.moment import Moment
from accord.node.recalls import Tie
from accord.observe.log import Log
from accord.storage.agreements import Agreements, Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """What a pause met: which partners are told, and how many releases are on their way."""

    partners: tuple[str, ...]
    in_flight: int


class Pauses:
    """Pauses and goes on. The file beside the text is what holds; every guard reads it by itself.

    `changed` is told of which partner's link something must be remembered and sent.
    """

    def __init__(
        self,
        directory: Path,
        own: str,
        ties: Mapping[str, Tie],
        *,
        clock: Clock,
        changed: Callable[[str], None],
        log: Log,
    ) -> None:
        self._agreements = Agreements(directory / AGREEMENTS)
        self._own = own
        self._ties = ties
        self._clock = clock
        self._changed = changed
        self._log = log

    def pause(self, name: str, by: str, reason: str) -> Paused:
        """Let nothing flow by an agreement any more. AccordError: there is none, or no disk."""
        pause = Pause(by=by, at=self._clock.now(), reason=reason)
        terms = _on_disk(lambda: self._agreements.pause(name, pause))
        found = self._stop(terms, pause)
        self._log.event(
            "paused", agreement=terms.id, serial=terms.serial, by=by, reason=reason,
            in_flight=found.in_flight,
        )  # fmt: skip
        return found

    def go_on(self, name: str, by: str) -> None:
        """Let it flow again as soon as it is read again. AccordError: it is not paused."""
        terms = _on_disk(lambda: self._agreements.go_on(name))
        self._log.event("goes on", agreement=terms.id, serial=terms.serial, by=by)

    def look(self) -> None:
        """Stop what was paused by a command, or while the node did not run."""
        try:
            for terms, pause in self._agreements.paused():
                self._stop(terms, pause)
        except (OSError, AccordError) as error:
            self._log.burst("pauses", reason=str(error))

    def prefixes(self) -> frozenset[bytes]:
        """Return what stands in grants for each agreement that is paused now."""
        return frozenset(prefix_of(terms) for terms, _ in self._agreements.paused())

    def _stop(self, terms: Agreement, pause: Pause) -> Paused:
        prefix, told, flying = prefix_of(terms), list[str](), 0
        for node in self._concerned(terms):
            sync = self._ties[node].sync
            if prefix in sync.suspended:
                continue
            now = Moment(self._clock.now(), self._clock.monotonic())
            flying += len(sync.suspend(prefix, f"paused: {pause.reason}", now))
            told.append(node)
            self._changed(node)
        return Paused(partners=tuple(told), in_flight=flying)

    def _concerned(self, terms: Agreement) -> Iterator[str]:
        own, givers, receivers = self._own, terms.givers, terms.receivers
        for node in self._ties:
            if (own in givers and node in receivers) or (node in givers and own in receivers):
                yield node


def _on_disk(do: Callable[[], Agreement]) -> Agreement:
    try:
        return do()
    except OSError as error:
        raise AccordError(f"the pause cannot be written: {error.strerror}") from None
