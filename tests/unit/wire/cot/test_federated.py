"""FederatedEvents that are made by hand (support/fig.py), read as CoT."""

from datetime import UTC, datetime, timedelta

import pytest

from accord.core.context import LIVE, Context
from accord.core.report import Address, AddressKind, Source
from accord.wire.cot import federated, xml
from accord.wire.cot.federated import Contact, Crud, Hops
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import to_report
from accord.wire.errors import Malformed, WireError
from support import fig
from support.fig import Federated, Geo

AT = datetime(2026, 11, 26, tzinfo=UTC)
MS = int(AT.timestamp() * 1_000)


def read(event: Geo, **more: object) -> CotEvent:
    found = federated.read(Federated(event=event, **more).encode()).event  # type: ignore[arg-type]
    assert found is not None
    return found


def context_of(event: CotEvent) -> Context:
    source = Source(node="AUS-TAK", channel="partner:AUS-TAK", speaker="")
    return to_report(event, source=source, groups=frozenset({"Blue"}), received=AT).context


def element(event: CotEvent, name: str) -> dict[str, str]:
    return dict(next(attributes for each, attributes in event.elements if each == name))


def names(event: CotEvent) -> list[str]:
    return [name for name, _ in event.elements]


def test_the_fields_of_an_event_are_read() -> None:
    event = read(
        Geo(
            "U-1", type="a-f-G-U-C", time=MS, start=MS + 1_000, stale=MS + 60_000, lat=-41.5,
            lon=174.25, hae=12.0, ce=5.0, le=7.0, how="h-e", access="USA SECRET", caveat="NOFORN",
            releaseable_to="USA", other='<detail><contact callsign="KIWI"/></detail>',
        )
    )  # fmt: skip
    assert (event.uid, event.type, event.how) == ("U-1", "a-f-G-U-C", "h-e")
    assert event.time == AT
    assert event.start == AT + timedelta(seconds=1)
    assert event.stale == AT + timedelta(minutes=1)
    assert event.point == (-41.5, 174.25, 12.0, 5.0, 7.0)
    assert (event.access, event.caveat, event.releasable_to) == ("USA SECRET", "NOFORN", "USA")
    assert element(event, "contact") == {"callsign": "KIWI"}


def test_without_an_exercise_mark_nothing_is_live() -> None:
    event = read(Geo("U-1"))
    assert event.opex == "e-unknown"
    assert element(event, "__exercise") == {"opex": "e-unknown"}
    assert context_of(event) == Context.exercise("unknown")


def test_the_exercise_mark_of_the_detail_counts() -> None:
    event = read(Geo("U-1", other='<detail><__exercise opex="e-TASMAN 26"/></detail>'))
    assert context_of(event) == Context.exercise("TASMAN 26")
    assert names(event).count("__exercise") == 1


def test_an_operations_mark_says_that_it_is_live() -> None:
    event = read(Geo("U-1", other='<detail><__exercise opex="o-TASMAN"/><x/></detail>'))
    assert context_of(event) is LIVE
    assert names(event) == ["x"]


@pytest.mark.parametrize("mark", ["", "live", "x-TASMAN"])
def test_a_mark_that_nobody_understands_is_not_taken_for_live(mark: str) -> None:
    event = read(Geo("U-1", other=f'<detail><__exercise opex="{mark}"/></detail>'))
    with pytest.raises(Malformed):
        context_of(event)


def test_two_marks_that_differ_are_refused() -> None:
    marks = '<__exercise opex="e-A"/><__exercise opex="o-B"/>'
    with pytest.raises(Malformed):
        read(Geo("U-1", other=f"<detail>{marks}</detail>"))


def test_what_has_a_field_of_its_own_comes_back_into_the_detail() -> None:
    event = read(
        Geo(
            "U-1", speed=1.5, course=90.0, battery=80, ploc="GPS", palt="DTED0",
            screen_name="KIWI", group_name="Cyan", group_role="Medic", other="",
        )
    )  # fmt: skip
    assert element(event, "track") == {"speed": "1.5", "course": "90.0"}
    assert element(event, "status") == {"battery": "80"}
    assert element(event, "precisionlocation") == {"geopointsrc": "GPS", "altsrc": "DTED0"}
    assert element(event, "contact") == {"callsign": "KIWI"}
    assert element(event, "__group") == {"name": "Cyan", "role": "Medic"}


def test_zeros_and_halves_make_no_element() -> None:
    event = read(Geo("U-1", ploc="GPS", group_name="Cyan", battery=-1, other="<detail/>"))
    assert names(event) == ["__exercise"]


def test_what_stands_in_the_detail_is_not_said_twice() -> None:
    event = read(
        Geo(
            "U-1", speed=9.0, course=9.0, screen_name="OTHER",
            other='<detail><track speed="1" course="2"/><contact callsign="KIWI"/></detail>',
        )
    )  # fmt: skip
    assert element(event, "track") == {"speed": "1", "course": "2"}
    assert names(event).count("contact") == 1


