"""Expected values of "The 1090 Megahertz Riddle" (J. Sun, 2nd edition) and its pyModeS tests."""

import pytest

from accord.wire.adsb import message
from accord.wire.adsb.message import (
    NOT_ICAO,
    Emergency,
    Identification,
    Relay,
    Squawk,
    Squitter,
    Velocity,
    WrongParity,
    parity,
    squawk,
)


def read(text: str) -> Squitter:
    said = message.read(bytes.fromhex(text))
    assert isinstance(said, Squitter)
    return said


def made(bits: int, first: int = 0x8D) -> bytes:
    """A frame of these 56 bits, with its parity."""
    data = bytes([first]) + bytes.fromhex("4840d6") + bits.to_bytes(7)
    return data + parity(data).to_bytes(3)


def test_the_parity_is_that_of_the_published_example() -> None:
    assert parity(bytes.fromhex("8d406b902015a678d4d220")) == 0xAA4BDA  # chapter 9


def test_an_identification_is_read() -> None:
    said = read("8d4840d6202cc371c32ce0576098")  # chapter 4
    assert (said.icao, said.code) == (0x4840D6, 4)
    assert message.identification(said) == Identification("KLM1023", "A0")


def test_a_callsign_with_letters_that_there_are_not_is_none() -> None:
    said = message.read(made(4 << 51 | 3 << 48 | 0b111111))
    assert isinstance(said, Squitter)
    assert message.identification(said) == Identification(None, "A3")


def test_an_airborne_position_is_read() -> None:
    fix = message.cpr_fix(read("8d40621d58c382d690c8ac2863a7"))  # chapter 5: 93000, 51372
    assert fix == (False, 93_000, 51_372, 38_000)
    assert message.cpr_fix(read("8d40621d58c386435cc412692ad6")).is_odd


def test_a_height_in_steps_of_100_feet_and_of_gnss_is_left_alone() -> None:
    for code, altitude in ((11, 0b000000000001), (20, 0xFFF)):
        said = message.read(made(code << 51 | altitude << 36))
        assert isinstance(said, Squitter)
        assert message.cpr_fix(said).altitude is None


def test_a_ground_velocity_is_read() -> None:
    said = message.velocity(read("8d485020994409940838175b284f"))  # chapter 8
    assert said.speed == pytest.approx(159.2, abs=0.01)
    assert said.course == pytest.approx(182.88, abs=0.01)
    assert (said.climb, said.above_pressure) == (-832, 550)


def test_an_air_velocity_is_none_over_the_ground() -> None:
    said = message.velocity(read("8da05f219b06b6af189400cbc33f"))  # chapter 8: heading, TAS 375
    assert said == Velocity(None, None, -2304, None)


@pytest.mark.parametrize(
    ("subtype", "east", "speed"), [(1, 101, 100.0), (2, 101, 400.0), (1, 0, None)]
)
def test_components_are_counted_from_one_and_by_four_when_supersonic(
    subtype: int, east: int, speed: float | None
) -> None:
    said = message.read(made(19 << 51 | subtype << 48 | east << 32 | 1 << 21 | 1 << 7 | 2))
    assert isinstance(said, Squitter)
    course = None if speed is None else 90.0
    assert message.velocity(said) == Velocity(speed, course, None, -25)


def test_who_stands_still_has_no_course() -> None:
    said = message.read(made(19 << 51 | 1 << 48 | 1 << 32 | 1 << 21 | 3 << 10))
    assert isinstance(said, Squitter)
    assert message.velocity(said) == Velocity(0.0, None, 128, None)


def test_an_emergency_is_read_and_other_subtypes_are_none() -> None:
    said = read("8da2c1b6e112b600000000760759")  # pyModeS, tests of BDS 6,1
    assert message.emergency(said) == Emergency(0, "6513")
    other = message.read(made(28 << 51 | 2 << 48))
    assert isinstance(other, Squitter)
    assert message.emergency(other) is None


