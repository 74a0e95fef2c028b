"""One node: its parts, wired by plain constructor calls, and the tasks that keep it going."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from accord.api.app import Api
from accord.api.app import app as api_app
from accord.api.caller import identify
from accord.api.in_flight import InFlight
from accord.api.login import Logins
from accord.api.selfcheck import SELF_CHECK_GROUP, SelfCheck
from accord.api.server import serve_http
from accord.config import Settings
from accord.core.body import Message, Removal
from accord.core.clock import Clock, SystemClock
from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.core.report import Form, Report
from accord.core.track import Track
from accord.feeds import catalogue
from accord.feeds.output import AisOutput
from accord.live.hub import Hub
from accord.live.intake import Intake
from accord.live.words import Words
from accord.node import listeners, own_certificates
from accord.node.browsers import Browsers
from accord.node.clock_watch import ClockWatch
from accord.node.correlation import ASSOCIATE_EVERY, Correlating
from accord.node.data_feeds import data_feeds
from accord.node.desks import Around, Desks
from accord.node.directory import JOURNAL, Notice, announced, held
from accord.node.enrolling import Enrolling
from accord.node.feeds import Feeds
from accord.node.kept import DECODERS
from accord.node.links import Links
from accord.node.staging import Staging
from accord.node.tak_api import TakApi
from accord.node.vitals import Organs, health
from accord.observe.health import SAMPLE_STEP, Status
from accord.observe.log import Log
from accord.picture.land import NO_LAND, Land
from accord.picture.picture import Change, Picture
from accord.security.accept import Peer
from accord.security.admission import LOOK_EVERY, Admission
from accord.security.tls import client_context, server_context
from accord.storage import charts
from accord.storage.journal import Journal
from accord.storage.people import PEOPLE, People, PeopleReader
from accord.storage.sqlite import SqliteDatabase
from accord.tak import enrolment, websocket
from accord.tak import status as tak_status
from accord.tak.mission_notices import CHANNEL as MISSIONS
from accord.tak.server import Door, serve_datagrams, serve_stream
from accord.tak.session import Bridge, TakSession, spell_address
from accord.wire.ais.encode import sentences
from accord.wire.cot import translate as cot
from accord.wire.cot.stream import frame
from accord.wire.errors import WireError

_TO_ITSELF = frozenset({SELF_CHECK_GROUP})

Ready = Callable[[str], None]
"""Told `name=host:port` of each listener, when all accept."""


async def serve(directory: Path, settings: Settings, *, ready: Ready) -> None:
    """Run the node of a directory until cancelled. AccordError says why it cannot be run."""
    clock = SystemClock()
    log = Log(clock)
    people = People(directory / PEOPLE)
    with held(directory), listeners.bound(settings.listen) as sockets:
        people.prepare()
        own_certificates.renew(directory, settings, people, clock.now(), log)
        node: Node | None = None
        try:
            with _journal(directory, settings, clock, log) as journal:
                node = Node(directory, settings, sockets, people=people, journal=journal, log=log)
                await node.run(ready)
        finally:
            if node is not None:
                node.end()


@contextmanager
def _journal(
    directory: Path, settings: Settings, clock: Clock, log: Log
) -> Generator[Journal, None, None]:
    """Let the journal write, and end it when all that can come has come."""
    journal = Journal(
        SqliteDatabase(directory / JOURNAL, max_bytes=settings.journal.max_bytes),
        settings.journal,
        clock=clock,
        log=log,
        positions={catalogue.channel(n): each.positions_bytes for n, each in settings.feed.items()},
    )
    journal.start()
    try:
        yield journal
    finally:
        journal.stop()


class Keeping:
    """The journal, without what the node says to itself when it checks itself."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def append(self, sequence: int, report: Report) -> bool:
        """Keep a report; False when it was not kept though it should have been."""
        return report.groups == _TO_ITSELF or self._journal.append(sequence, report)


