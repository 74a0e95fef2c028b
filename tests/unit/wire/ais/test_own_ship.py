from datetime import UTC, datetime, timedelta

import pytest

from accord.core.body import Position
from accord.core.context import Context
from accord.core.identity import Identity
from accord.core.report import Form, Original, Report, Source
from accord.wire.ais.own_ship import (
    WITHOUT_RMC,
    NmeaReader,
    from_original,
    read_fix,
    time_of,
    with_time,
)
from accord.wire.ais.stream import WrongChecksum
from accord.wire.errors import Malformed
from support.clock import START
from support.nmea import encoded, sentence

SOURCE = Source(node="NZL", channel="feed:bridge", speaker="bridge")
GROUPS = frozenset({"Watch"})

# A line of gpsd's test/daemon/ublox-8.log would do; this is the example of IEC 61162-1.
RMC = sentence("GPRMC,030405.00,A,4116.8000,S,17446.2000,E,5.5,084.4,020126,20.3,E,A", "$")
GGA = sentence("GPGGA,030407,4116.8000,S,17446.2000,E,1,8,0.9,5.4,M,46.9,M,,", "$")
GLL = sentence("GPGLL,4116.8000,S,17446.2000,E,030408,A,A", "$")


def reader(own_ship: str = "") -> NmeaReader:
    return NmeaReader(source=SOURCE, groups=GROUPS, own_ship=own_ship)


def read(by: NmeaReader, *lines: bytes, tick: float = 0.0) -> list[Report]:
    return by.read(b"\r\n".join(lines) + b"\r\n", received=START, tick=tick)


def test_a_fix_becomes_a_report_of_the_ship_itself() -> None:
    (report,) = read(reader("ARAHURA"), RMC)
    body = report.body
    assert isinstance(body, Position)
    assert body.point is not None
    assert (body.point.lat, body.point.lon) == pytest.approx((-41.28, 174.77))
    assert (body.course, body.speed) == (84.4, pytest.approx(5.5 * 1852 / 3600))
    assert report.time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert report.stale - report.time == timedelta(minutes=2)
    assert report.uid == "OWN-NZL-bridge"
    assert report.identity == Identity(name="ARAHURA")
    assert report.kind.text == "a-f-S"


def test_a_ship_with_a_number_is_known_by_it() -> None:
    (report,) = read(reader("512000001"), RMC)
    assert report.uid == "MMSI-512000001"
    assert report.identity == Identity(mmsi="512000001", nation="NZL")
    (other,) = read(reader("199999999"), RMC)
    assert other.uid == "OWN-NZL-bridge"


def test_a_report_is_made_again_from_what_was_kept() -> None:
    (report,) = read(reader("512000001"), RMC)
    original = Original(Form.NMEA, b"512000001\n" + RMC)
    assert report.original == original
    again = from_original(original, source=SOURCE, groups=GROUPS, received=START)
    assert again == report


@pytest.mark.parametrize(
    "original",
    [
        Original(Form.AIS, b"x\n" + RMC),
        Original(Form.NMEA, RMC),
        Original(Form.NMEA, b"x\n$GPRMC"),
    ],
)
def test_what_is_no_fix_is_not_read_again(original: Original) -> None:
    with pytest.raises(Malformed):
        from_original(original, source=SOURCE, groups=GROUPS, received=START)


def test_a_feed_brings_ais_as_well() -> None:
    ais = encoded(type=1, mmsi=512000002, lat=-41.3, lon=174.8)
    found = read(reader(), ais, RMC)
    assert {each.uid for each in found} == {"OWN-NZL-bridge", "MMSI-512000002"}


def test_a_line_may_come_in_pieces() -> None:
    by = reader()
    found = [
        each for byte in RMC + b"\n" for each in by.read(bytes([byte]), received=START, tick=0)
    ]
    assert len(found) == 1


