"""How the node is: every part asked for its share of the status."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cryptography import x509

from accord.api.accounts import Accounts
from accord.api.stream import Stream
from accord.config import Settings
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.feeds.catalogue import FORMATS, channel
from accord.feeds.feed import Feed, FeedState
from accord.feeds.output import AisOutput
from accord.live.words import Words
from accord.node import listeners
from accord.node.clock_watch import ClockWatch
from accord.node.desks import Desks
from accord.node.directory import Notice
from accord.node.links import Links
from accord.node.secret_files import exposed
from accord.node.staging import Staging
from accord.observe.ending import AHEAD, ending
from accord.observe.health import (
    BudgetStatus,
    CertificateStatus,
    Health,
    Heard,
    JournalStatus,
    ListenerStatus,
    NodeStatus,
    Parts,
    PictureStatus,
)
from accord.observe.log import Log
from accord.observe.memory import resident_bytes
from accord.picture.picture import Picture
from accord.security import keystore, renewal
from accord.security.admission import Admission
from accord.storage.journal import Journal
from accord.storage.people import PeopleReader
from accord.tak import status as tak
from accord.tak import websocket
from accord.tak.enrolment import Enrolment
from accord.tak.missions import Missions
from accord.tak.session import Bridge

OWN_CERTIFICATES = (keystore.AUTHORITY, keystore.SERVER, keystore.ADMINISTRATOR)

MAX_CERTIFICATES = 100
"""Certificates of clients that end soon and are named; beyond, the ones that end last are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organs:
    """The parts that are asked."""

    directory: Path
    settings: Settings
    sockets: listeners.Sockets
    clock: Clock
    clock_watch: ClockWatch
    log: Log
    notice: Notice
    register: PeopleReader
    admission: Admission
    accounts: Accounts
    stream: Stream
    journal: Journal
    picture: Picture
    words: Words
    bridge: Bridge
    feeds: Sequence[Feed]
    ais: AisOutput
    enrolment: Enrolment
    links: Links
    desks: Desks
    missions: Missions
    staging: Staging
    failures: Counter[str]


def health(of: Organs) -> Health:
    """Return what gathers the status of these parts."""
    node = of.settings.node
    about = NodeStatus(
        id=node.id,
        nation=node.nation,
        name=node.name,
        version=version("accord"),
        started=of.clock.now(),
    )
    parts = Parts(
        listeners=lambda: _listeners(of),
        clients=lambda: tak.clients(of.bridge),
        heard=lambda: (*tak.heard(of.bridge), *map(_feed, of.feeds)),
        totals=lambda: _totals(of),
        drops=lambda: _drops(of),
        picture=lambda: _picture(of),
        journal=lambda: _journal(of.journal),
        partners=of.links.status,
        budgets=lambda: _budgets(of),
        certificates=lambda: (*_own_certificates(of), *_client_certificates(of)),
        services=of.accounts.services,
        troubles=lambda: _troubles(of),
    )
    return Health(of.settings.health, node=about, parts=parts, clock=of.clock)


def _listeners(of: Organs) -> Iterator[ListenerStatus]:
    connections = tak.connections(of.bridge)
    connections[listeners.AIS] = len(of.ais.plotters)
    connections[listeners.API] = connections[websocket.CHANNEL] + len(of.stream)
    connections[listeners.REPLAY] = len(of.staging)
    for name, socket in of.sockets.items():
        address = str(listeners.address(socket))
        yield ListenerStatus(name=name, address=address, connections=connections[name])


def _feed(feed: Feed) -> Heard:
    status = feed.status()
    trouble = status.trouble if status.state is FeedState.WAITING else ""
    return Heard(
        channel=channel(status.name),
        speaker=status.name,
        since=status.since,
        accepted=status.accepted,
        last_useful=status.last_useful,
        trouble=trouble,
        is_over=status.state is FeedState.ENDED,
    )


def _document_trouble(feed: Feed) -> str:
    """Return what of a feed's document could not be read; nothing where it is not connected."""
    status = feed.status()
    is_there = status.trouble and status.state is not FeedState.WAITING
    return f"{channel(status.name)}: {status.trouble}" if is_there else ""


def _totals(of: Organs) -> Mapping[str, int]:
    intake = of.bridge.intake
    return {
        "accepted": intake.accepted,
        "refused": sum(intake.refused.values()),
        "sent": of.bridge.hub.sent,
        "kept": of.journal.status().kept,
    }


