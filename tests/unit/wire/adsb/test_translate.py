import json
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Position
from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.marking import Marking, Opex
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.wire.adsb.message import parity
from accord.wire.adsb.squitters import ModeSReader
from accord.wire.adsb.stream import AvrStream
from accord.wire.adsb.translate import ReadsbReader, SbsReader, from_original
from accord.wire.errors import Malformed
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:air", speaker="air")
GROUPS = frozenset({"Watch"})

# "The 1090 Megahertz Riddle" (J. Sun, 2nd edition), chapter 5.3: 52.2572, 3.91937 at 38,000 ft.
EVEN = bytes.fromhex("8d40621d58c382d690c8ac2863a7")
ODD = bytes.fromhex("8d40621d58c386435cc412692ad6")
ICAO = 0x40621D


def squitter(bits: int, icao: int = ICAO) -> bytes:
    data = b"\x8d" + icao.to_bytes(3) + bits.to_bytes(7)
    return data + parity(data).to_bytes(3)


NAMED = squitter(4 << 51 | 3 << 48 | 0x2CC371C32CE0)  # A3, "KLM1023 "
# 100 knots eastwards, climbing at 128 ft/min, the ellipsoid 25 ft above pressure.
MOVING = squitter(19 << 51 | 1 << 48 | 101 << 32 | 1 << 21 | 3 << 10 | 2)


def reply(squawk_bits: int, icao: int = ICAO) -> bytes:
    """A DF5 with a squawk."""
    data = b"\x28\x00" + squawk_bits.to_bytes(2)
    return data + (parity(data) ^ icao).to_bytes(3)


SEVEN_SEVEN = 0b0_1_0_1_0_1_0_1_0_1_0_1_0  # 7700


def reader(context: Context = LIVE, **settings: Any) -> ModeSReader:
    return ModeSReader(AvrStream(), source=SOURCE, groups=GROUPS, context=context, **settings)


def sbs(**settings: Any) -> SbsReader:
    return SbsReader(source=SOURCE, groups=GROUPS, **settings)


def read(by: ModeSReader, *frames: bytes, tick: float = 0.0) -> list[Report]:
    data = b"".join(b"*%b;\n" % each.hex().encode() for each in frames)
    return by.read(data, received=START, tick=tick)


def kept(report: Report) -> Report:
    assert report.original is not None
    return from_original(report.original, source=SOURCE, groups=GROUPS, received=START)


def test_two_halves_a_name_and_a_velocity_make_a_report_in_si_units() -> None:
    (report,) = read(reader(), NAMED, MOVING, ODD, EVEN)
    body = report.body
    assert isinstance(body, Position)
    assert body.point is not None
    assert (body.point.lat, body.point.lon) == pytest.approx((52.2572, 3.91937), abs=1e-5)
    assert body.point.hae == pytest.approx(38_025 * 0.3048)
    assert (body.course, body.speed) == (90.0, pytest.approx(100 * 1852 / 3600))
    assert body.climb == pytest.approx(128 * 0.3048 / 60)
    assert report.uid == "ICAO-40621D"
    assert report.identity == Identity(icao="40621d", callsign="KLM1023")
    assert (report.kind.text, report.how) == ("a-n-A-C-F", "m-g")
    assert (report.time, report.stale) == (START, START + timedelta(seconds=60))
    assert kept(report) == report


def test_without_a_velocity_there_is_no_height_that_is_above_anything_known() -> None:
    (report,) = read(reader(), ODD, EVEN)
    assert isinstance(report.body, Position)
    assert report.body.point is not None
    assert report.body.point.hae is None
    assert report.kind.text == "a-u-A"


def test_half_a_position_and_halves_long_apart_are_none() -> None:
    by = reader()
    assert read(by, ODD) == []
    assert read(by, EVEN, tick=10.5) == []
    assert len(read(by, ODD, tick=11)) == 1
    assert by.counts["half a position"] == 2


def test_halves_of_different_zones_are_none() -> None:
    by = reader()
    other = squitter(11 << 51 | 1 << 34 | 30_000 << 17)
    assert read(by, EVEN, other) == []
    assert by.counts["half a position"] == 2


def test_an_aircraft_is_told_once_a_second() -> None:
    by = reader()
    assert len(read(by, ODD, EVEN, ODD)) == 1
    assert read(by, EVEN, tick=0.9) == []
    assert len(read(by, EVEN, tick=1.0)) == 1
    assert by.counts["thinned"] == 2


def test_a_velocity_is_forgotten_after_a_minute() -> None:
    by = reader()
    read(by, MOVING, ODD)
    (report,) = read(by, ODD, EVEN, tick=61)
    assert isinstance(report.body, Position)
    assert report.body.speed is None
    assert kept(report) == report


