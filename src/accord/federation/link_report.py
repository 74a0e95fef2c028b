"""How a link is, as `accord status` says it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from accord.federation.link_status import LinkStatus
from accord.federation.moment import Moment
from accord.federation.status import SyncStatus
from accord.observe.health import LinkState, PartnerStatus


def told(
    link: LinkStatus,
    sync: SyncStatus,
    counts: Mapping[str, int],
    now: Moment,
    disagreeing: Sequence[str],
) -> PartnerStatus:
    """Return the status of one partner; `disagreeing` are agreements whose gate has stopped."""
    released = {f"{clause} {form}": n for (clause, form), n in sorted(sync.flowing.items())}
    since = None if link.since is None else now.at - timedelta(seconds=now.seconds - link.since)
    heard = sync.last_heard
    return PartnerStatus(
        node=link.partner,
        state=_state(link, sync),
        address=link.address,
        since=since,
        last_heard=None if heard is None else now.at - timedelta(seconds=heard),
        waiting={str(lane.name).lower(): it.waiting for lane, it in sync.lanes.items()},
        lag=round(max((it.lag for it in sync.lanes.values()), default=0.0), 1),
        released=released,
        withheld=dict(sync.withheld),
        blocked=sync.blocked,
        sent_bytes=link.sent_bytes,
        received_bytes=link.received_bytes,
        budget_day=sync.budget_day,
        lines=link.lines,
        cosigned=link.cosigned,
        refused=dict(Counter(counts) + Counter(link.turned_away) + Counter(link.unverified)),
        closed=dict(link.closed),
        trouble="; ".join(_troubles(link, disagreeing)),
    )


def refused(node: str) -> PartnerStatus:
    """Return the status of a partner that is refused, and so has no link."""
    return PartnerStatus(
        node=node, state=LinkState.REFUSED, address="", since=None, last_heard=None, waiting={},
        lag=0.0, released={}, withheld={}, blocked=(), sent_bytes=0, received_bytes=0,
        budget_day=None, lines=0, cosigned=0, refused={}, closed={},
        trouble=f"it is refused; to let it in again: accord partner allow DIR {node}",
    )  # fmt: skip


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
