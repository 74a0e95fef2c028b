"""What a node has for relief: its incidents, their routes, and what partners say of them."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import relief
from accord.api.relief import ReliefDoor
from accord.config import Settings
from accord.core.errors import AccordError
from accord.desks.relief.drawn import AlertMap, stands
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.incidents import SHARED, shared_as
from accord.desks.relief.line import MAX_AHEAD, Line
from accord.desks.relief.names import goes_out, names_of
from accord.desks.relief.voice import NotReleased, ReliefVoice, heard_in
from accord.node.browsers import Browsers
from accord.node.relief_files import incidents_of
from accord.picture.picture import Change
from accord.tak.session import Bridge

BEAT = 2.0
"""Seconds between looks at the incidents, which the command line changes too."""

MAX_PENDING = 10_000
"""Lines of partners that wait to be kept; beyond, the oldest go, and are counted."""


class Relief:
    """Made in a running event loop; `run` tells partners of shared incidents, and keeps theirs.

    It draws the areas of this node's alerts on the map.

    `losses` counts what partners wrote and this node could not keep, and what it did not release.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        browsers: Browsers,
        bridge: Bridge,
        losses: Counter[str],
        most_pending: int = MAX_PENDING,
    ) -> None:
        self._incidents = incidents_of(directory)
        self._node = settings.node.id
        self._bridge = bridge
        self._voice = ReliefVoice(bridge.intake, node=self._node)
        self._map = AlertMap(bridge.intake, node=self._node)
        self._drawn: dict[str, bool] = {}
        self._losses = losses
        self._most_pending = most_pending
        self._heard: deque[Line] = deque()
        self._news = asyncio.Event()
        self._mark = -1
        self._trouble = ""
        self._door = ReliefDoor(
            self._incidents, browsers.callers, browsers.around, changed=self._news.set
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return relief.routes(self._door)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            self._news.clear()
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), BEAT)

    async def look(self) -> None:
        """Keep what partners wrote, and say what is new of shared incidents."""
        store = self._incidents.store
        try:
            await self._take()
            mark = await asyncio.to_thread(store.mark)
            if mark != self._mark:
                for incident in await asyncio.to_thread(store.all):
                    await self._say(incident)
                    self._show(incident)
                self._mark = mark
        except AccordError as error:
            if not self._trouble:
                self._bridge.log.trouble("incidents cannot be read", error=str(error))
            self._trouble = str(error)
        else:
            self._trouble = ""

    def see(self, change: Change) -> None:
        """Take note of a line that a partner wrote; cheap for everything else."""
        if change.report is None:
            return
        try:
            line = heard_in(change.report, own=self._node)
        except NotReleased as error:
            self._losses["lines of incidents that cannot be read"] += 1
            node = change.report.source.node
            self._bridge.log.burst("no line of an incident", reason=str(error), node=node)
            return
        if line is None:
            return
        if line.at > line.entered + MAX_AHEAD:  # kept: that node's clock may be wrong
            self._losses["lines of incidents dated ahead of this node's clock"] += 1
            self._bridge.log.burst(
                "line of an incident dated ahead",
                node=line.node, incident=line.incident, at=str(line.at),
            )  # fmt: skip
        self._heard.append(line)
        self._news.set()
        if len(self._heard) > self._most_pending:
            self._heard.popleft()
            self._losses["lines of incidents too many to keep"] += 1

    async def _take(self) -> None:
        heard, store = list(self._heard), self._incidents.store
        if not heard:
            return
        full, strange = store.full, store.strange
        await asyncio.to_thread(self._incidents.take, heard)
        for _ in heard:
            self._heard.popleft()
        if store.full > full:
            self._losses["lines of incidents beyond what is kept"] += store.full - full
        if store.strange > strange:
            self._losses["lines of partners into incidents that are not shared"] += (
                store.strange - strange
            )
            self._bridge.log.burst(
                "a partner wrote into an incident that is not shared", incident=heard[-1].incident
            )

    def _show(self, incident: Incident) -> None:
        """Draw the areas of this node's alerts that hold, and erase those that hold no more."""
        now = self._bridge.clock.now()
        for alert in incident.of("alert"):
            holds = stands(incident, alert, now)
            if alert.node == self._node and self._drawn.get(alert.id) is not holds:
                self._put(incident, alert, now, holds=holds)

    def _put(self, incident: Incident, alert: Record, now: datetime, *, holds: bool) -> None:
        refused = ""
        if holds:
            refused = self._map.draw(incident, alert, now)
        elif alert.text("kind") != "Cancel" and now < datetime.fromisoformat(alert.text("expires")):
            self._map.erase(incident, alert, now)
        if refused:
            self._losses["areas of alerts not drawn"] += 1
            self._bridge.log.burst("area of an alert not drawn", reason=refused, alert=alert.id)
        else:
            self._drawn[alert.id] = holds

    async def _say(self, incident: Incident) -> None:
        """Say what is new of a shared incident to partners; the agreements decide who hears it."""
        if not incident.text(SHARED):
            return
        store, names = self._incidents.store, names_of(incident)
        with_names = shared_as(incident).get("names") is True
        told = await asyncio.to_thread(store.told, incident.id)
        own = [e for e in incident.log if e.node == self._node and e.number not in told]
        said: list[int] = []
        for line in sorted(own, key=lambda each: each.number):
            if not goes_out(line, self._node, names, with_names=with_names):
                continue
            try:
                self._voice.say(incident, line, self._bridge.clock.now())
            except NotReleased as error:
                self._losses["lines of incidents not shared"] += 1
                self._bridge.log.burst(
                    "line of an incident not shared", reason=str(error), incident=incident.id
                )
                break
            said.append(line.number)
        if said:
            await asyncio.to_thread(store.tell, incident.id, said)