def test_an_aircraft_that_squawks_7700_calls_for_help_until_it_does_not() -> None:
    by = reader()
    (report,) = read(by, ODD, EVEN, tick=0)
    assert isinstance(report.body, Position)
    (calling,) = read(by, reply(SEVEN_SEVEN), EVEN, tick=2)
    assert isinstance(calling.body, Alarm)
    assert calling.body.category == "squawk 7700, emergency"
    assert calling.kind.text == "b-a-o-tbl"
    assert kept(calling) == calling
    (over,) = read(by, reply(0), EVEN, tick=4)
    assert isinstance(over.body, Position)


def test_a_call_is_over_after_a_minute_without_it() -> None:
    by = reader()
    read(by, ODD, EVEN, reply(SEVEN_SEVEN))
    (report,) = read(by, ODD, EVEN, tick=61)
    assert isinstance(report.body, Position)


def test_an_emergency_state_is_a_call_too() -> None:
    (report,) = read(reader(), squitter(28 << 51 | 1 << 48 | 2 << 45), ODD, EVEN)
    assert isinstance(report.body, Alarm)
    assert report.body.category == "medical emergency"


def test_a_squawk_of_nobody_we_know_is_not_used() -> None:
    by = reader()
    assert read(by, reply(SEVEN_SEVEN), ODD, EVEN, tick=0) != []
    read(by, reply(SEVEN_SEVEN), tick=61)
    assert by.counts["not used"] == 2


def test_what_is_not_read_and_what_is_garbled_is_counted() -> None:
    by = reader()
    assert (
        read(by, squitter(31 << 51), squitter(28 << 51), b"\x5d" + bytes(6), b"\x8d" + bytes(13))
        == []
    )
    assert by.counts == {"frames": 4, "not used": 3, "wrong parity": 1, "reports": 0}


def test_the_aircraft_heard_longest_ago_is_forgotten() -> None:
    by = reader(max_aircraft=1)
    read(by, ODD)
    read(by, squitter(4 << 51, icao=1))
    assert read(by, EVEN) == []
    assert by.counts["aircraft forgotten"] == 2


def test_an_exercise_marks_its_reports() -> None:
    (report,) = read(reader(Context.exercise("DEMO")), ODD, EVEN)
    assert report.context == Context.exercise("DEMO")
    assert report.marking == Marking(opex=Opex.parse("e-DEMO"))


SBS_PLACED = b"MSG,3,1,1,4CA2D6,1,,,,,,37000,,,51.45735,-1.02826,,,0,0,0,0"


def lines(by: SbsReader, *said: bytes, tick: float = 0.0) -> list[Report]:
    return by.read(b"\r\n".join(said) + b"\r\n", received=START, tick=tick)


def test_sbs_lines_of_one_aircraft_belong_together() -> None:
    by = sbs()
    (report,) = lines(
        by,
        b"MSG,1,1,1,4CA2D6,1,,,,,RYR1427,,,,,,,,,,,",
        b"MSG,4,1,1,4CA2D6,1,,,,,,,420,180,,,-64,,,,,0",
        SBS_PLACED,
    )
    body = report.body
    assert isinstance(body, Position)
    assert body.course == 180.0
    assert body.climb == pytest.approx(-64 * 0.3048 / 60)
    assert report.identity == Identity(icao="4ca2d6", callsign="RYR1427")
    assert kept(report) == report
    assert by.counts == {"lines": 3, "reports": 1}


def test_an_sbs_place_is_told_once_a_second_and_the_newest_is_kept() -> None:
    by = sbs()
    on_ground = SBS_PLACED.replace(b"MSG,3", b"MSG,2")
    assert len(lines(by, SBS_PLACED)) == 1
    assert lines(by, SBS_PLACED, tick=0.5) == []
    (report,) = lines(by, on_ground.replace(b"51.4", b"51.5"), tick=2)
    assert kept(report) == report
    assert by.counts["thinned"] == 1


def test_an_sbs_emergency_is_a_call() -> None:
    (report,) = lines(sbs(), SBS_PLACED.replace(b",0,0,0,0", b",0,-1,0,0"))
    assert isinstance(report.body, Alarm)
    assert report.body.category == "general emergency"
    (squawking,) = lines(sbs(), SBS_PLACED.replace(b",,,0,0,0,0", b",,7500,0,0,0,0"))
    assert isinstance(squawking.body, Alarm)
    assert squawking.body.category == "squawk 7500, unlawful interference"


def test_sbs_lines_of_no_use_are_counted() -> None:
    by = sbs(max_aircraft=1)
    lines(by, b"AIR,,1", b"MSG,x", SBS_PLACED, SBS_PLACED.replace(b"4CA2D6", b"4CA2D7"))
    assert by.counts["other lines"] == by.counts["malformed"] == 1
    assert by.counts["aircraft forgotten"] == 1


