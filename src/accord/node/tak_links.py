"""The links of a running node to TAK servers, beside those to partner nodes."""

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from accord.config import Settings
from accord.core.agreement import Withheld
from accord.core.clock import Clock
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.core.tak_partner import TakPartner
from accord.federation.agreed import Agreed, Decisions
from accord.federation.carried import Carried
from accord.federation.moment import Moment
from accord.federation.tak import inflow
from accord.federation.tak.link import TakAround, TakCounts, TakLink
from accord.federation.tak.outflow import Candidate, TakOutflow
from accord.federation.tak.pinned import as_partner
from accord.federation.totals import Totals
from accord.federation.withheld import sort_of
from accord.live.intake import Intake, Speaker
from accord.node.past import Reports
from accord.node.running import keep_running
from accord.node.tak_status import TakPast, TakTie, refused_server, told
from accord.observe.log import Log
from accord.observe.partner_health import PartnerStatus
from accord.picture.picture import Picture
from accord.storage.journal import Journal
from accord.storage.partners import PARTNERS
from accord.storage.release_secrets import make_secret
from accord.storage.tak_partners import KnownTak, TakPartnersReader
from accord.wire.peer.protocol import Version
from accord.wire.peer.translate import milliseconds


@dataclass(slots=True, kw_only=True)
class _Tie(TakTie):
    """One TAK server: its link, what is decided for it, and who speaks when it does."""

    speaker: Speaker
    task: "asyncio.Task[None] | None" = None


