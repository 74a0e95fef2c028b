"""What people work at on a node's picture: every desk, with its routes and its tasks."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import BaseRoute

from accord.config import Settings
from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.desks.watch.rules.names import Known
from accord.live.words import Words
from accord.node import listeners
from accord.node.administration import Administration
from accord.node.browsers import Browsers
from accord.node.commitments import Commitments
from accord.node.evidence import Evidence
from accord.node.history_process import KeepingProcess
from accord.node.history_watch import HistoryWatch
from accord.node.links import Links
from accord.node.partner_desk import PartnerDesk
from accord.node.readiness import Readiness
from accord.node.relief import Relief
from accord.node.sar import Sar
from accord.node.staging import Staging
from accord.node.watch import Watch, knows_all_people
from accord.observe.broken import noted
from accord.observe.health import Status
from accord.observe.log import Log
from accord.picture.picture import Change
from accord.tak.session import Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The parts of a node that desks work with; `port` tells at which one a listener is reached."""

    directory: Path
    settings: Settings
    browsers: Browsers
    bridge: Bridge
    links: Links
    words: Words
    status: Callable[[], Status]
    members: Callable[[], Iterable[Principal]]
    port: Callable[[str], int | None]
    failures: Counter[str]
    clock: Clock
    log: Log
    staging: Staging


@dataclass(frozen=True, slots=True)
class Losses:
    """What each desk could not keep, or not look at, by reason."""

    cases: Counter[str] = field(default_factory=Counter[str])
    relief: Counter[str] = field(default_factory=Counter[str])
    watch: Counter[str] = field(default_factory=Counter[str])
    history: Counter[str] = field(default_factory=Counter[str])

    def by_part(self) -> Mapping[str, Mapping[str, int]]:
        """Return them under the names that the status has for the desks."""
        return {
            "search and rescue": self.cases,
            "relief": self.relief,
            "watch": self.watch,
            "history": self.history,
        }


def _known(around: Around) -> Known:
    settings, browsers = around.settings, around.browsers

    def people() -> Iterable[Principal] | None:
        if not knows_all_people(settings):
            return None
        return (*around.members(), *browsers.accounts.people())

    return Known(
        node=settings.node.id,
        feeds=settings.feed,
        partners=lambda: {each.node for each in around.links.status()},
        people=people,
    )


class Desks:
    """Made in a running event loop; `begin` lets them work, `close` ends their threads."""

    def __init__(self, around: Around) -> None:
        directory, settings = around.directory, around.settings
        browsers, bridge = around.browsers, around.bridge
        self.losses = Losses()
        port = around.port(listeners.REPLAY)
        self._staging_routes = around.staging.routes(browsers.callers, port)
        self.readiness = Readiness(directory, settings, browsers=browsers, bridge=bridge)
        self.keeping = KeepingProcess(directory, around.log, self.losses.history)
        self.history = HistoryWatch(directory, settings)
        self._is_kept = settings.history.keep
        self._watch = Watch(
            directory,
            settings,
            browsers=browsers,
            bridge=bridge,
            words=around.words,
            status=around.status,
            losses=self.losses.watch,
            known=lambda: _known(around),
        )
        self.strange = self._watch.strange
        self._evidence = Evidence(
            directory,
            settings,
            self._watch.desk,
            clock=around.clock,
            log=around.log,
            losses=self.losses.history,
        )
        self._partners = PartnerDesk(
            directory,
            settings,
            browsers=browsers,
            links=around.links,
            desk=self._watch.desk,
            clock=around.clock,
            log=around.log,
        )
        self._sar = Sar(
            directory,
            settings,
            browsers=browsers,
            watch=self._watch,
            bridge=bridge,
            losses=self.losses.cases,
        )
        self._relief = Relief(
            directory, settings, browsers=browsers, bridge=bridge, losses=self.losses.relief
        )
        self._commitments = Commitments(
            directory,
            settings,
            browsers=browsers,
            clock=around.clock,
            broke=noted("an answer to what changes", around.log, around.failures),
        )
        self._administration = Administration(
            directory, settings, browsers=browsers, clock=around.clock, port=around.port
        )

    def see(self, change: Change) -> None:
        """Take note of a change of the picture."""
        self._watch.see(change)
        self.readiness.see(change)
        self._sar.see(change)
        self._relief.see(change)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of all, for the API; what is administered there is noted."""
        noting = self._administration.noting
        return (
            *self._administration.routes(),
            *noting(self._watch.routes()),
            *noting(self._partners.routes()),
            *self._staging_routes,
            *self.readiness.routes(),
            *self._commitments.routes(),
            *self._sar.routes(),
            *self._relief.routes(),
        )

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Let them work until the tasks are cancelled."""
        tasks.create_task(self._watch.desk.run())
        tasks.create_task(self._partners.run())
        tasks.create_task(self.readiness.desk.run())
        tasks.create_task(self._sar.run())
        tasks.create_task(self._relief.run())
        tasks.create_task(self.history.run())
        if self._is_kept:
            tasks.create_task(self.keeping.run())
            tasks.create_task(self._evidence.run())

    def close(self) -> None:
        """End the threads."""
        self._partners.close()
        self._commitments.close()
        self._sar.close()