def readsb(*aircraft: object, **more: object) -> list[Report]:
    data = json.dumps({"now": START.timestamp(), **more, "aircraft": list(aircraft)}).encode()
    return ReadsbReader(source=SOURCE, groups=GROUPS).read(data, received=START, tick=0.0)


PLACED = {"hex": "a3e31a", "lat": 35.2, "lon": -110.4}


def test_an_aircraft_of_readsb_is_there_when_it_was_seen() -> None:
    (report,) = readsb({**PLACED, "seen_pos": 4, "r": "N35GR", "category": "A7"})
    assert report.time == START - timedelta(seconds=4)
    assert report.identity.callsign == "N35GR"
    assert report.kind.text == "a-n-A-C-H"
    assert kept(report) == report


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ({"emergency": "nordo"}, "radio failure"),
        ({"emergency": "none", "squawk": "7600"}, "squawk 7600, radio failure"),
    ],
)
def test_an_aircraft_of_readsb_may_call_for_help(said: dict[str, str], calls: str) -> None:
    (report,) = readsb({**PLACED, **said})
    assert isinstance(report.body, Alarm)
    assert report.body.category == calls


def test_a_military_aircraft_is_unknown_whatever_its_category() -> None:
    (report,) = readsb({**PLACED, "category": "A3", "dbFlags": 1})
    assert report.kind.text == "a-u-A"


def test_an_address_that_is_none_of_icao_is_no_registered_number() -> None:
    (report,) = readsb({**PLACED, "hex": "~2a3b4c"})
    assert (report.uid, report.identity.icao) == ("TISB-2A3B4C", None)


def test_a_place_that_is_not_on_earth_is_marked() -> None:
    (report,) = readsb({**PLACED, "lat": 95.0})
    assert isinstance(report.body, Position)
    assert report.body.point is None
    assert report.doubts == {Doubt.IMPOSSIBLE_POSITION}


@pytest.mark.parametrize("now", [None, 1e15, 9e11])
def test_without_a_time_that_can_be_the_receipt_counts(now: float | None) -> None:
    (report,) = readsb(PLACED, now=now)
    assert report.time == START


def test_a_web_page_in_place_of_a_document_is_counted() -> None:
    by = ReadsbReader(source=SOURCE, groups=GROUPS)
    assert by.read(b"<html>", received=START, tick=0.0) == []
    assert by.counts == {"malformed": 1}


@pytest.mark.parametrize(
    "original", [Original(Form.AIS, b"*"), Original(Form.ADSB, b"*00;"), Original(Form.ADSB, b"")]
)
def test_what_is_no_aircraft_is_not_read_again(original: Original) -> None:
    with pytest.raises(Malformed):
        from_original(original, source=SOURCE, groups=GROUPS, received=START)


def test_a_new_call_is_told_from_the_last_place_without_waiting_for_another() -> None:
    by = reader()
    (report,) = read(by, ODD, EVEN, tick=0)
    (calling,) = read(by, reply(SEVEN_SEVEN), tick=30)
    assert isinstance(report.body, Position)
    assert isinstance(calling.body, Alarm)
    assert calling.body.point == report.body.point
    assert kept(calling) == calling
    assert read(by, reply(SEVEN_SEVEN), tick=31) == []  # told already
    (again,) = read(by, reply(0b0_1_0_1_0_1_0_1_0_1_0_0_0), ODD, EVEN, tick=33)
    assert isinstance(again.body, Position)


def test_a_call_from_a_place_of_a_minute_ago_waits_for_another() -> None:
    by = reader()
    read(by, ODD, EVEN, tick=0)
    read(by, NAMED, tick=60)
    assert read(by, reply(SEVEN_SEVEN), tick=61) == []
    assert isinstance(read(by, ODD, EVEN, tick=62)[0].body, Alarm)


SBS_SQUAWKS = b"MSG,6,1,1,4CA2D6,1,,,,,,,,,,,,7700,0,-1,0,0"


def test_an_sbs_line_with_a_new_call_is_told_from_the_last_place_too() -> None:
    by = sbs()
    (report,) = lines(by, SBS_PLACED, tick=0)
    (calling,) = lines(by, SBS_SQUAWKS, tick=0.2)
    assert isinstance(report.body, Position)
    assert isinstance(calling.body, Alarm)
    assert (calling.body.category, calling.body.point) == (
        "squawk 7700, emergency", report.body.point,
    )  # fmt: skip
    assert kept(calling) == calling
    assert lines(by, SBS_SQUAWKS, tick=1.2) == []  # told already
    (still,) = lines(by, SBS_PLACED, tick=2)
    assert isinstance(still.body, Alarm)


def test_an_sbs_call_without_a_place_of_the_last_minute_waits_for_one() -> None:
    by = sbs()
    assert lines(by, SBS_SQUAWKS, tick=0) == []
    lines(by, SBS_PLACED, tick=1)
    assert lines(by, SBS_SQUAWKS, tick=62) == []
