"""How the node is, in one value: gathered from the parts, read by status, metrics and people."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from accord.core.clock import Clock
from accord.core.principal import Direction, Group
from accord.core.quantity import about_duration, about_size
from accord.core.rfc3339 import spell
from accord.observe.counters import Rates
from accord.observe.partner_health import PartnerStatus, agreement_problems, partner_problems

SAMPLE_STEP = timedelta(seconds=5)
"""How often `Health.sample` wants to be called."""

ONE_MINUTE = timedelta(minutes=1)
FIVE_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """What counts as a problem."""

    silent_after: timedelta = field(
        default=timedelta(minutes=2),
        metadata={"doc": "a connected source without a useful report for so long is silent"},
    )
    certificate_notice: timedelta = field(
        default=timedelta(days=30),
        metadata={"doc": "how long before its end a certificate is named as a problem"},
    )
    memory_budget: int = field(
        default=2 << 30, metadata={"doc": "bytes of memory that the node should stay below"}
    )
    max_sources: int = field(
        default=1_000,
        metadata={
            "doc": "sources remembered after they have gone; beyond, the oldest is forgotten"
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """Which node this is."""

    id: str
    nation: str
    name: str
    version: str
    started: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerStatus:
    """One listener: `name` as in the settings, `address` as it was bound."""

    name: str
    address: str
    connections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStatus:
    """One connection. `waiting` reports are queued for it; `replaced` gave way to newer ones."""

    name: str
    address: str
    channel: str
    form: str
    since: datetime
    uid: str | None
    callsign: str | None
    groups: Mapping[Group, Direction]
    accepted: int
    refused: Mapping[str, int]
    sent: int
    replaced: int
    waiting: int
    waiting_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatus:
    """How many connected clients speak in a group, and how many hear it."""

    name: Group
    speak: int
    hear: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStatus:
    """Growth of a total, per second; None until it is known."""

    what: str
    total: int
    one_minute: float | None
    five_minutes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStatus:
    """The picture's size and what it had to leave out."""

    tracks: int
    limit: int
    contexts: Mapping[str, int]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatus:
    """The journal; `trouble` is empty while everything is kept."""

    waiting_bytes: int
    limit_bytes: int
    counts: Mapping[str, int]
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One source as its part knows it: what it said that was useful, and when last.

    `trouble` says why it is not connected though it should be; `is_over`, that nothing more is to
    come of it, as of a recording that was played to its end.
    """

    channel: str
    speaker: str
    since: datetime
    accepted: int
    last_useful: datetime | None
    trouble: str = ""
    is_over: bool = False


class SourceState(StrEnum):
    """Whether a source is there, and says anything."""

    SPEAKING = "speaking"
    SILENT = "silent"
    DOWN = "down"
    ENDED = "ended"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source and when it last said something useful."""

    channel: str
    speaker: str
    state: SourceState
    accepted: int
    last_useful: datetime | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStatus:
    """Something limited, in bytes: what is used, and what should not be passed."""

    what: str
    used: int
    budget: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """Something of somebody else that the node asks; `trouble`, and since when, while it cannot."""

    what: str
    address: str
    trouble: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """One certificate that the node depends on: which file, whose, when it ends, how to go on.

    `warning` is that of the calendar: `later`, `90 days`, `30 days`, `7 days` or `ended`.
    """

    file: str
    subject: str
    not_after: datetime
    warning: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole node at one moment. `problems` are sentences for whoever looks after it."""

    at: datetime
    node: NodeStatus
    problems: tuple[str, ...]
    listeners: tuple[ListenerStatus, ...]
    clients: tuple[ClientStatus, ...]
    groups: tuple[GroupStatus, ...]
    rates: tuple[RateStatus, ...]
    picture: PictureStatus
    journal: JournalStatus
    drops: Mapping[str, Mapping[str, int]]
    sources: tuple[SourceStatus, ...]
    partners: tuple[PartnerStatus, ...]
    budgets: tuple[BudgetStatus, ...]
    certificates: tuple[CertificateStatus, ...]
    services: tuple[ServiceStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Whom to ask. `totals` only grow; `drops` are counts by part and reason.

    `troubles` are problems that no other part of the status says, in sentences.
    """

    listeners: Callable[[], Iterable[ListenerStatus]]
    clients: Callable[[], Iterable[ClientStatus]]
    heard: Callable[[], Iterable[Heard]]
    totals: Callable[[], Mapping[str, int]]
    drops: Callable[[], Mapping[str, Mapping[str, int]]]
    picture: Callable[[], PictureStatus]
    journal: Callable[[], JournalStatus]
    partners: Callable[[], Iterable[PartnerStatus]]
    budgets: Callable[[], Iterable[BudgetStatus]]
    certificates: Callable[[], Iterable[CertificateStatus]]
    troubles: Callable[[], Iterable[str]]
    services: Callable[[], Iterable[ServiceStatus]] = tuple[ServiceStatus, ...]


