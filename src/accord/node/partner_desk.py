"""What a node has for whoever looks after partners at the page: links, ledgers, agreements."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import agreements as agreements_api
from accord.api import partners as partners_api
from accord.api.agreement_preview import Past
from accord.api.agreements import AgreementsApi, Stop
from accord.api.ledgers import Ledgers
from accord.api.partner_picture import Seen
from accord.api.partners import Answered, AskedBack, IsLate, PartnersApi, Sees, WantedBack
from accord.config import Settings
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.desks.watch.desk import WatchDesk
from accord.node import requests
from accord.node.browsers import Browsers
from accord.node.kept import report_of, segments
from accord.node.links import Links
from accord.node.rebuilt import seen_by
from accord.node.requests import Answer, RecallWanted, Request
from accord.observe.log import Log
from accord.observe.partner_health import PartnerStatus

LOOK_EVERY = 2.0
"""Seconds between two looks whether pages should be told that partners are otherwise now."""

COUNTS_EVERY = 30.0
"""Seconds after which they are told though only counts have changed."""


class PartnerDesk:
    """Made in a running event loop; `run` tells pages, `close` when nobody is answered any more."""

    def __init__(  # noqa: PLR0913  one argument for each thing that it works with
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        links: Links,
        desk: WatchDesk,
        clock: Clock,
        log: Log,
    ) -> None:
        self._directory = directory
        self._links = links
        self._browsers = browsers
        self._desk = desk
        self._clock = clock
        self._log = log
        self._told: tuple[object, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._counted = 0.0
        defaults = settings.default_markings()
        around = partners_api.Around(
            directory=directory,
            partners=links.status,
            budgets=(settings.sync.budget_per_second, settings.sync.budget_per_day),
            picture=self._picture,
            recalls=self._recalls,
            call_back=self._call_back,
            noted=self._note,
            clock=clock,
        )
        past = Past(
            segments=lambda since: segments(directory, since=since),
            report_of=lambda record: report_of(record, defaults),
        )
        callers = browsers.callers
        self._partners = PartnersApi(around, callers)
        self._ledgers = Ledgers(directory, callers, clock=clock, changed=self._tell)
        self._agreements = AgreementsApi(
            agreements_api.Around(
                own=settings.node.id,
                directory=directory,
                past=past,
                pause=self._pause,
                go_on=links.pauses.go_on,
                noted=self._note,
                clock=clock,
            ),
            callers,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return (*self._partners.routes(), *self._ledgers.routes(), *self._agreements.routes())

    def close(self) -> None:
        """End the threads."""
        self._partners.close()
        self._ledgers.close()
        self._agreements.close()

    async def run(self) -> None:
        """Tell pages when partners are otherwise, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.look()

    def look(self) -> None:
        """Tell pages where something has changed since they were told last."""
        if not self._browsers.stream.callers():
            return
        statuses = list(self._links.status())
        said = (self._links.answered, *(_state(each) for each in statuses))
        counts = tuple(_counted(each) for each in statuses)
        now = self._clock.monotonic()
        is_due = counts != self._counts and now - self._counted >= COUNTS_EVERY
        if said != self._told or is_due:
            self._told, self._counts, self._counted = said, counts, now
            self._tell()

    def _tell(self) -> None:
        self._browsers.stream.tell({"t": "partners"}, lambda _: True)

    def _picture(self, partner: str, at: datetime, sees: Sees, is_late: IsLate) -> Seen:
        return seen_by(self._directory, partner, at, sees=sees, is_late=is_late)

    def _recalls(self, partner: str) -> Iterator[AskedBack]:
        for request, answer in requests.recalls(self._directory):
            wanted = request.wanted
            if isinstance(wanted, RecallWanted) and wanted.partner == partner:
                yield _asked_back(request, wanted, answer)

    def _call_back(self, wanted: WantedBack, reason: str, by: str) -> int:
        request = requests.put(
            self._directory,
            RecallWanted(
                partner=wanted.partner,
                uid=wanted.uid,
                agreement=wanted.agreement,
                clause=wanted.clause,
            ),
            reason=reason,
            by=by,
            at=self._clock.now(),
        )
        return request.number

    def _pause(self, name: str, by: str, reason: str) -> Stop:
        found = self._links.pauses.pause(name, by, reason)
        return Stop(partners=found.partners, in_flight=found.in_flight)

    async def _note(self, by: str, sentence: str) -> None:
        """Write it into the watch log, which whoever takes over reads."""
        self._tell()
        try:
            await self._desk.note(by, sentence)
        except AccordError as error:  # what was done is done
            self._log.burst("not in the watch log", reason=str(error))


def _state(status: PartnerStatus) -> tuple[object, ...]:
    return (
        status.node,
        status.state,
        status.blocked,
        status.agreements,
        status.trouble,
        status.cosigned is None,
    )


def _counted(status: PartnerStatus) -> int:
    return (
        sum(status.released.values()) + sum(status.withheld.values()) + sum(status.waiting.values())
    )


def _asked_back(request: Request, wanted: RecallWanted, answer: Answer | None) -> AskedBack:
    return AskedBack(
        number=request.number,
        at=request.at,
        by=request.by,
        reason=request.reason,
        uid=wanted.uid,
        agreement=wanted.agreement,
        clause=wanted.clause,
        state=_how(answer),
        refused="" if answer is None else answer.refused,
        answers=tuple(
            Answered(
                agreement=each.agreement,
                clause=each.clause,
                name=each.name,
                outcome=each.outcome,
                objects=each.objects,
            )
            for each in (() if answer is None else answer.recalls)
        ),
    )


def _how(answer: Answer | None) -> str:
    if answer is None:
        return "waits"
    if answer.refused:
        return "refused"
    return "answered" if answer.is_complete else "told"
