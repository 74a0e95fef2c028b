"""How a link stands, beside what waits in it (status.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.observe.counters import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCounts:
    """What a link counts; given to the next link to the same partner, it goes on from there."""

    turned_away: Tally = field(default_factory=Tally)
    closed: Tally = field(default_factory=Tally)
    unverified: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """One link, now.

    `stopped` says why a person must look before it runs again, `trouble` what is wrong with the
    guard, its ledger or its agreements; both are empty where nothing is. `ended` says why the last
    session ended, while there is none; `since` is when the session began, or there was none any
    more. `turned_away` counts
    callers that were no partner, `closed` why sessions ended, `unverified` reports by the node on
    their way whose key is not known here. `lines`, `signed` and `cosigned` are of the ledger.
    """

    partner: str
    is_up: bool
    since: float
    address: str
    is_dialled: bool
    stopped: str
    ended: str
    trouble: str
    guard: int | None
    guards_ended: int
    sent_bytes: int
    received_bytes: int
    lines: int
    signed: int
    cosigned: int
    turned_away: Mapping[str, int]
    closed: Mapping[str, int]
    unverified: Mapping[str, int]
