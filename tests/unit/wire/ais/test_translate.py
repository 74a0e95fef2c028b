from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.marking import UNMARKED, Marking, Opex
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.wire.ais.translate import AisReader, from_original
from accord.wire.errors import Malformed
from support.clock import START
from support.nmea import encoded, sentence

SOURCE = Source(node="NZL", channel="feed:ais-north", speaker="ais-north")
GROUPS = frozenset({"Watch"})

# gpsd's annotated sample: 12.3 knots, course 224, accurate, under way.
UNDER_WAY = b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A"


def reader(context: Context = LIVE, **settings: Any) -> AisReader:
    return AisReader(source=SOURCE, groups=GROUPS, context=context, **settings)


def read(*lines: bytes, by: AisReader | None = None) -> list[Report]:
    return (by or reader()).read(b"\n".join(lines) + b"\n", received=START, tick=0.0)


def one(*lines: bytes) -> Report:
    (report,) = read(*lines)
    return report


def test_a_position_becomes_a_report_in_si_units() -> None:
    report = one(UNDER_WAY)
    assert report.uid == "MMSI-371798000"
    assert report.body == Position(
        point=Point(lat=48.381633, lon=-123.395383, circular_error=10.0),
        course=224.0,
        speed=12.3 * 1852 / 3600,
    )
    assert (report.source, report.groups, report.context) == (SOURCE, GROUPS, LIVE)
    assert report.marking == UNMARKED
    assert report.how == "m-g"
    assert report.author is None
    assert report.identity == Identity(mmsi="371798000", nation="PAN")
    assert report.original == Original(Form.AIS, UNDER_WAY)


def test_the_time_is_the_sentences_own_or_else_that_of_receipt() -> None:
    assert one(UNDER_WAY).time == one(UNDER_WAY).received == START
    stamped = one(UNDER_WAY + b",1328133720087")
    assert stamped.time == stamped.start == datetime(2012, 2, 1, 22, 2, 0, 87000, UTC)
    assert stamped.received == START


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        # Five of the station's reporting intervals, at least two minutes.
        ({"type": 1, "speed": 12.0, "status": 0}, 120),
        ({"type": 1, "speed": 25.0, "status": 0}, 120),
        ({"type": 1, "speed": 0.0, "status": 1}, 900),
        ({"type": 18, "speed": 5.0}, 150),
        ({"type": 21}, 900),
    ],
)
def test_a_report_is_valid_for_several_reporting_intervals(
    fields: dict[str, Any], valid: float
) -> None:
    report = one(encoded(mmsi=512000001, lat=-41.3, lon=174.8, **fields))
    assert report.stale - report.time == timedelta(seconds=valid)


def test_positions_carry_what_the_station_said_of_itself() -> None:
    static = encoded(
        type=5, mmsi=512000001, shipname="ARAHURA", callsign="ZMAR", imo=8201454, ship_type=60
    )
    position = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8)
    report = one(static, position)
    assert report.identity == Identity(
        mmsi="512000001", imo="8201454", callsign="ZMAR", name="ARAHURA", nation="NZL"
    )
    assert report.kind.text == "a-n-S-X-M-P"
    assert report.original == Original(Form.AIS, static + b"\n" + position)


def test_a_station_that_repeats_itself_says_nothing_new() -> None:
    static = encoded(type=5, mmsi=512000001, shipname="ARAHURA", ship_type=60)
    position = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8)
    assert one(static, static, position) == one(static, position)


def test_both_parts_of_a_class_b_count_and_the_newest_of_each() -> None:
    old = encoded(type=24, mmsi=512000002, partno=0, shipname="OLD NAME")
    name = encoded(type=24, mmsi=512000002, partno=0, shipname="TIAKI")
    rest = encoded(type=24, mmsi=512000002, partno=1, ship_type=36, callsign="ZM1234")
    position = encoded(type=18, mmsi=512000002, lat=-41.3, lon=174.8)
    report = one(old, rest, name, position)
    assert (report.identity.name, report.identity.callsign) == ("TIAKI", "ZM1234")
    assert report.kind.text == "a-n-S-X-R"
    assert report.original == Original(Form.AIS, b"\n".join((rest, name, position)))


def test_a_number_nobody_was_given_identifies_nobody() -> None:
    report = one(encoded(type=1, mmsi=123456789, lat=-41.3, lon=174.8))
    assert report.uid == "MMSI-123456789"
    assert report.identity == Identity()


@pytest.mark.parametrize("imo", [8201453, 999999, 12345678])
def test_an_imo_number_that_is_none_is_left_out(imo: int) -> None:
    # IMO A.1117(30): 8201454 is one, by its check digit.
    static = encoded(type=5, mmsi=512000001, imo=imo)
    assert one(static, encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8)).identity.imo is None


