import base64
import json
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from accord.api.track_json import claim_as_json, full_claim_as_json, track_as_json
from accord.core.body import Alarm, Position
from accord.core.context import Context
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.portion import read
from accord.core.principal import Direction, Principal
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.core.track import Track, TrackStatus
from accord.wire.page.translate import Given
from support.builders import a_point, a_report
from support.clock import START

BLUE = Principal(name="moana", groups={"Blue": Direction.BOTH})
LABEL: Label = read("(R//REL TO AUS, NZL)", nation="NZL")
SHIP = a_report(
    "MMSI-512000123",
    kind=Kind.of("a-n-S-X-M"),
    body=Position(point=a_point(circular_error=10.0), course=271.5, speed=7.25),
    identity=Identity(name="RANGITATA", callsign="ZMRA", mmsi="512000123", nation="NZL"),
    groups=frozenset({"Blue", "Red"}),
    label=LABEL,
)


def said(report: Report, given: Given | None = None) -> dict[str, object]:
    return claim_as_json(report, BLUE, form_of=lambda _: given, nation="NZL")


def test_a_claim_says_who_where_when_and_how_it_is_marked() -> None:
    ship = said(SHIP)
    assert ship["uid"] == "MMSI-512000123"
    assert (ship["name"], ship["callsign"], ship["mmsi"]) == ("RANGITATA", "ZMRA", "512000123")
    assert (ship["imo"], ship["icao"], ship["nation"]) == (None, None, "NZL")
    assert ship["position"] == {
        "lat": -41.28, "lon": 174.77, "hae": None, "precision": 10.0, "course": 271.5,
        "speed": 7.25, "climb": None,
    }  # fmt: skip
    assert (ship["time"], ship["ttl"]) == ("2026-01-02T03:04:05.678Z", 300)
    assert ship["mark"] == "(R//REL TO NZL, AUS)"  # own nation first
    assert ship["mark_in_words"] == "NZL RESTRICTED, releasable to AUS, NZL, made by NZL"
    assert (ship["context"], ship["exercise"]) == ("live", None)


def test_of_the_groups_only_those_are_named_that_the_caller_hears() -> None:
    assert said(SHIP)["groups"] == ["Blue"]


def test_what_is_not_said_is_null() -> None:
    bare = said(a_report(identity=Identity(), body=Position(point=None)))
    assert (bare["position"], bare["mark"], bare["mark_in_words"]) == (None, None, None)
    assert bare["name"] == ""


def test_what_has_an_infinite_error_is_still_json() -> None:
    point = a_point(hae=-math.inf, circular_error=math.inf)
    body = Position(point=point, course=math.nan, speed=math.inf)
    far = said(a_report(body=body))
    text = json.dumps(far, allow_nan=False)
    place = json.loads(text)["position"]
    assert {place[key] for key in ("hae", "precision", "course", "speed")} == {None}


def test_what_was_released_on_a_grid_says_its_cell() -> None:
    cell = said(SHIP, Given("coarse", on_grid=True))
    assert cell["form"] == "coarse"
    box = cell["cell"]
    assert isinstance(box, list)
    west, south, east, north = box
    assert west < 174.77 < east
    assert south < -41.28 < north


def test_an_alarm_of_an_exercise_says_both() -> None:
    alarm = a_report(context=Context.exercise("TASMAN"), body=Alarm(category="911"))
    call = said(alarm)
    assert (call["emergency"], call["exercise"]) == (True, "TASMAN")
    assert call["context"] == "exercise:TASMAN"


def test_a_track_says_how_current_it_is_and_how_many_claims_there_are() -> None:
    track = Track(
        id=SHIP.uid,
        context=SHIP.context,
        claims={SHIP.source: SHIP},
        lead=SHIP,
        status=TrackStatus.STALE,
    )
    whole = track_as_json(track, BLUE, form_of=lambda _: None, nation="NZL")
    assert (whole["status"], whole["claims"]) == ("stale", 1)
    assert "raw" not in whole


XML = b'<event version="2.0" uid="\xc4\x81"/>'


@pytest.mark.parametrize(
    ("original", "raw"),
    [
        (None, None),
        (Original(Form.COT_XML, XML), {"form": "cot-xml", "text": XML.decode()}),
        (Original(Form.COT_XML, b"<\xff"), {"form": "cot-xml", "text": "<\ufffd"}),
        (Original(Form.AIS, b"!AIVDM"), {"form": "ais", "text": "!AIVDM"}),
        (
            Original(Form.COT_PROTOBUF, b"\xbf\x01"),
            {"form": "cot-protobuf", "base64": base64.b64encode(b"\xbf\x01").decode()},
        ),
        (Original(Form.PEER, b"\x00"), {"form": "peer", "base64": "AA=="}),
    ],
)
def test_the_whole_of_a_claim_has_the_bytes_as_they_came(
    original: Original | None, raw: object
) -> None:
    source = Source(node="AUS", channel="partner:USA", speaker="x", hops=("AUS", "USA"))
    claim = replace(SHIP, original=original, source=source, doubts=frozenset({Doubt.JUMP}))
    at = START + timedelta(seconds=90)
    whole = full_claim_as_json(claim, BLUE, at, form_of=lambda _: None, nation="NZL")
    assert whole["raw"] == raw
    assert (whole["age_s"], whole["over"], whole["hops"]) == (90.0, ["AUS", "USA"], 2)
    assert (whole["partner"], whole["doubts"]) == ("USA", ["jump"])