def _drops(of: Organs) -> Mapping[str, Mapping[str, int]]:
    bridge, log = of.bridge, of.log
    drops: dict[str, Mapping[str, int]] = {
        "wire": bridge.faults,
        "intake": bridge.intake.refused,
        "superseded": {"older than what the source said": bridge.intake.superseded},
        "picture": of.picture.counts,
        "journal": of.journal.status().not_kept,
        "fan-out": bridge.hub.counts,
        "outbox": {"replaced by newer positions": bridge.hub.replaced},
        "chat": of.words.counts,
        "plotters": of.ais.counts,
        "connections ended": bridge.ended,
        "enrolment": of.enrolment.refused,
        "sign-in": of.accounts.counts,
        "stream": of.stream.counts,
        "replay": of.staging.counts(),
        "partners": of.links.refused,
        "readiness": of.desks.readiness.desk.counts,
        "missions": of.missions.counts,
        "history": of.desks.history.losses(),
        **of.desks.losses.by_part(),
        "failures": of.failures,
        "log": {"lines held back": log.suppressed},
    }
    drops |= {channel(feed.name): _losses(of, feed) for feed in of.feeds}
    kept = {part: {r: n for r, n in dict(counts).items() if n} for part, counts in drops.items()}
    return {part: counts for part, counts in kept.items() if counts}


def _losses(of: Organs, feed: Feed) -> Mapping[str, int]:
    ordinary = FORMATS[of.settings.feed[feed.name].format].ordinary
    return {why: count for why, count in feed.status().counts.items() if why not in ordinary}


def _picture(of: Organs) -> PictureStatus:
    return PictureStatus(
        tracks=len(of.picture),
        limit=of.settings.picture.max_tracks,
        contexts={str(context): count for context, count in of.picture.contexts.items()},
        counts=dict(of.picture.counts),
    )


def _journal(journal: Journal) -> JournalStatus:
    state = journal.status()
    since = "" if state.since is None else f" since {state.since:%Y-%m-%d %H:%M:%SZ}"
    what = "keeps less" if state.recording else "keeps nothing"
    return JournalStatus(
        waiting_bytes=state.waiting_bytes,
        limit_bytes=state.limit_bytes,
        counts={**state.counts, "kept": state.kept},
        trouble=f"{what}{since}: {state.reason}" if state.reason else "",
    )


def _budgets(of: Organs) -> Iterator[BudgetStatus]:
    journal = of.journal.status()
    yield BudgetStatus(what="disk", used=journal.bytes_on_disk, budget=journal.budget)
    limit = of.settings.picture.max_bytes
    yield BudgetStatus(what="picture", used=of.picture.bytes, budget=limit)
    memory = of.settings.health.memory_budget
    yield BudgetStatus(what="memory", used=resident_bytes(), budget=memory)
    yield from of.desks.history.budget()


def _own_certificates(of: Organs) -> Iterator[CertificateStatus]:
    for file in OWN_CERTIFICATES:
        try:
            certificate = keystore.read_certificates(of.directory / file)[0]
        except AccordError:
            continue  # named by _troubles
        ends, now = certificate.not_valid_after_utc, of.clock.now()
        yield CertificateStatus(
            file=str(file),
            subject=_name(certificate),
            not_after=ends,
            warning=ending(ends, now),
            remedy=renewal.remedy(of.directory, file, ends, of.settings.certificates, now),
        )


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _client_certificates(of: Organs) -> Iterator[CertificateStatus]:
    """Yield those of clients that end soon: there may be thousands that do not."""
    now = of.clock.now()
    soon = [
        (each.principal.until, each.principal.name, each.principal)
        for each in of.admission.credentials()
        if each.revoked is None
        and not each.is_replaced
        and each.principal.until
        and each.principal.until < now + AHEAD
    ]
    for until, name, who in sorted(soon, key=lambda each: each[:2])[:MAX_CERTIFICATES]:
        yield CertificateStatus(
            file=f"the certificate of {name}",
            subject=name,
            not_after=until,
            warning=ending(until, now),
            remedy=renewal.remedy_of_client(
                of.directory, who, until, of.settings.certificates, now
            ),
        )


def _troubles(of: Organs) -> Iterator[str]:
    if of.notice.trouble:
        yield of.notice.trouble
    if of.register.trouble:
        yield f"{of.register.trouble}; who was admitted before still is"
    if of.clock_watch.trouble:
        yield of.clock_watch.trouble
    yield from tak.wrong_clocks(of.bridge)
    yield from of.links.troubles()
    yield from filter(None, map(_document_trouble, of.feeds))
    desk = of.desks.readiness.desk
    if desk.trouble:
        yield f"what partners state is not kept: {desk.trouble}"
    if desk.untold:
        yield f"readiness is not stated: {desk.untold}"
    yield from of.desks.strange()
    yield from exposed(of.directory, of.settings)
    yield from _history_troubles(of)
    for file in OWN_CERTIFICATES:
        try:
            keystore.read_certificates(of.directory / file)
        except AccordError as error:
            yield str(error)


def _history_troubles(of: Organs) -> Iterator[str]:
    if of.desks.keeping.trouble:
        yield f"the history is not kept: {of.desks.keeping.trouble}"
    yield from of.desks.history.problems