class TakLinks:
    """Links to every TAK server in the register, as long as it is there and not refused."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        picture: Picture,
        journal: Journal,
        clock: Clock,
        log: Log,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._picture = picture
        self._journal = journal
        self._clock = clock
        self._log = log
        self._register = TakPartnersReader(directory / PARTNERS)
        self._known = KnownTak()
        self._ties: dict[str, _Tie] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._pasts: dict[str, TakPast] = {}
        self._intake: Intake | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._ties)

    def is_of_one(self, report: Report) -> bool:
        """Tell whether a report came of a TAK server: nobody signed that it may be passed on."""
        return report.source.is_partners and report.source.node in self._pasts

    # What goes out.

    def note(self, report: Report, version: Version, carried: Carried | None) -> None:
        """Offer what is on the disk to every TAK server."""
        seconds = self._clock.monotonic()
        for tie in self._ties.values():
            tie.out.note(Candidate(report, version, carried), seconds)
            tie.link.wake()

    def agree(self, agreed: Agreed) -> None:
        """Decide by these agreements from now on."""
        for tie in self._ties.values():
            self._agree(tie, agreed)
            tie.out.reconsider(Moment(self._clock.now(), self._clock.monotonic()))
            tie.link.wake()

    def _agree(self, tie: _Tie, agreed: Agreed) -> None:
        tie.decisions.agree(agreed.in_force, agreed.stopped)
        tie.out.gives = tie.decisions.gives

    def _offer_picture(self, out: TakOutflow, epoch: int) -> None:
        seconds = self._clock.monotonic()
        for track in self._picture.everything():
            for report in track.claims.values():
                if not report.source.is_partners:
                    version = Version(epoch, milliseconds(report.received))
                    out.note(Candidate(report, version), seconds)

    # The links.

    def look(self, intake: Intake, agreed: Agreed, epoch: int, tasks: asyncio.TaskGroup) -> None:
        """Begin links to new TAK servers, end those to ones that are refused or have changed."""
        self._intake = intake
        self._known = self._register.read() or self._known
        wanted = {each.node: each for each in self._known.admitted}
        for node, tie in list(self._ties.items()):
            if wanted.get(node) != tie.partner:
                self._end(node)
        for node, partner in wanted.items():
            if node not in self._ties:
                tie = self._ties[node] = self._tie(partner, agreed, epoch)
                tie.task = tasks.create_task(self._keep(tie, self._ending.pop(node, None)))

    def _end(self, node: str) -> None:
        tie = self._ties.pop(node)
        if tie.task is not None:
            tie.task.cancel()
            self._ending[node] = tie.task

    async def _keep(self, tie: _Tie, before: "asyncio.Task[None] | None") -> None:
        def failed(error: str) -> None:
            tie.past.counts.refused["the link failed"] += 1
            self._log.trouble("link failed", partner=tie.partner.node, error=error)

        await keep_running(tie.link.run, before, failed)

    def _tie(self, partner: TakPartner, agreed: Agreed, epoch: int) -> _Tie:
        own, sync = self._settings.node.id, self._settings.sync
        past = self._pasts.setdefault(
            partner.node,
            TakPast(
                counts=TakCounts(), totals=Totals(limit=sync.max_objects), reports=Reports()
            ),
        )  # fmt: skip
        ties: list[_Tie] = []

        def refused(agreement: str, serial: int, said: Withheld, report: Report) -> None:
            self._withheld(ties[0], (agreement, serial), said, report)

        profile = self._settings.federation.profile
        decisions = Decisions(
            own, as_partner(partner, profile), key=make_secret(self._directory, partner.node),
            salt=os.urandom(16), limit=sync.max_objects, refused=refused,
        )  # fmt: skip
        out = TakOutflow(
            own, decisions.decide, sync=sync, settings=self._settings.tak_federation,
            counts=past.counts.refused,
        )  # fmt: skip
        link = TakLink(
            partner, self._around(), out, past.counts, came=lambda data: self._came(ties[0], data)
        )
        groups = (*partner.groups, *(here for _, here in partner.mapping))
        speaker = Speaker(
            principal=Principal(
                name=partner.channel, groups=dict.fromkeys(groups, Direction.IN),
                every_exercise=True,
            ),
            source=Source(node=partner.node, channel=partner.channel, speaker=""),
            max_contacts=sync.max_objects,
        )  # fmt: skip
        tie = _Tie(
            partner=partner, link=link, out=out, decisions=decisions, speaker=speaker, past=past
        )
        ties.append(tie)
        self._agree(tie, agreed)
        self._offer_picture(out, epoch)
        return tie

    def _around(self) -> TakAround:
        federation = self._settings.federation
        return TakAround(
            directory=self._directory,
            own=federation.name_of(self._settings.node.id),
            profile=federation.profile,
            link=self._settings.link,
            settings=self._settings.tak_federation,
            clock=self._clock,
            log=self._log,
            chance=random.random,
            is_congested=self._journal.is_congested,
        )

    def _withheld(
        self, tie: _Tie, agreement: tuple[str, int], said: Withheld, report: Report
    ) -> None:
        why = said.clause, said.reason.name
        if not tie.past.totals.is_new_refusal(agreement, report, *why):
            return
        tie.past.totals.withheld[said.clause or "", said.reason.value] += 1
        sort = sort_of(report)
        tie.link.withheld.count(agreement, *why, sort, self._clock.now())

    # What comes in.

    def _came(self, tie: _Tie, data: bytes) -> None:
        assert self._intake is not None  # noqa: S101  set before there are links
        found = inflow.take(
            data, tie.partner, own=self._settings.node.id,
            hop_limit=self._settings.sync.hop_limit, received=self._clock.now(),
        )  # fmt: skip
        refused = self._accept(tie, found) if isinstance(found, Report) else found
        if refused is None:
            tie.past.reports.came(self._clock.now())
        else:
            tie.past.counts.refused[refused] += 1

    def _accept(self, tie: _Tie, report: Report) -> str | None:
        assert self._intake is not None  # noqa: S101  set before there are links
        # The way that it came differs from report to report, its groups too.
        speaker = tie.speaker
        return self._intake.accept(
            replace(report, groups=report.groups & speaker.principal.speaks_in), speaker
        )

    # How it is.

    def status(self) -> Iterator[PartnerStatus]:
        """Yield how each link is, and which TAK servers are refused."""
        now = Moment(self._clock.now(), self._clock.monotonic())
        for tie in self._ties.values():
            yield told(tie, now, self._settings.sync.silent_after)
        for node in sorted(self._known.denied):
            yield refused_server(node)