def test_an_aid_to_navigation_brings_its_name_along() -> None:
    line = encoded(type=21, mmsi=995126001, lat=-41.3, lon=174.8, name="BARRETT REEF")
    report = one(line)
    assert (report.identity.name, report.kind.text) == ("BARRETT REEF", "a-n-G-I-T")
    assert report.original == Original(Form.AIS, line)


@pytest.mark.parametrize(
    ("mmsi", "what"), [(970512001, "AIS-SART"), (972512001, "MOB"), (974512001, "EPIRB-AIS")]
)
def test_an_active_beacon_is_an_alarm(mmsi: int, what: str) -> None:
    report = one(encoded(type=1, mmsi=mmsi, lat=-41.3, lon=174.8, status=14))
    assert report.body == Alarm(category=what, point=Point(lat=-41.3, lon=174.8))
    assert report.kind.is_a("b-a-o")
    assert report.identity.name == f"{what} {mmsi}"
    assert report.stale - report.time == timedelta(minutes=5)


def test_an_active_beacon_without_a_position_is_an_alarm_all_the_same() -> None:
    assert one(encoded(type=1, mmsi=970512001, status=14)).body == Alarm(category="AIS-SART")


def test_a_beacon_under_test_is_no_alarm() -> None:
    report = one(encoded(type=1, mmsi=970512001, lat=-41.3, lon=174.8, status=15))
    assert isinstance(report.body, Position)


def test_the_status_of_a_beacon_on_a_ship_is_no_alarm() -> None:
    report = one(encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8, status=14))
    assert isinstance(report.body, Position)


def test_a_position_that_is_not_available_is_no_report() -> None:
    by = reader()
    assert read(encoded(type=1, mmsi=512000001), by=by) == []
    assert by.counts["no position"] == 1


def test_an_impossible_position_is_marked() -> None:
    report = one(encoded(type=1, mmsi=512000001, lat=95.0, lon=174.8))
    assert isinstance(report.body, Position)
    assert report.body.point is None
    assert report.doubts == {Doubt.IMPOSSIBLE_POSITION}


def test_a_long_range_position_is_as_coarse_as_it_is_sent() -> None:
    # Tenths of a minute: half of 185 m either way, in both directions.
    report = one(encoded(type=27, mmsi=512000001, lat=-41.3, lon=174.8, status=0))
    assert isinstance(report.body, Position)
    assert report.body.point is not None
    assert report.body.point.circular_error == 131.0


def test_a_replay_in_an_exercise_is_marked_so() -> None:
    (report,) = read(UNDER_WAY, by=reader(Context.exercise("DEMO")))
    assert report.context == Context.exercise("DEMO")
    assert report.marking == Marking(opex=Opex.parse("e-DEMO"))


def test_what_is_not_used_or_refused_is_counted() -> None:
    by = reader()
    garbled = sentence("AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208C,0")
    base = b"!AIVDM,1,1,,A,85Mwp`1Kf3aCnsNvBWLi=wQuNhA5t43N`5nCuI=p<IBfVqnMgPGs,0*"
    other = sentence(base[1:-1].decode())
    read(garbled, other, encoded(type=5, mmsi=512000001), UNDER_WAY, by=by)
    counts = {
        reason: by.counts[reason] for reason in ("wrong length", "not used", "static", "reports")
    }
    assert counts == {"wrong length": 1, "not used": 1, "static": 1, "reports": 1}


def test_what_is_known_of_stations_is_bounded() -> None:
    by = reader(max_vessels=2)
    static = encoded(type=5, mmsi=512000001, shipname="ARAHURA")
    others = [encoded(type=1, mmsi=512000002 + n, lat=-41.3, lon=174.8) for n in (0, 1)]
    read(static, *others, by=by)
    assert by.counts["vessels forgotten"] == 1
    (report,) = read(encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8), by=by)
    assert report.identity.name is None


@pytest.mark.parametrize("context", [LIVE, Context.exercise("DEMO")])
def test_a_report_is_made_again_from_its_original(context: Context) -> None:
    name = encoded(type=24, mmsi=512000002, partno=0, shipname="TIAKI")
    position = encoded(type=18, mmsi=512000002, lat=-41.3, lon=174.8, speed=7.5)
    extended = encoded(type=19, mmsi=512000002, lat=-41.3, lon=174.8, shipname="TIAKI II")
    for report in read(name, position + b",1328133720087", extended, position, by=reader(context)):
        assert report.original is not None
        again = from_original(
            report.original, source=SOURCE, groups=GROUPS, received=START, context=context
        )
        assert again == report


def test_there_is_no_report_in_an_original_of_another_form() -> None:
    original = Original(Form.COT_XML, b"<event/>")
    with pytest.raises(Malformed):
        from_original(original, source=SOURCE, groups=GROUPS, received=START)


def test_there_is_no_report_in_an_original_without_a_position() -> None:
    original = Original(Form.AIS, encoded(type=5, mmsi=512000001))
    with pytest.raises(Malformed):
        from_original(original, source=SOURCE, groups=GROUPS, received=START)