def test_a_fix_without_a_date_is_only_used_where_there_is_no_rmc() -> None:
    by = reader()
    assert len(read(by, GGA, tick=0)) == 1
    assert len(read(by, RMC, tick=1)) == 1
    assert read(by, GGA, GLL, tick=5) == []
    (report,) = read(by, GLL, tick=11)
    assert report.time == datetime(2026, 1, 2, 3, 4, 8, tzinfo=UTC)
    assert by.counts["said already"] == 2


def test_a_time_of_day_is_of_the_day_that_makes_it_nearest() -> None:
    late = sentence("GPGGA,235959,4116.8,S,17446.2,E,1,8,0.9,5.4,M,46.9,M,,", "$")
    by = reader()
    received = datetime(2026, 1, 3, 0, 0, 1, tzinfo=UTC)
    (report,) = by.read(late + b"\n", received=received, tick=0)
    assert report.time == datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC)


def test_what_several_instruments_repeat_is_told_once() -> None:
    by = reader()
    assert len(read(by, RMC, RMC.replace(b"$GP", b"$GP"))) == 1
    assert by.counts["said already"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "GPRMC,030405,V,4116.8,S,17446.2,E,,,020126,,,N",
        "GPRMC,030405,A,4116.8,S,17446.2,E,,,020126,,,S",
        "GPRMC,030405,A,,,,,,,020126,,,A",
        "GPGGA,030405,4116.8,S,17446.2,E,0,0,,,M,,M,,",
        "GPGGA,030405,4116.8,S,17446.2,E,8,0,,,M,,M,,",
        "GPGLL,4116.8,S,17446.2,E,030405,V,N",
        "GPGLL,4116.8,S,17446.2,E,030405,A,E",
    ],
)
def test_no_fix_an_estimate_and_a_simulator_are_not_used(body: str) -> None:
    by = reader()
    assert read(by, sentence(body, "$")) == []
    assert by.counts == {"sentences": 1, "no fix": 1}


def test_a_fix_without_speed_and_course_is_one() -> None:
    fix = read_fix(sentence("GPRMC,030405,A,4116.8,N,17446.2,W,,,020126", "$"))
    assert fix is not None
    assert fix[:3] + fix[5:] == ("RMC", "030405", "020126", None, None)
    assert (fix.lat, fix.lon) == pytest.approx((41.28, -174.77))
    assert read_fix(b"$GPGSV,1,1,00*79") is None
    assert read_fix(b"!AIRMC") is None


@pytest.mark.parametrize(
    "body",
    [
        "GPRMC,030405,A",
        "GPGGA,030405",
        "GPGLL,4116.8",
        "GPRMC,030405,A,4116.8,X,17446.2,E,5,84,020126",
        "GPRMC,030405,A,4160.0,S,17446.2,E,5,84,020126",
        "GPRMC,030405,A,north,S,17446.2,E,5,84,020126",
        "GPRMC,030405,A,9916.8,S,17446.2,E,5,84,020126",
        "GPRMC,030405,A,4116.8,S,17446.2,E,1e9,84,020126",
        "GPRMC,250405,A,4116.8,S,17446.2,E,5,84,020126",
        "GPRMC,030405,A,4116.8,S,17446.2,E,5,84,320126",
    ],
)
def test_what_cannot_be_so_is_refused(body: str) -> None:
    by = reader()
    assert read(by, sentence(body, "$")) == []
    assert by.counts == {"sentences": 1, "malformed": 1}


@pytest.mark.parametrize("line", [RMC[:-2] + b"00", RMC[:-3], RMC[:-2] + b"zz", RMC + b"x"])
def test_a_wrong_checksum_is_refused(line: bytes) -> None:
    with pytest.raises((WrongChecksum, Malformed)):
        read_fix(line)


def test_characters_that_no_sentence_has_are_refused() -> None:
    with pytest.raises(Malformed):
        read_fix(b"$GPRMC,\xff*00")


