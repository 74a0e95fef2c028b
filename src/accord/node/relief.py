"""What a node has for relief: its incidents, their routes, and what partners say of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import relief
from accord.api.relief import ReliefDoor
from accord.config import Settings
from accord.desks.relief.drawn import AlertMap, stands
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.incidents import SHARED, shared_as
from accord.desks.relief.line import MAX_AHEAD, Line
from accord.desks.relief.names import goes_out, names_of
from accord.desks.relief.voice import NotReleased, ReliefVoice, heard_in
from accord.node.browsers import Browsers
from accord.node.partner_lines import MAX_PENDING, Kept, PartnerLines
from accord.node.relief_files import incidents_of
from accord.picture.picture import Change
from accord.tak.session import Bridge


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
        kept = Kept(
            store=self._incidents.store, take=self._incidents.take,
            into=_incident_of, one="incident", many="incidents", max_ahead=MAX_AHEAD,
        )  # fmt: skip
        self._lines = PartnerLines(kept, losses, bridge.log, most_pending=most_pending)
        self._door = ReliefDoor(
            self._incidents, browsers.callers, browsers.around, changed=self._lines.news.set
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        return relief.routes(self._door)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await self._lines.beat(self.look)

    async def look(self) -> None:
        """Keep what partners wrote, and say what is new of shared incidents."""
        await self._lines.look(self._tell)

    async def _tell(self) -> None:
        for incident in await asyncio.to_thread(self._incidents.store.all):
            await self._say(incident)
            self._show(incident)

    def see(self, change: Change) -> None:
        """Take note of a line that a partner wrote; cheap for everything else."""
        if change.report is None:
            return
        try:
            line = heard_in(change.report, own=self._node)
        except NotReleased as error:
            self._lines.unreadable(error, change.report.source.node)
            return
        if line is not None:
            self._lines.put(line)

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


def _incident_of(line: Line) -> str:
    return line.incident
