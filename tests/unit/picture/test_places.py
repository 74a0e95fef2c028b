from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Message, Position, Shape
from accord.core.context import LIVE
from accord.core.geometry import Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Form, Original, Report, Source
from accord.core.track import Track, TrackStatus
from accord.picture.places import MAX_PLACES, Family, base_of, is_broadcast, may_be_one
from support.builders import a_point, a_report
from support.clock import START
from support.pictures import AIS

OTHER = Source(node="NZL", channel="feed:other", speaker="other")


@dataclass(eq=False)
class Kept:
    track: Track


def ship(lat: float = 0.0, *, after: float = 0.0, uid: str = "S", **changes: Any) -> Report:
    changes.setdefault("identity", Identity(mmsi="416000000"))
    changes.setdefault("body", Position(point=a_point(lat, 120.0)))
    changes.setdefault("source", AIS)
    return a_report(uid, at=START + timedelta(seconds=after), kind=Kind.of("a-u-S"), **changes)


def track(*claims: Report) -> Track:
    return Track(
        id=claims[0].uid,
        context=LIVE,
        claims={each.source: each for each in claims},
        lead=claims[0],
        status=TrackStatus.LIVE,
    )


def test_a_number_that_is_broadcast_can_be_anybodys() -> None:
    assert is_broadcast(ship())
    assert is_broadcast(ship(identity=Identity(icao="c81234")))
    assert is_broadcast(ship(original=Original(Form.AIS, b"!AIVDM")))


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": Identity(callsign="FERRY")},
        {"author": "S"},
        {"original": Original(Form.COT_XML, b"<event/>")},
        {"original": Original(Form.COT_PROTOBUF, b"\0")},
    ],
    ids=["no number", "speaks for itself", "CoT", "CoT in protobuf"],
)
def test_what_is_not_broadcast_is_one(changes: dict[str, Any]) -> None:
    assert not is_broadcast(ship(**changes))


# 60 NM is a degree of latitude: a ship of 60 kn, which none is, takes an hour for it.
@pytest.mark.parametrize(("after", "may"), [(3_200, False), (3_700, True)])
def test_a_ship_can_have_come_so_far_and_no_further(after: float, may: bool) -> None:
    assert may_be_one(track(ship()), ship(1.0, after=after)) is may


def test_errors_of_position_are_no_way() -> None:
    coarse = Position(point=a_point(0.0, 120.0, circular_error=200_000.0))
    assert may_be_one(track(ship(body=coarse)), ship(1.0, after=10))
    assert not may_be_one(track(ship()), ship(1.0, after=10))


def test_a_track_of_several_claims_is_where_any_has_it() -> None:
    known = track(ship(), ship(1.0, source=OTHER))
    assert may_be_one(known, ship(1.001, after=10))
    assert not may_be_one(known, ship(2.0, after=10))


def test_what_has_no_place_may_be_anywhere() -> None:
    nowhere = ship(body=Position(point=None))
    assert may_be_one(track(ship()), nowhere)
    assert may_be_one(track(nowhere), ship(1.0))
    words = ship(body=Message(text="hello", sender="x", room="y"))
    assert may_be_one(track(words), ship(1.0))


def test_a_name_of_a_place_is_told_from_a_uid() -> None:
    assert base_of("MMSI-1~2") == "MMSI-1"
    assert [base_of(each) for each in ("MMSI-1", "~2", "a~b", "a~")] == [
        "MMSI-1",
        "~2",
        "a~b",
        "a~",
    ]


def test_places_are_numbered_from_two_and_a_free_number_is_used_again() -> None:
    family = Family(Kept(track(ship())))
    second = Kept(track(ship(1.0, uid="S~2")))
    assert family.next_name() == "S~2"
    family.add(second, START)
    assert family.next_name() == "S~3"
    family.drop(second)
    assert family.next_name() == "S~2"
    assert len(family) == 1


