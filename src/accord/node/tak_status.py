"""How a link to a TAK server is, in the words of those to partner nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.agreed import Decisions
from accord.federation.moment import Moment
from accord.federation.standing import OTHER_KEY, Stopped
from accord.federation.tak.link import TakCounts, TakLink
from accord.federation.tak.outflow import TakOutflow
from accord.federation.totals import Totals
from accord.node.past import Reports
from accord.observe.partner_health import AgreementStatus, LinkState, PartnerStatus

CANNOT_SIGN = "a TAK server signs nothing: it stands by this node's signature alone"
NO_AGREEMENT = (
    "no agreement gives it anything, and nothing came of it yet: activate one in which its key is "
    '"none", see docs/how-to/federate-with-tak-server.md; or, where it is only heard here, '
    "wait for its first report"
)
ONLY_HEARD = "it is only heard: no agreement gives it anything"


@dataclass(slots=True, kw_only=True)
class TakPast:
    """What is counted of one TAK server since the node started, over all its links."""

    counts: TakCounts
    totals: Totals
    reports: Reports


@dataclass(slots=True, kw_only=True)
class TakTie:
    """One TAK server, its link, and what is decided for it."""

    partner: TakPartner
    link: TakLink
    out: TakOutflow
    decisions: Decisions
    past: TakPast


def told(tie: TakTie, now: Moment, silent_after: float) -> PartnerStatus:
    """Return the status of one TAK server."""
    link, out, counts = tie.link, tie.out, tie.past.counts
    heard = link.last_heard
    return PartnerStatus(
        node=tie.partner.node,
        state=_state(tie, now, silent_after),
        address=link.address,
        since=now.at - timedelta(seconds=now.seconds - link.since),
        last_heard=None if heard is None else now.at - timedelta(seconds=now.seconds - heard),
        waiting=out.waiting(),
        lag=round(out.lag(now.seconds), 1) if link.is_up else 0.0,
        released=dict(out.released),
        withheld={
            f"{clause} {why}".strip(): n
            for (clause, why), n in sorted(tie.past.totals.withheld.items())
        },
        blocked=tuple(_blocked(tie)),
        note=ONLY_HEARD if _is_given_nothing(tie) and tie.past.reports.count else "",
        sent_bytes=counts.sent_bytes,
        received_bytes=counts.received_bytes,
        budget_day=None,
        lines=link.guard.standing.lines,
        cosigned=0,
        refused=dict(counts.refused + counts.turned_away),
        closed=dict(counts.closed),
        ended="" if link.is_up else link.ended,
        trouble="; ".join(_troubles(tie)),
        agreements=tuple(_agreements(tie)),
        reports=tie.past.reports.count,
        last_report=tie.past.reports.last,
    )


def _state(tie: TakTie, now: Moment, silent_after: float) -> LinkState:
    """Return how the link is. Who speaks version 1 and has nothing to say is up all the same.

    That version has no sign of life; that the other machine is there TCP finds out.
    """
    link = tie.link
    if link.guard.stopped:
        return LinkState.STOPPED
    if not link.is_up:
        return LinkState.DOWN
    if tie.partner.version is TakVersion.V1:
        return LinkState.UP
    heard = link.since if link.last_heard is None else max(link.last_heard, link.since)
    return LinkState.SILENT if now.seconds - heard > silent_after else LinkState.UP


def _blocked(tie: TakTie) -> Iterator[str]:
    if _is_given_nothing(tie) and not tie.past.reports.count:
        yield NO_AGREEMENT
    for each in tie.decisions.stopped_here:
        yield _why(each)


def _is_given_nothing(tie: TakTie) -> bool:
    return not tie.decisions.gives and not tie.decisions.stopped_here


def _why(it: Stopped) -> str:
    if it.how != OTHER_KEY:
        return it.sentence("")
    return (
        f"{it.held.id} serial {it.held.serial} names a key of {it.by}, which is a TAK server and "
        'signs nothing: activate a serial in which its key is "none"'
    )


def _troubles(tie: TakTie) -> Iterator[str]:
    link = tie.link
    if link.guard.stopped:
        yield f"the link is stopped until somebody has looked: {link.guard.stopped}"
    for each in (link.guard.standing.trouble, link.trouble):
        if each:
            yield each
    for agreement in tie.decisions.stopped:
        yield f"nothing leaves by {agreement}: its compiled clauses and Cedar do not agree"


def _agreements(tie: TakTie) -> Iterator[AgreementStatus]:
    for held in tie.decisions.gives:
        terms = tie.decisions.terms.get((held.id, held.serial))
        yield AgreementStatus(
            id=held.id, serial=held.serial, gives=True, takes=False, here=True, there=CANNOT_SIGN,
            since=None if terms is None else terms.since,
            until=None if terms is None else terms.until,
        )  # fmt: skip
    for each in tie.decisions.stopped_here:
        yield AgreementStatus(
            id=each.held.id, serial=each.held.serial, gives=each.gives, takes=each.takes, here=True,
            there=CANNOT_SIGN, why=_why(each), stopped=each.how,
        )  # fmt: skip


def refused_server(node: str) -> PartnerStatus:
    """Return the status of one that is refused."""
    return PartnerStatus(
        node=node, state=LinkState.REFUSED, address="", since=None, last_heard=None, waiting={},
        lag=0.0, released={}, withheld={}, blocked=(), sent_bytes=0, received_bytes=0,
        budget_day=None, lines=None, cosigned=None, refused={},
        trouble=f"it is refused; to let it in again: accord partner allow DIR {node}",
    )  # fmt: skip
