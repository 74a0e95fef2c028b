"""How each partner, its link and its agreements are, and what of that somebody should look at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from accord.core.quantity import about_duration


class LinkState(StrEnum):
    """Whether a link to a partner is there, and says anything."""

    UP = "up"
    SILENT = "silent"
    DOWN = "down"
    STOPPED = "stopped"
    """Until a person has looked."""
    REFUSED = "refused"
    """By `accord partner deny`."""


AGREEMENT_NOTICE = timedelta(days=30)
"""How long before its end an agreement is a problem: people have to sign the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementStatus:
    """One agreement with one partner.

    `gives` and `takes` are seen from this node. `here`: it is activated on this node. `there`: how
    it stands at the partner, in words. `why`: a sentence on what keeps it from flowing; empty where
    nothing does. `since` and `until` are known of what is activated here. `stopped` is "suspended"
    or "withdrawn" where a party did so here, "paused" where people of this node did, else empty.
    """

    id: str
    serial: int
    gives: bool
    takes: bool
    here: bool
    there: str
    why: str = ""
    since: datetime | None = None
    until: datetime | None = None
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFileStatus:
    """What went to a partner, and came of it, by file.

    `last_out`: when the last bundle for it was made, `is_answered`: whether it has said since that
    it took it in. `last_in`: when the last of it was taken in, `made`: when it made that, which is
    how old its words are. `items_out` and `items_in` are the reports and records in the two.
    `forgotten` counts bundles for which there was no place to be remembered any more.
    """

    last_out: datetime | None
    items_out: int
    is_answered: bool
    last_in: datetime | None
    made: datetime | None
    items_in: int
    forgotten: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerStatus:
    """One partner, and the link to its node.

    `since` is when the link came up, or went down; None for a partner that is refused.
    `last_heard` is when anything came over the link, None in a life of this node in which nothing
    did. Of a partner that is refused, that and the counts are as when its link ended. `waiting`
    counts what is to go out, by lane, `waiting_bytes` about how much that is; `lag` is how many
    seconds the oldest of it has waited.
    `held_back` counts what is kept while no agreement gives the partner anything.
    `released` counts what went since the node started, by clause and form, `withheld` what did not,
    by clause and reason; each report once. `blocked` says per agreement why nothing flows by it,
    `agreements` how each stands. `unverified` counts reports that were not taken, by the node on
    their way that is no partner here. `lines` are those of the ledger, `cosigned` how far
    the partner has vouched for them; None where the ledger of a partner that is refused cannot be
    read. `reports` of it were accepted since the node started, the last at `last_report`. `refused`
    counts what came and was not taken, and who was turned away; `closed` why sessions ended, among
    it what the partner did wrong, `ended` why the last did, while there is none. `budget_day` are
    the bytes left of the day's, None without a limit. `keys` says which of its keys were succeeded,
    and which of this node's it has not taken yet. `by_file` is None where nothing went or came so.
    `note` is what is worth knowing of it and no problem, in a sentence; empty where nothing is.
    `cadence` is how many seconds apart the reports of one object can be by what it gives.
    """

    node: str
    state: LinkState
    address: str
    since: datetime | None
    last_heard: datetime | None
    waiting: Mapping[str, int]
    lag: float
    released: Mapping[str, int]
    withheld: Mapping[str, int]
    blocked: tuple[str, ...]
    sent_bytes: int
    received_bytes: int
    budget_day: int | None
    lines: int | None
    cosigned: int | None
    refused: Mapping[str, int]
    closed: Mapping[str, int] = field(default_factory=dict[str, int])
    trouble: str = ""
    keys: tuple[str, ...] = ()
    ended: str = ""
    unverified: Mapping[str, int] = field(default_factory=dict[str, int])
    agreements: tuple[AgreementStatus, ...] = ()
    by_file: ByFileStatus | None = None
    reports: int = 0
    last_report: datetime | None = None
    held_back: int = 0
    waiting_bytes: Mapping[str, int] = field(default_factory=dict[str, int])
    cadence: float = 0.0
    note: str = ""


def partner_problems(
    partners: Iterable[PartnerStatus], now: datetime, silent_after: timedelta
) -> Iterator[str]:
    """Name every link that is not as it should be: what it gave is missing, not absent.

    `silent_after`: how long one that gave reports may give none while its link is up, beyond the
    cadence by which it gives.
    """
    for each in partners:
        if each.trouble:
            yield f"partner {each.node}: {each.trouble}"
        if each.state in (LinkState.DOWN, LinkState.SILENT):
            last = each.last_heard
            heard = (
                "never heard" if last is None else f"last heard {about_duration(now - last)} ago"
            )
            why = f"{each.ended}; " if each.ended else ""
            yield f"partner {each.node} is {each.state}: {why}{heard}; its reports are missing"
        yield from _feedless(each, now, silent_after)
        yield from (f"partner {each.node}: {why}" for why in each.blocked)
        for node in each.unverified:
            yield strange(node, each.node)


def _feedless(each: PartnerStatus, now: datetime, silent_after: timedelta) -> Iterator[str]:
    if each.state is not LinkState.UP or each.last_report is None or each.since is None:
        return
    # Before the link was up nothing could come.
    quiet = now - max(each.last_report, each.since)
    if quiet > silent_after + timedelta(seconds=each.cadence):
        yield (
            f"partner {each.node}: the link is up, and no report came for {about_duration(quiet)}: "
            "its feeds may be down"
        )


def strange(node: str, partner: str) -> str:
    """Say that nothing is taken of a node whose reports a partner passes on, and what to do."""
    return (
        f"{node}, passed on by {partner}, is not a partner here, so nothing of it is taken: "
        "exchange invitations with it, and add it with accord partner add DIR FILE"
    )


def agreement_problems(partners: Iterable[PartnerStatus], now: datetime) -> Iterator[str]:
    """Name once what has ended or soon will: a new serial needs people of both sides."""
    held = [it for each in partners for it in each.agreements]
    for it in {(each.id, each.serial): each for each in held}.values():
        if it.until is None:
            continue
        what = f"agreement {it.id} serial {it.serial}"
        when = f"{it.until:%Y-%m-%d %H:%MZ}"
        if it.until <= now:
            yield (
                f"{what} ended at {when} and nothing flows by it: sign and activate a new serial, "
                f"or withdraw it with accord agreement suspend DIR {it.id} --withdraw"
            )
        elif it.until - now <= AGREEMENT_NOTICE:
            left = about_duration(it.until - now)
            yield f"{what} ends in {left}, at {when}: sign and activate a new serial before"
