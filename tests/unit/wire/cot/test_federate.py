"""CoT written as FederatedEvents, taken apart by hand (support/fig.py)."""

from datetime import UTC, datetime

from accord.wire.cot import federate, federated, xml
from accord.wire.cot.federated import Contact, Crud, Hops
from accord.wire.cot.message import CotEvent, CotPoint
from support.fig import Federated, Fields, Geo, fields, geo_of

AT = datetime(2026, 11, 26, tzinfo=UTC)
MS = int(AT.timestamp() * 1_000)


def an_event(detail: str = "", **marks: str) -> CotEvent:
    written = xml.compose(
        uid="U-1", type="a-f-S", how="m-g", time=AT, start=AT, stale=AT,
        point=CotPoint(-33.0, 178.0, 0.0, 20.0, 9999999.0), detail=detail, marks=dict(marks),
    )  # fmt: skip
    return xml.read(written)


def said(detail: str) -> Fields:
    return geo_of(federate.event_message(an_event(detail)))


def test_an_event_is_written_as_the_table_of_fields_has_it() -> None:
    event = an_event(
        '<track speed="1.5" course="90"/><status battery="80"/>'
        '<precisionlocation geopointsrc="GPS" altsrc="DTED0"/><remarks>hi</remarks>',
        access="USA SECRET", caveat="NOFORN", releasableTo="USA",
    )  # fmt: skip
    message = federate.event_message(
        event, uids=("U-9",), callsigns=("KIWI",), groups=("Sea",),
        provenance=(("USA-PAC", "USA-PAC"),), hops=Hops(1, 2),
    )  # fmt: skip
    geo = Geo(
        "U-1", time=MS, start=MS, stale=MS, other="<detail><remarks>hi</remarks></detail>",
        battery=80, ploc="GPS", palt="DTED0", speed=1.5, course=90.0, uids=("U-9",),
        callsigns=("KIWI",), access="USA SECRET", caveat="NOFORN", releaseable_to="USA",
    )  # fmt: skip
    expected = Federated(
        event=geo, groups=("Sea",), provenance=(("USA-PAC", "USA-PAC"),), hops=(1, 2)
    )
    assert message == expected.encode()


def test_in_version_1_neither_hops_nor_servers_are_said() -> None:
    assert set(fields(federate.event_message(an_event()))) == {1}


def test_there_is_always_a_detail() -> None:
    assert said("")[12] == [b"<detail></detail>"]


def test_what_its_fields_do_not_say_whole_stays_in_the_detail() -> None:
    for detail in (
        '<track speed="1.5" course="90" slope="3"/>',
        '<track speed="1_0" course="90"/>',
        '<track speed="fast" course="90"/>',
        '<track speed="1e999" course="90"/>',
        '<track speed="1" course="2"/><track speed="3" course="4"/>',
        '<track speed="1" course="2"><x/></track>',
        '<status battery="80" readiness="true"/>',
        '<status battery="full"/>',
        '<status battery="9999999999"/>',
        '<precisionlocation geopointsrc="GPS"/>',
    ):
        found = said(detail)
        assert found[12] == [f"<detail>{detail}</detail>".encode()]
        assert not {13, 14, 15, 20, 21} & set(found)


def test_what_is_written_is_read_again() -> None:
    event = an_event('<track speed="1.5" course="90.0"/><__exercise opex="e-TASMAN 26"/>')
    again = federated.read(federate.event_message(event)).event
    assert again is not None
    assert (again.uid, again.point, again.time) == (event.uid, event.point, event.time)
    assert sorted(again.elements, key=str) == sorted(event.elements, key=str)


def test_a_contact_is_written_as_the_table_of_fields_has_it() -> None:
    message = federate.contact_message(
        Contact(Crud.DELETE, "U-1", "KIWI"), groups=("Sea",), provenance=(("A", "A"),),
        hops=Hops(1, -1),
    )  # fmt: skip
    expected = Federated(
        contact=(4, "U-1", "KIWI"), groups=("Sea",), provenance=(("A", "A"),), hops=(1, -1)
    )
    assert message == expected.encode()