class Node:
    """Every part of a node, made in a running event loop. `run` lets it live until cancelled."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        sockets: listeners.Sockets,
        *,
        people: People,
        journal: Journal,
        log: Log,
    ) -> None:
        clock = SystemClock()
        self._directory = directory
        self._settings = settings
        self._sockets = sockets
        self._people = people
        self._journal = journal
        self._log = log
        self._clock = clock
        self._clock_watch = ClockWatch(clock)
        self._failures: Counter[str] = Counter()
        self._addresses = {name: str(listeners.address(s)) for name, s in sockets.items()}
        self._notice = Notice(directory, self._addresses, log)
        self._register = PeopleReader(directory / PEOPLE)
        self._admission = Admission(self._register.read, clock=clock)
        if self._register.trouble:
            raise AccordError(self._register.trouble)
        self._words = Words(settings.chat, clock=clock)
        self._picture = Picture(
            settings.picture,
            sequence=journal.last_sequence(),
            evicted=self._evicted,
            land=NO_LAND if settings.picture.inland_waters else Land(charts.inland()),
        )
        self._correlating = Correlating(
            directory, picture=self._picture, clock=clock, log=log, told=self._seen
        )
        self._hub = Hub(
            encoders=self._encoders(),
            words=self._words,
            flush_interval=settings.outbox.flush_interval,
            schedule=asyncio.get_running_loop().call_later,
        )
        self._defaults = settings.default_markings()
        self._links = Links(
            directory, settings, picture=self._picture, journal=journal, clock=clock, log=log
        )
        self._intake = Intake(
            settings.intake,
            picture=self._picture,
            journal=Keeping(journal),
            hub=self._hub,
            defaults=self._defaults,
            offer=self._offer,
        )
        self._intake.devices.is_member = self._admission.is_member
        self._bridge = Bridge(
            node=settings.node.id,
            clock=clock,
            intake=self._intake,
            hub=self._hub,
            picture=self._picture.everything,
            is_congested=journal.is_congested,
            outbox=settings.outbox,
            cot=settings.cot,
            log=log,
        )
        around_feeds = catalogue.Surroundings(
            node=settings.node.id,
            directory=directory,
            intake=self._intake,
            is_congested=journal.is_congested,
            clock=clock,
            log=log,
        )
        self._feeds = Feeds(settings, around_feeds, self._failures)
        self._ais = self._make_ais_output()
        self._staging = Staging(
            directory,
            settings,
            admission=self._admission,
            picture=self._picture,
            bridge=self._bridge,
        )
        self._browsers = Browsers(
            directory,
            settings,
            admission=self._admission,
            picture=self._picture,
            bridge=self._bridge,
            stage=self._staging.stage,
        )
        self._staging.tell_pages(self._browsers.stream.tell)
        self._enrolment = Enrolling(
            directory, settings, people=people, accounts=self._browsers.accounts, clock=clock
        ).answers(log)
        self._tak_api = TakApi(
            directory,
            settings,
            bridge=self._bridge,
            picture=self._picture,
            identify=self._identify_tak,
            browsers=self._browsers,
            host=partial(own_certificates.own_name, directory, settings),
        )
        self._tak_api.switched = self._staging.regroup
        self._in_flight = InFlight(self._who_asks, clock=clock)
        self._logins = Logins(
            self._browsers.accounts, node=settings.node.id, secret=self._tak_api.login_secret
        )
        around = Around(
            directory=directory,
            settings=settings,
            browsers=self._browsers,
            bridge=self._bridge,
            links=self._links,
            words=self._words,
            status=self._gather,
            members=self._admission.members,
            port=self._port_of,
            failures=self._failures,
            clock=clock,
            log=log,
            staging=self._staging,
        )
        self._desks = Desks(around)
        self._health = health(self._organs())
        self._intake.watched_by(self._seen)
        self._bridge.closing = self._remember

    def _identify(self, connection: HTTPConnection) -> Principal | str:
        return identify(connection, self._admission.admit)

    def _identify_tak(self, connection: HTTPConnection) -> Principal | str:
        """Return who asks the Marti API: by his certificate, or without one by a login's token."""
        found = self._identify(connection)
        if isinstance(found, Principal):
            return found
        return self._logins.identify(connection) or found

    def _who_asks(self, connection: HTTPConnection) -> object:
        """Return by whatever a request shows who asks: his certificate, a token, or a cookie."""
        at_the_page = self._browsers.callers.identify(connection)
        return self._identify_tak(connection), at_the_page

    def _port_of(self, listener: str) -> int | None:
        socket = self._sockets.get(listener)
        return None if socket is None else listeners.reached_at(socket).port

    def _evicted(self, track: Track) -> None:
        self._browsers.views.evicted(track)

    def _seen(self, change: Change) -> None:
        self._desks.see(change)
        self._browsers.views.note(change)
        self._staging.stage.see(change)

    def _offer(self, sequence: int, report: Report, kept: bool) -> None:  # noqa: FBT001  as Offer
        if report.groups != _TO_ITSELF and report.source.channel != MISSIONS:
            self._links.offer(sequence, report, kept)

    def _remember(self, session: TakSession) -> None:
        """Keep what was said over a connection that ended between two samples."""
        self._tak_api.endpoints.left(session)
        if session.speaker.accepted:
            self._health.remember(tak_status.heard_of(session))

    def _gather(self) -> Status:
        return self._health.gather()

    def _organs(self) -> Organs:
        return Organs(
            directory=self._directory,
            settings=self._settings,
            sockets=self._sockets,
            clock=self._clock,
            clock_watch=self._clock_watch,
            log=self._log,
            notice=self._notice,
            register=self._register,
            admission=self._admission,
            accounts=self._browsers.accounts,
            stream=self._browsers.stream,
            journal=self._journal,
            picture=self._picture,
            words=self._words,
            bridge=self._bridge,
            feeds=self._feeds.all,
            ais=self._ais,
            enrolment=self._enrolment,
            links=self._links,
            desks=self._desks,
            missions=self._tak_api.missions,
            staging=self._staging,
            failures=self._failures,
        )

    def _make_ais_output(self) -> AisOutput:
        # Whoever can reach it hears what connections without a certificate do, but no exercise.
        plain = self._settings.plaintext.principal(listeners.AIS)
        return AisOutput(
            self._hub,
            principal=replace(plain, exercises=frozenset(), every_exercise=False),
            picture=self._picture.everything,
            outbox=self._settings.outbox,
            log=self._log,
        )

    def _encoders(self) -> Mapping[Form, Callable[[Report], bytes]]:
        by = data_feeds(self._settings).source

        def to_xml(report: Report) -> bytes:
            return cot.to_xml(report, by(report.source.channel))

        def to_protobuf(report: Report) -> bytes:
            return frame(cot.to_protobuf(report, by(report.source.channel)))

        return {
            Form.COT_XML: partial(self._write, to_xml),
            Form.COT_PROTOBUF: partial(self._write, to_protobuf),
            Form.AIS: partial(self._write, sentences),
        }

    def _write(self, write: Callable[[Report], bytes], report: Report) -> bytes:
        try:
            return write(report)
        except (WireError, ValueError) as error:
            # One report that cannot be written must not keep the others from being sent.
            self._failures["reports that cannot be written"] += 1
            self._log.burst("cannot be written", reason=str(error), uid=report.uid)
            return b""

    async def run(self, ready: Ready) -> None:
        """Run until cancelled; at the end everybody is let go."""
        asyncio.get_running_loop().set_exception_handler(self._complain)
        self._restore()
        self._links.prepare()
        try:
            async with AsyncExitStack() as opened, asyncio.TaskGroup() as tasks:
                await self._open(opened, tasks)
                tasks.create_task(self._look_after())
                with announced(self._notice):
                    ready(" ".join(f"{name}={at}" for name, at in self._addresses.items()))
                    self._log.event("ready", node=self._settings.node.id)
                    await asyncio.get_running_loop().create_future()
        finally:
            self._hub.flush()
            for session in tuple(self._bridge.sessions):
                session.end("node stopped")
            self._register.close()
            self._staging.close()
            self._browsers.close()
            self._desks.close()
            self._correlating.close()
            self._log.event("stopped")

    def end(self) -> None:
        """Note what the journal wrote at the very end."""
        self._links.end()

    def _restore(self) -> None:
        """Make the picture again, and remember the words, as they were before."""
        picture = self._settings.picture
        kept = self._journal.restore(
            self._clock.now(),
            max_age=picture.max_age,
            max_stale=picture.lost_after + picture.removed_after,
            decode=DECODERS,
        )
        for report in kept:
            if isinstance(report.body, Message):
                self._words.keep(report)
            elif isinstance(report.body, Removal):
                self._words.drop(report.source.channel, report.body.target)
            # What the node itself put on it stands on no bytes that were kept.
            self._picture.apply(self._defaults.marked(report))
        self._picture.set_back(self._clock.now())

    async def _open(self, opened: AsyncExitStack, tasks: asyncio.TaskGroup) -> None:
        """Listen on every socket, and read every feed."""
        sockets, tls = self._sockets, self._tls()
        for name, admit in ((listeners.COT_TCP, None), (listeners.COT_TLS, self._admission.admit)):
            if name in sockets:
                door = self._door(name, admit=admit)
                server = serve_stream(door, sockets[name], tls.get(name))
                opened.callback(server.close)
        if listeners.REPLAY in sockets:
            server = serve_stream(self._staging, sockets[listeners.REPLAY], tls[listeners.REPLAY])
            opened.callback(server.close)
        if listeners.COT_UDP in sockets:
            door = self._door(listeners.COT_UDP, admit=None)
            transport = await serve_datagrams(door, sockets[listeners.COT_UDP])
            opened.callback(transport.abort)
        if listeners.AIS in sockets:
            plotters = await self._ais.listen(sockets[listeners.AIS])
            opened.callback(plotters.close)
        for name, application in self._applications().items():
            if name in sockets:
                tasks.create_task(
                    serve_http(application, sockets[name], tls[name], self._turn_away)
                )
        tasks.create_task(self._browsers.accounts.keep_noting())
        tasks.create_task(self._browsers.accounts.keep_looking())
        tasks.create_task(self._browsers.stream.run())
        tasks.create_task(self._staging.stage.run())
        tasks.create_task(self._tak_api.missions.run())
        tasks.create_task(self._tak_api.devices.run())
        self._desks.begin(tasks)
        self._feeds.begin(tasks)
        tasks.create_task(
            self._links.run(self._intake, self._words, sockets.get(listeners.FEDERATION))
        )

    def _turn_away(self, reason: str, peer: Peer) -> None:
        self._bridge.refuse(reason, spell_address(peer))

    def _tls(self) -> Mapping[str, ssl.SSLContext]:
        return {
            name: server_context(
                self._directory, clients=clients, failed=partial(self._note_handshake, name)
            )
            for name, clients in listeners.CERTIFICATES.items()
            if name in self._sockets
        }

    def _note_handshake(self, listener: str, reason: str) -> None:
        self._failures[f"TLS handshake: {reason}"] += 1
        self._log.burst("handshake failed", listener=listener, reason=reason)

    def _door(self, channel: str, *, admit: Callable[[bytes], Principal | str] | None) -> Door:
        return Door(
            bridge=self._bridge,
            channel=channel,
            settings=self._settings.connections,
            admit=admit,
            anonymous=self._settings.plaintext.principal(channel),
        )

    def _applications(self) -> Mapping[str, Starlette]:
        api = Api(
            admit=self._admission.admit, status=self._health.gather, self_check=self._check_itself
        )
        application = api_app(
            api,
            more=(
                *self._logins.routes(),
                *websocket.routes(self._bridge, self._identify),
                *self._tak_api.routes(),
                *self._tak_api.for_the_page(),
                *self._browsers.routes(),
                *self._correlating.routes(self._browsers.callers),
                *self._desks.routes(),
            ),
        )
        application.add_middleware(self._in_flight.over)
        return {
            listeners.API: application,
            listeners.ENROL: enrolment.app(self._enrolment),
        }

    async def _check_itself(self) -> None:
        """Pass a message through the real socket. AccordError says why that failed."""
        socket = self._sockets.get(listeners.COT_TLS)
        if socket is None:
            raise AccordError("cot-tls is off: no message can be passed that nobody else hears")
        at, tls = listeners.reached_at(socket), client_context(self._directory)
        await SelfCheck(host=at.host, port=at.port, tls=tls, clock=self._clock)()

    async def _look_after(self) -> None:
        """Do what has to be done again and again."""
        sample_at = associate_at = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._throw_out()
            self._look_at_the_clock()
            self._correlating.look()
            for change in self._picture.expire(self._clock.now()):
                self._seen(change)
            self._log.sweep()
            if self._feeds.plots and self._clock.monotonic() >= associate_at:
                associate_at = self._clock.monotonic() + ASSOCIATE_EVERY
                self._correlating.associate(self._feeds.plots)
            if self._clock.monotonic() >= sample_at:
                sample_at = self._clock.monotonic() + SAMPLE_STEP.total_seconds()
                self._health.sample()
                self._notice.put_up_again()
                own_certificates.renew_towards_partners(
                    self._directory, self._settings, self._clock.now(), self._log
                )

    def _look_at_the_clock(self) -> None:
        by = self._clock_watch.look(self._intake.latest)
        if by:
            self._log.event("clock set", seconds=round(by, 1))
        if by < 0:
            self._failures["the clock was set back"] += 1
            self._set_back()

    def _set_back(self) -> None:
        """Let nothing count as received later than now: else all that comes would be older."""
        now = self._clock.now()
        self._intake.latest = min(self._intake.latest, now)
        self._journal.set_back(now)
        for change in self._picture.set_back(now):
            self._seen(change)
        for feed in self._feeds.all:
            feed.set_back(now)
        for session in self._bridge.sessions:
            last = session.speaker.last_useful
            session.speaker.last_useful = None if last is None else min(last, now)
        self._health.set_back(now)

    def _throw_out(self) -> None:
        """Cut off everybody who is not admitted any more."""
        self._admission.look()
        self._browsers.accounts.look()
        self._browsers.stream.throw_out()
        self._staging.throw_out()
        self._in_flight.throw_out()
        for session in tuple(self._bridge.sessions):
            why = self._admission.why_gone(session.principal)
            if why is not None:
                session.end(why)

    def _complain(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say what went wrong outside of every task, as in a connection's callbacks."""
        error = context.get("exception")
        if not isinstance(error, ConnectionError | TimeoutError):
            what = str(context.get("message"))
            self._log.burst("unexpected failure", reason=what, error=repr(error))
