"""Every open alert; says what each event changes, and does it when it has been kept.

Synchronous and without a clock. Each method that changes something returns the entries for the
watch log; they take effect by `apply`, so that what is shown was kept before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accord.core.errors import AccordError
from accord.desks.watch.alert import (
    Act,
    Alert,
    AlertState,
    Condition,
    Entry,
    Escalation,
    about,
    raised,
    raised_again,
)

LONGEST_QUIET = timedelta(hours=24)
"""For how long an alert can be asked to be quiet at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How much the watch keeps."""

    max_alerts: int = field(
        default=1_000,
        metadata={"doc": "open alerts; beyond, the least urgent that was acknowledged goes first"},
    )
    log_kept: timedelta = field(
        default=timedelta(days=90), metadata={"doc": "for how long the watch log is kept"}
    )
    max_entries: int = field(
        default=200_000, metadata={"doc": "entries of the watch log; beyond, the oldest go"}
    )


class NoSuchAlert(AccordError):
    """There is no open alert of that number."""


class NotYours(AccordError):
    """Somebody else has taken the alert."""


class Board:
    """The open alerts. `counts` says how often one had to be forgotten."""

    def __init__(
        self, settings: WatchSettings, alerts: Iterable[Alert] = (), *, last: int = 0
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._settings = settings
        self._open = {each.number: each for each in alerts if each.is_open}
        self._by_key = {each.condition.key: each.number for each in self._open.values()}
        self._last = max(last, *self._open, 0)

    def __len__(self) -> int:
        """Return how many alerts are open."""
        return len(self._open)

    def alerts(self) -> list[Alert]:
        """Return the open alerts, what needs attention first."""
        return sorted(self._open.values(), key=lambda each: each.order)

    def alert(self, number: int) -> Alert:
        """Return one open alert. NoSuchAlert where there is none."""
        found = self._open.get(number)
        if found is None:
            raise NoSuchAlert(f"there is no open alert number {number}")
        return found

    def arise(self, condition: Condition, now: datetime) -> Iterator[Entry]:
        """Say what it changes that this is the case now."""
        before = self._of(condition.key)
        if before is None:
            self._last += 1  # taken even if it is not kept: a number never means two alerts
            new = raised(self._last, condition, now)
            yield about(new, Act.RAISED, now)
        elif before.rectified is not None or _is_more_urgent(condition, before.condition):
            again = raised_again(before, condition, now)
            yield about(again, Act.RAISED_AGAIN, now)

    def end(self, key: str, now: datetime, *, correction: str = "") -> Iterator[Entry]:
        """Say what it changes that this is the case no more; or never was, and why."""
        before = self._of(key)
        if before is None or before.rectified is not None:
            return
        over = replace(before, rectified=now)
        if correction:
            yield about(over, Act.CORRECTED, now, text=f"{before.condition.text} ({correction})")
        else:
            yield about(over, Act.RECTIFIED, now)

    def escalate(self, now: datetime) -> Iterator[Entry]:
        """Say what it changes that nobody has acknowledged what was to be, by now."""
        for alert in self._open.values():
            escalation = alert.condition.escalation
            if (
                escalation is not None
                and alert.escalated is None
                and alert.state is AlertState.UNACKNOWLEDGED
                and now - (alert.since or alert.raised) >= escalation.after
            ):
                yield about(_escalated(alert, escalation, now), Act.ESCALATED, now)

    def acknowledge(
        self, number: int, by: str, now: datetime, *, quiet: timedelta = timedelta(0)
    ) -> Iterator[Entry]:
        """Say what it changes that a person has seen it, and wants no more of it for a while.

        To acknowledge it twice changes nothing. NoSuchAlert where it is not open.
        """
        before = self.alert(number)
        until = now + min(quiet, LONGEST_QUIET) if quiet > timedelta(0) else before.quiet_until
        seen = replace(before, quiet_until=until)
        if before.acknowledged is None:
            seen = replace(seen, acknowledged=now, acknowledged_by=by)
        if seen != before:
            yield about(seen, Act.ACKNOWLEDGED, now, by=by)

    def take(self, number: int, by: str, now: datetime) -> Iterator[Entry]:
        """Say what it changes that a person takes it. NotYours while it is another's.

        Another's can be taken by whom it was offered to.
        """
        before = self.alert(number)
        if before.owner == by and not before.offered_to:
            return
        if before.owner not in ("", by) and before.offered_to != by:
            raise NotYours(f"alert {number} is {before.owner}'s, who has not handed it over")
        taken = replace(before, owner=by, offered_to="")
        yield about(taken, Act.TAKEN, now, by=by)

    def offer(self, number: int, by: str, to: str, now: datetime) -> Iterator[Entry]:
        """Say what it changes that its owner hands it over to somebody; it is his until taken."""
        before = self.alert(number)
        if before.owner not in ("", by):
            raise NotYours(f"alert {number} is {before.owner}'s, who alone can hand it over")
        offered = replace(before, owner=by, offered_to=to)
        if offered != before:
            yield about(offered, Act.OFFERED, now, by=by)

    def apply(self, entries: Iterable[Entry]) -> None:
        """Let what was kept take effect."""
        for entry in entries:
            if entry.alert is not None:
                self._put(entry.alert)

    def forget(self, now: datetime) -> Iterator[Entry]:
        """Forget what is beyond the limit, the least urgent first; say so for the log.

        What somebody has seen goes before what nobody has.
        """
        while len(self._open) > self._settings.max_alerts:
            last = max(self._open.values(), key=lambda each: each.order)
            gone = replace(
                last, rectified=last.rectified or now, acknowledged=last.acknowledged or now
            )
            self._put(gone)
            self.counts["alerts forgotten"] += 1
            yield about(gone, Act.FORGOTTEN, now)

    def _put(self, alert: Alert) -> None:
        self._last = max(self._last, alert.number)
        if alert.is_open:
            self._open[alert.number] = alert
            self._by_key[alert.condition.key] = alert.number
        elif self._open.pop(alert.number, None) is not None:
            del self._by_key[alert.condition.key]

    def _of(self, key: str) -> Alert | None:
        number = self._by_key.get(key)
        return None if number is None else self._open[number]


def _escalated(alert: Alert, escalation: Escalation, now: datetime) -> Alert:
    """Return the alert as it is when it has waited too long; never less urgent than it was."""
    condition, priority = alert.condition, escalation.priority
    if priority is not None and priority.rank < condition.priority.rank:
        condition = replace(condition, priority=priority)
    offered = escalation.offer_to or alert.offered_to
    return replace(alert, condition=condition, offered_to=offered, escalated=now)


def _is_more_urgent(now: Condition, before: Condition) -> bool:
    return now.priority.rank < before.priority.rank
