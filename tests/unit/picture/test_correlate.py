from dataclasses import dataclass, replace

import pytest

from accord.core.context import LIVE
from accord.core.identity import Identity
from accord.core.report import Report
from accord.core.track import Said, Track, TrackStatus
from accord.picture.correlate import Because, Index, is_named_alike
from support.builders import a_report
from support.pictures import AIS


@dataclass(eq=False)
class Kept:
    track: Track


def kept(report: Report, *more: Report) -> Kept:
    claims: dict[Said, Report] = {claim.source: claim for claim in (report, *more)}
    return Kept(
        Track(id=report.uid, context=LIVE, claims=claims, lead=report, status=TrackStatus.LIVE)
    )


def index_of(*entries: Kept) -> Index[Kept]:
    index: Index[Kept] = Index()
    for entry in entries:
        index.add(entry)
    return index


def ship(uid: str, **numbers: str) -> Report:
    return a_report(uid, identity=Identity(**numbers))


def test_the_same_uid_is_the_same_track_whatever_else_it_says() -> None:
    known = kept(ship("U1", mmsi="512000001"))
    assert index_of(known).find(ship("U1", mmsi="512000002")) == (known, Because.UID)


@pytest.mark.parametrize(
    "numbers", [{"mmsi": "512000001"}, {"imo": "9000001"}, {"icao": "c81234"}], ids=str
)
def test_a_shared_registered_number_is_the_same_track(numbers: dict[str, str]) -> None:
    known = kept(ship("U1", **numbers))
    assert index_of(known).find(ship("U2", **numbers)) == (known, Because.IDENTITY)


def test_a_number_that_differs_is_another_track() -> None:
    known = kept(ship("U1", mmsi="512000001", imo="9000001"))
    found = index_of(known).find(ship("U2", mmsi="512000001", imo="9000002"))
    assert found == (None, Because.NEW)


def test_every_claim_of_a_track_counts_when_numbers_are_compared() -> None:
    known = kept(
        ship("U1", mmsi="512000001"),
        replace(ship("U1", mmsi="512000001", imo="9000001"), source=AIS),
    )
    index = index_of(known)
    assert index.find(ship("U2", imo="9000001")) == (known, Because.IDENTITY)
    assert index.find(ship("U2", mmsi="512000001", imo="9000002")) == (None, Because.NEW)


def test_where_one_number_misleads_the_next_is_tried() -> None:
    wrong = kept(ship("U1", mmsi="512000001", imo="9000001"))
    right = kept(ship("U2", imo="9000002"))
    report = ship("U3", mmsi="512000001", imo="9000002")
    assert index_of(wrong, right).find(report) == (right, Because.IDENTITY)


def test_a_callsign_is_no_reason() -> None:
    known = kept(a_report("U1", identity=Identity(callsign="ZMAA", name="KAITAKI")))
    found = index_of(known).find(a_report("U2", identity=Identity(callsign="ZMAA", name="KAITAKI")))
    assert found == (None, Because.NEW)


def test_the_reason_is_a_word_a_person_can_read() -> None:
    assert [reason.value for reason in Because] == [
        "same uid",
        "same registered number",
        "nothing known matches",
    ]


def test_a_track_is_found_by_its_id_and_by_the_uid_of_every_claim() -> None:
    known = kept(ship("U1", mmsi="512000001"), replace(ship("U2"), source=AIS))
    index = index_of(known)
    assert index.by_uid("U1") is known
    assert index.by_uid("U2") is known
    assert index.by_uid("U3") is None


def test_what_leads_elsewhere_stays_and_only_what_is_its_own_is_forgotten() -> None:
    first, second = kept(ship("U1", mmsi="512000001")), kept(ship("U2", mmsi="512000001"))
    index = index_of(first, second)
    assert index.find(ship("U3", mmsi="512000001")) == (first, Because.IDENTITY)
    index.discard(second)
    assert index.find(ship("U3", mmsi="512000001")) == (first, Because.IDENTITY)
    index.discard(first)
    assert len(index) == 0


def test_an_index_knows_each_uid_and_number_once() -> None:
    claim = ship("U1", mmsi="512000001", imo="9000001", icao="c81234")
    assert len(index_of(kept(claim, replace(claim, source=AIS)))) == 4


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (ship("U1", mmsi="512000001"), True),
        (a_report("U1", identity=Identity(mmsi="512000001", callsign="ZMAA")), True),
        (ship("U2", mmsi="512000001"), False),
        (ship("U1", mmsi="512000002"), False),
        (ship("U1", mmsi="512000001", imo="9000001"), False),
        (ship("U1", mmsi="512000001", icao="c81234"), False),
    ],
)
def test_reports_are_named_alike_by_uid_and_numbers(other: Report, alike: bool) -> None:
    report = ship("U1", mmsi="512000001")
    assert is_named_alike(report, other) is alike
    assert is_named_alike(report, report)
