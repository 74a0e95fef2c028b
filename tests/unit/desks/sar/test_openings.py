import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.body import Alarm, Opaque, Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.openings import (
    from_beacon,
    from_call,
    from_cap,
    from_hazard,
    from_report,
)
from accord.feeds.cap import reader as cap_reader
from accord.live.hazards import is_hazard
from accord.wire.cap.message import CapAlert, CapArea, CapCircle
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader
from accord.wire.sit185.message import read
from support.beacons import CONFIRMED, CONFLICT
from support.builders import a_report

EXERCISE = Context.exercise("TASMAN 26")


def test_a_call_opens_with_what_was_typed() -> None:
    opening = from_call({"title": "x"}, "")
    assert (opening.facts, opening.note, opening.doubts) == (
        {"title": "x"},
        "opened from a call",
        (),
    )


def test_a_confirmed_beacon_opens_a_case_in_distress_at_its_place() -> None:
    opening = from_beacon(read(CONFIRMED), CONFIRMED)
    assert opening.facts["phase"] == "distress"
    assert opening.facts["position"] == "-36.603333,+174.716667"
    assert opening.facts["time"] == "2016-07-28T23:38:00+00:00"
    assert opening.facts["object"] == "PIW-1"  # a personal beacon floats with its person
    assert opening.is_beacon
    # 5 km for 95 of 100 is 2.4 km, or 1.3 NM, for 50 of 100: sqrt(ln 2 / ln 20) of it.
    assert opening.facts["position_error"] == "1.3"
    assert opening.facts["beacon"] == (
        "400E77A1FCFFBFF, 512/NEWZEALAND, STANDARD LOCATION - PLB SERIAL NO: 4350, homing on 121.5,"
        " by GOES 15"
    )
    assert any("no accuracy is said" in each for each in opening.doubts)
    assert CONFIRMED.strip() in opening.note


def test_two_doppler_positions_open_two_scenarios_by_their_probabilities() -> None:
    text = CONFLICT.replace("107 20.2 E PROB 50", "107 20.2 E PROB 80")
    opening = from_beacon(read(text), text)
    a, b = (json.loads(opening.facts[f"scenario:doppler-{each}"]) for each in "ab")
    assert (a["weight"], b["weight"]) == (0.5, 0.8)
    assert b["position"] == "-5.701667,107.336667"
    assert opening.facts["position"] == "-5.701667,+107.336667"
    assert any("DOPPLER POSITION DATA - SUSPECT" in each for each in opening.doubts)


def test_an_accuracy_that_is_said_is_taken_for_95_percent() -> None:
    text = CONFIRMED.replace("CONFIRMED - 36 36.20S  174 43.00E", "CONFIRMED - NIL")
    opening = from_beacon(read(text), text)
    assert opening.facts["position_error"] == "1.4"  # 3 NM x 0.481
    (doubt,) = opening.doubts  # of a beacon that a person carries
    assert "PIW-1 is taken" in doubt


GDACS = Path(__file__).parents[3] / "golden" / "gdacs" / "invented.xml"


def hazards() -> list[Report]:
    source = Source(node="NZL", channel="feed:gdacs", speaker="gdacs")
    reader = FeatureReader(read_gdacs, source=source, groups=frozenset({"Blue"}))
    now = datetime(2026, 11, 26, 3, tzinfo=UTC)
    return reader.read(GDACS.read_bytes(), received=now, tick=0.0)


def test_a_hazard_of_gdacs_opens_a_case_that_says_what_it_is_and_what_it_is_not() -> None:
    cyclone, quake = hazards()
    assert is_hazard(cyclone, "tc9000001")
    assert not is_hazard(quake, "TC9000001")
    opening = from_hazard(cyclone)
    assert opening.facts["title"] == "Orange tropical cyclone EXAMPLE-26"
    assert opening.facts["nature"] == (
        "tropical cyclone, Orange alert, Tropical cyclone (maximum wind speed of 150 km/h)"
    )
    assert (opening.facts["source"], opening.facts["phase"]) == ("GDACS TC9000001", "alert")
    assert opening.facts["position"] == "-15.500000,+179.500000"
    assert opening.facts["time"] == "2026-11-25T18:00:00+00:00"
    assert "object" not in opening.facts
    assert any("nobody in distress" in each for each in opening.doubts)