class Health:
    """Gathers the status. Call `sample` every SAMPLE_STEP, and `remember` a source that goes."""

    def __init__(
        self, settings: HealthSettings, *, node: NodeStatus, parts: Parts, clock: Clock
    ) -> None:
        self._settings = settings
        self._node = node
        self._parts = parts
        self._clock = clock
        self._rates = Rates(step=SAMPLE_STEP, longest=FIVE_MINUTES)
        self._known: OrderedDict[tuple[str, str], Heard] = OrderedDict()
        self.forgotten = 0

    def sample(self) -> None:
        """Take note of the totals and of who is there."""
        self._rates.sample(self._clock.monotonic(), self._parts.totals())
        for heard in self._parts.heard():
            self.remember(heard)

    def remember(self, heard: Heard) -> None:
        """Keep what a source has said, also when it goes."""
        key = (heard.channel, heard.speaker)
        before = self._known.pop(key, None)
        if before is not None and before.last_useful is not None:
            last = max(before.last_useful, heard.last_useful or before.last_useful)
            heard = replace(heard, last_useful=last)
        elif before is None and len(self._known) >= self._settings.max_sources:
            self._known.popitem(last=False)
            self.forgotten += 1
        self._known[key] = heard

    def set_back(self, now: datetime) -> None:
        """Take what was useful later than `now` for useful now: the clock was ahead, and is not."""
        for key, heard in self._known.items():
            if heard.last_useful is not None and heard.last_useful > now:
                self._known[key] = replace(heard, last_useful=now)

    def gather(self) -> Status:
        """Ask every part, now."""
        parts, now = self._parts, self._clock.now()
        clients = tuple(parts.clients())
        journal = parts.journal()
        sources = tuple(self._sources(now))
        partners = tuple(parts.partners())
        budgets = tuple(parts.budgets())
        certificates = tuple(parts.certificates())
        services = tuple(parts.services())
        return Status(
            at=now,
            node=self._node,
            problems=(
                *((f"journal: {journal.trouble}",) if journal.trouble else ()),
                *parts.troubles(),
                *_service_problems(services),
                *_budget_problems(budgets),
                *self._certificate_problems(certificates, now),
                *_source_problems(sources, now),
                *partner_problems(partners, now, self._settings.silent_after),
                *agreement_problems(partners, now),
            ),
            listeners=tuple(parts.listeners()),
            clients=clients,
            groups=tuple(_groups(clients)),
            rates=tuple(self._rate(what, total) for what, total in parts.totals().items()),
            picture=parts.picture(),
            journal=journal,
            drops=self._drops(),
            sources=sources,
            partners=partners,
            budgets=budgets,
            certificates=certificates,
            services=services,
        )

    def _drops(self) -> Mapping[str, Mapping[str, int]]:
        drops = self._parts.drops()
        return {**drops, "sources": {"forgotten": self.forgotten}} if self.forgotten else drops

    def _rate(self, what: str, total: int) -> RateStatus:
        return RateStatus(
            what=what,
            total=total,
            one_minute=self._rates.per_second(what, ONE_MINUTE),
            five_minutes=self._rates.per_second(what, FIVE_MINUTES),
        )

    def _sources(self, now: datetime) -> Iterator[SourceStatus]:
        here: set[tuple[str, str]] = set()
        for heard in self._parts.heard():
            self.remember(heard)
            here.add((heard.channel, heard.speaker))
        for key, heard in self._known.items():
            is_here = key in here
            yield SourceStatus(
                channel=heard.channel,
                speaker=heard.speaker,
                state=self._state(heard, now) if is_here else SourceState.GONE,
                accepted=heard.accepted,
                last_useful=heard.last_useful,
                trouble=heard.trouble if is_here else "",
            )

    def _state(self, heard: Heard, now: datetime) -> SourceState:
        if heard.trouble:
            return SourceState.DOWN
        if heard.is_over:
            return SourceState.ENDED
        last = max(heard.last_useful or heard.since, heard.since)
        is_silent = now - last > self._settings.silent_after
        return SourceState.SILENT if is_silent else SourceState.SPEAKING

    def _certificate_problems(
        self, certificates: Iterable[CertificateStatus], now: datetime
    ) -> Iterator[str]:
        for certificate in certificates:
            left, file = certificate.not_after - now, certificate.file
            if left <= timedelta(0):
                yield f"{file} ended on {certificate.not_after:%Y-%m-%d}; {certificate.remedy}"
            elif left <= self._settings.certificate_notice:
                yield f"{file} ends in {about_duration(left)}; {certificate.remedy}"


