"""Held to pyais, which decodes what is written here, and to lines as they came."""

from dataclasses import replace
from typing import Any

import pyais
import pytest

from accord.core.body import Alarm, Message, Position
from accord.core.context import Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.report import Form, Original, Report
from accord.wire.ais.encode import sentences
from accord.wire.ais.stream import read
from support.builders import a_point, a_report
from support.nmea import encoded

WELLINGTON = Point(lat=-41.28, lon=174.77)
MOVING = Position(point=WELLINGTON, course=84.4, speed=5.5 * 1852 / 3600)


def ship(mmsi: str | None = "512000001", **changes: Any) -> Report:
    identity = Identity(mmsi=mmsi, name="Arahura")
    return a_report(**{"identity": identity, "body": MOVING, **changes})


def decoded(report: Report) -> list[dict[str, Any]]:
    data = sentences(report)
    assert data.endswith(b"\r\n")
    assert all(len(line) <= 80 for line in data.split(b"\r\n"))
    found = [pyais.decode(line) for line in data.splitlines()]
    assert all(read(line.strip()) for line in data.splitlines())  # which holds to checksums
    return [each.asdict() for each in found]


def test_a_ship_is_told_where_it_is_and_how_it_is_called() -> None:
    place, name, called = decoded(ship())
    assert (place["msg_type"], place["mmsi"]) == (18, 512000001)
    assert (place["lat"], place["lon"]) == pytest.approx((-41.28, 174.77), abs=1e-6)
    assert (place["speed"], place["course"]) == (5.5, 84.4)
    assert (place["heading"], place["second"], place["accuracy"]) == (511, 60, False)
    assert (place["cs"], place["band"]) == (True, True)
    assert (name["msg_type"], name["partno"], name["shipname"]) == (24, 0, "ARAHURA")
    assert (called["partno"], called["callsign"], called["ship_type"]) == (1, "", 0)
    identity = Identity(mmsi="512000001", name="Arahura", callsign="ZMAR")
    assert decoded(ship(identity=identity))[2]["callsign"] == "ZMAR"


def test_what_is_not_known_is_written_as_not_available() -> None:
    accurate = replace(WELLINGTON, circular_error=5.0)
    bare = Position(point=accurate)
    place, name, _ = decoded(ship(body=bare, identity=Identity(mmsi="512000001")))
    assert (place["speed"], place["course"], place["accuracy"]) == (102.3, 360.0, True)
    assert name["shipname"] == ""


def test_a_speed_beyond_the_scale_is_its_end() -> None:
    place, *_ = decoded(ship(body=replace(MOVING, speed=1000.0)))
    assert place["speed"] == 102.2


def test_letters_that_there_are_not_end_no_sentence() -> None:
    _, name, _ = decoded(ship(identity=Identity(mmsi="512000001", callsign="Kai@mai*é!")))
    assert name["shipname"] == "KAI MAI* !"


def test_an_aircraft_an_aid_and_a_beacon_are_what_they_are() -> None:
    (aircraft,) = decoded(ship("111512001"))
    assert (aircraft["msg_type"], aircraft["alt"], aircraft["speed"]) == (9, 4095, 6)
    (aid,) = decoded(ship("995121234"))
    assert (aid["msg_type"], aid["name"]) == (21, "ARAHURA")
    assert aid["lat"] == pytest.approx(-41.28, abs=1e-6)
    (beacon,) = decoded(ship("970123456", body=Alarm(category="AIS-SART", point=WELLINGTON)))
    assert (beacon["msg_type"], int(beacon["status"]), beacon["course"]) == (1, 14, 360.0)


@pytest.mark.parametrize(
    "report",
    [
        ship(None),
        ship("005120001"),
        ship(body=Position(point=None)),
        ship(body=Position(point=a_point(circular_error=1_310.0))),
        ship(body=Message(text="x", sender="y", room="z")),
        ship(context=Context.exercise("DEMO")),
        ship("970123456"),
        ship("970123456", body=Alarm(category="AIS-SART", point=WELLINGTON, cancels=True)),
    ],
)
def test_what_has_no_number_no_place_or_is_not_live_is_not_told(report: Report) -> None:
    assert sentences(report) == b""


def test_what_came_as_ais_goes_on_as_it_came() -> None:
    line = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8)
    wrapped = b"\\s:2573,c:1577836800*0A\\" + line + b",r003669987,1152921693"
    data = b"\n".join([wrapped, b"$PGHP,1", line[:-2] + b"zz", b""])
    report = ship("512000001", original=Original(Form.AIS, data))
    assert sentences(report) == line + b"\r\n"
    exercise = replace(report, context=Context.exercise("DEMO"))
    assert sentences(exercise) == b""