def test_what_is_no_hazard_opens_no_case_as_one() -> None:
    other = a_report("TC9000001")
    for report in (other, replace(hazards()[0], original=Original(Form.GEOJSON, b"{"))):
        assert not is_hazard(report, "TC9000001")
        with pytest.raises(NotTaken, match="no hazard"):
            from_hazard(report)


def test_half_a_message_opens_a_case_that_says_what_is_missing() -> None:
    half = CONFIRMED[: CONFIRMED.index("8.  POS")].replace("28 JUL", "28 XXX")
    opening = from_beacon(read(half), half)
    assert "position" not in opening.facts
    assert "time" not in opening.facts
    assert any("gives no position" in each for each in opening.doubts)
    assert any("time of detection" in each for each in opening.doubts)
    assert any("after paragraph 7: positions, source" in each for each in opening.doubts)


def test_doppler_positions_without_a_time_make_no_scenarios() -> None:
    text = CONFLICT.replace("06 APR 07 1440", "06 XXX 07 1440")
    assert not any(each.startswith("scenario:") for each in from_beacon(read(text), text).facts)


def test_a_test_message_opens_no_live_case() -> None:
    text = CONFIRMED.replace("SARSAT ALERT", "SARSAT TEST ALERT").replace("- PLB", "- EPIRB")
    with pytest.raises(NotTaken, match="opens no live case"):
        from_beacon(read(text), text)
    assert from_beacon(read(text), text, EXERCISE).facts.get("object") is None
    assert any("say the object" in each for each in from_beacon(read(text), text, EXERCISE).doubts)


def test_what_was_typed_holds_before_what_a_message_says() -> None:
    opening = from_beacon(read(CONFIRMED), CONFIRMED).with_typed({"title": "Kea"}, "said twice")
    assert opening.facts["title"] == "Kea"
    assert opening.note.startswith("said twice\nopened from a beacon message")
    assert opening.with_typed({}, "").note == opening.note


SART = Identity(mmsi="970012345", name="AIS-SART 970012345")


def test_a_beacon_on_ais_opens_a_case_of_what_drifts_with_it() -> None:
    point = Point(lat=-36.6, lon=174.7, circular_error=1852.0)
    report = a_report(body=Alarm(category="AIS-SART", point=point), identity=SART)
    opening = from_report(report)
    assert opening.facts["phase"] == "distress"
    assert opening.facts["nature"] == "AIS-SART"
    assert opening.facts["object"] == "LIFE-RAFT-NB-1"
    assert opening.facts["position_error"] == "0.55"  # sqrt(ln 2 / ln 10) of a 90 % radius of 1 NM
    assert opening.place == point
    assert opening.context == report.context


def test_a_vessel_that_says_nothing_of_its_error_is_doubted() -> None:
    report = replace(
        a_report(body=Position(point=Point(lat=-36.6, lon=174.7)), identity=Identity()),
        doubts=frozenset({Doubt.JUMP}),
        context=EXERCISE,
    )
    opening = from_report(report)
    assert opening.facts["title"] == report.uid
    assert opening.facts["phase"] == "alert"
    assert opening.context == EXERCISE
    assert opening.doubts == (
        "the track says nothing of its error of position", "the track is doubted: jump"
    )  # fmt: skip


@pytest.mark.parametrize("body", [Opaque(), Position(point=None)])
def test_what_is_nowhere_opens_no_case(body: Opaque | Position) -> None:
    with pytest.raises(NotTaken, match="say the position yourself"):
        from_report(a_report(body=body))


SENT = datetime(2026, 11, 26, tzinfo=UTC)

FLOOD = CapAlert(
    identifier="A1", sender="met", sent=SENT, status="Actual", kind="Alert",
    event="Flood", urgency="Immediate", severity="Severe", certainty="Observed",
    areas=(CapArea(description="x", circles=(CapCircle(centre=(-17.0, 178.0), radius=9.0),)),),
)  # fmt: skip


