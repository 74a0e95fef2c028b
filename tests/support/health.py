"""A status for tests, complete and dull unless told otherwise."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from accord.core.principal import Direction
from accord.observe.health import (
    BudgetStatus,
    CertificateStatus,
    ClientStatus,
    GroupStatus,
    JournalStatus,
    ListenerStatus,
    NodeStatus,
    PictureStatus,
    RateStatus,
    SourceState,
    SourceStatus,
    Status,
)
from accord.observe.partner_health import LinkState, PartnerStatus
from support.clock import START

A_NODE = NodeStatus(id="NZL-X", nation="NZL", name="Test node", version="0.1", started=START)

A_CLIENT = ClientStatus(
    name="kiwi-1",
    address="192.0.2.1:40000",
    channel="tak",
    form="xml",
    since=START,
    uid="ANDROID-1",
    callsign="KIWI 1",
    groups={"Blue": Direction.BOTH, "Red": Direction.OUT},
    accepted=12,
    refused={"malformed": 2, "too large": 1},
    sent=99,
    replaced=0,
    waiting=3,
    waiting_bytes=1800,
)


A_PARTNER = PartnerStatus(
    node="USA-PAC",
    state=LinkState.UP,
    address="192.0.2.9:9010",
    since=START,
    last_heard=START + timedelta(minutes=9),
    waiting={"chat": 2, "tracks": 40},
    lag=3.5,
    released={"1 exact": 70, "2 grid-1nm": 5},
    withheld={"a clause forbids it": 8},
    blocked=(),
    sent_bytes=1800,
    received_bytes=900,
    budget_day=None,
    lines=75,
    cosigned=60,
    refused={"certificate has ended": 2},
    reports=340,
    last_report=START + timedelta(minutes=9),
)


def a_status(**changes: Any) -> Status:
    status = Status(
        at=START + timedelta(minutes=10),
        node=A_NODE,
        problems=(),
        listeners=(ListenerStatus(name="cot-tls", address="127.0.0.1:8089", connections=1),),
        clients=(A_CLIENT,),
        groups=(GroupStatus(name="Blue", speak=1, hear=1),),
        rates=(RateStatus(what="accepted", total=600, one_minute=1.5, five_minutes=None),),
        picture=PictureStatus(tracks=5, limit=100, contexts={"live": 5}, counts={}),
        journal=JournalStatus(waiting_bytes=0, limit_bytes=1 << 20, counts={}),
        drops={"wire": {"malformed": 2}},
        sources=(
            SourceStatus(
                channel="tak",
                speaker="kiwi-1",
                state=SourceState.SPEAKING,
                accepted=12,
                last_useful=START + timedelta(minutes=9),
            ),
        ),
        partners=(A_PARTNER,),
        budgets=(BudgetStatus(what="disk", used=1 << 20, budget=1 << 30),),
        certificates=(
            CertificateStatus(
                file="server/server.pem",
                subject="NZL-X",
                not_after=START + timedelta(days=365),
                warning="later",
                remedy="put a new one in its place",
            ),
        ),
    )
    return replace(status, **changes)
