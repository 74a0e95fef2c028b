"""What gpsd made of the sentences of two receivers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.core.body import Position
from accord.core.report import Report, Source
from accord.wire.ais.own_ship import NmeaReader, from_original

HERE = Path(__file__).parent
NOW = datetime(2017, 1, 10, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="feed:bridge", speaker="bridge")
GROUPS = frozenset({"Watch"})


def expected(name: str) -> dict[str, list[dict[str, Any]]]:
    """Every fix of gpsd by its time; it reports one again when more of it is known."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in (HERE / f"gpsd_{name}.json").read_text("utf-8").splitlines():
        said = json.loads(line)
        if "lat" in said and "time" in said:
            found.setdefault(said["time"], []).append(said)
    return found


def agrees(report: Report, said: dict[str, Any]) -> bool:
    body = report.body
    assert isinstance(body, Position)
    assert body.point is not None
    speed = said.get("speed")
    return (
        body.point.lat == pytest.approx(said["lat"], abs=1e-6)
        and body.point.lon == pytest.approx(said["lon"], abs=1e-6)
        and (speed is None or body.speed is None or body.speed == pytest.approx(speed, abs=0.01))
    )


@pytest.mark.parametrize(("name", "fixes"), [("ublox-8", 72), ("quectel", 34)])
def test_every_fix_of_a_receiver_is_as_gpsd_has_it(name: str, fixes: int) -> None:
    by_time = expected(name)
    reader = NmeaReader(source=SOURCE, groups=GROUPS)
    compared = 0
    for number, line in enumerate((HERE / f"gpsd_{name}.log").read_bytes().splitlines(True)):
        for report in reader.read(line, received=NOW, tick=number / 5):
            time = report.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if time not in by_time:
                continue  # of the first sentences gpsd waits for more
            assert any(agrees(report, each) for each in by_time[time])
            assert report.original is not None
            kept = from_original(report.original, source=SOURCE, groups=GROUPS, received=NOW)
            assert kept == report
            compared += 1
    assert compared == fixes
