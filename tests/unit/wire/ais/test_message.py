from typing import Any

import pytest
from pyais.bit_vector import bit_vector

from accord.wire.ais.message import (
    NOTHING,
    AisMessage,
    AisPosition,
    ImpossibleNumber,
    WrongLength,
    decode,
)
from accord.wire.ais.stream import AisStream
from accord.wire.errors import Malformed
from support.nmea import encoded


def message(**fields: Any) -> AisMessage:
    (frame,) = AisStream().receive(encoded(**fields) + b"\n", 0.0)
    return decode(frame.payload, frame.fill)


def position(**fields: object) -> AisPosition:
    said = message(**fields).position
    assert said is not None
    return said


def test_what_is_not_available_is_none() -> None:
    # ITU-R M.1371-5 annex 8: latitude 91, longitude 181, SOG 1023, COG 3600, heading 511.
    said = position(type=1, mmsi=512000001)
    assert (said.lat, said.lon, said.speed, said.course, said.heading) == (None,) * 5


@pytest.mark.parametrize("course", [360.0, 409.5])
def test_courses_from_360_up_are_none(course: float) -> None:
    assert position(type=1, mmsi=512000001, course=course).course is None


def test_the_aircraft_and_long_range_messages_have_other_values_for_none() -> None:
    # Message 9: SOG 1023 knots; message 27: SOG 63, COG 511.
    assert position(type=9, mmsi=111512001, speed=1023).speed is None
    assert position(type=9, mmsi=111512001, speed=102.3).speed == 102
    said = position(type=27, mmsi=512000001, speed=63, course=511, status=0)
    assert (said.speed, said.course) == (None, None)


def test_impossible_coordinates_are_kept_as_sent() -> None:
    assert position(type=1, mmsi=512000001, lat=95.5, lon=174.7).lat == 95.5


def test_text_ends_at_the_first_at_sign() -> None:
    said = message(type=5, mmsi=512000001, shipname="ARAHURA@@JUNK", callsign="@", imo=0).static
    assert said is not None
    assert (said.name, said.callsign, said.imo) == ("ARAHURA", None, None)


@pytest.mark.parametrize("kind", [6, 7, 8, 10, 13, 15, 16, 17, 20, 25, 26])
def test_messages_that_say_nothing_of_use_are_nothing(kind: int) -> None:
    payload = "0123456789:;<=>?@ABCDEFGHIJ"[kind] + "5" * 27
    assert decode(payload.encode(), 0) is NOTHING


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"15RTgt0PAso;90TKcjM8h6g208C",  # one character short
        b"15RTgt0PAso;90TKcjM8h6g208CQQ",
        b"55?MbV02;H;s<HtKR20EHE:0@T4@Dn",  # the first half of a message 5
        b"C5N3SRgPEnJGEBT>NhWAwwo862Pa",
    ],
)
def test_a_payload_of_the_wrong_length_is_refused(payload: bytes) -> None:
    with pytest.raises(WrongLength):
        decode(payload, 0)


@pytest.mark.parametrize("mmsi", [0, 1_000_000_000, 1_073_741_823])
def test_a_number_of_more_than_nine_digits_or_none_is_refused(mmsi: int) -> None:
    bits = f"{1:06b}{0:02b}{mmsi:030b}".ljust(168, "0")
    chars = [int(bits[i : i + 6], 2) for i in range(0, 168, 6)]
    payload = bytes(c + 48 if c < 40 else c + 56 for c in chars)
    assert bit_vector(payload, 0).get(8, 30) == mmsi
    with pytest.raises(ImpossibleNumber):
        decode(payload, 0)


def test_a_third_part_of_message_24_is_refused() -> None:
    # exactEarth 2012: a garbled payload whose checksum is right.
    bits = f"{24:06b}{0:02b}{512000001:030b}{2:02b}".ljust(168, "0")
    chars = [int(bits[i : i + 6], 2) for i in range(0, 168, 6)]
    with pytest.raises(Malformed):
        decode(bytes(c + 48 if c < 40 else c + 56 for c in chars), 0)


def payload_of(frame: bytes) -> tuple[bytes, int]:
    fields = frame.split(b",")
    return fields[5], int(fields[6][:1])


def test_a_type_of_ship_that_has_no_name_is_kept_as_it_is() -> None:
    # AMSA, January 2012: type 39 is reserved (ITU-R M.1371-5 table 53), and pyais makes 0 of it.
    (text,) = encoded(type=24, partno=1, mmsi=512000001, ship_type=0).splitlines()
    payload, fill = payload_of(text)
    # Bits 40 to 47 are two bits of the seventh letter and all six of the eighth: 39 is 00 100111.
    changed = payload[:7] + b"W" + payload[8:]
    said = decode(changed, fill).static
    assert said is not None
    assert said.ship_type == 39


@pytest.mark.parametrize(
    ("first", "more", "name"),
    [
        ("12", "SPECIAL MARK", "12"),  # AMSA, January 2012: it has ended, so nothing goes on
        ("ABCDEFGHIJKLMNOPQRST", "UVWXYZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ],
)
def test_the_extension_of_a_name_counts_only_where_the_name_goes_on(
    first: str, more: str, name: str
) -> None:
    text = encoded(type=21, mmsi=995031001, name=first, name_ext=more, lat=-34, lon=151)
    lines = text.splitlines()
    payload = b"".join(payload_of(line)[0] for line in lines)
    said = decode(payload, payload_of(lines[-1])[1]).static
    assert said is not None
    assert said.name == name
