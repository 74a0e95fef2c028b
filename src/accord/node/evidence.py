"""What alerts and cases make evidence of: held in the history, beyond every budget.

Of an alert it is what its object did before and until it is over; of a case what was near it. Where
the history cannot be written it is tried again; nothing is forgotten, for both are kept themselves.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from accord.config import Settings
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.geometry import Box, Circle, box_around
from accord.desks.sar.case import Case
from accord.desks.sar.facts import point_of
from accord.desks.sar.store import CASES, CaseStore
from accord.desks.watch.alert import Alert, Priority
from accord.desks.watch.desk import WatchDesk
from accord.node.history_stores import register_of
from accord.observe.log import Log
from accord.storage.history.question import FOR_EVER, Hold, Stretch

LOOK_EVERY = 10.0
AROUND = 50 * 1852.0
"""Metres around the place of a case within which everything is evidence."""

AFTER = timedelta(hours=1)
"""What comes after an alert is over belongs to it, for so long."""

_ALERT, _CASE = "alert ", "case "


def of_alerts(alerts: Iterable[Alert], before: timedelta) -> Iterator[Hold]:
    """Yield what open alarms and warnings about objects hold."""
    for each in alerts:
        condition = each.condition
        if condition.uid is not None and condition.priority.rank <= Priority.WARNING.rank:
            over = each.rectified
            yield Hold(
                name=f"{_ALERT}{each.number}",
                stretch=Stretch(
                    since=(each.raised - before).timestamp(),
                    until=FOR_EVER if over is None else (over + AFTER).timestamp(),
                    uids=frozenset({condition.uid}),
                ),
                why=condition.text[:200],
            )


def of_cases(cases: Iterable[Case], before: timedelta) -> Iterator[Hold]:
    """Yield what cases hold: the area around their place, or without one all there was."""
    for case in cases:
        last = max(each.entered for each in case.log)
        yield Hold(
            name=f"{_CASE}{case.id}",
            stretch=Stretch(
                since=(case.opened - before).timestamp(),
                until=last.timestamp() if case.is_closed else FOR_EVER,
                area=_area(case),
            ),
            why=f"case {case.id}: {case.text('title')}"[:200],
        )


def _area(case: Case) -> Box | None:
    place = case.text("position")
    return box_around(Circle(centre=point_of(place), radius=AROUND)) if place else None


def ended(known: Sequence[Hold], wanted: Sequence[Hold], now: datetime) -> Iterator[Hold]:
    """Yield the holds of alerts that are gone, which go no further than to now."""
    names = {each.name for each in wanted}
    for each in known:
        is_open = each.stretch.until >= FOR_EVER
        if is_open and each.name.startswith(_ALERT) and each.name not in names:
            asked = each.stretch
            until = now.timestamp()
            yield Hold(
                name=each.name,
                stretch=Stretch(since=asked.since, until=until, uids=asked.uids),
                why=each.why,
            )


def too_old(known: Sequence[Hold], age: timedelta, now: datetime) -> Iterator[str]:
    """Yield the names of what alerts and cases held long enough."""
    for each in known:
        if each.name.startswith((_ALERT, _CASE)) and each.stretch.until < (now - age).timestamp():
            yield each.name


class Evidence:
    """Looks at alerts and cases again and again. `losses` counts what could not be held."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        desk: WatchDesk,
        *,
        clock: Clock,
        log: Log,
        losses: Counter[str],
    ) -> None:
        self._shelf = register_of(directory, settings)
        self._cases = CaseStore(directory / CASES)
        self._settings = settings.history
        self._desk = desk
        self._clock = clock
        self._log = log
        self._losses = losses
        self._trouble = ""
        self._mark = -1
        self._found: Sequence[Case] = ()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            alerts = self._desk.alerts()
            await asyncio.to_thread(self.look, alerts)
            await asyncio.sleep(LOOK_EVERY)

    def look(self, alerts: Sequence[Alert]) -> None:
        """Hold what these alerts and the cases want held, and let go what is too old."""
        if not self._shelf.exists:
            return
        try:
            self._hold(alerts)
        except AccordError as error:
            if str(error) != self._trouble:
                self._log.trouble("evidence cannot be held", reason=str(error))
                self._losses["looks at which evidence could not be held"] += 1
            self._trouble = str(error)
        else:
            self._trouble = ""

    def _hold(self, alerts: Sequence[Alert]) -> None:
        now, before = self._clock.now(), self._settings.before
        known = self._shelf.holds()
        names = {each.name for each in known}
        wanted = [*of_alerts(alerts, before), *of_cases(self._all_cases(), before)]
        wanted += ended(known, wanted, now)
        # What is over and not held was let go by a person, or long enough ago.
        new = [
            each
            for each in wanted
            if each not in known and (each.name in names or each.stretch.until >= FOR_EVER)
        ]
        if new:
            self._losses["holds that there was no room for"] += self._shelf.hold(new)
        for name in too_old(known, self._settings.evidence_age, now):
            self._shelf.let_go(name)

    def _all_cases(self) -> Sequence[Case]:
        mark = self._cases.mark()
        if mark != self._mark:
            self._found = self._cases.all()
            self._mark = mark
        return self._found
