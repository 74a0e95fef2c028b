"""The links of a running node to its partners: what is in force, what goes out, what comes in."""

import asyncio
import os
import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from accord.config import Settings
from accord.core.agreement import Withheld
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.partner import Partner
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.federation import kept, link_report
from accord.federation.agreed import Agreed, Decisions, held
from accord.federation.coalition import Coalition
from accord.federation.effect import (
    Accept,
    DocumentCame,
    Effect,
    FileComplete,
    FileOffered,
    PartnerSuspended,
    Recalled,
    Receipted,
    Rotated,
)
from accord.federation.endings import Endings
from accord.federation.epoch import EPOCH, Epoch
from accord.federation.front import Front
from accord.federation.link import Link, Node, Surroundings
from accord.federation.link_memory import LinkMemory
from accord.federation.moment import Moment
from accord.federation.sync import Pair, PartnerSync
from accord.federation.unused import unused
from accord.federation.version import HybridClock, ObjectKey
from accord.federation.withheld import sort_of
from accord.live.intake import Intake, Speaker
from accord.live.words import Words
from accord.node.bundles import Bundles
from accord.node.offers import Accepted, Offers
from accord.node.parted import Parted
from accord.node.past import Past
from accord.node.pauses import Pauses
from accord.node.recalls import Recalls
from accord.node.running import keep_running
from accord.node.successions import Successions
from accord.node.tak_links import TakLinks
from accord.observe.log import Log
from accord.observe.partner_health import PartnerStatus
from accord.picture.picture import Picture
from accord.security.admission import LOOK_EVERY
from accord.security.partners import PartnerAdmission
from accord.storage.journal import Journal
from accord.storage.partners import PARTNERS, Partners, PartnersReader
from accord.storage.release_secrets import make_secret
from accord.wire.peer.message import Farewell
from accord.wire.peer.protocol import AGREEMENT, Profile, Version
from accord.wire.peer.record import Outcome, Recall, Receipt
from accord.wire.peer.translate import milliseconds

PINNED_ANEW = "what is pinned of the partner has changed"


@dataclass(slots=True, kw_only=True)
class _Tie:
    """One partner: its link, what is decided for it, and who speaks when it does."""

    partner: Partner
    link: Link
    sync: PartnerSync
    memory: LinkMemory
    decisions: Decisions
    speaker: Speaker
    past: Past
    task: "asyncio.Task[None] | None" = None
    is_over: bool = False


