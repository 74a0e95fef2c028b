from datetime import UTC, datetime

import pytest

from accord.core.context import LIVE, Context
from accord.core.report import Report, Source
from accord.core.tak_partner import TakPartner, TakVersion
from accord.federation.tak import inflow
from support.fig import Federated, Geo

AT = datetime(2026, 11, 26, tzinfo=UTC)
SERVER = TakPartner(
    node="AUS-TAK", authorities=(b"",), fingerprint="", version=TakVersion.V2, made=AT,
    listen="0.0.0.0:9001", groups=("Partners",), mapping=(("Sea", "Ships"),),
)  # fmt: skip


def take(said: Federated | bytes, partner: TakPartner = SERVER) -> Report | str:
    data = said if isinstance(said, bytes) else said.encode()
    return inflow.take(data, partner, own="USA-PAC", hop_limit=4, received=AT)


def test_what_comes_is_the_servers_of_its_nation_and_says_over_whom_it_came() -> None:
    said = Federated(event=Geo("U-1"), provenance=(("id-1", "hub"), ("id-2", "")), hops=(2, 3))
    report = take(said)
    assert isinstance(report, Report)
    assert report.source == Source(
        node="AUS-TAK", channel="partner:AUS-TAK", speaker="", hops=("hub", "id-2")
    )
    assert report.source.is_partners
    assert report.groups == {"Partners"}
    assert report.received == AT
    assert report.context == Context.exercise("unknown")


def test_groups_are_mapped() -> None:
    report = take(Federated(event=Geo("U-1"), groups=("Sea", "Land")))
    assert isinstance(report, Report)
    assert report.groups == {"Ships"}


def test_a_mark_of_an_operation_is_the_one_way_to_be_live() -> None:
    mark = '<detail><__exercise opex="o-TASMAN"/></detail>'
    report = take(Federated(event=Geo("U-1", other=mark)))
    assert isinstance(report, Report)
    assert report.context is LIVE


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\xff", "malformed"),
        (Federated(contact=(1, "U-1", "KIWI")), inflow.A_CONTACT),
        (Federated(event=Geo("U-1"), provenance=(("USA-PAC", "x"),)), inflow.A_LOOP),
        (Federated(event=Geo("U-1"), provenance=(("x", "USA-PAC"),)), inflow.A_LOOP),
        (Federated(event=Geo("U-1"), hops=(2, 2)), inflow.TOO_FAR),
        (Federated(event=Geo("U-1"), provenance=tuple((c, c) for c in "abcde")), inflow.TOO_FAR),
        (Federated(event=Geo("U-1", type="t-x-readiness")), inflow.CONTROL),
        (Federated(event=Geo("U-1", type="t-x-sar")), inflow.CONTROL),
        (Federated(event=Geo("U-1", type="t-x-takp-v")), inflow.CONTROL),
        (Federated(event=Geo("U-1", missions=("SAR",))), "unsupported"),
    ],
)
def test_what_is_not_taken_says_why(said: Federated | bytes, why: str) -> None:
    assert take(said) == why


def test_a_removal_is_taken() -> None:
    other = '<detail><link uid="U-9" relation="p-p"/></detail>'
    assert isinstance(take(Federated(event=Geo("U-1", type="t-x-d-d", other=other))), Report)


def test_where_groups_are_mapped_alone_what_is_in_none_of_them_is_not_taken() -> None:
    from dataclasses import replace

    partner = replace(SERVER, groups=())
    assert take(Federated(event=Geo("U-1"), groups=("Land",)), partner) == inflow.NO_GROUP