def test_a_cap_alert_opens_a_case_in_its_middle() -> None:
    opening = from_cap(FLOOD)
    assert opening.facts["title"] == "Flood"
    assert opening.facts["position"] == "-17.000000,+178.000000"
    assert opening.facts["source"] == "CAP A1 of met"
    first, weighed, doubt = opening.note.splitlines()
    assert (first, weighed) == ("opened from a CAP alert", "Immediate / Severe / Observed")
    assert opening.facts["position_error"] == "2.3"  # 9 km / 1.852 x 0.481
    assert opening.doubts == (doubt,)
    assert "within 2.3 NM" in doubt


def test_an_outline_across_the_date_line_has_its_middle_there() -> None:
    square = ((-17.0, 179.0), (-17.0, -179.0), (-19.0, -179.0), (-19.0, 179.0), (-17.0, 179.0))
    areas = (CapArea(description="line", polygons=(square[:2],)), CapArea(
        description="square", polygons=(square,)
    ))  # fmt: skip
    place = from_cap(replace(FLOOD, areas=areas)).place
    assert place is not None
    assert place.lat == pytest.approx(-18.0)
    assert abs(place.lon) == pytest.approx(180.0)
    # the corners are a degree of latitude and of longitude (x cos 18) off, near 83 NM
    error = from_cap(replace(FLOOD, areas=areas)).facts["position_error"]
    assert float(error) == pytest.approx(83.0 * 0.481, rel=0.02)


def test_an_alert_about_a_point_has_no_error_and_one_about_an_ocean_no_more_than_can_be() -> None:
    def error(radius: float) -> str:
        area = CapArea(description="x", circles=(CapCircle(centre=(-17.0, 178.0), radius=radius),))
        return from_cap(replace(FLOOD, areas=(area,))).facts.get("position_error", "")

    assert (error(0.0), error(5_000.0)) == ("", "200")


def test_an_alert_without_an_area_asks_for_the_position() -> None:
    assert from_cap(replace(FLOOD, areas=())).doubts


@pytest.mark.parametrize(
    ("status", "context", "says"),
    [
        ("Actual", EXERCISE, "open it live"),
        ("Exercise", LIVE, "not live"),
        ("Test", LIVE, "not live"),
    ],
)
def test_alerts_open_cases_only_where_they_belong(status: str, context: Context, says: str) -> None:
    with pytest.raises(NotTaken, match=says):
        from_cap(replace(FLOOD, status=status), context)
    assert from_cap(replace(FLOOD, status="Exercise"), EXERCISE).context == EXERCISE


def test_a_cancelled_alert_opens_nothing() -> None:
    with pytest.raises(NotTaken, match="Cancel"):
        from_cap(replace(FLOOD, kind="Cancel"))


CAP = Path(__file__).parents[3] / "golden" / "gdacs" / "invented-cap.xml"


def test_a_hazard_that_is_an_area_opens_a_case_around_its_middle_with_its_outlines() -> None:
    source = Source(node="NZL", channel="feed:cap", speaker="cap")
    made = cap_reader(source=source, groups=frozenset({"Blue"}))
    now = datetime(2026, 11, 26, 3, tzinfo=UTC)
    opening = from_hazard(made.read(CAP.read_bytes(), received=now, tick=0.0)[0])
    assert opening.facts["source"] == "info-gdacs@gdacs.org GDACS_TC_9000001_2"
    assert opening.facts["nature"] == "Tropical Cyclone, Orange alert, 150 km/h"
    assert opening.facts["position"] == "-16.000000,-180.000000"
    assert opening.facts["area"].count("\n") == 1
    # 154 km to a corner, of which 0.481 is the 50 % radius: 40 NM.
    assert float(opening.facts["position_error"]) == pytest.approx(40, abs=1)
    assert any("as if 95 %" in each for each in opening.doubts)


def test_an_alert_with_more_corners_than_are_kept_says_so() -> None:
    ring = tuple((-20.0 + n / 100, 170.0 + n % 2) for n in range(900))
    alert = CapAlert(
        identifier="A", sender="met", sent=datetime(2026, 11, 26, 3, tzinfo=UTC),
        status="Actual", kind="Alert", event="Flood",
        areas=(CapArea(description="x", polygons=((*ring, ring[0]),)),),
    )  # fmt: skip
    opening = from_cap(alert)
    assert len(opening.facts["area"]) <= 10_000
    assert any("fewer corners" in each for each in opening.doubts)
