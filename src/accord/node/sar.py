"""What a node has for search and rescue: its cases, the alerts that they are, and their routes."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import sar, sar_reports, sar_search
from accord.api.sar import SarDoor
from accord.api.sar_coverage import Coverage
from accord.api.sar_search import Means
from accord.config import Settings
from accord.core.context import LIVE
from accord.desks.sar.case import Case
from accord.desks.sar.cases import MAX_AHEAD
from accord.desks.sar.entry import Entry
from accord.desks.sar.voice import CaseVoice, NotShared, goes_out, heard_in, told_as_heard
from accord.desks.watch.alert import Condition, Kind, Priority
from accord.node import case_files
from accord.node.browsers import Browsers
from accord.node.partner_lines import Kept, PartnerLines
from accord.node.watch import Watch
from accord.observe.broken import noted
from accord.picture.picture import Change
from accord.tak.session import Bridge

_PRIORITIES = {"distress": Priority.ALARM, "alert": Priority.WARNING}


class Sar:
    """Made in a running event loop; `run` tells the watch of open cases, partners of shared ones.

    `losses` counts what partners wrote and this node could not keep, and what broke off.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        watch: Watch,
        bridge: Bridge,
        losses: Counter[str],
    ) -> None:
        self._cases = case_files.cases_of(directory)
        self._watch = watch.desk
        self._log = bridge.log
        self._open: list[Condition] = []
        self._losses = losses
        lines = Kept(
            store=self._cases.store, take=self._cases.take,
            into=_case_of, one="case", many="cases", max_ahead=MAX_AHEAD,
        )  # fmt: skip
        self._lines = PartnerLines(lines, losses, bridge.log)
        self._node = settings.node.id
        self._clock = bridge.clock
        self._voice = CaseVoice(bridge.intake, node=settings.node.id)
        self._door = SarDoor(
            self._cases, browsers.callers, browsers.around, changed=self._lines.news.set
        )
        broke = noted("a coverage run", self._log, losses)
        self._coverage = Coverage(self._door, browsers.past, broke=broke)
        self._means = Means(
            past=browsers.past,
            voice=watch.voice,
            clients=watch.clients,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        searching = sar_search.routes(self._door, self._means)
        reports = sar_reports.routes(self._door)
        return (*sar.routes(self._door), *searching, *self._coverage.routes(), *reports)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._lines.beat(self.look)

    async def look(self) -> None:
        """Tell the watch of the cases that are open now."""
        if await self._lines.look(self._tell):
            await self._watch.hold(Kind.CASE, self._open)

    async def _tell(self) -> None:
        found = await asyncio.to_thread(self._cases.store.all)
        self._open = [each for case in found for each in conditions(case)]
        for case in found:
            await self._say(case)

    def see(self, change: Change) -> None:
        """Take note of a line that a partner wrote into a case; cheap for everything else."""
        if change.report is None:
            return
        try:
            entry = heard_in(change.report, own=self._node)
        except NotShared as error:
            self._lines.unreadable(error, change.report.source.node)
            return
        if entry is None:
            return
        kept = told_as_heard(entry)
        if kept is not entry:
            self._losses["facts of cases that are garbled"] += 1
            self._log.burst("garbled fact of a case", reason=kept.value, node=entry.node)
        self._lines.put(kept)

    async def _say(self, case: Case) -> None:
        """Say what is new of a shared case to partners; the agreements decide who hears it."""
        if not case.text("shared"):
            return
        store = self._cases.store
        told = last = await asyncio.to_thread(store.told, case.id)
        own = [each for each in case.log if each.node == self._node and each.number > told]
        for entry in sorted(own, key=lambda each: each.number):
            if goes_out(entry, self._node):
                try:
                    self._voice.say(case, entry, self._clock.now())
                except NotShared as error:
                    self._log.burst("line of a case not shared", reason=str(error), case=case.id)
                    self._losses["lines of cases not shared"] += 1
                    break
            last = entry.number
        if last > told:
            await asyncio.to_thread(store.tell, case.id, last)

    def close(self) -> None:
        """End the thread."""
        self._door.close()
        self._coverage.close()


def _case_of(entry: Entry) -> str:
    return entry.case


def conditions(case: Case) -> Iterator[Condition]:
    """Yield what an open case is to the watch: an alarm where it is live, never of an exercise."""
    if case.is_closed:
        return
    phase = case.text("phase", "uncertainty")
    is_live = case.context == LIVE
    where = "" if is_live else f" [{case.context}]"
    yield Condition(
        key=f"{Kind.CASE} {case.id}",
        kind=Kind.CASE,
        priority=_PRIORITIES.get(phase, Priority.CAUTION) if is_live else Priority.CAUTION,
        text=f"case {case.id}: {phase}, {case.text('title')[:100]}{where}",
        context=case.context,
    )