class Links:
    """Links to every partner in the register, as long as it is there and not refused."""

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
        self._intake: Intake | None = None
        self._words: Words | None = None
        with suppress(AccordError):  # whose trouble is told where it is read
            if (directory / PARTNERS).exists():
                Partners(directory / PARTNERS).prepare()
        self._register = PartnersReader(directory / PARTNERS)
        self._admission = PartnerAdmission(self._register.read, clock=clock)
        self._agreed = Agreed(directory)
        self._tak = TakLinks(
            directory, settings, picture=picture, journal=journal, clock=clock, log=log
        )
        sync = settings.sync
        self._ties: dict[str, _Tie] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._pasts: dict[str, Past] = {}
        self._parted = Parted(directory)
        self._endings = Endings(log)
        self._bundles = Bundles(directory, self._ties, now=clock.now, log=log)
        self._recalls = Recalls(
            directory, settings.node.id, self._ties,
            now=self._now, changed=self._changed, carry=self._bundles.begin, log=log,
        )  # fmt: skip
        self.pauses = Pauses(
            directory, settings.node.id, self._ties,
            clock=clock, changed=self._changed, log=log,
        )  # fmt: skip
        self._successions = Successions(
            directory, self._ties,
            now=self._now, changed=self._changed, again=self._end, log=log,
        )  # fmt: skip
        self._offers = Offers(
            settled_to=lambda: journal.settled, offer=self._note, write=self._note_all_down,
            wake=self._wake,
        )  # fmt: skip
        self._coalition = Coalition(
            limit=sync.max_objects, silent_after=sync.silent_after, disk=self._offers
        )
        self._is_prepared = False
        self._carrying: Accept | None = None
        self._behind: dict[str, int] = {}
        self._epoch: Epoch | None = None
        self._versions = HybridClock(0, limit=settings.sync.max_objects)
        self.front: Front | None = None

    # What is accepted here, and goes out.

    def offer(self, sequence: int, report: Report, kept: bool) -> None:  # noqa: FBT001  as Offer
        """Offer what was accepted to every partner, as soon as it is on the disk."""
        if not (self._ties or self._tak) or self._tak.is_of_one(report):
            return
        came = self._carrying
        if came is None:
            version = self._versions.version((report.context, report.uid), report.received)
            accepted = Accepted(sequence if kept else 0, report, version, None)
        else:
            accepted = Accepted(sequence if kept else 0, came.report, came.version, came.carried)
        self._offers.add(accepted)

    def _note(self, what: Accepted) -> None:
        now = self._now()
        for tie in self._ties.values():
            tie.sync.note(what.report, what.version, now, what.carried)
        self._tak.note(what.report, what.version, what.carried)

    def _note_all_down(self) -> None:
        for tie in self._ties.values():
            self._note_down(tie)

    def _wake(self) -> None:
        for tie in self._ties.values():
            tie.link.wake()

    def _changed(self, node: str) -> None:
        self._remember(self._ties[node])
        self._ties[node].link.wake()

    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    # The links.

    def prepare(self) -> None:
        """Read the agreements before anybody is heard: for a solver's time nobody would be."""
        if (self._directory / PARTNERS).exists():
            self._agreed.read()
            self._is_prepared = True

    async def run(self, intake: Intake, words: Words, listener: socket.socket | None) -> None:
        """Keep a link to every partner until cancelled."""
        self._intake, self._words = intake, words
        await self._wait_for_partners()
        self._epoch = Epoch(self._directory / EPOCH, self._clock.now())
        self._versions.epoch = self._epoch.value
        if not self._is_prepared:
            self._agreed.read()
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as tasks:
            if listener is not None:
                front = Front(listener, self._answer, send_buffer=self._settings.link.send_buffer)
                self.front = await opened.enter_async_context(front)
            self._look(tasks)
            self._look_at_tak(tasks)
            self._resume()
            self.pauses.look()
            tasks.create_task(self._recalls.run())
            tasks.create_task(self._bundles.run())
            while True:
                self._look_who_remembers_more()
                self._successions.look()
                self._look(tasks)
                self._look_at_tak(tasks)
                self.pauses.look()
                await asyncio.sleep(LOOK_EVERY)
                await self._look_at_agreements()

    def _look_at_tak(self, tasks: asyncio.TaskGroup) -> None:
        assert self._intake is not None  # noqa: S101  set before there are links
        self._tak.look(self._intake, self._agreed, self._versions.epoch, tasks)

    def end(self) -> None:
        """Note of what came last what the journal, which has ended, still wrote."""
        self._offers.look()
        for tie in self._ties.values():
            if tie.sync.is_settled():
                self._note_down(tie)

    async def _wait_for_partners(self) -> None:
        while not (self._directory / PARTNERS).exists():  # noqa: ASYNC110  it is made elsewhere
            await asyncio.sleep(LOOK_EVERY)

    def _look_who_remembers_more(self) -> None:
        """Begin the links anew whose partners remember more of this node than the node itself."""
        behind, self._behind = self._behind, {}
        for node, remembered in behind.items():
            tie = self._ties.get(node)
            if tie is not None:
                self._begin_past(max(remembered, tie.sync.pair.epoch), node)

    def _begin_past(self, remembered: int, node: str) -> None:
        """Begin one link in a later epoch. The others go on: what a partner says may be untrue."""
        assert self._epoch is not None  # noqa: S101  set before there are links
        if not self._epoch.passes(remembered, self._now()):
            self._log.burst("no other epoch yet", client=node, reason="one was begun just before")
            return
        self._end(node, "a backup was put back: another epoch begins")
        if self._versions.epoch == self._epoch.value:
            return
        self._versions.epoch = self._epoch.value
        self._log.trouble("a backup was put back", epoch=self._epoch.value, partner=node)
        for tie in self._ties.values():  # a version is the same for every partner
            self._offer_picture(tie.sync)

    def _answer(self, trust_domain: str, sock: socket.socket, address: str) -> bool:
        partner = self._admission.of_domain(trust_domain)
        tie = None if partner is None else self._ties.get(partner.node)
        if tie is None:  # a name of nobody fails in a guard like a false one
            tie = next(iter(self._ties.values()), None)
        if tie is None:
            sock.close()
            return False
        return tie.link.take(sock, address)

    def _look(self, tasks: asyncio.TaskGroup) -> None:
        """Begin links to new partners, end those to partners that are refused or have changed."""
        self._admission.look()
        wanted = {each.node: each for each in self._admission.partners()}
        for node, tie in list(self._ties.items()):
            if wanted.get(node) != tie.partner:
                self._end(node, *self._why_not(node, is_known=node in wanted))
        for node, partner in wanted.items():
            if node not in self._ties:
                tie = self._ties[node] = self._tie(partner)
                self._successions.begun(node)
                tie.task = tasks.create_task(self._keep(tie, self._ending.pop(node, None)))

    def _why_not(self, node: str, *, is_known: bool) -> tuple[str, Farewell]:
        if is_known:
            return PINNED_ANEW, Farewell.STOPPING
        is_denied = any(each.node == node for each in self._admission.refused_partners())
        return f"the partner {'is refused' if is_denied else 'was removed'}", Farewell.TRUST

    def _end(
        self, node: str, why: str = PINNED_ANEW, farewell: Farewell = Farewell.STOPPING
    ) -> None:
        tie = self._ties.pop(node)
        self._remember(tie)
        self._parted.ended(self._told(tie, self._now()))
        tie.link.ends(why, farewell)
        tie.is_over = True  # what it notes from now on would go over what the next link notes
        if tie.task is not None:
            tie.task.cancel()
            self._ending[node] = tie.task

    async def _keep(self, tie: _Tie, before: "asyncio.Task[None] | None") -> None:
        def failed(error: str) -> None:
            tie.past.refused["the link failed"] += 1
            self._log.trouble("link failed", partner=tie.partner.node, error=error)

        await keep_running(tie.link.run, before, failed)

    async def _look_at_agreements(self) -> None:
        self._endings.look(
            (each.loaded.agreement for each in self._agreed.in_force), self._clock.now()
        )
        if not self._agreed.has_changed():
            return
        await asyncio.to_thread(self._agreed.read)  # it takes a solver's time
        for tie in self._ties.values():
            tie.decisions.agree(self._agreed.in_force, self._agreed.stopped)
            tie.sync.stopped_here(tie.decisions.stopped_here)
            tie.sync.reconsider(self._now())
        self._tak.agree(self._agreed)
        self._resume()
        self._wake()

    def _resume(self) -> None:
        # One may have been paused while the texts were read.
        paused = self.pauses.prefixes()
        in_force = (held(each).digest[:AGREEMENT] for each in self._agreed.in_force)
        self._recalls.resume(each for each in in_force if each not in paused)

    def _tie(self, partner: Partner) -> _Tie:
        assert self._epoch is not None  # noqa: S101  set before there are links
        own, node = self._settings.node.id, partner.node
        name = self._settings.federation.name_of(own)
        profile = self._settings.federation.profile
        past = self._pasts.setdefault(node, Past.none(self._settings.sync))
        ties: list[_Tie] = []

        def refused(agreement: str, serial: int, said: Withheld, report: Report) -> None:
            why = said.clause, said.reason.name
            if not past.totals.is_new_refusal((agreement, serial), report, *why):
                return
            sort = sort_of(report)
            ties[0].link.count_withheld(agreement, serial, said.clause, said.reason.name, sort)

        decisions = Decisions(
            own, partner, key=make_secret(self._directory, node), salt=os.urandom(16),
            limit=self._settings.sync.max_objects, refused=refused,
        )  # fmt: skip
        decisions.agree(self._agreed.in_force, self._agreed.stopped)
        sync = PartnerSync(
            Pair(own=own, partner=node, epoch=self._epoch.value, profile=Profile[profile.name]),
            self._settings.sync,
            decide=decisions.decide,
            coalition=self._coalition,
            random=os.urandom,
            counts=past.refused,
        )
        sync.go_on(past.totals)
        sync.agree(decisions.gives, decisions.takes)
        sync.stopped_here(decisions.stopped_here)
        memory = LinkMemory(self._directory, node, sync)
        memory.recall(self._now(), self._log)
        link = Link(
            partner,
            Surroundings(
                directory=self._directory, own=name, profile=profile, settings=self._settings.link,
                sync=self._settings.sync, clock=self._clock, log=self._log, random=os.urandom,
                chance=random.random,
            ),
            sync,
            Node(
                carry_out=lambda effect: self._carry_out(ties[0], effect),
                agreements=lambda: (decisions.gives, decisions.takes),
                content=sync.content,
                is_congested=self._journal.is_congested,
                keep=lambda: self._remember(ties[0]),
                note=lambda: self._note_down(ties[0]),
                restored=lambda remembered: self._behind.update({node: remembered}),
            ),
            past.link,
        )  # fmt: skip
        groups = dict.fromkeys(self._settings.federation.groups, Direction.IN)
        principal = Principal(name=f"partner:{node}", groups=groups, every_exercise=True)
        speaker = Speaker(
            principal=principal,
            source=Source(node=node, channel=f"partner:{node}", speaker=""),
            max_contacts=self._settings.sync.max_objects,
        )
        tie = _Tie(
            partner=partner, link=link, sync=sync, memory=memory, decisions=decisions,
            speaker=speaker, past=past,
        )  # fmt: skip
        ties.append(tie)
        self._offer_picture(sync)
        self._remember(tie)
        return tie

    def _offer_picture(self, sync: PartnerSync) -> None:
        """Offer what this node believes already; what the partner has is not sent again."""
        now = self._now()
        for track in self._picture.everything():
            for report in track.claims.values():
                if not report.source.is_partners:
                    # What it had before a restart, and what it has for every other partner.
                    version = Version(self._versions.epoch, milliseconds(report.received))
                    self._versions.had((report.context, report.uid), version)
                    sync.note(report, version, now)

    def _remember(self, tie: _Tie) -> None:
        self._write(tie, tie.memory.keep)

    def _note_down(self, tie: _Tie) -> None:
        """Write down what happened to a link since all of it was."""
        self._write(tie, tie.memory.note)

    def _write(self, tie: _Tie, write: Callable[[], None]) -> None:
        if tie.is_over:
            return
        try:
            write()
        except AccordError as error:
            self._log.burst("link forgets", client=tie.partner.node, reason=str(error))

    # What comes in.

    def _carry_out(self, tie: _Tie, effect: Effect) -> None:
        match effect:
            case _ if tie.is_over:
                pass  # nothing of it is acknowledged: it comes again on the next link
            case Accept():
                self._accept(tie, effect)
            case Recalled(recall=recall, digest=digest, keys=keys):
                for key in keys:
                    self._drop(tie, recall, key)
                outcome = Outcome.DROPPED if keys else Outcome.NOT_HELD
                if self._recalls.pass_on(tie.partner.node, recall, keys):
                    outcome = Outcome.PASSED_ON
                tie.sync.answer(digest, outcome, len(keys), self._now())
                self._log.event(
                    "called back", partner=tie.partner.node, reason=recall.reason, objects=len(keys)
                )
            case PartnerSuspended(suspended=suspended):
                self._log.trouble(
                    "partner suspended an agreement", partner=tie.partner.node,
                    agreement=suspended.agreement.hex(), reason=suspended.reason,
                )  # fmt: skip
                self._remember(tie)
            case Receipted(receipt=receipt):
                self._receipted(tie.partner.node, receipt)
            case Rotated(rotation=rotation):
                tie.past.refused.update(self._successions.came(tie.partner.node, rotation))
            case DocumentCame() | FileOffered() | FileComplete():
                what, name = unused(effect)
                tie.past.refused[what] += 1
                self._log.burst("not used", client=tie.partner.node, reason=what, name=name)
            case _:
                pass

    def _receipted(self, node: str, receipt: Receipt) -> None:
        if self._successions.receipted(node, receipt):
            return
        self._recalls.receipted(node, receipt)
        self._log.event(
            "recall answered", partner=node, outcome=receipt.outcome.name, objects=receipt.objects
        )

    def _accept(self, tie: _Tie, came: Accept) -> None:
        assert self._intake is not None  # noqa: S101  set before there are links
        groups = tie.speaker.principal.speaks_in
        report = kept.with_original(replace(came.report, groups=groups), came.carried)
        self._carrying = came
        try:
            refused = self._intake.accept(report, tie.speaker)
        finally:
            self._carrying = None
        if refused is not None:
            tie.past.refused[refused] += 1
        else:
            tie.past.reports.came(self._clock.now())

    def _drop(self, tie: _Tie, recall: Recall, key: ObjectKey) -> None:
        """Let go of what was called back; what others said of the same stays."""
        assert self._intake is not None  # noqa: S101  set before there are links
        assert self._words is not None  # noqa: S101
        claim = self._words.drop(tie.speaker.source.channel, key.uid) or self._claim(tie, key)
        if claim is not None:
            self._intake.accept(kept.removal(claim, recall, self._clock.now()), tie.speaker)

    def _claim(self, tie: _Tie, key: ObjectKey) -> Report | None:
        for track in self._picture.everything():
            for claim in track.claims.values():
                is_theirs = claim.source.channel == tie.speaker.source.channel
                if is_theirs and (str(claim.context), claim.uid) == (key.context, key.uid):
                    return claim
        return None

    # How it is.

    @property
    def refused(self) -> Mapping[str, int]:
        """Why callers were not let in, certificates not taken, and bundles not carried."""
        callers = Counter(self.front.refused if self.front else {})
        return Counter(self._admission.refused) + callers + self._bundles.failures

    def troubles(self) -> Iterator[str]:
        """Yield what waits for partners and somebody should know of."""
        return self._recalls.troubles()

    @property
    def answered(self) -> int:
        """How often an answer to what was asked of the node was written."""
        return self._recalls.answered

    def status(self) -> Iterator[PartnerStatus]:
        """Yield how each link is, and which partners are refused."""
        now = self._now()
        for tie in self._ties.values():
            yield self._told(tie, now)
        for partner in self._admission.refused_partners():
            yield self._parted.status(partner.node)
        yield from self._tak.status()

    def _told(self, tie: _Tie, now: Moment) -> PartnerStatus:
        beside = link_report.Beside(
            disagreeing=tie.decisions.stopped,
            keys=self._successions.of(tie.partner),
            terms=tie.decisions.terms,
            bundles=tie.link.carrier.memory,
            reports=tie.past.reports.count,
            last_report=tie.past.reports.last,
        )
        refused = tie.past.refused
        return link_report.told(tie.link.status(), tie.sync.status(now), refused, now, beside)