def test_a_squawk_comes_with_the_address_out_of_the_parity() -> None:
    said = message.read(bytes.fromhex("2a00516d492b80"))  # pyModeS, tests of DF5
    assert said == Squawk(0x510AF9, "0356")


def test_every_digit_of_a_squawk_has_its_bits() -> None:
    assert squawk(0b0_1_0_1_0_1_0_0_0_0_0_0_0) == "7000"
    assert squawk(0b0_0_0_0_0_0_0_1_0_1_0_1_0) == "0700"
    assert squawk(0b1_0_1_0_1_0_0_0_0_0_0_0_0) == "0070"
    assert squawk(0b0_0_0_0_0_0_0_0_1_0_1_0_1) == "0007"


def test_a_flipped_bit_is_refused() -> None:
    frame = bytearray(bytes.fromhex("8d4840d6202cc371c32ce0576098"))
    for bit in range(8, 112):
        frame[bit // 8] ^= 128 >> bit % 8
        with pytest.raises(WrongParity):
            message.read(bytes(frame))
        frame[bit // 8] ^= 128 >> bit % 8


@pytest.mark.parametrize(
    ("first", "relay", "is_anonymous"),
    # DO-260B table 2-11
    [
        (0x90, Relay.NONE, False),
        (0x91, Relay.NONE, True),
        (0x92, Relay.TIS_B, False),
        (0x95, Relay.TIS_B, True),
        (0x96, Relay.ADS_R, False),
    ],
)
def test_who_sends_a_df18_for_whom_is_known(first: int, relay: Relay, is_anonymous: bool) -> None:
    said = message.read(made(0, first))
    assert isinstance(said, Squitter)
    assert said.relay is relay
    assert bool(said.icao & NOT_ICAO) is is_anonymous


@pytest.mark.parametrize(
    ("code", "bit"),
    # DO-260B 2.2.17.3: where each type has the flag that the address is none of ICAO's.
    [(11, 8), (20, 8), (19, 9), (6, 21)],
)
def test_the_flag_of_an_address_that_is_none_is_found(code: int, bit: int) -> None:
    plain, flagged = (message.read(made(code << 51 | flag << 56 - bit, 0x92)) for flag in (0, 1))
    assert isinstance(plain, Squitter)
    assert isinstance(flagged, Squitter)
    assert (plain.icao & NOT_ICAO, flagged.icao & NOT_ICAO) == (0, NOT_ICAO)


def test_a_name_that_is_relayed_has_no_such_flag() -> None:
    said = message.read(made(4 << 51 | (1 << 51) - 1, 0x92))
    assert isinstance(said, Squitter)
    assert not said.icao & NOT_ICAO


def test_the_coarse_format_and_other_replies_are_not_read() -> None:
    assert message.read(made(0, 0x93)) is None
    assert message.read(bytes.fromhex("5d4d20237a55a6")) is None  # DF11


@pytest.mark.parametrize(
    ("code", "knots"),
    # DO-260B table 2-14, the first and the last of each row
    [(0, None), (1, 0.0), (2, 0.125), (8, 0.875), (9, 1.0), (12, 1.75), (13, 2.0), (38, 14.5),
     (39, 15.0), (93, 69.0), (94, 70.0), (108, 98.0), (109, 100.0), (123, 170.0), (124, 175.0),
     (125, None), (127, None)],
)  # fmt: skip
def test_movement_on_the_ground_has_the_steps_of_the_table(code: int, knots: float | None) -> None:
    said = message.read(made(6 << 51 | code << 44, 0x8D))
    assert isinstance(said, Squitter)
    assert message.surface(said).speed == knots


def test_a_frame_of_the_wrong_length_is_none() -> None:
    with pytest.raises(WrongParity):
        message.read(bytes.fromhex("8d4840d6202cc3"))
    assert message.read(bytes.fromhex("2a00516d492b80") * 2) is None
