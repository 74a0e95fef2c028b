import json

import pytest

from accord.wire.adsb.readsb import read
from accord.wire.errors import Malformed


def document(*aircraft: object, **more: object) -> bytes:
    return json.dumps({"now": 1000.0, **more, "aircraft": list(aircraft)}).encode()


PLACED = {"hex": "A3E31A", "lat": 35.2, "lon": -110.4}


def test_an_aircraft_with_a_place_is_read() -> None:
    said = read(document({**PLACED, "flight": "N35GR  ", "dbFlags": 1, "seen_pos": 2.5, "gs": 489}))
    (one,) = said.aircraft
    assert (one.hex, one.callsign, one.is_military) == ("a3e31a", "N35GR", True)
    assert (one.seen, one.speed, said.now) == (2.5, 489.0, 1000.0)


def test_what_is_not_said_or_cannot_be_is_none() -> None:
    wrong = {**PLACED, "gs": True, "track": "90", "alt_geom": 10**400, "flight": "x" * 100, "r": 5}
    (one,) = read(document(wrong)).aircraft
    assert one[4:] == (None, None, "", None, None, None, None, None, "", False, False, one.said)


def test_an_aircraft_without_a_place_or_a_number_costs_only_itself() -> None:
    said = read(
        document(
            PLACED, {"hex": "a3e31b"}, {"hex": "zzz"}, {"hex": 5}, "x", {**PLACED, "lat": None}
        )
    )
    assert (len(said.aircraft), said.without_place, said.malformed) == (1, 2, 3)


def test_each_is_kept_as_a_document_of_its_own() -> None:
    (one,) = read(document(PLACED, dummy=1)).aircraft
    assert json.loads(one.said) == {"now": 1000.0, "aircraft": [PLACED]}
    (other,) = read(json.dumps({"aircraft": [PLACED]}).encode()).aircraft
    assert json.loads(other.said) == {"aircraft": [PLACED]}


def test_an_address_that_is_no_icao_address_is_taken_as_it_is() -> None:
    (one,) = read(document({**PLACED, "hex": "~2a3b4c"})).aircraft
    assert one.hex == "~2a3b4c"


@pytest.mark.parametrize(
    "data", [b"<html>", b"[]", b"{}", b'{"aircraft": {}}', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@pytest.mark.parametrize(
    ("sort", "is_the_grounds"),
    [("adsb_icao", False), ("adsr_icao", False), ("mlat", True), ("tisb_trackfile", True)],
)
def test_whether_the_ground_says_where_it_is_is_known(sort: str, is_the_grounds: bool) -> None:
    (one,) = read(document({**PLACED, "type": sort})).aircraft
    assert one.is_the_grounds is is_the_grounds
