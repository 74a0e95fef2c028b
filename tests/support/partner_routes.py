"""The routes about partners at a node that gives, and a page that asks them as whom one likes."""

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from accord.api import agreements as agreements_api
from accord.api import partners as partners_api
from accord.api.agreement_preview import Past
from accord.api.agreements import AgreementsApi, Stop
from accord.api.ledgers import Ledgers
from accord.api.openapi import document
from accord.api.partners import AskedBack, PartnersApi, WantedBack
from accord.core.principal import Direction, Principal, Role
from accord.live.marking import DefaultMarkings
from accord.node.kept import report_of, segments
from accord.node.rebuilt import seen_by
from accord.observe.partner_health import AgreementStatus, PartnerStatus
from accord.storage.agreements import AGREEMENTS, Agreements, Pause
from support.clock import ManualClock
from support.health import A_PARTNER
from support.page import Asking, Page
from support.released import GIVER, RECEIVER, GivingNode, after
from support.schema import faults
from support.small_agreement import ID

BOSS = Principal(name="boss", groups={"Blue": Direction.BOTH}, role=Role.ADMINISTRATOR)
OTHER_BOSS = Principal(name="other", groups={"Red": Direction.BOTH}, role=Role.ADMINISTRATOR)

STANDS = AgreementStatus(
    id=ID, serial=1, gives=True, takes=False, here=True, there="activated",
    since=after(0), until=after(3600),
)  # fmt: skip
STATUS = replace(A_PARTNER, node=RECEIVER, agreements=(STANDS,), waiting_bytes={"chat": 900})


@dataclass
class PartnerRoutes:
    """A node with a journal and a ledger, and everything that was asked of it."""

    node: GivingNode
    clock: ManualClock
    statuses: list[PartnerStatus] = field(default_factory=lambda: [STATUS])
    recalls: list[AskedBack] = field(default_factory=list[AskedBack])
    called_back: list[tuple[WantedBack, str, str]] = field(
        default_factory=list[tuple[WantedBack, str, str]]
    )
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        directory, asking = self.node.directory, Asking()
        callers = asking.as_callers()
        self.partners = PartnersApi(
            partners_api.Around(
                directory=directory,
                partners=lambda: self.statuses,
                budgets=(0, 1_000_000),
                picture=lambda partner, at, sees, is_late: seen_by(
                    directory, partner, at, sees=sees, is_late=is_late
                ),
                recalls=lambda _: self.recalls,
                call_back=self._call_back,
                noted=self._note,
                clock=self.clock,
            ),
            callers,
        )
        self.ledgers = Ledgers(directory, callers, clock=self.clock, changed=self.changed.set)
        held = Agreements(directory / AGREEMENTS)
        self.agreements = AgreementsApi(
            agreements_api.Around(
                own=GIVER,
                directory=directory,
                past=Past(
                    segments=lambda since: segments(directory, since=since),
                    report_of=partial(report_of, defaults=DefaultMarkings()),
                ),
                pause=lambda name, by, reason: self._pause(held, name, by, reason),
                go_on=lambda name, _by: held.go_on(name) and None,
                noted=self._note,
                clock=self.clock,
            ),
            callers,
        )
        routes = (*self.partners.routes(), *self.ledgers.routes(), *self.agreements.routes())
        self.page = Page(asking, routes)

    def _call_back(self, wanted: WantedBack, reason: str, by: str) -> int:
        self.called_back.append((wanted, reason, by))
        return len(self.called_back)

    async def _note(self, by: str, sentence: str) -> None:
        self.notes.append((by, sentence))

    def _pause(self, held: Agreements, name: str, by: str, reason: str) -> Stop:
        held.pause(name, Pause(by=by, at=self.clock.now(), reason=reason))
        return Stop(partners=(RECEIVER,), in_flight=2)

    def close(self) -> None:
        self.partners.close()
        self.ledgers.close()
        self.agreements.close()


def at(seconds: float) -> ManualClock:
    """A clock that shows so long after six."""
    return ManualClock(after(seconds))


def described(answer: Any, method: str, path: str) -> list[str]:
    """What of an answer is not as the OpenAPI document has it."""
    whole: Any = document()
    said = whole["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    (content,) = said.values()
    return faults(answer.json(), content["schema"], whole, closed=True)