def test_a_family_that_is_known_by_a_later_place_first_keeps_its_name() -> None:
    assert Family(Kept(track(ship(uid="S~2")))).next_name() == "S"


def test_a_family_is_full_at_its_limit() -> None:
    family = Family(Kept(track(ship())))
    while not family.is_full:
        name = family.next_name()
        family.add(Kept(track(ship(float(len(family)), uid=name))), START)
    assert len(family) == MAX_PLACES
    assert family.quietest().what.track.id == "S"


def test_a_report_belongs_to_the_nearest_place_it_can_have_come_from() -> None:
    family = Family(Kept(track(ship())))
    family.add(Kept(track(ship(1.0, uid="S~2"))), START)
    near = family.nearest(ship(0.9, after=36_000))
    assert near is not None
    assert near.what.track.id == "S~2"
    assert family.nearest(ship(5.0, after=10)) is None
    nowhere = family.nearest(ship(body=Position(point=None)))
    assert nowhere is not None
    drawn = family.nearest(ship(body=Shape(outline=Polyline(points=()))))
    assert drawn is not None


def test_a_report_bears_the_uid_of_its_place_but_a_uid_of_its_own_at_the_first() -> None:
    family = Family(Kept(track(ship())))
    family.add(Kept(track(ship(1.0, uid="S~2"))), START)
    first, second = family
    assert family.named(first, ship()).uid == "S"
    assert family.named(first, ship(uid="S~3")).uid == "S"
    assert family.named(first, ship(uid="AUS-S")).uid == "AUS-S"
    assert family.named(second, ship()).uid == "S~2"
    assert family.named(second, ship(uid="AUS-S")).uid == "S~2"


def two(first: Report, second: Report) -> Family[Kept]:
    family = Family(Kept(track(first)))
    family.add(Kept(track(second)), second.time)
    return family


def test_one_wrong_fix_does_not_make_two_places() -> None:
    family = two(ship(after=20), ship(5.0, after=10, uid="S~2"))
    first, second = family
    assert not family.is_elsewhere(first, ship(after=30))
    second.heard = 2
    assert family.is_elsewhere(first, ship(after=30))
    assert family.is_elsewhere(second, ship(5.0, after=30))


def test_a_place_that_fell_silent_before_the_other_began_is_not_at_the_same_time() -> None:
    family = two(ship(after=0), ship(5.0, after=10, uid="S~2"))
    _, second = family
    assert not family.is_elsewhere(second, ship(5.0, after=30))


def test_a_place_proves_to_be_where_the_first_went_when_that_is_silent_and_within_reach() -> None:
    family = two(ship(), ship(1.0, after=10, uid="S~2"))
    first, second = family
    assert not family.has_moved(second, ship(1.0, after=60))  # the first is not stale yet
    assert not family.has_moved(second, ship(1.0, after=1_800))  # it cannot have come so far
    assert family.has_moved(second, ship(1.0, after=7_200))
    assert not family.has_moved(first, ship(after=7_200))


def test_a_place_is_not_the_first_while_that_has_spoken_since() -> None:
    family = two(ship(after=20), ship(1.0, after=10, uid="S~2"))
    _, second = family
    assert not family.has_moved(second, ship(1.0, after=7_200))


def test_the_last_place_is_the_first_again_when_no_other_is_left() -> None:
    family = two(ship(), ship(1.0, after=10, uid="S~2"))
    first, second = family
    third = Kept(track(ship(2.0, uid="S~3")))
    family.add(third, START)
    family.drop(first.what)
    assert not family.has_moved(second, ship(1.0, after=20))
    family.drop(third)
    assert family.has_moved(second, ship(1.0, after=20))


def test_places_know_when_they_began() -> None:
    family = two(ship(), replace(ship(1.0, after=10), uid="S~2"))
    assert [each.began == START + timedelta(seconds=10) for each in family] == [False, True]
