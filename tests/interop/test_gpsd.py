"""What a node writes as AIS, read by gpsd's decoder (Debian gpsd-clients), of another make."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from accord.core.body import Alarm, Position
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.report import Report
from accord.wire.ais.encode import sentences
from support.builders import a_report

pytestmark = pytest.mark.interop

WELLINGTON = Point(lat=-41.28, lon=174.77, circular_error=5.0)
MOVING = Position(point=WELLINGTON, course=84.4, speed=5.5 * 1852 / 3600)


def ship(mmsi: str, body: Position | Alarm = MOVING) -> Report:
    return a_report(identity=Identity(mmsi=mmsi, name="Arahura"), body=body)


def decoded(*reports: Report) -> list[dict[str, Any]]:
    if shutil.which("gpsdecode") is None:
        pytest.skip("there is no gpsdecode here (Debian: apt-get install gpsd-clients)")
    done = subprocess.run(
        ["gpsdecode", "-u"],
        input=b"".join(map(sentences, reports)),
        capture_output=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_gpsd_reads_every_sort_of_station_that_is_written() -> None:
    beacon = ship("970123456", Alarm(category="AIS-SART", point=WELLINGTON))
    place, name, aircraft, aid, distress = decoded(
        ship("512000001"), ship("111512001"), ship("995121234"), beacon
    )
    for said, kind, mmsi in (
        (place, 18, 512000001),
        (aircraft, 9, 111512001),
        (aid, 21, 995121234),
        (distress, 1, 970123456),
    ):
        assert (said["type"], said["mmsi"]) == (kind, mmsi)
        # Without scaling gpsd gives 1/10,000 minutes.
        assert (said["lat"], said["lon"]) == (-24_768_000, 104_862_000)
    assert (place["speed"], place["course"], place["accuracy"]) == (55, 844, True)
    assert name["shipname"] == aid["name"] == "ARAHURA"
    assert distress["status"] == 14
