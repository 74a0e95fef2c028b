"""How a link to a partner is doing, as people are shown it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accord.federation.standing import Standing
from accord.wire.peer.protocol import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStatus:
    """What waits in one lane: entries or objects, bytes (about), and for how many seconds.

    `held_back` are those that are kept while no agreement gives the partner anything: they wait for
    people, not for the link, and have no lag.
    """

    waiting: int = 0
    bytes: int = 0
    lag: float = 0.0
    held_back: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """One link, now.

    `blocked` says in a sentence, per agreement, why nothing flows by it, or expected by it.
    `standing` says of each agreement how both nodes hold it. `flowing` counts what was released by
    clause and form, `withheld` what was not by clause and reason, each report once.
    `budget_second` and `budget_day` are the bytes left, None without a limit. `last_heard` and
    `silent_for` are seconds; `silent_for` is None while the partner is heard.
    """

    partner: str
    connected: bool
    lanes: Mapping[Lane, LaneStatus]
    in_flight: int
    window: int
    budget_second: int | None
    budget_day: int | None
    flowing: Mapping[tuple[str, str], int]
    withheld: Mapping[tuple[str, str], int]
    blocked: tuple[str, ...] = ()
    standing: tuple[Standing, ...] = ()
    suspended: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    pruned_here: tuple[str, ...] = ()
    last_heard: float | None = None
    silent_for: float | None = None
    refused: Mapping[str, int] = field(default_factory=dict[str, int])