def test_those_addressed_in_fields_are_addressees_and_those_in_the_detail_are_not() -> None:
    event = read(
        Geo(
            "U-1", uids=("U-9",), callsigns=("KIWI",),
            other='<detail><marti><dest callsign="EVIL"/></marti></detail>',
        )
    )  # fmt: skip
    source = Source(node="AUS-TAK", channel="partner:AUS-TAK", speaker="")
    report = to_report(event, source=source, groups=frozenset({"Blue"}), received=AT)
    assert report.to == {
        Address(AddressKind.UID, "U-9"),
        Address(AddressKind.CALLSIGN, "KIWI"),
    }
    undirected = read(Geo("U-1", other='<detail><marti><dest callsign="X"/></marti></detail>'))
    assert "marti" not in names(undirected)


def test_a_mission_is_no_place_to_say_it_into() -> None:
    event = read(Geo("U-1", missions=("SAR",)))
    source = Source(node="AUS-TAK", channel="partner:AUS-TAK", speaker="")
    with pytest.raises(WireError):
        to_report(event, source=source, groups=frozenset({"Blue"}), received=AT)


def test_an_undefined_access_is_none() -> None:
    assert read(Geo("U-1", access="Undefined")).access is None


def test_how_it_came_is_read() -> None:
    found = federated.read(
        Federated(
            event=Geo("U-1"), groups=("Sea", "Air"), provenance=(("id-1", "hub"), ("id-2", "")),
            hops=(1, 3), group_hops=(("Sea", 1, 2),),
        ).encode()
    )  # fmt: skip
    assert found.groups == ("Sea", "Air")
    assert found.provenance == (("id-1", "hub"), ("id-2", ""))
    assert found.hops == Hops(1, 3)
    assert found.group_hops == (("Sea", Hops(1, 2)),)
    assert not found.is_used_up


@pytest.mark.parametrize(
    ("more", "is_used_up"),
    [
        ({}, False),
        ({"hops": (2, 2)}, True),
        ({"hops": (3, 2)}, True),
        ({"hops": (9, -1)}, False),
        ({"hops": (0, 0)}, True),
        ({"group_hops": (("Sea", 2, 2), ("Air", 1, 2))}, False),
        ({"group_hops": (("Sea", 2, 2), ("Air", 2, 2))}, True),
        ({"group_hops": ()}, False),
    ],
)
def test_what_came_as_far_as_it_may_is_used_up(more: dict[str, object], is_used_up: bool) -> None:
    message = Federated(event=Geo("U-1"), **more).encode()  # type: ignore[arg-type]
    assert federated.read(message).is_used_up is is_used_up


def test_limits_of_groups_that_are_not_in_use_are_none() -> None:
    limits = fig.inside(6, fig.inside(1, fig.text(1, "Sea") + fig.whole(2, 1) + fig.whole(3, 1)))
    found = federated.read(Federated(event=Geo("U-1"), more=limits).encode())
    assert found.group_hops is None


def test_a_contact_is_read() -> None:
    found = federated.read(Federated(contact=(4, "U-1", "KIWI")).encode())
    assert found.event is None
    assert found.contact == Contact(Crud.DELETE, "U-1", "KIWI")


@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xff",
        b"",
        Federated(groups=("Sea",)).encode(),
        Federated(contact=(9, "U-1", "KIWI")).encode(),
        Federated(contact=(1, "", "KIWI")).encode(),
        Federated(contact=(1, "U-1", "K" * 513)).encode(),
        Federated(event=Geo("U-1"), groups=("g",) * 65).encode(),
        Federated(event=Geo("U-1"), groups=("g" * 257,)).encode(),
        Federated(event=Geo("U-1"), provenance=(("s", "s"),) * 65).encode(),
        Federated(event=Geo("")).encode(),
        Federated(event=Geo("U-1", type="")).encode(),
        Federated(event=Geo("U-1", time=-1)).encode(),
        Federated(event=Geo("U-1", stale=253_402_300_800_000)).encode(),
        Federated(event=Geo("U-1", lat=float("nan"))).encode(),
        Federated(event=Geo("U-1", other="<remarks/>")).encode(),
        Federated(event=Geo("U-1", other="<detail>")).encode(),
        Federated(event=Geo("U-1", other="<detail/></event><event>")).encode(),
        Federated(event=Geo("U-1", other='<detail/><point lat="0"/>')).encode(),
        Federated(event=Geo("U-1", other="<detail>&evil;</detail>")).encode(),
        Federated(event=Geo("U-1", uids=("u",) * 65)).encode(),
    ],
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(WireError):
        federated.read(message)


def test_whatever_a_name_has_in_it_it_stays_a_name() -> None:
    event = read(Geo('U"><x/>', uids=('"/><dest uid="evil',)))
    assert event.uid == 'U"><x/>'
    assert xml.read(event.xml).uid == event.uid
    assert names(event).count("marti") == 1