def test_a_recording_has_its_times_from_rmc_and_ais() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
    assert time_of(RMC) == at
    assert time_of(GGA) is None
    assert time_of(sentence("GPRMC,030405,V,,,,,,,020126,,,N", "$")) is None
    assert time_of(RMC[:-2] + b"00") is None
    ais = encoded(type=1, mmsi=512000002, lat=-41.3, lon=174.8)
    assert time_of(ais + b",1328133720") == 1328133720


def test_a_replay_says_that_it_is_now() -> None:
    now = datetime(2026, 5, 6, 7, 8, 9, 120_000, tzinfo=UTC).timestamp()
    for line in (RMC, GGA, GLL):
        said = read_fix(with_time(line, now))
        assert said is not None
        assert said.time == "070809.12"
    fresh = time_of(with_time(RMC, now))
    assert fresh == pytest.approx(now, abs=0.01)
    assert with_time(b"$GPRMC,1*00", now) == b"$GPRMC,1*00"
    short = sentence("GPRMC,1", "$")
    assert with_time(short, now) == sentence("GPRMC,070809.12", "$")
    assert with_time(b"hello", now) == b"hello"


def test_an_exercise_is_kept_apart() -> None:
    by = NmeaReader(source=SOURCE, groups=GROUPS, context=Context.exercise("DEMO"))
    (report,) = read(by, RMC)
    assert report.context == Context.exercise("DEMO")
    assert str(report.marking.opex) == "e-DEMO"


OWN = encoded(type=18, mmsi=512000001, lat=-41.28, lon=174.77, course=84.4, speed=5.5, is_own=True)
OWN_NAME = encoded(type=24, partno=0, mmsi=512000001, shipname="TUI", is_own=True)


def kept(report: Report) -> Report:
    assert report.original is not None
    return from_original(report.original, source=SOURCE, groups=GROUPS, received=START)


def test_what_the_transponder_sends_and_the_receiver_says_is_one_ship() -> None:
    by = reader()
    before = START - timedelta(seconds=10)
    (own,) = by.read(OWN_NAME + b"\n" + OWN + b"\n", received=before, tick=0.0)
    (fix,) = read(by, RMC, tick=10.0)
    assert own.uid == fix.uid == "MMSI-512000001"
    assert own.kind == fix.kind
    assert own.identity == fix.identity == Identity(mmsi="512000001", name="TUI", nation="NZL")
    assert kept(fix) == fix
    assert kept(own).identity == own.identity


def test_while_the_receiver_speaks_the_transponder_says_nothing_new() -> None:
    by = reader()
    assert len(read(by, RMC)) == 1
    assert read(by, OWN, tick=WITHOUT_RMC - 1) == []
    assert by.counts["said already"] == 1
    assert len(by.read(OWN + b"\n", received=START + timedelta(seconds=20), tick=20.0)) == 1
    assert by.counts["reports"] == 2


def test_the_transponder_says_the_same_place_twice_only_once() -> None:
    by = reader()
    assert len(read(by, OWN, OWN)) == 1


@pytest.mark.parametrize(
    ("own_ship", "identity"),
    [
        ("ARAHURA", Identity(mmsi="512000001", name="ARAHURA", nation="NZL")),
        ("512000001", Identity(mmsi="512000001", name="TUI", nation="NZL")),
        ("512000001 ARAHURA", Identity(mmsi="512000001", name="ARAHURA", nation="NZL")),
    ],
)
def test_a_name_in_the_settings_comes_before_the_transponders(
    own_ship: str, identity: Identity
) -> None:
    (report,) = read(reader(own_ship), OWN_NAME, OWN)
    assert report.identity == identity
    assert kept(report) == report


def test_without_a_name_the_number_is_enough() -> None:
    (report,) = read(reader(), OWN)
    assert report.identity == Identity(mmsi="512000001", nation="NZL")


def test_a_transponder_with_an_unallocated_number_does_not_name_the_ship() -> None:
    (report,) = read(reader("ARAHURA"), encoded(type=18, mmsi=1, lat=1, lon=2, is_own=True))
    assert report.uid == "OWN-NZL-bridge"
    assert kept(report) == report
