"""How a link stands, beside what waits in it (status.py)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """One link, now.

    `stopped` says why a person must look before it runs again, `trouble` what is wrong with the
    guard, its ledger or its agreements; both are empty where nothing is. `turned_away` counts
    callers that were no partner, `closed` why sessions ended, `unverified` reports whose origin's
    key is not known here. `lines`, `signed` and `cosigned` are of the ledger.
    """

    partner: str
    is_up: bool
    since: float | None
    address: str
    is_dialled: bool
    stopped: str
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
