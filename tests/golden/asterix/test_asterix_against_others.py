"""Records that a coder of another make wrote come out as the values that it was given."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.core.body import Alarm, Position, Removal
from accord.core.context import LIVE, Context
from accord.core.report import Report, Source
from accord.wire.asterix.polar import Site
from accord.wire.asterix.stream import AsterixStream
from accord.wire.asterix.translate import AsterixReader, from_original

MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
SOURCE = Source(node="NZL", channel="feed:radar", speaker="radar")
GROUPS = frozenset({"Watch"})
SITES = {(25, 201): Site(-41.3, 174.8, 500.0)}
RECORDS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "records.json").read_text())
METRES = 40.0
"""Half a unit of range (1/512 NM) is 4 m, half a unit of bearing (1/131072 of a turn) at most 7 m;
pressure is in hundreds of feet; CAT 021 item 130 and the sum of all of it leave room to spare."""


def read(block: bytes, context: Context = LIVE) -> tuple[list[Report], dict[str, int]]:
    reader = AsterixReader(
        AsterixStream(), source=SOURCE, groups=GROUPS, context=context, sites=SITES
    )
    reports = reader.read(block, received=NOON, tick=0.0)
    for each in reports:
        assert each.original is not None
        again = from_original(
            each.original, source=SOURCE, groups=GROUPS, received=NOON, context=context
        )
        assert again == each
    return reports, reader.counts


def of(kind: str) -> list[Any]:
    found = [each for each in RECORDS if (kind in each["said"]) or kind == "uid"]
    if kind == "uid":
        found = [each for each in found if "seconds" in each["said"]]
    return [pytest.param(each, id=each["about"]) for each in found]


@pytest.mark.parametrize("record", of("uid"))
def test_a_record_is_what_was_written(record: dict[str, Any]) -> None:
    said = record["said"]
    (report,), _ = read(bytes.fromhex(record["block"]))
    assert report.uid.startswith(said["uid"])
    at = MIDNIGHT + timedelta(seconds=said["seconds"])
    days = (at + timedelta(days=n) for n in (-1, 0, 1))
    assert report.time == min(days, key=lambda day: abs(day - NOON))
    assert report.identity.icao == said.get("icao")
    assert report.identity.callsign == said.get("callsign")
    body = report.body
    if "alarm" in said:
        assert isinstance(body, Alarm)
        assert body.category == said["alarm"]
        return
    assert isinstance(body, Position)
    assert body.point is not None
    assert body.point.lat == pytest.approx(said["lat"], abs=METRES / 111_000)
    assert body.point.lon == pytest.approx(said["lon"], abs=METRES / 80_000)
    assert body.point.hae == pytest.approx(said.get("hae"))
    assert body.course == pytest.approx(said.get("course"), abs=0.01)
    assert body.climb == pytest.approx(said.get("climb"))
    speed = said.get("speed_knots")
    assert body.speed == pytest.approx(None if speed is None else speed * 1852 / 3600, abs=0.2)
    assert report.kind.text == said.get("kind", "a-u-A")


@pytest.mark.parametrize("record", of("ends"))
def test_the_last_of_a_track_takes_it_from_the_picture(record: dict[str, Any]) -> None:
    (report,), _ = read(bytes.fromhex(record["block"]))
    assert report.body == Removal(target=record["said"]["uid"])


@pytest.mark.parametrize("record", of("simulated"))
def test_what_is_simulated_or_a_test_is_never_live(record: dict[str, Any]) -> None:
    block = bytes.fromhex(record["block"])
    reports, counts = read(block)
    assert reports == []
    assert counts["simulated, in a live feed"] == 1
    (report,), _ = read(block, Context.exercise("TASMAN"))
    assert str(report.marking.opex) == "s-TASMAN"


@pytest.mark.parametrize("record", of("no_target"))
def test_what_is_no_aircraft_is_no_report(record: dict[str, Any]) -> None:
    reports, counts = read(bytes.fromhex(record["block"]))
    assert (reports, counts["no target"]) == ([], 1)


def test_of_a_radar_whose_place_is_not_known_nothing_is_placed() -> None:
    reader = AsterixReader(AsterixStream(), source=SOURCE, groups=GROUPS)
    assert reader.read(bytes.fromhex(RECORDS[0]["block"]), received=NOON, tick=0.0) == []
    assert reader.counts["radar 25/201 is not in `radars`"] == 1
