import pytest

from accord.core.body import Alarm, Position
from accord.core.report import Report, Source
from accord.wire.adsb.aircraft import KNOT, LEAST_APART, RECENT
from accord.wire.adsb.message import parity
from accord.wire.adsb.squitters import ModeSReader, read_reference
from accord.wire.adsb.stream import AvrStream
from accord.wire.adsb.translate import from_original
from accord.wire.errors import Malformed
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:air", speaker="air")
GROUPS = frozenset({"Watch"})
PARIS = (49.0097, 2.5478)

# An A320 at Paris, 2024 (tests/golden/adsb): on the ground, and as jet1090 places it.
TAXIING = bytes.fromhex("8f393322384a02aea63afc43dcba")
AT = (49.00583267211914, 2.5735473632812496)

# "The 1090 Megahertz Riddle" (J. Sun, 2nd edition), chapter 5.3, in the air.
EVEN, ODD = (bytes.fromhex("8d40621d58c382d690c8ac2863a7"),
             bytes.fromhex("8d40621d58c386435cc412692ad6"))  # fmt: skip


def squitter(bits: int, icao: int = 0x393322, first: int = 0x8D) -> bytes:
    data = bytes([first]) + icao.to_bytes(3) + bits.to_bytes(7)
    return data + parity(data).to_bytes(3)


NAMED = squitter(4 << 51 | 3 << 48 | 0x2CC371C32CE0)  # A3, "KLM1023 "
IN_NEED = squitter(28 << 51 | 1 << 48 | 1 << 45)  # general emergency


def reply(squawk_bits: int) -> bytes:
    data = b"\x28\x00" + squawk_bits.to_bytes(2)
    return data + (parity(data) ^ 0x393322).to_bytes(3)


SEVEN_SEVEN = 0b0_1_0_1_0_1_0_1_0_1_0_1_0  # 7700


def reader(near: tuple[float, float] | None = PARIS) -> ModeSReader:
    return ModeSReader(AvrStream(), source=SOURCE, groups=GROUPS, stands_at=near)


def read(by: ModeSReader, *frames: bytes, tick: float = 0.0) -> list[Report]:
    data = b"".join(b"*%b;\n" % each.hex().encode() for each in frames)
    reports = by.read(data, received=START, tick=tick)
    for each in reports:
        assert each.original is not None
        again = from_original(each.original, source=SOURCE, groups=GROUPS, received=START)
        assert again == each
    return reports


def test_an_aircraft_on_the_ground_is_placed_from_where_the_receiver_stands() -> None:
    (report,) = read(reader(), NAMED, TAXIING)
    assert isinstance(report.body, Position)
    assert report.body.point is not None
    assert (report.body.point.lat, report.body.point.lon) == pytest.approx(AT, abs=1e-9)
    assert (report.body.speed, report.body.course) == (pytest.approx(0.375 * KNOT), 90.0)
    assert report.identity.callsign == "KLM1023"


def test_without_a_place_that_is_near_it_is_nowhere() -> None:
    it = reader(None)
    assert read(it, TAXIING) == []
    assert it.counts["on the ground, near no known place"] == 1


def test_one_that_has_landed_is_placed_from_where_it_was_in_the_air() -> None:
    it = reader(None)
    (_,) = read(it, ODD, EVEN)
    # The same place, 52.2572 N 3.9194 E, of an aircraft that has come to a stop.
    landed = squitter(6 << 51 | 1 << 44 | 27_000 << 17 | 30_000, 0x40621D)
    (report,) = read(it, landed, tick=RECENT)
    assert isinstance(report.body, Position)
    assert report.body.point is not None
    assert report.body.point.lat == pytest.approx(52.2572, abs=0.75)
    assert report.body.point.lon == pytest.approx(3.9194, abs=1.25)
    assert read(it, landed, tick=2 * RECENT + 1) == []


def test_on_the_ground_too_it_is_told_once_a_second() -> None:
    it = reader()
    assert len(read(it, TAXIING)) == 1
    assert read(it, TAXIING, tick=0.9 * LEAST_APART) == []
    assert it.counts["thinned"] == 1


@pytest.mark.parametrize("call", [IN_NEED, reply(SEVEN_SEVEN)])
def test_a_call_for_help_is_one_on_the_ground_too(call: bytes) -> None:
    (report,) = read(reader(), NAMED, call, TAXIING)
    assert isinstance(report.body, Alarm)
    # A squawk alone is only taken of an aircraft that has said who it is.
    (nameless,) = read(reader(), TAXIING)
    assert isinstance(nameless.body, Position)


def relayed(frame: bytes, first: int) -> bytes:
    return squitter(int.from_bytes(frame[4:11]), int.from_bytes(frame[1:4]), first)


def test_what_the_ground_sees_is_marked_and_what_it_repeats_is_the_aircrafts_own() -> None:
    seen = reader()
    (report,) = read(seen, relayed(ODD, 0x92), relayed(EVEN, 0x92))
    assert (report.uid, report.how) == ("ICAO-40621D", "m-f")
    assert seen.counts["TIS-B"] == 2
    repeated = reader()
    (report,) = read(repeated, relayed(ODD, 0x96), relayed(EVEN, 0x96))
    assert (report.uid, report.how) == ("ICAO-40621D", "m-g")
    assert repeated.counts["ADS-R"] == 2


def test_an_address_that_the_ground_made_up_is_nobody_elses() -> None:
    it = reader()
    assert read(it, relayed(ODD, 0x95), EVEN) == []
    (report,) = read(it, relayed(EVEN, 0x95))
    assert (report.uid, report.identity.icao) == ("TISB-40621D", None)


@pytest.mark.parametrize("line", [b"#", b"#1", b"#a b", b"#91 0", b"#0 181", b"#nan 0"])
def test_a_place_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        read_reference(line)


def test_it_lets_go_of_a_frame_that_a_connection_left_unfinished() -> None:
    by = reader()
    by.read(b"*8D40621D", received=START, tick=0.0)
    assert [by.let_go(), by.let_go()] == [True, False]
