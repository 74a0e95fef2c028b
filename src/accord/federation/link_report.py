"""How a link is, as `accord status` says it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accord.core.agreement import Agreement
from accord.federation.bundle_memory import BundleMemory
from accord.federation.link_status import LinkStatus
from accord.federation.moment import Moment
from accord.federation.standing import Standing
from accord.federation.status import SyncStatus
from accord.observe.partner_health import (
    AgreementStatus,
    ByFileStatus,
    LinkState,
    PartnerStatus,
)
from accord.wire.peer.translate import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What neither a link nor its sync core knows of itself.

    `disagreeing` are agreements whose gate has stopped. `keys` says which keys were succeeded, and
    which are not taken yet. `terms` are the agreements that are activated here, by id and serial.
    `bundles` is what is remembered of files. `reports` of the partner were accepted, the last at
    `last_report`.
    """

    disagreeing: Sequence[str] = ()
    keys: Sequence[str] = ()
    terms: Mapping[tuple[str, int], Agreement] = field(
        default_factory=dict[tuple[str, int], Agreement]
    )
    bundles: BundleMemory | None = None
    reports: int = 0
    last_report: datetime | None = None


def told(
    link: LinkStatus,
    sync: SyncStatus,
    counts: Mapping[str, int],
    now: Moment,
    beside: Beside,
) -> PartnerStatus:
    """Return the status of one partner."""
    released = {f"{clause} {form}": n for (clause, form), n in sorted(sync.flowing.items())}
    withheld = {f"{clause} {why}".strip(): n for (clause, why), n in sorted(sync.withheld.items())}
    heard = sync.last_heard
    return PartnerStatus(
        node=link.partner,
        state=_state(link, sync),
        address=link.address,
        since=now.at - timedelta(seconds=now.seconds - link.since),
        last_heard=None if heard is None else now.at - timedelta(seconds=heard),
        waiting={str(lane.name).lower(): it.waiting for lane, it in sync.lanes.items()},
        waiting_bytes={str(lane.name).lower(): it.bytes for lane, it in sync.lanes.items()},
        held_back=sum(it.held_back for it in sync.lanes.values()),
        lag=round(max((it.lag for it in sync.lanes.values()), default=0.0), 1),
        released=released,
        withheld=withheld,
        blocked=sync.blocked,
        sent_bytes=link.sent_bytes,
        received_bytes=link.received_bytes,
        budget_day=sync.budget_day,
        lines=link.lines,
        cosigned=link.cosigned,
        refused=dict(Counter(counts) + Counter(link.turned_away)),
        unverified=dict(link.unverified),
        agreements=tuple(_agreement(each, beside.terms) for each in sync.standing),
        closed=dict(link.closed),
        ended=link.ended,
        trouble="; ".join(_troubles(link, beside.disagreeing)),
        keys=tuple(beside.keys),
        by_file=_by_file(beside.bundles),
        reports=beside.reports,
        last_report=beside.last_report,
        cadence=_cadence(sync.standing, beside.terms),
    )


def _cadence(standing: Sequence[Standing], terms: Mapping[tuple[str, int], Agreement]) -> float:
    """Return the longest cadence of a form by which the partner gives, in seconds."""
    taken = (terms.get((it.id, it.serial)) for it in standing if it.takes and it.is_here)
    forms = (form for each in taken if each is not None for form in each.forms)
    return max((form.cadence.total_seconds() for form in forms if form.cadence), default=0.0)


def refused(node: str, last: PartnerStatus | None, ledger: tuple[int, int] | None) -> PartnerStatus:
    """Return the status of a partner that is refused, and so has no link.

    `last` is how its last link stood, None where this life of the node had none. `ledger` are its
    lines, and those that are cosigned; None where it cannot be read.
    """
    lines, cosigned = (None, None) if ledger is None else ledger
    none = PartnerStatus(
        node=node, state=LinkState.REFUSED, address="", since=None, last_heard=None, waiting={},
        lag=0.0, released={}, withheld={}, blocked=(), sent_bytes=0, received_bytes=0,
        budget_day=None, lines=None, cosigned=None, refused={},
    )  # fmt: skip
    return replace(
        last or none, state=LinkState.REFUSED, address="", since=None, waiting={},
        waiting_bytes={}, lag=0.0, held_back=0, blocked=(), agreements=(), unverified={},
        lines=lines, cosigned=cosigned, ended="",
        trouble=f"it is refused; to let it in again: accord partner allow DIR {node}",
    )  # fmt: skip


def _agreement(it: Standing, terms: Mapping[tuple[str, int], Agreement]) -> AgreementStatus:
    held = terms.get((it.id, it.serial)) if it.is_here else None
    return AgreementStatus(
        id=it.id, serial=it.serial, gives=it.gives, takes=it.takes, here=it.is_here, there=it.there,
        why=it.why, stopped=it.stopped,
        since=None if held is None else held.since,
        until=None if held is None else held.until,
    )  # fmt: skip


def _by_file(memory: BundleMemory | None) -> ByFileStatus | None:
    if memory is None or (memory.last_out is None and memory.last_in is None):
        return None
    out, came = memory.last_out, memory.last_in
    return ByFileStatus(
        last_out=None if out is None else moment(out.made),
        items_out=0 if out is None else out.items,
        is_answered=out is not None and out.answered,
        last_in=None if came is None else moment(came.at),
        made=None if came is None else moment(came.made),
        items_in=0 if came is None else came.items,
        forgotten=memory.forgotten,
    )


def _state(link: LinkStatus, sync: SyncStatus) -> LinkState:
    if link.stopped:
        return LinkState.STOPPED
    if not link.is_up:
        return LinkState.DOWN
    return LinkState.UP if sync.silent_for is None else LinkState.SILENT


def _troubles(link: LinkStatus, disagreeing: Sequence[str]) -> Iterator[str]:
    if link.stopped:
        yield f"the link is stopped until somebody has looked: {link.stopped}"
    if link.trouble:
        yield link.trouble
    for agreement in disagreeing:
        yield f"nothing leaves by {agreement}: its compiled clauses and Cedar do not agree"
