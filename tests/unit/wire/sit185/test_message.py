from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.wire.errors import FrameTooLarge, Malformed, WireError
from accord.wire.sit185.message import MAX_LETTERS, PARAGRAPHS, BeaconPosition, read
from support.beacons import CONFIRMED, CONFLICT


def test_two_doppler_positions_come_with_their_probabilities() -> None:
    found = read(CONFLICT)
    assert found.title == "DISTRESS COSPAS-SARSAT POSITION CONFLICT ALERT"
    assert found.number == "02698 AUMCC REF C1ADE28809C0185"
    assert found.detected == datetime(2007, 4, 6, 14, 40, tzinfo=UTC)
    assert found.satellite == "SARSAT S11"
    assert found.country == "525/ INDONESIA"
    assert found.user_class == "SERIAL USER-LOCATION - ELT AIRCRAFT 24-BIT ADDRESS 8A2027"
    assert found.hex_id == "C1ADE28809C0185"
    assert found.homing == "121.5 MHZ"
    assert found.remarks == "THIS POSITION 51 KILOMETRES FROM PREVIOUS ALERT"
    assert found.operational.startswith("RELIABILITY OF DOPPLER POSITION DATA - SUSPECT")
    a, b = found.positions
    assert (a.kind, b.kind) == ("DOPPLER A", "DOPPLER B")
    assert (a.lat, a.lon) == pytest.approx((-(7 + 0.1 / 60), 98 + 42.2 / 60))
    assert (b.lat, b.lon) == pytest.approx((-(5 + 42.1 / 60), 107 + 20.2 / 60))
    assert (a.probability, b.probability, a.error) == (0.5, 0.5, None)
    assert found.missing == ()
    assert not found.is_test


def test_a_confirmed_position_and_an_expected_accuracy_are_read() -> None:
    found = read(CONFIRMED)
    confirmed, arrival = found.positions
    assert confirmed.kind == "CONFIRMED"
    assert (confirmed.lat, confirmed.lon) == pytest.approx((-(36 + 36.2 / 60), 174 + 43 / 60))
    assert arrival == BeaconPosition(
        kind="DOA", lat=-(5 + 10.2 / 60), lon=178 + 1.2 / 60, error=3.0
    )
    assert (found.emergency, found.activation, found.remarks) == ("", "", "")
    assert found.missing == ()


def test_a_message_cut_in_half_says_what_is_missing() -> None:
    found = read(CONFLICT[: len(CONFLICT) // 2])
    assert [each.kind for each in found.positions] == ["DOPPLER A", "DOPPLER B"]
    assert found.missing[0].startswith("everything after paragraph 10: beacon identity, activa")
    assert found.missing[-1] == ("END OF MESSAGE, so the rest of paragraph 10 may be missing too")


@pytest.mark.parametrize("cut", range(50, len(CONFIRMED) - 1, 7))
def test_a_cut_message_never_gives_another_position(cut: int) -> None:
    whole = read(CONFIRMED)
    found = read(CONFIRMED[:cut]) if "SARSAT" in CONFIRMED[:cut] else whole
    places = {(each.kind, each.lat, each.lon) for each in whole.positions}
    assert {(each.kind, each.lat, each.lon) for each in found.positions} <= places


def test_a_paragraph_that_a_centre_leaves_out_is_named() -> None:
    text = CONFIRMED.replace("4.  DETECTION FREQUENCY  406.0399 MHZ\n", "")
    assert read(text).missing == ("paragraph 4 (detection frequency)",)


def test_seconds_and_a_second_line_of_a_position_are_read() -> None:
    text = CONFIRMED.replace(
        "ENCODED   - NIL", "ENCODED   - 55 45 36 N\n                  - 037 45.00 W"
    )
    assert read(text).positions[-1] == BeaconPosition(kind="ENCODED", lat=55.76, lon=-37.75)


@pytest.mark.parametrize(
    "place", ["36 60.00S  174 43.00E", "91 00.00S  174 43.00E", "36 00.00S  181 00.00E"]
)
def test_a_position_that_cannot_be_is_none(place: str) -> None:
    found = read(CONFIRMED.replace("36 36.20S  174 43.00E", place))
    assert [each.kind for each in found.positions] == ["DOA"]


@pytest.mark.parametrize("date", ["31 FEB 2016 2338", "28 XXX 2016 2338", "28 JUL 2016"])
def test_a_date_that_cannot_be_is_no_time(date: str) -> None:
    assert read(CONFIRMED.replace("28 JUL 2016 2338", date)).detected is None


def test_a_message_without_an_identity_has_none() -> None:
    found = read(CONFIRMED.replace("400E77A1FCFFBFF", "NIL").replace("REGISTRATION", "NOTHING"))
    assert (found.hex_id, found.country) == ("", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [("COSPAS-SARSAT ALERT", "COSPAS-SARSAT TEST ALERT"), ("- PLB", "- PLB TEST")],
)
def test_a_test_says_so(old: str, new: str) -> None:
    assert read(CONFIRMED.replace(old, new)).is_test


def test_what_is_no_beacon_message_is_refused() -> None:
    with pytest.raises(Malformed, match="no Cospas-Sarsat message"):
        read("MAYDAY MAYDAY")
    with pytest.raises(FrameTooLarge):
        read("A" * (MAX_LETTERS + 1))


@given(st.text(max_size=200), st.integers(0, 1_000))
def test_any_text_inside_is_read_or_refused(more: str, at: int) -> None:
    try:
        found = read(CONFLICT[:at] + more + CONFLICT[at:])
    except WireError:
        return
    assert len(found.missing) <= len(PARAGRAPHS) + 1


def test_numbers_that_are_no_paragraphs_begin_none() -> None:
    text = CONFIRMED.replace("16. REMARKS  NIL", "16. REMARKS\n  1. FIRST\n 99. LAST")
    assert read(text).remarks == "1. FIRST 99. LAST"