NEARLY_FULL = 0.9
"""The part of a budget from which it is a problem; before it is passed, there is time to act."""


def _service_problems(services: Iterable[ServiceStatus]) -> Iterator[str]:
    for each in services:
        if each.trouble:
            since = "" if each.since is None else f" since {each.since:%Y-%m-%d %H:%MZ}"
            yield f"the {each.what} {each.address} cannot be asked{since}: {each.trouble}"


def _budget_problems(budgets: Iterable[BudgetStatus]) -> Iterator[str]:
    for each in budgets:
        if each.used > each.budget * NEARLY_FULL:
            yield f"{each.what}: {about_size(each.used)} of {about_size(each.budget)} used"


def _source_problems(sources: Iterable[SourceStatus], now: datetime) -> Iterator[str]:
    for source in sources:
        if source.state is SourceState.DOWN:
            yield f"{source.channel} {source.speaker} is not connected: {source.trouble}"
        elif source.state is SourceState.SILENT:
            last = source.last_useful
            since = f"the last was {about_duration(now - last)} ago" if last else "never heard"
            yield f"{source.channel} {source.speaker} is connected and silent; {since}"


def _groups(clients: Iterable[ClientStatus]) -> Iterator[GroupStatus]:
    speak: Counter[Group] = Counter()
    hear: Counter[Group] = Counter()
    for client in clients:
        speak.update(g for g, d in client.groups.items() if Direction.IN in d)
        hear.update(g for g, d in client.groups.items() if Direction.OUT in d)
    for name in sorted(speak.keys() | hear.keys()):
        yield GroupStatus(name=name, speak=speak[name], hear=hear[name])


Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def as_json(value: object) -> Json:
    """Return a status, or any part of it, as JSON has it; moments as RFC 3339."""
    if is_dataclass(value):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {str(key): as_json(each) for key, each in entries.items()}
    if isinstance(value, tuple):
        return [as_json(each) for each in cast("tuple[object, ...]", value)]
    return _scalar(value)


def _scalar(value: object) -> Json:
    match value:
        case Direction():
            return str(value.name).lower()
        case datetime():
            return spell(value)
        case str() | int() | float() | None:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} has no place in JSON")
